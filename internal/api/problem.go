package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/store"
)

const (
	problemType = "application/problem+json"
	problemDocs = "https://github.com/herald-publishing/herald/blob/main/docs/problems.md#"
)

// Problem is the body of every answer that is not a success (RFC 9457).
type Problem struct {
	Type      string         `json:"type" format:"uri" doc:"Names the kind of problem and leads to its description." example:"https://github.com/herald-publishing/herald/blob/main/docs/problems.md#invalid_content"`
	Title     string         `json:"title" doc:"The kind of problem in a few words." example:"The content cannot be published as it is"`
	Status    int            `json:"status" doc:"The HTTP status." example:"422"`
	Detail    string         `json:"detail" doc:"One sentence a person can read." example:"The text of one target is too long."`
	Instance  string         `json:"instance" doc:"The path that was asked for." example:"/v1/posts"`
	Class     problem.Class  `json:"class" doc:"How to treat it; the values are stable." enum:"auth_expired,auth_revoked,permission_missing,rate_limited,transient,platform_down,invalid_content,policy_blocked,duplicate,not_found,unclassified,invalid_request,too_large,unauthorized,forbidden,conflict,quota_exceeded,internal"`
	RequestID string         `json:"request_id" doc:"What to tell the operator." example:"req_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Action    problem.Action `json:"action" doc:"What helps."`
	Errors    []FieldProblem `json:"errors,omitempty" nullable:"false" doc:"Each wrong field, when the problem is about fields."`

	retryAfter time.Duration
	cause      error
}

// FieldProblem is one wrong field.
type FieldProblem struct {
	Field        string        `json:"field" doc:"Where in the request: a path like targets[0].text, a parameter or a header." example:"targets[0].text"`
	ConnectionID string        `json:"connection_id,omitempty" doc:"The account that would refuse it, when it is about one target."`
	Class        problem.Class `json:"class,omitempty" doc:"The class of this one, when it differs from the document's."`
	Message      string        `json:"message" doc:"One sentence a person can read." example:"Facebook takes at most 63,206 characters; this text has 63,207."`
	Rule         string        `json:"rule,omitempty" format:"uri" doc:"The platform's page that states the rule."`
}

// Error is the sentence; huma wants an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders is what goes beside the body, for huma.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	p.headers(h)
	return h
}

// ContentType is the media type, for huma.
func (p *Problem) ContentType(string) string { return problemType }

func (p *Problem) headers(h http.Header) {
	h.Set("Cache-Control", "no-store")
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
}

// statusOf is the one table from class to HTTP status. What is wrong between Herald and a platform's account is a
// 409 (the account must change first), never a 401: that one speaks about the caller's own session.
func statusOf(c problem.Class) int {
	switch c {
	case problem.InvalidRequest, problem.InvalidContent, problem.PolicyBlocked:
		return http.StatusUnprocessableEntity
	case problem.TooLarge:
		return http.StatusRequestEntityTooLarge
	case problem.Unauthorized:
		return http.StatusUnauthorized
	case problem.Forbidden:
		return http.StatusForbidden
	case problem.NotFound:
		return http.StatusNotFound
	case problem.Conflict, problem.Duplicate, problem.AuthExpired, problem.AuthRevoked, problem.PermissionMissing:
		return http.StatusConflict
	case problem.RateLimited, problem.QuotaExceeded:
		return http.StatusTooManyRequests
	case problem.Transient, problem.PlatformDown:
		return http.StatusServiceUnavailable
	case problem.Unclassified:
		return http.StatusBadGateway
	default:
		return http.StatusInternalServerError
	}
}

func titleOf(c problem.Class) string {
	switch c {
	case problem.AuthExpired:
		return "The account's access has ended"
	case problem.AuthRevoked:
		return "The account's access was taken back"
	case problem.PermissionMissing:
		return "The account lacks a permission"
	case problem.RateLimited:
		return "Too many requests"
	case problem.Transient:
		return "It did not work this time"
	case problem.PlatformDown:
		return "The platform does not work right now"
	case problem.InvalidContent:
		return "The content cannot be published as it is"
	case problem.PolicyBlocked:
		return "The platform's rules forbid it"
	case problem.Duplicate:
		return "It exists already"
	case problem.NotFound:
		return "Not found"
	case problem.Unclassified:
		return "The platform answered something unknown"
	case problem.InvalidRequest:
		return "The request is wrong"
	case problem.TooLarge:
		return "The request is too large"
	case problem.Unauthorized:
		return "Not signed in"
	case problem.Forbidden:
		return "Not allowed"
	case problem.Conflict:
		return "Not possible in the present state"
	case problem.QuotaExceeded:
		return "The quota is used up"
	default:
		return "Something went wrong on our side"
	}
}

// newProblem makes the answer out of any error. What is not a problem.Error is internal and says nothing of itself.
func newProblem(ctx context.Context, path string, err error) *Problem {
	switch {
	case errors.Is(err, store.ErrNotFound):
		err = nothingThere()
	case errors.Is(err, store.ErrConflict):
		err = problem.New(problem.Conflict, "Somebody else changed this at the same moment. Try again.").Because(err)
	}
	e := problem.Of(err)
	p := &Problem{
		Type: problemDocs + string(e.Class), Title: titleOf(e.Class), Status: statusOf(e.Class), Detail: e.Message,
		Instance: path, Class: e.Class, RequestID: requestID(ctx), Action: e.Action, retryAfter: e.RetryAfter, cause: err,
	}
	if e.Field != "" {
		p.Errors = []FieldProblem{{Field: e.Field, Message: e.Message, Rule: e.Rule}}
	}
	return p
}

// refuse makes the answer out of a handler's error and logs what we are to blame for.
func (s *surface) refuse(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	p = newProblem(ctx, requestPath(ctx), err)
	if p.Status >= http.StatusInternalServerError {
		s.log.ErrorContext(ctx, "request failed", slog.String("class", string(p.Class)), slog.String("error", causes(err)))
	}
	return p
}

// causes prints the chain of err below a problem.Error, which does not print its cause itself.
func causes(err error) string {
	parts := []string{err.Error()}
	var e *problem.Error
	for errors.As(err, &e) {
		if err = e.Unwrap(); err == nil {
			break
		}
		parts = append(parts, err.Error())
	}
	return strings.Join(parts, ": ")
}

// write answers a plain net/http request with the problem.
func (p *Problem) write(w http.ResponseWriter) {
	p.headers(w.Header())
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// transform turns huma's own error document (a body that does not parse, a field that does not validate) into ours.
// It drops the offending values: a password must not come back in an answer.
func transform(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	class, detail := problem.InvalidRequest, "A field of the request is wrong."
	switch m.Status {
	case http.StatusBadRequest:
		detail = "The body is missing or is not JSON."
	case http.StatusRequestEntityTooLarge:
		class, detail = problem.TooLarge, "The body is larger than 1 MB."
	case http.StatusUnsupportedMediaType:
		detail = "The body must be application/json."
	case http.StatusInternalServerError:
		return newProblem(ctx.Context(), requestPath(ctx.Context()), errors.New(m.Detail)), nil
	}
	p := newProblem(ctx.Context(), requestPath(ctx.Context()), problem.New(class, detail))
	p.Status = m.Status
	if m.Status != http.StatusUnprocessableEntity {
		return p, nil
	}
	for _, e := range m.Errors {
		field, message := sentence(e.Location, e.Message)
		p.Errors = append(p.Errors, FieldProblem{Field: field, Message: message})
	}
	if len(p.Errors) > 1 {
		p.Detail = fmt.Sprintf("%d fields of the request are wrong.", len(p.Errors))
	}
	return p, nil
}

// sentence makes a field pointer and a sentence out of huma's location and message. A message that is not in the
// list could quote the input, so it becomes a general one.
func sentence(location, message string) (field, text string) {
	field = location
	for _, prefix := range []string{"body.", "query.", "path.", "header."} {
		field = strings.TrimPrefix(field, prefix)
	}
	if location == "body" {
		field = ""
	}
	if name, ok := between(message, "expected required property ", " to be present"); ok {
		if field != "" {
			field += "."
		}
		return field + name, "This field is required."
	}
	switch {
	case message == "unexpected property":
		text = "This field is not known."
	case message == "unknown query parameter":
		text = "This parameter is not known."
	case strings.HasPrefix(message, "required ") && strings.HasSuffix(message, " parameter is missing"):
		text = "This is required."
	case strings.HasPrefix(message, "expected string to be RFC 5322 email"):
		text = "This must be an e-mail address, like ada@example.com."
	case strings.HasPrefix(message, "expected string to be RFC 3339 date-time"):
		text = "This must be a time like 2026-11-24T10:00:00Z."
	case strings.HasPrefix(message, "expected string to be RFC 3986 uri"):
		text = "This must be a URL."
	case strings.HasPrefix(message, "expected string to match pattern"):
		text = "This has characters that are not allowed here."
	case strings.HasPrefix(message, "expected value to be one of "):
		text = "This must be one of " + strings.ReplaceAll(strings.TrimPrefix(message, "expected value to be one of "), `"`, "") + "."
	default:
		text = lengths(message)
	}
	return field, text
}

func lengths(message string) string {
	for _, m := range []struct{ prefix, before, after string }{
		{"expected length >= ", "This must have at least ", " characters."},
		{"expected length <= ", "This must have at most ", " characters."},
		{"expected array length >= ", "This must have at least ", " entries."},
		{"expected array length <= ", "This must have at most ", " entries."},
		{"expected number >= ", "This must be at least ", "."},
		{"expected number <= ", "This must be at most ", "."},
	} {
		if n, ok := strings.CutPrefix(message, m.prefix); ok {
			return m.before + n + m.after
		}
	}
	switch message {
	case "expected string", "expected boolean", "expected number", "expected integer", "expected array", "expected object":
		return "This must be of the type " + strings.TrimPrefix(message, "expected ") + "."
	default:
		return "This has a value that is not allowed."
	}
}

func between(s, before, after string) (string, bool) {
	s, ok := strings.CutPrefix(s, before)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(s, after)
}
