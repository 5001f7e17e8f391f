package connectortest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"maps"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
)

// Ledger is what survives a worker's death: what the job's row holds. The journal above it is the production one.
type Ledger struct {
	steps   map[string]publish.StepLog
	inDoubt string
}

// NewLedger is a job that nobody has touched.
func NewLedger() *Ledger { return &Ledger{steps: map[string]publish.StepLog{}} }

// Save is what a worker that lives writes when its attempt ends.
func (l *Ledger) Save(steps map[string]publish.StepLog, inDoubt string) {
	l.steps, l.inDoubt = maps.Clone(steps), inDoubt
}

// Journal is a new worker's view of the job.
func (l *Ledger) Journal(now func() time.Time) *publish.Journal {
	job := publish.Job{Steps: l.steps, InDoubt: l.inDoubt}
	return publish.NewJournal(job, now, func(_ context.Context, steps map[string]publish.StepLog, inDoubt string) error {
		l.Save(steps, inDoubt)
		return nil
	})
}

// Photo is a small JPEG as a draft carries it. Nothing answers at its address.
func Photo(alt string) connector.Media {
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range 16 {
		img.SetGray(i, i, color.Gray{Y: 200})
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil) // a buffer takes everything
	raw := b.Bytes()
	return connector.Media{
		ID: "med_1", Name: "counter.jpg", Type: "image/jpeg", Bytes: int64(len(raw)), Width: 16, Height: 16, Alt: alt,
		Open: func(_ context.Context, offset, length int64) (io.ReadCloser, error) {
			if length < 0 {
				length = int64(len(raw)) - offset
			}
			return io.NopCloser(io.NewSectionReader(bytes.NewReader(raw), offset, length)), nil
		},
		URL: func(context.Context) (string, error) {
			return "https://media.example/counter.jpg?X-Amz-Signature=1", nil
		},
	}
}
