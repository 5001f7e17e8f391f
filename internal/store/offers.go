package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/offer"
)

var _ offer.Store = (*Store)(nil)

// Offers lie in the table of metrics, in a partition of their own per workspace. What is offered is JSON as a whole: the
// schemas of options are.
func offerKey(tenant, connection string) item {
	return item{"pk": str(tenant + "#offer"), "hour": str(connection)}
}

// Offers implements offer.Store.
func (s *Store) Offers(ctx context.Context, tenant string, connections []string) (map[string]offer.Kept, error) {
	keys := make([]item, 0, len(connections))
	for _, id := range connections {
		keys = append(keys, offerKey(tenant, id))
	}
	rows, err := s.batchGet(ctx, s.Tables.Metrics, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[string]offer.Kept, len(rows))
	for _, it := range rows {
		var row struct {
			Connection string `dynamodbav:"hour"`
			Offer      []byte `dynamodbav:"offer"`
			At         int64  `dynamodbav:"at"`
		}
		if err := decode(it, &row); err != nil {
			return nil, err
		}
		k := offer.Kept{At: row.At}
		if err := json.Unmarshal(row.Offer, &k.Offer); err != nil {
			return nil, fmt.Errorf("store: offer: %w", err)
		}
		out[row.Connection] = k
	}
	return out, nil
}

// KeepOffer implements act.Store. An answer that was asked for earlier does not replace a later one.
func (s *Store) KeepOffer(ctx context.Context, tenant, connection string, o connector.Offer, at time.Time) error {
	raw, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("store: offer: %w", err)
	}
	return s.update(ctx, &types.Update{
		TableName: &s.Tables.Metrics, Key: offerKey(tenant, connection),
		ConditionExpression:      aws.String("attribute_not_exists(pk) OR #at <= :at"),
		UpdateExpression:         aws.String("SET offer = :offer, #at = :at, #ttl = :ttl, v = :v"),
		ExpressionAttributeNames: map[string]string{"#at": "at", "#ttl": "ttl"},
		ExpressionAttributeValues: item{
			":offer": &types.AttributeValueMemberB{Value: raw}, ":at": num(at.UnixMilli()), ":ttl": num(at.Add(offer.Life).Unix()), ":v": num(Version),
		},
	}, "offer")
}
