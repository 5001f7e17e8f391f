package tiktok

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// AuthURL implements connector.Linker. Herald is a web app with a secret, for which TikTok has no PKCE (desktop and mobile
// apps send a challenge in hexadecimal). https://developers.tiktok.com/doc/login-kit-web
func (c *Connector) AuthURL(r connector.AuthRequest) string {
	q := url.Values{
		"client_key": {c.cfg.ClientID}, "response_type": {"code"}, "scope": {strings.Join(scopes(), ",")},
		"redirect_uri": {r.RedirectURI}, "state": {r.State},
		"disable_auto_auth": {"1"}, // or whoever connected last is connected again without being asked
	}
	return c.cfg.DialogURL + "/v2/auth/authorize/?" + q.Encode()
}

func scopes() []string {
	var names []string
	for _, s := range login().Scopes {
		names = append(names, s.Name)
	}
	return names
}

// tokens is the answer to a code and to a refresh. Lives count from now.
// https://developers.tiktok.com/doc/oauth-user-access-token-management
type tokens struct {
	Access           string `json:"access_token"`
	ExpiresIn        int64  `json:"expires_in"` // seconds
	OpenID           string `json:"open_id"`
	Refresh          string `json:"refresh_token"`
	RefreshExpiresIn int64  `json:"refresh_expires_in"` // seconds
	Scope            string `json:"scope"`              // with commas
}

func (t tokens) granted() []string {
	return strings.FieldsFunc(t.Scope, func(r rune) bool { return r == ',' || r == ' ' })
}

func (c *Connector) after(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return c.cfg.Now().Add(time.Duration(seconds) * time.Second).UTC()
}

// Exchange implements connector.Linker.
func (c *Connector) Exchange(ctx context.Context, cb connector.Callback) (connector.Grant, error) {
	if cb.Query.Has("error") {
		e := problem.New(problem.PermissionMissing, "Access to your TikTok account was denied. Nothing was connected.")
		e.Platform, e.Code, e.Rule, e.Action = Platform, "access_denied", docOAuthErrors, again
		return connector.Grant{}, e
	}
	code := cb.Query.Get("code")
	if code == "" {
		e := problem.New(problem.AuthExpired, "TikTok sent you back without the code that finishes the login. Start again.")
		e.Platform, e.Code, e.Rule, e.Action = Platform, "no_code", docOAuthErrors, again
		return connector.Grant{}, e
	}
	var t tokens
	res, err := c.form(ctx, opExchange, "/v2/oauth/token/", connector.Session{}, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {cb.RedirectURI},
	}, &t)
	if err != nil {
		return connector.Grant{}, err
	}
	if t.Access == "" || t.OpenID == "" {
		return connector.Grant{}, res.Unexpected("access token")
	}
	g := connector.Grant{
		Login: cb.Login, Subject: t.OpenID, Granted: t.granted(), ExpiresAt: c.after(t.ExpiresIn),
		Credential: connector.Credential{Access: connector.NewSecret(t.Access), Refresh: connector.NewSecret(t.Refresh)},
	}
	for _, name := range scopes() {
		if !slices.Contains(g.Granted, name) {
			g.Declined = append(g.Declined, name)
		}
	}
	if slices.Contains(g.Declined, scopeBasic) {
		e := problem.New(problem.PermissionMissing, "Herald needs to see which TikTok account is yours. Connect again and allow it.")
		e.Platform, e.Code, e.Rule, e.Action = Platform, "scope_not_authorized", docScopes, again
		return connector.Grant{}, e
	}
	return g, nil
}

// user is the account itself. https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info
type user struct {
	OpenID    string `json:"open_id"`
	Name      string `json:"display_name"`
	Avatar    string `json:"avatar_url"`
	Username  string `json:"username"`
	Profile   string `json:"profile_web_link"`
	Followers *int64 `json:"follower_count"`
	Likes     *int64 `json:"likes_count"`
}

// user reads fields of the account; each takes its permission.
func (c *Connector) user(ctx context.Context, op operation, s connector.Session, fields ...string) (user, error) {
	var data struct {
		User *user `json:"user"`
	}
	res, err := c.call(ctx, request{op: op, method: http.MethodGet, path: "/v2/user/info/", session: s, fields: fields}, &data)
	if err == nil && data.User == nil {
		err = res.Unexpected("user")
	}
	if err != nil {
		return user{}, err
	}
	if data.User.OpenID == "" {
		return user{}, res.Unexpected("open_id")
	}
	return *data.User, nil
}

