// Package report owns the numbers about posts and accounts: they are asked for when somebody looks at them, and kept, so
// that the last ones are shown with their time while the platform does not answer.
package report

import (
	"context"
	"strconv"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

const (
	// fresh is how long numbers are shown without asking again.
	fresh = 15 * time.Minute
	// pause is how long after a failure the platform is not asked again.
	pause = time.Minute
	// Life is how long numbers are kept that nobody looks at.
	Life = 90 * 24 * time.Hour
)

// Report is what is known about a post or an account. Times are epoch milliseconds; 0 = never.
type Report struct {
	Metrics []connector.Metric `dynamodbav:"metrics"`
	At      int64              `dynamodbav:"at"`                // when the platform said so
	TriedAt int64              `dynamodbav:"tried_at"`          // when it was asked last
	Problem *publish.Problem   `dynamodbav:"problem,omitempty"` // why the last time gave nothing
}

// PostKey names the report of a published job in its workspace.
func PostKey(jobID string) string { return "post#" + jobID }

// AccountKey names the report of an account over some days.
func AccountKey(connectionID string, days int) string {
	return "account#" + connectionID + "#" + strconv.Itoa(days)
}

// Store keeps reports.
type Store interface {
	// Report reads one; an empty one where there is none.
	Report(ctx context.Context, tenantID, key string) (Report, error)
}

// Desk has the act function ask the platform and keep what it says, a failure too.
type Desk interface {
	PostMetrics(ctx context.Context, tenantID, member, job string) error
	AccountMetrics(ctx context.Context, tenantID, member, connection string, days int) error
}

// Reader shows reports.
type Reader struct {
	Store Store
	Desk  Desk
	Now   func() time.Time
}

// Post is the report of a published job.
func (r Reader) Post(ctx context.Context, tenantID, member string, job publish.Job) (Report, error) {
	if job.Status != publish.Published || job.Receipt == nil {
		return Report{}, problem.New(problem.Conflict, "Only a published post has numbers.")
	}
	return r.read(ctx, tenantID, PostKey(job.ID), job.DeletedAt == 0, func() error { return r.Desk.PostMetrics(ctx, tenantID, member, job.ID) })
}

// Account is the report of an account for the last days.
func (r Reader) Account(ctx context.Context, tenantID, member, connection string, days int) (Report, error) {
	return r.read(ctx, tenantID, AccountKey(connection, days), true, func() error {
		return r.Desk.AccountMetrics(ctx, tenantID, member, connection, days)
	})
}

func (r Reader) read(ctx context.Context, tenantID, key string, ask bool, refresh func() error) (Report, error) {
	known, err := r.Store.Report(ctx, tenantID, key)
	if err != nil {
		return Report{}, err
	}
	now := r.Now()
	old := now.Sub(time.UnixMilli(known.At)) >= fresh
	tried := known.Problem != nil && now.Sub(time.UnixMilli(known.TriedAt)) < pause
	if !ask || !old || tried {
		return known, nil
	}
	failed := refresh()
	if failed != nil && problem.ClassOf(failed) == problem.Internal {
		if known.At == 0 {
			return Report{}, failed
		}
		known.Problem = publish.ProblemOf(failed)
		return known, nil
	}
	known, err = r.Store.Report(ctx, tenantID, key)
	if err == nil && failed != nil && known.Problem == nil { // refused before the platform was asked
		known.Problem = publish.ProblemOf(failed)
	}
	return known, err
}
