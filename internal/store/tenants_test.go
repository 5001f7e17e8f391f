package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/tenant"
)

func TestAWorkspaceIsMadeOnce(t *testing.T) {
	t.Parallel()
	s, id := open(t)
	first := tenant.Workspace{ID: id, Name: "first", Zone: "UTC", CreatedAt: 1}
	m := tenant.Membership{TenantID: id, ID: "mem_" + newID(), UserID: newID(), Name: "Ada", Role: tenant.Owner, CreatedAt: 1}
	require.NoError(t, s.CreateWorkspace(t.Context(), first, m))
	second := first
	second.Name = "second"
	require.NoError(t, s.CreateWorkspace(t.Context(), second, m))
	got, err := s.Workspace(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, first, got)
	member, err := s.Member(t.Context(), id, m.ID)
	require.NoError(t, err)
	require.Equal(t, m, member)

	require.Eventually(t, func() bool { // the index by person follows a moment later
		found, err := s.Memberships(t.Context(), m.UserID)
		return err == nil && len(found) == 1 && found[0] == m
	}, 5*time.Second, 20*time.Millisecond)
	_, err = s.Workspace(t.Context(), "ten_"+newID())
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestSessionsDoNotCountAsMemberships(t *testing.T) {
	t.Parallel()
	s, id := open(t)
	v := tenant.Session{TenantID: id, Hash: "h", MemberID: "mem_x", UserID: newID(), Role: tenant.Editor, ExpiresAt: time.Now().Add(time.Hour).UnixMilli()}
	require.NoError(t, s.PutSession(t.Context(), v))
	found, err := s.Memberships(t.Context(), v.UserID)
	require.NoError(t, err)
	require.Empty(t, found)
	got, ok, err := s.Session(t.Context(), id, "h")
	require.NoError(t, err)
	require.True(t, ok)
	v.Hash = ""
	require.Equal(t, v, got)

	_, ok, err = s.Session(t.Context(), "ten_"+newID(), "h")
	require.NoError(t, err)
	require.False(t, ok, "a session of another tenant")
	require.NoError(t, s.DeleteSession(t.Context(), id, "h"))
	require.NoError(t, s.DeleteSession(t.Context(), id, "h"))
	_, ok, err = s.Session(t.Context(), id, "h")
	require.NoError(t, err)
	require.False(t, ok)
}

func TestAnEndedSessionIsNotMadeAgainByRenaming(t *testing.T) {
	t.Parallel()
	s, id := open(t)
	require.ErrorIs(t, s.UpdateWorkspace(t.Context(), tenant.Workspace{ID: id, Name: "none"}), store.ErrNotFound)
	require.NoError(t, s.CreateWorkspace(t.Context(), tenant.Workspace{ID: id, Name: "a", Zone: "UTC"}, tenant.Membership{TenantID: id, ID: "mem_x", UserID: newID()}))
	var wg sync.WaitGroup
	var left atomic.Int64
	for range 20 {
		hash := newID()
		require.NoError(t, s.PutSession(t.Context(), tenant.Session{TenantID: id, Hash: hash, MemberID: "mem_x", ExpiresAt: 1}))
		wg.Go(func() {
			if s.DeleteSession(t.Context(), id, hash) != nil {
				left.Add(1)
			}
		})
	}
	require.NoError(t, s.UpdateWorkspace(t.Context(), tenant.Workspace{ID: id, Name: "b", Zone: "Europe/Berlin"}))
	wg.Wait()
	require.Zero(t, left.Load())
	require.NoError(t, s.UpdateWorkspace(t.Context(), tenant.Workspace{ID: id, Name: "c", Zone: "Europe/Berlin"}))
}

func TestPlatformSwitch(t *testing.T) {
	t.Parallel()
	s, id := open(t)
	for _, off := range []bool{true, false, true} {
		require.NoError(t, s.SetPlatformOff(t.Context(), id, "meta", off))
		got, err := s.PlatformOff(t.Context(), id, "meta")
		require.NoError(t, err)
		require.Equal(t, off, got)
	}
	other, err := s.PlatformOff(t.Context(), "ten_"+newID(), "meta")
	require.NoError(t, err)
	require.False(t, other)
}
