package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/media"
)

func TestAFileIsMadeOnceAndFinishedOnce(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	f := media.File{TenantID: tenant, ID: "med_" + newID(), Name: "a.jpg", Type: "image/jpeg", Bytes: 3, State: media.Uploading, Key: "incoming/x", CreatedAt: 1, TTL: 99}
	_, created, err := s.CreateMedia(t.Context(), f)
	require.NoError(t, err)
	require.True(t, created)
	other := f
	other.Name = "b.jpg"
	there, created, err := s.CreateMedia(t.Context(), other)
	require.NoError(t, err)
	require.False(t, created)
	require.Equal(t, f, there)

	refs, err := s.LoadMedia(t.Context(), tenant, []string{f.ID})
	require.NoError(t, err)
	require.Empty(t, refs, "a file that is not ready cannot be attached")
	f.State, f.Width, f.Height, f.Key, f.TTL = media.Ready, 2, 1, "media/x", 0
	f.DurationMs, f.Codec, f.FrameRate = 1500, "avc1", 29.97
	ready, err := s.FinishMedia(t.Context(), f)
	require.NoError(t, err)
	require.True(t, ready)
	f.Width = 77
	ready, err = s.FinishMedia(t.Context(), f)
	require.NoError(t, err)
	require.False(t, ready)
	gone, err := s.ForgetUpload(t.Context(), tenant, f.ID)
	require.NoError(t, err)
	require.False(t, gone, "a finished file stays")
	got, found, err := s.Media(t.Context(), tenant, f.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, 2, got.Width)
	refs, err = s.LoadMedia(t.Context(), tenant, []string{f.ID})
	require.NoError(t, err)
	require.Equal(t, "media/x", refs[f.ID].Key)
	require.Equal(t, []any{int64(1500), "avc1", 29.97}, []any{refs[f.ID].DurationMs, refs[f.ID].Codec, refs[f.ID].FrameRate})

	_, found, err = s.Media(t.Context(), "ten_"+newID(), f.ID)
	require.NoError(t, err)
	require.False(t, found)
}
