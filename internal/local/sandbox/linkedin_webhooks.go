package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Webhooks. https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation

const liEvents = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"

func liMAC(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// send sends to the app and reads a little of its answer.
func (l *linkedin) send(ctx context.Context, method, to string, header http.Header, body []byte) (sent, http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body)) //nolint:gosec // the address that the developer has entered
	if err != nil {
		return sent{}, nil, errors.New("the callback's address cannot be used")
	}
	maps.Copy(req.Header, header)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req) //nolint:gosec // the same
	if err != nil {
		return sent{}, nil, fmt.Errorf("the app cannot be reached: %w", err)
	}
	defer func() { _ = res.Body.Close() }() // only read
	raw, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return sent{}, nil, fmt.Errorf("the app's answer: %w", err)
	}
	return sent{res.StatusCode, string(raw)}, res.Header, nil
}

// validate asks the app whether an address is its own, as the portal does before it takes one and every two hours.
func (l *linkedin) validate(ctx context.Context, to string) error {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" {
		return errors.New("the address cannot be used")
	}
	const challenge = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
	q := u.Query()
	q.Set("challengeCode", challenge)
	u.RawQuery = q.Encode()
	out, header, err := l.send(ctx, http.MethodGet, u.String(), nil, nil)
	if err != nil {
		return err
	}
	var in struct {
		Code     string `json:"challengeCode"`
		Response string `json:"challengeResponse"`
	}
	if out.Status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "application/json") || json.Unmarshal([]byte(out.Body), &in) != nil ||
		in.Code != challenge || subtle.ConstantTimeCompare([]byte(in.Response), []byte(liMAC(liCommunitySecret, challenge))) == 0 {
		return fmt.Errorf("the address could not be validated: %d %.100s", out.Status, out.Body)
	}
	return nil
}

// callback is the registered address. The lock is held.
func (l *linkedin) callback() string {
	if l.st.Callback == "" {
		return l.sb.cfg.Hooks["linkedin"]
	}
	return l.st.Callback
}

// subscription checks the key of a subscription.
func (l *linkedin) subscription(c *liCall) (key string, e *liErr) {
	raw := c.r.URL.EscapedPath()
	k := liRecord(raw[strings.LastIndexByte(raw, '/')+1:])
	org := liID(k["entity"])
	switch {
	case k["eventType"] != liEvents || !strings.HasPrefix(k["developerApplication"], "urn:li:developerApplication:") || k["user"] != liPersonURN(c.person.ID) || l.st.Orgs[org] == nil:
		return "", liBad("ILLEGAL_ARGUMENT", "The key of the subscription is not valid")
	case !c.token.has("rw_organization_admin"), !hasRole(c.person, org, liAdmin):
		return "", liDenied("eventSubscriptions." + liNewest)
	}
	return c.person.ID + "|" + org, nil
}

func hasRole(p *liPerson, org, role string) bool {
	return slices.Contains(p.roles(org), role)
}

func (l *linkedin) putSubscription(c *liCall) (answer, *liErr) {
	key, e := l.subscription(c)
	if e != nil {
		return answer{}, e
	}
	var in struct {
		Webhook string `json:"webhook"`
	}
	if json.Unmarshal(c.body, &in) != nil || in.Webhook == "" || in.Webhook != l.callback() {
		return answer{}, liBad("INVALID_VALUE_FOR_FIELD", "/webhook is not a registered address")
	}
	l.st.Subscriptions[key] = in.Webhook
	l.sb.changed()
	return answer{status: http.StatusOK, header: http.Header{}}, nil
}

func (l *linkedin) getSubscription(c *liCall) (answer, *liErr) {
	key, e := l.subscription(c)
	if e != nil {
		return answer{}, e
	}
	to, there := l.st.Subscriptions[key]
	if !there {
		return answer{}, liMissing()
	}
	return jsonAnswer(http.StatusOK, map[string]any{"webhook": to, "expiresAt": c.now.AddDate(0, 1, 0).UnixMilli()}), nil
}

func (l *linkedin) deleteSubscription(c *liCall) (answer, *liErr) {
	key, e := l.subscription(c)
	if e != nil {
		return answer{}, e
	}
	delete(l.st.Subscriptions, key)
	l.sb.changed()
	return answer{status: http.StatusNoContent, header: http.Header{}}, nil
}

