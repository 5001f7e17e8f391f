package tiktok

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

const (
	// TikTok names no tolerance. Deliveries are repeated for 72 hours, maybe with the first one's time; what comes twice has
	// the same id.
	oldestDelivery = 73 * time.Hour
	fastestClock   = 5 * time.Minute

	signatureHeader = "Tiktok-Signature"
)

// Handshake implements connector.WebhookVerifier: TikTok asks nothing.
func (c *Connector) Handshake(url.Values, connector.Secret) (connector.Handshake, bool) {
	return connector.Handshake{}, false
}

// Verify implements connector.WebhookVerifier. https://developers.tiktok.com/doc/webhooks-verification
func (c *Connector) Verify(header http.Header, rawBody []byte) error {
	stamp, given, ok := strings.Cut(strings.TrimPrefix(header.Get(signatureHeader), "t="), ",s=")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	sum, herr := hex.DecodeString(given)
	if !ok || err != nil || herr != nil || strconv.FormatInt(seconds, 10) != stamp {
		return unsigned()
	}
	signed := func(secret connector.Secret) bool {
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		mac.Write([]byte(stamp + "."))
		mac.Write(rawBody)
		return hmac.Equal(sum, mac.Sum(nil))
	}
	if !signed(c.cfg.ClientSecret) && (c.cfg.OldSecret.Empty() || !signed(c.cfg.OldSecret)) {
		return unsigned()
	}
	age := c.cfg.Now().Sub(time.Unix(seconds, 0))
	var body struct {
		ClientKey string `json:"client_key"`
	}
	if age > oldestDelivery || age < -fastestClock || json.Unmarshal(rawBody, &body) != nil || body.ClientKey != c.cfg.ClientID {
		return unsigned()
	}
	return nil
}

func unsigned() error {
	e := problem.New(problem.Unauthorized, "This was not signed by TikTok for this app.")
	e.Platform, e.Code, e.Rule = Platform, "signature", docWebhooks
	return e
}

// Callback implements connector.WebhookParser: TikTok sends no forms.
func (c *Connector) Callback(connector.WebhookKind, url.Values) (connector.WebhookEvent, error) {
	return connector.WebhookEvent{}, unsigned()
}

// delivery is one event. Its content is JSON inside a text. https://developers.tiktok.com/doc/webhooks-events
type delivery struct {
	Event   string `json:"event"`
	Created int64  `json:"create_time"` // epoch seconds
	OpenID  string `json:"user_openid"`
	Content string `json:"content"`
}

type content struct {
	PublishID string          `json:"publish_id"`
	Reason    json.RawMessage `json:"reason"` // a word of posts, a number of accounts
	PostID    idList          `json:"post_id"`
}

// Split implements connector.WebhookParser. Events have no id of their own: what is the same in all is the same event.
func (c *Connector) Split(rawBody []byte) ([]connector.WebhookEvent, error) {
	var d delivery
	if err := json.Unmarshal(rawBody, &d); err != nil || d.Event == "" {
		e := problem.New(problem.InvalidRequest, "This is no delivery of TikTok's.")
		e.Platform, e.Code, e.Rule = Platform, "no_delivery", docWebhooks
		return nil, e
	}
	var inside content
	known := json.Unmarshal([]byte(d.Content), &inside) == nil
	sum := sha256.Sum256([]byte(strings.Join([]string{d.Event, d.OpenID, strconv.FormatInt(d.Created, 10), d.Content}, "\x00")))
	e := connector.WebhookEvent{
		ID: hex.EncodeToString(sum[:16]), ExternalAccountID: d.OpenID, Kind: connector.WebhookOther, At: time.Unix(d.Created, 0).UTC(), Payload: bytes.Clone(rawBody),
	}
	switch {
	case d.Event == "authorization.removed" && d.OpenID != "":
		e.Kind, e.ExternalAccountID, e.Subject = connector.WebhookDeauthorized, "", d.OpenID
		e.Cause = causes()[string(inside.Reason)]
	case known && inside.PublishID != "" && d.OpenID != "":
		if change, ok := changeOf(d.Event, inside); ok {
			e.Kind, e.Post = connector.WebhookPost, &change
		}
	}
	return []connector.WebhookEvent{e}, nil
}

// causes are why an access was removed, by TikTok's number, where it was not simply the person's wish.
// https://developers.tiktok.com/doc/webhooks-events
func causes() map[string]string {
	return map[string]string{
		"2": "The TikTok account was deleted, which ended Herald's access.",
		"3": "The age of the person behind the TikTok account was changed, which ended Herald's access.",
		"4": "TikTok has banned the account, which ended Herald's access.",
		"5": "Herald's access to the TikTok account was given back.",
	}
}

// changeOf reads what became of a post. One event's name is misspelled, which may be put right one day.
func changeOf(event string, inside content) (connector.PostChange, bool) {
	change := connector.PostChange{Reference: inside.PublishID}
	if len(inside.PostID) > 0 {
		change.ExternalID = inside.PostID[0]
	}
	switch event {
	case "post.publish.complete", "post.publish.publicly_available":
		change.State = connector.PostPublished
	case "post.publish.inbox_delivered":
		change.State = connector.PostDelivered
	case "post.publish.failed":
		change.State = connector.PostFailed
		_ = json.Unmarshal(inside.Reason, &change.Reason) // left empty
		if !codeShape.MatchString(change.Reason) {
			change.Reason = ""
		}
	case "post.publish.no_longer_publicaly_available", "post.publish.no_longer_publicly_available": //nolint:misspell // so it is
		change.State = connector.PostRemoved
	default:
		return change, false
	}
	return change, true
}
