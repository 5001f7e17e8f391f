package meta

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// The states of a container, and two that are ours.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container
const (
	stateInProgress = "IN_PROGRESS"
	stateFinished   = "FINISHED"
	statePublished  = "PUBLISHED"
	stateError      = "ERROR"
	stateExpired    = "EXPIRED"
	stateGone       = "GONE" // it cannot be read any more
)

// fresh is how long a container that cannot be read is believed to be there all the same: for weeks in 2026 Meta
// answered so while publishing worked.
const fresh = 10 * time.Minute

type containerState struct {
	is     string
	code   string // of an ERROR, "2207082"; may be empty
	unread bool   // it could not be read and is believed to be there
	bytes  int64  // of one that waits for bytes: how many it has
	whole  bool   // and whether these are all
}

// phase is how far the upload is. Meta writes the second word in two ways.
type uploadingPhase struct {
	Status string `json:"status"`
	Bytes  int64  `json:"bytes_transferred"`
	Typo   int64  `json:"bytes_transfered"` //nolint:misspell // so it is
}

// state is GET /{container}?fields=status_code,status, and video_status where bytes are uploaded.
func (p *igPost) state(ctx context.Context, of container) (containerState, error) {
	if of.failed != "" {
		return containerState{is: stateError, code: of.failed}, nil
	}
	var answer struct {
		Code   string `json:"status_code"`
		Status string `json:"status"`
		Video  struct {
			Uploading uploadingPhase `json:"uploading_phase"`
		} `json:"video_status"`
	}
	fields := "status_code,status"
	if of.upload != "" {
		fields += ",video_status"
	}
	g := graph{op: opIGStatus, method: http.MethodGet, path: url.PathEscape(of.id), token: p.s.Credential.Access, http: p.s.HTTP, params: url.Values{"fields": {fields}}}
	res, err := p.c.call(ctx, g, &answer)
	if problem.ClassOf(err) == problem.NotFound && !p.s.Credential.Parent.Empty() {
		g.token, g.params = p.s.Credential.Parent, url.Values{"fields": {fields}} // it helped where the Page's token did not
		res, err = p.c.call(ctx, g, &answer)
	}
	switch {
	case problem.ClassOf(err) == problem.NotFound && p.age(of.at) < fresh:
		return containerState{is: stateInProgress, unread: true}, nil
	case problem.ClassOf(err) == problem.NotFound:
		return containerState{is: stateGone}, nil
	case err != nil:
		return containerState{}, err
	}
	text := answer.Code
	if text == "" { // seen: only the sentence is filled
		text = strings.ReplaceAll(strings.ToUpper(answer.Status), " ", "_")
	}
	for _, is := range []string{stateInProgress, stateFinished, statePublished, stateError, stateExpired} {
		if strings.HasPrefix(text, is) {
			up := answer.Video.Uploading
			return containerState{
				is: is, code: regexp.MustCompile(`\b22[0-9]{5}\b`).FindString(answer.Status), bytes: max(up.Bytes, up.Typo, 0), whole: over(up.Status),
			}, nil
		}
	}
	return containerState{}, res.Unexpected("status_code")
}

// reason is what a container that cannot be used leaves in the journal.
func (s containerState) reason() string {
	if s.code != "" {
		return s.code
	}
	return strings.ToLower(s.is)
}

// problem says why there is no container; item is the file that is to blame.
func (s containerState) problem(item int) *problem.Error {
	e := problem.New(problem.Transient, "Instagram could not prepare the post.")
	e.Platform, e.Code, e.Rule, e.NotSent = Platform, "container", docIGPublishing, true
	if s.code == "" {
		return e
	}
	e.Code = s.code
	if r, ok := bySubcode(s.code); ok {
		e.Class, e.Message, e.Field, e.Rule = r.class, r.message, r.field, r.source
		if r.field == "media[0]" {
			e.Field = fmt.Sprintf("media[%d]", item)
		}
		e.Action = problem.DefaultAction(r.class)
	}
	return e
}

// find asks whether the publish call of this job has happened. The container is certain about that: it was made for
// this job alone. It does not name the post, so that is looked for; where that does not lead to exactly one, a person
// looks.
func (p *igPost) find(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
	live, unsure := false, false
	for _, made := range p.containers {
		st, err := p.state(ctx, made)
		if err != nil {
			return nil, connector.Unknown, err
		}
		switch st.is {
		case statePublished:
			live = true
		case stateGone:
			unsure = true
		case stateInProgress:
			return nil, connector.Unknown, p.steps.Wait(pollAfter(p.c.cfg.Now().Sub(made.at)), "Instagram is still working on the post")
		}
	}
	if !live && !unsure {
		return nil, connector.Absent, nil
	}
	v, found, err := p.locate(ctx, since)
	if err == nil && found == connector.Absent {
		found = connector.Unknown
		if live && p.c.cfg.Now().Sub(since) < afterwards { // lists lag behind
			err = p.steps.Wait(10*time.Second, "the post is live; Instagram does not list it yet")
		}
	}
	return v, found, err
}

