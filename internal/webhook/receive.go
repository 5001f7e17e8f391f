package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herald-publishing/herald/internal/connector"
)

const (
	// keptPayload bounds what is kept of a change as it came: an item of DynamoDB has at most 400 KB.
	keptPayload = 64 << 10
	// writers is how many rows are written at the same time.
	writers = 32
)

// Receiver stores deliveries. It answers for them only when every event is stored and its message sent; a platform that
// gets no answer delivers again, and what was stored meanwhile is known by its id.
type Receiver struct {
	Store ReceiveStore
	Queue Queue
	Now   func() time.Time
	Log   *slog.Logger
}

// Take stores the events of one delivery and hands over those that are still to be applied.
func (r *Receiver) Take(ctx context.Context, platform string, changes []connector.WebhookEvent) error {
	rows, err := r.rows(ctx, platform, changes)
	if err != nil {
		return err
	}
	var unknown, known int
	var work errgroup.Group
	var mu sync.Mutex
	slots := make(chan struct{}, writers)
	for chunk := range slices.Chunk(rows, chunkSize) {
		work.Go(func() error {
			fresh, err := r.chunk(ctx, platform, chunk, slots)
			mu.Lock()
			defer mu.Unlock()
			known += len(chunk) - len(fresh)
			return err
		})
	}
	for _, e := range rows {
		if e.State == Ignored {
			unknown++
		}
	}
	err = work.Wait()
	r.Log.InfoContext(ctx, "delivery", slog.String("platform", platform), slog.Int("changes", len(changes)), slog.Int("events", len(rows)),
		slog.Int("settled", known), slog.Int("unknown_account", unknown))
	return err
}

// rows makes the rows of the changes: one for each connection they concern, or one that is ignored.
func (r *Receiver) rows(ctx context.Context, platform string, changes []connector.WebhookEvent) ([]Event, error) {
	found := map[string][]Target{}
	var rows []Event
	for _, c := range changes {
		key := c.ExternalAccountID + "\x00" + c.Subject
		targets, asked := found[key]
		if !asked {
			var err error
			if targets, err = r.targets(ctx, platform, c); err != nil {
				return nil, err
			}
			found[key] = targets
		}
		if len(targets) == 0 {
			e := r.row(platform, c, Target{})
			e.State, e.Reason, e.AttendAt = Ignored, "No workspace has linked this account.", 0
			rows = append(rows, e)
		}
		for _, t := range targets {
			rows = append(rows, r.row(platform, c, t))
		}
	}
	return rows, nil
}

func (r *Receiver) targets(ctx context.Context, platform string, c connector.WebhookEvent) ([]Target, error) {
	switch {
	case c.Subject != "":
		return r.Store.ConnectionsOf(ctx, platform, c.Subject)
	case c.ExternalAccountID != "":
		return r.Store.ConnectionsTo(ctx, platform, c.ExternalAccountID)
	default:
		return nil, nil
	}
}

func (r *Receiver) row(platform string, c connector.WebhookEvent, t Target) Event {
	now := r.Now()
	id := EventID(platform, c.ID, t.ConnectionID)
	e := Event{
		Source: SourceOf(platform, id), ID: id, Platform: platform, TenantID: t.TenantID, ConnectionID: t.ConnectionID, ExternalID: c.ExternalAccountID,
		Subject: c.Subject, Accounts: c.Accounts, Kind: c.Kind, Permission: c.Permission, Comment: c.Comment, State: Received,
		At: c.At.UnixMilli(), ReceivedAt: now.UnixMilli(), AttendAt: now.Add(lookAfter).UnixMilli(),
	}
	if len(c.Payload) <= keptPayload {
		e.Payload = string(c.Payload)
	}
	return e
}

// chunk stores some rows and sends one message for those that are still to be applied, new or not: a delivery that was
// cut off between the two is completed by the next.
func (r *Receiver) chunk(ctx context.Context, platform string, rows []Event, slots chan struct{}) ([]string, error) {
	waiting := make([]bool, len(rows))
	var work errgroup.Group
	for i, e := range rows {
		slots <- struct{}{}
		work.Go(func() error {
			defer func() { <-slots }()
			state, err := r.Store.PutEvent(ctx, e)
			waiting[i] = state == Received
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	var ids []string
	for i, e := range rows {
		if waiting[i] {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return ids, r.Queue.Send(ctx, Message{Platform: platform, Events: ids})
}

// Delete takes a person's wish to have everything deleted and gives the code under which Deletion tells how it stands.
// The same wish gives the same code.
func (r *Receiver) Delete(ctx context.Context, platform string, c connector.WebhookEvent) (code string, err error) {
	rows, err := r.rows(ctx, platform, []connector.WebhookEvent{c})
	if err != nil {
		return "", err
	}
	record := r.row(platform, c, Target{})
	record.ID = deletionID(platform, c.ID)
	record.Source, record.State, record.AttendAt = SourceOf(platform, record.ID), Processed, 0
	for _, e := range rows {
		if e.TenantID != "" {
			record.Parts = append(record.Parts, e.ID)
		}
	}
	// The record last: a code is only given for what is certain to be carried out.
	if err := r.Take(ctx, platform, []connector.WebhookEvent{c}); err != nil {
		return "", err
	}
	_, err = r.Store.PutEvent(ctx, record)
	return c.ID, err
}

func deletionID(platform, code string) string { return EventID(platform, "deletion#"+code, "") }

// ErrNoDeletion means that there is no such wish, or that it is older than Life.
var ErrNoDeletion = errors.New("webhook: no such deletion")

// Deletion tells whether a person's data is deleted, and when that was asked for.
func (r *Receiver) Deletion(ctx context.Context, platform, code string) (done bool, asked time.Time, err error) {
	if strings.Trim(code, "0123456789abcdef") != "" || len(code) != 32 {
		return false, time.Time{}, ErrNoDeletion
	}
	record, found, err := r.Store.Event(ctx, platform, deletionID(platform, code))
	if err != nil {
		return false, time.Time{}, err
	}
	if !found {
		return false, time.Time{}, ErrNoDeletion
	}
	done = true
	for _, id := range record.Parts {
		part, found, err := r.Store.Event(ctx, platform, id)
		if err != nil {
			return false, time.Time{}, fmt.Errorf("part of a deletion: %w", err)
		}
		if found && part.State != Processed && part.State != Ignored {
			done = false
		}
	}
	return done, time.UnixMilli(record.ReceivedAt).UTC(), nil
}
