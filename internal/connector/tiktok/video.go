package tiktok

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

// How a video is cut. The guide counts in MB and rounds the number of chunks down, so the last one is larger; these sizes
// lie inside every way to read it. https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
const (
	wholeUpTo = 64_000_000
	chunkSize = 10 << 20
	// uploadLife is how long the address takes bytes.
	uploadLife = time.Hour
	// sliceEnd is kept free at the end of an invocation; of a short one it is a quarter.
	sliceEnd = 15 * time.Second
	// uploadTime is how long one chunk may take where the invocation has no end.
	uploadTime = 10 * time.Minute
	// maxStalls is how often a chunk may come to nothing in one attempt.
	maxStalls = 3
)

// plan gives the size of a chunk and their number.
func plan(bytes int64) (chunk, count int64) {
	if bytes <= wholeUpTo {
		return bytes, 1
	}
	return chunkSize, bytes / chunkSize
}

// session is one upload.
type session struct {
	reference, url string
	at             time.Time
	fresh          bool // made in this attempt: nothing was sent yet
}

// handVideo begins a task and sends the bytes. TikTok posts when the last byte is there; until then a task is nothing, and
// one that never gets its bytes stays nothing. So a first call whose answer was lost may be made again.
func (p *post) handVideo(ctx context.Context, suffix string) (connector.Values, error) {
	asked, err := p.ready(ctx, suffix)
	if err != nil {
		return nil, err
	}
	s := session{}
	v, err := p.steps.Do(ctx, connector.Step{Name: "session" + suffix, Repeatable: true, Durable: true, Secret: true, Run: func(ctx context.Context) (connector.Values, error) {
		if err := p.stillReady(ctx, asked); err != nil {
			return nil, err
		}
		if err := p.turn(ctx); err != nil {
			return nil, err
		}
		s.fresh = true
		return p.begin(ctx)
	}})
	if err != nil {
		return nil, err
	}
	s.reference, s.url, s.at = v[valReference], v[valUploadURL], at(v)
	return p.steps.Do(ctx, connector.Step{Name: "upload" + suffix, Repeatable: true, Durable: true, Run: func(ctx context.Context) (connector.Values, error) {
		there, err := p.upload(ctx, s)
		if err != nil {
			return nil, err
		}
		if !there {
			return connector.Values{valVoid: "the address for the bytes has ended"}, nil
		}
		return connector.Values{valReference: s.reference, valUsername: asked[valUsername], valAt: p.now()}, nil
	}})
}

// begin asks for an address that takes the bytes.
func (p *post) begin(ctx context.Context) (connector.Values, error) {
	m := p.d.Media[0]
	chunk, count := plan(m.Bytes)
	body := map[string]any{"source_info": map[string]any{"source": "FILE_UPLOAD", "video_size": m.Bytes, "chunk_size": chunk, "total_chunk_count": count}}
	q := request{op: opInbox, method: http.MethodPost, path: "/v2/post/publish/inbox/video/init/", session: p.s, body: body}
	if !p.draft() {
		body["post_info"] = p.videoInfo()
		q.op, q.path = opVideo, "/v2/post/publish/video/init/"
	}
	var answer struct {
		ID  string `json:"publish_id"`
		URL string `json:"upload_url"`
	}
	res, err := p.c.call(ctx, q, &answer)
	switch {
	case err != nil:
		return nil, err
	case answer.ID == "":
		return nil, res.Unexpected("publish_id")
	case !p.c.takesBytes(answer.URL): // the video goes to no other host
		return nil, res.Unexpected("upload_url at TikTok")
	}
	return connector.Values{valReference: answer.ID, valUploadURL: answer.URL, valAt: p.now()}, nil
}

