package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
)

// The login travels from the choice to the account, and a reconnect takes the one it was linked by.
func TestAnAccountRemembersItsLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	asked := func(query string) (login, state string) {
		t.Helper()
		to, err := url.Parse(ada.get("/v1/oauth/fake/start" + query).status(http.StatusFound).head.Get("Location"))
		require.NoError(t, err)
		return to.Query().Get("login"), to.Query().Get("state")
	}
	login, _ := asked("")
	require.Equal(t, "first", login, "the default")
	login, state := asked("?login=second")
	require.Equal(t, "second", login)
	grant := strings.TrimPrefix(ada.back(state, "&code=c"), "/connect/")
	require.Equal(t, "second", ada.grant(grant).Login)
	var out api.ConnectionList
	ada.pick(grant, "1").status(http.StatusCreated).into(&out)
	require.Equal(t, "second", out.Items[0].Login)
	login, _ = asked("?login=first&reconnect=" + out.Items[0].ID)
	require.Equal(t, "second", login, "whatever is asked for")
	require.Equal(t, origin+"/accounts?platform=fake&problem=platform_off", ada.get("/v1/oauth/fake/start?login=third").status(http.StatusFound).head.Get("Location"))
}
