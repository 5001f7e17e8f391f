package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// controlRoutes is the fake Meta's part of the control API; see the package comment.
func (m *meta) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/meta/pages", m.controlPages)
	mux.HandleFunc("GET /_sandbox/meta/people", m.controlPeople)
	mux.HandleFunc("POST /_sandbox/meta/seed", m.controlSeed)
	mux.HandleFunc("POST /_sandbox/meta/token", m.controlToken)
	mux.HandleFunc("POST /_sandbox/meta/login", m.dialog().control)
	mux.HandleFunc("POST /_sandbox/meta/posts", m.controlPost)
	mux.HandleFunc("POST /_sandbox/meta/people/{id}/revoke", m.controlRevoke)
	mux.HandleFunc("POST /_sandbox/meta/throttle", m.controlThrottle)
	mux.HandleFunc("POST /_sandbox/meta/pages/{id}/throttle", m.controlThrottle)
	mux.HandleFunc("POST /_sandbox/meta/comments", m.controlComment)
	mux.HandleFunc("POST /_sandbox/meta/videos/{id}/fail", m.controlFailVideo)
	mux.HandleFunc("POST /_sandbox/meta/settings", m.controlSettings)
	m.webhookRoutes(mux)
}

type pageJSON struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Posts []postJSON `json:"posts"` // oldest first

	Subscribed []string `json:"subscribed_fields"` // of its webhooks
}

type postJSON struct {
	ID        string        `json:"id"`
	Title     string        `json:"title,omitempty"` // of a video
	Message   string        `json:"message"`
	Link      string        `json:"link,omitempty"`
	Photos    []photoView   `json:"photos"`
	Comments  []commentView `json:"comments,omitempty"`
	Video     *videoView    `json:"video,omitempty"`
	Kind      string        `json:"kind,omitempty"` // Reel, Video, Story
	Created   time.Time     `json:"created_time"`
	Published bool          `json:"is_published"`
	App       string        `json:"application_id,omitempty"`
	Permalink string        `json:"permalink_url"`
}

func (m *meta) controlPages(w http.ResponseWriter, r *http.Request) {
	only, base := r.URL.Query().Get("page"), m.sb.base(r)
	out := []pageJSON{}
	m.sb.mu.Lock()
	now := m.sb.clock()
	for _, person := range m.st.People {
		for _, role := range person.Roles {
			page := m.st.Pages[role.Page]
			seen := slices.ContainsFunc(out, func(p pageJSON) bool { return p.ID == page.ID })
			if seen || only != "" && only != page.ID {
				continue
			}
			entry := pageJSON{ID: page.ID, Name: page.Name, Posts: []postJSON{}, Subscribed: page.Subscribed}
			for _, id := range page.Posts {
				p := m.st.Posts[id]
				view := m.postView(p, base, now)
				photos := view.Photos
				if photos == nil {
					photos = []photoView{}
				}
				entry.Posts = append(entry.Posts, postJSON{p.ID, view.Title, p.Message, p.Link, photos, view.Comments, view.Video, view.Kind, p.Created, p.published(now), p.App, permalink(base, p)})
			}
			out = append(out, entry)
		}
	}
	m.sb.mu.Unlock()
	writeJSON(w, http.StatusOK, out)
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type personJSON struct {
	named
	Pages []named `json:"pages"`
}

func (m *meta) personJSON(p *metaPerson) personJSON {
	out := personJSON{named{p.ID, p.Name}, []named{}}
	for _, r := range p.Roles {
		out.Pages = append(out.Pages, named{r.Page, m.st.Pages[r.Page].Name})
	}
	return out
}

func (m *meta) controlPeople(w http.ResponseWriter, _ *http.Request) {
	m.sb.mu.Lock()
	out := []personJSON{}
	for _, p := range m.st.People {
		out = append(out, m.personJSON(p))
	}
	m.sb.mu.Unlock()
	writeJSON(w, http.StatusOK, out)
}

// seedEntry is a Page in a seed: an object, or just its name.
type seedEntry seedPage

// UnmarshalJSON reads both forms.
func (e *seedEntry) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &e.Name) == nil {
		return nil
	}
	return json.Unmarshal(raw, (*seedPage)(e))
}

