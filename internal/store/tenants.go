package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/tenant"
)

var (
	_ tenant.Store        = (*Store)(nil)
	_ tenant.SessionStore = (*Store)(nil)
)

// The sort keys of the tenants table.
const (
	skMeta    = "meta"
	skMember  = "member#"
	skSession = "session#"
	skOAuth   = "oauth#"
	skGrant   = "grant#"
	skFlag    = "flag#"
)

func tenantKey(tenantID, sk string) item { return item{"tenant_id": str(tenantID), "sk": str(sk)} }

// CreateWorkspace implements tenant.Store.
func (s *Store) CreateWorkspace(ctx context.Context, w tenant.Workspace, m tenant.Membership) error {
	meta, err := encode(w, item{"sk": str(skMeta)})
	if err != nil {
		return err
	}
	member, err := encode(m, item{"sk": str(skMember + m.ID)})
	if err != nil {
		return err
	}
	err = s.transact(ctx, []types.TransactWriteItem{
		put(s.Tables.Tenants, meta, "attribute_not_exists(tenant_id)"),
		put(s.Tables.Tenants, member, "attribute_not_exists(tenant_id)"),
	})
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// Workspace implements tenant.Store.
func (s *Store) Workspace(ctx context.Context, tenantID string) (w tenant.Workspace, err error) {
	err = s.get(ctx, s.Tables.Tenants, tenantKey(tenantID, skMeta), &w)
	return w, err
}

// Lateness is publish.Lateness.
func (s *Store) Lateness(ctx context.Context, tenantID string) (time.Duration, error) {
	w, err := s.Workspace(ctx, tenantID)
	if errors.Is(err, ErrNotFound) {
		return tenant.DefaultLateness, nil
	}
	return w.Lateness(), err
}

// UpdateWorkspace implements tenant.Store. The sessions carry name and zone so that a request needs one read; they
// follow one by one, and one that ends meanwhile stays ended.
func (s *Store) UpdateWorkspace(ctx context.Context, w tenant.Workspace) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Tenants, Key: tenantKey(w.ID, skMeta),
		UpdateExpression:          aws.String("SET #name = :name, #zone = :zone, lateness_hours = :late"),
		ConditionExpression:       aws.String("attribute_exists(tenant_id)"),
		ExpressionAttributeNames:  map[string]string{"#name": "name", "#zone": "zone"},
		ExpressionAttributeValues: item{":name": str(w.Name), ":zone": str(w.Zone), ":late": num(int64(w.LatenessHours))},
	})
	if conditionFailed(err) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: update workspace: %w", err)
	}
	pages := dynamodb.NewQueryPaginator(s.DB, s.tenantRows(w.ID, skSession))
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("store: list sessions: %w", err)
		}
		for _, row := range page.Items {
			_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &s.Tables.Tenants, Key: item{"tenant_id": row["tenant_id"], "sk": row["sk"]},
				UpdateExpression:          aws.String("SET workspace = :name, #zone = :zone"),
				ConditionExpression:       aws.String("attribute_exists(tenant_id)"),
				ExpressionAttributeNames:  map[string]string{"#zone": "zone"},
				ExpressionAttributeValues: item{":name": str(w.Name), ":zone": str(w.Zone)},
			})
			if err != nil && !conditionFailed(err) {
				return fmt.Errorf("store: update session: %w", err)
			}
		}
	}
	return nil
}

func (s *Store) tenantRows(tenantID, prefix string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: &s.Tables.Tenants, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("tenant_id = :t AND begins_with(sk, :p)"),
		ExpressionAttributeValues: item{":t": str(tenantID), ":p": str(prefix)},
	}
}

// Member implements tenant.Store.
func (s *Store) Member(ctx context.Context, tenantID, memberID string) (m tenant.Membership, err error) {
	err = s.get(ctx, s.Tables.Tenants, tenantKey(tenantID, skMember+memberID), &m)
	return m, err
}

// Memberships implements tenant.Store.
func (s *Store) Memberships(ctx context.Context, userID string) ([]tenant.Membership, error) {
	r, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Tables.Tenants, IndexName: aws.String("by_user"),
		KeyConditionExpression:    aws.String("user_id = :u"),
		ExpressionAttributeValues: item{":u": str(userID)},
	})
	if err != nil {
		return nil, fmt.Errorf("store: memberships: %w", err)
	}
	var out []tenant.Membership
	for _, row := range r.Items {
		var m tenant.Membership
		if err := decode(row, &m); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// PutSession implements tenant.Store.
func (s *Store) PutSession(ctx context.Context, v tenant.Session) error {
	it, err := encode(v, item{"sk": str(skSession + v.Hash), "ttl": num(v.ExpiresAt / 1000)})
	if err != nil {
		return err
	}
	if _, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Tables.Tenants, Item: it}); err != nil {
		return fmt.Errorf("store: put session: %w", err)
	}
	return nil
}

// Session implements tenant.SessionStore.
func (s *Store) Session(ctx context.Context, tenantID, hash string) (v tenant.Session, found bool, err error) {
	err = s.get(ctx, s.Tables.Tenants, tenantKey(tenantID, skSession+hash), &v)
	if errors.Is(err, ErrNotFound) {
		return tenant.Session{}, false, nil
	}
	return v, err == nil, err
}

// DeleteSession implements tenant.Store.
func (s *Store) DeleteSession(ctx context.Context, tenantID, hash string) error {
	_, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.Tables.Tenants, Key: tenantKey(tenantID, skSession+hash)})
	if err != nil {
		return fmt.Errorf("store: delete session: %w", err)
	}
	return nil
}

// PlatformOff implements tenant.Store, connection.LinkStore, publish.JobStore and publish.PostStore.
func (s *Store) PlatformOff(ctx context.Context, tenantID, platform string) (bool, error) {
	var f struct {
		Off bool `dynamodbav:"off"`
	}
	err := s.get(ctx, s.Tables.Tenants, tenantKey(tenantID, skFlag+platform), &f)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return f.Off, err
}

// SetPlatformOff implements tenant.Store.
func (s *Store) SetPlatformOff(ctx context.Context, tenantID, platform string, off bool) error {
	it := tenantKey(tenantID, skFlag+platform)
	it["off"] = &types.AttributeValueMemberBOOL{Value: off}
	it["v"] = num(Version)
	if _, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Tables.Tenants, Item: it}); err != nil {
		return fmt.Errorf("store: set flag: %w", err)
	}
	return nil
}
