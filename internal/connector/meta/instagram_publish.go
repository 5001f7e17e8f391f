package meta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// How long things last. Meta advises to ask once a minute for at most five minutes, and lets a container live a day.
// https://developers.facebook.com/docs/instagram-platform/content-publishing
const (
	firstPoll     = 3 * time.Second // a picture is ready nearly at once
	slowestPoll   = time.Minute
	patience      = 15 * time.Minute // for a picture; then a new container is made
	videoPatience = 30 * time.Minute // people report that a long video takes up to fifteen minutes
	containerLife = 23 * time.Hour
	maxContainers = 8         // of one job
	quotaPause    = time.Hour // the window rolls; Meta does not say when a place becomes free
	afterwards    = 2 * time.Minute
)

// igPost is one draft on its way to one Instagram account. It becomes visible by exactly one call, media_publish; the
// containers before it are invisible.
type igPost struct {
	c          *Connector
	s          connector.Session
	d          connector.Draft
	steps      connector.Steps
	containers []container // every one made for this draft; the last one is published
}

// container is a post that nobody sees yet.
type container struct {
	id     string
	at     time.Time // when it was made
	since  time.Time // when Instagram had all that it needs to prepare it
	upload string    // where its bytes go; empty = Instagram fetches them
	fresh  bool      // made in this attempt: nothing was uploaded yet
	video  bool      // it has a video in it
	failed string    // why it could not be made, or cannot be used; "" = it was made
	item   int       // of a carousel that failed: which file is to blame
}

func (c *Connector) publishInstagram(ctx context.Context, s connector.Session, d connector.Draft, steps connector.Steps) (connector.Receipt, error) {
	p := igPost{c: c, s: s, d: d, steps: steps}
	if err := p.check(); err != nil {
		return connector.Receipt{}, err
	}
	if _, err := steps.Do(ctx, connector.Step{Name: "quota", Repeatable: true, Run: p.quota}); err != nil {
		return connector.Receipt{}, err
	}
	if err := p.prepare(ctx); err != nil {
		return connector.Receipt{}, err
	}
	v, err := steps.Do(ctx, connector.Step{Name: "publish", Run: p.send, Find: p.find, Settle: settle})
	if err != nil {
		return connector.Receipt{}, err
	}
	return p.finish(ctx, v)
}

// check repeats what the check before acceptance has found out, since what was accepted may be old.
func (p *igPost) check() error {
	n := len(p.d.Media)
	switch {
	case !slices.Contains([]string{kindImage, kindCarousel, kindReel, kindStory}, p.d.Kind):
		return invalid("kind", "Herald cannot publish this kind of post to Instagram.", docIGPublishing)
	case p.d.Kind == kindCarousel && (n < 2 || n > maxIGItems):
		return invalid("media", "A carousel on Instagram has two to ten pictures and videos.", docIGPublishing)
	case p.d.Kind != kindCarousel && n != 1:
		return invalid("media", "This kind of post on Instagram has exactly one file.", docIGPublishing)
	case p.d.Kind == kindImage && isVideo(p.d.Media[0]):
		return invalid("media[0]", "This kind of post on Instagram is a picture. A video is a reel.", docIGPublishing)
	case p.d.Kind == kindReel && !isVideo(p.d.Media[0]):
		return invalid("media[0]", "A reel on Instagram is a video.", docIGPublishing)
	case p.d.Link != "":
		return invalid("link", "A post on Instagram has no link of its own.", docIGPublishing)
	case p.d.Kind == kindStory && (p.d.Text != "" || len(p.d.Options) > 0):
		return invalid("text", "A story on Instagram shows a picture or a video and nothing else.", docIGMedia)
	case len(p.collaborators()) > maxIGCollaborators:
		return invalid("options.collaborators", "A post on Instagram has at most three collaborators.", docIGMedia)
	}
	for i, m := range p.d.Media {
		if isVideo(m) && m.Alt != "" {
			return invalid(fmt.Sprintf("media[%d].alt", i), "Instagram takes no description of a video.", docIGMedia)
		}
	}
	return nil
}

func isVideo(m connector.Media) bool { return strings.HasPrefix(m.Type, "video/") }

