package publish

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Due is a job that somebody must look at, as the attention index shows it.
type Due struct {
	TenantID string `dynamodbav:"tenant_id"`
	JobID    string `dynamodbav:"job_id"`
	Platform string `dynamodbav:"platform"`
	Status   Status `dynamodbav:"status"`
	NextAt   int64  `dynamodbav:"next_at"`
	AttendAt int64  `dynamodbav:"attend_at"`
}

// Hint is a message with its delay.
type Hint struct {
	Message Message
	Delay   time.Duration
}

// SweepStore is what the sweep needs of the store.
type SweepStore interface {
	DueForAttention(ctx context.Context, shard string, before time.Time, limit int) ([]Due, error)
	// LookAgain moves the job's attend_at unless somebody else moved it.
	LookAgain(ctx context.Context, d Due, at time.Time) error
}

// HintQueue sends many hints; it gives those it could not send.
type HintQueue interface {
	SendAll(ctx context.Context, platform string, hints []Hint) (unsent []Hint, err error)
}

// Sweeper brings back whatever is due, whatever its message was lost, and whatever a dead worker held. It is the one
// rule behind "nothing is lost".
type Sweeper struct {
	Store     SweepStore
	Queue     HintQueue
	Platforms []string // switched on; jobs of others stay where they are
	Log       *slog.Logger
	Now       func() time.Time
}

const (
	sweepAhead = 2 * time.Minute // what is due before the next sweep, twice over
	sweepPage  = 100
	lookMost   = 15 * time.Minute
)

// Run sweeps every shard and tells how many hints it sent. It stops at the context's end; the next sweep goes on.
func (s *Sweeper) Run(ctx context.Context) (int, error) {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		total int
		errs  []error
	)
	for n := range Shards {
		wg.Go(func() {
			sent, err := s.shard(ctx, ShardName(n))
			mu.Lock()
			defer mu.Unlock()
			total += sent
			errs = append(errs, err)
		})
	}
	wg.Wait()
	return total, errors.Join(errs...)
}

func (s *Sweeper) shard(ctx context.Context, shard string) (int, error) {
	sent := 0
	for ctx.Err() == nil {
		now := s.Now()
		due, err := s.Store.DueForAttention(ctx, shard, now.Add(sweepAhead), sweepPage)
		if err != nil {
			return sent, err
		}
		n, err := s.page(ctx, due, now)
		sent += n
		if err != nil || len(due) < sweepPage {
			return sent, err
		}
	}
	return sent, nil
}

// page sends a page's hints, then moves each job's next look. A crash in between sends some hints twice, no more.
func (s *Sweeper) page(ctx context.Context, due []Due, now time.Time) (int, error) {
	by := map[string][]Hint{}
	for _, d := range due {
		delay := max(time.UnixMilli(d.NextAt).Sub(now), 0)
		if d.Status == Running {
			delay = max(time.UnixMilli(d.AttendAt).Sub(now)+time.Second, 0) // after the lease
		}
		by[d.Platform] = append(by[d.Platform], Hint{Message: Message{Tenant: d.TenantID, Job: d.JobID, At: d.NextAt}, Delay: delay})
	}
	unsent := map[string]bool{}
	var errs []error
	sent := 0
	for platform, hints := range by {
		if !slices.Contains(s.Platforms, platform) {
			continue // switched off: kept, and looked at again later
		}
		left, err := s.Queue.SendAll(ctx, platform, hints)
		errs = append(errs, err)
		sent += len(hints) - len(left)
		for _, h := range left {
			unsent[h.Message.Job] = true
		}
	}
	for _, d := range due {
		if unsent[d.JobID] {
			continue
		}
		errs = append(errs, s.Store.LookAgain(ctx, d, nextLook(d, now)))
	}
	return sent, errors.Join(errs...)
}

// nextLook backs off with the age of the job's time, so that a long backlog is not sent again every minute.
func nextLook(d Due, now time.Time) time.Time {
	at := time.UnixMilli(d.NextAt)
	if at.Before(now) {
		at = now
	}
	if d.Status == Running && time.UnixMilli(d.AttendAt).After(at) {
		at = time.UnixMilli(d.AttendAt)
	}
	push := 2 * now.Sub(time.UnixMilli(d.NextAt))
	return at.Add(min(max(push, lookAgain), lookMost))
}
