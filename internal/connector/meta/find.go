package meta

import (
	"context"
	"slices"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
)

const (
	// lookBack is how far before the start the list is read, for clocks that disagree.
	lookBack = 60 * time.Second
	// skew is how much earlier than our start a post may claim to be and still be believed to be ours. Meta's times
	// are whole seconds, and both sides keep theirs by NTP.
	skew = 5 * time.Second
	// maxPostPages bounds the search: 100 posts each. A Page with more in a few minutes is for a person to look at.
	maxPostPages = 5
)

// find asks the Page whether the feed call of this job has happened.
//
// A post with photos is certain: each was uploaded for this job alone, so the post that shows one is ours, and if no
// post shows any of them there is none.
//
// A text post has no mark of its own. Two jobs may send the same text to the same Page, and the post that is there may
// be the other's. So posts that another job has as its receipt are left out, and of the rest exactly one may match:
// same text, made by our app, no photo, not older than the start. One that is a little too old, or two that match,
// decide nothing, and a person looks. What remains is that two jobs with the same text lose their answers in the same
// seconds and only one arrived; then both name that one. Meta has no idempotency key that could tell them apart.
func (p *post) find(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
	var matches []pagePost
	doubtful := false
	more, err := p.c.posts(ctx, p.s, since.Add(-lookBack), maxPostPages, func(q pagePost) {
		switch p.compare(q, since) {
		case connector.Present:
			matches = append(matches, q)
		case connector.Unknown:
			doubtful = true
		case connector.Absent:
		}
	})
	if err != nil {
		return nil, connector.Unknown, err
	}
	if len(p.photos) == 0 && p.d.Claimed != nil {
		var free []pagePost
		for _, q := range matches {
			claimed, err := p.d.Claimed(ctx, q.ID)
			if err != nil {
				return nil, connector.Unknown, err
			}
			if !claimed {
				free = append(free, q)
			}
		}
		matches = free
	}
	switch {
	case len(matches) == 1 && !doubtful:
		q := matches[0]
		return connector.Values{"id": q.ID, "permalink": permalink(q.ID, q.Permalink)}, connector.Present, nil
	case len(matches) > 0 || doubtful || more:
		return nil, connector.Unknown, nil
	default:
		return nil, connector.Absent, nil
	}
}

// compare says whether q is this draft: Present, Absent, or Unknown where q could be it.
func (p *post) compare(q pagePost, since time.Time) connector.Found {
	photos := q.photos()
	if len(p.photos) > 0 {
		switch {
		case slices.ContainsFunc(photos, p.owns):
			return connector.Present
		case q.Application.ID == p.c.cfg.ClientID && sameText(q.Message, p.d.Text) && slices.Contains(photos, ""):
			return connector.Unknown // it has a photo that the list does not name
		}
		return connector.Absent
	}
	if q.Application.ID != p.c.cfg.ClientID || !sameText(q.Message, p.d.Text) || len(photos) > 0 {
		return connector.Absent
	}
	if p.d.Text == "" && !q.shows(p.d.Link) { // only a link, and Meta may write it differently
		return connector.Unknown
	}
	if q.created().Before(since.Add(-skew)) {
		return connector.Unknown
	}
	return connector.Present
}

// owns tells whether the photo was uploaded for this draft.
func (p *post) owns(id string) bool {
	return slices.ContainsFunc(p.photos, func(photo photo) bool { return slices.Contains(photo.ids, id) })
}
