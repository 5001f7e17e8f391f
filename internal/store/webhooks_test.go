package store_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/webhook"
)

// hook is a received event for the connection.
func hook(tenant, conn string, kind connector.WebhookKind, at time.Time) webhook.Event {
	id := webhook.EventID("meta", newID(), conn)
	return webhook.Event{
		Source: webhook.SourceOf("meta", id), ID: id, Platform: "meta", TenantID: tenant, ConnectionID: conn, Kind: kind, State: webhook.Received,
		At: at.UnixMilli(), ReceivedAt: at.UnixMilli(), AttendAt: at.Add(time.Minute).UnixMilli(),
	}
}

func putEvent(t *testing.T, s *store.Store, e webhook.Event) {
	t.Helper()
	state, err := s.PutEvent(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, webhook.Received, state)
}

func stateOf(t *testing.T, s *store.Store, e webhook.Event) webhook.Event {
	t.Helper()
	got, found, err := s.Event(t.Context(), e.Platform, e.ID)
	require.NoError(t, err)
	require.True(t, found)
	return got
}

func linked(t *testing.T, s *store.Store, tenant string) connection.Connection {
	t.Helper()
	c := candidate(t, s, tenant, "con_"+newID())
	c.ExternalID, c.Subject = newID(), newID()
	require.NoError(t, s.LinkConnection(t.Context(), c, event(c)))
	return c
}

func TestAnEventIsStoredOnce(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	e := hook(tenant, "con_x", connector.WebhookOther, time.Now())
	putEvent(t, s, e)
	putEvent(t, s, e)
	require.Equal(t, e, stateOf(t, s, e))
	require.NoError(t, s.Settle(t.Context(), e, webhook.Processed, ""))
	require.NoError(t, s.Settle(t.Context(), e, webhook.Failed, "too late"), "settled already")
	state, err := s.PutEvent(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, webhook.Processed, state, "a second delivery learns what became of the first")
}

func TestConnectionsAreFoundByAccountAndPerson(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	c := linked(t, s, tenant)
	to, err := s.ConnectionsTo(t.Context(), "meta", c.ExternalID)
	require.NoError(t, err)
	of, err := s.ConnectionsOf(t.Context(), "meta", c.Subject)
	require.NoError(t, err)
	want := []webhook.Target{{TenantID: tenant, ConnectionID: c.ID}}
	require.Equal(t, want, to)
	require.Equal(t, want, of)
	none, err := s.ConnectionsOf(t.Context(), "other", c.Subject)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestBlockingForAnEventIsOneMove(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	c := linked(t, s, tenant)
	e := hook(tenant, c.ID, connector.WebhookDeauthorized, time.Now())
	putEvent(t, s, e)
	b := webhook.Block{Reason: "Removed.", Action: problem.DefaultAction(problem.AuthRevoked), Newest: c.TokenVersion, Line: event(c)}
	changed, err := s.BlockFor(t.Context(), e, b)
	require.NoError(t, err)
	require.False(t, changed, "the credential is not older than the event")
	require.Equal(t, webhook.Received, stateOf(t, s, e).State)

	b.Newest += "0"
	for range 2 {
		changed, err = s.BlockFor(t.Context(), e, b)
		require.NoError(t, err)
		require.True(t, changed)
	}
	got, _, err := s.Connection(t.Context(), tenant, c.ID)
	require.NoError(t, err)
	require.Equal(t, connection.Blocked, got.Status)
	require.Equal(t, problem.ActReconnect, got.Action.Kind)
	require.Equal(t, webhook.Processed, stateOf(t, s, e).State)
	trail, err := s.AuditTrail(t.Context(), tenant, c.ID, "", 10)
	require.NoError(t, err)
	require.Len(t, trail, 2, "linked and blocked, each once")
}

// TestCommentsEndTheSameInAnyOrder applies one comment's life in many orders, each event at times twice.
func TestCommentsEndTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	at := time.UnixMilli(1_790_000_000_000)
	step := func(after int, verb connector.CommentVerb, text string) webhook.Event {
		e := hook(tenant, "", connector.WebhookComment, at.Add(time.Duration(after)*time.Second))
		e.Comment = &connector.CommentChange{ID: "1_9", Verb: verb, Text: text, CreatedAt: at.UnixMilli()}
		if verb == connector.CommentAdd {
			e.Comment.FromID, e.Comment.FromName, e.Comment.PostID = "88", "Kim", "p_1"
		}
		return e
	}
	life := []webhook.Event{
		step(0, connector.CommentAdd, "first"), step(0, connector.CommentEdit, "second"), step(3, connector.CommentEdit, "third"),
		step(1, connector.CommentHide, ""), step(4, connector.CommentUnhide, ""), step(5, connector.CommentHide, ""),
	}
	for n := range 12 {
		conn := "con_" + newID()
		for _, i := range append(rand.Perm(len(life)), n%len(life)) {
			e := life[i]
			e.ConnectionID = conn
			_, err := s.ApplyComment(t.Context(), e, at)
			require.NoError(t, err)
		}
		got, next, err := s.Comments(t.Context(), tenant, comment.Filter{ConnectionID: conn}, "", 10)
		require.NoError(t, err)
		require.Empty(t, next)
		require.Equal(t, []comment.Comment{{
			TenantID: tenant, ConnectionID: conn, ID: "1_9", PostID: "p_1", FromID: "88", FromName: "Kim", Text: "third", Hidden: true,
			CreatedAt: at.UnixMilli(), ChangedAt: at.Add(3 * time.Second).UnixMilli(),
		}}, got)

		gone := step(2, connector.CommentRemove, "")
		gone.ConnectionID = conn
		_, err = s.ApplyComment(t.Context(), gone, at)
		require.NoError(t, err)
		late := life[2]
		late.ConnectionID = conn
		applied, err := s.ApplyComment(t.Context(), late, at)
		require.NoError(t, err)
		require.False(t, applied, "what was removed does not come back")
		got, _, err = s.Comments(t.Context(), tenant, comment.Filter{ConnectionID: conn}, "", 10)
		require.NoError(t, err)
		require.Empty(t, got)
	}
}

