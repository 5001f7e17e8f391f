package sandbox

import (
	"context"
	"crypto/subtle"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Instagram Login: an app, a dialog, tokens and hosts of its own. Sources:
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
const (
	instaClientID     = "400500600"
	instaClientSecret = "sandbox-instagram-secret" // printed on the index page
	metaInstaToken    = "INSTAGRAM"
	instaCodeLife     = time.Hour
	instaYoung        = 24 * time.Hour
	instaDialogOp     = "meta.instagram_login.dialog"
	instaCodeOp       = "meta.instagram_login.oauth.code"
)

func instaScopes() []consentScope {
	return []consentScope{
		{Name: "instagram_business_basic", Title: "See your profile and posts", Required: true},
		{Name: "instagram_business_content_publish", Title: "Publish posts for you"},
		{Name: "instagram_business_manage_comments", Title: "Manage comments of your posts"},
		{Name: "instagram_business_manage_insights", Title: "See your insights"},
	}
}

// instaLoginRoutes are the operations that only the host of Instagram Login has.
func instaLoginRoutes() []graphRoute {
	return []graphRoute{
		{"GET ig_me", "Read the logged-in Instagram account", graphOp{name: "meta.instagram_login.me", run: (*meta).instaMe}},
		{"GET access_token", "Make a token long-lived", graphOp{name: "meta.instagram_login.oauth.exchange", open: true, run: (*meta).instaExchange}},
		{"GET refresh_access_token", "Refresh a token", graphOp{name: "meta.instagram_login.oauth.refresh", open: true, run: (*meta).instaRefresh}},
	}
}

func (m *meta) instagramLogin(mux *http.ServeMux) {
	mux.HandleFunc("/meta/instagram/graph/", m.serveInstaGraph)
	mux.HandleFunc("POST /meta/instagram/api/oauth/access_token", m.serveInstaCode)
	m.instaDialog().mount(mux, "/meta/instagram/www/oauth/authorize")
	mux.HandleFunc("POST /_sandbox/meta/instagram-login", m.controlInstaLogin)
	mux.HandleFunc("POST /_sandbox/meta/instagram-token", m.controlInstaToken)
	mux.HandleFunc("POST /_sandbox/meta/instagram/{id}/revoke", m.controlInstaRevoke)
	mux.HandleFunc("POST /_sandbox/meta/instagram/{id}/deauthorize", m.controlInstaDeauthorize)
}

// serveInstaGraph answers graph.instagram.com: Instagram's part of the API and nothing else. Media cannot be deleted there.
func (m *meta) serveInstaGraph(w http.ResponseWriter, r *http.Request) {
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, "/meta/instagram/graph/"), "/")
	version, rest, bad := graphVersion(path)
	seg := strings.Split(rest, "/")
	key := r.Method + " " + rest
	if rest == "me" {
		key = r.Method + " ig_me"
	} else if rest != "access_token" && rest != "refresh_access_token" {
		key = r.Method + " " + m.shape(seg)
	}
	op, known := m.ops[key]
	known = known && !strings.HasPrefix(key, http.MethodDelete+" ig_media") && (strings.Contains(key, " ig_") || op.open)
	if !known {
		op.name = metaUnknownOp
	}
	m.sb.serve(w, r, m, call{op: op.name, path: "/" + path, run: func() answer {
		c := &graphCall{ctx: r.Context(), method: r.Method, base: m.sb.base(r), version: version, node: seg[0], header: http.Header{}, insta: true}
		if len(seg) > 1 {
			c.edge = seg[1]
		}
		if bad {
			return unknownPathErr(path).answer()
		}
		v, gerr := m.runGraph(r, c, op, known, rest)
		if gerr != nil {
			return gerr.answer()
		}
		a := jsonAnswer(http.StatusOK, v)
		maps.Copy(a.header, c.header)
		return a
	}})
}

// mayUseOwn checks a call with a token of Instagram Login, which is for one account only.
func (m *meta) mayUseOwn(c *graphCall, account string, scopes ...string) *graphError {
	_, ig := m.st.instagram(account)
	if ig == nil || c.token.Account != account {
		return missingErr(c.method, c.node)
	}
	for _, scope := range scopes {
		own := strings.Replace(scope, "instagram_", "instagram_business_", 1)
		if !slices.Contains(c.token.Scopes, own) {
			e := permissionErr("")
			e.code, e.message = 10, "(#10) Application does not have permission for this action: "+own+" is missing."
			return e
		}
	}
	return nil
}

// instaMe answers inside a list, as the documents show it.
func (m *meta) instaMe(c *graphCall) (any, *graphError) {
	if err := m.mayUseOwn(c, c.token.Account, "instagram_basic"); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(c.token.Account)
	values := map[string]any{
		"id": instaPerson(ig.ID), "user_id": ig.ID, "username": ig.Username, "name": ig.Name, "account_type": "Business",
		"profile_picture_url": c.base + "/meta/avatars/" + ig.ID + ".svg",
	}
	view, err := fieldsView(node{kind: "IGUser", defaults: []string{"id"}, values: values}, c)
	if err != nil {
		return nil, err
	}
	return map[string]any{"data": []any{view}}, nil
}

