package webhook

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Due is an event that is still received although its moment has come.
type Due struct {
	Source   string `dynamodbav:"source"`
	ID       string `dynamodbav:"event_id"`
	Platform string `dynamodbav:"platform"`
	AttendAt int64  `dynamodbav:"attend_at"`
}

// SweepStore is what the sweep needs of the store.
type SweepStore interface {
	// DueEvents gives one page of a shard, longest waiting first.
	DueEvents(ctx context.Context, shard string, before time.Time, limit int) ([]Due, error)
	// LookAgainAtEvent moves the event's attend_at unless somebody else moved it.
	LookAgainAtEvent(ctx context.Context, d Due, at time.Time) error
}

// Sweeper brings back events whose message was lost or whose worker died.
type Sweeper struct {
	Store SweepStore
	Queue Queue
	Now   func() time.Time
}

// sweepPage is how many events of a shard one look takes.
const sweepPage = 100

// Run sends messages for what is due and tells for how many events. Each is looked at again two minutes later, before
// the message is sent: a crash in between costs those two minutes and no event.
func (s *Sweeper) Run(ctx context.Context) (int, error) {
	total := 0
	var errs []error
	for n := range Shards {
		for ctx.Err() == nil {
			now := s.Now()
			due, err := s.Store.DueEvents(ctx, ShardName(n), now, sweepPage)
			if err != nil {
				errs = append(errs, err)
				break
			}
			sent, err := s.send(ctx, due, now)
			total += sent
			errs = append(errs, err)
			if len(due) < sweepPage || err != nil {
				break
			}
		}
	}
	return total, errors.Join(errs...)
}

func (s *Sweeper) send(ctx context.Context, due []Due, now time.Time) (int, error) {
	byPlatform := map[string][]string{}
	for _, d := range due {
		if err := s.Store.LookAgainAtEvent(ctx, d, now.Add(2*lookAfter)); err != nil {
			return 0, err
		}
		byPlatform[d.Platform] = append(byPlatform[d.Platform], d.ID)
	}
	sent := 0
	for platform, ids := range byPlatform {
		for chunk := range slices.Chunk(ids, chunkSize) {
			if err := s.Queue.Send(ctx, Message{Platform: platform, Events: chunk}); err != nil {
				return sent, err
			}
			sent += len(chunk)
		}
	}
	return sent, nil
}
