package linkedin

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// maxCommentPages bounds the search for our own comment: a hundred each.
const maxCommentPages = 3

// comment is what the draft asks to be written below the post; empty = nothing.
func (p *post) comment() string { return p.option(optionComment) }

// feedScope is what reading or writing comments of an account takes.
func feedScope(s connector.Session, write bool) string {
	verb, whose := "r_", "organization"
	if write {
		verb = "w_"
	}
	if s.Account.Kind == kindMember {
		whose = "member"
	}
	return verb + whose + "_social_feed"
}

// mayComment finds out before anything is published that the comment would be refused.
func (p *post) mayComment() error {
	if p.comment() == "" || granted(p.s, feedScope(p.s, true), "comment", docComments) == nil {
		return nil
	}
	e := invalid("options."+optionComment, "This account was connected by a login that may not comment. Leave the first comment out, or connect the account by the other login.", docComments)
	e.Action = problem.Action{Kind: problem.ActEdit, Label: "Leave the first comment out"}
	return e
}

// listedComment is a comment as LinkedIn shows it. Who wrote it is a URN without a name.
type listedComment struct {
	ID      string `json:"id"`
	URN     string `json:"commentUrn"`
	Dollar  string `json:"$URN"`
	Actor   string `json:"actor"`
	Parent  string `json:"parentComment"`
	Message struct {
		Text string `json:"text"`
	} `json:"message"`
	Created struct {
		Time int64 `json:"time"` // epoch milliseconds
	} `json:"created"`
	Summary *struct {
		Total int `json:"aggregatedTotalComments"`
	} `json:"commentsSummary"`
}

func (x listedComment) urn() string {
	if x.URN != "" {
		return x.URN
	}
	return x.Dollar
}

// anonymous is what commenters are called: LinkedIn gives their ids and no names.
const anonymous = "A LinkedIn member"

// keepActivity is how long LinkedIn lets what members do be kept. Of members' profiles, which may be kept for a day, nothing is
// asked for. https://learn.microsoft.com/en-us/linkedin/marketing/data-storage-requirements
const keepActivity = 48 * time.Hour

func (x listedComment) as(s connector.Session, post string) connector.Comment {
	out := connector.Comment{
		ID: x.urn(), PostID: post, ParentID: x.Parent, FromID: x.Actor, FromName: anonymous, Text: x.Message.Text, Own: x.Actor == author(s),
		CreatedAt: time.UnixMilli(x.Created.Time).UTC(), Keep: keepActivity,
	}
	if out.Own && s.Account.Name != "" {
		out.FromName = s.Account.Name
	}
	if strings.HasPrefix(x.Actor, "urn:li:organization:") && !out.Own {
		out.FromName = "A LinkedIn Page"
	}
	return out
}

// splitComment takes a comment's URN apart: urn:li:comment:(urn:li:activity:6,66). The post that it names is an activity,
// whose number is not the post's.
func splitComment(urn string) (about, id string, ok bool) {
	m := regexp.MustCompile(`^urn:li:comment:\((urn:li:[A-Za-z]+:[0-9]+),([0-9]+)\)$`).FindStringSubmatch(urn)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// comments reads one page of what stands below a post, or below a comment. A post without any may be not found.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api
func (c *Connector) comments(ctx context.Context, s connector.Session, below string, start int) (list []listedComment, next int, err error) {
	var p page[listedComment]
	res, err := c.do(ctx, call{
		op: opComments, method: http.MethodGet, path: "rest/socialActions/" + enc(below) + "/comments", query: "start=" + itoa(start) + "&count=100", s: s,
	}, &p)
	if problem.ClassOf(err) == problem.NotFound {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	if p.Elements == nil {
		return nil, 0, res.Unexpected("elements")
	}
	return p.Elements, p.next(start), nil
}

// write is POST /socialActions/{post}/comments. parent is the comment that it answers; empty = the post. about is the post
// or the activity.
func (c *Connector) write(ctx context.Context, s connector.Session, about, parent, text string) (string, error) {
	in := map[string]any{"actor": author(s), "object": about, "message": map[string]string{"text": text}}
	below := about
	if parent != "" {
		in["parentComment"], below = parent, parent
	}
	var answer listedComment
	res, err := c.do(ctx, call{op: opComment, method: http.MethodPost, path: "rest/socialActions/" + enc(below) + "/comments", json: in, s: s}, &answer)
	if err != nil {
		return "", err
	}
	if _, _, ok := splitComment(answer.urn()); !ok {
		return "", res.Unexpected("comment's URN") // it may be there
	}
	return answer.urn(), nil
}

// firstComment writes the comment below what was just published: a step of its own, which must not run twice.
func (p *post) firstComment(ctx context.Context, urn string, steps connector.Steps) error {
	if p.comment() == "" {
		return nil
	}
	_, err := steps.Do(ctx, connector.Step{
		Name: optionComment, Settle: settle,
		Run: func(ctx context.Context) (connector.Values, error) {
			id, err := p.c.write(ctx, p.s, urn, "", p.comment())
			return connector.Values{"id": id}, err
		},
		Find: func(ctx context.Context, _ time.Time) (connector.Values, connector.Found, error) {
			return p.findComment(ctx, urn)
		},
	})
	return err
}

// findComment asks whether the comment is there. The post is this job's alone, so one with the text by the account is it.
func (p *post) findComment(ctx context.Context, urn string) (connector.Values, connector.Found, error) {
	start := 0
	for range maxCommentPages {
		list, next, err := p.c.comments(ctx, p.s, urn, start)
		if err != nil {
			return nil, connector.Unknown, err
		}
		at := slices.IndexFunc(list, func(x listedComment) bool { return x.Actor == p.author() && sameWords(x.Message.Text, p.comment()) })
		if at >= 0 {
			return connector.Values{"id": list[at].urn()}, connector.Present, nil
		}
		if start = next; start == 0 {
			return nil, connector.Absent, nil
		}
	}
	return nil, connector.Unknown, nil
}

func sameWords(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }
