package api

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/report"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Job is one target of a post.
type Job struct {
	ID          string        `json:"id" example:"pst_01kav8q2m4e9w3x6t0y5r7n1zd.con_01kav8q2m4e9w3x6t0y5r7n1ze"`
	PostID      string        `json:"post_id" example:"pst_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Connection  JobConnection `json:"connection"`
	Kind        string        `json:"kind" doc:"The kind of post." example:"photo"`
	Text        string        `json:"text" doc:"What this target gets."`
	State       string        `json:"state" enum:"scheduled,queued,running,waiting,published,failed,cancelled,held,blocked" doc:"held = it may have been published and a person must decide (resolveJob); blocked = its account must be reconnected; waiting = it comes back by itself at next_at."`
	PublishAt   time.Time     `json:"publish_at"`
	NextAt      *time.Time    `json:"next_at,omitempty" doc:"When it is looked at again."`
	Attempts    int           `json:"attempts"`
	Receipt     *Receipt      `json:"receipt,omitempty" doc:"The post on the platform."`
	Problem     *JobProblem   `json:"problem,omitempty" doc:"Why it is not published."`
	PublishedAt *time.Time    `json:"published_at,omitempty"`
	DeletedAt   *time.Time    `json:"deleted_at,omitempty" doc:"When it was deleted from the platform through Herald."`
	RemovedAt   *time.Time    `json:"removed_at,omitempty" doc:"Since when it is removed on the platform, as the platform told."`
	UpdatedAt   time.Time     `json:"updated_at"`
}

// JobConnection is the account a job publishes to.
type JobConnection struct {
	ID        string `json:"id" example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Name      string `json:"name" example:"Cafe Ada"`
	Username  string `json:"username"`
	Kind      string `json:"kind" example:"facebook_page"`
	Login     string `json:"login" doc:"The platform's login by which it was linked; empty = the first." example:"facebook"`
	Platform  string `json:"platform" example:"meta"`
	AvatarURL string `json:"avatar_url"`
}

// Receipt names the published post on the platform.
type Receipt struct {
	ExternalID string `json:"external_id" example:"111111111111111_222222222222222"`
	Permalink  string `json:"permalink" doc:"May be empty."`
	Note       string `json:"note,omitempty" doc:"A sentence for a person, where there is more to say than that it is published."`
}

// JobProblem is why a job is not published.
type JobProblem struct {
	Class   problem.Class  `json:"class" doc:"How to treat it."`
	Code    string         `json:"code" doc:"The platform's own code; may be empty." example:"190/463"`
	Message string         `json:"message" doc:"One sentence a person can read."`
	Field   string         `json:"field,omitempty"`
	Action  problem.Action `json:"action"`
	Rule    string         `json:"rule,omitempty" doc:"The page that states the rule."`
}

// JobHistory is a job with everything that happened to it.
type JobHistory struct {
	Job
	Timeline []TimelineEntry `json:"timeline" nullable:"false" doc:"Oldest first."`
}

// TimelineEntry is one thing that happened to a job.
type TimelineEntry struct {
	At      time.Time   `json:"at"`
	Kind    string      `json:"kind" doc:"accepted, step_started, step_done, published, retry, wait, failed, held, blocked, worker_died, cancelled, rescheduled, requeued, resolved, edited, deleted or told (by the platform)." example:"published"`
	Step    string      `json:"step,omitempty" doc:"With the kinds step_started and step_done: which call to the platform." example:"publish"`
	Attempt int         `json:"attempt,omitempty" example:"1"`
	Message string      `json:"message"`
	Problem *JobProblem `json:"problem,omitempty"`
}

// Resolution is the body of resolveJob.
type Resolution struct {
	Outcome    string `json:"outcome" enum:"there,post_again" doc:"there: the post is on the platform; post_again: it is not, publish it."`
	ExternalID string `json:"external_id,omitempty" maxLength:"512" doc:"With there: the platform's id of the post, as listJobCandidates gives it."`
	Permalink  string `json:"permalink,omitempty" format:"uri" maxLength:"2048" doc:"With there: the post's URL."`
}

// NewText is the body of editPublished.
type NewText struct {
	Text string `json:"text" maxLength:"200000" example:"Open from nine today."`
}

// Candidate is a post on the platform that may be the one a held job made.
type Candidate struct {
	ExternalID string    `json:"external_id"`
	Permalink  string    `json:"permalink"`
	Text       string    `json:"text"`
	CreatedAt  time.Time `json:"created_at"`
}

// CandidateList is the answer of listJobCandidates.
type CandidateList struct {
	Items []Candidate `json:"items" nullable:"false"`
}

