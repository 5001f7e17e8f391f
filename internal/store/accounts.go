package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/vault"
)

func connectionKey(tenant, id string) item {
	return item{"tenant_id": str(tenant), "connection_id": str(id)}
}

// LoadAccounts implements publish.PostStore; ids that are not this tenant's are left out.
func (s *Store) LoadAccounts(ctx context.Context, tenant string, ids []string) (map[string]publish.Account, error) {
	keys := make([]item, 0, len(ids))
	for _, id := range ids {
		if id != "" {
			keys = append(keys, connectionKey(tenant, id))
		}
	}
	rows, err := s.batchGet(ctx, s.Tables.Connections, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[string]publish.Account, len(rows))
	for _, it := range rows {
		var a publish.Account
		if err := decode(it, &a); err != nil {
			return nil, err
		}
		out[a.ID] = a
	}
	return out, nil
}

// LoadMedia implements publish.PostStore; files that are not this tenant's, or not ready, are left out.
func (s *Store) LoadMedia(ctx context.Context, tenant string, ids []string) (map[string]publish.MediaRef, error) {
	keys := make([]item, 0, len(ids))
	for _, id := range ids {
		if id != "" {
			keys = append(keys, item{"tenant_id": str(tenant), "media_id": str(id)})
		}
	}
	rows, err := s.batchGet(ctx, s.Tables.Media, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[string]publish.MediaRef, len(rows))
	for _, it := range rows {
		var m struct {
			ID     string `dynamodbav:"media_id"`
			State  string `dynamodbav:"state"`
			Key    string `dynamodbav:"key"`
			Name   string `dynamodbav:"name"`
			Type   string `dynamodbav:"type"`
			Bytes  int64  `dynamodbav:"bytes"`
			Width  int    `dynamodbav:"width"`
			Height int    `dynamodbav:"height"`

			DurationMs int64   `dynamodbav:"duration_ms"`
			Codec      string  `dynamodbav:"codec"`
			FrameRate  float64 `dynamodbav:"frame_rate"`
			Pages      int     `dynamodbav:"pages"`
		}
		if err := decode(it, &m); err != nil {
			return nil, err
		}
		if m.State == "ready" {
			out[m.ID] = publish.MediaRef{
				ID: m.ID, Key: m.Key, Name: m.Name, Type: m.Type, Bytes: m.Bytes, Width: m.Width, Height: m.Height,
				DurationMs: m.DurationMs, Codec: m.Codec, FrameRate: m.FrameRate, Pages: m.Pages,
			}
		}
	}
	return out, nil
}

// LoadAccount implements publish.JobStore. tokenVersion is a hint; a second read follows only where it is old.
func (s *Store) LoadAccount(ctx context.Context, tenant, connection, tokenVersion string) (publish.Account, vault.Sealed, error) {
	var (
		account publish.Account
		sealed  vault.Sealed
	)
	ask := map[string]types.KeysAndAttributes{
		s.Tables.Connections: {Keys: []item{connectionKey(tenant, connection)}, ConsistentRead: aws.Bool(true)},
	}
	if tokenVersion != "" {
		ask[s.Tables.Vault] = types.KeysAndAttributes{Keys: []item{vaultKey(connection, tokenVersion)}, ConsistentRead: aws.Bool(true)}
	}
	r, err := s.DB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: ask})
	if err != nil {
		return account, sealed, fmt.Errorf("store: load account: %w", err)
	}
	if len(r.UnprocessedKeys) > 0 {
		return account, sealed, errors.New("store: load account: throttled")
	}
	for _, it := range r.Responses[s.Tables.Connections] {
		if err := decode(it, &account); err != nil {
			return account, sealed, err
		}
		account.QuietKinds = quietKinds(it)
	}
	for _, it := range r.Responses[s.Tables.Vault] {
		var i sealedItem
		if err := decode(it, &i); err != nil {
			return account, sealed, err
		}
		if i.TenantID == tenant {
			sealed = i.sealed()
		}
	}
	if account.ID != "" && account.TokenVersion != tokenVersion {
		sealed, err = s.GetSealed(ctx, vault.Ref{Tenant: tenant, Connection: connection, Version: account.TokenVersion})
	}
	return account, sealed, err
}
