package linkedin_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/linkedin"
)

type object = map[string]any

const day = 24 * time.Hour

// box is a running sandbox; tests in parallel each take people and Pages of their own.
type box struct{ connectortest.Box }

func startSandbox(t *testing.T) box {
	t.Helper()
	b := box{connectortest.StartBox(t, nil)}
	b.Control(t, http.MethodPost, "linkedin/settings", object{"part_bytes": 40_000}, nil)
	return b
}

func (b box) api() string { return b.URL + "/linkedin/api" }

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type seeded struct {
	Person        named   `json:"person"`
	Organizations []named `json:"organizations"`
}

func (b box) seed(t connectortest.T, in object) seeded {
	t.Helper()
	var out seeded
	b.Control(t, http.MethodPost, "linkedin/seed", in, &out)
	return out
}

// token is a credential of a person. in may say more.
func (b box) token(t connectortest.T, person string, in object) (connector.Credential, time.Time) {
	t.Helper()
	in["person"] = person
	var out struct {
		Access  string    `json:"access_token"`
		Refresh string    `json:"refresh_token"`
		Ends    time.Time `json:"expires_at"`
	}
	b.Control(t, http.MethodPost, "linkedin/token", in, &out)
	return connector.Credential{Access: connector.NewSecret(out.Access), Refresh: connector.NewSecret(out.Refresh)}, out.Ends
}

// session is an account of somebody new, linked by an app that may refresh. more is for the seed.
func (b box) session(t connectortest.T, kind string, more object) connector.Session {
	t.Helper()
	in := object{"person": "Kim Berg"}
	maps.Copy(in, more)
	if kind == organization {
		in["organizations"] = []object{{"name": "Shop"}}
	}
	who := b.seed(t, in)
	account := connector.Account{Kind: kind, ExternalID: who.Person.ID, Name: who.Person.Name, Data: map[string]string{"person": who.Person.ID}}
	if kind == organization {
		account.ExternalID, account.Name = who.Organizations[0].ID, who.Organizations[0].Name
	}
	c, _ := b.token(t, who.Person.ID, object{"refresh": true})
	return connector.Session{Account: account, Credential: c}
}

type seenComment struct {
	ID     string `json:"id"`
	Parent string `json:"parent_id"`
	Text   string `json:"message"`
	Own    bool   `json:"own"`
}

type seenPost struct {
	ID         string        `json:"id"`
	Text       string        `json:"text"`
	Commentary string        `json:"commentary"`
	Links      []string      `json:"links"`
	Content    object        `json:"content"`
	Parent     string        `json:"parent"`
	Visibility string        `json:"visibility"`
	Activity   string        `json:"activity"`
	Visible    bool          `json:"visible"`
	Comments   []seenComment `json:"comments"`
}

func (b box) posts(t connectortest.T, s connector.Session) []seenPost {
	t.Helper()
	var out struct {
		Posts []seenPost `json:"posts"`
	}
	b.Control(t, http.MethodGet, "linkedin/accounts?id="+url.QueryEscape(s.Account.ExternalID), nil, &out)
	return out.Posts
}

func (b box) login(t connectortest.T, authURL string, in object) connector.Callback {
	t.Helper()
	in["url"] = authURL
	var out struct {
		Location string `json:"location"`
	}
	b.Control(t, http.MethodPost, "linkedin/login", in, &out)
	u, err := url.Parse(out.Location)
	require.NoError(t, err)
	q := u.Query()
	q.Del("state")
	u.RawQuery = ""
	return connector.Callback{Query: q, RedirectURI: u.String()}
}

func (b box) world(t connectortest.T, kind string) connectortest.World {
	t.Helper()
	s := b.session(t, kind, nil)
	return connectortest.World{
		URL: b.api(), Session: s, Report: b.report(s), Moderation: b.moderation(s),
		Login: func(t connectortest.T, authURL, _ string) connector.Callback {
			return b.login(t, authURL, object{"person": b.seed(t, object{"person": "Ada New", "organizations": []object{{"name": "Cafe"}}}).Person.ID})
		},
		Posts: func(t connectortest.T) []connectortest.Post {
			var out []connectortest.Post
			for _, p := range b.posts(t, s) {
				post := connectortest.Post{ID: p.ID, Text: p.Text}
				for _, c := range p.Comments {
					post.Comments = append(post.Comments, c.Text)
				}
				out = append(out, post)
			}
			return out
		},
	}
}

// urn is an account's.
func urn(s connector.Session) string {
	if s.Account.Kind == member {
		return "urn:li:person:" + s.Account.ExternalID
	}
	return "urn:li:organization:" + s.Account.ExternalID
}

