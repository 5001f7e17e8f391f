package connection_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
)

// crowd links accounts whose tokens live for two hours, all in one shard and due at the same moment.
func (w *world) crowd(n int) []connection.Key {
	w.t.Helper()
	w.platform.keepsOld = true
	w.platform.life = connector.Life{ExpiresAt: w.now.Add(2 * time.Hour), RenewUntil: w.now.Add(180 * day)}
	var all []connection.Key
	for len(all) < n {
		k := connection.Key{TenantID: "ten_" + id(), ID: "con_" + id()}
		if connection.ShardOf(k.ID) == connection.ShardName(0) {
			all = append(all, k)
		}
	}
	var work sync.WaitGroup
	for part := range 8 {
		work.Go(func() {
			for i := part; i < n; i += 8 {
				if err := w.linkAs(all[i], "", id()); err != nil {
					w.t.Error(err)
				}
			}
		})
	}
	work.Wait()
	return all
}

func (w *world) living(k connection.Key) connection.Living {
	w.t.Helper()
	c, found, err := w.store.Living(w.t.Context(), k)
	require.NoError(w.t, err)
	require.True(w.t, found)
	return c
}

// TestARunRenewsWhateverIsDue is about more of one shard than are read at a time, with one among them that somebody else
// is renewing.
func TestARunRenewsWhateverIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.crowd(110)
	w.now = w.now.Add(3 * day)
	w.platform.life = connector.Life{ExpiresAt: w.now.Add(2 * time.Hour), RenewUntil: w.now.Add(180 * day)}
	taken, claimed, err := w.store.ClaimRefresh(t.Context(), all[20], connection.Claim{Lease: id(), Now: w.now, Until: w.now.Add(time.Minute), Mark: id()})
	require.NoError(t, err)
	require.True(t, claimed)

	var runs sync.WaitGroup
	for range 2 { // the schedule may start it twice
		runs.Go(func() {
			_, err := w.renewer.Run(t.Context())
			if err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	require.Equal(t, len(all), w.platform.rotations, "each once, the world's own account too, and not the one that is held")
	minutes := map[int64]bool{}
	for i, k := range all {
		c := w.living(k)
		if i == 20 {
			require.Equal(t, taken.TokenVersion, c.TokenVersion, "it is the other's")
			require.Equal(t, taken.Lease, c.Lease)
			continue
		}
		require.Empty(t, c.Lease)
		in := time.UnixMilli(c.RefreshAt).Sub(w.now)
		require.GreaterOrEqual(t, in, 90*time.Minute)
		require.LessOrEqual(t, in, 96*time.Minute)
		minutes[int64(in/time.Minute)] = true
	}
	require.GreaterOrEqual(t, len(minutes), 6, "what was renewed together does not come up together")
	n, err := w.renewer.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n, "only the one that is held is still due")
}

func TestNothingIsBegunWhenLittleTimeIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = w.now.Add(3 * day)
	late, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for _, run := range []func(context.Context) (int, error){w.renewer.Run, w.pinger.Run} {
		n, err := run(late)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	require.Zero(t, w.platform.rotations)
	n, err := w.renewer.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n, "the next run goes on")
}

// TestARunPingsWhateverIsDue is the same for the pinger, which reads more at a time.
func TestARunPingsWhateverIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.crowd(105)
	n, err := w.pinger.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, len(all)+1, n)
	n, err = w.pinger.Run(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

// TestAPostOfNextWeekFindsALivingToken is about a token that ends after two hours, with nobody who looks at the account.
func TestAPostOfNextWeekFindsALivingToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.onRefresh = func() {
		w.platform.life = connector.Life{ExpiresAt: w.now.Add(2 * time.Hour), RenewUntil: w.now.Add(180 * day)}
	}
	c := w.refresh()
	for due := w.now.Add(7 * day); w.now.Before(due); {
		end := time.UnixMilli(c.ExpiresAt)
		w.now = time.UnixMilli(c.RefreshAt).Add(5 * time.Minute) // the schedule came just before
		require.GreaterOrEqual(t, end.Sub(w.now), 15*time.Minute)
		c = w.refresh()
	}
	require.True(t, w.works())
	require.Equal(t, connection.Healthy, c.Status)
	require.Greater(t, w.platform.rotations, 100)
}
