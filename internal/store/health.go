package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/publish"
)

var _ publish.HealthStore = (*Store)(nil)

// platformKey is a platform's shared state: one row for all tenants, beside the counters.
func platformKey(platform string) item {
	return item{"pk": str("platform#" + platform), "hour": str("state")}
}

// QuietAccount implements publish.HealthStore.
func (s *Store) QuietAccount(ctx context.Context, tenant, connection string, until time.Time) error {
	return s.quiet(ctx, s.Tables.Connections, connectionKey(tenant, connection), quietUntil, "attribute_exists(connection_id) AND ", until)
}

// quietUntil names the attribute; one for a kind of post has the kind behind it.
const quietUntil = "quiet_until"

// QuietKind implements publish.HealthStore. An attribute of its own, since a map inside the item would have to be made
// first, in a write of its own.
func (s *Store) QuietKind(ctx context.Context, tenant, connection, kind string, until time.Time) error {
	return s.quiet(ctx, s.Tables.Connections, connectionKey(tenant, connection), quietUntil+"#"+kind, "attribute_exists(connection_id) AND ", until)
}

func quietKinds(it item) map[string]int64 {
	out := map[string]int64{}
	for name, v := range it {
		kind, ok := strings.CutPrefix(name, quietUntil+"#")
		n, isNumber := v.(*types.AttributeValueMemberN)
		if !ok || !isNumber {
			continue
		}
		if at, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			out[kind] = at
		}
	}
	return out
}

// QuietPlatform implements publish.HealthStore.
func (s *Store) QuietPlatform(ctx context.Context, platform string, until time.Time) error {
	return s.quiet(ctx, s.Tables.Metrics, platformKey(platform), quietUntil, "", until)
}

func (s *Store) quiet(ctx context.Context, table string, key item, attribute, condition string, until time.Time) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &table, Key: key, UpdateExpression: aws.String("SET #quiet = :t"),
		ConditionExpression:       aws.String(condition + "(attribute_not_exists(#quiet) OR #quiet < :t)"),
		ExpressionAttributeNames:  map[string]string{"#quiet": attribute},
		ExpressionAttributeValues: item{":t": num(until.UnixMilli())},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("store: quiet: %w", err)
	}
	return nil
}

// PlatformHealth implements publish.HealthStore.
func (s *Store) PlatformHealth(ctx context.Context, platform string) (publish.Health, error) {
	var h publish.Health
	err := s.get(ctx, s.Tables.Metrics, platformKey(platform), &h)
	if errors.Is(err, ErrNotFound) {
		return publish.Health{}, nil
	}
	return h, err
}

// PlatformFailed implements publish.HealthStore.
func (s *Store) PlatformFailed(ctx context.Context, platform string) (publish.Health, error) {
	r, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Metrics, Key: platformKey(platform), UpdateExpression: aws.String("ADD failures :one"),
		ExpressionAttributeValues: item{":one": num(1)}, ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		return publish.Health{}, fmt.Errorf("store: platform failed: %w", err)
	}
	var h publish.Health
	err = decode(r.Attributes, &h)
	return h, err
}

// PlatformWorks implements publish.HealthStore.
func (s *Store) PlatformWorks(ctx context.Context, platform string) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Metrics, Key: platformKey(platform), UpdateExpression: aws.String("SET failures = :none"),
		ExpressionAttributeValues: item{":none": num(0)},
	})
	if err != nil {
		return fmt.Errorf("store: platform works: %w", err)
	}
	return nil
}
