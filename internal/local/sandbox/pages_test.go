package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func (w *world) html(path string) string {
	w.t.Helper()
	r, err := w.do(http.MethodGet, path, "", nil)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, r.status, path)
	require.Contains(w.t, r.header.Get("Content-Type"), "text/html")
	require.Contains(w.t, r.header.Get("Content-Security-Policy"), "default-src 'none'")
	return string(r.raw)
}

func (w *world) form(path string, v url.Values) reply {
	w.t.Helper()
	r, err := w.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
	require.NoError(w.t, err)
	return r
}

func TestPagesShowWhatThereIs(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"<b>not bold</b>"}, "link": {"https://example.com/menu"}})
	index := w.html("/")
	for _, want := range []string{"Ada Lindqvist", "Sam Okafor", "No accounts", "/meta/pages/" + page, "1 post<", w.url + "/meta/graph", clientID} {
		require.Contains(t, index, want)
	}
	timeline := w.html("/meta/pages/" + page)
	for _, want := range []string{"Shop", "&lt;b&gt;not bold", `href="https://example.com/menu"`, "via Herald"} {
		require.Contains(t, timeline, want)
	}
	log := w.html("/calls")
	require.Contains(t, log, "meta.feed.create")
	require.Contains(t, log, "/v26.0/"+page+"/feed")
	require.NotContains(t, w.html("/calls?op=meta.me"), "/v26.0/"+page)

	for _, path := range []string{"/nothing", "/meta/pages/1", "/meta/pages/" + page + "/posts/1", "/other/pages/1", "/meta/photos/1", "/meta/avatars/1.svg"} {
		r, err := w.do(http.MethodGet, path, "", nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusNotFound, r.status, path)
	}
	for _, picture := range []string{page, page + "-cover"} {
		r, err := w.do(http.MethodGet, "/meta/avatars/"+picture+".svg", "", nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, r.status, picture)
	}
	for _, asset := range []string{"sandbox.css", "sandbox.js", "icon.svg"} {
		r, err := w.do(http.MethodGet, "/_sandbox/assets/"+asset, "", nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, r.status)
	}
}

func TestPanelForms(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	r := w.form("/panel/fault", url.Values{"op": {"meta.page.get"}, "kind": {"500"}, "times": {"2"}, "delay_ms": {"0"}})
	require.Equal(t, http.StatusSeeOther, r.status)
	require.Equal(t, "/faults", r.header.Get("Location"))
	require.Contains(t, w.html("/faults"), "2 calls left")
	w.refused(2, 0, http.MethodGet, page, token, nil)
	require.Contains(t, w.html("/faults"), "1 call left")
	r = w.form("/panel/fault", url.Values{"op": {"meta.page.get"}, "kind": {"boom"}})
	require.Equal(t, http.StatusUnprocessableEntity, r.status)
	require.Contains(t, string(r.raw), "unknown kind")
	w.form("/panel/clear", nil)
	w.ok(http.MethodGet, page, token, nil)

	w.form("/panel/clock", url.Values{"seconds": {"93600"}})
	require.Contains(t, w.html("/"), "1 day 2 hours ahead")
	w.form("/panel/latency", url.Values{"ms": {"3"}})
	require.Contains(t, w.html("/"), `name="ms" min="0" max="600000" value="3"`)
	w.form("/panel/revoke", url.Values{"platform": {"meta"}, "person": {who.Person.ID}})
	w.refused(190, 458, http.MethodGet, page, token, nil)
	w.form("/panel/reset", nil)
	require.NotContains(t, w.html("/"), "2 hours ahead")
	require.Equal(t, http.StatusNotFound, w.form("/panel/other", nil).status)
}

func TestAnotherSitesPageCannotDriveTheSandbox(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	for _, path := range []string{"/_sandbox/reset", "/panel/reset", dialogPath + dialogQuery().Encode()} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+path, http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusForbidden, resp.StatusCode, path)
	}
}

func TestRevisionMovesWithEveryChange(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	revision := func() map[string]string {
		var out map[string]string
		require.Equal(t, http.StatusOK, w.control(http.MethodGet, "revision", nil, &out))
		return out
	}
	page, token, _ := w.page()
	before := revision()
	require.Equal(t, before, revision())
	w.ok(http.MethodGet, page, token, nil)
	read := revision()
	require.Equal(t, before["revision"], read["revision"], "reading changes nothing")
	require.NotEqual(t, before["calls"], read["calls"])
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}})
	require.NotEqual(t, before["revision"], revision()["revision"])
}

func TestPublicURLIsUsedInLinks(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{PublicURL: "https://sandbox.example/"})
	page, token, _ := w.page()
	got := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}, "fields": {"permalink_url"}})
	require.True(t, strings.HasPrefix(got["permalink_url"].(string), "https://sandbox.example/meta/pages/"+page+"/posts/"))
}
