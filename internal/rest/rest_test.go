package rest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
	"github.com/herald-publishing/herald/internal/telemetry"
)

const canary = "EAACanaryRest0123456789"

// client calls a server that answers with h. The log is kept, to be searched for the canary.
func client(t *testing.T, h http.HandlerFunc) (*rest.Client, string, *bytes.Buffer) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	log := &bytes.Buffer{}
	return &rest.Client{HTTP: srv.Client(), Platform: "meta", Title: "Meta", Log: telemetry.NewLogger(log, "debug"), Now: time.Now, Timeout: 5 * time.Second}, srv.URL, log
}

// withSecrets is a call that carries the canary wherever a call can carry it.
func withSecrets(u string) rest.Request {
	return rest.Request{
		Operation: "feed", Method: http.MethodPost, URL: u + "/200/feed", Query: url.Values{"access_token": {canary}},
		Header: http.Header{"Authorization": {"Bearer " + canary}}, Form: url.Values{"message": {"hi"}, "client_secret": {canary}},
	}
}

func texts(err error) string {
	var b strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		fmt.Fprintf(&b, "%v\n%+v\n", e, e)
		if p := (*problem.Error)(nil); errors.As(e, &p) {
			fmt.Fprintf(&b, "%s %s %s\n", p.Message, p.Code, p.Action.Label)
		}
	}
	return b.String()
}

func write(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestDoSendsWhatItIsTold(t *testing.T) {
	t.Parallel()
	c, u, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Usage", "7")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"got": r.Method + " " + r.URL.String() + " " + r.Header.Get("Content-Type") + " " + r.Header.Get("X-A") + " " + string(body)})
	})
	for want, r := range map[string]rest.Request{
		"GET /p?b=2&c=%26  x ": {Method: http.MethodGet, Query: url.Values{"b": {"2"}, "c": {"&"}}, Header: http.Header{"X-A": {"x"}}},
		"POST /p application/x-www-form-urlencoded  a=1&b=+%F0%9F%8D%B0": {Method: http.MethodPost, Form: url.Values{"a": {"1"}, "b": {" 🍰"}}},
		`POST /p application/json  {"id":"12345678901234567"}`:           {Method: http.MethodPost, JSON: map[string]string{"id": "12345678901234567"}},
	} {
		r.Operation, r.URL = "op", u+"/p"
		c.HTTP.Timeout = time.Nanosecond // the call's own limit counts
		res, err := c.Do(t.Context(), r)
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, res.Status, "an answer with a status of its own is the connector's to judge")
		require.Equal(t, "7", res.Header.Get("X-Usage"))
		var got struct {
			Got string `json:"got"`
		}
		require.NoError(t, res.Decode(&got))
		require.Equal(t, want, got.Got)
		require.Equal(t, problem.Transient, problem.ClassOf(res.Decode(&[]int{})))
		require.True(t, problem.Of(res.Unexpected("id")).MayHaveHappened())
	}
}

func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(other.Close)
	c, u, log := client(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", other.URL+"/?access_token="+canary)
		w.WriteHeader(http.StatusFound)
	})
	r := withSecrets(u)
	r.Method, r.Form = http.MethodGet, nil
	_, err := c.Do(t.Context(), r)
	require.Equal(t, problem.PlatformDown, problem.ClassOf(err))
	require.False(t, reached)
	require.NotContains(t, texts(err)+log.String(), canary)
}

