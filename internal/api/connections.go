package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/offer"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/report"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Connection is a linked account.
type Connection struct {
	ID          string          `json:"id" example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Platform    string          `json:"platform" example:"meta"`
	Kind        string          `json:"kind" doc:"The kind of account; see listPlatforms." example:"facebook_page"`
	Login       string          `json:"login" doc:"The platform's login by which it was linked; empty = the first." example:"facebook"`
	ExternalID  string          `json:"external_id" doc:"The platform's id of the account." example:"111111111111111"`
	Name        string          `json:"name" example:"Cafe Ada"`
	Username    string          `json:"username" doc:"Without @; may be empty." example:"cafeada"`
	AvatarURL   string          `json:"avatar_url" doc:"May be empty."`
	ProfileURL  string          `json:"profile_url" doc:"May be empty."`
	Status      string          `json:"status" enum:"healthy,expiring,blocked,paused,disconnected" doc:"healthy and expiring accounts are published to."`
	Reason      string          `json:"reason,omitempty" doc:"Why it is not healthy."`
	Action      *problem.Action `json:"action,omitempty" doc:"What helps."`
	Scopes      []string        `json:"scopes" nullable:"false" doc:"What was granted."`
	ExpiresAt   *time.Time      `json:"expires_at,omitempty" doc:"When the access ends; absent = no end known."`
	RenewsAt    *time.Time      `json:"renews_at,omitempty" doc:"When Herald looks at the access the next time and renews it where the platform lets it."`
	DataUntil   *time.Time      `json:"data_until,omitempty" doc:"When the platform stops giving data unless the person connects again; absent = no such end."`
	Unheard     string          `json:"unheard,omitempty" doc:"Why the platform does not tell Herald by itself of what happens there, comments above all: they are seen when somebody asks for them (refreshComments). Publishing is not touched by it. Absent = it does, or the platform has no such thing."`
	CreatedAt   time.Time       `json:"created_at"`
	UpdatedAt   time.Time       `json:"updated_at" doc:"When status or reason changed the last time."`
	WaitingJobs int             `json:"waiting_jobs,omitempty" doc:"Publish jobs that wait until the account is reconnected."`
}

// ConnectionList is the answer of listConnections and createConnections.
type ConnectionList struct {
	Items []Connection `json:"items" nullable:"false"`
}

// HealthLine is what one ping of an account saw.
type HealthLine struct {
	At        time.Time `json:"at"`
	OK        bool      `json:"ok"`
	LatencyMS int64     `json:"latency_ms" doc:"How long the platform took to answer."`
	Class     string    `json:"class,omitempty" doc:"Why it did not work." example:"platform_down"`
	Words     string    `json:"words" doc:"The same for a person." example:"It worked."`
}

// HealthLog is the answer of getConnectionHealth.
type HealthLog struct {
	Items []HealthLine `json:"items" nullable:"false"`
}

// Resume is the body of resumeConnection.
type Resume struct {
	Mode string `json:"mode" enum:"now,keep_times,drop" doc:"now: all go out, however late. keep_times: those whose time is still ahead keep it, the others go out unless they are later than the workspace allows; then they fail as too_late and can be retried. drop: all are cancelled."`
}

// NewConnections is the body of createConnections.
type NewConnections struct {
	GrantID      string   `json:"grant_id" minLength:"1" maxLength:"64" example:"grt_01kav8q2m4e9w3x6t0y5r7n1zd"`
	CandidateIDs []string `json:"candidate_ids" nullable:"false" minItems:"1" maxItems:"100" doc:"Which of the grant's accounts to link."`
	Resume       string   `json:"resume,omitempty" enum:"now,keep_times,drop,ask" doc:"What becomes of the posts that waited for an account; see resumeConnection. ask: they wait an hour for that call. Absent = keep_times."`
}

type (
	// ConnectionParam is the connection in a path.
	ConnectionParam struct {
		ID string `path:"connection_id" example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
	}
	newConnectionsInput struct {
		Idempotent
		Body NewConnections
	}
	connectionOutput struct{ Body Connection }
	healthLogOutput  struct{ Body HealthLog }
	pauseInput       struct {
		Idempotent
		ConnectionParam
	}
	resumeInput struct {
		Idempotent
		ConnectionParam
		Body Resume
	}
	connectionsOutput struct{ Body ConnectionList }
)

