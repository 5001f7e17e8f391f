package store

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/webhook"
)

// ForgetAccount implements connection.FarewellStore and webhook.ProcessStore: what the account takes, what was told of posts
// that no job has, and what is lent.
func (s *Store) ForgetAccount(ctx context.Context, tenant, connection string) error {
	if err := s.ForgetOffer(ctx, tenant, connection); err != nil {
		return err
	}
	told := &dynamodb.QueryInput{
		TableName: &s.Tables.Metrics, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": toldKey(tenant, connection)},
	}
	if err := s.eachMetric(ctx, told); err != nil {
		return err
	}
	return s.forgetLoans(ctx, tenant, connection)
}

// ForgetOffer implements act.Store.
func (s *Store) ForgetOffer(ctx context.Context, tenant, connection string) error {
	return s.remove(ctx, s.Tables.Metrics, offerKey(tenant, connection))
}

// ForgetTold implements webhook.ProcessStore.
func (s *Store) ForgetTold(ctx context.Context, e webhook.Event) error {
	return s.remove(ctx, s.Tables.Metrics, toldRow(e))
}

// ForgetReport implements act.Store.
func (s *Store) ForgetReport(ctx context.Context, tenant, key string) error {
	return s.remove(ctx, s.Tables.Metrics, reportKey(tenant, key))
}

// ForgetReports implements webhook.ProcessStore. A report's key ends with the connection, or has it before the days.
func (s *Store) ForgetReports(ctx context.Context, tenant, connection string) error {
	return s.eachMetric(ctx, &dynamodb.QueryInput{
		TableName: &s.Tables.Metrics, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		FilterExpression: aws.String("contains(#hour, :c)"), ExpressionAttributeNames: map[string]string{"#hour": "hour"},
		ExpressionAttributeValues: item{":pk": reportKey(tenant, "")["pk"], ":c": str(connection)},
	})
}

// eachMetric deletes what a query of the table of metrics finds.
func (s *Store) eachMetric(ctx context.Context, in *dynamodb.QueryInput) error {
	return s.each(ctx, in, func(row item) error {
		return s.remove(ctx, s.Tables.Metrics, item{"pk": row["pk"], "hour": row["hour"]})
	})
}

// each calls do with each row of a query.
func (s *Store) each(ctx context.Context, in *dynamodb.QueryInput, do func(item) error) error {
	pages := dynamodb.NewQueryPaginator(s.DB, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("store: query %s: %w", *in.TableName, err)
		}
		for _, row := range page.Items {
			if err := do(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove deletes a row; one that is gone is a success.
func (s *Store) remove(ctx context.Context, table string, key map[string]types.AttributeValue) error {
	if _, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key}); err != nil {
		return fmt.Errorf("store: delete from %s: %w", table, err)
	}
	return nil
}
