package meta_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/problem"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	good := meta.Config{ClientID: "1", ClientSecret: connector.NewSecret("s")}
	_, err := meta.New(good)
	require.NoError(t, err)
	for name, change := range map[string]func(*meta.Config){
		"client id":          func(c *meta.Config) { c.ClientID = "" },
		"client id ":         func(c *meta.Config) { c.ClientID = "12x" },
		"secret":             func(c *meta.Config) { c.ClientSecret = connector.Secret{} },
		"version":            func(c *meta.Config) { c.Version = "26" },
		"graph URL":          func(c *meta.Config) { c.GraphURL = "http://graph.example" },
		"graph URL ":         func(c *meta.Config) { c.GraphURL = "https://graph.example?x=1" },
		"graph URL  ":        func(c *meta.Config) { c.GraphURL = "https://user:pw@graph.example" },
		"dialog URL":         func(c *meta.Config) { c.DialogURL = "ftp://www.example" },
		"dialog URL ":        func(c *meta.Config) { c.DialogURL = "::" },
		"must begin with ht": func(c *meta.Config) { c.GraphURL = "http://localhost.example" },
	} {
		bad := good
		change(&bad)
		_, err := meta.New(bad)
		require.ErrorContains(t, err, strings.TrimSpace(name))
	}
	for _, local := range []string{"http://localhost:8090/meta/graph", "http://127.0.0.1:1", "http://[::1]:1", "http://sandbox.localhost/"} {
		ok := good
		ok.GraphURL = local
		_, err := meta.New(ok)
		require.NoError(t, err, local)
	}
}

func TestConnectingThroughTheDialog(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	who, pages := b.person(t, object{"person": "Ada", "empty_page": true, "pages": []object{
		{"name": "Cafe", "username": "cafe"}, {"name": "Mill", "tasks": []string{"ANALYZE"}}, {"name": "Held", "no_token": true}, {"name": "Not ticked"},
	}})
	c := b.connect(t, time.Now)
	cb := b.login(t, authURL(c), object{"person": who.ID, "accounts": []string{pages[0].ID, pages[1].ID, pages[2].ID}})
	wrong := cb
	wrong.RedirectURI += "x"
	_, err := c.Exchange(t.Context(), wrong)
	require.Equal(t, problem.PermissionMissing, problem.ClassOf(err))
	require.Equal(t, problem.ActOperator, problem.Of(err).Action.Kind, "another address is a fault of the set-up")

	g, err := c.Exchange(t.Context(), cb)
	require.NoError(t, err)
	require.Equal(t, who.ID, g.Subject)
	require.Subset(t, g.Granted, []string{"pages_show_list", "pages_manage_posts", "pages_read_engagement", "pages_manage_engagement"})
	require.Empty(t, g.Declined)
	accounts, err := c.Accounts(t.Context(), g)
	require.NoError(t, err)
	require.Len(t, accounts, 3, "a Page that was not ticked is not there")
	cafe := accounts[0]
	require.Equal(t, pages[0].ID, cafe.ExternalID)
	require.Equal(t, "cafe", cafe.Username)
	require.True(t, cafe.Usable)
	require.Contains(t, cafe.AvatarURL, b.URL)
	require.Contains(t, cafe.ProfileURL, pages[0].ID)
	require.Equal(t, who.ID, cafe.Data["user_id"])
	require.Equal(t, []string{"pages_show_list", "pages_manage_posts", "pages_read_engagement", "pages_manage_engagement", "pages_read_user_content", "read_insights", "business_management", "pages_manage_metadata"}, cafe.Scopes)
	require.Equal(t, g.Credential.Access, cafe.Credential.Parent)
	require.False(t, accounts[1].Usable)
	require.Contains(t, accounts[1].Reason, "role")
	require.False(t, accounts[2].Usable)
	require.True(t, cafe.ExpiresAt.IsZero())

	// The Page's token outlives the person's, because it was read with a long-lived one.
	b.Control(t, http.MethodPost, "clock", object{"advance_seconds": 100 * 24 * 3600}, nil)
	require.NoError(t, c.Ping(t.Context(), connector.Session{Account: cafe, Credential: cafe.Credential}))
	_, err = c.Accounts(t.Context(), g)
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err))
}

func authURL(c *meta.Connector) string {
	return c.AuthURL(connector.AuthRequest{State: "s", RedirectURI: "http://localhost:8080/v1/oauth/meta/callback"})
}