// instaPerson is the id of an account's person for this app; it is another one than the account's.
func instaPerson(account string) string { return "9" + account[1:] }

func (m *meta) instaMint(account string, scopes []string, life time.Duration) string {
	now := m.sb.clock()
	value := "IG" + randomText(120)
	m.st.Tokens[value] = &metaToken{Kind: metaInstaToken, Account: account, Scopes: scopes, IssuedAt: now, ExpiresAt: now.Add(life), Long: life == metaLongLife}
	m.sb.changed()
	return value
}

// instaToken gives a living token of this host.
func (m *meta) instaToken(c *graphCall) (*metaToken, *graphError) {
	t := m.st.Tokens[c.raw]
	if t == nil || t.Kind != metaInstaToken {
		return nil, oauthErr(190, 0, "Invalid OAuth access token - Cannot parse access token")
	}
	return t, m.check(t, c.now)
}

// instaExchange makes a long-lived token of one that lives for an hour.
func (m *meta) instaExchange(c *graphCall) (any, *graphError) {
	t, err := m.instaToken(c)
	switch {
	case err != nil:
		return nil, err
	case c.params.Get("grant_type") != "ig_exchange_token":
		return nil, paramErr("grant_type must be ig_exchange_token")
	case c.params.Get("client_secret") != instaClientSecret:
		return nil, oauthErr(1, 0, "Error validating client secret.")
	case t.Long:
		return nil, paramErr("The token is long-lived already.")
	}
	return map[string]any{"access_token": m.instaMint(t.Account, t.Scopes, metaLongLife), "token_type": "bearer", "expires_in": seconds(metaLongLife)}, nil
}

// instaRefresh renews a token that is older than a day and alive.
// https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
func (m *meta) instaRefresh(c *graphCall) (any, *graphError) {
	t, err := m.instaToken(c)
	switch {
	case err != nil:
		return nil, err
	case c.params.Get("grant_type") != "ig_refresh_token":
		return nil, paramErr("grant_type must be ig_refresh_token")
	case !t.Long, c.now.Sub(t.IssuedAt) < instaYoung:
		return nil, paramErr("The access token must be at least 24 hours old and long-lived.")
	}
	return map[string]any{
		"access_token": m.instaMint(t.Account, t.Scopes, metaLongLife), "token_type": "bearer", "expires_in": seconds(metaLongLife),
		"permissions": strings.Join(t.Scopes, ","),
	}, nil
}

// serveInstaCode is the host of the codes, with an envelope of its own.
func (m *meta) serveInstaCode(w http.ResponseWriter, r *http.Request) {
	m.sb.serve(w, r, m, call{op: instaCodeOp, path: "/oauth/access_token", run: func() answer {
		refuse := func(text string) answer {
			return jsonAnswer(http.StatusBadRequest, map[string]any{"error_type": "OAuthException", "code": 400, "error_message": text})
		}
		r.Body = http.MaxBytesReader(w, r.Body, metaMaxForm)
		if err := r.ParseForm(); err != nil {
			return refuse("The form cannot be read")
		}
		p := r.PostForm
		m.sb.mu.Lock()
		defer m.sb.mu.Unlock()
		code := m.st.Codes[p.Get("code")]
		switch {
		case p.Get("client_id") != instaClientID, subtle.ConstantTimeCompare([]byte(p.Get("client_secret")), []byte(instaClientSecret)) == 0:
			return refuse("Error validating client application")
		case p.Get("grant_type") != "authorization_code":
			return refuse("Invalid grant_type")
		case code == nil, code.Account == "", code.Used, m.sb.clock().Sub(code.IssuedAt) >= instaCodeLife:
			return refuse("Matching code was not found or was already used")
		case code.RedirectURI != p.Get("redirect_uri"):
			return refuse("Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request")
		}
		code.Used = true
		one := map[string]any{
			"access_token": m.instaMint(code.Account, code.Scopes, metaShortLife), "user_id": instaPerson(code.Account), "permissions": strings.Join(code.Scopes, ","),
		}
		if m.st.FlatCodes { // seen beside the documented list
			return jsonAnswer(http.StatusOK, one)
		}
		return jsonAnswer(http.StatusOK, map[string]any{"data": []any{one}})
	}})
}

