package publish

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// Kinds of audit rows.
const (
	AuditAccepted    = "accepted"
	AuditPublished   = "published"
	AuditRetry       = "retry"
	AuditWait        = "wait"
	AuditFailed      = "failed"
	AuditHeld        = "held"
	AuditBlocked     = "blocked"
	AuditDied        = "worker_died"
	AuditCancelled   = "cancelled"
	AuditRescheduled = "rescheduled"
	AuditRequeued    = "requeued"
	AuditResolved    = "resolved"
	AuditDeleted     = "deleted"
	AuditEdited      = "edited"
	AuditTold        = "told" // the platform told of a published post
)

// AuditRow is one line of the append-only trail.
type AuditRow struct {
	TenantID     string   `dynamodbav:"tenant_id"`
	SK           string   `dynamodbav:"sk"` // sortable: milliseconds # id
	JobID        string   `dynamodbav:"job_id,omitempty"`
	PostID       string   `dynamodbav:"post_id,omitempty"`
	ConnectionID string   `dynamodbav:"connection_id,omitempty"`
	Kind         string   `dynamodbav:"kind"`
	At           int64    `dynamodbav:"at"`
	Attempt      int      `dynamodbav:"attempt,omitempty"`
	Message      string   `dynamodbav:"message"`
	By           string   `dynamodbav:"by,omitempty"` // member id, where a person did it
	Problem      *Problem `dynamodbav:"problem,omitempty"`
}

// conclude writes what becomes of the job. The dead-letter signal goes out before the write: after a crash between
// the two it is given once more, while the other order could lose it.
func (r *Runner) conclude(ctx context.Context, job Job, receipt connector.Receipt, cause error) error {
	now := r.Now()
	if receipt.ExternalID == "" && job.Receipt != nil {
		receipt = *job.Receipt // live since an earlier attempt, even if this one did not get that far
	}
	v := judge(cause, job, receipt.ExternalID != "", now, r.Jitter)
	o := r.outcome(job, receipt, v, now)
	m := Message{Tenant: job.TenantID, Job: job.ID, At: o.Job.NextAt}
	if v.move == moveDead {
		if err := r.Queue.Dead(ctx, job.Platform, m, v.reason, o.Job.Problem.Message); err != nil {
			return err
		}
	}
	err := r.Store.FinishAttempt(ctx, o, now)
	if errors.Is(err, ErrClaimed) { // two equal texts, one post: a person must look which of the two it is
		v = hold()
		disown(&job, receipt)
		o = r.outcome(job, connector.Receipt{}, v, now)
		err = r.Store.FinishAttempt(ctx, o, now)
	}
	if errors.Is(err, ErrLost) {
		return nil // somebody else looks after it
	}
	if err != nil {
		return err
	}
	r.report(ctx, o, v, cause, now)
	if v.move != moveWait && v.move != moveRetry {
		return nil
	}
	if v.after > 15*time.Minute {
		return nil // later than the queue can delay: the sweep brings it back
	}
	return r.Queue.Send(ctx, job.Platform, m, v.after)
}

func (r *Runner) outcome(job Job, receipt connector.Receipt, v verdict, now time.Time) Outcome {
	o := Outcome{Job: job}
	j := &o.Job
	j.UpdatedAt = now.UnixMilli()
	j.Problem = ProblemOf(v.err)
	next := now.Add(v.after)
	row := AuditRow{}
	if receipt.ExternalID != "" {
		j.Receipt = &receipt // live already, even where something is left to do
	}
	if v.blocks {
		o.Block = &Block{ConnectionID: j.ConnectionID, TokenVersion: j.Account.TokenVersion, Reason: j.Problem.Message, Action: j.Problem.Action}
	}
	switch v.move {
	case movePublished:
		j.Status, j.InDoubt, j.PublishedAt, j.ParkedAt = Published, "", now.UnixMilli(), 0
		row.Kind, row.Message = AuditPublished, "Published."
		if v.err != nil {
			row.Message = "Published, with a warning."
		}
		o.Count = Count{Published: 1, Latency: now.Sub(j.Due())}
	case moveWait:
		j.Status, j.NextAt = Waiting, next.UnixMilli()
		j.Attempts--
		row.Kind, row.Message = AuditWait, "Waits: "+v.reason+"."
		if v.reason == reasonOperator {
			row.Message = "Waits until Herald's operator has acted."
		}
	case moveRetry:
		j.Status, j.NextAt = Waiting, next.UnixMilli()
		row.Kind, row.Message = AuditRetry, "Did not work; tried again automatically."
		o.Count = Count{Retried: 1}
	case moveHold:
		j.Status = Held
		row.Kind, row.Message = AuditHeld, "Held for a person."
		o.Count = Count{Held: 1}
	case moveFail, moveDead:
		j.Status = Failed
		row.Kind, row.Message = AuditFailed, "Failed: "+v.reason+"."
		o.Count = Count{Failed: 1}
	case movePark:
		j.Status, j.NextAt = Blocked, next.UnixMilli()
		j.Attempts--
		row.Kind, row.Message = AuditBlocked, "Waits until the account is connected again."
		if v.reason == reasonPaused {
			row.Message = "Waits until the account is in use again."
		}
	}
	j.Lease, j.LeaseUntil = job.Lease, 0
	o.AttendAt = j.AttendAt()
	parked := v.move == movePark || v.reason == reasonOperator && v.move == moveWait
	again := parked && j.ParkedAt != 0 // only looked whether it is healed: no news for the trail
	if parked && j.ParkedAt == 0 {
		j.ParkedAt = now.UnixMilli()
	}
	for i, a := range j.Open {
		r := row
		if i < len(j.Open)-1 {
			r.Kind, r.Message = AuditDied, "The worker stopped before it could finish; another one went on."
		} else {
			r.Problem = j.Problem
			if again {
				continue
			}
		}
		r.Attempt, r.At = a.N, a.At
		if i == len(j.Open)-1 {
			r.At = now.UnixMilli()
		}
		o.Audit = append(o.Audit, r)
	}
	for i := range o.Audit {
		a := &o.Audit[i]
		a.TenantID, a.JobID, a.PostID, a.ConnectionID = j.TenantID, j.ID, j.PostID, j.ConnectionID
		a.SK = AuditKey(a.At, "aud_"+r.NewID())
	}
	j.Open = nil
	return o
}

func (r *Runner) report(ctx context.Context, o Outcome, v verdict, cause error, now time.Time) {
	j := o.Job
	attrs := []any{
		slog.String("job", j.ID), slog.String("tenant", j.TenantID), slog.String("status", string(j.Status)),
		slog.Int("attempts", j.Attempts), slog.String("reason", v.reason),
	}
	level := slog.LevelInfo
	if cause != nil {
		attrs = append(attrs, slog.String("error", cause.Error()))
		if e := problem.Of(cause); e.Unwrap() != nil {
			attrs = append(attrs, slog.String("cause", e.Unwrap().Error()))
		}
	}
	if v.move == moveDead || v.move == moveHold || problem.OperatorFault(cause) {
		level = slog.LevelError
	}
	r.Log.Log(ctx, level, "attempt ended", attrs...)
	if problem.OperatorFault(cause) {
		r.Meter.OperatorFault(j.Platform)
	}
	if v.move == movePublished {
		r.Meter.Published(j.Platform, now.Sub(j.Due()))
		return
	}
	r.Meter.Outcome(j.Platform, string(j.Status))
}
