package linkedin

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// Comments implements connector.Moderator. Answers to a comment are asked for only where it has some.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api
func (c *Connector) Comments(ctx context.Context, s connector.Session, r connector.Receipt, cursor string) (connector.CommentPage, error) {
	if err := granted(s, feedScope(s, false), "read comments", docComments); err != nil {
		return connector.CommentPage{}, err
	}
	start, _ := strconv.Atoi(cursor) // made below
	list, next, err := c.comments(ctx, s, r.ExternalID, start)
	if err != nil {
		return connector.CommentPage{}, err
	}
	out := connector.CommentPage{}
	for _, x := range list {
		out.Items = append(out.Items, x.as(s, r.ExternalID))
		if x.Summary != nil && x.Summary.Total == 0 {
			continue
		}
		if err := c.eachAnswer(ctx, s, x.urn(), func(below listedComment) {
			answer := below.as(s, r.ExternalID)
			answer.ParentID = x.urn()
			out.Items = append(out.Items, answer)
		}); err != nil {
			return connector.CommentPage{}, err
		}
	}
	if next > 0 {
		out.Next = strconv.Itoa(next)
	}
	return out, nil
}

// maxAnswerPages bounds the answers to one comment that are read: a hundred each.
const maxAnswerPages = 5

func (c *Connector) eachAnswer(ctx context.Context, s connector.Session, comment string, each func(listedComment)) error {
	start := 0
	for range maxAnswerPages {
		list, next, err := c.comments(ctx, s, comment, start)
		if err != nil {
			return err
		}
		for _, x := range list {
			each(x)
		}
		if start = next; start == 0 {
			return nil
		}
	}
	return nil
}

// Reply implements connector.Moderator. There are no answers to answers: those go below the comment that began it.
func (c *Connector) Reply(ctx context.Context, s connector.Session, d connector.ReplyDraft, steps connector.Steps) (connector.Comment, error) {
	if err := granted(s, feedScope(s, true), "comment", docComments); err != nil {
		return connector.Comment{}, err
	}
	root := d.To.ID
	if d.To.ParentID != "" {
		root = d.To.ParentID
	}
	about, _, ok := splitComment(root)
	if !ok {
		return connector.Comment{}, unknownComment()
	}
	v, err := steps.Do(ctx, connector.Step{
		Name: "reply", Settle: settle,
		Run: func(ctx context.Context) (connector.Values, error) {
			id, err := c.write(ctx, s, about, root, d.Text)
			return replyValues(id, c.cfg.Now()), err
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
		ID: v["id"], PostID: d.To.PostID, ParentID: root, FromID: author(s), FromName: s.Account.Name, Own: true, Text: d.Text, CreatedAt: time.Unix(at, 0).UTC(),
	}, nil
}

func replyValues(id string, at time.Time) connector.Values {
	return connector.Values{"id": id, "at": strconv.FormatInt(at.Unix(), 10)}
}

func unknownComment() error {
	e := problem.New(problem.NotFound, "LinkedIn does not have this comment.")
	e.Platform, e.Code, e.NotSent = Platform, "comment_urn", true
	return e
}

// findReply asks whether the answer is there: ours, with this text, not older than the start, and no other answer's.
func (c *Connector) findReply(ctx context.Context, s connector.Session, d connector.ReplyDraft, root string, since time.Time) (connector.Values, connector.Found, error) {
	var matches []connector.Comment
	err := c.eachAnswer(ctx, s, root, func(x listedComment) {
		if is := x.as(s, d.To.PostID); is.Own && sameWords(is.Text, d.Text) && !is.CreatedAt.Before(since.Add(-lookBack)) {
			matches = append(matches, is)
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
	switch len(free) {
	case 0:
		return nil, connector.Absent, nil
	case 1:
		return replyValues(free[0].ID, free[0].CreatedAt), connector.Present, nil
	default:
		return nil, connector.Unknown, nil
	}
}

// DeleteComment implements connector.Moderator.
func (c *Connector) DeleteComment(ctx context.Context, s connector.Session, comment connector.Comment) error {
	if err := granted(s, feedScope(s, true), "delete comments", docComments); err != nil {
		return err
	}
	about, id, ok := splitComment(comment.ID)
	if !ok {
		return unknownComment()
	}
	_, err := c.do(ctx, call{op: opUncomment, method: http.MethodDelete, path: "rest/socialActions/" + enc(about) + "/comments/" + enc(id), query: "actor=" + enc(author(s)), s: s}, nil)
	if problem.ClassOf(err) == problem.NotFound {
		return nil
	}
	return err
}