// TestAnOwnAnswerCountsInAnyOrder: the account's own words are in no inbox, and what they answer waits for nobody.
func TestAnOwnAnswerCountsInAnyOrder(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	at := time.UnixMilli(1_790_000_000_000)
	for _, order := range [][]int{{0, 1}, {1, 0}, {1, 0, 1}, {0, 1, 0}} {
		conn := "con_" + newID()
		fan := hook(tenant, conn, connector.WebhookComment, at)
		fan.Comment = &connector.CommentChange{ID: "1_9", Verb: connector.CommentAdd, Text: "Open today?", PostID: "p_1", FromID: "88", CreatedAt: at.UnixMilli()}
		answer := hook(tenant, conn, connector.WebhookComment, at.Add(time.Minute))
		answer.Comment = &connector.CommentChange{
			ID: "1_10", Verb: connector.CommentAdd, Text: "Until six", PostID: "p_1", ParentID: "1_9", CreatedAt: at.Add(time.Minute).UnixMilli(), Own: true,
		}
		for _, i := range order {
			_, err := s.ApplyComment(t.Context(), []webhook.Event{fan, answer}[i], at)
			require.NoError(t, err)
		}
		got, _, err := s.Comments(t.Context(), tenant, comment.Filter{ConnectionID: conn}, "", 10)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, "1_9", got[0].ID)
		require.Equal(t, answer.Comment.CreatedAt, got[0].AnsweredAt)
		waiting, _, err := s.Comments(t.Context(), tenant, comment.Filter{ConnectionID: conn, State: comment.Unanswered}, "", 10)
		require.NoError(t, err)
		require.Empty(t, waiting)
		thread, _, err := s.Comments(t.Context(), tenant, comment.Filter{ConnectionID: conn, PostID: "p_1"}, "", 10)
		require.NoError(t, err)
		require.Len(t, thread, 2)
		require.True(t, thread[1].Own)
	}
}

func TestCommentsAreReadAndDeletedByConnection(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	mine, other := "con_"+newID(), "con_"+newID()
	for i := range 5 {
		for _, conn := range []string{mine, other} {
			e := hook(tenant, conn, connector.WebhookComment, time.Now())
			e.Comment = &connector.CommentChange{ID: strconv.Itoa(i), Verb: connector.CommentAdd, Text: "x"}
			_, err := s.ApplyComment(t.Context(), e, time.Now())
			require.NoError(t, err)
		}
	}
	var ids []string
	cursor := ""
	for range 5 {
		page, next, err := s.Comments(t.Context(), tenant, comment.Filter{ConnectionID: mine}, cursor, 2)
		require.NoError(t, err)
		for _, c := range page {
			ids = append(ids, c.ID)
		}
		if cursor = next; next == "" {
			break
		}
	}
	require.ElementsMatch(t, []string{"0", "1", "2", "3", "4"}, ids)
	foreign, _, err := s.Comments(t.Context(), "ten_"+newID(), comment.Filter{ConnectionID: mine}, "", 10)
	require.NoError(t, err)
	require.Empty(t, foreign)
	require.NoError(t, s.DeleteComments(t.Context(), tenant, mine))
	left, _, err := s.Comments(t.Context(), tenant, comment.Filter{ConnectionID: mine}, "", 10)
	require.NoError(t, err)
	require.Empty(t, left)
	left, _, err = s.Comments(t.Context(), tenant, comment.Filter{ConnectionID: other}, "", 10)
	require.NoError(t, err)
	require.Len(t, left, 5)
}

