package tiktok

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// findFor is how long a post that may be there is looked for before a person is asked.
const findFor = 24 * time.Hour

// soonest is the least time between two looks for a post: what became of it comes by webhook, within seconds.
const soonest = 10 * time.Second

// handPhotos hands photos over. TikTok fetches them, so the one call is the post: it is never repeated. Each round lends
// the files by a name of its own; ending these loans shows whether TikTok has come for them.
func (p *post) handPhotos(ctx context.Context, suffix string) (connector.Values, error) {
	asked, err := p.ready(ctx, suffix)
	if err != nil {
		return nil, err
	}
	key := p.d.Kind + suffix
	v, err := p.steps.Do(ctx, connector.Step{
		Name: key,
		Run: func(ctx context.Context) (connector.Values, error) {
			if err := p.stillReady(ctx, asked); err != nil {
				return nil, err
			}
			if err := p.turn(ctx); err != nil {
				return nil, err
			}
			return p.sendPhotos(ctx, key)
		},
		Find: func(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
			return p.findPhotos(ctx, key, since)
		},
	})
	if err != nil || v[valVoid] != "" {
		return v, err
	}
	task := connector.Values{valUsername: asked[valUsername]}
	maps.Copy(task, v)
	return task, nil
}

// sendPhotos is the call that posts.
func (p *post) sendPhotos(ctx context.Context, key string) (connector.Values, error) {
	var images []string
	for i, m := range p.d.Media {
		if m.Lend == nil {
			e := problem.New(problem.PermissionMissing, "TikTok fetches photos from an address that belongs to Herald, and none is set up.")
			e.Platform, e.Code, e.Rule, e.Action, e.NotSent = Platform, "no_media_host", docPhotos, operator, true
			return nil, e
		}
		address, err := m.Lend(ctx, key)
		if err != nil {
			return nil, p.notSent(ctx, i, err)
		}
		images = append(images, address)
	}
	mode := "DIRECT_POST"
	if p.draft() {
		mode = "MEDIA_UPLOAD"
	}
	var answer struct {
		ID string `json:"publish_id"`
	}
	res, err := p.c.call(ctx, request{
		op: opContent, method: http.MethodPost, path: "/v2/post/publish/content/init/", session: p.s,
		body: map[string]any{
			"media_type": "PHOTO", "post_mode": mode, "post_info": p.photoInfo(),
			"source_info": map[string]any{"source": "PULL_FROM_URL", "photo_cover_index": max(p.o.Picture, 1) - 1, "photo_images": images},
		},
	}, &answer)
	if err != nil {
		return nil, err
	}
	if answer.ID == "" {
		return nil, res.Unexpected("publish_id") // it may be on its way: findPhotos decides
	}
	return connector.Values{valReference: answer.ID, valAt: p.now()}, nil
}

// notSent is for what went wrong on our own side before the call.
func (p *post) notSent(ctx context.Context, file int, err error) error {
	if ctx.Err() != nil {
		return err
	}
	e := problem.New(problem.Transient, "Herald could not make the photos ready for TikTok.").Because(err)
	if known := (*problem.Error)(nil); errors.As(err, &known) { // it says more: the file is too large, for example
		of := *known
		e = &of
		if e.Class == problem.InvalidContent && e.Field == "" {
			e.Field = fmt.Sprintf("media[%d]", file)
		}
	}
	if e.Platform == "" {
		e.Platform, e.Code = Platform, "not_lent"
	}
	e.NotSent = true
	return e
}

// findPhotos decides about a call whose answer is not known. First the addresses are closed, which tells at once and for good
// whether a byte of the files ever left: what TikTok has not fetched until then, it cannot post any more, even if the call
// reaches it only now. What it has fetched may be posted, and then a webhook tells of a post that is nobody else's, or it is
// listed. While another job looks for its post as well, what may be either's is nobody's.
func (p *post) findPhotos(ctx context.Context, key string, since time.Time) (connector.Values, connector.Found, error) {
	if p.d.Recall != nil {
		fetched, err := p.d.Recall(ctx, key)
		if err != nil {
			return nil, connector.Unknown, err
		}
		if !fetched {
			return connector.Values{valVoid: "never fetched"}, connector.Present, nil
		}
	}
	for _, look := range []struct {
		find   func(context.Context, time.Time) (connector.Values, error)
		theirs func(connector.Rival) bool
	}{
		{p.told, func(connector.Rival) bool { return true }},
		{p.listed, p.sameText},
	} {
		v, err := look.find(ctx, since)
		if err != nil {
			return nil, connector.Unknown, err
		}
		if v == nil {
			continue
		}
		rivals, err := p.rivals(ctx) // after the look: whoever made what was seen was counted before
		if err != nil || !slices.ContainsFunc(rivals, look.theirs) {
			return v, connector.Present, err
		}
	}
	if age := p.c.cfg.Now().Sub(since); age < findFor {
		return nil, connector.Unknown, p.steps.Wait(max(pollAfter(age), soonest), "TikTok has fetched the photos and has not said yet what became of them")
	}
	return nil, connector.Unknown, nil
}

// told adopts the one post that webhooks tell of and that no job knows. TikTok vouches that it is this account's.
func (p *post) told(ctx context.Context, since time.Time) (connector.Values, error) {
	if p.d.Told == nil {
		return nil, nil
	}
	changes, err := p.d.Told(ctx, since)
	if err != nil {
		return nil, err
	}
	only := ""
	for _, ch := range changes {
		switch {
		case ch.Reference == "" || ch.Reference == only:
		case only != "": // which of them is ours cannot be known
			return nil, nil
		default:
			only = ch.Reference
		}
	}
	if only == "" {
		return nil, nil
	}
	_, err = p.c.status(ctx, p.s, only)
	if problem.ClassOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return connector.Values{valReference: only, valAt: p.now()}, nil
}
