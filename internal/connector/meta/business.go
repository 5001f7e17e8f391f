package meta

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

const (
	scopeBusiness = "business_management"

	// maxBusinesses bounds the calls of one login, which a browser waits for: two for each business.
	maxBusinesses = 25
)

// pages follows a list of Pages to its end.
func (c *Connector) pages(ctx context.Context, g connector.Grant, op operation, path, fields string, each func(pageAccount)) error {
	more, err := list(ctx, c, graph{op: op, method: http.MethodGet, path: path, token: g.Credential.Access, params: url.Values{
		"fields": {fields}, "limit": {"100"},
	}}, maxAccountPages, each)
	if err == nil && more {
		e := problem.New(problem.Transient, "Facebook's list of your Pages does not end. Try again.")
		e.Platform, e.Code = Platform, "endless_list"
		return e
	}
	return err
}

// businessPages lists the Pages that the person reaches through a business: /me/accounts may leave them out. Which tasks
// the person has on them is not told there; a Page without a token is one that the person may not use.
// https://developers.facebook.com/docs/marketing-api/reference/business/owned_pages/
func (c *Connector) businessPages(ctx context.Context, g connector.Grant, each func(pageAccount)) error {
	if !slices.Contains(g.Granted, scopeBusiness) {
		return nil
	}
	type business struct {
		ID string `json:"id"`
	}
	var businesses []string
	_, err := list(ctx, c, graph{op: opBusinesses, method: http.MethodGet, path: "me/businesses", token: g.Credential.Access, params: url.Values{
		"fields": {"id"}, "limit": {"100"},
	}}, 1, func(b business) { businesses = append(businesses, b.ID) })
	if err := c.withheld(ctx, err); err != nil {
		return err
	}
	for _, id := range businesses[:min(len(businesses), maxBusinesses)] {
		for _, op := range []operation{opOwnedPages, opClientPages} { // each is called as its edge
			if err := c.withheld(ctx, c.pages(ctx, g, op, url.PathEscape(id)+"/"+string(op), pageFields(g), each)); err != nil {
				return err
			}
		}
	}
	return nil
}

// withheld lets a business pass that does not show its Pages: the others can be connected all the same.
func (c *Connector) withheld(ctx context.Context, err error) error {
	switch problem.ClassOf(err) {
	case problem.PermissionMissing, problem.NotFound:
		c.cfg.Log.InfoContext(ctx, "a business does not show its Pages", slog.String("error", err.Error()))
		return nil
	default:
		return err
	}
}

// coverage says for which accounts each permission was given. One that is not in it was given for all of them.
// https://developers.facebook.com/docs/graph-api/reference/debug_token
type coverage map[string][]string

func (c *Connector) coverage(ctx context.Context, g connector.Grant) (coverage, error) {
	t, err := c.inspect(ctx, connector.Session{}, g.Credential.Access)
	if err != nil {
		return nil, err
	}
	by := coverage{}
	for _, s := range t.Granular {
		if len(s.Targets) > 0 { // none is all
			for _, id := range s.Targets {
				by[s.Scope] = append(by[s.Scope], string(id))
			}
		}
	}
	return by, nil
}

// covers tells whether a permission was given for an account; page is the one that it is, or is linked to.
func (by coverage) covers(scope string, a connector.Account, page string) bool {
	ids, some := by[scope]
	return !some || slices.Contains(ids, a.ExternalID) || slices.Contains(ids, page)
}

// narrow leaves an account what was given for it.
func (by coverage) narrow(a connector.Account, page string) connector.Account {
	needs := []string{scopeList, scopePublish, scopeRead}
	if a.Kind == kindInstagram {
		needs = []string{scopeIGRead, scopeIGPublish, scopeRead}
	}
	for _, scope := range needs {
		if a.Usable && !by.covers(scope, a, page) {
			a.Usable, a.Reason = false, "The permission "+scope+" was not given for this account. Connect again and choose it there, too."
		}
	}
	a.Scopes = slices.DeleteFunc(slices.Clone(a.Scopes), func(scope string) bool { return !by.covers(scope, a, page) })
	return a
}
