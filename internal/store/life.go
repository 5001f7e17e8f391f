package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/vault"
)

var (
	_ connection.RefreshStore = (*Store)(nil)
	_ connection.PingStore    = (*Store)(nil)
)

// lifeKeys are the index keys of a connection that was linked just now. It is pinged at once: the first ping asks for its
// webhooks.
func lifeKeys(c connection.Connection) item {
	return item{
		"shard": str(connection.ShardOf(c.ID)), "refresh_at": num(connection.FirstRefresh(c)),
		"ping_at": num(c.UpdatedAt),
	}
}

// DueForRefresh implements connection.RefreshStore.
func (s *Store) DueForRefresh(ctx context.Context, shard string, before time.Time, after connection.Due, limit int) ([]connection.Due, error) {
	return s.due(ctx, "by_refresh", "refresh_at", shard, before, after, limit)
}

// DueForPing implements connection.PingStore.
func (s *Store) DueForPing(ctx context.Context, shard string, before time.Time, after connection.Due, limit int) ([]connection.Due, error) {
	return s.due(ctx, "by_ping", "ping_at", shard, before, after, limit)
}

func (s *Store) due(ctx context.Context, index, at, shard string, before time.Time, after connection.Due, limit int) ([]connection.Due, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.Tables.Connections, IndexName: &index, Limit: aws.Int32(int32(limit)), //nolint:gosec // a page's size
		KeyConditionExpression:    aws.String("#shard = :s AND " + at + " <= :t"),
		ExpressionAttributeNames:  map[string]string{"#shard": "shard"},
		ExpressionAttributeValues: item{":s": str(shard), ":t": num(before.UnixMilli())},
	}
	if after.ID != "" {
		in.ExclusiveStartKey = connectionKey(after.TenantID, after.ID)
		in.ExclusiveStartKey["shard"], in.ExclusiveStartKey[at] = str(shard), num(after.At)
	}
	r, err := s.DB.Query(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", index, err)
	}
	found := make([]connection.Due, 0, len(r.Items))
	for _, it := range r.Items {
		var d connection.Due
		if err := decode(it, &d.Key); err != nil {
			return nil, err
		}
		if err := attributevalue.Unmarshal(it[at], &d.At); err != nil {
			return nil, fmt.Errorf("store: %s: %w", index, err)
		}
		found = append(found, d)
	}
	return found, nil
}

// Living implements connection.PingStore.
func (s *Store) Living(ctx context.Context, k connection.Key) (c connection.Living, found bool, err error) {
	err = s.get(ctx, s.Tables.Connections, connectionKey(k.TenantID, k.ID), &c)
	if errors.Is(err, ErrNotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

// Sealed implements connection.RefreshStore.
func (s *Store) Sealed(ctx context.Context, ref vault.Ref) (v vault.Sealed, found bool, err error) {
	v, err = s.GetSealed(ctx, ref)
	if errors.Is(err, ErrNotFound) {
		return v, false, nil
	}
	return v, err == nil, err
}

// ClaimRefresh implements connection.RefreshStore. Lease and mark are one conditional write.
func (s *Store) ClaimRefresh(ctx context.Context, k connection.Key, claim connection.Claim) (connection.Living, bool, error) {
	var c connection.Living
	values := item{
		":lease": str(claim.Lease), ":until": num(claim.Until.UnixMilli()), ":now": num(claim.Now.UnixMilli()),
		":healthy": str(string(connection.Healthy)), ":expiring": str(string(connection.Expiring)), ":paused": str(string(connection.Paused)),
	}
	mark, err := attributevalue.Marshal(connection.Rotation{ID: claim.Mark, StartedAt: claim.Now.UnixMilli()})
	if err != nil {
		return c, false, fmt.Errorf("store: claim refresh: %w", err)
	}
	values[":mark"] = mark
	condition := "#status IN (:healthy, :expiring, :paused) AND (attribute_not_exists(lease_until) OR lease_until < :now)"
	if claim.Version != "" {
		condition += " AND token_version = :version"
		values[":version"] = str(claim.Version)
	} else { // another run may have renewed it since it was found to be due
		condition += " AND refresh_at <= :now"
	}
	r, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Connections, Key: connectionKey(k.TenantID, k.ID), ConditionExpression: &condition,
		UpdateExpression:         aws.String("SET lease = :lease, lease_until = :until, rotating = if_not_exists(rotating, :mark)"),
		ExpressionAttributeNames: map[string]string{"#status": "status"}, ExpressionAttributeValues: values,
		ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var no *types.ConditionalCheckFailedException
	if errors.As(err, &no) {
		err = decode(no.Item, &c)
		return c, err == nil && c.Lease == claim.Lease, err // granted already: the answer was lost and the SDK asked again
	}
	if err != nil {
		return c, false, fmt.Errorf("store: claim refresh: %w", err)
	}
	err = decode(r.Attributes, &c)
	return c, err == nil, err
}

// Unschedule implements connection.RefreshStore.
func (s *Store) Unschedule(ctx context.Context, c connection.Living) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Connections, Key: connectionKey(c.TenantID, c.ID), ConditionExpression: aws.String("#status = :was"),
		UpdateExpression: aws.String("REMOVE refresh_at"), ExpressionAttributeNames: map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{":was": str(string(c.Status))},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("store: unschedule: %w", err)
	}
	return nil
}

