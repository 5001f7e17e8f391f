// Package api is Herald's HTTP surface: one file per resource with its operations, wire types and handlers, and the
// things every request goes through (request id, session, CSRF, role, idempotency, problem documents).
package api

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/replay"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Version is the API's version in the OpenAPI document.
const Version = "1.0.0"

// Config is what every HTTP function gives.
type Config struct {
	Sessions  SessionReader    // resolves the caller
	Answers   replay.Store     // keeps the answers of POSTs with an Idempotency-Key
	PublicURL string           // the page's origin without trailing slash, "https://herald.example"
	Now       func() time.Time // the clock
	NewID     func() string    // request ids
	Log       *slog.Logger
}

// Resource is a group of operations: Sessions, Posts, Media, …
type Resource interface{ mount(s *surface) }

// surface is where resources mount their operations.
type surface struct {
	api        huma.API
	log        *slog.Logger
	documented bool // describe the operations, too; costs start-up time, so only the docs function asks for it
}

// New makes the handler of one HTTP function. It serves the operations of the given resources and nothing else:
// building an operation costs start-up time, so a function mounts only its own.
func New(c Config, resources ...Resource) http.Handler {
	g := &guard{Config: c}
	a := &adapter{guard: g}
	s := &surface{api: newHuma(a), log: c.Log}
	for _, r := range resources {
		a.next()
		r.mount(s)
	}
	return g.everyRequest(a)
}

func newHuma(a huma.Adapter) huma.API {
	return huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			Info:       &huma.Info{Title: "Herald", Version: Version},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{transform},
	}, a)
}

// adapter puts the guard in front of each operation: huma parses nothing before the caller is known. Each resource has
// a mux of its own, asked in order, because one mux refuses /v1/oauth/grants/{grant_id} beside
// /v1/oauth/{platform}/start: neither is more specific.
type adapter struct {
	muxes []*http.ServeMux
	guard *guard
}

func (a *adapter) next() { a.muxes = append(a.muxes, http.NewServeMux()) }

func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler(humago.NewContext(op, r, w)) })
	need, _ := op.Metadata[metaPermission].(tenant.Permission)
	a.muxes[len(a.muxes)-1].Handle(op.Method+" "+op.Path, a.guard.operation(op, need, h))
}

func (a *adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, mux := range a.muxes {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
	}
	a.nowhere(w, r)
}

// nowhere answers a path that is not there (404) or is there for other methods only (405).
func (a *adapter) nowhere(w http.ResponseWriter, r *http.Request) {
	p := newProblem(r.Context(), r.URL.Path, problem.New(problem.NotFound, "There is nothing at this path."))
	p.Action = problem.Action{Kind: problem.ActNone}
	var allowed []string
	for _, mux := range a.muxes {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "" {
				allowed = append(allowed, method)
			}
		}
	}
	if len(allowed) > 0 {
		p.Status, p.Title, p.Detail = http.StatusMethodNotAllowed, "Not possible here", "This path does not take this method."
		p.Class, p.Type = problem.InvalidRequest, problemDocs+string(problem.InvalidRequest)
		w.Header().Set("Allow", strings.Join(allowed, ", "))
	}
	p.write(w)
}
