package comment_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/webhook"
)

func TestHidingAndShowingMayBeRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	set := func(hidden bool) {
		for range 2 {
			w.now = w.now.Add(time.Second)
			require.NoError(t, w.desk.SetHidden(t.Context(), w.on(), "mem_1", "fan_1", hidden))
			require.Equal(t, hidden, w.platform.items[0].Hidden)
			require.Equal(t, hidden, w.below()[0].Hidden)
		}
	}
	set(true)
	require.Equal(t, []string{"fan_1"}, w.inbox(comment.Hidden))
	set(false)
	require.Empty(t, w.inbox(comment.Hidden))
	require.Equal(t, []string{comment.AuditShown, comment.AuditShown, comment.AuditHidden, comment.AuditHidden}, w.trail())

	w.platform.fails = problem.New(problem.PermissionMissing, "Not allowed.")
	require.ErrorIs(t, w.desk.SetHidden(t.Context(), w.on(), "mem_1", "fan_1", true), w.platform.fails)
	require.False(t, w.below()[0].Hidden, "what the platform refused is not noted")
	require.Len(t, w.trail(), 4)
}

func TestOnlyWhatOthersWroteCanBeHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.reply("rep_1")
	require.NoError(t, err)
	before := w.platform.calls
	err = w.desk.SetHidden(t.Context(), w.on(), "mem_1", made.ID, true)
	require.Equal(t, problem.InvalidRequest, problem.ClassOf(err))
	on := w.on()
	on.Platform = moderator{w.platform}
	err = w.desk.SetHidden(t.Context(), on, "mem_1", "fan_1", true)
	require.Equal(t, problem.InvalidRequest, problem.ClassOf(err), "a platform without hiding")
	require.Contains(t, problem.Of(err).Message, "Delete it instead")
	require.Equal(t, before, w.platform.calls)
}

func TestADeletedCommentIsGoneForGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shown := w.platform.items[0]
	w.platform.fails = problem.New(problem.PlatformDown, "Down.")
	require.Error(t, w.desk.Delete(t.Context(), w.on(), "mem_1", "fan_1"))
	require.Len(t, w.below(), 1)
	require.Empty(t, w.trail())

	w.platform.fails = nil
	for range 2 {
		require.NoError(t, w.desk.Delete(t.Context(), w.on(), "mem_1", "fan_1"))
	}
	require.Empty(t, w.platform.items)
	require.Empty(t, w.below())
	require.Equal(t, []string{comment.AuditDeleted}, w.trail(), "the second time there was nothing to delete")
	w.platform.items = []connector.Comment{shown} // a list that lags behind
	w.now = w.now.Add(time.Minute)
	w.refresh()
	require.Empty(t, w.below(), "it does not come back")
}

// TestAnIdFromOutsideNamesACommentOrNothing: a platform deletes a post by the same call.
func TestAnIdFromOutsideNamesACommentOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tc := range map[string]struct{ tenant, conn, target string }{
		"another workspace": {"ten_" + id(), w.conn, "fan_1"},
		"another account":   {w.tenant, "con_" + id(), "fan_1"},
		"a post":            {w.tenant, w.conn, post},
	} {
		on := comment.On{Tenant: tc.tenant, Connection: tc.conn, Platform: w.platform}
		_, err := w.desk.Reply(t.Context(), on, "mem_1", "rep_1", tc.target, "x")
		require.Equal(t, problem.NotFound, problem.ClassOf(err), name)
		require.Equal(t, problem.NotFound, problem.ClassOf(w.desk.SetHidden(t.Context(), on, "mem_1", tc.target, true)), name)
		require.NoError(t, w.desk.Delete(t.Context(), on, "mem_1", tc.target), "%s: what is not there is deleted", name)
	}
	require.Zero(t, w.platform.calls, "the platform was told nothing")
	require.Len(t, w.below(), 1)
}

func TestRefreshReadsEveryPageOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 6 {
		w.platform.items = append(w.platform.items, connector.Comment{ID: fmt.Sprintf("fan_%d", i+2), PostID: post, Text: "x", CreatedAt: w.now.Add(time.Duration(i) * time.Second)})
	}
	w.platform.pages = 3
	w.now = w.now.Add(time.Minute)
	for range 2 {
		require.Equal(t, 7, w.refresh())
		require.Len(t, w.below(), 7)
	}
	w.platform.endless, w.platform.asked = true, 0
	require.Equal(t, 7, w.refresh())
	require.Less(t, w.platform.asked, 10, "a cursor that never ends is not followed for ever")
	w.platform.fails = problem.New(problem.PlatformDown, "Down.")
	_, err := w.desk.Refresh(t.Context(), w.on(), connector.Receipt{ExternalID: post})
	require.ErrorIs(t, err, w.platform.fails)
}

// TestWhatWasToldLaterCountsMore: a notice overtakes the answer to a question.
func TestWhatWasToldLaterCountsMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = w.now.Add(time.Minute)
	_, err := w.store.ApplyComment(t.Context(), webhook.Event{
		TenantID: w.tenant, ConnectionID: w.conn, ID: "whe_1", At: w.now.Truncate(time.Second).UnixMilli(),
		Comment: &connector.CommentChange{ID: "fan_1", Verb: connector.CommentEdit, PostID: post, Text: "Lovely indeed"},
	}, w.now)
	require.NoError(t, err)
	w.refresh()
	require.Equal(t, "Lovely indeed", w.below()[0].Text)
	w.platform.items[0].Text = "Lovely at last"
	w.now = w.now.Add(time.Minute)
	w.refresh()
	require.Equal(t, "Lovely at last", w.below()[0].Text)
}