func TestBadAnswersHaveAClass(t *testing.T) {
	t.Parallel()
	stopped := make(chan struct{})
	t.Cleanup(func() { close(stopped) })
	hang := func(r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stopped:
		}
	}
	abort := func(w http.ResponseWriter) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		class  problem.Class
		code   string
		after  time.Duration
	}{
		"502 page":      {answer: write(502, "text/html", "<html>"+canary), class: problem.PlatformDown, code: "http_502"},
		"503 json":      {answer: write(503, "application/json", "{}"), class: problem.PlatformDown, code: "http_503"},
		"504":           {answer: write(504, "application/json", ""), class: problem.PlatformDown, code: "http_504"},
		"page with 200": {answer: write(200, "text/html", "<html>maintenance"), class: problem.PlatformDown, code: "not_json"},
		"page with 400": {answer: write(400, "text/html", "<html>"), class: problem.PlatformDown, code: "not_json"},
		"empty 400":     {answer: write(400, "text/plain", ""), class: problem.PlatformDown, code: "not_json"},
		"cut json":      {answer: write(200, "application/json", `{"id":"20`), class: problem.Transient, code: "cut"},
		"two documents": {answer: write(200, "application/json", `{} {}`), class: problem.Transient, code: "cut"},
		"strange media": {answer: write(200, "x; access_token="+canary, `no`), class: problem.PlatformDown, code: "not_json"},
		"429 page": {answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "90")
			write(429, "text/html", "<")(w, r)
		}, class: problem.RateLimited, code: "http_429", after: 90 * time.Second},
		"length not kept": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50")
			_, _ = io.WriteString(w, `{"id":"1"}`)
		}, class: problem.Transient, code: "broken"},
		"huge":              {answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, spaces{}) }, class: problem.Transient, code: "too_large"},
		"reset after read":  {answer: func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); abort(w) }, class: problem.Transient, code: "broken"},
		"reset before read": {answer: func(w http.ResponseWriter, _ *http.Request) { abort(w) }, class: problem.Transient, code: "broken"},
		"slow":              {answer: func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); hang(r) }, class: problem.Transient, code: "timeout"},
		"slow body": {answer: func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, `{"id":`)
			_ = http.NewResponseController(w).Flush()
			hang(r)
		}, class: problem.Transient, code: "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, u, log := client(t, tc.answer)
			r := withSecrets(u)
			if tc.code == "timeout" {
				r.Timeout = 100 * time.Millisecond
			}
			_, err := c.Do(t.Context(), r)
			e := (*problem.Error)(nil)
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.class, e.Class)
			require.Equal(t, tc.code, e.Code)
			require.Equal(t, "meta", e.Platform)
			require.Equal(t, tc.after, e.RetryAfter)
			require.False(t, e.NotSent, "the platform may have acted")
			require.NotEmpty(t, e.Message)
			require.NotEmpty(t, e.Action.Label)
			require.NotContains(t, texts(err)+log.String(), canary)
		})
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestACallThatCouldNotConnectIsNotSent(t *testing.T) {
	t.Parallel()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	for name, u := range map[string]string{
		"refused": "http://" + listener.Addr().String(), "certificate": untrusted.URL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, log := client(t, nil)
			_, err := c.Do(t.Context(), withSecrets(u))
			e := (*problem.Error)(nil)
			require.ErrorAs(t, err, &e)
			require.Equal(t, problem.PlatformDown, e.Class)
			require.True(t, e.NotSent)
			require.False(t, e.MayHaveHappened())
			require.NotContains(t, texts(err)+log.String(), canary)
		})
	}
}

func TestAnEndedContextComesBackAsItself(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	c, u, log := client(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(began)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-began
		cancel()
	}()
	_, err := c.Do(ctx, withSecrets(u))
	require.ErrorIs(t, err, context.Canceled)
	var p *problem.Error
	require.NotErrorAs(t, err, &p, "it says nothing about the platform")
	require.NotContains(t, texts(err)+log.String(), canary)
	require.True(t, problem.Of(err).MayHaveHappened(), "it was on its way")
	_, err = c.Do(ctx, rest.Request{Operation: "photos", Method: http.MethodPost, URL: u, Upload: &rest.Upload{Open: func(ctx context.Context) (io.ReadCloser, error) { return nil, ctx.Err() }}})
	require.ErrorIs(t, err, context.Canceled)
}

func TestUploadIsStreamed(t *testing.T) {
	t.Parallel()
	const size = 20 << 20
	c, u, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		mr, err := r.MultipartReader()
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fields := []string{}
		for {
			p, err := mr.NextPart()
			if err != nil {
				break
			}
			if p.FileName() == "" {
				v, _ := io.ReadAll(p)
				fields = append(fields, p.FormName()+"="+string(v))
				continue
			}
			h := sha256.New()
			_, _ = io.Copy(h, p)
			fields = append(fields, fmt.Sprintf("%s:%s:%s:%x", p.FormName(), p.FileName(), p.Header.Get("Content-Type"), h.Sum(nil)))
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"fields": strings.Join(fields, ";"), "length": r.ContentLength})
	})
	h := sha256.New()
	_, err := io.Copy(h, io.LimitReader(spaces{}, size))
	require.NoError(t, err)
	opened := &opened{Reader: io.LimitReader(spaces{}, size)}
	up := func(open func(context.Context) (io.ReadCloser, error)) rest.Request {
		return rest.Request{Operation: "photos", Method: http.MethodPost, URL: u, Upload: &rest.Upload{
			Fields: url.Values{"published": {"false"}, "alt": {"ä"}}, Field: "source", Name: "a\"\r\nb.jpg", Type: "image/jpeg", Bytes: size, Open: open,
		}}
	}
	res, err := c.Do(t.Context(), up(func(context.Context) (io.ReadCloser, error) { return opened, nil }))
	require.NoError(t, err)
	var got struct {
		Fields string `json:"fields"`
		Length int64  `json:"length"`
	}
	require.NoError(t, res.Decode(&got))
	require.Equal(t, fmt.Sprintf("alt=ä;published=false;source:a___b.jpg:image/jpeg:%x", h.Sum(nil)), got.Fields)
	require.Greater(t, got.Length, int64(size))
	require.True(t, opened.closed)

	failed := errors.New("storage is away")
	for name, tc := range map[string]struct {
		open func(context.Context) (io.ReadCloser, error)
		code string
	}{
		"open": {func(context.Context) (io.ReadCloser, error) { return nil, failed }, "file_unreadable"},
		"middle": {func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(io.LimitReader(spaces{}, 1<<20), iotest.ErrReader(failed))), nil
		}, "file_unreadable"},
		"short": {func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.LimitReader(spaces{}, 1<<20)), nil
		}, "broken"},
	} {
		_, err := c.Do(t.Context(), up(tc.open))
		require.Equal(t, problem.Transient, problem.ClassOf(err), name)
		require.Equal(t, tc.code, problem.Of(err).Code, name)
		if tc.code == "file_unreadable" {
			require.ErrorIs(t, err, failed)
			require.True(t, problem.Of(err).NotSent)
		}
	}
}