type (
	// JobParam is the job in a path.
	JobParam struct {
		ID string `path:"job_id" example:"pst_01kav8q2m4e9w3x6t0y5r7n1zd.con_01kav8q2m4e9w3x6t0y5r7n1ze"`
	}
	jobInput       struct{ JobParam }
	jobActionInput struct {
		Idempotent
		JobParam
	}
	resolveJobInput struct {
		Idempotent
		JobParam
		Body Resolution
	}
	editJobInput struct {
		Idempotent
		JobParam
		Body NewText
	}
	jobOutput        struct{ Body Job }
	jobHistoryOutput struct{ Body JobHistory }
	candidatesOutput struct{ Body CandidateList }
)

// Jobs serves /v1/jobs.
type Jobs struct {
	Publish *publish.Service
	Desk    Desk
	Reports report.Reader
}

// Desk asks a platform right now. It works behind a function that may open tokens.
type Desk interface {
	Candidates(ctx context.Context, tenantID, member, job string) ([]connector.Candidate, error)
	DeletePost(ctx context.Context, tenantID, member, job string) error
	EditPost(ctx context.Context, tenantID, member, job, text string) error
	RefreshComments(ctx context.Context, tenantID, member, job string) (found int, err error)
}

func (r Jobs) mount(s *surface) {
	r.mountReports(s)
	route(s, huma.Operation{
		OperationID: "getJob", Method: http.MethodGet, Path: "/v1/jobs/{job_id}",
		Tags: []string{tagJobs}, Summary: "Read a job and its history",
	}, tenant.Read, r.get)
	route(s, huma.Operation{
		OperationID: "retryJob", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/retry", DefaultStatus: http.StatusAccepted,
		Tags: []string{tagJobs}, Summary: "Try a failed job again",
		Description: "What already happened on the platform is not repeated. A held job needs resolveJob instead (409).",
	}, tenant.Decide, r.retry)
	route(s, huma.Operation{
		OperationID: "cancelJob", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/cancel",
		Tags: []string{tagJobs}, Summary: "Cancel a job that has not started",
	}, tenant.Compose, r.cancel)
	route(s, huma.Operation{
		OperationID: "resolveJob", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/resolve",
		Tags: []string{tagJobs}, Summary: "Decide about a held job",
		Description: "A job is held when it cannot be known whether the platform has published it. Say that it is there, or that it shall be posted again.",
	}, tenant.Decide, r.resolve)
	route(s, huma.Operation{
		OperationID: "listJobCandidates", Method: http.MethodGet, Path: "/v1/jobs/{job_id}/candidates",
		Tags: []string{tagJobs}, Summary: "Posts on the platform that may be this job's",
		Description: "Asks the platform what the account has published since the job was accepted, for a person to recognise.",
	}, tenant.Read, r.candidates)
	route(s, huma.Operation{
		OperationID: "deletePublished", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/delete",
		Tags: []string{tagJobs}, Summary: "Delete the published post on the platform",
		Description: "Only for platforms with the capability `delete`. Deleting what is gone already is a success.",
	}, tenant.Decide, r.deletePublished)
	route(s, huma.Operation{
		OperationID: "editPublished", Method: http.MethodPatch, Path: "/v1/jobs/{job_id}",
		Tags: []string{tagJobs}, Summary: "Change the text of the published post on the platform",
		Description: "Only for accounts whose kind has `can_edit`. The text is checked as in createPost. 409 when the job is not published.",
	}, tenant.Decide, r.editPublished)
}

func (r Jobs) get(ctx context.Context, in *jobInput) (*jobHistoryOutput, error) {
	j, rows, err := r.Publish.Job(ctx, sessionOf(ctx).TenantID, in.ID)
	return &jobHistoryOutput{Body: JobHistory{Job: jobFrom(j), Timeline: timelineFrom(j, rows)}}, err
}

func (r Jobs) retry(ctx context.Context, in *jobActionInput) (*jobOutput, error) {
	j, err := r.Publish.Retry(ctx, authorOf(ctx), in.ID)
	return &jobOutput{Body: jobFrom(j)}, err
}

func (r Jobs) cancel(ctx context.Context, in *jobActionInput) (*jobOutput, error) {
	j, err := r.Publish.CancelJob(ctx, authorOf(ctx), in.ID)
	return &jobOutput{Body: jobFrom(j)}, err
}

func (r Jobs) resolve(ctx context.Context, in *resolveJobInput) (*jobOutput, error) {
	var (
		j   publish.Job
		err error
	)
	if in.Body.Outcome == "there" {
		j, err = r.Publish.ItIsThere(ctx, authorOf(ctx), in.ID, connector.Receipt{ExternalID: in.Body.ExternalID, Permalink: in.Body.Permalink})
	} else {
		j, err = r.Publish.PostAgain(ctx, authorOf(ctx), in.ID)
	}
	return &jobOutput{Body: jobFrom(j)}, err
}

