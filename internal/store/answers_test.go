package store_test

import (
	"bytes"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/replay"
)

func TestOfManyTwinsOneWorks(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	now := time.Now()
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			_, claimed, err := s.ClaimAnswer(t.Context(), tenant, "op#k", "h", now, now.Add(replay.Lease))
			if err == nil && claimed {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(1), won.Load())
	running, claimed, err := s.ClaimAnswer(t.Context(), tenant, "op#k", "h", now, now.Add(replay.Lease))
	require.NoError(t, err)
	require.False(t, claimed)
	require.Equal(t, replay.Answer{Hash: "h"}, running)

	a := replay.Answer{Hash: "h", Done: true, Status: 201, Type: "application/json", Body: []byte(`{"a":"😀"}`)}
	require.NoError(t, s.KeepAnswer(t.Context(), tenant, "op#k", a, now.Add(replay.Life)))
	kept, claimed, err := s.ClaimAnswer(t.Context(), tenant, "op#k", "other", now.Add(time.Hour), now.Add(2*time.Hour))
	require.NoError(t, err)
	require.False(t, claimed)
	require.Equal(t, a, kept)
	_, claimed, err = s.ClaimAnswer(t.Context(), "ten_"+newID(), "op#k", "h", now, now.Add(replay.Lease))
	require.NoError(t, err)
	require.True(t, claimed, "another tenant's key is another key")
	_, claimed, err = s.ClaimAnswer(t.Context(), tenant, "op#k", "h", now.Add(replay.Life), now.Add(replay.Life+time.Minute))
	require.NoError(t, err)
	require.True(t, claimed, "its life is over")
	require.NoError(t, s.DropAnswer(t.Context(), tenant, "op#k"))
	_, claimed, err = s.ClaimAnswer(t.Context(), tenant, "op#k", "h", now, now.Add(replay.Lease))
	require.NoError(t, err)
	require.True(t, claimed)
}

func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	now := time.Now()
	text := replay.Answer{Hash: "h", Done: true, Status: 200, Body: bytes.Repeat([]byte("what people write repeats itself "), 60_000)}
	require.NoError(t, s.KeepAnswer(t.Context(), tenant, "k", text, now.Add(time.Hour)))
	kept, _, err := s.ClaimAnswer(t.Context(), tenant, "k", "h", now, now)
	require.NoError(t, err)
	require.True(t, bytes.Equal(text.Body, kept.Body))

	noise := make([]byte, 500_000)
	_, err = rand.Read(noise)
	require.NoError(t, err)
	require.Error(t, s.KeepAnswer(t.Context(), tenant, "k", replay.Answer{Hash: "h", Done: true, Status: 200, Body: noise}, now.Add(time.Hour)))
}
