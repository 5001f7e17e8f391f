package connection_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/loan"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/vault"
	"github.com/herald-publishing/herald/internal/webhook"
)

// taking is a platform that takes access back.
type taking struct {
	*rotating
	byHand   bool // only a person can end the access
	revoked  int
	fails    error
	onRevoke func()
}

func (p *taking) Info() connector.Info {
	return connector.Info{Platform: "meta", Logins: []connector.Login{{ID: "one", Revokes: !p.byHand, RemoveURL: "https://platform.example/apps"}}}
}

func (p *taking) Revoke(context.Context, connector.Session) error {
	if p.onRevoke != nil {
		p.onRevoke()
	}
	p.revoked++
	return p.fails
}

// leaving is a world with two workspaces whose accounts stand on one person's grant.
type leaving struct {
	*world
	taking *taking
	person string
	other  connection.Key
}

func newLeaving(t *testing.T) *leaving {
	t.Helper()
	w := newWorld(t)
	l := &leaving{world: w, taking: &taking{rotating: w.platform}, person: id(), other: connection.Key{TenantID: "ten_" + id(), ID: "con_" + id()}}
	w.pinger.Connectors = map[string]connector.Connector{"meta": l.taking}
	require.NoError(t, l.linkAs(l.key, l.person, l.consent()))
	require.NoError(t, l.linkAs(l.other, l.person, l.consent()))
	return l
}

// consent is the version of a consent that is given now, on the test's clock.
func (l *leaving) consent() string {
	l.now = l.now.Add(time.Second)
	return strings.ToLower(ulid.MustNew(ulid.Timestamp(l.now), ulid.DefaultEntropy()).String())
}

func (l *leaving) disconnect(k connection.Key) connection.Living {
	l.t.Helper()
	s := connection.Service{Store: l.store, Now: func() time.Time { return l.now }, NewID: id, Log: slog.New(slog.DiscardHandler)}
	for range 2 {
		require.NoError(l.t, s.Disconnect(l.t.Context(), k.TenantID, k.ID, "mem_x"))
	}
	return l.at(k)
}

func (l *leaving) at(k connection.Key) connection.Living {
	l.t.Helper()
	c, found, err := l.store.Living(l.t.Context(), k)
	require.NoError(l.t, err)
	require.True(l.t, found)
	return c
}

// run moves the clock by d and runs the pinger.
func (l *leaving) run(d time.Duration) {
	l.t.Helper()
	l.now = l.now.Add(d)
	_, err := l.pinger.Run(l.t.Context())
	require.NoError(l.t, err)
}

func (l *leaving) sealed(c connection.Living) bool {
	l.t.Helper()
	_, found, err := l.store.Sealed(l.t.Context(), vault.Ref{Tenant: c.TenantID, Connection: c.ID, Version: c.TokenVersion})
	require.NoError(l.t, err)
	return found
}

// said is the newest line of a connection's trail.
func (l *leaving) said(k connection.Key) (kind, message string) {
	l.t.Helper()
	rows, err := l.store.AuditTrail(l.t.Context(), k.TenantID, k.ID, "", 50)
	require.NoError(l.t, err)
	return rows[0].Kind, rows[0].Message
}

func TestOnlyTheLastAccountOfAPersonGivesTheAccessBack(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	first := l.disconnect(l.key)
	l.run(time.Minute)
	require.True(t, l.sealed(first), "a publisher that has begun comes to its end")
	l.run(3 * time.Minute)
	require.False(t, l.sealed(first))
	require.Zero(t, l.taking.revoked, "another workspace's account lives on the same grant")
	kind, message := l.said(l.key)
	require.Equal(t, connection.EventForgotten, kind)
	require.Contains(t, message, "Other linked accounts")

	second := l.disconnect(l.other)
	l.run(4 * time.Minute)
	require.Equal(t, 1, l.taking.revoked)
	require.False(t, l.sealed(second))
	kind, _ = l.said(l.other)
	require.Equal(t, connection.EventRevoked, kind)
	require.Nil(t, l.at(l.other).Farewell)
	l.run(25 * time.Hour)
	require.Equal(t, 1, l.taking.revoked)
}

func TestLinkingAgainEndsAFarewell(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.disconnect(l.key)
	l.disconnect(l.other)
	require.NoError(t, l.linkAs(l.key, l.person, l.consent()))
	l.run(4 * time.Minute)
	require.Zero(t, l.taking.revoked)
	require.True(t, l.works())
	require.False(t, l.sealed(l.at(l.other)))
}

// late lets something happen between the look at who stands on a grant and the claim.
type late struct {
	*store.Store
	meanwhile func()
}

func (s late) Grantees(ctx context.Context, p connection.Person) ([]connection.Key, int64, error) {
	all, mark, err := s.Store.Grantees(ctx, p)
	s.meanwhile()
	return all, mark, err
}

func TestAnAccountThatIsLinkedAtTheLastMomentKeepsTheAccess(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.disconnect(l.key)
	l.disconnect(l.other)
	third := connection.Key{TenantID: "ten_" + id(), ID: "con_" + id()}
	done := false
	l.pinger.Store = late{l.store, func() {
		if !done {
			done = true
			require.NoError(t, l.linkAs(third, l.person, l.consent()))
		}
	}}
	l.run(4 * time.Minute)
	l.run(4 * time.Minute)
	require.True(t, done)
	require.Zero(t, l.taking.revoked)
	require.False(t, l.sealed(l.at(l.key)))
	require.False(t, l.sealed(l.at(l.other)))
	require.Equal(t, connection.Healthy, l.at(third).Status)
}

