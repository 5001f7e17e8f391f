package tiktok

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
)

const (
	skew       = time.Minute // between our clock and TikTok's
	listedText = 150         // characters of a text that TikTok gives back
	listPage   = 20
	maxListing = 10 // pages
)

// video is a public post. https://developers.tiktok.com/doc/tiktok-api-v2-video-object
type video struct {
	ID          string `json:"id"`
	Created     int64  `json:"create_time"` // epoch seconds
	Title       string `json:"title"`
	Description string `json:"video_description"`
	URL         string `json:"share_url"`
	Views       *int64 `json:"view_count"`
	Likes       *int64 `json:"like_count"`
	Comments    *int64 `json:"comment_count"`
	Shares      *int64 `json:"share_count"`
}

// since gives the public posts that were made since then, newest first. The cursor counts milliseconds and goes back.
// https://developers.tiktok.com/doc/tiktok-api-v2-video-list
func (c *Connector) since(ctx context.Context, s connector.Session, from time.Time) ([]video, error) {
	var all []video
	body := map[string]any{"max_count": listPage}
	for range maxListing {
		var page struct {
			Videos *[]video `json:"videos"`
			Cursor int64    `json:"cursor"`
			More   bool     `json:"has_more"`
		}
		res, err := c.call(ctx, request{
			op: opList, method: http.MethodPost, path: "/v2/video/list/", session: s, body: body,
			fields: []string{"id", "create_time", "title", "video_description", "share_url"},
		}, &page)
		if err != nil {
			return nil, err
		}
		if page.Videos == nil {
			return nil, res.Unexpected("videos")
		}
		for _, v := range *page.Videos {
			if v.Created < from.Add(-skew).Unix() {
				return all, nil
			}
			all = append(all, v)
		}
		if !page.More || page.Cursor == body["cursor"] {
			return all, nil
		}
		body = map[string]any{"max_count": listPage, "cursor": page.Cursor}
	}
	return all, nil
}

// says tells whether a post has our text, of which TikTok gives the beginning back.
func (v video) says(text string) bool {
	cut := func(s string) string {
		s = strings.Join(strings.Fields(s), " ") // line breaks may get lost
		if r := []rune(s); len(r) > listedText {
			s = string(r[:listedText])
		}
		return strings.TrimSpace(s)
	}
	want := cut(text)
	got := []string{cut(v.Title), cut(v.Description)}
	return want != "" && slices.Contains(got, want)
}

// sameText tells whether a rival's post would be listed with the same words.
func (p *post) sameText(r connector.Rival) bool { return video{Title: r.Text}.says(p.d.Text) }

// listed looks for the post among the public ones: exactly one that says the same and that no other job has.
func (p *post) listed(ctx context.Context, from time.Time) (connector.Values, error) {
	if p.draft() || p.o.Privacy != levelPublic || !may(p.s, scopeList) || p.d.Text == "" {
		return nil, nil
	}
	all, err := p.c.since(ctx, p.s, from)
	if err != nil {
		return nil, err
	}
	var ours []video
	for _, v := range all {
		if !v.says(p.d.Text) {
			continue
		}
		if p.d.Claimed != nil {
			taken, err := p.d.Claimed(ctx, v.ID)
			if err != nil {
				return nil, err
			}
			if taken {
				continue
			}
		}
		ours = append(ours, v)
	}
	if len(ours) != 1 {
		return nil, nil
	}
	return connector.Values{valID: ours[0].ID, valAt: p.now()}, nil
}

// Candidates implements connector.CandidateLister: public posts only, others are not listed.
func (c *Connector) Candidates(ctx context.Context, s connector.Session, d connector.Draft) ([]connector.Candidate, error) {
	all, err := c.since(ctx, s, d.AcceptedAt)
	if err != nil {
		return nil, err
	}
	found := []connector.Candidate{}
	for _, v := range all {
		text := v.Description
		if text == "" {
			text = v.Title
		}
		found = append(found, connector.Candidate{
			Receipt: connector.Receipt{ExternalID: v.ID, Permalink: v.URL}, Text: text, CreatedAt: time.Unix(v.Created, 0).UTC(),
		})
	}
	return found, nil
}
