package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// tiktokCodeLife is how long a code may be exchanged. TikTok publishes none; this one is ours.
const tiktokCodeLife = 10 * time.Minute

func tiktokScopes() []consentScope {
	return []consentScope{
		{"user.info.basic", "Read your profile picture and display name", true},
		{"user.info.profile", "Read your user name and the link to your profile", false},
		{"user.info.stats", "Read how many followers, likes and videos you have", false},
		{"video.list", "Read your public videos", false},
		{"video.publish", "Post videos and photos to your profile", false},
		{"video.upload", "Send drafts to your inbox", false},
	}
}

// flatError is how the token endpoint refuses: not in the envelope of the API.
// https://developers.tiktok.com/doc/oauth-error-handling
type flatError struct{ code, description string }

func (e flatError) answer(status int) answer {
	return jsonAnswer(status, map[string]string{"error": e.code, "error_description": e.description, "log_id": logID()})
}

func (k *tiktok) oauthStatus() int {
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	return k.st.Settings.OAuthStatus
}

// serveToken: https://developers.tiktok.com/doc/oauth-user-access-token-management
func (k *tiktok) serveToken(w http.ResponseWriter, r *http.Request) {
	k.sb.serve(w, r, k, call{op: tiktokTokenOp, path: "/v2/oauth/token/", run: func() answer {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		err := r.ParseForm()
		k.sb.mu.Lock()
		defer k.sb.mu.Unlock()
		if err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			return flatError{"invalid_request", "The body must be a form."}.answer(k.st.Settings.OAuthStatus)
		}
		pair, refused := k.grantToken(r.PostForm)
		if refused != nil {
			return refused.answer(k.st.Settings.OAuthStatus)
		}
		return jsonAnswer(http.StatusOK, pair)
	}})
}

func (k *tiktok) grantToken(p url.Values) (any, *flatError) {
	if refused := tiktokClient(p); refused != nil {
		return nil, refused
	}
	now := k.sb.clock()
	switch p.Get("grant_type") {
	case "authorization_code":
		code := k.st.Codes[p.Get("code")]
		switch {
		case code == nil, code.Used, now.Sub(code.At) >= tiktokCodeLife:
			return nil, &flatError{"invalid_grant", "Authorization code is expired."}
		case code.Redirect != p.Get("redirect_uri"):
			return nil, &flatError{"invalid_request", "Redirect_uri is not matched with the uri when requesting code."}
		}
		if k.st.Settings.Desktop { // the challenge is the hash of the verifier in hexadecimal
			sum := sha256.Sum256([]byte(p.Get("code_verifier")))
			if p.Get("code_verifier") == "" || hex.EncodeToString(sum[:]) != code.Challenge {
				return nil, &flatError{"invalid_request", "Code verifier or code challenge is invalid."}
			}
		}
		code.Used = true
		c := k.st.creator(code.OpenID)
		c.Grant = &tiktokGrant{Scopes: code.Scopes, Since: now}
		return k.mint(code.OpenID, code.Scopes, 0, 0), nil
	case "refresh_token":
		old := k.st.Refreshers[p.Get("refresh_token")]
		if old == nil || old.Dead || !now.Before(old.Ends) {
			return nil, &flatError{"invalid_grant", "Refresh token is invalid or expired."}
		}
		old.Dead = true
		if access := k.st.Tokens[old.Pair]; access != nil {
			access.Dead = true
		}
		return k.mint(old.OpenID, old.Scopes, 0, 0), nil
	default:
		return nil, &flatError{"unsupported_grant_type", "Grant type is not supported."}
	}
}

func tiktokClient(p url.Values) *flatError {
	if p.Get("client_key") != tiktokClientKey || subtle.ConstantTimeCompare([]byte(p.Get("client_secret")), []byte(tiktokClientSecret)) == 0 {
		return &flatError{"invalid_client", "Client key or secret is incorrect."}
	}
	return nil
}

// mint makes a pair of tokens. Zero lives are the app's. The lock is held.
func (k *tiktok) mint(openID string, scopes []string, access, refresh int64) map[string]any {
	if access == 0 {
		access = k.st.Settings.AccessSeconds
	}
	if refresh == 0 {
		refresh = k.st.Settings.RefreshSeconds
	}
	now := k.sb.clock()
	a, r := "act."+randomText(40)+"!4567.va", "rft."+randomText(40)+"!4567.va"
	k.st.Tokens[a] = &tiktokToken{OpenID: openID, Scopes: scopes, Ends: now.Add(time.Duration(access) * time.Second), Pair: r}
	k.st.Refreshers[r] = &tiktokToken{OpenID: openID, Scopes: scopes, Ends: now.Add(time.Duration(refresh) * time.Second), Pair: a}
	k.sb.changed()
	return map[string]any{
		"access_token": a, "expires_in": access, "open_id": openID, "refresh_expires_in": refresh, "refresh_token": r,
		"scope": strings.Join(scopes, ","), "token_type": "Bearer",
	}
}

