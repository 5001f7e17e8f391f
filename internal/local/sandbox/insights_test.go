package sandbox_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// numbers are the values of an answer by name; an object is added up.
func numbers(o object) map[string]float64 {
	out := map[string]float64{}
	for _, d := range list(o) {
		values, _ := d["values"].([]any)
		if total, ok := d["total_value"]; ok {
			values = append(values, total)
		}
		for _, v := range values {
			switch v := v.(object)["value"].(type) {
			case float64:
				out[d["name"].(string)] += v
			case object:
				for _, part := range v {
					out[d["name"].(string)] += part.(float64)
				}
			}
		}
	}
	return out
}

func TestInsights(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	id, token, post := w.moderated(object{"name": "Mill"})
	ask := url.Values{"metric": {"post_media_view,post_reactions_by_type_total"}}
	young := numbers(w.ok(http.MethodGet, post+"/insights", token, ask))
	require.Len(t, young, 2)
	w.advance(24 * 3600)
	old := numbers(w.ok(http.MethodGet, post+"/insights", token, ask))
	require.Equal(t, old, numbers(w.ok(http.MethodGet, post+"/insights", token, ask)), "asking changes nothing")
	for name, v := range old {
		require.Greater(t, v, young[name], name)
	}
	w.refused(100, 0, http.MethodGet, post+"/insights", token, url.Values{"metric": {"post_media_view,post_impressions"}})
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/settings", object{"dead_metrics": []string{"post_clicks"}}, nil))
	w.refused(100, 0, http.MethodGet, post+"/insights", token, url.Values{"metric": {"post_media_view,post_clicks"}})
	w.refused(3001, 1504028, http.MethodGet, post+"/insights", token, nil)
	counts := w.ok(http.MethodGet, post, token, url.Values{"fields": {"shares,comments.summary(true).limit(0)"}})
	require.Zero(t, counts["comments"].(object)["summary"].(object)["total_count"])

	now := time.Now().Add(24 * time.Hour)
	span := func(days int) url.Values {
		return url.Values{
			"metric": {"page_media_view,page_follows"}, "period": {"day"}, "until": {strconv.FormatInt(now.Unix(), 10)},
			"since": {strconv.FormatInt(now.AddDate(0, 0, -days).Unix(), 10)},
		}
	}
	week, month := w.ok(http.MethodGet, id+"/insights", token, span(7)), w.ok(http.MethodGet, id+"/insights", token, span(28))
	require.Greater(t, numbers(month)["page_media_view"], numbers(week)["page_media_view"])
	w.refused(100, 0, http.MethodGet, id+"/insights", token, span(91))

	small, smallToken, smallPost := w.moderated(object{"name": "Inn", "fans": 40})
	require.Empty(t, list(w.ok(http.MethodGet, small+"/insights", smallToken, span(7))), "no data is not zero")
	require.Empty(t, list(w.ok(http.MethodGet, smallPost+"/insights", smallToken, ask)))

	who := w.seed(object{"person": "Al", "pages": []any{object{"name": "Mill", "tasks": []string{"CREATE_CONTENT"}}, object{"name": "Inn"}}})
	blind := w.tokens(object{"person": who.Person.ID, "page": who.Pages[0].ID, "scopes": strings.Split(moderator, ",")})["page_token"]
	w.refused(200, 0, http.MethodGet, who.Pages[0].ID+"/insights", blind, span(7))
	shy := w.tokens(object{"person": who.Person.ID, "page": who.Pages[1].ID, "scopes": strings.Split(scopes, ",")})["page_token"]
	w.refused(200, 0, http.MethodGet, who.Pages[1].ID+"/insights", shy, span(7))
}

func TestInstagramInsights(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	media := w.publish(w.container(w.params("ok.jpg", nil)))
	story := w.publish(w.container(w.params("tall.jpg", url.Values{"media_type": {"STORIES"}})))
	require.Len(t, numbers(w.ok(http.MethodGet, media+"/insights", w.token, url.Values{"metric": {"views,reach,saved,follows"}})), 4)
	w.refused(100, 0, http.MethodGet, media+"/insights", w.token, url.Values{"metric": {"views,impressions"}})
	w.refused(100, 0, http.MethodGet, story+"/insights", w.token, url.Values{"metric": {"saved"}})
	require.Len(t, numbers(w.ok(http.MethodGet, story+"/insights", w.token, url.Values{"metric": {"views,replies"}})), 2)
	ask := url.Values{"metric": {"views,follows_and_unfollows"}, "period": {"day"}, "metric_type": {"total_value"}}
	require.Len(t, numbers(w.ok(http.MethodGet, w.id+"/insights", w.token, ask)), 2)
	ask.Del("metric_type")
	w.refused(100, 0, http.MethodGet, w.id+"/insights", w.token, ask)
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/instagram/"+w.id, object{"few_viewers": true}, nil))
	w.refused(10, 0, http.MethodGet, story+"/insights", w.token, url.Values{"metric": {"views"}})
	w.advance(25 * 3600)
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/instagram/"+w.id, object{}, nil))
	require.Empty(t, list(w.ok(http.MethodGet, story+"/insights", w.token, url.Values{"metric": {"views"}})), "a story's numbers end with it")
}
