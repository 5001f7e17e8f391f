package meta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// The names of the options; see instagramOptions.
const (
	optionCollaborators = "collaborators"
	optionMadeWithAI    = "is_ai_generated"
	optionShareToFeed   = "share_to_feed"
	optionCoverURL      = "cover_url"
	optionThumbSeconds  = "thumb_seconds"
	optionThumbOffset   = "thumb_offset" // of posts that were written before thumb_seconds
)

// build is POST /{ig}/media, for a carousel once for each file and once for the whole.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
func (p *igPost) build(ctx context.Context, n int) (container, error) {
	name := numbered("container", n)
	if p.d.Kind != kindCarousel {
		return p.make(ctx, name, isVideo(p.d.Media[0]), p.createSingle)
	}
	var items []container
	video := false
	for i, m := range p.d.Media {
		item, err := p.make(ctx, fmt.Sprintf("%s_item_%d", name, i+1), isVideo(m), func(ctx context.Context) (connector.Values, error) {
			return p.createItem(ctx, i)
		})
		if err != nil {
			return container{}, err
		}
		items = append(items, item)
		video = video || item.video
	}
	return p.make(ctx, name, video, func(ctx context.Context) (connector.Values, error) { return p.createCarousel(ctx, items) })
}

func numbered(name string, n int) string {
	if n > 1 {
		name += "_" + strconv.Itoa(n)
	}
	return name
}

// make runs the step that makes a container, or reads what it has made.
func (p *igPost) make(ctx context.Context, step string, video bool, create func(ctx context.Context) (connector.Values, error)) (container, error) {
	made := container{video: video}
	v, err := p.steps.Do(ctx, connector.Step{Name: step, Repeatable: true, Durable: true, Run: func(ctx context.Context) (connector.Values, error) {
		made.fresh = true
		return create(ctx)
	}})
	if err != nil {
		return container{}, err
	}
	at, _ := strconv.ParseInt(v["at"], 10, 64) // written by create; without it the container counts as too old
	made.id, made.upload, made.failed, made.at = v["id"], v["uri"], v["failed"], time.Unix(at, 0)
	made.since = made.at
	made.item, _ = strconv.Atoi(v["item"]) // written by createCarousel, where it failed
	return made, nil
}

// createSingle makes the container of a post with one file.
func (p *igPost) createSingle(ctx context.Context) (connector.Values, error) {
	params := url.Values{}
	switch p.d.Kind {
	case kindReel:
		params.Set("media_type", "REELS")
		p.describe(params)
		p.describeReel(params)
		if viaPage(p.s.Account) {
			params.Set("upload_type", "resumable")
			return p.create(ctx, params)
		}
	case kindStory:
		params.Set("media_type", "STORIES")
	default:
		p.describe(params)
		describePicture(params, p.d.Media[0])
	}
	return p.createFrom(ctx, 0, params)
}

// createItem makes the container of one file of a carousel.
func (p *igPost) createItem(ctx context.Context, i int) (connector.Values, error) {
	params := url.Values{"is_carousel_item": {"true"}}
	if isVideo(p.d.Media[i]) {
		params.Set("media_type", "VIDEO")
	}
	describePicture(params, p.d.Media[i])
	return p.createFrom(ctx, i, params)
}

// createFrom makes a container whose file Instagram fetches from our storage.
func (p *igPost) createFrom(ctx context.Context, i int, params url.Values) (connector.Values, error) {
	src, err := address(ctx, p.d.Media[i])
	if err != nil {
		return nil, err
	}
	name := "image_url"
	if isVideo(p.d.Media[i]) {
		name = "video_url"
	}
	params.Set(name, src)
	v, err := p.create(ctx, params)
	return v, onMedia(err, i)
}

// describe adds what belongs to the post as a whole.
func (p *igPost) describe(params url.Values) {
	if p.d.Text != "" {
		params.Set("caption", p.d.Text)
	}
	if names := p.collaborators(); len(names) > 0 {
		raw, _ := json.Marshal(names) // a list of texts always encodes
		params.Set("collaborators", string(raw))
	}
	if ai, _ := p.d.Options[optionMadeWithAI].(bool); ai {
		params.Set("is_ai_generated", "true")
	}
}

// describeReel adds what only a reel has. A cover of its own wins over a moment of the video.
func (p *igPost) describeReel(params url.Values) {
	if share, given := p.d.Options[optionShareToFeed].(bool); given {
		params.Set("share_to_feed", strconv.FormatBool(share))
	}
	cover, _ := p.d.Options[optionCoverURL].(string)
	seconds, timed := p.d.Options[optionThumbSeconds].(float64)
	offset := math.Round(seconds * 1000)
	if !timed {
		offset, timed = p.d.Options[optionThumbOffset].(float64)
	}
	switch {
	case cover != "":
		params.Set("cover_url", cover)
	case timed:
		params.Set("thumb_offset", strconv.FormatInt(int64(offset), 10))
	}
}

