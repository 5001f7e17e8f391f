package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// controlRoutes is the fake TikTok's part of the control API; see the package comment.
func (k *tiktok) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /_sandbox/tiktok/seed", k.controlSeed)
	mux.HandleFunc("POST /_sandbox/tiktok/token", k.controlToken)
	mux.HandleFunc("POST /_sandbox/tiktok/login", k.consent().control)
	mux.HandleFunc("POST /_sandbox/tiktok/redirects", k.controlRedirects)
	mux.HandleFunc("POST /_sandbox/tiktok/settings", k.controlSettings)
	mux.HandleFunc("GET /_sandbox/tiktok/creators", k.controlCreators)
	mux.HandleFunc("POST /_sandbox/tiktok/creators/{id}", k.controlTraits)
	mux.HandleFunc("POST /_sandbox/tiktok/creators/{id}/remove", k.controlRemove)
	mux.HandleFunc("POST /_sandbox/tiktok/posts", k.controlPost)
	mux.HandleFunc("POST /_sandbox/tiktok/posts/{id}/hide", k.controlHide)
	mux.HandleFunc("POST /_sandbox/tiktok/drafts/{id}/post", k.controlDraft)
	mux.HandleFunc("POST /_sandbox/tiktok/webhook", k.controlWebhook)
	mux.HandleFunc("POST /_sandbox/tiktok/flush", k.controlFlush)
}

func (k *tiktok) controlSeed(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Username string `json:"username"`
		Nickname string `json:"nickname"`
		tiktokTraits
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.Username == "" {
		refuseJSON(w, http.StatusBadRequest, errors.New("username is required"))
		return
	}
	if in.Nickname == "" {
		in.Nickname = in.Username
	}
	k.sb.mu.Lock()
	c := k.addCreator(in.Username, in.Nickname, in.tiktokTraits)
	k.sb.changed()
	k.sb.mu.Unlock()
	writeJSON(w, http.StatusCreated, map[string]string{"open_id": c.OpenID, "username": c.Username})
}

