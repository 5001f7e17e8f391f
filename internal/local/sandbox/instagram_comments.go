package sandbox

import (
	"slices"
	"strings"
	"time"
)

type instaComment struct {
	ID       string    `json:"id"`
	Parent   string    `json:"parent,omitempty"` // the comment it answers
	Text     string    `json:"text"`
	Username string    `json:"username,omitempty"` // of a fan; empty = the account itself
	Hidden   bool      `json:"hidden,omitempty"`
	Created  time.Time `json:"created"`
}

// instaComment finds a comment and its place below its post; -1 = there is none. The lock is held.
func (m *meta) instaComment(id string) (*instaMedia, int) {
	for _, p := range m.st.Media {
		if at := slices.IndexFunc(p.Comments, func(x instaComment) bool { return x.ID == id }); at >= 0 {
			return p, at
		}
	}
	return nil, -1
}

// addInstaComment puts a comment below a post; an answer to an answer stands below the comment that began it. The lock
// is held.
func (m *meta) addInstaComment(p *instaMedia, x instaComment) instaComment {
	x.ID = m.st.id(metaIDInstaComment)
	if at := slices.IndexFunc(p.Comments, func(c instaComment) bool { return c.ID == x.Parent }); at >= 0 && p.Comments[at].Parent != "" {
		x.Parent = p.Comments[at].Parent
	}
	p.Comments = append(slices.Clip(p.Comments), x)
	m.sb.changed()
	return x
}

func (m *meta) createInstaComment(c *graphCall) (any, *graphError) {
	return m.writeInstaComment(c, m.st.Media[c.node], "")
}

// createInstaReply is POST /{comment}/replies.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment/replies
func (m *meta) createInstaReply(c *graphCall) (any, *graphError) {
	p, _ := m.instaComment(c.node)
	return m.writeInstaComment(c, p, c.node)
}

func (m *meta) writeInstaComment(c *graphCall, p *instaMedia, parent string) (any, *graphError) {
	if err := m.mayUseInstagram(c, p.Account, "instagram_manage_comments"); err != nil {
		return nil, err
	}
	text := c.params.Get("message")
	if strings.TrimSpace(text) == "" {
		return nil, paramErr("The parameter message is required")
	}
	return map[string]any{"id": m.addInstaComment(p, instaComment{Parent: parent, Text: text, Created: c.now}).ID}, nil
}

// listInstaComments lists those that answer no other, newest first, at most 50 a page.
func (m *meta) listInstaComments(c *graphCall) (any, *graphError) {
	return m.listInstaBelow(c, m.st.Media[c.node], "")
}

func (m *meta) listInstaReplies(c *graphCall) (any, *graphError) {
	p, _ := m.instaComment(c.node)
	return m.listInstaBelow(c, p, c.node)
}

func (m *meta) listInstaBelow(c *graphCall, p *instaMedia, parent string) (any, *graphError) {
	if err := m.mayUseInstagram(c, p.Account, "instagram_manage_comments"); err != nil {
		return nil, err
	}
	views := map[string]map[string]any{}
	var keys []string
	for _, comment := range slices.Backward(p.Comments) {
		if comment.Parent != parent {
			continue
		}
		view, err := m.instaCommentNode(p, comment).view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		views[comment.ID] = view
		keys = append(keys, comment.ID)
	}
	if len(keys) == 0 {
		if _, err := m.instaCommentNode(p, instaComment{}).view(c.params.Get("fields")); err != nil {
			return nil, err
		}
	}
	w, err := c.windowOf(keys, 50, 50)
	if err != nil {
		return nil, err
	}
	data := []map[string]any{}
	for _, id := range keys[w.start:w.end] {
		data = append(data, views[id])
	}
	return c.list(data, w), nil
}

// instaCommentNode shows a comment; its answers come with it, the newest 50.
func (m *meta) instaCommentNode(p *instaMedia, x instaComment) node {
	_, ig := m.st.instagram(p.Account)
	from := map[string]any{"id": ig.ID, "username": ig.Username}
	if x.Username != "" {
		from = map[string]any{"id": fanID(x.Username), "username": x.Username}
	}
	n := node{
		kind: "IGComment", defaults: []string{"id", "text", "timestamp"}, optional: []string{"parent_id", "replies", "user", "media", "legacy_instagram_comment_id"},
		values: map[string]any{
			"id": x.ID, "text": x.Text, "timestamp": metaTime(x.Created), "username": from["username"], "from": from, "hidden": x.Hidden, "like_count": 0,
		},
	}
	if x.Parent != "" {
		n.values["parent_id"] = x.Parent
		return n
	}
	answers := []map[string]any{}
	for _, other := range slices.Backward(p.Comments) {
		if x.ID != "" && other.Parent == x.ID && len(answers) < 50 {
			answers = append(answers, m.instaCommentNode(p, other).values)
		}
	}
	if len(answers) > 0 {
		n.values["replies"] = map[string]any{"data": answers}
	}
	return n
}

func (m *meta) getInstaComment(c *graphCall) (any, *graphError) {
	p, at := m.instaComment(c.node)
	if err := m.mayUseInstagram(c, p.Account, "instagram_manage_comments"); err != nil {
		return nil, err
	}
	return fieldsView(m.instaCommentNode(p, p.Comments[at]), c)
}

// hideInstaComment is POST /{comment}?hide=true|false. The owner's own comments cannot be hidden.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment
func (m *meta) hideInstaComment(c *graphCall) (any, *graphError) {
	p, at := m.instaComment(c.node)
	if err := m.mayUseInstagram(c, p.Account, "instagram_manage_comments"); err != nil {
		return nil, err
	}
	hidden, err := c.flag("hide", false)
	x := p.Comments[at]
	switch {
	case err != nil:
		return nil, err
	case !c.params.Has("hide"):
		return nil, paramErr("The parameter hide is required")
	case x.Username == "":
		return nil, paramErr("The owner's own comments cannot be hidden.")
	}
	x.Hidden = hidden
	p.Comments = slices.Replace(slices.Clone(p.Comments), at, at+1, x)
	m.sb.changed()
	return success(), nil
}

func (m *meta) deleteInstaComment(c *graphCall) (any, *graphError) {
	p, _ := m.instaComment(c.node)
	if err := m.mayUseInstagram(c, p.Account, "instagram_manage_comments"); err != nil {
		return nil, err
	}
	p.Comments = slices.DeleteFunc(slices.Clone(p.Comments), func(x instaComment) bool { return x.ID == c.node || x.Parent == c.node })
	m.sb.changed()
	return success(), nil
}
