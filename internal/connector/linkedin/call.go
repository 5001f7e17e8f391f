package linkedin

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

// operation names a call for traces, the log, the error table and the daily counters.
type operation string

const (
	opExchange  operation = "exchange"
	opRefresh   operation = "refresh"
	opInspect   operation = "introspect"
	opRevoke    operation = "revoke"
	opMe        operation = "me"
	opUserinfo  operation = "userinfo"
	opRoles     operation = "organization_acls"
	opNames     operation = "organizations_lookup"
	opPost      operation = "posts"
	opPosts     operation = "posts_list"
	opEdit      operation = "posts_edit"
	opDelete    operation = "posts_delete"
	opImage     operation = "images"
	opVideo     operation = "videos"
	opDocument  operation = "documents"
	opStatus    operation = "media_status"
	opUpload    operation = "upload"
	opComment   operation = "comments_create"
	opComments  operation = "comments"
	opUncomment operation = "comments_delete"
	opNumbers   operation = "share_statistics"
	opFollowers operation = "network_sizes"
	opAnalytics operation = "member_analytics"
	opSubscribe operation = "event_subscriptions"
)

// call is one call of the API. Ids in path and query are encoded already: Rest.li wants its lists and records literal and
// everything in them encoded. https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/protocol-version
type call struct {
	op     operation
	method string
	path   string // "rest/posts"
	query  string // "q=author&author=urn%3Ali%3Aperson%3Aa"
	action string // X-RestLi-Method; empty = by the verb
	json   any
	s      connector.Session
}

// enc encodes an id whole, colons too.
func enc(id string) string { return url.QueryEscape(id) }

// freshFor is how long a new token may still be called revoked; see freshly.
const freshFor = 60 * time.Second

// do makes the call and decodes the answer into v, which may be nil. A status from 400 on is an error.
func (c *Connector) do(ctx context.Context, g call, v any) (*rest.Response, error) {
	for again := 2; ; again-- {
		res, err := c.once(ctx, g, v)
		if again == 0 || problem.Of(err) == nil || problem.Of(err).Code != codeFresh || ctx.Err() != nil {
			return res, err
		}
	}
}

func (c *Connector) once(ctx context.Context, g call, v any) (*rest.Response, error) {
	r := rest.Request{Operation: string(g.op), Method: g.method, URL: c.cfg.APIURL + "/" + g.path, JSON: g.json, Header: http.Header{}}
	if g.query != "" {
		r.URL += "?" + g.query
	}
	r.Header.Set("Authorization", "Bearer "+g.s.Credential.Access.Reveal())
	if strings.HasPrefix(g.path, "rest/") {
		r.Header.Set("Linkedin-Version", c.cfg.Version)
		r.Header.Set("X-Restli-Protocol-Version", "2.0.0")
	}
	if g.action != "" {
		r.Header.Set("X-Restli-Method", g.action)
	}
	res, err := c.client(g.s.HTTP).Do(ctx, r)
	if err != nil {
		return nil, c.slowed(g.op, g.s, err)
	}
	if e := parseError(res.Status, res.Body); e != nil {
		return res, c.classify(ctx, g.op, g.s, e, res)
	}
	c.throttle.works(g.op, g.s)
	if v == nil {
		return res, nil
	}
	return res, res.Decode(v)
}

// put uploads bytes to an address that came in an answer. Images and documents go with the token, a video's parts
// without: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/videos-api
func (c *Connector) put(ctx context.Context, s connector.Session, to string, signed bool, up *rest.Upload) (*rest.Response, error) {
	if !c.mayUpload(to) {
		e := problem.New(problem.Transient, "LinkedIn named an address for the upload that is not its own.")
		e.Platform, e.Code, e.NotSent = Platform, "upload_address", true
		return nil, e
	}
	r := rest.Request{Operation: string(opUpload), Method: http.MethodPut, URL: to, Upload: up, Timeout: 4 * cmp.Or(c.cfg.Timeout, rest.DefaultTimeout)}
	if signed {
		r.Header = http.Header{"Authorization": {"Bearer " + s.Credential.Access.Reveal()}}
	}
	res, err := c.client(s.HTTP).Do(ctx, r)
	if err != nil {
		return nil, c.slowed(opUpload, s, err)
	}
	if e := parseError(res.Status, res.Body); e != nil {
		return res, c.classify(ctx, opUpload, s, e, res)
	}
	return res, nil
}

// form asks the OAuth server. Client credentials count in the body only.
// https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
func (c *Connector) form(ctx context.Context, op operation, s connector.Session, name, login string, form url.Values, v any) (*rest.Response, error) {
	app := c.app(login)
	form.Set("client_id", app.ClientID)
	form.Set("client_secret", app.ClientSecret.Reveal())
	res, err := c.client(s.HTTP).Do(ctx, rest.Request{Operation: string(op), Method: http.MethodPost, URL: c.cfg.OAuthURL + "/oauth/v2/" + name, Form: form})
	if err != nil {
		return nil, c.slowed(op, s, err)
	}
	if e := parseError(res.Status, res.Body); e != nil {
		return res, c.classify(ctx, op, s, e, res)
	}
	if v == nil {
		return res, nil
	}
	return res, res.Decode(v)
}

// page is one answer of a list.
type page[T any] struct {
	Elements []T `json:"elements"`
	Paging   struct {
		Start int `json:"start"`
		Links []struct {
			Rel string `json:"rel"`
		} `json:"links"`
	} `json:"paging"`
}

// next is where the list goes on; 0 = it ends here. A page may be short in the middle: only the link tells.
// https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/pagination
func (p page[T]) next(start int) int {
	for _, l := range p.Paging.Links {
		if l.Rel == "next" && len(p.Elements) > 0 {
			return start + len(p.Elements)
		}
	}
	return 0
}

// freshly tells whether the account's token is so young that LinkedIn may not know it yet everywhere. A token lives 60
// days as a rule, so its end tells its beginning; one of another length is never young.
// https://github.com/decioferreira/omniauth-linkedin-oauth2/issues/17
func (c *Connector) freshly(s connector.Session) bool {
	if s.Account.ExpiresAt.IsZero() {
		return false
	}
	age := c.cfg.Now().Sub(s.Account.ExpiresAt.Add(-tokenLife))
	return age > -freshFor && age < freshFor
}
