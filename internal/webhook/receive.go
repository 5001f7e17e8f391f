package webhook

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herald-publishing/herald/internal/connector"
)

const (
	// keptPayload bounds what is kept of a change as it came: an item of DynamoDB has at most 400 KB.
	keptPayload = 64 << 10
	// What one write takes (DynamoDB's transactions: 100 items, 4 MB), with room for what a row has besides.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
	writeRows, writeBytes, rowBytes = 100, 3 << 20, 1 << 10
	// writers is how many writes are under way at the same time.
	writers = 8
)

// Receiver stores deliveries. It answers for them only when every event is stored and its message sent; a platform that
// gets no answer delivers again, and what was stored meanwhile is known by its id.
type Receiver struct {
	Store ReceiveStore
	Queue Queue
	Meter Meter
	Now   func() time.Time
	Log   *slog.Logger
}

// Meter emits metrics to the operator's monitoring.
type Meter interface {
	// Unknown counts events of accounts that no workspace has linked.
	Unknown(platform string, n int)
}

// Take stores the events of one delivery and hands over those that are still to be applied.
func (r *Receiver) Take(ctx context.Context, platform string, changes []connector.WebhookEvent) error {
	rows, err := r.rows(ctx, platform, changes)
	if err != nil {
		return err
	}
	unknown := 0
	var settled atomic.Int64
	var work errgroup.Group
	work.SetLimit(writers)
	for chunk := range writes(rows) {
		work.Go(func() error {
			known, err := r.chunk(ctx, platform, chunk)
			settled.Add(int64(known))
			return err
		})
	}
	for _, e := range rows {
		if e.TenantID == "" {
			unknown++
		}
	}
	err = work.Wait()
	r.Log.InfoContext(ctx, "delivery", slog.String("platform", platform), slog.Int("changes", len(changes)), slog.Int("events", len(rows)),
		slog.Int64("settled", settled.Load()), slog.Int("unknown_account", unknown))
	if unknown > 0 && err == nil {
		r.Meter.Unknown(platform, unknown)
	}
	return err
}

// writes cuts rows into what one write takes.
func writes(rows []Event) iter.Seq[[]Event] {
	return func(yield func([]Event) bool) {
		from, size := 0, 0
		for i, e := range rows {
			more := rowBytes + 2*len(e.Payload) // what was read out of it is no longer than it
			if i > from && (i-from == writeRows || size+more > writeBytes) {
				if !yield(rows[from:i]) {
					return
				}
				from, size = i, 0
			}
			size += more
		}
		if from < len(rows) {
			yield(rows[from:])
		}
	}
}

// rows makes the rows of the changes: one for each connection they concern, or one that is ignored.
func (r *Receiver) rows(ctx context.Context, platform string, changes []connector.WebhookEvent) ([]Event, error) {
	found := map[string][]Target{}
	var rows []Event
	listed := map[string]bool{}
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
			e.Payload, e.Comment, e.Post = "", nil, nil // nobody can see it here, so nobody needs to be able to have it deleted
			rows = append(rows, e)
		}
		for _, t := range targets {
			rows = append(rows, r.row(platform, c, t))
		}
	}
	return slices.DeleteFunc(rows, func(e Event) bool { // a platform may say a thing twice in one delivery
		again := listed[e.ID]
		listed[e.ID] = true
		return again
	}), nil
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
		Subject: c.Subject, Accounts: c.Accounts, Kind: c.Kind, Cause: c.Cause, Permission: c.Permission, Comment: c.Comment, Post: c.Post, State: Received,
		At: c.At.UnixMilli(), ReceivedAt: now.UnixMilli(), AttendAt: now.Add(lookAfter).UnixMilli(),
		Keep: int64(c.Keep / time.Second),
	}
	if len(c.Payload) <= keptPayload && c.Kind != connector.WebhookDataDeletion { // a wish to be forgotten is not kept word by word
		e.Payload = string(c.Payload)
	}
	return e
}

// chunk stores some rows and sends messages for those that are still to be applied, new or not: a delivery that was cut
// off between the two is completed by the next. known is how many had been settled before.
func (r *Receiver) chunk(ctx context.Context, platform string, rows []Event) (known int, err error) {
	states, err := r.Store.PutEvents(ctx, rows)
	if err != nil {
		return 0, err
	}
	var ids []string
	for i, e := range rows {
		switch {
		case states[i] == Received:
			ids = append(ids, e.ID)
		case e.State == Received:
			known++
		}
	}
	var messages []Message
	for some := range slices.Chunk(ids, chunkSize) {
		messages = append(messages, Message{Platform: platform, Events: some})
	}
	if len(messages) == 0 {
		return known, nil
	}
	return known, r.Queue.Send(ctx, messages...)
}

// Delete takes a person's wish to have everything deleted and gives the code under which Deletion tells how it stands.
// The same wish gives the same code.
func (r *Receiver) Delete(ctx context.Context, platform string, c connector.WebhookEvent) (code string, err error) {
	rows, err := r.rows(ctx, platform, []connector.WebhookEvent{c})
	if err != nil {
		return "", err
	}
	record := r.row(platform, c, Target{})
	record.ID, record.Subject = deletionID(platform, c.ID), ""
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
