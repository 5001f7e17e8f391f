package telemetry

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Name is the name of a metric.
type Name string

// The metrics. Names that end in _ms are latencies in milliseconds, the others are counts.
const (
	Published      Name = "published"               // jobs that ended with a receipt
	Failed         Name = "failed"                  // jobs that ended without one
	Retried        Name = "retried"                 // attempts that will be made again
	Held           Name = "held"                    // jobs that wait for a person's decision
	UnknownAccount Name = "webhook_unknown_account" // webhook events of accounts that nobody has linked
	OperatorFaults Name = "operator_faults"         // calls that a platform refuses until the operator has acted
	PublishMS      Name = "publish_ms"              // claim to receipt
	QueueToStartMS Name = "queue_to_start_ms"       // due time to claim
	PlatformCallMS Name = "platform_call_ms"        // one call to a platform
)

// CloudWatch drops what is beyond these: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const (
	namespace = "Herald"
	maxValues = 100 // values of one metric in one document
)

// Metrics collects counters and latencies and writes them in CloudWatch's embedded metric format. It may be used
// from many goroutines.
type Metrics struct {
	Now func() time.Time
	W   io.Writer // standard output in a Lambda; each document is one Write of one line

	mu   sync.Mutex
	sets []*metricSet // in the order of their first use, so that the output is stable
}

// metricSet is what one pair of dimension values has gathered.
type metricSet struct {
	platform, outcome string
	counts            []count
	latencies         []latency
}

type count struct {
	name Name
	n    int64
}

type latency struct {
	name   Name
	millis []float64
}

// Count adds n to a counter. outcome is an error class, or "ok".
func (m *Metrics) Count(platform, outcome string, name Name, n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.set(platform, outcome)
	for i := range s.counts {
		if s.counts[i].name == name {
			s.counts[i].n += n
			return
		}
	}
	s.counts = append(s.counts, count{name, n})
}

// OperatorFault counts a call that a platform refuses until the operator has acted.
func (m *Metrics) OperatorFault(platform string) { m.Count(platform, "refused", OperatorFaults, 1) }

// Observe adds one latency.
func (m *Metrics) Observe(platform, outcome string, name Name, d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.set(platform, outcome)
	ms := float64(d.Microseconds()) / 1000
	for i := range s.latencies {
		if s.latencies[i].name == name {
			s.latencies[i].millis = append(s.latencies[i].millis, ms)
			return
		}
	}
	s.latencies = append(s.latencies, latency{name, []float64{ms}})
}

func (m *Metrics) set(platform, outcome string) *metricSet {
	for _, s := range m.sets {
		if s.platform == platform && s.outcome == outcome {
			return s
		}
	}
	s := &metricSet{platform: platform, outcome: outcome}
	m.sets = append(m.sets, s)
	return s
}

// Flush writes one line for each platform and outcome seen since the last Flush (more where there are more values
// than a document may hold), and forgets them. With nothing gathered it writes nothing.
func (m *Metrics) Flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	sets := m.sets
	m.sets = nil
	for _, s := range sets {
		for first := true; first || s.rest(); first = false {
			line, err := json.Marshal(s.document(m.Now(), first))
			if err != nil {
				return fmt.Errorf("metrics: %w", err)
			}
			if _, err := m.W.Write(append(line, '\n')); err != nil {
				return fmt.Errorf("metrics: %w", err)
			}
		}
	}
	return nil
}

func (s *metricSet) rest() bool {
	return slices.ContainsFunc(s.latencies, func(l latency) bool { return len(l.millis) > 0 })
}

// document takes what fits into one document out of s. Counts go into the first one only.
func (s *metricSet) document(now time.Time, first bool) map[string]any {
	type definition struct {
		Name Name
		Unit string
	}
	doc := map[string]any{"platform": s.platform, "outcome": s.outcome}
	var defs []definition
	if first {
		for _, c := range s.counts {
			defs = append(defs, definition{c.name, "Count"})
			doc[string(c.name)] = c.n
		}
	}
	for i := range s.latencies {
		l := &s.latencies[i]
		if len(l.millis) == 0 {
			continue
		}
		n := min(len(l.millis), maxValues)
		defs = append(defs, definition{l.name, "Milliseconds"})
		doc[string(l.name)] = l.millis[:n]
		l.millis = l.millis[n:]
	}
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	// Each platform alone, and all of them together, which is what an alarm looks at.
	doc["_aws"] = struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	}{now.UnixMilli(), []directive{{namespace, [][]string{{"platform", "outcome"}, {"outcome"}}, defs}}}
	return doc
}
