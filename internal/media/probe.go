package media

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/webp"

	"github.com/herald-publishing/herald/internal/problem"
)

// headBytes is how much of a file is read to know it. A camera puts its preview pictures and colour profiles before a
// JPEG's dimensions; they are far smaller.
const headBytes = 4 << 20

type format struct {
	mime   string
	is     func(head []byte) bool
	config func(io.Reader) (image.Config, error)
}

func formats() []format {
	starts := func(magic string) func([]byte) bool {
		return func(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }
	}
	return []format{
		{"image/jpeg", starts("\xff\xd8\xff"), jpeg.DecodeConfig},
		{"image/png", starts("\x89PNG\r\n\x1a\n"), png.DecodeConfig},
		{"image/gif", func(h []byte) bool { return starts("GIF87a")(h) || starts("GIF89a")(h) }, gif.DecodeConfig},
		{"image/webp", func(h []byte) bool { return starts("RIFF")(h) && len(h) >= 12 && string(h[8:12]) == "WEBP" }, webp.DecodeConfig},
	}
}

// Types lists the MIME types that can be uploaded. Which of them a platform takes is the platform's own limit.
func Types() []string {
	var out []string
	for _, f := range formats() {
		out = append(out, f.mime)
	}
	return out
}

// probe reads type and pixels from the bytes; whatever the name and the announced type say counts for nothing.
func (s *Service) probe(ctx context.Context, f File, size int64) (mime string, width, height int, err error) {
	switch {
	case size == 0:
		return "", 0, 0, problem.New(problem.InvalidContent, "The file is empty.").On("bytes")
	case size != f.Bytes || size > MaxBytes:
		return "", 0, 0, problem.Newf(problem.InvalidContent, "The file has %d bytes, not the %d that were announced.", size, f.Bytes).On("bytes")
	}
	body, err := s.Bucket.Open(ctx, f.Key, 0, headBytes)
	if err != nil {
		return "", 0, 0, fmt.Errorf("read the upload: %w", err)
	}
	defer body.Close()
	return Identify(body)
}

// Identify reads a picture's MIME type and size in pixels from its first bytes.
func Identify(r io.Reader) (mime string, width, height int, err error) {
	head := bufio.NewReaderSize(r, 4096)
	magic, err := head.Peek(12)
	if err != nil && len(magic) == 0 && err != io.EOF {
		return "", 0, 0, fmt.Errorf("read the upload: %w", err)
	}
	for _, f := range formats() {
		if !f.is(magic) {
			continue
		}
		c, err := f.config(head)
		if err != nil || c.Width <= 0 || c.Height <= 0 {
			return "", 0, 0, problem.New(problem.InvalidContent, "The file is damaged: its picture cannot be read.").On("type")
		}
		if int64(c.Width)*int64(c.Height) > MaxPixels {
			return "", 0, 0, problem.Newf(problem.InvalidContent, "The picture has %d × %d pixels; at most %d megapixels are taken.",
				c.Width, c.Height, MaxPixels/1_000_000).On("bytes")
		}
		return f.mime, c.Width, c.Height, nil
	}
	return "", 0, 0, problem.Newf(problem.InvalidContent, "The file is not a picture that Herald takes, whatever its name says. It takes %s.",
		strings.Join(Types(), ", ")).On("type")
}
