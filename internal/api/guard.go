package api

import (
	"context"
	"crypto/hmac"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/tenant"
)

const (
	cookieName = "herald_session"
	csrfHeader = "X-CSRF-Token"
)

// SessionReader finds who a token belongs to; its errors are problems of the class unauthorized.
type SessionReader interface {
	Resolve(ctx context.Context, token string) (tenant.Session, error)
}

// guard is what stands in front of every operation.
type guard struct{ Config }

// call is what the guard knows of a request.
type call struct {
	id      string
	path    string
	origin  string // scheme and host the browser uses, no trailing slash
	key     string // Idempotency-Key; empty = none
	token   string
	session tenant.Session
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return &call{}
	}
	return c
}

func requestID(ctx context.Context) string   { return callOf(ctx).id }
func requestPath(ctx context.Context) string { return callOf(ctx).path }

// sessionOf is the caller; the zero Session in an operation that takes anyone.
func sessionOf(ctx context.Context) tenant.Session { return callOf(ctx).session }

// operation is the one place that decides whether a request may reach an operation.
func (g *guard) operation(op *huma.Operation, need tenant.Permission, next http.Handler) http.Handler {
	own, _ := op.Metadata[metaOwnKey].(bool)
	optional, _ := op.Metadata[metaOptional].(bool)
	keyed := g.idempotent(op.OperationID, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		err := g.admit(r, c, need, optional)
		if err == nil {
			err = wellFormedPath(r)
		}
		if err == nil {
			c.key, err = idempotencyKey(r.Header)
		}
		switch {
		case err != nil:
			g.refuse(w, r, err)
		case c.key != "" && r.Method == http.MethodPost && need != tenant.Public && !own:
			keyed.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// admit resolves the caller and checks where the request comes from and what the caller may do.
func (g *guard) admit(r *http.Request, c *call, need tenant.Permission, optional bool) error {
	token, bearer := tokenOf(r)
	unsafe := r.Method != http.MethodGet && r.Method != http.MethodHead
	if unsafe && !bearer && foreign(r, c.origin) {
		return problem.New(problem.Forbidden, "This request comes from another site.")
	}
	if need == tenant.Public && !optional {
		return nil
	}
	session, err := g.Sessions.Resolve(r.Context(), token)
	if optional && problem.ClassOf(err) == problem.Unauthorized {
		return nil
	}
	if err != nil {
		return err
	}
	c.token, c.session = token, session
	if unsafe && !bearer && !hmac.Equal([]byte(r.Header.Get(csrfHeader)), []byte(tenant.CSRF(token))) {
		return problem.New(problem.Forbidden, "The request lacks the session's "+csrfHeader+" header. Reload the page and try again.")
	}
	if !session.Role.May(need) {
		return problem.Newf(problem.Forbidden, "Your role in this workspace (%s) does not allow this.", session.Role)
	}
	return nil
}

// tokenOf takes the session's token from the Authorization header or the cookie. API Gateway gives cookies in a list
// of their own and other front ends in the header; net/http sees both alike.
func tokenOf(r *http.Request) (token string, bearer bool) {
	scheme, value, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(value), true
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value, false
	}
	return "", false
}

// foreign tells whether a browser says that another site made the request. A program that says nothing has no
// cookie of ours to be abused.
func foreign(r *http.Request, origin string) bool {
	if o := r.Header.Get("Origin"); o != "" && !strings.EqualFold(o, origin) {
		return true
	}
	return r.Header.Get("Sec-Fetch-Site") == "cross-site"
}

// wellFormedPath refuses ids that cannot exist, before anything is looked up.
func wellFormedPath(r *http.Request) error {
	for name, prefix := range map[string]string{"connection_id": "con_", "post_id": "pst_", "media_id": "med_", "grant_id": "grt_"} {
		if v := r.PathValue(name); v != "" && !tenant.WellFormed(v, prefix) {
			return nothingThere()
		}
	}
	if v := r.PathValue("job_id"); v != "" {
		post, con, ok := strings.Cut(v, ".")
		if !ok || !tenant.WellFormed(post, "pst_") || !tenant.WellFormed(con, "con_") {
			return nothingThere()
		}
	}
	return nil
}

func nothingThere() error {
	p := problem.New(problem.NotFound, "There is no such thing in this workspace.")
	p.Action = problem.Action{Kind: problem.ActNone}
	return p
}

// refuse answers with the problem before huma has seen the request.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s := surface{log: g.Log}
	s.refuse(r.Context(), err).write(w)
}
