package sandbox

import (
	"context"
	"net/http"
	"net/url"
)

// actor is a platform where people, and the platform itself, do things that no call of the app asks for. Each is a form of
// the page /actions.
type actor interface {
	// actions lists the forms. sample is the name of the example that is asked for; empty = the first. Locked.
	actions(sample string) []actionForm
	// act does what a form says and tells in a sentence what came of it.
	act(ctx context.Context, name string, form url.Values) (string, error)
}

// actionForm is one thing to do.
type actionForm struct {
	Name, Title, About, Button string
	Fields                     []actionField
	Samples                    []choice // texts that its area can begin with
	Outcome, Problem           string   // after it was sent
}

// actionField is an input. Its kind is what it has: choices, an area, a number, or a line of text.
type actionField struct {
	Name, Label, Hint, Value string
	Choices                  []choice
	Area, Number             bool
	Max                      int // of a number; the least is 0
}

type choice struct{ Value, Title string }

type actionGroup struct {
	Name, Title string
	Forms       []actionForm
}

func (s *Sandbox) actionRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /actions", func(w http.ResponseWriter, r *http.Request) {
		s.actionsPage(w, r, http.StatusOK, func(string, *actionForm) {})
	})
	mux.HandleFunc("POST /actions/{platform}/{action}", s.doAction)
}

// actionsPage shows every form. change may set what one of them says.
func (s *Sandbox) actionsPage(w http.ResponseWriter, r *http.Request, status int, change func(platform string, f *actionForm)) {
	v := struct {
		frame
		Groups []actionGroup
	}{frame: s.frame("Actions")}
	v.Nav = "actions"
	s.mu.Lock()
	for _, p := range s.platforms {
		a, ok := p.(actor)
		if !ok {
			continue
		}
		g := actionGroup{Name: p.info().Name, Title: p.info().Title, Forms: a.actions(r.URL.Query().Get("sample"))}
		for i := range g.Forms {
			change(g.Name, &g.Forms[i])
		}
		v.Groups = append(v.Groups, g)
	}
	s.mu.Unlock()
	s.write(w, r, s.page(status, "actions.html", v))
}

// doAction shows the page again with the outcome beside the form, which keeps what was entered so that it can be sent again.
func (s *Sandbox) doAction(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	platform, name := r.PathValue("platform"), r.PathValue("action")
	p, _ := s.platform(platform)
	a, ok := p.(actor)
	if !ok || !s.hasAction(a, name) {
		s.write(w, r, s.notFound("There is nothing at this address."))
		return
	}
	outcome, err := a.act(r.Context(), name, r.PostForm)
	status := http.StatusOK
	if err != nil {
		status = http.StatusUnprocessableEntity
	}
	s.actionsPage(w, r, status, func(of string, f *actionForm) {
		if of != platform || f.Name != name {
			return
		}
		f.Outcome = outcome
		if err != nil {
			f.Problem = err.Error()
		}
		for i, field := range f.Fields {
			if r.PostForm.Has(field.Name) {
				f.Fields[i].Value = r.PostForm.Get(field.Name)
			}
		}
	})
}

func (s *Sandbox) hasAction(a actor, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range a.actions("") {
		if f.Name == name {
			return true
		}
	}
	return false
}
