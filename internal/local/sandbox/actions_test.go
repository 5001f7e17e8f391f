package sandbox_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func TestActionsNeedNoScriptAndKeepWhatWasEntered(t *testing.T) {
	t.Parallel()
	a, to := listen(t)
	w := start(t, sandbox.Config{Hooks: map[string]string{"meta": to}})
	_, _, who := w.page()
	require.Contains(t, w.html("/"), `href="/actions"`)
	shown := w.html("/actions")
	forms := regexp.MustCompile(`action="/actions/meta/([a-z-]+)#`).FindAllStringSubmatch(shown, -1)
	var names []string
	for _, f := range forms {
		names = append(names, f[1])
	}
	require.Equal(t, []string{"deauthorize", "permission", "page", "delete-data", "tokens", "expiry", "usage", "deauthorize-instagram", "quota", "webhook"}, names)
	require.Contains(t, shown, who.Person.Name)

	r := w.form("/actions/meta/webhook", url.Values{"body": {`{"object":"page","entry":["schän"]}`}, "signature": {""}})
	require.Equal(t, http.StatusOK, r.status)
	require.Contains(t, string(r.raw), "The app answered 200")
	require.Contains(t, string(r.raw), "schän", "what was entered can be sent again")
	call, body := a.last()
	require.JSONEq(t, `{"object":"page","entry":["schän"]}`, body)
	require.Equal(t, "sha256="+mac(body), call.Header.Get("X-Hub-Signature-256"))
	w.form("/actions/meta/webhook", url.Values{"body": {`{"object":"page","entry":[]}`}, "signature": {"bad"}})
	call, body = a.last()
	require.NotEqual(t, "sha256="+mac(body), call.Header.Get("X-Hub-Signature-256"))

	r = w.form("/actions/meta/webhook", url.Values{"body": {`{"object`}})
	require.Equal(t, http.StatusUnprocessableEntity, r.status)
	require.Contains(t, string(r.raw), "the body is no JSON")
	require.Contains(t, string(r.raw), `{&#34;object</textarea>`)
	for _, path := range []string{"/actions/meta/dance", "/actions/other/webhook"} {
		require.Equal(t, http.StatusNotFound, w.form(path, nil).status, path)
	}
}

func TestEachSampleOfAWebhookIsABodyThatCanBeSent(t *testing.T) {
	t.Parallel()
	a, to := listen(t)
	w := start(t, sandbox.Config{Hooks: map[string]string{"meta": to}})
	samples := regexp.MustCompile(`\?sample=([a-z-]+)#`).FindAllStringSubmatch(w.html("/actions"), -1)
	require.NotEmpty(t, samples)
	area := regexp.MustCompile(`(?s)<textarea[^>]*>(.*?)</textarea>`)
	sent := map[string]bool{}
	for _, s := range samples {
		text := area.FindStringSubmatch(w.html("/actions?sample=" + s[1]))[1]
		r := w.form("/actions/meta/webhook", url.Values{"body": {html.UnescapeString(text)}})
		require.Equal(t, http.StatusOK, r.status, s[1])
		_, body := a.last()
		require.Contains(t, body, `"changes"`)
		sent[body] = true
	}
	require.Len(t, sent, len(samples), "no two are the same")
}

func TestPeopleTakeThingsBack(t *testing.T) {
	t.Parallel()
	a, to := listen(t)
	w := start(t, sandbox.Config{Hooks: map[string]string{"meta": to}})
	page, token, who := w.page()
	act := func(name string, v url.Values) {
		t.Helper()
		v.Set("person", who.Person.ID)
		r := w.form("/actions/meta/"+name, v)
		require.Equal(t, http.StatusOK, r.status, string(r.raw))
	}
	act("permission", url.Values{"permission": {"pages_manage_posts"}})
	_, body := a.last()
	require.Contains(t, body, `"field":"pages_manage_posts"`)
	w.ok(http.MethodGet, page, token, nil)

	act("page", url.Values{"page": {page}})
	_, body = a.last()
	require.Contains(t, body, `"target_ids":["`+page+`"]`)
	require.NotContains(t, body, "pages_manage_posts", "that was gone before")
	r, err := w.graph(http.MethodGet, page+"/published_posts", token, nil)
	require.NoError(t, err)
	require.GreaterOrEqual(t, r.status, 400, "the app does not see the Page any more")
	require.Equal(t, http.StatusUnprocessableEntity, w.form("/actions/meta/page", url.Values{"person": {who.Person.ID}, "page": {page}}).status)

	act("delete-data", url.Values{})
	call, body := a.last()
	require.Equal(t, "/data-deletion", call.URL.Path)
	require.Contains(t, body, "signed_request=")

	act("deauthorize", url.Values{})
	call, _ = a.last()
	require.Equal(t, "/deauthorize", call.URL.Path)
	w.refused(190, 458, http.MethodGet, page, token, nil)
	require.Equal(t, http.StatusUnprocessableEntity, w.form("/actions/meta/deauthorize", url.Values{"person": {"1"}}).status)
}

