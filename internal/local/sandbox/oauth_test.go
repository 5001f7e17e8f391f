package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func dialogQuery() url.Values {
	return url.Values{"client_id": {clientID}, "redirect_uri": {redirect}, "state": {"a b/ü"}, "scope": {scopes}, "response_type": {"code"}}
}

const dialogPath = "/meta/www/v26.0/dialog/oauth?"

// consent posts the dialog's form and gives the callback's parameters.
func (w *world) consent(q url.Values, choice url.Values) url.Values {
	w.t.Helper()
	r, err := w.do(http.MethodPost, dialogPath+q.Encode(), "application/x-www-form-urlencoded", strings.NewReader(choice.Encode()))
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusSeeOther, r.status, string(r.raw))
	location := r.header.Get("Location")
	require.True(w.t, strings.HasPrefix(location, q.Get("redirect_uri")+"?"), location)
	require.True(w.t, strings.HasSuffix(location, "#_=_"), location)
	u, err := url.Parse(location)
	require.NoError(w.t, err)
	return u.Query()
}

func allow(who seeded, scope ...string) url.Values {
	v := url.Values{"person": {who.Person.ID}, "scope": scope, "decision": {"allow"}}
	for _, p := range who.Pages {
		v.Add("page", p.ID)
	}
	return v
}

func exchange(code string) url.Values {
	return url.Values{"client_id": {clientID}, "client_secret": {secret}, "redirect_uri": {redirect}, "code": {code}}
}

func prolong(token string) url.Values {
	return url.Values{"grant_type": {"fb_exchange_token"}, "client_id": {clientID}, "client_secret": {secret}, "fb_exchange_token": {token}}
}

// login goes from the dialog to a short user token.
func (w *world) login(who seeded, scope ...string) string {
	w.t.Helper()
	code := w.consent(dialogQuery(), allow(who, scope...)).Get("code")
	out := w.ok(http.MethodGet, "oauth/access_token", "", exchange(code))
	require.Equal(w.t, "bearer", out["token_type"])
	require.InDelta(w.t, 3600, out["expires_in"], 0)
	return out["access_token"].(string)
}

func (w *world) long(short string) string {
	w.t.Helper()
	out := w.ok(http.MethodGet, "oauth/access_token", "", prolong(short))
	require.InDelta(w.t, 60*24*3600, out["expires_in"], 0)
	return out["access_token"].(string)
}

func (w *world) debug(token string) object {
	w.t.Helper()
	out := w.ok(http.MethodGet, "debug_token", "", url.Values{"input_token": {token}, "access_token": {clientID + "|" + secret}})
	return out["data"].(object)
}

func TestDialogShowsPersonPagesAndPermissions(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim Berg", "pages": []string{"Shop", "Stall"}})
	r, err := w.do(http.MethodGet, dialogPath+dialogQuery().Encode()+"&person="+who.Person.ID, "", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.status)
	page := string(r.raw)
	for _, want := range []string{
		`id="allow"`, `id="deny"`, `name="scope" value="pages_manage_posts" checked`, `name="page" value="` + who.Pages[1].ID + `" checked`,
		`<option value="` + who.Person.ID + `" selected>Kim Berg`, "This page is a fake",
	} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "pages_messaging", "only what was asked for is shown")
}

func TestDialogRefusesAWrongRequest(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	for name, change := range map[string]func(url.Values){
		"unknown app":         func(q url.Values) { q.Set("client_id", "1") },
		"no redirect":         func(q url.Values) { q.Del("redirect_uri") },
		"foreign redirect":    func(q url.Values) { q.Set("redirect_uri", "https://evil.example/v1/oauth/meta/callback") },
		"other path":          func(q url.Values) { q.Set("redirect_uri", redirect+"/x") },
		"unknown scope":       func(q url.Values) { q.Set("scope", "pages_fly") },
		"implicit flow":       func(q url.Values) { q.Set("response_type", "token") },
		"business login":      func(q url.Values) { q.Set("config_id", "1") },
		"redirect with query": func(q url.Values) { q.Set("redirect_uri", redirect+"?a=1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := dialogQuery()
			change(q)
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				r, err := w.do(method, dialogPath+q.Encode(), "application/x-www-form-urlencoded", strings.NewReader("decision=allow"))
				require.NoError(t, err)
				require.Equal(t, http.StatusBadRequest, r.status)
				require.Empty(t, r.header.Get("Location"))
				require.Contains(t, string(r.raw), `id="problem"`)
			}
		})
	}
}

