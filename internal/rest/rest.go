// Package rest is how we call a platform: one request, one bounded answer, and every way in which that can go wrong
// turned into a problem.Error that says whether the platform may have acted. It knows no platform: the answer's own
// error codes are for the connector's table.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/telemetry/trace"
)

// What a Client uses where a field is zero.
const (
	DefaultTimeout = 30 * time.Second
	DefaultMaxBody = 4 << 20 // bytes of an answer, unpacked
)

// Client calls one platform. It follows no redirect, so that a credential never travels to a host it was not meant for.
type Client struct {
	HTTP     *http.Client
	Platform string // "meta": for problem.Error and the log
	Title    string // "Meta": for the sentences
	Log      *slog.Logger
	Now      func() time.Time
	Timeout  time.Duration // of one call, body included
	MaxBody  int64
}

// Request is one call. At most one of Form, JSON and Upload is set.
type Request struct {
	Operation string // what is done, "feed": for traces, the log and errors; it must hold no id and no secret
	Method    string
	URL       string
	Query     url.Values
	Header    http.Header
	Form      url.Values
	JSON      any
	Upload    *Upload
	Timeout   time.Duration // instead of the client's; a large upload needs more
	// Bare: status and headers are the whole answer, as of a host that only takes bytes. What else it says is not looked at.
	Bare bool
}

// Response is a complete answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // valid JSON, or empty where the status says success; anything of a Bare request
	c      *Client
}

// Do makes the call. An answer comes back whatever its status, as long as it is JSON (or empty and a success) and not
// 502, 503 or 504. Errors are *problem.Error:
//   - platform_down, NotSent: no connection could be made.
//   - platform_down: 502, 503, 504, or an answer that is not JSON.
//   - rate_limited: 429 with an answer that is not JSON.
//   - transient: the connection broke, the answer came too late, was cut or was too large. The platform may have acted.
//
// If ctx itself ended, the error wraps ctx.Err() and nothing is known about the platform.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	start := c.Now()
	res, err := c.once(ctx, r)
	if err != nil && err.retry && r.Method == http.MethodGet && ctx.Err() == nil {
		// A connection from the pool that the platform had already closed says nothing about the platform.
		res, err = c.once(ctx, r)
	}
	status := 0
	if res != nil {
		status = res.Status
	}
	took := c.Now().Sub(start)
	if err != nil {
		c.Log.DebugContext(ctx, "platform call failed", slog.String("platform", c.Platform), slog.String("operation", r.Operation),
			slog.Duration("took", took), slog.Any("error", err.error))
		return nil, err.error
	}
	c.Log.DebugContext(ctx, "platform call", slog.String("platform", c.Platform), slog.String("operation", r.Operation),
		slog.Int("status", status), slog.Duration("took", took))
	return res, nil
}

// failure is an error and whether the same call may be made again at once.
type failure struct {
	error
	retry bool
}

