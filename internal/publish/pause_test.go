package publish_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/publish"
)

func (b *bench) told(kind, message string) connection.Event {
	return connection.Event{TenantID: b.tenant, ConnectionID: b.conn, ID: "aud_" + id(), Kind: kind, Message: message, At: b.now.UnixMilli()}
}

func TestAPausedAccountsPostsWaitAndGoOutWhenItIsInUseAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fails(nil)
	done, err := b.store.Pause(t.Context(), b.tenant, b.conn, "Paused by Ada.", b.told(connection.EventPaused, "Paused."))
	require.NoError(t, err)
	require.True(t, done)
	j := b.run(b.acceptFor(b.conn))
	require.Equal(t, publish.Blocked, j.Status)
	require.Equal(t, "paused", j.Problem.Code)
	require.Zero(t, j.Attempts)
	require.Equal(t, connection.Paused, b.status(), "a job that waits does not block the account")
	trail, err := b.store.Timeline(t.Context(), b.tenant, j.ID)
	require.NoError(t, err)
	require.Equal(t, "Waits until the account is in use again.", trail[0].Message)

	done, err = b.store.Pause(t.Context(), b.tenant, b.conn, "Again.", b.told(connection.EventPaused, "Paused."))
	require.NoError(t, err)
	require.False(t, done)
	done, err = b.store.Unpause(t.Context(), b.tenant, b.conn, b.told(connection.EventUnpaused, "In use."))
	require.NoError(t, err)
	require.True(t, done)
	require.Equal(t, connection.Healthy, b.status())
	b.now = time.UnixMilli(j.NextAt)
	require.Equal(t, publish.Published, b.run(j).Status, "also when nobody resumes it")
}

func TestWhatWaitedTooLongForAPausedAccountDoesNotFloodOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fails(nil)
	_, err := b.store.Pause(t.Context(), b.tenant, b.conn, "Paused.", b.told(connection.EventPaused, "Paused."))
	require.NoError(t, err)
	j := b.run(b.acceptFor(b.conn))
	_, err = b.store.Unpause(t.Context(), b.tenant, b.conn, b.told(connection.EventUnpaused, "In use."))
	require.NoError(t, err)
	b.now = b.now.Add(25 * time.Hour)
	j = b.run(j)
	require.Equal(t, publish.Failed, j.Status)
	require.Equal(t, "too_late", j.Problem.Code)
}
