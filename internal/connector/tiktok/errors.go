package tiktok

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

// nativeError is a refusal. What the platform says in words is not kept: it may repeat what it was sent.
type nativeError struct {
	code  string // of an answer without one: "http_500"
	logID string
}

var (
	codeShape = regexp.MustCompile(`^[a-z][a-z_]{1,63}$`)
	logShape  = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)
)

// parseError reads both envelopes: {"error":{"code":…}} of the API and {"error":"…"} of the token endpoint. known is false
// where a success says nothing about errors.
func parseError(status int, body []byte) (e nativeError, known bool) {
	var envelope struct {
		Error json.RawMessage `json:"error"`
		LogID json.RawMessage `json:"log_id"`
	}
	_ = json.Unmarshal(body, &envelope) // a list has no error in it
	var fields map[string]json.RawMessage
	code, found := "", len(envelope.Error) > 0 && string(envelope.Error) != "null"
	if json.Unmarshal(envelope.Error, &code) != nil && json.Unmarshal(envelope.Error, &fields) == nil {
		_ = json.Unmarshal(fields["code"], &code) // left empty: an unknown code
		envelope.LogID = fields["log_id"]
		if len(envelope.LogID) == 0 {
			envelope.LogID = fields["logid"]
		}
	}
	_ = json.Unmarshal(envelope.LogID, &e.logID) // left empty
	if !logShape.MatchString(e.logID) {
		e.logID = ""
	}
	switch {
	case code == "ok" && status < http.StatusBadRequest, found && code != "" && code != "ok":
		e.code = code
	case status >= http.StatusBadRequest:
		e.code = "http_" + strconv.Itoa(status)
	case found && len(fields) > 0 && code == "":
		return e, false
	case found && code == "" && string(envelope.Error) != `""`:
		return e, false
	default:
		return e, false
	}
	if e.code != "ok" && !codeShape.MatchString(e.code) && !strings.HasPrefix(e.code, "http_") {
		e.code = "unreadable" // it may hold anything
	}
	return e, true
}

// row says what one native code means to us.
type row struct {
	code    string
	ops     []operation // empty = all
	class   problem.Class
	field   string
	message string
	action  problem.Action // zero = the class's own
	after   time.Duration  // rate_limited: how long to stay away where TikTok names no time
	scope   problem.Scope
	source  string
}

// classify turns a native error into ours. The first row that fits decides.
func (c *Connector) classify(ctx context.Context, op operation, e nativeError, res *rest.Response) error {
	r := find(op, e, res.Status)
	p := problem.New(r.class, r.message)
	p.Platform, p.Code, p.Field, p.Rule = Platform, e.code, r.field, r.source
	if r.action.Kind != "" {
		p.Action = r.action
	}
	if p.Class == problem.RateLimited {
		p.RetryAfter, p.Scope = max(r.after, rest.RetryAfter(res.Header, c.cfg.Now())), r.scope
	}
	level := slog.LevelInfo
	if p.Class == problem.Unclassified {
		level = slog.LevelWarn // the table must grow
	}
	c.cfg.Log.LogAttrs(ctx, level, "the platform refused a call", slog.String("platform", Platform), slog.String("operation", string(op)),
		slog.Int("status", res.Status), slog.String("native_code", e.code), slog.String("class", string(p.Class)), slog.String("log_id", e.logID))
	return p
}

// find gives the row of a code, or one for the status where no row has it.
func find(op operation, e nativeError, status int) row {
	for _, r := range rows() {
		if r.code == e.code && (len(r.ops) == 0 || slices.Contains(r.ops, op)) {
			return r
		}
	}
	switch {
	case strings.HasPrefix(e.code, "spam_risk"):
		return row{class: problem.PolicyBlocked, message: "TikTok does not take this post from the account right now.", source: docErrors, action: inTheApp}
	case status == http.StatusUnauthorized:
		return row{class: problem.AuthExpired, message: "TikTok does not accept the access to this account any more.", source: docErrors}
	case status == http.StatusTooManyRequests:
		return row{class: problem.RateLimited, message: "TikTok asks us to slow down.", after: windowPause, source: docRates}
	case status >= http.StatusInternalServerError:
		return row{class: problem.Transient, message: "TikTok could not say whether it worked.", source: docErrors}
	default:
		return row{class: problem.Unclassified, message: "TikTok refused this for a reason that Herald does not know yet.", source: docErrors}
	}
}

// invalid is a refusal of our own, before anything is sent.
func invalid(field, message, rule string) error {
	e := problem.New(problem.InvalidContent, message).On(field)
	e.Platform, e.Code, e.Rule = Platform, "checked_here", rule
	return e
}
