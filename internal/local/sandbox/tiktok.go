package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The one app that exists in the fake TikTok.
const (
	tiktokClientKey    = "sbawherald0tiktok"
	tiktokClientSecret = "sandbox-tiktok-secret" //nolint:gosec // printed on the index page
	tiktokAppName      = "Herald"
)

// Privacy levels.
const (
	tiktokPublic    = "PUBLIC_TO_EVERYONE"
	tiktokFriends   = "MUTUAL_FOLLOW_FRIENDS"
	tiktokFollowers = "FOLLOWER_OF_CREATOR"
	tiktokSelf      = "SELF_ONLY"
)

// tiktok is the fake of Login Kit, the Content Posting API, the Display API and their webhooks.
// Sources: https://developers.tiktok.com/doc/login-kit-web, https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
// and the documents beside them.
type tiktok struct {
	sb   *Sandbox
	st   *tiktokState
	wake chan struct{} // something may be due: a step of a task, or a delivery

	sending sync.Mutex // one delivery at a time
}

func newTikTok(s *Sandbox) *tiktok {
	return &tiktok{sb: s, wake: make(chan struct{}, 1)}
}

// The operations.
const (
	tiktokDialogOp  = "tiktok.dialog"
	tiktokTokenOp   = "tiktok.oauth.token" //nolint:gosec // a name
	tiktokRevokeOp  = "tiktok.oauth.revoke"
	tiktokUserOp    = "tiktok.user.info"
	tiktokCreatorOp = "tiktok.creator_info"
	tiktokVideoOp   = "tiktok.video.init"
	tiktokInboxOp   = "tiktok.inbox.init"
	tiktokPhotoOp   = "tiktok.content.init"
	tiktokUploadOp  = "tiktok.upload"
	tiktokStatusOp  = "tiktok.status"
	tiktokCancelOp  = "tiktok.cancel"
	tiktokListOp    = "tiktok.video.list"
	tiktokQueryOp   = "tiktok.video.query"
	tiktokUnknownOp = "tiktok.unknown"
)

func (k *tiktok) info() platformInfo {
	return platformInfo{
		Name: "tiktok", Title: "TikTok", About: "Login Kit, Content Posting API and Display API, version 2.",
		Settings: []setting{
			{"TIKTOK_API_URL", k.sb.cfg.PublicURL + "/tiktok/api"},
			{"TIKTOK_DIALOG_URL", k.sb.cfg.PublicURL + "/tiktok/www"},
			{"client_id", tiktokClientKey},
			{"client_secret", tiktokClientSecret},
		},
		Operations: []operation{
			{tiktokDialogOp, "Open the consent page"},
			{tiktokTokenOp, "Exchange a code or refresh a token"},
			{tiktokRevokeOp, "Revoke a token"},
			{tiktokUserOp, "Read the account"},
			{tiktokCreatorOp, "Ask what the creator may post"},
			{tiktokVideoOp, "Begin to post a video"},
			{tiktokInboxOp, "Begin to send a video to the inbox"},
			{tiktokPhotoOp, "Post photos"},
			{tiktokUploadOp, "Upload a chunk"},
			{tiktokStatusOp, "Ask how a post is doing"},
			{tiktokCancelOp, "Cancel a download"},
			{tiktokListOp, "List public videos"},
			{tiktokQueryOp, "Read videos by id"},
			{tiktokUnknownOp, "Anything else"},
		},
	}
}

func (k *tiktok) routes(mux *http.ServeMux) {
	k.consent().mount(mux, "/tiktok/www/v2/auth/authorize/{$}")
	mux.HandleFunc("GET /tiktok/www/{handle}/video/{post}", k.showPermalink)
	mux.HandleFunc("GET /tiktok/www/{handle}/photo/{post}", k.showPermalink)
	mux.HandleFunc("GET /tiktok/www/{handle}", k.showProfile)
	mux.HandleFunc("POST /tiktok/api/v2/oauth/token/{$}", k.serveToken)
	mux.HandleFunc("POST /tiktok/api/v2/oauth/revoke/{$}", k.serveRevoke)
	for _, r := range tiktokRoutes() {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, q *http.Request) { k.serveAPI(w, q, r) }) //nolint:contextcheck // the request has it
	}
	mux.HandleFunc("/tiktok/api/", func(w http.ResponseWriter, r *http.Request) {
		k.sb.serve(w, r, k, call{op: tiktokUnknownOp, path: r.URL.Path, run: func() answer {
			return (&tiktokError{http.StatusNotFound, "invalid_params", "There is no such path."}).answer()
		}})
	})
	mux.HandleFunc("/tiktok/upload/video/{$}", k.serveUpload)
	mux.HandleFunc("GET /tiktok/files/{id}", k.serveFile)
	k.controlRoutes(mux)
}