func describePicture(params url.Values, m connector.Media) {
	if m.Alt != "" && !isVideo(m) {
		params.Set("alt_text", m.Alt)
	}
}

func (p *igPost) collaborators() []string {
	list, _ := p.d.Options[optionCollaborators].([]any)
	var names []string
	for _, v := range list {
		if name, ok := v.(string); ok {
			names = append(names, name)
		}
	}
	return names
}

// createCarousel joins the items once they are all ready. One that failed makes the whole fail.
func (p *igPost) createCarousel(ctx context.Context, items []container) (connector.Values, error) {
	var ids []string
	for i, item := range items {
		st, err := p.state(ctx, item)
		if err != nil {
			return nil, err
		}
		switch {
		case st.is == stateFinished && p.age(item.at) < containerLife:
		case st.is == stateInProgress && p.mayWait(item):
			return nil, p.steps.Wait(pollAfter(p.age(item.at)), "Instagram is preparing the files")
		default:
			return connector.Values{"failed": st.reason(), "item": strconv.Itoa(i), "at": p.now()}, nil
		}
		ids = append(ids, item.id)
	}
	params := url.Values{"media_type": {"CAROUSEL"}, "children": {strings.Join(ids, ",")}}
	p.describe(params)
	return p.create(ctx, params)
}

func (p *igPost) create(ctx context.Context, params url.Values) (connector.Values, error) {
	var made created
	if err := p.call(ctx, opIGContainer, http.MethodPost, p.account()+"/media", params, &made); err != nil {
		return nil, err
	}
	v := connector.Values{"id": made.ID, "at": p.now()}
	if params.Get("upload_type") == "resumable" {
		v["uri"] = made.URI
		if !strings.HasPrefix(made.URI, p.c.cfg.UploadURL+"/") { // the token and the video go to no other host
			e := problem.New(problem.Transient, "Instagram did not say where the video goes.")
			e.Platform, e.Code, e.NotSent = Platform, "upload_uri", true
			return nil, e
		}
	}
	return v, nil
}

func (p *igPost) now() string { return strconv.FormatInt(p.c.cfg.Now().Unix(), 10) }

// address asks our storage for an address that Meta can fetch the file from.
func address(ctx context.Context, m connector.Media) (string, error) {
	e := problem.New(problem.Transient, "Herald could not prepare the file in our storage.")
	e.Platform, e.Code, e.NotSent = Platform, "no_address", true
	if m.URL == nil {
		return "", e
	}
	src, err := m.URL(ctx)
	if err != nil {
		return "", e.Because(err)
	}
	return src, nil
}

// lapsedError says that a container takes no bytes any more.
type lapsedError struct{ state containerState }

func (e *lapsedError) Error() string { return "the container is " + e.state.reason() }

// upload sends the bytes of a reel into its container. A container that takes them no more is given up; the next one
// begins anew.
// https://developers.facebook.com/documentation/instagram-platform/content-publishing/resumable-uploads
func (p *igPost) upload(ctx context.Context, made container, n int) (container, error) {
	v, err := p.steps.Do(ctx, connector.Step{Name: numbered("upload", n), Repeatable: true, Run: func(ctx context.Context) (connector.Values, error) {
		err := transfer{
			fresh:   made.fresh,
			arrived: func(ctx context.Context) (int64, bool, error) { return p.arrived(ctx, made) },
			send: func(ctx context.Context, offset int64, most time.Duration) error {
				return p.c.sendFile(ctx, opIGUpload, p.s, p.d.Media[0], made.upload, offset, most)
			},
		}.run(ctx, p.steps)
		if lapsed := (*lapsedError)(nil); errors.As(err, &lapsed) {
			return connector.Values{"failed": lapsed.state.reason(), "at": p.now()}, nil
		}
		return connector.Values{"at": p.now()}, err
	}})
	at, _ := strconv.ParseInt(v["at"], 10, 64) // written above
	made.failed, made.since = v["failed"], time.Unix(at, 0)
	return made, err
}

// arrived asks the container how many bytes it has.
func (p *igPost) arrived(ctx context.Context, made container) (bytes int64, whole bool, err error) {
	st, err := p.state(ctx, made)
	switch {
	case err != nil:
		return 0, false, err
	case st.is != stateInProgress:
		if st.is == stateFinished || st.is == statePublished {
			return 0, true, nil
		}
		return 0, false, &lapsedError{st}
	case st.unread:
		return 0, false, p.steps.Wait(firstPoll, "Instagram does not show yet how far the upload is")
	}
	return st.bytes, st.whole, nil
}