// Remark implements connection.RefreshStore.
func (s *Store) Remark(ctx context.Context, c connection.Living, next connection.Rotation) error {
	u, err := s.underLease(c, "SET rotating = :next", item{}, next)
	if err != nil {
		return err
	}
	_, err = s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeValues: u.ExpressionAttributeValues,
	})
	if conditionFailed(err) {
		return connection.ErrLost
	}
	if err != nil {
		return fmt.Errorf("store: mark rotation: %w", err)
	}
	return nil
}

// AdoptRotation implements connection.RefreshStore.
func (s *Store) AdoptRotation(ctx context.Context, c connection.Living, next connection.Rotation, retireAt time.Time) error {
	u, err := s.underLease(c, "SET rotating = :next, token_version = :version", item{":version": str(c.NextVersion())}, next)
	if err != nil {
		return err
	}
	return s.keepers(ctx, []types.TransactWriteItem{
		{Update: u}, s.promoteSealed(sealedRef(c, c.NextVersion())), s.expireSealed(sealedRef(c, c.TokenVersion), retireAt),
	})
}

// underLease is a change of the row that only the lease's holder may make.
func (s *Store) underLease(c connection.Living, expression string, values item, next connection.Rotation) (*types.Update, error) {
	mark, err := attributevalue.Marshal(next)
	if err != nil {
		return nil, fmt.Errorf("store: rotation: %w", err)
	}
	values[":next"], values[":lease"], values[":old"] = mark, str(c.Lease), str(c.TokenVersion)
	return &types.Update{
		TableName: &s.Tables.Connections, Key: connectionKey(c.TenantID, c.ID), UpdateExpression: &expression,
		ConditionExpression: aws.String("lease = :lease AND token_version = :old"), ExpressionAttributeValues: values,
	}, nil
}

