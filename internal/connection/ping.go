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

// Seen is what one ping saw; the log of an account keeps it for HealthLife.
type Seen struct {
	TenantID     string        `dynamodbav:"tenant_id"`
	ConnectionID string        `dynamodbav:"connection_id"`
	At           int64         `dynamodbav:"at"` // epoch ms
	OK           bool          `dynamodbav:"ok"`
	LatencyMS    int64         `dynamodbav:"latency_ms"`
	Class        problem.Class `dynamodbav:"class,omitempty"` // why it did not work; OperatorFault beside the usual ones
	TTL          int64         `dynamodbav:"ttl"`             // epoch seconds
}

// OperatorFault is Seen.Class where Herald's own app is not in order at the platform.
const OperatorFault problem.Class = "operator_fault"

// Words is the outcome for a person.
func (s Seen) Words() string {
	switch s.Class {
	case "":
		return "It worked."
	case problem.AuthExpired:
		return "The platform says that the access has ended."
	case problem.AuthRevoked:
		return "The platform says that the access was taken back."
	case problem.PermissionMissing:
		return "A permission is missing."
	case OperatorFault:
		return "The platform does not accept Herald's own app: Herald's operator must act. The account is not to blame."
	case problem.NotFound:
		return "The platform does not show this account to Herald any more."
	case problem.RateLimited:
		return "The platform asked to be called less. The account works."
	case problem.PlatformDown:
		return "The platform did not work."
	case problem.Transient:
		return "The platform gave no answer that can be used. It is asked again in an hour."
	default:
		return "The platform answered with something that Herald does not know."
	}
}

// HealthLife is how long the log is kept.
const HealthLife = 30 * day

// PingStore is what a Pinger needs of the store.
type PingStore interface {
	FarewellStore
	// DueForPing gives a shard's connections whose time has come, as DueForRefresh does.
	DueForPing(ctx context.Context, shard string, before time.Time, after Due, limit int) ([]Due, error)
	Living(ctx context.Context, k Key) (c Living, found bool, err error)
	Sealed(ctx context.Context, ref vault.Ref) (s vault.Sealed, found bool, err error)
	// RecordPing writes what was seen and what becomes of the connection, all or nothing. ErrLost when status, token or
	// ping time of before are not what they were: then nothing is written. seen and e may be nil.
	RecordPing(ctx context.Context, before, after Living, seen *Seen, e *Event) error
}

// Pinger asks each account once an hour whether it works, so that a person hears of a dead one before the next post is
// due. It takes leave of those that were disconnected.
type Pinger struct {
	Store      PingStore
	Opener     Opener
	Connectors map[string]connector.Connector
	Meter      Meter
	Now        func() time.Time
	NewID      func() string // lower-case ULID without prefix
	Log        *slog.Logger
}

// Meter counts what only the operator can end.
type Meter interface{ OperatorFault(platform string) }

const (
	pingPage = 100 // of each shard, read at a time
	// pingAgain is when a refused account is asked again: the second answer decides.
	pingAgain = 6 * time.Minute
	// inspectEvery is how often the platform is asked how long the credential lives.
	inspectEvery = day
	// subscribeEvery is how often the platform is asked to tell by itself of what happens on the account: it may have ended
	// that silently, and a person may have given the permission for it since.
	subscribeEvery = day
	pingLimit      = 15 * time.Second
)

// Run pings what is due and tells how many it looked at.
func (p *Pinger) Run(ctx context.Context) (int, error) {
	return keep(ctx, pingPage, func(ctx context.Context, shard string, after Due, limit int) ([]Due, error) {
		return p.Store.DueForPing(ctx, shard, p.Now(), after, limit)
	}, p.ping)
}

func (p *Pinger) ping(ctx context.Context, k Key) error {
	c, found, err := p.Store.Living(ctx, k)
	switch {
	case err != nil || !found:
		return err
	case c.Status == Disconnected && c.Farewell != nil:
		return p.farewell(ctx, c)
	case c.Status == Disconnected:
		return nil
	}
	conn := p.Connectors[c.Platform]
	if conn == nil { // switched off
		after := c
		after.PingAt = NextPing(c.ID, p.Now())
		return p.record(ctx, c, after, nil, nil)
	}
	sealed, found, err := p.Store.Sealed(ctx, c.ref(c.TokenVersion))
	if err != nil {
		return err
	}
	s, err := session(ctx, p.Opener, c, sealed, found)
	if err != nil && !refused(err) {
		return err
	}
	start := p.Now()
	if err == nil {
		calls, cancel := context.WithTimeout(ctx, pingLimit)
		defer cancel()
		err = conn.Ping(calls, s)
		ctx = context.WithoutCancel(ctx)
	}
	now := p.Now()
	seen := Seen{
		TenantID: c.TenantID, ConnectionID: c.ID, At: now.UnixMilli(), OK: err == nil, LatencyMS: now.Sub(start).Milliseconds(),
		Class: problem.ClassOf(err), TTL: now.Add(HealthLife).Unix(),
	}
	if problem.OperatorFault(err) {
		seen.Class = OperatorFault
		p.Meter.OperatorFault(c.Platform)
	}
	after := c
	after.UpdatedAt = now.UnixMilli()
	if inspector, ok := conn.(connector.Inspector); ok && err == nil && now.Sub(time.UnixMilli(c.InspectedAt)) >= inspectEvery {
		if life, ierr := inspector.Inspect(ctx, s); ierr == nil {
			after = after.told(life)
			after.InspectedAt = now.UnixMilli()
		} else {
			p.Log.InfoContext(ctx, "not inspected", slog.String("connection", c.ID), slog.String("error", ierr.Error()))
		}
	}
	if err == nil {
		after = p.subscribe(ctx, conn, s, after, now)
	}
	_, renewable := conn.(connector.Refresher)
	after = judge(after, err, now, renewable)
	return p.record(ctx, c, after, &seen, p.event(c, after))
}

