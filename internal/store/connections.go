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
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/vault"
)

var (
	_ connection.Store     = (*Store)(nil)
	_ connection.LinkStore = (*Store)(nil)
)

// Connection implements connection.Store.
func (s *Store) Connection(ctx context.Context, tenant, id string) (c connection.Connection, found bool, err error) {
	err = s.get(ctx, s.Tables.Connections, connectionKey(tenant, id), &c)
	if errors.Is(err, ErrNotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

// Connections implements connection.Store, in the order of linking.
func (s *Store) Connections(ctx context.Context, tenant string) ([]connection.Connection, error) {
	out := []connection.Connection{}
	pages := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Tables.Connections, ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("tenant_id = :t"), ExpressionAttributeValues: item{":t": str(tenant)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: connections: %w", err)
		}
		for _, row := range page.Items {
			var c connection.Connection
			if err := decode(row, &c); err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b connection.Connection) int { return int(a.CreatedAt - b.CreatedAt) })
	return out, nil
}

// LinkConnection implements connection.Store. Versions are sortable, so the condition lets only a newer one in.
func (s *Store) LinkConnection(ctx context.Context, c connection.Connection, e connection.Event) error {
	keys := lifeKeys(c)
	keys["ext_key"] = str(connection.ExternalKey(c.Platform, c.ExternalID))
	if c.Subject != "" {
		keys["subject_key"] = str(connection.ExternalKey(c.Platform, c.Subject))
	}
	row, err := encode(c, keys)
	if err != nil {
		return err
	}
	write := put(s.Tables.Connections, row, "attribute_not_exists(token_version) OR token_version < :version")
	write.Put.ExpressionAttributeValues = item{":version": str(c.TokenVersion)}
	trail, err := s.auditPut(auditOf(e))
	if err != nil {
		return err
	}
	promote := s.promoteSealed(vault.Ref{Tenant: c.TenantID, Connection: c.ID, Version: c.TokenVersion})
	items := []types.TransactWriteItem{write, promote, trail}
	if p, known := c.Person(); known {
		items = append(items, s.joinGrant(c, p))
	}
	err = s.transact(ctx, items)
	switch refused := refusedAt(err); {
	case slices.Contains(refused, 0):
		return connection.ErrStale
	case slices.Contains(refused, 1):
		return problem.New(problem.NotFound, "This choice of accounts has ended. Connect again.")
	case slices.Contains(refused, 3):
		p := problem.New(problem.Conflict, "The last account on this login was disconnected, so Herald gives the access back. Connect again in a few minutes.")
		p.Action = problem.Action{Kind: problem.ActReconnect, Label: "Connect again"}
		return p
	default:
		return err
	}
}

// Disconnect implements webhook.ProcessStore.
func (s *Store) Disconnect(ctx context.Context, tenant, id string, e connection.Event) error {
	trail, err := s.auditPut(auditOf(e))
	if err != nil {
		return err
	}
	update := types.TransactWriteItem{Update: &types.Update{
		TableName: &s.Tables.Connections, Key: connectionKey(tenant, id),
		UpdateExpression:         aws.String("SET #status = :gone, reason = :none, updated_at = :now REMOVE refresh_at, ping_at, rotating, lease, lease_until"),
		ConditionExpression:      aws.String("attribute_exists(connection_id) AND #status <> :gone"),
		ExpressionAttributeNames: map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{
			":gone": str(string(connection.Disconnected)), ":none": str(""), ":now": num(e.At),
		},
	}}
	err = s.transact(ctx, []types.TransactWriteItem{update, trail})
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// Pause implements connection.Store.
func (s *Store) Pause(ctx context.Context, tenant, id, reason string, e connection.Event) (bool, error) {
	w := change{condition: "#status IN (:healthy, :expiring)"}
	w.value(":healthy", str(string(connection.Healthy)))
	w.value(":expiring", str(string(connection.Expiring)))
	return s.switchUse(ctx, w, connection.Paused, reason, tenant, id, e)
}

// Unpause implements connection.Store.
func (s *Store) Unpause(ctx context.Context, tenant, id string, e connection.Event) (bool, error) {
	w := change{condition: "#status = :paused"}
	w.value(":paused", str(string(connection.Paused)))
	w.moment("ping_at", e.At)
	return s.switchUse(ctx, w, connection.Healthy, "", tenant, id, e)
}

func (s *Store) switchUse(ctx context.Context, w change, to connection.Status, reason, tenant, id string, e connection.Event) (bool, error) {
	none, err := attributevalue.Marshal(problem.Action{Kind: problem.ActNone})
	if err != nil {
		return false, fmt.Errorf("store: action: %w", err)
	}
	w.set("status", str(string(to)))
	w.set("reason", str(reason))
	w.set("action", none)
	w.set("updated_at", num(e.At))
	trail, err := s.auditPut(auditOf(e))
	if err != nil {
		return false, err
	}
	err = s.transact(ctx, []types.TransactWriteItem{w.update(s.Tables.Connections, connection.Key{TenantID: tenant, ID: id}), trail})
	if errors.Is(err, ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// ExpireCredential implements connection.Store.
func (s *Store) ExpireCredential(ctx context.Context, ref vault.Ref, at time.Time) error {
	u := s.expireSealed(ref, at).Update
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("store: expire credential: %w", err)
	}
	return nil
}

// JobsWaiting implements connection.Store.
func (s *Store) JobsWaiting(ctx context.Context, tenant, id string) (int, error) {
	jobs, err := s.JobsOfConnection(ctx, tenant, id, publish.Blocked)
	return len(jobs), err
}

func auditOf(e connection.Event) publish.AuditRow {
	return publish.AuditRow{
		TenantID: e.TenantID, SK: publish.AuditKey(e.At, e.ID), ConnectionID: e.ConnectionID, Kind: e.Kind, At: e.At,
		Message: e.Message, By: e.By,
	}
}
