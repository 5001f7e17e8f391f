package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/act"
	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/identity"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/media/bucket"
	"github.com/herald-publishing/herald/internal/offer"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/report"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/tenant"
	"github.com/herald-publishing/herald/internal/vault"
	"github.com/herald-publishing/herald/internal/webhook"
)

const origin = "http://herald.test"

// world is the whole API in one handler on the real store, with a platform of the test's own and a clock to move.
type world struct {
	t        *testing.T
	url      string
	store    *store.Store
	bucket   *bucket.S3
	clock    *clock
	platform *platform
	vault    vault.Opener
	logs     *lines
	confirm  bool
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// lines is where the log goes.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func storeOf(t *testing.T, s teststack.Stack) *store.Store {
	t.Helper()
	return &store.Store{DB: dynamodb.NewFromConfig(s.AWS()), Tables: store.Tables{
		Tenants: s.Output(t, "TenantsTable"), Connections: s.Output(t, "ConnectionsTable"), Vault: s.Output(t, "VaultTable"),
		Posts: s.Output(t, "PostsTable"), Jobs: s.Output(t, "JobsTable"), Audit: s.Output(t, "AuditTable"),
		Metrics: s.Output(t, "MetricsTable"), Idempotency: s.Output(t, "IdempotencyTable"), Media: s.Output(t, "MediaTable"),
		Health:        s.Output(t, "HealthTable"),
		WebhookEvents: s.Output(t, "WebhookEventsTable"), Comments: s.Output(t, "CommentsTable"),
	}}
}

func newWorld(t *testing.T, options ...func(*world)) *world {
	t.Helper()
	s := teststack.Open(t)
	w := &world{t: t, store: storeOf(t, s), clock: &clock{at: time.Now().UTC().Truncate(time.Millisecond)}, platform: newPlatform(), logs: &lines{}}
	for _, o := range options {
		o(w)
	}
	log := slog.New(slog.NewJSONHandler(w.logs, nil))
	w.bucket = bucket.New(s.AWS(), s.Output(t, "MediaBucket"), s.Endpoint)
	keys := vault.KMS{Client: kms.NewFromConfig(s.AWS()), KeyID: s.Output(t, "TokenKey")}
	w.vault = vault.Opener{Keys: keys}
	now := w.clock.Now
	tenants := &tenant.Service{
		Identity: taking{identity.Cognito{
			Client: cognitoidentityprovider.NewFromConfig(s.AWS()), PoolID: s.Output(t, "PoolId"), ClientID: s.Output(t, "PoolClientId"),
		}},
		Store: w.store, Confirmation: w.confirm, Now: now,
	}
	connectors := map[string]connector.Connector{"fake": w.platform}
	jobs := &publish.Service{
		Store: w.store, Flags: &publish.Flags{Load: w.store.PlatformOff, Now: now}, Queue: &queue.Queue{SQS: sqs.NewFromConfig(s.AWS()), URLs: map[string]string{"fake": s.Output(t, "MetaDLQ")}},
		Infos: map[string]connector.Info{"fake": w.platform.Info()}, Offering: map[string]bool{"fake": true}, Log: log, Now: now, NewID: boot.NewID,
		Lateness: w.store.Lateness,
	}
	links := &connection.Service{Store: w.store, Grants: w.store, Jobs: jobs, Now: now, NewID: boot.NewID, Log: log}
	h := api.New(
		api.Config{Sessions: tenant.Sessions{Store: w.store, Now: now}, Answers: w.store, PublicURL: origin, Now: now, NewID: boot.NewID, Log: log},
		api.Sessions{Tenants: tenants},
		api.Workspaces{Tenants: tenants, Platforms: []string{"fake"}},
		api.Platforms{Tenants: tenants, Known: []api.Platform{{Info: w.platform.Info(), Capabilities: connector.CapabilitiesOf(w.platform), Available: true}}},
		api.Grants{Connections: links},
		api.OAuth{Log: log, Linking: &connection.Linking{
			Store: w.store, Sealer: vault.Sealer{Keys: keys, Store: w.store}, Connectors: connectors, Now: now, NewID: boot.NewID, Log: log,
		}},
		api.Connections{
			Connections: links, Reports: report.Reader{Store: w.store, Desk: desk{w}, Now: now},
			Offers: offer.Reader{
				Store: w.store, Desk: desk{w}, Infos: map[string]connector.Info{"fake": w.platform.Info()}, Offering: map[string]bool{"fake": true}, Now: now,
			},
		},
		api.MediaFiles{Media: &media.Service{
			Store: w.store, Bucket: w.bucket, Now: now, NewID: boot.NewID, Log: log,
		}},
		api.Posts{Publish: jobs},
		api.Jobs{Publish: jobs, Desk: desk{w}, Reports: report.Reader{Store: w.store, Desk: desk{w}, Now: now}},
		api.Insights{Store: w.store, Platforms: []string{"fake"}, Now: now},
		api.Comments{Store: w.store, Desk: desk{w}, Now: now, NewID: boot.NewID},
		api.Webhooks{Webhooks: &webhook.Service{
			Store: w.store, Queue: &queue.Webhooks{SQS: sqs.NewFromConfig(s.AWS()), URL: s.Output(t, "WebhookDLQ")}, Platforms: []string{"fake"}, Now: now, NewID: boot.NewID, Log: log,
		}},
	)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(w.logs.String())
		}
	})
	w.url = server.URL
	return w
}

