package meta

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

const (
	// sliceEnd is kept free at the end of an invocation for what comes after the bytes: asking how many arrived. Of a
	// short invocation it is a quarter.
	sliceEnd = 15 * time.Second
	// uploadTime is how long one upload may take where the invocation has no end.
	uploadTime = 10 * time.Minute

	kindOffset  = "OffsetInvalidError"
	kindPartial = "PartialRequestError"
)

// transfer is one file on its way to Meta's upload host.
// https://developers.facebook.com/documentation/video-api/guides/reels-publishing
type transfer struct {
	fresh bool // nothing was sent yet: there is nothing to ask
	// arrived asks the platform how many bytes it has, and whether these are all.
	arrived func(ctx context.Context) (bytes int64, whole bool, err error)
	// send uploads from an offset to the end of the file, for at most so long.
	send func(ctx context.Context, offset int64, most time.Duration) error
}

// run sends the rest of the bytes, from where the platform has them. Near the end of the invocation it stops; the next
// one goes on.
func (t transfer) run(ctx context.Context, steps connector.Steps) error {
	offset, whole := int64(0), false
	if !t.fresh {
		var err error
		if offset, whole, err = t.arrived(ctx); err != nil {
			return err
		}
	}
	for !whole {
		most := uploadTime
		if end, ok := ctx.Deadline(); ok {
			left := time.Until(end)
			most = min(most, left-min(left/4, sliceEnd))
		}
		began := time.Now()
		err := t.send(ctx, offset, most)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !resumable(err) {
			return onMedia(err, 0)
		}
		before := offset
		var aerr error
		if offset, whole, aerr = t.arrived(ctx); aerr != nil {
			return aerr
		}
		ended := time.Since(began) >= most // whichever side noticed first
		switch {
		case whole:
		case offset <= before && (!ended || most > sliceEnd):
			return err // nothing came through, and not for want of time
		case ended:
			return steps.Wait(time.Second, "the upload of the video goes on where it stopped")
		}
	}
	return nil
}

// resumable tells whether bytes of a failed upload may have arrived.
func resumable(err error) bool {
	c := problem.ClassOf(err)
	return c == problem.Transient || c == problem.PlatformDown
}

// sendFile is one upload to the upload host, from an offset to the end of the file.
func (c *Connector) sendFile(ctx context.Context, op operation, s connector.Session, m connector.Media, to string, offset int64, most time.Duration) error {
	res, err := c.client(s.HTTP, op.platformTitle()).Do(ctx, rest.Request{
		Operation: string(op), Method: http.MethodPost, URL: to, Timeout: most,
		Header: http.Header{
			"Authorization": {"OAuth " + s.Credential.Access.Reveal()},
			"Offset":        {strconv.FormatInt(offset, 10)},
			"File_size":     {strconv.FormatInt(m.Bytes, 10)},
		},
		Upload: &rest.Upload{Type: "application/octet-stream", Bytes: m.Bytes - offset, Open: func(ctx context.Context) (io.ReadCloser, error) {
			return m.Open(ctx, offset, -1)
		}},
	})
	if err != nil {
		return err
	}
	if e := parseError(res.Status, res.Body); e != nil {
		return c.classify(ctx, op, e, res)
	}
	var answer struct {
		Success bool `json:"success"`
	}
	if err := res.Decode(&answer); err != nil {
		return err
	}
	if !answer.Success {
		return res.Unexpected("success")
	}
	return nil
}
