package linkedin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

const (
	// settle is how long an organization's list of posts is not believed after a lost answer, twice.
	settle = 5 * time.Second
	// codeWaiting says that a file is not ready yet.
	codeWaiting = "MEDIA_ASSET_WAITING_UPLOAD"
)

// Publish implements connector.Connector. A post becomes visible by exactly one call. Files are uploaded before, which
// nobody sees. LinkedIn has no drafts, no schedule and no key that would make a repeated call harmless.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
func (c *Connector) Publish(ctx context.Context, s connector.Session, d connector.Draft, steps connector.Steps) (connector.Receipt, error) {
	p := &post{c: c, s: s, d: d, text: little(d.Text)}
	if err := p.check(); err != nil {
		return connector.Receipt{}, err
	}
	if err := p.mayComment(); err != nil {
		return connector.Receipt{}, err
	}
	if err := p.uploadAll(ctx, steps); err != nil {
		return connector.Receipt{}, err
	}
	step := connector.Step{Name: "post", Run: p.send, Find: p.find}
	if !p.member() {
		step.Settle = settle
	}
	v, err := steps.Do(ctx, step)
	if len(p.media) > 0 && problem.Of(err) != nil && problem.Of(err).Code == codeWaiting {
		return connector.Receipt{}, p.working(steps, p.uploaded, len(p.media)-1)
	}
	if err != nil {
		return connector.Receipt{}, onMedia(err, p.d)
	}
	r := c.receipt(v["id"])
	return r, p.firstComment(ctx, r.ExternalID, steps)
}

// receipt names a post. LinkedIn tells no address; this is the one that leads to it.
func (c *Connector) receipt(urn string) connector.Receipt {
	return connector.Receipt{ExternalID: urn, Permalink: c.cfg.OAuthURL + "/feed/update/" + url.PathEscape(urn) + "/"}
}

// post is one draft on its way to one account.
type post struct {
	c     *Connector
	s     connector.Session
	d     connector.Draft
	text  string   // little text
	media []string // URNs, as the journal has them
	// uploaded is when the last of them was: epoch seconds.
	uploaded string

	sent       bool // the call was made by this worker
	recovering bool // an earlier attempt's outcome is unknown
}

func (p *post) member() bool { return p.s.Account.Kind == kindMember }

// author is the account's URN.
func (p *post) author() string { return author(p.s) }

func author(s connector.Session) string {
	if s.Account.Kind == kindMember {
		return "urn:li:person:" + s.Account.ExternalID
	}
	return "urn:li:organization:" + s.Account.ExternalID
}

func (p *post) option(name string) string {
	v, _ := p.d.Options[name].(string) // the check before acceptance has seen its type
	return v
}

// check repeats what the check before acceptance has found out, since what was accepted may be old, and looks at what a
// schema cannot say.
func (p *post) check() error {
	kinds := posts(p.s.Account.Kind)
	at := slices.IndexFunc(kinds, func(k connector.PostKind) bool { return k.Kind == p.d.Kind })
	if (!p.member() && p.s.Account.Kind != kindOrganization) || at < 0 {
		return invalid("kind", "Herald cannot publish this kind of post to LinkedIn.", docPosts)
	}
	kind := kinds[at]
	switch n := len(p.d.Media); {
	case length(p.text) > maxText:
		return invalid("text", fmt.Sprintf("The text has %d characters as LinkedIn may count them; at most %d are allowed.", length(p.text), maxText), docPosts)
	case kind.Text.Required && strings.TrimSpace(p.d.Text) == "":
		return invalid("text", "LinkedIn wants a text with this kind of post.", docPosts)
	case n < kind.Media.Min || n > kind.Media.Max:
		return invalid("media", fmt.Sprintf("This kind of post carries %d to %d files, not %d.", kind.Media.Min, kind.Media.Max, n), kind.Media.Source)
	case kind.LinkRequired && p.d.Link == "":
		return invalid("link", "A link post on LinkedIn needs a link.", docPosts)
	case !kind.Link && p.d.Link != "":
		return invalid("link", "This kind of post has no link of its own. Put the link into the text.", docPosts)
	case p.d.Kind == kindReshare && p.parent() == "":
		return invalid("options."+optionPost, "This names no post on LinkedIn that can be reposted. Copy the address of the post again.", docPosts)
	case (p.d.Kind == kindArticle || p.d.Kind == kindDocument) && strings.TrimSpace(p.option(optionTitle)) == "":
		return invalid("options."+optionTitle, "LinkedIn wants a title here.", docPosts)
	case p.d.Kind == kindPoll && (p.option(optionQuestion) == "" || len(p.choices()) < 2):
		return invalid("options."+optionQuestion, "A poll needs a question and at least two answers.", docPolls)
	}
	return nil
}

func invalid(field, message, rule string) *problem.Error {
	e := problem.New(problem.InvalidContent, message).On(field)
	e.Platform, e.Rule = Platform, rule
	return e
}

// parent is the post that is reposted. Activities have numbers of their own and cannot be turned into a post's.
func (p *post) parent() string {
	m := regexp.MustCompile(`(share|ugcPost)(?::|%3A|-)([0-9]+)`).FindStringSubmatch(p.option(optionPost))
	if m == nil {
		return ""
	}
	return "urn:li:" + m[1] + ":" + m[2]
}