func TestRegisteredRedirectURIsReplaceTheDefault(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{RedirectURIs: []string{"https://herald.example/cb?x=1"}})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop"}})
	q := dialogQuery()
	r, err := w.do(http.MethodGet, dialogPath+q.Encode(), "", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, r.status)
	q.Set("redirect_uri", "https://herald.example/cb?x=1")
	r, err = w.do(http.MethodPost, dialogPath+q.Encode(), "application/x-www-form-urlencoded", strings.NewReader(allow(who).Encode()))
	require.NoError(t, err)
	require.Equal(t, http.StatusSeeOther, r.status)
	u, err := url.Parse(r.header.Get("Location"))
	require.NoError(t, err)
	require.Equal(t, "1", u.Query().Get("x"), "the URI's own query stays")
	require.NotEmpty(t, u.Query().Get("code"))
}

func TestDialogEchoesStateAndDenial(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop"}})
	got := w.consent(dialogQuery(), allow(who, "pages_show_list"))
	require.Equal(t, "a b/ü", got.Get("state"))
	got = w.consent(dialogQuery(), url.Values{"decision": {"deny"}})
	require.Equal(t, "access_denied", got.Get("error"))
	require.Equal(t, "user_denied", got.Get("error_reason"))
	require.Equal(t, "200", got.Get("error_code"))
	require.Equal(t, "a b/ü", got.Get("state"))
	require.False(t, got.Has("code"))
}

// Contract check 1.
func TestCodeExchangeRules(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop"}})
	code := w.consent(dialogQuery(), allow(who, "pages_show_list")).Get("code")
	const path = "oauth/access_token"

	for name, c := range map[string]struct {
		key, value    string
		code, subcode int
	}{
		"unknown app":      {"client_id", "1", 101, 0},
		"wrong secret":     {"client_secret", "x", 1, 0},
		"other redirect":   {"redirect_uri", redirect + "/", 100, 36008},
		"unknown code":     {"code", "AQx", 100, 0},
		"missing code":     {"code", "", 100, 0},
		"unsupported type": {"grant_type", "password", 100, 0},
	} {
		p := exchange(code)
		p.Set(c.key, c.value)
		r := w.refused(c.code, c.subcode, http.MethodGet, path, "", p)
		require.Equal(t, http.StatusBadRequest, r.status, name)
	}
	w.ok(http.MethodPost, path, "", exchange(code))
	w.refused(100, 36009, http.MethodGet, path, "", exchange(code))
}

func TestCodeExpiresAfterTenMinutes(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop"}})
	fresh := w.consent(dialogQuery(), allow(who)).Get("code")
	w.advance(9*60 + 50)
	w.ok(http.MethodGet, "oauth/access_token", "", exchange(fresh))
	old := w.consent(dialogQuery(), allow(who)).Get("code")
	w.advance(10 * 60)
	w.refused(100, 36007, http.MethodGet, "oauth/access_token", "", exchange(old))
}

// Contract check 2.
func TestPageTokensLiveAsLongAsTheUserTokenTheyCameFrom(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop"}})
	short := w.login(who, strings.Split(scopes, ",")...)
	long := w.long(short)
	fromShort := list(w.ok(http.MethodGet, "me/accounts", short, nil))[0]["access_token"].(string)
	fromLong := list(w.ok(http.MethodGet, "me/accounts", long, nil))[0]["access_token"].(string)
	require.NotEqual(t, fromShort, fromLong)
	require.Equal(t, fromLong, list(w.ok(http.MethodGet, "me/accounts", long, nil))[0]["access_token"], "reading again gives the same token")

	require.InDelta(t, float64(time.Now().Add(time.Hour).Unix()), w.debug(fromShort)["expires_at"], 10)
	d := w.debug(fromLong)
	require.Zero(t, d["expires_at"])
	require.Equal(t, "PAGE", d["type"])
	require.Equal(t, who.Pages[0].ID, d["profile_id"])
	require.Equal(t, who.Person.ID, d["user_id"])
	require.Equal(t, true, d["is_valid"])

	w.advance(3601)
	w.refused(190, 463, http.MethodGet, "me", short, nil)
	w.refused(190, 463, http.MethodGet, who.Pages[0].ID, fromShort, nil)
	w.refused(190, 463, http.MethodGet, "oauth/access_token", "", prolong(short))
	require.Equal(t, false, w.debug(fromShort)["is_valid"])
	again := w.long(long)
	w.advance(60 * 24 * 3600)
	w.refused(190, 463, http.MethodGet, "me", again, nil)
	w.ok(http.MethodGet, who.Pages[0].ID, fromLong, nil)
}

