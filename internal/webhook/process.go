package webhook

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/vault"
)

// Posts brings what a platform tells of a post to its job.
type Posts interface {
	Tell(ctx context.Context, tenantID, connectionID string, c connector.PostChange, at time.Time) (publish.Heard, error)
	// Named gives the id under which Herald knows a post; the name itself where it does not.
	Named(ctx context.Context, tenantID, connectionID, name string) (string, error)
}

// mostLooks is how often an event looks for the job of its post. A job writes down what its post is called at the latest
// when its worker ends, which is within two minutes.
const mostLooks = 3

// side is how many events of a message are applied at the same time.
const side = 8

// Processor applies events. Each may be applied any number of times and in any order: what it does follows from the
// event and from what is there, never from how often it was done.
type Processor struct {
	Store ProcessStore
	Queue Queue
	Posts Posts
	// Login finds one of a platform's logins, as connector.Info does.
	Login func(platform, id string) (connector.Login, bool)
	Now   func() time.Time
	NewID func() string // lower-case ULID without prefix
	Log   *slog.Logger
}

// Run applies the events of a message. One that fails is counted on its row and comes back by itself; only when even
// that cannot be written does the message fail.
func (p *Processor) Run(ctx context.Context, m Message) error {
	var work errgroup.Group
	work.SetLimit(side)
	for _, id := range m.Events {
		work.Go(func() error { return p.one(ctx, m.Platform, id) })
	}
	return work.Wait()
}

func (p *Processor) one(ctx context.Context, platform, id string) error {
	e, found, err := p.Store.Event(ctx, platform, id)
	if err != nil {
		return err
	}
	if !found || e.State != Received {
		return nil // applied already, or too old to be kept
	}
	state, reason, err := p.apply(ctx, e)
	if err != nil {
		return p.missed(ctx, e, err)
	}
	if state == "" { // settled in the same transaction
		return nil
	}
	return p.Store.Settle(ctx, e, state, reason)
}

func (p *Processor) missed(ctx context.Context, e Event, cause error) error {
	p.Log.WarnContext(ctx, "event not applied", slog.String("event", e.ID), slog.String("kind", string(e.Kind)), slog.Int("attempt", e.Attempts+1),
		slog.String("error", cause.Error()))
	reason := problem.Of(cause).Message
	if e.Attempts+1 >= mostAttempts {
		// The signal before the write: given twice after a crash between them, never lost.
		if err := p.Queue.Dead(ctx, Message{Platform: e.Platform, Events: []string{e.ID}}, "webhook_failed", reason); err != nil {
			return err
		}
		return p.Store.Settle(ctx, e, Failed, reason)
	}
	return p.Store.Missed(ctx, e, reason, p.Now().Add(lookAfter<<e.Attempts))
}

// apply does what an event asks for. An empty state means that the event is settled already.
func (p *Processor) apply(ctx context.Context, e Event) (State, string, error) {
	if e.Kind == connector.WebhookOther {
		return Ignored, "Herald has no use for this kind of notice.", nil
	}
	c, found, err := p.Store.Connection(ctx, e.TenantID, e.ConnectionID)
	if err != nil {
		return "", "", err
	}
	if !found {
		return Ignored, "The account is not linked any more.", p.Store.ForgetEvent(ctx, e)
	}
	if e.Forgotten {
		return Ignored, "What it said was deleted, as a person asked.", nil
	}
	if len(e.Accounts) > 0 && !slices.Contains(e.Accounts, c.ExternalID) {
		return Ignored, "It is about another account of the same person.", nil
	}
	switch e.Kind {
	case connector.WebhookDeauthorized:
		return p.block(ctx, e, c, problem.AuthRevoked, cmp.Or(e.Cause, "The person who linked "+c.Name+" removed Herald from the apps at the platform."))
	case connector.WebhookPermissionChanged:
		if e.Permission == nil {
			break
		}
		return p.permission(ctx, e, c)
	case connector.WebhookDataDeletion:
		return p.forget(ctx, e, c)
	case connector.WebhookComment:
		if e.Comment == nil {
			break
		}
		return p.comment(ctx, e, c)
	case connector.WebhookPost:
		if e.Post == nil {
			break
		}
		return p.post(ctx, e)
	case connector.WebhookOther:
	}
	return "", "", fmt.Errorf("webhook: an event of the kind %q lacks what it is about", e.Kind)
}

// permission blocks an account that cannot do without what was taken back. Anything else is only noted.
func (p *Processor) permission(ctx context.Context, e Event, c connection.Connection) (State, string, error) {
	name := e.Permission.Name
	if !e.Permission.Revoked {
		return Ignored, "A permission was given: nothing to do.", nil
	}
	if len(c.Scopes) > 0 && !slices.Contains(c.Scopes, name) {
		return Ignored, "The account does not use this permission.", nil
	}
	needed := true
	if login, known := p.Login(c.Platform, c.Login); known {
		var asked bool
		if asked, needed = login.Asks(name); !asked {
			return Ignored, "The account does not use this permission.", nil
		}
	}
	reason := "The permission " + name + " was taken back for " + c.Name + "."
	if needed {
		return p.block(ctx, e, c, problem.PermissionMissing, reason)
	}
	if c.Status == connection.Disconnected || c.TokenVersion >= versionAfter(e.At) {
		return Ignored, "The account was connected again since, or does not work anyway.", nil
	}
	reason += " What needs it does not work until the account is connected again; publishing goes on."
	left := slices.DeleteFunc(slices.Clone(c.Scopes), func(s string) bool { return s == name })
	return "", "", p.Store.LosePermission(ctx, e, c, left, p.line(e, c, connection.EventPermission, reason))
}