// plant puts a post on an account by hand.
func (b box) plant(t connectortest.T, s connector.Session, in object) connector.PublishedPost {
	t.Helper()
	post := object{"author": urn(s), "commentary": "Buns"}
	maps.Copy(post, in)
	var made named
	b.Control(t, http.MethodPost, "linkedin/posts", post, &made)
	return connector.PublishedPost{Receipt: connector.Receipt{ExternalID: made.ID}, Kind: "text", At: time.Now()}
}

func (b box) comment(t connectortest.T, post, parent, name, text string) string {
	t.Helper()
	var made named
	b.Control(t, http.MethodPost, "linkedin/comments", object{"post": post, "parent": parent, "name": name, "message": text}, &made)
	return made.ID
}

func (b box) report(s connector.Session) *connectortest.Report {
	return &connectortest.Report{
		Post: func(t connectortest.T) connector.PublishedPost {
			p := b.plant(t, s, nil)
			b.comment(t, p.Receipt.ExternalID, "", "Sol", "Nice") // or nobody has seen it, and there is nothing to retire
			return p
		},
		Retire: func(t connectortest.T) []connector.MetricName {
			if s.Account.Kind == member {
				b.Control(t, http.MethodPost, "linkedin/settings", object{"dead_metrics": []string{"REACTION"}}, nil)
				return []connector.MetricName{connector.MetricReactions}
			}
			b.Control(t, http.MethodPost, "linkedin/settings", object{"dead_metrics": []string{"clickCount"}}, nil)
			return []connector.MetricName{connector.MetricClicks}
		},
		Small: func(t connectortest.T) (connector.Session, connector.PublishedPost) {
			small := b.session(t, s.Account.Kind, object{"few_viewers": true})
			p := b.plant(t, small, object{"created": time.Now().Add(-400 * day)})
			p.At = time.Now().Add(-400 * day)
			return small, p
		},
	}
}

func (b box) moderation(s connector.Session) *connectortest.Moderation {
	return &connectortest.Moderation{
		Post: func(t connectortest.T) connector.Receipt { return b.plant(t, s, nil).Receipt },
		Fan:  b.comment,
		Seen: func(t connectortest.T, post string) []connectortest.SeenComment {
			out := []connectortest.SeenComment{}
			for _, p := range b.posts(t, s) {
				for _, c := range p.Comments {
					if p.ID == post {
						out = append(out, connectortest.SeenComment{ID: c.ID, Parent: c.Parent, Text: c.Text, Own: c.Own})
					}
				}
			}
			return out
		},
	}
}

// renewals are accounts of an app that may refresh. Each has a sandbox to itself, for it moves the clock.
func renewals(t *testing.T) map[string]func(connectortest.T) connectortest.Renewable {
	t.Helper()
	renewable := func(kind string) func(connectortest.T) connectortest.Renewable {
		return func(ct connectortest.T) connectortest.Renewable {
			b := startSandbox(t)
			s := b.session(ct, kind, nil)
			return connectortest.Renewable{
				URL: b.api(), Session: s, Pass: b.Pass, Due: 50 * day, // the year after which it ends is never prolonged, see TestAYearIsNeverProlonged
				Revoke: func(ct connectortest.T) {
					b.Control(ct, http.MethodPost, "linkedin/people/"+s.Account.Data["person"]+"/revoke", object{}, nil)
				},
			}
		}
	}
	return map[string]func(connectortest.T) connectortest.Renewable{"profile": renewable(member), "Page": renewable(organization)}
}

// host is where the sandbox sends webhooks. It proves that it is the app's by hand, not with the connector.
type host struct {
	url string

	mu     sync.Mutex
	bodies []string
}

func (b box) host(t *testing.T) *host {
	t.Helper()
	h := &host{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code := r.URL.Query().Get("challengeCode"); code != "" {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]string{"challengeCode": code, "challengeResponse": mac(code)})
			return
		}
		raw, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bodies = append(h.bodies, string(raw))
	}))
	t.Cleanup(server.Close)
	h.url = server.URL + "/linkedin"
	b.Control(t, http.MethodPost, "linkedin/callback", object{"url": h.url}, nil)
	return h
}

// heard tells whether a comment was told of.
func (h *host) heard(comment string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.bodies, func(body string) bool { return strings.Contains(body, comment) })
}

// connect is a connector on the sandbox whose clock is now.
func (b box) connect(t *testing.T, now func() time.Time, change ...func(*linkedin.Config)) *linkedin.Connector {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	cfg := config(b.api())
	cfg.HTTP, cfg.Now = &http.Client{Transport: transport}, now
	for _, c := range change {
		c(&cfg)
	}
	c, err := linkedin.New(cfg)
	require.NoError(t, err)
	return c
}
