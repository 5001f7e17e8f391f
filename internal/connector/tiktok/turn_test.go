package tiktok_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/tiktok"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// register is what the house around a connector counts.
type register struct {
	wait   time.Duration
	err    error
	spent  []connector.Budget
	rivals []connector.Rival
}

func (r *register) Spend(_ context.Context, b connector.Budget) (time.Duration, error) {
	if r.wait == 0 && r.err == nil {
		r.spent = append(r.spent, b)
	}
	return r.wait, r.err
}

func (r *register) Rivals(context.Context) ([]connector.Rival, error) { return r.rivals, nil }

func TestAnAccountIsPostedToOneAtATime(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	photosDraft, videoDraft := photo(nil), video(nil)
	photosDraft.Kind, videoDraft.Kind, videoDraft.Text = "photos_draft", "video_draft", ""
	for op, d := range map[string]connector.Draft{
		"video.init": video(everyone(nil)), "content.init": photo(everyone(nil)), "inbox.init": videoDraft, "content.init draft": photosDraft,
	} {
		j := b.job(t, nil, d)
		counts := &register{wait: 7 * time.Second}
		j.d.Budgets = counts
		_, err := j.attempt()
		requireProblem(t, err, problem.RateLimited, "our_pace", "")
		e := problem.Of(err)
		require.Equal(t, []any{7 * time.Second, problem.ScopeKind, true}, []any{e.RetryAfter, e.Scope, e.NotSent}, op)
		require.Zero(t, b.seen(t, j.account()).Tasks, "nothing was begun")

		counts.wait = 5 * time.Hour
		_, err = j.attempt()
		require.Equal(t, 5*time.Hour, problem.Of(err).RetryAfter)
		require.NotEqual(t, e.Message, problem.Of(err).Message, "the day's posts are another reason")

		counts.wait, counts.err = 0, errors.New("the table is away")
		_, err = j.attempt()
		requireProblem(t, err, problem.Transient, "not_counted", "")
		require.False(t, problem.Of(err).MayHaveHappened())

		counts.err = nil
		_, err = j.run()
		require.NoError(t, err)
		require.Equal(t, 1, b.seen(t, j.account()).Tasks)
		want := connector.Budget{Name: "post", Every: 10 * time.Second, Most: 12, Window: 24 * time.Hour}
		if d.Kind == "video_draft" || d.Kind == "photos_draft" {
			want = connector.Budget{Name: "draft", Every: 10 * time.Second}
		}
		require.Equal(t, []connector.Budget{want}, counts.spent, op)
	}
	_, err := tiktok.New(tiktok.Config{ClientID: clientKey, ClientSecret: connector.NewSecret(clientSecret), DailyPosts: 101})
	require.Error(t, err)
}

// rivals are two posts of one account whose answers were lost; each is the other's rival until it is found.
func (b box) rivals(t *testing.T, first, second connector.Draft) (one, two *job) {
	t.Helper()
	one = b.job(t, nil, first)
	other := *one
	two = &other
	two.ledger, two.d = connectortest.NewLedger(), b.address(t, one.account(), second)
	two.d.AcceptedAt, two.c = two.now, b.connect(t, func() time.Time { return two.now })
	one.d.Budgets = &register{rivals: []connector.Rival{{Kind: "photos", Text: second.Text}, {Kind: "video", Text: "of no account here"}}}
	two.d.Budgets = &register{rivals: []connector.Rival{{Kind: "photos", Text: first.Text}}}
	for _, j := range []*job{one, two} {
		j.fault(object{"op": "tiktok.content.init", "kind": "reset_after"})
		_, err := j.attempt()
		require.Equal(t, problem.Transient, problem.ClassOf(err))
	}
	return one, two
}

func TestTwoPostsThatNobodyKnowsAreNotSwapped(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	own := object{"privacy_level": "SELF_ONLY", "consent": "music_usage"}
	one, two := b.rivals(t, photo(own), photo(own))
	told := two.d.Told
	only := func(ctx context.Context, since time.Time) ([]connector.PostChange, error) { // the other's was not delivered yet
		all, err := told(ctx, since.Add(-time.Hour))
		return all[:min(len(all), 1)], err
	}
	one.d.Told, two.d.Told = only, only
	for _, j := range []*job{one, two} {
		_, err := j.attempt()
		require.ErrorAs(t, err, new(*connector.WaitError), "it may be the other's")
	}
	one.d.Budgets = &register{} // the other is known now: a person said which it was
	receipt, err := one.run()
	require.NoError(t, err)
	require.Regexp(t, `^p_pub_url~`, receipt.ExternalID)

	two.now = one.now
	_, err = two.run()
	require.ErrorIs(t, err, publish.ErrHeld, "a day later a person is asked")
	require.Equal(t, 2, two.calls("content.init"))
	require.Len(t, b.seen(t, two.account()).Posts, 2)
}

func TestPostsWithWordsOfTheirOwnAreToldApart(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	first, second := photo(everyone(nil)), photo(everyone(nil))
	second.Text = "Rolls from nine"
	one, two := b.rivals(t, first, second)
	for _, j := range []*job{one, two} {
		receipt, err := j.attempt()
		require.NoError(t, err)
		for _, p := range b.seen(t, j.account()).Posts {
			if p.ID == receipt.ExternalID {
				require.Equal(t, j.d.Text, p.Description)
			}
		}
	}
	same, other := b.rivals(t, photo(everyone(nil)), photo(everyone(nil)))
	for _, j := range []*job{same, other} {
		_, err := j.attempt()
		require.ErrorAs(t, err, new(*connector.WaitError), "both say the same")
	}
	candidates, err := same.c.Candidates(t.Context(), same.s, same.d)
	require.NoError(t, err)
	require.Len(t, candidates, 2, "a person can look at both")
	b.Control(t, http.MethodPost, "tiktok/posts/"+candidates[0].Receipt.ExternalID+"/hide", object{}, nil)
	for _, j := range []*job{same, other} {
		_, err := j.attempt()
		require.ErrorAs(t, err, new(*connector.WaitError), "the only one that is seen may be either's")
	}
}
