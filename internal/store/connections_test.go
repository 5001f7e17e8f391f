package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/vault"
)

// candidate seals something as a consent does and gives the row that would link it.
func candidate(t *testing.T, s *store.Store, tenant, id string) connection.Connection {
	t.Helper()
	c := connection.Connection{
		TenantID: tenant, ID: id, Platform: "meta", Kind: "facebook_page", ExternalID: "1", Name: "Cafe Ada", Status: connection.Healthy,
		Scopes: []string{"a"}, Data: map[string]string{"k": "v"}, TokenVersion: newID(), CreatedAt: 1, UpdatedAt: time.Now().UnixMilli(),
	}
	require.NoError(t, s.PutSealed(t.Context(), vault.Sealed{Ref: ref(c), Ciphertext: []byte("sealed"), Nonce: []byte("n"), DataKey: []byte("k")}, time.Now().Add(time.Hour)))
	return c
}

func ref(c connection.Connection) vault.Ref {
	return vault.Ref{Tenant: c.TenantID, Connection: c.ID, Version: c.TokenVersion}
}

func event(c connection.Connection) connection.Event {
	return connection.Event{TenantID: c.TenantID, ConnectionID: c.ID, ID: "aud_" + newID(), Kind: connection.EventLinked, Message: "Linked.", At: 1764000000000}
}

func TestLinkingIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	c := candidate(t, s, tenant, "con_"+newID())
	require.NoError(t, s.LinkConnection(t.Context(), c, event(c)))
	got, found, err := s.Connection(t.Context(), tenant, c.ID)
	require.NoError(t, err)
	require.True(t, found)
	c.RefreshAt = connection.FirstRefresh(c)
	require.Equal(t, c, got)
	trail, err := s.AuditTrail(t.Context(), tenant, c.ID, "", 10)
	require.NoError(t, err)
	require.Len(t, trail, 1)

	gone := c
	gone.ID, gone.TokenVersion = "con_"+newID(), newID() // nothing was sealed
	require.Equal(t, problem.NotFound, problem.ClassOf(s.LinkConnection(t.Context(), gone, event(gone))))
	_, found, err = s.Connection(t.Context(), tenant, gone.ID)
	require.NoError(t, err)
	require.False(t, found)
	trail, err = s.AuditTrail(t.Context(), tenant, "", "", 10)
	require.NoError(t, err)
	require.Len(t, trail, 1)
}

func TestACredentialOfAnotherTenantCannotBeLinked(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	c := candidate(t, s, tenant, "con_"+newID())
	c.TenantID = "ten_" + newID()
	require.Equal(t, problem.NotFound, problem.ClassOf(s.LinkConnection(t.Context(), c, event(c))))
	require.NoError(t, s.ExpireCredential(t.Context(), ref(c), time.Now()), "nothing happens to what is not one's own")
}

func TestOnlyANewerCredentialReplaces(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	id := "con_" + newID()
	old := candidate(t, s, tenant, id)
	fresh := candidate(t, s, tenant, id)
	require.NoError(t, s.LinkConnection(t.Context(), fresh, event(fresh)))
	require.ErrorIs(t, s.LinkConnection(t.Context(), old, event(old)), connection.ErrStale)
	require.ErrorIs(t, s.LinkConnection(t.Context(), fresh, event(fresh)), connection.ErrStale)
	got, _, err := s.Connection(t.Context(), tenant, id)
	require.NoError(t, err)
	require.Equal(t, fresh.TokenVersion, got.TokenVersion)
}

func TestDisconnectingTwiceIsToldOnce(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	c := candidate(t, s, tenant, "con_"+newID())
	require.NoError(t, s.LinkConnection(t.Context(), c, event(c)))
	require.NoError(t, s.Disconnect(t.Context(), "ten_"+newID(), c.ID, event(c)), "another tenant's is not found and not touched")
	for range 2 {
		require.NoError(t, s.Disconnect(t.Context(), tenant, c.ID, event(c)))
	}
	all, err := s.Connections(t.Context(), tenant)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, connection.Disconnected, all[0].Status)
	trail, err := s.AuditTrail(t.Context(), tenant, c.ID, "", 10)
	require.NoError(t, err)
	require.Len(t, trail, 2)
}

func TestAStateIsTakenOnceAndOnlyByItsSession(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	state := connection.State{TenantID: tenant, Hash: newID(), Platform: "meta", SessionHash: "mine", Verifier: "v", ExpiresAt: time.Now().Add(time.Minute).UnixMilli()}
	require.NoError(t, s.PutState(t.Context(), state))
	for _, thief := range []string{"", "other"} {
		_, taken, found, err := s.TakeState(t.Context(), tenant, state.Hash, thief)
		require.NoError(t, err)
		require.False(t, taken)
		require.True(t, found)
	}
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			got, taken, _, err := s.TakeState(t.Context(), tenant, state.Hash, "mine")
			if err == nil && taken && got.Verifier == "v" {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(1), won.Load())
	_, taken, found, err := s.TakeState(t.Context(), tenant, state.Hash, "mine")
	require.NoError(t, err)
	require.False(t, taken)
	require.False(t, found)
}

func TestGrantsBelongToTheirTenant(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	g := connection.Grant{
		TenantID: tenant, ID: "grt_" + newID(), Platform: "meta", Declined: []string{"x"}, MemberID: "mem_x", ExpiresAt: time.Now().Add(time.Minute).UnixMilli(),
		Accounts: []connection.Candidate{{ConnectionID: "con_x", Kind: "facebook_page", ExternalID: "1", Usable: true, Data: map[string]string{"a": "b"}}},
	}
	require.NoError(t, s.PutGrant(t.Context(), g))
	got, found, err := s.Grant(t.Context(), tenant, g.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, g, got)
	_, found, err = s.Grant(t.Context(), "ten_"+newID(), g.ID)
	require.NoError(t, err)
	require.False(t, found)
}
