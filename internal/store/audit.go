package store

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/publish"
)

func (s *Store) auditPut(row publish.AuditRow) (types.TransactWriteItem, error) {
	it, err := encode(row, nil)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return put(s.Tables.Audit, it, ""), nil
}

// Timeline implements publish.PostStore: a job's rows, oldest first.
func (s *Store) Timeline(ctx context.Context, tenant, job string) ([]publish.AuditRow, error) {
	var rows []publish.AuditRow
	p := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Tables.Audit, IndexName: aws.String("by_job"),
		KeyConditionExpression: aws.String("job_id = :j"), FilterExpression: aws.String("tenant_id = :t"),
		ExpressionAttributeValues: item{":j": str(job), ":t": str(tenant)},
	})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: timeline: %w", err)
		}
		for _, it := range page.Items {
			var r publish.AuditRow
			if err := decode(it, &r); err != nil {
				return nil, err
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// AuditTrail is a page of a tenant's or a connection's trail, newest first. before is the sk of the last row seen.
func (s *Store) AuditTrail(ctx context.Context, tenant, connection, before string, limit int) ([]publish.AuditRow, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.Tables.Audit, ScanIndexForward: aws.Bool(false), Limit: aws.Int32(int32(limit)), //nolint:gosec // 1 to 100
		KeyConditionExpression:    aws.String("tenant_id = :k"),
		ExpressionAttributeValues: item{":k": str(tenant)},
	}
	if connection != "" {
		in.IndexName = aws.String("by_connection")
		in.KeyConditionExpression = aws.String("connection_id = :k")
		in.FilterExpression = aws.String("tenant_id = :t")
		in.ExpressionAttributeValues = item{":k": str(connection), ":t": str(tenant)}
	}
	if before != "" {
		in.KeyConditionExpression = aws.String(*in.KeyConditionExpression + " AND sk < :before")
		in.ExpressionAttributeValues[":before"] = str(before)
	}
	r, err := s.DB.Query(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("store: audit: %w", err)
	}
	rows := make([]publish.AuditRow, 0, len(r.Items))
	for _, it := range r.Items {
		var row publish.AuditRow
		if err := decode(it, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
