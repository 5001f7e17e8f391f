package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed assets
var assets embed.FS

// frame is what every page shows around its content.
type frame struct {
	Title  string
	Nav    string // which entry of the navigation is current
	Now    time.Time
	Offset string // how far the sandbox's clock is ahead; empty = not
	Faults int
}

func parsePages() (*template.Template, error) {
	t, err := template.New("pages").Funcs(template.FuncMap{
		"stamp":  func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") },
		"clock":  func(t time.Time) string { return t.UTC().Format("15:04:05") },
		"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"plural": plural,
		"inc":    func(n int) int { return n + 1 },
	}).ParseFS(assets, "assets/*.html")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return t, nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func (s *Sandbox) frame(title string) frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := frame{Title: title, Now: s.clock(), Faults: len(s.faults.all())}
	if s.offset > 0 {
		f.Offset = aheadText(s.offset)
	}
	return f
}

func aheadText(d time.Duration) string {
	days, d := int(d/(24*time.Hour)), d%(24*time.Hour)
	var parts []string
	if days > 0 {
		parts = append(parts, plural(days, "day", "days"))
	}
	if h := int(d / time.Hour); h > 0 {
		parts = append(parts, plural(h, "hour", "hours"))
	}
	if m := int(d % time.Hour / time.Minute); m > 0 {
		parts = append(parts, plural(m, "minute", "minutes"))
	}
	if sec := int(d % time.Minute / time.Second); sec > 0 && days == 0 {
		parts = append(parts, plural(sec, "second", "seconds"))
	}
	return strings.Join(parts, " ")
}

// page renders a template. Everything a page loads comes from this origin; a picture may come from the public one.
func (s *Sandbox) page(status int, name string, v any) answer {
	var buf bytes.Buffer
	if err := s.pages.ExecuteTemplate(&buf, name, v); err != nil {
		s.log.Error("cannot render a page", errAttr(err))
		return answer{status: http.StatusInternalServerError, header: http.Header{"Content-Type": {"text/plain"}}, body: []byte("the sandbox cannot render this page")}
	}
	img := "'self'"
	if s.cfg.PublicURL != "" {
		img += " " + s.cfg.PublicURL
	}
	return answer{status: status, body: buf.Bytes(), header: http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Cache-Control":           {"no-store"},
		"Content-Security-Policy": {"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src " + img + "; media-src " + img + "; base-uri 'none'; frame-ancestors 'none'"},
		"Referrer-Policy":         {"no-referrer"},
	}}
}

func (s *Sandbox) pageRoutes(mux *http.ServeMux) {
	static, _ := fs.Sub(assets, "assets") // the folder is embedded
	files := http.StripPrefix("/_sandbox/assets/", http.FileServerFS(static))
	mux.HandleFunc("GET /_sandbox/assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /{$}", s.showIndex)
	mux.HandleFunc("GET /faults", s.showFaults)
	mux.HandleFunc("GET /calls", s.showCalls)
	mux.HandleFunc("GET /{platform}/avatars/{file}", s.serveAvatar)
	mux.HandleFunc("GET /{platform}/pages/{id}", s.showTimeline)
	mux.HandleFunc("GET /{platform}/pages/{id}/posts/{post}", s.showPost)
	mux.HandleFunc("POST /panel/{action}", s.panel)
	s.actionRoutes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.write(w, r, s.notFound("There is nothing at this address."))
	})
}

func (s *Sandbox) notFound(why string) answer {
	return s.page(http.StatusNotFound, "missing.html", struct {
		frame
		Why string
	}{s.frame("Not found"), why})
}

type platformView struct {
	platformInfo
	People []personView
}

