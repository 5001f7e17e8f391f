package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/problem"
)

func TestHowAnAccountDid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.signUp()
	c := p.link("1")
	key := connection.Key{TenantID: p.session.Workspace.ID, ID: c.ID}
	for i, class := range []problem.Class{"", problem.PlatformDown} {
		row, _, err := w.store.Living(t.Context(), key)
		require.NoError(t, err)
		next := row
		next.PingAt++
		require.NoError(t, w.store.RecordPing(t.Context(), row, next, &connection.Seen{
			TenantID: key.TenantID, ConnectionID: key.ID, At: w.clock.Now().UnixMilli() + int64(i), OK: class == "", LatencyMS: 12, Class: class,
		}, nil))
	}
	var log api.HealthLog
	p.get("/v1/connections/" + c.ID + "/health").status(http.StatusOK).into(&log)
	require.Len(t, log.Items, 2)
	require.Equal(t, "platform_down", log.Items[0].Class)
	require.True(t, log.Items[1].OK)
	require.Equal(t, int64(12), log.Items[1].LatencyMS)
	w.signUp().get("/v1/connections/" + c.ID + "/health").status(http.StatusNotFound)
}