// notification is what LinkedIn tells of a comment. The lock is held.
func (l *linkedin) notification(p *liPost, x liComment, action string) map[string]any {
	owner := "urn:li:person:nobody"
	for key := range l.st.Subscriptions {
		person, org, _ := strings.Cut(key, "|")
		if liOrgURN(org) == p.Author {
			owner = liPersonURN(person)
		}
	}
	return map[string]any{
		"notificationId": l.st.next(), "organizationalEntity": p.Author, "action": action, "sourcePost": p.Activity,
		"decoratedSourcePost": map[string]any{"entity": p.URN, "owner": p.Author, "text": p.Commentary, "mediaCategory": "NONE"},
		"generatedActivity":   x.urn(p), "decoratedGeneratedActivity": map[string]any{"comment": map[string]any{"entity": x.urn(p), "owner": x.Actor, "text": x.Text}},
		"lastModifiedAt": l.sb.clock().UnixMilli(), "subscriber": owner,
	}
}

// subscribed is where events about an author go; empty = nowhere. It ends with the member's grant or role. The lock is held.
func (l *linkedin) subscribed(author string) string {
	for key, to := range l.st.Subscriptions {
		id, org, _ := strings.Cut(key, "|")
		if p := l.st.person(id); liOrgURN(org) == author && p != nil && hasRole(p, org, liAdmin) && l.livingTokens(id) > 0 {
			return to
		}
	}
	return ""
}

// deliver sends up to ten notifications. signature "bad" and "plain" spoil it: one byte, or without the prefix.
func (l *linkedin) deliver(ctx context.Context, to string, notifications []any, signature string) (sent, error) {
	body, err := json.Marshal(map[string]any{"type": liEvents, "notifications": notifications})
	if err != nil {
		return sent{}, err
	}
	mac := liMAC(liCommunitySecret, "hmacsha256="+string(body))
	switch signature {
	case "bad":
		mac = liMAC(liPersonalSecret, "hmacsha256="+string(body))
	case "plain":
		mac = liMAC(liCommunitySecret, string(body))
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Li-Signature": {mac}}
	if signature == "none" {
		header.Del("X-Li-Signature")
	}
	out, _, err := l.send(ctx, http.MethodPost, to, header, body)
	return out, err
}

// panelFan is a reader who comments on the timeline's page. The app is told where it subscribed.
func (l *linkedin) panelFan(ctx context.Context, post, parent, name, message string) error {
	_, err := l.commentAndTell(ctx, post, parent, name, message)
	return err
}

// panelOwn is the account itself that comments on the site.
func (l *linkedin) panelOwn(ctx context.Context, post, parent, message string) error {
	l.sb.mu.Lock()
	p := l.post(post)
	if p == nil || strings.TrimSpace(message) == "" {
		l.sb.mu.Unlock()
		return errNoWords
	}
	x := l.addComment(p, liComment{Actor: p.Author, Parent: liCommentID(parent), Text: message})
	to, note := l.subscribed(p.Author), l.notification(p, x, "ADMIN_COMMENT")
	l.sb.mu.Unlock()
	return l.notify(ctx, to, note)
}

var errNoWords = errors.New("a comment needs a post and words")

// notify sends a notification to where it was subscribed; empty = nowhere.
func (l *linkedin) notify(ctx context.Context, to string, note map[string]any) error {
	if to == "" {
		return nil
	}
	_, err := l.deliver(ctx, to, []any{note}, "")
	return err
}

// commentAndTell comments as a reader, and tells the app if it is subscribed.
func (l *linkedin) commentAndTell(ctx context.Context, post, parent, name, message string) (string, error) {
	l.sb.mu.Lock()
	p, x, ok := l.readerComments(post, parent, name, message)
	if !ok {
		l.sb.mu.Unlock()
		return "", errNoWords
	}
	to, note := l.subscribed(p.Author), l.notification(p, x, "COMMENT")
	id := x.urn(p)
	l.sb.mu.Unlock()
	return id, l.notify(ctx, to, note)
}