func (p *igPost) account() string { return url.PathEscape(p.s.Account.ExternalID) }

// call speaks for the account with the Page's token.
func (p *igPost) call(ctx context.Context, op operation, method, path string, params url.Values, v any) error {
	res, err := p.c.call(ctx, graph{op: op, method: method, path: path, token: p.s.Credential.Access, params: params, http: p.s.HTTP}, v)
	if err != nil {
		return err
	}
	if made, ok := v.(*created); ok && made.ID == "" {
		return res.Unexpected("id")
	}
	return nil
}

// created is what every call that makes something answers.
type created struct {
	ID  string `json:"id"`
	URI string `json:"uri"` // of a container that waits for bytes: where they go
}

// quota asks how many posts of the rolling day are left. The documents name 25, 50 and 100; the account's own answer
// counts. https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/content_publishing_limit
func (p *igPost) quota(ctx context.Context) (connector.Values, error) {
	var answer struct {
		Data []struct {
			Usage  int `json:"quota_usage"`
			Config struct {
				Total int `json:"quota_total"`
			} `json:"config"`
		} `json:"data"`
	}
	res, err := p.c.call(ctx, graph{
		op: opIGQuota, method: http.MethodGet, path: p.account() + "/content_publishing_limit", token: p.s.Credential.Access, http: p.s.HTTP,
		params: url.Values{"fields": {"quota_usage,config"}},
	}, &answer)
	if err != nil {
		return nil, err
	}
	if len(answer.Data) == 0 {
		return nil, res.Unexpected("data")
	}
	q := answer.Data[0]
	if q.Config.Total > 0 && q.Usage >= q.Config.Total {
		e := problem.Newf(problem.RateLimited, "Instagram takes %d posts of an account in 24 hours, and this account has used them up.", q.Config.Total)
		e.Platform, e.Code, e.Rule, e.RetryAfter = Platform, "quota", docIGPublishing, quotaPause
		return nil, e
	}
	return connector.Values{"usage": strconv.Itoa(q.Usage), "total": strconv.Itoa(q.Config.Total)}, nil
}

// prepare makes sure that there is a container which can be published. One that failed is made again once, one whose
// day is over (the job had to wait) as often as needed. All stay known: a publish call whose answer was lost may have
// used an older one.
func (p *igPost) prepare(ctx context.Context) error {
	var last error
	failed := 0
	for n := 1; n <= maxContainers && failed < 2; n++ {
		made, err := p.build(ctx, n)
		if err == nil && made.upload != "" && p.age(made.at) < containerLife {
			made, err = p.upload(ctx, made, n)
		}
		if err != nil {
			return err
		}
		p.containers = append(p.containers, made)
		st, err := p.state(ctx, made)
		if err != nil {
			return err
		}
		switch {
		case st.is == statePublished, st.is == stateFinished && p.age(made.at) < containerLife:
			return nil
		case st.is == stateInProgress && p.mayWait(made):
			return p.steps.Wait(pollAfter(p.age(made.since)), "Instagram is preparing the post")
		case st.is == stateInProgress, st.is == stateError:
			failed++
			last = st.problem(made.item)
		}
	}
	if last == nil {
		last = containerState{}.problem(0)
	}
	return last
}

func (p *igPost) age(of time.Time) time.Duration { return p.c.cfg.Now().Sub(of) }

// mayWait tells whether a container in the making is still believed in.
func (p *igPost) mayWait(c container) bool {
	if c.video {
		return p.age(c.since) < videoPatience
	}
	return p.age(c.since) < patience
}

// pollAfter grows with the age of what is waited for.
func pollAfter(age time.Duration) time.Duration { return min(max(age, firstPoll), slowestPoll) }

