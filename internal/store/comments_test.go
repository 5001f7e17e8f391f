package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/webhook"
)

func TestACommentIsKeptAsLongAsItsPlatformLetsItBe(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	now := time.Now()
	told := func(id string, keep, ago time.Duration) {
		e := webhook.Event{TenantID: tenant, ConnectionID: "con_a", ID: "whe_" + id, At: now.UnixMilli(), ReceivedAt: now.Add(-ago).UnixMilli(), Keep: int64(keep / time.Second)}
		e.Comment = &connector.CommentChange{ID: id, Verb: connector.CommentAdd, Text: "hello", PostID: "p"}
		applied, err := s.ApplyComment(t.Context(), e, now)
		require.NoError(t, err)
		require.True(t, applied)
	}
	kept := func() map[string]bool {
		out := map[string]bool{}
		for _, f := range []comment.Filter{{}, {ConnectionID: "con_a", PostID: "p"}} {
			list, _, err := s.Comments(t.Context(), tenant, f, "", 10)
			require.NoError(t, err)
			for _, c := range list {
				out[c.ID] = true
			}
		}
		for _, id := range []string{"for ever", "fresh", "old"} {
			_, found, err := s.Comment(t.Context(), tenant, "con_a", id)
			require.NoError(t, err)
			require.Equal(t, out[id], found, id)
		}
		return out
	}
	told("for ever", 0, 49*time.Hour)
	told("fresh", 48*time.Hour, 47*time.Hour)
	told("old", 48*time.Hour, 49*time.Hour)
	require.Equal(t, map[string]bool{"for ever": true, "fresh": true}, kept())

	again := connector.Comment{ID: "old", PostID: "p", Text: "hello", CreatedAt: now.Add(-50 * time.Hour), Keep: 48 * time.Hour}
	require.NoError(t, s.Merge(t.Context(), tenant, "con_a", again, now.Add(time.Second).UnixMilli()))
	require.True(t, kept()["old"], "read again, it is kept again")
	again.ID = "fresh"
	require.NoError(t, s.Merge(t.Context(), tenant, "con_a", again, now.Add(-49*time.Hour).UnixMilli()))
	require.True(t, kept()["fresh"], "an older look changes nothing")
}

func TestAnEventEndsWhenItsPlatformSaysSo(t *testing.T) {
	t.Parallel()
	at := time.Unix(1790000000, 0)
	e := webhook.Event{ReceivedAt: at.UnixMilli()}
	require.Equal(t, at.Add(webhook.Life).Unix(), e.Expires())
	e.Keep = 48 * 3600
	require.Equal(t, at.Add(48*time.Hour).Unix(), e.Expires())
	e.Keep = int64(2 * webhook.Life / time.Second)
	require.Equal(t, at.Add(webhook.Life).Unix(), e.Expires())
}
