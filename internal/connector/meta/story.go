package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// storyLife is how long the list of stories is believed to have a story. It is shown for a day; only a Page that keeps
// an archive lists it longer. https://developers.facebook.com/docs/page-stories-api
const storyLife = 23 * time.Hour

// publishPhotoStory uploads the photo unpublished, which nobody sees and which may be repeated, and makes a story of it
// by one call.
// https://developers.facebook.com/docs/page-stories-api
func (p *post) publishPhotoStory(ctx context.Context, steps connector.Steps) (connector.Receipt, error) {
	if err := p.upload(ctx, steps, 0); err != nil {
		return connector.Receipt{}, err
	}
	v, err := steps.Do(ctx, connector.Step{Name: "story", Run: p.sendStory, Find: p.findStory, Settle: settle})
	if err != nil {
		return connector.Receipt{}, err
	}
	if v["permalink"] == "" { // the answer does not have it, and it is worth no failure
		if shown, _, err := p.story(ctx); err == nil && shown != nil {
			v["permalink"] = shown.URL
		}
	}
	return connector.Receipt{ExternalID: v["id"], Permalink: permalink(v["id"], v["permalink"])}, nil
}

func (p *post) sendStory(ctx context.Context) (connector.Values, error) {
	ids := p.photos[0].ids
	var answer struct {
		ID string `json:"post_id"`
	}
	res, err := p.c.call(ctx, graph{
		op: opPhotoStory, method: http.MethodPost, path: p.page() + "/photo_stories", token: p.s.Credential.Access, http: p.s.HTTP,
		params: url.Values{"photo_id": {ids[len(ids)-1]}},
	}, &answer)
	if problem.ClassOf(err) == problem.InvalidContent {
		// A photo can be shown once: what was published by an earlier call is refused now.
		if shown, _, serr := p.story(ctx); serr == nil && shown != nil {
			return shown.values(), nil
		}
	}
	if err != nil {
		return nil, err
	}
	if answer.ID == "" {
		return nil, res.Unexpected("post_id") // it may be live: findStory decides
	}
	return connector.Values{"id": answer.ID}, nil
}

// findStory asks the Page whether the story is there. The photo was uploaded for this job alone, so the story that
// shows it is ours. Of a story whose day is over the list says nothing.
func (p *post) findStory(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
	shown, certain, err := p.story(ctx)
	switch {
	case err != nil:
		return nil, connector.Unknown, err
	case shown != nil:
		return shown.values(), connector.Present, nil
	case !certain || p.c.cfg.Now().Sub(since) > storyLife:
		return nil, connector.Unknown, nil
	default:
		return nil, connector.Absent, nil
	}
}

// story looks for the story of one of the draft's uploads; certain tells whether a nil means that there is none.
func (p *post) story(ctx context.Context) (shown *pageStory, certain bool, err error) {
	unnamed := false
	more, err := p.c.stories(ctx, p.s, maxPostPages, func(q pageStory) {
		switch {
		case p.owns(q.MediaID):
			shown = &q
		case q.MediaID == "":
			unnamed = true
		}
	})
	return shown, !more && !unnamed, err
}

// pageStory is a story as a Page's list shows it.
type pageStory struct {
	PostID    string          `json:"post_id"`
	CreatedAt json.RawMessage `json:"creation_time"` // seconds, as a number or a text; or a time
	MediaType string          `json:"media_type"`    // photo, video
	MediaID   string          `json:"media_id"`
	URL       string          `json:"url"`
}

func (q pageStory) values() connector.Values {
	return connector.Values{"id": q.PostID, "permalink": q.URL}
}

func (q pageStory) created() time.Time {
	text := string(q.CreatedAt)
	if s := ""; json.Unmarshal(q.CreatedAt, &s) == nil {
		text = s
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(n, 0).UTC()
	}
	return parseTime(text)
}

// stories lists a Page's stories, newest first. https://developers.facebook.com/docs/page-stories-api
func (c *Connector) stories(ctx context.Context, s connector.Session, most int, each func(pageStory)) (more bool, err error) {
	return list(ctx, c, graph{
		op: opStories, method: http.MethodGet, path: url.PathEscape(s.Account.ExternalID) + "/stories", token: s.Credential.Access, http: s.HTTP,
		params: url.Values{"fields": {"post_id,status,creation_time,media_type,media_id,url"}, "limit": {"100"}},
	}, most, each)
}

// storyCandidates lists the stories of the draft's kind since it was accepted. A story of a video is named by the
// video, as its receipt is.
func (c *Connector) storyCandidates(ctx context.Context, s connector.Session, d connector.Draft) ([]connector.Candidate, error) {
	candidates := []connector.Candidate{}
	_, err := c.stories(ctx, s, 1, func(q pageStory) {
		id, kind := q.PostID, "photo"
		if d.Kind == kindVideoStory {
			id, kind = q.MediaID, "video"
		}
		if at := q.created(); q.MediaType == kind && id != "" && !at.Before(d.AcceptedAt.Add(-lookBack)) {
			candidates = append(candidates, connector.Candidate{
				Receipt: connector.Receipt{ExternalID: id, Permalink: permalink(id, q.URL)}, CreatedAt: at,
			})
		}
	})
	if err != nil {
		return nil, err
	}
	return candidates, nil
}
