package connection

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

// Claim is what a refresher writes before it does anything else.
type Claim struct {
	Lease      string
	Now, Until time.Time
	Version    string // only this credential is to be renewed; empty = whatever is current, if its time has come
	Mark       string // id of the rotation, see Rotation
}

// RefreshStore is what a Renewer needs of the store.
type RefreshStore interface {
	// DueForRefresh gives a shard's connections whose time has come, longest due first, after the given one; fewer than limit
	// are the last ones. The zero Due begins.
	DueForRefresh(ctx context.Context, shard string, before time.Time, after Due, limit int) ([]Due, error)
	// ClaimRefresh takes the lease of a connection that is used, and writes the rotation's mark unless there is one of
	// an interrupted refresh. claimed is false when it is not to be had; c is then as it stands.
	ClaimRefresh(ctx context.Context, k Key, claim Claim) (c Living, claimed bool, err error)
	// Unschedule takes a connection that is not in use out of what is due, if it is still not.
	Unschedule(ctx context.Context, c Living) error
	// Remark replaces the mark of a refresh that was interrupted before it sealed anything. ErrLost without the lease.
	Remark(ctx context.Context, c Living, next Rotation) error
	// AdoptRotation points the row to the credential that an interrupted refresh had sealed, and replaces the mark.
	AdoptRotation(ctx context.Context, c Living, next Rotation, retireAt time.Time) error
	// Sealed reads a version of a credential.
	Sealed(ctx context.Context, ref vault.Ref) (s vault.Sealed, found bool, err error)
	// FinishRefresh writes the outcome and gives the lease back, all or nothing; ErrLost without the lease.
	FinishRefresh(ctx context.Context, o Outcome) error
}

// Outcome is what becomes of a connection after a refresh.
type Outcome struct {
	Before, After Living // After.RefreshAt 0 = not any more
	RetireAt      time.Time
	KeepMark      bool   // the platform may have rotated all the same
	Event         *Event // nil = nothing that belongs on the trail
}

// Renewer keeps tokens alive. It is used by the refresh function, for what is due, and by the publisher, for a token
// that the platform has just refused.
//
// The order of its writes is what survives a crash: the mark with the new version's name, the platform's rotation, the
// new credential sealed under that name, the row that points to it. Whoever finds a mark looks under its name first;
// if there is nothing, the old credential is tried, and only the platform's own refusal ends a connection.
type Renewer struct {
	Store  RefreshStore
	Opener Opener
	Sealer interface {
		Seal(ctx context.Context, ref vault.Ref, c connector.Credential, ttl time.Time) error
	}
	Connectors map[string]connector.Connector
	Meter      Meter
	Now        func() time.Time
	NewID      func() string // lower-case ULID without prefix
	Log        *slog.Logger
}

const (
	refreshPage = 50 // of each shard, read at a time
	leaseLife   = time.Minute
	// sealedLife is how long a credential waits that was sealed by a refresh which then died.
	sealedLife = 30 * day
	offRecheck = time.Hour
	lastWrites = 10 * time.Second
	// whileLeased is how long a publisher stays away while somebody else renews.
	whileLeased = 15 * time.Second
)

// Run renews what is due and tells how many it looked at. One that fails does not stop the others.
//
// How much that is: 8 shards with 4 at once are 32 renewals under way; each waits for the platform and costs some 0.1 s of
// ours. The function runs every 5 minutes and begins nothing after 220 s. With a platform that answers in 0.4 s that is
// 64 a second and 14,000 a run. Tokens of two hours come up after 90 minutes at the earliest, so 18 runs share them: some
// 250,000 accounts with such tokens, and some 40,000 where the platform takes 3 s. What a run does not come to is the first
// of the next one; it has 24 minutes until it ends, and after that a publisher that meets it renews it. Whoever has more
// needs more shards.
//
// 64 a second take 0.4 of a processor (5 ms each were measured, TLS adds to that); 1 GB of memory gives 0.58 of one.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
func (r *Renewer) Run(ctx context.Context) (int, error) {
	return keep(ctx, refreshPage, func(ctx context.Context, shard string, after Due, limit int) ([]Due, error) {
		return r.Store.DueForRefresh(ctx, shard, r.Now(), after, limit)
	}, func(ctx context.Context, k Key) error {
		_, err := r.renew(ctx, k, "")
		var p *problem.Error
		if errors.As(err, &p) {
			return nil // the platform's answer; it is on the row and in the log
		}
		return err
	})
}

