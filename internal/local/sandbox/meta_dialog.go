package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const metaDialogOp = "meta.dialog"

type metaScope struct{ Name, Title string }

// metaScopes are the permissions the fake knows, with what its dialog says about them.
// https://developers.facebook.com/docs/permissions
func metaScopes() []metaScope {
	return []metaScope{
		{"public_profile", "See your name and profile picture"},
		{"email", "See your e-mail address"},
		{"pages_show_list", "Show a list of the Pages you manage"},
		{"pages_manage_posts", "Create and manage content on your Page"},
		{"pages_read_engagement", "Read content posted on the Page"},
		{"pages_read_user_content", "Read user content on your Page"},
		{"pages_manage_engagement", "Create and manage comments on your Page"},
		{"pages_manage_metadata", "Manage accounts, settings and webhooks for a Page"},
		{"pages_messaging", "Manage and access Page conversations"},
		{"read_insights", "Read the insights of your Pages and apps"},
		{"business_management", "Manage your business"},
		{"instagram_basic", "See the profile and posts of the linked Instagram account"},
		{"instagram_content_publish", "Publish to the linked Instagram account"},
		{"instagram_manage_comments", "Manage comments of the linked Instagram account"},
		{"instagram_manage_contents", "Delete content of the linked Instagram account"},
		{"instagram_manage_insights", "See insights of the linked Instagram account"},
	}
}

// metaPageScope tells whether a permission is given for chosen Pages.
func metaPageScope(name string) bool {
	return strings.HasPrefix(name, "pages_") || strings.HasPrefix(name, "instagram_") || name == "read_insights"
}

// loginRequest is a checked call of the dialog.
type loginRequest struct {
	redirectURI string
	state       string
	scopes      []string // asked for, with public_profile first
	end         string   // the fragment behind the callback
}

// parseLogin checks the dialog's parameters. The error is for the person in front of the page: nothing is sent to a
// redirect URI that is not registered. https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
func (m *meta) parseLogin(q url.Values) (loginRequest, string) {
	in := loginRequest{redirectURI: q.Get("redirect_uri"), state: q.Get("state"), scopes: []string{"public_profile"}, end: "#_=_"}
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
	for name := range strings.FieldsFuncSeq(q.Get("scope"), func(r rune) bool { return r == ',' || r == ' ' }) {
		if !slices.ContainsFunc(metaScopes(), func(s metaScope) bool { return s.Name == name }) {
			return in, "Invalid Scopes: " + name + ". This message is only shown to developers."
		}
		if !slices.Contains(in.scopes, name) {
			in.scopes = append(in.scopes, name)
		}
	}
	return in, ""
}

// callback is the redirect URI with the answer's parameters and the fragment Facebook adds.
func (in loginRequest) callback(answer url.Values) string {
	u, err := url.Parse(in.redirectURI)
	if err != nil {
		return in.redirectURI // parseLogin has parsed it
	}
	q := u.Query()
	maps.Copy(q, answer)
	if in.state != "" {
		q.Set("state", in.state)
	}
	u.RawQuery = q.Encode()
	return u.String() + in.end
}

func (in loginRequest) denied() string {
	return in.callback(url.Values{
		"error": {"access_denied"}, "error_reason": {"user_denied"}, "error_code": {"200"}, "error_description": {"Permissions error"},
	})
}

// consent is what the person chose.
type consent struct {
	person string
	scopes []string
	pages  []string
	all    bool // every Page, also later ones
}

// allow stores the grant and makes a code. The lock is held. Without a single Page chosen, the permissions for
// Pages are not given at all, since an empty list of targets means "all of them".
func (m *meta) allow(in loginRequest, c consent) (string, bool) {
	p := m.st.person(c.person)
	if p == nil {
		return "", false
	}
	now := m.sb.clock()
	grant := &metaGrant{Scopes: map[string]string{}, AllPages: c.all, At: now}
	for _, r := range p.Roles {
		if slices.Contains(c.pages, r.Page) {
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
		ok := s == "public_profile" || slices.Contains(c.scopes, s)
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
	return in.callback(url.Values{"code": {code}}), true
}

type dialogView struct {
	frame
	Problem string
	AppName string
	Hidden  []setting // the request's parameters, for switching the person
	People  []personView
	Person  personView
	Scopes  []dialogScope
	Return  string // host of the redirect URI
	Action  string
}

type dialogScope struct {
	metaScope
	Required bool
}

func (m *meta) showDialog(w http.ResponseWriter, r *http.Request) {
	m.sb.serve(w, r, m, call{op: metaDialogOp, path: "/dialog/oauth", run: func() answer { return m.dialogPage(r, "") }})
}

// dialogPage renders the dialog, or the page that says why there is none.
func (m *meta) dialogPage(r *http.Request, problem string) answer {
	q := r.URL.Query()
	in, refused := m.parseLogin(q)
	v := dialogView{frame: m.sb.frame("Log in with Facebook"), AppName: metaAppName, Problem: problem}
	if refused != "" {
		v.Problem = refused
		return m.sb.page(http.StatusBadRequest, "dialog_error.html", v)
	}
	u, _ := url.Parse(in.redirectURI) // parseLogin has parsed it
	v.Return, v.Action = u.Host, r.URL.Path+"?"+r.URL.RawQuery
	m.sb.mu.Lock()
	v.People = m.people()
	m.sb.mu.Unlock()
	if len(v.People) == 0 {
		v.Problem = "Nobody lives in this sandbox. Reset it to get the default people back."
		return m.sb.page(http.StatusConflict, "dialog_error.html", v)
	}
	v.Person = v.People[0]
	for _, p := range v.People {
		if p.ID == q.Get("person") {
			v.Person = p
		}
	}
	for k, vs := range q {
		if k != "person" {
			v.Hidden = append(v.Hidden, setting{k, vs[0]})
		}
	}
	for _, s := range metaScopes() {
		if slices.Contains(in.scopes, s.Name) {
			v.Scopes = append(v.Scopes, dialogScope{s, s.Name == "public_profile"})
		}
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	return m.sb.page(status, "dialog.html", v)
}

func (m *meta) answerDialog(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	in, problem := m.parseLogin(r.URL.Query())
	if problem != "" {
		m.sb.write(w, r, m.dialogPage(r, ""))
		return
	}
	target := in.denied()
	if r.PostForm.Get("decision") == "allow" {
		m.sb.mu.Lock()
		var ok bool
		target, ok = m.allow(in, consent{person: r.PostForm.Get("person"), scopes: r.PostForm["scope"], pages: r.PostForm["page"]})
		m.sb.mu.Unlock()
		if !ok {
			m.sb.write(w, r, m.dialogPage(r, "Choose a person first."))
			return
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target, http.StatusSeeOther) //nolint:gosec // parseLogin lets registered URIs through only
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
