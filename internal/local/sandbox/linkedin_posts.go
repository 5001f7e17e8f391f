package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits of posts. https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
const (
	liMaxCommentary = 3000 // characters, escapes included
	liMaxTitle      = 400
	liMaxLong       = 4086
	liDoubles       = 10 * time.Minute
)

// liAuthor finds who a writing call is for, for the log.
func liAuthor(body []byte) string {
	var b struct {
		Author string `json:"author"`
		Actor  string `json:"actor"`
		Init   struct {
			Owner string `json:"owner"`
		} `json:"initializeUploadRequest"`
	}
	_ = json.Unmarshal(body, &b) // what cannot be read is refused later
	return b.Author + b.Actor + b.Init.Owner
}

// liShape names the members that an object may have; nil = anything. A list's members are those of its entries.
type liShape map[string]liShape

func liPostShape() liShape {
	any1 := liShape(nil)
	return liShape{
		"author": any1, "commentary": any1, "visibility": any1, "lifecycleState": any1, "isReshareDisabledByAuthor": any1,
		"distribution": {"feedDistribution": any1, "targetEntities": any1, "thirdPartyDistributionChannels": any1},
		"content": {
			"media":      {"id": any1, "altText": any1, "title": any1},
			"multiImage": {"images": {"id": any1, "altText": any1}, "altText": any1},
			"article":    {"source": any1, "title": any1, "description": any1, "thumbnail": any1, "thumbnailAltText": any1},
			"poll":       {"question": any1, "options": {"text": any1}, "settings": {"duration": any1, "voteSelectionType": any1, "isVoterVisibleToAuthor": any1}},
		},
		"reshareContext": {"parent": any1}, "contentLandingPage": any1, "contentCallToActionLabel": any1, "container": any1, "adContext": any1,
	}
}

// strange finds a member that no document names.
func (s liShape) strange(v any, at string) string {
	if s == nil {
		return ""
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			inner, known := s[k]
			if !known {
				return at + "/" + k
			}
			if found := inner.strange(v[k], at+"/"+k); found != "" {
				return found
			}
		}
	case []any:
		for i, e := range v {
			if found := s.strange(e, at+"/"+strconv.Itoa(i)); found != "" {
				return found
			}
		}
	}
	return ""
}

func liSchema(at, what string) *liErr {
	return &liErr{status: http.StatusUnprocessableEntity, message: "ERROR :: " + at + " :: " + what + "\n"}
}

type liNewPost struct {
	Author     string    `json:"author"`
	Commentary string    `json:"commentary"`
	Visibility string    `json:"visibility"`
	State      string    `json:"lifecycleState"`
	NoReshare  bool      `json:"isReshareDisabledByAuthor"`
	Content    liContent `json:"content"`
	Reshare    struct {
		Parent string `json:"parent"`
	} `json:"reshareContext"`
	Distribution struct {
		Feed string `json:"feedDistribution"`
	} `json:"distribution"`
}

