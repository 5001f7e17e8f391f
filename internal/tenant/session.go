package tenant

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
)

// SessionLife is how long a session lasts without signing in again.
const SessionLife = 30 * 24 * time.Hour

// secretBytes is the length of a session's random part: 256 bits.
const secretBytes = 32

// Session is a signed-in member, as one read gives it.
type Session struct {
	TenantID  string `dynamodbav:"tenant_id"`
	Hash      string `dynamodbav:"-"` // lower-hex SHA-256 of the token; the row's key
	MemberID  string `dynamodbav:"member_id"`
	UserID    string `dynamodbav:"member_user"` // not user_id: the index by person lists memberships only
	Email     string `dynamodbav:"email"`
	Name      string `dynamodbav:"name"`
	Role      Role   `dynamodbav:"role"`
	Workspace string `dynamodbav:"workspace"`
	Zone      string `dynamodbav:"zone"`
	ExpiresAt int64  `dynamodbav:"expires_at"` // epoch ms
}

// SessionStore reads sessions; found is false when there is none.
type SessionStore interface {
	Session(ctx context.Context, tenantID, hash string) (s Session, found bool, err error)
}

// Sessions resolves tokens; every HTTP function has one.
type Sessions struct {
	Store SessionStore
	Now   func() time.Time
}

// ErrNoSession is behind the Unauthorized problem of Resolve.
var ErrNoSession = errors.New("tenant: no such session")

// Resolve finds the session of a token with one read. Unauthorized when it is malformed, unknown, revoked or over.
func (s Sessions) Resolve(ctx context.Context, token string) (Session, error) {
	tenantID, ok := TokenTenant(token)
	if !ok {
		return Session{}, signedOut()
	}
	hash := HashToken(token)
	found, ok, err := s.Store.Session(ctx, tenantID, hash)
	if err != nil {
		return Session{}, fmt.Errorf("read the session: %w", err)
	}
	if !ok || found.ExpiresAt <= s.Now().UnixMilli() {
		return Session{}, signedOut()
	}
	found.Hash = hash
	return found, nil
}

func signedOut() error {
	return problem.New(problem.Unauthorized, "You are not signed in, or your session has ended.").Because(ErrNoSession)
}

// TokenTenant takes the tenant out of a token, "<tenant_id>.<base64url of 32 bytes>". It says nothing about whether
// the token is good.
func TokenTenant(token string) (string, bool) {
	tenantID, secret, ok := strings.Cut(token, ".")
	if !ok || !WellFormed(tenantID, "ten_") {
		return "", false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	return tenantID, err == nil && len(raw) == secretBytes
}

// WellFormed tells whether id is prefix and a lower-case ULID. A key that is not is never looked up.
func WellFormed(id, prefix string) bool {
	rest, ok := strings.CutPrefix(id, prefix)
	if !ok || len(rest) != 26 || rest[0] > '7' {
		return false
	}
	return strings.Trim(rest, "0123456789abcdefghjkmnpqrstvwxyz") == ""
}

// HashToken is what of a token is stored.
func HashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// CSRF is the value that proves that a request comes from a page that could read the session: an HMAC under the token.
func CSRF(token string) string {
	m := hmac.New(sha256.New, []byte(token))
	m.Write([]byte("csrf"))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// NewSecret makes 256 random bits as base64url.
func NewSecret() string {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails: the program ends instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// open makes a session for the member.
func (s *Service) open(ctx context.Context, w Workspace, m Membership) (token string, session Session, err error) {
	token = m.TenantID + "." + NewSecret()
	session = Session{
		TenantID: m.TenantID, Hash: HashToken(token), MemberID: m.ID, UserID: m.UserID, Email: m.Email, Name: m.Name,
		Role: m.Role, Workspace: w.Name, Zone: w.Zone, ExpiresAt: s.Now().Add(SessionLife).UnixMilli(),
	}
	if err := s.Store.PutSession(ctx, session); err != nil {
		return "", Session{}, fmt.Errorf("open the session: %w", err)
	}
	return token, session, nil
}

// SignOut ends a session at once.
func (s *Service) SignOut(ctx context.Context, session Session) error {
	return s.Store.DeleteSession(ctx, session.TenantID, session.Hash)
}
