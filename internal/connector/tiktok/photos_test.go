package tiktok_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

func TestPhotosThatWereNeverFetchedAreHandedOverAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	j := b.job(t, object{"pull_seconds": 3600}, photo(everyone(nil)))
	j.fault(object{"op": "tiktok.content.init", "kind": "reset_after"})
	_, err := j.attempt()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	_, err = j.attempt()
	require.ErrorAs(t, err, new(*connector.WaitError))
	require.Equal(t, 2, j.calls("content.init"), "nothing was fetched, and nothing will be: that is known at once")
	b.Control(t, http.MethodPost, "tiktok/creators/"+j.account(), object{"pull_seconds": 0}, nil)
	b.Control(t, http.MethodPost, "tiktok/flush", object{}, nil) // TikTok comes for the first ones now
	require.Len(t, b.seen(t, j.account()).Posts, 1)
	require.Equal(t, 2, j.calls("content.init"))
	require.Equal(t, 2, b.seen(t, j.account()).Tasks)
}

func TestPhotosThatWereFetchedAreAdopted(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	lost := func(options object, change func(*job)) *job {
		j := b.job(t, object{"processing_seconds": 300}, photo(options))
		change(j)
		j.fault(object{"op": "tiktok.content.init", "kind": "reset_after"})
		_, err := j.attempt()
		require.Equal(t, problem.Transient, problem.ClassOf(err))
		return j
	}
	once := func(j *job) connector.Receipt {
		t.Helper()
		receipt, err := j.run()
		require.NoError(t, err)
		all := b.seen(t, j.account())
		require.Equal(t, []int{1, 1}, []int{len(all.Posts), all.Tasks})
		return receipt
	}
	own := object{"privacy_level": "SELF_ONLY", "consent": "music_usage"}
	receipt := once(lost(own, func(*job) {}))
	require.Regexp(t, `^p_pub_url~`, receipt.ExternalID, "a webhook told of it")

	receipt = once(lost(everyone(nil), func(j *job) { j.d.Told = nil }))
	require.Regexp(t, `^\d+$`, receipt.ExternalID, "it is listed")

	older := lost(everyone(nil), func(j *job) {
		j.d.Told = nil
		b.Control(t, http.MethodPost, "tiktok/posts", object{"creator": j.account(), "title": "Buns from eight", "at": j.now.Add(-time.Hour)}, nil)
	})
	receipt, err := older.run()
	require.NoError(t, err, "the same words from before are another post")
	shown := b.seen(t, older.account()).Posts
	require.Len(t, shown, 2)
	require.Equal(t, shown[1].ID, receipt.ExternalID)

	unknown := lost(own, func(j *job) { j.d.Told = nil })
	_, err = unknown.run()
	require.ErrorIs(t, err, publish.ErrHeld, "nobody can tell")
	require.Equal(t, 1, unknown.calls("content.init"))
	var waited time.Duration
	for _, d := range unknown.waits {
		waited += d
	}
	require.Greater(t, waited, 24*time.Hour-time.Second)

	two := lost(own, func(j *job) {
		ledger, d := j.ledger, j.d
		j.ledger, j.d = connectortest.NewLedger(), b.address(t, j.account(), photo(own))
		_, err := j.run()
		require.NoError(t, err)
		j.ledger, j.d = ledger, d
		told := j.d.Told
		j.d.Told = func(ctx context.Context, since time.Time) ([]connector.PostChange, error) {
			all, err := told(ctx, since.Add(-time.Hour))
			if len(all) < 2 {
				return nil, err
			}
			return all, err
		}
	})
	_, err = two.run()
	require.ErrorIs(t, err, publish.ErrHeld, "which of two is ours is not guessed")
}