func TestFailedEventsAreListedAndReplayed(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	start := time.Now().Truncate(time.Millisecond)
	var all []webhook.Event
	for i := range 5 {
		e := hook(tenant, "con_x", connector.WebhookComment, start.Add(time.Duration(i)*time.Second))
		putEvent(t, s, e)
		if i%2 == 0 {
			require.NoError(t, s.Settle(t.Context(), e, webhook.Failed, "It did not work."))
		}
		all = append(all, e)
	}
	failed, next, err := s.Events(t.Context(), tenant, true, "", 2)
	require.NoError(t, err)
	require.Len(t, failed, 2)
	require.Equal(t, all[4].ID, failed[0].ID, "newest first")
	require.Equal(t, "It did not work.", failed[0].Reason)
	rest, _, err := s.Events(t.Context(), tenant, true, next, 2)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Equal(t, all[0].ID, rest[0].ID)
	every, _, err := s.Events(t.Context(), tenant, false, "", 10)
	require.NoError(t, err)
	require.Len(t, every, 5)

	since, err := s.FailedSince(t.Context(), tenant, start.Add(time.Second), 10)
	require.NoError(t, err)
	require.Len(t, since, 2)
	require.Equal(t, tenant, since[0].TenantID)
	line := connection.Event{TenantID: tenant, ID: "aud_" + newID(), Kind: "webhook_replayed", At: 1}
	require.NoError(t, s.Replay(t.Context(), since[0], time.Now().Add(time.Hour), line))
	require.Equal(t, webhook.Received, stateOf(t, s, since[0]).State)
	foreign := since[1]
	foreign.TenantID = "ten_" + newID()
	require.NoError(t, s.Replay(t.Context(), foreign, time.Now().Add(time.Hour), line))
	require.Equal(t, webhook.Failed, stateOf(t, s, since[1]).State, "another tenant's is not touched")
	since, err = s.FailedSince(t.Context(), tenant, start, 10)
	require.NoError(t, err)
	require.Len(t, since, 2)
}

func TestTheSweepFindsWhatIsStillReceived(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	e := hook(tenant, "con_x", connector.WebhookOther, time.Now().Add(48*time.Hour)) // beyond the reach of the stack's own sweep
	putEvent(t, s, e)
	find := func(before time.Time) *webhook.Due {
		due, err := s.DueEvents(t.Context(), webhook.ShardOf(e.ID), before, 1000)
		require.NoError(t, err)
		for _, d := range due {
			if d.ID == e.ID {
				return &d
			}
		}
		return nil
	}
	d := find(time.UnixMilli(e.AttendAt))
	require.NotNil(t, d)
	require.Nil(t, find(time.UnixMilli(e.AttendAt-1)))
	require.NoError(t, s.LookAgainAtEvent(t.Context(), *d, time.Now().Add(72*time.Hour)))
	require.Nil(t, find(time.UnixMilli(e.AttendAt)))
	require.NoError(t, s.Missed(t.Context(), e, "No.", time.UnixMilli(e.AttendAt)))
	require.NoError(t, s.Missed(t.Context(), e, "No.", time.UnixMilli(e.AttendAt)), "counted once")
	require.Equal(t, 1, stateOf(t, s, e).Attempts)
	require.NotNil(t, find(time.UnixMilli(e.AttendAt)))
	require.NoError(t, s.Settle(t.Context(), e, webhook.Ignored, ""))
	require.Nil(t, find(time.UnixMilli(e.AttendAt)))
}

func TestManyEventsAreStoredOnceEach(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	all := make([]webhook.Event, 100)
	for i := range all {
		all[i] = hook(tenant, "con_x", connector.WebhookOther, time.Now())
	}
	putEvent(t, s, all[3])
	require.NoError(t, s.Settle(t.Context(), all[3], webhook.Processed, ""))
	putEvent(t, s, all[7])
	for range 2 {
		states, err := s.PutEvents(t.Context(), all)
		require.NoError(t, err)
		for i, state := range states {
			want := webhook.Received
			if i == 3 {
				want = webhook.Processed
			}
			require.Equal(t, want, state, i)
			require.Equal(t, want, stateOf(t, s, all[i]).State)
		}
	}
}

func TestWhatEventsSaidIsForgotten(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	said := hook(tenant, "con_x", connector.WebhookComment, time.Now())
	said.Payload, said.Subject = `{"text":"my secret"}`, "300"
	said.Comment = &connector.CommentChange{ID: "1", Text: "my secret"}
	other := said
	other.ID, other.ConnectionID = webhook.EventID("meta", newID(), "con_y"), "con_y"
	other.Source = webhook.SourceOf("meta", other.ID)
	putEvent(t, s, said)
	putEvent(t, s, other)
	for range 2 { // it may be repeated
		require.NoError(t, s.ForgetEvents(t.Context(), tenant, "con_x"))
	}
	got := stateOf(t, s, said)
	require.True(t, got.Forgotten)
	require.Empty(t, got.Payload)
	require.Empty(t, got.Subject)
	require.Nil(t, got.Comment)
	require.Equal(t, other, stateOf(t, s, other), "another account's stays")
	require.NoError(t, s.ForgetEvent(t.Context(), hook(tenant, "con_x", connector.WebhookOther, time.Now())), "one that is gone is no error")
}
