package connector

import (
	"context"
	"time"
)

// Refresher renews a credential before it ends, or after the platform refused it. A platform whose access can only be
// renewed by the person does not implement it.
type Refresher interface {
	// Refresh asks the platform for a fresh credential with what the old one holds (its Refresh or Parent). It may be
	// called again after a crash at any line. An error of the class AuthExpired, AuthRevoked, PermissionMissing or
	// NotFound says that the platform refuses to renew; whether the old Access still works is Ping's to say. Everything
	// else says nothing about the credential.
	Refresh(ctx context.Context, s Session) (Renewal, error)
}

// Renewal is what a refresh gave. A credential equal to the old one is a success: there was nothing to replace.
type Renewal struct {
	Credential Credential
	Life       Life
}

// Life is what the platform says about a credential's life. Zero times: no end known.
type Life struct {
	ExpiresAt  time.Time // Access ends
	RenewUntil time.Time // Refresh works no longer: what it renews with has ended
	DataUntil  time.Time // end of data access, where the platform has that
	Scopes     []string  // granted now; nil = the platform does not tell
}

// Inspector reads how long a credential lives without changing it.
type Inspector interface {
	// Inspect describes the session's credential. An error says nothing about it: Ping does.
	Inspect(ctx context.Context, s Session) (Life, error)
}
