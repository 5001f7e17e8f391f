package connection_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// still is a platform that tells how long a token lives and cannot renew it.
type still struct {
	connector.Connector
	life connector.Life
}

func (p still) Inspect(context.Context, connector.Session) (connector.Life, error) {
	return p.life, nil
}

func TestEveryPingIsOnTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ping()
	w.platform.down = problem.New(problem.PlatformDown, "Down.")
	w.ping()
	log, err := w.store.HealthLog(t.Context(), w.key.TenantID, w.key.ID, 10)
	require.NoError(t, err)
	require.Len(t, log, 2)
	require.False(t, log[0].OK)
	require.Equal(t, problem.PlatformDown, log[0].Class)
	require.True(t, log[1].OK)
	require.Equal(t, w.now.Add(connection.HealthLife).Unix(), log[0].TTL)
	log, err = w.store.HealthLog(t.Context(), "ten_other", w.key.ID, 10)
	require.NoError(t, err)
	require.Empty(t, log, "another tenant's log is not there")
}

func TestAnAccountIsPingedAtOnceAndThenOnceAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	linked := w.now
	w.ping()
	require.Equal(t, linked, w.now)
	for range 3 {
		c := w.ping()
		require.Equal(t, w.now.Add(time.Hour).UnixMilli(), c.PingAt)
	}
}

func TestTroubleOfThePlatformIsNoDeadToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.down = problem.New(problem.PlatformDown, "The platform is down.")
	require.Empty(t, w.ping().Reason, "one failure is no news")
	for range 5 {
		c := w.ping()
		require.Equal(t, connection.Healthy, c.Status)
		require.Equal(t, "The platform is down.", c.Reason)
	}
	w.platform.down = nil
	c := w.ping()
	require.Equal(t, connection.Healthy, c.Status)
	require.Empty(t, c.Reason)
	require.Equal(t, []string{connection.EventLinked}, w.trail(), "the status never changed")
}

func TestAThrottleIsNoFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.down = problem.New(problem.RateLimited, "Slow down.")
	w.ping()
	require.Zero(t, w.ping().PingFailures)
}

func TestTwoRefusalsBlockAndOneSuccessHeals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.down = problem.New(problem.AuthRevoked, "It was taken back.")
	c := w.ping()
	require.Equal(t, connection.Healthy, c.Status)
	require.Less(t, time.UnixMilli(c.PingAt).Sub(w.now), 10*time.Minute, "it is asked again soon")
	c = w.ping()
	require.Equal(t, connection.Blocked, c.Status)
	require.Equal(t, "It was taken back.", c.Reason)
	require.Equal(t, problem.ActReconnect, c.Action.Kind)
	require.Zero(t, c.RefreshAt, "what is dead is not renewed")
	w.platform.down = nil
	c = w.ping()
	require.Equal(t, connection.Healthy, c.Status)
	require.Empty(t, c.Reason)
	require.NotZero(t, c.RefreshAt)
	require.Equal(t, []string{connection.EventWorks, connection.EventBlocked, connection.EventLinked}, w.trail())
}

func TestAFailureBetweenTwoRefusalsDecidesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.down = problem.New(problem.AuthRevoked, "It was taken back.")
	w.ping()
	w.platform.down = problem.New(problem.Transient, "Hiccup.")
	require.Equal(t, connection.Healthy, w.ping().Status)
	w.platform.down = nil
	w.ping()
	w.platform.down = problem.New(problem.AuthRevoked, "It was taken back.")
	require.Equal(t, connection.Healthy, w.ping().Status, "a success in between begins the count anew")
}

func TestAnEndedTokenIsRenewedBeforeThePersonHearsOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.forget(true, false)
	c := w.ping()
	require.Equal(t, w.now.UnixMilli(), c.RefreshAt)
	require.Equal(t, connection.Healthy, w.refresh().Status)
	c = w.ping()
	require.Equal(t, connection.Healthy, c.Status)
	require.Zero(t, c.PingRefusals)
}

func TestAPingDoesNotHealWhatAnotherHasBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.forget(true, true)
	require.Equal(t, connection.Blocked, w.refresh().Status)
	w.platform.answers = true
	c := w.ping()
	require.Zero(t, c.PingFailures)
	require.Equal(t, connection.Blocked, c.Status)
}

func TestAPingOfAReplacedTokenSaysNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.down = problem.New(problem.AuthRevoked, "It was taken back.")
	before := w.ping()
	w.now = time.UnixMilli(before.PingAt)
	late := before // another pinger has read the row before the person connects again
	w.platform.down = nil
	w.link()
	after := late
	after.Status, after.PingAt = connection.Blocked, late.PingAt+1
	require.ErrorIs(t, w.store.RecordPing(t.Context(), late, after, nil, nil), connection.ErrLost)
	require.Equal(t, connection.Healthy, w.row().Status)
}

func TestAnEndThatIsNearIsSaid(t *testing.T) {
	t.Parallel()
	for name, life := range map[string]func(now time.Time) connector.Life{
		"of the access": func(now time.Time) connector.Life { return connector.Life{ExpiresAt: now.Add(6 * day)} },
		"of the data":   func(now time.Time) connector.Life { return connector.Life{DataUntil: now.Add(6 * day)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			end := w.now.Add(6 * day)
			w.pinger.Connectors = map[string]connector.Connector{"meta": still{w.platform, life(w.now)}}
			c := w.ping() // moves the clock, over midnight perhaps
			require.Equal(t, connection.Expiring, c.Status)
			require.Contains(t, c.Reason, end.UTC().Format("2 January 2006"))
			require.Equal(t, problem.ActReconnect, c.Action.Kind)
			require.Equal(t, []string{connection.EventExpiring, connection.EventLinked}, w.trail())
		})
	}
}

// The app's secret was changed, say: every account is refused, and none of them is to blame.
func TestAFaultOfTheOperatorLeavesTheAccountAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform.down = operatorFault()
	for n := range 4 {
		c := w.ping()
		require.Equal(t, connection.Healthy, c.Status)
		require.Empty(t, c.Reason, "nobody is asked to reconnect")
		require.Zero(t, c.PingFailures)
		require.Equal(t, n+1, w.operator.n, "the operator is told each time")
	}
	log, err := w.store.HealthLog(t.Context(), w.key.TenantID, w.key.ID, 1)
	require.NoError(t, err)
	require.Equal(t, connection.OperatorFault, log[0].Class)
	require.Contains(t, log[0].Words(), "operator must act")
	require.Equal(t, []string{connection.EventLinked}, w.trail())
}
