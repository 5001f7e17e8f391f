package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The one app that exists in the fake Meta.
const (
	metaClientID     = "100200300"
	metaClientSecret = "sandbox-meta-secret" // printed on the index page
	metaAppName      = "Herald"
)

// meta is the fake of Facebook Login and of the Pages part of the Graph API.
type meta struct {
	sb       *Sandbox
	ops      map[string]graphOp
	st       *metaState
	appCalls metaUsage
	loose    []string // unpublished photos, oldest first
	news     []notice // what the app is to be told of once the lock is free
}

func newMeta(s *Sandbox) *meta {
	m := &meta{sb: s, ops: map[string]graphOp{}}
	for _, route := range slices.Concat(metaRoutes(), businessRoutes(), subscribeRoutes(), instagramRoutes(), instaLoginRoutes()) {
		m.ops[route.key] = route.op
	}
	return m
}

func (m *meta) info() platformInfo {
	ops := []operation{{metaDialogOp, "Open the login dialog"}, {instaDialogOp, "Open Instagram's login dialog"}, {instaCodeOp, "Exchange a code of Instagram Login"}, {metaUploadOp, "Upload a video's bytes"}, {instaUploadOp, "Upload a reel's bytes to Instagram"}, {metaUnknownOp, "Anything else"}}
	for _, route := range slices.Concat(metaRoutes(), businessRoutes(), subscribeRoutes(), instagramRoutes(), instaLoginRoutes()) {
		if route.title != "" {
			ops = append(ops, operation{route.op.name, route.title})
		}
	}
	return platformInfo{
		Name: "meta", Title: "Meta", About: "Facebook Login, Facebook Pages and Instagram accounts, as Graph API v26.0 answers.", Operations: ops,
		Settings: []setting{
			{"META_GRAPH_URL", m.sb.cfg.PublicURL + "/meta/graph"},
			{"META_DIALOG_URL", m.sb.cfg.PublicURL + "/meta/www"},
			{"client_id", metaClientID},
			{"client_secret", metaClientSecret},
			{"META_INSTAGRAM_GRAPH_URL", m.sb.cfg.PublicURL + "/meta/instagram/graph"},
			{"META_INSTAGRAM_TOKEN_URL", m.sb.cfg.PublicURL + "/meta/instagram/api"},
			{"META_INSTAGRAM_DIALOG_URL", m.sb.cfg.PublicURL + "/meta/instagram/www"},
			{"logins.instagram.client_id", instaClientID},
			{"logins.instagram.client_secret", instaClientSecret},
		},
	}
}

func (m *meta) routes(mux *http.ServeMux) {
	mux.HandleFunc("/meta/graph/", m.serveGraph)
	m.dialog().mount(mux, "/meta/www/{version}/dialog/oauth", "/meta/www/dialog/oauth")
	mux.HandleFunc("GET /meta/photos/{id}", m.servePhoto)
	mux.HandleFunc("POST /meta/rupload/video-upload/{version}/{id}", m.serveUpload)
	mux.HandleFunc("GET /meta/videos/{id}", m.serveVideo)
	mux.HandleFunc("POST /meta/rupload/ig-api-upload/{version}/{id}", m.serveInstaUpload)
	mux.HandleFunc("GET /meta/clips/{id}", m.serveClip)
	m.controlRoutes(mux)
	m.instagramControl(mux)
	m.instagramLogin(mux)
}

// reset makes the people that exist at the first start.
func (m *meta) reset() {
	m.st = &metaState{
		Pages: map[string]*metaPage{}, Tokens: map[string]*metaToken{}, Codes: map[string]*metaCode{},
		Posts: map[string]*metaPost{}, Photos: map[string]*metaPhoto{}, Videos: map[string]*metaVideo{},
		Containers: map[string]*instaContainer{}, Media: map[string]*instaMedia{}, Clips: map[string]*instaClip{}, RequireProof: true,
	}
	m.loose, m.appCalls = nil, metaUsage{}
	ada := m.addPerson("Ada Lindqvist")
	cafe := m.addPage(ada, seedPage{Name: "Cafe Ada", Username: "cafe.ada", Category: "Coffee shop"})
	m.linkInstagram(cafe)
	m.addPage(ada, seedPage{Name: "Bakery Berlin", Username: "bakery.berlin", Category: "Bakery"})
	m.addPage(ada, seedPage{Name: "Old Mill", Category: "Landmark", Tasks: []string{"ANALYZE"}})
	m.addPerson("Sam Okafor")
	now := m.sb.clock()
	m.st.insert(&metaPost{
		ID: cafe.ID + "_" + m.st.id(metaIDPost), Page: cafe.ID, Created: now.Add(-26 * time.Hour), Updated: now.Add(-26 * time.Hour),
		Message: "New on the counter: cardamom buns, warm until they are gone.\n\nOpen from eight.",
	})
}

