package connection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

// GrantLife is how long after the consent accounts can be picked; the sealed candidates vanish with it.
const GrantLife = 15 * time.Minute

// Grant is what one consent reached, waiting for the person to pick.
type Grant struct {
	TenantID  string      `dynamodbav:"tenant_id"`
	ID        string      `dynamodbav:"grant_id"`
	Platform  string      `dynamodbav:"platform"`
	Login     string      `dynamodbav:"login"`
	Declined  []string    `dynamodbav:"declined"`
	Reconnect string      `dynamodbav:"reconnect"` // the connection this consent is to heal; empty = none
	ReturnTo  string      `dynamodbav:"return_to"`
	Accounts  []Candidate `dynamodbav:"accounts"`
	MemberID  string      `dynamodbav:"member_id"`
	ExpiresAt int64       `dynamodbav:"expires_at"` // epoch ms
}

// Candidate is an account of a grant. Its credential is in the vault already, under the id the connection will have.
type Candidate struct {
	ConnectionID string            `dynamodbav:"connection_id"`
	Version      string            `dynamodbav:"version"` // of the sealed credential; empty when not usable
	Kind         string            `dynamodbav:"kind"`
	ExternalID   string            `dynamodbav:"external_id"`
	Name         string            `dynamodbav:"name"`
	Username     string            `dynamodbav:"username"`
	AvatarURL    string            `dynamodbav:"avatar_url"`
	ProfileURL   string            `dynamodbav:"profile_url"`
	Scopes       []string          `dynamodbav:"scopes"`
	Usable       bool              `dynamodbav:"usable"`
	Reason       string            `dynamodbav:"reason"`
	Data         map[string]string `dynamodbav:"data"`
	ExpiresAt    int64             `dynamodbav:"token_until"` // epoch ms; 0 = no end known
	DataUntil    int64             `dynamodbav:"data_until"`
	Subject      string            `dynamodbav:"subject"` // the platform's id of the person
	Linked       bool              `dynamodbav:"-"`       // it is a live connection now
}

// GrantStore keeps grants.
type GrantStore interface {
	PutGrant(ctx context.Context, g Grant) error
	Grant(ctx context.Context, tenantID, id string) (g Grant, found bool, err error)
}

// Grant reads a grant; NotFound when it is over.
func (s *Service) Grant(ctx context.Context, tenantID, id string) (Grant, error) {
	g, found, err := s.Grants.Grant(ctx, tenantID, id)
	if err != nil {
		return Grant{}, err
	}
	if !found || g.ExpiresAt <= s.Now().UnixMilli() {
		p := problem.New(problem.NotFound, "This choice of accounts has ended. Connect again.")
		p.Action = problem.Action{Kind: problem.ActReconnect, Label: "Connect again"}
		return Grant{}, p
	}
	for i := range g.Accounts {
		c, found, err := s.Store.Connection(ctx, tenantID, g.Accounts[i].ConnectionID)
		if err != nil {
			return Grant{}, err
		}
		g.Accounts[i].Linked = found && c.Status != Disconnected
	}
	return g, nil
}

// Link makes connections of a grant's candidates, named by connection id. What is linked already is healed: it keeps
// its id, takes the new credential, and its parked jobs go on. Repeating it is a success.
//
// resume says what becomes of what waits: see JobResumer; empty = keep_times.
func (s *Service) Link(ctx context.Context, tenantID, member, grantID, resume string, candidates []string) ([]Connection, error) {
	g, err := s.Grant(ctx, tenantID, grantID)
	if err != nil {
		return nil, err
	}
	picked := make([]Candidate, 0, len(candidates))
	for i, id := range candidates {
		c, err := g.pick(id)
		if err != nil {
			var p *problem.Error
			if errors.As(err, &p) {
				return nil, p.On(fmt.Sprintf("candidate_ids[%d]", i))
			}
			return nil, err
		}
		picked = append(picked, c)
	}
	out := make([]Connection, 0, len(picked))
	for _, c := range picked {
		linked, err := s.link(ctx, g, c, member, resume)
		if err != nil {
			return nil, err
		}
		out = append(out, linked)
	}
	return out, nil
}

func (g Grant) pick(id string) (Candidate, error) {
	for _, c := range g.Accounts {
		switch {
		case c.ConnectionID != id:
		case g.Reconnect != "" && id != g.Reconnect:
			return Candidate{}, problem.New(problem.Conflict, "This is another account than the one that is being reconnected.")
		case !c.Usable:
			return Candidate{}, problem.New(problem.InvalidRequest, "This account cannot be used: "+c.Reason)
		default:
			return c, nil
		}
	}
	return Candidate{}, problem.New(problem.InvalidRequest, "This consent does not reach such an account.")
}

func (s *Service) link(ctx context.Context, g Grant, a Candidate, member, resume string) (Connection, error) {
	now := s.Now().UnixMilli()
	old, known, err := s.Store.Connection(ctx, g.TenantID, a.ConnectionID)
	if err != nil {
		return Connection{}, err
	}
	c := Connection{
		TenantID: g.TenantID, ID: a.ConnectionID, Platform: g.Platform, Login: g.Login, Kind: a.Kind, ExternalID: a.ExternalID,
		Name: a.Name, Username: a.Username, AvatarURL: a.AvatarURL, ProfileURL: a.ProfileURL, Status: Healthy, Scopes: a.Scopes,
		Action: problem.Action{Kind: problem.ActNone}, Data: a.Data, TokenVersion: a.Version, ExpiresAt: a.ExpiresAt,
		DataUntil: a.DataUntil, LinkedBy: member, Subject: a.Subject, CreatedAt: now, UpdatedAt: now,
	}
	kind, message := EventLinked, c.Name+" was linked."
	if known {
		c.CreatedAt = old.CreatedAt
		if old.Status != Disconnected {
			kind, message = EventHealed, c.Name+" was connected again."
		}
	}
	if !known || old.TokenVersion != a.Version {
		err = s.Store.LinkConnection(ctx, c, s.event(c, kind, message, member))
		if errors.Is(err, ErrStale) {
			// Somebody linked it with a later consent meanwhile: that one counts.
			return s.Get(ctx, g.TenantID, c.ID)
		}
		if err != nil {
			return Connection{}, err
		}
		if known {
			s.retire(ctx, old)
		}
	}
	if known {
		if err := s.resume(ctx, c, resume); err != nil {
			return Connection{}, fmt.Errorf("resume the waiting jobs: %w", err)
		}
	}
	return s.Get(ctx, g.TenantID, c.ID)
}

func (s *Service) resume(ctx context.Context, c Connection, mode string) error {
	switch mode {
	case ResumeAsk:
		_, err := s.Jobs.Ask(ctx, c.TenantID, c.ID)
		return err
	case "":
		mode = "keep_times"
	}
	return s.Jobs.Resume(ctx, c.TenantID, c.ID, "", mode)
}

// retire lets the credential before vanish. A failure leaves a sealed row behind, no more.
func (s *Service) retire(ctx context.Context, old Connection) {
	ref := vault.Ref{Tenant: old.TenantID, Connection: old.ID, Version: old.TokenVersion}
	if err := s.Store.ExpireCredential(ctx, ref, s.Now().Add(afterlife)); err != nil {
		s.Log.WarnContext(ctx, "old credential not retired", slog.String("connection", old.ID), slog.String("error", err.Error()))
	}
}
