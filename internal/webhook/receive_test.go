package webhook_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/webhook"
)

// counted notes what a delivery asks of the store.
type counted struct {
	*store.Store
	writes, looks int
}

func (c *counted) PutEvents(ctx context.Context, all []webhook.Event) ([]webhook.State, error) {
	c.writes++
	return c.Store.PutEvents(ctx, all)
}

func (c *counted) ConnectionsTo(ctx context.Context, platform, externalID string) ([]webhook.Target, error) {
	c.looks++
	return c.Store.ConnectionsTo(ctx, platform, externalID)
}

type unknown struct{ n int }

func (u *unknown) Unknown(_ string, n int) { u.n += n }

func (w *world) receiver(meter webhook.Meter) *webhook.Receiver {
	return &webhook.Receiver{Store: w.store, Queue: w.queue, Meter: meter, Now: w.clock, Log: slog.New(slog.DiscardHandler)}
}

func (w *world) comment(account string, n int) connector.WebhookEvent {
	return connector.WebhookEvent{
		ID: fmt.Sprintf("%s-%d", account, n), ExternalAccountID: account, Kind: connector.WebhookComment, At: w.now, Payload: []byte(`{"text":"hi"}`),
		Comment: &connector.CommentChange{ID: strconv.Itoa(n), Verb: connector.CommentAdd, Text: "hi"},
	}
}

func TestABigDeliveryIsFewCallsAndEachChangeOneRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	var changes []connector.WebhookEvent
	for i := range 250 {
		changes = append(changes, w.comment(c.ExternalID, i))
	}
	changes = append(changes[:1:1], changes...) // one is told twice in one delivery
	r := w.receiver(&unknown{})
	few := &counted{Store: w.store}
	r.Store = few
	require.NoError(t, r.Take(t.Context(), "meta", changes))
	require.Equal(t, 3, few.writes)
	require.Equal(t, 1, few.looks)
	require.NoError(t, r.Take(t.Context(), "meta", changes), "delivered again")
	n, cursor := 0, ""
	for {
		some, next, err := w.store.Events(t.Context(), w.tenant, false, cursor, 100)
		require.NoError(t, err)
		n += len(some)
		if cursor = next; next == "" {
			break
		}
	}
	require.Equal(t, 250, n)
}

func TestWritesStayBelowWhatTheTableTakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	var changes []connector.WebhookEvent
	for i := range 60 {
		e := w.comment(c.ExternalID, i)
		e.Payload = []byte(`{"text":"` + strings.Repeat("x", 60<<10) + `"}`)
		changes = append(changes, e)
	}
	r := w.receiver(&unknown{})
	few := &counted{Store: w.store}
	r.Store = few
	require.NoError(t, r.Take(t.Context(), "meta", changes))
	require.Greater(t, few.writes, 1)
	some, _, err := w.store.Events(t.Context(), w.tenant, false, "", 100)
	require.NoError(t, err)
	require.Len(t, some, 60)
}

func TestEventsOfUnknownAccountsAreCountedAndKeptWithoutContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nobody := newID()
	u := &unknown{}
	require.NoError(t, w.receiver(u).Take(t.Context(), "meta", []connector.WebhookEvent{w.comment(nobody, 1), w.comment(nobody, 2)}))
	require.Equal(t, 2, u.n)
	got := w.event(webhook.EventID("meta", nobody+"-1", ""))
	require.Equal(t, webhook.Ignored, got.State)
	require.Empty(t, got.Payload)
	require.Nil(t, got.Comment)
}

func TestADeletionEmptiesWhatWasToldOfTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	r := w.receiver(&unknown{})
	require.NoError(t, r.Take(t.Context(), "meta", []connector.WebhookEvent{w.comment(c.ExternalID, 1)}))
	before := webhook.EventID("meta", c.ExternalID+"-1", c.ID)
	apply := func(id string) {
		require.NoError(t, w.processor().Run(t.Context(), webhook.Message{Platform: "meta", Events: []string{id}}))
	}
	apply(before)
	require.NotEmpty(t, w.event(before).Payload)

	code := strings.Repeat("ab", 16)
	wish := connector.WebhookEvent{ID: code, Subject: c.Subject, Kind: connector.WebhookDataDeletion, At: w.now.Add(time.Hour), Payload: []byte(`{"user_id":"1"}`)}
	_, err := r.Delete(t.Context(), "meta", wish)
	require.NoError(t, err)
	apply(webhook.EventID("meta", code, c.ID))
	done, _, err := r.Deletion(t.Context(), "meta", code)
	require.NoError(t, err)
	require.True(t, done)

	require.NoError(t, r.Take(t.Context(), "meta", []connector.WebhookEvent{w.comment(c.ExternalID, 2)})) // told too late
	late := webhook.EventID("meta", c.ExternalID+"-2", c.ID)
	apply(late)
	for _, id := range []string{before, late, webhook.EventID("meta", code, c.ID)} {
		got := w.event(id)
		require.Empty(t, got.Payload)
		require.Nil(t, got.Comment)
		require.Empty(t, got.Subject)
	}
	again, err := w.service().Replay(t.Context(), w.tenant, "mem_x", before)
	require.NoError(t, err)
	apply(again.ID)
	require.Equal(t, webhook.Ignored, w.event(before).State, "there is nothing left to apply")
}
