package publish

import (
	"context"
	"errors"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

// Opener opens credentials.
type Opener interface {
	Open(ctx context.Context, want vault.Ref, s vault.Sealed) (connector.Credential, error)
}

// AccountStore reads a connection with its sealed credential.
type AccountStore interface {
	// LoadAccount reads both in one call while the version that is hinted at is the current one.
	LoadAccount(ctx context.Context, tenant, connection, tokenVersion string) (Account, vault.Sealed, error)
}

// Door opens a session with an account. Only what works behind the queue has one.
type Door struct {
	Store  AccountStore
	Opener Opener
}

// Session gives the connection, and a session with it if it is usable. tokenVersion is a hint.
func (d Door) Session(ctx context.Context, tenant, connection, tokenVersion string) (Account, connector.Session, error) {
	account, sealed, err := d.Store.LoadAccount(ctx, tenant, connection, tokenVersion)
	if err != nil {
		return Account{}, connector.Session{}, err
	}
	if err := usable(account); err != nil {
		return account, connector.Session{}, err
	}
	credential, err := d.Opener.Open(ctx, vault.Ref{Tenant: tenant, Connection: connection, Version: account.TokenVersion}, sealed)
	if errors.Is(err, vault.ErrOpen) {
		e := problem.New(problem.AuthExpired, "The stored access to this account cannot be read any more. Connect it again.")
		e.Code = reasonCannotOpen
		return account, connector.Session{}, e.Because(err)
	}
	if err != nil {
		return account, connector.Session{}, err
	}
	return account, connector.Session{
		Account: connector.Account{
			Kind: account.Kind, Login: account.Login, ExternalID: account.ExternalID, Name: account.Name, Username: account.Username,
			Scopes: account.Scopes, Data: account.Data, Usable: true,
		},
		Credential: credential,
	}, nil
}

func usable(a Account) error {
	switch a.Status {
	case "disconnected", "":
		e := problem.New(problem.NotFound, "The account was disconnected before this post was due.")
		e.Code = reasonDisconnected
		return e
	case "blocked":
		reason := a.Reason
		if reason == "" {
			reason = "The account needs to be connected again."
		}
		return problem.New(problem.AuthRevoked, reason)
	case "paused":
		e := problem.New(problem.Conflict, "The account is paused. The post waits until somebody takes the account into use again.")
		e.Code, e.Action = reasonPaused, problem.Action{Kind: problem.ActWait, Label: "Take the account into use again"}
		return e
	default:
		return nil
	}
}
