package meta

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

// prolongBefore is how long before its end the person's token is exchanged for a new one: about 60 days long, it can
// be prolonged only while it lives.
// https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
const prolongBefore = 7 * 24 * time.Hour

// Refresh implements connector.Refresher. A Page's token does not end by itself, but it dies with its causes (a changed
// password, a lost role). The person's token gives it anew, and is prolonged when its own end is near. Reading and
// prolonging take nothing away from the tokens that were there, so a crash between any two calls loses nothing.
func (c *Connector) Refresh(ctx context.Context, s connector.Session) (connector.Renewal, error) {
	if s.Account.Login == loginInstagram {
		return c.via(s).igRefresh(ctx, s)
	}
	person := s.Credential.Parent
	if person.Empty() {
		e := problem.New(problem.AuthExpired, "Herald does not hold the login any more that could renew the access to this Page. Connect it again.")
		e.Platform, e.Code = Platform, "no_login"
		return connector.Renewal{}, e
	}
	life, err := c.debug(ctx, s, person)
	if err != nil {
		return connector.Renewal{}, err
	}
	if !life.ExpiresAt.IsZero() && life.ExpiresAt.Sub(c.cfg.Now()) <= prolongBefore {
		if person, err = c.token(ctx, opProlong, url.Values{"grant_type": {"fb_exchange_token"}, "fb_exchange_token": {person.Reveal()}}); err != nil {
			return connector.Renewal{}, err
		}
		if life, err = c.debug(ctx, s, person); err != nil {
			return connector.Renewal{}, err
		}
	}
	page, err := c.pageToken(ctx, s, person)
	if err != nil {
		return connector.Renewal{}, err
	}
	// A Page's token that was read with a long-lived token has no end of its own; life is the person's.
	return connector.Renewal{
		Credential: connector.Credential{Access: page, Parent: person},
		Life:       connector.Life{RenewUntil: life.ExpiresAt, DataUntil: life.DataUntil, Scopes: life.Scopes},
	}, nil
}

// pageToken reads the Page's own token with the person's.
// https://developers.facebook.com/docs/facebook-login/guides/access-tokens#pagetokens
func (c *Connector) pageToken(ctx context.Context, s connector.Session, person connector.Secret) (connector.Secret, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	page := s.Account.ExternalID
	if s.Account.Kind == kindInstagram { // it lives on the token of the Page it is linked to
		page = s.Account.Data[dataPage]
	}
	_, err := c.call(ctx, graph{
		op: opPageToken, method: http.MethodGet, path: url.PathEscape(page), token: person, http: s.HTTP,
		params: url.Values{"fields": {"access_token"}},
	}, &answer)
	if err != nil {
		return connector.Secret{}, err
	}
	if answer.AccessToken == "" { // the field is left out where the person has no role that allows it
		e := problem.New(problem.PermissionMissing, "Facebook does not give Herald access to this Page any more. Let somebody with a role on the Page connect it.")
		e.Platform, e.Code = Platform, "no_page_token"
		return connector.Secret{}, e
	}
	return connector.NewSecret(answer.AccessToken), nil
}

// Inspect implements connector.Inspector. The end of data access is the Page's own; until when it can be renewed is
// the person's, and so stays unknown here.
func (c *Connector) Inspect(ctx context.Context, s connector.Session) (connector.Life, error) {
	if s.Account.Login == loginInstagram { // debug_token does not read these; what the platform said when it gave it stays true
		return connector.Life{ExpiresAt: s.Account.ExpiresAt}, nil
	}
	return c.debug(ctx, s, s.Credential.Access)
}

// debug asks what a token is. It is signed by the app, and the token in question travels in the query, as the document
// has it; nothing of ours keeps or prints that URL.
// https://developers.facebook.com/docs/graph-api/reference/debug_token
func (c *Connector) debug(ctx context.Context, s connector.Session, token connector.Secret) (connector.Life, error) {
	t, err := c.inspect(ctx, s, token)
	if err != nil {
		return connector.Life{}, err
	}
	life := connector.Life{ExpiresAt: seconds(t.ExpiresAt), Scopes: t.Scopes}
	if slices.ContainsFunc(t.Scopes, func(scope string) bool { return endsWithDataAccess(s.Account.Kind, scope) }) {
		life.DataUntil = seconds(t.DataUntil)
	}
	return life, nil
}

// debugged is what a token is.
type debugged struct {
	Valid     bool     `json:"is_valid"`
	ExpiresAt int64    `json:"expires_at"`             // epoch seconds; 0 = never
	DataUntil int64    `json:"data_access_expires_at"` // epoch seconds; 0 = never
	Scopes    []string `json:"scopes"`
	Granular  []struct {
		Scope   string `json:"scope"`
		Targets []text `json:"target_ids"`
	} `json:"granular_scopes"`
	Error *struct {
		Code    int    `json:"code"`
		Subcode int    `json:"subcode"`
		Message string `json:"message"`
	} `json:"error"`
}

// inspect describes a token that is valid; of any other it gives the error that other calls would get.
func (c *Connector) inspect(ctx context.Context, s connector.Session, token connector.Secret) (debugged, error) {
	var answer struct {
		Data *debugged `json:"data"`
	}
	res, err := c.call(ctx, graph{
		op: opDebug, method: http.MethodGet, path: "debug_token", token: connector.NewSecret(c.cfg.ClientID + "|" + c.cfg.ClientSecret.Reveal()),
		params: url.Values{"input_token": {token.Reveal()}}, http: s.HTTP,
	}, &answer)
	switch d := answer.Data; {
	case err != nil:
		return debugged{}, err
	case d == nil:
		return debugged{}, res.Unexpected("data")
	case d.Valid:
		return *d, nil
	case d.Error != nil && d.Error.Code != 0:
		// A bad token is an answer here, not an error.
		return debugged{}, c.classify(ctx, opDebug, &graphError{Code: d.Error.Code, Subcode: d.Error.Subcode, Message: d.Error.Message}, res)
	default:
		return debugged{}, c.classify(ctx, opDebug, &graphError{Code: 190}, res)
	}
}

// endsWithDataAccess tells whether a permission stops working when the access to a person's data ends, 90 days after
// the person was last active. Those for Pages, ads and businesses are exempt, so an account that needs no other one is
// not said to expire: Instagram's are given in the same login, and a Page does not need them.
// https://developers.facebook.com/docs/facebook-login/auth-vs-data
func endsWithDataAccess(kind, scope string) bool {
	if kind != kindInstagram && strings.HasPrefix(scope, "instagram_") {
		return false
	}
	for _, exempt := range []string{"pages_", "ads_", "read_insights", "business_management", "public_profile"} {
		if strings.HasPrefix(scope, exempt) {
			return false
		}
	}
	return true
}

func seconds(epoch int64) time.Time {
	if epoch <= 0 {
		return time.Time{}
	}
	return time.Unix(epoch, 0).UTC()
}
