package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLinkedInActions(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	act := func(name string, form url.Values) string {
		t.Helper()
		r, err := w.do(http.MethodPost, "/actions/linkedin/"+name, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
		require.NoError(t, err)
		if r.status != http.StatusOK {
			return "refused"
		}
		return string(r.raw)
	}
	require.Contains(t, act("post", url.Values{"author": {w.shop()}, "text": {"By hand"}}), "Posted.")
	require.Equal(t, "By hand", w.seen(w.org)[0].Text)
	require.Contains(t, act("quota", url.Values{"op": {"linkedin.me"}, "person": {w.person}}), "refused")
	require.Equal(t, http.StatusTooManyRequests, w.api(http.MethodGet, "v2/me", nil).status)
	w.advance(24 * time.Hour)
	require.Contains(t, act("role", url.Values{"person": {w.person}, "organization": {w.org}, "role": {"ANALYST"}}), "Done")
	require.Equal(t, http.StatusForbidden, w.create(w.post(w.shop(), "Hi")).status)
	require.Contains(t, act("expiry", url.Values{"person": {w.person}, "minutes": {"0"}}), "1 token lives until")
	require.Equal(t, 65602, w.api(http.MethodGet, "v2/me", nil).Service)
	w.token = w.mint(object{})
	require.Contains(t, act("revoke", url.Values{"person": {w.person}}), "Done")
	require.Equal(t, 65601, w.api(http.MethodGet, "v2/me", nil).Service)
	require.Equal(t, "refused", act("expiry", url.Values{"person": {w.person}}))
	require.Contains(t, act("partner", url.Values{"partner": {"yes"}}), "Done")
	require.Contains(t, w.form("accessToken", liExchange(w.login(liAuthorize(liScopes), nil).Get("code")), nil).raw, "refresh_token")
	for _, name := range []string{"webhook", "validate"} {
		require.Equal(t, "refused", act(name, url.Values{}), "nowhere to send it")
	}
}

func TestLinkedInRegistersAnAddressThatAnswersItsChallenge(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	answer := func(string) string { return "" }
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(answer(r.URL.Query().Get("challengeCode"))))
	}))
	t.Cleanup(app.Close)
	register := func() int {
		return w.control(http.MethodPost, "linkedin/callback", object{"url": app.URL}, nil)
	}
	require.Equal(t, http.StatusBadGateway, register())
	answer = func(code string) string {
		return `{"challengeCode":"` + code + `","challengeResponse":"` + liSign(code, "other") + `"}`
	}
	require.Equal(t, http.StatusBadGateway, register(), "signed with another secret")
	answer = func(code string) string {
		return `{"challengeCode":"` + code + `","challengeResponse":"` + liSign(code, liSecret) + `"}`
	}
	require.Equal(t, http.StatusNoContent, register())
	key := "rest/eventSubscriptions/(developerApplication:urn%3Ali%3AdeveloperApplication%3A9,user:" + liEnc(w.me()) + ",entity:" + liEnc(w.shop()) + ",eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS)"
	require.Equal(t, http.StatusBadRequest, w.api(http.MethodPut, key, object{"webhook": "https://other.example"}).status, "an address that is not registered")
	require.Equal(t, http.StatusNotFound, w.api(http.MethodGet, key, nil).status)
	require.Equal(t, http.StatusOK, w.api(http.MethodPut, key, object{"webhook": app.URL}).status)
	require.Contains(t, w.api(http.MethodGet, key, nil).raw, app.URL)
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "linkedin/people/"+w.person+"/revoke", object{}, nil))
	w.token = w.mint(object{})
	require.Equal(t, http.StatusNotFound, w.api(http.MethodGet, key, nil).status, "it ends in silence with the grant")
}

func liSign(text, secret string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}
