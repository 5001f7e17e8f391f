package act

import (
	"context"

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
