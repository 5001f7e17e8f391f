package sandbox

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Versions of the Graph API. Older ones than the oldest live are answered by that; newer ones never existed.
// https://developers.facebook.com/docs/graph-api/changelog
const (
	metaOldestVersion = 21
	metaNewestVersion = 27
)

// graphCall is one request while it is being answered.
type graphCall struct {
	ctx    context.Context //nolint:containedctx // it is the request, taken apart
	method string
	base   string // origin for links
	// version that serves, e.g. "v26.0"
	version string
	node    string // first path segment: an id or "me"
	edge    string // second path segment, e.g. "feed"
	name    string // third path segment, e.g. a permission
	params  url.Values
	upload  *graphUpload
	cover   *graphUpload
	clip    *instaClip
	chunk   []byte      // a piece of a video
	header  http.Header // of the answer

	now   time.Time // filled when the work begins
	raw   string    // the access token as sent
	token *metaToken
	insta bool // on the host of Instagram Login
}

// graphOp is an operation of the API. prepare runs without the lock (fetching, decoding), run with it.
type graphOp struct {
	name    string
	open    bool // needs no access token
	prepare func(m *meta, c *graphCall) *graphError
	run     func(m *meta, c *graphCall) (any, *graphError)
}

// resolve names the operation of a method and path (without version).
func (m *meta) resolve(method string, seg []string) (graphOp, bool) {
	if op, ok := m.ops[method+" "+m.shape(seg)]; ok {
		return op, true
	}
	return graphOp{name: metaUnknownOp}, false
}

// shape is a path with its first id replaced by what it names.
func (m *meta) shape(seg []string) string {
	switch {
	case len(seg) == 2 && seg[0] == "oauth":
		return "oauth/" + seg[1]
	case len(seg) == 1 && seg[0] == "debug_token":
		return "debug_token"
	case len(seg) == 1:
		return m.kindOf(seg[0])
	case len(seg) == 2:
		if kind := m.kindOf(seg[0]); strings.HasPrefix(kind, "ig_") {
			return kind + "/" + seg[1]
		}
		return "*/" + seg[1]
	case len(seg) == 3 && seg[1] == "permissions":
		return "*/permissions/*"
	}
	return ""
}

// kindOf tells what an id names; an unknown id is taken for a post, which then is missing.
func (m *meta) kindOf(id string) string {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	kind, insta := m.instaKind(id)
	switch {
	case insta:
		return kind
	case id == "me" || m.st.person(id) != nil:
		return "user"
	case m.st.Pages[id] != nil:
		return "page"
	case m.st.Photos[id] != nil:
		return "photo"
	case m.st.Videos[id] != nil:
		return "video"
	case m.st.Posts[id] != nil:
		return "post"
	}
	if _, at := m.instaComment(id); at >= 0 {
		return "ig_comment"
	}
	if p, _ := m.comment(id); p != nil {
		return "comment"
	}
	return "post"
}

// metaUnknownOp is the name of calls that are no operation of this fake.
const metaUnknownOp = "meta.unknown"

type graphRoute struct {
	key, title string
	op         graphOp
}

func metaRoutes() []graphRoute {
	return []graphRoute{
		{"GET oauth/access_token", "Exchange a code or a token", graphOp{name: "meta.oauth.exchange", open: true, run: (*meta).exchange}},
		{"POST oauth/access_token", "", graphOp{name: "meta.oauth.exchange", open: true, run: (*meta).exchange}},
		{"GET debug_token", "Inspect a token", graphOp{name: "meta.debug_token", run: (*meta).debugToken}},
		{"GET user", "Read the person", graphOp{name: "meta.me", run: (*meta).me}},
		{"GET */permissions", "List permissions", graphOp{name: "meta.permissions.list", run: (*meta).listPermissions}},
		{"DELETE */permissions", "Remove the app", graphOp{name: "meta.permissions.delete", run: (*meta).deletePermissions}},
		{"DELETE */permissions/*", "", graphOp{name: "meta.permissions.delete", run: (*meta).deletePermissions}},
		{"GET */accounts", "List Pages", graphOp{name: "meta.accounts", run: (*meta).listAccounts}},
		{"GET page", "Read a Page", graphOp{name: "meta.page.get", run: (*meta).getPage}},
		{"POST */photos", "Upload a photo", graphOp{name: "meta.photos.create", prepare: (*meta).preparePhoto, run: (*meta).createPhoto}},
		{"GET photo", "Read a photo", graphOp{name: "meta.photo.get", run: (*meta).getPhoto}},
		{"POST */feed", "Create a post", graphOp{name: "meta.feed.create", run: (*meta).createPost}},
		{"POST */video_reels", "Start or finish a reel", graphOp{name: "meta.reels.create", run: phases(metaReel)}},
		{"GET */video_reels", "List reels", graphOp{name: "meta.reels.list", run: listVideos(metaReel)}},
		{"POST */videos", "Upload or publish a video", graphOp{name: "meta.videos.create", run: (*meta).pageVideo}},
		{"GET */videos", "List videos", graphOp{name: "meta.videos.list", run: listVideos(metaPlainVideo, metaReel)}},
		{"POST */photo_stories", "Publish a photo story", graphOp{name: "meta.photo_stories.create", run: (*meta).createPhotoStory}},
		{"POST */video_stories", "Start or finish a video story", graphOp{name: "meta.video_stories.create", run: phases(metaVideoStory)}},
		{"GET */stories", "List stories", graphOp{name: "meta.stories.list", run: (*meta).listStories}},
		{"GET video", "Read a video", graphOp{name: "meta.video.get", run: (*meta).getVideo}},
		{"POST video", "Edit a video", graphOp{name: "meta.video.edit", run: (*meta).editVideo}},
		{"DELETE video", "Delete a video", graphOp{name: "meta.video.delete", run: (*meta).deleteVideo}},
		{"POST */comments", "Comment on a post", graphOp{name: "meta.comments.create", run: (*meta).createComment}},
		{"GET */comments", "List comments", graphOp{name: "meta.comments.list", run: (*meta).listComments}},
		{"GET comment", "Read a comment", graphOp{name: "meta.comment.get", run: (*meta).getComment}},
		{"POST comment", "Hide or edit a comment", graphOp{name: "meta.comment.change", run: (*meta).changeComment}},
		{"DELETE comment", "Delete a comment", graphOp{name: "meta.comment.delete", run: (*meta).deleteComment}},
		{"GET */insights", "Read the numbers of a Page or post", graphOp{name: "meta.insights", run: (*meta).insights}},
		{"GET */video_insights", "Read the numbers of a video", graphOp{name: "meta.video.insights", run: (*meta).videoInsights}},
		{"GET */published_posts", "List posts", graphOp{name: "meta.posts.list", run: (*meta).listPublished}},
		{"GET */feed", "", graphOp{name: "meta.posts.list", run: (*meta).listFeed}},
		{"GET */scheduled_posts", "", graphOp{name: "meta.posts.list", run: (*meta).listScheduled}},
		{"GET post", "Read a post", graphOp{name: "meta.post.get", run: (*meta).getPost}},
		{"POST post", "Edit a post", graphOp{name: "meta.post.edit", run: (*meta).editPost}},
		{"DELETE post", "Delete a post", graphOp{name: "meta.post.delete", run: (*meta).deletePost}},
	}
}

