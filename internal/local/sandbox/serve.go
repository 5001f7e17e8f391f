package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// hugeBody is how many bytes the "huge" fault sends.
const hugeBody = 64 << 20

// call is one request to a platform's API, named and ready to run.
type call struct {
	op   string
	path string        // for the log: no query, no secret
	run  func() answer // does the work; takes the lock where it needs it
}

// attempt is a call under way: where its answer goes and what the log will say of it.
type attempt struct {
	s     *Sandbox
	w     http.ResponseWriter
	r     *http.Request
	f     fault
	began time.Time
	op    string
	path  string
}

// record writes the log entry. It comes before the first byte of the answer, so that whoever has the answer finds
// the entry.
func (a *attempt) record(ctx context.Context, status int, accepted bool) {
	e := callEntry{
		At: a.s.time(), Op: a.op, Method: a.r.Method, Path: a.path, Status: status, Accepted: accepted,
		Fault: a.f.Kind, Millis: time.Since(a.began).Milliseconds(),
	}
	a.s.calls.add(e)
	a.s.log.DebugContext(ctx, "platform call", slogCall(e)...)
}

// finish records and sends an answer.
func (a *attempt) finish(ctx context.Context, out answer, accepted bool) {
	a.record(ctx, out.status, accepted)
	a.s.write(a.w, a.r, out)
}

// serve runs one platform call: latency, then a fault if one waits for it, then the work, the call log, the answer.
func (s *Sandbox) serve(w http.ResponseWriter, r *http.Request, p platform, c call) {
	ctx := r.Context()
	f, faulty := s.faults.take(c.op, c.path)
	a := &attempt{s: s, w: w, r: r, f: f, began: time.Now(), op: c.op, path: c.path}
	delay := time.Duration(s.latency.Load())
	if f.Kind == faultSlow {
		delay += f.delay()
	}
	if delay > 0 {
		// net/http notices that a caller has left only after the body was read.
		raw, _ := io.ReadAll(io.LimitReader(r.Body, 64<<20)) // a body cut off here fails again when it is parsed
		r.Body = io.NopCloser(bytes.NewReader(raw))
		if wait(ctx, delay) != nil {
			a.record(ctx, 0, false)
			return
		}
	}
	if !faulty || f.Kind == faultSlow {
		out := c.run()
		a.finish(ctx, out, out.status < 400)
		return
	}
	switch f.Kind {
	case faultResetBefore:
		a.record(ctx, 0, false)
		s.resetConn(w, r)
	case faultHTML:
		drain(r)
		html := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
		a.finish(ctx, answer{status: f.statusOr(http.StatusBadGateway), header: html, body: []byte(badGateway)}, false)
	case fault401, fault429, fault500:
		drain(r)
		a.finish(ctx, p.refuse(f, c.path), false)
	default:
		a.spoil(ctx, c.run(), p)
	}
}

// spoil is for the faults that lose or damage the answer of a call that was carried out.
func (a *attempt) spoil(ctx context.Context, out answer, p platform) {
	accepted := out.status < 400
	switch a.f.Kind {
	case faultResetAfter:
		a.record(ctx, 0, accepted)
		a.s.resetConn(a.w, a.r)
	case faultErrorAfter:
		a.finish(ctx, p.refuse(a.f, a.path), accepted)
	case faultSlowAfter:
		drain(a.r) // see serve: only then is it noticed that the caller has left
		if wait(ctx, a.f.delay()) != nil {
			a.record(ctx, 0, accepted)
			return
		}
		a.finish(ctx, out, accepted)
	case faultTruncated:
		a.record(ctx, out.status, accepted)
		copyHeader(a.w, out)
		a.w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
		a.w.WriteHeader(out.status)
		a.s.send(a.r, a.w, bytes.NewReader(out.body[:len(out.body)/2]))
		a.s.closeConn(a.w, a.r)
	case faultHuge:
		a.record(ctx, out.status, accepted)
		copyHeader(a.w, out)
		a.w.WriteHeader(out.status)
		a.s.send(a.r, a.w, io.MultiReader(strings.NewReader(`{"data":"`), io.LimitReader(fill('x'), hugeBody), strings.NewReader(`"}`)))
	}
}

func copyHeader(w http.ResponseWriter, a answer) {
	maps.Copy(w.Header(), a.header)
}

func (s *Sandbox) write(w http.ResponseWriter, r *http.Request, a answer) {
	copyHeader(w, a)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	s.send(r, w, bytes.NewReader(a.body))
}

func (s *Sandbox) send(r *http.Request, w io.Writer, body io.Reader) {
	if _, err := io.Copy(w, body); err != nil {
		s.log.DebugContext(r.Context(), "the caller went away", errAttr(err))
	}
}

// drain reads what is left of the body, so that the caller can finish sending and then read the refusal.
func drain(r *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 16<<20)) // the caller leaving early changes nothing here
}

// resetConn ends the TCP connection with RST: linger 0 makes the kernel drop what is unsent and reset.
func (s *Sandbox) resetConn(w http.ResponseWriter, r *http.Request) {
	s.hijack(w, r, func(conn net.Conn) error {
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			return fmt.Errorf("not a TCP connection: %T", conn)
		}
		return tcp.SetLinger(0)
	})
}

// closeConn flushes what was written and closes in the middle of the announced body.
func (s *Sandbox) closeConn(w http.ResponseWriter, r *http.Request) {
	if err := http.NewResponseController(w).Flush(); err != nil {
		s.log.DebugContext(r.Context(), "flush", errAttr(err))
	}
	s.hijack(w, r, func(net.Conn) error { return nil })
}

func (s *Sandbox) hijack(w http.ResponseWriter, r *http.Request, prepare func(net.Conn) error) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.log.ErrorContext(r.Context(), "cannot take the connection over", errAttr(err))
		return
	}
	if err := prepare(conn); err != nil {
		s.log.ErrorContext(r.Context(), "cannot prepare the reset", errAttr(err))
	}
	_ = conn.Close() // closing is the point; there is nobody left to tell
}

// fill is an endless reader of one byte.
type fill byte

func (b fill) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

const badGateway = `<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>sandbox fault</body></html>`
