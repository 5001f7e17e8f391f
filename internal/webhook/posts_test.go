package webhook_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/webhook"
)

// job is one that a worker holds.
func (w *world) job(c connection.Connection) publish.Job {
	w.t.Helper()
	post := publish.Post{TenantID: w.tenant, ID: "pst_" + newID(), Targets: []string{c.ID}, At: w.now.UnixMilli(), CreatedAt: w.now.UnixMilli()}
	j := publish.Job{
		TenantID: w.tenant, ID: publish.JobID(post.ID, c.ID), PostID: post.ID, ConnectionID: c.ID, Platform: "meta", Status: publish.Queued,
		DueAt: w.now.UnixMilli(), NextAt: w.now.UnixMilli(), Open: []publish.Attempt{}, Steps: map[string]publish.StepLog{}, Rev: 1,
	}
	post.Jobs = []publish.Job{j}
	line := publish.AuditRow{TenantID: w.tenant, SK: publish.AuditKey(1, newID()), Kind: publish.AuditAccepted, At: 1}
	_, err := w.store.CreatePost(w.t.Context(), post, newID(), "h", line)
	require.NoError(w.t, err)
	j, err = w.store.ClaimJob(w.t.Context(), w.tenant, j.ID, newID(), w.now, w.now.Add(2*time.Minute))
	require.NoError(w.t, err)
	return j
}

// made is the journal of a job whose post the platform calls by the reference.
func made(reference string) map[string]publish.StepLog {
	return map[string]publish.StepLog{"init": {StartedAt: 1, DoneAt: 2, Reference: reference, Result: connector.Values{"reference": reference}}}
}

// waits ends the attempt: the job comes back in ten minutes.
func (w *world) waits(j publish.Job, reference string) publish.Job {
	w.t.Helper()
	j.Steps, j.Status, j.NextAt, j.Open = made(reference), publish.Waiting, w.now.Add(10*time.Minute).UnixMilli(), nil
	require.NoError(w.t, w.store.FinishAttempt(w.t.Context(), publish.Outcome{Job: j}, w.now))
	return j
}

func (w *world) published(j publish.Job, r connector.Receipt) publish.Job {
	w.t.Helper()
	j.Status, j.Receipt, j.Open = publish.Published, &r, nil
	require.NoError(w.t, w.store.FinishAttempt(w.t.Context(), publish.Outcome{Job: j}, w.now))
	return j
}

// told stores an event about a post and applies it.
func (w *world) told(c connection.Connection, change connector.PostChange, at time.Time) webhook.Event {
	w.t.Helper()
	id := webhook.EventID("meta", newID(), c.ID)
	e := webhook.Event{
		Source: webhook.SourceOf("meta", id), ID: id, Platform: "meta", TenantID: w.tenant, ConnectionID: c.ID, Kind: connector.WebhookPost, State: webhook.Received,
		Post: &change, At: at.UnixMilli(), ReceivedAt: at.UnixMilli(), AttendAt: w.now.Add(time.Minute).UnixMilli(),
	}
	_, err := w.store.PutEvent(w.t.Context(), e)
	require.NoError(w.t, err)
	return w.apply(e)
}

func (w *world) apply(e webhook.Event) webhook.Event {
	w.t.Helper()
	require.NoError(w.t, w.processor().Run(w.t.Context(), webhook.Message{Platform: "meta", Events: []string{e.ID}}))
	return w.event(e.ID)
}

func (w *world) read(j publish.Job) publish.Job {
	w.t.Helper()
	got, err := w.store.GetJob(w.t.Context(), w.tenant, j.ID)
	require.NoError(w.t, err)
	return got
}

func TestAWaitingJobIsLookedAtWhenItsPostIsDone(t *testing.T) {
	t.Parallel()
	for _, state := range []connector.PostState{connector.PostPublished, connector.PostDelivered, connector.PostFailed} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.link()
			j := w.waits(w.job(c), "ref_1")
			e := w.told(c, connector.PostChange{Reference: "ref_1", State: state}, w.now)
			require.Equal(t, webhook.Processed, e.State)
			got := w.read(j)
			require.Equal(t, publish.Waiting, got.Status, "what it says is asked, not believed")
			require.Equal(t, w.now.UnixMilli(), got.NextAt)
			require.Equal(t, 1, w.messages(w.jobs.URLs["meta"]))
		})
	}
}

