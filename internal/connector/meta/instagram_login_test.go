package meta_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/problem"
)

const byInstagram = "instagram"

// instagramLogin consents to Instagram Login; in says how: account, decline, deny, flat.
func (b box) instagramLogin(t connectortest.T, c connector.Connector, in object) connector.Callback {
	t.Helper()
	return b.consentOnInstagram(t, c.AuthURL(connector.AuthRequest{Login: byInstagram, State: "s", RedirectURI: "http://localhost:8080/v1/oauth/meta/callback"}), in)
}

func (b box) consentOnInstagram(t connectortest.T, authURL string, in object) connector.Callback {
	t.Helper()
	in["url"] = authURL
	var out struct {
		Location string `json:"location"`
	}
	b.Control(t, http.MethodPost, "meta/instagram-login", in, &out)
	cb := callback(t, out.Location)
	cb.Login = byInstagram
	return cb
}

// account is an Instagram account of somebody new.
func (b box) account(t connectortest.T) string {
	t.Helper()
	_, pages := b.person(t, object{"person": "Kim Berg", "pages": []object{{"name": "Shop", "instagram": true}}})
	var accounts []struct{ ID string }
	b.Control(t, http.MethodGet, "meta/instagram?page="+pages[0].ID, nil, &accounts)
	require.Len(t, accounts, 1)
	return accounts[0].ID
}

// connected is an account that was connected by Instagram Login.
func (b box) connected(t *testing.T, c *meta.Connector) connector.Session {
	t.Helper()
	g, err := c.Exchange(t.Context(), b.instagramLogin(t, c, object{"accounts": []string{b.account(t)}}))
	require.NoError(t, err)
	accounts, err := c.Accounts(t.Context(), g)
	require.NoError(t, err)
	require.Len(t, accounts, 1)
	return connector.Session{Account: accounts[0], Credential: accounts[0].Credential}
}

// Checks 6 and 7: the answer of the code comes in two shapes, the code with what is no part of it.
func TestConnectingByInstagramLogin(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	c := b.connect(t, time.Now)
	for _, flat := range []bool{false, true} {
		id := b.account(t)
		cb := b.instagramLogin(t, c, object{"accounts": []string{id}, "flat": flat})
		cb.Query.Set("code", cb.Query.Get("code")+"#_")
		g, err := c.Exchange(t.Context(), cb)
		require.NoError(t, err)
		require.Equal(t, byInstagram, g.Login)
		require.NotEmpty(t, g.Subject)
		require.NotEqual(t, id, g.Subject, "the person, not the account")
		require.Contains(t, g.Granted, "instagram_business_content_publish")
		require.WithinDuration(t, time.Now().Add(60*24*time.Hour), g.ExpiresAt, time.Minute)
		accounts, err := c.Accounts(t.Context(), g)
		require.NoError(t, err)
		require.Len(t, accounts, 1)
		a := accounts[0]
		require.Equal(t, "instagram", a.Kind)
		require.Equal(t, byInstagram, a.Login)
		require.Equal(t, id, a.ExternalID)
		require.True(t, a.Usable)
		require.Equal(t, g.ExpiresAt, a.ExpiresAt)
		require.NoError(t, c.Ping(t.Context(), connector.Session{Account: a, Credential: a.Credential}))

		_, err = c.Exchange(t.Context(), cb)
		require.Equal(t, problem.AuthExpired, problem.ClassOf(err), "a code works once")
	}

	wrong := b.instagramLogin(t, c, object{"accounts": []string{b.account(t)}})
	wrong.RedirectURI += "x"
	_, err := c.Exchange(t.Context(), wrong)
	require.Equal(t, problem.ActOperator, problem.Of(err).Action.Kind, "another address is a fault of the set-up")
	_, err = c.Exchange(t.Context(), b.instagramLogin(t, c, object{"accounts": []string{b.account(t)}, "decline": []string{"instagram_business_content_publish"}}))
	require.Equal(t, "declined", problem.Of(err).Code)
	require.Contains(t, problem.Of(err).Message, "instagram_business_content_publish")
	_, err = c.Exchange(t.Context(), b.instagramLogin(t, c, object{"accounts": []string{"1"}, "deny": true}))
	require.Equal(t, "access_denied", problem.Of(err).Code)
	require.Contains(t, problem.Of(err).Message, "Instagram")
}

