package webhook

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/problem"
)

// ManageStore is what people see of webhooks.
type ManageStore interface {
	// Events lists a workspace's events, newest first; failedOnly leaves the others out.
	Events(ctx context.Context, tenantID string, failedOnly bool, cursor string, limit int) (events []Event, next string, err error)
	Event(ctx context.Context, platform, id string) (e Event, found bool, err error)
	// Replay makes the event received again and adds the line to the audit trail, unless it is received.
	Replay(ctx context.Context, e Event, at time.Time, line connection.Event) error
	// FailedSince gives some failed events that were received since, oldest first.
	FailedSince(ctx context.Context, tenantID string, since time.Time, limit int) ([]Event, error)
}

// Service is what people do with stored events.
type Service struct {
	Store     ManageStore
	Queue     Queue
	Platforms []string // every platform there is
	Now       func() time.Time
	NewID     func() string // lower-case ULID without prefix
	Log       *slog.Logger
}

// replayMost is how many events one call replays.
const replayMost = 200

// Get reads an event of the workspace.
func (s *Service) Get(ctx context.Context, tenantID, id string) (Event, error) {
	for _, p := range s.Platforms {
		e, found, err := s.Store.Event(ctx, p, id)
		if err != nil {
			return Event{}, err
		}
		if found && e.TenantID == tenantID && tenantID != "" {
			return e, nil
		}
	}
	return Event{}, problem.New(problem.NotFound, "There is no such webhook event in this workspace.")
}

// Replay applies an event once more. That does no harm: what an event does follows from it, not from how often it is
// applied.
func (s *Service) Replay(ctx context.Context, tenantID, member, id string) (Event, error) {
	e, err := s.Get(ctx, tenantID, id)
	if err != nil {
		return Event{}, err
	}
	if err := s.replay(ctx, member, e); err != nil {
		return Event{}, err
	}
	s.send(ctx, []Event{e})
	return s.Get(ctx, tenantID, id)
}

// ReplaySince applies the failed events that were received since. more tells that there were too many for one call.
func (s *Service) ReplaySince(ctx context.Context, tenantID, member string, since time.Time) (n int, more bool, err error) {
	failed, err := s.Store.FailedSince(ctx, tenantID, since, replayMost)
	if err != nil {
		return 0, false, err
	}
	for _, e := range failed {
		if err := s.replay(ctx, member, e); err != nil {
			return n, true, err
		}
		n++
	}
	s.send(ctx, failed)
	return n, len(failed) == replayMost, nil
}

func (s *Service) replay(ctx context.Context, member string, e Event) error {
	now := s.Now()
	return s.Store.Replay(ctx, e, now.Add(lookAfter), connection.Event{
		TenantID: e.TenantID, ConnectionID: e.ConnectionID, ID: "aud_" + s.NewID(), Kind: "webhook_replayed", By: member, At: now.UnixMilli(),
		Message: "A notice of the platform was applied again.",
	})
}

// send hands the events over. A message that cannot be sent is the sweep's.
func (s *Service) send(ctx context.Context, all []Event) {
	byPlatform := map[string][]string{}
	for _, e := range all {
		byPlatform[e.Platform] = append(byPlatform[e.Platform], e.ID)
	}
	for platform, ids := range byPlatform {
		for chunk := range slices.Chunk(ids, chunkSize) {
			if err := s.Queue.Send(ctx, Message{Platform: platform, Events: chunk}); err != nil {
				s.Log.WarnContext(ctx, "replayed events not handed over", slog.Int("events", len(chunk)), slog.String("error", err.Error()))
			}
		}
	}
}