// controlToken gives the app access, as if the creator had consented. Empty scopes are all of them.
func (k *tiktok) controlToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Creator string   `json:"creator"`
		Scopes  []string `json:"scopes"`
		Access  int64    `json:"access_seconds"`
		Refresh int64    `json:"refresh_seconds"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if len(in.Scopes) == 0 {
		for _, s := range tiktokScopes() {
			in.Scopes = append(in.Scopes, s.Name)
		}
	}
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	c := k.st.creator(in.Creator)
	if c == nil {
		refuseJSON(w, http.StatusNotFound, errNoCreator)
		return
	}
	c.Grant = &tiktokGrant{Scopes: in.Scopes, Since: k.sb.clock()}
	writeJSON(w, http.StatusCreated, k.mint(c.OpenID, in.Scopes, in.Access, in.Refresh))
}

// controlSettings changes those that are given.
func (k *tiktok) controlSettings(w http.ResponseWriter, r *http.Request) {
	k.sb.mu.Lock()
	next := k.st.Settings
	k.sb.mu.Unlock()
	if !readJSON(w, r, &next) {
		return
	}
	k.sb.mu.Lock()
	k.st.Settings = next
	k.sb.changed()
	k.sb.mu.Unlock()
	writeJSON(w, http.StatusOK, next)
}

type creatorJSON struct {
	OpenID   string           `json:"open_id"`
	Username string           `json:"username"`
	Nickname string           `json:"nickname"`
	Scopes   []string         `json:"scopes"`
	Posts    []tiktokPostJSON `json:"posts"` // oldest first
	Inbox    []tiktokPostJSON `json:"inbox"`
	Tasks    int              `json:"tasks"` // ever begun
}

type tiktokPostJSON struct {
	tiktokPostInfo
	ID        string       `json:"id"`
	Task      string       `json:"publish_id"`
	Files     []tiktokFile `json:"files"`
	Created   time.Time    `json:"created"`
	Public    bool         `json:"public"`
	Permalink string       `json:"permalink"`
}

func (k *tiktok) controlCreators(w http.ResponseWriter, r *http.Request) {
	k.advance(r.Context())
	only, base := r.URL.Query().Get("id"), k.sb.base(r)
	out := []creatorJSON{}
	k.sb.mu.Lock()
	now := k.sb.clock()
	for _, c := range k.st.Creators {
		if only != "" && only != c.OpenID {
			continue
		}
		v := creatorJSON{OpenID: c.OpenID, Username: c.Username, Nickname: c.Nickname, Posts: []tiktokPostJSON{}, Inbox: []tiktokPostJSON{}}
		if c.Grant != nil {
			v.Scopes = c.Grant.Scopes
		}
		for _, p := range slices.Backward(k.posts(c.OpenID)) {
			v.Posts = append(v.Posts, tiktokPostJSON{p.tiktokPostInfo, p.ID, p.Task, p.Files, p.Created, p.public(now), k.permalink(base, c, p)})
		}
		for _, t := range slices.Backward(k.inbox(c.OpenID)) {
			v.Inbox = append(v.Inbox, tiktokPostJSON{tiktokPostInfo: t.Post, ID: t.ID, Task: t.ID, Files: t.Files, Created: t.Done})
		}
		for _, t := range k.st.Tasks {
			if t.OpenID == c.OpenID {
				v.Tasks++
			}
		}
		out = append(out, v)
	}
	k.sb.mu.Unlock()
	writeJSON(w, http.StatusOK, out)
}

// controlTraits changes those that are given.
func (k *tiktok) controlTraits(w http.ResponseWriter, r *http.Request) {
	k.sb.mu.Lock()
	c := k.st.creator(r.PathValue("id"))
	var next tiktokTraits
	if c != nil {
		next = c.tiktokTraits
	}
	k.sb.mu.Unlock()
	if c == nil {
		refuseJSON(w, http.StatusNotFound, errNoCreator)
		return
	}
	if !readJSON(w, r, &next) {
		return
	}
	k.sb.mu.Lock()
	c.tiktokTraits = next
	k.sb.changed()
	k.sb.mu.Unlock()
	writeJSON(w, http.StatusOK, next)
}

// controlRemove removes the app from a creator's account. reason: 0 unknown, 1 disconnected by the person, 2 account
// deleted, 3 age changed, 4 banned, 5 by the app itself.
func (k *tiktok) controlRemove(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Reason int `json:"reason"`
	}{Reason: 1}
	if r.ContentLength != 0 && !readJSON(w, r, &in) {
		return
	}
	if err := k.remove(r.PathValue("id"), in.Reason); err != nil {
		refuseJSON(w, http.StatusNotFound, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"answers": k.flush(r.Context())})
}

func (k *tiktok) remove(id string, reason int) error {
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	c := k.st.creator(id)
	if c == nil {
		return errNoCreator
	}
	k.removeApp(c, reason)
	return nil
}

// revokePerson implements revoker.
func (k *tiktok) revokePerson(ctx context.Context, id string) {
	if k.remove(strings.TrimPrefix(id, "p"), 1) == nil {
		k.flush(ctx)
	}
}

// controlPost is a post made by hand.
func (k *tiktok) controlPost(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Creator string    `json:"creator"`
		Title   string    `json:"title"`
		Level   string    `json:"privacy_level"`
		At      time.Time `json:"at"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	c := k.st.creator(in.Creator)
	if c == nil {
		refuseJSON(w, http.StatusNotFound, errNoCreator)
		return
	}
	if in.At.IsZero() {
		in.At = k.sb.clock()
	}
	if in.Level == "" {
		in.Level = tiktokPublic
	}
	p := &tiktokPost{tiktokPostInfo: tiktokPostInfo{Title: in.Title, Privacy: in.Level}, ID: k.st.postID(), OpenID: c.OpenID, Created: in.At, Visible: in.At, Told: true}
	k.st.Posts[p.ID] = p
	k.sb.changed()
	writeJSON(w, http.StatusCreated, map[string]string{"id": p.ID})
}