// parseInstaLogin checks the dialog's parameters; see parseLogin.
func (m *meta) parseInstaLogin(q url.Values) (consentRequest, string) {
	in := consentRequest{redirectURI: q.Get("redirect_uri"), state: q.Get("state"), end: "#_"}
	switch {
	case q.Get("client_id") != instaClientID:
		return in, "Invalid platform app: the client_id does not belong to the Instagram app of this sandbox."
	case !m.sb.redirectRegistered("meta", in.redirectURI):
		return in, "Invalid redirect_uri: it is not registered for this app."
	case q.Get("response_type") != "code":
		return in, "Invalid response_type: this sandbox knows code only."
	}
	scopes, unknown := splitScopes(q.Get("scope"), instaScopes())
	if unknown != "" {
		return in, "Invalid scope: " + unknown + "."
	}
	in.scopes = scopes
	if !slices.Contains(in.scopes, "instagram_business_basic") {
		return in, "Invalid scope: instagram_business_basic is needed."
	}
	return in, ""
}

// instaDialog is the screen of Instagram Login: for one account, whoever has it.
func (m *meta) instaDialog() consentPage {
	return consentPage{
		sb: m.sb, platform: m, op: instaDialogOp, path: "/oauth/authorize", title: "Log in with Instagram", app: metaAppName, ask: "wants to use your Instagram account",
		accounts: m.instaLogins, legend: "You are", nothing: "There is no Instagram account in this sandbox.", field: "account", single: true,
		scopes: instaScopes(), denied: metaDenied(), check: m.parseInstaLogin, allow: m.allowInsta,
	}
}

// instaLogins are all Instagram accounts.
func (m *meta) instaLogins(*personView) []accountView {
	var out []accountView
	for _, page := range m.st.Pages {
		if ig := page.Instagram; ig != nil {
			out = append(out, accountView{ID: ig.ID, Name: ig.Name, Note: "@" + ig.Username})
		}
	}
	slices.SortFunc(out, func(a, b accountView) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// allowInsta makes a code for an account. The lock is held.
func (m *meta) allowInsta(in consentRequest, c consent) (url.Values, string) {
	account := strings.Join(c.accounts, " ")
	if _, ig := m.st.instagram(account); ig == nil {
		return nil, "Choose an account first."
	}
	code := "AQI" + randomText(90)
	m.st.Codes[code] = &metaCode{Account: account, RedirectURI: in.redirectURI, Scopes: c.scopes, IssuedAt: m.sb.clock()}
	m.sb.changed()
	return url.Values{"code": {code}}, ""
}

// controlInstaLogin answers the dialog as a person would. flat: the answer to the code comes without its list.
func (m *meta) controlInstaLogin(w http.ResponseWriter, r *http.Request) {
	var in struct {
		consentAnswer

		Flat bool `json:"flat"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	m.st.FlatCodes = in.Flat
	m.sb.mu.Unlock()
	m.instaDialog().reply(w, in.consentAnswer)
}

// controlInstaToken gives a long-lived token of an account with every permission.
func (m *meta) controlInstaToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Account string `json:"account"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	if _, ig := m.st.instagram(in.Account); ig == nil {
		refuseJSON(w, http.StatusNotFound, fmt.Errorf("no Instagram account %q", in.Account))
		return
	}
	var scopes []string
	for _, s := range instaScopes() {
		scopes = append(scopes, s.Name)
	}
	writeJSON(w, http.StatusOK, map[string]string{"token": m.instaMint(in.Account, scopes, metaLongLife), "user_id": instaPerson(in.Account)})
}

// controlInstaRevoke removes the app on the site: the account's tokens of Instagram Login are dead.
func (m *meta) controlInstaRevoke(w http.ResponseWriter, r *http.Request) {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	if err := m.revokeInsta(r.PathValue("id")); err != nil {
		refuseJSON(w, http.StatusNotFound, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// revokeInsta ends the tokens of Instagram Login. The lock is held.
func (m *meta) revokeInsta(id string) error {
	if _, ig := m.st.instagram(id); ig == nil {
		return fmt.Errorf("no Instagram account %q", id)
	}
	for _, t := range m.st.Tokens {
		if t.Kind == metaInstaToken && t.Account == id && t.Dead == 0 {
			t.Dead = 458
		}
	}
	m.sb.changed()
	return nil
}

// controlInstaDeauthorize does the same and tells the app.
func (m *meta) controlInstaDeauthorize(w http.ResponseWriter, r *http.Request) {
	out, err := m.deauthorizeInsta(r.Context(), r.PathValue("id"))
	answered(w, out, err)
}

// deauthorizeInsta sends the form that is signed with the secret of the Instagram app.
func (m *meta) deauthorizeInsta(ctx context.Context, account string) (sent, error) {
	m.sb.mu.Lock()
	err := m.revokeInsta(account)
	to, now := m.callback().Deauthorize, m.sb.clock().Unix()
	m.sb.mu.Unlock()
	if err != nil {
		return sent{}, errNoPerson
	}
	return m.sendSigned(ctx, to, instaClientSecret, instaPerson(account), now)
}
