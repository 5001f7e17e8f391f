package sandbox

import (
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The numbers of Pages, posts and videos. They grow by the sandbox's clock and follow from ids alone, so that they are
// the same whenever they are asked for. https://developers.facebook.com/docs/graph-api/reference/page/insights
const (
	metaUsualFans  = 250
	metaFewestFans = 100 // fewer: no numbers
	metaLongSpan   = 90 * 24 * time.Hour
)

func (p *metaPage) fans() int {
	if p.Fans != nil {
		return *p.Fans
	}
	return metaUsualFans
}

// number is one of the numbers the fake knows: how large it becomes, and what it is split into.
type number struct {
	name  string
	size  int
	parts []string // the value is an object with these
	total bool     // it stands for a moment; it does not add up
}

func pageNumbers() []number {
	return []number{
		{name: "page_media_view", size: 400},
		{name: "page_total_media_view_unique", size: 220},
		{name: "page_post_engagements", size: 40},
		{name: "page_follows", size: 0, total: true},
		{name: "page_daily_follows_unique", size: 5},
		{name: "page_views_total", size: 60},
		{name: "page_total_actions", size: 9},
	}
}

func postNumbers() []number {
	return []number{
		{name: "post_media_view", size: 900},
		{name: "post_total_media_view_unique", size: 500},
		{name: "post_clicks", size: 60},
		{name: "post_reactions_by_type_total", size: 80, parts: []string{"like", "love", "wow"}},
	}
}

// videoNumbers are those of a video; plays are counted of reels only.
func videoNumbers(kind string) []number {
	var plays []number
	if kind == metaReel {
		plays = []number{{name: "blue_reels_play_count", size: 1200}, {name: "fb_reels_total_plays", size: 1700}}
	}
	return append(plays, []number{
		{name: "post_video_avg_time_watched", size: 9000},
		{name: "post_video_view_time", size: 4_000_000},
		{name: "post_video_social_actions", size: 50, parts: []string{"COMMENT", "SHARE"}},
		{name: "post_video_likes_by_reaction_type", size: 90, parts: []string{"REACTION_LIKE", "REACTION_LOVE"}},
		{name: "post_video_followers", size: 6},
	}...)
}

// grown is a number of a thing of some age: quick at first, then slower, never back.
func grown(seed string, size int, age time.Duration) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(seed))
	peak := float64(size)/2 + float64(h.Sum32()%1000)/1000*float64(size)/2
	return int64(peak * (1 - math.Exp(-max(age, 0).Hours()/30-0.02)))
}

// value is a number as the API gives it: plain, or in parts.
func (n number) value(seed string, age time.Duration) any {
	if len(n.parts) == 0 {
		return grown(seed+n.name, n.size, age)
	}
	out := map[string]any{}
	for i, part := range n.parts {
		out[part] = grown(seed+n.name+part, n.size>>(i+1), age)
	}
	return out
}

// wanted reads "metric". A number that does not exist, or not any more, fails the whole call.
func (m *meta) wanted(c *graphCall, known []number) ([]number, *graphError) {
	var out []number
	for name := range strings.SplitSeq(c.params.Get("metric"), ",") {
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(known, func(n number) bool { return n.name == name })
		if name == "" {
			return nil, oauthErr(3001, 1504028, "No metric was specified to be fetched. Please specify one or more metrics to be fetched and try again.")
		}
		if i < 0 || slices.Contains(m.st.DeadMetrics, name) {
			return nil, paramErr("The value must be a valid insights metric")
		}
		out = append(out, known[i])
	}
	return out, nil
}

// mayMeasure checks a call for numbers: the permissions and the task.
func (m *meta) mayMeasure(c *graphCall, page *metaPage) *graphError {
	if err := m.mayRead(c, page); err != nil {
		return err
	}
	role, _ := m.st.person(c.token.Person).role(page.ID)
	if !m.allows(c.token, "read_insights") || !slices.Contains(role.Tasks, "ANALYZE") && !slices.Contains(role.Tasks, "MANAGE") {
		return permissionErr("Insights need read_insights and pages_read_engagement, from a person who may analyze the Page.")
	}
	return nil
}

