package meta

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
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

// maxPhotos is how many photos one post takes. Meta states no number; ten is ours.
const maxPhotos = 10

// Publish implements connector.Connector. A Page's post becomes visible by exactly one call: to the Page's feed, its
// stories, or the end of a video's upload. Files are uploaded unpublished before, which is invisible and so may be
// repeated.
// https://developers.facebook.com/docs/pages-api/posts
func (c *Connector) Publish(ctx context.Context, s connector.Session, d connector.Draft, steps connector.Steps) (connector.Receipt, error) {
	if s.Account.Kind == kindInstagram {
		return c.via(s).publishInstagram(ctx, s, d, steps)
	}
	p := post{c: c, s: s, d: d}
	if err := p.check(); err != nil {
		return connector.Receipt{}, err
	}
	if err := p.mayComment(); err != nil {
		return connector.Receipt{}, err
	}
	r, err := p.publish(ctx, steps)
	if err != nil {
		return connector.Receipt{}, err
	}
	if d.Kind == kindReel || d.Kind == kindVideo {
		if err := p.reference(ctx, &r, steps); err != nil {
			return r, err
		}
	}
	return r, p.firstComment(ctx, r.ExternalID, steps)
}

// publish makes the post itself visible.
func (p *post) publish(ctx context.Context, steps connector.Steps) (connector.Receipt, error) {
	switch p.d.Kind {
	case kindReel, kindVideo, kindVideoStory:
		return p.publishVideo(ctx, steps)
	case kindPhotoStory:
		return p.publishPhotoStory(ctx, steps)
	}
	for i := range p.d.Media {
		if err := p.upload(ctx, steps, i); err != nil {
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
	photos []photo
	videos []string // ids of every upload session
}

// photo is one of the draft's photos.
type photo struct {
	ids []string // of every upload made of it; the last one is used
}

// check repeats what the check before acceptance has found out, since what was accepted may be old.
func (p *post) check() error {
	switch {
	case p.s.Account.Kind != kindPage || !slices.Contains([]string{kindText, kindPhoto, kindPhotos, kindReel, kindVideo, kindPhotoStory, kindVideoStory}, p.d.Kind):
		return invalid("kind", "Herald cannot publish this kind of post to a Facebook Page.", docPosts)
	case p.d.Kind == kindText && p.d.Text == "" && p.d.Link == "":
		return invalid("text", "A post on a Facebook Page needs a text or a link.", docFeed)
	case p.d.Kind == kindText && len(p.d.Media) != 0:
		return invalid("media", "A text post carries no photo.", docPosts)
	case p.d.Kind == kindPhoto && len(p.d.Media) != 1:
		return invalid("media", "A photo post carries exactly one photo.", docPosts)
	case p.d.Kind == kindPhotos && (len(p.d.Media) < 2 || len(p.d.Media) > maxPhotos):
		return invalid("media", fmt.Sprintf("A post with several photos carries 2 to %d of them.", maxPhotos), docPosts)
	case (p.d.Kind == kindReel || p.d.Kind == kindVideo) && len(p.d.Media) != 1:
		return invalid("media", "A reel or a video post is exactly one video.", docReels)
	case p.isStory() && len(p.d.Media) != 1:
		return invalid("media", "A story is exactly one photo or one video.", docStories)
	case p.isStory() && (p.d.Text != "" || p.comment() != ""):
		return invalid("text", "A story shows a photo or a video and nothing else.", docStories)
	case p.d.Kind != kindText && p.d.Link != "":
		return invalid("link", "This kind of post has no link of its own. Put the link into the text.", docPosts)
	}
	return nil
}

func (p *post) isStory() bool { return p.d.Kind == kindPhotoStory || p.d.Kind == kindVideoStory }

func invalid(field, message, rule string) *problem.Error {
	e := problem.New(problem.InvalidContent, message).On(field)
	e.Platform, e.Rule = Platform, rule
	return e
}

// upload makes sure that photo i is there, unpublished and young enough to be attached. A job that had to wait for days
// (for a person to connect the Page again) needs a new one; all of them stay known, because a feed call whose answer
// was lost may have used an older one.
func (p *post) upload(ctx context.Context, steps connector.Steps, i int) error {
	base := "photo"
	if p.d.Kind == kindPhotos {
		base += "_" + strconv.Itoa(i+1)
	}
	p.photos = append(p.photos, photo{})
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		v, err := steps.Do(ctx, connector.Step{Name: name, Repeatable: true, Run: func(ctx context.Context) (connector.Values, error) {
			return p.uploadOnce(ctx, i)
		}})
		if err != nil {
			return err
		}
		p.photos[i].ids = append(p.photos[i].ids, v["photo_id"])
		at, _ := strconv.ParseInt(v["at"], 10, 64) // written below; without it the photo counts as too old
		if p.c.cfg.Now().Sub(time.Unix(at, 0)) < photoLife {
			return nil
		}
	}
}

// uploadOnce is POST /{page}/photos. https://developers.facebook.com/docs/graph-api/reference/page/photos
func (p *post) uploadOnce(ctx context.Context, i int) (connector.Values, error) {
	m := p.d.Media[i]
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
		return nil, onMedia(err, i)
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
	for i, photo := range p.photos {
		params.Set(fmt.Sprintf("attached_media[%d]", i), fmt.Sprintf(`{"media_fbid":%q}`, photo.ids[len(photo.ids)-1]))
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

// onMedia names the file that an error of the table is about: the table says media[0] for whichever it is.
func onMedia(err error, i int) error {
	e := (*problem.Error)(nil)
	if errors.As(err, &e) && e.Field == "media[0]" {
		return e.On(fmt.Sprintf("media[%d]", i))
	}
	return err
}

func (p *post) page() string { return url.PathEscape(p.s.Account.ExternalID) }

func permalink(id, given string) string {
	if isWeb(given) {
		return given
	}
	if strings.HasPrefix(given, "/") && !strings.HasPrefix(given, "//") { // a video's is a path
		return "https://www.facebook.com" + given
	}
	return "https://www.facebook.com/" + url.PathEscape(id)
}
