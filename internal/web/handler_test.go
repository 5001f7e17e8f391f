package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/web"
)

const (
	script  = "console.log('herald')"
	browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
)

func build(t *testing.T) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{
		".keep":                       {},
		"index.html":                  {Data: []byte(`<title>page</title><script type="application/json" id="c">__HERALD_CONFIG__</script>`)},
		"docs/index.html":             {Data: []byte(`<title>reference</title>__HERALD_CONFIG__`)},
		"assets/index-Ab3_9xYz.js.gz": {Data: pack(t, script)},
		"assets/logo.png":             {Data: []byte("png")},
		"favicon.svg":                 {Data: []byte("<svg/>")},
	}
}

func pack(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, s)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func serve(t *testing.T) http.Handler {
	t.Helper()
	return web.Handler(web.Config{
		Stage: "</script><b>", PublicURL: "https://herald.test", MediaOrigin: "https://media.test/bucket?x=1",
		Files: build(t), NewNonce: func() string { return "n0nce" },
	})
}

func ask(t *testing.T, h http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	return string(b)
}

func TestThePageIsServedWithItsSettingsAndNeverCached(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/index.html", "/posts/pst_1", "/connect/grt_1?problem=denied"} {
		r := ask(t, serve(t), http.MethodGet, path, "Accept", browser)
		require.Equal(t, http.StatusOK, r.StatusCode, path)
		require.Equal(t, "no-cache", r.Header.Get("Cache-Control"), path)
		require.Equal(t, "text/html; charset=utf-8", r.Header.Get("Content-Type"), path)
		html := body(t, r)
		require.Contains(t, html, "<title>page</title>", path)
		require.NotContains(t, html, "</script><b>", "a setting must not close its tag")

		_, rest, _ := strings.Cut(html, `id="c">`)
		raw, _, _ := strings.Cut(rest, "</script>")
		var got struct {
			Stage      string `json:"stage"`
			StyleNonce string `json:"style_nonce"`
		}
		require.NoError(t, json.Unmarshal([]byte(raw), &got))
		require.Equal(t, "</script><b>", got.Stage)
		require.Equal(t, "n0nce", got.StyleNonce)
	}
}

func TestThePolicyAllowsOurScriptsAndNoOthers(t *testing.T) {
	t.Parallel()
	r := ask(t, serve(t), http.MethodGet, "/", "Accept", browser)
	require.Equal(t, strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' 'nonce-n0nce'",
		"img-src 'self' data: blob: https: https://media.test",
		"media-src 'self' blob: https://media.test",
		"font-src 'self'",
		"connect-src 'self' https://media.test",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; "), r.Header.Get("Content-Security-Policy"))
	require.NoError(t, r.Body.Close())
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/docs", "/assets/index-Ab3_9xYz.js", "/v1/nothing", "/favicon.svg"} {
		r := ask(t, serve(t), http.MethodGet, path, "Accept", browser)
		require.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "same-origin", r.Header.Get("Referrer-Policy"), path)
		require.Contains(t, r.Header.Get("Permissions-Policy"), "camera=()", path)
		require.Contains(t, r.Header.Get("Strict-Transport-Security"), "max-age=31536000", path)
		require.Contains(t, r.Header.Get("Content-Security-Policy"), "default-src 'none'", path)
		require.NoError(t, r.Body.Close())
	}
}

func TestWithoutTLSThereIsNoHSTSAndEachNonceIsNew(t *testing.T) {
	t.Parallel()
	h := web.Handler(web.Config{PublicURL: "http://localhost:8080", MediaOrigin: "x; script-src *", Files: build(t)})
	first := ask(t, h, http.MethodGet, "/", "Accept", browser)
	second := ask(t, h, http.MethodGet, "/", "Accept", browser)
	require.Empty(t, first.Header.Get("Strict-Transport-Security"))
	require.NotContains(t, first.Header.Get("Content-Security-Policy"), "script-src *")
	require.NotEqual(t, first.Header.Get("Content-Security-Policy"), second.Header.Get("Content-Security-Policy"))
	require.NoError(t, first.Body.Close())
	require.NoError(t, second.Body.Close())
}

