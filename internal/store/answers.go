package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"github.com/herald-publishing/herald/internal/replay"
)

var _ replay.Store = (*Store)(nil)

// largestAnswer is what of an answer fits beside its other attributes into an item of DynamoDB (400 KB).
const largestAnswer = 380_000

type answerItem struct {
	PK         string `dynamodbav:"pk"`
	Hash       string `dynamodbav:"hash"`
	Claim      string `dynamodbav:"claim"` // names the call that took the key: the SDK may repeat it
	Done       bool   `dynamodbav:"done"`
	Status     int    `dynamodbav:"status"`
	Type       string `dynamodbav:"type"`
	Body       []byte `dynamodbav:"body"`        // gzip
	LeaseUntil int64  `dynamodbav:"lease_until"` // epoch ms; the claim's end, and once done the answer's
	TTL        int64  `dynamodbav:"ttl"`
}

func answerKey(tenant, key string) string { return tenant + "#answer#" + key }

// ClaimAnswer implements replay.Store: one conditional write.
func (s *Store) ClaimAnswer(ctx context.Context, tenant, key, hash string, now, lease time.Time) (replay.Answer, bool, error) {
	claim := ulid.Make().String()
	it, err := encode(answerItem{PK: answerKey(tenant, key), Hash: hash, Claim: claim, LeaseUntil: lease.UnixMilli(), TTL: lease.Add(time.Hour).Unix()}, nil)
	if err != nil {
		return replay.Answer{}, false, err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.Tables.Idempotency, Item: it,
		ConditionExpression:                 aws.String("attribute_not_exists(pk) OR lease_until <= :now OR claim = :claim"),
		ExpressionAttributeValues:           item{":now": num(now.UnixMilli()), ":claim": str(claim)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var taken *types.ConditionalCheckFailedException
	if errors.As(err, &taken) {
		a, err := answerOf(taken.Item)
		return a, false, err
	}
	if err != nil {
		return replay.Answer{}, false, fmt.Errorf("store: claim answer: %w", err)
	}
	return replay.Answer{}, true, nil
}

func answerOf(it item) (replay.Answer, error) {
	var i answerItem
	if err := decode(it, &i); err != nil {
		return replay.Answer{}, err
	}
	a := replay.Answer{Hash: i.Hash, Done: i.Done, Status: i.Status, Type: i.Type}
	if len(i.Body) == 0 {
		return a, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(i.Body))
	if err != nil {
		return a, fmt.Errorf("store: answer: %w", err)
	}
	if a.Body, err = io.ReadAll(z); err != nil {
		return a, fmt.Errorf("store: answer: %w", err)
	}
	return a, nil
}

// KeepAnswer implements replay.Store.
func (s *Store) KeepAnswer(ctx context.Context, tenant, key string, a replay.Answer, until time.Time) error {
	i := answerItem{
		PK: answerKey(tenant, key), Hash: a.Hash, Done: true, Status: a.Status, Type: a.Type, LeaseUntil: until.UnixMilli(), TTL: until.Unix(),
	}
	if len(a.Body) > 0 {
		var buf bytes.Buffer
		z := gzip.NewWriter(&buf)
		_, _ = z.Write(a.Body) // a buffer takes everything
		if err := z.Close(); err != nil {
			return fmt.Errorf("store: keep answer: %w", err)
		}
		if i.Body = buf.Bytes(); len(i.Body) > largestAnswer {
			return errors.New("store: keep answer: too large for an item")
		}
	}
	it, err := encode(i, nil)
	if err != nil {
		return err
	}
	if _, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Tables.Idempotency, Item: it}); err != nil {
		return fmt.Errorf("store: keep answer: %w", err)
	}
	return nil
}

// DropAnswer implements replay.Store.
func (s *Store) DropAnswer(ctx context.Context, tenant, key string) error {
	_, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.Tables.Idempotency, Key: item{"pk": str(answerKey(tenant, key))}})
	if err != nil {
		return fmt.Errorf("store: drop answer: %w", err)
	}
	return nil
}
