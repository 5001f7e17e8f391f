package meta_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/problem"
)

// answering is a connector on a platform that always says the same.
func answering(t *testing.T, body string, asked *[]url.Values) *meta.Connector {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked != nil {
			*asked = append(*asked, r.URL.Query())
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	c, err := meta.New(meta.Config{ClientID: clientID, ClientSecret: connector.NewSecret(clientSecret), GraphURL: server.URL})
	require.NoError(t, err)
	return c
}

func pageSession() connector.Session {
	return connector.Session{
		Account:    connector.Account{Kind: "facebook_page", ExternalID: "200"},
		Credential: connector.Credential{Access: connector.NewSecret("EAACanaryPageToken0001")},
	}
}

func valueOf(t *testing.T, metrics []connector.Metric, name connector.MetricName) *int64 {
	t.Helper()
	for _, m := range metrics {
		if m.Name == name {
			return m.Value
		}
	}
	require.Fail(t, "there is no "+string(name))
	return nil
}

func TestNumbersAreAddedUpOrUnknown(t *testing.T) {
	t.Parallel()
	var asked []url.Values
	c := answering(t, `{"data":[
		{"name":"page_media_view","period":"day","values":[{"value":7},{"value":{"is_from_ads":{"0":3,"1":2}}},{"value":{}}]},
		{"name":"page_follows","period":"day","values":[{"value":100},{"value":103}]},
		{"name":"page_total_actions","period":"day","values":[]},
		{"name":"page_views_total","period":"day","values":[{"value":"many"}]},
		{"name":"page_daily_follows_unique","period":"day","values":[{"value":0}]},
		{"name":"something_new","period":"day","values":[{"value":1}]}]}`, &asked)
	until := time.Unix(1_790_000_000, 0)
	got, err := c.AccountMetrics(t.Context(), pageSession(), until.AddDate(0, 0, -7), until)
	require.NoError(t, err)
	require.Equal(t, int64(12), *valueOf(t, got, connector.MetricViews), "days and breakdowns are added up")
	require.Equal(t, int64(103), *valueOf(t, got, connector.MetricFollowers), "a state is not")
	require.Equal(t, int64(0), *valueOf(t, got, connector.MetricFollows), "zero is a number")
	require.Nil(t, valueOf(t, got, connector.MetricClicks), "nothing is not zero")
	require.Nil(t, valueOf(t, got, connector.MetricProfileViews))
	require.Nil(t, valueOf(t, got, connector.MetricReach))
	require.Len(t, asked, 1)
	require.Equal(t, []string{"1789395200"}, asked[0]["since"])
	require.NotContains(t, asked[0].Get("metric"), "impressions")
}

func TestNumbersAndCommentsWantTheirPermission(t *testing.T) {
	t.Parallel()
	var asked []url.Values
	c := answering(t, `{"data":[]}`, &asked)
	s := pageSession()
	s.Account.Scopes = []string{"pages_show_list", "pages_read_engagement", "pages_read_user_content"}
	_, err := c.PostMetrics(t.Context(), s, connector.PublishedPost{Receipt: connector.Receipt{ExternalID: "200_1"}})
	require.Equal(t, problem.PermissionMissing, problem.ClassOf(err))
	require.Equal(t, problem.ActReconnect, problem.Of(err).Action.Kind)
	require.Contains(t, err.Error(), "read_insights")
	require.Contains(t, c.Hide(t.Context(), s, connector.Comment{ID: "1_9"}, true).Error(), "pages_manage_engagement")
	require.Empty(t, asked, "nobody is asked")
	_, err = c.Comments(t.Context(), s, connector.Receipt{ExternalID: "200_1"}, "")
	require.NoError(t, err)
	s.Account.Kind, s.Account.Scopes = "instagram", []string{"instagram_basic"}
	_, err = c.AccountMetrics(t.Context(), s, time.Now(), time.Now())
	require.Contains(t, err.Error(), "instagram_manage_insights")
	_, err = c.Comments(t.Context(), s, connector.Receipt{ExternalID: "1"}, "")
	require.Contains(t, err.Error(), "instagram_manage_comments")
}

// Instagram refuses the numbers of a story that hardly anybody has seen with the code of a missing permission.
func TestAStoryWithFewViewersHasNoNumbers(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	s, _ := b.session(t)
	var story struct {
		ID string `json:"id"`
	}
	b.Control(t, http.MethodPost, "meta/instagram/"+s.Account.ExternalID+"/media", object{"caption": "Buns", "media_product_type": "STORY"}, &story)
	b.Control(t, http.MethodPost, "meta/instagram/"+s.Account.ExternalID, object{"few_viewers": true}, nil)
	got, err := b.connect(t, time.Now).PostMetrics(t.Context(), s, connector.PublishedPost{
		Receipt: connector.Receipt{ExternalID: story.ID}, Kind: "story", At: time.Now(),
	})
	require.NoError(t, err)
	require.NotEmpty(t, got)
	for _, m := range got {
		require.Nil(t, m.Value, m.Title)
		require.Contains(t, m.Note, "enough people", "not that the number is retired: %s", m.Title)
	}
}