// subscribe asks for the account's webhooks, once a day. What goes wrong is told on the row and changes nothing else.
func (p *Pinger) subscribe(ctx context.Context, conn connector.Connector, s connector.Session, c Living, now time.Time) Living {
	subscriber, able := conn.(connector.Subscriber)
	if !able || now.Sub(time.UnixMilli(c.SubscribedAt)) < subscribeEvery {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	err := subscriber.Subscribe(ctx, s)
	if err == nil {
		c.SubscribedAt, c.Unheard = now.UnixMilli(), ""
		return c
	}
	p.Log.InfoContext(ctx, "not subscribed", slog.String("connection", c.ID), slog.String("error", err.Error()))
	e := problem.Of(err)
	if hiccup := e.Class == problem.Transient || e.Class == problem.PlatformDown || e.Class == problem.RateLimited; !hiccup {
		c.SubscribedAt = now.UnixMilli()
	} else if c.SubscribedAt != 0 {
		return c // it was answered before, and is asked again in an hour
	}
	c.Unheard = e.Message
	if e.Action.Kind == problem.ActReconnect {
		c.Unheard += " " + e.Action.Label + "."
	}
	return c
}

// judge is what becomes of a connection after a ping. One failure changes nothing: platforms have bad minutes. Two
// refusals in a row block it, and a success heals what a ping has blocked. What a publisher or a refresh has blocked
// stays so, because a ping proves less than they do.
func judge(c Living, err error, now time.Time, renewable bool) Living {
	c.PingAt = NextPing(c.ID, now)
	if err == nil {
		c.PingFailures, c.PingRefusals = 0, 0
		if c.Status != Blocked || c.PingBlocked {
			if c.PingBlocked {
				c.PingBlocked, c.RefreshAt = false, now.UnixMilli() // what is dead is not renewed; it lives again
			}
			c.Status, c.Reason, c.Action = c.standing(now, renewable)
		}
		return c
	}
	e := problem.Of(err)
	if e.Class == problem.RateLimited || problem.OperatorFault(err) {
		return c // it answers; it only wants to be asked less, or another app to ask
	}
	c.PingFailures++
	if !refused(err) {
		if c.PingFailures >= 2 && (c.Status == Healthy || c.Status == Expiring) {
			c.Reason, c.Action = e.Message, e.Action
		}
		return c
	}
	c.PingRefusals++
	if c.Status != Healthy && c.Status != Expiring {
		return c
	}
	if c.PingRefusals < 2 {
		// A refresh may repair it in the meantime; then the second answer is for the new credential.
		c.PingAt = now.Add(pingAgain).UnixMilli()
		if renewable && e.Class == problem.AuthExpired {
			c.RefreshAt = now.UnixMilli()
		}
		return c
	}
	c.Status, c.Reason, c.Action, c.PingBlocked, c.RefreshAt = Blocked, e.Message, e.Action, true, 0
	return c
}

// event puts a change of status on the trail.
func (p *Pinger) event(before, after Living) *Event {
	if before.Status == after.Status {
		return nil
	}
	e := &Event{TenantID: before.TenantID, ConnectionID: before.ID, ID: "aud_" + p.NewID(), At: p.Now().UnixMilli()}
	switch after.Status {
	case Blocked:
		e.Kind, e.Message = EventBlocked, before.Name+": "+after.Reason
	case Expiring:
		e.Kind, e.Message = EventExpiring, before.Name+": "+after.Reason
	default:
		e.Kind, e.Message = EventWorks, before.Name+" works again."
	}
	return e
}

func (p *Pinger) record(ctx context.Context, before, after Living, seen *Seen, e *Event) error {
	if err := p.Store.RecordPing(ctx, before, after, seen, e); !errors.Is(err, ErrLost) {
		return err
	}
	return nil // linked again, disconnected or pinged by somebody else meanwhile: the next ping sees it as it is now
}
