package linkedin_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/linkedin"
	"github.com/herald-publishing/herald/internal/problem"
)

func TestANewTokenMayBeUnknownForAMoment(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	now := &clock{time.Now()}
	c := b.connect(t, now.now)
	young := func(lag int) {
		s.Credential, s.Account.ExpiresAt = b.token(t, s.Account.ExternalID, object{"lag": lag})
	}
	young(1)
	require.NoError(t, c.Ping(t.Context(), s))
	young(3)
	err := c.Ping(t.Context(), s)
	require.Equal(t, problem.Transient, problem.ClassOf(err), "it does not disconnect the account")
	require.False(t, problem.Of(err).MayHaveHappened())
	require.NoError(t, c.Ping(t.Context(), s))
	young(1)
	now.at = now.at.Add(time.Minute + time.Second)
	require.Equal(t, problem.AuthRevoked, problem.ClassOf(c.Ping(t.Context(), s)), "an older one is revoked")
}

func TestWithoutARefreshTokenThePersonConnectsAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	now := &clock{time.Now()}
	c := b.connect(t, now.now)
	cb := b.login(t, c.AuthURL(connector.AuthRequest{State: "s", RedirectURI: "http://localhost:8080/v1/oauth/linkedin/callback"}), object{"person": s.Account.ExternalID})
	g, err := c.Exchange(t.Context(), cb)
	require.NoError(t, err)
	require.True(t, g.Credential.Refresh.Empty(), "an ordinary app")
	require.WithinDuration(t, now.at.Add(60*day), g.ExpiresAt, time.Minute)
	accounts, err := c.Accounts(t.Context(), g)
	require.NoError(t, err)
	require.Equal(t, g.ExpiresAt, accounts[0].ExpiresAt, "so that a reminder can come in time")
	s.Credential, s.Account.ExpiresAt = g.Credential, g.ExpiresAt
	_, err = c.Refresh(t.Context(), s)
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err))
	require.Equal(t, problem.ActReconnect, problem.Of(err).Action.Kind)
	life, err := c.Inspect(t.Context(), s)
	require.NoError(t, err)
	require.WithinDuration(t, g.ExpiresAt, life.ExpiresAt, time.Minute)

	b.Pass(t, 60*day)
	now.at = now.at.Add(60 * day)
	require.Equal(t, problem.AuthExpired, problem.ClassOf(c.Ping(t.Context(), s)))
	_, err = c.Inspect(t.Context(), s)
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err))
}

func TestAYearIsNeverProlonged(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	now := &clock{time.Now()}
	c := b.connect(t, now.now)
	consented := now.at
	for range 7 {
		b.Pass(t, 50*day)
		now.at = now.at.Add(50 * day)
		r, err := c.Refresh(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, s.Credential.Refresh, r.Credential.Refresh)
		require.WithinDuration(t, consented.Add(365*day), r.Life.RenewUntil, time.Minute)
		require.False(t, r.Life.ExpiresAt.After(r.Life.RenewUntil.Add(time.Minute)))
		s.Credential = r.Credential
	}
	b.Pass(t, 16*day)
	now.at = now.at.Add(16 * day)
	_, err := c.Refresh(t.Context(), s)
	require.Equal(t, problem.AuthRevoked, problem.ClassOf(err))
	require.Equal(t, problem.ActReconnect, problem.Of(err).Action.Kind)
}

func TestARoleThatIsTakenAwayEndsThePage(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, organization, nil)
	c := b.connect(t, time.Now)
	require.NoError(t, c.Ping(t.Context(), s))
	b.Control(t, http.MethodPost, "linkedin/people/"+s.Account.Data["person"]+"/role", object{"organization": s.Account.ExternalID, "role": "ANALYST"}, nil)
	require.Equal(t, problem.PermissionMissing, problem.ClassOf(c.Ping(t.Context(), s)))
	_, err := publishNow(t, c, s, text("Buns"))
	require.Equal(t, problem.PermissionMissing, problem.ClassOf(err))
}

func TestGivingTheAccessBackTwiceIsASuccess(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	c := b.connect(t, time.Now)
	for range 2 {
		require.NoError(t, c.Revoke(t.Context(), s))
		require.Equal(t, problem.AuthRevoked, problem.ClassOf(c.Ping(t.Context(), s)))
	}
}

func TestALoginThatAsksForTooMuchIsTheOperatorsFault(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	c := b.connect(t, time.Now, func(cfg *linkedin.Config) { cfg.App = cfg.Personal }) // the app without the products
	cb := b.login(t, c.AuthURL(connector.AuthRequest{State: "s", RedirectURI: "http://localhost:8080/v1/oauth/linkedin/callback"}), object{})
	require.Empty(t, cb.Query.Get("code"))
	_, err := c.Exchange(t.Context(), cb)
	require.Equal(t, problem.PermissionMissing, problem.ClassOf(err))
	require.Equal(t, problem.ActOperator, problem.Of(err).Action.Kind)
	_, err = c.Exchange(t.Context(), connector.Callback{Query: url.Values{"error": {"AQXCanaryAccess0001"}}})
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	require.NotContains(t, err.Error(), "Canary")
}

func TestAPostNobodyHasSeenHasZeros(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, organization, nil)
	c := b.connect(t, time.Now)
	quiet := b.plant(t, s, nil)
	metrics, err := c.PostMetrics(t.Context(), s, quiet)
	require.NoError(t, err)
	for _, m := range metrics {
		require.Zero(t, *m.Value, m.Title)
	}
	poll := b.plant(t, s, object{"kind": "ugcPost"})
	b.comment(t, poll.Receipt.ExternalID, "", "Sol", "Tea")
	metrics, err = c.PostMetrics(t.Context(), s, poll)
	require.NoError(t, err)
	require.Equal(t, connector.MetricComments, metrics[3].Name)
	require.Equal(t, int64(1), *metrics[3].Value, "asked for by the right kind of URN")
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for why, change := range map[string]func(*linkedin.Config){
		"no id": func(c *linkedin.Config) { c.ClientID = "" }, "no secret": func(c *linkedin.Config) { c.ClientSecret = connector.Secret{} },
		"half a second app": func(c *linkedin.Config) { c.Personal.ClientSecret = connector.Secret{} }, "a version of another kind": func(c *linkedin.Config) { c.Version = "v26" },
		"plain http": func(c *linkedin.Config) { c.APIURL = "http://api.example" }, "plain http for the login": func(c *linkedin.Config) { c.OAuthURL = "http://www.example" },
		"plain http for webhooks": func(c *linkedin.Config) { c.HooksURL = "http://hooks.example" }, "an app id in words": func(c *linkedin.Config) { c.AppID = "urn:li:developerApplication:9" },
	} {
		cfg := config("https://api.example")
		change(&cfg)
		_, err := linkedin.New(cfg)
		require.Error(t, err, why)
	}
	cfg := config("")
	cfg.Version, cfg.Personal = "202607", linkedin.App{}
	c, err := linkedin.New(cfg)
	require.NoError(t, err)
	require.Equal(t, "202607", c.Info().APIVersion)
	require.Equal(t, "2027-07-15", c.Info().Sunset)
	require.Len(t, c.Info().Logins, 1, "no app for the second login")
}