func (k *tiktok) controlHide(w http.ResponseWriter, r *http.Request) {
	if err := k.hide(r.PathValue("id"), true); err != nil {
		refuseJSON(w, http.StatusNotFound, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"answers": k.flush(r.Context())})
}

// hide takes a post out of the public, or shows it again.
func (k *tiktok) hide(id string, hidden bool) error {
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	p := k.st.Posts[id]
	if p == nil || p.Deleted {
		return fmt.Errorf("no post %q", id)
	}
	if hidden && !p.Hidden {
		k.gone(p)
	}
	if !hidden {
		p.Told = p.Task == ""
	}
	p.Hidden = hidden
	k.announce(p, k.sb.clock())
	k.sb.changed()
	return nil
}

func (k *tiktok) controlDraft(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Title string `json:"title"`
		Level string `json:"privacy_level"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if err := k.postDraft(r.PathValue("id"), in.Title, in.Level); err != nil {
		refuseJSON(w, http.StatusNotFound, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"answers": k.flush(r.Context())})
}

func (k *tiktok) controlWebhook(w http.ResponseWriter, r *http.Request) {
	var in webhookOrder
	if !readJSON(w, r, &in) {
		return
	}
	out, err := k.deliver(r.Context(), in)
	answered(w, out, err)
}

// controlFlush delivers at once what is due.
func (k *tiktok) controlFlush(w http.ResponseWriter, r *http.Request) {
	k.advance(r.Context())
	writeJSON(w, http.StatusOK, map[string]any{"answers": k.flush(r.Context())})
}

// actions implements actor. The lock is held.
func (k *tiktok) actions(string) []actionForm {
	var creators, drafts, posts []choice
	for _, c := range k.st.Creators {
		creators = append(creators, choice{c.OpenID, "@" + c.Username})
		for _, t := range k.inbox(c.OpenID) {
			drafts = append(drafts, choice{t.ID, "@" + c.Username + ", " + t.Done.Format("2 Jan 15:04:05")})
		}
		for _, p := range k.posts(c.OpenID) {
			posts = append(posts, choice{p.ID, "@" + c.Username + ": " + shorten(p.Title+p.Description)})
		}
	}
	creator := actionField{Name: "creator", Label: "Creator", Choices: creators}
	levels := []choice{{tiktokPublic, "Everyone"}, {tiktokFriends, "Friends"}, {tiktokSelf, "Only me"}}
	yesNo := []choice{{"no", "No"}, {"yes", "Yes"}}
	forms := []actionForm{
		{
			Name: "remove", Title: "Remove the app", Button: "Remove", About: "The access ends at once, and the app is told.",
			Fields: []actionField{creator, {Name: "reason", Label: "Reason", Choices: []choice{{"1", "Disconnected by the person"}, {"2", "Account deleted"}, {"3", "Age changed"}, {"4", "Account banned"}, {"0", "Unknown"}}}},
		},
		{Name: "ban", Title: "Ban from posting", Button: "Set", About: "The creator can post nothing until it is lifted.", Fields: []actionField{creator, {Name: "on", Label: "Banned", Choices: yesNo}}},
		{Name: "private", Title: "Make an account private", Button: "Set", About: "A private account offers other privacy levels, and no duet and stitch.", Fields: []actionField{creator, {Name: "on", Label: "Private", Choices: yesNo}}},
		{Name: "cap", Title: "Use up the daily posts", Button: "Set", About: "How many posts other apps have made for the creator today; 15 are allowed.", Fields: []actionField{creator, {Name: "used", Label: "Posts", Number: true, Max: 15, Value: "15"}}},
		{Name: "audit", Title: "Set the audit", Button: "Set", About: "An app that has not passed TikTok’s audit posts to private accounts only, seen by nobody else.", Fields: []actionField{{Name: "on", Label: "Audited", Choices: []choice{{"yes", "Yes"}, {"no", "No"}}}}},
		{
			Name: "fail", Title: "Let the next post fail", Button: "Set", About: "What TikTok finds wrong while it processes the next one.",
			Fields: []actionField{creator, {Name: "reason", Label: "Reason", Value: "spam_risk_text", Choices: tiktokReasons()}},
		},
		{
			Name: "slow", Title: "Set how long things take", Button: "Set", About: "In seconds of the sandbox’s clock.",
			Fields: []actionField{creator, {Name: "processing", Label: "Processing", Number: true, Max: 86400, Value: "2"}, {Name: "moderation", Label: "Moderation", Number: true, Max: 86400, Value: "5"}, {Name: "pull", Label: "Until files are fetched", Number: true, Max: 86400, Value: "0"}},
		},
	}
	if len(drafts) > 0 {
		forms = append(forms, actionForm{
			Name: "draft", Title: "Post a draft from the inbox", Button: "Post", About: "What the person does in the TikTok app with a draft.",
			Fields: []actionField{{Name: "draft", Label: "Draft", Choices: drafts}, {Name: "title", Label: "Caption"}, {Name: "level", Label: "Seen by", Choices: levels}},
		})
	}
	if len(posts) > 0 {
		forms = append(forms, actionForm{
			Name: "hide", Title: "Hide a post", Button: "Set", About: "Moderation removes it, or the person makes it private; the app is told. Or it is public again.",
			Fields: []actionField{{Name: "post", Label: "Post", Choices: posts}, {Name: "on", Label: "Hidden", Choices: []choice{{"yes", "Yes"}, {"no", "No"}}}},
		})
	}
	return forms
}

func tiktokReasons() []choice {
	var out []choice
	for _, r := range []string{
		"spam_risk_text", "spam_risk", "spam_risk_too_many_posts", "spam_risk_user_banned_from_posting", "internal", "video_pull_failed", "photo_pull_failed",
		"file_format_check_failed", "duration_check_failed", "frame_rate_check_failed", "picture_size_check_failed", "auth_removed",
	} {
		out = append(out, choice{r, r})
	}
	return out
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// act implements actor.
func (k *tiktok) act(ctx context.Context, name string, form url.Values) (string, error) {
	on := form.Get("on") == "yes"
	number := func(field string) int64 {
		n, _ := strconv.ParseInt(form.Get(field), 10, 64) // the inputs are of type number; anything else is 0
		return max(0, n)
	}
	var err error
	switch name {
	case "remove":
		err = k.remove(form.Get("creator"), int(number("reason")))
	case "draft":
		err = k.postDraft(form.Get("draft"), form.Get("title"), form.Get("level"))
	case "hide":
		err = k.hide(form.Get("post"), on)
	default:
		k.sb.mu.Lock()
		defer k.sb.mu.Unlock()
		defer k.sb.changed()
		if name == "audit" {
			k.st.Settings.Audited = on
			return "Done.", nil
		}
		c := k.st.creator(form.Get("creator"))
		if c == nil {
			return "", errNoCreator
		}
		switch name {
		case "ban":
			c.Banned = on
		case "private":
			c.Private = on
		case "cap":
			c.OtherPosts = int(number("used"))
		case "fail":
			c.Fail, c.FailTimes = form.Get("reason"), 1
		case "slow":
			c.ProcessingSeconds, c.ModerationSeconds, c.PullSeconds = number("processing"), number("moderation"), number("pull")
		}
		return "Done. The next call finds out.", nil
	}
	if err != nil {
		return "", err
	}
	return summary(k.flush(ctx)), nil
}
