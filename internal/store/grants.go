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
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Tables.Tenants, Item: it, ConditionExpression: aws.String("attribute_not_exists(tenant_id)")})
	if err != nil {
		return fmt.Errorf("store: put state: %w", err)
	}
	return nil
}

// TakeState implements connection.LinkStore: one conditional delete, so of two callbacks one wins, and a browser that
// does not own the state cannot burn it.
func (s *Store) TakeState(ctx context.Context, tenant, hash, sessionHash string) (v connection.State, taken, found bool, err error) {
	r, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.Tables.Tenants, Key: tenantKey(tenant, skOAuth+hash),
		ConditionExpression:                 aws.String("session_hash = :h"),
		ExpressionAttributeValues:           item{":h": str(sessionHash)},
		ReturnValues:                        types.ReturnValueAllOld,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		return v, false, len(refused.Item) > 0, nil
	}
	if err != nil {
		return v, false, false, fmt.Errorf("store: take state: %w", err)
	}
	err = decode(r.Attributes, &v)
	return v, true, true, err
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
