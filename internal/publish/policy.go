package publish

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// What bounds the retries. An attempt is a claim that ended in a failure the platform may get over.
const (
	maxAttempts         = 8               // transient: about an hour with the backoff below
	maxAttemptsDown     = 12              // platform_down: outages last hours
	maxUnclassified     = 2               // a code no table knows: one more try, then a person
	maxLateness         = 24 * time.Hour  // nothing goes out later than this by waiting for a rate limit
	backoffBase         = 4 * time.Second // first retry: up to this
	backoffCap          = 15 * time.Minute
	rateLimitDefault    = time.Minute // where the platform names no time
	parkRecheck         = 15 * time.Minute
	flagRecheck         = 5 * time.Minute
	operatorFirst       = time.Minute // then as long as it has lasted already
	operatorMost        = time.Hour
	reasonWorkerDied    = "worker_died"
	reasonTooLate       = "too_late"
	reasonUnknown       = "outcome_unknown"
	reasonDisconnected  = "disconnected"
	reasonPaused        = "paused"
	reasonCannotOpen    = "cannot_open_token"
	reasonUnclassified  = "unclassified"
	reasonOperator      = "operator_fault"
	reasonRetriesUsedUp = "retries_used_up"
)

type move int

const (
	movePublished move = iota
	moveWait           // comes back, not an attempt
	moveRetry          // comes back, an attempt
	moveFail           // final
	moveDead           // final, and a signal on the dead-letter queue
	moveHold           // a person must look
	movePark           // until the connection is healed, or in use again
)

// verdict is what becomes of a job after an attempt.
type verdict struct {
	move   move
	after  time.Duration // for moveWait and moveRetry
	reason string        // stable code for the audit trail and the dead-letter queue
	err    error         // what is shown; nil for moveWait without a failure
	blocks bool          // the connection needs a person
}

// judge says what becomes of the job. One that may be live already is never called failed, whatever stopped it: a
// certain refusal has cleared the doubt before. One that is live is published, whatever else has failed: the failure is
// shown as a warning.
func judge(err error, j Job, live bool, now time.Time, jitter func(time.Duration) time.Duration) verdict {
	v := table(err, j, now, jitter)
	switch {
	case live && (v.move != moveWait && v.move != moveRetry || v.reason == reasonOperator):
		v.move, v.err = movePublished, afterwards(v.err)
		v.blocks = v.blocks && problem.ClassOf(err) != problem.PermissionMissing // the account can publish
	case v.move == moveFail && j.InDoubt != "":
		return hold()
	}
	return v
}

// afterwards is the warning on a post that is live without what should come after it; nil for nil.
func afterwards(err error) error {
	if err == nil {
		return nil
	}
	e := *problem.Of(err)
	if e.Class == problem.PolicyBlocked && e.RetryAfter > 0 {
		e.Message = "The post is live. " + e.Message
	} else {
		e.Message = "The post is live, but not with everything that belongs to it. " + e.Message
	}
	if e.Code == reasonUnknown {
		e.Message = "The post is live. We cannot tell whether what comes after it, such as a first comment, is there too: look at the post."
	}
	if e.Action.Kind != problem.ActReconnect {
		e.Action = problem.Action{Kind: problem.ActNone, Label: "Look at the post"}
	}
	return &e
}

// table is the one table from the class of a failure to its consequence.
func table(err error, j Job, now time.Time, jitter func(time.Duration) time.Duration) verdict {
	if err == nil {
		return verdict{move: movePublished}
	}
	var wait *connector.WaitError
	if errors.As(err, &wait) {
		return verdict{move: moveWait, after: wait.For, reason: wait.Reason}
	}
	if errors.Is(err, ErrHeld) {
		return hold()
	}
	e := problem.Of(err)
	if e.Code == reasonWorkerDied && e.Platform == "" {
		return exhausted(j, e, reasonWorkerDied)
	}
	if e.Code == reasonTooLate && e.Platform == "" { // our own refusal, not a platform's
		return verdict{move: moveFail, reason: reasonTooLate, err: e}
	}
	if e.Code == reasonPaused && e.Platform == "" { // a person's wish: nothing is wrong with the connection
		return verdict{move: movePark, after: parkRecheck, reason: reasonPaused, err: e}
	}
	if problem.OperatorFault(err) {
		return operator(j, e, now)
	}
	switch e.Class {
	case problem.AuthExpired, problem.AuthRevoked, problem.PermissionMissing:
		return verdict{move: movePark, after: parkRecheck, reason: string(e.Class), err: e, blocks: true}
	case problem.RateLimited:
		d := max(e.RetryAfter, 0)
		if d == 0 {
			d = rateLimitDefault
		}
		if now.Add(d).Sub(j.Due()) > maxLateness {
			return exhausted(j, e, reasonTooLate)
		}
		return verdict{move: moveWait, after: d, reason: string(e.Class), err: e}
	case problem.InvalidContent, problem.PolicyBlocked, problem.Duplicate, problem.NotFound:
		return verdict{move: moveFail, reason: string(e.Class), err: e}
	case problem.Unclassified:
		return retry(j, e, maxUnclassified, reasonUnclassified, jitter)
	case problem.PlatformDown:
		return retry(j, e, maxAttemptsDown, reasonRetriesUsedUp, jitter)
	default:
		return retry(j, e, maxAttempts, reasonRetriesUsedUp, jitter)
	}
}

// operator lets the job wait for the one who runs Herald, looking again ever more rarely.
func operator(j Job, e *problem.Error, now time.Time) verdict {
	told := *e
	told.Message = "Herald's operator must act: " + e.Message
	pause := operatorFirst
	if j.ParkedAt != 0 {
		pause = min(max(now.Sub(time.UnixMilli(j.ParkedAt)), operatorFirst), operatorMost)
	}
	return verdict{move: moveWait, after: pause, reason: reasonOperator, err: &told}
}

func retry(j Job, e *problem.Error, most int, reason string, jitter func(time.Duration) time.Duration) verdict {
	if j.Attempts >= most {
		return exhausted(j, e, reason)
	}
	return verdict{move: moveRetry, after: max(e.RetryAfter, jitter(backoff(j.Attempts))), reason: string(e.Class), err: e}
}

// exhausted ends a job that was tried often enough.
func exhausted(j Job, e *problem.Error, reason string) verdict {
	if j.InDoubt != "" {
		return hold()
	}
	return verdict{move: moveDead, reason: reason, err: e}
}

func hold() verdict {
	e := problem.New(problem.Transient, "We cannot tell whether this post reached the platform, so we did not send it again. Look whether it is there.")
	e.Code, e.Action = reasonUnknown, problem.Action{Kind: problem.ActDecide, Label: "Say whether it is there"}
	return verdict{move: moveHold, reason: reasonUnknown, err: e}
}

// backoff is the bound of the nth retry's delay, n >= 1.
func backoff(n int) time.Duration {
	d := backoffBase
	for range max(n-1, 0) {
		if d *= 2; d >= backoffCap {
			return backoffCap
		}
	}
	return d
}

// FullJitter picks a delay between one second and d, so that jobs which failed together do not come back together.
func FullJitter(d time.Duration) time.Duration {
	return time.Second + rand.N(max(d-time.Second, 1)) //nolint:gosec // spreading load needs no secrecy
}
