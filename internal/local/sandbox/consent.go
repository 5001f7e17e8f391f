package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// consentPage is a platform's screen where somebody lets the app in. The platform describes it; showing it, answering it
// by form and answering it without a browser are written once.
type consentPage struct {
	sb       *Sandbox
	platform platform
	op, path string // for faults and the call log
	title    string // of the page: "Log in with Facebook"
	app      string // who asks
	ask      string // what for, after the app's name: "wants to use your account"

	// people can be switched between; nil = the page has nobody to choose. Locked.
	people func() []personView
	// accounts are those to choose from, of one person (nil without people); nil = none is chosen here. Locked.
	accounts func(p *personView) []accountView
	legend   string // above the accounts
	nothing  string // in their place when there are none; a person's name comes before it
	field    string // the accounts' name in the form
	single   bool   // exactly one account

	scopes []consentScope // all that the platform knows
	denied url.Values     // what the callback gets when the person declines

	// check reads the address the app sent the browser to. The text is for the person in front of the page; nothing is
	// sent to a redirect URI that is not registered.
	check func(q url.Values) (consentRequest, string)
	// allow keeps what was given and tells what the callback gets; a problem keeps the person on the page. Locked.
	allow func(in consentRequest, c consent) (callback url.Values, problem string)
}

// consentScope is a permission. Required ones cannot be unticked.
type consentScope struct {
	Name, Title string
	Required    bool
}

// consentRequest is a checked call of a consent page.
type consentRequest struct {
	redirectURI string
	state       string
	scopes      []string   // asked for
	end         string     // what the platform puts behind the callback
	query       url.Values // whatever else a platform looks at: the client's id, a challenge
}

// consent is what the person chose.
type consent struct {
	person   string
	scopes   []string
	accounts []string
	all      bool // every account, also later ones
}

// splitScopes reads a list of scopes. unknown is the first that the page does not know; empty = none.
func splitScopes(list string, known []consentScope) (scopes []string, unknown string) {
	for name := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if !slices.ContainsFunc(known, func(s consentScope) bool { return s.Name == name }) {
			return nil, name
		}
		if !slices.Contains(scopes, name) {
			scopes = append(scopes, name)
		}
	}
	return scopes, ""
}

// callback is the redirect URI with the answer's parameters.
func (in consentRequest) callback(answer url.Values) string {
	u, err := url.Parse(in.redirectURI)
	if err != nil {
		return in.redirectURI // a registered one can be parsed
	}
	q := u.Query()
	maps.Copy(q, answer)
	if in.state != "" {
		q.Set("state", in.state)
	}
	u.RawQuery = q.Encode()
	return u.String() + in.end
}

// mount serves the page at a pattern without a method.
func (d consentPage) mount(mux *http.ServeMux, patterns ...string) {
	for _, pattern := range patterns {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
			d.sb.serve(w, r, d.platform, call{op: d.op, path: d.path, run: func() answer { return d.page(r, "") }})
		})
		mux.HandleFunc("POST "+pattern, d.answer)
	}
}

func (d consentPage) request(q url.Values) (consentRequest, string) {
	in, problem := d.check(q)
	in.query = q
	return in, problem
}

type consentView struct {
	frame

	Problem, AppName, Ask  string
	Hidden                 []setting // the request's parameters, for switching the person
	People                 []personView
	Person                 *personView
	Choose, Single         bool
	Legend, Field, Nothing string
	Accounts               []accountView
	Scopes                 []consentScope
	Return, Action, Slug   string
}