// reset makes the people that exist at the first start.
func (k *tiktok) reset() {
	k.st = &tiktokState{
		Codes: map[string]*tiktokCode{}, Tokens: map[string]*tiktokToken{}, Refreshers: map[string]*tiktokToken{},
		Tasks: map[string]*tiktokTask{}, Posts: map[string]*tiktokPost{}, windows: map[string][]time.Time{},
		Settings: tiktokSettings{Audited: true, AccessSeconds: 2 * 60 * 60, RefreshSeconds: 180 * 24 * 60 * 60, OAuthStatus: http.StatusOK, Verified: []string{"localhost", "127.0.0.1"}},
	}
	ada := k.addCreator("cafeada", "Cafe Ada", tiktokTraits{ProcessingSeconds: 2, ModerationSeconds: 5})
	k.addCreator("bakeryberlin", "Bakery Berlin", tiktokTraits{ProcessingSeconds: 2, Private: true})
	now := k.sb.clock()
	p := &tiktokPost{
		tiktokPostInfo: tiktokPostInfo{Title: "How we fold cardamom buns #bakery", Privacy: tiktokPublic}, ID: k.st.postID(), OpenID: ada.OpenID,
		Created: now.Add(-26 * time.Hour), Visible: now.Add(-26 * time.Hour), Told: true,
	}
	k.st.Posts[p.ID] = p
}

func (k *tiktok) addCreator(username, nickname string, traits tiktokTraits) *tiktokCreator {
	c := &tiktokCreator{OpenID: fmt.Sprintf("-000%08xherald", k.st.number()+0x5eed0000), Username: username, Nickname: nickname, Followers: 1200, tiktokTraits: traits}
	k.st.Creators = append(k.st.Creators, c)
	return c
}

// save copies what is marshalled later, without the lock.
func (k *tiktok) save() any {
	st := *k.st
	st.Creators = make([]*tiktokCreator, len(k.st.Creators))
	for i, c := range k.st.Creators {
		creator := *c
		if c.Grant != nil {
			grant := *c.Grant
			creator.Grant = &grant
		}
		st.Creators[i] = &creator
	}
	st.Codes, st.Tokens, st.Refreshers = cloneMap(k.st.Codes), cloneMap(k.st.Tokens), cloneMap(k.st.Refreshers)
	st.Tasks, st.Posts = cloneMap(k.st.Tasks), cloneMap(k.st.Posts)
	for _, t := range st.Tasks {
		t.Files, t.Posts = slices.Clone(t.Files), slices.Clone(t.Posts)
	}
	st.Deliveries = make([]*tiktokDelivery, len(k.st.Deliveries))
	for i, d := range k.st.Deliveries {
		delivery := *d
		st.Deliveries[i] = &delivery
	}
	return &st
}

func (k *tiktok) load(raw json.RawMessage) error {
	st := &tiktokState{
		Codes: map[string]*tiktokCode{}, Tokens: map[string]*tiktokToken{}, Refreshers: map[string]*tiktokToken{},
		Tasks: map[string]*tiktokTask{}, Posts: map[string]*tiktokPost{}, windows: map[string][]time.Time{},
	}
	if err := json.Unmarshal(raw, st); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	k.st = st
	return nil
}

func (k *tiktok) people() []personView {
	var out []personView
	for _, c := range k.st.Creators {
		v := personView{ID: "p" + c.OpenID, Name: c.Nickname, Note: "has not given the app access", Connected: c.Grant != nil}
		if c.Grant != nil {
			v.Note = "app connected, " + plural(len(c.Grant.Scopes), "permission", "permissions")
		}
		note := "@" + c.Username
		if c.Private {
			note += ", private"
		}
		v.Accounts = []accountView{{ID: c.OpenID, Name: c.Nickname, Note: note, Path: "/tiktok/pages/" + c.OpenID, Posts: len(k.posts(c.OpenID))}}
		out = append(out, v)
	}
	return out
}

// posts are those of an account that exist, newest first.
func (k *tiktok) posts(openID string) []*tiktokPost {
	var out []*tiktokPost
	for _, p := range k.st.Posts {
		if p.OpenID == openID && !p.Deleted {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *tiktokPost) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(b.ID, a.ID))
	})
	return out
}

func (k *tiktok) timeline(id, base string) (timelineView, bool) {
	c := k.st.creator(id)
	if c == nil {
		return timelineView{}, false
	}
	now := k.sb.clock()
	v := timelineView{ID: id, Platform: "TikTok", Name: c.Nickname, Note: "@" + c.Username, Path: "/tiktok/pages/" + id, Tiles: true}
	for _, t := range k.inbox(id) {
		d := k.view(base, id+"_"+t.ID, t.Post, t.Files)
		d.State, d.At, d.By, d.Permalink = "Draft in the inbox", t.Done, "via "+tiktokAppName, v.Path
		v.Posts = append(v.Posts, d)
	}
	for _, p := range k.posts(id) {
		d := k.view(base, id+"_"+p.ID, p.tiktokPostInfo, p.Files)
		d.At, d.Permalink = p.Created, k.permalink(base, c, p)
		switch {
		case p.Hidden:
			d.State = "Not public any more"
		case now.Before(p.Visible):
			d.State = "In moderation"
		}
		if p.Task != "" {
			d.By = "via " + tiktokAppName
		}
		v.Posts = append(v.Posts, d)
	}
	return v, true
}

