package sandbox

import (
	"slices"
	"time"
)

// The numbers of Instagram accounts and posts.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/insights
const (
	instaUsualFollowers  = 180
	instaFewestFollowers = 100 // fewer: some numbers are left out
	instaLongSpan        = 30 * 24 * time.Hour
)

func (ig *metaInsta) followers() int {
	if ig.Followers != nil {
		return *ig.Followers
	}
	return instaUsualFollowers
}

func instaAccountNumbers() []number {
	return []number{
		{name: "views", size: 1400},
		{name: "reach", size: 800},
		{name: "likes", size: 90},
		{name: "comments", size: 12},
		{name: "shares", size: 14},
		{name: "saves", size: 20},
		{name: "total_interactions", size: 140},
		{name: "accounts_engaged", size: 70},
		{name: "follows_and_unfollows", size: 9, total: true},
	}
}

// instaMediaNumbers are those of a post; some exist for some products only.
func instaMediaNumbers(product string) []number {
	all := []number{
		{name: "views", size: 700}, {name: "reach", size: 420}, {name: "shares", size: 18}, {name: "total_interactions", size: 110},
	}
	if product != "STORY" {
		all = append(all, number{name: "likes", size: 70}, number{name: "comments", size: 9}, number{name: "saved", size: 14})
	}
	switch product {
	case "REELS":
		return append(all, number{name: "ig_reels_avg_watch_time", size: 7000}, number{name: "ig_reels_video_view_total_time", size: 2_500_000}, number{name: "reels_skip_rate", size: 40})
	case "STORY":
		all = append(all, number{name: "navigation", size: 60}, number{name: "replies", size: 4})
	}
	return append(all, number{name: "follows", size: 5}, number{name: "profile_visits", size: 30})
}

// instaInsights is GET /{ig}/insights.
func (m *meta) instaInsights(c *graphCall) (any, *graphError) {
	if err := m.mayUseInstagram(c, c.node, "instagram_manage_insights"); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(c.node)
	numbers, err := m.wanted(c, instaAccountNumbers())
	if err != nil {
		return nil, err
	}
	since, until, err := c.span(instaLongSpan)
	if err != nil {
		return nil, err
	}
	if c.params.Get("period") != "day" {
		return nil, paramErr("The parameter period must be day.")
	}
	if c.params.Get("metric_type") != "total_value" && slices.ContainsFunc(numbers, func(n number) bool { return n.name != "reach" }) {
		return nil, paramErr("The following metrics should be specified with parameter metric_type=total_value")
	}
	data := []map[string]any{}
	for _, n := range numbers {
		if n.total && ig.followers() < instaFewestFollowers {
			continue
		}
		data = append(data, map[string]any{
			"name": n.name, "period": "day", "title": n.name, "id": ig.ID + "/insights/" + n.name + "/day",
			"total_value": map[string]any{"value": grown(ig.ID+n.name, n.size, until.Sub(since))},
		})
	}
	return map[string]any{"data": data}, nil
}

// instaMediaInsights is GET /{media}/insights. Only what is young or of no interest has no data: that is not zero.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-media/insights
func (m *meta) instaMediaInsights(c *graphCall) (any, *graphError) {
	p := m.st.Media[c.node]
	if err := m.mayUseInstagram(c, p.Account, "instagram_manage_insights"); err != nil {
		return nil, err
	}
	numbers, err := m.wanted(c, instaMediaNumbers(p.Product))
	if err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(p.Account)
	data := []map[string]any{}
	switch age := c.now.Sub(p.Created); {
	case p.Product == "STORY" && ig.Settings.FewViewers:
		e := permissionErr("")
		e.code, e.message = 10, "(#10) Not enough viewers for the media to show insights"
		return nil, e
	case p.Product == "STORY" && age > 24*time.Hour, ig.followers() < instaFewestFollowers:
	default:
		for _, n := range numbers {
			data = append(data, map[string]any{
				"name": n.name, "period": "lifetime", "title": n.name, "id": p.ID + "/insights/" + n.name + "/lifetime",
				"values": []map[string]any{{"value": grown(p.ID+n.name, n.size, age)}},
			})
		}
	}
	return map[string]any{"data": data}, nil
}
