package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/webhook"
)

var (
	_ webhook.ReceiveStore = (*Store)(nil)
	_ webhook.ProcessStore = (*Store)(nil)
	_ webhook.ManageStore  = (*Store)(nil)
	_ webhook.SweepStore   = (*Store)(nil)
)

func eventKey(platform, id string) item {
	return item{"source": str(webhook.SourceOf(platform, id)), "event_id": str(id)}
}

// ConnectionsTo implements webhook.ReceiveStore.
func (s *Store) ConnectionsTo(ctx context.Context, platform, externalID string) ([]webhook.Target, error) {
	return s.targets(ctx, "by_external", "ext_key", connection.ExternalKey(platform, externalID))
}

// ConnectionsOf implements webhook.ReceiveStore.
func (s *Store) ConnectionsOf(ctx context.Context, platform, subject string) ([]webhook.Target, error) {
	return s.targets(ctx, "by_subject", "subject_key", connection.ExternalKey(platform, subject))
}

func (s *Store) targets(ctx context.Context, index, attribute, key string) ([]webhook.Target, error) {
	var out []webhook.Target
	pages := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Tables.Connections, IndexName: &index, KeyConditionExpression: aws.String("#key = :k"),
		ExpressionAttributeNames: map[string]string{"#key": attribute}, ExpressionAttributeValues: item{":k": str(key)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: connections by %s: %w", attribute, err)
		}
		for _, row := range page.Items {
			var c connection.Connection
			if err := decode(row, &c); err != nil {
				return nil, err
			}
			out = append(out, webhook.Target{TenantID: c.TenantID, ConnectionID: c.ID})
		}
	}
	return out, nil
}

// Event implements webhook.ReceiveStore.
func (s *Store) Event(ctx context.Context, platform, id string) (e webhook.Event, found bool, err error) {
	err = s.get(ctx, s.Tables.WebhookEvents, eventKey(platform, id), &e)
	if errors.Is(err, ErrNotFound) {
		return e, false, nil
	}
	return e, err == nil, err
}

// settling is the change that ends a received event, for a call of its own or a part of a transaction.
func (s *Store) settling(e webhook.Event, state webhook.State, reason string) *types.Update {
	u := &types.Update{
		TableName: &s.Tables.WebhookEvents, Key: eventKey(e.Platform, e.ID), ConditionExpression: aws.String("#state = :received"),
		UpdateExpression:          aws.String("SET #state = :state, reason = :reason, attempts = :attempts REMOVE #shard, attend_at"),
		ExpressionAttributeNames:  map[string]string{"#state": "state", "#shard": "shard"},
		ExpressionAttributeValues: item{":received": str(string(webhook.Received)), ":state": str(string(state)), ":reason": str(reason), ":attempts": num(int64(e.Attempts + 1))},
	}
	if state == webhook.Failed && e.TenantID != "" {
		u.UpdateExpression = aws.String("SET #state = :state, reason = :reason, attempts = :attempts, failed_key = :tenant REMOVE #shard, attend_at")
		u.ExpressionAttributeValues[":tenant"] = str(e.TenantID)
	}
	return u
}

// Settle implements webhook.ProcessStore.
func (s *Store) Settle(ctx context.Context, e webhook.Event, state webhook.State, reason string) error {
	return s.update(ctx, s.settling(e, state, reason), "settle webhook event")
}

// Missed implements webhook.ProcessStore.
func (s *Store) Missed(ctx context.Context, e webhook.Event, reason string, again time.Time) error {
	return s.update(ctx, &types.Update{
		TableName: &s.Tables.WebhookEvents, Key: eventKey(e.Platform, e.ID),
		ConditionExpression:       aws.String("#state = :received AND attempts = :before"),
		UpdateExpression:          aws.String("SET attempts = :attempts, reason = :reason, attend_at = :again"),
		ExpressionAttributeNames:  map[string]string{"#state": "state"},
		ExpressionAttributeValues: item{":received": str(string(webhook.Received)), ":before": num(int64(e.Attempts)), ":attempts": num(int64(e.Attempts + 1)), ":reason": str(reason), ":again": num(again.UnixMilli())},
	}, "count a missed webhook event")
}

