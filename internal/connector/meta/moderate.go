package meta

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

var (
	_ connector.Moderator = (*Connector)(nil)
	_ connector.Hider     = (*Connector)(nil)
)

// docIGComments describes Instagram's comments.
const docIGComments = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-media/comments"

const scopeReadUser = "pages_read_user_content"

// platformComment is a comment as either side shows it. Pages say message, from.name and is_hidden where Instagram says
// text, username and hidden.
type platformComment struct {
	ID      string `json:"id"`
	Message string `json:"message"`
	Text    string `json:"text"`
	From    struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Username string `json:"username"`
	} `json:"from"`
	Username  string `json:"username"`
	Created   string `json:"created_time"`
	Timestamp string `json:"timestamp"`
	Parent    struct {
		ID string `json:"id"`
	} `json:"parent"`
	ParentID string `json:"parent_id"`
	IsHidden bool   `json:"is_hidden"`
	Hidden   bool   `json:"hidden"`
	Replies  struct {
		Data   []platformComment `json:"data"`
		Paging struct {
			Next string `json:"next"`
		} `json:"paging"`
	} `json:"replies"`
}

func (c platformComment) as(s connector.Session, post string) connector.Comment {
	out := connector.Comment{
		ID: c.ID, PostID: post, ParentID: first(c.Parent.ID, c.ParentID), FromID: c.From.ID, FromName: first(c.From.Name, c.From.Username, c.Username),
		Text: first(c.Message, c.Text), Hidden: c.IsHidden || c.Hidden, CreatedAt: parseTime(first(c.Created, c.Timestamp)),
	}
	out.Own = own(c, s)
	return out
}

