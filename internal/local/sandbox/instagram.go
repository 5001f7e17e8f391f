package sandbox

import (
	"slices"
	"strings"
	"time"
)

// The Instagram part of the Graph API, for professional accounts linked to a Page. Sources:
// https://developers.facebook.com/docs/instagram-platform/content-publishing and the reference below it.
const (
	instaContainerLife = 24 * time.Hour
	instaQuota         = 50
	instaContainers    = 400 // of one account in 24 hours
	instaMaxImage      = 8_000_000
	instaMaxCaption    = 2200
)

// The prefixes of ids; see metaIDPage.
const (
	metaIDContainer    = 178_8910_0000_0000_00
	metaIDMedia        = 180_1410_0000_0000_00
	metaIDInstaComment = 178_5810_0000_0000_00
)

// instaSettings make an account behave as real ones rarely do. The zero value is the usual.
type instaSettings struct {
	Polls       *int `json:"polls,omitempty"`        // reads of a new container that say IN_PROGRESS; absent = 1
	SlowSeconds int  `json:"slow_seconds,omitempty"` // that long as well, by the sandbox's clock
	Hidden      int  `json:"hidden,omitempty"`       // reads of a new container that answer 100/33
	FailCode    int  `json:"fail_code,omitempty"`    // the next container ends in ERROR with this subcode
	FailTimes   int  `json:"fail_times,omitempty"`   // how many of the next do
	QuotaTotal  int  `json:"quota_total,omitempty"`  // absent = 50
	QuotaUsed   int  `json:"quota_used,omitempty"`   // by other apps
	Containers  int  `json:"containers,omitempty"`   // how many may be made in a day; absent = 400
	ListLag     int  `json:"list_lag,omitempty"`     // reads of the list that do not show the newest post yet
	FewViewers  bool `json:"few_viewers,omitempty"`  // of its stories: they have no numbers
}

type instaContainer struct {
	ID            string   `json:"id"`
	Account       string   `json:"account"`
	Kind          string   `json:"kind"` // IMAGE, VIDEO, REELS, STORIES, CAROUSEL
	Item          bool     `json:"item,omitempty"`
	Caption       string   `json:"caption,omitempty"`
	Collaborators []string `json:"collaborators,omitempty"`
	Files         []string `json:"photos"` // pictures and clips, in their order
	instaLook
	Upload  *instaUpload `json:"upload,omitempty"` // of one that waits for bytes
	Created time.Time    `json:"created"`
	ReadyAt time.Time    `json:"ready_at"`
	Polls   int          `json:"polls,omitempty"`
	Hidden  int          `json:"hidden,omitempty"`
	Fail    int          `json:"fail,omitempty"`
	Media   string       `json:"media,omitempty"` // what it became
}

// instaLook is how a post is shown.
type instaLook struct {
	ReelsOnly bool   `json:"reels_only,omitempty"`   // share_to_feed was false
	Cover     string `json:"cover,omitempty"`        // a picture
	ThumbMS   int64  `json:"thumb_offset,omitempty"` // the moment of the video that is the cover
	AI        bool   `json:"ai,omitempty"`           // labelled as made with AI
}

// instaUpload is how many bytes have come.
type instaUpload struct {
	Size     int64 `json:"size,omitempty"` // as the first upload said
	Received int64 `json:"received"`
}

func (u *instaUpload) complete() bool { return u == nil || u.Size > 0 && u.Received == u.Size }

// status is what the container is now. A read counts down.
func (c *instaContainer) status(now time.Time, read bool) string {
	waits := now.Before(c.ReadyAt) || c.Polls > 0 || !c.Upload.complete()
	if read && c.Polls > 0 && c.Upload.complete() {
		c.Polls--
	}
	switch {
	case c.Media != "":
		return "PUBLISHED"
	case now.Sub(c.Created) >= instaContainerLife:
		return "EXPIRED"
	case waits:
		return "IN_PROGRESS"
	case c.Fail != 0:
		return "ERROR"
	}
	return "FINISHED"
}

type instaMedia struct {
	ID            string   `json:"id"`
	Account       string   `json:"account"`
	Type          string   `json:"type"`    // IMAGE, VIDEO, CAROUSEL_ALBUM
	Product       string   `json:"product"` // FEED, REELS, STORY
	Caption       string   `json:"caption,omitempty"`
	Collaborators []string `json:"collaborators,omitempty"`
	Files         []string `json:"photos"` // pictures and clips, in their order
	instaLook
	Children []string       `json:"children,omitempty"`
	App      string         `json:"app,omitempty"` // empty = a person in the Instagram app
	Created  time.Time      `json:"created"`
	Comments []instaComment `json:"comments,omitempty"` // oldest first
}

// instagram gives the Page that an Instagram account is linked to; the lock is held.
func (st *metaState) instagram(id string) (*metaPage, *metaInsta) {
	for _, p := range st.Pages {
		if p.Instagram != nil && p.Instagram.ID == id {
			return p, p.Instagram
		}
	}
	return nil, nil
}

// linkInstagram gives a Page an account, named as the Page is.
func (m *meta) linkInstagram(page *metaPage) {
	name := page.Username
	if name == "" {
		name = strings.ToLower(strings.Join(strings.Fields(page.Name), "."))
	}
	page.Instagram = &metaInsta{ID: m.st.id(metaIDInsta), Username: name, Name: page.Name}
}

