package publish

import (
	"context"
	"errors"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// Get reads a post with its jobs.
func (s *Service) Get(ctx context.Context, tenant, id string) (Post, error) {
	return s.Store.GetPost(ctx, tenant, id)
}

// List reads a page of posts, newest first, and the cursor of the next one.
func (s *Service) List(ctx context.Context, tenant string, f Filter) ([]Post, string, error) {
	return s.Store.ListPosts(ctx, tenant, f)
}

// Job reads a job and its timeline, oldest first.
func (s *Service) Job(ctx context.Context, tenant, id string) (Job, []AuditRow, error) {
	j, err := s.Store.GetJob(ctx, tenant, id)
	if err != nil {
		return Job{}, nil, err
	}
	rows, err := s.Store.Timeline(ctx, tenant, id)
	return j, rows, err
}

// CancelJob stops a job that has not reached the platform. One that is live and waits with what comes after the post, such
// as a first comment, is published without it.
func (s *Service) CancelJob(ctx context.Context, a Author, id string) (Job, error) {
	return s.Store.ChangeJob(ctx, a.TenantID, id, func(j *Job) (AuditRow, error) {
		switch {
		case j.Status == Cancelled:
			return AuditRow{}, errNoChange
		case j.Status == Published:
			return AuditRow{}, problem.New(problem.Conflict, "This post is published already. Delete it instead.")
		case j.Status == Running:
			return AuditRow{}, problem.New(problem.Conflict, "This post is being published right now.")
		case j.InDoubt != "" && j.Status != Held:
			return AuditRow{}, problem.New(problem.Conflict, "This post may be on the platform already; Herald is finding out. Try again in a minute.")
		case j.Receipt != nil:
			j.Status, j.PublishedAt = Published, s.Now().UnixMilli()
			return s.row(*j, a, AuditPublished, "Published. What was left to do after it was cancelled."), nil
		}
		j.Status = Cancelled
		return s.row(*j, a, AuditCancelled, "Cancelled."), nil
	})
}

// Cancel stops every job of a post that can still be stopped. A conflict when none could.
func (s *Service) Cancel(ctx context.Context, a Author, postID string) (Post, error) {
	return s.each(ctx, a, postID, func(id string) error {
		_, err := s.CancelJob(ctx, a, id)
		return err
	})
}

// Reschedule moves every job of a post that has not started.
func (s *Service) Reschedule(ctx context.Context, a Author, postID string, at time.Time) (Post, error) {
	now := s.Now()
	if at.Before(now.Add(-pastGrace)) {
		return Post{}, &Rejected{Violations: []Violation{{Field: "publish_at", Message: "The time lies in the past."}}}
	}
	if at.After(now.Add(MaxAhead)) {
		return Post{}, &Rejected{Violations: []Violation{{Field: "publish_at", Message: "The time lies more than a year ahead."}}}
	}
	at = maxTime(at, now)
	p, err := s.each(ctx, a, postID, func(id string) error {
		j, err := s.Store.ChangeJob(ctx, a.TenantID, id, func(j *Job) (AuditRow, error) {
			if j.Status != Scheduled && j.Status != Queued && j.Status != Blocked || len(j.Steps) > 0 {
				return AuditRow{}, problem.New(problem.Conflict, "This post has started already and cannot be moved.")
			}
			j.DueAt, j.NextAt = at.UnixMilli(), at.UnixMilli()
			if j.Status != Blocked {
				j.Status = Queued
				if at.Sub(now) > queueReach {
					j.Status = Scheduled
				}
			}
			return s.row(*j, a, AuditRescheduled, "Moved to "+at.UTC().Format(time.RFC3339)+"."), nil
		})
		if err == nil && j.Status == Queued {
			s.hint(ctx, j)
		}
		return err
	})
	if err != nil {
		return Post{}, err
	}
	if err := s.Store.SetPostTime(ctx, a.TenantID, postID, at.UnixMilli()); err != nil {
		return Post{}, err
	}
	p.At = at.UnixMilli()
	return p, nil
}

// each does something to every job of a post; it fails with the last problem only when nothing succeeded.
func (s *Service) each(ctx context.Context, a Author, postID string, do func(jobID string) error) (Post, error) {
	p, err := s.Store.GetPost(ctx, a.TenantID, postID)
	if err != nil {
		return Post{}, err
	}
	done := 0
	var last error
	for _, j := range p.Jobs {
		err := do(j.ID)
		var refused *problem.Error
		switch {
		case err == nil:
			done++
		case errors.As(err, &refused):
			last = err
		default:
			return Post{}, err
		}
	}
	if done == 0 && last != nil {
		return Post{}, last
	}
	return s.Store.GetPost(ctx, a.TenantID, postID)
}

// Retry puts a failed job back on the queue. What its journal knows is kept, so a finished step stays finished.
func (s *Service) Retry(ctx context.Context, a Author, id string) (Job, error) {
	return s.requeue(ctx, a, id, "Tried again by hand.", func(j *Job) error {
		if j.Status != Failed && j.Status != Blocked {
			return problem.Newf(problem.Conflict, "Only a failed post can be tried again; this one is %s.", j.Status)
		}
		return nil
	})
}

// PostAgain tells a held job that its post is not on the platform.
func (s *Service) PostAgain(ctx context.Context, a Author, id string) (Job, error) {
	return s.requeue(ctx, a, id, "A person looked: it is not there. Posting again.", func(j *Job) error {
		if j.Status != Held {
			return problem.Newf(problem.Conflict, "Only a held post can be decided on; this one is %s.", j.Status)
		}
		delete(j.Steps, j.InDoubt)
		j.InDoubt = ""
		return nil
	})
}

// ItIsThere tells a held job which post on the platform is its own.
func (s *Service) ItIsThere(ctx context.Context, a Author, id string, r connector.Receipt) (Job, error) {
	if r.ExternalID == "" {
		return Job{}, problem.New(problem.InvalidRequest, "Say which post it is.").On("external_id")
	}
	return s.Store.ChangeJob(ctx, a.TenantID, id, func(j *Job) (AuditRow, error) {
		if j.Status != Held {
			return AuditRow{}, problem.Newf(problem.Conflict, "Only a held post can be decided on; this one is %s.", j.Status)
		}
		j.Status, j.Receipt, j.InDoubt, j.Problem, j.PublishedAt = Published, &r, "", nil, s.Now().UnixMilli()
		return s.row(*j, a, AuditResolved, "A person found it on the platform."), nil
	})
}

func (s *Service) requeue(ctx context.Context, a Author, id, message string, allowed func(*Job) error) (Job, error) {
	j, err := s.Store.ChangeJob(ctx, a.TenantID, id, func(j *Job) (AuditRow, error) {
		if err := allowed(j); err != nil {
			return AuditRow{}, err
		}
		j.NextAt = max(j.DueAt, s.Now().UnixMilli())
		j.DueAt = j.NextAt // lateness counts from the decision
		j.Status = Queued
		if time.UnixMilli(j.NextAt).Sub(s.Now()) > queueReach {
			j.Status = Scheduled
		}
		j.Attempts, j.ParkedAt, j.Problem = 0, 0, nil
		return s.row(*j, a, AuditRequeued, message), nil
	})
	if err != nil {
		return Job{}, err
	}
	s.hint(ctx, j)
	return j, nil
}

func (s *Service) row(j Job, a Author, kind, message string) AuditRow {
	at := s.Now().UnixMilli()
	return AuditRow{
		TenantID: j.TenantID, SK: AuditKey(at, "aud_"+s.NewID()), JobID: j.ID, PostID: j.PostID, ConnectionID: j.ConnectionID,
		Kind: kind, At: at, By: a.MemberID, Message: message,
	}
}

// errNoChange ends a ChangeJob without a write and without a failure.
var errNoChange = errors.New("publish: nothing to change")

// NoChange tells the store that a change has nothing to write.
func NoChange(err error) bool { return errors.Is(err, errNoChange) }

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