// FinishRefresh implements connection.RefreshStore. A status is only touched where it changes, and then only if it is
// what it was: what a publisher found out meanwhile stays. A new credential counts whatever the old one was blocked for.
func (s *Store) FinishRefresh(ctx context.Context, o connection.Outcome) error {
	b, a := o.Before, o.After
	replaced := a.TokenVersion != b.TokenVersion
	w := change{condition: "lease = :lease AND token_version = :old"}
	w.value(":lease", str(b.Lease))
	w.value(":old", str(b.TokenVersion))
	w.remove("lease", "lease_until")
	if !o.KeepMark {
		w.remove("rotating")
	}
	w.set("refresh_tries", num(int64(a.RefreshTries)))
	w.moment("refresh_at", a.RefreshAt)
	w.set("refused", str(a.Refused))
	w.set("renew_until", num(a.RenewUntil))
	if err := w.life(a); err != nil {
		return err
	}
	if replaced {
		w.set("token_version", str(a.TokenVersion))
		w.set("ping_failures", num(0))
		w.set("ping_refusals", num(0))
		w.remove("ping_blocked")
		w.condition += " AND #status <> :gone"
		w.value(":gone", str(string(connection.Disconnected)))
	}
	if err := w.status(b, a, !replaced); err != nil {
		return err
	}
	items := []types.TransactWriteItem{w.update(s.Tables.Connections, a.Key())}
	if replaced {
		items = append(items, s.promoteSealed(sealedRef(a, a.TokenVersion)), s.expireSealed(sealedRef(b, b.TokenVersion), o.RetireAt))
	}
	return s.keepers(ctx, items, o.Event)
}

// RecordPing implements connection.PingStore.
func (s *Store) RecordPing(ctx context.Context, b, a connection.Living, seen *connection.Seen, e *connection.Event) error {
	w := change{condition: "token_version = :old AND ping_at = :at"}
	w.value(":old", str(b.TokenVersion))
	w.value(":at", num(b.PingAt))
	w.moment("ping_at", a.PingAt)
	w.set("ping_failures", num(int64(a.PingFailures)))
	w.set("ping_refusals", num(int64(a.PingRefusals)))
	w.set("ping_blocked", &types.AttributeValueMemberBOOL{Value: a.PingBlocked})
	if a.RefreshAt != b.RefreshAt {
		w.moment("refresh_at", a.RefreshAt)
	}
	if a.SubscribedAt != b.SubscribedAt || a.Unheard != b.Unheard {
		w.set("subscribed_at", num(a.SubscribedAt))
		w.set("unheard", str(a.Unheard))
	}
	if a.InspectedAt != b.InspectedAt {
		w.set("inspected_at", num(a.InspectedAt))
		if err := w.life(a); err != nil {
			return err
		}
	}
	if err := w.status(b, a, true); err != nil {
		return err
	}
	items := []types.TransactWriteItem{w.update(s.Tables.Connections, a.Key())}
	if seen != nil {
		row, err := encode(seen, nil)
		if err != nil {
			return err
		}
		items = append(items, put(s.Tables.Health, row, ""))
	}
	return s.keepers(ctx, items, e)
}

// keepers writes a keeper's transaction; a refused condition is connection.ErrLost.
func (s *Store) keepers(ctx context.Context, items []types.TransactWriteItem, events ...*connection.Event) error {
	for _, e := range slices.DeleteFunc(events, func(e *connection.Event) bool { return e == nil }) {
		trail, err := s.auditPut(auditOf(*e))
		if err != nil {
			return err
		}
		items = append(items, trail)
	}
	err := s.transact(ctx, items)
	if errors.Is(err, ErrConflict) {
		return connection.ErrLost
	}
	return err
}

func sealedRef(c connection.Living, version string) vault.Ref {
	return vault.Ref{Tenant: c.TenantID, Connection: c.ID, Version: version}
}

// HealthLog gives the newest pings of a connection, newest first.
func (s *Store) HealthLog(ctx context.Context, tenant, connectionID string, limit int) ([]connection.Seen, error) {
	r, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Tables.Health, Limit: aws.Int32(int32(limit)), ScanIndexForward: aws.Bool(false), //nolint:gosec // a page's size
		KeyConditionExpression: aws.String("connection_id = :c"), FilterExpression: aws.String("tenant_id = :t"),
		ExpressionAttributeValues: item{":c": str(connectionID), ":t": str(tenant)},
	})
	if err != nil {
		return nil, fmt.Errorf("store: health log: %w", err)
	}
	out := make([]connection.Seen, 0, len(r.Items))
	for _, it := range r.Items {
		var seen connection.Seen
		if err := decode(it, &seen); err != nil {
			return nil, err
		}
		out = append(out, seen)
	}
	return out, nil
}
