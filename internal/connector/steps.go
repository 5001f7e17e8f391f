package connector

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Values is the result of a step: small, flat, storable.
type Values map[string]string

// Found is what Step.Find can say about a step that was started and has no result.
type Found int

// The answers of Find.
const (
	Unknown Found = iota // the platform cannot be asked, or its answer decides nothing: a person must look
	Absent               // it certainly did not happen
	Present              // it happened; the values are its result
)

// Step is one call that changes something on the platform.
type Step struct {
	Name string // stable across versions: it is the key of the stored result
	// Repeatable steps make something invisible (an unpublished container, an upload session) and simply run
	// again after a crash. All others are written down as started before Run, and their result after it.
	Repeatable bool
	// Durable saves the result of a repeatable step at once instead of with the next write: for what is costly to make
	// again, counted by the platform, or needed by a long step after it to go on where it was. It costs a write.
	Durable bool
	// Secret keeps the result sealed like a token, because it opens something: an address with a key in it.
	Secret bool
	Run    func(ctx context.Context) (Values, error)
	// Find is asked when the step was started and has no result. since is when it was started. nil = Unknown.
	Find func(ctx context.Context, since time.Time) (Values, Found, error)
	// Settle is how long after the start the platform needs before Find can be believed; an Absent must be said
	// twice, Settle apart, before the step runs again. 0 = one Absent at once is enough.
	Settle time.Duration
}

// Steps is the journal of one job. Publish calls Do for each step, in order, and returns any error it gives as is.
type Steps interface {
	// Do gives the stored result of a finished step, or runs it. See Step.
	Do(ctx context.Context, s Step) (Values, error)
	// Wait makes an error that ends this slice; the job comes back after d. It is not an attempt.
	Wait(d time.Duration, reason string) error
}

// Media is one attached file, already checked against the limits.
type Media struct {
	ID     string
	Name   string // file name as uploaded
	Type   string // MIME type, read from the bytes
	Bytes  int64
	Width  int // pixels
	Height int
	// Duration, Codec and FrameRate are those of a video; zero for a picture.
	DurationMs int64
	Codec      string  // of the picture track, as the file names it: "avc1", "hvc1"
	FrameRate  float64 // pictures per second
	Pages      int     // of a document; 0 = not known
	Alt        string
	Open       func(ctx context.Context, offset, length int64) (io.ReadCloser, error) // a range of the file; length < 0 = to the end
	Checksum   string                                                                 // lower-hex SHA-256 of the bytes; may be empty
	// URL gives an address from which the platform can fetch the whole file for some minutes, for platforms that take
	// no bytes. It is a key to the file: it goes to the platform only, never into a log, an error or the journal. nil =
	// there is none.
	URL func(ctx context.Context) (string, error)
	// Lend gives an address on our own host that nobody can guess and that Draft.Recall ends, for platforms that fetch
	// only from a host which its owner has proved to be theirs. key names what it is lent for: one try of one step. Each call
	// with a key that is not recalled gives the same address. It is a key to the file, as URL's. nil = there is none.
	Lend func(ctx context.Context, key string) (string, error)
}

// WaitError is what Steps.Wait returns and the runner recognises.
type WaitError struct {
	For    time.Duration
	Reason string
}

func (w *WaitError) Error() string { return fmt.Sprintf("wait %s: %s", w.For, w.Reason) }
