// Package tenant owns workspaces: who is a member with which role, how a person signs in and what a session is.
// Passwords never reach our tables; an identity provider checks them.
package tenant

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/oklog/ulid/v2"

	"github.com/herald-publishing/herald/internal/problem"
)

// Workspace is the tenant.
type Workspace struct {
	ID        string `dynamodbav:"tenant_id"`
	Name      string `dynamodbav:"name"`
	Zone      string `dynamodbav:"zone"`       // IANA
	CreatedAt int64  `dynamodbav:"created_at"` // epoch ms
	// LatenessHours is how late a post that waited for its account may go out by itself; 0 = DefaultLateness.
	LatenessHours int `dynamodbav:"lateness_hours"`
}

// DefaultLateness is a day: what is older than that, nobody expects any more.
const DefaultLateness = 24 * time.Hour

// Lateness is how late a post that waited for its account may go out by itself.
func (w Workspace) Lateness() time.Duration {
	if w.LatenessHours <= 0 {
		return DefaultLateness
	}
	return time.Duration(w.LatenessHours) * time.Hour
}

// Change is what changes of a workspace; nil stays.
type Change struct {
	Name, Zone    *string
	LatenessHours *int
}

// Membership is a person in a workspace.
type Membership struct {
	TenantID  string `dynamodbav:"tenant_id"`
	ID        string `dynamodbav:"member_id"`
	UserID    string `dynamodbav:"user_id"` // the identity provider's id of the person
	Email     string `dynamodbav:"email"`
	Name      string `dynamodbav:"name"`
	Role      Role   `dynamodbav:"role"`
	CreatedAt int64  `dynamodbav:"created_at"` // epoch ms
}

// User is who the identity provider says it is.
type User struct {
	ID    string
	Email string
	Name  string
}

// Identity checks passwords. Its errors are problem.Errors: Conflict when the address is taken, InvalidRequest on
// "password" for one that breaks the policy, Unauthorized for a wrong pair, RateLimited; ErrUnconfirmed beside them.
type Identity interface {
	SignUp(ctx context.Context, email, password, name string) (userID string, err error)
	// Confirm marks the address as confirmed without asking the person.
	Confirm(ctx context.Context, email string) error
	ConfirmCode(ctx context.Context, email, code string) error
	SignIn(ctx context.Context, email, password string) (User, error)
}

// ErrUnconfirmed is Identity.SignIn's answer when the password is right and the address is not confirmed yet.
var ErrUnconfirmed = errors.New("tenant: address not confirmed")

// Store is what the service keeps.
type Store interface {
	// CreateWorkspace writes both or, when the workspace is there already, nothing; that is no error.
	CreateWorkspace(ctx context.Context, w Workspace, m Membership) error
	Workspace(ctx context.Context, tenantID string) (Workspace, error)
	// UpdateWorkspace writes the settings, name and zone also into the workspace's sessions.
	UpdateWorkspace(ctx context.Context, w Workspace) error
	Member(ctx context.Context, tenantID, memberID string) (Membership, error)
	// Memberships lists a person's workspaces; what was written a moment ago may be missing.
	Memberships(ctx context.Context, userID string) ([]Membership, error)
	PutSession(ctx context.Context, s Session) error
	DeleteSession(ctx context.Context, tenantID, hash string) error
	PlatformOff(ctx context.Context, tenantID, platform string) (bool, error)
	SetPlatformOff(ctx context.Context, tenantID, platform string, off bool) error
}

// Service is signing up and in, and the workspace's settings.
type Service struct {
	Identity     Identity
	Store        Store
	Confirmation bool // a person must confirm the address with a code before the first sign-in
	Now          func() time.Time
}

// SignUp is what a person gives to make an account.
type SignUp struct{ Email, Password, Name, Workspace, Zone string }

// SignUp makes the account and its workspace. token is empty when the address must be confirmed first.
func (s *Service) SignUp(ctx context.Context, r SignUp) (token string, session Session, err error) {
	if r.Email, err = address(r.Email); err != nil {
		return "", Session{}, err
	}
	if r.Name, err = text("name", r.Name); err != nil {
		return "", Session{}, err
	}
	if r.Workspace, err = text("workspace", r.Workspace); err != nil {
		return "", Session{}, err
	}
	if err = checkZone(r.Zone); err != nil {
		return "", Session{}, err
	}
	userID, err := s.Identity.SignUp(ctx, r.Email, r.Password, r.Name)
	if err != nil {
		return "", Session{}, err
	}
	m := s.firstMember(User{ID: userID, Email: r.Email, Name: r.Name})
	w := Workspace{ID: m.TenantID, Name: r.Workspace, Zone: r.Zone, CreatedAt: m.CreatedAt}
	if err = s.Store.CreateWorkspace(ctx, w, m); err != nil {
		return "", Session{}, fmt.Errorf("make the workspace: %w", err)
	}
	if s.Confirmation {
		return "", Session{}, nil
	}
	if err = s.Identity.Confirm(ctx, r.Email); err != nil {
		return "", Session{}, fmt.Errorf("confirm the address: %w", err)
	}
	return s.open(ctx, w, m)
}

// Confirm takes the code from the e-mail.
func (s *Service) Confirm(ctx context.Context, email, code string) error {
	return s.Identity.ConfirmCode(ctx, NormalEmail(email), strings.TrimSpace(code))
}

