package media_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/problem"
)

func picture(tb testing.TB, encode func(io.Writer, image.Image) error) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, encode(&b, image.NewPaletted(image.Rect(0, 0, 7, 5), color.Palette{color.Black, color.White})))
	return b.Bytes()
}

func asJPEG(w io.Writer, i image.Image) error { return jpeg.Encode(w, i, nil) }
func asGIF(w io.Writer, i image.Image) error  { return gif.Encode(w, i, nil) }

// webpOf is the smallest lossy picture: a RIFF container with a VP8 key frame's header.
func webpOf(width, height byte) []byte {
	frame := []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, width, 0, height, 0}
	return append([]byte("RIFF\x16\x00\x00\x00WEBPVP8 \x0a\x00\x00\x00"), frame...)
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	for want, content := range map[string][]byte{
		"image/jpeg": picture(t, asJPEG), "image/png": picture(t, png.Encode), "image/gif": picture(t, asGIF), "image/webp": webpOf(7, 5),
	} {
		mime, width, height, err := media.Identify(bytes.NewReader(content))
		require.NoError(t, err, want)
		require.Equal(t, want, mime)
		require.Equal(t, []int{7, 5}, []int{width, height}, want)
	}
}

func TestIdentifyReadsNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	r := io.MultiReader(bytes.NewReader(picture(t, png.Encode)), endless{})
	mime, _, _, err := media.Identify(r)
	require.NoError(t, err)
	require.Equal(t, "image/png", mime)
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func FuzzIdentify(f *testing.F) {
	for _, content := range [][]byte{picture(f, asJPEG), picture(f, png.Encode), picture(f, asGIF), webpOf(7, 5), []byte("%PDF-1.7"), {}, []byte("RIFF....WEBP")} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		mime, width, height, err := media.Identify(bytes.NewReader(content))
		if err != nil {
			require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
			return
		}
		require.Contains(t, media.Types(), mime)
		require.Positive(t, width)
		require.Positive(t, height)
		require.LessOrEqual(t, int64(width)*int64(height), int64(media.MaxPixels))
	})
}