// serveRevoke: https://developers.tiktok.com/doc/oauth-user-access-token-management
func (k *tiktok) serveRevoke(w http.ResponseWriter, r *http.Request) {
	k.sb.serve(w, r, k, call{op: tiktokRevokeOp, path: "/v2/oauth/revoke/", run: func() answer {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		err := r.ParseForm()
		k.sb.mu.Lock()
		defer k.sb.mu.Unlock()
		refused := tiktokClient(r.PostForm)
		t := k.st.Tokens[r.PostForm.Get("token")]
		if refused == nil && (err != nil || t == nil || t.Dead || !k.sb.clock().Before(t.Ends)) {
			refused = &flatError{"invalid_request", "The access token is invalid."}
		}
		if refused != nil {
			return refused.answer(k.st.Settings.OAuthStatus)
		}
		k.removeApp(k.st.creator(t.OpenID), 5)
		return jsonAnswer(http.StatusOK, map[string]any{})
	}})
}

// removeApp ends the app's access, and tells it. The lock is held.
func (k *tiktok) removeApp(c *tiktokCreator, reason int) {
	c.Grant = nil
	k.st.kill(c.OpenID)
	k.tell(c.OpenID, "authorization.removed", map[string]any{"reason": reason})
	k.sb.changed()
}

// consent is TikTok's page: for the one account that somebody is logged in with.
func (k *tiktok) consent() consentPage {
	return consentPage{
		sb: k.sb, platform: k, op: tiktokDialogOp, path: "/v2/auth/authorize/", title: "Log in with TikTok", app: tiktokAppName, ask: "wants to use your TikTok account",
		accounts: k.logins, legend: "You are", nothing: "There is no TikTok account in this sandbox.", field: "account", single: true,
		scopes: tiktokScopes(), denied: url.Values{"error": {"access_denied"}, "error_description": {"The user denied the request"}},
		check: k.parseLogin, allow: k.allow,
	}
}

func (k *tiktok) logins(*personView) []accountView {
	var out []accountView
	for _, c := range k.st.Creators {
		out = append(out, accountView{ID: c.OpenID, Name: c.Nickname, Note: "@" + c.Username})
	}
	return out
}

// parseLogin checks the parameters as TikTok's page does: what is wrong is shown there, without a redirect.
// https://developers.tiktok.com/doc/login-kit-web
func (k *tiktok) parseLogin(q url.Values) (consentRequest, string) {
	in := consentRequest{redirectURI: q.Get("redirect_uri"), state: q.Get("state"), query: q}
	k.sb.mu.Lock()
	settings := k.st.Settings
	k.sb.mu.Unlock()
	registered := k.sb.redirectRegistered("tiktok", in.redirectURI)
	if len(settings.Redirects) > 0 {
		registered = slices.Contains(settings.Redirects, in.redirectURI)
	}
	switch {
	case q.Get("client_key") != tiktokClientKey:
		return in, "client_key: this app does not exist."
	case !registered:
		return in, "redirect_uri: it is not registered for this app."
	case q.Get("response_type") != "code":
		return in, "response_type: it must be code."
	case q.Has("disable_auto_auth") && q.Get("disable_auto_auth") != "0" && q.Get("disable_auto_auth") != "1":
		return in, "disable_auto_auth: it is 0 or 1."
	case settings.Desktop && (q.Get("code_challenge") == "" || q.Get("code_challenge_method") != "S256"):
		return in, "code_challenge: a desktop app sends one, with the method S256."
	}
	for name := range strings.SplitSeq(q.Get("scope"), ",") { // spaces do not separate
		if !slices.ContainsFunc(tiktokScopes(), func(s consentScope) bool { return s.Name == name }) {
			return in, fmt.Sprintf("scope: the app does not have %q.", name)
		}
		in.scopes = append(in.scopes, name)
	}
	return in, ""
}

// allow makes a code. Its letters have to be escaped once and only once on their way. The lock is held.
func (k *tiktok) allow(in consentRequest, c consent) (url.Values, string) {
	openID := strings.Join(c.accounts, " ")
	if k.st.creator(openID) == nil {
		return nil, "Choose an account first."
	}
	code := randomText(60) + "*0!4567.va"
	k.st.Codes[code] = &tiktokCode{OpenID: openID, Scopes: c.scopes, Redirect: in.redirectURI, Challenge: in.query.Get("code_challenge"), At: k.sb.clock()}
	k.sb.changed()
	return url.Values{"code": {code}, "scopes": {strings.Join(c.scopes, ",")}}, ""
}

var errNoCreator = errors.New("no such creator")

var loopback = regexp.MustCompile(`^http://(localhost|127\.0\.0\.1):(\d+|\*)/`)

// controlRedirects registers addresses, as the developer portal does: web apps need https. This fake also takes http on
// this machine, where nothing speaks https.
func (k *tiktok) controlRedirects(w http.ResponseWriter, r *http.Request) {
	var in struct {
		URIs []string `json:"uris"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	for _, raw := range in.URIs {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#") || len(raw) >= 512 || u.Scheme != "https" && !loopback.MatchString(raw) {
			refuseJSON(w, http.StatusBadRequest, fmt.Errorf("%q cannot be saved: an absolute https address without query and fragment, shorter than 512 characters", raw))
			return
		}
	}
	if len(in.URIs) > 10 {
		refuseJSON(w, http.StatusBadRequest, errors.New("at most ten addresses"))
		return
	}
	k.sb.mu.Lock()
	k.st.Settings.Redirects = in.URIs
	k.sb.changed()
	k.sb.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}