// SignIn opens a session. Whoever has an account and no workspace (the sign-up stopped half way) gets one; zone is
// for that case and may be empty.
func (s *Service) SignIn(ctx context.Context, email, password, zone string) (token string, session Session, err error) {
	if zone == "" {
		zone = "UTC"
	}
	if err = checkZone(zone); err != nil {
		return "", Session{}, err
	}
	email = NormalEmail(email)
	u, err := s.Identity.SignIn(ctx, email, password)
	if errors.Is(err, ErrUnconfirmed) && !s.Confirmation {
		// The sign-up stopped before it could confirm. The password was right.
		if err = s.Identity.Confirm(ctx, email); err != nil {
			return "", Session{}, fmt.Errorf("confirm the address: %w", err)
		}
		u, err = s.Identity.SignIn(ctx, email, password)
	}
	if errors.Is(err, ErrUnconfirmed) {
		return "", Session{}, problem.New(problem.Forbidden, "Confirm your e-mail address first, with the code that was sent to you.").On("email")
	}
	if err != nil {
		return "", Session{}, err
	}
	m, err := s.membership(ctx, u, zone)
	if err != nil {
		return "", Session{}, err
	}
	w, err := s.Store.Workspace(ctx, m.TenantID)
	if err != nil {
		return "", Session{}, fmt.Errorf("read the workspace: %w", err)
	}
	return s.open(ctx, w, m)
}

// membership finds the person's workspace. The index by person lags behind, so an absence in it is settled by the
// workspace's own key, which follows from the person's id.
func (s *Service) membership(ctx context.Context, u User, zone string) (Membership, error) {
	found, err := s.Store.Memberships(ctx, u.ID)
	if err != nil {
		return Membership{}, fmt.Errorf("find the workspace: %w", err)
	}
	if len(found) > 0 {
		return found[0], nil
	}
	m := s.firstMember(u)
	if err := s.Store.CreateWorkspace(ctx, Workspace{ID: m.TenantID, Name: m.Name, Zone: zone, CreatedAt: m.CreatedAt}, m); err != nil {
		return Membership{}, fmt.Errorf("make the workspace: %w", err)
	}
	m, err = s.Store.Member(ctx, m.TenantID, m.ID)
	if err != nil {
		return Membership{}, fmt.Errorf("read the member: %w", err)
	}
	return m, nil
}

// firstMember is the owner of the workspace that belongs to a person. Both ids follow from the person's id: a
// sign-up that is repeated, or runs twice at once, makes the same rows and not a second workspace.
func (s *Service) firstMember(u User) Membership {
	name := u.Name
	if name == "" {
		name, _, _ = strings.Cut(u.Email, "@")
	}
	return Membership{
		TenantID: "ten_" + idFrom("workspace", u.ID), ID: "mem_" + idFrom("member", u.ID), UserID: u.ID,
		Email: u.Email, Name: name, Role: Owner, CreatedAt: s.Now().UnixMilli(),
	}
}

// idFrom makes an id in the usual form out of a seed.
func idFrom(what, seed string) string {
	h := sha256.Sum256([]byte(what + "\x00" + seed))
	var id ulid.ULID
	copy(id[:], h[:])
	return strings.ToLower(id.String())
}

// Workspace reads the workspace.
func (s *Service) Workspace(ctx context.Context, tenantID string) (Workspace, error) {
	return s.Store.Workspace(ctx, tenantID)
}

// Change changes what is not nil.
func (s *Service) Change(ctx context.Context, tenantID string, c Change) (Workspace, error) {
	w, err := s.Store.Workspace(ctx, tenantID)
	if err != nil {
		return Workspace{}, err
	}
	if c.Name != nil {
		if w.Name, err = text("name", *c.Name); err != nil {
			return Workspace{}, err
		}
	}
	if c.Zone != nil {
		if err = checkZone(*c.Zone); err != nil {
			return Workspace{}, err
		}
		w.Zone = *c.Zone
	}
	if c.LatenessHours != nil {
		w.LatenessHours = *c.LatenessHours
	}
	return w, s.Store.UpdateWorkspace(ctx, w)
}

// PlatformOn tells whether the workspace uses a platform; it does unless it was switched off.
func (s *Service) PlatformOn(ctx context.Context, tenantID, platform string) (bool, error) {
	off, err := s.Store.PlatformOff(ctx, tenantID, platform)
	return !off, err
}

// SetPlatform switches a platform on or off for the workspace.
func (s *Service) SetPlatform(ctx context.Context, tenantID, platform string, on bool) error {
	return s.Store.SetPlatformOff(ctx, tenantID, platform, !on)
}

// NormalEmail is the form an address is compared in.
func NormalEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// address refuses what is not a plain address, "Ada <ada@example.com>" among it.
func address(s string) (string, error) {
	s = NormalEmail(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return "", problem.New(problem.InvalidRequest, "This must be an e-mail address, like ada@example.com.").On("email")
	}
	return s, nil
}

// checkZone accepts an IANA name. "Local" loads too and would mean the server's zone.
func checkZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return problem.New(problem.InvalidRequest, "This is not a time zone; use an IANA name like Europe/Berlin.").On("time_zone")
	}
	return nil
}

// text trims a name and refuses one that is empty or has characters that cannot be seen.
func text(field, v string) (string, error) {
	v = strings.TrimSpace(v)
	if v == "" {
		return "", problem.New(problem.InvalidRequest, "This must not be empty.").On(field)
	}
	if strings.ContainsFunc(v, unicode.IsControl) {
		return "", problem.New(problem.InvalidRequest, "This has characters that cannot be shown.").On(field)
	}
	return v, nil
}
