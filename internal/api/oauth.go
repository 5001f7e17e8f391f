package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/tenant"
)

// Grant is what one consent at a platform reaches: the accounts to choose from.
type Grant struct {
	ID        string         `json:"id" example:"grt_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Platform  string         `json:"platform" example:"meta"`
	ExpiresAt time.Time      `json:"expires_at" doc:"Until when accounts can be chosen: 15 minutes after the consent."`
	Declined  []string       `json:"declined" nullable:"false" doc:"Scopes that were asked for and refused."`
	Accounts  []GrantAccount `json:"accounts" nullable:"false"`
}

// GrantAccount is an account the person can link.
type GrantAccount struct {
	CandidateID  string `json:"candidate_id" doc:"What createConnections takes."`
	Kind         string `json:"kind" example:"facebook_page"`
	ExternalID   string `json:"external_id" example:"111111111111111"`
	Name         string `json:"name" example:"Cafe Ada"`
	Username     string `json:"username" doc:"Without @; may be empty."`
	AvatarURL    string `json:"avatar_url" doc:"May be empty."`
	ProfileURL   string `json:"profile_url" doc:"May be empty."`
	Usable       bool   `json:"usable" doc:"false: it cannot be published to; reason says why."`
	Reason       string `json:"reason" doc:"May be empty."`
	Linked       bool   `json:"linked" doc:"It is linked already; linking it again renews its access."`
	ConnectionID string `json:"connection_id,omitempty" doc:"The connection, when it is linked already."`
}

type (
	startInput struct {
		PlatformParam
		ReturnTo  string `query:"return_to" maxLength:"512" doc:"Path of the page to come back to." example:"/accounts"`
		Reconnect string `query:"reconnect" maxLength:"64" doc:"The connection to heal; another account is then refused." example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
	}
	callbackInput struct {
		PlatformParam
		State string `query:"state" doc:"As given to the platform."`
		Code  string `query:"code" doc:"The platform's code."`
	}
	redirect struct {
		Location     string `header:"Location" doc:"Where to go."`
		CacheControl string `header:"Cache-Control" hidden:"true"`
	}
	grantInput struct {
		ID string `path:"grant_id" example:"grt_01kav8q2m4e9w3x6t0y5r7n1zd"`
	}
	grantOutput struct{ Body Grant }
)

// OAuth serves /v1/oauth.
type OAuth struct {
	PublicURL string // the page's origin, no trailing slash
}

func (r OAuth) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "startConnect", Method: http.MethodGet, Path: "/v1/oauth/{platform}/start", DefaultStatus: http.StatusFound,
		Tags: []string{tagConnect}, Summary: "Go to the platform's consent screen",
		Description: "For a browser: it answers with a redirect to the platform. What goes wrong is a redirect to /accounts with " +
			"`problem=<code>`, so that a person reads a sentence.",
	}, tenant.Public, r.start)
	route(s, huma.Operation{
		OperationID: "finishConnect", Method: http.MethodGet, Path: "/v1/oauth/{platform}/callback", DefaultStatus: http.StatusFound,
		Tags: []string{tagConnect}, Summary: "Where the platform sends the browser back",
		Description: "Answers with a redirect to /connect/{grant_id}, or to /accounts?problem=<code>&platform=<platform> where code is one of " +
			"`denied`, `state_used`, `foreign_browser`, `code_expired`, `permission_missing`, `no_accounts`, `platform_down`, `failed`, " +
			"`different_account`, `signed_out`, `not_allowed`, `platform_off`.",
	}, tenant.Public, r.callback)
}

// Grants serves /v1/oauth/grants.
type Grants struct{}

func (r Grants) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "getGrant", Method: http.MethodGet, Path: "/v1/oauth/grants/{grant_id}",
		Tags: []string{tagConnect}, Summary: "The accounts a consent reaches",
	}, tenant.Connect, r.get)
}
