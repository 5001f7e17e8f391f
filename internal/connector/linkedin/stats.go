package linkedin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// statisticsFor is how far back LinkedIn's numbers of a Page go.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/share-statistics
const statisticsFor = 365 * 24 * time.Hour

// measure is a number as LinkedIn calls it, of a Page and of a member.
type measure struct {
	name         connector.MetricName
	title        string
	organization string
	member       string
}

func measures() []measure {
	return []measure{
		{connector.MetricViews, "Views", "impressionCount", "IMPRESSION"},
		{connector.MetricReach, "People reached", "uniqueImpressionsCount", "MEMBERS_REACHED"},
		{connector.MetricReactions, "Reactions", "likeCount", "REACTION"},
		{connector.MetricComments, "Comments", "commentCount", "COMMENT"},
		{connector.MetricShares, "Reposts", "shareCount", "RESHARE"},
		{connector.MetricClicks, "Clicks", "clickCount", ""},
	}
}

func metric(m measure, value *int64, note string) connector.Metric {
	if value != nil {
		*value, note = max(*value, 0), "" // reactions that were taken back can outnumber those of a day
	}
	return connector.Metric{Name: m.name, Title: m.title, Value: value, Unit: connector.UnitCount, Note: note}
}

const untold = "LinkedIn does not tell this number."

// PostMetrics implements connector.Reporter.
func (c *Connector) PostMetrics(ctx context.Context, s connector.Session, p connector.PublishedPost) ([]connector.Metric, error) {
	if s.Account.Kind == kindMember {
		kind := "share"
		if strings.HasPrefix(p.Receipt.ExternalID, "urn:li:ugcPost:") {
			kind = "ugc"
		}
		return c.memberNumbers(ctx, s, "q=entity&entity=("+kind+":"+enc(p.Receipt.ExternalID)+")")
	}
	if err := granted(s, scopeAdmin, "read numbers", docShares); err != nil {
		return nil, err
	}
	list := "shares"
	if strings.HasPrefix(p.Receipt.ExternalID, "urn:li:ugcPost:") { // asked for by the other kind, nothing comes
		list = "ugcPosts"
	}
	found, err := c.pageNumbers(ctx, s, "&"+list+"=List("+enc(p.Receipt.ExternalID)+")")
	if err != nil {
		return nil, err
	}
	old := len(found) == 0 && c.cfg.Now().Sub(p.At) > statisticsFor
	var out []connector.Metric
	for _, m := range measures() {
		switch {
		case old:
			out = append(out, metric(m, nil, "LinkedIn keeps the numbers of a post for twelve months."))
		case len(found) == 0: // a post that nobody has seen yet is left out
			out = append(out, metric(m, new(int64), ""))
		default:
			out = append(out, metric(m, number(found[0], m.organization), untold))
		}
	}
	return out, nil
}

// AccountMetrics implements connector.Reporter.
func (c *Connector) AccountMetrics(ctx context.Context, s connector.Session, since, until time.Time) ([]connector.Metric, error) {
	if s.Account.Kind == kindMember {
		day := func(t time.Time) string {
			y, m, d := t.UTC().Date()
			return fmt.Sprintf("(year:%d,month:%d,day:%d)", y, m, d)
		}
		return c.memberNumbers(ctx, s, "q=me&dateRange=(start:"+day(since)+",end:"+day(until)+")")
	}
	if err := granted(s, scopeAdmin, "read numbers", docShares); err != nil {
		return nil, err
	}
	days, err := c.pageNumbers(ctx, s, fmt.Sprintf("&timeIntervals=(timeRange:(start:%d,end:%d),timeGranularityType:DAY)", since.UnixMilli(), until.UnixMilli()))
	if err != nil {
		return nil, err
	}
	var out []connector.Metric
	for _, m := range measures() {
		if m.name == connector.MetricReach { // the people of several days cannot be added up
			continue
		}
		total := new(int64)
		for _, day := range days {
			v := number(day, m.organization)
			if v == nil {
				total = nil
				break
			}
			*total += *v
		}
		out = append(out, metric(m, total, untold))
	}
	followers, err := c.followers(ctx, s)
	return append(out, followers), err
}

type numbers map[string]json.RawMessage

// number is one of the numbers; nil = it is not there.
func number(n numbers, name string) *int64 {
	var v *int64
	if json.Unmarshal(n[name], &v) != nil {
		return nil
	}
	return v
}

// pageNumbers asks for a Page's statistics; more says of what.
func (c *Connector) pageNumbers(ctx context.Context, s connector.Session, more string) ([]numbers, error) {
	var p page[struct {
		Total numbers `json:"totalShareStatistics"`
	}]
	res, err := c.do(ctx, call{
		op: opNumbers, method: http.MethodGet, path: "rest/organizationalEntityShareStatistics", s: s,
		query: "q=organizationalEntity&organizationalEntity=" + enc(author(s)) + more,
	}, &p)
	if err != nil {
		return nil, err
	}
	if p.Elements == nil {
		return nil, res.Unexpected("elements")
	}
	var out []numbers
	for _, e := range p.Elements {
		out = append(out, e.Total)
	}
	return out, nil
}

// followers counts a Page's. That it is not told takes nothing else away.
func (c *Connector) followers(ctx context.Context, s connector.Session) (connector.Metric, error) {
	var answer struct {
		Size *int64 `json:"firstDegreeSize"`
	}
	_, err := c.do(ctx, call{op: opFollowers, method: http.MethodGet, path: "rest/networkSizes/" + enc(author(s)), query: "edgeType=COMPANY_FOLLOWED_BY_MEMBER", s: s}, &answer)
	if err = unlessRefused(err); err != nil {
		return connector.Metric{}, err
	}
	return metric(measure{name: connector.MetricFollowers, title: "Followers"}, answer.Size, untold), nil
}

// unlessRefused lets a number go that LinkedIn does not give (any more).
func unlessRefused(err error) error {
	switch problem.ClassOf(err) {
	case problem.InvalidContent, problem.PermissionMissing:
		return nil
	default:
		return err
	}
}

// memberNumbers asks for a member's numbers, one call each; about says of what.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/members/post-statistics
func (c *Connector) memberNumbers(ctx context.Context, s connector.Session, about string) ([]connector.Metric, error) {
	if err := granted(s, scopeAnalytics, "read numbers", docMember); err != nil {
		return nil, err
	}
	var out []connector.Metric
	for i, m := range measures() {
		if m.member == "" {
			continue
		}
		var p page[struct {
			Count *int64 `json:"count"` // metricType beside it is a text or an object, depending on the version; one is asked for
		}]
		res, err := c.do(ctx, call{
			op: opAnalytics, method: http.MethodGet, path: "rest/memberCreatorPostAnalytics", query: about + "&queryType=" + m.member + "&aggregation=TOTAL", s: s,
		}, &p)
		if problem.ClassOf(err) == problem.PermissionMissing && i == 0 {
			return nil, err
		}
		if err != nil && unlessRefused(err) != nil {
			return nil, err
		}
		if err == nil && p.Elements == nil {
			return nil, res.Unexpected("elements")
		}
		var value *int64
		for _, e := range p.Elements {
			value = e.Count
		}
		out = append(out, metric(m, value, untold))
	}
	return out, nil
}
