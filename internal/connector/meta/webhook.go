package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
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

var _ connector.Webhooks = (*Connector)(nil)

// docWebhooks describes handshake, signature and payloads.
const docWebhooks = "https://developers.facebook.com/docs/graph-api/webhooks/getting-started"

// signedRequestLife is how old a signed form may be. Meta names no limit; this one is ours, so that a form somebody
// has kept does not cut a person off who came back since.
const signedRequestLife = 24 * time.Hour

// Handshake implements connector.WebhookVerifier.
func (c *Connector) Handshake(query url.Values, verifyToken connector.Secret) (answer connector.Handshake, ok bool) {
	if verifyToken.Empty() || query.Get("hub.mode") != "subscribe" ||
		subtle.ConstantTimeCompare([]byte(query.Get("hub.verify_token")), []byte(verifyToken.Reveal())) != 1 {
		return connector.Handshake{}, false
	}
	return connector.Handshake{Body: []byte(query.Get("hub.challenge")), Type: "text/plain; charset=utf-8"}, true
}

// Verify implements connector.WebhookVerifier. Meta signs the text with its \u00e4 escapes, so only the bytes that came
// will do. The SHA-1 signature that is sent beside it is not looked at.
func (c *Connector) Verify(header http.Header, rawBody []byte) error {
	given, found := strings.CutPrefix(header.Get("X-Hub-Signature-256"), "sha256=")
	sum, err := hex.DecodeString(given)
	if !found || err != nil || !c.signed(sum, rawBody) {
		return unsigned()
	}
	return nil
}

// signed tells whether one of the two apps has signed the text. Both share the addresses, and Meta does not say which
// secret the Instagram app's deliveries are signed with.
func (c *Connector) signed(sum, text []byte) bool {
	if hmac.Equal(sum, signature(c.cfg.ClientSecret, text)) {
		return true
	}
	return c.cfg.Instagram.ClientID != "" && hmac.Equal(sum, signature(c.cfg.Instagram.ClientSecret, text))
}

func (c *Connector) sign(text []byte) []byte { return signature(c.cfg.ClientSecret, text) }

func signature(secret connector.Secret, text []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write(text)
	return mac.Sum(nil)
}

func unsigned() error {
	e := problem.New(problem.Unauthorized, "This was not signed by Meta for this app.")
	e.Platform, e.Code, e.Rule = Platform, "signature", docWebhooks
	return e
}

// Callback implements connector.WebhookParser: the form of the deauthorize and data deletion addresses.
// https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
func (c *Connector) Callback(kind connector.WebhookKind, form url.Values) (connector.WebhookEvent, error) {
	signature, encoded, _ := strings.Cut(form.Get("signed_request"), ".")
	sum, err := unpadded(signature)
	if err != nil || !c.signed(sum, []byte(encoded)) {
		return connector.WebhookEvent{}, unsigned()
	}
	payload, err := unpadded(encoded)
	var p struct {
		Algorithm string `json:"algorithm"`
		IssuedAt  int64  `json:"issued_at"`
		UserID    text   `json:"user_id"`
	}
	if err != nil || json.Unmarshal(payload, &p) != nil || !strings.EqualFold(p.Algorithm, "HMAC-SHA256") || p.UserID == "" {
		return connector.WebhookEvent{}, unsigned()
	}
	at := time.Unix(p.IssuedAt, 0).UTC()
	if age := c.cfg.Now().Sub(at); age > signedRequestLife || age < -signedRequestLife {
		return connector.WebhookEvent{}, unsigned()
	}
	// Keyed, so that nobody can guess the address of the page that tells how a deletion stands.
	id := c.sign([]byte(strings.Join([]string{string(kind), string(p.UserID), strconv.FormatInt(p.IssuedAt, 10)}, "\x00")))
	return connector.WebhookEvent{ID: hex.EncodeToString(id[:16]), Subject: string(p.UserID), Kind: kind, At: at, Payload: payload}, nil
}

// unpadded decodes base64url with or without padding, strictly: two texts never decode to the same bytes.
func unpadded(s string) ([]byte, error) {
	return base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
}