func TestALoginWithoutEveryPermissionConnectsNothing(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	who, _ := b.person(t, object{"person": "Ada", "pages": []string{"Cafe"}})
	c := b.connect(t, time.Now)
	_, err := c.Exchange(t.Context(), b.login(t, authURL(c), object{"person": who.ID, "decline": []string{"pages_manage_posts"}}))
	e := problem.Of(err)
	require.Equal(t, problem.PermissionMissing, e.Class)
	require.Equal(t, "declined", e.Code)
	require.Contains(t, e.Message, "pages_manage_posts", "it names what is missing")
	require.NotContains(t, e.Message, "pages_show_list")

	_, err = c.Exchange(t.Context(), b.login(t, authURL(c), object{"person": who.ID, "deny": true}))
	require.Equal(t, "access_denied", problem.Of(err).Code)
	_, err = c.Exchange(t.Context(), connector.Callback{Query: url.Values{"error": {"server_error <script>"}}})
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	require.NotContains(t, err.Error(), "script")

	late := b.login(t, authURL(c), object{"person": who.ID})
	b.Control(t, http.MethodPost, "clock", object{"advance_seconds": 601}, nil)
	_, err = c.Exchange(t.Context(), late)
	require.Equal(t, "100/36007", problem.Of(err).Code)
}

func TestAMissingEndOfTheTokenIsFine(t *testing.T) {
	t.Parallel()
	require.NoError(t, exchangeFixture(t, "no_expiry"))
	require.Equal(t, "declined", problem.Of(exchangeFixture(t, "declined")).Code)
}

// exchangeFixture answers the calls of an exchange with a fixture's answers, in order.
func exchangeFixture(t *testing.T, name string) error {
	t.Helper()
	raw, err := os.ReadFile("testdata/exchange/" + name + ".response.json")
	require.NoError(t, err)
	var answers []struct {
		Body json.RawMessage `json:"body"`
	}
	require.NoError(t, json.Unmarshal(raw, &answers))
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(answers[calls].Body)
		calls++
	}))
	t.Cleanup(server.Close)
	_, err = box{connectortest.Box{URL: server.URL}}.connect(t, time.Now).Exchange(t.Context(), connector.Callback{Query: url.Values{"code": {"x"}}})
	require.Equal(t, len(answers), calls)
	return err
}

func TestAWrongSecretIsTheOperatorsAffair(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	c, err := meta.New(meta.Config{ClientID: clientID, ClientSecret: connector.NewSecret("other"), GraphURL: b.URL + "/meta/graph"})
	require.NoError(t, err)
	for _, err := range []error{
		c.Ping(t.Context(), session),
		func() error {
			_, err := c.Exchange(t.Context(), connector.Callback{Query: url.Values{"code": {"x"}}})
			return err
		}(),
	} {
		require.Equal(t, problem.PermissionMissing, problem.ClassOf(err))
		require.Equal(t, problem.ActOperator, problem.Of(err).Action.Kind, "connecting again would not help")
	}
}

func TestRevokeEndsThePersonsGrant(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	c := b.connect(t, time.Now)
	require.NoError(t, c.Ping(t.Context(), session))
	require.NoError(t, c.Revoke(t.Context(), session))
	require.Equal(t, problem.AuthRevoked, problem.ClassOf(c.Ping(t.Context(), session)))
	require.NoError(t, c.Revoke(t.Context(), session), "gone already is a success")
	session.Credential.Parent = connector.Secret{}
	require.Equal(t, problem.AuthExpired, problem.ClassOf(c.Revoke(t.Context(), session)))
}

func TestPingTellsWhatBecameOfTheAccess(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for subcode, class := range map[int]problem.Class{
		458: problem.AuthRevoked, 460: problem.AuthRevoked, 463: problem.AuthExpired, 459: problem.PolicyBlocked, 492: problem.PermissionMissing,
	} {
		session, who := b.session(t, object{"name": "Shop"})
		b.Control(t, http.MethodPost, "meta/people/"+who.ID+"/revoke", object{"subcode": subcode, "page": session.Account.ExternalID}, nil)
		require.Equal(t, class, problem.ClassOf(b.connect(t, time.Now).Ping(t.Context(), session)), subcode)
	}
	session, _ := b.session(t, object{"name": "Shop"})
	other, _ := b.session(t, object{"name": "Other"})
	session.Account.ExternalID = other.Account.ExternalID
	require.Equal(t, problem.NotFound, problem.ClassOf(b.connect(t, time.Now).Ping(t.Context(), session)), "a Page the token is not for")
}
