// Package connectortest is the suite that every connector passes. It knows no platform: a Harness says how to build
// the connector, where its fixtures are and how to reach a fake of the platform that was not written from our code.
//
// Checks have fixed numbers; one that a platform cannot pass is waived with a reason, and a waiver that is not needed
// any more fails.
package connectortest

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// update rewrites what we send, never what the platform answers: an answer changes because a document changed.
var update = flag.Bool("update", false, "rewrite the request fixtures and generated documents") //nolint:gochecknoglobals // a flag of the test binary

// Update tells whether golden files are to be rewritten.
func Update() bool { return *update }

// Env is what a connector is built from in a check.
type Env struct {
	URL     string // where the platform's API is
	HTTP    *http.Client
	Log     *slog.Logger
	Now     func() time.Time
	Timeout time.Duration // of one call
}

// World is one fresh account on a running fake of the platform.
type World struct {
	URL     string // for Env.URL
	Session connector.Session
	// Login consents as a person who has accounts, and gives what the platform sent back.
	Login func(t T, authURL, redirectURI string) connector.Callback
	// Posts lists what is visible on the account.
	Posts func(t T) []Post
	// Address gives a draft's files an address that the fake can fetch; nil where it fetches nothing.
	Address func(d connector.Draft) connector.Draft
	// Pass moves the fake's clock, so that it goes with a job that waits; nil where the fake does not care.
	Pass func(t T, d time.Duration)
	// Report and Moderation are for numbers and comments; nil where the platform has none.
	Report     *Report
	Moderation *Moderation
}

// Post is what a reader of the platform sees.
type Post struct {
	ID   string
	Text string
	// Comments below it, oldest first.
	Comments []string
}

// Harness is what the suite needs to know about one connector.
type Harness struct {
	Testdata string // folder with auth_url.json, exchange/, accounts/, publish/ and errors/
	Docs     string // path of docs/connectors.md
	New      func(Env) (connector.Connector, error)
	// Session and Grant are those of the fixtures. All of their secrets, and Secrets, are canaries: text that must not
	// appear in an error, a log line or the address of another host.
	Session connector.Session
	Grant   connector.Grant
	Secrets []string
	// Accepted and Denied are what comes back from the consent screen.
	Accepted, Denied url.Values
	// Consents are how somebody with accounts consents on the fake, by the id of each login but the first, whose is World's.
	// Such a login's fixtures are in a folder of its name: auth_url.json, exchange/ and accounts/, the latter for its Grants.
	Consents map[string]Consent
	// Sessions are the fixtures' accounts of further logins, for the errors that only those have; may be nil.
	Sessions map[string]connector.Session
	Grants   map[string]connector.Grant
	// Renewals are accounts whose access can be renewed, at least one of each login.
	Renewals map[string]func(t T) Renewable
	// Subscriptions are accounts whose webhooks come only when they are asked for, at least one of each login; nil where the
	// platform sends those of every account.
	Subscriptions map[string]func(t T) Subscription
	// Drafts are the publish fixtures by name, which begins with the kind of account and a dot:
	// publish/<name>.request.json. Each kind of post has at least one.
	Drafts map[string]connector.Draft
	World  func(t T) World
	// Others are the platform's further kinds of account, where it has more than Session's.
	Others map[string]Other
	// Webhook makes deliveries; nil where the platform has none.
	Webhook *Webhook
	// MayHold: the platform cannot always be asked whether a call has happened, so a killed job may be held.
	MayHold bool
	// Headers are those that the platform looks at beside Authorization (its version, for example): the request fixtures
	// hold them.
	Headers []string
	// OneAccount: a login reaches exactly one account. accounts/one takes the place of paged, empty and partly_unusable.
	OneAccount bool
	// NoPermalink: the platform does not always tell a post's address.
	NoPermalink bool
	// Unheard are kinds of account of which the platform sends no webhooks: there is nothing to ask for.
	Unheard []string
	// Self: whoever logs in is an account, too, so that accounts/empty holds that one.
	Self bool
	// CommentID is an id as the platform gives to comments; empty = "1_9".
	CommentID string
	// PostID is an id as the platform gives to posts, for calls about a post; empty = the account's id and "_1".
	PostID string
	// InQuery are operations for which the platform's document puts a token into the address, by name ("refresh").
	InQuery []string
	// Refused is told what each fixture of errors/ became, so that a platform can hold its table against them; nil = nobody.
	// It is called by one goroutine.
	Refused func(e problem.Error)
	Waivers map[int]string
}