// Connections serves /v1/connections.
type Connections struct {
	Connections *connection.Service
	Reports     report.Reader
	Offers      offer.Reader
}

func (r Connections) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "createConnections", Method: http.MethodPost, Path: "/v1/connections", DefaultStatus: http.StatusCreated,
		Tags: []string{tagConnections}, Summary: "Link accounts of a grant",
		Description: "An account that is linked already keeps its id and is healed: its waiting jobs go on.",
	}, tenant.Connect, r.create)
	route(s, huma.Operation{
		OperationID: "listConnections", Method: http.MethodGet, Path: "/v1/connections",
		Tags: []string{tagConnections}, Summary: "List the linked accounts",
		Description: "Without those that were disconnected.",
	}, tenant.Read, r.list)
	route(s, huma.Operation{
		OperationID: "getConnection", Method: http.MethodGet, Path: "/v1/connections/{connection_id}",
		Tags: []string{tagConnections}, Summary: "Read a linked account",
	}, tenant.Read, r.get)
	route(s, huma.Operation{
		OperationID: "getConnectionHealth", Method: http.MethodGet, Path: "/v1/connections/{connection_id}/health",
		Tags: []string{tagConnections}, Summary: "How an account did",
		Description: "Each account is asked once an hour whether it works. The newest 50 answers, newest first; older than 30 days is forgotten.",
	}, tenant.Read, r.health)
	route(s, huma.Operation{
		OperationID: "getConnectionMetrics", Method: http.MethodGet, Path: "/v1/connections/{connection_id}/metrics",
		Tags: []string{tagInsights}, Summary: "The numbers of an account", Description: reportText,
	}, tenant.Read, r.metrics)
	r.mountOffers(s)
	route(s, huma.Operation{
		OperationID: "resumeConnection", Method: http.MethodPost, Path: "/v1/connections/{connection_id}/resume",
		Tags: []string{tagConnections}, Summary: "Say what becomes of the posts that waited for an account",
	}, tenant.Connect, r.resume)
	route(s, huma.Operation{
		OperationID: "pauseConnection", Method: http.MethodPost, Path: "/v1/connections/{connection_id}/pause",
		Tags: []string{tagConnections}, Summary: "Stop publishing to an account for now",
		Description: "Its posts wait at their time; the access is kept alive. A blocked account cannot be paused: it publishes nothing anyway.",
	}, tenant.Connect, r.pause)
	route(s, huma.Operation{
		OperationID: "unpauseConnection", Method: http.MethodPost, Path: "/v1/connections/{connection_id}/unpause",
		Tags: []string{tagConnections}, Summary: "Publish to a paused account again",
		Description: "What waits goes on by resumeConnection, or within fifteen minutes by itself as with keep_times.",
	}, tenant.Connect, r.unpause)
	route(s, huma.Operation{
		OperationID: "deleteConnection", Method: http.MethodDelete, Path: "/v1/connections/{connection_id}",
		Tags: []string{tagConnections}, Summary: "Disconnect an account",
		Description: "Nothing is published to it any more from now on. A few minutes later its token is deleted; before that, if no other account in any workspace lives on the same person's login, Herald gives the access back at the platform, where the login allows it (see revokes in listPlatforms). Linking an account of the person again in between keeps the access. While the platform does not answer it is asked again for a day, then the token is deleted without that; the audit trail says how it ended. What was published stays.",
	}, tenant.Connect, r.disconnect)
}

func (r Connections) create(ctx context.Context, in *newConnectionsInput) (*connectionsOutput, error) {
	who := sessionOf(ctx)
	if !tenant.WellFormed(in.Body.GrantID, "grt_") {
		return nil, nothingThere()
	}
	linked, err := r.Connections.Link(ctx, who.TenantID, who.MemberID, in.Body.GrantID, in.Body.Resume, in.Body.CandidateIDs)
	if err != nil {
		return nil, err
	}
	return r.answer(ctx, linked, in.Body.Resume == connection.ResumeAsk)
}

