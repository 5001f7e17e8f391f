package meta

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// optionComment is the option that asks for a first comment.
const optionComment = "first_comment"

// maxCommentPages bounds the search for our comment: 100 comments each. Ours is among the oldest.
const maxCommentPages = 3

// comment is what the draft asks to be written below the post; empty = nothing.
func (p *post) comment() string {
	text, _ := p.d.Options[optionComment].(string) // the check before acceptance has seen its type
	return text
}

// mayComment finds out before anything is published that the comment would be refused. Accounts that were connected
// before there were comments have not granted it.
func (p *post) mayComment() error {
	if p.comment() == "" || len(p.s.Account.Scopes) == 0 || slices.Contains(p.s.Account.Scopes, scopeComment) {
		return nil
	}
	e := invalid("options."+optionComment, "Herald may not comment on this Page yet. Connect it again and allow comments, or leave the first comment out.", docPermissions)
	e.Action = problem.Action{Kind: problem.ActReconnect, Label: "Connect again and allow comments"}
	return e
}

// firstComment writes the comment below what was just published: a step of its own, which must not run twice.
// https://developers.facebook.com/docs/pages-api/comments-mentions
func (p *post) firstComment(ctx context.Context, id string, steps connector.Steps) error {
	if p.comment() == "" {
		return nil
	}
	path := url.PathEscape(id) + "/comments"
	_, err := steps.Do(ctx, connector.Step{
		Name: optionComment, Settle: settle,
		Run: func(ctx context.Context) (connector.Values, error) {
			var answer struct {
				ID string `json:"id"`
			}
			res, err := p.c.call(ctx, graph{
				op: opComment, method: http.MethodPost, path: path, token: p.s.Credential.Access, http: p.s.HTTP, params: url.Values{"message": {p.comment()}},
			}, &answer)
			if err != nil {
				return nil, err
			}
			if answer.ID == "" {
				return nil, res.Unexpected("id") // it may be there: findComment decides
			}
			return connector.Values{"id": answer.ID}, nil
		},
		Find: func(ctx context.Context, _ time.Time) (connector.Values, connector.Found, error) {
			return p.findComment(ctx, path)
		},
	})
	return err
}

// pageComment is a comment as a post's list shows it.
type pageComment struct {
	ID      string `json:"id"`
	Message string `json:"message"`
	From    struct {
		ID string `json:"id"`
	} `json:"from"`
}

// findComment asks whether the comment is there. The post is this job's alone, so a comment with the text by the Page
// is the one.
func (p *post) findComment(ctx context.Context, path string) (connector.Values, connector.Found, error) {
	found, doubtful := "", false
	more, err := list(ctx, p.c, graph{
		op: opComment, method: http.MethodGet, path: path, token: p.s.Credential.Access, http: p.s.HTTP,
		params: url.Values{"fields": {"id,message,from"}, "filter": {"stream"}, "order": {"chronological"}, "limit": {"100"}},
	}, maxCommentPages, func(c pageComment) {
		switch {
		case !sameText(c.Message, p.comment()):
		case c.From.ID == p.s.Account.ExternalID && found == "":
			found = c.ID
		case c.From.ID == "":
			doubtful = true
		}
	})
	switch {
	case err != nil:
		return nil, connector.Unknown, err
	case found != "":
		return connector.Values{"id": found}, connector.Present, nil
	case doubtful || more:
		return nil, connector.Unknown, nil
	default:
		return nil, connector.Absent, nil
	}
}
