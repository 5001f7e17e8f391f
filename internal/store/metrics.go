package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/publish"
)

// Hourly counters per tenant and platform. Each hour is spread over the job shards, because every finished job adds to
// it inside a transaction and one row for all would make them collide.

const (
	hourLayout = "2006-01-02T15"
	metricsTTL = 90 * 24 * time.Hour
)

// latencyBounds are the upper bounds of the histogram's buckets, in milliseconds; the last bucket has none.
var latencyBounds = []int64{100, 250, 500, 1000, 2000, 4000, 8000, 15000, 30000, 60000, 300000, 1800000} //nolint:gochecknoglobals // a constant table

func bucket(d time.Duration) string {
	ms := d.Milliseconds()
	for i, b := range latencyBounds {
		if ms <= b {
			return "lat_" + strconv.Itoa(i)
		}
	}
	return "lat_" + strconv.Itoa(len(latencyBounds))
}

func metricsKey(tenant, platform string) string { return tenant + "#" + platform }

// metricsAdd is the part of a transaction that counts; false when there is nothing to count.
func (s *Store) metricsAdd(j publish.Job, c publish.Count, now time.Time) (types.TransactWriteItem, bool) {
	add := map[string]int{"published": c.Published, "failed": c.Failed, "retried": c.Retried, "held": c.Held}
	if c.Published > 0 {
		add[bucket(c.Latency)] = 1
	}
	names := map[string]string{"#ttl": "ttl"}
	values := item{":ttl": num(now.Add(metricsTTL).Unix()), ":v": num(Version)}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(add)) {
		if add[k] == 0 {
			continue
		}
		names["#"+k], values[":"+k] = k, num(int64(add[k]))
		parts = append(parts, "#"+k+" :"+k)
	}
	if len(parts) == 0 {
		return types.TransactWriteItem{}, false
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName:                &s.Tables.Metrics,
		Key:                      item{"pk": str(metricsKey(j.TenantID, j.Platform)), "hour": str(now.UTC().Format(hourLayout) + "#" + publish.ShardOf(j.ID))},
		UpdateExpression:         aws.String("ADD " + strings.Join(parts, ", ") + " SET #ttl = :ttl, v = :v"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}, true
}

// HourMetrics is one hour of one platform in one tenant. Latency is from the due time to the receipt.
type HourMetrics struct {
	Hour                             time.Time
	Published, Failed, Retried, Held int64
	P50, P95, P99                    time.Duration // upper bound of the bucket; 0 = nothing published
}

// Metrics reads the hours from `from` to `to`, both included, oldest first; hours without events are left out.
func (s *Store) Metrics(ctx context.Context, tenant, platform string, from, to time.Time) ([]HourMetrics, error) {
	sums := map[string]map[string]int64{}
	p := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName:                &s.Tables.Metrics,
		KeyConditionExpression:   aws.String("pk = :pk AND #hour BETWEEN :from AND :to"),
		ExpressionAttributeNames: map[string]string{"#hour": "hour"},
		ExpressionAttributeValues: item{
			":pk": str(metricsKey(tenant, platform)), ":from": str(from.UTC().Format(hourLayout)), ":to": str(to.UTC().Format(hourLayout) + "#~"),
		},
	})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: metrics: %w", err)
		}
		for _, it := range page.Items {
			h, ok := it["hour"].(*types.AttributeValueMemberS)
			if !ok {
				continue
			}
			hour, _, _ := strings.Cut(h.Value, "#")
			if sums[hour] == nil {
				sums[hour] = map[string]int64{}
			}
			for k, a := range it {
				if n, ok := a.(*types.AttributeValueMemberN); ok {
					v, _ := strconv.ParseInt(n.Value, 10, 64)
					sums[hour][k] += v
				}
			}
		}
	}
	out := make([]HourMetrics, 0, len(sums))
	for _, hour := range slices.Sorted(maps.Keys(sums)) {
		at, err := time.Parse(hourLayout, hour)
		if err != nil {
			continue
		}
		n := sums[hour]
		out = append(out, HourMetrics{
			Hour: at, Published: n["published"], Failed: n["failed"], Retried: n["retried"], Held: n["held"],
			P50: percentile(n, 0.50), P95: percentile(n, 0.95), P99: percentile(n, 0.99),
		})
	}
	return out, nil
}

func percentile(n map[string]int64, q float64) time.Duration {
	total := n["published"]
	if total == 0 {
		return 0
	}
	seen := int64(0)
	for i, b := range latencyBounds {
		if seen += n["lat_"+strconv.Itoa(i)]; float64(seen) >= q*float64(total) {
			return time.Duration(b) * time.Millisecond
		}
	}
	return 2 * time.Duration(latencyBounds[len(latencyBounds)-1]) * time.Millisecond
}
