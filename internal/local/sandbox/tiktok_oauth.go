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

func tiktokScopes() []metaScope {
	return []metaScope{
		{"user.info.basic", "Read your profile picture and display name"},
		{"user.info.profile", "Read your user name and the link to your profile"},
		{"user.info.stats", "Read how many followers, likes and videos you have"},
		{"video.list", "Read your public videos"},
		{"video.publish", "Post videos and photos to your profile"},
		{"video.upload", "Send drafts to your inbox"},
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

// tiktokLogin is a consent page's parameters.
type tiktokLogin struct {
	redirect, state, challenge string
	scopes                     []string
}

func (l tiktokLogin) back(q url.Values) string {
	if l.state != "" {
		q.Set("state", l.state)
	}
	return l.redirect + "?" + q.Encode() // a registered address has no query
}

func (l tiktokLogin) denied() string {
	return l.back(url.Values{"error": {"access_denied"}, "error_description": {"The user denied the request"}})
}

// parseLogin checks the parameters as TikTok's page does: what is wrong is shown there, without a redirect.
// https://developers.tiktok.com/doc/login-kit-web
func (k *tiktok) parseLogin(q url.Values) (tiktokLogin, string) {
	l := tiktokLogin{redirect: q.Get("redirect_uri"), state: q.Get("state"), challenge: q.Get("code_challenge")}
	k.sb.mu.Lock()
	settings := k.st.Settings
	k.sb.mu.Unlock()
	registered := k.sb.redirectRegistered("tiktok", l.redirect)
	if len(settings.Redirects) > 0 {
		registered = slices.Contains(settings.Redirects, l.redirect)
	}
	switch {
	case q.Get("client_key") != tiktokClientKey:
		return l, "client_key: this app does not exist."
	case !registered:
		return l, "redirect_uri: it is not registered for this app."
	case q.Get("response_type") != "code":
		return l, "response_type: it must be code."
	case q.Has("disable_auto_auth") && q.Get("disable_auto_auth") != "0" && q.Get("disable_auto_auth") != "1":
		return l, "disable_auto_auth: it is 0 or 1."
	case settings.Desktop && (l.challenge == "" || q.Get("code_challenge_method") != "S256"):
		return l, "code_challenge: a desktop app sends one, with the method S256."
	}
	for name := range strings.SplitSeq(q.Get("scope"), ",") {
		if !slices.ContainsFunc(tiktokScopes(), func(s metaScope) bool { return s.Name == name }) {
			return l, fmt.Sprintf("scope: the app does not have %q.", name)
		}
		l.scopes = append(l.scopes, name)
	}
	return l, ""
}

// allow makes a code. Its letters have to be escaped once and only once on their way.
func (k *tiktok) allow(l tiktokLogin, openID string, scopes []string) (string, bool) {
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	if k.st.creator(openID) == nil {
		return "", false
	}
	granted := slices.DeleteFunc(slices.Clone(l.scopes), func(s string) bool { return s != "user.info.basic" && !slices.Contains(scopes, s) })
	code := randomText(60) + "*0!4567.va"
	k.st.Codes[code] = &tiktokCode{OpenID: openID, Scopes: granted, Redirect: l.redirect, Challenge: l.challenge, At: k.sb.clock()}
	k.sb.changed()
	return l.back(url.Values{"code": {code}, "scopes": {strings.Join(granted, ",")}}), true
}

type tiktokDialogView struct {
	frame

	Problem, AppName, Return, Action string
	Accounts                         []accountView
	Scopes                           []dialogScope
}

func (k *tiktok) showDialog(w http.ResponseWriter, r *http.Request) {
	k.sb.serve(w, r, k, call{op: tiktokDialogOp, path: "/v2/auth/authorize/", run: func() answer { return k.dialogPage(r, "") }})
}

func (k *tiktok) dialogPage(r *http.Request, problem string) answer {
	l, refused := k.parseLogin(r.URL.Query())
	v := tiktokDialogView{frame: k.sb.frame("Log in with TikTok"), AppName: tiktokAppName, Problem: problem}
	if refused != "" {
		v.Problem = refused
		return k.sb.page(http.StatusBadRequest, "dialog_error.html", v)
	}
	u, _ := url.Parse(l.redirect) // it is registered, so it was parsed
	v.Return, v.Action = u.Host, r.URL.Path+"?"+r.URL.RawQuery
	k.sb.mu.Lock()
	for _, c := range k.st.Creators {
		v.Accounts = append(v.Accounts, accountView{ID: c.OpenID, Name: c.Nickname, Note: "@" + c.Username, Avatar: avatarPath("tiktok", c.OpenID, "")})
	}
	k.sb.mu.Unlock()
	for _, s := range tiktokScopes() {
		if slices.Contains(l.scopes, s.Name) {
			v.Scopes = append(v.Scopes, dialogScope{s, s.Name == "user.info.basic"})
		}
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	return k.sb.page(status, "dialog_tiktok.html", v)
}

func (k *tiktok) answerDialog(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	l, problem := k.parseLogin(r.URL.Query())
	if problem != "" {
		k.sb.write(w, r, k.dialogPage(r, ""))
		return
	}
	target := l.denied()
	if r.PostForm.Get("decision") == "allow" {
		var ok bool
		if target, ok = k.allow(l, r.PostForm.Get("account"), r.PostForm["scope"]); !ok {
			k.sb.write(w, r, k.dialogPage(r, "Choose an account first."))
			return
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target, http.StatusSeeOther) //nolint:gosec // parseLogin lets registered addresses through only
}

var errNoCreator = errors.New("no such creator")

// controlLogin answers the consent page as a person would.
func (k *tiktok) controlLogin(w http.ResponseWriter, r *http.Request) {
	var in struct {
		URL     string   `json:"url"`
		Creator string   `json:"creator"`
		Decline []string `json:"decline"`
		Deny    bool     `json:"deny"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	u, err := url.Parse(in.URL)
	if err != nil {
		refuseJSON(w, http.StatusBadRequest, errors.New("url cannot be parsed"))
		return
	}
	l, problem := k.parseLogin(u.Query())
	if problem != "" {
		refuseJSON(w, http.StatusBadRequest, errors.New(problem))
		return
	}
	location, ok := l.denied(), true
	if !in.Deny {
		location, ok = k.allow(l, in.Creator, slices.DeleteFunc(slices.Clone(l.scopes), func(s string) bool { return slices.Contains(in.Decline, s) }))
	}
	if !ok {
		refuseJSON(w, http.StatusNotFound, errNoCreator)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"location": location})
}

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
