package linkedin_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/linkedin"
	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/problem"
)

// The apps of the sandbox. The fixtures use them too, so that one harness serves both.
const (
	clientID       = "78heraldcommunity"
	clientSecret   = "sandbox-linkedin-secret"
	personalID     = "78heraldpersonal"
	personalSecret = "sandbox-linkedin-personal-secret"

	member       = "linkedin_member"
	organization = "linkedin_organization"

	// firstPost is the one that the sandbox begins with.
	firstPost = "urn:li:share:7300000000000000006"
)

func TestConnector(t *testing.T) {
	t.Parallel()
	h := harness(t)
	var seen []problem.Error
	h.Refused = func(e problem.Error) { seen = append(seen, e) }
	t.Cleanup(func() { // the checks are parallel
		if len(seen) > 0 && !t.Failed() { // check 8 was among them
			require.Empty(t, linkedin.Unseen(seen), "rows of the error table without a fixture in testdata/errors")
		}
	})
	connectortest.Run(t, h)
}

// config is a connector's on a fake: on the sandbox's two hosts, or on a server of fixtures, which is both at once.
func config(apiURL string) linkedin.Config {
	cfg := linkedin.Config{
		App:      linkedin.App{ClientID: clientID, ClientSecret: connector.NewSecret(clientSecret)},
		Personal: linkedin.App{ClientID: personalID, ClientSecret: connector.NewSecret(personalSecret)},
		APIURL:   apiURL, OAuthURL: apiURL,
	}
	if origin, box := strings.CutSuffix(apiURL, "/linkedin/api"); box {
		cfg.OAuthURL = origin + "/linkedin/www"
	}
	return cfg
}

func scopes() []string {
	return []string{
		"r_basicprofile", "rw_organization_admin", "w_member_social", "w_organization_social", "r_organization_social", "r_member_social_feed",
		"w_member_social_feed", "r_organization_social_feed", "w_organization_social_feed", "r_member_postAnalytics",
	}
}

func credential() connector.Credential {
	return connector.Credential{Access: connector.NewSecret("AQXCanaryAccess0001"), Refresh: connector.NewSecret("AQWCanaryRefresh0001")}
}

func harness(t *testing.T) connectortest.Harness {
	t.Helper()
	people, pages := startSandbox(t), startSandbox(t)
	host := pages.host(t)
	return connectortest.Harness{
		Testdata: "testdata", Docs: "../../../docs/connectors.md",
		New: func(e connectortest.Env) (connector.Connector, error) {
			cfg := config(e.URL)
			cfg.HTTP, cfg.Log, cfg.Now, cfg.Timeout, cfg.HooksURL, cfg.AppID = e.HTTP, e.Log, e.Now, e.Timeout, host.url, "9"
			return linkedin.New(cfg)
		},
		Secrets: []string{clientSecret, personalSecret, "AQXCanaryAccess0002", "AQXCanaryAccess0003", "CanaryUpload0001", "eyJCanary0001"},
		Session: connector.Session{
			Account:    connector.Account{Kind: member, ExternalID: "a1B_2-c", Name: "Ada Lindqvist", Data: map[string]string{"person": "a1B_2-c"}},
			Credential: credential(),
		},
		Grant:    connector.Grant{Credential: credential(), Subject: "a1B_2-c", Granted: scopes()},
		Accepted: url.Values{"code": {"AQTCanaryCode0001"}},
		Denied:   url.Values{"error": {"user_cancelled_authorize"}, "error_description": {"The user cancelled the authorization"}},
		Drafts:   drafts(),
		Consents: map[string]connectortest.Consent{"personal": func(t connectortest.T, authURL, _ string) (string, connector.Callback) {
			return people.api(), people.login(t, authURL, object{"person": people.seed(t, object{"person": "Kim Berg"}).Person.ID})
		}},
		Grants: map[string]connector.Grant{"personal": {
			Login: "personal", Credential: connector.Credential{Access: connector.NewSecret("AQXCanaryAccess0002")}, Subject: "a1B_2-c", Granted: []string{"openid", "profile", "w_member_social"},
		}},
		World: func(t connectortest.T) connectortest.World { return people.world(t, member) },
		Others: map[string]connectortest.Other{organization: {
			Session: connector.Session{
				Account:    connector.Account{Kind: organization, ExternalID: "1001", Name: "Cafe Ada", Data: map[string]string{"person": "a1B_2-c"}},
				Credential: credential(),
			},
			World: func(t connectortest.T) connectortest.World { return pages.world(t, organization) },
		}},
		Renewals: renewals(t), Webhook: webhooks(), Unheard: []string{member},
		Subscriptions: map[string]func(connectortest.T) connectortest.Subscription{"Page": func(t connectortest.T) connectortest.Subscription {
			s := pages.session(t, organization, nil)
			post := pages.plant(t, s, nil).Receipt.ExternalID
			return connectortest.Subscription{URL: pages.api(), Session: s, Sharing: []string{s.Account.ExternalID}, Heard: func(t connectortest.T) bool {
				return host.heard(pages.comment(t, post, "", "Sol", "Nice"))
			}}
		}},
		Headers:   []string{"Linkedin-Version", "X-Restli-Protocol-Version", "X-Restli-Method"},
		MayHold:   true, // a profile's posts cannot be listed
		Self:      true,
		PostID:    "urn:li:share:7300000000000000001",
		CommentID: "urn:li:comment:(urn:li:activity:7390000000000000006,66)",
	}
}

