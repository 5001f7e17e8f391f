package connection_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

const day = 24 * time.Hour

func TestARenewedCredentialReplacesTheOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.row()
	after := w.refresh()
	require.NotEqual(t, before.TokenVersion, after.TokenVersion)
	require.Greater(t, after.TokenVersion, before.TokenVersion)
	require.Less(t, after.TokenVersion, id(), "a later consent always wins")
	require.True(t, w.works())
	require.Equal(t, connection.Healthy, after.Status)
	require.Equal(t, w.platform.life.ExpiresAt.UnixMilli(), after.ExpiresAt)
	require.Nil(t, after.Rotating)
	require.Empty(t, after.Lease)
	require.Equal(t, []string{connection.EventRenewed, connection.EventLinked}, w.trail())
	n, err := w.renewer.Run(t.Context())
	require.NoError(t, err)
	require.Zero(t, n, "it is not due any more")
}

func TestWhenTokensAreRenewed(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		life        connector.Life
		from, until time.Duration
	}{
		"an hour":            {connector.Life{ExpiresAt: time.Unix(0, 0).Add(time.Hour)}, 45 * time.Minute, 48 * time.Minute},
		"two hours":          {connector.Life{ExpiresAt: time.Unix(0, 0).Add(2 * time.Hour), RenewUntil: time.Unix(0, 0).Add(180 * day)}, 90 * time.Minute, 96 * time.Minute},
		"a day":              {connector.Life{ExpiresAt: time.Unix(0, 0).Add(day)}, 18 * time.Hour, 20 * time.Hour},
		"sixty days":         {connector.Life{ExpiresAt: time.Unix(0, 0).Add(60 * day)}, 53 * day, 53*day + 12*time.Hour},
		"no end":             {connector.Life{}, 7 * day, 8 * day},
		"the login's end":    {connector.Life{RenewUntil: time.Unix(0, 0).Add(60 * day)}, 53 * day, 53*day + 12*time.Hour},
		"the earlier counts": {connector.Life{ExpiresAt: time.Unix(0, 0).Add(day), RenewUntil: time.Unix(0, 0).Add(60 * day)}, 18 * time.Hour, 20 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.now = time.UnixMilli(w.row().RefreshAt)
			shift := func(at time.Time) time.Time {
				if at.IsZero() {
					return at
				}
				return at.Add(time.Duration(w.now.UnixNano()))
			}
			w.platform.life = connector.Life{ExpiresAt: shift(of.life.ExpiresAt), RenewUntil: shift(of.life.RenewUntil)}
			c := w.refresh()
			require.Equal(t, connection.Healthy, c.Status, "what Herald renews by itself is no news")
			in := time.UnixMilli(c.RefreshAt).Sub(w.now)
			require.GreaterOrEqual(t, in, of.from)
			require.LessOrEqual(t, in, of.until)
		})
	}
}

func TestThePersonIsToldBeforeRenewingEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, of := range []struct {
		left   time.Duration
		status connection.Status
	}{{8 * day, connection.Healthy}, {6*day + 12*time.Hour, connection.Healthy}, {5 * day, connection.Expiring}} {
		w.platform.onRefresh = func() {
			w.platform.life = connector.Life{ExpiresAt: w.now.Add(2 * time.Hour), RenewUntil: w.now.Add(of.left)}
		}
		c := w.refresh()
		require.Equal(t, of.status, c.Status, "%s", of.left)
		if of.status == connection.Expiring {
			require.Contains(t, c.Reason, "can renew")
			require.Equal(t, problem.ActReconnect, c.Action.Kind)
		}
	}
}

func TestRefreshesAreSpread(t *testing.T) {
	t.Parallel()
	seen := map[int64]bool{}
	for range 50 {
		c := connection.Connection{ID: "con_" + id(), UpdatedAt: 1_764_000_000_000}
		at := connection.FirstRefresh(c)
		require.Equal(t, at, connection.FirstRefresh(c), "the same for the same connection")
		seen[at] = true
	}
	require.Greater(t, len(seen), 40)
}

// TestWhatAFailedRefreshMeans: only the platform's own refusal says something about a token, and not even that as long
// as the token works.
func TestWhatAFailedRefreshMeans(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		breaks func(*rotating)
		status connection.Status
		action problem.ActionKind
		again  time.Duration // at most until the next try; 0 = none
	}{
		"a server error": {func(p *rotating) { p.down = problem.New(problem.Transient, "Hiccup.") }, connection.Healthy, problem.ActNone, 6 * time.Minute},
		"an outage":      {func(p *rotating) { p.down = problem.New(problem.PlatformDown, "Down.") }, connection.Healthy, problem.ActNone, 6 * time.Minute},
		"a throttle": {func(p *rotating) {
			e := problem.New(problem.RateLimited, "Slow down.")
			e.RetryAfter = time.Hour
			p.down = e
		}, connection.Healthy, problem.ActNone, time.Hour},
		"an unknown code":         {func(p *rotating) { p.down = problem.New(problem.Unclassified, "What?") }, connection.Healthy, problem.ActNone, 6 * time.Minute},
		"no error of ours":        {func(p *rotating) { p.down = errors.New("reset") }, connection.Healthy, problem.ActNone, 6 * time.Minute},
		"refused, but it works":   {func(p *rotating) { p.forget(false, true) }, connection.Expiring, problem.ActReconnect, 26 * time.Hour},
		"refused, and it is dead": {func(p *rotating) { p.forget(true, true) }, connection.Blocked, problem.ActReconnect, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			of.breaks(w.platform)
			c := w.refresh()
			require.Equal(t, of.status, c.Status)
			require.Empty(t, c.Lease)
			if of.status != connection.Healthy {
				require.Equal(t, of.action, c.Action.Kind)
				require.Contains(t, c.Reason, "does not renew")
			}
			if of.again == 0 {
				require.Zero(t, c.RefreshAt)
				return
			}
			in := time.UnixMilli(c.RefreshAt).Sub(w.now)
			require.Positive(t, in)
			require.LessOrEqual(t, in, of.again)
			w.platform.down = nil
			if of.status != connection.Healthy {
				w.link() // the person connects again
			}
			require.Equal(t, connection.Healthy, w.refresh().Status)
		})
	}
}