func (p *post) choices() []string {
	var out []string
	list, _ := p.d.Options[optionChoices].([]any)
	for _, v := range list {
		if s, ok := v.(string); ok && strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	if typed, ok := p.d.Options[optionChoices].([]string); ok {
		out = typed
	}
	return out
}

type (
	// body is what makes a post. It is built anew by every worker and is always the same, byte for byte, because LinkedIn
	// tells a double by its content: everything in it is the draft's or the journal's.
	body struct {
		Author       string       `json:"author"`
		Commentary   string       `json:"commentary"`
		Visibility   string       `json:"visibility"`
		Distribution distribution `json:"distribution"`
		State        string       `json:"lifecycleState"`
		NoReshare    bool         `json:"isReshareDisabledByAuthor"`
		Content      *content     `json:"content,omitempty"`
		Reshare      *reshare     `json:"reshareContext,omitempty"`
	}
	distribution struct {
		Feed     string   `json:"feedDistribution"`
		Targets  []string `json:"targetEntities"`
		Channels []string `json:"thirdPartyDistributionChannels"`
	}
	reshare struct {
		Parent string `json:"parent"`
	}
	content struct {
		Media      *attached   `json:"media,omitempty"`
		MultiImage *multiImage `json:"multiImage,omitempty"`
		Article    *article    `json:"article,omitempty"`
		Poll       *poll       `json:"poll,omitempty"`
	}
	attached struct {
		ID    string `json:"id"`
		Alt   string `json:"altText,omitempty"`
		Title string `json:"title,omitempty"`
	}
	multiImage struct {
		Images []attached `json:"images"`
	}
	article struct {
		Source       string `json:"source"`
		Title        string `json:"title"`
		Description  string `json:"description,omitempty"`
		Thumbnail    string `json:"thumbnail,omitempty"`
		ThumbnailAlt string `json:"thumbnailAltText,omitempty"`
	}
	poll struct {
		Question string       `json:"question"`
		Options  []pollOption `json:"options"`
		Settings pollSettings `json:"settings"`
	}
	pollOption struct {
		Text string `json:"text"`
	}
	pollSettings struct {
		Duration string `json:"duration"`
	}
)

func (p *post) body() body {
	b := body{
		Author: p.author(), Commentary: p.text, Visibility: "PUBLIC", State: "PUBLISHED",
		Distribution: distribution{Feed: "MAIN_FEED", Targets: []string{}, Channels: []string{}},
	}
	if v := p.option(optionVisibility); v != "" && p.member() {
		b.Visibility = v
	}
	switch p.d.Kind {
	case kindImage, kindVideo, kindDocument:
		b.Content = &content{Media: &attached{ID: p.media[0], Alt: p.alt(0), Title: p.option(optionTitle)}}
	case kindImages:
		several := &multiImage{}
		for i, urn := range p.media {
			several.Images = append(several.Images, attached{ID: urn, Alt: p.alt(i)})
		}
		b.Content = &content{MultiImage: several}
	case kindArticle:
		a := &article{Source: p.d.Link, Title: p.option(optionTitle), Description: p.option(optionDescription)}
		if len(p.media) > 0 {
			a.Thumbnail, a.ThumbnailAlt = p.media[0], p.alt(0)
		}
		b.Content = &content{Article: a}
	case kindPoll:
		q := &poll{Question: p.option(optionQuestion), Settings: pollSettings{"THREE_DAYS"}}
		if d := p.option(optionDuration); d != "" {
			q.Settings.Duration = d
		}
		for _, text := range p.choices() {
			q.Options = append(q.Options, pollOption{text})
		}
		b.Content = &content{Poll: q}
	case kindReshare:
		b.Reshare = &reshare{p.parent()}
	}
	return b
}

func (p *post) alt(i int) string {
	if p.d.Kind == kindVideo || p.d.Kind == kindDocument {
		return ""
	}
	return p.d.Media[i].Alt
}

// send is POST /posts. The answer is empty; the post's name comes in a header, as a share or as a ugcPost.
func (p *post) send(ctx context.Context) (connector.Values, error) {
	p.sent = true
	res, err := p.c.do(ctx, call{op: opPost, method: http.MethodPost, path: "rest/posts", json: p.body(), s: p.s}, nil)
	if err != nil {
		return nil, err
	}
	urn := res.Header.Get("X-Restli-Id")
	if !isPost(urn) {
		urn = res.Header.Get("X-Linkedin-Id")
	}
	if res.Status != http.StatusCreated || !isPost(urn) {
		return nil, res.Unexpected("x-restli-id") // it may be live: find decides
	}
	return connector.Values{"id": urn}, nil
}

func isPost(urn string) bool {
	return regexp.MustCompile(`^urn:li:(share|ugcPost):[0-9]+$`).MatchString(urn)
}

// onMedia names the field that an error of the table is about: the table says media[0] for whichever file it is.
func onMedia(err error, d connector.Draft) error {
	e := (*problem.Error)(nil)
	if errors.As(err, &e) && e.Field == "media[0]" && len(d.Media) > 1 {
		return e.On("media")
	}
	return err
}
