package publish

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
)

// CallMemory is how long a call is remembered: longer than any budget's window, and than any job looks for its post.
const CallMemory = 48 * time.Hour

// Call is one that a job made, or was about to make, against a budget.
type Call struct {
	Name   string `dynamodbav:"name"` // the budget's
	At     int64  `dynamodbav:"at"`   // epoch ms
	Tenant string `dynamodbav:"tenant"`
	Job    string `dynamodbav:"job"`
}

// CallLog are the calls for one account, oldest first.
type CallLog struct {
	Calls []Call `dynamodbav:"calls"`
	Rev   int64  `dynamodbav:"rev"` // 0 = nothing was ever written
}

// budgets are an account's as one job sees them.
type budgets struct {
	runner  *Runner
	job     Job
	account string // the platform's id
}

// Spend implements connector.Budgets.
func (b *budgets) Spend(ctx context.Context, of connector.Budget) (time.Duration, error) {
	for range 5 {
		log, err := b.runner.Store.Calls(ctx, b.job.Platform, b.account)
		if err != nil {
			return 0, err
		}
		now := b.runner.Now()
		if wait := left(of, log.Calls, now); wait > 0 {
			return wait, nil
		}
		done, err := b.runner.Store.SpendCall(ctx, b.job.Platform, b.account, log, Call{Name: of.Name, At: now.UnixMilli(), Tenant: b.job.TenantID, Job: b.job.ID})
		if err != nil || done {
			return 0, err
		}
	}
	return max(of.Every, time.Second), nil // many want the same: one of them was faster each time
}

// left is how long a budget allows no call.
func left(b connector.Budget, calls []Call, now time.Time) time.Duration {
	var wait time.Duration
	var same []time.Time
	for _, c := range calls {
		at := time.UnixMilli(c.At)
		wait = max(wait, b.Every-now.Sub(at))
		if c.Name == b.Name && now.Sub(at) < b.Window {
			same = append(same, at)
		}
	}
	if b.Most > 0 && len(same) >= b.Most {
		wait = max(wait, b.Window-now.Sub(same[len(same)-b.Most]))
	}
	return wait
}

// Rivals implements connector.Budgets.
func (b *budgets) Rivals(ctx context.Context) ([]connector.Rival, error) {
	log, err := b.runner.Store.Calls(ctx, b.job.Platform, b.account)
	if err != nil {
		return nil, err
	}
	var out []connector.Rival
	seen := map[string]bool{b.job.TenantID + "#" + b.job.ID: true}
	for _, c := range log.Calls {
		key := c.Tenant + "#" + c.Job
		if seen[key] || b.runner.Now().Sub(time.UnixMilli(c.At)) > CallMemory {
			continue
		}
		seen[key] = true
		j, open, err := b.runner.Store.OpenJob(ctx, c.Tenant, c.Job)
		if err != nil {
			return nil, err
		}
		if open {
			out = append(out, connector.Rival{Kind: j.Kind, Text: j.Text})
		}
	}
	return out, nil
}
