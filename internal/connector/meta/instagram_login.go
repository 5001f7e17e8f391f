package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// What an InstagramApp uses where a field is empty.
const (
	DefaultInstagramGraphURL  = "https://graph.instagram.com"
	DefaultInstagramTokenURL  = "https://api.instagram.com" //nolint:gosec // an address
	DefaultInstagramDialogURL = "https://www.instagram.com"
)

// InstagramApp is the app of Instagram Login: it has an id and a secret of its own, and hosts of its own.
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
type InstagramApp struct {
	ClientID     string           // empty = no Instagram Login
	ClientSecret connector.Secret // of the Instagram app, not of the Meta app
	GraphURL     string           // without version; empty = DefaultInstagramGraphURL
	TokenURL     string           // where a code is exchanged; empty = DefaultInstagramTokenURL
	DialogURL    string           // empty = DefaultInstagramDialogURL
}

// via is the connector on the host that an account's calls go to. Everything that works on an account begins with it.
func (c *Connector) via(s connector.Session) *Connector {
	if s.Account.Login != loginInstagram {
		return c
	}
	return &Connector{cfg: c.cfg, instagram: true}
}

func (c *Connector) igAuthURL(r connector.AuthRequest) string {
	q := url.Values{
		"client_id": {c.cfg.Instagram.ClientID}, "redirect_uri": {r.RedirectURI}, "state": {r.State}, "response_type": {"code"},
		"scope": {strings.Join(scopesOf(instagramLogin()), ",")},
	}
	return c.cfg.Instagram.DialogURL + "/oauth/authorize?" + q.Encode()
}

// igExchange turns the code into a token of an hour and that one, at once, into one of 60 days.
func (c *Connector) igExchange(ctx context.Context, cb connector.Callback) (connector.Grant, error) {
	if why := cb.Query.Get("error"); why != "" {
		return connector.Grant{}, refused(why, "Instagram", "your Instagram account")
	}
	code := strings.TrimSuffix(cb.Query.Get("code"), "#_") // the document: these are no part of the code
	if code == "" {
		return connector.Grant{}, noCode("Instagram")
	}
	ig := &Connector{cfg: c.cfg, instagram: true}
	short, err := ig.igCode(ctx, code, cb.RedirectURI)
	if err != nil {
		return connector.Grant{}, err
	}
	long, ends, err := ig.igToken(ctx, connector.Session{}, opIGProlong, "access_token", url.Values{
		"grant_type": {"ig_exchange_token"}, "client_secret": {c.cfg.Instagram.ClientSecret.Reveal()}, "access_token": {short.token.Reveal()},
	})
	if err != nil {
		return connector.Grant{}, err
	}
	me, err := ig.igMe(ctx, opIGMe, connector.Session{Credential: connector.Credential{Access: long}}, "id,user_id")
	if err != nil {
		return connector.Grant{}, err
	}
	login := instagramLogin()
	g := connector.Grant{Login: loginInstagram, Credential: connector.Credential{Access: long}, Subject: string(me.ID), Granted: short.granted, ExpiresAt: ends}
	for _, name := range scopesOf(login) {
		if !slices.Contains(g.Granted, name) {
			g.Declined = append(g.Declined, name)
		}
	}
	return g, missing(login, g.Granted)
}

type igShort struct {
	token   connector.Secret
	granted []string
}

// igCode exchanges the code. The answer is documented inside a list and seen without one.
func (c *Connector) igCode(ctx context.Context, code, redirectURI string) (igShort, error) {
	type answer struct {
		AccessToken string   `json:"access_token"`
		Permissions scopeSet `json:"permissions"`
	}
	var got struct {
		answer
		Data []answer `json:"data"`
	}
	res, err := c.call(ctx, graph{op: opIGExchange, method: http.MethodPost, path: "oauth/access_token", host: c.cfg.Instagram.TokenURL, params: url.Values{
		"client_id": {c.cfg.Instagram.ClientID}, "client_secret": {c.cfg.Instagram.ClientSecret.Reveal()},
		"grant_type": {"authorization_code"}, "redirect_uri": {redirectURI}, "code": {code},
	}}, &got)
	if err != nil {
		return igShort{}, err
	}
	if len(got.Data) > 0 {
		got.answer = got.Data[0]
	}
	if got.AccessToken == "" {
		return igShort{}, res.Unexpected("access token")
	}
	return igShort{token: connector.NewSecret(got.AccessToken), granted: got.Permissions}, nil
}

// scopeSet reads permissions as one text with commas, or as a list.
type scopeSet []string

func (s *scopeSet) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*s = strings.FieldsFunc(one, func(r rune) bool { return r == ',' || r == ' ' })
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(s))
}

