package connectortest

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"maps"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/vault"
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
	j := publish.NewJournal(job, now, func(_ context.Context, steps map[string]publish.StepLog, inDoubt string) error {
		l.Save(steps, inDoubt)
		return nil
	})
	keys, err := vault.NewLocal(base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	j.Secrets = publish.NewSecrets(vault.Box{Keys: keys}, job)
	return j
}

// Clip is a small upright video as a draft carries it. Nothing answers at its address.
func Clip() connector.Media {
	raw := clip.Make(clip.Spec{Bytes: 50_000, DurationMs: 5000})
	m := medium(raw)
	m.ID, m.Name, m.Type, m.Width, m.Height, m.DurationMs, m.Codec, m.FrameRate = "med_2", "oven.mp4", "video/mp4", 540, 960, 5000, "avc1", 30
	m.URL = func(context.Context) (string, error) {
		return "https://media.example/oven.mp4?X-Amz-Signature=1", nil
	}
	return m
}

func medium(raw []byte) connector.Media {
	return connector.Media{Bytes: int64(len(raw)), Open: func(_ context.Context, offset, length int64) (io.ReadCloser, error) {
		if length < 0 {
			length = int64(len(raw)) - offset
		}
		return io.NopCloser(io.NewSectionReader(bytes.NewReader(raw), offset, length)), nil
	}}
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
	m := medium(raw)
	m.ID, m.Name, m.Type, m.Width, m.Height, m.Alt = "med_1", "counter.jpg", "image/jpeg", 16, 16, alt
	m.URL = func(context.Context) (string, error) {
		return "https://media.example/counter.jpg?X-Amz-Signature=1", nil
	}
	return m
}
