package act_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/act"
	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/report"
)

// TestEveryOperationReachesThePlatformWithTheAccountsToken is what the tests of refusals stand on.
func TestEveryOperationReachesThePlatformWithTheAccountsToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.known()
	for _, r := range w.operations() {
		w.must(r)
	}
	require.Equal(t, []string{
		"candidates", "numbers of 1_2", "comments", "edit 1_2 New words", "delete 1_2",
		"numbers over 168h0m0s", "offer", "reply Thank you", "hide fan_1", "show fan_1", "delete comment fan_1",
	}, w.platform.calls)
}

func TestAnotherWorkspaceReachesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.known()
	for _, r := range w.operations() {
		r.Tenant = "ten_" + id()
		_, err := w.ask(r)
		require.Equal(t, problem.NotFound, problem.ClassOf(err), r.Op)
	}
	_, err := w.ask(act.Request{Op: act.DeletePost, Tenant: w.tenant, Job: "pst_1.con_1"})
	require.Equal(t, problem.NotFound, problem.ClassOf(err))
	require.Empty(t, w.platform.calls)
	require.Zero(t, w.read(w.job.ID).DeletedAt)
}

func TestAnUnknownOperationDoesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.known()
	for _, r := range []act.Request{
		{Op: "publish", Tenant: w.tenant, Job: w.job.ID},
		{Op: "", Tenant: w.tenant, Job: w.job.ID},
		{Op: act.HideComment, Tenant: w.tenant, Job: w.job.ID}, // of an account, asked of a post
		{Op: "drop", Tenant: w.tenant, Connection: w.conn, Comment: "fan_1"},
		{Op: act.DeletePost, Tenant: w.tenant, Connection: w.conn, Comment: "fan_1"},
	} {
		_, err := w.ask(r)
		require.Equal(t, problem.InvalidRequest, problem.ClassOf(err), "%q", r.Op)
	}
	require.Empty(t, w.platform.calls)
}

func TestAnAccountThatIsNotInUseIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		end   func(w *world)
		class problem.Class
		says  string
	}{
		"blocked": {func(w *world) {
			held := w.accept()
			held.Status, held.Open = publish.Held, nil
			require.NoError(t, w.store.FinishAttempt(t.Context(), publish.Outcome{Job: held, Block: &publish.Block{
				ConnectionID: w.conn, TokenVersion: w.version, Reason: "Kim took the access back.", Action: problem.DefaultAction(problem.AuthRevoked),
			}}, w.now))
		}, problem.AuthRevoked, "Kim took the access back."},
		"paused": {func(w *world) {
			done, err := w.store.Pause(t.Context(), w.tenant, w.conn, "Holidays.", w.event())
			require.NoError(t, err)
			require.True(t, done)
		}, problem.Conflict, "paused"},
		"disconnected": {func(w *world) {
			require.NoError(t, w.store.Disconnect(t.Context(), w.tenant, w.conn, w.event()))
		}, problem.NotFound, "not linked"},
		"its platform is switched off": {func(w *world) { w.desk.Connectors = nil }, problem.PlatformDown, "switched off"},
		"its token cannot be opened":   {func(w *world) { w.desk.Door.Opener = shut{} }, problem.AuthExpired, "Connect it again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.known()
			tc.end(w)
			for _, r := range w.operations() {
				_, err := w.ask(r)
				require.Equal(t, tc.class, problem.ClassOf(err), r.Op)
				require.Contains(t, problem.Of(err).Message, tc.says, r.Op)
				require.NotContains(t, problem.Of(err).Message, "due", "nothing was scheduled: somebody has clicked")
			}
			require.Empty(t, w.platform.calls)
		})
	}
}

func TestWhatAPlatformCannotDoIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.known()
	all := w.platform.kind
	refused := func(why string) {
		for _, r := range w.operations() {
			if r.Op == act.RefreshOffer && why == "this kind of account" { // is the platform's, not the kind's
				continue
			}
			_, err := w.ask(r)
			require.Equal(t, problem.InvalidRequest, problem.ClassOf(err), "%s: %s", why, r.Op)
		}
		require.Empty(t, w.platform.calls)
	}
	w.platform.kind = connector.AccountKind{Kind: "page"}
	refused("this kind of account")
	w.platform.kind = all
	w.desk.Connectors = map[string]connector.Connector{"fake": w.platform.plain}
	refused("this platform")
}

func TestALoginThatCannotDeleteIsNotTried(t *testing.T) {
	t.Parallel()
	w := newWorldBy(t, "weak")
	_, err := w.ask(act.Request{Op: act.DeletePost, Tenant: w.tenant, Job: w.job.ID})
	require.Equal(t, problem.InvalidRequest, problem.ClassOf(err))
	require.Empty(t, w.platform.calls)
}

func TestDeletingAndEditingAreNotedOnceTheyAreDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	edit := act.Request{Op: act.EditPost, Tenant: w.tenant, Job: w.job.ID, Text: "Fresh buns"}
	remove := act.Request{Op: act.DeletePost, Tenant: w.tenant, Job: w.job.ID}
	w.platform.fails = problem.New(problem.RateLimited, "Too often.")
	w.platform.fails.(*problem.Error).RetryAfter = time.Minute //nolint:errorlint,forcetypeassert // made above
	for _, r := range []act.Request{edit, remove} {
		_, err := w.ask(r)
		require.Equal(t, problem.RateLimited, problem.ClassOf(err))
		require.Equal(t, time.Minute, problem.Of(err).RetryAfter)
	}
	require.Equal(t, "Buns", w.read(w.job.ID).Text, "nothing was done")
	require.Zero(t, w.read(w.job.ID).DeletedAt)
	require.Empty(t, w.kinds())

	w.platform.fails = nil
	w.must(edit)
	require.Equal(t, "Fresh buns", w.read(w.job.ID).Text)
	for range 2 {
		w.must(remove)
		require.Equal(t, w.now.UnixMilli(), w.read(w.job.ID).DeletedAt)
	}
	require.Equal(t, []string{publish.AuditEdited, publish.AuditDeleted}, w.kinds())
	for _, r := range []act.Request{edit, {Op: act.RefreshComments, Tenant: w.tenant, Job: w.job.ID}} {
		_, err := w.ask(r)
		require.Equal(t, problem.Conflict, problem.ClassOf(err), "%s: it is gone", r.Op)
	}
}

func TestOnlyAPublishedPostCanBeWorkedWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held := w.finish(w.accept(), publish.Held, nil)
	for _, op := range []act.Op{act.DeletePost, act.EditPost, act.PostMetrics, act.RefreshComments} {
		_, err := w.ask(act.Request{Op: op, Tenant: w.tenant, Job: held.ID, Text: "x"})
		require.Equal(t, problem.Conflict, problem.ClassOf(err), op)
	}
	require.Empty(t, w.platform.calls)
	list := w.must(act.Request{Op: act.Candidates, Tenant: w.tenant, Job: held.ID}).Candidates
	require.Equal(t, []connector.Candidate{{Receipt: connector.Receipt{ExternalID: "9"}, Text: "Buns"}}, list)
}

// TestNumbersAreKeptAndOneDeadNumberFailsNothing: and neither does a platform that gives none at all.
func TestNumbersAreKeptAndOneDeadNumberFailsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	post := act.Request{Op: act.PostMetrics, Tenant: w.tenant, Job: w.job.ID}
	account := act.Request{Op: act.AccountMetrics, Tenant: w.tenant, Connection: w.conn, Days: 28}
	kept := func(key string) report.Report {
		r, err := w.store.Report(t.Context(), w.tenant, key)
		require.NoError(t, err)
		return r
	}
	for r, key := range map[act.Request]string{post: report.PostKey(w.job.ID), account: report.AccountKey(w.conn, 28)} {
		w.must(r)
		require.Equal(t, numbers(), kept(key).Metrics)
		w.platform.fails = problem.New(problem.PlatformDown, "Down.")
		_, err := w.ask(r)
		require.Equal(t, problem.PlatformDown, problem.ClassOf(err))
		require.Equal(t, numbers(), kept(key).Metrics, "the last ones stay")
		require.Equal(t, problem.PlatformDown, kept(key).Problem.Class)
		w.platform.fails = nil
	}
	before := len(w.platform.calls)
	for _, days := range []int{0, -1, 29} {
		account.Days = days
		_, err := w.ask(account)
		require.Equal(t, problem.InvalidRequest, problem.ClassOf(err))
	}
	require.Len(t, w.platform.calls, before)
}

func TestAnOfferIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := act.Request{Op: act.RefreshOffer, Tenant: w.tenant, Connection: w.conn}
	w.must(ask)
	w.platform.fails = problem.New(problem.PlatformDown, "Down.")
	w.now = w.now.Add(time.Hour)
	_, err := w.ask(ask)
	require.Equal(t, problem.PlatformDown, problem.ClassOf(err))
	kept, err := w.store.Offers(t.Context(), w.tenant, []string{w.conn})
	require.NoError(t, err)
	require.Equal(t, w.now.Add(-time.Hour).UnixMilli(), kept[w.conn].At, "what was said last")
	require.Equal(t, "Hello.", kept[w.conn].Notices[0].Text)
}

func TestAnAnswerTravelsBackWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, 1, w.must(act.Request{Op: act.RefreshComments, Tenant: w.tenant, Job: w.job.ID}).Found)
	reply := act.Request{Op: act.ReplyToComment, Tenant: w.tenant, Connection: w.conn, Comment: "fan_1", Reply: "rep_1", Text: "Thank you"}
	first := w.must(reply)
	require.Equal(t, "Thank you", first.Comment.Text)
	require.Equal(t, first, w.must(reply))
	require.Equal(t, []string{"comments", "reply Thank you"}, w.platform.calls, "written once")
}

// TestWhatComesInWhileThePersonLeavesIsForgotten: whoever wants everything deleted disconnects first.
func TestWhatComesInWhileThePersonLeavesIsForgotten(t *testing.T) {
	t.Parallel()
	for _, op := range []act.Op{act.RefreshComments, act.PostMetrics, act.AccountMetrics, act.RefreshOffer} {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.platform.onAsk = func() { require.NoError(t, w.store.Disconnect(t.Context(), w.tenant, w.conn, w.event())) }
			r := act.Request{Op: op, Tenant: w.tenant, Job: w.job.ID, Days: 7}
			if op == act.AccountMetrics || op == act.RefreshOffer {
				r.Connection = w.conn
			}
			w.must(r)
			require.Len(t, w.platform.calls, 1)
			left, _, err := w.store.Comments(t.Context(), w.tenant, comment.Filter{ConnectionID: w.conn, PostID: "1_2"}, "", 10)
			require.NoError(t, err)
			require.Empty(t, left)
			for _, key := range []string{report.PostKey(w.job.ID), report.AccountKey(w.conn, 7)} {
				r, err := w.store.Report(t.Context(), w.tenant, key)
				require.NoError(t, err)
				require.Empty(t, r.Metrics)
			}
			offers, err := w.store.Offers(t.Context(), w.tenant, []string{w.conn})
			require.NoError(t, err)
			require.Empty(t, offers)
		})
	}
}

// TestNoFailureTellsTheToken: neither the platform's own error nor one that nobody has classified.
func TestNoFailureTellsTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.known()
	cause := errors.New("what the platform was told at https://platform.example: " + canary)
	plain := errors.New("Get https://platform.example/?access_token=" + canary + ": broken pipe")
	for _, fails := range []error{problem.New(problem.Transient, "It broke.").Because(cause), plain} {
		w.platform.fails = fails
		for _, r := range w.operations() {
			r.Reply = id()
			_, err := w.ask(r)
			require.Error(t, err, r.Op)
			require.NotContains(t, err.Error(), "platform.example", "an address is nobody's business")
		}
	}
	require.Contains(t, w.logs.String(), "act failed")
}
