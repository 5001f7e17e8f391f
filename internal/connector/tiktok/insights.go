package tiktok

import (
	"context"
	"net/http"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

const (
	notPublic = "TikTok tells the numbers of public posts only, and of a new post not before it was checked."
	notGiven  = "TikTok did not give this number."
)

// PostMetrics implements connector.Reporter. A post that has no id yet is asked for it.
// https://developers.tiktok.com/doc/tiktok-api-v2-video-query
func (c *Connector) PostMetrics(ctx context.Context, s connector.Session, p connector.PublishedPost) ([]connector.Metric, error) {
	id := p.Receipt.ExternalID
	if !isPostID(id) {
		v, err := c.status(ctx, s, id)
		if err != nil && problem.ClassOf(err) != problem.NotFound {
			return nil, err
		}
		if id = ""; len(v.IDs) > 0 {
			id = v.IDs[0]
		}
	}
	if id == "" {
		return numbers(video{}, notPublic), nil
	}
	var data struct {
		Videos *[]video `json:"videos"`
	}
	res, err := c.call(ctx, request{
		op: opQuery, method: http.MethodPost, path: "/v2/video/query/", session: s, fields: []string{"id", "view_count", "like_count", "comment_count", "share_count"},
		body: map[string]any{"filters": map[string]any{"video_ids": []string{id}}},
	}, &data)
	if err != nil {
		return nil, err
	}
	if data.Videos == nil {
		return nil, res.Unexpected("videos")
	}
	for _, v := range *data.Videos {
		if v.ID == id {
			return numbers(v, notGiven), nil
		}
	}
	return numbers(video{}, notPublic), nil // what is not public is left out
}

func numbers(v video, why string) []connector.Metric {
	return []connector.Metric{
		number(connector.MetricViews, "Views", v.Views, why), number(connector.MetricReactions, "Likes", v.Likes, why),
		number(connector.MetricComments, "Comments", v.Comments, why), number(connector.MetricShares, "Shares", v.Shares, why),
	}
}

func number(name connector.MetricName, title string, value *int64, why string) connector.Metric {
	m := connector.Metric{Name: name, Title: title, Value: value, Unit: connector.UnitCount}
	if value == nil {
		m.Note = why
	}
	return m
}

// AccountMetrics implements connector.Reporter. TikTok gives totals of this moment only.
func (c *Connector) AccountMetrics(ctx context.Context, s connector.Session, _, _ time.Time) ([]connector.Metric, error) {
	u, err := c.user(ctx, opCounters, s, "open_id", "follower_count", "likes_count")
	if err != nil {
		return nil, err
	}
	list := []connector.Metric{
		number(connector.MetricFollowers, "Followers", u.Followers, notGiven), number(connector.MetricReactions, "Likes of all posts", u.Likes, notGiven),
	}
	for i := range list {
		if list[i].Value != nil {
			list[i].Note = "The total at this moment: TikTok tells no history."
		}
	}
	return list, nil
}
