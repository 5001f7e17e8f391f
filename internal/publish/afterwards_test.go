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

// live makes a post and fails at what comes after it.
func (b *bench) live(id string, err error) {
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		return connector.Receipt{ExternalID: id, Permalink: "https://example.com/" + id}, err
	}
}

// A post that is live is never called failed, held or blocked because of what should come after it.
func TestWhatFailsAfterThePostIsAWarning(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		conn connection.Status
	}{
		"content":    {problem.New(problem.InvalidContent, "The comment is too rude."), connection.Healthy},
		"not found":  {problem.New(problem.NotFound, "Gone."), connection.Healthy},
		"permission": {problem.New(problem.PermissionMissing, "No comments."), connection.Healthy},
		"revoked":    {problem.New(problem.AuthRevoked, "Removed."), connection.Blocked},
		"in doubt":   {publish.ErrHeld, connection.Healthy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.live("1_2", tc.err)
			j := b.run(b.accept(publish.NewPost{}))
			require.Equal(t, publish.Published, j.Status)
			require.Equal(t, "1_2", j.Receipt.ExternalID)
			require.NotZero(t, j.PublishedAt)
			require.Contains(t, j.Problem.Message, "The post is live")
			c, _, err := b.store.Connection(t.Context(), b.tenant, b.conn)
			require.NoError(t, err)
			require.Equal(t, tc.conn, c.Status)
			require.Empty(t, b.dead())
			rows, err := b.store.Timeline(t.Context(), b.tenant, j.ID)
			require.NoError(t, err)
			require.Equal(t, publish.AuditPublished, rows[0].Kind)
			require.NotNil(t, rows[0].Problem)
		})
	}
}

func TestWhatMayWorkLaterIsGoneOnWithWhileThePostIsShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.live("1_2", problem.New(problem.Transient, "Not now."))
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Waiting, j.Status)
	require.Equal(t, "1_2", j.Receipt.ExternalID, "a person can look at it")
	b.now = b.now.Add(time.Minute)
	b.live("1_2", nil)
	j = b.run(j)
	require.Equal(t, publish.Published, j.Status)
	require.Nil(t, j.Problem)

	// The account breaks before the rest is done: the post stays what it is.
	b.live("1_4", problem.New(problem.Transient, "Not now."))
	j = b.run(b.accept(publish.NewPost{}))
	b.now = b.now.Add(time.Minute)
	b.fails(problem.New(problem.InvalidContent, "Too rude."))
	j = b.run(j)
	require.Equal(t, publish.Published, j.Status)
	require.Equal(t, "1_4", j.Receipt.ExternalID)

	// Whoever cancels what is left does not make a live post look cancelled.
	b.live("1_3", problem.New(problem.Transient, "Not now."))
	j = b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Waiting, j.Status)
	j, err := b.service.CancelJob(t.Context(), publish.Author{TenantID: b.tenant, MemberID: "mem_1"}, j.ID)
	require.NoError(t, err)
	require.Equal(t, publish.Published, j.Status)
	require.Equal(t, "1_3", j.Receipt.ExternalID)
}