func (r Jobs) candidates(ctx context.Context, in *jobInput) (*candidatesOutput, error) {
	who := sessionOf(ctx)
	found, err := r.Desk.Candidates(ctx, who.TenantID, who.MemberID, in.ID)
	if err != nil {
		return nil, err
	}
	out := &candidatesOutput{Body: CandidateList{Items: make([]Candidate, 0, len(found))}}
	for _, c := range found {
		out.Body.Items = append(out.Body.Items, Candidate{
			ExternalID: c.Receipt.ExternalID, Permalink: c.Receipt.Permalink, Text: c.Text, CreatedAt: c.CreatedAt.UTC(),
		})
	}
	return out, nil
}

func (r Jobs) deletePublished(ctx context.Context, in *jobActionInput) (*empty, error) {
	who := sessionOf(ctx)
	return nil, r.Desk.DeletePost(ctx, who.TenantID, who.MemberID, in.ID)
}

func (r Jobs) editPublished(ctx context.Context, in *editJobInput) (*jobOutput, error) {
	who := sessionOf(ctx)
	if err := r.Publish.CheckEdit(ctx, who.TenantID, in.ID, in.Body.Text); err != nil {
		return nil, rejected(ctx, err)
	}
	if err := r.Desk.EditPost(ctx, who.TenantID, who.MemberID, in.ID, in.Body.Text); err != nil {
		return nil, err
	}
	j, _, err := r.Publish.Job(ctx, who.TenantID, in.ID)
	return &jobOutput{Body: jobFrom(j)}, err
}

func jobFrom(j publish.Job) Job {
	out := Job{
		ID: j.ID, PostID: j.PostID, Kind: j.Kind, Text: j.Text, State: string(j.Status), PublishAt: moment(j.DueAt), Attempts: j.Attempts,
		Connection: JobConnection{
			ID: j.ConnectionID, Name: j.Account.Name, Username: j.Account.Username, Kind: j.Account.Kind, Login: j.Account.Login, Platform: j.Platform,
			AvatarURL: j.Account.AvatarURL,
		},
		Problem: jobProblemFrom(j.Problem), PublishedAt: maybe(j.PublishedAt), DeletedAt: maybe(j.DeletedAt), RemovedAt: maybe(j.RemovedAt), UpdatedAt: moment(j.UpdatedAt),
	}
	if j.Status == publish.Waiting || j.Status == publish.Queued || j.Status == publish.Scheduled {
		out.NextAt = maybe(j.NextAt)
	}
	if j.Receipt != nil {
		out.Receipt = &Receipt{ExternalID: j.Receipt.ExternalID, Permalink: j.Receipt.Permalink, Note: j.Receipt.Note}
	}
	return out
}

func jobProblemFrom(p *publish.Problem) *JobProblem {
	if p == nil {
		return nil
	}
	return &JobProblem{Class: p.Class, Code: p.Code, Message: p.Message, Field: p.Field, Action: p.Action, Rule: p.Rule}
}

// timelineFrom joins the audit trail with the journal of steps.
func timelineFrom(j publish.Job, rows []publish.AuditRow) []TimelineEntry {
	out := make([]TimelineEntry, 0, 1+len(rows)+2*len(j.Steps))
	if j.CreatedAt != 0 { // the audit trail says it once for the whole post
		out = append(out, TimelineEntry{At: moment(j.CreatedAt), Kind: publish.AuditAccepted, Message: "Accepted."})
	}
	for _, name := range slices.SortedFunc(maps.Keys(j.Steps), func(a, b string) int {
		return cmp.Or(cmp.Compare(j.Steps[a].StartedAt, j.Steps[b].StartedAt), cmp.Compare(j.Steps[a].DoneAt, j.Steps[b].DoneAt))
	}) {
		s := j.Steps[name]
		if s.StartedAt != 0 {
			out = append(out, TimelineEntry{At: moment(s.StartedAt), Kind: "step_started", Step: name, Message: "Sent to the platform."})
		}
		if s.DoneAt != 0 {
			out = append(out, TimelineEntry{At: moment(s.DoneAt), Kind: "step_done", Step: name, Message: "The platform has done it."})
		}
	}
	for _, r := range rows {
		out = append(out, TimelineEntry{At: moment(r.At), Kind: r.Kind, Attempt: r.Attempt, Message: r.Message, Problem: jobProblemFrom(r.Problem)})
	}
	// Within one millisecond the order of appending is the order of happening.
	slices.SortStableFunc(out, func(a, b TimelineEntry) int { return a.At.Compare(b.At) })
	return out
}
