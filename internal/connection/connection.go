// Package connection owns a linked account and its life: the way through a platform's consent, linking, healing,
// renewing, disconnecting. What people do (Linking, Service) seals tokens and can never open one; what keeps them alive
// (Renewer, Pinger) is given an Opener and runs only in functions that nothing outside can reach.
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

// Status is where a connection stands.
type Status string

// The states of a connection. Healthy and Expiring ones are published to.
const (
	Healthy      Status = "healthy"
	Expiring     Status = "expiring"
	Blocked      Status = "blocked" // reconnect
	Paused       Status = "paused"
	Disconnected Status = "disconnected" // kept for the names in old posts
)

// Connection is a linked account. Times are epoch milliseconds; 0 = none.
type Connection struct {
	TenantID     string            `dynamodbav:"tenant_id"`
	ID           string            `dynamodbav:"connection_id"`
	Platform     string            `dynamodbav:"platform"`
	Kind         string            `dynamodbav:"kind"`
	Login        string            `dynamodbav:"login"` // the connector.Login it was linked by; empty = the platform's first
	ExternalID   string            `dynamodbav:"external_id"`
	Name         string            `dynamodbav:"name"`
	Username     string            `dynamodbav:"username"`
	AvatarURL    string            `dynamodbav:"avatar_url"`
	ProfileURL   string            `dynamodbav:"profile_url"`
	Status       Status            `dynamodbav:"status"`
	Reason       string            `dynamodbav:"reason"`
	Action       problem.Action    `dynamodbav:"action"`
	Scopes       []string          `dynamodbav:"scopes"`
	Data         map[string]string `dynamodbav:"data"`
	TokenVersion string            `dynamodbav:"token_version"` // names the current credential in the vault
	ExpiresAt    int64             `dynamodbav:"expires_at"`
	DataUntil    int64             `dynamodbav:"data_until"`
	RefreshAt    int64             `dynamodbav:"refresh_at,omitempty"` // when Herald looks at the credential the next time
	LinkedBy     string            `dynamodbav:"linked_by"`            // member id
	Unheard      string            `dynamodbav:"unheard"`              // why the platform does not tell by itself of what happens there; empty = it does, or need not be asked
	Subject      string            `dynamodbav:"subject"`              // the platform's id of the person whose consent it lives on
	CreatedAt    int64             `dynamodbav:"created_at"`
	UpdatedAt    int64             `dynamodbav:"updated_at"`
}

// ExternalKey is the key by which a platform's own id finds connections.
func ExternalKey(platform, externalID string) string { return platform + "#" + externalID }

// Event is a line for the audit trail; the store writes it in the same transaction as the change it tells of.
type Event struct {
	TenantID, ConnectionID string
	ID                     string // with prefix
	Kind, Message          string
	By                     string // member id
	At                     int64  // epoch ms
}

// The kinds of events.
const (
	EventLinked       = "linked"
	EventHealed       = "healed"
	EventDisconnected = "disconnected"
	EventRenewed      = "renewed"
	EventExpiring     = "expiring"
	EventBlocked      = "blocked"
	EventWorks        = "works_again"
	EventPaused       = "paused"
	EventUnpaused     = "unpaused"
	EventPermission   = "permission_lost" // an optional one
	EventRevoked      = "revoked"         // Herald gave the access back
	EventForgotten    = "forgotten"       // the credential was deleted, and the access not given back
)

// ErrStale is the store's answer when a connection already has a newer credential.
var ErrStale = errors.New("connection: a newer credential is in place")

// Store keeps connections.
type Store interface {
	Connection(ctx context.Context, tenantID, id string) (c Connection, found bool, err error)
	Connections(ctx context.Context, tenantID string) ([]Connection, error)
	// LinkConnection writes the row, makes its credential permanent and adds the event, all or nothing. ErrStale when
	// the row names a newer credential already; a problem.NotFound when the credential has vanished meanwhile; a
	// problem.Conflict when the person's grant was given back since the consent, or is just being given back.
	LinkConnection(ctx context.Context, c Connection, e Event) error
	// Unlink marks the row as disconnected, with its farewell from the given moment on, and adds the event. ErrLost when it
	// is disconnected already or has another credential than c.
	Unlink(ctx context.Context, c Connection, f Farewell, at time.Time, e Event) error
	// Pause stops the use of a healthy or expiring connection, Unpause takes that back, each with its event; done is
	// false when the connection is in another state. Whoever is in use again is pinged at once, which finds its status.
	Pause(ctx context.Context, tenantID, id, reason string, e Event) (done bool, err error)
	Unpause(ctx context.Context, tenantID, id string, e Event) (done bool, err error)
	// ExpireCredential lets a credential vanish at the given moment; one that is gone already is no error.
	ExpireCredential(ctx context.Context, ref vault.Ref, at time.Time) error
	// HealthLog gives the newest pings of a connection, newest first.
	HealthLog(ctx context.Context, tenantID, id string, limit int) ([]Seen, error)
	// JobsWaiting counts the jobs that wait for the connection to be healed.
	JobsWaiting(ctx context.Context, tenantID, id string) (int, error)
}

