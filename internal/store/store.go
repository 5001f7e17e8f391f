// Package store owns DynamoDB: one file per table. Its methods are the use cases' atomic moves, each one
// conditional write or transaction, so that any of them may be repeated and a crash between two of them leaves
// nothing half done. Every method takes the tenant first and every key starts with it.
package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Version is what writers put into each item's `v`; readers accept Version-1 as well.
const Version = 1

// Errors a use case acts on.
var (
	// ErrNotFound: no such item in this tenant.
	ErrNotFound = errors.New("store: not found")
	// ErrConflict: the item is not in the state that the move needs.
	ErrConflict = errors.New("store: condition not met")
)

// Tables are the physical names.
type Tables struct {
	Tenants, Connections, Vault, Posts, Jobs, Audit, Metrics, Idempotency, Media, Health string
	WebhookEvents, Comments, Loans                                                       string
}

// Store is the DynamoDB client and the tables' names.
type Store struct {
	DB     *dynamodb.Client
	Tables Tables
}

type item = map[string]types.AttributeValue

func str(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }

func num(v int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(v, 10)}
}

// get reads one item consistently into out; ErrNotFound when it is absent.
func (s *Store) get(ctx context.Context, table string, key item, out any) error {
	r, err := s.DB.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return fmt.Errorf("store: get from %s: %w", table, err)
	}
	if len(r.Item) == 0 {
		return ErrNotFound
	}
	return decode(r.Item, out)
}

func decode(it item, out any) error {
	if err := attributevalue.UnmarshalMap(it, out); err != nil {
		return fmt.Errorf("store: decode: %w", err)
	}
	return nil
}

// encode makes an item of v with the schema version and the extra attributes (index keys) beside it.
func encode(v any, extra item) (item, error) {
	it, err := attributevalue.MarshalMap(v)
	if err != nil {
		return nil, fmt.Errorf("store: encode: %w", err)
	}
	it["v"] = num(Version)
	maps.Copy(it, extra)
	return it, nil
}

// conditionFailed tells whether err is a refused condition, alone or inside a transaction.
func conditionFailed(err error) bool {
	var c *types.ConditionalCheckFailedException
	if errors.As(err, &c) {
		return true
	}
	var t *types.TransactionCanceledException
	if !errors.As(err, &t) {
		return false
	}
	for _, r := range t.CancellationReasons {
		if aws.ToString(r.Code) == "ConditionalCheckFailed" {
			return true
		}
	}
	return false
}

// refusedAt lists which parts of a transaction were refused by their condition.
func refusedAt(err error) []int {
	var t *types.TransactionCanceledException
	if !errors.As(err, &t) {
		return nil
	}
	var at []int
	for i, r := range t.CancellationReasons {
		if aws.ToString(r.Code) == "ConditionalCheckFailed" {
			at = append(at, i)
		}
	}
	return at
}

// transact writes all or nothing. Two transactions that touch one item at the same moment make DynamoDB cancel one
// of them although no condition failed; that one is simply run again, a few times.
func (s *Store) transact(ctx context.Context, items []types.TransactWriteItem) error {
	var err error
	for try := range 6 {
		if try > 0 {
			t := time.NewTimer(time.Duration(try*try) * 10 * time.Millisecond)
			select {
			case <-ctx.Done():
				t.Stop()
				return fmt.Errorf("store: transaction: %w", ctx.Err())
			case <-t.C:
			}
		}
		if _, err = s.DB.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items}); err == nil {
			return nil
		}
		if conditionFailed(err) || !collided(err) {
			break
		}
	}
	if conditionFailed(err) {
		return errors.Join(ErrConflict, err)
	}
	return fmt.Errorf("store: transaction: %w", err)
}

func collided(err error) bool {
	var t *types.TransactionCanceledException
	if !errors.As(err, &t) {
		return false
	}
	for _, r := range t.CancellationReasons {
		if strings.HasPrefix(aws.ToString(r.Code), "TransactionConflict") {
			return true
		}
	}
	return false
}

func put(table string, it item, condition string) types.TransactWriteItem {
	p := &types.Put{TableName: &table, Item: it}
	if condition != "" {
		p.ConditionExpression = &condition
	}
	return types.TransactWriteItem{Put: p}
}

// Millis is how the tables keep a moment; the zero time is 0.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// FromMillis is the inverse of Millis, in UTC.
func FromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
