package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/webhook"
)

var _ publish.TellStore = (*Store)(nil)

// toldLife is how long it is kept what a platform told of a post that no job has.
const toldLife = 7 * 24 * time.Hour

func receiptKey(tenant, connection, externalID string) string {
	return tenant + "#receipt#" + connection + "#" + externalID
}

func referenceKey(tenant, connection, reference string) string {
	return tenant + "#reference#" + connection + "#" + reference
}

// claims are the parts of a transaction that make a post on the platform one job's own: by its id, and by what webhooks
// call it before it has one.
func (s *Store) claims(j publish.Job) []types.TransactWriteItem {
	var keys []string
	if j.Receipt != nil && j.Receipt.ExternalID != "" {
		keys = append(keys, receiptKey(j.TenantID, j.ConnectionID, j.Receipt.ExternalID))
	}
	for _, r := range j.References() {
		keys = append(keys, referenceKey(j.TenantID, j.ConnectionID, r))
	}
	slices.Sort(keys)
	var out []types.TransactWriteItem
	for _, k := range slices.Compact(keys) {
		w := put(s.Tables.Idempotency, item{"pk": str(k), "job_id": str(j.ID), "v": num(Version)}, "attribute_not_exists(pk) OR job_id = :job")
		w.Put.ExpressionAttributeValues = item{":job": str(j.ID)}
		out = append(out, w)
	}
	return out
}

type claim struct {
	PK    string `dynamodbav:"pk"`
	JobID string `dynamodbav:"job_id"`
}

// ReceiptClaimed implements publish.JobStore.
func (s *Store) ReceiptClaimed(ctx context.Context, j publish.Job, externalID string) (bool, error) {
	var c claim
	err := s.get(ctx, s.Tables.Idempotency, item{"pk": str(receiptKey(j.TenantID, j.ConnectionID, externalID))}, &c)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return c.JobID != j.ID, err
}

// changeKeys are the claims that a change of a post may be about. A receipt may stand under its reference.
func changeKeys(tenant, connection string, c connector.PostChange) []string {
	var keys []string
	if c.Reference != "" {
		keys = append(keys, referenceKey(tenant, connection, c.Reference), receiptKey(tenant, connection, c.Reference))
	}
	if c.ExternalID != "" && c.ExternalID != c.Reference {
		keys = append(keys, receiptKey(tenant, connection, c.ExternalID))
	}
	return keys
}

// claimants gives the job of each claim that there is.
func (s *Store) claimants(ctx context.Context, keys []string) (map[string]string, error) {
	var ask []item
	for _, k := range keys {
		ask = append(ask, item{"pk": str(k)})
	}
	rows, err := s.batchGet(ctx, s.Tables.Idempotency, ask)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, it := range rows {
		var c claim
		if err := decode(it, &c); err != nil {
			return nil, err
		}
		out[c.PK] = c.JobID
	}
	return out, nil
}

// JobOfPost implements publish.TellStore.
func (s *Store) JobOfPost(ctx context.Context, tenant, connection string, c connector.PostChange) (string, bool, error) {
	keys := changeKeys(tenant, connection, c)
	jobs, err := s.claimants(ctx, keys)
	for _, k := range keys {
		if job, found := jobs[k]; found {
			return job, true, err
		}
	}
	return "", false, err
}

// What was told lies in the table of metrics, in a partition of its own per account.
func toldKey(tenant, connection string) types.AttributeValue {
	return str(tenant + "#told#" + connection)
}

type toldItem struct {
	Change connector.PostChange `dynamodbav:"change"`
}

// toldRow follows from the event, so told again it is the same row.
func toldRow(e webhook.Event) item {
	return item{"pk": toldKey(e.TenantID, e.ConnectionID), "hour": str(publish.AuditKey(e.At, e.ID))}
}

// KeepTold implements webhook.ProcessStore.
func (s *Store) KeepTold(ctx context.Context, e webhook.Event, now time.Time) error {
	row := toldRow(e)
	row["ttl"] = num(now.Add(toldLife).Unix())
	it, err := encode(toldItem{*e.Post}, row)
	if err != nil {
		return err
	}
	if _, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Tables.Metrics, Item: it}); err != nil {
		return fmt.Errorf("store: keep what was told: %w", err)
	}
	return nil
}

// Told implements publish.JobStore. Platforms tell moments in whole seconds, so the second of since belongs to it.
func (s *Store) Told(ctx context.Context, j publish.Job, since time.Time) ([]connector.PostChange, error) {
	var all []connector.PostChange
	var keys []string
	pages := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Tables.Metrics, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND #hour >= :since"),
		ExpressionAttributeNames: map[string]string{"#hour": "hour"},
		ExpressionAttributeValues: item{
			":pk": toldKey(j.TenantID, j.ConnectionID), ":since": str(publish.AuditKey(since.Truncate(time.Second).UnixMilli(), "")),
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: what was told: %w", err)
		}
		for _, row := range page.Items {
			var t toldItem
			if err := attributevalue.UnmarshalMap(row, &t); err != nil {
				return nil, fmt.Errorf("store: what was told: %w", err)
			}
			all = append(all, t.Change)
			keys = append(keys, changeKeys(j.TenantID, j.ConnectionID, t.Change)...)
		}
	}
	slices.Sort(keys)
	jobs, err := s.claimants(ctx, slices.Compact(keys))
	if err != nil {
		return nil, err
	}
	theirs := func(c connector.PostChange) bool {
		return slices.ContainsFunc(changeKeys(j.TenantID, j.ConnectionID, c), func(k string) bool {
			job, claimed := jobs[k]
			return claimed && job != j.ID
		})
	}
	taken := map[string]bool{} // a post that is known by its id may be told of by its reference alone, too
	for _, c := range all {
		taken[c.Reference] = taken[c.Reference] || c.Reference != "" && theirs(c)
	}
	return slices.DeleteFunc(all, func(c connector.PostChange) bool { return taken[c.Reference] || theirs(c) }), nil
}