// desk stands for the act function, which is not part of this surface.
type desk struct{ w *world }

func (desk) Candidates(context.Context, string, string, string) ([]connector.Candidate, error) {
	return []connector.Candidate{{Receipt: connector.Receipt{ExternalID: "p1", Permalink: "https://platform.example/p1"}, Text: "hello"}}, nil
}

func (desk) EditPost(context.Context, string, string, string, string) error { return nil }

func (desk) DeletePost(context.Context, string, string, string) error { return nil }

func (desk) RefreshComments(context.Context, string, string, string) (int, error) { return 3, nil }

func (d desk) PostMetrics(ctx context.Context, tenantID, _, job string) error {
	return d.measure(ctx, tenantID, report.PostKey(job))
}

func (d desk) AccountMetrics(ctx context.Context, tenantID, _, connection string, days int) error {
	return d.measure(ctx, tenantID, report.AccountKey(connection, days))
}

// RefreshOffer is the act function's own code.
func (d desk) RefreshOffer(ctx context.Context, tenantID, member, connection string) error {
	function := act.Desk{
		Store: d.w.store, Door: publish.Door{Store: d.w.store, Opener: d.w.vault}, Connectors: map[string]connector.Connector{"fake": d.w.platform},
		Log: slog.New(slog.NewJSONHandler(d.w.logs, nil)), Now: d.w.clock.Now, NewID: boot.NewID,
	}
	answer, err := function.Do(ctx, act.Request{Op: act.RefreshOffer, Tenant: tenantID, Member: member, Connection: connection})
	return errors.Join(err, answer.Problem.Err())
}

// measure is what the act function does with what the platform says.
func (d desk) measure(ctx context.Context, tenantID, key string) error {
	metrics, err := d.w.platform.measure()
	return errors.Join(err, d.w.store.KeepReport(ctx, tenantID, key, metrics, err, d.w.clock.Now()))
}

func (d desk) Reply(_ context.Context, tenantID, _ string, to comment.Ref, reply, text string) (comment.Comment, error) {
	return comment.Comment{TenantID: tenantID, ConnectionID: to.ConnectionID, ID: reply, ParentID: to.ID, Text: text, Own: true}, nil
}

func (d desk) SetHidden(ctx context.Context, tenantID, member string, of comment.Ref, hidden bool) error {
	verb := connector.CommentUnhide
	if hidden {
		verb = connector.CommentHide
	}
	return d.note(ctx, tenantID, member, of, verb)
}

func (d desk) DeleteComment(ctx context.Context, tenantID, member string, of comment.Ref) error {
	return d.note(ctx, tenantID, member, of, connector.CommentRemove)
}

func (d desk) note(ctx context.Context, tenantID, member string, of comment.Ref, verb connector.CommentVerb) error {
	at := d.w.clock.Now().UnixMilli()
	return d.w.store.NoteComment(ctx, comment.Comment{TenantID: tenantID, ConnectionID: of.ConnectionID, ID: of.ID}, verb, publish.AuditRow{
		TenantID: tenantID, SK: publish.AuditKey(at, boot.NewID()), ConnectionID: of.ConnectionID, Kind: "comment", At: at, By: member,
	})
}

// person is a client with a session.
type person struct {
	w       *world
	token   string
	session api.Session
}

// signUp makes a workspace and its owner; without the user pool, which the tests of signing up are about.
func (w *world) signUp() *person {
	w.t.Helper()
	m := tenant.Membership{
		TenantID: "ten_" + boot.NewID(), ID: "mem_" + boot.NewID(), UserID: boot.NewID(), Email: "ada@example.com", Name: "Ada Lovelace",
		Role: tenant.Owner, CreatedAt: w.clock.Now().UnixMilli(),
	}
	require.NoError(w.t, w.store.CreateWorkspace(w.t.Context(), tenant.Workspace{ID: m.TenantID, Name: "Cafe Ada", Zone: "Europe/Berlin", CreatedAt: m.CreatedAt}, m))
	p := &person{w: w, token: m.TenantID + "." + tenant.NewSecret()}
	require.NoError(w.t, w.store.PutSession(w.t.Context(), tenant.Session{
		TenantID: m.TenantID, Hash: tenant.HashToken(p.token), MemberID: m.ID, UserID: m.UserID, Email: m.Email, Name: m.Name, Role: m.Role,
		Workspace: "Cafe Ada", Zone: "Europe/Berlin", ExpiresAt: w.clock.Now().Add(tenant.SessionLife).UnixMilli(),
	}))
	p.get("/v1/session").status(http.StatusOK).into(&p.session)
	return p
}

