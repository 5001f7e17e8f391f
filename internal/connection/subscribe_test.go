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

// telling is a platform that tells of what happens on an account only where it is asked to.
type telling struct {
	*rotating

	asked, ended int
	refuses      error
	sharing      []string // the accounts that are told of through the same subscription
}

func (p *telling) Subscribe(context.Context, connector.Session) error {
	p.asked++
	return p.refuses
}

func (p *telling) Unsubscribe(ctx context.Context, _ connector.Session, used func(context.Context, string) (bool, error)) error {
	for _, id := range p.sharing {
		if still, err := used(ctx, id); err != nil || still {
			return err
		}
	}
	p.ended++
	return p.refuses
}

func newTelling(t *testing.T) (*world, *telling) {
	t.Helper()
	w := newWorld(t)
	p := &telling{rotating: w.platform}
	w.pinger.Connectors = map[string]connector.Connector{"meta": p}
	return w, p
}

func TestWebhooksAreAskedForByTheFirstPingAndThenOnceADay(t *testing.T) {
	t.Parallel()
	w, p := newTelling(t)
	linked := w.now
	w.ping()
	require.Equal(t, linked, w.now, "at once")
	require.Equal(t, 1, p.asked)
	for w.now.Before(linked.Add(23 * time.Hour)) {
		w.ping()
	}
	require.Equal(t, 1, p.asked)
	w.ping()
	w.ping()
	require.Equal(t, 2, p.asked)
	w.link()
	w.ping()
	require.Equal(t, 3, p.asked, "a new consent may have brought the permission")
}

func TestWhoDoesNotHearIsToldWhyAndPublishesAllTheSame(t *testing.T) {
	t.Parallel()
	w, p := newTelling(t)
	p.refuses = problem.New(problem.PermissionMissing, "A permission was left out.")
	c := w.ping()
	require.Equal(t, connection.Healthy, c.Status)
	require.Empty(t, c.Reason)
	require.Contains(t, c.Unheard, "A permission was left out. ")
	require.Contains(t, c.Unheard, problem.Of(p.refuses).Action.Label)
	w.ping()
	require.Equal(t, 1, p.asked, "a person has to act")
	require.Equal(t, []string{connection.EventLinked}, w.trail())
	p.refuses = nil
	w.link()
	require.Empty(t, w.row().Unheard)
	require.Empty(t, w.ping().Unheard)
}

func TestAHiccupIsAskedAgainInAnHourAndSaysNothingWhereItWorkedBefore(t *testing.T) {
	t.Parallel()
	w, p := newTelling(t)
	p.refuses = problem.New(problem.PlatformDown, "Down.")
	require.Contains(t, w.ping().Unheard, "Down.", "it never worked")
	require.Contains(t, w.ping().Unheard, "Down.")
	require.Equal(t, 2, p.asked)
	p.refuses = nil
	require.Empty(t, w.ping().Unheard)
	worked := w.now
	p.refuses = problem.New(problem.PlatformDown, "Down.")
	for w.now.Before(worked.Add(26 * time.Hour)) {
		require.Empty(t, w.ping().Unheard)
	}
	require.Greater(t, p.asked, 4)
}

func TestNobodyIsAskedWithADeadToken(t *testing.T) {
	t.Parallel()
	w, p := newTelling(t)
	w.platform.forget(true, true)
	w.ping()
	require.Zero(t, p.asked)
}

func TestASubscriptionEndsWithTheLastWhoUsesTheAccount(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	p := &telling{rotating: l.platform, sharing: []string{"none of ours", "1"}}
	l.pinger.Connectors = map[string]connector.Connector{"meta": p}
	require.NoError(t, l.linkAs(l.other, id(), l.consent())) // by somebody else, in another workspace
	l.run(time.Second)
	require.Equal(t, 2, p.asked)

	l.disconnect(l.other)
	l.run(4 * time.Minute)
	require.Nil(t, l.at(l.other).Farewell)
	require.Zero(t, p.ended, "the other workspace uses the account")
	p.refuses = problem.New(problem.PlatformDown, "Down.")
	gone := l.disconnect(l.key)
	l.run(4 * time.Minute)
	require.Equal(t, 1, p.ended)
	require.Nil(t, l.at(l.key).Farewell, "a subscription that cannot be ended holds nothing back")
	require.False(t, l.sealed(gone))
}
