package publish_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// another links a second account of the same tenant with the first one's credential.
func (b *bench) another() string {
	b.t.Helper()
	first := b.conn
	b.conn = "con_" + id()
	b.link(b.sealer)
	second := b.conn
	b.conn = first
	return second
}

func (b *bench) acceptFor(conn string) publish.Job {
	b.t.Helper()
	p, _, err := b.service.Accept(b.t.Context(), b.author(), id(), publish.NewPost{Text: "hello", Targets: []publish.Target{{ConnectionID: conn}}})
	require.NoError(b.t, err)
	return p.Jobs[0]
}

func TestAThrottledAccountIsLeftAloneAndOthersGoOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	second := b.another()
	e := problem.New(problem.RateLimited, "Slow down.")
	e.RetryAfter = 19 * time.Minute
	b.fails(e)
	require.Equal(t, publish.Waiting, b.run(b.acceptFor(b.conn)).Status)
	b.fails(nil)
	b.now = b.now.Add(time.Minute)
	waiting := b.run(b.acceptFor(b.conn))
	require.Equal(t, publish.Waiting, waiting.Status, "another job of the account does not call")
	require.Zero(t, waiting.Attempts)
	require.Equal(t, publish.Published, b.run(b.acceptFor(second)).Status)
	b.now = time.UnixMilli(waiting.NextAt)
	require.Equal(t, publish.Published, b.run(waiting).Status)
}

// Instagram has been seen to suspect a post of spam and to publish it all the same.
func TestALivePostMayQuietItsAccount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	second := b.another()
	e := problem.New(problem.PolicyBlocked, "It is suspected of spam.")
	e.RetryAfter = 4 * time.Hour
	b.live("1_2", e)
	first := b.run(b.acceptFor(b.conn))
	require.Equal(t, publish.Published, first.Status)
	require.Equal(t, "1_2", first.Receipt.ExternalID)
	require.Equal(t, problem.PolicyBlocked, first.Problem.Class)
	require.Equal(t, "The post is live. It is suspected of spam.", first.Problem.Message)
	require.Equal(t, connection.Healthy, b.status(), "nothing to do for a person")

	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		return connector.Receipt{ExternalID: id()}, nil
	}
	b.now = b.now.Add(time.Minute)
	waiting := b.run(b.acceptFor(b.conn))
	require.Equal(t, publish.Waiting, waiting.Status)
	require.Zero(t, waiting.Attempts)
	require.Equal(t, publish.Published, b.run(b.acceptFor(second)).Status, "another account goes on")
	b.now = time.UnixMilli(waiting.NextAt)
	require.WithinDuration(t, time.UnixMilli(first.PublishedAt).Add(4*time.Hour), b.now, time.Second)
	require.Equal(t, publish.Published, b.run(waiting).Status)
}

func TestALimitOfOneKindLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account := page()
	account.Posts = append(account.Posts, connector.PostKind{Kind: "note", Title: "Note", Text: account.Posts[0].Text})
	b.service.Infos = map[string]connector.Info{b.connector.platform: {Platform: b.connector.platform, Accounts: []connector.AccountKind{account}}}
	full := problem.New(problem.RateLimited, "No more notes today.")
	full.RetryAfter, full.Scope = time.Hour, problem.ScopeKind
	b.connector.publish = func(_ context.Context, _ connector.Session, d connector.Draft, _ connector.Steps) (connector.Receipt, error) {
		if d.Kind == "note" {
			return connector.Receipt{}, full
		}
		return connector.Receipt{ExternalID: id()}, nil
	}
	note := func() publish.Job {
		p, _, err := b.service.Accept(t.Context(), b.author(), id(), publish.NewPost{Text: "hello", Targets: []publish.Target{{ConnectionID: b.conn, Kind: "note"}}})
		require.NoError(t, err)
		return p.Jobs[0]
	}
	first := b.run(note())
	require.Equal(t, publish.Waiting, first.Status)
	full.RetryAfter = 2 * time.Minute // a shorter pause does not shorten the longer one
	second := b.run(note())
	require.Equal(t, first.NextAt, second.NextAt, "it does not ask")
	require.Zero(t, second.Attempts)
	require.Equal(t, publish.Published, b.run(b.acceptFor(b.conn)).Status, "a text goes out meanwhile")

	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		return connector.Receipt{ExternalID: id()}, nil
	}
	b.now = time.UnixMilli(second.NextAt)
	require.Equal(t, publish.Published, b.run(second).Status)
}

func TestAThrottledAppStopsEverything(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	second := b.another()
	e := problem.New(problem.RateLimited, "Slow down.")
	e.RetryAfter, e.Scope = 10*time.Minute, problem.ScopeApp
	b.fails(e)
	b.run(b.acceptFor(b.conn))
	b.fails(nil)
	waiting := b.run(b.acceptFor(second))
	require.Equal(t, publish.Waiting, waiting.Status)
	b.now = time.UnixMilli(waiting.NextAt)
	require.Equal(t, publish.Published, b.run(waiting).Status)
}

func TestANearlyUsedBudgetIsSpread(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var percent string
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Account", percent) }))
	t.Cleanup(platform.Close)
	b.connector.publish = func(ctx context.Context, s connector.Session, _ connector.Draft, _ connector.Steps) (connector.Receipt, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, platform.URL, http.NoBody)
		require.NoError(t, err)
		resp, err := s.HTTP.Do(r)
		require.NoError(t, err)
		return connector.Receipt{ExternalID: id()}, resp.Body.Close()
	}
	percent = "79"
	require.Equal(t, publish.Published, b.run(b.acceptFor(b.conn)).Status)
	percent = "90"
	require.Equal(t, publish.Published, b.run(b.acceptFor(b.conn)).Status, "79 percent slows nobody down")
	waiting := b.run(b.acceptFor(b.conn))
	require.Equal(t, publish.Waiting, waiting.Status)
	pause := time.UnixMilli(waiting.NextAt).Sub(b.now)
	require.Greater(t, pause, 30*time.Second)
	require.Less(t, pause, 2*time.Minute)
}

func TestTheBreakerOpensForADeadPlatformAndClosesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	calls := 0
	down := true
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		calls++
		if down {
			return connector.Receipt{}, problem.New(problem.PlatformDown, "Away.")
		}
		return connector.Receipt{ExternalID: id()}, nil
	}
	for range 5 {
		require.Equal(t, 1, b.run(b.acceptFor(b.conn)).Attempts)
	}
	spared := b.run(b.acceptFor(b.conn))
	require.Equal(t, publish.Waiting, spared.Status)
	require.Zero(t, spared.Attempts, "the sixth job does not call")
	require.Equal(t, 5, calls)
	down = false
	b.now = time.UnixMilli(spared.NextAt)
	require.Equal(t, publish.Published, b.run(spared).Status)
	h, err := b.store.PlatformHealth(t.Context(), b.connector.platform)
	require.NoError(t, err)
	require.Zero(t, h.Failures)
	require.Equal(t, connection.Healthy, b.status())
}

func (b *bench) status() connection.Status {
	b.t.Helper()
	c, _, err := b.store.Connection(b.t.Context(), b.tenant, b.conn)
	require.NoError(b.t, err)
	return c.Status
}
