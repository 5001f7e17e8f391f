package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const metaDialogOp = "meta.dialog"

// metaScopes are the permissions the fake knows, with what its dialog says about them.
// https://developers.facebook.com/docs/permissions
func metaScopes() []consentScope {
	return []consentScope{
		{Name: "public_profile", Title: "See your name and profile picture", Required: true},
		{Name: "email", Title: "See your e-mail address"},
		{Name: "pages_show_list", Title: "Show a list of the Pages you manage"},
		{Name: "pages_manage_posts", Title: "Create and manage content on your Page"},
		{Name: "pages_read_engagement", Title: "Read content posted on the Page"},
		{Name: "pages_read_user_content", Title: "Read user content on your Page"},
		{Name: "pages_manage_engagement", Title: "Create and manage comments on your Page"},
		{Name: "pages_manage_metadata", Title: "Manage accounts, settings and webhooks for a Page"},
		{Name: "pages_messaging", Title: "Manage and access Page conversations"},
		{Name: "read_insights", Title: "Read the insights of your Pages and apps"},
		{Name: "business_management", Title: "Manage your business"},
		{Name: "instagram_basic", Title: "See the profile and posts of the linked Instagram account"},
		{Name: "instagram_content_publish", Title: "Publish to the linked Instagram account"},
		{Name: "instagram_manage_comments", Title: "Manage comments of the linked Instagram account"},
		{Name: "instagram_manage_contents", Title: "Delete content of the linked Instagram account"},
		{Name: "instagram_manage_insights", Title: "See insights of the linked Instagram account"},
	}
}

// metaPageScope tells whether a permission is given for chosen Pages.
func metaPageScope(name string) bool {
	return strings.HasPrefix(name, "pages_") || strings.HasPrefix(name, "instagram_") || name == "read_insights"
}

// dialog is the screen of Facebook Login.
func (m *meta) dialog() consentPage {
	return consentPage{
		sb: m.sb, platform: m, op: metaDialogOp, path: "/dialog/oauth", title: "Log in with Facebook", app: metaAppName, ask: "wants to use your account",
		people: m.people, accounts: func(p *personView) []accountView { return p.Accounts }, legend: "Pages it may use", nothing: "manages no Pages.", field: "page",
		scopes: metaScopes(), denied: metaDenied(), check: m.parseLogin, allow: m.allow,
	}
}

// metaDenied is what both of Meta's logins say after a no.
func metaDenied() url.Values {
	return url.Values{"error": {"access_denied"}, "error_reason": {"user_denied"}, "error_code": {"200"}, "error_description": {"Permissions error"}}
}

// parseLogin checks the dialog's parameters. The error is for the person in front of the page: nothing is sent to a
// redirect URI that is not registered. https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
func (m *meta) parseLogin(q url.Values) (consentRequest, string) {
	in := consentRequest{redirectURI: q.Get("redirect_uri"), state: q.Get("state"), end: "#_=_"}
	switch {
	case q.Get("client_id") != metaClientID:
		return in, "Invalid App ID: the client_id does not belong to an app of this sandbox."
	case in.redirectURI == "":
		return in, "The parameter redirect_uri is missing."
	case !m.sb.redirectRegistered("meta", in.redirectURI):
		return in, "URL blocked: the redirect_uri is not registered for this app."
	case q.Get("response_type") != "" && q.Get("response_type") != "code":
		return in, "This sandbox supports response_type=code only."
	case q.Get("config_id") != "":
		return in, "This sandbox has no configuration of Facebook Login for Business; ask with scope."
	}
	scopes, unknown := splitScopes("public_profile,"+q.Get("scope"), metaScopes())
	if unknown != "" {
		return in, "Invalid Scopes: " + unknown + ". This message is only shown to developers."
	}
	in.scopes = scopes
	return in, ""
}

// allow stores the grant and makes a code. The lock is held. Without a single Page chosen, the permissions for
// Pages are not given at all, since an empty list of targets means "all of them".
func (m *meta) allow(in consentRequest, c consent) (url.Values, string) {
	p := m.st.person(c.person)
	if p == nil {
		return nil, "Choose a person first."
	}
	now := m.sb.clock()
	grant := &metaGrant{Scopes: map[string]string{}, AllPages: c.all, At: now}
	for _, r := range p.Roles {
		if slices.Contains(c.accounts, r.Page) {
			grant.Pages = append(grant.Pages, r.Page)
		}
	}
	if len(grant.Pages) == len(p.Roles) {
		grant.AllPages = true
	}
	if grant.AllPages {
		grant.Pages = nil
	}
	for _, s := range in.scopes {
		ok := slices.Contains(c.scopes, s)
		if metaPageScope(s) && !grant.AllPages && len(grant.Pages) == 0 {
			ok = false
		}
		grant.Scopes[s] = "declined"
		if ok {
			grant.Scopes[s] = "granted"
		}
	}
	if p.Grant != nil { // what was given earlier and is not asked for now stays
		for s, status := range p.Grant.Scopes {
			if _, asked := grant.Scopes[s]; !asked {
				grant.Scopes[s] = status
			}
		}
	}
	p.Grant = grant
	var granted []string
	for s := range grant.Scopes {
		if grant.has(s) {
			granted = append(granted, s)
		}
	}
	slices.Sort(granted)
	code := "AQ" + randomText(90)
	m.st.Codes[code] = &metaCode{Person: p.ID, RedirectURI: in.redirectURI, Scopes: granted, IssuedAt: now}
	m.sb.changed()
	return url.Values{"code": {code}}, ""
}

// servePhoto gives the bytes that were uploaded.
func (m *meta) servePhoto(w http.ResponseWriter, r *http.Request) {
	m.sb.mu.Lock()
	photo := m.st.Photos[r.PathValue("id")]
	kind := ""
	if photo != nil && !photo.gone(m.sb.clock()) {
		kind = photo.Type
	}
	m.sb.mu.Unlock()
	data, ok := []byte(nil), false
	if kind != "" {
		data, ok = m.sb.blobs.get(r.PathValue("id"))
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "max-age=300")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data) // a browser that went away is not our problem
}
