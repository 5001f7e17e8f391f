package media_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/media"
)

// counting tells how much of a file is read.
type counting struct {
	*bytes.Reader
	bytes int
	calls int
}

func (c *counting) ReadAt(p []byte, at int64) (int, error) {
	c.calls++
	n, err := c.Reader.ReadAt(p, at)
	c.bytes += n
	return n, err //nolint:wrapcheck // the reader's own
}

func TestReadVideo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spec clip.Spec
		want media.Video
	}{
		"mp4":          {clip.Spec{}, media.Video{DurationMs: 3000, Width: 540, Height: 960, Codec: "avc1", FrameRate: 30}},
		"mov":          {clip.Spec{Brand: "qt  ", Codec: "hvc1", FrameRate: 24, DurationMs: 1500}, media.Video{QuickTime: true, DurationMs: 1500, Width: 540, Height: 960, Codec: "hvc1", FrameRate: 24}},
		"turned":       {clip.Spec{Width: 1080, Height: 1920, Rotated: true}, media.Video{DurationMs: 3000, Width: 1080, Height: 1920, Codec: "avc1", FrameRate: 30}},
		"moov is last": {clip.Spec{MoovLast: true, Bytes: 8 << 20}, media.Video{DurationMs: 3000, Width: 540, Height: 960, Codec: "avc1", FrameRate: 30}},
		"odd codec":    {clip.Spec{Codec: "a\x00\x01b"}, media.Video{DurationMs: 3000, Width: 540, Height: 960, FrameRate: 30}},
		"only sound":   {clip.Spec{NoPicture: true}, media.Video{DurationMs: 3000}},
	} {
		raw := clip.Make(tc.spec)
		r := &counting{Reader: bytes.NewReader(raw)}
		v, err := media.ReadVideo(r, int64(len(raw)))
		require.NoError(t, err, name)
		require.Equal(t, tc.want, v, name)
		require.Less(t, r.bytes, 4096, "%s: only the description is read", name)
		require.Less(t, r.calls, 8, name)
	}
}

func TestReadVideoRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	whole := clip.Make(clip.Spec{MoovLast: true})
	for n := range len(whole) { // cut anywhere
		_, err := media.ReadVideo(bytes.NewReader(whole[:n]), int64(n))
		require.Error(t, err, n)
	}
	_, err := media.ReadVideo(away{}, 1<<30)
	require.ErrorIs(t, err, errAway, "our storage's failure is not the file's")
}

var errAway = errors.New("bucket is away")

type away struct{}

func (away) ReadAt([]byte, int64) (int, error) { return 0, errAway }

func FuzzReadVideo(f *testing.F) {
	f.Add(clip.Make(clip.Spec{}))
	f.Add(clip.Make(clip.Spec{Brand: "qt  ", MoovLast: true, Rotated: true}))
	f.Add([]byte("\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := media.ReadVideo(bytes.NewReader(raw), int64(len(raw)))
		if err == nil {
			require.Positive(t, v.DurationMs+1)
			require.GreaterOrEqual(t, v.FrameRate, 0.0)
		}
	})
}