func (m *meta) addPerson(name string) *metaPerson {
	p := &metaPerson{ID: m.st.id(metaIDPerson), Name: name, Since: m.sb.clock()}
	m.st.People = append(m.st.People, p)
	return p
}

// seedPage is a Page to make. Empty tasks mean all of them.
type seedPage struct {
	Name           string   `json:"name"`
	Username       string   `json:"username"`
	Category       string   `json:"category"`
	Tasks          []string `json:"tasks"`
	NoToken        bool     `json:"no_token"`
	DuplicateCheck bool     `json:"duplicate_check"`
	Instagram      bool     `json:"instagram"` // linked to an Instagram account
	Business       string   `json:"business"`  // the name of the business that owns it
	Client         bool     `json:"client"`    // the business only works for its owner
	Fans           *int     `json:"fans"`      // of the Page and of its Instagram account; absent = the usual

	ProcessingSeconds int `json:"processing_seconds"`
}

func (m *meta) addPage(p *metaPerson, in seedPage) *metaPage {
	if in.Category == "" {
		in.Category = "Local business"
	}
	if len(in.Tasks) == 0 {
		in.Tasks = []string{"ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"}
	}
	page := &metaPage{ID: m.st.id(metaIDPage), Name: in.Name, Fans: in.Fans, Username: in.Username, Category: in.Category, DuplicateCheck: in.DuplicateCheck, ProcessingSeconds: in.ProcessingSeconds}
	m.st.Pages[page.ID] = page
	if in.Instagram {
		m.linkInstagram(page)
		page.Instagram.Followers = in.Fans
	}
	p.Roles = append(p.Roles, metaRole{Page: page.ID, Tasks: in.Tasks, NoToken: in.NoToken, Business: m.business(in.Business), Client: in.Client})
	return page
}

// save copies what is marshalled later, without the lock; what a call changes in place is copied by value.
func (m *meta) save() any {
	st := *m.st
	st.People = make([]*metaPerson, len(m.st.People))
	for i, p := range m.st.People {
		person := *p
		person.Roles = slices.Clone(p.Roles)
		if p.Grant != nil {
			grant := *p.Grant
			grant.Scopes, grant.Limits = maps.Clone(p.Grant.Scopes), maps.Clone(p.Grant.Limits)
			person.Grant = &grant
		}
		st.People[i] = &person
	}
	st.Pages = cloneMap(m.st.Pages)
	for _, page := range st.Pages {
		page.Posts = slices.Clone(page.Posts)
		if page.Instagram != nil {
			ig := *page.Instagram
			ig.Media = slices.Clone(ig.Media)
			page.Instagram = &ig
		}
	}
	st.Tokens, st.Codes = cloneMap(m.st.Tokens), cloneMap(m.st.Codes)
	st.Posts, st.Photos, st.Videos = cloneMap(m.st.Posts), cloneMap(m.st.Photos), cloneMap(m.st.Videos)
	st.Containers, st.Media, st.Clips = cloneMap(m.st.Containers), cloneMap(m.st.Media), cloneMap(m.st.Clips)
	for _, box := range st.Containers {
		if box.Upload != nil {
			upload := *box.Upload
			box.Upload = &upload
		}
	}
	return &st
}

func (m *meta) load(raw json.RawMessage) error {
	st := &metaState{Containers: map[string]*instaContainer{}, Media: map[string]*instaMedia{}, Clips: map[string]*instaClip{}}
	if err := json.Unmarshal(raw, st); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if st.Videos == nil { // a state from before there were videos
		st.Videos = map[string]*metaVideo{}
	}
	m.st, m.loose = st, nil
	for id, photo := range st.Photos {
		if photo.Post == "" {
			m.loose = append(m.loose, id)
		}
	}
	slices.SortFunc(m.loose, func(a, b string) int { return st.Photos[a].Created.Compare(st.Photos[b].Created) })
	return nil
}