// Accounts implements connector.Linker: the one account that the person has logged in with.
func (c *Connector) Accounts(ctx context.Context, g connector.Grant) ([]connector.Account, error) {
	fields := []string{"open_id", "avatar_url", "display_name"}
	if slices.Contains(g.Granted, scopeProfile) {
		fields = append(fields, "username", "profile_web_link")
	}
	u, err := c.user(ctx, opUser, connector.Session{Credential: g.Credential}, fields...)
	if err != nil {
		return nil, err
	}
	a := connector.Account{
		Kind: kindTikTok, Login: g.Login, ExternalID: u.OpenID, Name: u.Name, Username: u.Username, Scopes: g.Granted, ExpiresAt: g.ExpiresAt,
		Credential: g.Credential, Usable: slices.Contains(g.Granted, scopePublish) || slices.Contains(g.Granted, scopeUpload),
	}
	for _, name := range []string{u.Username, u.OpenID} {
		if a.Name == "" {
			a.Name = name
		}
	}
	if isWeb(u.Avatar) {
		a.AvatarURL = u.Avatar
	}
	if isWeb(u.Profile) {
		a.ProfileURL = u.Profile
	}
	if !a.Usable {
		a.Reason = "Herald may neither post to this account nor send drafts to it. Connect it again and allow one of them."
	}
	return []connector.Account{a}, nil
}

func isWeb(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Ping implements connector.Connector.
func (c *Connector) Ping(ctx context.Context, s connector.Session) error {
	u, err := c.user(ctx, opPing, s, "open_id")
	if err == nil && u.OpenID != s.Account.ExternalID {
		e := problem.New(problem.NotFound, "This access belongs to another TikTok account. Connect the account again.")
		e.Platform, e.Code = Platform, "other_account"
		return e
	}
	return err
}

// Refresh implements connector.Refresher. TikTok gives a new refresh token and ends the one before: an answer that was
// lost may cost the access, which only the next refusal tells.
func (c *Connector) Refresh(ctx context.Context, s connector.Session) (connector.Renewal, error) {
	old := s.Credential.Refresh
	if old.Empty() {
		e := problem.New(problem.AuthExpired, "Herald does not hold what would renew the access to this account. Connect it again.")
		e.Platform, e.Code = Platform, "no_refresh_token"
		return connector.Renewal{}, e
	}
	var t tokens
	res, err := c.form(ctx, opRefresh, "/v2/oauth/token/", s, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Reveal()}}, &t)
	if err != nil {
		return connector.Renewal{}, err
	}
	if t.Access == "" {
		return connector.Renewal{}, res.Unexpected("access token")
	}
	if t.OpenID != "" && s.Account.ExternalID != "" && t.OpenID != s.Account.ExternalID {
		return connector.Renewal{}, res.Unexpected("open_id of the account")
	}
	next := old // older documents: it may stay the same
	if t.Refresh != "" {
		next = connector.NewSecret(t.Refresh)
	}
	return connector.Renewal{
		Credential: connector.Credential{Access: connector.NewSecret(t.Access), Refresh: next},
		Life:       connector.Life{ExpiresAt: c.after(t.ExpiresIn), RenewUntil: c.after(t.RefreshExpiresIn), Scopes: t.granted()},
	}, nil
}

// revokeTries is how often a fresh access is given back: nothing outlives this call that could give it back later.
const revokeTries = 3

// Revoke implements connector.Revoker. Only a living token can be revoked, so a dead one is renewed first. That ends what is
// stored; if the new access cannot be given back at once, it is said so and not tried again.
func (c *Connector) Revoke(ctx context.Context, s connector.Session) error {
	err := c.revoke(ctx, s)
	if problem.ClassOf(err) != problem.AuthExpired {
		return err
	}
	renewal, err := c.Refresh(ctx, s)
	lost := err != nil && problem.Of(err).MayHaveHappened()
	if lost {
		renewal, err = c.Refresh(ctx, s)
	}
	switch class := problem.ClassOf(err); {
	case err == nil:
	case lost && (class == problem.AuthRevoked || problem.Of(err).MayHaveHappened()):
		return outOfReach()
	case class == problem.AuthExpired, class == problem.AuthRevoked:
		return nil // nothing is left of the access
	default:
		return err
	}
	s.Credential = renewal.Credential
	for range revokeTries {
		if err = c.revoke(ctx, s); err == nil || problem.ClassOf(err) == problem.AuthExpired {
			return nil
		}
	}
	return outOfReach()
}

// outOfReach says that an access lives on for which nobody holds a token.
func outOfReach() error {
	e := problem.New(problem.AuthRevoked, "TikTok did not answer, and what Herald held of the access has ended with the attempt.")
	e.Platform, e.Code, e.Rule = Platform, "out_of_reach", docTokens
	return e
}

func (c *Connector) revoke(ctx context.Context, s connector.Session) error {
	_, err := c.form(ctx, opRevoke, "/v2/oauth/revoke/", s, url.Values{"token": {s.Credential.Access.Reveal()}}, nil)
	return err
}