// Consent consents by a further login of the platform, as World.Login does by the first.
type Consent func(t T, authURL, redirectURI string) (fakeURL string, cb connector.Callback)

// Other is a further kind of account: that of the fixtures, and a fresh one on the fake.
type Other struct {
	Session connector.Session
	World   func(t T) World
}

// sessionOf and worldOf are those of a draft, by its name.
func (h Harness) sessionOf(draft string) connector.Session {
	if o, ok := h.Others[kindOf(draft)]; ok {
		return o.Session
	}
	return h.Session
}

func (h Harness) worldOf(t T, draft string) World {
	t.Helper()
	if o, ok := h.Others[kindOf(draft)]; ok {
		return o.World(t)
	}
	return h.World(t)
}

func kindOf(draft string) string {
	kind, _, _ := strings.Cut(draft, ".")
	return kind
}

// T is what a check needs of *testing.T.
type T interface {
	require.TestingT
	Helper()
	Context() context.Context
	Cleanup(f func())
	Logf(format string, args ...any)
}

type check struct {
	number int
	name   string
	run    func(t T, h Harness)
}

func checks() []check {
	return []check{
		{1, "info is complete and every limit has a source", checkInfo},
		{2, "the consent URL is exact", checkAuthURL},
		{3, "exchange: accepted, denied, used twice, error with 200, garbage", checkExchange},
		{4, "refresh: renewed, renewed again, refused, too young, its answer lost, in trouble", checkRefresh},
		{5, "accounts: paged, empty, partly unusable", checkAccounts},
		{6, "publishing sends exactly the fixtures", checkPublish},
		{7, "killed before and after every call, resumed: one post", checkKilled},
		{8, "every native error has its class, delay and action", checkErrors},
		{9, "throttled, down, reset, slow, cut, huge", checkTrouble},
		{10, "a cancelled context ends the call and leaves nothing running", checkCancel},
		{11, "no secret in errors, logs and addresses", checkCanaries},
		{12, "webhooks: signed, forged, repeated, batched, unknown", checkWebhooks},
		{13, "editing, deleting and finding may be repeated", checkDelete},
		{14, "at a limit passes, one over is refused with its field", checkLimits},
		{15, "the capability matrix in the docs is right", checkMatrix},
		{16, "numbers: whole, unknown, retired", checkReport},
		{17, "comments: listed, hidden, deleted, answered once whatever dies", checkModerate},
		{18, "webhooks of an account: asked for, asked again, ended when nobody uses it", checkSubscribe},
	}
}

// Run runs every check as a parallel subtest.
func Run(t *testing.T, h Harness) {
	t.Helper()
	known := map[int]bool{}
	for _, c := range checks() {
		known[c.number] = true
		t.Run(fmt.Sprintf("%02d %s", c.number, c.name), func(t *testing.T) {
			t.Parallel()
			reason, waived := h.Waivers[c.number]
			if !waived {
				c.run(t, h)
				return
			}
			require.NotEmpty(t, strings.TrimSpace(reason), "a waiver says why")
			require.True(t, Fails(t, func(t T) { c.run(t, h) }), "the waiver is stale, the check passes: %s", reason)
			t.Skip("waived: " + reason)
		})
	}
	for number := range h.Waivers {
		require.True(t, known[number], "there is no check %d to waive", number)
	}
}