func TestRemovingTheAppOnTheIndexTellsTheApp(t *testing.T) {
	t.Parallel()
	a, to := listen(t)
	w := start(t, sandbox.Config{Hooks: map[string]string{"meta": to}})
	page, token, who := w.page()
	w.form("/panel/revoke", url.Values{"platform": {"meta"}, "person": {who.Person.ID}})
	call, _ := a.last()
	require.Equal(t, "/deauthorize", call.URL.Path)
	w.refused(190, 458, http.MethodGet, page, token, nil)
}

func TestTokensUsageAndQuotaFromThePage(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	act := func(name string, v url.Values) reply { return w.form("/actions/meta/"+name, v) }
	require.Equal(t, http.StatusOK, act("usage", url.Values{"page": {page}, "percent": {"73"}, "minutes": {"0"}}).status)
	r, err := w.graph(http.MethodGet, page, token, nil)
	require.NoError(t, err)
	require.Contains(t, r.header.Get("X-Business-Use-Case-Usage"), `"call_count":73`)
	act("usage", url.Values{"page": {""}, "percent": {"0"}, "minutes": {"5"}})
	w.refused(4, 0, http.MethodGet, page, token, nil)
	act("usage", url.Values{"page": {""}, "percent": {"0"}, "minutes": {"0"}})
	w.ok(http.MethodGet, page, token, nil)
	require.Equal(t, http.StatusUnprocessableEntity, act("usage", url.Values{"page": {"1"}}).status)

	r = act("expiry", url.Values{"owner": {who.Person.ID}, "minutes": {"10"}})
	require.Contains(t, string(r.raw), "tokens live until")
	w.ok(http.MethodGet, page, token, nil)
	w.form("/panel/clock", url.Values{"minutes": {"11"}})
	w.refused(190, 463, http.MethodGet, page, token, nil)
	require.Equal(t, http.StatusUnprocessableEntity, act("expiry", url.Values{"owner": {""}, "minutes": {"10"}}).status)

	_, token, who = w.page()
	require.Equal(t, http.StatusOK, act("tokens", url.Values{"person": {who.Person.ID}, "subcode": {"460"}}).status)
	w.refused(190, 460, http.MethodGet, "me", token, nil)

	account := regexp.MustCompile(`<select name="account"><option value="(\d+)"`).FindStringSubmatch(w.html("/actions"))[1]
	r = act("quota", url.Values{"account": {account}, "total": {"25"}, "used": {"24"}})
	require.Contains(t, string(r.raw), "24 of 25 are used.")
	require.Equal(t, http.StatusUnprocessableEntity, act("quota", url.Values{"account": {"1"}}).status)
}

func TestAPostIsDeletedOnThePlatform(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	id := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"soon gone"}})["id"].(string)
	require.Contains(t, w.html("/meta/pages/"+page), `action="/panel/delete"`)
	gone := url.Values{"platform": {"meta"}, "account": {page}, "post": {id}}
	r := w.form("/panel/delete", gone)
	require.Equal(t, http.StatusSeeOther, r.status)
	require.Equal(t, "/meta/pages/"+page, r.header.Get("Location"))
	require.Empty(t, w.posts(page).Posts)
	w.refused(100, 33, http.MethodGet, id, token, nil)
	require.Equal(t, http.StatusNotFound, w.form("/panel/delete", gone).status)
}

func TestAFaultsWholeRefusalIsSetOnThePage(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	w.form("/panel/fault", url.Values{"op": {"meta.page.get"}, "kind": {"500"}, "times": {"1"}, "skip": {"1"}, "status": {"418"}, "code": {"368"}, "subcode": {"7"}})
	require.Contains(t, w.html("/faults"), "status 418, code 368/7, after 1 call")
	w.ok(http.MethodGet, page, token, nil)
	r := w.refused(368, 7, http.MethodGet, page, token, nil)
	require.Equal(t, http.StatusTeapot, r.status)
}