// dying is a sealer or a store that ends the process's work at one place.
type dying struct {
	connection.RefreshStore
	inner  vault.Sealer
	sealed bool // seal before dying
}

var errDied = errors.New("the process died here")

func (d dying) Seal(ctx context.Context, ref vault.Ref, c connector.Credential, ttl time.Time) error {
	if !d.sealed {
		return errDied
	}
	return d.inner.Seal(ctx, ref, c, ttl)
}

func (d dying) FinishRefresh(context.Context, connection.Outcome) error { return errDied }

func TestACrashAfterTheRotation(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		keepsOld, sealed bool
		status           connection.Status
	}{
		"nothing saved, the old token works":      {true, false, connection.Healthy},
		"nothing saved, the old token is dead":    {false, false, connection.Blocked},
		"sealed but not in use, the old one dead": {false, true, connection.Healthy},
		"sealed but not in use, the old one good": {true, true, connection.Healthy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.platform.keepsOld = of.keepsOld
			good := *w.renewer
			d := dying{RefreshStore: w.store, inner: w.sealer(), sealed: of.sealed}
			w.renewer.Store, w.renewer.Sealer = d, d
			w.now = time.UnixMilli(w.row().RefreshAt)
			_, err := w.renewer.Run(t.Context())
			require.ErrorIs(t, err, errDied)
			require.NotNil(t, w.row().Rotating, "it was written down before")

			w.renewer = &good
			n, err := w.renewer.Run(t.Context())
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.Equal(t, 1, w.platform.rotations, "the dead one's lease is respected")

			w.now = w.now.Add(2 * time.Minute)
			c := w.refresh()
			require.Equal(t, of.status, c.Status, c.Reason)
			if of.status == connection.Blocked {
				require.Contains(t, c.Reason, "interrupted")
				require.Equal(t, problem.ActReconnect, c.Action.Kind)
				return
			}
			require.True(t, w.works())
			require.Nil(t, c.Rotating)
		})
	}
}

func TestATransientFailureKeepsTheMark(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.down = problem.New(problem.Transient, "No answer.") // it may have rotated
	require.NotNil(t, w.refresh().Rotating)
	w.platform.down = nil
	require.Nil(t, w.refresh().Rotating)
	require.True(t, w.works())
}

func TestOfManyRefreshersOneRotates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	version := w.row().TokenVersion
	var wg sync.WaitGroup
	waits := make(chan error, 8)
	w.platform.onRefresh = func() {
		// While one is at the platform, the others come.
		w.platform.onRefresh = nil
		for range 8 {
			wg.Go(func() { waits <- w.renewer.Renew(t.Context(), w.key.TenantID, w.key.ID, version, errors.New("x")) })
		}
		wg.Wait()
	}
	require.NoError(t, w.renewer.Renew(t.Context(), w.key.TenantID, w.key.ID, version, errors.New("x")))
	close(waits)
	for err := range waits {
		var wait *connector.WaitError
		require.ErrorAs(t, err, &wait)
	}
	require.Equal(t, 1, w.platform.rotations)
	require.NoError(t, w.renewer.Renew(t.Context(), w.key.TenantID, w.key.ID, version, errors.New("x")), "somebody has renewed that one")
	require.Equal(t, 1, w.platform.rotations)
	require.True(t, w.works())
}

func TestAReconnectDuringARefreshWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.keepsOld = true
	version := ""
	w.platform.onRefresh = func() {
		w.platform.onRefresh = nil
		w.link()
		version = w.row().TokenVersion
	}
	c := w.refresh()
	require.Equal(t, version, c.TokenVersion)
	require.True(t, w.works())
}

func TestADisconnectedAccountIsNeitherRenewedNorPinged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.store.Disconnect(t.Context(), w.key.TenantID, w.key.ID, w.event()))
	w.now = w.now.Add(100 * day)
	n, err := w.renewer.Run(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = w.pinger.Run(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestADisconnectDuringARefreshStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.onRefresh = func() {
		require.NoError(t, w.store.Disconnect(t.Context(), w.key.TenantID, w.key.ID, w.event()))
	}
	require.Equal(t, connection.Disconnected, w.refresh().Status)
}

func TestAFaultOfTheOperatorEndsNoAccessAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.row()
	w.platform.down = operatorFault()
	c := w.refresh()
	require.Equal(t, connection.Healthy, c.Status)
	require.Empty(t, c.Refused)
	require.Equal(t, before.TokenVersion, c.TokenVersion)
	require.NotZero(t, c.RefreshAt)
	require.Equal(t, 1, w.operator.n)
	w.platform.down = nil
	require.NotEqual(t, before.TokenVersion, w.refresh().TokenVersion)
}
