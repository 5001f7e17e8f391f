// Package wiretap is a reverse proxy between a function and the world: it numbers the calls that go through, and can
// stop the function before call k is forwarded or after it was answered but before the answer is delivered. Tests only.
package wiretap

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Moment is when a plan strikes.
type Moment int

// The two sides of a call.
const (
	Before Moment = iota // the call never leaves
	After                // it was processed, its answer is never seen
)

// Call is one that went through.
type Call struct {
	N      int
	Name   string // "DynamoDB_20120810.UpdateItem", "POST /meta/graph/v26.0/…"
	Body   string // of a call to DynamoDB; empty for others
	Status int    // of the destination's answer; 0 = it never got there
	// Presigned: to an address that whoever has it may call. It may not be the function's own call.
	Presigned bool
}

// Tap counts the calls of one function over any number of destinations.
type Tap struct {
	mu     sync.Mutex
	calls  []Call
	strike int // number of the call to strike at; 0 = none
	moment Moment
	hit    func()
	struck bool
	client *http.Client
}

// New makes a tap without a plan.
func New() *Tap {
	return &Tap{client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// StrikeAt calls hit once, at call n.
func (t *Tap) StrikeAt(n int, m Moment, hit func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.strike, t.moment, t.hit, t.struck = n, m, hit, false
}

// Struck tells whether the plan was carried out.
func (t *Tap) Struck() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.struck
}

// Calls gives what went through, in order.
func (t *Tap) Calls() []Call {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Call(nil), t.calls...)
}

// To is the handler of one destination: origin is where the calls really go.
func (t *Tap) To(origin string) http.Handler {
	base, err := url.Parse(origin)
	if err != nil {
		panic(err) // a test's own constant
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			abort(w)
			return
		}
		n, stop := t.count(r, body)
		if stop {
			abort(w)
			return
		}
		// The call is carried through to its end even when its sender dies meanwhile, as the network would.
		out, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, base.Scheme+"://"+base.Host+r.URL.RequestURI(), bytes.NewReader(body)) //nolint:gosec // a test proxy to one fixed origin
		if err != nil {
			abort(w)
			return
		}
		out.Header = r.Header.Clone()
		out.Host = r.Host
		if !strings.Contains(r.Header.Get("Authorization"), "AWS4-HMAC") && !r.URL.Query().Has("X-Amz-Signature") {
			out.Host = base.Host
		}
		out.ContentLength = int64(len(body))
		resp, err := t.client.Do(out) //nolint:gosec // a test proxy to one fixed origin
		if err != nil {
			abort(w)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		if err != nil || t.after(n, resp.StatusCode) {
			abort(w)
			return
		}
		maps.Copy(w.Header(), resp.Header)
		w.WriteHeader(resp.StatusCode)
		_, _ = w.Write(answer)
	})
}

func (t *Tap) count(r *http.Request, body []byte) (n int, stop bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n = len(t.calls) + 1
	c := Call{N: n, Name: name(r), Presigned: r.URL.Query().Has("X-Amz-Signature")}
	if strings.HasPrefix(c.Name, "DynamoDB") {
		c.Body = string(body)
	}
	t.calls = append(t.calls, c)
	return n, t.hitLocked(n, Before)
}

func (t *Tap) after(n, status int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[n-1].Status = status
	return t.hitLocked(n, After)
}

func (t *Tap) hitLocked(n int, m Moment) bool {
	if t.struck || t.strike != n || t.moment != m {
		return false
	}
	t.struck = true
	t.hit()
	return true
}

func name(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target
	}
	return r.Method + " " + r.URL.Path
}

// abort ends the connection without an answer.
func abort(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