func TestWhatIsToldCompletesAReceipt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	j := w.published(w.job(c), connector.Receipt{ExternalID: "ref_1", Note: "It is being looked at."})
	change := connector.PostChange{Reference: "ref_1", ExternalID: "post_1", Permalink: "https://platform.example/post_1", State: connector.PostPublished}
	require.Equal(t, webhook.Processed, w.told(c, change, w.now).State)
	want := connector.Receipt{ExternalID: "post_1", Permalink: change.Permalink, Data: map[string]string{"reference": "ref_1"}}
	got := w.read(j)
	require.Equal(t, want, *got.Receipt)
	require.Equal(t, webhook.Ignored, w.told(c, change, w.now).State, "told again it is no news")
	require.Equal(t, got, w.read(j))

	require.Equal(t, webhook.Processed, w.told(c, connector.PostChange{ExternalID: "post_1", State: connector.PostFailed, Reason: "music"}, w.now.Add(time.Second)).State)
	got = w.read(j)
	require.Equal(t, publish.Published, got.Status, "a published job does not become a failed one")
	require.Contains(t, got.Receipt.Note, "music")

	foreign := w.told(w.link(), connector.PostChange{Reference: "ref_1", State: connector.PostRemoved}, w.now)
	require.Equal(t, webhook.Received, foreign.State, "another account's post of the same name is not ours")
	require.Zero(t, w.read(j).RemovedAt)
}

func TestARemovedPostIsNotedUntilItIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	j := w.published(w.job(c), connector.Receipt{ExternalID: "post_1"})
	say := func(s connector.PostState, after time.Duration) publish.Job {
		w.told(c, connector.PostChange{ExternalID: "post_1", State: s}, w.now.Add(after))
		return w.read(j)
	}
	got := say(connector.PostRemoved, 2*time.Second)
	require.Equal(t, w.now.Add(2*time.Second).UnixMilli(), got.RemovedAt)
	require.Equal(t, publish.Published, got.Status)
	require.NotZero(t, say(connector.PostPublished, time.Second).RemovedAt, "what happened earlier is told later")
	require.Zero(t, say(connector.PostPublished, 3*time.Second).RemovedAt)
	require.NotZero(t, say(connector.PostRemoved, 4*time.Second).RemovedAt)
}

func TestAPostThatIsRemovedBeforeItsJobKnowsItIsNotedThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	j := w.waits(w.job(c), "ref_1")
	e := w.told(c, connector.PostChange{Reference: "ref_1", State: connector.PostRemoved}, w.now)
	require.Equal(t, webhook.Received, e.State, "it is looked at again")
	require.Equal(t, j.NextAt, w.read(j).NextAt, "there is nothing to ask for")
	w.now = w.now.Add(11 * time.Minute)
	j, err := w.store.ClaimJob(t.Context(), w.tenant, j.ID, newID(), w.now, w.now.Add(2*time.Minute))
	require.NoError(t, err)
	w.published(j, connector.Receipt{ExternalID: "ref_1"})
	require.Equal(t, webhook.Processed, w.apply(e).State)
	require.NotZero(t, w.read(j).RemovedAt)
}

func TestWhatNoJobHasIsKeptForOneThatAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	first, second := w.job(c), w.job(c)
	before := w.now.Add(-time.Hour)
	w.told(c, connector.PostChange{Reference: "old", State: connector.PostPublished}, before.Add(-time.Minute))
	change := connector.PostChange{Reference: "ref_1", State: connector.PostPublished}
	e := w.told(c, change, w.now)
	require.Equal(t, webhook.Received, e.State, "its job may be about to write it down")
	require.Equal(t, w.now.Add(time.Minute).UnixMilli(), e.AttendAt)
	asked := func(j publish.Job) []connector.PostChange {
		all, err := w.store.Told(t.Context(), j, before)
		require.NoError(t, err)
		return all
	}
	require.Equal(t, []connector.PostChange{change}, asked(first))
	require.Equal(t, []connector.PostChange{change}, asked(second))

	require.NoError(t, w.store.SaveSteps(t.Context(), first, made("ref_1"), ""))
	require.Equal(t, []connector.PostChange{change}, asked(first), "its own")
	require.Empty(t, asked(second), "another job's")
	require.ErrorIs(t, w.store.SaveSteps(t.Context(), second, made("ref_1"), ""), publish.ErrClaimed)
	second.Steps, second.Status = made("ref_1"), publish.Waiting
	require.ErrorIs(t, w.store.FinishAttempt(t.Context(), publish.Outcome{Job: second}, w.now), publish.ErrClaimed)

	require.Equal(t, webhook.Received, w.apply(e).State, "a worker holds the job")
	first.Lease = w.read(first).Lease
	w.waits(first, "ref_1")
	require.Equal(t, webhook.Processed, w.apply(e).State)
	require.Equal(t, w.now.UnixMilli(), w.read(first).NextAt)

	none := w.told(c, connector.PostChange{Reference: "ref_2", State: connector.PostPublished}, w.now)
	for range 3 {
		none = w.apply(none)
	}
	require.Equal(t, webhook.Ignored, none.State, "it is not looked for for ever")
	require.Zero(t, w.messages(w.queue.DLQ), "and is no failure")
}
