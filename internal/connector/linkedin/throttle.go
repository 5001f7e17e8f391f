package linkedin

import (
	"errors"
	"hash/fnv"
	"sync"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// throttle remembers what LinkedIn refused lately. It names no time to wait: each endpoint has a counter a day for the app
// and one for the member, which begin anew at midnight UTC, and the same answer also protects its machines for a moment.
// So the first refusals are waited out shortly, and the next one until midnight. What a process forgets costs a few
// refused calls. https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits
type throttle struct {
	mu   sync.Mutex
	seen map[string]refusals
}

type refusals struct {
	times int
	until time.Time // when the last pause was over
}

const (
	// shortPauses are how often it is waited shortly.
	shortPauses = 3
	firstPause  = time.Minute
	// forgetAfter is how long after a pause a refusal still counts as the next one.
	forgetAfter = time.Hour
	// midnightSpread keeps accounts from calling all in the same second.
	midnightSpread = 5 * time.Minute
)

func throttleKey(op operation, s connector.Session) string {
	return string(op) + " " + s.Account.ExternalID
}

// pause is how long to stay away after one more refusal.
func (t *throttle) pause(op operation, s connector.Session, now time.Time, day bool) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil {
		t.seen = map[string]refusals{}
	}
	key := throttleKey(op, s)
	was := t.seen[key]
	if now.After(was.until.Add(forgetAfter)) {
		was.times = 0
	}
	wait := firstPause << (2 * was.times) // 1, 4 and 16 minutes
	if day || was.times >= shortPauses {
		h := fnv.New32a()
		_, _ = h.Write([]byte(key)) // a hash never fails
		midnight := now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
		wait = midnight.Sub(now) + time.Duration(h.Sum32())%midnightSpread
	}
	t.seen[key] = refusals{was.times + 1, now.Add(wait)}
	return wait
}

// works forgets the refusals of an endpoint.
func (t *throttle) works(op operation, s connector.Session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, throttleKey(op, s))
}

// slowed gives an error that the HTTP side has classified the pause that LinkedIn does not name.
func (c *Connector) slowed(op operation, s connector.Session, err error) error {
	e := (*problem.Error)(nil)
	if errors.As(err, &e) && e.Class == problem.RateLimited && e.RetryAfter == 0 {
		e.RetryAfter, e.Scope = c.throttle.pause(op, s, c.cfg.Now(), false), scopeOf(op)
	}
	return err
}

// scopeOf is what a limit on an endpoint concerns: each kind of file has an endpoint of its own.
func scopeOf(op operation) problem.Scope {
	switch op {
	case opImage, opVideo, opDocument, opStatus, opUpload:
		return problem.ScopeKind
	default:
		return problem.ScopeAccount
	}
}
