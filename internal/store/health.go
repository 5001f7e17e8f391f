package store

import (
	"context"
	"errors"
	"fmt"
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
	return s.quiet(ctx, s.Tables.Connections, connectionKey(tenant, connection), "attribute_exists(connection_id) AND ", until)
}

// QuietPlatform implements publish.HealthStore.
func (s *Store) QuietPlatform(ctx context.Context, platform string, until time.Time) error {
	return s.quiet(ctx, s.Tables.Metrics, platformKey(platform), "", until)
}

func (s *Store) quiet(ctx context.Context, table string, key item, condition string, until time.Time) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &table, Key: key, UpdateExpression: aws.String("SET quiet_until = :t"),
		ConditionExpression:       aws.String(condition + "(attribute_not_exists(quiet_until) OR quiet_until < :t)"),
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