func (m *meta) controlSeed(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Person    string      `json:"person"` // a name, or the id of a person who gets more Pages
		Pages     []seedEntry `json:"pages"`
		EmptyPage bool        `json:"empty_page"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.Person == "" || slices.ContainsFunc(in.Pages, func(p seedEntry) bool { return p.Name == "" }) {
		refuseJSON(w, http.StatusBadRequest, errors.New("person and the name of each Page are required"))
		return
	}
	m.sb.mu.Lock()
	p := m.st.person(in.Person)
	if p == nil {
		p = m.addPerson(in.Person)
	}
	p.Quirk.EmptyPage = in.EmptyPage
	first := len(p.Roles)
	for _, page := range in.Pages {
		m.addPage(p, seedPage(page))
	}
	out := m.personJSON(p)
	m.sb.changed()
	m.sb.mu.Unlock()
	writeJSON(w, http.StatusCreated, map[string]any{"person": out.named, "pages": out.Pages[first:]})
}

// controlToken gives tokens without a browser: the person is taken to have allowed the scopes for every Page.
func (m *meta) controlToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Person string   `json:"person"`
		Page   string   `json:"page"`
		Scopes []string `json:"scopes"` // empty: what posts, comments, numbers and webhooks of a Page need
		Short  bool     `json:"short"`  // an hour instead of 60 days
	}
	if !readJSON(w, r, &in) {
		return
	}
	if len(in.Scopes) == 0 {
		in.Scopes = []string{
			"pages_show_list", "pages_manage_posts", "pages_read_engagement", "pages_manage_engagement", "pages_read_user_content", "read_insights",
			"pages_manage_metadata",
		}
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	p := m.st.person(in.Person)
	if p == nil {
		refuseJSON(w, http.StatusNotFound, fmt.Errorf("no person %q", in.Person))
		return
	}
	if _, ok := p.role(in.Page); in.Page != "" && !ok {
		refuseJSON(w, http.StatusNotFound, fmt.Errorf("the person has no Page %q", in.Page))
		return
	}
	now := m.sb.clock()
	if p.Grant == nil {
		p.Grant = &metaGrant{Scopes: map[string]string{"public_profile": "granted"}, AllPages: true, At: now}
	}
	for _, s := range in.Scopes {
		p.Grant.Scopes[s] = "granted"
	}
	life := metaLongLife
	if in.Short {
		life = metaShortLife
	}
	out := map[string]string{"user_token": m.st.mint(metaToken{
		Kind: metaUserToken, Person: p.ID, Scopes: in.Scopes, Long: !in.Short, IssuedAt: now, ExpiresAt: now.Add(life), DataUntil: now.Add(metaDataAccess),
	})}
	if in.Page != "" {
		out["page_token"] = m.st.pageToken(out["user_token"], in.Page, now)
	}
	m.sb.changed()
	writeJSON(w, http.StatusCreated, out)
}

// controlPost puts a post on a Page that no call of the app under test has made.
func (m *meta) controlPost(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Page        string    `json:"page"`
		Message     string    `json:"message"`
		Application string    `json:"application_id"` // empty: written by a person on the site
		Visitor     string    `json:"visitor"`        // name of somebody else
		Created     time.Time `json:"created_time"`   // zero: now
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	if m.st.Pages[in.Page] == nil || in.Message == "" {
		refuseJSON(w, http.StatusBadRequest, errors.New("an existing page and a message are required"))
		return
	}
	if in.Created.IsZero() {
		in.Created = m.sb.clock()
	}
	p := &metaPost{
		ID: in.Page + "_" + m.st.id(metaIDPost), Page: in.Page, Message: in.Message, App: in.Application, Visitor: in.Visitor,
		Created: in.Created, Updated: in.Created,
	}
	m.st.insert(p)
	m.sb.changed()
	writeJSON(w, http.StatusCreated, map[string]string{"id": p.ID, "permalink_url": permalink(m.sb.base(r), p)})
}

// controlRevoke ends tokens of a person. 458 (the default) is the app removed on the site; other subcodes leave the
// grant: 460 password changed, 463 expired, 459 checkpoint, and 492 with a page: the role on it is lost.
func (m *meta) controlRevoke(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Subcode int    `json:"subcode"`
		Page    string `json:"page"` // only this Page's tokens
	}
	if r.ContentLength != 0 && !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	p := m.st.person(r.PathValue("id"))
	if p == nil {
		refuseJSON(w, http.StatusNotFound, errors.New("no such person"))
		return
	}
	m.revoke(p, in.Page, in.Subcode)
	w.WriteHeader(http.StatusNoContent)
}

// revoke is controlRevoke's work. The lock is held.
func (m *meta) revoke(p *metaPerson, page string, subcode int) {
	switch subcode {
	case 0, 458:
		m.removeApp(p, 458)
	case 492:
		p.Roles = slices.DeleteFunc(p.Roles, func(r metaRole) bool { return r.Page == page })
	default:
		m.st.kill(p.ID, page, subcode)
	}
	m.sb.changed()
}

// controlThrottle sets what the usage headers say, of the app or of one Page. With minutes, calls are refused for
// that long. Zeroes end it.
func (m *meta) controlThrottle(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Percent int `json:"percent"`
		Minutes int `json:"minutes"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	if err := m.throttle(r.PathValue("id"), in.Percent, in.Minutes); err != nil {
		refuseJSON(w, http.StatusNotFound, err)
		return
	}
	m.sb.changed()
	w.WriteHeader(http.StatusNoContent)
}

