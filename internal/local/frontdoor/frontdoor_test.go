package frontdoor_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/frontdoor"
)

const apiHost = "abc123.execute-api.localhost:4566"

// door serves a front door before an emulator of the test's making.
func door(t *testing.T, emulator http.HandlerFunc, change func(*frontdoor.Config)) string {
	t.Helper()
	back := httptest.NewServer(emulator)
	t.Cleanup(back.Close)
	u, err := url.Parse(back.URL)
	require.NoError(t, err)
	c := frontdoor.Config{Emulator: u, APIHost: apiHost}
	if change != nil {
		change(&c)
	}
	front := httptest.NewServer(frontdoor.New(c))
	t.Cleanup(front.Close)
	return front.URL
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

func do(t *testing.T, method, target string, body io.Reader) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, body)
	require.NoError(t, err)
	req.Header.Set("Accept-Encoding", "br")
	client := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	require.NoError(t, err)
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return reply{res.StatusCode, res.Header, string(b)}
}

func TestPassesRequestsOnToTheAPI(t *testing.T) {
	t.Parallel()
	front := door(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", strings.Join([]string{r.Method, r.Host, r.URL.RequestURI(), string(b)}, " "))
		w.Header().Set("X-Accept-Encoding", r.Header.Get("Accept-Encoding"))
		w.Header().Set("X-Proto", r.Header.Get("X-Forwarded-Proto"))
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.Header().Set("Location", "https://elsewhere.example/x")
		w.WriteHeader(http.StatusFound)
	}, nil)
	got := do(t, http.MethodPost, front+"/v1/posts%2F1?a=1&b=%20", strings.NewReader(`{"x":1}`))
	require.Equal(t, http.StatusFound, got.status)
	require.Empty(t, got.body)
	require.Equal(t, "POST "+apiHost+` /v1/posts%2F1?a=1&b=%20 {"x":1}`, got.header.Get("X-Seen"))
	require.Equal(t, "br", got.header.Get("X-Accept-Encoding"), "the page's answers come compressed; the front door must not unpack them")
	require.Equal(t, "http", got.header.Get("X-Proto"))
	require.Equal(t, []string{"a=1", "b=2"}, got.header.Values("Set-Cookie"))
	require.Equal(t, "https://elsewhere.example/x", got.header.Get("Location"))
	require.Empty(t, got.header.Get("Access-Control-Allow-Origin"))
}

func TestHooksGoToTheFunctionURL(t *testing.T) {
	t.Parallel()
	emulator := func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Seen", r.Host+" "+r.URL.RequestURI()) }
	with := door(t, emulator, func(c *frontdoor.Config) { c.HooksHost = "u1.lambda-url.us-east-1.on.aws" })
	got := do(t, http.MethodPost, with+"/hooks/meta?x=1", strings.NewReader("{}"))
	require.Equal(t, "u1.lambda-url.us-east-1.on.aws /meta?x=1", got.header.Get("X-Seen"))
	without := door(t, emulator, nil)
	got = do(t, http.MethodPost, without+"/hooks/meta", strings.NewReader("{}"))
	require.Equal(t, apiHost+" /hooks/meta", got.header.Get("X-Seen"))
}

func TestSlowFunctionIs503(t *testing.T) {
	t.Parallel()
	for name, flush := range map[string]bool{"before the first byte": false, "in the middle of the answer": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front := door(t, func(w http.ResponseWriter, r *http.Request) {
				if flush {
					_, _ = io.WriteString(w, "half")
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			}, func(c *frontdoor.Config) { c.MaxWait = 100 * time.Millisecond })
			got := do(t, http.MethodGet, front+"/slow", http.NoBody)
			require.Equal(t, http.StatusServiceUnavailable, got.status)
			require.JSONEq(t, `{"message":"Service Unavailable"}`, got.body)
		})
	}
}

func TestRequestLimit(t *testing.T) {
	t.Parallel()
	front := door(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		if n == frontdoor.MaxBody && r.ContentLength == n {
			w.WriteHeader(http.StatusNoContent)
		}
	}, nil)
	got := do(t, http.MethodPost, front+"/", bytes.NewReader(make([]byte, frontdoor.MaxBody)))
	require.Equal(t, http.StatusNoContent, got.status, "at the limit")
	got = do(t, http.MethodPost, front+"/", bytes.NewReader(make([]byte, frontdoor.MaxBody+1)))
	require.Equal(t, http.StatusRequestEntityTooLarge, got.status)
	require.JSONEq(t, `{"message":"Request Entity Too Large"}`, got.body)
	// Without a Content-Length the limit holds as well.
	got = do(t, http.MethodPost, front+"/", io.MultiReader(bytes.NewReader(make([]byte, frontdoor.MaxBody)), strings.NewReader("x")))
	require.Equal(t, http.StatusRequestEntityTooLarge, got.status)
}

func TestFailedFunctionIs500(t *testing.T) {
	t.Parallel()
	const fixed = `{"message":"Internal Server Error"}`
	for name, c := range map[string]struct {
		status     int
		kind, body string
		want       int
		wantBody   string
	}{
		"an error":             {502, "application/json", `{"errorMessage":"secret detail","errorType":"errorString"}`, 500, fixed},
		"text":                 {502, "application/json", `RequestId: 1 Process exited`, 500, fixed},
		"a missing function":   {502, "application/json", `{"message":"Lambda function 'x' not found"}`, 500, fixed},
		"our own 502":          {502, "application/problem+json", `{"title":"The platform is down"}`, 502, `{"title":"The platform is down"}`},
		"our own 500":          {500, "application/problem+json", `{"title":"x"}`, 500, `{"title":"x"}`},
		"an answer over 6 MB":  {200, "text/plain", strings.Repeat("x", frontdoor.MaxAnswer+1), 500, fixed},
		"an answer of 6 MB":    {200, "text/plain", strings.Repeat("x", frontdoor.MaxAnswer), 200, strings.Repeat("x", frontdoor.MaxAnswer)},
		"an ordinary answer":   {200, "application/json", `{"errorMessage":"only a field"}`, 200, `{"errorMessage":"only a field"}`},
		"an emulator's 404":    {404, "application/json", `{"message":"Not Found"}`, 404, `{"message":"Not Found"}`},
		"a function's own 503": {503, "application/json", `{"errorMessage":"x"}`, 503, `{"errorMessage":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front := door(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}, nil)
			got := do(t, http.MethodGet, front+"/", http.NoBody)
			require.Equal(t, c.want, got.status)
			require.Len(t, got.body, len(c.wantBody))
			require.Equal(t, c.wantBody[:min(len(c.wantBody), 100)], got.body[:min(len(got.body), 100)])
		})
	}
}

func TestEmulatorGone(t *testing.T) {
	t.Parallel()
	front := door(t, nil, func(c *frontdoor.Config) {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		c.Emulator = &url.URL{Scheme: "http", Host: l.Addr().String()}
		require.NoError(t, l.Close())
	})
	got := do(t, http.MethodGet, front+"/", http.NoBody)
	require.Equal(t, http.StatusBadGateway, got.status)
	require.Contains(t, got.body, "emulator does not answer")
}