// Check 6: a day old and alive, and the new one replaces the old.
func TestATokenOfInstagramLoginIsRenewedWhenItIsADayOld(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	ahead := time.Duration(0)
	c := b.connect(t, func() time.Time { return time.Now().Add(ahead) })
	s := b.connected(t, c)
	_, err := c.Refresh(t.Context(), s)
	require.Equal(t, "too_young", problem.Of(err).Code, "not even asked for")
	unknown := s
	unknown.Account.ExpiresAt = time.Time{}
	_, err = c.Refresh(t.Context(), unknown)
	require.Equal(t, problem.Transient, problem.ClassOf(err), "the platform's answer says nothing about the token")

	pass := func(d time.Duration) {
		ahead += d
		b.Control(t, http.MethodPost, "clock", object{"advance_seconds": int(d.Seconds())}, nil)
	}
	pass(25 * time.Hour)
	renewal, err := c.Refresh(t.Context(), s)
	require.NoError(t, err)
	require.NotEqual(t, s.Credential.Access, renewal.Credential.Access)
	require.Greater(t, renewal.Life.ExpiresAt, s.Account.ExpiresAt.Add(24*time.Hour))
	renewed := s
	renewed.Credential, renewed.Account.ExpiresAt = renewal.Credential, renewal.Life.ExpiresAt
	require.NoError(t, c.Ping(t.Context(), renewed))
	life, err := c.Inspect(t.Context(), renewed)
	require.NoError(t, err)
	require.Equal(t, renewal.Life.ExpiresAt, life.ExpiresAt)

	pass(61 * 24 * time.Hour)
	_, err = c.Refresh(t.Context(), renewed)
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err), "an expired one is lost")
}

// Every kind that the one login publishes, the other does too, on its own host; check 25.
func TestPublishingByInstagramLogin(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	c := b.connect(t, time.Now)
	for name, d := range instagramDrafts() {
		s := b.connected(t, c)
		receipt, err := b.startOn(t, s, d).finish()
		require.NoError(t, err, name)
		shown := b.media(t, s.Account.ExternalID)
		require.Len(t, shown, 1, name)
		require.Equal(t, receipt.ExternalID, shown[0].ID)
		err = c.Delete(t.Context(), s, receipt)
		require.Error(t, err)
		require.False(t, problem.Of(err).MayHaveHappened())
		require.Len(t, b.media(t, s.Account.ExternalID), 1, "refused here")
	}
	require.False(t, c.Info().CanDelete("instagram", byInstagram))
	require.True(t, c.Info().CanDelete("instagram", "facebook"))
}

// A token of one host is worth nothing on the other.
func TestTheTwoLoginsDoNotMix(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	c := b.connect(t, time.Now)
	own := b.connected(t, c)
	page, _ := b.session(t)
	own.Account.Login, page.Account.Login = page.Account.Login, own.Account.Login
	for _, s := range []connector.Session{own, page} {
		require.Contains(t, []problem.Class{problem.AuthExpired, problem.AuthRevoked}, problem.ClassOf(c.Ping(t.Context(), s)))
	}
	require.Error(t, c.Revoke(t.Context(), page), "no call of Instagram Login revokes")
	require.True(t, strings.HasPrefix(c.AuthURL(connector.AuthRequest{Login: byInstagram}), b.URL+"/meta/instagram/www/oauth/authorize?"))
}

// What Herald would renew by, it has to know: a token without its end is no answer.
func TestATokenOfInstagramLoginHasAnEnd(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"IGCanaryLongToken0001","token_type":"bearer"}`)
	}))
	t.Cleanup(server.Close)
	c, err := meta.New(meta.Config{ClientID: clientID, ClientSecret: connector.NewSecret(clientSecret), GraphURL: server.URL, Instagram: instagramApp(server.URL)})
	require.NoError(t, err)
	_, err = c.Refresh(t.Context(), connector.Session{
		Account:    connector.Account{Kind: "instagram", Login: byInstagram, ExternalID: "17841400000000005"},
		Credential: connector.Credential{Access: connector.NewSecret("IGCanaryLongToken0001")},
	})
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	require.NotContains(t, err.Error(), "Canary")
}