func TestOnlyALiveUserTokenIsProlonged(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	_, pageToken, _ := w.page()
	w.refused(100, 0, http.MethodGet, "oauth/access_token", "", prolong(pageToken))
	w.refused(190, 0, http.MethodGet, "oauth/access_token", "", prolong("EAAnonsense"))
	p := prolong(pageToken)
	p.Set("client_secret", "x")
	w.refused(1, 0, http.MethodGet, "oauth/access_token", "", p)
}

// Contract check 3.
func TestUntickedPermissionIsDeclinedAndTheLoginSucceeds(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop"}})
	token := w.long(w.login(who, "pages_show_list", "pages_read_engagement"))
	status := map[string]string{}
	for _, p := range list(w.ok(http.MethodGet, "me/permissions", token, nil)) {
		status[p["permission"].(string)] = p["status"].(string)
	}
	require.Equal(t, map[string]string{
		"public_profile": "granted", "pages_show_list": "granted", "pages_read_engagement": "granted", "pages_manage_posts": "declined",
	}, status)
	page := list(w.ok(http.MethodGet, "me/accounts", token, nil))[0]["access_token"].(string)
	w.refused(200, 0, http.MethodPost, who.Pages[0].ID+"/feed", page, url.Values{"message": {"hi"}})

	without := w.long(w.login(who, "pages_manage_posts", "pages_read_engagement"))
	require.Empty(t, list(w.ok(http.MethodGet, "me/accounts", without, nil)), "pages_show_list is what lists Pages")
}

// Contract check 4.
func TestUntickedPageIsAbsent(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop", "Stall"}})
	choice := allow(who, strings.Split(scopes, ",")...)
	choice["page"] = []string{who.Pages[1].ID}
	targets := func(token string) any {
		for _, g := range w.debug(token)["granular_scopes"].([]any) {
			if g.(object)["scope"] == "pages_manage_posts" {
				return g.(object)["target_ids"]
			}
		}
		return "scope absent"
	}
	token := func(c url.Values) string {
		code := w.consent(dialogQuery(), c).Get("code")
		return w.ok(http.MethodGet, "oauth/access_token", "", exchange(code))["access_token"].(string)
	}
	one := token(choice)
	accounts := list(w.ok(http.MethodGet, "me/accounts", one, nil))
	require.Len(t, accounts, 1)
	require.Equal(t, who.Pages[1].ID, accounts[0]["id"])
	require.Equal(t, []any{who.Pages[1].ID}, targets(one))

	all := token(allow(who, strings.Split(scopes, ",")...))
	require.Len(t, list(w.ok(http.MethodGet, "me/accounts", all, nil)), 2)
	require.Nil(t, targets(all), "all Pages are written as none")

	choice.Del("page")
	none := token(choice)
	require.Empty(t, list(w.ok(http.MethodGet, "me/accounts", none, nil)))
	require.Equal(t, "scope absent", targets(none), "no Page at all must not read as all of them")
}

// Contract check 5.
func TestProofIsDemandedAndChecked(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	_, _, who := w.page()
	token := w.tokens(object{"person": who.Person.ID})["user_token"]
	for name, q := range map[string]url.Values{
		"missing":   {"access_token": {token}},
		"wrong":     {"access_token": {token}, "appsecret_proof": {strings.Repeat("0", 64)}},
		"other's":   {"access_token": {token}, "appsecret_proof": {proof("EAAother")}},
		"upper hex": {"access_token": {token}, "appsecret_proof": {strings.ToUpper(proof(token))}},
	} {
		r, err := w.do(http.MethodGet, "/meta/graph/v26.0/me?"+q.Encode(), "", nil)
		require.NoError(t, err)
		requireError(t, r, 100, 0)
		require.Contains(t, string(r.raw), "GraphMethodException", name)
		require.Contains(t, string(r.raw), "appsecret_proof", name)
	}
	w.ok(http.MethodGet, "me", token, nil)

	optional := start(t, sandbox.Config{})
	require.Equal(t, http.StatusOK, optional.control(http.MethodPost, "meta/settings", object{"require_proof": false}, nil))
	_, _, who = optional.page()
	token = optional.tokens(object{"person": who.Person.ID})["user_token"]
	r, err := optional.do(http.MethodGet, "/meta/graph/v26.0/me?access_token="+token, "", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.status)
	r, err = optional.do(http.MethodGet, "/meta/graph/v26.0/me?appsecret_proof=0&access_token="+token, "", nil)
	require.NoError(t, err)
	requireError(t, r, 100, 0)
}

