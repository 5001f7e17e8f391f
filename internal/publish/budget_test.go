package publish_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

func TestABudgetIsSharedByAllJobsOfAnAccount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	spend := func(of connector.Budget) time.Duration {
		var wait time.Duration
		b.connector.publish = func(ctx context.Context, _ connector.Session, d connector.Draft, _ connector.Steps) (connector.Receipt, error) {
			var err error
			wait, err = d.Budgets.Spend(ctx, of)
			return connector.Receipt{ExternalID: id()}, err
		}
		require.Equal(t, publish.Published, b.run(b.accept(publish.NewPost{})).Status)
		return wait
	}
	posts := connector.Budget{Name: "post", Every: 10 * time.Second, Most: 2, Window: time.Hour}
	others := connector.Budget{Name: "draft", Every: 10 * time.Second}
	start := b.now
	require.Zero(t, spend(posts))
	b.now = start.Add(4 * time.Second)
	require.Equal(t, 6*time.Second, spend(posts), "nothing was counted, either")
	require.Equal(t, 6*time.Second, spend(others), "calls are spaced whatever their names")
	b.now = start.Add(10 * time.Second)
	require.Zero(t, spend(posts))
	b.now = start.Add(time.Minute)
	require.Equal(t, 59*time.Minute, spend(posts), "until the first of two is an hour old")
	require.Zero(t, spend(others), "those are not counted with the posts")
	b.now = start.Add(time.Hour)
	require.Zero(t, spend(posts))

	log, err := b.store.Calls(t.Context(), b.connector.platform, "1")
	require.NoError(t, err)
	stale := publish.CallLog{Rev: log.Rev - 1}
	done, err := b.store.SpendCall(t.Context(), b.connector.platform, "1", stale, publish.Call{Name: "post", At: b.now.UnixMilli()})
	require.NoError(t, err)
	require.False(t, done, "somebody else was faster")

	b.now = b.now.Add(publish.CallMemory + time.Second)
	require.Zero(t, spend(posts))
	log, err = b.store.Calls(t.Context(), b.connector.platform, "1")
	require.NoError(t, err)
	require.Len(t, log.Calls, 1, "what is old is forgotten")
}

func TestRivalsAreJobsWhoseCallNobodyKnows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var rivals []connector.Rival
	calls := func(lost bool) func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		return func(ctx context.Context, _ connector.Session, d connector.Draft, steps connector.Steps) (connector.Receipt, error) {
			_, err := steps.Do(ctx, connector.Step{Name: "post", Run: func(ctx context.Context) (connector.Values, error) {
				if _, err := d.Budgets.Spend(ctx, connector.Budget{Name: "post"}); err != nil {
					return nil, err
				}
				if lost {
					return nil, problem.New(problem.Transient, "The connection broke.")
				}
				return connector.Values{}, nil
			}})
			if err != nil {
				return connector.Receipt{}, err
			}
			return connector.Receipt{ExternalID: id()}, nil
		}
	}
	ask := func() []connector.Rival {
		b.connector.publish = func(ctx context.Context, _ connector.Session, d connector.Draft, _ connector.Steps) (connector.Receipt, error) {
			var err error
			rivals, err = d.Budgets.Rivals(ctx)
			return connector.Receipt{ExternalID: id()}, err
		}
		require.Equal(t, publish.Published, b.run(b.accept(publish.NewPost{})).Status)
		return rivals
	}
	b.connector.publish = calls(false)
	b.run(b.accept(publish.NewPost{Text: "known"}))
	require.Empty(t, ask())

	b.connector.publish = calls(true)
	first := b.run(b.accept(publish.NewPost{Text: "lost"}))
	require.Equal(t, []connector.Rival{{Kind: "text", Text: "lost"}}, ask())
	b.now, b.connector.publish = time.UnixMilli(first.NextAt), calls(true)
	require.Equal(t, publish.Held, b.run(first).Status, "there is no way to find it")
	require.Len(t, ask(), 1, "until a person has decided")
	_, err := b.service.ItIsThere(t.Context(), b.author(), first.ID, connector.Receipt{ExternalID: "x_1"})
	require.NoError(t, err)
	require.Empty(t, ask())

	// One that is being worked at may be between its call and what it writes down.
	b.connector.publish = func(ctx context.Context, _ connector.Session, d connector.Draft, _ connector.Steps) (connector.Receipt, error) {
		if _, err := d.Budgets.Spend(ctx, connector.Budget{Name: "post"}); err != nil {
			return connector.Receipt{}, err
		}
		require.Equal(t, []connector.Rival{{Kind: "text", Text: "busy"}}, ask())
		return connector.Receipt{ExternalID: id()}, nil
	}
	require.Equal(t, publish.Published, b.run(b.accept(publish.NewPost{Text: "busy"})).Status)
}
