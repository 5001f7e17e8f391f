package linkedin

import (
	"context"
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

// mac is what LinkedIn signs with: the secret of the app that has the webhooks.
func (c *Connector) mac(text string) []byte {
	m := hmac.New(sha256.New, []byte(c.cfg.ClientSecret.Reveal()))
	m.Write([]byte(text))
	return m.Sum(nil)
}

// Handshake implements connector.WebhookVerifier: the challenge signed with the app's secret, at first and then every two
// hours. There is no token that somebody has to enter.
// https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation
func (c *Connector) Handshake(query url.Values, _ connector.Secret) (connector.Handshake, bool) {
	challenge := query.Get("challengeCode")
	if challenge == "" || len(challenge) > 200 {
		return connector.Handshake{}, false
	}
	body, err := json.Marshal(map[string]string{"challengeCode": challenge, "challengeResponse": hex.EncodeToString(c.mac(challenge))})
	if err != nil {
		return connector.Handshake{}, false
	}
	return connector.Handshake{Body: body, Type: "application/json"}, true
}

// Verify implements connector.WebhookVerifier. What is signed is the body behind a prefix; some have seen the prefix
// before the signature, too.
func (c *Connector) Verify(header http.Header, rawBody []byte) error {
	given := strings.TrimPrefix(header.Get("X-Li-Signature"), "hmacsha256=")
	sum, err := hex.DecodeString(given)
	if err != nil || !hmac.Equal(sum, c.mac("hmacsha256="+string(rawBody))) {
		return unsigned()
	}
	return nil
}

func unsigned() error {
	e := problem.New(problem.Unauthorized, "This was not signed by LinkedIn for this app.")
	e.Platform, e.Code, e.Rule = Platform, "signature", docHooks
	return e
}

// Callback implements connector.WebhookParser. LinkedIn sends no forms.
func (c *Connector) Callback(connector.WebhookKind, url.Values) (connector.WebhookEvent, error) {
	return connector.WebhookEvent{}, unsigned()
}

type notification struct {
	ID           int64  `json:"notificationId"`
	Organization string `json:"organizationalEntity"`
	Action       string `json:"action"`
	Source       struct {
		Entity string `json:"entity"` // the post; sourcePost itself is an activity
	} `json:"decoratedSourcePost"`
	Activity  string `json:"generatedActivity"`
	Generated struct {
		Comment struct {
			Entity string `json:"entity"`
			Owner  string `json:"owner"`
			Text   string `json:"text"`
		} `json:"comment"`
	} `json:"decoratedGeneratedActivity"`
	At int64 `json:"lastModifiedAt"` // epoch milliseconds
}

// Split implements connector.WebhookParser.
func (c *Connector) Split(rawBody []byte) ([]connector.WebhookEvent, error) {
	var d struct {
		Type          string            `json:"type"`
		Notifications []json.RawMessage `json:"notifications"`
	}
	if err := json.Unmarshal(rawBody, &d); err != nil || d.Type == "" {
		e := problem.New(problem.InvalidRequest, "This is not a delivery of LinkedIn's.")
		e.Platform, e.Rule = Platform, docHooks
		return nil, e
	}
	var out []connector.WebhookEvent
	for _, raw := range d.Notifications {
		out = append(out, event(d.Type, raw))
	}
	return out, nil
}

// event makes one event of a notification. LinkedIn numbers them, and sends one again until it is answered.
func event(kind string, raw json.RawMessage) connector.WebhookEvent {
	var n notification
	known := json.Unmarshal(raw, &n) == nil && n.ID != 0
	e := connector.WebhookEvent{Kind: connector.WebhookOther, Payload: raw, Keep: keepActivity, ExternalAccountID: strings.TrimPrefix(n.Organization, "urn:li:organization:")}
	if n.At > 0 {
		e.At = time.UnixMilli(n.At).UTC()
	}
	name := string(raw)
	if known {
		name = strconv.FormatInt(n.ID, 10)
	}
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	e.ID = hex.EncodeToString(sum[:16])
	verb, is := map[string]connector.CommentVerb{
		"COMMENT": connector.CommentAdd, "ADMIN_COMMENT": connector.CommentAdd, "COMMENT_EDIT": connector.CommentEdit, "COMMENT_DELETE": connector.CommentRemove,
	}[n.Action]
	id := n.Generated.Comment.Entity
	if id == "" {
		id = n.Activity
	}
	if _, _, ok := splitComment(id); !known || !is || !ok {
		return e
	}
	e.Kind = connector.WebhookComment
	e.Comment = &connector.CommentChange{
		ID: id, Verb: verb, PostID: n.Source.Entity, FromID: n.Generated.Comment.Owner, FromName: anonymous, Text: n.Generated.Comment.Text, CreatedAt: n.At,
	}
	if n.Generated.Comment.Owner == n.Organization {
		e.Comment.FromName = "" // the account itself
	}
	return e
}

// eventType is what happens below a Page's posts.
const eventType = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"

// Subscribe implements connector.Subscriber. A subscription ends in silence with the member's access or role, so it is asked
// for again and again; that changes nothing where it stands. What was asked for is read back. Profiles have none.
// https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation
func (c *Connector) Subscribe(ctx context.Context, s connector.Session) error {
	key, ok := c.subscription(s)
	if !ok || c.cfg.HooksURL == "" {
		return nil
	}
	if _, err := c.do(ctx, call{op: opSubscribe, method: http.MethodPut, path: key, json: map[string]string{"webhook": c.cfg.HooksURL}, s: s}, nil); err != nil {
		return err
	}
	var kept struct {
		Webhook string `json:"webhook"`
	}
	res, err := c.do(ctx, call{op: opSubscribe, method: http.MethodGet, path: key, s: s}, &kept)
	if err == nil && kept.Webhook == "" {
		return res.Unexpected("webhook")
	}
	return err
}

// Unsubscribe implements connector.Unsubscriber. Each member who has connected a Page has a subscription of their own.
func (c *Connector) Unsubscribe(ctx context.Context, s connector.Session, used func(ctx context.Context, externalID string) (bool, error)) error {
	key, ok := c.subscription(s)
	if !ok {
		return nil
	}
	if still, err := used(ctx, s.Account.ExternalID); err != nil || still {
		return err
	}
	_, err := c.do(ctx, call{op: opSubscribe, method: http.MethodDelete, path: key, s: s}, nil)
	if problem.ClassOf(err) == problem.NotFound {
		return nil
	}
	return err
}

// subscription is the path of an account's; ok is false where there is none.
func (c *Connector) subscription(s connector.Session) (path string, ok bool) {
	if s.Account.Kind != kindOrganization || c.cfg.AppID == "" {
		return "", false
	}
	return "rest/eventSubscriptions/(developerApplication:" + enc("urn:li:developerApplication:"+c.cfg.AppID) + ",user:" + enc("urn:li:person:"+s.Account.Data[dataPerson]) +
		",entity:" + enc(author(s)) + ",eventType:" + eventType + ")", true
}
