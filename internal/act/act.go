// Package act owns what a person's click needs from a platform at once. The functions that face the internet cannot
// open a token; they name an operation and a job, and the act function, which nothing outside can reach, carries it out.
package act

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// Op names an operation.
type Op string

// The operations.
const (
	DeletePost Op = "delete_post" // remove a published job's post from the platform
	EditPost   Op = "edit_post"   // replace the text of a published job's post
	Candidates Op = "candidates"  // list what a held job may have made

	PostMetrics     Op = "post_metrics"     // ask for a published job's numbers and keep them
	AccountMetrics  Op = "account_metrics"  // the same for an account, over Days
	RefreshOffer    Op = "refresh_offer"    // ask what an account takes at the moment and keep it
	RefreshComments Op = "refresh_comments" // read the comments of a published job's post and keep them
	ReplyToComment  Op = "reply"            // answer a comment
	HideComment     Op = "hide_comment"
	ShowComment     Op = "show_comment"
	DeleteComment   Op = "delete_comment"
)

// Request is the act function's event. It never holds a token or a URL.
type Request struct {
	Op     Op     `json:"op"`
	Tenant string `json:"tenant"`
	Job    string `json:"job"`
	Member string `json:"member"`         // who asked, for the audit trail
	Text   string `json:"text,omitempty"` // with EditPost and ReplyToComment
	// Of the operations on an account: the connection, and the comment by the platform's id.
	Connection string `json:"connection,omitempty"`
	Comment    string `json:"comment,omitempty"`
	Reply      string `json:"reply,omitempty"` // the answer's id: a repeated request has the same
	Days       int    `json:"days,omitempty"`
}

// Response is the act function's answer. A failure the person can act on is a Problem, not an error.
type Response struct {
	Candidates []connector.Candidate `json:"candidates,omitempty"`
	Comment    *comment.Comment      `json:"comment,omitempty"`
	Found      int                   `json:"found,omitempty"` // how many comments were read
	Problem    *Problem              `json:"problem,omitempty"`
}

// Problem is problem.Error on its way through the Lambda API.
type Problem struct {
	Class   problem.Class  `json:"class"`
	Code    string         `json:"code,omitempty"`
	Message string         `json:"message"`
	Action  problem.Action `json:"action"`
	// RetryAfter is when to ask again, in milliseconds; 0 = not said.
	RetryAfter int64 `json:"retry_after,omitempty"`
}

// Err gives the problem back as an error; nil stays nil.
func (p *Problem) Err() error {
	if p == nil {
		return nil
	}
	return &problem.Error{
		Class: p.Class, Code: p.Code, Message: p.Message, Action: p.Action, RetryAfter: time.Duration(p.RetryAfter) * time.Millisecond,
	}
}

// Store is what the desk needs of the store.
type Store interface {
	publish.AccountStore
	// GetJob is publish.ErrNoJob when the workspace has no such job.
	GetJob(ctx context.Context, tenant, id string) (publish.Job, error)
	ChangeJob(ctx context.Context, tenant, id string, change func(*publish.Job) (publish.AuditRow, error)) (publish.Job, error)
	// KeepReport keeps new numbers, or why there are none; then the last ones stay.
	KeepReport(ctx context.Context, tenant, key string, metrics []connector.Metric, cause error, now time.Time) error
	// KeepOffer keeps what the platform says an account takes.
	KeepOffer(ctx context.Context, tenant, connection string, o connector.Offer, at time.Time) error
	// ForgetReport and ForgetOffer delete what was kept.
	ForgetReport(ctx context.Context, tenant, key string) error
	ForgetOffer(ctx context.Context, tenant, connection string) error
	comment.WriteStore
}

// Desk carries the operations out.
type Desk struct {
	Store      Store
	Door       publish.Door
	Connectors map[string]connector.Connector
	Log        *slog.Logger
	Now        func() time.Time
	NewID      func() string
}

// Do is the Lambda handler.
func (d *Desk) Do(ctx context.Context, r Request) (Response, error) {
	out, err := d.do(ctx, r)
	if err == nil {
		return out, nil
	}
	e := problem.Of(err)
	d.Log.WarnContext(ctx, "act failed", slog.String("op", string(r.Op)), slog.String("job", r.Job), slog.String("error", err.Error()))
	return Response{Problem: &Problem{Class: e.Class, Code: e.Code, Message: e.Message, Action: e.Action, RetryAfter: e.RetryAfter.Milliseconds()}}, nil
}

