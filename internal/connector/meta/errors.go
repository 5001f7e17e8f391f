package meta

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

// Where the rows below come from. Codes that Meta does not document are known from people who met them.
const (
	srcErrors   = "https://developers.facebook.com/docs/graph-api/guides/error-handling"
	srcLimits   = "https://developers.facebook.com/docs/graph-api/overview/rate-limiting"
	srcProof    = "https://developers.facebook.com/docs/graph-api/guides/secure-requests"
	srcLogin    = "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"
	srcVersions = "https://developers.facebook.com/docs/graph-api/guides/versioning"
	srcPhoto    = "https://developers.facebook.com/docs/graph-api/reference/page/photos"
	srcTooFast  = "https://github.com/gitroomhq/postiz-app/pull/2068"
	srcSize     = "https://github.com/facebookarchive/php-graph-sdk/issues/711"
	srcUpload   = "https://github.com/facebookarchive/php-graph-sdk/issues/923"
	srcAbusive  = "https://github.com/facebookarchive/php-graph-sdk/issues/528"
	srcComments = "https://developers.facebook.com/docs/pages-api/comments-mentions"
	srcReels    = "https://developers.facebook.com/documentation/video-api/guides/reels-publishing"
	srcPieces   = "https://github.com/facebook/facebook-python-business-sdk/blob/main/facebook_business/video_uploader.py"
	srcReported = "https://bundle.social/facebook-api/errors"
)

// graphError is Meta's error envelope. Only message, type, code and fbtrace_id are always there; type says
// OAuthException for nearly everything. https://developers.facebook.com/docs/graph-api/guides/error-handling
type graphError struct {
	Message     string `json:"message"`
	Code        int    `json:"code"` // -100 and below: the status of an answer without an envelope; -1 and -2 are Meta's own
	Subcode     int    `json:"error_subcode"`
	IsTransient bool   `json:"is_transient"`
	Trace       string `json:"fbtrace_id"`
	Kind        string `json:"-"` // what the upload host says instead of a code
}

func (e *graphError) code() string {
	if e.Kind != "" {
		return e.Kind
	}
	if e.Code <= -100 {
		return "http_" + strconv.Itoa(-e.Code)
	}
	s := strconv.Itoa(e.Code)
	if e.Subcode != 0 {
		s += "/" + strconv.Itoa(e.Subcode)
	}
	return s
}

// parseError finds the error in an answer; nil when it is a success. An answer with an error in it is an error even
// with status 200, and a status from 400 on is one even without an envelope.
func parseError(status int, body []byte) *graphError {
	var envelope struct {
		Error  json.RawMessage `json:"error"`
		Upload json.RawMessage `json:"debug_info"`
	}
	_ = json.Unmarshal(body, &envelope) // a list or a bare true has no error in it
	if e := parseUploadError(status, envelope.Upload); e != nil {
		return e
	}
	if e := parseLoginError(body); e != nil {
		return e
	}
	if len(envelope.Error) == 0 || string(envelope.Error) == "null" || string(envelope.Error) == "false" {
		if status >= http.StatusBadRequest {
			return &graphError{Code: -status}
		}
		return nil
	}
	// Each field by itself: one of an unexpected type must not hide the others.
	var fields map[string]json.RawMessage
	if json.Unmarshal(envelope.Error, &fields) != nil {
		return &graphError{Code: -max(status, 100)} // {"error":"some text"}
	}
	e := &graphError{}
	for name, into := range map[string]any{
		"message": &e.Message, "code": &e.Code, "error_subcode": &e.Subcode, "is_transient": &e.IsTransient, "fbtrace_id": &e.Trace,
	} {
		if raw, ok := fields[name]; ok {
			_ = json.Unmarshal(raw, into) // left at zero: an unknown code is unclassified
		}
	}
	return e
}

// parseLoginError reads the shape of the host where Instagram Login exchanges its codes; nil when it is not that. Its code
// is always 400, whatever the status, so that what is wrong is told by the text alone.
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
func parseLoginError(body []byte) *graphError {
	var e struct {
		Type    string `json:"error_type"`
		Message string `json:"error_message"`
	}
	if json.Unmarshal(body, &e) != nil || trace(e.Type) == "" {
		return nil
	}
	return &graphError{Code: -http.StatusBadRequest, Message: e.Message}
}

// parseUploadError reads the upload host's own shape; nil when it is not that.
// https://developers.facebook.com/documentation/video-api/guides/reels-publishing
func parseUploadError(status int, raw json.RawMessage) *graphError {
	var info struct {
		Retriable bool   `json:"retriable"`
		Type      string `json:"type"`
	}
	if json.Unmarshal(raw, &info) != nil || trace(info.Type) == "" {
		return nil
	}
	return &graphError{Code: -status, Kind: info.Type, IsTransient: info.Retriable}
}