func (s *Sandbox) showIndex(w http.ResponseWriter, r *http.Request) {
	v := struct {
		frame
		Platforms []platformView
		Latency   int64
	}{frame: s.frame("Overview"), Latency: time.Duration(s.latency.Load()).Milliseconds()}
	v.Nav = "overview"
	s.mu.Lock()
	for _, p := range s.platforms {
		info := p.info()
		for i, set := range info.Settings {
			if strings.HasPrefix(set.Value, "/") {
				info.Settings[i].Value = s.base(r) + set.Value
			}
		}
		people := p.people()
		for _, person := range people {
			for i, a := range person.Accounts {
				person.Accounts[i].Avatar = cmp.Or(a.Avatar, avatarPath(info.Name, a.ID, ""))
			}
		}
		v.Platforms = append(v.Platforms, platformView{info, people})
	}
	s.mu.Unlock()
	s.write(w, r, s.page(http.StatusOK, "index.html", v))
}

func (s *Sandbox) showFaults(w http.ResponseWriter, r *http.Request) {
	s.faultsPage(w, r, fault{Times: 1}, "")
}

func (s *Sandbox) faultsPage(w http.ResponseWriter, r *http.Request, form fault, problem string) {
	v := struct {
		frame
		Kinds   []faultKind
		Ops     []operation
		Active  []fault
		Form    fault
		Problem string
	}{s.frame("Faults"), faultKinds(), s.operations(), s.faults.all(), form, problem}
	v.Nav = "faults"
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	s.write(w, r, s.page(status, "faults.html", v))
}

func (s *Sandbox) showCalls(w http.ResponseWriter, r *http.Request) {
	list, _ := s.calls.list(callFilter{op: r.URL.Query().Get("op")})
	slices.Reverse(list)
	v := struct {
		frame
		Calls []callEntry
		Total int
		Op    string
	}{s.frame("Calls"), list[:min(len(list), 200)], len(list), r.URL.Query().Get("op")}
	v.Nav = "calls"
	s.write(w, r, s.page(http.StatusOK, "calls.html", v))
}

