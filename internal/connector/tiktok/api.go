package tiktok

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/rest"
)

// operation names a call for traces, the log and the choice of the error table.
type operation string

const (
	opExchange operation = "exchange"
	opRefresh  operation = "refresh"
	opRevoke   operation = "revoke"
	opUser     operation = "user_info"
	opPing     operation = "ping"
	opCounters operation = "user_stats"
	opCreator  operation = "creator_info"
	opVideo    operation = "video_init"
	opInbox    operation = "inbox_init"
	opContent  operation = "content_init"
	opUpload   operation = "upload"
	opStatus   operation = "status"
	opList     operation = "video_list"
	opQuery    operation = "video_query"
)

// request is one call of the API. Every path ends with a slash, lists of fields go into the address, and everything else
// into a JSON body.
type request struct {
	op      operation
	method  string
	path    string // "/v2/user/info/"
	session connector.Session
	fields  []string
	body    any
}

// call makes the call and decodes the answer's data into v, which may be nil. Success is the code "ok" and nothing else,
// whatever the status says. https://developers.tiktok.com/doc/tiktok-api-v2-error-handling
func (c *Connector) call(ctx context.Context, q request, v any) (*rest.Response, error) {
	r := rest.Request{
		Operation: string(q.op), Method: q.method, URL: c.cfg.APIURL + q.path, JSON: q.body,
		Header: http.Header{"Authorization": {"Bearer " + q.session.Credential.Access.Reveal()}},
	}
	if len(q.fields) > 0 {
		r.Query = url.Values{"fields": {strings.Join(q.fields, ",")}}
	}
	if r.JSON == nil && q.method == http.MethodPost {
		r.JSON = struct{}{}
	}
	res, err := c.client(q.session.HTTP).Do(ctx, r)
	if err != nil {
		return nil, err
	}
	e, known := parseError(res.Status, res.Body)
	if known && e.code != "ok" {
		return res, c.classify(ctx, q.op, e, res)
	}
	if !known {
		return res, res.Unexpected("error code")
	}
	if v == nil {
		return res, nil
	}
	return res, res.Decode(&struct {
		Data any `json:"data"`
	}{v})
}

// form is a call of the token endpoint, whose refusals are flat and may come with status 200.
// https://developers.tiktok.com/doc/oauth-error-handling
func (c *Connector) form(ctx context.Context, op operation, path string, s connector.Session, params url.Values, v any) (*rest.Response, error) {
	params.Set("client_key", c.cfg.ClientID)
	params.Set("client_secret", c.cfg.ClientSecret.Reveal())
	res, err := c.client(s.HTTP).Do(ctx, rest.Request{Operation: string(op), Method: http.MethodPost, URL: c.cfg.APIURL + path, Form: params})
	if err != nil {
		return nil, err
	}
	if e, known := parseError(res.Status, res.Body); known && e.code != "ok" {
		return res, c.classify(ctx, op, e, res)
	}
	if v == nil {
		return res, nil
	}
	return res, res.Decode(v)
}
