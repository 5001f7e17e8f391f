package linkedin

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

const (
	// resendFor is how long a member's post may be sent again to learn whether it is there. LinkedIn's own check for
	// doubles is reported to look back about ten minutes; half of that leaves room for both clocks.
	resendFor = 5 * time.Minute
	// lookBack is how much older than the start of the call a post may claim to be.
	lookBack = 60 * time.Second
	// maxPostPages bounds the search: a hundred posts each.
	maxPostPages = 5
)

// find asks whether the call of this job has happened.
//
// An organization's posts can be listed, and looked through for this one.
//
// A member's cannot: LinkedIn gives no new app the permission. What it has is a check for doubles, which refuses the same
// content within some minutes and names the post that is there. So the same body is sent once more, while that check
// still sees the first: the refusal gives the post's name, or there was none and now there is. Either way there is one.
//
// The same check also refuses a post that somebody else has made just now with the same words. So it is believed only if
// an earlier attempt of this job may have arrived, never right after a first call; and not if the post is another job's.
func (p *post) find(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
	if p.sent && !p.recovering {
		return nil, connector.Absent, nil // refused as a double of what is not ours
	}
	p.recovering = true
	if !p.member() {
		return p.findListed(ctx, since)
	}
	if p.sent {
		return nil, connector.Absent, nil
	}
	if p.c.cfg.Now().Sub(since) > resendFor {
		return nil, connector.Unknown, nil
	}
	return p.resend(ctx)
}

// resend sends the same body again and adopts the post that it is a double of.
func (p *post) resend(ctx context.Context) (connector.Values, connector.Found, error) {
	res, err := p.c.do(ctx, call{op: opPost, method: http.MethodPost, path: "rest/posts", json: p.body(), s: p.s}, nil)
	if err == nil {
		urn := res.Header.Get("X-Restli-Id")
		if res.Status != http.StatusCreated || !isPost(urn) {
			return nil, connector.Unknown, res.Unexpected("x-restli-id")
		}
		return connector.Values{"id": urn}, connector.Present, nil
	}
	if problem.ClassOf(err) != problem.Duplicate {
		return nil, connector.Unknown, err
	}
	urn := duplicateOf(res)
	if urn == "" {
		return nil, connector.Unknown, nil
	}
	claimed, err := p.claimed(ctx, urn)
	switch {
	case err != nil:
		return nil, connector.Unknown, err
	case claimed: // with it there, ours was refused
		return nil, connector.Absent, nil
	}
	return connector.Values{"id": urn}, connector.Present, nil
}

// duplicateOf is the post that a refusal names.
func duplicateOf(res *rest.Response) string {
	e := parseError(res.Status, res.Body)
	if e == nil {
		return ""
	}
	return regexp.MustCompile(`urn:li:(?:share|ugcPost):[0-9]+`).FindString(e.message)
}

func (p *post) claimed(ctx context.Context, urn string) (bool, error) {
	if p.d.Claimed == nil {
		return false, nil
	}
	return p.d.Claimed(ctx, urn)
}

// pagePost is a post as the list shows it.
type pagePost struct {
	ID         string  `json:"id"`
	Commentary string  `json:"commentary"`
	Content    content `json:"content"`
	Reshare    reshare `json:"reshareContext"`
	CreatedAt  int64   `json:"createdAt"` // epoch milliseconds
}

func (q pagePost) created() time.Time { return time.UnixMilli(q.CreatedAt).UTC() }

// listed goes through an organization's posts, newest first, down to a moment. more tells that there were others.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api#find-posts-by-authors
func (c *Connector) listed(ctx context.Context, s connector.Session, until time.Time, each func(pagePost)) (more bool, err error) {
	start := 0
	for range maxPostPages {
		var list page[pagePost]
		res, err := c.do(ctx, call{
			op: opPosts, method: http.MethodGet, path: "rest/posts", s: s,
			query: "q=author&author=" + enc(author(s)) + "&count=100&start=" + itoa(start) + "&sortBy=CREATED",
		}, &list)
		if err != nil {
			return false, err
		}
		if list.Elements == nil {
			return false, res.Unexpected("elements")
		}
		for _, q := range list.Elements {
			if q.created().Before(until) {
				return false, nil
			}
			each(q)
		}
		if start = list.next(start); start == 0 {
			return false, nil
		}
	}
	return true, nil
}

// findListed looks for this draft among an organization's posts. Exactly one may match; posts of other jobs are left out.
func (p *post) findListed(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
	var matches []string
	more, err := p.c.listed(ctx, p.s, since.Add(-lookBack), func(q pagePost) {
		if p.is(q) {
			matches = append(matches, q.ID)
		}
	})
	if err != nil {
		return nil, connector.Unknown, err
	}
	var free []string
	for _, urn := range matches {
		claimed, err := p.claimed(ctx, urn)
		if err != nil {
			return nil, connector.Unknown, err
		}
		if !claimed {
			free = append(free, urn)
		}
	}
	switch {
	case len(free) == 1 && isPost(free[0]):
		return connector.Values{"id": free[0]}, connector.Present, nil
	case len(free) > 0 || more:
		return nil, connector.Unknown, nil
	default:
		return nil, connector.Absent, nil
	}
}

// is tells whether a listed post is this draft. Files were uploaded for this job alone, so one of them decides.
func (p *post) is(q pagePost) bool {
	want := p.body()
	if want.Reshare != nil && want.Reshare.Parent != q.Reshare.Parent || want.Reshare == nil && q.Reshare.Parent != "" {
		return false
	}
	switch c := q.Content; {
	case want.Content == nil:
		return c == (content{}) && p.sameText(q)
	case want.Content.Media != nil:
		return c.Media != nil && c.Media.ID == want.Content.Media.ID
	case want.Content.MultiImage != nil:
		return c.MultiImage != nil && len(c.MultiImage.Images) > 0 && c.MultiImage.Images[0].ID == want.Content.MultiImage.Images[0].ID
	case want.Content.Article != nil:
		return c.Article != nil && c.Article.Source == want.Content.Article.Source && c.Article.Thumbnail == want.Content.Article.Thumbnail && p.sameText(q)
	default:
		return c.Poll != nil && want.Content.Poll != nil && c.Poll.Question == want.Content.Poll.Question && p.sameText(q)
	}
}

func (p *post) sameText(q pagePost) bool {
	return strings.TrimSpace(plain(q.Commentary)) == strings.TrimSpace(plain(p.text))
}

// Candidates implements connector.CandidateLister, for organizations: what is on a profile cannot be listed.
func (c *Connector) Candidates(ctx context.Context, s connector.Session, d connector.Draft) ([]connector.Candidate, error) {
	var out []connector.Candidate
	_, err := c.listed(ctx, s, d.AcceptedAt.Add(-lookBack), func(q pagePost) {
		out = append(out, connector.Candidate{Receipt: c.receipt(q.ID), Text: plain(q.Commentary), CreatedAt: q.created()})
	})
	return out, err
}