type opened struct {
	io.Reader
	closed bool
}

func (o *opened) Close() error { o.closed = true; return nil }

// stale is a pool whose first connection the platform has closed already.
type stale struct {
	calls  int
	reused bool
}

func (s *stale) RoundTrip(r *http.Request) (*http.Response, error) {
	s.calls++
	local, remote := net.Pipe()
	defer func() { _, _ = local.Close(), remote.Close() }()
	httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{Conn: local, Reused: s.reused})
	if s.calls == 1 {
		return nil, syscall.ECONNRESET
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{}`))}, nil
}

func TestAnUploadWithoutAFieldIsTheFileAlone(t *testing.T) {
	t.Parallel()
	const size = 3 << 20
	c, u, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		h := sha256.New()
		n, _ := io.Copy(h, r.Body)
		_ = json.NewEncoder(w).Encode(map[string]any{"got": fmt.Sprintf("%d %d %s %s %x", n, r.ContentLength, r.Header.Get("Content-Type"), r.Header.Get("Offset"), h.Sum(nil))})
	})
	h := sha256.New()
	_, err := io.Copy(h, io.LimitReader(spaces{}, size))
	require.NoError(t, err)
	body := &opened{Reader: io.LimitReader(spaces{}, size)}
	up := func(open func(context.Context) (io.ReadCloser, error)) rest.Request {
		return rest.Request{
			Operation: "upload", Method: http.MethodPost, URL: u, Header: http.Header{"Offset": {"7"}},
			Upload: &rest.Upload{Type: "video/mp4", Bytes: size, Open: open},
		}
	}
	res, err := c.Do(t.Context(), up(func(context.Context) (io.ReadCloser, error) { return body, nil }))
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"got":"%d %d video/mp4 7 %x"}`, size, size, h.Sum(nil)), string(res.Body))
	require.True(t, body.closed)
	_, err = c.Do(t.Context(), up(func(context.Context) (io.ReadCloser, error) { return nil, errors.New("storage is away") }))
	require.Equal(t, "file_unreadable", problem.Of(err).Code)
	require.False(t, problem.Of(err).MayHaveHappened())
}

func TestOnlyAReadOnAStaleConnectionIsRepeated(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		method string
		reused bool
		calls  int
	}{{http.MethodGet, true, 2}, {http.MethodGet, false, 1}, {http.MethodPost, true, 1}} {
		s := &stale{reused: tc.reused}
		c := &rest.Client{HTTP: &http.Client{Transport: s}, Platform: "meta", Title: "Meta", Log: slog.New(slog.DiscardHandler), Now: time.Now}
		_, err := c.Do(t.Context(), rest.Request{Operation: "op", Method: tc.method, URL: "http://h/"})
		require.Equal(t, tc.calls, s.calls)
		require.Equal(t, tc.calls == 1, err != nil)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, " 5 ": 5 * time.Second, "-3": 0, "soon": 0,
		"Tue, 24 Nov 2026 10:02:00 GMT": 2 * time.Minute, "Tue, 24 Nov 2026 09:00:00 GMT": 0,
	} {
		require.Equal(t, want, rest.RetryAfter(http.Header{"Retry-After": {v}}, now), v)
	}
}