type (
	delivery struct {
		Object string  `json:"object"`
		Entry  []entry `json:"entry"`
	}
	entry struct {
		ID            text            `json:"id"`
		Time          stamp           `json:"time"`
		Changes       []change        `json:"changes"`
		Field         string          `json:"field"` // Instagram's documents print field and value without changes
		Value         json.RawMessage `json:"value"`
		ChangedFields []string        `json:"changed_fields"` // where the app has "include values" off
	}
	change struct {
		Field string          `json:"field"`
		Value json.RawMessage `json:"value"`
	}
	person struct {
		ID       text   `json:"id"`
		Name     string `json:"name"`
		Username string `json:"username"`
	}
	feedValue struct {
		Item        string `json:"item"`
		Verb        string `json:"verb"`
		PostID      text   `json:"post_id"`
		CommentID   text   `json:"comment_id"`
		ParentID    text   `json:"parent_id"`
		From        person `json:"from"`
		Message     string `json:"message"`
		CreatedTime stamp  `json:"created_time"`
	}
	instagramComment struct {
		ID       text   `json:"id"`
		ParentID text   `json:"parent_id"`
		Text     string `json:"text"`
		From     person `json:"from"`
		Media    struct {
			ID text `json:"id"`
		} `json:"media"`
	}
	permissionValue struct {
		Verb      string `json:"verb"`
		TargetIDs []text `json:"target_ids"`
	}
)

// Split implements connector.WebhookParser.
// https://developers.facebook.com/docs/graph-api/webhooks/reference/page
func (c *Connector) Split(rawBody []byte) ([]connector.WebhookEvent, error) {
	var d delivery
	if err := json.Unmarshal(rawBody, &d); err != nil || d.Object == "" {
		e := problem.New(problem.InvalidRequest, "This is not a delivery of Meta's.")
		e.Platform, e.Rule = Platform, docWebhooks
		return nil, e
	}
	var out []connector.WebhookEvent
	for _, en := range d.Entry {
		changes := en.Changes
		if en.Field != "" {
			changes = append(changes, change{en.Field, en.Value})
		}
		for _, f := range en.ChangedFields {
			changes = append(changes, change{Field: f})
		}
		for _, ch := range changes {
			out = append(out, event(d.Object, en, ch))
		}
	}
	return out, nil
}

// event makes one event of a change. Meta gives deliveries no id: the key is what the change is about, what happened to
// it, and when. A comment's created_time stays the same when it is edited, so only its adding is keyed by that.
func event(object string, en entry, ch change) connector.WebhookEvent {
	e := connector.WebhookEvent{
		ExternalAccountID: string(en.ID), Kind: connector.WebhookOther, At: en.Time.time(), Payload: payload(ch),
	}
	item, verb := "", ""
	switch {
	case object == "page" && ch.Field == "feed":
		var v feedValue
		if json.Unmarshal(ch.Value, &v) != nil {
			break
		}
		if v.Item != "comment" && v.Item != "reaction" && v.Item != "like" && v.Verb == "remove" && v.PostID != "" && v.CommentID == "" {
			item, verb = string(v.PostID), v.Verb
			e.Kind, e.Post = connector.WebhookPost, &connector.PostChange{Reference: item, ExternalID: item, State: connector.PostRemoved}
		}
		if v.Item == "comment" && v.CommentID != "" {
			item, verb = string(v.CommentID), v.Verb
			e.Comment = commentOf(v)
			if e.Comment != nil && e.Comment.Verb == connector.CommentAdd && v.CreatedTime != 0 {
				e.At = v.CreatedTime.time()
			}
		}
	case object == "instagram" && ch.Field == "comments":
		var v instagramComment
		if json.Unmarshal(ch.Value, &v) == nil && v.ID != "" {
			item, verb = string(v.ID), string(connector.CommentAdd)
			e.Comment = &connector.CommentChange{
				ID: item, Verb: connector.CommentAdd, PostID: string(v.Media.ID), ParentID: string(v.ParentID), FromID: string(v.From.ID),
				FromName: v.From.Username, Text: v.Text, CreatedAt: en.Time.millis(),
			}
		}
	case object == "permissions":
		e.ExternalAccountID, e.Subject = "", string(en.ID)
		var v permissionValue
		if json.Unmarshal(ch.Value, &v) == nil && (v.Verb == "revoked" || v.Verb == "granted") {
			item, verb = targets(v.TargetIDs), v.Verb
			e.Kind, e.Permission = connector.WebhookPermissionChanged, &connector.PermissionChange{Name: ch.Field, Revoked: v.Verb == "revoked"}
			for _, id := range v.TargetIDs {
				e.Accounts = append(e.Accounts, string(id))
			}
		}
	}
	if e.Comment != nil {
		e.Kind = connector.WebhookComment
	}
	if e.Kind == connector.WebhookOther {
		item, verb = digest(canonical(ch.Value)), ""
	}
	e.ID = digest([]byte(strings.Join([]string{object, string(en.ID), ch.Field, item, verb, strconv.FormatInt(e.At.Unix(), 10)}, "\x00")))
	return e
}