// row says what one native error means to us.
type row struct {
	code, to int // to: end of a range of codes; 0 = code alone
	subcode  int // anySubcode = all that have no row of their own
	ops      []operation
	text     string // the native message has this in it
	kind     string // the upload host's word; such rows have no code
	class    problem.Class
	field    string
	message  string
	action   problem.Action // zero = the class's own
	after    time.Duration  // rate_limited: how long to stay away where Meta names no time; policy_blocked: a rest for the account
	scope    problem.Scope  // rate_limited: the app's calls, or one kind of post; zero = a person's, a Page's or an account's
	source   string
}

const anySubcode = -1

// Calls without an estimate are stopped this long: calling on while throttled lengthens the block (srcLimits).
const throttlePause = 5 * time.Minute

// classify turns a native error into ours. The first row that fits decides: rows that look at the operation or the
// text come first, then exact subcodes, then whole codes.
func (c *Connector) classify(ctx context.Context, op operation, e *graphError, res *rest.Response) error {
	r := find(op, e)
	p := problem.New(r.class, r.message)
	p.Platform, p.Code, p.Field, p.Rule = Platform, e.code(), r.field, r.source
	if r.action.Kind != "" {
		p.Action = r.action
	}
	if p.Class == problem.PolicyBlocked {
		p.RetryAfter = r.after
	}
	if p.Class == problem.RateLimited {
		p.RetryAfter, p.Scope = r.after, r.scope
		if asked := max(regain(res.Header), rest.RetryAfter(res.Header, c.cfg.Now())); asked > 0 {
			p.RetryAfter = max(asked, time.Minute)
		}
	}
	attrs := []slog.Attr{
		slog.String("platform", Platform), slog.String("operation", string(op)), slog.Int("status", res.Status),
		slog.String("native_code", p.Code), slog.String("class", string(p.Class)), slog.String("fbtrace_id", trace(e.Trace)),
	}
	level := slog.LevelInfo
	if p.Class == problem.Unclassified {
		level = slog.LevelWarn // the table must grow
	}
	c.cfg.Log.LogAttrs(ctx, level, "the platform refused a call", attrs...)
	return p
}

func find(op operation, e *graphError) row {
	for _, r := range slices.Concat(instagramRows(), rows()) {
		if !r.fits(op, e) {
			continue
		}
		if e.IsTransient && r.class == problem.InvalidContent {
			break // Meta says that it is not the content
		}
		return r
	}
	switch {
	case e.IsTransient, e.Kind == "" && e.Code <= -http.StatusInternalServerError:
		return row{class: problem.Transient, message: "Facebook could not finish this just now.", source: srcErrors}
	case e.Code == -http.StatusTooManyRequests:
		return row{class: problem.RateLimited, message: "Facebook asks us to slow down.", after: throttlePause, source: srcLimits}
	default:
		return row{class: problem.Unclassified, message: "Facebook refused this with an error that Herald does not know yet.", action: problem.Action{Kind: problem.ActOperator, Label: "Tell your operator the code of the error"}, source: srcErrors}
	}
}

func (r row) fits(op operation, e *graphError) bool {
	if r.kind != "" || e.Kind != "" {
		return r.kind == e.Kind && (len(r.ops) == 0 || slices.Contains(r.ops, op))
	}
	if r.code != anyCode && e.Code != r.code && (r.to == 0 || e.Code < r.code || e.Code > r.to) {
		return false
	}
	if r.subcode != anySubcode && r.subcode != e.Subcode {
		return false
	}
	if len(r.ops) > 0 && !slices.Contains(r.ops, op) {
		return false
	}
	return r.text == "" || strings.Contains(strings.ToLower(e.Message), r.text)
}

// trace keeps Meta's support id, if it looks like one.
func trace(s string) string {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' {
			return ""
		}
	}
	if len(s) > 40 {
		return ""
	}
	return s
}

// regain reads how long Meta wants us to stay away, in minutes, from the usage headers. A malformed header says nothing.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
func regain(h http.Header) time.Duration {
	var usage map[string][]struct {
		Minutes float64 `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &usage) != nil {
		return 0
	}
	longest := 0.0
	for _, list := range usage {
		for _, u := range list {
			longest = max(longest, u.Minutes)
		}
	}
	return time.Duration(min(longest, 48*60) * float64(time.Minute))
}