func (d *Desk) do(ctx context.Context, r Request) (Response, error) {
	if r.Connection != "" {
		return d.onAccount(ctx, r)
	}
	job, err := d.Store.GetJob(ctx, r.Tenant, r.Job)
	if errors.Is(err, publish.ErrNoJob) {
		err = problem.New(problem.NotFound, "There is no such post in this workspace.").Because(err)
	}
	if err != nil {
		return Response{}, err
	}
	c, session, err := d.enter(ctx, job.TenantID, job.ConnectionID, job.Account.TokenVersion)
	if err != nil {
		return Response{}, err
	}
	switch r.Op {
	case DeletePost:
		return Response{}, d.delete(ctx, r, c, session, job)
	case EditPost:
		return Response{}, d.edit(ctx, r, c, session, job)
	case PostMetrics:
		return Response{}, d.postMetrics(ctx, c, session, job)
	case RefreshComments:
		return d.refreshComments(ctx, c, session, job)
	case Candidates:
		lister, ok := c.(connector.CandidateLister)
		if kind, known := c.Info().AccountKind(job.Account.Kind); !ok || !known || !kind.CanList {
			return Response{}, problem.New(problem.InvalidRequest, "The platform does not list the posts of such an account. Look there whether the post is on it.")
		}
		list, err := lister.Candidates(ctx, session, publish.DraftOf(job, nil))
		return Response{Candidates: list}, err
	default:
		return Response{}, problem.New(problem.InvalidRequest, "There is no such operation.")
	}
}

// enter opens a session with an account, and finds the connector that speaks for it. tokenVersion is a hint. What keeps it
// from doing so is said to a person who wants something now, and not to a post that waits.
func (d *Desk) enter(ctx context.Context, tenant, connection, tokenVersion string) (connector.Connector, connector.Session, error) {
	account, session, err := d.Door.Session(ctx, tenant, connection, tokenVersion)
	switch {
	case problem.ClassOf(err) == problem.NotFound:
		return nil, session, problem.New(problem.NotFound, "This account is not linked to this workspace any more.").Because(err)
	case err != nil && account.Status == "paused":
		return nil, session, problem.New(problem.Conflict, "The account is paused. Take it into use again first.").Because(err)
	case err != nil:
		return nil, session, err
	}
	c, on := d.Connectors[account.Platform]
	if !on {
		return nil, session, problem.New(problem.PlatformDown, "This platform is switched off at the moment.")
	}
	return c, session, nil
}

// delete may be repeated at any point: deleting what is gone is a success, and so is noting it twice.
func (d *Desk) delete(ctx context.Context, r Request, c connector.Connector, session connector.Session, job publish.Job) error {
	deleter, ok := c.(connector.Deleter)
	if !ok || !c.Info().CanDelete(job.Account.Kind, session.Account.Login) {
		return problem.New(problem.InvalidRequest, "Posts on such an account can only be deleted on the platform.")
	}
	if job.Status != publish.Published || job.Receipt == nil {
		return problem.New(problem.Conflict, "Only a published post can be deleted.")
	}
	if job.DeletedAt != 0 {
		return nil
	}
	if err := deleter.Delete(ctx, session, *job.Receipt); err != nil {
		return err
	}
	return d.note(ctx, r, publish.AuditDeleted, "Deleted from the platform.", func(j *publish.Job, at int64) { j.DeletedAt = at })
}

// edit may be repeated at any point: the same text twice is the same post, and so is noting it twice.
func (d *Desk) edit(ctx context.Context, r Request, c connector.Connector, session connector.Session, job publish.Job) error {
	editor, ok := c.(connector.Editor)
	if kind, known := c.Info().AccountKind(job.Account.Kind); !ok || !known || !kind.CanEdit {
		return problem.New(problem.InvalidRequest, "Posts on such an account can only be edited on the platform.")
	}
	if job.Status != publish.Published || job.Receipt == nil || job.DeletedAt != 0 {
		return problem.New(problem.Conflict, "Only a published post can be edited.")
	}
	if err := editor.Edit(ctx, session, *job.Receipt, r.Text); err != nil {
		return err
	}
	return d.note(ctx, r, publish.AuditEdited, "The text was changed on the platform.", func(j *publish.Job, _ int64) { j.Text = r.Text })
}

// note writes down what was done on the platform.
func (d *Desk) note(ctx context.Context, r Request, kind, message string, change func(j *publish.Job, at int64)) error {
	_, err := d.Store.ChangeJob(ctx, r.Tenant, r.Job, func(j *publish.Job) (publish.AuditRow, error) {
		at := d.Now().UnixMilli()
		change(j, at)
		return publish.AuditRow{
			TenantID: j.TenantID, SK: publish.AuditKey(at, "aud_"+d.NewID()), JobID: j.ID, PostID: j.PostID, ConnectionID: j.ConnectionID,
			Kind: kind, At: at, By: r.Member, Message: message,
		}, nil
	})
	return err
}
