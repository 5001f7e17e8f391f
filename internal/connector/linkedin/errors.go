package linkedin

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

// Where the rows come from. What LinkedIn does not document is known from people who met it.
const (
	srcErrors   = "https://learn.microsoft.com/en-us/linkedin/marketing/error-responses"
	srcVersions = "https://learn.microsoft.com/en-us/linkedin/marketing/versioning"
	srcTokens   = "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow"     //nolint:gosec // an address
	srcRefresh  = "https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens" //nolint:gosec // an address
	srcLimits   = "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits"
	srcHandling = "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling"
	srcFresh    = "https://github.com/decioferreira/omniauth-linkedin-oauth2/issues/17"
	srcBasic    = "https://github.com/authlib/authlib/issues/719"
	srcScopes   = "https://github.com/gitroomhq/postiz-app/issues/1680"
)

// serviceRevoked says that a token was taken back; also of one that has only just been given.
const serviceRevoked = 65601

// codeFresh is a token that LinkedIn calls revoked although it has only just given it.
const codeFresh = "REVOKED_ACCESS_TOKEN/fresh"

// nativeError is what can be read from any of LinkedIn's envelopes. Any member may be missing.
// https://learn.microsoft.com/en-us/linkedin/marketing/error-responses
type nativeError struct {
	status  int
	code    string   // "ACCESS_DENIED", or the token endpoint's "invalid_request"
	service int      // serviceErrorCode
	inputs  []string // codes of errorDetails.inputErrors
	message string
}

// name is the native code for a person's eyes. Words are taken from the table only: a platform may repeat a secret.
func (e nativeError) name() string {
	for _, code := range append([]string{e.code}, e.inputs...) {
		if code != "" && slices.ContainsFunc(rows(), func(r row) bool { return r.code == code }) {
			return code
		}
	}
	s := "http_" + strconv.Itoa(e.status)
	if e.service > 0 && e.service < 1_000_000 {
		s += "/" + strconv.Itoa(e.service)
	}
	return s
}

// parseError finds the error in an answer; nil when it is a success.
func parseError(status int, body []byte) *nativeError {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(body, &fields) // a list has no error in it
	e := &nativeError{status: status}
	// Each field by itself: one of an unexpected type must not hide the others.
	for name, into := range map[string]any{"code": &e.code, "serviceErrorCode": &e.service, "message": &e.message} {
		_ = json.Unmarshal(fields[name], into)
	}
	said := ""
	_ = json.Unmarshal(fields["error"], &said)
	if said != "" {
		e.code = said
		_ = json.Unmarshal(fields["error_description"], &e.message)
	}
	var details struct {
		Inputs []struct {
			Code string `json:"code"`
		} `json:"inputErrors"`
	}
	_ = json.Unmarshal(fields["errorDetails"], &details)
	for _, in := range details.Inputs {
		e.inputs = append(e.inputs, in.Code)
	}
	if status >= http.StatusBadRequest || said != "" {
		return e
	}
	return nil
}

// row says what a native error means to us. The first that fits decides.
type row struct {
	status  int    // 0 = any
	code    string // the native code, in the envelope or among its details; empty = any
	service int    // 0 = any
	text    string // the message has this in it, in lower case
	ops     []operation
	class   problem.Class
	field   string
	message string
	action  problem.Action // zero = the class's own
	day     bool           // rate_limited: the counter of a day is used up
	scope   problem.Scope  // rate_limited: ScopeApp; else as the operation says
	undone  bool           // transient: certainly nothing has happened
	source  string
}

func (r row) fits(op operation, e *nativeError) bool {
	switch {
	case r.status != 0 && r.status != e.status,
		r.service != 0 && r.service != e.service,
		r.code != "" && r.code != e.code && !slices.Contains(e.inputs, r.code),
		len(r.ops) > 0 && !slices.Contains(r.ops, op):
		return false
	}
	return r.text == "" || strings.Contains(strings.ToLower(e.message), r.text)
}

// classify turns a native error into ours.
func (c *Connector) classify(ctx context.Context, op operation, s connector.Session, e *nativeError, res *rest.Response) error {
	r := find(op, e)
	code := e.name()
	if r.class == problem.AuthRevoked && (r.code == "REVOKED_ACCESS_TOKEN" || r.service == serviceRevoked) && c.freshly(s) {
		code = codeFresh
		r = row{class: problem.Transient, message: "LinkedIn does not know the new access everywhere yet.", undone: true, source: srcFresh}
	}
	p := problem.New(r.class, r.message)
	p.Platform, p.Code, p.Field, p.Rule, p.NotSent = Platform, code, r.field, r.source, r.undone
	if r.action.Kind != "" {
		p.Action = r.action
	}
	if p.Class == problem.RateLimited {
		if p.Scope = scopeOf(op); r.scope != "" {
			p.Scope = r.scope
		}
		if p.RetryAfter = rest.RetryAfter(res.Header, c.cfg.Now()); p.RetryAfter == 0 {
			p.RetryAfter = c.throttle.pause(op, s, c.cfg.Now(), r.day)
		}
	}
	level := slog.LevelInfo
	if p.Class == problem.Unclassified {
		level = slog.LevelWarn // the table must grow
	}
	c.cfg.Log.LogAttrs(ctx, level, "the platform refused a call", slog.String("platform", Platform), slog.String("operation", string(op)),
		slog.Int("status", res.Status), slog.String("native_code", p.Code), slog.String("class", string(p.Class)), slog.String("request_id", requestID(res.Header)))
	return p
}

func find(op operation, e *nativeError) row {
	for _, r := range rows() {
		if r.fits(op, e) {
			return r
		}
	}
	operator := problem.Action{Kind: problem.ActOperator, Label: "Tell your operator the code of the error"}
	switch e.status {
	case http.StatusUnauthorized:
		return row{class: problem.AuthRevoked, message: "LinkedIn does not accept the access to this account any more.", source: srcHandling}
	case http.StatusForbidden:
		return row{class: problem.PermissionMissing, message: "LinkedIn does not let Herald do this on the account.", source: srcHandling}
	case http.StatusNotFound:
		return row{class: problem.NotFound, message: "LinkedIn does not have this, or does not show it to Herald.", source: srcHandling}
	case http.StatusTooManyRequests:
		return row{class: problem.RateLimited, message: "LinkedIn takes no more of this for the moment.", source: srcLimits}
	case http.StatusConflict:
		return row{class: problem.Transient, message: "LinkedIn was busy with something else on this account.", source: srcErrors}
	case http.StatusMethodNotAllowed, http.StatusLengthRequired, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return row{class: problem.InvalidContent, message: "LinkedIn does not take this post as it is.", source: srcErrors}
	}
	if e.status >= http.StatusInternalServerError {
		return row{class: problem.Transient, message: "LinkedIn could not say whether it worked.", source: srcErrors}
	}
	return row{class: problem.Unclassified, message: "LinkedIn refused this with an error that Herald does not know yet.", action: operator, source: srcErrors}
}

// requestID is LinkedIn's name of a call for its support, if it looks like one.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Li-Uuid", "X-Li-Request-Id"} {
		v := h.Get(name)
		ok := v != "" && len(v) <= 40 && !strings.ContainsFunc(v, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("+/=_-", r)
		})
		if ok {
			return v
		}
	}
	return ""
}
