package connection

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/tenant"
	"github.com/herald-publishing/herald/internal/vault"
)

// StateLife is how long a person may stay at the platform's consent screen.
const StateLife = 10 * time.Minute

// State is what is remembered between the start and the callback. It is used once, by the session that started it.
type State struct {
	TenantID    string `dynamodbav:"tenant_id"`
	Hash        string `dynamodbav:"-"` // lower-hex SHA-256 of the state; the row's key
	Platform    string `dynamodbav:"platform"`
	Login       string `dynamodbav:"login"`
	SessionHash string `dynamodbav:"session_hash"`
	Verifier    string `dynamodbav:"verifier"` // PKCE; empty where the platform has none
	Reconnect   string `dynamodbav:"reconnect_id"`
	ReturnTo    string `dynamodbav:"return_to"`
	ExpiresAt   int64  `dynamodbav:"expires_at"` // epoch ms
}

// Why a consent did not lead to accounts; the page has a sentence and a way on for each.
const (
	Denied            = "denied"
	StateUsed         = "state_used"
	ForeignBrowser    = "foreign_browser"
	CodeExpired       = "code_expired"
	PermissionMissing = "permission_missing"
	NoAccounts        = "no_accounts"
	DifferentAccount  = "different_account"
	PlatformDown      = "platform_down"
	PlatformOff       = "platform_off"
	SignedOut         = "signed_out"
	NotAllowed        = "not_allowed"
	Failed            = "failed"
)

// Failure is a consent that did not lead to accounts.
type Failure struct {
	Code  string
	Login string // by which login; empty = not known yet
	cause error
}

func (f *Failure) Error() string { return "connection: consent: " + f.Code }

// Unwrap gives the cause for the log.
func (f *Failure) Unwrap() error { return f.cause }

func fail(code string, cause error) error { return &Failure{Code: code, cause: cause} }

// FailureLogin is the login that any error of Linking is about; empty = not known.
func FailureLogin(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Login
	}
	return ""
}

// FailureCode is the code of any error of Linking.
func FailureCode(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Code
	}
	return Failed
}

// LinkStore is what the way through the consent needs.
type LinkStore interface {
	GrantStore
	PutState(ctx context.Context, s State) error
	// TakeState removes the state and gives it, if it belongs to the session. When it does not, or is gone, taken is
	// false and nothing is removed; found tells which.
	TakeState(ctx context.Context, tenantID, hash, sessionHash string) (s State, taken, found bool, err error)
	Connection(ctx context.Context, tenantID, id string) (c Connection, found bool, err error)
	PlatformOff(ctx context.Context, tenantID, platform string) (bool, error)
}

// Sealer seals a credential; it cannot open one.
type Sealer interface {
	Seal(ctx context.Context, ref vault.Ref, c connector.Credential, ttl time.Time) error
}

// Linking is the way through a platform's consent.
type Linking struct {
	Store      LinkStore
	Sealer     Sealer
	Connectors map[string]connector.Connector // the platforms the operator has enabled
	Now        func() time.Time
	NewID      func() string // lower-case ULID without prefix
	Log        *slog.Logger
}

// Way is what a person sets out with.
type Way struct {
	Platform  string
	Login     string // one of the platform's logins; empty = its first
	Reconnect string // the connection to heal, by the login it was linked by; empty = none
	ReturnTo  string
}

