package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// liMaxComment is in characters. LinkedIn does not document it; clients report it.
const liMaxComment = 1250

// commented finds the post that a call on comments is about, and the comment where it is one's answers.
func (l *linkedin) commented(c *liCall) (p *liPost, parent string, e *liErr) {
	urn := c.path[2]
	if inner, ok := strings.CutPrefix(urn, "urn:li:comment:("); ok {
		activity, id, _ := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
		p = l.post(activity)
		if p == nil || !slices.ContainsFunc(p.Comments, func(x liComment) bool { return x.ID == id }) {
			return nil, "", liMissing()
		}
		return p, id, nil
	}
	if p = l.post(urn); p == nil {
		return nil, "", liMissing()
	}
	return p, "", nil
}

func liCommentShape() liShape {
	return liShape{"actor": nil, "object": nil, "message": {"text": nil, "attributes": nil}, "parentComment": nil}
}

// createComment is POST /socialActions/{urn}/comments.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api
func (l *linkedin) createComment(c *liCall) (answer, *liErr) {
	p, parent, e := l.commented(c)
	if e != nil {
		return answer{}, e
	}
	var fields map[string]any
	var in struct {
		Actor   string `json:"actor"`
		Object  string `json:"object"`
		Parent  string `json:"parentComment"`
		Message struct {
			Text string `json:"text"`
		} `json:"message"`
	}
	if json.Unmarshal(c.body, &fields) != nil || json.Unmarshal(c.body, &in) != nil {
		return answer{}, liBad("INVALID_JSON", "The body is no comment")
	}
	if at := liCommentShape().strange(fields, ""); at != "" {
		return answer{}, &liErr{status: http.StatusForbidden, code: "ACCESS_DENIED", service: 100, message: "Unpermitted fields present in REQUEST_BODY: Data Processing Exception while processing fields [" + at + "]"}
	}
	for name, v := range map[string]string{"/actor": in.Actor, "/object": in.Object, "/message": in.Message.Text} {
		if strings.TrimSpace(v) == "" {
			return answer{}, liSchema(name, "field is required but not found and has no default value")
		}
	}
	if e := l.mayAct(c, in.Actor, "w_member_social_feed", "w_organization_social_feed", "socialActions.CREATE"); e != nil {
		return answer{}, e
	}
	if in.Parent != "" {
		c.path[2] = in.Parent
		if _, parent, e = l.commented(c); e != nil {
			return answer{}, e
		}
	}
	switch {
	case utf8.RuneCountInString(in.Message.Text) > liMaxComment:
		return answer{}, liBad("FIELD_LENGTH_TOO_LONG", "/message/text is longer than %d characters", liMaxComment)
	case l.post(in.Object) != p:
		return answer{}, liBad("INVALID_VALUE_FOR_FIELD", "/object is another post")
	}
	x := l.addComment(p, liComment{Actor: in.Actor, Parent: parent, Text: in.Message.Text})
	a := jsonAnswer(http.StatusCreated, l.commentJSON(p, x))
	a.header["X-Restli-Id"] = []string{x.ID}
	return a, nil
}

// addComment puts a comment below a post. There are no answers to answers: those go below the first. The lock is held.
func (l *linkedin) addComment(p *liPost, x liComment) liComment {
	x.ID, x.Created = strconv.FormatInt(7_360_000_000_000_000_000+l.st.next(), 10), l.sb.clock()
	for _, other := range p.Comments {
		if other.ID == x.Parent && other.Parent != "" {
			x.Parent = other.Parent
		}
	}
	p.Comments = append(slices.Clip(p.Comments), x)
	l.sb.changed()
	return x
}

func (l *linkedin) commentJSON(p *liPost, x liComment) map[string]any {
	answers := 0
	for _, other := range p.Comments {
		if other.Parent == x.ID {
			answers++
		}
	}
	v := map[string]any{
		"id": x.ID, "$URN": x.urn(p), "commentUrn": x.urn(p), "actor": x.Actor, "object": p.Activity, "message": map[string]any{"attributes": []any{}, "text": x.Text},
		"created":         map[string]any{"actor": x.Actor, "time": x.Created.UnixMilli()},
		"commentsSummary": map[string]any{"aggregatedTotalComments": answers, "totalFirstLevelComments": answers},
	}
	if x.Parent != "" {
		v["parentComment"] = x.parentURN(p)
	}
	return v
}

