package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Grant is what one consent at a platform reaches: the accounts to choose from.
type Grant struct {
	ID        string         `json:"id" example:"grt_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Platform  string         `json:"platform" example:"meta"`
	Login     string         `json:"login" doc:"The platform's login that was used." example:"facebook"`
	ExpiresAt time.Time      `json:"expires_at" doc:"Until when accounts can be chosen: 15 minutes after the consent."`
	Declined  []string       `json:"declined" nullable:"false" doc:"Scopes that were asked for and refused."`
	Reconnect string         `json:"reconnect,omitempty" doc:"The connection this consent is to heal: the grant then reaches that account only."`
	ReturnTo  string         `json:"return_to" doc:"Path of the page to go to afterwards." example:"/accounts"`
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
		Login     string `query:"login" maxLength:"64" doc:"One of the platform's logins; absent = its first. A reconnect uses the login by which the account was linked." example:"facebook"`
		Reconnect string `query:"reconnect" maxLength:"64" doc:"The connection to heal; another account is then refused." example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
	}
	callbackInput struct {
		PlatformParam
		State string `query:"state" doc:"As given to the platform."`
		Code  string `query:"code" doc:"The platform's code."`
		query url.Values
	}
	redirect struct {
		Location string `header:"Location" doc:"Where to go."`
	}
	grantInput struct {
		ID string `path:"grant_id" example:"grt_01kav8q2m4e9w3x6t0y5r7n1zd"`
	}
	grantOutput struct{ Body Grant }
)

// OAuth serves /v1/oauth.
type OAuth struct {
	Linking *connection.Linking
	Log     *slog.Logger
}

func (r OAuth) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "startConnect", Method: http.MethodGet, Path: "/v1/oauth/{platform}/start", DefaultStatus: http.StatusFound,
		Metadata: map[string]any{metaOptional: true},
		Tags:     []string{tagConnect}, Summary: "Go to the platform's consent screen",
		Description: "For a browser: it answers with a redirect to the platform. What goes wrong is a redirect to /accounts with " +
			"`problem=<code>`, so that a person reads a sentence.",
	}, tenant.Public, r.start)
	route(s, huma.Operation{
		OperationID: "finishConnect", Method: http.MethodGet, Path: "/v1/oauth/{platform}/callback", DefaultStatus: http.StatusFound,
		Metadata: map[string]any{metaOptional: true},
		Tags:     []string{tagConnect}, Summary: "Where the platform sends the browser back",
		Description: "Answers with a redirect to /connect/{grant_id}, or to /accounts?problem=<code>&platform=<platform>&login=<login> where code is one of " +
			"`denied`, `state_used`, `foreign_browser`, `code_expired`, `permission_missing`, `no_accounts`, `platform_down`, `failed`, " +
			"`different_account`, `signed_out`, `not_allowed`, `platform_off`.",
	}, tenant.Public, r.callback)
}

// Grants serves /v1/oauth/grants.
type Grants struct{ Connections *connection.Service }

func (r Grants) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "getGrant", Method: http.MethodGet, Path: "/v1/oauth/grants/{grant_id}",
		Tags: []string{tagConnect}, Summary: "The accounts a consent reaches",
	}, tenant.Connect, r.get)
}

// Resolve keeps the whole query: what a platform sends back differs, and its connector reads it.
func (in *callbackInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	in.query = u.Query()
	return nil
}

func (r OAuth) start(ctx context.Context, in *startInput) (*redirect, error) {
	to, err := r.Linking.Start(ctx, sessionOf(ctx), connection.Way{
		Platform: in.Platform, Login: in.Login, Reconnect: in.Reconnect, ReturnTo: in.ReturnTo,
	}, redirectURI(ctx, in.Platform))
	if err != nil {
		return r.back(ctx, in.Platform, err), nil
	}
	return &redirect{Location: to}, nil
}

func (r OAuth) callback(ctx context.Context, in *callbackInput) (*redirect, error) {
	grant, err := r.Linking.Finish(ctx, sessionOf(ctx), in.Platform, in.query, redirectURI(ctx, in.Platform))
	if err != nil {
		return r.back(ctx, in.Platform, err), nil
	}
	return &redirect{Location: callOf(ctx).origin + "/connect/" + grant}, nil
}

// back sends the person to the page with the code of what went wrong, never with a word of the platform's.
func (r OAuth) back(ctx context.Context, platform string, err error) *redirect {
	code := connection.FailureCode(err)
	r.Log.WarnContext(ctx, "consent failed", slog.String("platform", platform), slog.String("reason", code), slog.String("error", causes(err)))
	q := url.Values{"problem": {code}}
	if _, known := r.Linking.Connectors[platform]; known {
		q.Set("platform", platform)
		if login := connection.FailureLogin(err); login != "" {
			q.Set("login", login)
		}
	}
	return &redirect{Location: callOf(ctx).origin + "/accounts?" + q.Encode()}
}

// redirectURI must be byte-equal at the start, at the callback and in the platform's app settings.
func redirectURI(ctx context.Context, platform string) string {
	return callOf(ctx).origin + "/v1/oauth/" + url.PathEscape(platform) + "/callback"
}

func (r Grants) get(ctx context.Context, in *grantInput) (*grantOutput, error) {
	g, err := r.Connections.Grant(ctx, sessionOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, err
	}
	out := &grantOutput{Body: Grant{
		ID: g.ID, Platform: g.Platform, Login: g.Login, ExpiresAt: moment(g.ExpiresAt), Declined: filled(g.Declined), Reconnect: g.Reconnect,
		ReturnTo: g.ReturnTo, Accounts: make([]GrantAccount, 0, len(g.Accounts)),
	}}
	for _, a := range g.Accounts {
		account := GrantAccount{
			CandidateID: a.ConnectionID, Kind: a.Kind, ExternalID: a.ExternalID, Name: a.Name, Username: a.Username, AvatarURL: a.AvatarURL,
			ProfileURL: a.ProfileURL, Usable: a.Usable, Reason: a.Reason, Linked: a.Linked,
		}
		if a.Linked {
			account.ConnectionID = a.ConnectionID
		}
		out.Body.Accounts = append(out.Body.Accounts, account)
	}
	return out, nil
}
