package store

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/vault"
)

type sealedItem struct {
	ConnectionID string `dynamodbav:"connection_id"`
	Version      string `dynamodbav:"version"`
	TenantID     string `dynamodbav:"tenant_id"`
	DataKey      []byte `dynamodbav:"data_key"`
	Nonce        []byte `dynamodbav:"nonce"`
	Ciphertext   []byte `dynamodbav:"ciphertext"`
	TTL          int64  `dynamodbav:"ttl,omitempty"` // epoch seconds; candidates only
}

func (i sealedItem) sealed() vault.Sealed {
	return vault.Sealed{
		Ref:     vault.Ref{Tenant: i.TenantID, Connection: i.ConnectionID, Version: i.Version},
		DataKey: i.DataKey, Nonce: i.Nonce, Ciphertext: i.Ciphertext,
	}
}

func vaultKey(connection, version string) item {
	return item{"connection_id": str(connection), "version": str(version)}
}

// PutSealed implements vault.Writer. A version is written once; the same seal may be written again, because the SDK
// repeats a call whose answer was lost.
func (s *Store) PutSealed(ctx context.Context, v vault.Sealed, ttl time.Time) error {
	i := sealedItem{ConnectionID: v.Connection, Version: v.Version, TenantID: v.Tenant, DataKey: v.DataKey, Nonce: v.Nonce, Ciphertext: v.Ciphertext}
	if !ttl.IsZero() {
		i.TTL = ttl.Unix()
	}
	it, err := encode(i, nil)
	if err != nil {
		return err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.Tables.Vault, Item: it, ConditionExpression: aws.String("attribute_not_exists(connection_id) OR nonce = :nonce"),
		ExpressionAttributeValues: item{":nonce": &types.AttributeValueMemberB{Value: v.Nonce}},
	})
	if conditionFailed(err) {
		return ErrConflict
	}
	if err != nil {
		return fmt.Errorf("store: put sealed: %w", err)
	}
	return nil
}

// GetSealed reads one version. Only functions that may open tokens have the right to it.
func (s *Store) GetSealed(ctx context.Context, ref vault.Ref) (vault.Sealed, error) {
	var i sealedItem
	if err := s.get(ctx, s.Tables.Vault, vaultKey(ref.Connection, ref.Version), &i); err != nil {
		return vault.Sealed{}, err
	}
	if i.TenantID != ref.Tenant {
		return vault.Sealed{}, ErrNotFound
	}
	return i.sealed(), nil
}

// promoteSealed makes a candidate permanent as a part of a transaction. It reads nothing.
func (s *Store) promoteSealed(ref vault.Ref) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.Tables.Vault, Key: vaultKey(ref.Connection, ref.Version),
		UpdateExpression:          aws.String("REMOVE #ttl"),
		ConditionExpression:       aws.String("tenant_id = :t"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: item{":t": str(ref.Tenant)},
	}}
}

// expireSealed lets a version vanish at the given moment, as a part of a transaction.
func (s *Store) expireSealed(ref vault.Ref, at time.Time) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.Tables.Vault, Key: vaultKey(ref.Connection, ref.Version),
		UpdateExpression:          aws.String("SET #ttl = :at"),
		ConditionExpression:       aws.String("tenant_id = :t"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: item{":t": str(ref.Tenant), ":at": num(at.Unix())},
	}}
}
