package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/report"
	"github.com/herald-publishing/herald/internal/tenant"
)

// MetricReport is what is known about a post or an account.
type MetricReport struct {
	Items   []MetricValue `json:"items" nullable:"false" doc:"In the order to show them; empty = the platform has none, or has not been asked with success yet."`
	AsOf    *time.Time    `json:"as_of,omitempty" doc:"When the platform said so; absent = never."`
	Problem *JobProblem   `json:"problem,omitempty" doc:"Why there is nothing newer."`
}

// MetricValue is one number.
type MetricValue struct {
	Name  string `json:"name" doc:"Herald's name of it, the same on every platform." example:"views"`
	Title string `json:"title" example:"Views"`
	Value *int64 `json:"value,omitempty" doc:"Absent = not known, which is not zero." example:"412"`
	Unit  string `json:"unit" enum:"count,ms"`
	Note  string `json:"note,omitempty" doc:"Why it is not known, or how to read it."`
}

type (
	accountReportInput struct {
		ConnectionParam
		Period string `query:"period" enum:"7d,28d" default:"7d" doc:"The last days."`
	}
	reportOutput struct{ Body MetricReport }
)

const reportText = "Asks the platform when what is known is older than 15 minutes, and otherwise, or when it does not answer, gives the last known numbers with their time."

func (r Jobs) metrics(ctx context.Context, in *jobInput) (*reportOutput, error) {
	who := sessionOf(ctx)
	job, _, err := r.Publish.Job(ctx, who.TenantID, in.ID)
	if err != nil {
		return nil, err
	}
	known, err := r.Reports.Post(ctx, who.TenantID, who.MemberID, job)
	return &reportOutput{Body: reportFrom(known)}, err
}

func (r Jobs) refreshComments(ctx context.Context, in *jobActionInput) (*refreshedOutput, error) {
	who := sessionOf(ctx)
	n, err := r.Desk.RefreshComments(ctx, who.TenantID, who.MemberID, in.ID)
	return &refreshedOutput{Body: Refreshed{Found: n}}, err
}

func (r Jobs) mountReports(s *surface) {
	route(s, huma.Operation{
		OperationID: "getJobMetrics", Method: http.MethodGet, Path: "/v1/jobs/{job_id}/metrics",
		Tags: []string{tagInsights}, Summary: "The numbers of a published post", Description: reportText + " 409 when the job is not published.",
	}, tenant.Read, r.metrics)
	route(s, huma.Operation{
		OperationID: "refreshComments", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/comments/refresh",
		Tags: []string{tagComments}, Summary: "Ask the platform for the comments on a published post",
		Description: "For what its notices did not tell. listComments shows them then.",
	}, tenant.Read, r.refreshComments)
}

func (r Connections) metrics(ctx context.Context, in *accountReportInput) (*reportOutput, error) {
	who := sessionOf(ctx)
	c, err := r.Connections.Get(ctx, who.TenantID, in.ID)
	if err != nil {
		return nil, err
	}
	days := 7
	if in.Period == "28d" {
		days = 28
	}
	known, err := r.Reports.Account(ctx, who.TenantID, who.MemberID, c.ID, days)
	return &reportOutput{Body: reportFrom(known)}, err
}

func reportFrom(r report.Report) MetricReport {
	out := MetricReport{Items: make([]MetricValue, 0, len(r.Metrics)), AsOf: maybe(r.At), Problem: jobProblemFrom(r.Problem)}
	for _, m := range r.Metrics {
		out.Items = append(out.Items, MetricValue{Name: string(m.Name), Title: m.Title, Value: m.Value, Unit: string(m.Unit), Note: m.Note})
	}
	return out
}
