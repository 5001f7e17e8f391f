package sandbox

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// metaMaxComment is in characters. Meta does not document it; clients report it.
const metaMaxComment = 8000

type metaComment struct {
	ID      string    `json:"id"`
	Message string    `json:"message"`
	By      string    `json:"by"`             // the Page's id, or empty for a fan
	Name    string    `json:"name,omitempty"` // of the fan
	Created time.Time `json:"created"`
}

// commented finds the post whose comments a call is about; a video's are its post's.
func (m *meta) commented(c *graphCall) (*metaPost, *metaPage, *graphError) {
	p := m.st.Posts[c.node]
	if v := m.st.Videos[c.node]; v != nil {
		p = m.st.Posts[v.Post]
	}
	if p == nil || c.token.Kind == metaAppToken {
		return nil, nil, missingErr(c.method, c.node)
	}
	return p, m.st.Pages[p.Page], nil
}

// createComment is POST /{post}/comments, as the Page.
// https://developers.facebook.com/docs/pages-api/comments-mentions
func (m *meta) createComment(c *graphCall) (any, *graphError) {
	post, page, err := m.commented(c)
	if err != nil {
		return nil, err
	}
	if c.token.Page != page.ID || !m.allows(c.token, "pages_manage_engagement") {
		return nil, permissionErr("Commenting as a Page needs its access token and pages_manage_engagement.")
	}
	message := c.params.Get("message")
	switch n := len([]rune(message)); {
	case strings.TrimSpace(message) == "" && c.params.Get("attachment_url") == "":
		return nil, paramErr("One of the parameters message or attachment_url is required.")
	case n > metaMaxComment:
		return nil, paramErr("Param message is too long: %d characters, at most %d are allowed.", n, metaMaxComment)
	}
	_, id, _ := strings.Cut(post.ID, "_")
	comment := metaComment{ID: id + "_" + m.st.id(metaIDComment), Message: strings.TrimSpace(message), By: page.ID, Created: c.now}
	post.Comments = append(slices.Clip(post.Comments), comment)
	m.sb.changed()
	return map[string]any{"id": comment.ID}, nil
}

// controlComment writes a comment below a post as a fan, who shares no identity with the app.
func (m *meta) controlComment(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Post    string `json:"post"`
		Message string `json:"message"`
		Name    string `json:"name"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	post := m.st.Posts[in.Post]
	if post == nil {
		refuseJSON(w, http.StatusNotFound, errors.New("no such post"))
		return
	}
	_, id, _ := strings.Cut(post.ID, "_")
	comment := metaComment{ID: id + "_" + m.st.id(metaIDComment), Message: in.Message, Name: in.Name, Created: m.sb.clock()}
	post.Comments = append(slices.Clip(post.Comments), comment)
	m.sb.changed()
	writeJSON(w, http.StatusCreated, map[string]string{"id": comment.ID})
}

// listComments is GET /{post}/comments, oldest first. "from" is there for the Page's own comments only.
func (m *meta) listComments(c *graphCall) (any, *graphError) {
	post, page, err := m.commented(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	byID := map[string]metaComment{}
	var keys []string
	for _, x := range post.Comments {
		byID[x.ID] = x
		keys = append(keys, x.ID)
	}
	if c.params.Get("order") == "reverse_chronological" {
		slices.Reverse(keys)
	}
	w, err := c.window(keys, 25, 100)
	if err != nil {
		return nil, err
	}
	data := []map[string]any{}
	for _, id := range keys[w.start:w.end] {
		x := byID[id]
		n := node{kind: "Comment", defaults: []string{"created_time", "from", "message", "id"}, optional: []string{"from", "parent", "attachment"}, values: map[string]any{
			"id": id, "message": x.Message, "created_time": metaTime(x.Created), "is_hidden": false, "comment_count": 0,
		}}
		if x.By != "" {
			n.values["from"] = map[string]any{"id": page.ID, "name": page.Name}
		}
		view, err := n.view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		data = append(data, view)
	}
	return c.list(data, w), nil
}
