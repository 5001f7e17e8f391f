package meta

import (
	"context"
	"net/http"
	"net/url"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

var (
	_ connector.Subscriber   = (*Connector)(nil)
	_ connector.Unsubscriber = (*Connector)(nil)
)

const (
	docSubscribe   = "https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps"
	docIGSubscribe = "https://developers.facebook.com/docs/instagram-platform/webhooks"

	scopeWebhooks = "pages_manage_metadata"

	pageFieldsSubscribed = "feed,mention"
	igFieldsSubscribed   = "comments,mentions"
)

// Subscribe implements connector.Subscriber. The app says in its dashboard which fields it wants; Meta sends them for the
// accounts that are subscribed. An Instagram account that is linked to a Page is told of through the Page.
func (c *Connector) Subscribe(ctx context.Context, s connector.Session) error {
	c = c.via(s)
	fields := pageFieldsSubscribed
	if c.instagram {
		fields = igFieldsSubscribed
	}
	return c.subscription(ctx, s, http.MethodPost, url.Values{"subscribed_fields": {fields}})
}

// Unsubscribe implements connector.Unsubscriber.
func (c *Connector) Unsubscribe(ctx context.Context, s connector.Session, used func(ctx context.Context, externalID string) (bool, error)) error {
	c = c.via(s)
	sharing, err := c.sharing(ctx, s)
	if err != nil {
		return err
	}
	for _, id := range sharing {
		if still, err := used(ctx, id); err != nil || still {
			return err
		}
	}
	err = c.subscription(ctx, s, http.MethodDelete, nil)
	if problem.ClassOf(err) == problem.NotFound {
		return nil
	}
	return err
}

// sharing are the accounts that are told of through one subscription.
func (c *Connector) sharing(ctx context.Context, s connector.Session) ([]string, error) {
	own := s.Account.ExternalID
	switch {
	case c.instagram:
		return []string{own}, nil
	case s.Account.Kind == kindInstagram:
		return []string{own, s.Account.Data[dataPage]}, nil
	}
	var page struct {
		Instagram igAccount `json:"instagram_business_account"` // left out where the permission to see it is missing
	}
	_, err := c.call(ctx, graph{
		op: opLinked, method: http.MethodGet, path: url.PathEscape(own), token: s.Credential.Access, http: s.HTTP,
		params: url.Values{"fields": {"id,instagram_business_account{id}"}},
	}, &page)
	if err != nil || page.Instagram.ID == "" {
		return []string{own}, err
	}
	return []string{own, page.Instagram.ID}, nil
}

func (c *Connector) subscription(ctx context.Context, s connector.Session, method string, params url.Values) error {
	op, node := opSubscribe, s.Account.ExternalID
	switch {
	case c.instagram:
		op = opIGSubscribe
	case s.Account.Kind == kindInstagram:
		node = s.Account.Data[dataPage]
	}
	var done struct {
		Success bool `json:"success"`
	}
	res, err := c.call(ctx, graph{
		op: op, method: method, path: url.PathEscape(node) + "/subscribed_apps", token: s.Credential.Access, params: params, http: s.HTTP,
	}, &done)
	if err == nil && !done.Success {
		return res.Unexpected("success")
	}
	return err
}
