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
	"github.com/oklog/ulid/v2"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/vault"
)

var _ connection.FarewellStore = (*Store)(nil)

// personRow is a row of the connections table that belongs to no workspace: who may stand on a person's grant. The rows
// of the connections say who does. It is written with each link, so that it lags behind nothing, as an index would.
type personRow struct {
	Members []string `dynamodbav:"members,stringset"` // tenant id, "/", connection id
	Epoch   int64    `dynamodbav:"epoch"`             // counts links
}

func personKey(p connection.Person) item {
	return connectionKey("person#"+p.Platform+"#"+p.Login+"#"+p.Subject, "grant")
}

// joinGrant adds a connection to those that may stand on the person's grant, unless that was given back since the
// consent: versions are ULIDs, and so is the end.
func (s *Store) joinGrant(c connection.Connection, p connection.Person) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.Tables.Connections, Key: personKey(p), UpdateExpression: aws.String("ADD members :member, epoch :one"),
		ConditionExpression: aws.String("attribute_not_exists(ended) OR ended < :version"),
		ExpressionAttributeValues: item{
			":member": &types.AttributeValueMemberSS{Value: []string{c.TenantID + "/" + c.ID}}, ":one": num(1), ":version": str(c.TokenVersion),
		},
	}}
}

// versionAt is the lowest version of a credential that is sealed after the moment's millisecond.
func versionAt(t time.Time) (string, error) {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(t) + 1); err != nil {
		return "", fmt.Errorf("store: version: %w", err)
	}
	return strings.ToLower(id.String()), nil
}

// Unlink implements connection.Store.
func (s *Store) Unlink(ctx context.Context, c connection.Connection, f connection.Farewell, at time.Time, e connection.Event) error {
	mark, err := attributevalue.Marshal(f)
	if err != nil {
		return fmt.Errorf("store: farewell: %w", err)
	}
	trail, err := s.auditPut(auditOf(e))
	if err != nil {
		return err
	}
	w := change{condition: "token_version = :version AND #status <> :gone"}
	w.value(":version", str(c.TokenVersion))
	w.value(":gone", str(string(connection.Disconnected)))
	w.set("status", str(string(connection.Disconnected)))
	w.set("reason", str(""))
	w.set("updated_at", num(e.At))
	w.set("farewell", mark)
	w.set("ping_at", num(at.UnixMilli()))
	w.remove("refresh_at", "rotating", "lease", "lease_until")
	items := []types.TransactWriteItem{w.update(s.Tables.Connections, c.Key()), trail}
	// Should the ping never come to it, the table itself lets the credential go.
	ref := vault.Ref{Tenant: c.TenantID, Connection: c.ID, Version: c.TokenVersion}
	err = s.transact(ctx, append(slices.Clone(items), s.expireSealed(ref, time.UnixMilli(f.Until).Add(time.Hour))))
	if refused := refusedAt(err); len(refused) == 1 && refused[0] == len(items) { // the credential is gone already
		err = s.transact(ctx, items)
	}
	if errors.Is(err, ErrConflict) {
		return connection.ErrLost
	}
	return err
}

// Grantees implements connection.FarewellStore. The index adds what was linked before there were such rows.
func (s *Store) Grantees(ctx context.Context, p connection.Person) ([]connection.Key, int64, error) {
	var row personRow
	if err := s.get(ctx, s.Tables.Connections, personKey(p), &row); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, 0, err
	}
	var all []connection.Key
	for _, m := range row.Members {
		tenant, id, _ := strings.Cut(m, "/")
		all = append(all, connection.Key{TenantID: tenant, ID: id})
	}
	indexed, err := s.ConnectionsOf(ctx, p.Platform, p.Subject)
	if err != nil {
		return nil, 0, err
	}
	for _, t := range indexed {
		if k := (connection.Key{TenantID: t.TenantID, ID: t.ConnectionID}); !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all, row.Epoch, nil
}

// Linked implements connection.FarewellStore.
func (s *Store) Linked(ctx context.Context, platform, externalID string) ([]connection.Key, error) {
	indexed, err := s.ConnectionsTo(ctx, platform, externalID)
	if err != nil {
		return nil, err
	}
	keys := make([]connection.Key, 0, len(indexed))
	for _, t := range indexed {
		keys = append(keys, connection.Key{TenantID: t.TenantID, ID: t.ConnectionID})
	}
	return keys, nil
}

// ClaimGrant implements connection.FarewellStore. The end lies in the future while the claim is held.
func (s *Store) ClaimGrant(ctx context.Context, p connection.Person, mark int64, now, until time.Time) error {
	from, err := versionAt(now)
	if err != nil {
		return err
	}
	to, err := versionAt(until)
	if err != nil {
		return err
	}
	condition := "epoch = :mark"
	values := item{":to": str(to), ":from": str(from), ":mark": num(mark)}
	if mark == 0 { // nobody was linked since there are such rows
		condition = "attribute_not_exists(epoch)"
		delete(values, ":mark")
	}
	condition += " AND (attribute_not_exists(ended) OR ended <= :from)"
	_, err = s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Connections, Key: personKey(p), UpdateExpression: aws.String("SET ended = :to"),
		ConditionExpression: &condition, ExpressionAttributeValues: values,
	})
	if conditionFailed(err) {
		return connection.ErrLost
	}
	if err != nil {
		return fmt.Errorf("store: claim grant: %w", err)
	}
	return nil
}

// PutOffFarewell implements connection.FarewellStore.
func (s *Store) PutOffFarewell(ctx context.Context, c connection.Living, at time.Time, tries int) error {
	w := leaving(c)
	mark, err := attributevalue.Marshal(connection.Farewell{Until: c.Farewell.Until, Tries: tries})
	if err != nil {
		return fmt.Errorf("store: farewell: %w", err)
	}
	w.set("farewell", mark)
	w.set("ping_at", num(min(at.UnixMilli(), c.Farewell.Until)))
	return s.keepers(ctx, []types.TransactWriteItem{w.update(s.Tables.Connections, c.Key())})
}

// EndFarewell implements connection.FarewellStore.
func (s *Store) EndFarewell(ctx context.Context, c connection.Living, e connection.FarewellEnd) error {
	w := leaving(c)
	w.remove("farewell", "ping_at")
	items := []types.TransactWriteItem{w.update(s.Tables.Connections, c.Key()), {Delete: &types.Delete{
		TableName: &s.Tables.Vault, Key: vaultKey(c.ID, c.TokenVersion),
		ConditionExpression:       aws.String("attribute_not_exists(tenant_id) OR tenant_id = :t"),
		ExpressionAttributeValues: item{":t": str(c.TenantID)},
	}}}
	if p, known := c.Person(); known && e.Claimed {
		ended, err := versionAt(e.Now)
		if err != nil {
			return err
		}
		items = append(items, types.TransactWriteItem{Update: &types.Update{
			TableName: &s.Tables.Connections, Key: personKey(p), UpdateExpression: aws.String("SET ended = :ended REMOVE members"),
			ExpressionAttributeValues: item{":ended": str(ended)},
		}})
	}
	return s.keepers(ctx, items, &e.Event)
}

// leaving is a change of a row that still waits for its farewell.
func leaving(c connection.Living) change {
	w := change{condition: "token_version = :version AND #status = :gone AND attribute_exists(farewell)"}
	w.value(":version", str(c.TokenVersion))
	w.value(":gone", str(string(connection.Disconnected)))
	return w
}
