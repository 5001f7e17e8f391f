package webhook_test

import (
	"context"
	"path"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/loan"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/report"
	"github.com/herald-publishing/herald/internal/webhook"
)

// kept is what is known of an account beside its comments.
type kept struct {
	job   publish.Job
	key   loan.Key
	token string
}

// keep has the account asked, told of, reported and lent to.
func (w *world) keep(c connection.Connection) kept {
	w.t.Helper()
	ctx := w.t.Context()
	k := kept{job: w.job(c)}
	k.key = loan.Key{Tenant: w.tenant, Connection: c.ID, Job: k.job.ID, Name: "init#1"}
	require.NoError(w.t, w.store.KeepOffer(ctx, w.tenant, c.ID, connector.Offer{Notices: []connector.Notice{{Text: "Hello."}}}, w.now))
	w.told(c, connector.PostChange{Reference: newID(), State: connector.PostPublished}, w.now)
	views := []connector.Metric{{Name: connector.MetricViews, Value: new(int64(7))}}
	for _, key := range []string{report.PostKey(k.job.ID), report.AccountKey(c.ID, 7), report.AccountKey(c.ID, 28)} {
		require.NoError(w.t, w.store.KeepReport(ctx, w.tenant, key, views, nil, w.now))
	}
	lender := loan.Lender{Store: w.store, URL: "https://herald.example/loans", Now: w.clock}
	address, err := lender.Lend(ctx, k.key, loan.File{ID: "med_1", Object: "media/1", Name: "kim.jpg", Type: "image/jpeg", Bytes: 9})
	require.NoError(w.t, err)
	k.token = path.Base(address)
	fetched, err := w.store.CountFetch(ctx, k.key.String())
	require.NoError(w.t, err)
	require.True(w.t, fetched)
	return k
}

// left counts what is still known.
func (w *world) left(c connection.Connection, k kept) (offers, told, reports int, open bool) {
	w.t.Helper()
	ctx := w.t.Context()
	all, err := w.store.Offers(ctx, w.tenant, []string{c.ID})
	require.NoError(w.t, err)
	changes, err := w.store.Told(ctx, k.job, w.now.Add(-time.Hour))
	require.NoError(w.t, err)
	for _, key := range []string{report.PostKey(k.job.ID), report.AccountKey(c.ID, 7), report.AccountKey(c.ID, 28)} {
		r, err := w.store.Report(ctx, w.tenant, key)
		require.NoError(w.t, err)
		if r.At != 0 {
			reports++
		}
	}
	open, err = w.store.KeyOpen(ctx, k.key.String())
	require.NoError(w.t, err)
	return len(all), len(changes), reports, open
}

func TestADeletionLeavesNothingOfTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone, stays := w.link(), w.link()
	ofGone, ofStaying := w.keep(gone), w.keep(stays)
	e := w.put(gone, connector.WebhookDataDeletion)
	for range 2 {
		require.Equal(t, webhook.Processed, w.apply(e).State)
	}
	offers, told, reports, open := w.left(gone, ofGone)
	require.Zero(t, offers)
	require.Zero(t, told)
	require.Zero(t, reports)
	require.False(t, open, "nothing is lent any more")
	_, known, err := w.store.Loan(t.Context(), ofGone.token)
	require.NoError(t, err)
	require.False(t, known, "and it is not known what was")
	lender := loan.Lender{Store: w.store, Now: w.clock}
	fetched, err := lender.Recall(t.Context(), ofGone.key)
	require.NoError(t, err)
	require.True(t, fetched, "a job in doubt must not take a forgotten fetch for none")

	offers, told, reports, open = w.left(stays, ofStaying)
	require.Equal(t, 1, offers)
	require.Equal(t, 1, told)
	require.Equal(t, 3, reports)
	require.True(t, open)
}

// telling lets something happen between a worker's look at the connection and its write.
type telling struct {
	webhook.ProcessStore
	meanwhile func()
}

func (s telling) KeepTold(ctx context.Context, e webhook.Event, now time.Time) error {
	s.meanwhile()
	return s.ProcessStore.KeepTold(ctx, e, now)
}

func TestWhatIsToldWhileAPersonLeavesIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	j := w.job(c)
	deletion := w.put(c, connector.WebhookDataDeletion)
	id := webhook.EventID("meta", newID(), c.ID)
	e := webhook.Event{
		Source: webhook.SourceOf("meta", id), ID: id, Platform: "meta", TenantID: w.tenant, ConnectionID: c.ID, Kind: connector.WebhookPost, State: webhook.Received,
		Post: &connector.PostChange{Reference: "ref_1", State: connector.PostPublished}, At: w.now.UnixMilli(), ReceivedAt: w.now.UnixMilli(), AttendAt: w.now.UnixMilli(),
	}
	_, err := w.store.PutEvent(t.Context(), e)
	require.NoError(t, err)
	p := w.processor()
	p.Store = telling{w.store, func() { w.apply(deletion) }}
	require.NoError(t, p.Run(t.Context(), webhook.Message{Platform: "meta", Events: []string{e.ID}}))
	require.Equal(t, webhook.Ignored, w.event(e.ID).State)
	require.True(t, w.event(e.ID).Forgotten)
	left, err := w.store.Told(t.Context(), j, w.now.Add(-time.Hour))
	require.NoError(t, err)
	require.Empty(t, left)
}
