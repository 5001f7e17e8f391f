package connectortest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// checkInfo wants a description that the page, the check and the documents can work with.
func checkInfo(t T, h Harness) {
	c := h.rig(t, "https://platform.invalid")
	i := c.Info()
	require.Equal(t, i, c.Info(), "always the same")
	for what, v := range map[string]string{"platform": i.Platform, "title": i.Title, "color": i.Color, "icon": i.Icon, "version": i.APIVersion} {
		require.NotEmpty(t, v, what)
	}
	require.Regexp(t, `^[a-z]+$`, i.Platform)
	require.NotEmpty(t, i.Accounts)
	caps := connector.CapabilitiesOf(c.Connector)
	infoOfLogins(t, i, caps)
	for _, a := range i.Accounts {
		require.NotEmpty(t, a.Kind)
		require.NotEmpty(t, a.Title)
		require.NotEmpty(t, a.Icon)
		require.NotEmpty(t, a.Posts, a.Kind)
		require.True(t, !a.CanDelete || caps.Delete, "%s: can_delete without a Deleter", a.Kind)
		require.True(t, !a.CanEdit || caps.Edit, "%s: can_edit without an Editor", a.Kind)
		_, lists := c.Connector.(connector.CandidateLister)
		require.True(t, !a.CanList || lists, "%s: can_list without a CandidateLister", a.Kind)
		require.True(t, !a.CanComment || caps.Comments, "%s: can_comment without a Moderator", a.Kind)
		require.True(t, !a.CanReport || caps.Metrics, "%s: can_report without a Reporter", a.Kind)
		for _, p := range a.Posts {
			require.NotEmpty(t, p.Kind)
			require.NotEmpty(t, p.Title)
			sourced(t, p.Kind, p.Source)
			require.True(t, p.Preview == "" || slices.Contains(connector.Previews, p.Preview), "%s: the page knows no layout %q", p.Kind, p.Preview)
			shownOptions(t, p)
			require.NotEqual(t, p.Text.None, p.Text.Max > 0, "%s: a text with a limit, or none", p.Kind)
			require.Contains(t, []connector.Unit{connector.Graphemes, connector.UTF16Units, connector.CodePoints, connector.Bytes}, p.Text.Unit)
			sourced(t, p.Kind+" text", p.Text.Source)
			require.LessOrEqual(t, p.Media.Min, p.Media.Max)
			if p.Media.Max > 0 {
				sourced(t, p.Kind+" media", p.Media.Source)
				require.NotEmpty(t, p.Media.Files)
				seen := map[string]bool{}
				for _, f := range p.Media.Files {
					sourced(t, p.Kind+" files", f.Source)
					require.NotEmpty(t, f.Types)
					require.Positive(t, f.MaxBytes)
					for _, mime := range f.Types {
						require.False(t, seen[mime], "%s: %s is in two sorts of files", p.Kind, mime)
						seen[mime] = true
					}
				}
			}
		}
	}
}

// shownOptions wants the options that a layout shows, under the names that it knows.
func shownOptions(t T, p connector.PostKind) {
	t.Helper()
	shown := map[connector.Preview][]string{connector.PreviewPoll: {"question", "options", "duration"}, connector.PreviewShare: {"post"}}[p.Preview]
	var schema struct {
		Properties map[string]any `json:"properties"`
	}
	if len(shown) > 0 {
		require.NoError(t, json.Unmarshal(p.Options, &schema), p.Kind)
	}
	for _, name := range shown {
		require.Contains(t, schema.Properties, name, "%s: the layout %q shows it", p.Kind, p.Preview)
	}
}

