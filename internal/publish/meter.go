package publish

import (
	"log/slog"
	"time"

	"github.com/herald-publishing/herald/internal/telemetry"
)

// EMF reports to CloudWatch through the log; each event is one line.
type EMF struct {
	Metrics *telemetry.Metrics
	Log     *slog.Logger
}

// Published implements Meter.
func (m EMF) Published(platform string, latency time.Duration) {
	m.Metrics.Count(platform, string(Published), telemetry.Published, 1)
	m.Metrics.Observe(platform, string(Published), telemetry.PublishMS, latency)
	m.flush()
}

// Outcome implements Meter.
func (m EMF) Outcome(platform, outcome string) {
	names := map[string]telemetry.Name{string(Failed): telemetry.Failed, string(Held): telemetry.Held, string(Waiting): telemetry.Retried}
	if name, ok := names[outcome]; ok {
		m.Metrics.Count(platform, outcome, name, 1)
		m.flush()
	}
}

// Started implements Meter. It is written out with the outcome.
func (m EMF) Started(platform string, late time.Duration) {
	m.Metrics.Observe(platform, "started", telemetry.QueueToStartMS, late)
}

// OperatorFault implements Meter.
func (m EMF) OperatorFault(platform string) {
	m.Metrics.OperatorFault(platform)
	m.flush()
}

func (m EMF) flush() {
	if err := m.Metrics.Flush(); err != nil {
		m.Log.Warn("metrics not written", slog.String("error", err.Error()))
	}
}
