package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/herald-publishing/herald/internal/problem"
)

// headBytes is how much of a file is read to know it. A camera puts its preview pictures and colour profiles before a
// JPEG's dimensions; they are far smaller.
const headBytes = 4 << 20

// The containers of videos.
const (
	mp4 = "video/mp4"
	mov = "video/quicktime"
)

// Types lists the MIME types that can be uploaded. Which of them a platform takes is the platform's own limit.
func Types() []string {
	var out []string
	for _, f := range formats() {
		out = append(out, f.mime)
	}
	return append(append(out, mp4, mov), documentTypes()...)
}

// mostBytes is how large a file of a type may be.
func mostBytes(mime string) int64 {
	if mime == mp4 || mime == mov {
		return MaxVideoBytes
	}
	return MaxBytes
}

// probe reads what f is from its bytes; whatever the name and the announced type say counts for nothing.
func (s *Service) probe(ctx context.Context, f File, size int64) (File, error) {
	switch {
	case size == 0:
		return f, problem.New(problem.InvalidContent, "The file is empty.").On("bytes")
	case size != f.Bytes:
		return f, problem.Newf(problem.InvalidContent, "The file has %d bytes, not the %d that were announced.", size, f.Bytes).On("bytes")
	}
	body, err := s.Bucket.Open(ctx, f.Key, 0, headBytes)
	if err != nil {
		return f, fmt.Errorf("read the upload: %w", err)
	}
	defer body.Close()
	head := bufio.NewReaderSize(body, 4096)
	magic, _ := head.Peek(12) // an error comes again at the next read
	switch {
	case isVideo(magic):
		f, err = s.probeVideo(ctx, f, size)
	case isDocument(magic):
		var d Document
		d, err = IdentifyDocument(&ranges{ctx: ctx, bucket: s.Bucket, key: f.Key}, size)
		f.Type, f.Pages = d.Type, d.Pages
	default:
		var p Picture
		p, err = Identify(head)
		f.Type, f.Width, f.Height, f.Animated = p.Type, p.Width, p.Height, p.Animated
	}
	if err == nil && size > mostBytes(f.Type) {
		return f, problem.Newf(problem.InvalidContent, "The file is larger than %d MB.", mostBytes(f.Type)>>20).On("bytes")
	}
	return f, err
}

// isVideo tells an MP4 or MOV file by its first box. Old MOV files have no ftyp; pictures and sound have one as well.
func isVideo(magic []byte) bool {
	return len(magic) >= 8 && slices.Contains([]string{"ftyp", "moov", "mdat", "wide"}, string(magic[4:8])) && kindOf(magic) == ""
}

func (s *Service) probeVideo(ctx context.Context, f File, size int64) (File, error) {
	v, err := ReadVideo(&ranges{ctx: ctx, bucket: s.Bucket, key: f.Key}, size)
	if err != nil && !errors.Is(err, errNoVideo) {
		return f, fmt.Errorf("read the upload: %w", err)
	}
	if err == nil && v.Width == 0 && v.Height == 0 {
		return f, problem.New(problem.InvalidContent, "The file holds sound, but no pictures.").On("type")
	}
	if err != nil || v.Width == 0 || v.Height == 0 {
		return f, problem.New(problem.InvalidContent, "The file is damaged or is no video: its length and size cannot be read. Export it again as MP4.").On("type")
	}
	if int64(v.Width)*int64(v.Height) > MaxPixels {
		return f, problem.Newf(problem.InvalidContent, "The video has %d × %d pixels; at most %d megapixels are taken.", v.Width, v.Height, MaxPixels/1_000_000).On("bytes")
	}
	f.Type = mp4
	if v.QuickTime {
		f.Type = mov
	}
	f.Width, f.Height, f.DurationMs, f.Codec, f.FrameRate = v.Width, v.Height, v.DurationMs, v.Codec, v.FrameRate
	return f, nil
}

// ranges reads an object piece by piece, each with a request of its own.
type ranges struct {
	ctx    context.Context //nolint:containedctx // io.ReaderAt takes none
	bucket Bucket
	key    string
}

// ReadAt implements io.ReaderAt.
func (r *ranges) ReadAt(p []byte, at int64) (int, error) {
	body, err := r.bucket.Open(r.ctx, r.key, at, int64(len(p)))
	if err != nil {
		return 0, fmt.Errorf("read a range: %w", err)
	}
	defer body.Close()
	return io.ReadFull(body, p)
}
