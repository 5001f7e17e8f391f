package connection

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

// Living is a connection with what its keepers note beside it. Times are epoch milliseconds; 0 = none.
type Living struct {
	Connection
	RenewUntil int64  `dynamodbav:"renew_until"` // what renews the token ends
	Refused    string `dynamodbav:"refused"`     // why the platform does not renew, while the token still works

	Lease        string    `dynamodbav:"lease"`
	LeaseUntil   int64     `dynamodbav:"lease_until"`
	Rotating     *Rotation `dynamodbav:"rotating"`
	RefreshTries int       `dynamodbav:"refresh_tries"` // since the last success

	PingAt       int64 `dynamodbav:"ping_at"`
	PingFailures int   `dynamodbav:"ping_failures"` // in a row, of any kind
	PingRefusals int   `dynamodbav:"ping_refusals"` // since the last success: the platform did not accept the token
	PingBlocked  bool  `dynamodbav:"ping_blocked"`  // a ping has blocked it, so a ping may heal it
	InspectedAt  int64 `dynamodbav:"inspected_at"`
	SubscribedAt int64 `dynamodbav:"subscribed_at"` // when the platform was asked to tell by itself of what happens there, and answered

	Farewell *Farewell `dynamodbav:"farewell"` // of a disconnected one, while there is something left to do
}

// Rotation is the write-ahead mark of a refresh; see Living.NextVersion.
type Rotation struct {
	ID        string `dynamodbav:"id"`
	StartedAt int64  `dynamodbav:"started_at"`
}

// Key names a connection.
type Key struct {
	TenantID string `dynamodbav:"tenant_id"`
	ID       string `dynamodbav:"connection_id"`
}

// Due is a connection whose time has come, and since when: its place among those of its shard.
type Due struct {
	Key
	At int64 // epoch ms
}

// Key names the connection.
func (c Connection) Key() Key { return Key{TenantID: c.TenantID, ID: c.ID} }

// ErrLost means that the connection changed meanwhile: somebody else looks after it.
var ErrLost = errors.New("connection: it changed meanwhile")

// Opener opens credentials.
type Opener interface {
	Open(ctx context.Context, want vault.Ref, s vault.Sealed) (connector.Credential, error)
}

const (
	day = 24 * time.Hour
	// soon is how long before an end the person is told.
	soon = 7 * day
	// refreshSpread and so on keep what was linked together from being renewed together.
	refreshSpread = 12 * time.Hour
	firstLook     = day
	lookAnyway    = 7 * day // where no end is known
)

// Shards is how many parts the indexes of due connections have.
const Shards = 8

// ShardOf spreads connections evenly.
func ShardOf(id string) string { return ShardName(int(hash(id) % Shards)) }

// ShardName is the name of the nth shard.
func ShardName(n int) string { return fmt.Sprintf("s%d", n) }

func hash(id string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return h.Sum32()
}

// spread is a part of d that is always the same for an id.
func spread(id string, d time.Duration) time.Duration {
	return time.Duration(float64(hash(id)%10000) / 10000 * float64(d))
}

// FirstRefresh is when a connection that was linked just now is looked at for the first time, in epoch milliseconds:
// how long it can be renewed is often known only then.
func FirstRefresh(c Connection) int64 {
	now := time.UnixMilli(c.UpdatedAt)
	if c.ExpiresAt != 0 {
		return nextRefresh(now, c.ID, connector.Life{ExpiresAt: time.UnixMilli(c.ExpiresAt)}).UnixMilli()
	}
	return now.Add(firstLook + spread(c.ID, firstLook)).UnixMilli()
}

// nextRefresh is seven days before the end of a long life, so that there is time for a person where it fails, and at
// 80 % of one that is shorter than that.
func nextRefresh(now time.Time, id string, life connector.Life) time.Time {
	end := life.ExpiresAt
	if end.IsZero() || !life.RenewUntil.IsZero() && life.RenewUntil.Before(end) {
		end = life.RenewUntil
	}
	left := end.Sub(now)
	switch {
	case end.IsZero():
		return now.Add(lookAnyway + spread(id, refreshSpread))
	case left > soon:
		return end.Add(-soon + spread(id, refreshSpread))
	default:
		return now.Add(max(left*8/10-spread(id, left/20), time.Minute))
	}
}

// NextPing is the connection's own second of the hour, next time, in epoch milliseconds.
func NextPing(id string, now time.Time) int64 {
	at := now.Truncate(time.Hour).Add(spread(id, time.Hour))
	for !at.After(now.Add(time.Minute)) {
		at = at.Add(time.Hour)
	}
	return at.UnixMilli()
}

// refused tells whether an error says that the platform does not accept a credential. Everything else (a timeout, a
// server error, a throttle, a code nobody knows, Herald's own app that is not in order) says nothing about it.
func refused(err error) bool {
	if problem.OperatorFault(err) {
		return false
	}
	switch problem.ClassOf(err) {
	case problem.AuthExpired, problem.AuthRevoked, problem.PermissionMissing, problem.NotFound:
		return true
	default:
		return false
	}
}

