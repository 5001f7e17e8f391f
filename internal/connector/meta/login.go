package meta

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// AuthURL implements connector.Linker. auth_type=rerequest makes the dialog ask again for what was declined before;
// without it a person who unticked a permission once could never give it.
// https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
func (c *Connector) AuthURL(r connector.AuthRequest) string {
	if r.Login == loginInstagram {
		return c.igAuthURL(r)
	}
	q := url.Values{
		"client_id": {c.cfg.ClientID}, "redirect_uri": {r.RedirectURI}, "state": {r.State}, "response_type": {"code"},
		"scope": {strings.Join(scopesOf(facebookLogin()), ",")}, "auth_type": {"rerequest"},
	}
	return c.cfg.DialogURL + "/" + c.cfg.Version + "/dialog/oauth?" + q.Encode()
}

// Exchange implements connector.Linker. The code gives a token of an hour or two, which is exchanged at once for one of
// about 60 days: only that one gives Page tokens without an end.
// https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
func (c *Connector) Exchange(ctx context.Context, cb connector.Callback) (connector.Grant, error) {
	if cb.Login == loginInstagram {
		return c.igExchange(ctx, cb)
	}
	if why := cb.Query.Get("error"); why != "" {
		return connector.Grant{}, refused(why, title, "your Pages")
	}
	code := cb.Query.Get("code")
	if code == "" {
		return connector.Grant{}, noCode(title)
	}
	short, err := c.token(ctx, opExchange, url.Values{"redirect_uri": {cb.RedirectURI}, "code": {code}})
	if err != nil {
		return connector.Grant{}, err
	}
	long, err := c.token(ctx, opProlong, url.Values{"grant_type": {"fb_exchange_token"}, "fb_exchange_token": {short.Reveal()}})
	if err != nil {
		return connector.Grant{}, err
	}
	g := connector.Grant{Login: cb.Login, Credential: connector.Credential{Access: long}}
	var me struct {
		ID string `json:"id"`
	}
	res, err := c.call(ctx, graph{op: opMe, method: http.MethodGet, path: "me", token: long, params: url.Values{"fields": {"id"}}}, &me)
	if err != nil {
		return connector.Grant{}, err
	}
	if me.ID == "" {
		return connector.Grant{}, res.Unexpected("id")
	}
	g.Subject = me.ID
	if g.Granted, g.Declined, err = c.permissions(ctx, long); err != nil {
		return connector.Grant{}, err
	}
	return g, missing(facebookLogin(), g.Granted)
}

// refused is for a consent screen that was left without consent.
func refused(why, where, what string) error {
	e := problem.New(problem.PermissionMissing, "You did not allow Herald to use "+what+", so nothing was connected.")
	e.Platform, e.Code = Platform, "access_denied"
	if why != "access_denied" { // the parameter comes from outside: it is not repeated
		e = problem.New(problem.Transient, where+" ended the login with an error. Start again.")
		e.Platform, e.Code = Platform, "login_error"
		e.NotSent = true
	}
	return e
}

func noCode(where string) error {
	e := problem.New(problem.AuthExpired, where+" sent you back without a login code. Start again.")
	e.Platform, e.Code = Platform, "no_code"
	return e
}

// missing names the permissions without which nothing could be published.
func missing(login connector.Login, granted []string) error {
	names := missingOf(login, granted)
	if len(names) == 0 {
		return nil
	}
	e := problem.Newf(problem.PermissionMissing, "Herald needs every permission it asks for; you left out %s. Connect again and leave them all ticked.", strings.Join(names, " and "))
	e.Platform, e.Code, e.Rule = Platform, "declined", docPermissions
	return e
}

// token asks the token endpoint. The secret travels in the query, as the document has it; nothing of ours keeps or
// prints that URL.
func (c *Connector) token(ctx context.Context, op operation, params url.Values) (connector.Secret, error) {
	params.Set("client_id", c.cfg.ClientID)
	params.Set("client_secret", c.cfg.ClientSecret.Reveal())
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	res, err := c.call(ctx, graph{op: op, method: http.MethodGet, path: "oauth/access_token", params: params}, &answer)
	if err != nil {
		return connector.Secret{}, err
	}
	if answer.AccessToken == "" {
		return connector.Secret{}, res.Unexpected("access token")
	}
	return connector.NewSecret(answer.AccessToken), nil
}