// inbox are the drafts that were delivered and not posted yet, newest first.
func (k *tiktok) inbox(openID string) []*tiktokTask {
	var out []*tiktokTask
	for _, t := range k.st.Tasks {
		if t.OpenID == openID && t.State == taskInbox && !t.Discarded {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b *tiktokTask) int { return cmp.Or(b.Done.Compare(a.Done), strings.Compare(b.ID, a.ID)) })
	return out
}

// view is what is alike of posts and drafts.
func (k *tiktok) view(base, id string, p tiktokPostInfo, files []tiktokFile) postView {
	v := postView{ID: id, Text: p.Title}
	if p.Photos {
		v.Title, v.Text = p.Title, p.Description
	}
	levels := map[string]string{tiktokPublic: "Everyone", tiktokFriends: "Friends", tiktokFollowers: "Followers", tiktokSelf: "Only me"}
	for _, n := range []struct {
		on   bool
		text string
	}{
		{p.Privacy != "", "Seen by: " + levels[p.Privacy]},
		{p.Branded, "Paid partnership"},
		{p.Organic && !p.Branded, "Promotional content"},
		{p.AI, "AI-generated"},
		{p.NoComment, "Comments off"},
		{p.NoDuet, "Duet off"},
		{p.NoStitch, "Stitch off"},
		{p.Music, "With music"},
	} {
		if n.on {
			v.Notes = append(v.Notes, n.text)
		}
	}
	for _, f := range files {
		at := base + "/tiktok/files/" + f.ID
		if strings.HasPrefix(f.Mime, "video/") {
			v.Video = &videoView{ID: f.ID, URL: at, Width: f.Width, Height: f.Height, Millis: f.Millis}
			continue
		}
		v.Slides = append(v.Slides, slideView{Photo: &photoView{ID: f.ID, URL: at, Width: f.Width, Height: f.Height}})
	}
	if len(v.Slides) == 1 {
		v.Photos, v.Slides = []photoView{*v.Slides[0].Photo}, nil
	}
	return v
}

// permalink is where TikTok shows a post.
func (k *tiktok) permalink(base string, c *tiktokCreator, p *tiktokPost) string {
	kind := "video"
	if p.Photos {
		kind = "photo"
	}
	return base + "/tiktok/www/@" + url.PathEscape(c.Username) + "/" + kind + "/" + p.ID
}

func (k *tiktok) showPermalink(w http.ResponseWriter, r *http.Request) {
	k.sb.mu.Lock()
	p := k.st.Posts[r.PathValue("post")]
	to := "/"
	if p != nil {
		to = "/tiktok/pages/" + p.OpenID + "/posts/" + p.ID
	}
	k.sb.mu.Unlock()
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (k *tiktok) showProfile(w http.ResponseWriter, r *http.Request) {
	k.sb.mu.Lock()
	to := "/"
	for _, c := range k.st.Creators {
		if "@"+c.Username == r.PathValue("handle") {
			to = "/tiktok/pages/" + c.OpenID
		}
	}
	k.sb.mu.Unlock()
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (k *tiktok) serveFile(w http.ResponseWriter, r *http.Request) {
	k.sb.mu.Lock()
	mime := ""
	for _, p := range k.st.Posts {
		for _, f := range p.Files {
			if f.ID == r.PathValue("id") {
				mime = f.Mime
			}
		}
	}
	for _, t := range k.st.Tasks {
		for _, f := range t.Files {
			if f.ID == r.PathValue("id") {
				mime = f.Mime
			}
		}
	}
	k.sb.mu.Unlock()
	data, ok := k.sb.blobs.get(r.PathValue("id"))
	if !ok || mime == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(data) // a browser that went away is not our problem
}

// removePost implements postRemover: a person deletes a post, or throws a draft away. The lock is held.
func (k *tiktok) removePost(id string) bool {
	openID, rest, _ := strings.Cut(id, "_")
	if p := k.st.Posts[rest]; p != nil && p.OpenID == openID {
		p.Deleted = true
		k.gone(p)
		k.sb.changed()
		return true
	}
	if t := k.st.Tasks[rest]; t != nil && t.OpenID == openID && t.State == taskInbox {
		t.Discarded = true
		k.sb.changed()
		return true
	}
	return false
}