func TestAssetsArePackedAndKeptForever(t *testing.T) {
	t.Parallel()
	packed := ask(t, serve(t), http.MethodGet, "/assets/index-Ab3_9xYz.js", "Accept-Encoding", "br, gzip;q=0.8")
	require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"))
	require.Equal(t, "Accept-Encoding", packed.Header.Get("Vary"))
	require.Equal(t, "public, max-age=31536000, immutable", packed.Header.Get("Cache-Control"))
	require.Equal(t, "text/javascript; charset=utf-8", packed.Header.Get("Content-Type"))
	z, err := gzip.NewReader(strings.NewReader(body(t, packed)))
	require.NoError(t, err)
	b, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Equal(t, script, string(b))

	for _, accept := range []string{"", "br", "gzip;q=0"} {
		plain := ask(t, serve(t), http.MethodGet, "/assets/index-Ab3_9xYz.js", "Accept-Encoding", accept)
		require.Empty(t, plain.Header.Get("Content-Encoding"), accept)
		require.Equal(t, script, body(t, plain), accept)
	}
}

func TestAFileWithoutAHashIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/favicon.svg", "/assets/logo.png"} {
		first := ask(t, serve(t), http.MethodGet, path)
		require.Equal(t, http.StatusOK, first.StatusCode)
		require.Equal(t, "no-cache", first.Header.Get("Cache-Control"))
		require.NotEmpty(t, body(t, first))
		again := ask(t, serve(t), http.MethodGet, path, "If-None-Match", first.Header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.StatusCode)
		require.Empty(t, body(t, again))
	}
}

func TestOnlyABrowsersNavigationGetsThePageForAnUnknownPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, accept string }{
		{http.MethodGet, "/nothing", "*/*"},
		{http.MethodGet, "/nothing", ""},
		{http.MethodGet, "/nothing", "text/html;q=0"},
		{http.MethodGet, "/assets/old-11111111.js", browser},
		{http.MethodGet, "/v1/nothing", browser},
		{http.MethodPost, "/v1/nothing", "application/json"},
		{http.MethodGet, "/assets/../v1/x", browser},
		{http.MethodGet, "/.keep", "*/*"},
	} {
		r := ask(t, serve(t), c.method, c.path, "Accept", c.accept)
		require.Equal(t, http.StatusNotFound, r.StatusCode, c)
		require.Equal(t, "application/problem+json", r.Header.Get("Content-Type"), c)
		var p struct {
			Class  string `json:"class"`
			Status int    `json:"status"`
		}
		require.NoError(t, json.Unmarshal([]byte(body(t, r)), &p))
		require.Equal(t, "not_found", p.Class)
		require.Equal(t, 404, p.Status)
	}
	r := ask(t, serve(t), http.MethodPost, "/posts", "Accept", browser)
	require.Equal(t, http.StatusMethodNotAllowed, r.StatusCode)
	require.Equal(t, "GET, HEAD", r.Header.Get("Allow"))
	require.NoError(t, r.Body.Close())
}

func TestHeadHasTheHeadersAndNoBody(t *testing.T) {
	t.Parallel()
	r := ask(t, serve(t), http.MethodHead, "/", "Accept", browser)
	require.Equal(t, http.StatusOK, r.StatusCode)
	require.NotEqual(t, "0", r.Header.Get("Content-Length"))
	require.Empty(t, body(t, r))
}

func TestTheReferenceHasItsOwnDocument(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/docs", "/docs/"} {
		r := ask(t, serve(t), http.MethodGet, path, "Accept", browser)
		require.Equal(t, http.StatusOK, r.StatusCode)
		require.Contains(t, r.Header.Get("Content-Security-Policy"), "script-src 'self';")
		require.Contains(t, body(t, r), "<title>reference</title>")
	}
}

func TestABinaryWithoutItsPageSaysWhatToDo(t *testing.T) {
	t.Parallel()
	h := web.Handler(web.Config{Files: fstest.MapFS{".keep": {}}})
	for _, path := range []string{"/", "/posts", "/docs"} {
		r := ask(t, h, http.MethodGet, path, "Accept", browser)
		require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
		require.Contains(t, body(t, r), "make build")
	}
}