// createPost is POST /posts. https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
func (l *linkedin) createPost(c *liCall) (answer, *liErr) {
	var fields map[string]any
	if json.Unmarshal(c.body, &fields) != nil {
		return answer{}, liBad("INVALID_JSON", "The body is no JSON object")
	}
	for _, name := range []string{"author", "commentary", "distribution", "lifecycleState", "visibility"} {
		if _, there := fields[name]; !there {
			return answer{}, liSchema("/"+name, "field is required but not found and has no default value")
		}
	}
	if at := liPostShape().strange(fields, ""); at != "" {
		return answer{}, liSchema(at, "unrecognized field found but not allowed")
	}
	var in liNewPost
	if json.Unmarshal(c.body, &in) != nil {
		return answer{}, liSchema("/", "a field is of another type")
	}
	if e := l.mayAct(c, in.Author, "w_member_social", "w_organization_social", "posts.CREATE"); e != nil {
		return answer{}, e
	}
	if e := l.checkPost(in, fields); e != nil {
		return answer{}, e
	}
	sum := liSum(fields)
	for _, b := range l.st.Recent {
		if b.Author == in.Author && b.Sum == sum && c.now.Sub(b.At) < liDoubles {
			return answer{}, &liErr{
				status: http.StatusUnprocessableEntity, message: "Duplicate post detected. Content is a duplicate of " + b.URN,
				inputs: []map[string]any{{"code": "DUPLICATE_POST", "description": "Duplicate post is detected", "input": map[string]any{}}},
			}
		}
	}
	p := &liPost{
		Kind: "share", Author: in.Author, App: c.token.App, Commentary: in.Commentary, Visibility: in.Visibility, State: liPublished,
		Content: in.Content, Parent: in.Reshare.Parent, NoReshare: in.NoReshare, Created: c.now,
	}
	if in.Content.Poll != nil || in.Content.Media != nil && !strings.HasPrefix(in.Content.Media.ID, "urn:li:image:") {
		p.Kind = "ugcPost"
	}
	for _, m := range in.Content.images() {
		if l.settle(l.st.Media[m.ID]) == liFailed { // nobody sees it, though the call succeeds
			p.State = "PUBLISH_FAILED"
		}
	}
	l.insert(p)
	l.st.Recent = append(slices.DeleteFunc(slices.Clone(l.st.Recent), func(b liBody) bool { return c.now.Sub(b.At) >= liDoubles }), liBody{in.Author, sum, p.URN, c.now})
	l.sb.changed()
	return answer{status: http.StatusCreated, header: http.Header{"X-Restli-Id": {p.URN}}}, nil
}

