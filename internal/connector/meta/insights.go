package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

var _ connector.Reporter = (*Connector)(nil)

// The documents of the numbers. What Meta has retired is not in the tables below.
const (
	docPageInsights  = "https://developers.facebook.com/docs/graph-api/reference/page/insights"
	docVideoInsights = "https://developers.facebook.com/docs/graph-api/reference/video/video_insights"
	docIGUser        = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/insights"
	docIGMediaNumber = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-media/insights"
)

const (
	scopeInsights   = "read_insights"
	scopeIGInsights = "instagram_manage_insights"
)

// gauge is one of Meta's numbers and what Herald calls it.
type gauge struct {
	native string
	name   connector.MetricName
	title  string
	unit   connector.MetricUnit
	last   bool   // the newest value counts; otherwise all are added up
	note   string // how to read it
}

func count(native string, name connector.MetricName, title string) gauge {
	return gauge{native: native, name: name, title: title, unit: connector.UnitCount}
}

func lasting(native string, name connector.MetricName, title string) gauge {
	return gauge{native: native, name: name, title: title, unit: connector.UnitMilliseconds}
}

// What is asked about each thing. https://developers.facebook.com/docs/graph-api/reference/page/insights
func pageGauges() []gauge {
	reach := count("page_total_media_view_unique", connector.MetricReach, "Reach")
	reach.note = "Each day counts its own viewers: who came on two days is counted twice."
	followers := count("page_follows", connector.MetricFollowers, "Followers")
	followers.last = true
	return []gauge{
		count("page_media_view", connector.MetricViews, "Views"), reach, count("page_post_engagements", connector.MetricEngagements, "Engagements"),
		count("page_daily_follows_unique", connector.MetricFollows, "New followers"), followers,
		count("page_views_total", connector.MetricProfileViews, "Page visits"), count("page_total_actions", connector.MetricClicks, "Clicks on contact and buttons"),
	}
}

func postGauges() []gauge {
	return []gauge{
		count("post_media_view", connector.MetricViews, "Views"), count("post_total_media_view_unique", connector.MetricReach, "Reach"),
		count("post_clicks", connector.MetricClicks, "Clicks"), count("post_reactions_by_type_total", connector.MetricReactions, "Reactions"),
	}
}

func videoGauges() []gauge {
	views := count("fb_reels_total_plays", connector.MetricViews, "Views")
	views.note = "Plays, with those that repeat."
	return []gauge{
		views, count("post_video_social_actions", connector.MetricEngagements, "Comments and shares"),
		count("post_video_likes_by_reaction_type", connector.MetricReactions, "Reactions"), count("post_video_followers", connector.MetricFollows, "New followers"),
		lasting("post_video_view_time", connector.MetricWatchTime, "Watch time"), lasting("post_video_avg_time_watched", connector.MetricAverageWatch, "Average watch time"),
	}
}

func igAccountGauges() []gauge {
	return []gauge{
		count("views", connector.MetricViews, "Views"), count("reach", connector.MetricReach, "Reach"),
		count("total_interactions", connector.MetricEngagements, "Interactions"), count("accounts_engaged", connector.MetricPeople, "People who interacted"),
		count("likes", connector.MetricReactions, "Likes"), count("comments", connector.MetricComments, "Comments"),
		count("shares", connector.MetricShares, "Shares"), count("saves", connector.MetricSaves, "Saves"),
		count("follows_and_unfollows", connector.MetricFollows, "Follows and unfollows"),
	}
}

func igMediaGauges(kind string) []gauge {
	all := []gauge{
		count("views", connector.MetricViews, "Views"), count("reach", connector.MetricReach, "Reach"),
		count("total_interactions", connector.MetricEngagements, "Interactions"), count("shares", connector.MetricShares, "Shares"),
	}
	if kind != kindStory {
		all = append(all, count("likes", connector.MetricReactions, "Likes"), count("comments", connector.MetricComments, "Comments"), count("saved", connector.MetricSaves, "Saves"))
	}
	if kind == kindStory {
		all = append(all, count("replies", connector.MetricReplies, "Replies"))
	}
	if kind == kindReel {
		return append(all, lasting("ig_reels_video_view_total_time", connector.MetricWatchTime, "Watch time"), lasting("ig_reels_avg_watch_time", connector.MetricAverageWatch, "Average watch time"))
	}
	return append(all, count("follows", connector.MetricFollows, "New followers"), count("profile_visits", connector.MetricProfileViews, "Profile visits"))
}

