package linkedin

import (
	"context"
	"net/http"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// Delete implements connector.Deleter. LinkedIn answers the same whether the post was there or not.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api#delete-posts
func (c *Connector) Delete(ctx context.Context, s connector.Session, r connector.Receipt) error {
	_, err := c.do(ctx, call{op: opDelete, method: http.MethodDelete, path: "rest/posts/" + enc(r.ExternalID), action: "DELETE", s: s}, nil)
	if problem.ClassOf(err) == problem.NotFound {
		return nil
	}
	return err
}

// Edit implements connector.Editor. Only the text of a post can be changed.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api#update-posts
func (c *Connector) Edit(ctx context.Context, s connector.Session, r connector.Receipt, text string) error {
	commentary := little(text)
	if length(commentary) > maxText {
		return invalid("text", "The text is longer than LinkedIn takes.", docPosts)
	}
	res, err := c.do(ctx, call{
		op: opEdit, method: http.MethodPost, path: "rest/posts/" + enc(r.ExternalID), action: "PARTIAL_UPDATE", s: s,
		json: map[string]any{"patch": map[string]any{"$set": map[string]string{"commentary": commentary}}},
	}, nil)
	if err == nil && res.Status != http.StatusNoContent {
		return res.Unexpected("confirmation")
	}
	return err
}
