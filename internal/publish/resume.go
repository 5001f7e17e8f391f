package publish

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
)

// What becomes of the jobs that waited for an account.
const (
	ResumeNow       = "now"        // all go out, however late
	ResumeKeepTimes = "keep_times" // what is still ahead keeps its time, the rest goes out unless it is too late
	ResumeDrop      = "drop"       // none goes out
)

// askFor is how long parked jobs wait for a person's answer before they look for themselves again.
const askFor = time.Hour

// Lateness is how much later than asked for a workspace lets a parked post go out by itself.
type Lateness func(ctx context.Context, tenant string) (time.Duration, error)

// Ask gives a person time to say what becomes of a healed connection's parked jobs, and tells how many there are.
func (s *Service) Ask(ctx context.Context, tenant, connection string) (int, error) {
	return s.parked(ctx, tenant, connection, func(id string) error {
		_, err := s.Store.ChangeJob(ctx, tenant, id, func(j *Job) (AuditRow, error) {
			if j.Status != Blocked {
				return AuditRow{}, errNoChange
			}
			j.NextAt = s.Now().Add(askFor).UnixMilli()
			return s.row(*j, Author{}, AuditWait, "The account works again; waits for somebody to say what to do."), nil
		})
		return err
	})
}

// Resume does with the parked jobs of a healed connection what the mode says. It may be repeated; what a crash leaves
// parked looks for itself. member is empty where nobody was asked.
func (s *Service) Resume(ctx context.Context, tenant, connection, member, mode string) error {
	a := Author{TenantID: tenant, MemberID: member}
	do := func(id string) error {
		_, err := s.CancelJob(ctx, a, id)
		if problem.ClassOf(err) == problem.Conflict {
			return nil // it is on its way already, or may be: that is not undone
		}
		return err
	}
	switch mode {
	case ResumeDrop:
	case ResumeNow:
		do = func(id string) error { return s.resume(ctx, a, id, func(j *Job) { j.DueAt = s.Now().UnixMilli() }) }
	case ResumeKeepTimes:
		most, err := s.Lateness(ctx, tenant)
		if err != nil {
			return err
		}
		do = func(id string) error { return s.resumeInTime(ctx, a, id, most) }
	default:
		return problem.New(problem.InvalidRequest, "Say now, keep_times or drop.").On("mode")
	}
	_, err := s.parked(ctx, tenant, connection, do)
	return err
}

// parked does something to every job that waits for a connection.
func (s *Service) parked(ctx context.Context, tenant, connection string, do func(id string) error) (int, error) {
	ids, err := s.Store.JobsOfConnection(ctx, tenant, connection, Blocked)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := do(id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (s *Service) resume(ctx context.Context, a Author, id string, change func(*Job)) error {
	_, err := s.requeue(ctx, a, id, "The account works again.", func(j *Job) error {
		if j.Status != Blocked {
			return errNoChange
		}
		change(j)
		return nil
	})
	return err
}

// resumeInTime resumes a job, or ends it where it would be too late.
func (s *Service) resumeInTime(ctx context.Context, a Author, id string, most time.Duration) error {
	late := false
	_, err := s.Store.ChangeJob(ctx, a.TenantID, id, func(j *Job) (AuditRow, error) {
		p := tooLate(*j, s.Now(), most)
		if late = j.Status == Blocked && p != nil && j.InDoubt == ""; !late {
			return AuditRow{}, errNoChange
		}
		j.Status, j.ParkedAt, j.Problem = Failed, 0, ProblemOf(p)
		row := s.row(*j, a, AuditFailed, "Failed: "+reasonTooLate+".")
		row.Problem = j.Problem
		return row, nil
	})
	if err != nil || late {
		return err
	}
	return s.resume(ctx, a, id, func(*Job) {})
}

// tooLate is the reason not to send a job that was parked for so long that nobody may want it any more; nil = send it.
// A person can still have it sent.
func tooLate(j Job, now time.Time, most time.Duration) *problem.Error {
	if now.Sub(j.Due()) <= most {
		return nil
	}
	e := problem.Newf(problem.Conflict, "The account came back too late: this post was due on %s. Send it now if it still fits.", j.Due().Format("2 January 2006, 15:04 MST"))
	e.Code, e.Action = reasonTooLate, problem.Action{Kind: problem.ActRetry, Label: "Send it now"}
	return e
}
