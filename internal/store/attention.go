package store

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/herald-publishing/herald/internal/publish"
)

// DueForAttention implements publish.SweepStore: one page of a shard, soonest first.
func (s *Store) DueForAttention(ctx context.Context, shard string, before time.Time, limit int) ([]publish.Due, error) {
	r, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Tables.Jobs, IndexName: aws.String("by_attention"), Limit: aws.Int32(int32(limit)), //nolint:gosec // a page's size
		KeyConditionExpression: aws.String("#shard = :s AND attend_at <= :t"), ExpressionAttributeNames: map[string]string{"#shard": "shard"},
		ExpressionAttributeValues: item{":s": str(shard), ":t": num(before.UnixMilli())},
	})
	if err != nil {
		return nil, fmt.Errorf("store: attention: %w", err)
	}
	out := make([]publish.Due, 0, len(r.Items))
	for _, it := range r.Items {
		var d publish.Due
		if err := decode(it, &d); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// LookAgain implements publish.SweepStore.
func (s *Store) LookAgain(ctx context.Context, d publish.Due, at time.Time) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Jobs, Key: jobKey(d.TenantID, d.JobID),
		ConditionExpression:       aws.String("attend_at = :old"),
		UpdateExpression:          aws.String("SET attend_at = :new"),
		ExpressionAttributeValues: item{":old": num(d.AttendAt), ":new": num(at.UnixMilli())},
	})
	if err != nil && !conditionFailed(err) { // refused: somebody moved it, which is as good
		return fmt.Errorf("store: look again: %w", err)
	}
	return nil
}
