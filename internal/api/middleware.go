package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/herald-publishing/herald/internal/problem"
)

// maxBody is the largest request body in bytes. Files do not come this way.
const maxBody = 1 << 20

// everyRequest wraps what all requests have: an id, headers, a log line, a bounded body, an answer after a panic.
func (g *guard) everyRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := g.Now()
		c := &call{id: g.requestID(r.Context()), path: r.URL.Path, origin: g.origin(r)}
		r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
		out := &observed{ResponseWriter: w}
		head := w.Header()
		head.Set("X-Request-Id", c.id)
		head.Set("Cache-Control", "no-store")
		head.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		if strings.HasPrefix(c.origin, "https://") {
			head.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		defer g.finish(out, r, start)
		if err := boundBody(r); err != nil {
			g.refuse(out, r, err)
			return
		}
		next.ServeHTTP(out, r)
	})
}

// finish answers after a panic and writes the log line. It must be deferred itself, or it could not recover.
func (g *guard) finish(out *observed, r *http.Request, start time.Time) {
	ctx, c := r.Context(), callOf(r.Context())
	if v := recover(); v != nil {
		g.Log.ErrorContext(ctx, "panic", slog.String("panic", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
		if out.status == 0 {
			newProblem(ctx, c.path, fmt.Errorf("panic: %v", v)).write(out)
		}
	}
	// The path holds ids and no secrets; the query may hold a code or a state, so it is left out.
	g.Log.InfoContext(ctx, "request", slog.String("method", r.Method), slog.String("path", c.path), slog.Int("status", out.status),
		slog.Int64("bytes", out.bytes), slog.Float64("ms", float64(g.Now().Sub(start).Microseconds())/1000),
		slog.String("tenant", c.session.TenantID), slog.String("member", c.session.MemberID))
}

// requestID is the invocation's id where there is one, so that the id a person tells finds the log lines.
func (g *guard) requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok && lc.AwsRequestID != "" {
		return lc.AwsRequestID
	}
	return "req_" + g.NewID()
}

// origin is where the browser sees us. Without a configured address it is the API's own, which is always https.
func (g *guard) origin(r *http.Request) string {
	if g.PublicURL != "" {
		return g.PublicURL
	}
	return "https://" + r.Host
}

// boundBody reads the whole body, so that whatever comes after works on bytes that are known to be few and text.
func boundBody(r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return problem.New(problem.InvalidRequest, "The body could not be read to its end.").Because(err)
	}
	if len(body) > maxBody {
		return problem.New(problem.TooLarge, "The body is larger than 1 MB.")
	}
	if !utf8.Valid(body) {
		return problem.New(problem.InvalidRequest, "The body is not valid UTF-8.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return nil
}

// observed remembers what was answered.
type observed struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (o *observed) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(b []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	n, err := o.ResponseWriter.Write(b)
	o.bytes += int64(n)
	return n, err
}

// sessionCookie is the Set-Cookie value; an empty token ends the cookie.
func sessionCookie(ctx context.Context, token string, until time.Time) string {
	c := http.Cookie{ //nolint:gosec // Secure wherever the page is served over https; a laptop's is not
		Name: cookieName, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(callOf(ctx).origin, "https://"), Expires: until,
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c.String()
}
