package meta_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

const day = 24 * time.Hour

func TestRefreshLeavesAYoungLoginAlone(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s, _ := b.session(t, object{"name": "Cafe"})
	r, err := b.connect(t, time.Now).Refresh(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, s.Credential, r.Credential, "nothing had to be replaced")
	require.Zero(t, r.Life.ExpiresAt, "a Page's token has no end")
	require.WithinDuration(t, time.Now().Add(60*day), r.Life.RenewUntil, time.Minute)
	require.Zero(t, r.Life.DataUntil, "what Pages need is exempt from the end of data access")
	require.Contains(t, r.Life.Scopes, "pages_manage_posts")
}

func TestRefreshProlongsALoginInItsLastWeek(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s, _ := b.session(t, object{"name": "Cafe"})
	b.Control(t, http.MethodPost, "clock", object{"advance_seconds": int(54 * day / time.Second)}, nil)
	later := func() time.Time { return time.Now().Add(54 * day) }
	c := b.connect(t, later)
	r, err := c.Refresh(t.Context(), s)
	require.NoError(t, err)
	require.NotEqual(t, s.Credential.Parent, r.Credential.Parent)
	require.WithinDuration(t, later().Add(60*day), r.Life.RenewUntil, time.Minute)

	s.Credential = r.Credential
	require.NoError(t, c.Ping(t.Context(), s))
	again, err := c.Refresh(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, r.Credential, again.Credential)
}

func TestRefreshGivesADeadPageItsTokenAnew(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s, who := b.session(t, object{"name": "Cafe"})
	c := b.connect(t, time.Now)
	b.Control(t, http.MethodPost, "meta/people/"+who.ID+"/revoke", object{"subcode": 463, "page": s.Account.ExternalID}, nil)
	require.Equal(t, problem.AuthExpired, problem.ClassOf(c.Ping(t.Context(), s)))
	r, err := c.Refresh(t.Context(), s)
	require.NoError(t, err)
	require.NotEqual(t, s.Credential.Access, r.Credential.Access)
	s.Credential = r.Credential
	require.NoError(t, c.Ping(t.Context(), s))
}

func TestRefreshSaysWhyItIsRefused(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]struct {
		subcode int
		class   problem.Class
	}{
		"the app was removed":          {458, problem.AuthRevoked},
		"the password was changed":     {460, problem.AuthRevoked},
		"the login has ended":          {463, problem.AuthExpired},
		"the role on the Page is lost": {492, problem.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startSandbox(t)
			s, who := b.session(t, object{"name": "Cafe"})
			page := ""
			if broken.subcode == 492 {
				page = s.Account.ExternalID
			}
			b.Control(t, http.MethodPost, "meta/people/"+who.ID+"/revoke", object{"subcode": broken.subcode, "page": page}, nil)
			_, err := b.connect(t, time.Now).Refresh(t.Context(), s)
			require.Equal(t, broken.class, problem.ClassOf(err), "%v", err)
		})
	}
}

func TestRefreshWithoutALogin(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s, _ := b.session(t, object{"name": "Cafe"})
	s.Credential.Parent = connector.Secret{}
	_, err := b.connect(t, time.Now).Refresh(t.Context(), s)
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err))
	require.Equal(t, problem.ActReconnect, problem.Of(err).Action.Kind)
}

func TestATroubledPlatformIsNoDeadToken(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"meta.debug_token", "meta.page.get"} {
		b := startSandbox(t)
		s, _ := b.session(t, object{"name": "Cafe"})
		b.Control(t, http.MethodPost, "faults", object{"op": operation, "kind": "500"}, nil)
		_, err := b.connect(t, time.Now).Refresh(t.Context(), s)
		require.Contains(t, []problem.Class{problem.Transient, problem.PlatformDown}, problem.ClassOf(err), "%s: %v", operation, err)
	}
}

func TestInspectTellsThePagesLife(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s, who := b.session(t, object{"name": "Cafe"})
	c := b.connect(t, time.Now)
	life, err := c.Inspect(t.Context(), s)
	require.NoError(t, err)
	require.Zero(t, life.ExpiresAt)
	require.Zero(t, life.DataUntil)
	b.Control(t, http.MethodPost, "meta/people/"+who.ID+"/revoke", object{}, nil)
	_, err = c.Inspect(t.Context(), s)
	require.Equal(t, problem.AuthRevoked, problem.ClassOf(err))
}

func TestTheEndOfDataAccessIsKeptApart(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	who, pages := b.person(t, object{"person": "Kim Berg", "pages": []object{{"name": "Cafe"}}})
	var token struct {
		User string `json:"user_token"`
		Page string `json:"page_token"`
	}
	b.Control(t, http.MethodPost, "meta/token", object{
		"person": who.ID, "page": pages[0].ID, "scopes": []string{"pages_show_list", "pages_read_engagement", "instagram_basic"},
	}, &token)
	inspect := func(kind string) connector.Life {
		t.Helper()
		life, err := b.connect(t, time.Now).Inspect(t.Context(), connector.Session{
			Account: connector.Account{Kind: kind, ExternalID: pages[0].ID}, Credential: connector.Credential{Access: connector.NewSecret(token.Page)},
		})
		require.NoError(t, err)
		require.Zero(t, life.ExpiresAt)
		return life
	}
	require.WithinDuration(t, time.Now().Add(90*day), inspect("instagram").DataUntil, time.Minute)
	require.Zero(t, inspect("facebook_page").DataUntil, "a Page does not need what was given for Instagram")
}

func TestAnInstagramAccountIsRenewedWithItsPage(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	s, _ := b.session(t)
	c := b.connect(t, time.Now)
	r, err := c.Refresh(t.Context(), s)
	require.NoError(t, err)
	require.False(t, r.Credential.Access.Empty())
	require.WithinDuration(t, time.Now().Add(90*day), r.Life.DataUntil, time.Minute)
	s.Credential = r.Credential
	require.NoError(t, c.Ping(t.Context(), s))
}