// Fails tells whether a check fails, without failing t.
func Fails(t *testing.T, run func(T)) bool {
	t.Helper()
	a := &attempt{T: t}
	done := make(chan struct{})
	go func() { // FailNow ends the goroutine it is called in
		defer close(done)
		run(a)
	}()
	<-done
	return a.failed
}

// attempt takes the failures of a check that is expected to fail.
type attempt struct {
	*testing.T
	failed bool
}

func (a *attempt) Errorf(format string, args ...any) {
	a.failed = true
	a.Logf("expected: "+format, args...)
}

func (a *attempt) FailNow() {
	a.failed = true
	runtime.Goexit()
}

// rig is a connector built for one check, with everything that it does on record.
type rig struct {
	connector.Connector
	log  *record
	http *http.Client
}

// rig builds the connector on a server. Its log is kept as it is, without our logger's redaction: a connector must
// not rely on that.
func (h Harness) rig(t T, serverURL string, change ...func(*Env)) rig {
	t.Helper()
	log := &record{}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	env := Env{
		URL: serverURL, HTTP: &http.Client{Transport: transport}, Now: time.Now, Timeout: 5 * time.Second,
		Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&env)
	}
	c, err := h.New(env)
	require.NoError(t, err)
	return rig{Connector: c, log: log, http: env.HTTP}
}

// record is a log in memory.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

func serve(t T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(s.Close)
	return s
}

// canaries are all secrets that must not leak.
func (h Harness) canaries() []string {
	all := append([]string{}, h.Secrets...)
	credentials := []connector.Credential{h.Session.Credential, h.Grant.Credential}
	for _, g := range h.Grants {
		credentials = append(credentials, g.Credential)
	}
	for _, o := range h.Others {
		credentials = append(credentials, o.Session.Credential)
	}
	for _, c := range credentials {
		for _, s := range []connector.Secret{c.Access, c.Refresh, c.Parent} {
			if !s.Empty() {
				all = append(all, s.Reveal())
			}
		}
	}
	return append(all, h.Accepted.Get("code"), verifier)
}

// operation is one thing a connector does with the platform.
type operation struct {
	name string
	run  func(ctx context.Context, c connector.Connector) error
}

const redirectURI = "https://herald.example/v1/oauth/platform/callback"

// operations are all of the connector's, on the fixtures' account.
func (h Harness) operations(c connector.Connector) []operation {
	ops := []operation{
		{"exchange", func(ctx context.Context, c connector.Connector) error {
			_, err := c.Exchange(ctx, callback(c, "", h.Accepted))
			return err
		}},
		{"accounts", func(ctx context.Context, c connector.Connector) error {
			_, err := c.Accounts(ctx, h.Grant)
			return err
		}},
	}
	for name, d := range h.Drafts {
		ops = append(ops, operation{"publish " + name, func(ctx context.Context, c connector.Connector) error {
			_, err := c.Publish(ctx, h.sessionOf(name), d, NewLedger().Journal(time.Now))
			return err
		}})
	}
	ops = append(ops, h.onAccount(c, h.Session, "")...)
	for kind, o := range h.Others {
		ops = append(ops, h.onAccount(c, o.Session, " "+kind)...)
	}
	return ops
}

// furtherLogins are the operations of each login but the first, named with it behind: for errors that only they have.
func (h Harness) furtherLogins(c connector.Connector) []operation {
	var ops []operation
	for login := range h.Consents {
		ops = append(ops, operation{"exchange by " + login, func(ctx context.Context, c connector.Connector) error {
			_, err := c.Exchange(ctx, callback(c, login, h.Accepted))
			return err
		}})
	}
	for login, s := range h.Sessions {
		ops = append(ops, h.onAccount(c, s, " by "+login)...)
	}
	return ops
}

