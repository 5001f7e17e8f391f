package meta

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

// settle is how long after a lost answer a Page's list of posts is not believed. Meta promises nothing here; a write
// is readable at once as a rule (read-after-write is documented for the answer itself), and an Absent has to be said
// twice, this far apart, before anything is sent again: ten seconds in all.
const settle = 5 * time.Second

// photoLife is how long an unpublished photo is used. Meta deletes them after about a day.
// https://developers.facebook.com/docs/graph-api/reference/page/photos
const photoLife = 20 * time.Hour

// Publish implements connector.Connector. A Page's post becomes visible by exactly one call, to the Page's feed; a photo is
// uploaded unpublished before, which is invisible and so may be repeated.
// https://developers.facebook.com/docs/pages-api/posts
func (c *Connector) Publish(ctx context.Context, s connector.Session, d connector.Draft, steps connector.Steps) (connector.Receipt, error) {
	if s.Account.Kind == kindInstagram {
		return c.publishInstagram(ctx, s, d, steps)
	}
	p := post{c: c, s: s, d: d}
	if err := p.check(); err != nil {
		return connector.Receipt{}, err
	}
	if d.Kind == kindPhoto {
		if err := p.upload(ctx, steps); err != nil {
			return connector.Receipt{}, err
		}
	}
	v, err := steps.Do(ctx, connector.Step{Name: "feed", Run: p.send, Find: p.find, Settle: settle})
	if err != nil {
		return connector.Receipt{}, err
	}
	return connector.Receipt{ExternalID: v["id"], Permalink: v["permalink"]}, nil
}

// post is one draft on its way to one Page.
type post struct {
	c      *Connector
	s      connector.Session
	d      connector.Draft
	photos []string // ids of every upload made for this draft; the last one is used
}

// check repeats what the check before acceptance has found out, since what was accepted may be old.
func (p *post) check() error {
	switch {
	case p.s.Account.Kind != kindPage || (p.d.Kind != kindText && p.d.Kind != kindPhoto):
		return invalid("kind", "Herald cannot publish this kind of post to a Facebook Page.", docPosts)
	case p.d.Kind == kindText && p.d.Text == "" && p.d.Link == "":
		return invalid("text", "A post on a Facebook Page needs a text or a link.", docFeed)
	case p.d.Kind == kindText && len(p.d.Media) != 0:
		return invalid("media", "A text post carries no photo.", docPosts)
	case p.d.Kind == kindPhoto && len(p.d.Media) != 1:
		return invalid("media", "A photo post carries exactly one photo.", docPosts)
	case p.d.Kind == kindPhoto && p.d.Link != "":
		return invalid("link", "A photo post has no link of its own. Put the link into the text.", docPosts)
	}
	return nil
}

func invalid(field, message, rule string) error {
	e := problem.New(problem.InvalidContent, message).On(field)
	e.Platform, e.Rule = Platform, rule
	return e
}

// upload makes sure that there is an unpublished photo young enough to be attached. A job that had to wait for days
// (for a person to connect the Page again) needs a new one; all of them stay known, because a feed call whose answer
// was lost may have used an older one.
func (p *post) upload(ctx context.Context, steps connector.Steps) error {
	for n := 1; ; n++ {
		name := "photo"
		if n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		v, err := steps.Do(ctx, connector.Step{Name: name, Repeatable: true, Run: p.uploadOnce})
		if err != nil {
			return err
		}
		p.photos = append(p.photos, v["photo_id"])
		at, _ := strconv.ParseInt(v["at"], 10, 64) // written below; without it the photo counts as too old
		if p.c.cfg.Now().Sub(time.Unix(at, 0)) < photoLife {
			return nil
		}
	}
}

// uploadOnce is POST /{page}/photos. https://developers.facebook.com/docs/graph-api/reference/page/photos
func (p *post) uploadOnce(ctx context.Context) (connector.Values, error) {
	m := p.d.Media[0]
	params := url.Values{"published": {"false"}}
	if m.Alt != "" {
		params.Set("alt_text_custom", m.Alt)
	}
	var answer struct {
		ID string `json:"id"`
	}
	res, err := p.c.call(ctx, graph{
		op: opPhoto, method: http.MethodPost, path: p.page() + "/photos", token: p.s.Credential.Access, params: params, http: p.s.HTTP,
		upload: &rest.Upload{
			Field: "source", Name: m.Name, Type: m.Type, Bytes: m.Bytes,
			Open: func(ctx context.Context) (io.ReadCloser, error) { return m.Open(ctx, 0, -1) },
		},
	}, &answer)
	if err != nil {
		return nil, err
	}
	if answer.ID == "" {
		return nil, res.Unexpected("id")
	}
	return connector.Values{"photo_id": answer.ID, "at": strconv.FormatInt(p.c.cfg.Now().Unix(), 10)}, nil
}

// send is POST /{page}/feed; the fields come back at once, without a second call.
// https://developers.facebook.com/docs/graph-api/reference/page/feed
func (p *post) send(ctx context.Context) (connector.Values, error) {
	params := url.Values{"fields": {"id,permalink_url"}}
	if p.d.Text != "" {
		params.Set("message", p.d.Text)
	}
	if p.d.Link != "" {
		params.Set("link", p.d.Link)
	}
	if len(p.photos) > 0 {
		params.Set("attached_media[0]", fmt.Sprintf(`{"media_fbid":%q}`, p.photos[len(p.photos)-1]))
	}
	var answer struct {
		ID        string `json:"id"`
		Permalink string `json:"permalink_url"`
	}
	res, err := p.c.call(ctx, graph{op: opFeed, method: http.MethodPost, path: p.page() + "/feed", token: p.s.Credential.Access, params: params, http: p.s.HTTP}, &answer)
	if err != nil {
		return nil, err
	}
	if answer.ID == "" {
		return nil, res.Unexpected("id") // it may be live: find decides
	}
	return connector.Values{"id": answer.ID, "permalink": permalink(answer.ID, answer.Permalink)}, nil
}

func (p *post) page() string { return url.PathEscape(p.s.Account.ExternalID) }

func permalink(id, given string) string {
	if isWeb(given) {
		return given
	}
	return "https://www.facebook.com/" + url.PathEscape(id)
}

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
// A photo post is certain: the photo was uploaded for this job alone, so the post that shows it is ours, and if no post
// shows it there is none.
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
		case slices.ContainsFunc(photos, func(id string) bool { return slices.Contains(p.photos, id) }):
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