func instagramRoutes() []graphRoute {
	return []graphRoute{
		{"GET ig_user", "Read an Instagram account", graphOp{name: "meta.ig.get", run: (*meta).getInstagram}},
		{"GET ig_user/content_publishing_limit", "Read an account's quota", graphOp{name: "meta.ig.quota", run: (*meta).instaLimit}},
		{"POST ig_user/media", "Create a container", graphOp{name: "meta.ig.container.create", prepare: (*meta).prepareContainer, run: (*meta).createContainer}},
		{"GET ig_container", "Read a container", graphOp{name: "meta.ig.container.get", run: (*meta).getContainer}},
		{"POST ig_user/media_publish", "Publish a container", graphOp{name: "meta.ig.publish", run: (*meta).publishContainer}},
		{"GET ig_user/media", "List Instagram posts", graphOp{name: "meta.ig.media.list", run: (*meta).listInstaMedia}},
		{"GET ig_user/stories", "List Instagram stories", graphOp{name: "meta.ig.stories.list", run: (*meta).listInstaStories}},
		{"GET ig_media", "Read an Instagram post", graphOp{name: "meta.ig.media.get", run: (*meta).getInstaMedia}},
		{"DELETE ig_media", "Delete an Instagram post", graphOp{name: "meta.ig.media.delete", run: (*meta).deleteInstaMedia}},
		{"POST ig_media/comments", "Comment on an Instagram post", graphOp{name: "meta.ig.comments.create", run: (*meta).createInstaComment}},
		{"GET ig_media/comments", "List comments of an Instagram post", graphOp{name: "meta.ig.comments.list", run: (*meta).listInstaComments}},
		{"POST ig_comment/replies", "Answer an Instagram comment", graphOp{name: "meta.ig.replies.create", run: (*meta).createInstaReply}},
		{"GET ig_comment/replies", "List answers to an Instagram comment", graphOp{name: "meta.ig.replies.list", run: (*meta).listInstaReplies}},
		{"GET ig_comment", "Read an Instagram comment", graphOp{name: "meta.ig.comment.get", run: (*meta).getInstaComment}},
		{"POST ig_comment", "Hide an Instagram comment", graphOp{name: "meta.ig.comment.hide", run: (*meta).hideInstaComment}},
		{"DELETE ig_comment", "Delete an Instagram comment", graphOp{name: "meta.ig.comment.delete", run: (*meta).deleteInstaComment}},
		{"GET ig_user/insights", "Read the numbers of an Instagram account", graphOp{name: "meta.ig.insights", run: (*meta).instaInsights}},
		{"GET ig_media/insights", "Read the numbers of an Instagram post", graphOp{name: "meta.ig.media.insights", run: (*meta).instaMediaInsights}},
	}
}

// instaKind tells which of Instagram's things an id names; the lock is held.
func (m *meta) instaKind(id string) (string, bool) {
	if _, ig := m.st.instagram(id); ig != nil {
		return "ig_user", true
	}
	if m.st.Containers[id] != nil {
		return "ig_container", true
	}
	return "ig_media", m.st.Media[id] != nil
}

// mayUseInstagram checks a call on an account: the token of the linked Page, or of a person with a role on it, and the
// permission.
func (m *meta) mayUseInstagram(c *graphCall, account string, scopes ...string) *graphError {
	if c.token.Kind == metaInstaToken {
		return m.mayUseOwn(c, account, append([]string{"instagram_basic"}, scopes...)...)
	}
	page, _ := m.st.instagram(account)
	person := m.st.person(c.token.Person)
	if page == nil || person == nil || c.token.Kind == metaPageToken && c.token.Page != page.ID {
		return missingErr(c.method, c.node)
	}
	role, ok := person.role(page.ID)
	if !ok || !person.Grant.covers(page.ID) {
		return missingErr(c.method, c.node)
	}
	for _, scope := range append([]string{"instagram_basic"}, scopes...) {
		if !m.allows(c.token, scope) {
			e := permissionErr("")
			e.code, e.message = 10, "(#10) Application does not have permission for this action: "+scope+" is missing."
			return e
		}
	}
	if c.method != "GET" && !slices.Contains(role.Tasks, "CREATE_CONTENT") && !slices.Contains(role.Tasks, "MANAGE") {
		return permissionErr("The person behind this token may not create content on the linked Page.")
	}
	return nil
}

// hideInstagram takes the linked account out of a Page's fields where the permission to see it is missing.
func (m *meta) hideInstagram(c *graphCall, n node) {
	if !m.allows(c.token, "instagram_basic") {
		delete(n.values, "instagram_business_account")
	}
}

func instaFields(ig *metaInsta, base string) map[string]any {
	return map[string]any{"id": ig.ID, "username": ig.Username, "name": ig.Name, "profile_picture_url": base + "/meta/avatars/" + ig.ID + ".svg"}
}

func (m *meta) getInstagram(c *graphCall) (any, *graphError) {
	if err := m.mayUseInstagram(c, c.node); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(c.node)
	return fieldsView(node{kind: "IGUser", defaults: []string{"id"}, optional: []string{"biography", "website"}, values: instaFields(ig, c.base)}, c)
}

// used counts the posts of the rolling day. A carousel is one.
func (m *meta) used(ig *metaInsta, now time.Time) int {
	n := ig.Settings.QuotaUsed
	for _, media := range m.st.Media {
		if media.Account == ig.ID && media.App == metaClientID && now.Sub(media.Created) < 24*time.Hour {
			n++
		}
	}
	return n
}

func (ig *metaInsta) quota() int {
	if ig.Settings.QuotaTotal > 0 {
		return ig.Settings.QuotaTotal
	}
	return instaQuota
}

func (m *meta) instaLimit(c *graphCall) (any, *graphError) {
	if err := m.mayUseInstagram(c, c.node, "instagram_content_publish"); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(c.node)
	out := map[string]any{"quota_usage": m.used(ig, c.now)}
	if strings.Contains(c.params.Get("fields"), "config") {
		out["config"] = map[string]any{"quota_total": ig.quota(), "quota_duration": 86400}
	}
	return map[string]any{"data": []map[string]any{out}}, nil
}
