package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Meta's legacy signature, which nobody may trust
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf16"
)

// metaCallback is where the fake Meta sends what happens: the addresses of the app's dashboard. Empty = nowhere.
type metaCallback struct {
	URL         string `json:"url"`
	VerifyToken string `json:"verify_token"`
	Deauthorize string `json:"deauthorize_url"`
	Deletion    string `json:"deletion_url"`
}

// metaVerifyToken is what the fake dashboard was told.
const metaVerifyToken = "sandbox-meta-verify" //nolint:gosec // the sandbox's, it opens nothing else

// callback is what was configured, or the default of the sandbox's Config. The lock is held.
func (m *meta) callback() metaCallback {
	if base := m.sb.cfg.Hooks["meta"]; m.st.Callback.URL == "" && base != "" {
		return metaCallback{URL: base, VerifyToken: metaVerifyToken, Deauthorize: base + "/deauthorize", Deletion: base + "/data-deletion"}
	}
	return m.st.Callback
}

func (m *meta) webhookRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /_sandbox/meta/callback", m.controlCallback)
	mux.HandleFunc("POST /_sandbox/meta/webhook", m.controlWebhook)
	mux.HandleFunc("POST /_sandbox/meta/webhook/comment", m.controlCommentWebhook)
	mux.HandleFunc("POST /_sandbox/meta/people/{id}/deauthorize", m.controlDeauthorize)
	mux.HandleFunc("POST /_sandbox/meta/people/{id}/delete-data", m.controlDeleteData)
	mux.HandleFunc("POST /_sandbox/meta/people/{id}/permission", m.controlPermission)
	mux.HandleFunc("POST /_sandbox/meta/people/{id}/limit", m.controlLimit)
}

// sent is what the app answered to a delivery.
type sent struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// controlCallback configures the addresses, after the handshake that Meta makes before it takes one.
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
func (m *meta) controlCallback(w http.ResponseWriter, r *http.Request) {
	var in metaCallback
	if !readJSON(w, r, &in) {
		return
	}
	u, err := url.Parse(in.URL)
	if err != nil || u.Host == "" {
		refuseJSON(w, http.StatusBadRequest, errors.New("url is required"))
		return
	}
	u.RawQuery = url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {"1158201444"}, "hub.verify_token": {in.VerifyToken}}.Encode()
	out, err := m.send(r.Context(), http.MethodGet, u.String(), nil, nil)
	if err == nil && (out.Status != http.StatusOK || out.Body != "1158201444") {
		err = fmt.Errorf("the callback URL couldn't be validated: %d %.100s", out.Status, out.Body)
	}
	if err != nil {
		refuseJSON(w, http.StatusBadGateway, err)
		return
	}
	m.sb.mu.Lock()
	m.st.Callback = in
	m.sb.changed()
	m.sb.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// controlWebhook delivers a body as it is given, but with Meta's escapes. signature "bad", "sha1" and "none" spoil it.
