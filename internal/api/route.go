package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/tenant"
)

// The tags group operations in the OpenAPI document.
const (
	tagSession     = "Session"
	tagWorkspace   = "Workspace"
	tagPlatforms   = "Platforms"
	tagConnect     = "Connecting accounts"
	tagConnections = "Connections"
	tagMedia       = "Media"
	tagPosts       = "Posts"
	tagJobs        = "Jobs"
	tagInsights    = "Insights"
	tagWebhooks    = "Webhooks"
	tagComments    = "Comments"
)

// metaPermission is the operation's Metadata key under which guard finds what the caller must be allowed to do.
const metaPermission = "permission"

// More keys of an operation's Metadata.
const (
	metaOptional = "optional_session" // anyone may call it; a session is resolved when there is one
	metaOwnKey   = "own_key"          // the handler deals with the Idempotency-Key itself
)

// Idempotent is the header every POST takes.
type Idempotent struct {
	Key string `header:"Idempotency-Key" minLength:"1" maxLength:"255" doc:"Any printable ASCII text, 1 to 255 characters. The same key with the same body gives the first answer again, with the header Idempotent-Replayed: true, instead of doing the work twice; with another body it is a 422, and while the first request still runs a 409. Kept for 24 hours." example:"01kav8q2m4e9w3x6t0y5r7n1zd"`
}

// route registers one operation: what it asks of the caller, how it is documented, and the handler whose errors
// become problem documents.
func route[I, O any](s *surface, op huma.Operation, need tenant.Permission, h func(context.Context, *I) (*O, error)) {
	if op.Metadata == nil {
		op.Metadata = map[string]any{}
	}
	op.Metadata[metaPermission] = need
	op.MaxBodyBytes = -1 // limitBody has done it for every operation
	op.BodyReadTimeout = -1
	op.RejectUnknownQueryParameters = need != tenant.Public
	if s.documented {
		document(s, &op, need)
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, s.refuse(ctx, err)
		}
		return out, nil
	})
}

// document adds what every operation has in the OpenAPI document.
func document(s *surface, op *huma.Operation, need tenant.Permission) {
	switch {
	case need == tenant.Public:
		op.Security = []map[string][]string{}
	case op.Method == http.MethodGet:
		op.Security = []map[string][]string{{"session": {}}, {"bearer": {}}}
	default:
		op.Security = []map[string][]string{{"session": {}, "csrf": {}}, {"bearer": {}}}
	}
	if need != tenant.Public && need != tenant.Member {
		op.Extensions = map[string]any{"x-permission": string(need)}
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = &huma.Response{
		Description: "A problem document. `class` says how to treat it, `detail` is a sentence for a person, `errors` names the wrong fields.",
		Content:     map[string]*huma.MediaType{problemType: {Schema: schemaOf[Problem](s)}},
	}
}

func schemaOf[T any](s *surface) *huma.Schema {
	t := reflect.TypeFor[T]()
	return s.api.OpenAPI().Components.Schemas.Schema(t, true, t.Name())
}