// send is POST /{ig}/media_publish.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media_publish
func (p *igPost) send(ctx context.Context) (connector.Values, error) {
	began := p.c.cfg.Now()
	last := p.containers[len(p.containers)-1]
	var made created
	err := p.call(ctx, opIGPublish, http.MethodPost, p.account()+"/media_publish", url.Values{"creation_id": {last.id}}, &made)
	if err == nil {
		return p.published(made.ID), nil
	}
	e := problem.Of(err)
	switch {
	case e.Code == codeSpam:
		// Seen although the post went live: the container knows. Where it cannot be asked, find does so later.
		st, serr := p.state(ctx, last)
		if serr == nil && st.is != statePublished {
			return nil, err
		}
		if v, found, ferr := p.locate(ctx, began); serr == nil && ferr == nil && found == connector.Present {
			v[valueSuspected] = e.Code
			return v, nil
		}
		doubt := problem.New(problem.Transient, "Instagram suspected spam and did not say whether it took the post.")
		doubt.Platform, doubt.Code, doubt.Rule = Platform, e.Code, e.Rule
		return nil, doubt
	case e.Class == problem.NotFound, e.Code == "9007/2207027", e.Code == "24/2207008":
		// It was there and ready a moment ago: the next attempt looks again and makes a new one where it is gone.
		again := *e
		again.Class, again.NotSent, again.Action = problem.Transient, true, problem.DefaultAction(problem.Transient)
		return nil, &again
	}
	return nil, err
}

// valueSuspected is in the result of a post that Instagram took for spam and published all the same: the code it gave.
const valueSuspected = "suspected"

// suspected has Herald leave the account alone. A comment would be one more thing to suspect.
func suspected(code string, commentLeftOut bool) error {
	e := problem.Newf(problem.PolicyBlocked, "Instagram published this post and suspects it of spam. Herald gives the account a rest of %d hours.", int(spamRest.Hours()))
	if commentLeftOut {
		e.Message += " The first comment was left out."
	}
	e.Platform, e.Code, e.Rule, e.RetryAfter = Platform, code, srcIG, spamRest
	return e
}

func (p *igPost) published(id string) connector.Values {
	return connector.Values{"id": id, "at": strconv.FormatInt(p.c.cfg.Now().Unix(), 10)}
}

// finish does what is left when the post is live; the receipt is given in any case.
func (p *igPost) finish(ctx context.Context, v connector.Values) (connector.Receipt, error) {
	r := connector.Receipt{ExternalID: v["id"], Permalink: v["permalink"]}
	at, _ := strconv.ParseInt(v["at"], 10, 64) // written by published; without it nothing is tried twice
	late := p.c.cfg.Now().Sub(time.Unix(at, 0)) > afterwards
	if r.Permalink == "" {
		link, err := p.steps.Do(ctx, connector.Step{Name: "permalink", Repeatable: true, Run: func(ctx context.Context) (connector.Values, error) {
			return p.permalink(ctx, r.ExternalID)
		}})
		if err := p.excuse(err, late); err != nil {
			return r, err
		}
		r.Permalink = link["permalink"]
	}
	if !isWeb(r.Permalink) {
		r.Permalink = "https://www.instagram.com/" + url.PathEscape(p.s.Account.Username)
	}
	text, _ := p.d.Options["first_comment"].(string)
	if v[valueSuspected] != "" {
		return r, suspected(v[valueSuspected], text != "")
	}
	if text == "" {
		return r, nil
	}
	c, err := p.steps.Do(ctx, p.comment(r.ExternalID, text))
	if err == nil {
		r.Data = map[string]string{"comment_id": c["id"]}
	}
	return r, err
}

// excuse turns a failure of what comes after the post into a pause, and in the end into nothing. What is not the
// platform's is not excused.
func (p *igPost) excuse(err error, late bool) error {
	e := (*problem.Error)(nil)
	if !errors.As(err, &e) {
		return err
	}
	passes := e.Class == problem.Transient || e.Class == problem.PlatformDown || e.Class == problem.NotFound
	if late || !passes {
		return nil
	}
	return p.steps.Wait(10*time.Second, "the post is live; Instagram does not answer about it yet")
}

func (p *igPost) permalink(ctx context.Context, id string) (connector.Values, error) {
	var m igMedia
	err := p.call(ctx, opIGMedia, http.MethodGet, url.PathEscape(id), url.Values{"fields": {"id,permalink"}}, &m)
	return connector.Values{"permalink": m.Permalink}, err
}
