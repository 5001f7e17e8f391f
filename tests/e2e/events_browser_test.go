package e2e_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/webhook"
)

// TestAFailedEventIsReplayedFromItsPage: an event that was given up is among the failed ones with its reason, and a click
// has it applied.
func TestAFailedEventIsReplayedFromItsPage(t *testing.T) {
	t.Parallel()
	f := newFan(t, "Failed "+newID()[20:])
	stack := teststack.Open(t)
	body := fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":1790000000,"changes":[{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"1_7","message":"hello","created_time":1789999990}}]}]}`, f.pages[0].ID)
	require.Equal(t, http.StatusOK, f.deliver(body, "sha256="+hex.EncodeToString(sign(body))))
	id := f.settled(1)[0].ID

	s := &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{
		WebhookEvents: stack.Output(t, "WebhookEventsTable"), Audit: stack.Output(t, "AuditTable"),
	}}
	e, found, err := s.Event(t.Context(), "meta", id)
	require.NoError(t, err)
	require.True(t, found)
	later := time.Now().Add(time.Hour) // so that nobody takes it before it is given up
	require.NoError(t, s.Replay(t.Context(), e, later, connection.Event{TenantID: e.TenantID, ID: "evt_" + newID(), ConnectionID: e.ConnectionID, Kind: "webhook_replayed", At: time.Now().UnixMilli()}))
	e, _, err = s.Event(t.Context(), "meta", id)
	require.NoError(t, err)
	require.NoError(t, s.Settle(t.Context(), e, webhook.Failed, "The cellar was flooded."))

	b := openBrowser(t, 1440)
	b.do("open", chromedp.Navigate(f.Info.URL+"/login"))
	b.eventually("be signed in", `(document.cookie = `+quote(f.Cookie)+`, true)`)
	b.do("events", chromedp.Navigate(f.Info.URL+"/events"))
	b.click("Failed")
	b.see("The cellar was flooded.")
	b.shot("events-failed")
	b.click("Comment")
	b.click("Replay")
	f.soon("the replay", func() bool {
		var now webhookEvent
		f.get("/v1/webhooks/events/"+id, &now)
		return now.State == "processed"
	})
	b.see("Nothing has failed")
	require.Len(t, f.comments(f.conns[0]), 1)
}