// insights is GET /{page}/insights and /{post}/insights.
func (m *meta) insights(c *graphCall) (any, *graphError) {
	if page := m.st.Pages[c.node]; page != nil && c.token.Kind != metaAppToken {
		return m.pageInsights(c, page)
	}
	if m.st.Videos[c.node] != nil { // a video's own id has no such edge
		return nil, paramErr("Tried accessing nonexisting field (insights) on node type (Video)")
	}
	post, page, err := m.post(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayMeasure(c, page); err != nil {
		return nil, err
	}
	return m.lifetime(c, page, post.Created, postNumbers())
}

// videoInsights is GET /{video}/video_insights.
// https://developers.facebook.com/docs/graph-api/reference/video/video_insights
func (m *meta) videoInsights(c *graphCall) (any, *graphError) {
	v := m.st.Videos[c.node]
	if v == nil || c.token.Kind == metaAppToken {
		return nil, missingErr(c.method, c.node)
	}
	page := m.st.Pages[v.Page]
	if err := m.mayMeasure(c, page); err != nil {
		return nil, err
	}
	at := v.Created
	if post := m.st.Posts[v.Post]; post != nil {
		at = post.Created
	}
	return m.lifetime(c, page, at, videoNumbers(v.Kind))
}

// lifetime answers with one value since something was made.
func (m *meta) lifetime(c *graphCall, page *metaPage, made time.Time, known []number) (any, *graphError) {
	numbers, err := m.wanted(c, known)
	if err != nil {
		return nil, err
	}
	data := []map[string]any{}
	for _, n := range numbers {
		if page.fans() < metaFewestFans {
			break
		}
		data = append(data, map[string]any{
			"name": n.name, "period": "lifetime", "title": n.name, "id": c.node + "/insights/" + n.name + "/lifetime",
			"values": []map[string]any{{"value": n.value(c.node, c.now.Sub(made))}},
		})
	}
	return map[string]any{"data": data}, nil
}

// pageInsights gives a value for each whole day, 90 days at most; a Page with fewer than 100 likes has none.
func (m *meta) pageInsights(c *graphCall, page *metaPage) (any, *graphError) {
	if err := m.mayMeasure(c, page); err != nil {
		return nil, err
	}
	numbers, err := m.wanted(c, pageNumbers())
	if err != nil {
		return nil, err
	}
	since, until, err := c.span(metaLongSpan)
	if err != nil {
		return nil, err
	}
	if p := c.params.Get("period"); p != "day" {
		return nil, paramErr("The period %q is not supported by this fake; ask for day.", p)
	}
	data := []map[string]any{}
	for _, n := range numbers {
		if page.fans() < metaFewestFans {
			break
		}
		values := []map[string]any{}
		for day := since.Truncate(24 * time.Hour).Add(7 * time.Hour); !day.After(until) && !day.After(c.now); day = day.Add(24 * time.Hour) {
			v := n.value(page.ID+strconv.FormatInt(day.Unix(), 10), 48*time.Hour)
			if n.total {
				v = int64(page.fans())
			}
			values = append(values, map[string]any{"value": v, "end_time": metaTime(day)})
		}
		if len(values) > 0 {
			data = append(data, map[string]any{
				"name": n.name, "period": "day", "title": n.name, "id": page.ID + "/insights/" + n.name + "/day", "values": values,
			})
		}
	}
	return map[string]any{"data": data, "paging": map[string]any{"previous": c.nextURL(""), "next": c.nextURL("")}}, nil
}

// span reads since and until.
func (c *graphCall) span(most time.Duration) (since, until time.Time, gerr *graphError) {
	if since, gerr = c.when("since"); gerr != nil {
		return since, until, gerr
	}
	if until, gerr = c.when("until"); gerr != nil {
		return since, until, gerr
	}
	if until.IsZero() {
		until = c.now
	}
	if since.IsZero() {
		since = until.Add(-24 * time.Hour)
	}
	switch {
	case since.After(until):
		return since, until, paramErr("since must be before until.")
	case until.Sub(since) > most:
		return since, until, paramErr("There cannot be more than %d days between since and until.", int(most.Hours()/24))
	}
	return since, until, nil
}
