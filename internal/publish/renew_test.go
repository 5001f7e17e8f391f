package publish_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// renewing is a scripted platform whose tokens can be renewed.
type renewing struct {
	*scripted
	refresh func() (connector.Renewal, error)
	ping    error
	calls   int
}

func (r *renewing) Refresh(context.Context, connector.Session) (connector.Renewal, error) {
	r.calls++
	return r.refresh()
}

func (r *renewing) Ping(context.Context, connector.Session) error { return r.ping }

// refuses makes the platform refuse every token but the good one, after a step that it has taken.
func (b *bench) refuses(good string) (r *renewing, uploads *int) {
	b.t.Helper()
	r = &renewing{scripted: b.connector, ping: problem.New(problem.AuthExpired, "The token has ended.")}
	uploads = new(int)
	b.connector.publish = func(ctx context.Context, s connector.Session, _ connector.Draft, steps connector.Steps) (connector.Receipt, error) {
		_, err := steps.Do(ctx, connector.Step{Name: "upload", Run: func(context.Context) (connector.Values, error) {
			*uploads++
			return connector.Values{}, nil
		}})
		if err != nil {
			return connector.Receipt{}, err
		}
		v, err := steps.Do(ctx, connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) {
			if s.Credential.Access.Reveal() != good {
				return nil, problem.New(problem.AuthExpired, "The token has ended.")
			}
			return connector.Values{"id": "1_2"}, nil
		}})
		return connector.Receipt{ExternalID: v["id"]}, err
	}
	renewer, ok := b.runner.Renewer.(*connection.Renewer)
	require.True(b.t, ok)
	renewer.Connectors[b.connector.platform] = r
	return r, uploads
}

func TestAnEndedTokenIsRenewedAndThePostGoesOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	platform, uploads := b.refuses("fresh")
	platform.refresh = func() (connector.Renewal, error) {
		return connector.Renewal{Credential: connector.Credential{Access: connector.NewSecret("fresh")}}, nil
	}
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Published, j.Status, "%+v", j.Problem)
	require.Equal(t, 1, j.Attempts, "it was one attempt")
	require.Equal(t, 1, platform.calls)
	require.Equal(t, 1, *uploads, "what was done is not done again")
	c, _, err := b.store.Connection(t.Context(), b.tenant, b.conn)
	require.NoError(t, err)
	require.Equal(t, connection.Healthy, c.Status)
	require.Equal(t, c.TokenVersion, j.Account.TokenVersion)
}

func TestAPostIsParkedWhenThePlatformDoesNotRenew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	platform, _ := b.refuses("none")
	platform.refresh = func() (connector.Renewal, error) {
		return connector.Renewal{}, problem.New(problem.AuthRevoked, "Herald was removed.")
	}
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Blocked, j.Status)
	require.Equal(t, "Herald was removed.", j.Problem.Message)
	c, _, err := b.store.Connection(t.Context(), b.tenant, b.conn)
	require.NoError(t, err)
	require.Equal(t, connection.Blocked, c.Status)
	require.Equal(t, "Herald was removed.", c.Reason)
	require.Equal(t, problem.ActReconnect, c.Action.Kind)
}

func TestATokenIsRenewedOnceForAnAttempt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	platform, _ := b.refuses("none")
	platform.refresh = func() (connector.Renewal, error) {
		return connector.Renewal{Credential: connector.Credential{Access: connector.NewSecret("also bad")}}, nil
	}
	require.Equal(t, publish.Blocked, b.run(b.accept(publish.NewPost{})).Status)
	require.Equal(t, 1, platform.calls)
}

func TestTroubleWhileRenewingIsNoDeadToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	platform, _ := b.refuses("fresh")
	platform.refresh = func() (connector.Renewal, error) {
		return connector.Renewal{}, problem.New(problem.PlatformDown, "The platform is down.")
	}
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Waiting, j.Status)
	c, _, err := b.store.Connection(t.Context(), b.tenant, b.conn)
	require.NoError(t, err)
	require.Equal(t, connection.Healthy, c.Status)

	platform.refresh = func() (connector.Renewal, error) {
		return connector.Renewal{Credential: connector.Credential{Access: connector.NewSecret("fresh")}}, nil
	}
	b.now = time.UnixMilli(j.NextAt)
	require.Equal(t, publish.Published, b.run(j).Status)
}

func TestAPostWaitsWhileAnotherRenews(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	platform, _ := b.refuses("fresh")
	platform.refresh = func() (connector.Renewal, error) { return connector.Renewal{}, problem.New(problem.Transient, "never") }
	c, _, err := b.store.Connection(t.Context(), b.tenant, b.conn)
	require.NoError(t, err)
	_, claimed, err := b.store.ClaimRefresh(t.Context(), c.Key(), connection.Claim{
		Lease: id(), Mark: id(), Now: b.now, Until: b.now.Add(time.Minute), Version: c.TokenVersion,
	})
	require.NoError(t, err)
	require.True(t, claimed)
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Waiting, j.Status)
	require.Zero(t, j.Attempts, "waiting is not an attempt")
	require.Zero(t, platform.calls)
}

func TestWhatWaitedTooLongDoesNotGoOutByItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fails(problem.New(problem.AuthRevoked, "Access was taken back."))
	early, late := b.accept(publish.NewPost{}), b.accept(publish.NewPost{})
	early = b.run(early)
	b.now = b.now.Add(20 * time.Hour)
	b.link(b.sealer)
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		return connector.Receipt{ExternalID: id()}, nil
	}
	require.Equal(t, publish.Published, b.run(early).Status, "a healed account's job looks for itself")

	b.fails(problem.New(problem.AuthRevoked, "Access was taken back."))
	require.Equal(t, publish.Blocked, b.run(late).Status)
	b.now = b.now.Add(20 * time.Hour)
	b.link(b.sealer)
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		require.Fail(t, "it is 40 hours late")
		return connector.Receipt{}, nil
	}
	j := b.run(late)
	require.Equal(t, publish.Failed, j.Status)
	require.Equal(t, "too_late", j.Problem.Code)
	require.Equal(t, problem.ActRetry, j.Problem.Action.Kind)
	require.Empty(t, b.dead(), "nothing is broken: no operator has to look")
}
