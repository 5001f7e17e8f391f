package act

import (
	"context"
	"errors"
	"time"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/report"
)

// onAccount carries out what is asked of an account and not of a post.
func (d *Desk) onAccount(ctx context.Context, r Request) (Response, error) {
	c, session, err := d.enter(ctx, r.Tenant, r.Connection, "")
	if err != nil {
		return Response{}, err
	}
	if r.Op == AccountMetrics {
		return Response{}, d.accountMetrics(ctx, r, c, session)
	}
	if r.Op == RefreshOffer {
		return Response{}, d.refreshOffer(ctx, r, c, session)
	}
	moderator, err := moderatorOf(c, session.Account.Kind)
	if err != nil {
		return Response{}, err
	}
	at := comment.On{Tenant: r.Tenant, Connection: r.Connection, Platform: moderator, Session: session}
	desk := d.comments()
	switch r.Op {
	case ReplyToComment:
		made, err := desk.Reply(ctx, at, r.Member, r.Reply, r.Comment, r.Text)
		return Response{Comment: &made}, err
	case HideComment, ShowComment:
		return Response{}, desk.SetHidden(ctx, at, r.Member, r.Comment, r.Op == HideComment)
	case DeleteComment:
		return Response{}, desk.Delete(ctx, at, r.Member, r.Comment)
	default:
		return Response{}, problem.New(problem.InvalidRequest, "There is no such operation.")
	}
}

// moderatorOf and reporterOf are the connector's, where accounts of the kind have comments and numbers.
func moderatorOf(c connector.Connector, kind string) (connector.Moderator, error) {
	moderator, ok := c.(connector.Moderator)
	if a, known := c.Info().AccountKind(kind); !ok || !known || !a.CanComment {
		return nil, problem.New(problem.InvalidRequest, "Comments on such an account can only be read and answered on the platform.")
	}
	return moderator, nil
}

func reporterOf(c connector.Connector, kind string) (connector.Reporter, error) {
	reporter, ok := c.(connector.Reporter)
	if a, known := c.Info().AccountKind(kind); !ok || !known || !a.CanReport {
		return nil, problem.New(problem.InvalidRequest, "The platform gives no numbers of such an account.")
	}
	return reporter, nil
}

func (d *Desk) comments() *comment.Desk {
	return &comment.Desk{Store: d.Store, Now: d.Now, NewID: d.NewID}
}

// postMetrics asks for the numbers and keeps them; a failure is kept too, beside the last ones.
func (d *Desk) postMetrics(ctx context.Context, c connector.Connector, session connector.Session, job publish.Job) error {
	reporter, err := reporterOf(c, job.Account.Kind)
	if err != nil {
		return err
	}
	if job.Status != publish.Published || job.Receipt == nil {
		return problem.New(problem.Conflict, "Only a published post has numbers.")
	}
	metrics, err := reporter.PostMetrics(ctx, session, connector.PublishedPost{Receipt: *job.Receipt, Kind: job.Kind, At: time.UnixMilli(job.PublishedAt)})
	return errors.Join(err, d.keepReport(ctx, job.TenantID, job.ConnectionID, report.PostKey(job.ID), metrics, err))
}

func (d *Desk) accountMetrics(ctx context.Context, r Request, c connector.Connector, session connector.Session) error {
	reporter, err := reporterOf(c, session.Account.Kind)
	if err != nil {
		return err
	}
	if r.Days < 1 || r.Days > 28 {
		return problem.New(problem.InvalidRequest, "Numbers of an account are for 1 to 28 days.")
	}
	now := d.Now()
	metrics, err := reporter.AccountMetrics(ctx, session, now.AddDate(0, 0, -r.Days), now)
	return errors.Join(err, d.keepReport(ctx, r.Tenant, r.Connection, report.AccountKey(r.Connection, r.Days), metrics, err))
}

func (d *Desk) keepReport(ctx context.Context, tenant, connection, key string, metrics []connector.Metric, cause error) error {
	if err := d.Store.KeepReport(ctx, tenant, key, metrics, cause, d.Now()); err != nil {
		return err
	}
	return d.unlessLinked(ctx, tenant, connection, func() error { return d.Store.ForgetReport(ctx, tenant, key) })
}

// unlessLinked is asked after something was kept of what a platform said: whoever wants everything deleted disconnects the
// account first, so what came in at the same moment is forgotten here, or there.
func (d *Desk) unlessLinked(ctx context.Context, tenant, connection string, forget func() error) error {
	account, _, err := d.Store.LoadAccount(ctx, tenant, connection, "")
	if err != nil || account.Status != "disconnected" {
		return err
	}
	return forget()
}

// refreshOffer keeps what the account takes with the time of the question, so that of two answers the later one counts.
func (d *Desk) refreshOffer(ctx context.Context, r Request, c connector.Connector, session connector.Session) error {
	offerer, ok := c.(connector.Offerer)
	if !ok {
		return problem.New(problem.InvalidRequest, "All accounts of this platform take the same.")
	}
	asked := d.Now()
	offered, err := offerer.Offer(ctx, session)
	if err != nil {
		return err
	}
	if err := d.Store.KeepOffer(ctx, r.Tenant, r.Connection, offered, asked); err != nil {
		return err
	}
	return d.unlessLinked(ctx, r.Tenant, r.Connection, func() error { return d.Store.ForgetOffer(ctx, r.Tenant, r.Connection) })
}

func (d *Desk) refreshComments(ctx context.Context, c connector.Connector, session connector.Session, job publish.Job) (Response, error) {
	moderator, err := moderatorOf(c, job.Account.Kind)
	if err != nil {
		return Response{}, err
	}
	if job.Status != publish.Published || job.Receipt == nil || job.DeletedAt != 0 {
		return Response{}, problem.New(problem.Conflict, "Only a published post has comments.")
	}
	n, err := d.comments().Refresh(ctx, comment.On{Tenant: job.TenantID, Connection: job.ConnectionID, Platform: moderator, Session: session}, *job.Receipt)
	if err != nil {
		return Response{}, err
	}
	return Response{Found: n}, d.unlessLinked(ctx, job.TenantID, job.ConnectionID, func() error { return d.forgetComments(ctx, job) })
}

func (d *Desk) forgetComments(ctx context.Context, job publish.Job) error {
	for cursor := ""; ; {
		list, next, err := d.Store.Comments(ctx, job.TenantID, comment.Filter{ConnectionID: job.ConnectionID, PostID: job.Receipt.ExternalID}, cursor, 100)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := d.Store.DeleteComment(ctx, job.TenantID, job.ConnectionID, c.ID); err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}
