package sandbox_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLinkedInSendsNothingToAStrangersAddress(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	page := func(q url.Values) reply {
		r, err := w.do(http.MethodGet, "/linkedin/www/oauth/v2/authorization?"+q.Encode(), "", nil)
		require.NoError(t, err)
		return r
	}
	require.Equal(t, http.StatusOK, page(liAuthorize(liScopes)).status)
	for _, name := range []string{"redirect_uri", "client_id"} {
		q := liAuthorize(liScopes)
		q.Set(name, q.Get(name)+"x")
		r := page(q)
		require.Equal(t, http.StatusBadRequest, r.status, name)
		require.Empty(t, r.header.Get("Location"), name)
	}
	back := w.login(liAuthorize(liScopes), object{"deny": true})
	require.Equal(t, "user_cancelled_authorize", back.Get("error"))
	require.Equal(t, "s1", back.Get("state"))
	require.Empty(t, back.Get("code"))

	back = w.login(liAuthorize(liScopes+" openid"), nil)
	require.Equal(t, "unauthorized_scope_error", back.Get("error"), "one permission that the app does not own fails them all")
	require.Equal(t, "s1", back.Get("state"))
	require.Empty(t, back.Get("code"))
	r := page(liAuthorize("openid"))
	require.Equal(t, http.StatusSeeOther, r.status)
	require.Contains(t, r.header.Get("Location"), "unauthorized_scope_error")
}

func TestLinkedInExchangesACodeOnceAndWithinHalfAnHour(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	code := w.login(liAuthorize(liScopes), nil).Get("code")
	basic := liExchange(code)
	basic.Del("client_id")
	basic.Del("client_secret")
	a := w.form("accessToken", basic, map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(liClientID+":"+liSecret))})
	require.Equal(t, http.StatusUnauthorized, a.status, "credentials count in the body only")
	require.Contains(t, a.raw, `"invalid_client"`)

	a = w.form("accessToken", liExchange(code), nil)
	require.Equal(t, http.StatusOK, a.status, a.raw)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.raw), &got))
	require.InDelta(t, 5184000, got["expires_in"], 0)
	require.NotContains(t, got, "refresh_token", "an ordinary app cannot refresh")
	a = w.form("accessToken", liExchange(code), nil)
	require.Equal(t, http.StatusUnauthorized, a.status)
	require.Contains(t, a.raw, `"invalid_request"`)

	late := w.login(liAuthorize(liScopes), nil).Get("code")
	w.advance(30 * time.Minute)
	a = w.form("accessToken", liExchange(late), nil)
	require.Equal(t, http.StatusBadRequest, a.status)
	require.Contains(t, a.raw, `"invalid_redirect_uri"`)
}

func TestOtherPermissionsEndTheTokensFromBefore(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	first := w.login(liAuthorize(liScopes), nil)
	a := w.form("accessToken", liExchange(first.Get("code")), nil)
	var got struct {
		Access string `json:"access_token"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.raw), &got))
	w.token = got.Access
	require.Equal(t, http.StatusOK, w.api(http.MethodGet, "v2/me", nil).status)
	w.login(liAuthorize(liScopes), nil)
	require.Equal(t, http.StatusOK, w.api(http.MethodGet, "v2/me", nil).status, "the same permissions again")
	w.login(liAuthorize(liScopes+" r_member_social_feed"), nil)
	a = w.api(http.MethodGet, "v2/me", nil)
	require.Equal(t, http.StatusUnauthorized, a.status)
	require.Equal(t, 65601, a.Service)
}

func TestARefreshTokenIsNeverProlonged(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "linkedin/settings", object{"partner": true}, nil))
	a := w.form("accessToken", liExchange(w.login(liAuthorize(liScopes), nil).Get("code")), nil)
	type pair struct {
		Access  string `json:"access_token"`
		Life    int64  `json:"expires_in"`
		Refresh string `json:"refresh_token"`
		Left    int64  `json:"refresh_token_expires_in"`
	}
	var first, second, last pair
	require.NoError(t, json.Unmarshal([]byte(a.raw), &first))
	require.Equal(t, int64(31536000), first.Left)
	refresh := func(into *pair) liAnswer {
		a := w.form("accessToken", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Refresh}, "client_id": {liClientID}, "client_secret": {liSecret}}, nil)
		require.NoError(t, json.Unmarshal([]byte(a.raw), into))
		return a
	}
	w.advance(59 * 24 * time.Hour)
	refresh(&second)
	require.Equal(t, first.Refresh, second.Refresh)
	require.NotEqual(t, first.Access, second.Access)
	require.InDelta(t, 306*24*3600, second.Left, 60)
	w.advance(300 * 24 * time.Hour)
	refresh(&last)
	require.Equal(t, last.Left, last.Life, "near the end both end together")
	w.advance(7 * 24 * time.Hour)
	a = refresh(&last)
	require.Equal(t, http.StatusBadRequest, a.status)
	require.Contains(t, a.raw, `"invalid_request"`)
}

func TestIntrospectionTellsEndedFromRevoked(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	ask := func(token string) string {
		return w.form("introspectToken", url.Values{"client_id": {liClientID}, "client_secret": {liSecret}, "token": {token}}, nil).raw
	}
	require.Contains(t, ask(w.token), `"status":"active"`)
	require.JSONEq(t, `{"active":false}`, ask(w.mint(object{"personal": true})), "another app's")
	w.advance(60 * 24 * time.Hour)
	a := w.api(http.MethodGet, "v2/me", nil)
	require.Equal(t, 65602, a.Service)
	require.Contains(t, ask(w.token), `"status":"expired"`)
	w.token = w.mint(object{})
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "linkedin/people/"+w.person+"/revoke", object{}, nil))
	require.Equal(t, 65601, w.api(http.MethodGet, "v2/me", nil).Service)
	require.Contains(t, ask(w.token), `"status":"revoked"`)
	dead := w.form("revoke", url.Values{"client_id": {liClientID}, "client_secret": {liSecret}, "token": {w.token}}, nil)
	require.Equal(t, http.StatusBadRequest, dead.status)
}