// block is for access that ended. Its jobs park by themselves when they run.
func (p *Processor) block(ctx context.Context, e Event, c connection.Connection, class problem.Class, reason string) (State, string, error) {
	changed, err := p.Store.BlockFor(ctx, e, Block{
		Reason: reason, Action: problem.DefaultAction(class), Newest: versionAfter(e.At),
		Line: p.line(e, c, "blocked", reason),
	})
	if err != nil || changed {
		return "", "", err
	}
	return Ignored, "The account was connected again since, or does not work anyway.", nil
}

// forget carries out a person's wish for one connection. It is disconnected first: then no comment comes in any more
// (see comment), and what is deleted after that stays deleted.
func (p *Processor) forget(ctx context.Context, e Event, c connection.Connection) (State, string, error) {
	if c.TokenVersion >= versionAfter(e.At) {
		return Ignored, "The account was connected again since.", nil
	}
	line := p.line(e, c, connection.EventDisconnected, c.Name+" was disconnected: the person asked the platform to have everything deleted.")
	if err := p.Store.Disconnect(ctx, c.TenantID, c.ID, line); err != nil {
		return "", "", err
	}
	if err := p.Store.ExpireCredential(ctx, vault.Ref{Tenant: c.TenantID, Connection: c.ID, Version: c.TokenVersion}, p.Now()); err != nil {
		return "", "", err
	}
	for _, forget := range []func(ctx context.Context, tenantID, connectionID string) error{
		p.Store.DeleteComments, p.Store.ForgetAccount, p.Store.ForgetReports, p.Store.ForgetEvents,
	} {
		if err := forget(ctx, c.TenantID, c.ID); err != nil {
			return "", "", err
		}
	}
	return Processed, "", nil
}

// comment keeps a comment. The account's own is in no inbox: it stands below its post, and what it answers is answered. The
// connection is read after the write: either this read sees that it was disconnected, or
// the deletion that disconnected it sees the comment.
func (p *Processor) comment(ctx context.Context, e Event, c connection.Connection) (State, string, error) {
	said := *e.Comment
	said.Own = said.Own || said.FromID != "" && said.FromID == c.ExternalID
	if said.PostID != "" {
		var err error
		if said.PostID, err = p.Posts.Named(ctx, e.TenantID, e.ConnectionID, said.PostID); err != nil {
			return "", "", err
		}
	}
	e.Comment = &said
	applied, err := p.Store.ApplyComment(ctx, e, p.Now())
	if err != nil {
		return "", "", err
	}
	now, found, err := p.Store.Connection(ctx, e.TenantID, e.ConnectionID)
	switch {
	case err != nil:
		return "", "", err
	case !found || now.Status == connection.Disconnected:
		if err := p.Store.ForgetEvent(ctx, e); err != nil {
			return "", "", err
		}
		return Ignored, "The account is disconnected.", p.Store.DeleteComment(ctx, e.TenantID, e.ConnectionID, e.Comment.ID)
	case !applied:
		return Processed, "Something newer was known already.", nil
	default:
		return Processed, "", nil
	}
}

// post brings what is told of a post to its job. What no job has is kept for those that do not know yet, and looked at
// again for a while: its job may be about to write down that the post is its own.
func (p *Processor) post(ctx context.Context, e Event) (State, string, error) {
	heard, err := p.Posts.Tell(ctx, e.TenantID, e.ConnectionID, *e.Post, time.UnixMilli(e.At))
	switch {
	case err != nil:
		return "", "", err
	case heard == publish.HeardNews:
		return Processed, "", nil
	case heard == publish.HeardNoNews:
		return Ignored, "Its post needs nothing of it.", nil
	case heard == publish.HeardByNone:
		if err := p.Store.KeepTold(ctx, e, p.Now()); err != nil {
			return "", "", err
		}
		// Read after the write, as with comments: a deletion sees what was kept, or this sees the disconnection.
		c, found, err := p.Store.Connection(ctx, e.TenantID, e.ConnectionID)
		switch {
		case err != nil:
			return "", "", err
		case !found || c.Status == connection.Disconnected:
			if err := p.Store.ForgetEvent(ctx, e); err != nil {
				return "", "", err
			}
			return Ignored, "The account is disconnected.", p.Store.ForgetTold(ctx, e)
		}
	}
	if e.Attempts < mostLooks {
		return "", "", p.Store.Missed(ctx, e, "No post that Herald made is known by this name, so far.", p.Now().Add(lookAfter<<e.Attempts))
	}
	return Ignored, "No post that Herald made is concerned.", nil
}

func (p *Processor) line(e Event, c connection.Connection, kind, message string) connection.Event {
	return connection.Event{TenantID: e.TenantID, ConnectionID: c.ID, ID: "aud_" + p.NewID(), Kind: kind, Message: message, At: p.Now().UnixMilli()}
}

// versionAfter is the lowest version of a credential that was made after the event. Versions are ULIDs and begin with
// their time; the platform's is in whole seconds, so the second belongs to the event.
func versionAfter(atMillis int64) string {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(time.UnixMilli(max(atMillis, 0)).Add(time.Second))); err != nil {
		return strings.Repeat("z", len(id.String()))
	}
	return strings.ToLower(id.String())
}
