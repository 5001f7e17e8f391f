package meta_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the legacy signature that must be refused
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/meta"
)

func mac(h func() hash.Hash, text string) []byte {
	m := hmac.New(h, []byte(clientSecret))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func webhooks() *connectortest.Webhook {
	return &connectortest.Webhook{
		Algorithm: "HMAC-SHA256",
		Sign: func(body []byte) http.Header {
			return http.Header{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac(sha256.New, string(body)))}}
		},
		Weak: func(body []byte) http.Header {
			return http.Header{"X-Hub-Signature": {"sha1=" + hex.EncodeToString(mac(sha1.New, string(body)))}}
		},
		Answer: func(challenge string) connector.Handshake {
			return connector.Handshake{Body: []byte(challenge), Type: "text/plain; charset=utf-8"}
		},
		Handshake: func(token, challenge string) url.Values {
			return url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {challenge}, "hub.verify_token": {token}}
		},
		Comments: func(n int, accounts []string) []byte {
			entries := make([]string, 0, n)
			for i := range n {
				page := accounts[i%len(accounts)]
				entries = append(entries, fmt.Sprintf(`{"id":"%[1]s","time":1790000000,"changes":[{"field":"feed","value":{"item":"comment","verb":"add",`+
					`"post_id":"%[1]s_1","comment_id":"1_%[2]d","parent_id":"%[1]s_1","from":{"id":"88","name":"Kim"},"message":"sch\u00e4n","created_time":1789999990}}]}`, page, i))
			}
			return []byte(`{"object":"page","entry":[` + strings.Join(entries, ",") + `]}`)
		},
		Unknown: []byte(`{"object":"page","entry":[{"id":"200","time":1790000000,"changes":[{"field":"weather","value":{"rain":true}},{"field":"feed","value":{"item":"reaction","verb":"add"}}],"changed_fields":["name"]},` +
			`{"id":200,"time":"x","field":"story","value":7}]}`),
		Callback: func(subject, algorithm string, issued time.Time) url.Values {
			raw, _ := json.Marshal(map[string]any{"algorithm": algorithm, "issued_at": issued.Unix(), "user_id": subject}) // plain values
			payload := base64.RawURLEncoding.EncodeToString(raw)
			return url.Values{"signed_request": {base64.RawURLEncoding.EncodeToString(mac(sha256.New, payload)) + "." + payload}}
		},
	}
}

func hooks(t *testing.T) connector.Webhooks {
	t.Helper()
	c, err := meta.New(meta.Config{ClientID: clientID, ClientSecret: connector.NewSecret(clientSecret)})
	require.NoError(t, err)
	return c
}

func onlyEvent(t *testing.T, body string) connector.WebhookEvent {
	t.Helper()
	events, err := hooks(t).Split([]byte(body))
	require.NoError(t, err)
	require.Len(t, events, 1)
	return events[0]
}

func feed(time int, verb string) string {
	return fmt.Sprintf(`{"object":"page","entry":[{"id":"200","time":%d,"changes":[{"field":"feed","value":{"item":"comment","verb":"%s","comment_id":"1_9","message":"m","created_time":1789999990}}]}]}`, time, verb)
}

func TestTwoEditsOfACommentAreTwoEvents(t *testing.T) {
	t.Parallel()
	a, b := onlyEvent(t, feed(1790000000, "edited")), onlyEvent(t, feed(1790000007, "edited"))
	require.NotEqual(t, a.ID, b.ID, "created_time is the comment's, not the edit's")
	require.Equal(t, a, onlyEvent(t, feed(1790000000, "edited")))
	require.Equal(t, connector.CommentEdit, a.Comment.Verb)
	require.True(t, b.At.After(a.At))
	require.Equal(t, onlyEvent(t, feed(1790000000, "add")).ID, onlyEvent(t, feed(1790000007, "add")).ID, "a comment is added once")
}

func TestASpacingOrOrderOfKeysIsNoOtherEvent(t *testing.T) {
	t.Parallel()
	a := onlyEvent(t, `{"object":"page","entry":[{"id":"200","time":1,"changes":[{"field":"x","value":{"a":"\u00e4","b":12345678901234567890}}]}]}`)
	b := onlyEvent(t, `{"object":"page","entry":[{"id":"200","time":1,"changes":[{"field":"x","value":{ "b":12345678901234567890, "a":"ä" }}]}]}`)
	c := onlyEvent(t, `{"object":"page","entry":[{"id":"200","time":1,"changes":[{"field":"x","value":{"b":12345678901234567891,"a":"ä"}}]}]}`)
	require.Equal(t, a.ID, b.ID)
	require.NotEqual(t, a.ID, c.ID)
}

func TestAPermissionThatWasTakenBack(t *testing.T) {
	t.Parallel()
	e := onlyEvent(t, `{"object":"permissions","entry":[{"id":"300","uid":"300","time":1790000000,"changes":[{"field":"pages_manage_posts","value":{"verb":"revoked","target_ids":["200",201]}}]}]}`)
	require.Equal(t, connector.WebhookPermissionChanged, e.Kind)
	require.Equal(t, "300", e.Subject)
	require.Empty(t, e.ExternalAccountID)
	require.Equal(t, []string{"200", "201"}, e.Accounts)
	require.Equal(t, &connector.PermissionChange{Name: "pages_manage_posts", Revoked: true}, e.Permission)
}

func TestAnInstagramCommentWithOrWithoutChanges(t *testing.T) {
	t.Parallel()
	value := `{"id":"1787","parent_id":"1786","text":"hi","from":{"id":"99","username":"kim"},"media":{"id":"1792"}}`
	with := onlyEvent(t, `{"object":"instagram","entry":[{"id":"178","time":1790000000,"changes":[{"field":"comments","value":`+value+`}]}]}`)
	without := onlyEvent(t, `{"object":"instagram","entry":[{"id":"178","time":1790000000,"field":"comments","value":`+value+`}]}`)
	require.Equal(t, with.ID, without.ID)
	require.Equal(t, connector.WebhookComment, with.Kind)
	require.Equal(t, "1792", with.Comment.PostID)
	require.Equal(t, "kim", with.Comment.FromName)
}

func TestSignedRequestsMayBePadded(t *testing.T) {
	t.Parallel()
	form := webhooks().Callback("300", "HMAC-SHA256", time.Now())
	signature, payload, _ := strings.Cut(form.Get("signed_request"), ".")
	_, err := hooks(t).Callback(connector.WebhookDeauthorized, url.Values{"signed_request": {signature + "=." + payload}})
	require.NoError(t, err)
}

func FuzzSplit(f *testing.F) {
	f.Add(feed(1790000000, "add"))
	f.Add(string(webhooks().Unknown))
	f.Add(`{"object":"permissions","entry":[{"id":300,"changes":[{"field":"x","value":{"verb":"revoked","target_ids":[1]}}]}]}`)
	c, err := meta.New(meta.Config{ClientID: clientID, ClientSecret: connector.NewSecret(clientSecret)})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body string) {
		events, err := c.Split([]byte(body))
		if err != nil {
			return
		}
		again, err := c.Split([]byte(body))
		require.NoError(t, err)
		require.Equal(t, events, again)
		for _, e := range events {
			require.Len(t, e.ID, 32)
			require.Equal(t, e.Kind == connector.WebhookComment, e.Comment != nil)
			require.True(t, e.ExternalAccountID == "" || e.Subject == "")
		}
	})
}
