package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"github.com/herald-publishing/herald/internal/publish"
)

// Batch runs the records of one SQS event side by side. One failing record is answered as failed; it never replays the
// others.
type Batch struct {
	Platform string
	Queue    *Queue
	Run      func(ctx context.Context, m publish.Message) error
	Log      *slog.Logger
}

// Handle is the Lambda handler.
func (b *Batch) Handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	return sideBySide(ctx, e, b.Log, b.one), nil
}

// sideBySide runs each record by itself; a panic is that record's failure.
func sideBySide(ctx context.Context, e events.SQSEvent, log *slog.Logger, run func(context.Context, events.SQSMessage) error) events.SQSEventResponse {
	one := func(record events.SQSMessage) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("queue: panic: %v", p)
			}
		}()
		return run(ctx, record)
	}
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	// Never nil: `null` is read as "the whole batch came back" by some readers of this answer.
	out := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, record := range e.Records {
		wg.Go(func() {
			if err := one(record); err != nil {
				log.ErrorContext(ctx, "record failed", slog.String("message", record.MessageId), slog.String("error", err.Error()))
				mu.Lock()
				defer mu.Unlock()
				out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			}
		})
	}
	wg.Wait()
	return out
}

func (b *Batch) one(ctx context.Context, record events.SQSMessage) error {
	m, err := Decode(record.Body)
	if err != nil { // it will not get better by coming back
		return b.Queue.dead(ctx, b.Platform, record.Body, "undecodable", "The message is not one that Herald writes.")
	}
	return b.Run(ctx, m)
}

// Decode reads a message's body; anything that Send would not write is an error.
func Decode(body string) (publish.Message, error) {
	var m publish.Message
	d := json.NewDecoder(bytes.NewReader([]byte(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return publish.Message{}, fmt.Errorf("queue: decode: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return publish.Message{}, errors.New("queue: decode: more than one value")
	}
	if m.Tenant == "" || m.Job == "" || m.At < 0 {
		return publish.Message{}, errors.New("queue: decode: tenant or job is missing")
	}
	return m, nil
}
