package publish

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/offer"
)

// offers reads what those of the accounts take that may take less than their kind; no read where there are none.
func (s *Service) offers(ctx context.Context, tenant string, accounts map[string]Account) (map[string]offer.Kept, error) {
	var ids []string
	for id, a := range accounts {
		if s.Offering[a.Platform] {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return map[string]offer.Kept{}, nil
	}
	return s.Store.Offers(ctx, tenant, ids)
}

// offered is the kind of account as the target's account is, or why nothing can be posted to it: it does not take the kind
// of post that was asked for, or it takes nothing now and the post is due now. A later one is accepted, since a stop passes.
func offered(kind connector.AccountKind, kept offer.Kept, t Target, field string, now, at time.Time) (connector.AccountKind, *Violation) {
	taken := kept.Narrow(kind, now)
	if sentence, stopped := kept.Stop(now); stopped && !at.After(now) {
		return taken, &Violation{Field: field, ConnectionID: t.ConnectionID, Message: sentence}
	}
	post, known := kind.PostKind(t.Kind)
	if _, ok := taken.PostKind(t.Kind); known && !ok {
		return taken, &Violation{Field: field + ".kind", ConnectionID: t.ConnectionID, Rule: post.Source, Message: "This account takes no posts of the kind " + post.Title + " at the moment."}
	}
	return taken, nil
}
