package tiktok_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/tiktok"
)

// The app of the sandbox. The fixtures use it too, so that one harness serves both.
const (
	clientKey    = "sbawherald0tiktok"
	clientSecret = "sandbox-tiktok-secret" //nolint:gosec // the sandbox's, it opens nothing else
	openID       = "-000canaryopenid"
)

func TestConnector(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, harness(t))
}

func scopes() []string {
	return []string{"user.info.basic", "user.info.profile", "video.publish", "video.upload", "video.list", "user.info.stats"}
}

func credential() connector.Credential {
	return connector.Credential{Access: connector.NewSecret("act.CanaryAccess0001"), Refresh: connector.NewSecret("rft.CanaryRefresh0001")}
}

func harness(t *testing.T) connectortest.Harness {
	t.Helper()
	box := startSandbox(t)
	return connectortest.Harness{
		Testdata: "testdata", Docs: "../../../docs/connectors.md",
		New: func(e connectortest.Env) (connector.Connector, error) {
			return tiktok.New(tiktok.Config{
				ClientID: clientKey, ClientSecret: connector.NewSecret(clientSecret), APIURL: e.URL, Audited: true,
				HTTP: e.HTTP, Log: e.Log, Now: e.Now, Timeout: e.Timeout,
			})
		},
		Secrets: []string{clientSecret, "CanaryUploadToken0001", "act.CanaryAccess0002", "rft.CanaryRefresh0002", "CanaryLoan0001"},
		Session: connector.Session{
			Account:    connector.Account{Kind: "tiktok_account", ExternalID: openID, Name: "Cafe Ada", Username: "cafeada", Scopes: scopes()},
			Credential: credential(),
		},
		Grant:    connector.Grant{Credential: credential(), Subject: openID, Granted: scopes()},
		Accepted: url.Values{"code": {"CanaryCode0001*0!4567.va"}, "scopes": {"user.info.basic,video.publish"}},
		Denied:   url.Values{"error": {"access_denied"}, "error_description": {"The user denied the request"}},
		Drafts: map[string]connector.Draft{
			"tiktok_account.video": {Kind: "video", Text: "New menu 🍞 #brunch @cafeada", Media: []connector.Media{connectortest.Clip()}, Options: map[string]any{
				"privacy_level": "PUBLIC_TO_EVERYONE", "allow_comment": true, "disclose": true, "your_brand": true, "is_aigc": true, "cover_seconds": 1.5, "consent": "music_usage",
			}},
			"tiktok_account.quiet": {Kind: "video", Text: "For me alone", Media: []connector.Media{connectortest.Clip()}, Options: map[string]any{
				"privacy_level": "SELF_ONLY", "consent": "music_usage",
			}},
			"tiktok_account.photos": {Kind: "photos", Text: "From the oven.", Media: []connector.Media{lent(), lent()}, Options: map[string]any{
				"title": "Brunch", "privacy_level": "PUBLIC_TO_EVERYONE", "auto_add_music": true, "disclose": true, "branded_content": true, "cover_photo": 2,
				"consent": "branded_content_and_music_usage",
			}},
			"tiktok_account.video_draft":  {Kind: "video_draft", Media: []connector.Media{connectortest.Clip()}},
			"tiktok_account.photos_draft": {Kind: "photos_draft", Text: "From the oven.", Media: []connector.Media{lent()}, Options: map[string]any{"title": "Brunch"}},
		},
		World: box.world, Webhook: webhooks(), Renewals: map[string]func(connectortest.T) connectortest.Renewable{"account": renewable(t)},
		OneAccount: true, NoPermalink: true, PostID: "7512345678901234567",
	}
}

// webhooks are deliveries as TikTok makes them: one event in each.
func webhooks() *connectortest.Webhook {
	return &connectortest.Webhook{
		Sign: func(body []byte) http.Header { return signed(clientSecret, time.Now(), body) },
		Posts: func(n int, accounts []string) [][]byte {
			var all [][]byte
			for i := range n {
				all = append(all, event(accounts[i%len(accounts)], "post.publish.complete", `{\"publish_id\":\"v_pub_file~v2.`+strconv.Itoa(i)+`\",\"publish_type\":\"DIRECT_POST\",\"x\":\"\u00e4\"}`))
			}
			return all
		},
		Unknown: event(openID, "portability.download.ready", `{\"request_id\":1}`),
	}
}

// event writes a delivery. content is JSON in a text, escaped already.
func event(account, name, content string) []byte {
	return fmt.Appendf(nil, `{"client_key":%q,"event":%q,"create_time":1790000000,"user_openid":%q,"content":"%s"}`, clientKey, name, account, content)
}

func signed(secret string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return http.Header{"Tiktok-Signature": {"t=" + stamp + ",s=" + hex.EncodeToString(mac.Sum(nil))}}
}
