package sandbox

import (
	"bytes"
	"context"
	"crypto/subtle"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	liDialogOp     = "linkedin.dialog"
	liExchangeOp   = "linkedin.oauth.exchange"
	liRefreshOp    = "linkedin.oauth.refresh"
	liIntrospectOp = "linkedin.oauth.introspect"
	liRevokeOp     = "linkedin.oauth.revoke"

	liCodeLife    = 30 * time.Minute
	liAccessLife  = 60 * 24 * time.Hour
	liRefreshLife = 365 * 24 * time.Hour
	liFormMost    = 64 << 10
)

// liApp is an app in LinkedIn's portal: what its products let it ask for.
type liApp struct {
	id, secret string
	scopes     []string
}

func liApps() []liApp {
	return []liApp{
		{liCommunityID, liCommunitySecret, []string{
			"r_basicprofile", "w_member_social", "w_organization_social", "r_organization_social", "rw_organization_admin",
			"r_member_social_feed", "w_member_social_feed", "r_organization_social_feed", "w_organization_social_feed",
			"r_member_postAnalytics", "r_member_profileAnalytics", "r_organization_followers", "r_1st_connections_size",
		}},
		{liPersonalID, liPersonalSecret, []string{"openid", "profile", "email", "w_member_social"}},
	}
}

func liAppOf(id string) (liApp, bool) {
	for _, a := range liApps() {
		if a.id == id {
			return a, true
		}
	}
	return liApp{}, false
}

// liScopes are what the consent page says about permissions. None of them can be unticked.
func liScopes() []consentScope {
	return []consentScope{
		{Name: "openid", Title: "Use your name and photo", Required: true},
		{Name: "profile", Title: "Use your name and photo", Required: true},
		{Name: "email", Title: "Use the primary e-mail address of your account", Required: true},
		{Name: "r_basicprofile", Title: "Use your basic profile: name, photo, headline and public address", Required: true},
		{Name: "w_member_social", Title: "Create, modify and delete posts, comments and reactions on your behalf", Required: true},
		{Name: "w_organization_social", Title: "Create, modify and delete posts, comments and reactions on your organization's behalf", Required: true},
		{Name: "r_organization_social", Title: "Retrieve your organization's posts, comments and reactions", Required: true},
		{Name: "rw_organization_admin", Title: "Manage your organizations' pages and retrieve reporting data", Required: true},
		{Name: "r_member_social_feed", Title: "Retrieve comments and reactions on your posts", Required: true},
		{Name: "w_member_social_feed", Title: "Create, modify and delete comments and reactions on your behalf", Required: true},
		{Name: "r_organization_social_feed", Title: "Retrieve comments and reactions on your organization's posts", Required: true},
		{Name: "w_organization_social_feed", Title: "Create, modify and delete comments and reactions on your organization's behalf", Required: true},
		{Name: "r_member_postAnalytics", Title: "Retrieve reporting data of your posts", Required: true},
		{Name: "r_member_profileAnalytics", Title: "Retrieve reporting data of your profile", Required: true},
		{Name: "r_organization_followers", Title: "Use your followers' data", Required: true},
		{Name: "r_1st_connections_size", Title: "Use the number of your connections", Required: true},
	}
}

// dialog is the authorization page. A member who consented before would be sent back at once; here everybody is asked,
// since the sandbox has several people and no session.
func (l *linkedin) dialog() consentPage {
	return consentPage{
		sb: l.sb, platform: l, op: liDialogOp, path: "/oauth/v2/authorization", title: "Sign in to LinkedIn", app: liAppName, ask: "would like to",
		people: l.people, scopes: liScopes(), check: l.parseLogin, allow: l.allow,
		denied: url.Values{"error": {"user_cancelled_authorize"}, "error_description": {"The user cancelled the authorization"}},
	}
}

// parseLogin checks the page's parameters. The text is for the person: nothing is sent to an address that is not
// registered. https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
func (l *linkedin) parseLogin(q url.Values) (consentRequest, string) {
	in := consentRequest{redirectURI: q.Get("redirect_uri"), state: q.Get("state"), scopes: strings.Fields(q.Get("scope")), query: q}
	if _, known := liAppOf(q.Get("client_id")); !known {
		return in, "The passed in client_id is invalid."
	}
	if !l.sb.redirectRegistered("linkedin", in.redirectURI) {
		return in, "The redirect_uri does not match the registered value."
	}
	return in, ""
}

// liRefused is what an app gets at once, without that anybody is asked: one permission that it does not own fails them all.
func liRefused(in consentRequest) url.Values {
	app, _ := liAppOf(in.query.Get("client_id")) // parseLogin knows it
	switch {
	case in.query.Get("response_type") != "code":
		return url.Values{"error": {"unsupported_response_type"}, "error_description": {"response_type must be code"}}
	case len(in.scopes) == 0:
		return url.Values{"error": {"invalid_scope_error"}, "error_description": {"scope is required"}}
	}
	for _, s := range in.scopes {
		if !slices.Contains(app.scopes, s) {
			return url.Values{"error": {"unauthorized_scope_error"}, "error_description": {"Scope &quot;" + s + "&quot; is not authorized for your application"}}
		}
	}
	return nil
}