// own tells whether the account wrote the comment. A comment whose author is not told is somebody else's: the account's
// own are always told.
func own(c platformComment, s connector.Session) bool {
	if c.From.ID != "" {
		return c.From.ID == s.Account.ExternalID
	}
	name := first(c.Username, c.From.Username)
	return name != "" && strings.EqualFold(name, s.Account.Username)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

const (
	pageCommentFields = "id,message,from,created_time,parent{id},is_hidden"
	igCommentFields   = "id,text,username,from,timestamp,hidden,parent_id"
)

// Comments implements connector.Moderator. A Page's stream has the answers in it; Instagram gives them inside the
// comments, newest first and at most 50 a page.
// https://developers.facebook.com/docs/pages-api/comments-mentions
func (c *Connector) Comments(ctx context.Context, s connector.Session, r connector.Receipt, cursor string) (connector.CommentPage, error) {
	c = c.via(s)
	if err := c.mayModerate(s, false); err != nil {
		return connector.CommentPage{}, err
	}
	g := graph{op: opCommentList, method: http.MethodGet, path: url.PathEscape(r.ExternalID) + "/comments", token: s.Credential.Access, http: s.HTTP}
	if s.Account.Kind == kindInstagram {
		g.op, g.params = opIGCommentList, url.Values{"fields": {igCommentFields + ",replies.limit(50){" + igCommentFields + "}"}, "limit": {"50"}}
	} else {
		g.params = url.Values{"fields": {pageCommentFields}, "filter": {"stream"}, "order": {"reverse_chronological"}, "limit": {"100"}}
	}
	if cursor != "" {
		g.params.Set("after", cursor)
	}
	var p page[platformComment]
	res, err := c.call(ctx, g, &p)
	if err != nil {
		return connector.CommentPage{}, err
	}
	if p.Data == nil {
		return connector.CommentPage{}, res.Unexpected("data")
	}
	out := connector.CommentPage{}
	for _, top := range p.Data {
		comment := top.as(s, r.ExternalID)
		out.Items = append(out.Items, comment)
		for _, answer := range top.Replies.Data {
			below := answer.as(s, r.ExternalID)
			below.ParentID = first(below.ParentID, comment.ID)
			out.Items = append(out.Items, below)
		}
		if top.Replies.Paging.Next != "" {
			more, err := c.replies(ctx, s, r.ExternalID, comment.ID)
			if err != nil {
				return connector.CommentPage{}, err
			}
			out.Items = append(out.Items, more...)
		}
	}
	if p.Paging.Next != "" {
		if out.Next = p.Paging.Cursors.After; out.Next == "" || out.Next == cursor {
			return connector.CommentPage{}, res.Unexpected("a new cursor")
		}
	}
	return out, nil
}

// maxReplyPages bounds the answers to one comment that are read: 50 or 100 each.
const maxReplyPages = 5

// replies lists the answers to a comment.
func (c *Connector) replies(ctx context.Context, s connector.Session, post, comment string) ([]connector.Comment, error) {
	var out []connector.Comment
	_, err := c.eachReply(ctx, s, comment, func(answer platformComment) {
		below := answer.as(s, post)
		below.ParentID = first(below.ParentID, comment)
		out = append(out, below)
	})
	return out, err
}

func (c *Connector) eachReply(ctx context.Context, s connector.Session, comment string, each func(platformComment)) (more bool, err error) {
	g := graph{op: opCommentList, method: http.MethodGet, path: url.PathEscape(comment) + "/comments", token: s.Credential.Access, http: s.HTTP, params: url.Values{
		"fields": {pageCommentFields}, "filter": {"stream"}, "order": {"reverse_chronological"}, "limit": {"100"},
	}}
	if s.Account.Kind == kindInstagram {
		g.op, g.path = opIGCommentList, url.PathEscape(comment)+"/replies"
		g.params = url.Values{"fields": {igCommentFields}, "limit": {"50"}}
	}
	return list(ctx, c, g, maxReplyPages, each)
}

// Reply implements connector.Moderator. Neither side has answers to answers: those go below the comment that began it.
func (c *Connector) Reply(ctx context.Context, s connector.Session, d connector.ReplyDraft, steps connector.Steps) (connector.Comment, error) {
	c = c.via(s)
	if err := c.mayModerate(s, true); err != nil {
		return connector.Comment{}, err
	}
	root := first(d.To.ParentID, d.To.ID)
	v, err := steps.Do(ctx, connector.Step{
		Name: "reply", Settle: settle,
		Run: func(ctx context.Context) (connector.Values, error) {
			g := graph{
				op: opReply, method: http.MethodPost, path: url.PathEscape(root) + "/comments", token: s.Credential.Access, http: s.HTTP,
				params: url.Values{"message": {d.Text}},
			}
			if s.Account.Kind == kindInstagram {
				g.op, g.path = opIGReply, url.PathEscape(root)+"/replies"
			}
			var answer struct {
				ID string `json:"id"`
			}
			res, err := c.call(ctx, g, &answer)
			if err != nil {
				return nil, err
			}
			if answer.ID == "" {
				return nil, res.Unexpected("id") // it may be there: findReply decides
			}
			return replyValues(answer.ID, c.cfg.Now()), nil
		},
		Find: func(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
			return c.findReply(ctx, s, d, root, since)
		},
	})
	if err != nil {
		return connector.Comment{}, err
	}
	at, _ := strconv.ParseInt(v["at"], 10, 64) // written by replyValues
	return connector.Comment{
		ID: v["id"], PostID: d.To.PostID, ParentID: root, FromID: s.Account.ExternalID, FromName: first(s.Account.Name, s.Account.Username), Own: true, Text: d.Text,
		CreatedAt: time.Unix(at, 0).UTC(),
	}, nil
}

func replyValues(id string, at time.Time) connector.Values {
	return connector.Values{"id": id, "at": strconv.FormatInt(at.Unix(), 10)}
}

// findReply asks whether the answer is there: ours, with this text, not older than the start, and no other answer's.
// Two that match, or one whose author is not told, decide nothing.
func (c *Connector) findReply(ctx context.Context, s connector.Session, d connector.ReplyDraft, root string, since time.Time) (connector.Values, connector.Found, error) {
	var matches []connector.Comment
	doubtful := false
	more, err := c.eachReply(ctx, s, root, func(p platformComment) {
		is := p.as(s, d.To.PostID)
		switch {
		case !sameCaption(is.Text, d.Text), is.CreatedAt.Before(since.Add(-skew)):
		case is.Own:
			matches = append(matches, is)
		case is.FromID == "" && is.FromName == "":
			doubtful = true
		}
	})
	if err != nil {
		return nil, connector.Unknown, err
	}
	var free []connector.Comment
	for _, m := range matches {
		claimed := false
		if d.Claimed != nil {
			if claimed, err = d.Claimed(ctx, m.ID); err != nil {
				return nil, connector.Unknown, err
			}
		}
		if !claimed {
			free = append(free, m)
		}
	}
	switch {
	case len(free) == 1 && !doubtful:
		return replyValues(free[0].ID, free[0].CreatedAt), connector.Present, nil
	case len(free) > 0 || doubtful || more:
		return nil, connector.Unknown, nil
	default:
		return nil, connector.Absent, nil
	}
}

// Hide implements connector.Hider.
func (c *Connector) Hide(ctx context.Context, s connector.Session, comment connector.Comment, hidden bool) error {
	c = c.via(s)
	if err := c.mayModerate(s, true); err != nil {
		return err
	}
	g := graph{
		op: opModerate, method: http.MethodPost, path: url.PathEscape(comment.ID), token: s.Credential.Access, http: s.HTTP,
		params: url.Values{"is_hidden": {strconv.FormatBool(hidden)}},
	}
	if s.Account.Kind == kindInstagram {
		g.op, g.params = opIGModerate, url.Values{"hide": {strconv.FormatBool(hidden)}}
	}
	var answer struct {
		Success bool `json:"success"`
	}
	res, err := c.call(ctx, g, &answer)
	if err == nil && !answer.Success {
		err = res.Unexpected("success")
	}
	return err
}

// DeleteComment implements connector.Moderator.
func (c *Connector) DeleteComment(ctx context.Context, s connector.Session, comment connector.Comment) error {
	c = c.via(s)
	if err := c.mayModerate(s, true); err != nil {
		return err
	}
	op := opModerate
	if s.Account.Kind == kindInstagram {
		op = opIGModerate
	}
	_, err := c.call(ctx, graph{op: op, method: http.MethodDelete, path: url.PathEscape(comment.ID), token: s.Credential.Access, http: s.HTTP}, nil)
	if problem.ClassOf(err) == problem.NotFound {
		return nil
	}
	return err
}

// mayModerate finds out without a call that a permission was never given: they are optional when an account is linked.
func (c *Connector) mayModerate(s connector.Session, write bool) error {
	scope, to, rule := scopeReadUser, "read comments", docComments
	switch {
	case s.Account.Kind == kindInstagram:
		scope, to, rule = scopeIGComments, "read, answer and hide comments", docIGComments
	case write:
		scope, to = scopeComment, "answer, hide and delete comments"
	}
	return granted(s, scope, to, rule)
}

// granted is nil unless it is known that the permission was not given.
func granted(s connector.Session, scope, to, rule string) error {
	scope = scopeName(s.Account.Login, scope)
	if len(s.Account.Scopes) == 0 || slices.Contains(s.Account.Scopes, scope) {
		return nil
	}
	e := problem.New(problem.PermissionMissing, "Herald was not allowed to "+to+" of this account (the permission "+scope+" is missing). Connect it again and leave it ticked.")
	e.Platform, e.Code, e.Rule, e.NotSent = Platform, "scope_"+scope, rule, true
	return e
}