// Renew implements publish.Renewer: cause is what the platform said to the credential of the given version. nil means
// that it is worth trying again.
func (r *Renewer) Renew(ctx context.Context, tenantID, id, version string, cause error) error {
	done, err := r.renew(ctx, Key{TenantID: tenantID, ID: id}, version)
	if err == nil && !done {
		return cause
	}
	return err
}

// renew renews one connection. done is false where the platform has nothing to renew.
func (r *Renewer) renew(ctx context.Context, k Key, version string) (done bool, err error) {
	now := r.Now()
	until := now.Add(leaseLife)
	if end, ok := ctx.Deadline(); ok && end.Before(until) {
		until = end
	}
	claim := Claim{Lease: r.NewID(), Now: now, Until: until, Version: version, Mark: r.NewID()}
	ctx, cancel := context.WithTimeout(ctx, leaseLife-5*time.Second)
	defer cancel()
	c, claimed, err := r.Store.ClaimRefresh(ctx, k, claim)
	if err != nil {
		return false, err
	}
	if !claimed {
		if version != "" && c.TokenVersion == version && c.LeaseUntil > now.UnixMilli() {
			return false, &connector.WaitError{For: whileLeased, Reason: "the access to the account is being renewed"}
		}
		if c.Status == Blocked || c.Status == Disconnected {
			return true, r.Store.Unschedule(ctx, c)
		}
		return true, nil // renewed by somebody else: whoever opens it sees that
	}
	conn := r.Connectors[c.Platform]
	refresher, able := conn.(connector.Refresher)
	if !able {
		after := c
		after.RefreshAt = 0
		if conn == nil { // switched off
			after.RefreshAt = now.Add(offRecheck).UnixMilli()
		}
		return false, r.finish(ctx, Outcome{Before: c, After: after})
	}
	interrupted := c.Rotating.ID != claim.Mark
	if interrupted {
		if c, err = r.pickUp(ctx, c, claim); err != nil {
			return true, r.lost(err)
		}
	}
	sealed, found, err := r.Store.Sealed(ctx, c.ref(c.TokenVersion))
	if err != nil {
		return false, err
	}
	s, err := session(ctx, r.Opener, c, sealed, found)
	if err == nil {
		var renewal connector.Renewal
		if renewal, err = refresher.Refresh(ctx, s); err == nil {
			return true, r.renewed(ctx, c, s.Credential, renewal)
		}
	} else if !refused(err) {
		return false, err
	}
	return true, r.failed(ctx, c, conn, s, err, interrupted)
}

// pickUp goes on where a refresh was interrupted: what it had sealed is the newest there is.
func (r *Renewer) pickUp(ctx context.Context, c Living, claim Claim) (Living, error) {
	sealed := c.NextVersion()
	_, found, err := r.Store.Sealed(ctx, c.ref(sealed))
	if err != nil {
		return c, err
	}
	next := Rotation{ID: claim.Mark, StartedAt: claim.Now.UnixMilli()}
	r.Log.WarnContext(ctx, "a refresh was interrupted", slog.String("connection", c.ID), slog.Bool("sealed", found))
	if found {
		err = r.Store.AdoptRotation(ctx, c, next, claim.Now.Add(afterlife))
		c.TokenVersion = sealed
	} else {
		err = r.Store.Remark(ctx, c, next)
	}
	c.Rotating = &next
	return c, err
}

func (r *Renewer) renewed(ctx context.Context, c Living, old connector.Credential, renewal connector.Renewal) error {
	// The old credential may be worth nothing from now on: what is left of the invocation does not cut the writes short.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrites)
	defer cancel()
	now := r.Now()
	o := Outcome{Before: c, After: c, RetireAt: now.Add(afterlife)}
	o.After.UpdatedAt = now.UnixMilli()
	if renewal.Credential != old {
		if err := r.Sealer.Seal(ctx, c.ref(c.NextVersion()), renewal.Credential, now.Add(sealedLife)); err != nil {
			return err // the mark stays; the next run tries the old credential
		}
		o.After.TokenVersion = c.NextVersion()
	}
	o.After = o.After.told(renewal.Life)
	o.After.RenewUntil, o.After.Refused, o.After.RefreshTries = millis(renewal.Life.RenewUntil), "", 0
	o.After.RefreshAt = nextRefresh(now, c.ID, renewal.Life).UnixMilli()
	o.After.Status, o.After.Reason, o.After.Action = o.After.standing(now, true)
	if o.After.TokenVersion != c.TokenVersion {
		o.Event = r.event(c, EventRenewed, "The access to "+c.Name+" was renewed.")
	}
	return r.finish(ctx, o)
}

