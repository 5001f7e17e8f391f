package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/store"
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
	PostID       string      `json:"post_id,omitempty"`
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
type Insights struct {
	Store     InsightStore
	Platforms []string // those the operator has enabled
	Now       func() time.Time
}

// InsightStore is what the numbers are read from.
type InsightStore interface {
	Connections(ctx context.Context, tenantID string) ([]connection.Connection, error)
	Metrics(ctx context.Context, tenantID, platform string, from, to time.Time) ([]store.HourMetrics, error)
	AuditTrail(ctx context.Context, tenantID, connectionID, before string, limit int) ([]publish.AuditRow, error)
	PlatformOff(ctx context.Context, tenantID, platform string) (bool, error)
}

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

// auditPage is how many lines a page of the audit trail has.
const auditPage = 50

// longestSpan bounds how many rows one question about numbers reads.
const longestSpan = 31 * 24 * time.Hour

func (r Insights) health(ctx context.Context, _ *empty) (*healthOutput, error) {
	who := sessionOf(ctx).TenantID
	all, err := r.Store.Connections(ctx, who)
	if err != nil {
		return nil, err
	}
	h := Health{Status: "ok", Platforms: []PlatformHealth{}}
	for _, c := range all {
		switch c.Status {
		case connection.Healthy:
			h.Connections.Healthy++
		case connection.Expiring:
			h.Connections.Expiring++
		case connection.Blocked:
			h.Connections.Blocked++
		case connection.Paused:
			h.Connections.Paused++
		case connection.Disconnected:
		}
	}
	if h.Connections.Blocked > 0 {
		h.Status = "attention"
	}
	now := r.Now()
	for _, p := range r.Platforms {
		off, err := r.Store.PlatformOff(ctx, who, p)
		if err != nil {
			return nil, err
		}
		hours, err := r.Store.Metrics(ctx, who, p, now.Add(-time.Hour), now)
		if err != nil {
			return nil, err
		}
		var published, failed int64
		for _, m := range hours {
			published, failed = published+m.Published, failed+m.Failed
		}
		state := "ok"
		switch {
		case off:
			state = "off"
		case failed > published:
			state, h.Status = "failing", "attention"
		}
		h.Platforms = append(h.Platforms, PlatformHealth{Platform: p, Status: state})
	}
	return &healthOutput{Body: h}, nil
}

func (r Insights) metrics(ctx context.Context, in *metricsInput) (*metricsOutput, error) {
	platforms := r.Platforms
	if in.Platform != "" {
		if !slices.Contains(r.Platforms, in.Platform) {
			return nil, problem.New(problem.InvalidRequest, "Herald does not offer such a platform.").On("platform")
		}
		platforms = []string{in.Platform}
	}
	to := in.To
	if to.IsZero() {
		to = r.Now()
	}
	from := in.From
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if span := to.Sub(from); span < 0 || span > longestSpan {
		return nil, problem.New(problem.InvalidRequest, "The span must be at most 31 days and must not end before it begins.").On("from")
	}
	out := &metricsOutput{Body: MetricsList{Items: []MetricsHour{}}}
	for _, p := range platforms {
		hours, err := r.Store.Metrics(ctx, sessionOf(ctx).TenantID, p, from, to)
		if err != nil {
			return nil, err
		}
		for _, m := range hours {
			out.Body.Items = append(out.Body.Items, MetricsHour{
				Hour: m.Hour, Platform: p, Published: m.Published, Failed: m.Failed, Retried: m.Retried, Held: m.Held,
				Latency: Latency{P50: milliseconds(m.P50), P95: milliseconds(m.P95), P99: milliseconds(m.P99)},
			})
		}
	}
	slices.SortStableFunc(out.Body.Items, func(a, b MetricsHour) int { return cmp.Or(a.Hour.Compare(b.Hour), cmp.Compare(a.Platform, b.Platform)) })
	return out, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (r Insights) audit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	if in.ConnectionID != "" && !tenant.WellFormed(in.ConnectionID, "con_") {
		return nil, problem.New(problem.InvalidRequest, "This is not an account's id.").On("connection_id")
	}
	before, err := readAuditCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := r.Store.AuditTrail(ctx, sessionOf(ctx).TenantID, in.ConnectionID, before, auditPage)
	if err != nil {
		return nil, err
	}
	out := &auditOutput{Body: AuditList{Items: make([]AuditEntry, 0, len(rows))}}
	for _, row := range rows {
		_, id, _ := strings.Cut(row.SK, "#")
		out.Body.Items = append(out.Body.Items, AuditEntry{
			ID: id, At: moment(row.At), Kind: row.Kind, Message: row.Message, ConnectionID: row.ConnectionID, JobID: row.JobID, PostID: row.PostID,
			Actor: row.By, Problem: jobProblemFrom(row.Problem),
		})
	}
	if len(rows) == auditPage {
		out.Body.NextCursor = base64.RawURLEncoding.EncodeToString([]byte(rows[len(rows)-1].SK))
	}
	return out, nil
}

// readAuditCursor takes the place in the trail out of a cursor: thirteen digits, # and an id.
func readAuditCursor(cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, ok := strings.Cut(string(raw), "#")
	if err != nil || !ok || len(at) != 13 || strings.Trim(at, "0123456789") != "" || !tenant.WellFormed(id, "aud_") {
		return "", problem.New(problem.InvalidRequest, "This cursor is not one that Herald gave out.").On("cursor")
	}
	return string(raw), nil
}
