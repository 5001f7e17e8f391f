package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/tenant"
	"github.com/herald-publishing/herald/internal/webhook"
)

func TestWebhookEventsAreForOwnersOfTheWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signUp(), w.signUp()
	con := ada.link("1")
	own, found, err := w.store.Connection(t.Context(), ada.session.Workspace.ID, con.ID)
	require.NoError(t, err)
	require.True(t, found)
	id := webhook.EventID("fake", boot.NewID(), con.ID)
	now := w.clock.Now().UnixMilli()
	_, err = w.store.PutEvent(t.Context(), webhook.Event{
		Source: webhook.SourceOf("fake", id), ID: id, Platform: "fake", TenantID: own.TenantID, ConnectionID: con.ID, Kind: connector.WebhookOther,
		Payload: `{"field":"weather"}`, State: webhook.Ignored, Reason: "No use.", At: now, ReceivedAt: now,
	})
	require.NoError(t, err)

	var list api.WebhookEventList
	ada.get("/v1/webhooks/events").status(http.StatusOK).into(&list)
	require.Len(t, list.Items, 1)
	require.Equal(t, id, list.Items[0].ID)
	require.Empty(t, list.Items[0].Payload)
	ada.get("/v1/webhooks/events?state=failed").status(http.StatusOK).into(&list)
	require.Empty(t, list.Items)
	var one api.WebhookEvent
	ada.get("/v1/webhooks/events/" + id).status(http.StatusOK).into(&one)
	require.JSONEq(t, `{"field":"weather"}`, string(one.Payload))

	eve.get("/v1/webhooks/events/"+id).problem(http.StatusNotFound, "not_found")
	eve.post("/v1/webhooks/events/"+id+"/replay", nil).problem(http.StatusNotFound, "not_found")
	eve.get("/v1/webhooks/events").status(http.StatusOK).into(&list)
	require.Empty(t, list.Items)
	for _, path := range []string{"/v1/webhooks/events", "/v1/webhooks/events/" + id} {
		ada.as(tenant.Editor).get(path).problem(http.StatusForbidden, "forbidden")
	}
	ada.as(tenant.Editor).post("/v1/webhooks/events/"+id+"/replay", nil).problem(http.StatusForbidden, "forbidden")

	ada.post("/v1/webhooks/events/"+id+"/replay", nil).status(http.StatusAccepted).into(&one)
	require.Equal(t, "received", one.State)
	var audit api.AuditList
	ada.get("/v1/audit?connection_id=" + con.ID).into(&audit)
	require.Equal(t, "webhook_replayed", audit.Items[0].Kind)

	ada.get("/v1/webhooks/events/nonsense").problem(http.StatusNotFound, "not_found")
	ada.get("/v1/webhooks/events?cursor=nonsense").problem(http.StatusUnprocessableEntity, "invalid_request")
	ada.get("/v1/webhooks/events?state=nonsense").problem(http.StatusUnprocessableEntity, "invalid_request")
}