// liSum is the same for the same content. The order of a body's members does not matter.
func liSum(fields map[string]any) string {
	raw, _ := json.Marshal(fields) // what came from JSON goes back to it
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func (l *linkedin) checkPost(in liNewPost, fields map[string]any) *liErr {
	member := strings.HasPrefix(in.Author, "urn:li:person:")
	content, _ := fields["content"].(map[string]any)
	_, some := fields["content"]
	switch {
	case in.State != liPublished:
		return liBad("INVALID_VALUE_FOR_FIELD", "/lifecycleState only PUBLISHED can be created")
	case in.Visibility != "PUBLIC" && in.Visibility != "LOGGED_IN" && (in.Visibility != "CONNECTIONS" || !member):
		return liBad("INVALID_VALUE_FOR_FIELD", "/visibility is not a value for this author")
	case in.Distribution.Feed != "MAIN_FEED" && (in.Distribution.Feed != "NONE" || member):
		return liBad("INVALID_VALUE_FOR_FIELD", "/distribution/feedDistribution is not a value")
	case utf8.RuneCountInString(in.Commentary) > liMaxCommentary:
		return liBad("FIELD_LENGTH_TOO_LONG", "/commentary is longer than %d characters", liMaxCommentary)
	case len(content) > 1 || len(content) == 1 && in.Reshare.Parent != "":
		return liBad("MULTIPLE_VALIDATIONS_FAILED", "/content has more than one member")
	case strings.TrimSpace(in.Commentary) == "" && (len(content) == 0 || in.Content.Article != nil || in.Content.Poll != nil) && in.Reshare.Parent == "":
		return liBad("INVALID_VALUE_BLANK_FIELD", "/commentary is blank")
	case in.Reshare.Parent != "":
		parent := l.st.Posts[in.Reshare.Parent]
		if parent == nil || parent.NoReshare || parent.Visibility != "PUBLIC" {
			return liBad("INVALID_VALUE_FOR_FIELD", "/reshareContext/parent cannot be reshared")
		}
	}
	return l.checkContent(in.Author, in.Content, some)
}

func (l *linkedin) checkContent(author string, content liContent, some bool) *liErr {
	switch {
	case content.Media != nil:
		kind, _, _ := strings.Cut(strings.TrimPrefix(content.Media.ID, "urn:li:"), ":")
		if kind == "document" && strings.TrimSpace(content.Media.Title) == "" {
			return liBad("MISSING_FIELD", "/content/media/title is required for documents")
		}
		if utf8.RuneCountInString(content.Media.Title) > liMaxTitle {
			return liBad("FIELD_LENGTH_TOO_LONG", "/content/media/title is too long")
		}
		return l.attach(author, *content.Media, "image", "video", "document")
	case content.MultiImage != nil:
		if n := len(content.MultiImage.Images); n < 2 || n > 20 {
			return liBad("INVALID_VALUE_FOR_FIELD", "/content/multiImage/images has %d entries, 2 to 20 are allowed", n)
		}
		for _, m := range content.MultiImage.Images {
			if e := l.attach(author, m, "image"); e != nil {
				return e
			}
		}
	case content.Article != nil:
		a := content.Article
		switch {
		case !strings.HasPrefix(a.Source, "http://") && !strings.HasPrefix(a.Source, "https://"):
			return liBad("INVALID_VALUE_FOR_FIELD", "/content/article/source is no address")
		case utf8.RuneCountInString(a.Title) > liMaxTitle, utf8.RuneCountInString(a.Description) > liMaxLong:
			return liBad("FIELD_LENGTH_TOO_LONG", "/content/article is too long")
		case a.Thumbnail != "":
			return l.attach(author, liAttached{ID: a.Thumbnail}, "image")
		}
	case content.Poll != nil:
		p := content.Poll
		if strings.TrimSpace(p.Question) == "" || utf8.RuneCountInString(p.Question) > 140 || len(p.Options) < 2 || len(p.Options) > 4 {
			return liBad("INVALID_VALUE_FOR_FIELD", "/content/poll needs a question of at most 140 characters and 2 to 4 options")
		}
		for _, o := range p.Options {
			if strings.TrimSpace(o.Text) == "" || utf8.RuneCountInString(o.Text) > 30 {
				return liBad("FIELD_LENGTH_TOO_LONG", "/content/poll/options has an entry without text or of more than 30 characters")
			}
		}
		if !slices.Contains([]string{"ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"}, p.Settings.Duration) {
			return liBad("INVALID_VALUE_FOR_FIELD", "/content/poll/settings/duration is not a value")
		}
	case some:
		return liBad("INVALID_VALUE_FOR_FIELD", "/content is empty")
	}
	return nil
}

// attach checks a file that a post names.
func (l *linkedin) attach(author string, m liAttached, kinds ...string) *liErr {
	kind, _, _ := strings.Cut(strings.TrimPrefix(m.ID, "urn:li:"), ":")
	if !strings.HasPrefix(m.ID, "urn:li:") || !slices.Contains(kinds, kind) {
		return liBad("INVALID_URN_TYPE", "The URN of the media has a type that is not allowed here")
	}
	if utf8.RuneCountInString(m.AltText) > liMaxLong {
		return liBad("FIELD_LENGTH_TOO_LONG", "altText is longer than %d characters", liMaxLong)
	}
	file := l.st.Media[m.ID]
	if file == nil || file.Owner != author {
		return liBad("INVALID_"+strings.ToUpper(kind)+"_ID", "The media does not exist or is not owned by the author")
	}
	switch status := l.settle(file); {
	case status == liWaiting, kind != "image" && status == liProcessing:
		return liBad("MEDIA_ASSET_WAITING_UPLOAD", "The media asset is not available yet")
	case status == liFailed && kind != "image":
		return liBad("MEDIA_ASSET_PROCESSING_FAILED", "The media asset could not be processed")
	}
	return nil
}

// mayReadPosts checks reading: of organizations with a permission that apps get, of persons with one that is closed.
func (l *linkedin) mayReadPosts(c *liCall, author, what string) *liErr {
	if strings.HasPrefix(author, "urn:li:person:") {
		if !c.token.has("r_member_social") {
			return liDenied(what + "." + liNewest)
		}
		return nil
	}
	if !c.token.has("r_organization_social") || !c.person.mayPost(liID(author)) {
		return liDenied(what + "." + liNewest)
	}
	return nil
}

func (l *linkedin) postJSON(p *liPost) map[string]any {
	v := map[string]any{
		"id": p.URN, "author": p.Author, "commentary": liStored(p.Commentary), "visibility": p.Visibility, "lifecycleState": p.State,
		"distribution": map[string]any{"feedDistribution": "MAIN_FEED", "thirdPartyDistributionChannels": []any{}},
		"createdAt":    p.Created.UnixMilli(), "publishedAt": p.Created.UnixMilli(), "lastModifiedAt": p.Modified.UnixMilli(), "isReshareDisabledByAuthor": p.NoReshare,
		"lifecycleStateInfo": map[string]any{"isEditedByAuthor": p.Edited},
	}
	if p.Content != (liContent{}) {
		v["content"] = p.Content
	}
	if p.Parent != "" {
		v["reshareContext"] = map[string]string{"parent": p.Parent}
	}
	return v
}

func (l *linkedin) getPost(c *liCall) (answer, *liErr) {
	p := l.st.Posts[c.path[2]]
	if p == nil {
		return answer{}, liMissing()
	}
	if e := l.mayReadPosts(c, p.Author, "posts.GET"); e != nil {
		return answer{}, e
	}
	return jsonAnswer(http.StatusOK, l.postJSON(p)), nil
}

func (l *linkedin) listPosts(c *liCall) (answer, *liErr) {
	author := c.value("author")
	if c.value("q") != "author" || author == "" {
		return answer{}, liBad("ILLEGAL_ARGUMENT", "Invalid finder")
	}
	if e := l.mayReadPosts(c, author, "posts.FINDER-author"); e != nil {
		return answer{}, e
	}
	posts := l.postsOf(author)
	slices.Reverse(posts)
	if c.value("sortBy") != "CREATED" {
		slices.SortStableFunc(posts, func(a, b *liPost) int { return b.Modified.Compare(a.Modified) })
	}
	start, end, paging := c.page(len(posts))
	elements := []map[string]any{}
	for _, p := range posts[start:end] {
		elements = append(elements, l.postJSON(p))
	}
	return jsonAnswer(http.StatusOK, map[string]any{"elements": elements, "paging": paging}), nil
}

// editPost is a partial update of what may be changed.
func (l *linkedin) editPost(c *liCall) (answer, *liErr) {
	if c.action != "PARTIAL_UPDATE" {
		return answer{}, &liErr{status: http.StatusBadRequest, code: "ILLEGAL_ARGUMENT", message: "The method is not supported without X-RestLi-Method: PARTIAL_UPDATE"}
	}
	p := l.st.Posts[c.path[2]]
	if p == nil {
		return answer{}, liMissing()
	}
	if e := l.mayAct(c, p.Author, "w_member_social", "w_organization_social", "posts.PARTIAL_UPDATE"); e != nil {
		return answer{}, e
	}
	var in struct {
		Patch struct {
			Set map[string]any `json:"$set"`
		} `json:"patch"`
	}
	if json.Unmarshal(c.body, &in) != nil || len(in.Patch.Set) == 0 {
		return answer{}, liSchema("/patch/$set", "field is required but not found and has no default value")
	}
	for name := range in.Patch.Set {
		if name != "commentary" && name != "contentCallToActionLabel" && name != "contentLandingPage" {
			return answer{}, liBad("ILLEGAL_ARGUMENT", "/patch/$set/%s cannot be changed", name)
		}
	}
	if text, ok := in.Patch.Set["commentary"].(string); ok {
		if utf8.RuneCountInString(text) > liMaxCommentary {
			return answer{}, liBad("FIELD_LENGTH_TOO_LONG", "/commentary is longer than %d characters", liMaxCommentary)
		}
		p.Commentary, p.Edited, p.Modified = text, true, c.now
		l.sb.changed()
	}
	return answer{status: http.StatusNoContent, header: http.Header{}}, nil
}

// deletePost may be repeated.
func (l *linkedin) deletePost(c *liCall) (answer, *liErr) {
	if p := l.st.Posts[c.path[2]]; p != nil {
		if e := l.mayAct(c, p.Author, "w_member_social", "w_organization_social", "posts.DELETE"); e != nil {
			return answer{}, e
		}
		l.remove(p.URN)
	}
	return answer{status: http.StatusNoContent, header: http.Header{}}, nil
}

// removePost is a deletion on the site.
func (l *linkedin) removePost(urn string) bool { return l.remove(urn) }