// failed decides about a connection that could not be renewed. Only a refusal of the platform says something about it,
// and even then the credential it has may work on.
func (r *Renewer) failed(ctx context.Context, c Living, conn connector.Connector, s connector.Session, cause error, interrupted bool) error {
	now := r.Now()
	p := problem.Of(cause)
	o := Outcome{Before: c, After: c, RetireAt: now.Add(afterlife), KeepMark: p.MayHaveHappened()}
	o.After.UpdatedAt = now.UnixMilli()
	o.After.RefreshTries++
	r.Log.WarnContext(ctx, "not renewed", slog.String("connection", c.ID), slog.String("error", cause.Error()), slog.Int("tries", o.After.RefreshTries))
	if problem.OperatorFault(cause) {
		r.Meter.OperatorFault(c.Platform)
	}
	if !refused(cause) {
		o.After.RefreshAt = now.Add(retryAfter(now, c, o.After.RefreshTries, p.RetryAfter)).UnixMilli()
		if err := r.finish(ctx, o); err != nil {
			return err
		}
		return p
	}
	err := cause // one that cannot even be opened does not work
	if !s.Credential.Access.Empty() {
		err = conn.Ping(ctx, s)
	}
	switch {
	case err == nil:
		o.After.Refused = p.Message
		o.After.RefreshAt = now.Add(day + spread(c.ID, time.Hour)).UnixMilli()
		o.After.Status, o.After.Reason, o.After.Action = o.After.standing(now, true)
		if o.After.Status != c.Status {
			o.Event = r.event(c, EventExpiring, o.After.Reason)
		}
		return r.finish(ctx, o)
	case !refused(err): // cannot be told today
		o.After.RefreshAt = now.Add(retryAfter(now, c, o.After.RefreshTries, 0)).UnixMilli()
		if ferr := r.finish(ctx, o); ferr != nil {
			return ferr
		}
		return err
	}
	o.After.Status, o.After.Reason, o.After.Action, o.After.RefreshAt = Blocked, p.Message, p.Action, 0
	if interrupted {
		o.After.Reason = "Renewing the access to this account was interrupted, and the platform does not accept the old one any more. Connect it again."
		o.After.Action = problem.DefaultAction(problem.AuthExpired)
	}
	o.Event = r.event(c, EventBlocked, c.Name+": "+o.After.Reason)
	if err := r.finish(ctx, o); err != nil {
		return err
	}
	parked := problem.New(problem.AuthExpired, o.After.Reason)
	parked.Platform, parked.Code, parked.Action = p.Platform, p.Code, o.After.Action
	return parked.Because(cause)
}

// retryAfter backs off, but never so far that the end would be missed.
func retryAfter(now time.Time, c Living, tries int, asked time.Duration) time.Duration {
	d := 5 * time.Minute << min(tries-1, 6) // 5 min, 10, … 5 h 20
	end := c.ExpiresAt
	if end == 0 || c.RenewUntil != 0 && c.RenewUntil < end {
		end = c.RenewUntil
	}
	if left := time.UnixMilli(end).Sub(now) / 4; end != 0 && left < d {
		d = max(left, time.Minute)
	}
	return max(d, asked)
}

func (r *Renewer) finish(ctx context.Context, o Outcome) error {
	return r.lost(r.Store.FinishRefresh(ctx, o))
}

// lost turns "somebody else looks after it" into a success.
func (r *Renewer) lost(err error) error {
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

func (r *Renewer) event(c Living, kind, message string) *Event {
	return &Event{TenantID: c.TenantID, ConnectionID: c.ID, ID: "aud_" + r.NewID(), Kind: kind, Message: message, At: r.Now().UnixMilli()}
}