// update carries out one conditional write; a refused condition means that it was carried out before, or that somebody
// else was faster, and is no error.
func (s *Store) update(ctx context.Context, u *types.Update, what string) error {
	_, err := s.tryUpdate(ctx, u, what)
	return err
}

func (s *Store) tryUpdate(ctx context.Context, u *types.Update, what string) (done bool, err error) {
	_, err = s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
	})
	if conditionFailed(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: %s: %w", what, err)
	}
	return true, nil
}

// BlockFor implements webhook.ProcessStore.
func (s *Store) BlockFor(ctx context.Context, e webhook.Event, b webhook.Block) (bool, error) {
	action, err := attributevalue.Marshal(b.Action)
	if err != nil {
		return false, fmt.Errorf("store: block: %w", err)
	}
	trail, err := s.auditPut(auditOf(b.Line))
	if err != nil {
		return false, err
	}
	block := types.TransactWriteItem{Update: &types.Update{
		TableName: &s.Tables.Connections, Key: connectionKey(e.TenantID, e.ConnectionID),
		ConditionExpression:      aws.String("token_version < :newest AND #status IN (:healthy, :expiring, :paused)"),
		UpdateExpression:         aws.String("SET #status = :blocked, reason = :reason, #action = :action, updated_at = :now"),
		ExpressionAttributeNames: map[string]string{"#status": "status", "#action": "action"},
		ExpressionAttributeValues: item{
			":newest": str(b.Newest), ":healthy": str(string(connection.Healthy)), ":expiring": str(string(connection.Expiring)),
			":paused": str(string(connection.Paused)), ":blocked": str(string(connection.Blocked)), ":reason": str(b.Reason), ":action": action, ":now": num(b.Line.At),
		},
	}}
	err = s.transact(ctx, []types.TransactWriteItem{block, {Update: s.settling(e, webhook.Processed, "")}, trail})
	refused := refusedAt(err)
	switch {
	case slices.Contains(refused, 1): // somebody else settled it, or our own answer was lost
		return true, nil
	case slices.Contains(refused, 0):
		return false, nil
	default:
		return err == nil, err
	}
}

// LosePermission implements webhook.ProcessStore.
func (s *Store) LosePermission(ctx context.Context, e webhook.Event, c connection.Connection, scopes []string, line connection.Event) error {
	before, err := attributevalue.Marshal(c.Scopes)
	if err != nil {
		return fmt.Errorf("store: scopes: %w", err)
	}
	after, err := attributevalue.Marshal(scopes)
	if err != nil {
		return fmt.Errorf("store: scopes: %w", err)
	}
	trail, err := s.auditPut(auditOf(line))
	if err != nil {
		return err
	}
	w := change{condition: "token_version = :version AND scopes = :before"}
	w.value(":version", str(c.TokenVersion))
	w.value(":before", before)
	w.set("scopes", after)
	w.set("updated_at", num(line.At))
	err = s.transact(ctx, []types.TransactWriteItem{w.update(s.Tables.Connections, c.Key()), {Update: s.settling(e, webhook.Processed, "")}, trail})
	if slices.Contains(refusedAt(err), 1) { // somebody else settled it, or our own answer was lost
		return nil
	}
	return err
}

// Replay implements webhook.ManageStore.
func (s *Store) Replay(ctx context.Context, e webhook.Event, at time.Time, line connection.Event) error {
	trail, err := s.auditPut(auditOf(line))
	if err != nil {
		return err
	}
	again := types.TransactWriteItem{Update: &types.Update{
		TableName: &s.Tables.WebhookEvents, Key: eventKey(e.Platform, e.ID), ConditionExpression: aws.String("tenant_id = :t AND #state <> :received"),
		UpdateExpression:         aws.String("SET #state = :received, reason = :none, attempts = :zero, #shard = :shard, attend_at = :at REMOVE failed_key"),
		ExpressionAttributeNames: map[string]string{"#state": "state", "#shard": "shard"},
		ExpressionAttributeValues: item{
			":t": str(e.TenantID), ":received": str(string(webhook.Received)), ":none": str(""), ":zero": num(0),
			":shard": str(webhook.ShardOf(e.ID)), ":at": num(at.UnixMilli()),
		},
	}}
	if err := s.transact(ctx, []types.TransactWriteItem{again, trail}); err != nil && !errors.Is(err, ErrConflict) {
		return err
	}
	return nil
}