// throttle is controlThrottle's work, of a Page or, without its id, of the app. The lock is held.
func (m *meta) throttle(page string, percent, minutes int) error {
	t := metaThrottle{Percent: percent}
	if minutes > 0 {
		t.Percent = max(percent, 100)
		t.Until = m.sb.clock().Add(time.Duration(minutes) * time.Minute)
	}
	if page == "" {
		m.st.AppThrottle = t
		return nil
	}
	p := m.st.Pages[page]
	if p == nil {
		return errors.New("no such Page")
	}
	p.Throttle = t
	return nil
}

// controlFailVideo makes the processing of a video fail.
func (m *meta) controlFailVideo(w http.ResponseWriter, r *http.Request) {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	v := m.st.Videos[r.PathValue("id")]
	if v == nil {
		refuseJSON(w, http.StatusNotFound, errors.New("no such video"))
		return
	}
	v.Failed = true
	m.sb.changed()
	w.WriteHeader(http.StatusNoContent)
}

func (m *meta) controlSettings(w http.ResponseWriter, r *http.Request) {
	var in struct {
		RequireProof *bool     `json:"require_proof"`
		DeadMetrics  *[]string `json:"dead_metrics"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	if in.RequireProof != nil {
		m.st.RequireProof = *in.RequireProof
	}
	if in.DeadMetrics != nil {
		m.st.DeadMetrics = *in.DeadMetrics
	}
	m.sb.changed()
	writeJSON(w, http.StatusOK, map[string]bool{"require_proof": m.st.RequireProof})
}

// revokePerson is the index page's "remove the app". That nobody listens does not hold the person back.
func (m *meta) revokePerson(ctx context.Context, id string) {
	if _, err := m.deauthorize(ctx, id); err != nil {
		m.sb.log.InfoContext(ctx, "nobody was told that the app was removed", errAttr(err))
	}
}

// removal tells of a post that was deleted on the site. Instagram tells of none.
// https://developers.facebook.com/docs/graph-api/webhooks/reference/page
func (m *meta) removal(p *metaPost) notice {
	item, now := "status", m.sb.clock().Unix()
	switch {
	case p.Video != "":
		item = "video"
	case len(p.Photos) == 1:
		item = "photo"
	}
	value := map[string]any{"item": item, "verb": "remove", "post_id": p.ID, "created_time": now, "from": named{p.Page, m.st.Pages[p.Page].Name}}
	return notice{"page", p.Page, "feed", []any{map[string]any{
		"id": p.Page, "time": now, "changes": []any{map[string]any{"field": "feed", "value": value}},
	}}}
}

// tell implements teller. That nobody listens is no error of the person's.
func (m *meta) tell(ctx context.Context) {
	m.sb.mu.Lock()
	news := m.news
	m.news = nil
	m.sb.mu.Unlock()
	for _, n := range news {
		if _, err := m.deliver(ctx, n.object, n.entry, ""); err != nil {
			m.sb.log.InfoContext(ctx, "nobody was told of a removed post", errAttr(err))
		}
	}
}

// removePost implements postRemover: a person deletes a post on the site. The lock is held.
func (m *meta) removePost(id string) bool {
	if p := m.st.Posts[id]; p != nil {
		if m.hears("page", p.Page, "feed") && !p.Story {
			m.news = append(m.news, m.removal(p))
		}
		m.dropPost(p)
		return true
	}
	account, media, _ := strings.Cut(id, "_")
	_, ig := m.st.instagram(account)
	p := m.st.Media[media]
	if ig == nil || p == nil {
		return false
	}
	m.dropInstaMedia(ig, p)
	return true
}