// Contract check 8.
func TestRemovingTheAppEndsEveryTokenOfThePerson(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, pageToken, who := w.page()
	otherPage, otherToken, _ := w.page()
	user := w.tokens(object{"person": who.Person.ID})["user_token"]

	require.Equal(t, http.StatusOK, func() int {
		r, err := w.graph(http.MethodDelete, who.Person.ID+"/permissions/pages_manage_posts", user, nil)
		require.NoError(t, err)
		require.Equal(t, "true", string(r.raw))
		return r.status
	}())
	w.refused(200, 0, http.MethodPost, page+"/feed", pageToken, url.Values{"message": {"hi"}})

	require.Equal(t, object{"success": true}, w.ok(http.MethodDelete, "me/permissions", user, nil))
	w.refused(190, 458, http.MethodGet, "me", user, nil)
	w.refused(190, 458, http.MethodPost, page+"/feed", pageToken, url.Values{"message": {"hi"}})
	d := w.debug(pageToken)
	require.Equal(t, false, d["is_valid"])
	require.InDelta(t, 458, d["error"].(object)["subcode"], 0)
	w.ok(http.MethodPost, otherPage+"/feed", otherToken, url.Values{"message": {"the neighbour goes on"}})
}

func TestRevokeByControl(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	for _, subcode := range []int{458, 459, 460, 463, 464} {
		page, token, who := w.page()
		require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/people/"+who.Person.ID+"/revoke", object{"subcode": subcode}, nil))
		r := w.refused(190, subcode, http.MethodPost, page+"/feed", token, url.Values{"message": {"hi"}})
		require.Equal(t, http.StatusUnauthorized, r.status)
	}
	page, token, who := w.page()
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/people/"+who.Person.ID+"/revoke", nil, nil))
	w.refused(190, 458, http.MethodGet, page, token, nil)

	page, token, who = w.page()
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/people/"+who.Person.ID+"/revoke", object{"subcode": 492, "page": page}, nil))
	w.refused(190, 492, http.MethodGet, page, token, nil)
	require.Equal(t, http.StatusNotFound, w.control(http.MethodPost, "meta/people/1/revoke", nil, nil))
}

func TestDebugTokenOfGarbage(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	d := w.debug("EAAgarbage")
	require.Equal(t, false, d["is_valid"])
	require.InDelta(t, 190, d["error"].(object)["code"], 0)
	w.refused(190, 0, http.MethodGet, "debug_token", "", url.Values{"input_token": {"x"}, "access_token": {clientID + "|wrong"}})
	w.refused(104, 0, http.MethodGet, "debug_token", "", url.Values{"input_token": {"x"}})
}

func TestLoginByControl(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop", "Stall"}})
	var out struct{ Location string }
	in := object{"url": w.url + dialogPath + dialogQuery().Encode(), "person": who.Person.ID, "decline": []string{"pages_manage_posts"}, "accounts": []string{who.Pages[0].ID}}
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/login", in, &out))
	u, err := url.Parse(out.Location)
	require.NoError(t, err)
	token := w.ok(http.MethodGet, "oauth/access_token", "", exchange(u.Query().Get("code")))["access_token"].(string)
	require.Len(t, list(w.ok(http.MethodGet, "me/accounts", token, nil)), 1)
	require.ElementsMatch(t, []any{"public_profile", "pages_show_list", "pages_read_engagement"}, w.debug(token)["scopes"])

	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/login", object{"url": in["url"], "deny": true}, &out))
	require.Contains(t, out.Location, "error=access_denied")
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodPost, "meta/login", object{"url": w.url}, nil))
}