// page renders the screen, or the page that says why there is none.
func (d consentPage) page(r *http.Request, problem string) answer {
	s, q := d.sb, r.URL.Query()
	in, refused := d.request(q)
	v := consentView{
		frame: s.frame(d.title), Problem: problem, AppName: d.app, Ask: d.ask, Slug: d.platform.info().Name,
		Choose: d.accounts != nil, Single: d.single, Legend: d.legend, Field: d.field, Nothing: d.nothing,
	}
	if refused != "" {
		v.Problem = refused
		return s.page(http.StatusBadRequest, "dialog_error.html", v)
	}
	u, _ := url.Parse(in.redirectURI) // a registered one can be parsed
	v.Return, v.Action = u.Host, r.URL.Path+"?"+r.URL.RawQuery
	s.mu.Lock()
	d.choices(&v, q.Get("person"))
	s.mu.Unlock()
	if d.people != nil && v.Person == nil {
		v.Problem = "Nobody lives in this sandbox. Reset it to get the default people back."
		return s.page(http.StatusConflict, "dialog_error.html", v)
	}
	for k, vs := range q {
		if k != "person" {
			v.Hidden = append(v.Hidden, setting{k, vs[0]})
		}
	}
	for _, scope := range d.scopes {
		if slices.Contains(in.scopes, scope.Name) {
			v.Scopes = append(v.Scopes, scope)
		}
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.page(status, "dialog.html", v)
}

// choices fills in who and which accounts there are. The lock is held.
func (d consentPage) choices(v *consentView, person string) {
	if d.people != nil {
		v.People = d.people()
		for i, p := range v.People {
			if i == 0 || p.ID == person {
				v.Person = &v.People[i]
			}
		}
		if v.Person == nil {
			return
		}
	}
	if d.accounts == nil {
		return
	}
	v.Accounts = slices.Clone(d.accounts(v.Person))
	for i, a := range v.Accounts {
		if a.Avatar == "" {
			v.Accounts[i].Avatar = avatarPath(v.Slug, a.ID, "")
		}
	}
}

// answer takes the form.
func (d consentPage) answer(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	in, problem := d.request(r.URL.Query())
	if problem != "" {
		d.sb.write(w, r, d.page(r, ""))
		return
	}
	target := in.callback(d.denied)
	if r.PostForm.Get("decision") == "allow" {
		c := consent{person: r.PostForm.Get("person"), scopes: r.PostForm["scope"]}
		if d.accounts != nil {
			c.accounts = r.PostForm[d.field]
		}
		if target, problem = d.decide(in, c); problem != "" {
			d.sb.write(w, r, d.page(r, problem))
			return
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target, http.StatusSeeOther) //nolint:gosec // check lets registered URIs through only
}

// decide gives the address of the callback after a yes. What cannot be unticked is ticked.
func (d consentPage) decide(in consentRequest, c consent) (location, problem string) {
	for _, scope := range d.scopes {
		if scope.Required && !slices.Contains(c.scopes, scope.Name) {
			c.scopes = append(slices.Clone(c.scopes), scope.Name)
		}
	}
	c.scopes = slices.DeleteFunc(slices.Clone(c.scopes), func(name string) bool { return !slices.Contains(in.scopes, name) })
	d.sb.mu.Lock()
	defer d.sb.mu.Unlock()
	answer, problem := d.allow(in, c)
	if problem != "" {
		return "", problem
	}
	return in.callback(answer), ""
}

// consentAnswer is what a test that has no browser says to the page.
type consentAnswer struct {
	URL      string    `json:"url"`      // the address of the page
	Person   string    `json:"person"`   // empty: the first one
	Accounts *[]string `json:"accounts"` // absent: all of the person
	Decline  []string  `json:"decline"`  // permissions
	Deny     bool      `json:"deny"`
}

// control answers the page without a browser: {location}.
func (d consentPage) control(w http.ResponseWriter, r *http.Request) {
	var in consentAnswer
	if readJSON(w, r, &in) {
		d.reply(w, in)
	}
}

func (d consentPage) reply(w http.ResponseWriter, in consentAnswer) {
	u, err := url.Parse(in.URL)
	if err != nil {
		refuseJSON(w, http.StatusBadRequest, errors.New("url cannot be parsed"))
		return
	}
	login, problem := d.request(u.Query())
	if problem != "" {
		refuseJSON(w, http.StatusBadRequest, errors.New(problem))
		return
	}
	if in.Deny {
		writeJSON(w, http.StatusOK, map[string]string{"location": login.callback(d.denied)})
		return
	}
	c := consent{person: in.Person, all: in.Accounts == nil}
	c.scopes = slices.DeleteFunc(slices.Clone(login.scopes), func(name string) bool { return slices.Contains(in.Decline, name) })
	if in.Accounts != nil {
		c.accounts = *in.Accounts
	}
	if c.person == "" && d.people != nil {
		c.person = d.first()
	}
	location, problem := d.decide(login, c)
	if problem != "" {
		refuseJSON(w, http.StatusNotFound, fmt.Errorf("%s (person %q)", problem, c.person))
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"location": location})
}

func (d consentPage) first() string {
	d.sb.mu.Lock()
	defer d.sb.mu.Unlock()
	if people := d.people(); len(people) > 0 {
		return people[0].ID
	}
	return ""
}