// Why there is no number.
const (
	noteRetired = " does not offer this number (any more)."
	notePage    = "Facebook gives numbers for Pages with at least 100 likes, and about a day late."
	notePost    = "Facebook has no number for this post yet."
	noteIG      = "Instagram has no number yet: it can take two days, and some numbers need 100 followers."
	noteStory   = "Instagram gives a story's numbers for 24 hours, and only when enough people have seen it."
)

// PostMetrics implements connector.Reporter.
func (c *Connector) PostMetrics(ctx context.Context, s connector.Session, p connector.PublishedPost) ([]connector.Metric, error) {
	c = c.via(s)
	if err := mayReport(s); err != nil {
		return nil, err
	}
	if s.Account.Kind == kindPage && (p.Kind == kindPhotoStory || p.Kind == kindVideoStory) {
		return []connector.Metric{}, nil // no document names a number of a Page's story
	}
	id := url.PathEscape(p.Receipt.ExternalID)
	ask := insights{c: c, s: s, op: opInsights, path: id + "/insights", gauges: postGauges(), empty: notePost}
	switch {
	case s.Account.Kind == kindInstagram:
		ask.op, ask.gauges, ask.empty = opIGInsights, igMediaGauges(p.Kind), noteIG
		if p.Kind == kindStory {
			ask.empty = noteStory
		}
	case !strings.Contains(p.Receipt.ExternalID, "_"): // a video's bare id has another edge
		ask.path, ask.gauges = id+"/video_insights", videoGauges()
	}
	metrics, err := ask.read(ctx)
	if err != nil || ask.op == opIGInsights || ask.path != id+"/insights" {
		return metrics, err
	}
	counts, err := c.postCounts(ctx, s, id)
	return append(metrics, counts...), err
}

// AccountMetrics implements connector.Reporter. Meta's days end in California.
func (c *Connector) AccountMetrics(ctx context.Context, s connector.Session, since, until time.Time) ([]connector.Metric, error) {
	c = c.via(s)
	if err := mayReport(s); err != nil {
		return nil, err
	}
	params := url.Values{
		"period": {"day"}, "since": {strconv.FormatInt(since.Unix(), 10)}, "until": {strconv.FormatInt(until.Unix(), 10)},
	}
	ask := insights{
		c: c, s: s, op: opInsights, path: url.PathEscape(s.Account.ExternalID) + "/insights", params: params, gauges: pageGauges(), empty: notePage,
	}
	if s.Account.Kind == kindInstagram {
		params.Set("metric_type", "total_value")
		ask.op, ask.gauges, ask.empty = opIGInsights, igAccountGauges(), noteIG
	}
	return ask.read(ctx)
}

func mayReport(s connector.Session) error {
	if s.Account.Kind == kindInstagram {
		return granted(s, scopeIGInsights, "read the numbers", docIGUser)
	}
	return granted(s, scopeInsights, "read the numbers", docPageInsights)
}

// postCounts reads what a post itself knows: it needs no insights, and no 100 likes.
func (c *Connector) postCounts(ctx context.Context, s connector.Session, id string) ([]connector.Metric, error) {
	type summary struct {
		Summary struct {
			Total *int64 `json:"total_count"`
		} `json:"summary"`
	}
	var post struct {
		Comments summary `json:"comments"`
		Shares   struct {
			Count int64 `json:"count"`
		} `json:"shares"`
	}
	_, err := c.call(ctx, graph{
		op: opPostCounts, method: http.MethodGet, path: id, token: s.Credential.Access, http: s.HTTP,
		params: url.Values{"fields": {"shares,comments.summary(true).limit(0)"}},
	}, &post)
	if err != nil {
		return nil, err
	}
	shares := post.Shares.Count // the field is left out where nobody has shared
	return []connector.Metric{
		{Name: connector.MetricComments, Title: "Comments", Value: post.Comments.Summary.Total, Unit: connector.UnitCount},
		{Name: connector.MetricShares, Title: "Shares", Value: &shares, Unit: connector.UnitCount},
	}, nil
}

