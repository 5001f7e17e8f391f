package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func (l *linkedin) dead(name string) bool { return slices.Contains(l.st.Dead, name) }

// numbers are made up of what the sandbox knows: who commented, and how long the post is there.
func (l *linkedin) numbers(posts []*liPost) map[string]any {
	views, comments := 0, 0
	for _, p := range posts {
		views += 9 + 4*len(p.Comments)
		comments += len(p.Comments)
	}
	v := map[string]any{
		"impressionCount": views, "uniqueImpressionsCount": views / 2, "clickCount": views / 4, "likeCount": views / 3, "commentCount": comments,
		"shareCount": 0, "engagement": 0.33,
	}
	for _, name := range l.st.Dead {
		delete(v, name)
	}
	return v
}

// shareStatistics gives a Page's numbers, whole or of some posts. A post that nobody has seen is left out, and so is one
// of the other kind of URN.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/share-statistics
func (l *linkedin) shareStatistics(c *liCall) (answer, *liErr) {
	org := c.value("organizationalEntity")
	switch {
	case c.value("q") != "organizationalEntity" || l.st.Orgs[liID(org)] == nil:
		return answer{}, liBad("ILLEGAL_ARGUMENT", "Invalid finder")
	case !c.token.has("rw_organization_admin"), !slices.Contains(c.person.roles(liID(org)), liAdmin):
		return answer{}, liDenied("organizationalEntityShareStatistics.FINDER-organizationalEntity." + liNewest)
	}
	elements := []map[string]any{}
	asked := false
	for parameter, kind := range map[string]string{"shares": "share", "ugcPosts": "ugcPost"} {
		for _, urn := range c.list(parameter) {
			asked = true
			p := l.st.Posts[urn]
			if p == nil || p.Kind != kind || p.Author != org || len(p.Comments) == 0 || c.now.Sub(p.Created) > 365*24*time.Hour {
				continue
			}
			elements = append(elements, map[string]any{"organizationalEntity": org, kind: urn, "totalShareStatistics": l.numbers([]*liPost{p})})
		}
	}
	if !asked {
		elements = append(elements, map[string]any{"organizationalEntity": org, "totalShareStatistics": l.numbers(l.postsOf(org))})
	}
	return jsonAnswer(http.StatusOK, map[string]any{"elements": elements, "paging": map[string]any{"start": 0, "count": 10, "links": []any{}}}), nil
}

// memberAnalytics gives one number of a member's post, or of all of them. The metric's type is a text or an object,
// depending on which it is: clients have met both.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/members/post-statistics
func (l *linkedin) memberAnalytics(c *liCall) (answer, *liErr) {
	if !c.token.has("r_member_postAnalytics") {
		return answer{}, liDenied("memberCreatorPostAnalytics.FINDER." + liNewest)
	}
	me := liPersonURN(c.person.ID)
	posts := l.postsOf(me)
	target := any(nil)
	switch c.value("q") {
	case "me":
	case "entity":
		entity := liRecord(c.query["entity"])
		urn := entity["share"] + entity["ugc"]
		p := l.st.Posts[urn]
		if p == nil || p.Author != me || (entity["share"] != "") != (p.Kind == "share") {
			return answer{}, liMissing()
		}
		posts, target = []*liPost{p}, entity
	default:
		return answer{}, liBad("ILLEGAL_ARGUMENT", "Invalid finder")
	}
	name, known := map[string]string{
		"IMPRESSION": "impressionCount", "MEMBERS_REACHED": "uniqueImpressionsCount", "RESHARE": "shareCount", "REACTION": "likeCount", "COMMENT": "commentCount",
		"LINK_CLICKS": "clickCount", "POST_SAVE": "saveCount",
	}[c.value("queryType")]
	if !known || c.value("aggregation") != "TOTAL" || l.dead(c.value("queryType")) {
		return answer{}, liBad("ILLEGAL_ARGUMENT", "queryType or aggregation is not supported")
	}
	elements := []map[string]any{}
	if !c.person.FewViewers {
		count := l.numbers(posts)[name]
		if count == nil {
			count = 0
		}
		metric := any(c.value("queryType"))
		if strings.HasSuffix(c.value("queryType"), "N") { // as some versions have it
			metric = map[string]any{"com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1": c.value("queryType")}
		}
		elements = append(elements, map[string]any{"count": count, "metricType": metric, "targetEntity": target})
	}
	return jsonAnswer(http.StatusOK, map[string]any{"elements": elements, "paging": map[string]any{"start": 0, "count": 10, "links": []any{}}}), nil
}