// permissions reads what was granted. "expired" is as good as declined.
// https://developers.facebook.com/docs/graph-api/reference/user/permissions
func (c *Connector) permissions(ctx context.Context, token connector.Secret) (granted, declined []string, err error) {
	type permission struct {
		Permission string `json:"permission"`
		Status     string `json:"status"`
	}
	g := graph{op: opPermissions, method: http.MethodGet, path: "me/permissions", token: token, params: url.Values{}}
	_, err = list(ctx, c, g, 5, func(p permission) {
		if p.Status == "granted" {
			granted = append(granted, p.Permission)
		} else {
			declined = append(declined, p.Permission)
		}
	})
	return granted, declined, err
}

// maxAccountPages bounds the listing: 100 Pages each. Nobody has more; a broken cursor must end somewhere.
const maxAccountPages = 50

// Accounts implements connector.Linker: the Pages that the person has a role on and ticked in the dialog.
// https://developers.facebook.com/docs/graph-api/reference/user/accounts
func (c *Connector) Accounts(ctx context.Context, g connector.Grant) ([]connector.Account, error) {
	if g.Login == loginInstagram {
		return c.igAccounts(ctx, g)
	}
	var pages []pageAccount
	seen := map[string]bool{}
	add := func(p pageAccount) {
		if p.ID != "" && !seen[p.ID] {
			seen[p.ID] = true
			pages = append(pages, p)
		}
	}
	if err := c.pages(ctx, g, opAccounts, "me/accounts", "tasks,"+pageFields(g), add); err != nil {
		return nil, err
	}
	if err := c.businessPages(ctx, g, add); err != nil || len(pages) == 0 {
		return nil, err
	}
	by, err := c.coverage(ctx, g)
	if err != nil {
		return nil, err
	}
	var accounts []connector.Account
	for _, p := range pages {
		accounts = append(accounts, by.narrow(p.account(g), p.ID))
		if ig, ok := p.instagram(g); ok && !seen[ig.ExternalID] {
			seen[ig.ExternalID] = true
			accounts = append(accounts, by.narrow(ig, p.ID))
		}
	}
	if len(accounts) > 0 && slices.Contains(g.Declined, scopeIGRead) {
		accounts = append(accounts, unseenInstagram())
	}
	return accounts, nil
}

type pageAccount struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Username    string   `json:"username"`
	Link        string   `json:"link"`
	AccessToken string   `json:"access_token"`
	Tasks       []string `json:"tasks"`
	Picture     struct {
		Data struct {
			URL string `json:"url"`
		} `json:"data"`
	} `json:"picture"`
	Instagram *igAccount `json:"instagram_business_account"`
}

// dataUser is where an account keeps the id of the person whose grant it lives on: revoking that grant ends the
// access to every other Page of the same person as well.
const dataUser = "user_id"

func (p pageAccount) account(g connector.Grant) connector.Account {
	a := connector.Account{
		Kind: kindPage, ExternalID: p.ID, Name: p.Name, Username: p.Username, ProfileURL: p.Link,
		Usable: true, Data: map[string]string{dataUser: g.Subject},
		Credential: connector.Credential{Access: connector.NewSecret(p.AccessToken), Parent: g.Credential.Access},
	}
	if isWeb(p.Picture.Data.URL) {
		a.AvatarURL = p.Picture.Data.URL
	}
	if !isWeb(a.ProfileURL) {
		a.ProfileURL = "https://www.facebook.com/" + url.PathEscape(p.ID)
	}
	for _, s := range scopesOf(facebookLogin()) {
		if slices.Contains(g.Granted, s) && !strings.HasPrefix(s, "instagram_") {
			a.Scopes = append(a.Scopes, s)
		}
	}
	switch {
	case p.AccessToken == "":
		a.Usable, a.Reason = false, "Facebook gives Herald no access to this Page. Its business may have to allow it first."
	case p.Tasks != nil && !slices.Contains(p.Tasks, "CREATE_CONTENT") && !slices.Contains(p.Tasks, "MANAGE"):
		// https://developers.facebook.com/docs/pages-api/posts names the tasks that may create posts.
		a.Usable, a.Reason = false, "Your role on this Page does not let you create posts. Ask somebody with full control of the Page."
	}
	return a
}

func isWeb(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
