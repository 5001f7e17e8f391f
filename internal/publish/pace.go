package publish

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// How Herald slows down. A platform that throttles lengthens the block with every call made meanwhile, so a budget that
// is nearly used is left alone, and a platform that is down is not called by every job of every tenant.
const (
	slowFrom    = 80              // percent of a budget from which calls are spread
	slowMost    = 2 * time.Minute // pause at 100 percent
	breakAfter  = 5               // failures in a row, over all workers, that open the breaker
	breakFirst  = 15 * time.Second
	breakMost   = 5 * time.Minute
	platformTTL = 5 * time.Second // how long a process believes a platform's state
)

// Health is a platform's state as all workers share it.
type Health struct {
	QuietUntil int64 `dynamodbav:"quiet_until"` // epoch ms; not to be called before
	Failures   int   `dynamodbav:"failures"`    // in a row
}

// HealthStore keeps the state of accounts and platforms.
type HealthStore interface {
	// QuietAccount keeps the account's jobs away from the platform until then; a longer pause stays.
	QuietAccount(ctx context.Context, tenant, connection string, until time.Time) error
	// QuietKind does that to the account's posts of one kind.
	QuietKind(ctx context.Context, tenant, connection, kind string, until time.Time) error
	PlatformHealth(ctx context.Context, platform string) (Health, error)
	// QuietPlatform keeps every job away from the platform until then; a longer pause stays.
	QuietPlatform(ctx context.Context, platform string, until time.Time) error
	// PlatformFailed counts a failure and gives the new state; PlatformWorks forgets them.
	PlatformFailed(ctx context.Context, platform string) (Health, error)
	PlatformWorks(ctx context.Context, platform string) error
}

// Pace decides when a platform and an account are left alone.
type Pace struct {
	Store HealthStore
	Now   func() time.Time

	mu    sync.Mutex
	seen  Health
	until time.Time
}

// Wait is the error of a platform that is to be left alone; nil when it may be called.
func (p *Pace) Wait(ctx context.Context, platform string) error {
	h, err := p.health(ctx, platform)
	if err != nil {
		return err
	}
	if left := time.UnixMilli(h.QuietUntil).Sub(p.Now()); left > 0 {
		return &connector.WaitError{For: left, Reason: "the platform is given a rest"}
	}
	return nil
}

func (p *Pace) health(ctx context.Context, platform string) (Health, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Now().Before(p.until) {
		return p.seen, nil
	}
	h, err := p.Store.PlatformHealth(ctx, platform)
	if err != nil {
		return Health{}, err
	}
	p.seen, p.until = h, p.Now().Add(platformTTL)
	return h, nil
}

func (p *Pace) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = time.Time{}
}

// Learn takes the outcome of an attempt and what the platform said of its budgets meanwhile. It only ever slows down
// later calls, so what it cannot write is no failure of the job.
func (p *Pace) Learn(ctx context.Context, j Job, cause error, u connector.Usage) error {
	now := p.Now()
	if d := slowdown(u.Account); d > 0 {
		if err := p.Store.QuietAccount(ctx, j.TenantID, j.ConnectionID, now.Add(d)); err != nil {
			return err
		}
	}
	if d := slowdown(u.App); d > 0 {
		p.forget()
		if err := p.Store.QuietPlatform(ctx, j.Platform, now.Add(d)); err != nil {
			return err
		}
	}
	var e *problem.Error
	if cause != nil {
		e = problem.Of(cause)
	}
	switch {
	case e == nil:
		p.mu.Lock()
		troubled := p.seen.Failures > 0
		p.mu.Unlock()
		if !troubled {
			return nil
		}
		p.forget()
		return p.Store.PlatformWorks(ctx, j.Platform)
	case e.Class == problem.RateLimited:
		return p.quiet(ctx, j, e.Scope, now.Add(orDefault(e.RetryAfter, rateLimitDefault)))
	case e.Class == problem.PolicyBlocked && e.RetryAfter > 0: // of a post that is live, too
		return p.Store.QuietAccount(ctx, j.TenantID, j.ConnectionID, now.Add(e.RetryAfter))
	case e.Class == problem.PlatformDown:
		p.forget()
		h, err := p.Store.PlatformFailed(ctx, j.Platform)
		if err != nil || h.Failures < breakAfter {
			return err
		}
		rest := breakMost
		if n := h.Failures - breakAfter; n < 5 {
			rest = min(breakFirst<<n, breakMost)
		}
		return p.Store.QuietPlatform(ctx, j.Platform, now.Add(rest))
	default:
		return nil
	}
}

// quiet leaves alone what the platform's refusal is about, and nothing else.
func (p *Pace) quiet(ctx context.Context, j Job, scope problem.Scope, until time.Time) error {
	switch scope {
	case problem.ScopeApp:
		p.forget()
		return p.Store.QuietPlatform(ctx, j.Platform, until)
	case problem.ScopeKind:
		return p.Store.QuietKind(ctx, j.TenantID, j.ConnectionID, j.Kind, until)
	case problem.ScopeAccount:
	}
	return p.Store.QuietAccount(ctx, j.TenantID, j.ConnectionID, until)
}

// slowdown is the pause after a call that left this much of a budget used.
func slowdown(percent int) time.Duration {
	if percent < slowFrom {
		return 0
	}
	return min(time.Duration(percent-slowFrom+1)*slowMost/(100-slowFrom+1), slowMost)
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d <= 0 {
		return fallback
	}
	return d
}

// usageMeter notes the highest usage that the answers of one attempt report.
type usageMeter struct {
	next  http.RoundTripper
	pacer connector.Pacer

	mu  sync.Mutex
	top connector.Usage
}

// RoundTrip implements http.RoundTripper.
func (m *usageMeter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := m.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	u := m.pacer.Usage(resp.Header)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.top.Account, m.top.App = max(m.top.Account, u.Account), max(m.top.App, u.App)
	return resp, nil
}

func (m *usageMeter) usage() connector.Usage {
	if m == nil {
		return connector.Usage{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.top
}
