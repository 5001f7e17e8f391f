package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/publish"
)

// callsKey is where the calls for an account of a platform are counted: one row for all workspaces, beside the platform's
// state.
func callsKey(platform, externalID string) item {
	return item{"pk": str("calls#" + platform + "#" + externalID), "hour": str("state")}
}

// Calls implements publish.JobStore.
func (s *Store) Calls(ctx context.Context, platform, externalID string) (publish.CallLog, error) {
	var l publish.CallLog
	err := s.get(ctx, s.Tables.Metrics, callsKey(platform, externalID), &l)
	if errors.Is(err, ErrNotFound) {
		return publish.CallLog{}, nil
	}
	return l, err
}

// SpendCall implements publish.JobStore. What is older than anybody asks for is dropped.
func (s *Store) SpendCall(ctx context.Context, platform, externalID string, old publish.CallLog, c publish.Call) (bool, error) {
	forget := time.UnixMilli(c.At).Add(-publish.CallMemory).UnixMilli()
	calls := slices.DeleteFunc(slices.Clone(old.Calls), func(o publish.Call) bool { return o.At < forget })
	list, err := attributevalue.Marshal(append(calls, c))
	if err != nil {
		return false, fmt.Errorf("store: count a call: %w", err)
	}
	return s.tryUpdate(ctx, &types.Update{
		TableName: &s.Tables.Metrics, Key: callsKey(platform, externalID),
		ConditionExpression:      aws.String("attribute_not_exists(rev) OR rev = :old"),
		UpdateExpression:         aws.String("SET calls = :calls, rev = :new, #ttl = :ttl, v = :v"),
		ExpressionAttributeNames: map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: item{
			":old": num(old.Rev), ":new": num(old.Rev + 1), ":calls": list, ":v": num(Version),
			":ttl": num(time.UnixMilli(c.At).Add(publish.CallMemory).Unix()),
		},
	}, "count a call")
}

// OpenJob implements publish.JobStore.
func (s *Store) OpenJob(ctx context.Context, tenant, id string) (publish.Job, bool, error) {
	j, err := s.GetJob(ctx, tenant, id)
	if errors.Is(err, ErrNotFound) {
		return publish.Job{}, false, nil
	}
	return j, err == nil && (j.Status == publish.Running || j.InDoubt != ""), err
}
