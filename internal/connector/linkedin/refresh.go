package linkedin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Refresh implements connector.Refresher. Only apps that LinkedIn has approved for it hold a refresh token. It stays the
// same, lives a year from the consent and is never prolonged: then a person has to consent again. Without one there is
// nothing to ask: the connection goes on to its end, and says so a week before.
// https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
func (c *Connector) Refresh(ctx context.Context, s connector.Session) (connector.Renewal, error) {
	if s.Credential.Refresh.Empty() {
		e := problem.New(problem.AuthExpired, "LinkedIn does not let Herald renew the access to this account by itself. Connect it again.")
		e.Platform, e.Code, e.Rule = Platform, "no_refresh_token", srcRefresh
		return connector.Renewal{}, e
	}
	var t tokens
	now := c.cfg.Now()
	res, err := c.form(ctx, opRefresh, s, "accessToken", s.Account.Login, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s.Credential.Refresh.Reveal()}}, &t)
	if err != nil {
		return connector.Renewal{}, err
	}
	if t.Access == "" || t.ExpiresIn <= 0 {
		return connector.Renewal{}, res.Unexpected("access token")
	}
	refresh := s.Credential.Refresh
	if t.Refresh != "" {
		refresh = connector.NewSecret(t.Refresh)
	}
	life := connector.Life{ExpiresAt: after(now, t.ExpiresIn), RenewUntil: after(now, t.RefreshEnds)}
	if t.Scope != "" {
		life.Scopes = t.scopes()
	}
	return connector.Renewal{Credential: connector.Credential{Access: connector.NewSecret(t.Access), Refresh: refresh}, Life: life}, nil
}

// Inspect implements connector.Inspector: the cheap way to tell an ended token from one that was taken back.
// https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection
func (c *Connector) Inspect(ctx context.Context, s connector.Session) (connector.Life, error) {
	var answer struct {
		Active    *bool  `json:"active"`
		Status    string `json:"status"`
		Scope     string `json:"scope"`
		ExpiresAt int64  `json:"expires_at"` // epoch seconds
	}
	res, err := c.form(ctx, opInspect, s, "introspectToken", s.Account.Login, url.Values{"token": {s.Credential.Access.Reveal()}}, &answer)
	switch {
	case err != nil:
		return connector.Life{}, err
	case answer.Active == nil:
		return connector.Life{}, res.Unexpected("active")
	case *answer.Active:
		return connector.Life{ExpiresAt: epoch(answer.ExpiresAt), Scopes: tokens{Scope: answer.Scope}.scopes()}, nil
	}
	e := &nativeError{status: http.StatusUnauthorized, code: "REVOKED_ACCESS_TOKEN", service: serviceRevoked}
	if answer.Status == "expired" {
		e = &nativeError{status: http.StatusUnauthorized, code: "EXPIRED_ACCESS_TOKEN"}
	}
	return connector.Life{}, c.classify(ctx, opInspect, s, e, res)
}

func epoch(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// Revoke implements connector.Revoker. LinkedIn refuses a token that is dead already, which is what was wanted. The
// refresh token goes first: without the access token nobody could tell that it is left.
// https://www.linkedin.com/oauth/v2/revoke
func (c *Connector) Revoke(ctx context.Context, s connector.Session) error {
	for _, t := range []connector.Secret{s.Credential.Refresh, s.Credential.Access} {
		if t.Empty() {
			continue
		}
		_, err := c.form(ctx, opRevoke, s, "revoke", s.Account.Login, url.Values{"token": {t.Reveal()}}, nil)
		if err != nil && problem.Of(err).Code != codeDead {
			return err
		}
	}
	return nil
}

// codeDead is how the OAuth server names a token that does not work.
const codeDead = "invalid_request"
