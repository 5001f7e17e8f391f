package publish

import (
	"context"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// CheckEdit finds what the platform would refuse about a new text of a published job. Errors: *Rejected, and a conflict
// when the job is not published.
func (s *Service) CheckEdit(ctx context.Context, tenant, id, text string) error {
	j, err := s.Store.GetJob(ctx, tenant, id)
	if err != nil {
		return err
	}
	if j.Status != Published || j.DeletedAt != 0 {
		return problem.New(problem.Conflict, "Only a published post can be edited.")
	}
	info, on := s.Infos[j.Platform]
	kind, known := info.AccountKind(j.Account.Kind)
	if !on || !known {
		return problem.New(problem.PlatformDown, "This platform is switched off at the moment.")
	}
	if p, ok := kind.PostKind(j.Kind); ok && p.Text.None {
		return problem.Newf(problem.Conflict, "A %s post on %s shows no text that could be changed.", p.Title, kind.Title)
	}
	offers, err := s.offers(ctx, tenant, map[string]Account{j.ConnectionID: {Platform: j.Platform}})
	if err != nil {
		return err
	}
	post, still := offers[j.ConnectionID].Narrow(kind, s.Now()).PostKind(j.Kind)
	if !still { // what is published may be edited even where no more of it is taken
		post, still = kind.PostKind(j.Kind)
	}
	if still {
		post.Options = nil // they are what they were
		kind.Posts = []connector.PostKind{post}
	}
	found := Check(kind, j.ConnectionID, "", Content{Kind: j.Kind, Text: text, TextField: "text", Link: j.Link, Media: j.Media})
	if len(found) > 0 {
		return &Rejected{Violations: found}
	}
	return nil
}