// JobResumer puts parked jobs of a healed connection back to work. It may be called again.
type JobResumer interface {
	// Resume does with the parked jobs what the mode says: now, keep_times or drop.
	Resume(ctx context.Context, tenantID, connectionID, memberID, mode string) error
	// Ask leaves them parked for a while, until somebody has said what to do, and tells how many there are.
	Ask(ctx context.Context, tenantID, connectionID string) (waiting int, err error)
}

// ResumeAsk leaves the jobs of a healed connection to a later Resume.
const ResumeAsk = "ask"

// afterlife is how long a credential that was replaced can still be opened: a publisher may have begun with it.
const afterlife = time.Hour

// Service is what people do with linked accounts.
type Service struct {
	Store  Store
	Grants GrantStore
	Jobs   JobResumer
	Now    func() time.Time
	NewID  func() string // lower-case ULID without prefix
	Log    *slog.Logger
}

// List gives the linked accounts without the disconnected ones.
func (s *Service) List(ctx context.Context, tenantID string) ([]Connection, error) {
	all, err := s.Store.Connections(ctx, tenantID)
	if err != nil {
		return nil, err
	}
	out := make([]Connection, 0, len(all))
	for _, c := range all {
		if c.Status != Disconnected {
			out = append(out, c)
		}
	}
	return out, nil
}

// Get reads one. A disconnected one is still there, for links from old posts.
func (s *Service) Get(ctx context.Context, tenantID, id string) (Connection, error) {
	c, found, err := s.Store.Connection(ctx, tenantID, id)
	if err == nil && !found {
		err = notFound("account")
	}
	return c, err
}

// healthLines is how much of a connection's log is shown: two days, at one ping an hour.
const healthLines = 50

// Health gives the newest pings of an account, newest first.
func (s *Service) Health(ctx context.Context, tenantID, id string) ([]Seen, error) {
	if _, err := s.Get(ctx, tenantID, id); err != nil {
		return nil, err
	}
	return s.Store.HealthLog(ctx, tenantID, id, healthLines)
}

// Waiting counts the jobs that wait for a connection: until it works again, or until somebody has said what to do.
func (s *Service) Waiting(ctx context.Context, c Connection) (int, error) {
	if c.Status == Disconnected {
		return 0, nil
	}
	return s.Store.JobsWaiting(ctx, c.TenantID, c.ID)
}

// Resume does with the jobs that wait for a healed account what the mode says: now, keep_times or drop.
func (s *Service) Resume(ctx context.Context, tenantID, member, id, mode string) (Connection, error) {
	c, err := s.Get(ctx, tenantID, id)
	switch {
	case err != nil:
		return Connection{}, err
	case c.Status != Healthy && c.Status != Expiring && mode != "drop":
		return Connection{}, problem.New(problem.Conflict, c.Name+" does not work yet, so what waits for it cannot go out. Connect it again first.")
	}
	return c, s.Jobs.Resume(ctx, tenantID, id, member, mode)
}

// Disconnect stops the use of an account. Doing it twice is a success. What is left to do at the platform, and the end of
// the credential, are the Pinger's, since this function can open none: see Farewell.
func (s *Service) Disconnect(ctx context.Context, tenantID, id, member string) error {
	for range 5 {
		c, err := s.Get(ctx, tenantID, id)
		if err != nil || c.Status == Disconnected {
			return err
		}
		now := s.Now()
		f := Farewell{Until: now.Add(farewellLife).UnixMilli()}
		err = s.Store.Unlink(ctx, c, f, now.Add(farewellAfter), s.event(c, EventDisconnected, c.Name+" was disconnected.", member))
		if !errors.Is(err, ErrLost) { // or it was renewed, linked again or disconnected meanwhile
			return err
		}
	}
	return problem.New(problem.Transient, "This account is being changed at the moment. Try again.")
}

func (s *Service) event(c Connection, kind, message, member string) Event {
	return Event{
		TenantID: c.TenantID, ConnectionID: c.ID, ID: "aud_" + s.NewID(), Kind: kind, Message: message, By: member, At: s.Now().UnixMilli(),
	}
}

func notFound(what string) error {
	return problem.New(problem.NotFound, fmt.Sprintf("There is no such %s in this workspace.", what))
}
