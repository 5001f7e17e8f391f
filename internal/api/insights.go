package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/tenant"
)

// Health says whether everything works.
type Health struct {
	Status      string           `json:"status" enum:"ok,attention" doc:"attention: an account is blocked or a platform does not work."`
	Platforms   []PlatformHealth `json:"platforms" nullable:"false"`
	Connections ConnectionCounts `json:"connections"`
}

// PlatformHealth is one platform as seen from this workspace.
type PlatformHealth struct {
	Platform string `json:"platform" example:"meta"`
	Status   string `json:"status" enum:"ok,failing,off" doc:"failing: more failures than successes in the last hour."`
}

// ConnectionCounts counts the linked accounts by status.
type ConnectionCounts struct {
	Healthy  int `json:"healthy"`
	Expiring int `json:"expiring"`
	Blocked  int `json:"blocked"`
	Paused   int `json:"paused"`
}

// MetricsHour is what happened on one platform in one hour.
type MetricsHour struct {
	Hour      time.Time `json:"hour" doc:"The start of the hour." example:"2026-11-24T10:00:00Z"`
	Platform  string    `json:"platform" example:"meta"`
	Published int64     `json:"published"`
	Failed    int64     `json:"failed"`
	Retried   int64     `json:"retried"`
	Held      int64     `json:"held"`
	Latency   Latency   `json:"latency_ms" doc:"From the due time to the published post, in milliseconds."`
}

// Latency gives percentiles in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// MetricsList is the answer of listMetrics.
type MetricsList struct {
	Items []MetricsHour `json:"items" nullable:"false"`
}

// AuditEntry is one line of the audit trail.
type AuditEntry struct {
	ID           string      `json:"id" example:"aud_01kav8q2m4e9w3x6t0y5r7n1zd"`
	At           time.Time   `json:"at"`
	Kind         string      `json:"kind" example:"connection_linked"`
	Message      string      `json:"message" doc:"One sentence a person can read."`
	ConnectionID string      `json:"connection_id,omitempty"`
	JobID        string      `json:"job_id,omitempty"`
	Actor        string      `json:"actor,omitempty" doc:"The member who did it; absent = Herald itself."`
	Problem      *JobProblem `json:"problem,omitempty"`
}

// AuditList is a page of the audit trail.
type AuditList struct {
	Items      []AuditEntry `json:"items" nullable:"false"`
	NextCursor string       `json:"next_cursor,omitempty" doc:"Give it as cursor to get the next page; absent = this was the last."`
}

type (
	metricsInput struct {
		Platform string    `query:"platform" maxLength:"64" doc:"Absent = every platform." example:"meta"`
		From     time.Time `query:"from" doc:"Absent = 24 hours before to."`
		To       time.Time `query:"to" doc:"Absent = now. At most 31 days after from."`
	}
	auditInput struct {
		ConnectionID string `query:"connection_id" maxLength:"64" doc:"Absent = everything."`
		Cursor       string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before."`
	}
	healthOutput  struct{ Body Health }
	metricsOutput struct{ Body MetricsList }
	auditOutput   struct{ Body AuditList }
)

// Insights serves /v1/health, /v1/metrics and /v1/audit.
type Insights struct{}

func (r Insights) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "getHealth", Method: http.MethodGet, Path: "/v1/health",
		Tags: []string{tagInsights}, Summary: "Whether everything works",
	}, tenant.Read, r.health)
	route(s, huma.Operation{
		OperationID: "listMetrics", Method: http.MethodGet, Path: "/v1/metrics",
		Tags: []string{tagInsights}, Summary: "What was published, hour by hour",
	}, tenant.Read, r.metrics)
	route(s, huma.Operation{
		OperationID: "listAudit", Method: http.MethodGet, Path: "/v1/audit",
		Tags: []string{tagInsights}, Summary: "The audit trail, newest first",
	}, tenant.Read, r.audit)
}
