package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Workspace is the tenant, as its members see it.
type Workspace struct {
	ID       string `json:"id" example:"ten_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Name     string `json:"name" example:"Cafe Ada"`
	TimeZone string `json:"time_zone" doc:"IANA name." example:"Europe/Berlin"`
	// A session does not carry it.
	LatenessHours int `json:"lateness_hours,omitempty" doc:"How late a post that waited for its account may still go out by itself. Not part of a session's answer." example:"24"`
}

// WorkspaceChange is the body of updateWorkspace; what is absent stays.
type WorkspaceChange struct {
	Name     *string `json:"name,omitempty" minLength:"1" maxLength:"100" example:"Cafe Ada"`
	TimeZone *string `json:"time_zone,omitempty" minLength:"1" maxLength:"64" doc:"IANA name." example:"Europe/Berlin"`

	LatenessHours *int `json:"lateness_hours,omitempty" minimum:"1" maximum:"720" doc:"How late a post that waited for its account may still go out by itself." example:"24"`
}

// PlatformSwitch tells whether the workspace uses a platform.
type PlatformSwitch struct {
	Platform string `json:"platform" example:"meta"`
	On       bool   `json:"on"`
}

// PlatformSwitchList is the answer of listWorkspacePlatforms.
type PlatformSwitchList struct {
	Items []PlatformSwitch `json:"items" nullable:"false"`
}

// SwitchTo is the body of setWorkspacePlatform.
type SwitchTo struct {
	On bool `json:"on" doc:"false: no account of the platform is offered and nothing is published to it."`
}

// Platform is what Herald knows about a platform: limits, scopes, token lifetimes, each with its source.
type Platform struct {
	connector.Info
	Capabilities connector.Capabilities `json:"capabilities" doc:"What Herald can do there beyond publishing."`
	Available    bool                   `json:"available" doc:"false: switched off, by the operator or in this workspace; not offered."`
}

// PlatformList is the answer of listPlatforms.
type PlatformList struct {
	Items []Platform `json:"items" nullable:"false"`
}

type (
	workspaceOutput struct{ Body Workspace }
	workspaceInput  struct{ Body WorkspaceChange }
	switchesOutput  struct{ Body PlatformSwitchList }
	platformsOutput struct{ Body PlatformList }
	switchOutput    struct{ Body PlatformSwitch }
	switchInput     struct {
		PlatformParam
		Body SwitchTo
	}
	// PlatformParam is the platform in a path.
	PlatformParam struct {
		Platform string `path:"platform" doc:"The platform's name." example:"meta"`
	}
)

// Workspaces serves /v1/workspace.
type Workspaces struct {
	Tenants   *tenant.Service
	Platforms []string // those the operator has enabled
}

// Platforms serves /v1/platforms.
type Platforms struct {
	Tenants *tenant.Service
	Known   []Platform // every platform there is; Available says what the operator has enabled
}

func (r Workspaces) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "getWorkspace", Method: http.MethodGet, Path: "/v1/workspace",
		Tags: []string{tagWorkspace}, Summary: "Read the workspace",
	}, tenant.Read, r.get)
	route(s, huma.Operation{
		OperationID: "updateWorkspace", Method: http.MethodPatch, Path: "/v1/workspace",
		Tags: []string{tagWorkspace}, Summary: "Change the workspace's settings",
		Description: "Scheduled posts keep their instant: the zone only changes how times are shown.",
	}, tenant.Manage, r.update)
	route(s, huma.Operation{
		OperationID: "listWorkspacePlatforms", Method: http.MethodGet, Path: "/v1/workspace/platforms",
		Tags: []string{tagWorkspace}, Summary: "Which platforms the workspace uses",
	}, tenant.Read, r.switches)
	route(s, huma.Operation{
		OperationID: "setWorkspacePlatform", Method: http.MethodPut, Path: "/v1/workspace/platforms/{platform}",
		Tags: []string{tagWorkspace}, Summary: "Switch a platform on or off for the workspace",
	}, tenant.Manage, r.setSwitch)
}

func (r Platforms) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "listPlatforms", Method: http.MethodGet, Path: "/v1/platforms",
		Tags: []string{tagPlatforms}, Summary: "What each platform takes",
		Description: "Kinds of accounts and posts, limits of text and media with their sources, scopes and why they are asked for. " +
			"The composer and the check are made from the same data.",
	}, tenant.Read, r.list)
}

func (r Workspaces) get(ctx context.Context, _ *empty) (*workspaceOutput, error) {
	w, err := r.Tenants.Workspace(ctx, sessionOf(ctx).TenantID)
	return &workspaceOutput{Body: workspaceFrom(w)}, err
}

func (r Workspaces) update(ctx context.Context, in *workspaceInput) (*workspaceOutput, error) {
	w, err := r.Tenants.Change(ctx, sessionOf(ctx).TenantID, tenant.Change{Name: in.Body.Name, Zone: in.Body.TimeZone, LatenessHours: in.Body.LatenessHours})
	return &workspaceOutput{Body: workspaceFrom(w)}, err
}

func workspaceFrom(w tenant.Workspace) Workspace {
	return Workspace{ID: w.ID, Name: w.Name, TimeZone: w.Zone, LatenessHours: int(w.Lateness().Hours())}
}

func (r Workspaces) switches(ctx context.Context, _ *empty) (*switchesOutput, error) {
	out := &switchesOutput{Body: PlatformSwitchList{Items: []PlatformSwitch{}}}
	for _, p := range r.Platforms {
		on, err := r.Tenants.PlatformOn(ctx, sessionOf(ctx).TenantID, p)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, PlatformSwitch{Platform: p, On: on})
	}
	return out, nil
}

func (r Workspaces) setSwitch(ctx context.Context, in *switchInput) (*switchOutput, error) {
	if !slices.Contains(r.Platforms, in.Platform) {
		return nil, problem.New(problem.NotFound, "Herald does not offer such a platform.")
	}
	err := r.Tenants.SetPlatform(ctx, sessionOf(ctx).TenantID, in.Platform, in.Body.On)
	return &switchOutput{Body: PlatformSwitch{Platform: in.Platform, On: in.Body.On}}, err
}

func (r Platforms) list(ctx context.Context, _ *empty) (*platformsOutput, error) {
	out := &platformsOutput{Body: PlatformList{Items: []Platform{}}}
	for _, p := range r.Known {
		on, err := r.Tenants.PlatformOn(ctx, sessionOf(ctx).TenantID, p.Platform)
		if err != nil {
			return nil, err
		}
		p.Available = p.Available && on
		out.Body.Items = append(out.Body.Items, p)
	}
	return out, nil
}
