package comment

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

const (
	// mostPages is how much of a post's comments one refresh reads.
	mostPages = 5
	// replyLease is how long a worker has for an answer before another may go on with it.
	replyLease = 40 * time.Second
)

// The kinds of lines on the audit trail.
const (
	AuditReplied = "comment_replied"
	AuditHidden  = "comment_hidden"
	AuditShown   = "comment_shown"
	AuditDeleted = "comment_deleted"
)

// Desk does with comments on the platform what a person asks for. It works where tokens can be opened.
type Desk struct {
	Store WriteStore
	Now   func() time.Time
	NewID func() string // lower-case ULID
}

// On is an account with its session and the connector that speaks for it.
type On struct {
	Tenant, Connection string
	Platform           connector.Moderator
	Session            connector.Session
}

// Refresh reads a post's comments from the platform and keeps them. Doing it again changes nothing.
func (d *Desk) Refresh(ctx context.Context, on On, post connector.Receipt) (found int, err error) {
	// What was set within the second before is left to the notice that tells of it: those have whole seconds.
	at := d.Now().Truncate(time.Second).Add(-time.Second).UnixMilli()
	cursor := ""
	for range mostPages {
		page, err := on.Platform.Comments(ctx, on.Session, post, cursor)
		if err != nil {
			return found, err
		}
		var work errgroup.Group
		work.SetLimit(8)
		for _, c := range page.Items {
			work.Go(func() error { return d.Store.Merge(ctx, on.Tenant, on.Connection, c, at) })
		}
		if err := work.Wait(); err != nil {
			return found, err
		}
		found += len(page.Items)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	return found, nil
}

// Reply answers a comment. The same id is the same answer: a repeated call gives what the first one made. When it cannot
// be known yet whether the platform has it, the error says when to call again.
func (d *Desk) Reply(ctx context.Context, on On, member, id, to, text string) (Comment, error) {
	target, err := d.target(ctx, on, to)
	if err != nil {
		return Comment{}, err
	}
	now := d.Now()
	r, taken, err := d.Store.ClaimReply(ctx, Reply{
		TenantID: on.Tenant, ConnectionID: on.Connection, ID: id, To: to, Text: text, Lease: d.NewID(), LeaseUntil: now.Add(replyLease).UnixMilli(),
	}, now.UnixMilli())
	switch {
	case err != nil:
		return Comment{}, err
	case r.Made != "":
		return d.made(ctx, r)
	case !taken:
		return Comment{}, again("This answer is being sent already.", time.Duration(r.LeaseUntil-now.UnixMilli())*time.Millisecond)
	}
	journal := publish.NewJournal(publish.Job{Steps: r.Steps, InDoubt: r.InDoubt}, d.Now, func(ctx context.Context, steps map[string]publish.StepLog, inDoubt string) error {
		r.Steps, r.InDoubt = steps, inDoubt
		return d.Store.SaveReply(ctx, r, true)
	})
	made, err := on.Platform.Reply(ctx, on.Session, connector.ReplyDraft{
		To: connector.Comment{ID: target.ID, PostID: target.PostID, ParentID: target.ParentID}, Text: r.Text,
		Claimed: func(ctx context.Context, comment string) (bool, error) {
			c, found, err := d.Store.Comment(ctx, on.Tenant, on.Connection, comment)
			return found && c.ReplyID != "" && c.ReplyID != r.ID, err
		},
	}, journal)
	r.Steps, r.InDoubt = journal.Steps(), journal.InDoubt()
	if err != nil {
		if serr := d.Store.SaveReply(ctx, r, false); serr != nil {
			return Comment{}, errors.Join(err, serr)
		}
		return Comment{}, unsure(err)
	}
	if err := d.Store.FinishReply(ctx, r, made, d.line(on, member, AuditReplied, "A comment was answered.")); err != nil {
		return Comment{}, err
	}
	r.Made = made.ID
	return d.made(ctx, r)
}

func (d *Desk) made(ctx context.Context, r Reply) (Comment, error) {
	c, found, err := d.Store.Comment(ctx, r.TenantID, r.ConnectionID, r.Made)
	if err == nil && !found {
		err = problem.New(problem.NotFound, "The answer was sent, and deleted since.")
	}
	return c, err
}

// again asks the caller to come back with the same request.
func again(message string, after time.Duration) error {
	p := problem.New(problem.Transient, message)
	p.RetryAfter = max(after, time.Second)
	return p
}

// unsure says what an answer's end means for the person who asked.
func unsure(err error) error {
	var wait *connector.WaitError
	switch {
	case errors.As(err, &wait):
		return again("The platform is asked whether it has the answer already.", wait.For)
	case errors.Is(err, publish.ErrHeld):
		p := problem.New(problem.Conflict, "It cannot be known whether the platform has this answer. Look at the post there before you write it again.")
		p.Action = problem.Action{Kind: problem.ActNone, Label: "Look at the post on the platform"}
		return p
	case problem.Of(err).MayHaveHappened():
		return again("The platform did not say whether it has the answer. Send it again: Herald asks first, so it is not written twice.", 5*time.Second)
	default:
		return err
	}
}

// SetHidden hides a comment from others, or shows it again.
func (d *Desk) SetHidden(ctx context.Context, on On, member, id string, hidden bool) error {
	target, err := d.target(ctx, on, id)
	if err != nil {
		return err
	}
	if target.Own {
		return problem.New(problem.InvalidRequest, "The account's own comments cannot be hidden. Delete it instead.")
	}
	hider, ok := on.Platform.(connector.Hider)
	if !ok {
		return problem.New(problem.InvalidRequest, "Comments cannot be hidden on this platform. Delete it instead.")
	}
	if err := hider.Hide(ctx, on.Session, connector.Comment{ID: target.ID, PostID: target.PostID}, hidden); err != nil {
		return err
	}
	if hidden {
		return d.Store.NoteComment(ctx, target, connector.CommentHide, d.line(on, member, AuditHidden, "A comment was hidden."))
	}
	return d.Store.NoteComment(ctx, target, connector.CommentUnhide, d.line(on, member, AuditShown, "A hidden comment was shown again."))
}

// Delete removes a comment from the platform. Deleting what is gone is a success.
func (d *Desk) Delete(ctx context.Context, on On, member, id string) error {
	target, err := d.target(ctx, on, id)
	if problem.ClassOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if err := on.Platform.DeleteComment(ctx, on.Session, connector.Comment{ID: target.ID, PostID: target.PostID}); err != nil {
		return err
	}
	return d.Store.NoteComment(ctx, target, connector.CommentRemove, d.line(on, member, AuditDeleted, "A comment was deleted."))
}

// target is a comment that Herald knows to be this account's. Nothing else is touched: an id from outside could name a
// post.
func (d *Desk) target(ctx context.Context, on On, id string) (Comment, error) {
	c, found, err := d.Store.Comment(ctx, on.Tenant, on.Connection, id)
	if err == nil && !found {
		err = problem.New(problem.NotFound, "There is no such comment any more.")
	}
	return c, err
}

func (d *Desk) line(on On, member, kind, message string) publish.AuditRow {
	at := d.Now().UnixMilli()
	return publish.AuditRow{
		TenantID: on.Tenant, SK: publish.AuditKey(at, "aud_"+d.NewID()), ConnectionID: on.Connection, Kind: kind, At: at, By: member, Message: message,
	}
}
