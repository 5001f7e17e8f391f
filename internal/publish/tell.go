package publish

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// ReferenceKey is the name under which a step's result, or a receipt's data, says by what the platform's webhooks name the
// post.
const ReferenceKey = "reference"

// References are what the platform's webhooks may name the job's post by, beside its id.
func (j Job) References() []string {
	var all []string
	for _, log := range j.Steps {
		if log.Reference != "" {
			all = append(all, log.Reference)
		}
	}
	if j.Receipt != nil && j.Receipt.Data[ReferenceKey] != "" {
		all = append(all, j.Receipt.Data[ReferenceKey])
	}
	return all
}

// TellStore is what the Teller needs of the store.
type TellStore interface {
	GetJob(ctx context.Context, tenant, id string) (Job, error)
	// JobOfPost finds the job whose post the change is about.
	JobOfPost(ctx context.Context, tenant, connection string, c connector.PostChange) (job string, found bool, err error)
	ChangeJob(ctx context.Context, tenant, id string, change func(j *Job) (AuditRow, error)) (Job, error)
}

// Teller brings what a platform tells of a post to the post's job.
type Teller struct {
	Store TellStore
	Queue Queue
	Now   func() time.Time
	NewID func() string
	Log   *slog.Logger
}

// Heard is what became of what a platform told.
type Heard int

// What a Teller answers.
const (
	HeardByNone Heard = iota // no job has this post, or not yet
	HeardLater               // its job is not done yet
	HeardNoNews              // its job needs nothing of it
	HeardNews                // its job is changed
)

// Tell brings a change of a post, which happened at the given moment, to its job. It may be repeated, and changes may come
// in any order: the newest counts.
func (t *Teller) Tell(ctx context.Context, tenant, connection string, c connector.PostChange, at time.Time) (Heard, error) {
	id, found, err := t.Store.JobOfPost(ctx, tenant, connection, c)
	if err != nil || !found {
		return HeardByNone, err
	}
	heard, wake := HeardNoNews, false
	j, err := t.Store.ChangeJob(ctx, tenant, id, func(j *Job) (AuditRow, error) {
		var kind, message string
		heard, wake = HeardNoNews, false
		switch {
		case j.Status == Running, j.Status == Waiting && c.State == connector.PostRemoved: // first it has to be written down as published
			heard = HeardLater
		case j.Status == Waiting && j.NextAt > t.Now().UnixMilli():
			j.NextAt, wake = t.Now().UnixMilli(), true
			kind, message = AuditWait, "The platform says that something became of the post; it is asked at once."
		case j.Status == Published && j.Receipt != nil && j.DeletedAt == 0:
			kind, message = hear(j, c, at.UnixMilli())
		}
		if kind == "" {
			return AuditRow{}, errNoChange
		}
		heard = HeardNews
		now := t.Now().UnixMilli()
		return AuditRow{
			TenantID: j.TenantID, SK: AuditKey(now, "aud_"+t.NewID()), JobID: j.ID, PostID: j.PostID, ConnectionID: j.ConnectionID,
			Kind: kind, At: now, Message: message,
		}, nil
	})
	if problem.ClassOf(err) == problem.Conflict { // another job has the post whose id was told
		return HeardNoNews, nil
	}
	if err != nil || !wake {
		return heard, err
	}
	if err := t.Queue.Send(ctx, j.Platform, Message{Tenant: j.TenantID, Job: j.ID, At: j.NextAt}, 0); err != nil {
		t.Log.WarnContext(ctx, "hint not sent; the sweep will find the job", slog.String("job", j.ID), slog.String("error", err.Error()))
	}
	return heard, nil
}

// Named gives the id under which Herald knows a post that the platform's notices call by another name. It is the name
// itself where no job has such a post.
func (t *Teller) Named(ctx context.Context, tenant, connection, name string) (string, error) {
	id, found, err := t.Store.JobOfPost(ctx, tenant, connection, connector.PostChange{Reference: name})
	if err != nil || !found {
		return name, err
	}
	j, err := t.Store.GetJob(ctx, tenant, id)
	if err != nil || j.Receipt == nil || j.Receipt.ExternalID == "" {
		return name, err
	}
	return j.Receipt.ExternalID, nil
}

// hear applies a change to a published job. An empty kind means that nothing is new. A post that is published here never
// becomes a failed one: what the platform says of it is noted.
func hear(j *Job, c connector.PostChange, at int64) (kind, message string) {
	completed := complete(j, c)
	if at < j.ToldAt || at == j.ToldAt && c.State == j.Told {
		if completed {
			return AuditTold, "The platform told which post it is."
		}
		return "", ""
	}
	before := j.Receipt.Note
	j.ToldAt, j.Told = at, c.State
	switch c.State {
	case connector.PostRemoved:
		j.RemovedAt = at
		return AuditTold, "The post was removed on the platform" + because(c.Reason) + "."
	case connector.PostPublished:
		back := j.RemovedAt != 0
		j.RemovedAt, j.Receipt.Note = 0, ""
		if back {
			return AuditTold, "The post can be seen on the platform again."
		}
		return AuditTold, "The platform says that the post can be seen."
	case connector.PostFailed:
		j.Receipt.Note = "The platform says that it could not publish this post" + because(c.Reason) + ". Look at it there."
		return AuditTold, j.Receipt.Note
	case connector.PostDelivered:
		return AuditTold, cmp.Or(before, "The platform says that the post waits for its owner there.")
	default:
		return "", ""
	}
}

// complete fills what the receipt lacks. A receipt that stands under its reference gets the post's own id.
func complete(j *Job, c connector.PostChange) bool {
	r := *j.Receipt
	if c.ExternalID != "" && c.Reference != "" && r.ExternalID == c.Reference && c.ExternalID != c.Reference {
		data := map[string]string{ReferenceKey: c.Reference}
		maps.Copy(data, r.Data)
		r.ExternalID, r.Data = c.ExternalID, data
	}
	if c.Permalink != "" && r.Permalink == "" {
		r.Permalink = c.Permalink
	}
	changed := r.ExternalID != j.Receipt.ExternalID || r.Permalink != j.Receipt.Permalink
	j.Receipt = &r
	return changed
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// disown takes back what was found to be another job's: a post that two jobs took for theirs. A person decides about the
// step that made it, which is known by what the post is called.
func disown(j *Job, r connector.Receipt) {
	for name, log := range j.Steps {
		named := slices.Contains(slices.Collect(maps.Values(log.Result)), r.ExternalID)
		if log.DoneAt == 0 || log.Reference == "" && !named {
			continue
		}
		log.DoneAt, log.Result, log.Sealed, log.Reference = 0, nil, nil, ""
		j.Steps[name] = log
		if j.InDoubt == "" {
			j.InDoubt = name
		}
	}
}