func (c *Client) once(parent context.Context, r Request) (*Response, *failure) {
	timeout := c.Timeout
	if r.Timeout > 0 {
		timeout = r.Timeout
	}
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(trace.WithOperation(parent, r.Operation), timeout)
	defer cancel()
	var conn httptrace.GotConnInfo
	// A connection is handed out before the first byte is written, in the goroutine that waits here. So without one
	// nothing can have been sent; with one it may have been, whatever the later events of the trace say by now.
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { conn = i }})
	body, err := c.body(ctx, r)
	if err != nil && parent.Err() != nil {
		return nil, c.ended(parent, r)
	}
	if err != nil {
		return nil, &failure{error: err}
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body.reader)
	if err != nil {
		// The URL comes from our configuration and from ids; its text stays out of the error.
		body.close()
		return nil, &failure{error: fmt.Errorf("rest: %s %s: the request cannot be built", c.Platform, r.Operation)}
	}
	req.ContentLength = body.length
	if r.Query != nil {
		req.URL.RawQuery = r.Query.Encode()
	}
	maps.Copy(req.Header, r.Header)
	if body.contentType != "" {
		req.Header.Set("Content-Type", body.contentType)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Herald/1 (+https://github.com/herald-publishing/herald)")
	client := *c.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Timeout = 0 // the context has it; the client's own would look like somebody else's
	res, err := client.Do(req)
	if err != nil {
		return nil, c.broken(parent, ctx, r, err, conn, body)
	}
	defer func() { _ = res.Body.Close() }()
	limit := c.MaxBody
	if limit <= 0 {
		limit = DefaultMaxBody
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return nil, c.broken(parent, ctx, r, err, conn, body)
	}
	if int64(len(raw)) > limit {
		e := problem.Newf(problem.Transient, "%s sent an answer that is far too long.", c.Title)
		return nil, &failure{error: c.about(e, "too_large", fmt.Errorf("%s: more than %d bytes", r.Operation, limit))}
	}
	if e := c.unusable(r, res, raw); e != nil {
		return nil, &failure{error: e}
	}
	return &Response{Status: res.StatusCode, Header: res.Header, Body: raw, c: c}, nil
}

// broken classifies a call that ended without a complete answer.
func (c *Client) broken(parent, ctx context.Context, r Request, err error, conn httptrace.GotConnInfo, b payload) *failure {
	cause := clean(r.Operation, err)
	if parent.Err() != nil {
		return c.ended(parent, r)
	}
	if ferr := b.readError(); ferr != nil {
		return &failure{error: c.unreadable(r, ferr)}
	}
	if conn.Conn == nil {
		e := problem.Newf(problem.PlatformDown, "%s cannot be reached right now.", c.Title)
		e.NotSent = true
		return &failure{error: c.about(e, "unreachable", cause)}
	}
	if ctx.Err() != nil {
		e := problem.Newf(problem.Transient, "%s did not answer in time.", c.Title)
		return &failure{error: c.about(e, "timeout", cause)}
	}
	e := problem.Newf(problem.Transient, "The connection to %s broke before its answer was complete.", c.Title)
	return &failure{error: c.about(e, "broken", cause), retry: conn.Reused}
}

// ended is for a call whose caller does not wait any more.
func (c *Client) ended(ctx context.Context, r Request) *failure {
	return &failure{error: fmt.Errorf("rest: %s %s: %w", c.Platform, r.Operation, ctx.Err())}
}

// unusable classifies an answer no connector can read; nil when it can be read.
func (c *Client) unusable(r Request, res *http.Response, raw []byte) error {
	status := fmt.Errorf("%s: status %d, %d bytes of %s", r.Operation, res.StatusCode, len(raw), mediaType(res.Header))
	switch res.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return c.about(problem.Newf(problem.PlatformDown, "%s does not work right now.", c.Title), fmt.Sprintf("http_%d", res.StatusCode), status)
	}
	if r.Bare || json.Valid(raw) || (len(raw) == 0 && res.StatusCode/100 == 2) {
		return nil
	}
	if res.StatusCode == http.StatusTooManyRequests {
		e := problem.Newf(problem.RateLimited, "%s asks us to slow down.", c.Title)
		e.RetryAfter = RetryAfter(res.Header, c.Now())
		return c.about(e, "http_429", status)
	}
	if t := bytes.TrimLeft(raw, " \t\r\n"); len(t) > 0 && (t[0] == '{' || t[0] == '[') {
		return c.about(problem.Newf(problem.Transient, "%s sent an answer that stops in the middle.", c.Title), "cut", status)
	}
	return c.about(problem.Newf(problem.PlatformDown, "%s does not work right now.", c.Title), "not_json", status)
}

// unreadable is for a file that our own storage did not give. The call never became complete, so it is not sent.
func (c *Client) unreadable(r Request, err error) error {
	e := problem.New(problem.Transient, "The file could not be read from our storage.")
	e.NotSent = true
	return c.about(e, "file_unreadable", clean(r.Operation, err))
}

func (c *Client) about(e *problem.Error, code string, cause error) *problem.Error {
	e.Platform, e.Code = c.Platform, code
	return e.Because(cause)
}

// Decode reads the answer into v. An answer of another shape is transient: the call itself may have succeeded.
func (r *Response) Decode(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		e := problem.Newf(problem.Transient, "%s sent an answer we do not understand.", r.c.Title)
		return r.c.about(e, "unexpected_answer", fmt.Errorf("status %d: answer of another shape", r.Status))
	}
	return nil
}

// Unexpected is the error for an answer that is JSON but lacks what a success must have.
func (r *Response) Unexpected(what string) error {
	e := problem.Newf(problem.Transient, "%s sent an answer we do not understand.", r.c.Title)
	return r.c.about(e, "unexpected_answer", fmt.Errorf("status %d: no %s", r.Status, what))
}

// RetryAfter reads the header of that name, in seconds or as a date; 0 when it is absent or in the past.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if d, err := time.ParseDuration(v + "s"); err == nil {
		return max(d, 0)
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if len(t) > 40 || strings.ContainsAny(t, "=&?\"") {
		return "something"
	}
	return t
}

// opaque is an error whose text is ours and whose chain still answers errors.Is. It cannot be unwrapped: the text below
// may quote URLs, and even bytes that the other side has sent, which may repeat what it got from us.
type opaque struct {
	text string
	err  error
}

func (o *opaque) Error() string        { return o.text }
func (o *opaque) Is(target error) bool { return errors.Is(o.err, target) }

// clean keeps of an error what it is and not what it says.
func clean(operation string, err error) error {
	return &opaque{operation + ": " + reason(err), err}
}

func reason(err error) string {
	var errno syscall.Errno
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &dns):
		return "name lookup failed"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected end"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		err = e
	}
	return fmt.Sprintf("%T", err)
}