// mayReadFeed checks reading what others wrote below a post.
func (l *linkedin) mayReadFeed(c *liCall, p *liPost) *liErr {
	if strings.HasPrefix(p.Author, "urn:li:person:") {
		if !c.token.has("r_member_social_feed") || p.Author != liPersonURN(c.person.ID) {
			return liDenied("socialActions.GET_ALL." + liNewest)
		}
		return nil
	}
	if !c.token.has("r_organization_social_feed") || !c.person.mayPost(liID(p.Author)) {
		return liDenied("socialActions.GET_ALL." + liNewest)
	}
	return nil
}

// listComments gives those that answer the post, or those that answer a comment. A post of the older sort without any is
// not found.
func (l *linkedin) listComments(c *liCall) (answer, *liErr) {
	p, parent, e := l.commented(c)
	if e != nil {
		return answer{}, e
	}
	if e := l.mayReadFeed(c, p); e != nil {
		return answer{}, e
	}
	var found []liComment
	for _, x := range p.Comments {
		if x.Parent == parent {
			found = append(found, x)
		}
	}
	if len(found) == 0 && p.Kind == "share" {
		return answer{}, liMissing()
	}
	start, end, paging := c.page(len(found))
	elements := []map[string]any{}
	for _, x := range found[start:end] {
		elements = append(elements, l.commentJSON(p, x))
	}
	return jsonAnswer(http.StatusOK, map[string]any{"elements": elements, "paging": paging}), nil
}

// deleteComment removes a comment with the answers to it: one's own, or one below one's own post.
func (l *linkedin) deleteComment(c *liCall) (answer, *liErr) {
	p, _, e := l.commented(c)
	if e != nil {
		return answer{}, e
	}
	actor := c.value("actor")
	at := slices.IndexFunc(p.Comments, func(x liComment) bool { return x.ID == c.path[4] })
	switch {
	case actor == "":
		return answer{}, liBad("MISSING_FIELD", "actor is required")
	case at < 0:
		return answer{}, liMissing()
	}
	if e := l.mayAct(c, actor, "w_member_social_feed", "w_organization_social_feed", "socialActions.DELETE"); e != nil {
		return answer{}, e
	}
	if p.Comments[at].Actor != actor && p.Author != actor {
		return answer{}, liDenied("socialActions.DELETE." + liNewest)
	}
	id := p.Comments[at].ID
	p.Comments = slices.DeleteFunc(slices.Clone(p.Comments), func(x liComment) bool { return x.ID == id || x.Parent == id })
	l.sb.changed()
	return answer{status: http.StatusNoContent, header: http.Header{}}, nil
}

// readerComments is a comment of somebody who has nothing to do with the app. The lock is held.
func (l *linkedin) readerComments(post, parent, name, text string) (*liPost, liComment, bool) {
	p := l.post(post)
	if p == nil || strings.TrimSpace(text) == "" {
		return nil, liComment{}, false
	}
	reader := l.reader(name)
	return p, l.addComment(p, liComment{Actor: liPersonURN(reader.ID), Parent: liCommentID(parent), Text: text}), true
}

// liCommentID is the number in a comment's URN.
func liCommentID(urn string) string {
	_, id, _ := strings.Cut(strings.TrimSuffix(urn, ")"), ",")
	return id
}

// reader finds the person of a name among those who have not linked anything, or makes one.
func (l *linkedin) reader(name string) *liPerson {
	first, last, _ := strings.Cut(strings.TrimSpace(name), " ")
	for _, p := range l.st.Readers {
		if p.First == first && p.Last == last {
			return p
		}
	}
	p := &liPerson{ID: "rD_" + strconv.FormatInt(l.st.next(), 36), First: first, Last: last}
	l.st.Readers = append(l.st.Readers, p)
	return p
}