// standing is the status of a connection that works, and why it will not for long. A token that Herald renews by itself
// is no news for a person unless the platform refuses to renew it.
func (l Living) standing(now time.Time, renewable bool) (Status, string, problem.Action) {
	reconnect := problem.Action{Kind: problem.ActReconnect, Label: "Connect it again"}
	near := func(at int64) bool { return at != 0 && time.UnixMilli(at).Sub(now) <= soon }
	on := func(at int64) string { return time.UnixMilli(at).UTC().Format("2 January 2006") }
	switch {
	case l.Status == Paused:
		return Paused, l.Reason, l.Action
	case l.Refused != "" && l.ExpiresAt != 0:
		return Expiring, l.Refused + " It works until " + on(l.ExpiresAt) + ".", reconnect
	case l.Refused != "":
		return Expiring, l.Refused, reconnect
	case !renewable && near(l.ExpiresAt):
		return Expiring, "The access to this account ends on " + on(l.ExpiresAt) + ". Connect it again before then.", reconnect
	case renewable && l.RenewUntil != 0 && time.UnixMilli(l.RenewUntil).Sub(now) <= soon-day: // a day is for renewing it
		return Expiring, "Herald can renew the access to this account until " + on(l.RenewUntil) + ". Connect it again before then.", reconnect
	case near(l.DataUntil):
		return Expiring, "The platform stops giving Herald this account's data on " + on(l.DataUntil) + " unless you connect it again.", reconnect
	default:
		return Healthy, "", problem.Action{Kind: problem.ActNone}
	}
}

// told is the row with what the platform tells about the credential's life.
func (l Living) told(life connector.Life) Living {
	l.ExpiresAt, l.DataUntil = millis(life.ExpiresAt), millis(life.DataUntil)
	if life.Scopes != nil {
		l.Scopes = life.Scopes
	}
	return l
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (l Living) ref(version string) vault.Ref {
	return vault.Ref{Tenant: l.TenantID, Connection: l.ID, Version: version}
}

// NextVersion is the name under which the refresh that has left its mark seals the new credential. It sorts after the
// one it renews and before that of any later consent, which therefore always wins.
func (l Living) NextVersion() string {
	consent, _, _ := strings.Cut(l.TokenVersion, ".")
	return consent + "." + l.Rotating.ID
}

// session opens a connection's credential. The error of one that cannot be opened is refused.
func session(ctx context.Context, o Opener, c Living, sealed vault.Sealed, found bool) (connector.Session, error) {
	gone := func(cause error) error {
		e := problem.New(problem.AuthExpired, "The stored access to this account cannot be read any more. Connect it again.")
		e.Code = "cannot_open_token"
		return e.Because(cause)
	}
	if !found {
		return connector.Session{}, gone(nil)
	}
	credential, err := o.Open(ctx, c.ref(c.TokenVersion), sealed)
	if errors.Is(err, vault.ErrOpen) {
		return connector.Session{}, gone(err)
	}
	return connector.Session{
		Account: connector.Account{
			Kind: c.Kind, Login: c.Login, ExternalID: c.ExternalID, Name: c.Name, Username: c.Username, Scopes: c.Scopes, Data: c.Data, Usable: true,
			ExpiresAt: moment(c.ExpiresAt), DataUntil: moment(c.DataUntil),
		},
		Credential: credential,
	}, err
}

// reserve is kept free before the invocation's deadline: nothing new is begun in it.
const reserve = 20 * time.Second

// atOnce is how many connections of a shard are looked at at the same time: they mostly wait for a platform.
const atOnce = 4

// keep does what is due, all shards at once and page after page, until nothing is due or little time is left. What was
// looked at once is not looked at again, whatever became of it.
func keep(ctx context.Context, page int, due func(ctx context.Context, shard string, after Due, limit int) ([]Due, error), each func(context.Context, Key) error) (int, error) {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		total int
		errs  []error
	)
	note := func(n int, err error) {
		mu.Lock()
		defer mu.Unlock()
		total += n
		errs = append(errs, err)
	}
	late := func() bool { // the next run goes on
		end, bounded := ctx.Deadline()
		return ctx.Err() != nil || bounded && time.Until(end) < reserve
	}
	for n := range Shards {
		wg.Go(func() {
			var work errgroup.Group
			work.SetLimit(atOnce)
			defer func() { note(0, work.Wait()) }()
			var last Due
			for more := true; more && !late(); {
				found, err := due(ctx, ShardName(n), last, page)
				if err != nil {
					note(0, err)
					return
				}
				for _, d := range found {
					work.Go(func() error {
						if !late() {
							note(1, guarded(ctx, d.Key, each))
						}
						return nil
					})
					last = d
				}
				more = len(found) == page
			}
		})
	}
	wg.Wait()
	return total, errors.Join(errs...)
}

// guarded keeps one connection's panic from ending the run of the others.
func guarded(ctx context.Context, k Key, each func(context.Context, Key) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("connection %s: panic: %v", k.ID, p)
		}
	}()
	if err := each(ctx, k); err != nil {
		return fmt.Errorf("connection %s: %w", k.ID, err)
	}
	return nil
}
