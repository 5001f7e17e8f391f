package media_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

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

// moving is a GIF of two pictures.
func moving(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	frame := func() *image.Paletted {
		return image.NewPaletted(image.Rect(0, 0, 7, 5), color.Palette{color.Black, color.White})
	}
	require.NoError(tb, gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame(), frame()}, Delay: []int{10, 10}}))
	return b.Bytes()
}

// turned is a JPEG that says how it is to be turned, as cameras write it.
func turned(tb testing.TB, orientation byte, order string) []byte {
	tb.Helper()
	plain := picture(tb, asJPEG)
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x02\x01\x0f\x00\x02\x00\x00\x00\x01A\x00\x00\x00\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(orientation) + "\x00\x00")
	if order == "II" {
		tiff = []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(orientation) + "\x00\x00\x00")
	}
	exif := append([]byte("Exif\x00\x00"), tiff...)
	app1 := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...) //nolint:gosec // some forty bytes
	return slices.Concat(plain[:2], app1, plain[2:])
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	lying, standing := media.Picture{Type: "image/jpeg", Width: 7, Height: 5}, media.Picture{Type: "image/jpeg", Width: 5, Height: 7}
	extended := append([]byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00"), 6, 0, 0, 4, 0, 0)
	apng := picture(t, png.Encode)
	apng = slices.Concat(apng[:33], []byte("\x00\x00\x00\x08acTL\x00\x00\x00\x02\x00\x00\x00\x00\xf3\x8d\x93\x70"), apng[33:])
	for name, tc := range map[string]struct {
		content []byte
		want    media.Picture
	}{
		"jpeg": {picture(t, asJPEG), lying}, "png": {picture(t, png.Encode), media.Picture{Type: "image/png", Width: 7, Height: 5}},
		"gif": {picture(t, asGIF), media.Picture{Type: "image/gif", Width: 7, Height: 5}}, "webp": {webpOf(7, 5), media.Picture{Type: "image/webp", Width: 7, Height: 5}},
		"moving gif":  {moving(t), media.Picture{Type: "image/gif", Width: 7, Height: 5, Animated: true}},
		"moving webp": {extended, media.Picture{Type: "image/webp", Width: 7, Height: 5, Animated: true}},
		"moving png":  {apng, media.Picture{Type: "image/png", Width: 7, Height: 5, Animated: true}},
		"upright":     {turned(t, 1, "MM"), lying}, "upside down": {turned(t, 3, "MM"), lying},
		"turned right": {turned(t, 6, "MM"), standing}, "turned left, little endian": {turned(t, 8, "II"), standing}, "nonsense": {turned(t, 9, "MM"), lying},
	} {
		p, err := media.Identify(bytes.NewReader(tc.content))
		require.NoError(t, err, name)
		require.Equal(t, tc.want, p, name)
	}
}

func TestIdentifySaysWhatItIsInstead(t *testing.T) {
	t.Parallel()
	for head, what := range map[string]string{
		"\x1a\x45\xdf\xa3": "a WebM", "RIFF\x00\x00\x00\x00AVI ": "an AVI video",
		"\x00\x00\x00\x18ftypheic": "a HEIC picture", "\x00\x00\x00\x18ftypM4A ": "a sound file", " \n<!DOCTYPE html>": "a web page", "BM": "a BMP picture",
		"": "no picture, video or document", "hello": "no picture, video or document",
	} {
		_, err := media.Identify(strings.NewReader(head))
		require.Equal(t, problem.InvalidContent, problem.ClassOf(err), head)
		require.ErrorContains(t, err, what)
	}
	_, err := media.Identify(iotest.ErrReader(errAway))
	require.ErrorIs(t, err, errAway, "our storage's failure is not the file's")
}

func TestIdentifyReadsNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	p, err := media.Identify(io.MultiReader(bytes.NewReader(picture(t, png.Encode)), endless{}))
	require.NoError(t, err)
	require.Equal(t, "image/png", p.Type)
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func FuzzIdentify(f *testing.F) {
	for _, content := range [][]byte{
		picture(f, asJPEG), picture(f, png.Encode), picture(f, asGIF), webpOf(7, 5), moving(f), turned(f, 6, "MM"), turned(f, 8, "II"),
		[]byte("%PDF-1.7"),
		{},
		[]byte("RIFF....WEBP"), []byte("....ftypheic"),
	} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := media.Identify(bytes.NewReader(content))
		if err != nil {
			require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
			return
		}
		require.Contains(t, media.Types(), p.Type)
		require.Positive(t, p.Width)
		require.Positive(t, p.Height)
		require.LessOrEqual(t, int64(p.Width)*int64(p.Height), int64(media.MaxPixels))
	})
}
