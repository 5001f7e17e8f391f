package act

import (
	"context"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
)

// Candidates lists what is on the platform and may be the post of a held job.
func (c Client) Candidates(ctx context.Context, tenantID, member, job string) ([]connector.Candidate, error) {
	r, err := c.Do(ctx, Request{Op: Candidates, Tenant: tenantID, Member: member, Job: job})
	return r.Candidates, err
}

// DeletePost removes a job's published post from the platform.
func (c Client) DeletePost(ctx context.Context, tenantID, member, job string) error {
	_, err := c.Do(ctx, Request{Op: DeletePost, Tenant: tenantID, Member: member, Job: job})
	return err
}

// EditPost replaces the text of a job's published post.
func (c Client) EditPost(ctx context.Context, tenantID, member, job, text string) error {
	_, err := c.Do(ctx, Request{Op: EditPost, Tenant: tenantID, Member: member, Job: job, Text: text})
	return err
}

// PostMetrics implements report.Desk.
func (c Client) PostMetrics(ctx context.Context, tenantID, member, job string) error {
	_, err := c.Do(ctx, Request{Op: PostMetrics, Tenant: tenantID, Member: member, Job: job})
	return err
}

// AccountMetrics implements report.Desk.
func (c Client) AccountMetrics(ctx context.Context, tenantID, member, connection string, days int) error {
	_, err := c.Do(ctx, Request{Op: AccountMetrics, Tenant: tenantID, Member: member, Connection: connection, Days: days})
	return err
}

// RefreshOffer implements offer.Desk.
func (c Client) RefreshOffer(ctx context.Context, tenantID, member, connection string) error {
	_, err := c.Do(ctx, Request{Op: RefreshOffer, Tenant: tenantID, Member: member, Connection: connection})
	return err
}

// RefreshComments reads the comments of a job's post from the platform, and tells how many there are.
func (c Client) RefreshComments(ctx context.Context, tenantID, member, job string) (int, error) {
	r, err := c.Do(ctx, Request{Op: RefreshComments, Tenant: tenantID, Member: member, Job: job})
	return r.Found, err
}

// Reply answers a comment; the same reply is the same answer.
func (c Client) Reply(ctx context.Context, tenantID, member string, to comment.Ref, reply, text string) (comment.Comment, error) {
	r, err := c.Do(ctx, Request{Op: ReplyToComment, Tenant: tenantID, Member: member, Connection: to.ConnectionID, Comment: to.ID, Reply: reply, Text: text})
	if err != nil || r.Comment == nil {
		return comment.Comment{}, err
	}
	return *r.Comment, nil
}

// SetHidden hides a comment, or shows it again.
func (c Client) SetHidden(ctx context.Context, tenantID, member string, of comment.Ref, hidden bool) error {
	op := ShowComment
	if hidden {
		op = HideComment
	}
	_, err := c.Do(ctx, Request{Op: op, Tenant: tenantID, Member: member, Connection: of.ConnectionID, Comment: of.ID})
	return err
}

// DeleteComment removes a comment from the platform.
func (c Client) DeleteComment(ctx context.Context, tenantID, member string, of comment.Ref) error {
	_, err := c.Do(ctx, Request{Op: DeleteComment, Tenant: tenantID, Member: member, Connection: of.ConnectionID, Comment: of.ID})
	return err
}