// upload sends the bytes that TikTok does not have yet. there is false when they can never all arrive: then nothing is
// posted. Near the end of the invocation it stops; the next one goes on.
func (p *post) upload(ctx context.Context, s session) (there bool, err error) {
	total := p.d.Media[0].Bytes
	chunk, count := plan(total)
	offset := int64(0)
	if !s.fresh {
		if offset, there, err = p.arrived(ctx, s); err != nil || there {
			return there, err
		}
	}
	slowest := time.Duration(0)
	for stalls := 0; ; {
		if p.c.cfg.Now().Sub(s.at) >= uploadLife {
			_, there, err = p.arrived(ctx, s)
			return there, err
		}
		most := uploadTime
		if end, ok := ctx.Deadline(); ok {
			left := time.Until(end)
			most = left - min(left/4, sliceEnd)
			if slowest > 0 && most < slowest {
				return false, p.steps.Wait(time.Second, "the upload of the video goes on where it stopped")
			}
		}
		last := total
		if number := offset / chunk; number < count-1 {
			last = (number + 1) * chunk
		}
		began := time.Now()
		end, perr := p.put(ctx, s, offset, last, most)
		if perr == nil && end == ended {
			if _, there, err = p.arrived(ctx, s); err == nil && !there && s.fresh {
				err = p.stalled() // a new address would not be taken either
			}
			return there, err
		}
		slowest = max(slowest, 2*time.Since(began))
		if perr == nil && end == stored {
			if last == total {
				return true, nil
			}
			offset, stalls = last, 0
			continue
		}
		if ctx.Err() != nil || perr != nil && !resumable(perr) {
			return false, perr
		}
		before := offset
		if offset, there, err = p.arrived(ctx, s); err != nil || there {
			return there, err
		}
		if offset > before {
			stalls = 0
			continue
		}
		if stalls++; stalls >= maxStalls || perr != nil && time.Since(began) >= most {
			return false, or(perr, p.stalled())
		}
	}
}

func or(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (p *post) stalled() error {
	e := problem.New(problem.Transient, "TikTok does not take the next part of the video.")
	e.Platform, e.Code = Platform, "upload_stalled"
	return e
}

// resumable tells whether bytes of a failed upload may have arrived.
func resumable(err error) bool {
	class := problem.ClassOf(err)
	return class == problem.Transient || class == problem.PlatformDown
}

// arrived asks how many bytes TikTok has, and whether these are all: then it is posting already.
func (p *post) arrived(ctx context.Context, s session) (offset int64, whole bool, err error) {
	v, err := p.c.status(ctx, p.s, s.reference)
	if err != nil {
		return 0, false, err
	}
	total := p.d.Media[0].Bytes
	if v.Status != statusUpload || v.Uploaded >= total {
		return total, true, nil
	}
	chunk, _ := plan(total)
	return max(v.Uploaded, 0) / chunk * chunk, false, nil
}

// What an answer to a chunk says.
type putEnd int

const (
	stored  putEnd = iota // it is there
	unclear               // ask how much is there
	ended                 // the address takes nothing any more
)

// put sends the bytes from offset to end. The address is a key by itself: no token goes there.
func (p *post) put(ctx context.Context, s session, offset, end int64, most time.Duration) (putEnd, error) {
	m := p.d.Media[0]
	res, err := p.c.client(p.s.HTTP).Do(ctx, rest.Request{
		Operation: string(opUpload), Method: http.MethodPut, URL: s.url, Timeout: most, Bare: true,
		Header: http.Header{"Content-Range": {fmt.Sprintf("bytes %d-%d/%d", offset, end-1, m.Bytes)}},
		Upload: &rest.Upload{Type: m.Type, Bytes: end - offset, Open: func(ctx context.Context) (io.ReadCloser, error) {
			return m.Open(ctx, offset, end-offset)
		}},
	})
	if err != nil {
		return unclear, err
	}
	switch res.Status {
	case http.StatusCreated, http.StatusPartialContent, http.StatusOK:
		if n, told := progress(res.Header); told && n < end-1 { // it says itself that something is missing
			return unclear, nil
		}
		return stored, nil
	case http.StatusRequestedRangeNotSatisfiable:
		return unclear, nil
	case http.StatusForbidden, http.StatusNotFound:
		return ended, nil
	default:
		return unclear, p.c.classify(ctx, opUpload, nativeError{code: "http_" + strconv.Itoa(res.Status)}, res)
	}
}

// progress reads how much of a video has arrived. The document writes a number of bytes where others have the last byte's,
// so it may be one too small or not.
func progress(h http.Header) (int64, bool) {
	rest, ok := strings.CutPrefix(h.Get("Content-Range"), "bytes 0-")
	number, _, whole := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(number, 10, 64)
	return n, ok && whole && err == nil
}