// onAccount are the operations on one account that no draft is needed for.
func (h Harness) onAccount(c connector.Connector, s connector.Session, suffix string) []operation {
	receipt := connector.Receipt{ExternalID: cmp.Or(h.PostID, s.Account.ExternalID+"_1")}
	ops := []operation{{"ping" + suffix, func(ctx context.Context, c connector.Connector) error { return c.Ping(ctx, s) }}}
	kind, _ := c.Info().AccountKind(s.Account.Kind)
	if l, ok := c.(connector.CandidateLister); ok && kind.CanList {
		ops = append(ops, operation{"candidates" + suffix, func(ctx context.Context, _ connector.Connector) error {
			_, err := l.Candidates(ctx, s, connector.Draft{AcceptedAt: time.Now()})
			return err
		}})
	}
	if r, ok := c.(connector.Refresher); ok {
		ops = append(ops, operation{"refresh" + suffix, func(ctx context.Context, _ connector.Connector) error {
			_, err := r.Refresh(ctx, s)
			return err
		}})
	}
	if d, ok := c.(connector.Deleter); ok {
		ops = append(ops, operation{"delete" + suffix, func(ctx context.Context, _ connector.Connector) error { return d.Delete(ctx, s, receipt) }})
	}
	if e, ok := c.(connector.Editor); ok {
		ops = append(ops, operation{"edit" + suffix, func(ctx context.Context, _ connector.Connector) error { return e.Edit(ctx, s, receipt, "Other words") }})
	}
	if r, ok := c.(connector.Reporter); ok && kind.CanReport {
		ops = append(ops, operation{"post metrics" + suffix, func(ctx context.Context, _ connector.Connector) error {
			_, err := r.PostMetrics(ctx, s, connector.PublishedPost{Receipt: receipt, At: time.Now()})
			return err
		}}, operation{"account metrics" + suffix, func(ctx context.Context, _ connector.Connector) error {
			_, err := r.AccountMetrics(ctx, s, time.Now().AddDate(0, 0, -7), time.Now())
			return err
		}})
	}
	if m, ok := c.(connector.Moderator); ok && kind.CanComment {
		to := connector.Comment{ID: cmp.Or(h.CommentID, "1_9"), PostID: receipt.ExternalID}
		ops = append(ops, operation{"comments" + suffix, func(ctx context.Context, _ connector.Connector) error {
			_, err := m.Comments(ctx, s, receipt, "")
			return err
		}}, operation{"reply" + suffix, func(ctx context.Context, _ connector.Connector) error {
			_, err := m.Reply(ctx, s, connector.ReplyDraft{To: to, Text: "Thank you"}, NewLedger().Journal(time.Now))
			return err
		}}, operation{"delete comment" + suffix, func(ctx context.Context, _ connector.Connector) error { return m.DeleteComment(ctx, s, to) }})
	}
	if d, ok := c.(connector.Hider); ok {
		to := connector.Comment{ID: cmp.Or(h.CommentID, "1_9"), PostID: receipt.ExternalID}
		ops = append(ops, operation{"hide" + suffix, func(ctx context.Context, _ connector.Connector) error { return d.Hide(ctx, s, to, true) }})
	}
	if o, ok := c.(connector.Offerer); ok {
		ops = append(ops, operation{"offer" + suffix, func(ctx context.Context, _ connector.Connector) error {
			_, err := o.Offer(ctx, s)
			return err
		}})
	}
	if u, ok := c.(connector.Subscriber); ok && !slices.Contains(h.Unheard, s.Account.Kind) {
		ops = append(ops, operation{"subscribe" + suffix, func(ctx context.Context, _ connector.Connector) error { return u.Subscribe(ctx, s) }})
	}
	if u, ok := c.(connector.Unsubscriber); ok && !slices.Contains(h.Unheard, s.Account.Kind) {
		ops = append(ops, operation{"unsubscribe" + suffix, func(ctx context.Context, _ connector.Connector) error {
			return u.Unsubscribe(ctx, s, users())
		}})
	}
	if r, ok := c.(connector.Revoker); ok {
		ops = append(ops, operation{"revoke" + suffix, func(ctx context.Context, _ connector.Connector) error { return r.Revoke(ctx, s) }})
	}
	return ops
}