func (l *linkedin) showDialog(w http.ResponseWriter, r *http.Request) {
	l.sb.serve(w, r, l, call{op: liDialogOp, path: "/oauth/v2/authorization", run: func() answer {
		in, problem := l.parseLogin(r.URL.Query())
		if problem == "" {
			if refused := liRefused(in); refused != nil {
				return answer{status: http.StatusSeeOther, header: http.Header{"Location": {in.callback(refused)}}}
			}
		}
		return l.dialog().page(r, "")
	}})
}

// controlLogin answers the page without a browser.
func (l *linkedin) controlLogin(w http.ResponseWriter, r *http.Request) {
	var in consentAnswer
	if !readJSON(w, r, &in) {
		return
	}
	if u, err := url.Parse(in.URL); err == nil {
		login, problem := l.parseLogin(u.Query())
		if refused := liRefused(login); problem == "" && refused != nil {
			writeJSON(w, http.StatusOK, map[string]string{"location": login.callback(refused)})
			return
		}
	}
	l.dialog().reply(w, in)
}

// allow makes a code. Consent is all or nothing. A second one with other permissions ends every token from before.
// The lock is held.
func (l *linkedin) allow(in consentRequest, c consent) (url.Values, string) {
	if l.st.person(c.person) == nil {
		return nil, "Choose a person first."
	}
	app := in.query.Get("client_id")
	if liRefused(in) != nil {
		return nil, "The app may not ask for this."
	}
	want := slices.Sorted(slices.Values(in.scopes))
	other := func(scopes []string) bool { return !slices.Equal(slices.Sorted(slices.Values(scopes)), want) }
	for _, t := range l.st.Tokens {
		t.Dead = t.Dead || t.Person == c.person && t.App == app && other(t.Scopes)
	}
	for _, t := range l.st.Refresh {
		t.Dead = t.Dead || t.Person == c.person && t.App == app && other(t.Scopes)
	}
	code := "AQT" + randomText(60)
	l.st.Codes[code] = &liCode{App: app, Person: c.person, RedirectURI: in.redirectURI, Scopes: in.scopes, IssuedAt: l.sb.clock()}
	l.sb.changed()
	return url.Values{"code": {code}}, ""
}

// mint makes an access token. The lock is held.
func (l *linkedin) mint(app, person string, scopes []string, life time.Duration) string {
	value := "AQX" + randomText(300)
	now := l.sb.clock()
	l.st.Tokens[value] = &liToken{App: app, Person: person, Scopes: scopes, IssuedAt: now, ExpiresAt: now.Add(life)}
	l.sb.changed()
	return value
}

// mintRefresh makes a refresh token, which lives a year from the consent. The lock is held.
func (l *linkedin) mintRefresh(app, person string, scopes []string) string {
	value := "AQW" + randomText(300)
	l.st.Refresh[value] = &liRefresh{App: app, Person: person, Scopes: scopes, Until: l.sb.clock().Add(liRefreshLife)}
	return value
}

func liOAuthErr(status int, code, text string) answer {
	return jsonAnswer(status, map[string]string{"error": code, "error_description": text})
}

// serveOAuth answers the form calls. Which of them it is, its fields say.
func (l *linkedin) serveOAuth(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, liFormMost))
	form, perr := url.ParseQuery(string(raw))
	r.Body = io.NopCloser(bytes.NewReader(raw))
	if err != nil || perr != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		l.sb.write(w, r, liOAuthErr(http.StatusBadRequest, "invalid_request", "The form cannot be read"))
		return
	}
	op, run := liExchangeOp, l.exchange
	switch name := r.PathValue("call"); {
	case name == "accessToken" && form.Get("grant_type") == "refresh_token":
		op, run = liRefreshOp, l.refresh
	case name == "accessToken":
	case name == "introspectToken":
		op, run = liIntrospectOp, l.introspect
	case name == "revoke":
		op, run = liRevokeOp, l.revoke
	default:
		l.sb.write(w, r, l.sb.notFound("There is nothing at this address."))
		return
	}
	l.sb.serve(w, r, l, call{op: op, path: "/oauth/v2/" + r.PathValue("call"), run: func() answer {
		// Credentials count in the body only; HTTP Basic is not looked at.
		app, known := liAppOf(form.Get("client_id"))
		if !known || subtle.ConstantTimeCompare([]byte(app.secret), []byte(form.Get("client_secret"))) == 0 {
			return liOAuthErr(http.StatusUnauthorized, "invalid_client", "Client authentication failed")
		}
		l.sb.mu.Lock()
		defer l.sb.mu.Unlock()
		defer l.sb.changed()
		return run(app, form)
	}})
}