// infoOfLogins wants each way in described, and each kind of account to be reached by one.
func infoOfLogins(t T, i connector.Info, caps connector.Capabilities) {
	t.Helper()
	require.NotEmpty(t, i.Logins)
	reached := map[string]bool{}
	seen := map[string]bool{}
	for _, l := range i.Logins {
		require.Regexp(t, `^[a-z][a-z_]*$`, l.ID)
		require.False(t, seen[l.ID], "%s: the id is used twice", l.ID)
		seen[l.ID] = true
		require.NotEmpty(t, l.Title)
		require.NotEmpty(t, l.Icon)
		sentence(t, l.Description)
		sentence(t, l.Tokens.Renewal)
		sourced(t, l.ID+" tokens", l.Tokens.Source)
		sourced(t, l.ID+" removal", l.RemoveURL)
		require.True(t, !l.Revokes || caps.Revoke, "%s: revokes without a Revoker", l.ID)
		require.NotEmpty(t, l.Scopes)
		for _, s := range l.Scopes {
			require.NotEmpty(t, s.Name)
			require.NotEmpty(t, s.Feature, s.Name)
			sentence(t, s.Why)
		}
		require.True(t, slices.ContainsFunc(l.Scopes, func(s connector.Scope) bool { return s.Required }), "something is required")
		for _, kind := range l.Accounts {
			_, known := i.AccountKind(kind)
			require.True(t, known, "%s: reaches %q", l.ID, kind)
			reached[kind] = true
		}
		for _, kind := range l.CannotDelete {
			require.Contains(t, l.Accounts, kind)
			require.False(t, i.CanDelete(kind, l.ID))
		}
	}
	for _, a := range i.Accounts {
		require.True(t, reached[a.Kind], "no login reaches %q", a.Kind)
	}
	require.Equal(t, i.Logins[0], first(i.Login("")), "accounts from before there were several")
	require.False(t, second(i.Login("no such")))
}

func first(l connector.Login, _ bool) connector.Login { return l }
func second(_ connector.Login, ok bool) bool          { return ok }

func sourced(t T, what, source string) {
	t.Helper()
	u, err := url.Parse(source)
	require.NoError(t, err, what)
	require.Equal(t, "https", u.Scheme, "%s: a limit has the address of its document", what)
	require.NotEmpty(t, u.Host, what)
}

// sentence wants something a person can read.
func sentence(t T, s string) {
	t.Helper()
	require.GreaterOrEqual(t, len(strings.Fields(s)), 3, s)
	require.True(t, strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?"), "a sentence ends: %q", s)
	require.Equal(t, strings.ToUpper(s[:1]), s[:1], "a sentence begins: %q", s)
}

// byLogin runs a check once for each of the connector's logins. An empty id and folder are the first's.
func (h Harness) byLogin(t T, run func(login, folder string)) {
	t.Helper()
	run("", h.Testdata)
	for _, l := range h.rig(t, "https://platform.invalid").Info().Logins[1:] {
		require.Contains(t, h.Consents, l.ID, "the harness knows how to consent by each login")
		run(l.ID, filepath.Join(h.Testdata, l.ID))
	}
}

func checkAuthURL(t T, h Harness) {
	h.byLogin(t, func(login, folder string) { authURL(t, h, login, folder) })
}

func authURL(t T, h Harness, login, folder string) {
	t.Helper()
	var golden struct {
		State       string `json:"state"`
		Challenge   string `json:"challenge"`
		RedirectURI string `json:"redirect_uri"`
		URL         string `json:"url"`
	}
	path := filepath.Join(folder, "auth_url.json")
	readJSON(t, path, &golden)
	c := h.rig(t, "https://platform.invalid")
	got := c.AuthURL(connector.AuthRequest{Login: login, State: golden.State, Challenge: golden.Challenge, RedirectURI: golden.RedirectURI})
	require.True(t, !c.Info().PKCE || golden.Challenge != "", "%s: Info says PKCE, so it needs a challenge", path)
	if *update {
		golden.URL = got
		writeJSON(t, path, golden)
	}
	require.Equal(t, golden.URL, got)
	for _, canary := range h.canaries() {
		require.NotContains(t, got, canary)
	}
}

func checkExchange(t T, h Harness) {
	h.byLogin(t, func(login, folder string) { exchange(t, h, login, folder) })
}

func exchange(t T, h Harness, login, folder string) {
	t.Helper()
	ctx := t.Context()
	for name, classes := range map[string][]problem.Class{
		"ok": nil, "replayed": {problem.AuthExpired},
		"error_200": {problem.AuthExpired, problem.Transient, problem.PermissionMissing, problem.InvalidContent},
		"garbage":   {problem.Transient, problem.PlatformDown},
	} {
		r := h.replay(t, filepath.Join(folder, "exchange", name))
		c := h.rig(t, serve(t, r.ServeHTTP).URL)
		grant, err := c.Exchange(ctx, callback(c, login, h.Accepted))
		r.done()
		if classes == nil {
			require.NoError(t, err)
			require.False(t, grant.Credential.Access.Empty())
			require.NotEmpty(t, grant.Subject)
			require.NotEmpty(t, grant.Granted)
			require.Equal(t, login, grant.Login)
			continue
		}
		require.Contains(t, classes, problem.ClassOf(err), name)
		h.harmless(t, name, err, "")
	}
	none := serve(t, (&replay{t: t}).ServeHTTP)
	alone := h.rig(t, none.URL)
	_, err := alone.Exchange(ctx, callback(alone, login, h.Denied))
	require.Equal(t, problem.PermissionMissing, problem.ClassOf(err))
	h.harmless(t, "denied", err, "")
	_, err = alone.Exchange(ctx, callback(alone, login, url.Values{}))
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err), "no code")

	// And once against the fake: consent, exchange, and the same code a second time.
	const redirect = "http://localhost:8080/v1/oauth/%/callback"
	c := h.rig(t, "https://platform.invalid")
	to := strings.Replace(redirect, "%", c.Info().Platform, 1)
	consent := h.Consents[login]
	if login == "" {
		w := h.World(t)
		consent = func(t T, authURL, redirectURI string) (string, connector.Callback) {
			return w.URL, w.Login(t, authURL, redirectURI)
		}
	}
	asked := connector.AuthRequest{Login: login, State: "s", RedirectURI: to}
	if c.Info().PKCE {
		asked.Challenge = challenge()
	}
	fake, cb := consent(t, c.AuthURL(asked), to)
	cb.Login, cb.Verifier = login, callback(c, login, nil).Verifier
	c = h.rig(t, fake)
	grant, err := c.Exchange(ctx, cb)
	require.NoError(t, err)
	_, err = c.Exchange(ctx, cb)
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err))
	accounts, err := c.Accounts(ctx, grant)
	require.NoError(t, err)
	require.NotEmpty(t, accounts)
}

