package webhook

import (
	"log/slog"

	"github.com/herald-publishing/herald/internal/telemetry"
)

// EMF reports to CloudWatch through the log.
type EMF struct {
	Metrics *telemetry.Metrics
	Log     *slog.Logger
}

// Unknown implements Meter.
func (m EMF) Unknown(platform string, n int) {
	m.Metrics.Count(platform, string(Ignored), telemetry.UnknownAccount, int64(n))
	if err := m.Metrics.Flush(); err != nil {
		m.Log.Warn("metrics not written", slog.String("error", err.Error()))
	}
}