// drafts are each kind of post to each kind of account.
func drafts() map[string]connector.Draft {
	all := map[string]connector.Draft{}
	for _, kind := range []string{member, organization} {
		for name, d := range map[string]connector.Draft{
			"text":          {Kind: "text", Text: "Cardamom buns (warm) & coffee [from eight] #brunch at <noon> *or* ~later_ 🍞"},
			"first_comment": {Kind: "text", Text: "Buns from eight", Options: map[string]any{"first_comment": "Order: https://cafe.example/order (today)"}},
			"article": {Kind: "article", Text: "Our new menu", Link: "https://cafe.example/menu?a=1&b=2", Media: []connector.Media{connectortest.Photo("A menu")}, Options: map[string]any{
				"title": "Menu (week 40)", "description": "Soup and buns",
			}},
			"image":    {Kind: "image", Text: "Warm until they are gone.", Media: []connector.Media{connectortest.Photo("Six buns on a tray")}},
			"images":   {Kind: "images", Text: "From the oven.", Media: []connector.Media{connectortest.Photo("Six buns"), connectortest.Photo("")}},
			"video":    {Kind: "video", Text: "Watch them rise.", Media: []connector.Media{film()}},
			"document": {Kind: "document", Text: "The whole menu.", Media: []connector.Media{pdf()}, Options: map[string]any{"title": "Menu"}},
			"poll":     {Kind: "poll", Text: "Help us choose.", Options: map[string]any{"question": "Tea or coffee?", "options": []any{"Tea", "Coffee"}, "duration": "SEVEN_DAYS"}},
			"reshare":  {Kind: "reshare", Text: "Look at this", Options: map[string]any{"post": firstPost}},
		} {
			all[kind+"."+name] = d
		}
	}
	d := all[member+".text"]
	d.Options = map[string]any{"visibility": "CONNECTIONS"}
	all[member+".text"] = d
	return all
}

func file(raw []byte, name, mime string) connector.Media {
	return connector.Media{ID: "med_9", Name: name, Type: mime, Bytes: int64(len(raw)), Open: func(_ context.Context, offset, length int64) (io.ReadCloser, error) {
		if length < 0 {
			length = int64(len(raw)) - offset
		}
		return io.NopCloser(io.NewSectionReader(bytes.NewReader(raw), offset, length)), nil
	}}
}

// film is the smallest video that LinkedIn takes.
func film() connector.Media {
	m := file(clip.Make(clip.Spec{Bytes: 90_000, DurationMs: 5000}), "oven.mp4", "video/mp4")
	m.Width, m.Height, m.DurationMs, m.Codec, m.FrameRate = 540, 960, 5000, "avc1", 30
	return m
}

func pdf() connector.Media {
	m := file([]byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"), "menu.pdf", "application/pdf")
	m.Pages = 1
	return m
}

func mac(text string) string {
	m := hmac.New(sha256.New, []byte(clientSecret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// webhooks are deliveries as LinkedIn makes them.
func webhooks() *connectortest.Webhook {
	return &connectortest.Webhook{
		Sign: func(body []byte) http.Header {
			return http.Header{"X-Li-Signature": {mac("hmacsha256=" + string(body))}}
		},
		Weak:      func(body []byte) http.Header { return http.Header{"X-Li-Signature": {mac(string(body))}} },
		Tokenless: true,
		Handshake: func(_, challenge string) url.Values { return url.Values{"challengeCode": {challenge}} },
		Answer: func(challenge string) connector.Handshake {
			body, _ := json.Marshal(map[string]string{"challengeCode": challenge, "challengeResponse": mac(challenge)}) // texts always encode
			return connector.Handshake{Body: body, Type: "application/json"}
		},
		Comments: func(n int, accounts []string) []byte {
			var all []string
			for i := range n {
				org := "urn:li:organization:" + accounts[i%len(accounts)]
				all = append(all, fmt.Sprintf(`{"notificationId":%d,"organizationalEntity":%q,"action":"COMMENT","sourcePost":"urn:li:activity:6","decoratedSourcePost":{"entity":"urn:li:share:7","owner":%q,"text":"Hi"},`+
					`"generatedActivity":"urn:li:comment:(urn:li:activity:6,%d)","decoratedGeneratedActivity":{"comment":{"entity":"urn:li:comment:(urn:li:activity:6,%d)","owner":"urn:li:person:z9","text":"Sch\u00e4n %d"}},`+
					`"lastModifiedAt":1790000000000,"subscriber":"urn:li:person:a1B"}`, 881+i, org, org, i, i, i))
			}
			return []byte(`{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[` + strings.Join(all, ",") + `]}`)
		},
		Unknown: []byte(`{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":` + strconv.Itoa(7) + `,"organizationalEntity":"urn:li:organization:101","action":"WAVE","lastModifiedAt":1790000000000}]}`),
	}
}
