package tiktok_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/tiktok"
)

type object = map[string]any

const day = 24 * time.Hour

// box is a running sandbox, with a host of ours beside it: it lends files and hears the webhooks.
type box struct {
	connectortest.Box
	host *host
}

func startSandbox(t *testing.T) box {
	t.Helper()
	h := &host{loans: map[string]*loan{}}
	h.server = httptest.NewServer(h)
	t.Cleanup(h.server.Close)
	return box{connectortest.StartBox(t, map[string]string{"tiktok": h.server.URL + "/hooks"}), h}
}

// creator is somebody new.
func (b box) creator(t connectortest.T, traits object) string {
	t.Helper()
	seed := object{"username": "kimberg", "nickname": "Kim Berg"}
	maps.Copy(seed, traits)
	var out struct {
		OpenID string `json:"open_id"`
	}
	b.Control(t, http.MethodPost, "tiktok/seed", seed, &out)
	return out.OpenID
}

// session is the access to a creator. A life of zero is long.
func (b box) session(t connectortest.T, id string, life time.Duration) connector.Session {
	t.Helper()
	if life == 0 {
		life = 10 * 365 * day
	}
	var pair struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	b.Control(t, http.MethodPost, "tiktok/token", object{"creator": id, "access_seconds": int64(life / time.Second)}, &pair)
	return connector.Session{
		Account:    connector.Account{Kind: "tiktok_account", ExternalID: id, Name: "Kim Berg", Username: "kimberg", Scopes: scopes()},
		Credential: connector.Credential{Access: connector.NewSecret(pair.Access), Refresh: connector.NewSecret(pair.Refresh)},
	}
}

