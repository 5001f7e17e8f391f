package linkedin

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

// AuthURL implements connector.Linker.
// https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
func (c *Connector) AuthURL(r connector.AuthRequest) string {
	q := url.Values{
		"response_type": {"code"}, "client_id": {c.app(r.Login).ClientID}, "redirect_uri": {r.RedirectURI}, "state": {r.State},
		"scope": {strings.Join(scopesOf(login(r.Login)), " ")},
	}
	return c.cfg.OAuthURL + "/oauth/v2/authorization?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// tokens is what the token endpoint answers. Only approved apps get a refresh token.
type tokens struct {
	Access      string `json:"access_token"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
	Scope       string `json:"scope"`      // with commas or spaces
	Refresh     string `json:"refresh_token"`
	RefreshEnds int64  `json:"refresh_token_expires_in"` // seconds; goes on counting down from the consent
}

func (t tokens) scopes() []string {
	return strings.FieldsFunc(t.Scope, func(r rune) bool { return r == ',' || r == ' ' })
}

func after(now time.Time, seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(seconds) * time.Second)
}

// Exchange implements connector.Linker.
func (c *Connector) Exchange(ctx context.Context, cb connector.Callback) (connector.Grant, error) {
	if why := cb.Query.Get("error"); why != "" {
		return connector.Grant{}, refused(why)
	}
	code := cb.Query.Get("code")
	if code == "" {
		e := problem.New(problem.AuthExpired, "LinkedIn sent you back without a login code. Start again.")
		e.Platform, e.Code = Platform, "no_code"
		return connector.Grant{}, e
	}
	var t tokens
	now := c.cfg.Now()
	res, err := c.form(ctx, opExchange, connector.Session{}, "accessToken", cb.Login, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {cb.RedirectURI}}, &t)
	if err != nil {
		return connector.Grant{}, err
	}
	if t.Access == "" || t.ExpiresIn <= 0 {
		return connector.Grant{}, res.Unexpected("access token")
	}
	g := connector.Grant{
		Login: cb.Login, Granted: t.scopes(), ExpiresAt: after(now, t.ExpiresIn),
		Credential: connector.Credential{Access: connector.NewSecret(t.Access), Refresh: connector.NewSecret(t.Refresh)},
	}
	if err := missing(login(cb.Login), g.Granted); err != nil {
		return connector.Grant{}, err
	}
	who, err := c.person(ctx, sessionOf(g))
	if err != nil {
		return connector.Grant{}, err
	}
	g.Subject = who.ID
	return g, nil
}

// refused is for a consent screen that was left without consent.
func refused(why string) error {
	var e *problem.Error
	switch why {
	case "user_cancelled_login", "user_cancelled_authorize", "access_denied":
		e = problem.New(problem.PermissionMissing, "You did not allow Herald to use LinkedIn, so nothing was connected.")
		e.Code = "user_cancelled"
	case "unauthorized_scope_error", "invalid_scope_error":
		e = problem.New(problem.PermissionMissing, "Herald's LinkedIn app may not ask for what this login needs.")
		e.Code, e.Action = "unauthorized_scope_error", problem.Action{Kind: problem.ActOperator, Label: "Ask your operator to check the products of Herald's LinkedIn app"}
	default: // the parameter comes from outside: it is not repeated
		e = problem.New(problem.Transient, "LinkedIn ended the login with an error. Start again.")
		e.Code, e.NotSent = "login_error", true
	}
	e.Platform, e.Rule = Platform, srcTokens
	return e
}

// sessionOf signs calls with a grant before there is an account.
func sessionOf(g connector.Grant) connector.Session {
	return connector.Session{Account: connector.Account{Login: g.Login, ExternalID: g.Subject, ExpiresAt: g.ExpiresAt}, Credential: g.Credential}
}

// person is the member behind a token.
type person struct {
	ID, Name, Picture, Vanity string
}

// person asks who the member is. Apps of the Community Management API have no OpenID Connect, and the others no /me.
func (c *Connector) person(ctx context.Context, s connector.Session) (person, error) {
	if s.Account.Login == loginPersonal {
		var me struct {
			Sub     string `json:"sub"`
			Name    string `json:"name"`
			Picture string `json:"picture"`
		}
		res, err := c.do(ctx, call{op: opUserinfo, method: http.MethodGet, path: "v2/userinfo", s: s}, &me)
		if err != nil {
			return person{}, err
		}
		if me.Sub == "" {
			return person{}, res.Unexpected("sub")
		}
		return person{ID: me.Sub, Name: me.Name, Picture: me.Picture}, nil
	}
	var me struct {
		ID     string `json:"id"`
		First  string `json:"localizedFirstName"`
		Last   string `json:"localizedLastName"`
		Vanity string `json:"vanityName"`
	}
	res, err := c.do(ctx, call{op: opMe, method: http.MethodGet, path: "v2/me", s: s}, &me)
	if err != nil {
		return person{}, err
	}
	if me.ID == "" {
		return person{}, res.Unexpected("id")
	}
	return person{ID: me.ID, Name: strings.TrimSpace(me.First + " " + me.Last), Vanity: me.Vanity}, nil
}

// dataPerson is where an account keeps the id of the member whose token it uses.
const dataPerson = "person"

// Accounts implements connector.Linker: the member's profile, and the Pages on which the member has a role.
func (c *Connector) Accounts(ctx context.Context, g connector.Grant) ([]connector.Account, error) {
	s := sessionOf(g)
	me, err := c.person(ctx, s)
	account := connector.Account{
		Kind: kindMember, Login: g.Login, ExternalID: g.Subject, Name: "Your profile", Scopes: g.Granted, Usable: true,
		Data: map[string]string{dataPerson: g.Subject}, ExpiresAt: g.ExpiresAt, Credential: g.Credential,
	}
	if problem.ClassOf(err) == problem.PermissionMissing && g.Login == loginPersonal {
		account.Usable, account.Reason = false, "LinkedIn does not tell Herald whose profile this is."
		return []connector.Account{account}, nil
	}
	if err != nil {
		return nil, err
	}
	account.ExternalID, account.Data[dataPerson] = me.ID, me.ID
	if me.Name != "" {
		account.Name = me.Name
	}
	if isWeb(me.Picture) {
		account.AvatarURL = me.Picture
	}
	if me.Vanity != "" {
		account.Username, account.ProfileURL = me.Vanity, "https://www.linkedin.com/in/"+url.PathEscape(me.Vanity)
	}
	accounts := []connector.Account{account}
	if g.Login == loginPersonal {
		return accounts, nil
	}
	pages, err := c.pages(ctx, s)
	if err != nil {
		return nil, err
	}
	return append(accounts, pages...), nil
}

// assignment is a role of the member on an organization. Which of the two names LinkedIn uses depends on the answer.
type assignment struct {
	Role         string `json:"role"`
	State        string `json:"state"`
	Organization string `json:"organization"`
	Target       string `json:"organizationTarget"`
}

func (a assignment) organization() string {
	urn := a.Organization
	if urn == "" {
		urn = a.Target
	}
	id, ok := strings.CutPrefix(urn, "urn:li:organization:")
	if !ok || a.State != "APPROVED" {
		return ""
	}
	return id
}

// mayPost tells whether a role creates posts. Clients know both names of the second one.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-access-control-by-role
func mayPost(role string) bool {
	return slices.Contains([]string{"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"}, role)
}

// maxRolePages bounds the list of roles: a hundred each.
const maxRolePages = 50

// roles are the member's approved ones, by organization, in LinkedIn's order.
func (c *Connector) roles(ctx context.Context, s connector.Session) (order []string, roles map[string][]string, err error) {
	roles = map[string][]string{}
	start := 0
	for range maxRolePages {
		var p page[assignment]
		res, err := c.do(ctx, call{
			op: opRoles, method: http.MethodGet, path: "rest/organizationAcls", s: s,
			query: "q=roleAssignee&state=APPROVED&start=" + itoa(start) + "&count=100",
		}, &p)
		if err != nil {
			return nil, nil, err
		}
		if p.Elements == nil {
			return nil, nil, res.Unexpected("elements")
		}
		for _, a := range p.Elements {
			id := a.organization()
			if id == "" {
				continue
			}
			if roles[id] == nil {
				order = append(order, id)
			}
			roles[id] = append(roles[id], a.Role)
		}
		if start = p.next(start); start == 0 {
			return order, roles, nil
		}
	}
	e := problem.New(problem.Transient, "LinkedIn's list of your Pages does not end. Try again.")
	e.Platform, e.Code = Platform, "endless_list"
	return nil, nil, e
}

// pages are the organizations that the member has a role on, showcase pages too.
func (c *Connector) pages(ctx context.Context, s connector.Session) ([]connector.Account, error) {
	order, roles, err := c.roles(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []connector.Account
	for some := range slices.Chunk(order, 50) {
		names, err := c.names(ctx, s, some)
		if err != nil {
			return nil, err
		}
		for _, id := range some {
			a := connector.Account{
				Kind: kindOrganization, Login: s.Account.Login, ExternalID: id, Name: names[id].Name, Username: names[id].Vanity, Usable: true,
				Scopes: scopesOf(communityLogin()), ProfileURL: "https://www.linkedin.com/company/" + url.PathEscape(id),
				Data: map[string]string{dataPerson: s.Account.ExternalID}, ExpiresAt: s.Account.ExpiresAt, Credential: s.Credential,
			}
			switch {
			case a.Name == "":
				a.Name, a.Usable, a.Reason = "Page "+id, false, "LinkedIn does not tell Herald about this Page."
			case !slices.ContainsFunc(roles[id], mayPost):
				a.Usable, a.Reason = false, "Your role on this Page does not let you create posts. Ask one of its super admins."
			}
			out = append(out, a)
		}
	}
	return out, nil
}

type organization struct {
	Name   string `json:"localizedName"`
	Vanity string `json:"vanityName"`
}

// names looks organizations up. Those that LinkedIn does not know are missing.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-lookup-api
func (c *Connector) names(ctx context.Context, s connector.Session, ids []string) (map[string]organization, error) {
	var encoded []string
	for _, id := range ids {
		encoded = append(encoded, enc(id))
	}
	var answer struct {
		Results map[string]json.RawMessage `json:"results"`
	}
	res, err := c.do(ctx, call{op: opNames, method: http.MethodGet, path: "rest/organizationsLookup", query: "ids=List(" + strings.Join(encoded, ",") + ")", s: s}, &answer)
	if err != nil {
		return nil, err
	}
	if answer.Results == nil {
		return nil, res.Unexpected("results")
	}
	out := map[string]organization{}
	for id, raw := range answer.Results {
		var o organization
		if json.Unmarshal(raw, &o) == nil {
			out[id] = o
		}
	}
	return out, nil
}

func isWeb(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Ping implements connector.Connector. A Page's access ends with the role that the member has on it.
func (c *Connector) Ping(ctx context.Context, s connector.Session) error {
	if s.Account.Kind != kindOrganization {
		_, err := c.person(ctx, s)
		return err
	}
	_, roles, err := c.roles(ctx, s)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(roles[s.Account.ExternalID], mayPost) {
		return nil
	}
	e := problem.New(problem.PermissionMissing, "The person who connected this Page may not post to it any more.")
	e.Platform, e.Code, e.Rule = Platform, "no_role", docRoles
	e.Action = problem.Action{Kind: problem.ActReconnect, Label: "Let somebody with a role on the Page connect it"}
	return e
}
