package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
)

func TestHealthCountsAccounts(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	one := ada.link("1")
	ada.link("2")
	var h api.Health
	ada.get("/v1/health").status(http.StatusOK).into(&h)
	require.Equal(t, api.Health{
		Status: "ok", Platforms: []api.PlatformHealth{{Platform: "fake", Status: "ok"}}, Connections: api.ConnectionCounts{Healthy: 2},
	}, h)

	post := ada.publish(map[string]any{"text": "hello", "targets": []any{map[string]any{"connection_id": one.ID}}})
	ada.block(t, one.ID, post.Jobs[0].ID)
	ada.do(http.MethodPut, "/v1/workspace/platforms/fake", map[string]any{"on": false}, nil).status(http.StatusOK)
	ada.get("/v1/health").into(&h)
	require.Equal(t, "attention", h.Status)
	require.Equal(t, "off", h.Platforms[0].Status)
	require.Equal(t, api.ConnectionCounts{Healthy: 1, Blocked: 1}, h.Connections)
}

func TestPlatformsSayWhatTheyTake(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	var list api.PlatformList
	ada.get("/v1/platforms").status(http.StatusOK).into(&list)
	require.Len(t, list.Items, 1)
	require.True(t, list.Items[0].Available)
	require.Equal(t, "fake", list.Items[0].Platform)
	require.Equal(t, 50, list.Items[0].Accounts[0].Posts[0].Text.Max)
	ada.do(http.MethodPut, "/v1/workspace/platforms/fake", map[string]any{"on": false}, nil).status(http.StatusOK)
	ada.get("/v1/platforms").into(&list)
	require.False(t, list.Items[0].Available)
	var switches api.PlatformSwitchList
	ada.get("/v1/workspace/platforms").into(&switches)
	require.Equal(t, []api.PlatformSwitch{{Platform: "fake", On: false}}, switches.Items)
}

func TestRenamingReachesOpenSessions(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	bob := ada.as("viewer")
	ada.do(http.MethodPatch, "/v1/workspace", map[string]any{"name": " New name ", "time_zone": "America/New_York"}, nil).status(http.StatusOK)
	var s api.Session
	bob.get("/v1/session").into(&s)
	require.Equal(t, "New name", s.Workspace.Name)
	require.Equal(t, "America/New_York", s.Workspace.TimeZone)
	var w api.Workspace
	ada.get("/v1/workspace").into(&w)
	require.Equal(t, 24, w.LatenessHours)
	w.LatenessHours = 0 // no part of a session
	require.Equal(t, s.Workspace, w)
}

func TestTheAuditTrailPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	for range 27 { // two lines each
		c := ada.link("1")
		ada.do(http.MethodDelete, "/v1/connections/"+c.ID, nil, nil).status(http.StatusNoContent)
	}
	seen := map[string]bool{}
	cursor := ""
	for range 3 {
		var page api.AuditList
		ada.get("/v1/audit?cursor=" + cursor).status(http.StatusOK).into(&page)
		for _, e := range page.Items {
			require.False(t, seen[e.ID])
			seen[e.ID] = true
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	require.Len(t, seen, 54)
	require.Empty(t, cursor)
}

func TestNumbersOfNothingAreAnEmptyList(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	require.JSONEq(t, `{"items":[]}`, string(ada.get("/v1/metrics").status(http.StatusOK).body))
}