type seenPost struct {
	ID          string `json:"id"`
	Task        string `json:"publish_id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Privacy     string `json:"privacy_level"`
	NoComment   bool   `json:"disable_comment"`
	NoDuet      bool   `json:"disable_duet"`
	Photos      bool   `json:"photos"`
	Public      bool   `json:"public"`
	Permalink   string `json:"permalink"`
}

// name is what Herald calls the post by: the id only where everybody sees it.
func (p seenPost) name() string {
	if p.Public {
		return p.ID
	}
	return p.Task
}

func (p seenPost) text() string {
	if p.Photos {
		return p.Description
	}
	return p.Title
}

type seen struct {
	Posts []seenPost `json:"posts"`
	Inbox []seenPost `json:"inbox"`
	Tasks int        `json:"tasks"`
}

func (b box) seen(t connectortest.T, id string) seen {
	t.Helper()
	var all []seen
	b.Control(t, http.MethodGet, "tiktok/creators?id="+url.QueryEscape(id), nil, &all)
	require.Len(t, all, 1)
	return all[0]
}

func (b box) world(t connectortest.T) connectortest.World {
	id := b.creator(t, nil)
	s := b.session(t, id, 0)
	return connectortest.World{
		URL: b.URL + "/tiktok/api", Session: s, Pass: b.Pass, Report: b.report(s),
		Login: func(t connectortest.T, authURL, _ string) connector.Callback {
			return b.login(t, authURL, object{"accounts": []string{id}})
		},
		Posts: func(t connectortest.T) []connectortest.Post {
			var out []connectortest.Post
			all := b.seen(t, id)
			for _, p := range append(all.Posts, all.Inbox...) {
				out = append(out, connectortest.Post{ID: p.name(), Text: p.text()})
			}
			return out
		},
		Address: func(d connector.Draft) connector.Draft { return b.address(t, id, d) },
	}
}

// address lends the draft's files and hears the webhooks of one account, as the house around a connector does.
func (b box) address(t connectortest.T, id string, d connector.Draft) connector.Draft {
	t.Helper()
	job := b.host.job()
	d.Media = append([]connector.Media{}, d.Media...)
	for i, m := range d.Media {
		d.Media[i].Lend = func(_ context.Context, key string) (string, error) { return b.host.lend(job+key, i, m), nil }
	}
	d.Recall = func(_ context.Context, key string) (bool, error) { return b.host.recall(job + key), nil }
	d.Told = func(_ context.Context, since time.Time) ([]connector.PostChange, error) {
		b.Control(t, http.MethodPost, "tiktok/flush", object{}, nil) //nolint:contextcheck // of the test
		return b.host.told(t, id, since), nil
	}
	return d
}

// login answers the consent page.
func (b box) login(t connectortest.T, authURL string, in object) connector.Callback {
	t.Helper()
	in["url"] = authURL
	var out struct {
		Location string `json:"location"`
	}
	b.Control(t, http.MethodPost, "tiktok/login", in, &out)
	u, err := url.Parse(out.Location)
	require.NoError(t, err)
	q := u.Query()
	q.Del("state")
	u.RawQuery = ""
	return connector.Callback{Query: q, RedirectURI: u.String()}
}

// report: one post has numbers, a post for its owner alone has none.
func (b box) report(s connector.Session) *connectortest.Report {
	made := func(t connectortest.T, level string) connector.PublishedPost {
		var out struct {
			ID string `json:"id"`
		}
		b.Control(t, http.MethodPost, "tiktok/posts", object{"creator": s.Account.ExternalID, "title": "Buns", "privacy_level": level}, &out)
		return connector.PublishedPost{Receipt: connector.Receipt{ExternalID: out.ID}, Kind: "video", At: time.Now()}
	}
	return &connectortest.Report{
		Post: func(t connectortest.T) connector.PublishedPost { return made(t, "PUBLIC_TO_EVERYONE") },
		Small: func(t connectortest.T) (connector.Session, connector.PublishedPost) {
			return s, made(t, "SELF_ONLY")
		},
		Retire: func(t connectortest.T) []connector.MetricName {
			b.Control(t, http.MethodPost, "tiktok/settings", object{"left_out": []string{"share_count", "follower_count"}}, nil)
			return []connector.MetricName{connector.MetricShares, connector.MetricFollowers}
		},
	}
}

// connect is a connector on the sandbox whose clock is now.
func (b box) connect(t *testing.T, now func() time.Time, change ...func(*tiktok.Config)) *tiktok.Connector {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	cfg := tiktok.Config{
		ClientID: clientKey, ClientSecret: connector.NewSecret(clientSecret), APIURL: b.URL + "/tiktok/api", DialogURL: b.URL + "/tiktok/www", Audited: true,
		HTTP: &http.Client{Transport: transport}, Now: now,
	}
	for _, c := range change {
		c(&cfg)
	}
	c, err := tiktok.New(cfg)
	require.NoError(t, err)
	return c
}

// renewable has a sandbox to itself, for it moves the clock.
func renewable(t *testing.T) func(connectortest.T) connectortest.Renewable {
	t.Helper()
	return func(ct connectortest.T) connectortest.Renewable {
		b := startSandbox(t)
		id := b.creator(ct, nil)
		return connectortest.Renewable{
			URL: b.URL + "/tiktok/api", Session: b.session(ct, id, 2*time.Hour), Pass: b.Pass, Single: true, Due: 96 * time.Minute, Ends: 180 * day,
			Revoke: func(ct connectortest.T) {
				b.Control(ct, http.MethodPost, "tiktok/creators/"+id+"/remove", object{"reason": 1}, nil)
			},
		}
	}
}

// lent is a photo whose address is that of the fixtures.
func lent() connector.Media {
	m := connectortest.Photo("")
	m.Lend = func(context.Context, string) (string, error) {
		return "https://media.example/loans/CanaryLoan0001", nil
	}
	return m
}

// loan is a file at an address.
type loan struct {
	media   connector.Media
	fetched bool
	closed  bool
}

// host is ours: GET /loans/… gives files away, POST /hooks hears events.
type host struct {
	server *httptest.Server

	mu    sync.Mutex
	jobs  int
	loans map[string]*loan
	heard []heard
}

type heard struct {
	at   time.Time
	body []byte
}

func (h *host) job() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs++
	return "job" + strconv.Itoa(h.jobs) + "-"
}

func (h *host) lend(key string, number int, m connector.Media) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	name := key + "-" + strconv.Itoa(number)
	if h.loans[name] == nil {
		h.loans[name] = &loan{media: m}
	}
	return h.server.URL + "/loans/" + name
}

func (h *host) recall(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	fetched := false
	for name, l := range h.loans {
		if strings.HasPrefix(name, key+"-") {
			l.closed = true
			fetched = fetched || l.fetched
		}
	}
	return fetched
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		h.heard = append(h.heard, heard{time.Now(), body})
		return
	}
	l := h.loans[strings.TrimPrefix(r.URL.Path, "/loans/")]
	if l == nil || l.closed {
		http.NotFound(w, r)
		return
	}
	l.fetched = true
	w.Header().Set("Content-Type", l.media.Type)
	file, err := l.media.Open(r.Context(), 0, -1)
	if err == nil {
		_, _ = io.Copy(w, file)
	}
}

// told is what events say of an account's posts.
func (h *host) told(t connectortest.T, id string, since time.Time) []connector.PostChange {
	t.Helper()
	parser, err := tiktok.New(tiktok.Config{ClientID: clientKey, ClientSecret: connector.NewSecret(clientSecret)})
	require.NoError(t, err)
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []connector.PostChange
	for _, e := range h.heard {
		events, err := parser.Split(e.body)
		require.NoError(t, err)
		for _, ev := range events {
			if ev.ExternalAccountID == id && ev.Post != nil && !ev.At.Before(since.Add(-time.Minute)) {
				out = append(out, *ev.Post)
			}
		}
	}
	return out
}
