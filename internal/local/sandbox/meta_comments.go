package sandbox

import (
	"slices"
	"strings"
	"time"
)

// metaMaxComment is in characters. Meta does not document it; clients report it.
const metaMaxComment = 8000

type metaComment struct {
	ID      string    `json:"id"`
	Parent  string    `json:"parent,omitempty"` // the comment it answers
	Message string    `json:"message"`
	By      string    `json:"by"`             // the Page's id, or empty for a fan
	Name    string    `json:"name,omitempty"` // of the fan
	From    string    `json:"from,omitempty"` // the fan's id; empty = shares no identity with the app
	Hidden  bool      `json:"hidden,omitempty"`
	Created time.Time `json:"created"`
}

// commented finds the post whose comments a call is about; a video's are its post's, and a comment has some of its own.
func (m *meta) commented(c *graphCall) (post *metaPost, page *metaPage, parent string, gerr *graphError) {
	p := m.st.Posts[c.node]
	if v := m.st.Videos[c.node]; v != nil {
		p = m.st.Posts[v.Post]
	}
	if p == nil {
		var at int
		if p, at = m.comment(c.node); p != nil {
			parent = p.Comments[at].ID
		}
	}
	if p == nil || c.token.Kind == metaAppToken {
		return nil, nil, "", missingErr(c.method, c.node)
	}
	return p, m.st.Pages[p.Page], parent, nil
}

// comment finds a comment and its place below its post. Its id begins with the post's. The lock is held.
func (m *meta) comment(id string) (*metaPost, int) {
	post, _, ok := strings.Cut(id, "_")
	if !ok {
		return nil, 0
	}
	for _, page := range m.st.Pages {
		if p := m.st.Posts[page.ID+"_"+post]; p != nil {
			if at := slices.IndexFunc(p.Comments, func(x metaComment) bool { return x.ID == id }); at >= 0 {
				return p, at
			}
		}
	}
	return nil, 0
}

// mayModerate checks a writing call on comments: the Page's own token, the permission and the task.
// https://developers.facebook.com/docs/pages-api/comments-mentions
func (m *meta) mayModerate(c *graphCall, page *metaPage) *graphError {
	person := m.st.person(c.token.Person)
	if person == nil || c.token.Page != page.ID || !m.allows(c.token, "pages_manage_engagement") {
		return permissionErr("Commenting as a Page needs its access token and pages_manage_engagement.")
	}
	if role, ok := person.role(page.ID); !ok || !slices.Contains(role.Tasks, "MODERATE") && !slices.Contains(role.Tasks, "MANAGE") {
		return permissionErr("The person behind this token may not moderate the Page.")
	}
	return nil
}

