package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/report"
)

// Reports lie in the table of metrics, in a partition of their own per workspace.
func reportKey(tenant, key string) item {
	return item{"pk": str(tenant + "#report"), "hour": str(key)}
}

// Report implements report.Store.
func (s *Store) Report(ctx context.Context, tenant, key string) (report.Report, error) {
	var r report.Report
	err := s.get(ctx, s.Tables.Metrics, reportKey(tenant, key), &r)
	if errors.Is(err, ErrNotFound) {
		return report.Report{}, nil
	}
	return r, err
}

// KeepReport implements act.Store: new numbers, or why there are none; then the last ones stay.
func (s *Store) KeepReport(ctx context.Context, tenant, key string, metrics []connector.Metric, cause error, now time.Time) error {
	u := &types.Update{
		TableName: &s.Tables.Metrics, Key: reportKey(tenant, key), ExpressionAttributeNames: map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: item{":now": num(now.UnixMilli()), ":ttl": num(now.Add(report.Life).Unix()), ":v": num(Version)},
	}
	set := "SET tried_at = :now, #ttl = :ttl, v = :v, "
	value, name := any(metrics), "metrics"
	if cause != nil {
		value, name = publish.ProblemOf(cause), "problem"
	}
	a, err := attributevalue.Marshal(value)
	if err != nil {
		return fmt.Errorf("store: report: %w", err)
	}
	u.ExpressionAttributeNames["#what"], u.ExpressionAttributeValues[":what"] = name, a
	set += "#what = :what"
	if cause == nil {
		set += ", #at = :now REMOVE problem"
		u.ExpressionAttributeNames["#at"] = "at"
	}
	u.UpdateExpression = aws.String(set)
	return s.update(ctx, u, "report")
}