// insights is a question for numbers about one thing.
type insights struct {
	c      *Connector
	s      connector.Session
	op     operation
	path   string
	params url.Values
	gauges []gauge
	empty  string // why there may be no number
}

// read asks for all numbers in one call. Meta refuses the whole call for one that it does not know; then each is asked
// for by itself.
func (i insights) read(ctx context.Context) ([]connector.Metric, error) {
	values, err := i.ask(ctx, i.gauges)
	if unknownNumber(err) {
		values = map[string]number{}
		for _, g := range i.gauges {
			one, err := i.ask(ctx, []gauge{g})
			switch {
			case unknownNumber(err):
				values[g.native] = number{retired: true}
			case err != nil:
				return nil, err
			default:
				values[g.native] = one[g.native]
			}
		}
	} else if err != nil {
		return nil, err
	}
	out := make([]connector.Metric, 0, len(i.gauges))
	for _, g := range i.gauges {
		out = append(out, i.metric(g, values[g.native]))
	}
	return out, nil
}

// unknownNumber tells whether Meta did not like what was asked for, which says nothing about the access.
func unknownNumber(err error) bool { return problem.ClassOf(err) == problem.InvalidContent }

// number is what the answer says of one gauge.
type number struct {
	values  []int64 // oldest first
	retired bool
}

func (i insights) metric(g gauge, n number) connector.Metric {
	m := connector.Metric{Name: g.name, Title: g.title, Unit: g.unit, Note: g.note}
	switch {
	case n.retired:
		m.Note = i.op.platformTitle() + noteRetired
	case len(n.values) == 0:
		m.Note = i.empty
	default:
		v := n.values[len(n.values)-1]
		if !g.last {
			v = 0
			for _, one := range n.values {
				v += one
			}
		}
		m.Value = &v
	}
	return m
}

// ask makes one call.
func (i insights) ask(ctx context.Context, gauges []gauge) (map[string]number, error) {
	var names []string
	for _, g := range gauges {
		names = append(names, g.native)
	}
	params := url.Values{}
	for k, v := range i.params {
		params[k] = slices.Clone(v)
	}
	params.Set("metric", strings.Join(names, ","))
	type value struct {
		Value json.RawMessage `json:"value"`
	}
	var answer struct {
		Data []struct {
			Name   string  `json:"name"`
			Period string  `json:"period"`
			Values []value `json:"values"`
			Total  *value  `json:"total_value"`
		} `json:"data"`
	}
	res, err := i.c.call(ctx, graph{op: i.op, method: http.MethodGet, path: i.path, token: i.s.Credential.Access, http: i.s.HTTP, params: params}, &answer)
	if err != nil {
		if e := problem.Of(err); e.Code == codeFewViewers && i.op == opIGInsights && unknownNumber(err) {
			return map[string]number{}, nil
		}
		return nil, err
	}
	if answer.Data == nil {
		return nil, res.Unexpected("data")
	}
	out := map[string]number{}
	for _, d := range answer.Data {
		values := d.Values
		if d.Total != nil {
			values = []value{*d.Total}
		}
		n := number{}
		for _, v := range values {
			if sum, ok := sumOf(v.Value); ok {
				n.values = append(n.values, sum)
			}
		}
		if len(n.values) > 0 { // the same number may come for several periods; each of ours is asked for one
			out[d.Name] = n
		}
	}
	return out, nil
}

// codeFewViewers is what Instagram says of a story that hardly anybody has seen. Its row makes it no permission's fault.
const codeFewViewers = "10"

// sumOf reads a value: a number, or an object of numbers, which are added up. Anything else is no value.
func sumOf(raw json.RawMessage) (int64, bool) {
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return whole(n)
	}
	var parts map[string]json.RawMessage
	if json.Unmarshal(raw, &parts) != nil || parts == nil {
		return 0, false
	}
	sum := int64(0)
	for _, part := range parts {
		v, ok := sumOf(part)
		if !ok {
			return 0, false
		}
		sum += v
	}
	return sum, true
}

func whole(n json.Number) (int64, bool) {
	if v, err := n.Int64(); err == nil {
		return v, true
	}
	f, err := n.Float64()
	if err != nil || f < -1e15 || f > 1e15 {
		return 0, false
	}
	return int64(f), true
}