// DueEvents implements webhook.SweepStore.
func (s *Store) DueEvents(ctx context.Context, shard string, before time.Time, limit int) ([]webhook.Due, error) {
	r, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Tables.WebhookEvents, IndexName: aws.String("by_attention"), Limit: aws.Int32(int32(limit)), //nolint:gosec // a page's size
		KeyConditionExpression: aws.String("#shard = :s AND attend_at <= :t"), ExpressionAttributeNames: map[string]string{"#shard": "shard"},
		ExpressionAttributeValues: item{":s": str(shard), ":t": num(before.UnixMilli())},
	})
	if err != nil {
		return nil, fmt.Errorf("store: due webhook events: %w", err)
	}
	return decodeAll[webhook.Due](r.Items)
}

// LookAgainAtEvent implements webhook.SweepStore.
func (s *Store) LookAgainAtEvent(ctx context.Context, d webhook.Due, at time.Time) error {
	return s.update(ctx, &types.Update{
		TableName: &s.Tables.WebhookEvents, Key: eventKey(d.Platform, d.ID), ConditionExpression: aws.String("attend_at = :old"),
		UpdateExpression: aws.String("SET attend_at = :new"), ExpressionAttributeValues: item{":old": num(d.AttendAt), ":new": num(at.UnixMilli())},
	}, "look again at webhook event")
}

func decodeAll[T any](items []item) ([]T, error) {
	out := make([]T, 0, len(items))
	for _, it := range items {
		var v T
		if err := decode(it, &v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Events implements webhook.ManageStore.
func (s *Store) Events(ctx context.Context, tenant string, failedOnly bool, from string, limit int) ([]webhook.Event, string, error) {
	at, id, err := ParseCursor(from)
	if err != nil {
		return nil, "", err
	}
	index, key := "by_tenant", "tenant_id"
	if failedOnly {
		index, key = "by_failed", "failed_key"
	}
	in := &dynamodb.QueryInput{
		TableName: &s.Tables.WebhookEvents, IndexName: &index, ScanIndexForward: aws.Bool(false), Limit: aws.Int32(int32(limit)), //nolint:gosec // 1 to 100
		KeyConditionExpression: aws.String("#key = :t"), ExpressionAttributeNames: map[string]string{"#key": key},
		ExpressionAttributeValues: item{":t": str(tenant)},
	}
	if id != "" {
		platform, event, _ := strings.Cut(id, "#")
		in.ExclusiveStartKey = eventKey(platform, event)
		in.ExclusiveStartKey[key], in.ExclusiveStartKey["received_at"] = str(tenant), num(at)
	}
	r, err := s.DB.Query(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("store: webhook events: %w", err)
	}
	events, err := decodeAll[webhook.Event](r.Items)
	if err != nil || len(r.LastEvaluatedKey) == 0 || len(events) == 0 {
		return events, "", err
	}
	last := events[len(events)-1]
	return events, cursor{last.ReceivedAt, last.Platform + "#" + last.ID}.String(), nil
}

// FailedSince implements webhook.ManageStore.
func (s *Store) FailedSince(ctx context.Context, tenant string, since time.Time, limit int) ([]webhook.Event, error) {
	r, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Tables.WebhookEvents, IndexName: aws.String("by_failed"), Limit: aws.Int32(int32(limit)), //nolint:gosec // a constant
		KeyConditionExpression:    aws.String("failed_key = :t AND received_at >= :since"),
		ExpressionAttributeValues: item{":t": str(tenant), ":since": num(since.UnixMilli())},
	})
	if err != nil {
		return nil, fmt.Errorf("store: failed webhook events: %w", err)
	}
	return decodeAll[webhook.Event](r.Items)
}