// verifier is what a login with PKCE keeps until its code is exchanged.
const verifier = "PKCECanaryVerifier-0001-abcdefghijklmnopqrstuvwxyz"

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// callback is what comes back from the fixtures' consent screen.
func callback(c connector.Connector, login string, query url.Values) connector.Callback {
	cb := connector.Callback{Login: login, Query: query, RedirectURI: redirectURI}
	if c.Info().PKCE {
		cb.Verifier = verifier
	}
	return cb
}

// checkAccounts reads the accounts of the first login's grant, and those of each further login's.
func checkAccounts(t T, h Harness) {
	h.byLogin(t, func(login, folder string) {
		folder = filepath.Join(folder, "accounts")
		if login != "" { // it may reach one account only, so neither a second page nor an empty one
			g, ok := h.Grants[login]
			require.True(t, ok, "the harness has a grant of each login: %s", login)
			require.Equal(t, login, g.Login)
			require.NotEmpty(t, usable(accounts(t, h, g, folder, "one")))
			require.Empty(t, usable(accounts(t, h, g, folder, "unusable")))
			return
		}
		if h.OneAccount {
			require.Len(t, usable(accounts(t, h, h.Grant, folder, "one")), 1)
			return
		}
		require.GreaterOrEqual(t, len(accounts(t, h, h.Grant, folder, "paged")), 2)
		if empty := accounts(t, h, h.Grant, folder, "empty"); h.Self {
			require.Len(t, empty, 1)
		} else {
			require.Empty(t, empty)
		}
		partly := accounts(t, h, h.Grant, folder, "partly_unusable")
		require.NotEmpty(t, usable(partly))
		require.Less(t, len(usable(partly)), len(partly))
	})
}

// accounts are those of a fixture, each fit to be shown and linked.
func accounts(t T, h Harness, g connector.Grant, folder, name string) []connector.Account {
	t.Helper()
	r := h.replay(t, filepath.Join(folder, name))
	c := h.rig(t, serve(t, r.ServeHTTP).URL)
	all, err := c.Accounts(t.Context(), g)
	require.NoError(t, err, name)
	r.done()
	login, _ := c.Info().Login(g.Login)
	seen := map[string]bool{}
	for _, a := range all {
		require.NotEmpty(t, a.ExternalID)
		require.False(t, seen[a.ExternalID], "listed twice")
		seen[a.ExternalID] = true
		require.NotEmpty(t, a.Name)
		require.Equal(t, g.Login, a.Login, "the login is kept with the account")
		require.Contains(t, login.Accounts, a.Kind, "Info knows the kind, and that the login reaches it")
		require.Equal(t, a.Usable, a.Reason == "", "a reason, and only where it is not usable")
		if a.Usable {
			require.False(t, a.Credential.Access.Empty())
		} else {
			sentence(t, a.Reason)
		}
	}
	return all
}

func usable(all []connector.Account) []connector.Account {
	return slices.DeleteFunc(slices.Clone(all), func(a connector.Account) bool { return !a.Usable })
}