func TestNobodyLinksWhileTheAccessIsGivenBack(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.disconnect(l.other)
	l.run(4 * time.Minute)
	l.disconnect(l.key)
	before := l.consent()
	third := connection.Key{TenantID: "ten_" + id(), ID: "con_" + id()}
	l.taking.onRevoke = func() {
		require.Equal(t, problem.Conflict, problem.ClassOf(l.linkAs(third, l.person, l.consent())), "while it is under way")
	}
	l.run(4 * time.Minute)
	require.Equal(t, 1, l.taking.revoked)
	require.Equal(t, problem.Conflict, problem.ClassOf(l.linkAs(third, l.person, before)), "a consent that was taken back with it")
	require.NoError(t, l.linkAs(third, l.person, l.consent()), "a new consent")
	require.NoError(t, l.linkAs(l.key, l.person, l.consent()))
}

func TestTheCredentialGoesWithinADayWhateverThePlatformSays(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.disconnect(l.other)
	gone := l.disconnect(l.key)
	l.taking.fails = problem.New(problem.PlatformDown, "Down.")
	for range 26 {
		l.run(time.Hour)
		if l.at(l.key).Farewell == nil {
			break
		}
		require.True(t, l.sealed(gone), "without it nothing can be given back")
	}
	require.Greater(t, l.taking.revoked, 10)
	require.False(t, l.sealed(gone))
	kind, message := l.said(l.key)
	require.Equal(t, connection.EventForgotten, kind)
	require.Contains(t, message, "within a day")
	require.Contains(t, message, "https://platform.example/apps")
	require.LessOrEqual(t, l.now.Sub(time.UnixMilli(gone.UpdatedAt)), 25*time.Hour)
}

func TestAPersonIsToldWhereToEndWhatHeraldCannot(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.taking.byHand = true
	l.disconnect(l.other)
	gone := l.disconnect(l.key)
	l.run(4 * time.Minute)
	require.Zero(t, l.taking.revoked)
	require.False(t, l.sealed(gone))
	_, message := l.said(l.key)
	require.Contains(t, message, "https://platform.example/apps")
}

func TestADeadCredentialIsNotTriedForADay(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.disconnect(l.other)
	l.run(4 * time.Minute)
	gone := l.disconnect(l.key)
	l.taking.fails = problem.New(problem.AuthExpired, "The token has ended.")
	l.run(4 * time.Minute)
	require.False(t, l.sealed(gone))
	_, message := l.said(l.key)
	require.Contains(t, message, "The token has ended.")
}

// lent has the platform say something about an account, and a file lent for it.
func (l *leaving) lent(k connection.Key) loan.Key {
	l.t.Helper()
	ctx := l.t.Context()
	require.NoError(l.t, l.store.KeepOffer(ctx, k.TenantID, k.ID, connector.Offer{}, l.now))
	require.NoError(l.t, l.store.KeepTold(ctx, webhook.Event{
		TenantID: k.TenantID, ConnectionID: k.ID, ID: "whe_1", At: l.now.UnixMilli(), Post: &connector.PostChange{Reference: "ref_1"},
	}, l.now))
	key := loan.Key{Tenant: k.TenantID, Connection: k.ID, Job: "pst_1." + k.ID, Name: "init#1"}
	_, err := loan.Lender{Store: l.store, Now: func() time.Time { return l.now }}.Lend(ctx, key, loan.File{ID: "med_1", Name: "kim.jpg"})
	require.NoError(l.t, err)
	return key
}

// known tells which of the three are still there.
func (l *leaving) known(k connection.Key, lent loan.Key) (offer, told, open bool) {
	l.t.Helper()
	offers, err := l.store.Offers(l.t.Context(), k.TenantID, []string{k.ID})
	require.NoError(l.t, err)
	l.store.Tables.Idempotency = teststack.Open(l.t).Output(l.t, "IdempotencyTable")
	changes, err := l.store.Told(l.t.Context(), publish.Job{TenantID: k.TenantID, ConnectionID: k.ID}, time.Unix(0, 0))
	require.NoError(l.t, err)
	open, err = l.store.KeyOpen(l.t.Context(), lent.String())
	require.NoError(l.t, err)
	return len(offers) > 0, len(changes) > 0, open
}

func TestWhatIsKeptOfAnAccountGoesWithIt(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	lent, others := l.lent(l.key), l.lent(l.other)
	l.disconnect(l.key)
	l.run(time.Minute)
	offer, told, open := l.known(l.key, lent)
	require.True(t, offer && told && open, "a publisher that has begun comes to its end")
	l.pinger.Connectors = map[string]connector.Connector{} // also where the platform is switched off
	l.run(3 * time.Minute)
	offer, told, open = l.known(l.key, lent)
	require.False(t, offer || told || open)
	offer, told, open = l.known(l.other, others)
	require.True(t, offer && told && open, "another workspace's")
}