func (s *Sandbox) findTimeline(r *http.Request) (timelineView, bool) {
	p, ok := s.platform(r.PathValue("platform"))
	if !ok {
		return timelineView{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := p.timeline(r.PathValue("id"), s.base(r))
	t.Slug = p.info().Name
	t.Avatar, t.Cover = cmp.Or(t.Avatar, avatarPath(t.Slug, t.ID, "")), cmp.Or(t.Cover, avatarPath(t.Slug, t.ID, "-cover"))
	_, t.Fans = p.(fanPlatform)
	_, t.Removes = p.(postRemover)
	_, t.Owns = p.(ownWriter)
	_, t.Tells = p.(teller)
	return t, ok
}

type timelinePage struct {
	frame
	timelineView
	Stories []postView // those that are shown now
	Single  bool
}

// storyLife is how long a story is shown; afterwards only its own address finds it.
const storyLife = 24 * time.Hour

func (s *Sandbox) showTimeline(w http.ResponseWriter, r *http.Request) {
	t, ok := s.findTimeline(r)
	if !ok {
		s.write(w, r, s.notFound("No page has this address."))
		return
	}
	f := s.frame(t.Name)
	var stories []postView
	t.Posts = slices.DeleteFunc(t.Posts, func(p postView) bool {
		if p.Story() && f.Now.Sub(p.At) < storyLife {
			stories = append(stories, p)
		}
		return p.Story()
	})
	s.write(w, r, s.page(http.StatusOK, "timeline.html", timelinePage{f, t, stories, false}))
}

func (s *Sandbox) showPost(w http.ResponseWriter, r *http.Request) {
	t, ok := s.findTimeline(r)
	want := r.PathValue("post") // some platforms put the account before it
	t.Posts = slices.DeleteFunc(t.Posts, func(p postView) bool { return p.ID != want && p.ID != r.PathValue("id")+"_"+want })
	if !ok || len(t.Posts) == 0 {
		s.write(w, r, s.notFound("This post is not available. It may have been deleted."))
		return
	}
	s.write(w, r, s.page(http.StatusOK, "timeline.html", timelinePage{s.frame("Post by " + t.Name), t, nil, true}))
}

// panel takes the pages' forms. They work without scripts: each ends in a redirect back.
func (s *Sandbox) panel(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	number := func(name string) int {
		n, _ := strconv.Atoi(r.PostFormValue(name)) // the inputs are of type number; anything else is 0
		return n
	}
	back := "/"
	switch r.PathValue("action") {
	case "fault":
		back = "/faults"
		f := fault{
			Op: r.PostFormValue("op"), Kind: r.PostFormValue("kind"), Times: number("times"), DelayMS: number("delay_ms"), Minutes: number("minutes"), Match: r.PostFormValue("match"),
			Skip: number("skip"), Status: number("status"), Code: nativeCode(strings.TrimSpace(r.PostFormValue("code"))), Subcode: number("subcode"),
		}
		if _, err := s.faults.add(f, s.operations()); err != nil {
			s.faultsPage(w, r, f, err.Error())
			return
		}
	case "clear":
		back = "/faults"
		s.faults.clear(number("id"))
	case "clock":
		if err := s.advance(time.Duration(number("seconds"))*time.Second + time.Duration(number("minutes"))*time.Minute); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	case "latency":
		s.latency.Store(int64(time.Duration(max(0, min(number("ms"), 600_000))) * time.Millisecond))
	case "reset":
		s.reset()
	case "revoke":
		p, _ := s.platform(r.PostFormValue("platform"))
		if rv, ok := p.(revoker); ok {
			rv.revokePerson(r.Context(), r.PostFormValue("person"))
		}
	case "delete":
		p, _ := s.platform(r.PostFormValue("platform"))
		if !s.removePost(r.Context(), p, r.PostFormValue("post")) {
			s.write(w, r, s.notFound("This post is not available. It may have been deleted."))
			return
		}
		back = timelineOf(r)
	case "comment":
		p, ok := s.platform(r.PostFormValue("platform"))
		fans, can := p.(fanPlatform)
		if !ok || !can {
			s.write(w, r, s.notFound("There is nothing at this address."))
			return
		}
		post := r.PostFormValue("post")
		comment := func(ctx context.Context) error {
			return fans.panelFan(ctx, post, r.PostFormValue("parent"), r.PostFormValue("name"), r.PostFormValue("message"))
		}
		if own, can := p.(ownWriter); can && r.PostFormValue("as") == "account" {
			comment = func(ctx context.Context) error {
				return own.panelOwn(ctx, post, r.PostFormValue("parent"), r.PostFormValue("message"))
			}
		}
		if err := comment(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		back = timelineOf(r) + "#post-" + url.PathEscape(post)
	default:
		s.write(w, r, s.notFound("There is nothing at this address."))
		return
	}
	http.Redirect(w, r, back, http.StatusSeeOther) //nolint:gosec // back begins with "/" and has escaped parts only
}

// fanPlatform is a platform where anybody can comment on the timeline's page. post is the id that the timeline shows.
type fanPlatform interface {
	panelFan(ctx context.Context, post, parent, name, message string) error
}

// ownWriter is a platform where the account itself can comment on the timeline's page, as on the site.
type ownWriter interface {
	panelOwn(ctx context.Context, post, parent, message string) error
}

// teller is a platform that tells the app of what was done on the timeline's page, once the lock is free.
type teller interface{ tell(ctx context.Context) }

// revoker is a platform whose people can remove the app on the index page. The app is told.
type revoker interface {
	revokePerson(ctx context.Context, id string)
}

// postRemover is a platform whose posts can be deleted on the timeline's page. post is the id that the timeline shows.
type postRemover interface{ removePost(post string) bool } // locked

func (s *Sandbox) removePost(ctx context.Context, p platform, post string) bool {
	remover, ok := p.(postRemover)
	if !ok {
		return false
	}
	s.mu.Lock()
	gone := remover.removePost(post)
	s.mu.Unlock()
	if t, ok := p.(teller); ok {
		t.tell(ctx)
	}
	return gone
}

// timelineOf is the page that a timeline's form was sent from.
func timelineOf(r *http.Request) string {
	return "/" + url.PathEscape(r.PostFormValue("platform")) + "/pages/" + url.PathEscape(r.PostFormValue("account"))
}