// serveGraph answers everything below /meta/graph/.
func (m *meta) serveGraph(w http.ResponseWriter, r *http.Request) {
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, "/meta/graph/"), "/")
	version, rest, bad := graphVersion(path)
	seg := strings.Split(rest, "/")
	op, known := m.resolve(r.Method, seg)
	m.sb.serve(w, r, m, call{op: op.name, path: "/" + path, run: func() answer {
		c := &graphCall{ctx: r.Context(), method: r.Method, base: m.sb.base(r), version: version, node: seg[0], header: http.Header{}}
		c.header.Set("Facebook-Api-Version", version)
		if len(seg) > 1 {
			c.edge = seg[1]
		}
		if len(seg) > 2 {
			c.name = seg[2]
		}
		if bad {
			return unknownPathErr(path).answer()
		}
		v, gerr := m.runGraph(r, c, op, known, rest)
		var a answer
		if gerr != nil {
			a = gerr.answer()
		} else {
			a = jsonAnswer(http.StatusOK, v)
		}
		maps.Copy(a.header, c.header)
		return a
	}})
}

func (m *meta) runGraph(r *http.Request, c *graphCall, op graphOp, known bool, rest string) (_ any, gerr *graphError) {
	defer func() {
		if gerr != nil && c.upload != nil && c.upload.id != "" {
			m.sb.blobs.remove(c.upload.id) // kept by prepare, but then the call was refused
		}
	}()
	if err := c.read(r); err != nil {
		return nil, err
	}
	if !known {
		return nil, m.unknownOp(c, rest)
	}
	if op.prepare != nil {
		if err := op.prepare(m, c); err != nil {
			return nil, err
		}
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	c.now = m.sb.clock()
	if !op.open {
		if err := m.authenticate(c); err != nil {
			return nil, err
		}
	}
	pageID, _, _ := strings.Cut(c.node, "_") // a post's id begins with its Page's
	if err := m.countUsage(c.header, m.st.Pages[pageID], c.now); err != nil {
		return nil, err
	}
	return op.run(m, c)
}

// unknownOp is what a path that is no operation of this fake gets.
func (m *meta) unknownOp(c *graphCall, rest string) *graphError {
	edge := rest[strings.LastIndexByte(rest, '/')+1:]
	if strings.Count(rest, "/") == 1 && m.kindOf(c.node) != "post" {
		if c.method != http.MethodGet {
			return oauthErr(3, 0, "(#3) Application does not have the capability to make this API call.")
		}
		return paramErr("Tried accessing nonexisting field (%s)", edge)
	}
	if strings.Count(rest, "/") == 0 && rest != "" {
		return missingErr(c.method, c.node)
	}
	return unknownPathErr(rest)
}

// graphVersion splits "v26.0/me/accounts". bad: a version that never existed.
func graphVersion(path string) (version, rest string, bad bool) {
	oldest := "v" + strconv.Itoa(metaOldestVersion) + ".0"
	first, rest, _ := strings.Cut(path, "/")
	if len(first) < 2 || first[0] != 'v' || first[1] < '0' || first[1] > '9' {
		return oldest, path, false
	}
	major, minor, ok := strings.Cut(first[1:], ".")
	n, err := strconv.Atoi(major)
	if !ok || err != nil || n < 1 || n > metaNewestVersion || minor != "0" && n > 3 {
		return oldest, rest, true
	}
	if n < metaOldestVersion {
		return oldest, rest, false
	}
	return first, rest, false
}

func metaTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+0000") }

// success is the answer of calls that have nothing to tell.
func success() map[string]any { return map[string]any{"success": true} }