func (r Connections) list(ctx context.Context, _ *empty) (*connectionsOutput, error) {
	all, err := r.Connections.List(ctx, sessionOf(ctx).TenantID)
	if err != nil {
		return nil, err
	}
	return r.answer(ctx, all, false)
}

func (r Connections) answer(ctx context.Context, all []connection.Connection, asked bool) (*connectionsOutput, error) {
	out := &connectionsOutput{Body: ConnectionList{Items: make([]Connection, 0, len(all))}}
	for _, c := range all {
		one, err := r.with(ctx, c, asked || c.Status == connection.Blocked || c.Status == connection.Paused)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func (r Connections) get(ctx context.Context, in *ConnectionParam) (*connectionOutput, error) {
	c, err := r.Connections.Get(ctx, sessionOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, err
	}
	one, err := r.with(ctx, c, true)
	return &connectionOutput{Body: one}, err
}

func (r Connections) health(ctx context.Context, in *ConnectionParam) (*healthLogOutput, error) {
	log, err := r.Connections.Health(ctx, sessionOf(ctx).TenantID, in.ID)
	out := &healthLogOutput{Body: HealthLog{Items: make([]HealthLine, 0, len(log))}}
	for _, l := range log {
		out.Body.Items = append(out.Body.Items, HealthLine{At: moment(l.At), OK: l.OK, LatencyMS: l.LatencyMS, Class: string(l.Class), Words: l.Words()})
	}
	return out, err
}

func (r Connections) resume(ctx context.Context, in *resumeInput) (*connectionOutput, error) {
	who := sessionOf(ctx)
	c, err := r.Connections.Resume(ctx, who.TenantID, who.MemberID, in.ID, in.Body.Mode)
	if err != nil {
		return nil, err
	}
	one, err := r.with(ctx, c, true)
	return &connectionOutput{Body: one}, err
}

func (r Connections) pause(ctx context.Context, in *pauseInput) (*connectionOutput, error) {
	who := sessionOf(ctx)
	c, err := r.Connections.Pause(ctx, who.TenantID, in.ID, who.MemberID, who.Name)
	if err != nil {
		return nil, err
	}
	one, err := r.with(ctx, c, true)
	return &connectionOutput{Body: one}, err
}

func (r Connections) unpause(ctx context.Context, in *pauseInput) (*connectionOutput, error) {
	who := sessionOf(ctx)
	c, err := r.Connections.Unpause(ctx, who.TenantID, in.ID, who.MemberID)
	if err != nil {
		return nil, err
	}
	one, err := r.with(ctx, c, true)
	return &connectionOutput{Body: one}, err
}

func (r Connections) disconnect(ctx context.Context, in *ConnectionParam) (*empty, error) {
	who := sessionOf(ctx)
	return nil, r.Connections.Disconnect(ctx, who.TenantID, in.ID, who.MemberID)
}

// with adds how many jobs wait for the account, if it is worth a read.
func (r Connections) with(ctx context.Context, c connection.Connection, count bool) (Connection, error) {
	n := 0
	if count {
		var err error
		if n, err = r.Connections.Waiting(ctx, c); err != nil {
			return Connection{}, err
		}
	}
	out := Connection{
		ID: c.ID, Platform: c.Platform, Kind: c.Kind, Login: c.Login, ExternalID: c.ExternalID, Name: c.Name, Username: c.Username, AvatarURL: c.AvatarURL,
		ProfileURL: c.ProfileURL, Status: string(c.Status), Reason: c.Reason, Scopes: filled(c.Scopes), ExpiresAt: maybe(c.ExpiresAt),
		RenewsAt: maybe(c.RefreshAt), DataUntil: maybe(c.DataUntil), Unheard: c.Unheard, CreatedAt: moment(c.CreatedAt), UpdatedAt: moment(c.UpdatedAt), WaitingJobs: n,
	}
	if c.Action.Kind != "" && c.Action.Kind != problem.ActNone {
		out.Action = &c.Action
	}
	return out, nil
}

// filled makes a list out of a nil slice: the API never answers null for a list.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