// igMedia is a published post as Instagram's lists show it.
type igMedia struct {
	ID        string `json:"id"`
	Caption   string `json:"caption"`
	Permalink string `json:"permalink"`
	Timestamp string `json:"timestamp"`
	Type      string `json:"media_type"`
	Product   string `json:"media_product_type"` // tells a reel from another video
	Children  struct {
		Data []created `json:"data"`
	} `json:"children"`
}

// locate looks for the post that a published container became: Present, Absent, or Unknown where several fit.
func (p *igPost) locate(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
	var fit []igMedia
	more, err := p.c.igPosts(ctx, p.s, p.d.Kind, since.Add(-lookBack), maxPostPages, func(m igMedia) {
		if p.fits(m) && !parseTime(m.Timestamp).Before(since.Add(-skew)) {
			fit = append(fit, m)
		}
	})
	if err != nil {
		return nil, connector.Unknown, err
	}
	var free []igMedia
	for _, m := range fit {
		claimed := false
		if p.d.Claimed != nil {
			if claimed, err = p.d.Claimed(ctx, m.ID); err != nil {
				return nil, connector.Unknown, err
			}
		}
		if !claimed {
			free = append(free, m)
		}
	}
	switch {
	case len(free) == 1 && !more:
		v := p.published(free[0].ID)
		v["permalink"] = free[0].Permalink
		return v, connector.Present, nil
	case len(free) > 0 || more:
		return nil, connector.Unknown, nil
	default:
		return nil, connector.Absent, nil
	}
}

func (p *igPost) fits(m igMedia) bool {
	kind, product, n := "IMAGE", "FEED", len(m.Children.Data)
	switch {
	case p.d.Kind == kindCarousel:
		kind = "CAROUSEL_ALBUM"
	case isVideo(p.d.Media[0]):
		kind, product = "VIDEO", "REELS"
	}
	if p.d.Kind == kindStory {
		product = "STORY"
	}
	return m.Type == kind && (m.Product == "" || m.Product == product) && sameCaption(m.Caption, p.d.Text) && (n == 0 || n == len(p.d.Media))
}

// sameCaption compares without the @ signs, which a caption that is read may lack.
func sameCaption(a, b string) bool {
	return sameText(strings.ReplaceAll(a, "@", ""), strings.ReplaceAll(b, "@", ""))
}

// igPosts lists what is published on the account from a time on: its stories, or everything else.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
func (c *Connector) igPosts(ctx context.Context, s connector.Session, kind string, since time.Time, most int, each func(igMedia)) (more bool, err error) {
	edge, params := "/media", url.Values{
		"fields": {"id,caption,timestamp,permalink,media_type,media_product_type,children{id}"}, "since": {strconv.FormatInt(since.Unix(), 10)}, "limit": {"100"},
	}
	if kind == kindStory {
		edge, params = "/stories", url.Values{"fields": {"id,caption,timestamp,permalink,media_type,media_product_type"}, "limit": {"100"}}
	}
	return list(ctx, c, graph{op: opIGPosts, method: http.MethodGet, path: url.PathEscape(s.Account.ExternalID) + edge, token: s.Credential.Access, http: s.HTTP, params: params}, most, each)
}

// igCandidates are the posts a person may recognise.
func (c *Connector) igCandidates(ctx context.Context, s connector.Session, d connector.Draft) ([]connector.Candidate, error) {
	candidates := []connector.Candidate{}
	since := d.AcceptedAt.Add(-lookBack)
	_, err := c.igPosts(ctx, s, d.Kind, since, 1, func(m igMedia) {
		if at := parseTime(m.Timestamp); !at.Before(since.Truncate(time.Second)) {
			candidates = append(candidates, connector.Candidate{Receipt: connector.Receipt{ExternalID: m.ID, Permalink: m.Permalink}, Text: m.Caption, CreatedAt: at})
		}
	})
	if err != nil {
		return nil, err
	}
	return candidates, nil
}

// comment writes the first comment below the post. What was written is told by its text and time.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-media/comments
func (p *igPost) comment(media, text string) connector.Step {
	path := url.PathEscape(media) + "/comments"
	return connector.Step{
		Name: "first_comment", Settle: settle,
		Run: func(ctx context.Context) (connector.Values, error) {
			var made created
			err := p.call(ctx, opIGComment, http.MethodPost, path, url.Values{"message": {text}}, &made)
			return connector.Values{"id": made.ID}, err
		},
		Find: func(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
			type comment struct {
				ID        string `json:"id"`
				Text      string `json:"text"`
				Timestamp string `json:"timestamp"`
			}
			v, found := connector.Values(nil), connector.Absent
			g := graph{op: opIGComments, method: http.MethodGet, path: path, token: p.s.Credential.Access, http: p.s.HTTP, params: url.Values{"fields": {"id,text,timestamp"}}}
			_, err := list(ctx, p.c, g, 1, func(m comment) {
				if sameCaption(m.Text, text) && !parseTime(m.Timestamp).Before(since.Add(-skew)) {
					v, found = connector.Values{"id": m.ID}, connector.Present
				}
			})
			return v, found, err
		},
	}
}
