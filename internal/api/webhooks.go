package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/tenant"
	"github.com/herald-publishing/herald/internal/webhook"
)

// WebhookEvent is one thing a platform told about one account.
type WebhookEvent struct {
	ID           string          `json:"id" example:"whe_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Platform     string          `json:"platform" example:"meta"`
	ConnectionID string          `json:"connection_id" example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Kind         string          `json:"kind" enum:"deauthorized,data_deletion,permission_changed,comment,other"`
	State        string          `json:"state" enum:"received,processed,failed,ignored"`
	Reason       string          `json:"reason,omitempty" doc:"Why it failed or is ignored."`
	Attempts     int             `json:"attempts"`
	At           time.Time       `json:"at" doc:"When it happened, as the platform says."`
	ReceivedAt   time.Time       `json:"received_at"`
	Payload      json.RawMessage `json:"payload,omitempty" doc:"As the platform sent it; not in lists, and not of what was too large to keep."`
	Forgotten    bool            `json:"forgotten,omitempty" doc:"What it said was deleted because a person asked the platform for it; not in lists."`
}

// WebhookEventList is a page of events.
type WebhookEventList struct {
	Items      []WebhookEvent `json:"items" nullable:"false"`
	NextCursor string         `json:"next_cursor,omitempty" doc:"Give it as cursor to get the next page; absent = this was the last."`
}

// ReplaySince is the body of replayWebhookEvents.
type ReplaySince struct {
	Since time.Time `json:"since" doc:"Failed events that were received since then."`
}

// Replayed is the answer of replayWebhookEvents.
type Replayed struct {
	Replayed int  `json:"replayed"`
	More     bool `json:"more" doc:"There may be more failed events: ask again."`
}

type (
	webhookEventsInput struct {
		State  string `query:"state" enum:"failed" doc:"Absent = every state."`
		Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before."`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	}
	// WebhookEventParam is the event in a path.
	WebhookEventParam struct {
		ID string `path:"event_id" example:"whe_01kav8q2m4e9w3x6t0y5r7n1zd"`
	}
	replayEventInput struct {
		Idempotent
		WebhookEventParam
	}
	replaySinceInput struct {
		Idempotent
		Body ReplaySince
	}
	webhookEventOutput  struct{ Body WebhookEvent }
	webhookEventsOutput struct{ Body WebhookEventList }
	replayedOutput      struct{ Body Replayed }
)

// Webhooks serves /v1/webhooks.
type Webhooks struct{ Webhooks *webhook.Service }

func (r Webhooks) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "listWebhookEvents", Method: http.MethodGet, Path: "/v1/webhooks/events",
		Tags: []string{tagWebhooks}, Summary: "What the platforms told, newest first",
		Description: "Events are kept for 30 days.",
	}, tenant.Manage, r.list)
	route(s, huma.Operation{
		OperationID: "getWebhookEvent", Method: http.MethodGet, Path: "/v1/webhooks/events/{event_id}",
		Tags: []string{tagWebhooks}, Summary: "Read an event",
	}, tenant.Manage, r.get)
	route(s, huma.Operation{
		OperationID: "replayWebhookEvent", Method: http.MethodPost, Path: "/v1/webhooks/events/{event_id}/replay", DefaultStatus: http.StatusAccepted,
		Tags: []string{tagWebhooks}, Summary: "Apply an event again",
		Description: "Harmless in any state: an event that was applied already changes nothing.",
	}, tenant.Manage, r.replay)
	route(s, huma.Operation{
		OperationID: "replayWebhookEvents", Method: http.MethodPost, Path: "/v1/webhooks/events/replay", DefaultStatus: http.StatusAccepted,
		Tags: []string{tagWebhooks}, Summary: "Apply the failed events since a moment again",
	}, tenant.Manage, r.replaySince)
}

func (r Webhooks) list(ctx context.Context, in *webhookEventsInput) (*webhookEventsOutput, error) {
	events, next, err := r.Webhooks.Store.Events(ctx, sessionOf(ctx).TenantID, in.State == string(webhook.Failed), in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &webhookEventsOutput{Body: WebhookEventList{Items: make([]WebhookEvent, 0, len(events)), NextCursor: next}}
	for _, e := range events {
		e.Payload = ""
		out.Body.Items = append(out.Body.Items, webhookEventFrom(e))
	}
	return out, nil
}

func (r Webhooks) get(ctx context.Context, in *WebhookEventParam) (*webhookEventOutput, error) {
	if !tenant.WellFormed(in.ID, "whe_") {
		return nil, nothingThere()
	}
	e, err := r.Webhooks.Get(ctx, sessionOf(ctx).TenantID, in.ID)
	return &webhookEventOutput{Body: webhookEventFrom(e)}, err
}

func (r Webhooks) replay(ctx context.Context, in *replayEventInput) (*webhookEventOutput, error) {
	if !tenant.WellFormed(in.ID, "whe_") {
		return nil, nothingThere()
	}
	who := sessionOf(ctx)
	e, err := r.Webhooks.Replay(ctx, who.TenantID, who.MemberID, in.ID)
	return &webhookEventOutput{Body: webhookEventFrom(e)}, err
}

func (r Webhooks) replaySince(ctx context.Context, in *replaySinceInput) (*replayedOutput, error) {
	who := sessionOf(ctx)
	n, more, err := r.Webhooks.ReplaySince(ctx, who.TenantID, who.MemberID, in.Body.Since)
	return &replayedOutput{Body: Replayed{Replayed: n, More: more}}, err
}

func webhookEventFrom(e webhook.Event) WebhookEvent {
	out := WebhookEvent{
		ID: e.ID, Platform: e.Platform, ConnectionID: e.ConnectionID, Kind: string(e.Kind), State: string(e.State), Reason: e.Reason,
		Attempts: e.Attempts, Forgotten: e.Forgotten, At: moment(e.At), ReceivedAt: moment(e.ReceivedAt),
	}
	if json.Valid([]byte(e.Payload)) {
		out.Payload = json.RawMessage(e.Payload)
	}
	return out
}
