package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/connection"
)

// What is remembered on the way through a platform's consent lies in the tenants table, under the tenant.

// PutState implements connection.LinkStore.
func (s *Store) PutState(ctx context.Context, v connection.State) error {
	it, err := encode(v, item{"sk": str(skOAuth + v.Hash), "ttl": num(v.ExpiresAt / 1000)})
	if err != nil {
		return err
	}
	if _, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Tables.Tenants, Item: it}); err != nil {
		return fmt.Errorf("store: put state: %w", err)
	}
	return nil
}

// TakeState implements connection.LinkStore. Only the session that owns the state gets as far as the delete, so no
// other browser can burn it; of two callbacks one wins. The delete is a transaction because the SDK repeats a call
// whose answer was lost: a transaction's token makes the repetition the same call, where a plain delete would find
// nothing any more and take the person's own state for a used one.
func (s *Store) TakeState(ctx context.Context, tenant, hash, sessionHash string) (v connection.State, taken, found bool, err error) {
	key := tenantKey(tenant, skOAuth+hash)
	err = s.get(ctx, s.Tables.Tenants, key, &v)
	if errors.Is(err, ErrNotFound) {
		return connection.State{}, false, false, nil
	}
	if err != nil || v.SessionHash != sessionHash {
		return connection.State{}, false, err == nil, err
	}
	err = s.transact(ctx, []types.TransactWriteItem{{Delete: &types.Delete{
		TableName: &s.Tables.Tenants, Key: key, ConditionExpression: aws.String("attribute_exists(tenant_id)"),
	}}})
	if errors.Is(err, ErrConflict) {
		return connection.State{}, false, false, nil
	}
	return v, err == nil, true, err
}

// PutGrant implements connection.GrantStore.
func (s *Store) PutGrant(ctx context.Context, g connection.Grant) error {
	it, err := encode(g, item{"sk": str(skGrant + g.ID), "ttl": num(g.ExpiresAt / 1000)})
	if err != nil {
		return err
	}
	if _, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Tables.Tenants, Item: it}); err != nil {
		return fmt.Errorf("store: put grant: %w", err)
	}
	return nil
}

// Grant implements connection.GrantStore.
func (s *Store) Grant(ctx context.Context, tenant, id string) (g connection.Grant, found bool, err error) {
	err = s.get(ctx, s.Tables.Tenants, tenantKey(tenant, skGrant+id), &g)
	if errors.Is(err, ErrNotFound) {
		return g, false, nil
	}
	return g, err == nil, err
}