func (m *meta) people() []personView {
	var out []personView
	for _, p := range m.st.People {
		v := personView{ID: p.ID, Name: p.Name, Note: "has not given the app access"}
		if p.Grant != nil {
			v.Note, v.Connected = grantNote(p.Grant), true
		}
		for _, r := range p.Roles {
			page := m.st.Pages[r.Page]
			a := accountView{ID: page.ID, Name: page.Name, Path: "/meta/pages/" + page.ID, Avatar: "/meta/avatars/" + page.ID + ".svg", Posts: len(page.Posts), Note: page.Category}
			if !slices.Contains(r.Tasks, "CREATE_CONTENT") {
				a.Note += ", may only " + strings.ToLower(strings.Join(r.Tasks, ", "))
			}
			v.Accounts = append(v.Accounts, a)
			if ig := page.Instagram; ig != nil {
				v.Accounts = append(v.Accounts, accountView{
					ID: ig.ID, Name: ig.Name, Note: "Instagram, @" + ig.Username, Path: "/meta/pages/" + ig.ID, Avatar: "/meta/avatars/" + ig.ID + ".svg", Posts: len(ig.Media),
				})
			}
		}
		out = append(out, v)
	}
	return out
}

func grantNote(g *metaGrant) string {
	granted, declined := 0, 0
	for _, status := range g.Scopes {
		if status == "granted" {
			granted++
		} else {
			declined++
		}
	}
	note := fmt.Sprintf("app connected, %d permissions", granted)
	if declined > 0 {
		note += fmt.Sprintf(", %d declined", declined)
	}
	return note
}

func (m *meta) timeline(id, base string) (timelineView, bool) {
	if _, ig := m.st.instagram(id); ig != nil {
		return m.instaTimeline(ig, base), true
	}
	page := m.st.Pages[id]
	if page == nil {
		return timelineView{}, false
	}
	v := timelineView{
		ID: page.ID, Platform: "Facebook Page", Name: page.Name, Note: page.Category, Path: "/meta/pages/" + page.ID,
		Avatar: "/meta/avatars/" + page.ID + ".svg", Cover: "/meta/avatars/" + page.ID + "-cover.svg",
	}
	now := m.sb.clock()
	for _, postID := range slices.Backward(page.Posts) {
		v.Posts = append(v.Posts, m.postView(m.st.Posts[postID], base, now))
	}
	return v, true
}

func (m *meta) postView(p *metaPost, base string, now time.Time) postView {
	v := postView{ID: p.ID, Text: p.Message, Link: p.Link, At: p.Created, Edited: !p.Updated.Equal(p.Created), Permalink: permalink(base, p)}
	switch {
	case p.Visitor != "":
		v.By = "written by " + p.Visitor
	case p.App == metaClientID:
		v.By = "via " + metaAppName
	case p.App != "":
		v.By = "via another app"
	}
	switch {
	case p.Draft:
		v.State = "Draft"
	case p.Video != "" && !p.published(now):
		v.State = "Being processed"
	case !p.published(now):
		v.State = "Scheduled for " + p.Scheduled.Format("2 Jan 2006, 15:04 MST")
	}
	for _, x := range p.Comments {
		name := x.Name
		if x.By != "" {
			name = m.st.Pages[x.By].Name
		}
		v.Comments = append(v.Comments, commentView{ID: x.ID, Parent: x.Parent, By: name, Text: x.Message, Hidden: x.Hidden, Own: x.By != "", At: x.Created})
	}
	if video := m.st.Videos[p.Video]; video != nil {
		if video.Failed {
			v.State = "Processing failed"
		}
		v.Kind = map[string]string{metaReel: "Reel", metaPlainVideo: "Video", metaVideoStory: "Story"}[video.Kind]
		v.Title = video.Title
		v.Video = &videoView{ID: video.ID, URL: m.videoURL(base, video), Width: video.Width, Height: video.Height, Millis: video.Millis}
	} else if p.Story {
		v.Kind = "Story"
	}
	for _, id := range p.Photos {
		if photo := m.st.Photos[id]; photo != nil {
			v.Photos = append(v.Photos, photoView{ID: id, URL: m.photoURL(base, photo), Alt: photo.Alt, Width: photo.Width, Height: photo.Height})
		}
	}
	return v
}