// createComment is POST /{post}/comments and /{comment}/comments, as the Page. An answer to an answer stands below the
// comment that began it.
// https://developers.facebook.com/docs/pages-api/comments-mentions
func (m *meta) createComment(c *graphCall) (any, *graphError) {
	post, page, parent, err := m.commented(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayModerate(c, page); err != nil {
		return nil, err
	}
	message := c.params.Get("message")
	switch n := len([]rune(message)); {
	case strings.TrimSpace(message) == "" && c.params.Get("attachment_url") == "":
		return nil, paramErr("One of the parameters message or attachment_url is required.")
	case n > metaMaxComment:
		return nil, paramErr("Param message is too long: %d characters, at most %d are allowed.", n, metaMaxComment)
	}
	comment := m.addComment(post, metaComment{Parent: parent, Message: strings.TrimSpace(message), By: page.ID, Created: c.now})
	return map[string]any{"id": comment.ID}, nil
}

// addComment puts a comment below a post. The lock is held.
func (m *meta) addComment(post *metaPost, x metaComment) metaComment {
	_, id, _ := strings.Cut(post.ID, "_")
	x.ID = id + "_" + m.st.id(metaIDComment)
	if _, at := m.comment(x.Parent); x.Parent != "" && post.Comments[at].Parent != "" {
		x.Parent = post.Comments[at].Parent
	}
	post.Comments = append(slices.Clip(post.Comments), x)
	m.sb.changed()
	return x
}

// listComments is GET /{post}/comments and /{comment}/comments, oldest first; of a post only those that answer no other,
// unless the stream is asked for. What people wrote needs a permission of its own, and "from" is there for the Page and
// for those who share it.
func (m *meta) listComments(c *graphCall) (any, *graphError) {
	post, page, parent, err := m.commented(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	byID := map[string]metaComment{}
	var keys []string
	for _, x := range post.Comments {
		if x.By == "" && !m.allows(c.token, "pages_read_user_content") {
			continue
		}
		if x.Parent != parent && (parent != "" || c.params.Get("filter") != "stream") {
			continue
		}
		byID[x.ID] = x
		keys = append(keys, x.ID)
	}
	if c.params.Get("order") == "reverse_chronological" {
		slices.Reverse(keys)
	}
	w, err := c.window(keys)
	if err != nil {
		return nil, err
	}
	data := []map[string]any{}
	for _, id := range keys[w.start:w.end] {
		view, err := m.commentNode(c, post, page, byID[id]).view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		data = append(data, view)
	}
	return c.list(data, w), nil
}

func (m *meta) commentNode(c *graphCall, post *metaPost, page *metaPage, x metaComment) node {
	answers := 0
	for _, other := range post.Comments {
		if other.Parent == x.ID {
			answers++
		}
	}
	n := node{kind: "Comment", defaults: []string{"created_time", "from", "message", "id"}, optional: []string{"from", "parent", "attachment"}, values: map[string]any{
		"id": x.ID, "message": x.Message, "created_time": metaTime(x.Created), "is_hidden": x.Hidden, "comment_count": answers,
		"can_hide": x.By == "", "can_remove": true, "can_comment": true,
	}}
	if x.Parent != "" {
		n.values["parent"] = map[string]any{"id": x.Parent}
	}
	switch pageToken := c.token.Kind == metaPageToken; {
	case x.By != "" && pageToken:
		n.values["from"] = map[string]any{"id": page.ID, "name": page.Name}
	case x.From != "" && pageToken:
		n.values["from"] = map[string]any{"id": x.From, "name": x.Name}
	}
	return n
}

func (m *meta) getComment(c *graphCall) (any, *graphError) {
	post, at := m.comment(c.node)
	page := m.st.Pages[post.Page]
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	return fieldsView(m.commentNode(c, post, page, post.Comments[at]), c)
}

// changeComment hides a comment, shows it again, or changes the text of the Page's own.
func (m *meta) changeComment(c *graphCall) (any, *graphError) {
	post, at := m.comment(c.node)
	if err := m.mayModerate(c, m.st.Pages[post.Page]); err != nil {
		return nil, err
	}
	x := post.Comments[at]
	message := c.params.Get("message")
	hidden, err := c.flag("is_hidden", x.Hidden)
	switch {
	case err != nil:
		return nil, err
	case !c.params.Has("message") && !c.params.Has("is_hidden"):
		return nil, paramErr("One of the parameters message or is_hidden is required.")
	case c.params.Has("is_hidden") && x.By != "":
		return nil, paramErr("A comment of the Page itself cannot be hidden.")
	case c.params.Has("message") && x.By == "":
		return nil, permissionErr("Only the comment's author can edit it.")
	case c.params.Has("message"):
		x.Message = strings.TrimSpace(message)
	}
	x.Hidden = hidden
	m.setComments(post, slices.Replace(slices.Clone(post.Comments), at, at+1, x))
	return success(), nil
}

// deleteComment removes a comment with the answers to it.
func (m *meta) deleteComment(c *graphCall) (any, *graphError) {
	post, _ := m.comment(c.node)
	if err := m.mayModerate(c, m.st.Pages[post.Page]); err != nil {
		return nil, err
	}
	m.setComments(post, slices.DeleteFunc(slices.Clone(post.Comments), func(x metaComment) bool { return x.ID == c.node || x.Parent == c.node }))
	return success(), nil
}

// setComments replaces the slice and leaves the old one to who is saving it. The lock is held.
func (m *meta) setComments(post *metaPost, all []metaComment) {
	post.Comments = all
	m.sb.changed()
}
