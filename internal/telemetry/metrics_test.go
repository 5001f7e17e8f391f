package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/telemetry"
)

// emf is the part of the specification that CloudWatch checks:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type emf struct {
	AWS struct {
		Timestamp         int64 `json:"Timestamp"`
		CloudWatchMetrics []struct {
			Namespace  string     `json:"Namespace"`
			Dimensions [][]string `json:"Dimensions"`
			Metrics    []struct {
				Name string `json:"Name"`
				Unit string `json:"Unit"`
			} `json:"Metrics"`
		} `json:"CloudWatchMetrics"`
	} `json:"_aws"`
}

// lines checks every line against the specification and gives them decoded.
func lines(t *testing.T, b *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range bytes.Lines(b.Bytes()) {
		var doc emf
		var members map[string]any
		require.NoError(t, json.Unmarshal(line, &doc))
		require.NoError(t, json.Unmarshal(line, &members))
		require.Less(t, len(line), 256<<10)
		require.Len(t, doc.AWS.CloudWatchMetrics, 1)
		d := doc.AWS.CloudWatchMetrics[0]
		require.Equal(t, "Herald", d.Namespace)
		require.Equal(t, [][]string{{"platform", "outcome"}, {"outcome"}}, d.Dimensions)
		for _, dimension := range d.Dimensions[0] {
			require.IsType(t, "", members[dimension], "a dimension's member is a string")
		}
		require.NotEmpty(t, d.Metrics)
		require.LessOrEqual(t, len(d.Metrics), 100)
		for _, m := range d.Metrics {
			require.Contains(t, []string{"Count", "Milliseconds"}, m.Unit)
			switch v := members[m.Name].(type) {
			case float64:
			case []any:
				require.LessOrEqual(t, len(v), 100)
				require.NotEmpty(t, v)
			default:
				require.Fail(t, "a metric's member is a number or an array", "%s: %T", m.Name, v)
			}
		}
		require.Len(t, members, 3+len(d.Metrics), "nothing but dimensions and metrics")
		members["at"] = doc.AWS.Timestamp
		all = append(all, members)
	}
	return all
}

func TestMetricsWriteTheEmbeddedFormat(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	now := time.Date(2026, 11, 24, 10, 0, 0, 5e6, time.UTC)
	m := &telemetry.Metrics{Now: func() time.Time { return now }, W: &b}
	require.NoError(t, m.Flush())
	require.Empty(t, b.String())

	m.Count("meta", "ok", telemetry.Published, 1)
	m.Count("meta", "ok", telemetry.Published, 2)
	m.Observe("meta", "ok", telemetry.PublishMS, 1500*time.Microsecond)
	m.Observe("meta", "ok", telemetry.PublishMS, time.Second)
	m.Count("meta", "transient", telemetry.Retried, 1)
	require.NoError(t, m.Flush())
	got := lines(t, &b)
	require.Len(t, got, 2)
	require.Equal(t, now.UnixMilli(), got[0]["at"])
	require.Equal(t, "meta", got[0]["platform"])
	require.Equal(t, "ok", got[0]["outcome"])
	require.InDelta(t, 3, got[0]["published"], 0)
	require.Equal(t, []any{1.5, 1000.0}, got[0]["publish_ms"])
	require.Equal(t, "transient", got[1]["outcome"])
	require.InDelta(t, 1, got[1]["retried"], 0)

	b.Reset()
	require.NoError(t, m.Flush(), "a flush forgets")
	require.Empty(t, b.String())
}

func TestMetricsSplitManyValues(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	m := &telemetry.Metrics{Now: time.Now, W: &b}
	var wg sync.WaitGroup
	for range 250 {
		wg.Go(func() {
			m.Observe("meta", "ok", telemetry.PlatformCallMS, time.Millisecond)
			m.Count("meta", "ok", telemetry.Published, 1)
		})
	}
	wg.Wait()
	require.NoError(t, m.Flush())
	values, published := 0, 0.0
	for _, line := range lines(t, &b) {
		values += len(line["platform_call_ms"].([]any))
		n, _ := line["published"].(float64)
		published += n
	}
	require.Equal(t, 250, values)
	require.InDelta(t, 250, published, 0)
}

func TestMetricsReportAFailedWrite(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	closed := errors.New("closed")
	require.NoError(t, r.CloseWithError(closed))
	m := &telemetry.Metrics{Now: time.Now, W: w}
	m.Count("meta", "ok", telemetry.Held, 1)
	require.ErrorIs(t, m.Flush(), closed)
}
