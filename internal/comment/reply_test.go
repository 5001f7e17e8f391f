package comment_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/problem"
)

func TestAnAnswerIsWrittenOnceHoweverOftenItIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, []string{"fan_1"}, w.inbox(comment.Unanswered))
	first, err := w.reply("rep_1")
	require.NoError(t, err)
	require.Equal(t, []string{first.ID}, w.platform.own())
	require.True(t, first.Own)
	require.Equal(t, "rep_1", first.ReplyID)
	require.Equal(t, "Thank you", first.Text)
	for range 2 {
		again, err := w.reply("rep_1")
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
	require.Len(t, w.platform.own(), 1)
	require.Empty(t, w.inbox(comment.Unanswered))
	require.Equal(t, []string{"fan_1"}, w.inbox(""), "the account's own words are in no inbox")
	require.Equal(t, []string{comment.AuditReplied}, w.trail(), "told once")

	other, err := w.reply("rep_2")
	require.NoError(t, err)
	require.NotEqual(t, first.ID, other.ID, "another answer, though its words are the same")
	w.refresh()
	require.Len(t, w.below(), 3, "asking the platform brings nothing twice")
}

func TestOfManyWorkersOneWritesTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := w.reply("rep_1"); err != nil {
				require.Equal(t, problem.Transient, problem.ClassOf(err), "%v", err)
			}
		})
	}
	all.Wait()
	require.Len(t, w.platform.own(), 1)
	require.Equal(t, []string{comment.AuditReplied}, w.trail())
}

func TestALostAnswerIsFoundAndNotWrittenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.loses = lost()
	w.later("rep_1")
	w.platform.loses = nil
	w.later("rep_1") // the platform needs a moment before it can be asked
	made, err := w.reply("rep_1")
	require.NoError(t, err)
	require.Equal(t, []string{made.ID}, w.platform.own())
	require.Equal(t, 1, w.platform.calls)
}

func TestAnAnswerThatNeverArrivedIsWrittenAfterTwoLooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.fails = lost()
	begun := w.now
	w.later("rep_1")
	w.platform.fails = nil
	w.later("rep_1")
	w.later("rep_1") // absent, for the first time
	require.Equal(t, 1, w.platform.calls, "not written again before it was absent twice")
	made, err := w.reply("rep_1")
	require.NoError(t, err)
	require.Equal(t, []string{made.ID}, w.platform.own())
	require.GreaterOrEqual(t, w.now.Sub(begun), 2*settle)
}

// TestAWorkerThatDiesHoldsTheAnswerNoLongerThanItsLease: the platform has it, and nobody lives to write that down.
func TestAWorkerThatDiesHoldsTheAnswerNoLongerThanItsLease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dying, die := context.WithCancel(t.Context())
	w.platform.after = die
	_, err := w.desk.Reply(dying, w.on(), "mem_1", "rep_1", "fan_1", "Thank you")
	require.Error(t, err)
	w.platform.after = nil
	require.Len(t, w.platform.own(), 1)

	_, err = w.reply("rep_1")
	require.Equal(t, problem.Transient, problem.ClassOf(err), "it may be alive")
	require.LessOrEqual(t, problem.Of(err).RetryAfter, time.Minute)
	w.now = w.now.Add(problem.Of(err).RetryAfter + time.Millisecond)
	made, err := w.reply("rep_1")
	require.NoError(t, err)
	require.Equal(t, []string{made.ID}, w.platform.own(), "found, not written again")
}

func TestAnotherAnswerWithTheSameWordsIsNotAdopted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.reply("rep_1")
	require.NoError(t, err)
	w.platform.fails = lost()
	w.later("rep_2")
	w.platform.fails = nil
	w.later("rep_2")
	w.later("rep_2")
	second, err := w.reply("rep_2")
	require.NoError(t, err)
	require.NotEqual(t, first.ID, second.ID)
	require.Len(t, w.platform.own(), 2)
}

func TestWhatCannotBeKnownIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.loses, w.platform.blind = lost(), true
	w.later("rep_1")
	w.later("rep_1")
	for range 2 {
		_, err := w.reply("rep_1")
		require.Equal(t, problem.Conflict, problem.ClassOf(err), "%v", err)
		require.Contains(t, problem.Of(err).Message, "Look at the post")
	}
	require.Equal(t, 1, w.platform.calls)
}

func TestARefusedAnswerMayBeSentAgainAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.fails = problem.New(problem.InvalidContent, "Too long.").On("text")
	_, err := w.reply("rep_1")
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
	require.Empty(t, w.trail())
	w.platform.fails = nil
	_, err = w.reply("rep_1")
	require.NoError(t, err)
	require.Len(t, w.platform.own(), 1)
}

func TestAnAnswerThatWasDeletedSinceIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.reply("rep_1")
	require.NoError(t, err)
	require.NoError(t, w.desk.Delete(t.Context(), w.on(), "mem_1", made.ID))
	_, err = w.reply("rep_1")
	require.Equal(t, problem.NotFound, problem.ClassOf(err))
	require.Empty(t, w.platform.own())
}