func (m *meta) controlWebhook(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Object    string `json:"object"`
		Entry     any    `json:"entry"`
		Signature string `json:"signature"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	out, err := m.deliver(r.Context(), in.Object, in.Entry, in.Signature)
	answered(w, out, err)
}

func (m *meta) deliver(ctx context.Context, object string, entry any, signature string) (sent, error) {
	body, err := ascii(map[string]any{"object": object, "entry": entry})
	if err != nil {
		return sent{}, err
	}
	m.sb.mu.Lock()
	to := m.callback().URL
	m.sb.mu.Unlock()
	weak := hex.EncodeToString(metaMAC(sha1.New, body))
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"facebookexternalua"}, "X-Hub-Signature": {"sha1=" + weak}}
	switch strong := hex.EncodeToString(metaMAC(sha256.New, body)); signature {
	case "":
		header.Set("X-Hub-Signature-256", "sha256="+strong)
	case "bad":
		header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("0", len(strong)))
	case "sha1":
	case "none":
		header.Del("X-Hub-Signature")
	default:
		return sent{}, errors.New("signature must be empty, bad, sha1 or none")
	}
	return m.send(ctx, http.MethodPost, to, header, body)
}

// send makes a call to the app.
func (m *meta) send(ctx context.Context, method, to string, header http.Header, body []byte) (sent, error) {
	if to == "" {
		return sent{}, errors.New("no callback URL is configured: POST /_sandbox/meta/callback")
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return sent{}, err
	}
	req.Header = header
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return sent{}, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return sent{res.StatusCode, string(answer)}, err
}

// controlCommentWebhook tells the app of a comment that a fan made on a post of a Page, or changed.
func (m *meta) controlCommentWebhook(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Post    string `json:"post"` // page_post
		From    string `json:"from"` // name; empty: the platform hides who it was
		Message string `json:"message"`
		Verb    string `json:"verb"`       // empty: add
		Comment string `json:"comment_id"` // of the comment that is changed
		AsPage  bool   `json:"as_page"`    // the Page itself comments
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	post := m.st.Posts[in.Post]
	if post == nil {
		m.sb.mu.Unlock()
		refuseJSON(w, http.StatusNotFound, fmt.Errorf("no post %q", in.Post))
		return
	}
	page, now := m.st.Pages[post.Page], m.sb.clock().Unix()
	heard := m.hears("page", page.ID, "feed")
	if in.Comment == "" {
		in.Comment = strings.TrimPrefix(post.ID, page.ID+"_") + "_" + m.st.id(metaIDPost)
	}
	if in.Verb == "" {
		in.Verb = "add"
	}
	m.sb.changed()
	m.sb.mu.Unlock()
	value := map[string]any{
		"item": "comment", "verb": in.Verb, "post_id": post.ID, "comment_id": in.Comment, "parent_id": post.ID, "message": in.Message, "created_time": now,
	}
	switch {
	case in.AsPage:
		value["from"] = named{page.ID, page.Name}
	case in.From != "":
		value["from"] = named{hex.EncodeToString(metaMAC(sha256.New, []byte(in.From)))[:12], in.From}
	}
	if !heard { // nobody asked
		writeJSON(w, http.StatusOK, map[string]any{"comment_id": in.Comment, "status": 0})
		return
	}
	out, err := m.deliver(r.Context(), "page", []any{map[string]any{
		"id": page.ID, "time": now, "changes": []any{map[string]any{"field": "feed", "value": value}},
	}}, "")
	if err != nil {
		refuseJSON(w, http.StatusBadGateway, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"comment_id": in.Comment, "status": out.Status})
}

// controlDeauthorize removes the app from a person's account, as the person does on the site, and tells the app.
func (m *meta) controlDeauthorize(w http.ResponseWriter, r *http.Request) {
	out, err := m.deauthorize(r.Context(), r.PathValue("id"))
	answered(w, out, err)
}

// controlDeleteData asks the app to delete what it has of a person.
func (m *meta) controlDeleteData(w http.ResponseWriter, r *http.Request) {
	out, err := m.askDeletion(r.Context(), r.PathValue("id"))
	answered(w, out, err)
}

var errNoPerson = errors.New("no such person")

// answered tells what the app said.
func answered(w http.ResponseWriter, out sent, err error) {
	switch {
	case errors.Is(err, errNoPerson), errors.Is(err, errNotGranted):
		refuseJSON(w, http.StatusNotFound, err)
	case err != nil:
		refuseJSON(w, http.StatusBadGateway, err)
	default:
		writeJSON(w, http.StatusOK, out)
	}
}

func (m *meta) deauthorize(ctx context.Context, person string) (sent, error) {
	return m.signed(ctx, person, func(p *metaPerson) string {
		m.revoke(p, "", 458)
		return m.callback().Deauthorize
	})
}

func (m *meta) askDeletion(ctx context.Context, person string) (sent, error) {
	return m.signed(ctx, person, func(*metaPerson) string { return m.callback().Deletion })
}

// signed sends a signed_request for a person. act runs with the lock held and gives the address.
// https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
func (m *meta) signed(ctx context.Context, person string, act func(*metaPerson) string) (sent, error) {
	m.sb.mu.Lock()
	p := m.st.person(person)
	if p == nil {
		m.sb.mu.Unlock()
		return sent{}, errNoPerson
	}
	to, now, id := act(p), m.sb.clock().Unix(), p.ID
	m.sb.mu.Unlock()
	return m.sendSigned(ctx, to, metaClientSecret, id, now)
}

// sendSigned sends a signed_request of one of the two apps.
func (m *meta) sendSigned(ctx context.Context, to, secret, user string, now int64) (sent, error) {
	raw, err := json.Marshal(map[string]any{"algorithm": "HMAC-SHA256", "issued_at": now, "user_id": user})
	if err != nil {
		return sent{}, err
	}
	payload := base64.RawURLEncoding.EncodeToString(raw)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(payload))
	form := url.Values{"signed_request": {base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + "." + payload}}
	return m.send(ctx, http.MethodPost, to, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
}

// controlPermission takes one permission back and tells the app.
func (m *meta) controlPermission(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Permission string   `json:"permission"`
		Pages      []string `json:"pages"` // empty: for all
	}
	if !readJSON(w, r, &in) {
		return
	}
	out, err := m.takeBack(r.Context(), r.PathValue("id"), in.Permission, in.Pages)
	answered(w, out, err)
}

var errNotGranted = errors.New("the permission is not granted")

func (m *meta) takeBack(ctx context.Context, person, permission string, pages []string) (sent, error) {
	m.sb.mu.Lock()
	p := m.st.person(person)
	if p == nil || !p.Grant.has(permission) {
		m.sb.mu.Unlock()
		return sent{}, errNotGranted
	}
	p.Grant.Scopes[permission] = "declined"
	now := m.sb.clock().Unix()
	m.sb.changed()
	m.sb.mu.Unlock()
	value := map[string]any{"verb": "revoked"}
	if len(pages) > 0 {
		value["target_ids"] = pages
	}
	return m.deliver(ctx, "permissions", []any{map[string]any{
		"id": person, "uid": person, "time": now, "changes": []any{map[string]any{"field": permission, "value": value}},
	}}, "")
}

func metaMAC(h func() hash.Hash, text []byte) []byte {
	mac := hmac.New(h, []byte(metaClientSecret))
	mac.Write(text)
	return mac.Sum(nil)
}

// ascii writes JSON as Meta does: every other letter is an escape.
func ascii(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, r := range string(raw) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes(), nil
}