// igToken asks for a longer token. What it is made of travels in the query, as the document has it; nothing of ours keeps
// or prints that URL.
func (c *Connector) igToken(ctx context.Context, s connector.Session, op operation, path string, params url.Values) (connector.Secret, time.Time, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"` // seconds
	}
	res, err := c.call(ctx, graph{op: op, method: http.MethodGet, path: path, host: c.cfg.Instagram.GraphURL, params: params, http: s.HTTP}, &answer)
	if err != nil {
		return connector.Secret{}, time.Time{}, err
	}
	if answer.AccessToken == "" || answer.ExpiresIn <= 0 {
		return connector.Secret{}, time.Time{}, res.Unexpected("access token with an end")
	}
	return connector.NewSecret(answer.AccessToken), c.cfg.Now().Add(time.Duration(answer.ExpiresIn) * time.Second).UTC(), nil
}

type igProfile struct {
	ID          text   `json:"id"`      // of the person, for this app only
	UserID      text   `json:"user_id"` // of the professional account: that of paths and webhooks
	Username    string `json:"username"`
	Name        string `json:"name"`
	AccountType string `json:"account_type"`
	Picture     string `json:"profile_picture_url"`
}

// igMe reads whose token it is. The documents show the answer inside a list; it is seen without one, too.
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/get-started
func (c *Connector) igMe(ctx context.Context, op operation, s connector.Session, fields string) (igProfile, error) {
	var got struct {
		igProfile
		Data []igProfile `json:"data"`
	}
	res, err := c.call(ctx, graph{op: op, method: http.MethodGet, path: "me", token: s.Credential.Access, params: url.Values{"fields": {fields}}, http: s.HTTP}, &got)
	if err != nil {
		return igProfile{}, err
	}
	if len(got.Data) > 0 {
		got.igProfile = got.Data[0]
	}
	if got.UserID == "" {
		return igProfile{}, res.Unexpected("user_id")
	}
	return got.igProfile, nil
}

// igAccounts is the one account that the person has logged in with.
func (c *Connector) igAccounts(ctx context.Context, g connector.Grant) ([]connector.Account, error) {
	ig := &Connector{cfg: c.cfg, instagram: true}
	me, err := ig.igMe(ctx, opIGMe, connector.Session{Credential: g.Credential}, "id,user_id,username,name,account_type,profile_picture_url")
	if err != nil {
		return nil, err
	}
	a := connector.Account{
		Kind: kindInstagram, Login: loginInstagram, ExternalID: string(me.UserID), Name: me.Name, Username: me.Username, Usable: true,
		ProfileURL: "https://www.instagram.com/" + url.PathEscape(me.Username), Data: map[string]string{dataUser: g.Subject},
		ExpiresAt: g.ExpiresAt, Credential: g.Credential, Scopes: g.Granted,
	}
	for _, name := range []string{me.Username, a.ExternalID} {
		if a.Name == "" {
			a.Name = name
		}
	}
	if isWeb(me.Picture) {
		a.AvatarURL = me.Picture
	}
	if strings.EqualFold(me.AccountType, "personal") {
		a.Usable, a.Reason = false, "This is a private Instagram account. Make it a business or creator account in the Instagram app, then connect it again."
	}
	return []connector.Account{a}, nil
}

const (
	// igYoung is how old a token must be to be renewed, igLife how long a new one lives.
	// https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
	igYoung = 24 * time.Hour
	igLife  = 60 * 24 * time.Hour
)

// igRefresh renews the one token there is. The old one works on until its own end, so a crash loses nothing.
func (c *Connector) igRefresh(ctx context.Context, s connector.Session) (connector.Renewal, error) {
	if end := s.Account.ExpiresAt; !end.IsZero() && end.Sub(c.cfg.Now()) > igLife-igYoung {
		e := problem.New(problem.AuthExpired, "Instagram renews an access only when it is a day old. Connect the account again.")
		e.Platform, e.Code, e.Rule = Platform, "too_young", docIGLogin
		return connector.Renewal{}, e
	}
	token, ends, err := c.igToken(ctx, s, opIGRefresh, "refresh_access_token", url.Values{
		"grant_type": {"ig_refresh_token"}, "access_token": {s.Credential.Access.Reveal()},
	})
	if err != nil {
		return connector.Renewal{}, err
	}
	return connector.Renewal{
		Credential: connector.Credential{Access: token}, Life: connector.Life{ExpiresAt: ends, RenewUntil: ends},
	}, nil
}

// igPing asks whose token it is.
func (c *Connector) igPing(ctx context.Context, s connector.Session) error {
	me, err := c.igMe(ctx, opIGPing, s, "user_id,username")
	if err == nil && string(me.UserID) != s.Account.ExternalID {
		e := problem.New(problem.NotFound, "This access belongs to another Instagram account. Connect the account again.")
		e.Platform, e.Code = Platform, "other_account"
		return e
	}
	return err
}

// onlyByHand is for what no call of Instagram Login can do.
func onlyByHand(sentence, label string) error {
	e := problem.New(problem.InvalidRequest, sentence)
	e.Platform, e.Code, e.Rule, e.Action = Platform, "instagram_login", docIGLogin, problem.Action{Kind: problem.ActNone, Label: label}
	return e
}
