package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/tenant"
)

// Session is who the caller is.
type Session struct {
	Member    MemberInfo `json:"member"`
	Workspace Workspace  `json:"workspace"`
	CSRFToken string     `json:"csrf_token" doc:"Send it as X-CSRF-Token with every request of the session cookie that is not a GET." example:"hO2p0b3nV0m8W2c3qXbI7xkq3o2m0n8S5k1f6dJ9aZ4"`
	ExpiresAt time.Time  `json:"expires_at" doc:"When the session ends by itself." example:"2026-12-24T10:00:00Z"`
}

// MemberInfo is a person in a workspace.
type MemberInfo struct {
	ID    string      `json:"id" example:"mem_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Email string      `json:"email" example:"ada@example.com"`
	Name  string      `json:"name" example:"Ada Lovelace"`
	Role  tenant.Role `json:"role" enum:"owner,admin,editor,approver,viewer"`
}

// SignUp is the body of signUp.
type SignUp struct {
	Email     string `json:"email" format:"email" maxLength:"254" example:"ada@example.com"`
	Password  string `json:"password" minLength:"1" maxLength:"256" writeOnly:"true" doc:"At least 10 characters, with a lower-case letter and a digit." example:"Correct-Horse-42"`
	Name      string `json:"name" minLength:"1" maxLength:"100" example:"Ada Lovelace"`
	Workspace string `json:"workspace" minLength:"1" maxLength:"100" doc:"The name of the workspace that is made." example:"Cafe Ada"`
	TimeZone  string `json:"time_zone" minLength:"1" maxLength:"64" doc:"IANA name; times are shown in it." example:"Europe/Berlin"`
}

// SignIn is the body of signIn.
type SignIn struct {
	Email    string `json:"email" format:"email" maxLength:"254" example:"ada@example.com"`
	Password string `json:"password" minLength:"1" maxLength:"256" writeOnly:"true" example:"Correct-Horse-42"`
	TimeZone string `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name; used only if the workspace has to be made at this sign-in." example:"Europe/Berlin"`
}

// ConfirmSignUp is the body of confirmSignUp.
type ConfirmSignUp struct {
	Email string `json:"email" format:"email" maxLength:"254" example:"ada@example.com"`
	Code  string `json:"code" minLength:"1" maxLength:"64" doc:"From the e-mail." example:"123456"`
}

// ConfirmationNeeded is signUp's answer when the address must be confirmed before signing in.
type ConfirmationNeeded struct {
	Confirm bool `json:"confirm" doc:"Always true: a code was sent by e-mail; give it to confirmSignUp, then sign in."`
}

type (
	signUpInput struct {
		Body SignUp
	}
	signUpOutput struct {
		Status int
		Cookie string `header:"Set-Cookie" hidden:"true"`
		Body   any
	}
	signInInput struct {
		Body SignIn
	}
	confirmInput struct {
		Body ConfirmSignUp
	}
	sessionOutput struct {
		Cookie string `header:"Set-Cookie" hidden:"true"`
		Body   Session
	}
	signedOut struct {
		Cookie string `header:"Set-Cookie" hidden:"true"`
	}
	empty struct{}
)

// Sessions serves /v1/session.
type Sessions struct{ Tenants *tenant.Service }

func (r Sessions) mount(s *surface) {
	up := huma.Operation{
		OperationID: "signUp", Method: http.MethodPost, Path: "/v1/session/signup", DefaultStatus: http.StatusCreated,
		Tags: []string{tagSession}, Summary: "Make an account and its workspace",
		Description: "Signs in at once (201, with the session cookie), or answers 202 when the address has to be confirmed first.",
	}
	if s.documented {
		up.Responses = map[string]*huma.Response{
			"201": {Description: "Signed in.", Content: jsonContent(schemaOf[Session](s))},
			"202": {Description: "The address must be confirmed.", Content: jsonContent(schemaOf[ConfirmationNeeded](s))},
		}
	}
	route(s, up, tenant.Public, r.signUp)
	route(s, huma.Operation{
		OperationID: "confirmSignUp", Method: http.MethodPost, Path: "/v1/session/confirm",
		Tags: []string{tagSession}, Summary: "Confirm the e-mail address with the code that was sent to it",
	}, tenant.Public, r.confirm)
	route(s, huma.Operation{
		OperationID: "signIn", Method: http.MethodPost, Path: "/v1/session",
		Tags: []string{tagSession}, Summary: "Sign in",
		Description: "Sets the cookie herald_session. Its value also works as `Authorization: Bearer …` for programs; those need no CSRF token.",
	}, tenant.Public, r.signIn)
	route(s, huma.Operation{
		OperationID: "getSession", Method: http.MethodGet, Path: "/v1/session",
		Tags: []string{tagSession}, Summary: "Who am I",
	}, tenant.Member, r.get)
	route(s, huma.Operation{
		OperationID: "signOut", Method: http.MethodDelete, Path: "/v1/session",
		Tags: []string{tagSession}, Summary: "Sign out",
		Description: "The session ends at once, wherever its value is used.",
	}, tenant.Member, r.signOut)
}

func jsonContent(s *huma.Schema) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: s}}
}

func (r Sessions) signUp(ctx context.Context, in *signUpInput) (*signUpOutput, error) {
	b := in.Body
	token, session, err := r.Tenants.SignUp(ctx, tenant.SignUp{
		Email: b.Email, Password: b.Password, Name: b.Name, Workspace: b.Workspace, Zone: b.TimeZone,
	})
	if err != nil {
		return nil, err
	}
	if token == "" {
		return &signUpOutput{Status: http.StatusAccepted, Body: ConfirmationNeeded{Confirm: true}}, nil
	}
	return &signUpOutput{Status: http.StatusCreated, Cookie: cookieOf(ctx, token, session), Body: sessionFrom(token, session)}, nil
}

func (r Sessions) confirm(ctx context.Context, in *confirmInput) (*empty, error) {
	return nil, r.Tenants.Confirm(ctx, in.Body.Email, in.Body.Code)
}

func (r Sessions) signIn(ctx context.Context, in *signInInput) (*sessionOutput, error) {
	token, session, err := r.Tenants.SignIn(ctx, in.Body.Email, in.Body.Password, in.Body.TimeZone)
	if err != nil {
		return nil, err
	}
	return &sessionOutput{Cookie: cookieOf(ctx, token, session), Body: sessionFrom(token, session)}, nil
}

func (r Sessions) get(ctx context.Context, _ *empty) (*sessionOutput, error) {
	c := callOf(ctx)
	return &sessionOutput{Body: sessionFrom(c.token, c.session)}, nil
}

func (r Sessions) signOut(ctx context.Context, _ *empty) (*signedOut, error) {
	if err := r.Tenants.SignOut(ctx, sessionOf(ctx)); err != nil {
		return nil, err
	}
	return &signedOut{Cookie: sessionCookie(ctx, "", time.Time{})}, nil
}

func cookieOf(ctx context.Context, token string, s tenant.Session) string {
	return sessionCookie(ctx, token, time.UnixMilli(s.ExpiresAt))
}

func sessionFrom(token string, s tenant.Session) Session {
	return Session{
		Member:    MemberInfo{ID: s.MemberID, Email: s.Email, Name: s.Name, Role: s.Role},
		Workspace: Workspace{ID: s.TenantID, Name: s.Workspace, TimeZone: s.Zone},
		CSRFToken: tenant.CSRF(token), ExpiresAt: moment(s.ExpiresAt),
	}
}

// moment reads a stored time.
func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// maybe is moment for a time that may be absent.
func maybe(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := moment(ms)
	return &t
}