// Start remembers a state and gives the URL of the platform's consent screen.
func (l *Linking) Start(ctx context.Context, who tenant.Session, w Way, redirectURI string) (string, error) {
	platform, reconnect := w.Platform, w.Reconnect
	c, err := l.platform(ctx, who, platform)
	if err != nil {
		return "", err
	}
	if reconnect != "" {
		old, found, err := l.Store.Connection(ctx, who.TenantID, reconnect)
		if err != nil {
			return "", fail(Failed, err)
		}
		if !found || old.Platform != platform {
			return "", fail(DifferentAccount, nil)
		}
		w.Login = old.Login
	}
	login, offered := c.Info().Login(w.Login)
	if !offered {
		return "", fail(PlatformOff, nil)
	}
	state := who.TenantID + "." + tenant.NewSecret()
	s := State{
		TenantID: who.TenantID, Hash: hashState(state), Platform: platform, Login: login.ID, SessionHash: who.Hash, Reconnect: reconnect,
		ReturnTo: ReturnPath(w.ReturnTo), ExpiresAt: l.Now().Add(StateLife).UnixMilli(),
	}
	challenge := ""
	if c.Info().PKCE {
		s.Verifier = tenant.NewSecret()
		sum := sha256.Sum256([]byte(s.Verifier))
		challenge = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if err := l.Store.PutState(ctx, s); err != nil {
		return "", fail(Failed, err)
	}
	return c.AuthURL(connector.AuthRequest{Login: login.ID, State: state, Challenge: challenge, RedirectURI: redirectURI}), nil
}

// Finish takes what the platform sent back and gives the id of the grant to pick from. who may be the zero Session:
// nobody is signed in. A state of another browser is refused and stays good for its own.
func (l *Linking) Finish(ctx context.Context, who tenant.Session, platform string, query url.Values, redirectURI string) (grantID string, err error) {
	state := query.Get("state")
	tenantID, ok := tenant.TokenTenant(state) // the same form: tenant and 32 random bytes
	if !ok {
		return "", fail(StateUsed, nil)
	}
	s, taken, found, err := l.Store.TakeState(ctx, tenantID, hashState(state), who.Hash)
	defer func() {
		if f := (*Failure)(nil); taken && errors.As(err, &f) {
			f.Login = s.Login
		}
	}()
	switch {
	case err != nil:
		return "", fail(Failed, err)
	case !taken && found:
		return "", fail(ForeignBrowser, nil)
	case !taken, s.Platform != platform:
		return "", fail(StateUsed, nil)
	case s.ExpiresAt <= l.Now().UnixMilli():
		return "", fail(CodeExpired, nil)
	}
	c, err := l.platform(ctx, who, platform)
	if err != nil {
		return "", err
	}
	rest := url.Values{}
	for k, v := range query {
		if k != "state" {
			rest[k] = v
		}
	}
	grant, err := c.Exchange(ctx, connector.Callback{Login: s.Login, Query: rest, RedirectURI: redirectURI, Verifier: s.Verifier})
	if err != nil {
		missing := PermissionMissing
		if query.Get("code") == "" { // the person said no to everything
			missing = Denied
		}
		return "", l.refused(err, missing)
	}
	accounts, err := c.Accounts(ctx, grant)
	if err != nil {
		return "", l.refused(err, PermissionMissing)
	}
	if len(accounts) == 0 {
		if lacks(c.Info(), s.Login, grant.Declined) {
			return "", fail(PermissionMissing, nil)
		}
		return "", fail(NoAccounts, nil)
	}
	return l.keep(ctx, who, s, grant, accounts)
}

// refused names the reason of a platform's answer; missing is what a missing permission means at this point.
func (l *Linking) refused(err error, missing string) error {
	switch problem.ClassOf(err) {
	case problem.PermissionMissing:
		return fail(missing, err)
	case problem.AuthExpired, problem.AuthRevoked:
		return fail(CodeExpired, err)
	case problem.PlatformDown, problem.Transient, problem.RateLimited:
		return fail(PlatformDown, err)
	case problem.NotFound:
		return fail(NoAccounts, err)
	default:
		return fail(Failed, err)
	}
}

func lacks(info connector.Info, login string, declined []string) bool {
	by, _ := info.Login(login)
	for _, s := range by.Scopes {
		for _, d := range declined {
			if s.Required && s.Name == d {
				return true
			}
		}
	}
	return false
}

// mostAccounts is how many accounts of one consent are offered: they lie in one item of at most 400 KB.
const mostAccounts = 300

// keep seals every usable account's credential now, since this function cannot open one later, and stores the grant.
func (l *Linking) keep(ctx context.Context, who tenant.Session, s State, grant connector.Grant, accounts []connector.Account) (string, error) {
	until := l.Now().Add(GrantLife)
	g := Grant{
		TenantID: who.TenantID, ID: "grt_" + l.NewID(), Platform: s.Platform, Login: s.Login, Declined: grant.Declined,
		Reconnect: s.Reconnect, ReturnTo: s.ReturnTo, MemberID: who.MemberID, ExpiresAt: until.UnixMilli(),
	}
	if len(accounts) > mostAccounts && s.Reconnect == "" {
		l.Log.WarnContext(ctx, "more accounts than can be offered", slog.String("platform", s.Platform), slog.Int("accounts", len(accounts)))
		accounts = accounts[:mostAccounts]
	}
	var work errgroup.Group
	work.SetLimit(8)
	for _, a := range accounts {
		c := Candidate{
			ConnectionID: IDFor(who.TenantID, s.Platform, a.Kind, a.ExternalID), Kind: a.Kind, ExternalID: a.ExternalID, Name: a.Name,
			Username: a.Username, AvatarURL: a.AvatarURL, ProfileURL: a.ProfileURL, Scopes: a.Scopes, Usable: a.Usable, Reason: a.Reason,
			Data: a.Data, ExpiresAt: millis(a.ExpiresAt), DataUntil: millis(a.DataUntil), Subject: grant.Subject,
		}
		if s.Reconnect != "" && c.ConnectionID != s.Reconnect {
			continue // a reconnect heals its own account and no other
		}
		if a.Usable {
			c.Version = l.NewID()
			ref := vault.Ref{Tenant: who.TenantID, Connection: c.ConnectionID, Version: c.Version}
			work.Go(func() error { return l.Sealer.Seal(ctx, ref, a.Credential, until) })
		}
		g.Accounts = append(g.Accounts, c)
	}
	if len(g.Accounts) == 0 {
		return "", fail(DifferentAccount, nil)
	}
	if err := work.Wait(); err != nil {
		return "", fail(Failed, fmt.Errorf("seal the credentials: %w", err))
	}
	if err := l.Store.PutGrant(ctx, g); err != nil {
		return "", fail(Failed, err)
	}
	return g.ID, nil
}

// platform finds a connector that may be used by this session.
func (l *Linking) platform(ctx context.Context, who tenant.Session, platform string) (connector.Connector, error) {
	switch {
	case who.TenantID == "":
		return nil, fail(SignedOut, nil)
	case !who.Role.May(tenant.Connect):
		return nil, fail(NotAllowed, nil)
	}
	c, ok := l.Connectors[platform]
	if !ok {
		return nil, fail(PlatformOff, nil)
	}
	off, err := l.Store.PlatformOff(ctx, who.TenantID, platform)
	if err != nil {
		return nil, fail(Failed, err)
	}
	if off {
		return nil, fail(PlatformOff, nil)
	}
	return c, nil
}

// IDFor is the id of the connection to an account. It follows from the account, so linking it again, from anywhere
// and at the same moment, finds the same connection.
func IDFor(tenantID, platform, kind, externalID string) string {
	h := sha256.Sum256([]byte(strings.Join([]string{tenantID, platform, kind, externalID}, "\x00")))
	var id ulid.ULID
	copy(id[:], h[:])
	return "con_" + strings.ToLower(id.String())
}

// ReturnPath keeps a path of the page and refuses anything that could lead elsewhere; the default is /accounts.
func ReturnPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") {
		return "/accounts"
	}
	return s
}

func hashState(state string) string {
	h := sha256.Sum256([]byte(state))
	return hex.EncodeToString(h[:])
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