func (l *linkedin) exchange(app liApp, f url.Values) answer {
	code := l.st.Codes[f.Get("code")]
	switch {
	case f.Get("grant_type") != "authorization_code", f.Get("code") == "", f.Get("redirect_uri") == "":
		return liOAuthErr(http.StatusBadRequest, "invalid_request", "A required parameter is missing or not valid")
	case code == nil, code.Used:
		return liOAuthErr(http.StatusUnauthorized, "invalid_request", "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code not found")
	case code.App != app.id, code.RedirectURI != f.Get("redirect_uri"), l.sb.clock().Sub(code.IssuedAt) >= liCodeLife:
		return liOAuthErr(http.StatusBadRequest, "invalid_redirect_uri", "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists")
	}
	code.Used = true
	out := map[string]any{
		"access_token": l.mint(app.id, code.Person, code.Scopes, liAccessLife), "expires_in": seconds(liAccessLife), "scope": strings.Join(code.Scopes, ","), "token_type": "Bearer",
	}
	if slices.Contains(code.Scopes, "openid") {
		out["id_token"] = "eyJhbGciOiJSUzI1NiJ9." + randomText(40) + "." + randomText(40)
	}
	if l.st.Partner {
		out["refresh_token"], out["refresh_token_expires_in"] = l.mintRefresh(app.id, code.Person, code.Scopes), seconds(liRefreshLife)
	}
	return jsonAnswer(http.StatusOK, out)
}

// refresh gives a new access token beside the old one, the same refresh token, and what is left of its year.
// https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
func (l *linkedin) refresh(app liApp, f url.Values) answer {
	now := l.sb.clock()
	t := l.st.Refresh[f.Get("refresh_token")]
	if t == nil || t.Dead || t.App != app.id || !now.Before(t.Until) {
		return liOAuthErr(http.StatusBadRequest, "invalid_request", "The provided authorization grant or refresh token is invalid, expired or revoked.")
	}
	left := t.Until.Sub(now)
	life := min(liAccessLife, left) // both end together
	return jsonAnswer(http.StatusOK, map[string]any{
		"access_token": l.mint(app.id, t.Person, t.Scopes, life), "expires_in": seconds(life), "scope": strings.Join(t.Scopes, ","),
		"refresh_token": f.Get("refresh_token"), "refresh_token_expires_in": seconds(left), "token_type": "Bearer",
	})
}

// introspect tells what a token is. https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection
func (l *linkedin) introspect(app liApp, f url.Values) answer {
	if f.Get("token") == "" {
		return liOAuthErr(http.StatusBadRequest, "invalid_request", "token is required")
	}
	t := l.st.Tokens[f.Get("token")]
	if t == nil || t.App != app.id {
		return jsonAnswer(http.StatusOK, map[string]any{"active": false})
	}
	status := "active"
	switch {
	case t.Dead:
		status = "revoked"
	case !l.sb.clock().Before(t.ExpiresAt):
		status = "expired"
	}
	return jsonAnswer(http.StatusOK, map[string]any{
		"active": status == "active", "status": status, "scope": strings.Join(t.Scopes, ","), "client_id": app.id, "auth_type": "3L",
		"created_at": t.IssuedAt.Unix(), "authorized_at": t.IssuedAt.Unix(), "expires_at": t.ExpiresAt.Unix(),
	})
}

// revoke ends the whole grant; what is dead already is refused.
func (l *linkedin) revoke(app liApp, f url.Values) answer {
	value, now := f.Get("token"), l.sb.clock()
	person := ""
	if t := l.st.Tokens[value]; t != nil && t.App == app.id && !t.Dead && now.Before(t.ExpiresAt) {
		person = t.Person
	}
	if t := l.st.Refresh[value]; t != nil && t.App == app.id && !t.Dead && now.Before(t.Until) {
		person = t.Person
	}
	if person == "" {
		return liOAuthErr(http.StatusBadRequest, "invalid_request", "The token is not valid any more")
	}
	l.kill(app.id, person)
	return answer{status: http.StatusOK, header: http.Header{}}
}

// kill ends what a person gave an app. app "" = every app. The lock is held.
func (l *linkedin) kill(app, person string) {
	for _, t := range l.st.Tokens {
		t.Dead = t.Dead || t.Person == person && (app == "" || t.App == app)
	}
	for _, t := range l.st.Refresh {
		t.Dead = t.Dead || t.Person == person && (app == "" || t.App == app)
	}
	for key := range l.st.Subscriptions {
		if strings.HasPrefix(key, person+"|") {
			delete(l.st.Subscriptions, key)
		}
	}
	l.sb.changed()
}

// revokePerson is the person who removes the app under Permitted services. Nobody is told.
func (l *linkedin) revokePerson(_ context.Context, id string) {
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	l.kill("", id)
}