// poolTurn lets one test at a time use the emulator's user pool: it answers 500 to some of many sign-ups at once
// (MiniStack 1.5.33).
var poolTurn sync.Mutex

// taking gives each call of the pool its turn.
type taking struct{ tenant.Identity }

func (i taking) SignUp(ctx context.Context, email, password, name string) (string, error) {
	poolTurn.Lock()
	defer poolTurn.Unlock()
	return i.Identity.SignUp(ctx, email, password, name)
}

func (i taking) SignIn(ctx context.Context, email, password string) (tenant.User, error) {
	poolTurn.Lock()
	defer poolTurn.Unlock()
	return i.Identity.SignIn(ctx, email, password)
}

func (i taking) Confirm(ctx context.Context, email string) error {
	poolTurn.Lock()
	defer poolTurn.Unlock()
	return i.Identity.Confirm(ctx, email)
}

func (i taking) ConfirmCode(ctx context.Context, email, code string) error {
	poolTurn.Lock()
	defer poolTurn.Unlock()
	return i.Identity.ConfirmCode(ctx, email, code)
}

// as gives a session of another role in the same workspace.
func (p *person) as(role tenant.Role) *person {
	p.w.t.Helper()
	token := p.session.Workspace.ID + "." + tenant.NewSecret()
	s := tenant.Session{
		TenantID: p.session.Workspace.ID, Hash: tenant.HashToken(token), MemberID: "mem_" + boot.NewID(), Name: "Bob", Role: role,
		Workspace: p.session.Workspace.Name, Zone: p.session.Workspace.TimeZone, ExpiresAt: p.w.clock.Now().Add(time.Hour).UnixMilli(),
	}
	require.NoError(p.w.t, p.w.store.PutSession(p.w.t.Context(), s))
	out := &person{w: p.w, token: token}
	out.get("/v1/session").status(http.StatusOK).into(&out.session)
	return out
}

// anyone is a client without a session.
func (w *world) anyone() *person { return &person{w: w} }

type response struct {
	t    *testing.T
	code int
	head http.Header
	body []byte
}

func (p *person) get(path string) *response { return p.do(http.MethodGet, path, nil, nil) }

func (p *person) post(path string, body any, headers ...string) *response {
	return p.do(http.MethodPost, path, body, headers)
}

// do sends a request as the page does: cookie, CSRF header, origin. headers are pairs; an empty value removes one.
func (p *person) do(method, path string, body any, headers []string) *response {
	p.w.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		require.NoError(p.w.t, err)
		in = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(p.w.t.Context(), method, p.w.url+path, in)
	require.NoError(p.w.t, err)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.token != "" {
		r.Header.Set("Cookie", "herald_session="+p.token)
		r.Header.Set("X-Csrf-Token", tenant.CSRF(p.token))
	}
	if method != http.MethodGet {
		r.Header.Set("Origin", origin)
	}
	for pair := range slices.Chunk(headers, 2) {
		if r.Header.Set(pair[0], pair[1]); pair[1] == "" {
			r.Header.Del(pair[0])
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	require.NoError(p.w.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(p.w.t, err)
	return &response{t: p.w.t, code: res.StatusCode, head: res.Header, body: raw}
}

func (r *response) status(want int) *response {
	r.t.Helper()
	require.Equal(r.t, want, r.code, "%s", r.body)
	return r
}

func (r *response) into(v any) {
	r.t.Helper()
	require.NoError(r.t, json.Unmarshal(r.body, v), "%s", r.body)
}

// problem checks the form that every refusal has.
func (r *response) problem(status int, class string) api.Problem {
	r.t.Helper()
	r.status(status)
	require.Equal(r.t, "application/problem+json", r.head.Get("Content-Type"))
	var p api.Problem
	r.into(&p)
	require.Equal(r.t, class, string(p.Class), "%s", r.body)
	require.Equal(r.t, status, p.Status)
	require.NotEmpty(r.t, p.Detail)
	require.NotEmpty(r.t, p.RequestID)
	require.Equal(r.t, p.RequestID, r.head.Get("X-Request-Id"))
	require.True(r.t, strings.HasSuffix(p.Type, "docs/problems.md#"+class), p.Type)
	return p
}

func (r *response) cookie() string {
	r.t.Helper()
	for _, c := range (&http.Response{Header: r.head}).Cookies() {
		if c.Name == "herald_session" {
			return c.Value
		}
	}
	require.Fail(r.t, "no session cookie")
	return ""
}
