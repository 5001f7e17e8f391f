package act_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/act"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/telemetry"
	"github.com/herald-publishing/herald/internal/vault"
)

func id() string { return strings.ToLower(ulid.Make().String()) }

// canary is the token of every account here: it must be seen by the platform, and nowhere else.
const canary = "CANARY-ACT-TOKEN-0123456789"

// plain is a platform that can publish and nothing else.
type plain struct {
	connector.Linker
	kind  connector.AccountKind
	calls []string // what reached it
	fails error    // what it says to everything
	onAsk func()   // runs while it is asked
}

func (p *plain) Info() connector.Info {
	return connector.Info{Platform: "fake", Logins: []connector.Login{{ID: "first"}, {ID: "weak", CannotDelete: []string{"page"}}}, Accounts: []connector.AccountKind{p.kind}}
}

func (p *plain) Ping(context.Context, connector.Session) error { return nil }

func (p *plain) Publish(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
	return connector.Receipt{}, nil
}

// called notes a call that was signed with the account's token.
func (p *plain) called(what string, s connector.Session) error {
	if s.Credential.Access.Reveal() != canary {
		return problem.New(problem.AuthRevoked, "This is no token of mine.")
	}
	p.calls = append(p.calls, what)
	if p.onAsk != nil {
		p.onAsk()
	}
	return p.fails
}

// network is a platform that can do everything.
type network struct{ *plain }

func (p *network) Delete(_ context.Context, s connector.Session, r connector.Receipt) error {
	return p.called("delete "+r.ExternalID, s)
}

func (p *network) Edit(_ context.Context, s connector.Session, r connector.Receipt, text string) error {
	return p.called("edit "+r.ExternalID+" "+text, s)
}

func (p *network) Candidates(_ context.Context, s connector.Session, d connector.Draft) ([]connector.Candidate, error) {
	return []connector.Candidate{{Receipt: connector.Receipt{ExternalID: "9"}, Text: d.Text}}, p.called("candidates", s)
}

func (p *network) PostMetrics(_ context.Context, s connector.Session, post connector.PublishedPost) ([]connector.Metric, error) {
	return numbers(), p.called("numbers of "+post.Receipt.ExternalID, s)
}

func (p *network) AccountMetrics(_ context.Context, s connector.Session, since, until time.Time) ([]connector.Metric, error) {
	return numbers(), p.called("numbers over "+until.Sub(since).String(), s)
}

// numbers are one that is known and one that the platform does not give any more.
func numbers() []connector.Metric {
	return []connector.Metric{
		{Name: connector.MetricViews, Title: "Views", Value: new(int64(412)), Unit: connector.UnitCount},
		{Name: connector.MetricReach, Title: "Reach", Unit: connector.UnitCount, Note: "The platform does not give this number any more."},
	}
}

func (p *network) Offer(_ context.Context, s connector.Session) (connector.Offer, error) {
	return connector.Offer{Posts: p.kind.Posts, Notices: []connector.Notice{{Level: connector.NoticeInfo, Text: "Hello."}}}, p.called("offer", s)
}

func (p *network) Comments(_ context.Context, s connector.Session, r connector.Receipt, _ string) (connector.CommentPage, error) {
	return connector.CommentPage{Items: []connector.Comment{{ID: "fan_1", PostID: r.ExternalID, FromName: "Kim", Text: "Lovely"}}}, p.called("comments", s)
}

func (p *network) Reply(ctx context.Context, s connector.Session, d connector.ReplyDraft, steps connector.Steps) (connector.Comment, error) {
	v, err := steps.Do(ctx, connector.Step{Name: "reply", Run: func(context.Context) (connector.Values, error) {
		return connector.Values{"id": "own_1"}, p.called("reply "+d.Text, s)
	}})
	return connector.Comment{ID: v["id"], PostID: d.To.PostID, ParentID: d.To.ID, Own: true, Text: d.Text}, err
}

func (p *network) DeleteComment(_ context.Context, s connector.Session, c connector.Comment) error {
	return p.called("delete comment "+c.ID, s)
}

func (p *network) Hide(_ context.Context, s connector.Session, c connector.Comment, hidden bool) error {
	if hidden {
		return p.called("hide "+c.ID, s)
	}
	return p.called("show "+c.ID, s)
}

// world is one linked account with a published post, on the real store.
type world struct {
	t        *testing.T
	store    *store.Store
	desk     *act.Desk
	platform *network
	tenant   string
	conn     string
	version  string
	job      publish.Job
	now      time.Time
	logs     bytes.Buffer
	said     []byte // every answer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldBy(t, "first")
}

// newWorldBy is linked by a login.
func newWorldBy(t *testing.T, login string) *world {
	t.Helper()
	stack := teststack.Open(t)
	w := &world{t: t, tenant: "ten_" + id(), conn: "con_" + id(), version: id(), now: time.Now().Truncate(time.Millisecond)}
	w.platform = &network{plain: &plain{kind: connector.AccountKind{Kind: "page", CanDelete: true, CanEdit: true, CanComment: true, CanReport: true, CanList: true}}}
	w.store = &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{
		Connections: stack.Output(t, "ConnectionsTable"), Vault: stack.Output(t, "VaultTable"), Posts: stack.Output(t, "PostsTable"),
		Jobs: stack.Output(t, "JobsTable"), Audit: stack.Output(t, "AuditTable"), Metrics: stack.Output(t, "MetricsTable"),
		Idempotency: stack.Output(t, "IdempotencyTable"), Comments: stack.Output(t, "CommentsTable"),
	}}
	keys := vault.KMS{Client: kms.NewFromConfig(stack.AWS()), KeyID: stack.Output(t, "TokenKey")}
	w.desk = &act.Desk{
		Store: w.store, Door: publish.Door{Store: w.store, Opener: vault.Opener{Keys: keys}}, Connectors: map[string]connector.Connector{"fake": w.platform},
		Log: telemetry.NewLogger(&w.logs, "debug"), Now: func() time.Time { return w.now }, NewID: id,
	}
	ref := vault.Ref{Tenant: w.tenant, Connection: w.conn, Version: w.version}
	require.NoError(t, vault.Sealer{Keys: keys, Store: w.store}.Seal(t.Context(), ref, connector.Credential{Access: connector.NewSecret(canary)}, w.now.Add(time.Hour)))
	w.link(login)
	w.job = w.finish(w.accept(), publish.Published, &connector.Receipt{ExternalID: "1_2"})
	t.Cleanup(func() {
		require.NotContains(t, w.logs.String(), canary, "the token is in no log")
		require.NotContains(t, string(w.said), canary, "and in no answer")
	})
	return w
}

func (w *world) link(login string) {
	w.t.Helper()
	require.NoError(w.t, w.store.LinkConnection(w.t.Context(), connection.Connection{
		TenantID: w.tenant, ID: w.conn, Platform: "fake", Kind: "page", Login: login, ExternalID: "1", Name: "Cafe", Status: connection.Healthy, TokenVersion: w.version, UpdatedAt: w.now.UnixMilli(),
	}, w.event()))
}

func (w *world) event() connection.Event {
	return connection.Event{TenantID: w.tenant, ConnectionID: w.conn, ID: "aud_" + id(), Kind: connection.EventLinked, At: w.now.UnixMilli()}
}

// accept makes a job that a worker holds.
func (w *world) accept() publish.Job {
	w.t.Helper()
	post := publish.Post{TenantID: w.tenant, ID: "pst_" + id(), Targets: []string{w.conn}, At: w.now.UnixMilli(), CreatedAt: w.now.UnixMilli()}
	j := publish.Job{
		TenantID: w.tenant, ID: publish.JobID(post.ID, w.conn), PostID: post.ID, ConnectionID: w.conn, Platform: "fake", Kind: "text", Text: "Buns", Status: publish.Queued,
		Account: publish.AccountRef{Kind: "page", TokenVersion: w.version}, DueAt: w.now.UnixMilli(), NextAt: w.now.UnixMilli(),
		Open: []publish.Attempt{}, Steps: map[string]publish.StepLog{}, Rev: 1,
	}
	post.Jobs = []publish.Job{j}
	line := publish.AuditRow{TenantID: w.tenant, SK: publish.AuditKey(1, id()), Kind: publish.AuditAccepted, At: 1}
	_, err := w.store.CreatePost(w.t.Context(), post, id(), "h", line)
	require.NoError(w.t, err)
	j, err = w.store.ClaimJob(w.t.Context(), w.tenant, j.ID, id(), w.now, w.now.Add(2*time.Minute))
	require.NoError(w.t, err)
	return j
}

func (w *world) finish(j publish.Job, s publish.Status, r *connector.Receipt) publish.Job {
	w.t.Helper()
	j.Status, j.Receipt, j.Open, j.PublishedAt = s, r, nil, w.now.UnixMilli()
	require.NoError(w.t, w.store.FinishAttempt(w.t.Context(), publish.Outcome{Job: j}, w.now))
	return w.read(j.ID)
}

func (w *world) read(job string) publish.Job {
	w.t.Helper()
	j, err := w.store.GetJob(w.t.Context(), w.tenant, job)
	require.NoError(w.t, err)
	return j
}

// kinds are the lines on the job's trail.
func (w *world) kinds() []string {
	w.t.Helper()
	rows, err := w.store.Timeline(w.t.Context(), w.tenant, w.job.ID)
	require.NoError(w.t, err)
	var out []string
	for _, r := range rows {
		require.Equal(w.t, "mem_1", r.By)
		out = append(out, r.Kind)
	}
	return out
}

// known has Herald know the fan's comment.
func (w *world) known() {
	w.t.Helper()
	require.NoError(w.t, w.store.Merge(w.t.Context(), w.tenant, w.conn, connector.Comment{ID: "fan_1", PostID: "1_2", Text: "Lovely"}, w.now.UnixMilli()))
}

// ask is what the HTTP functions do: the request and its answer travel as JSON.
func (w *world) ask(r act.Request) (act.Response, error) {
	w.t.Helper()
	r.Member = "mem_1"
	out, err := w.desk.Do(w.t.Context(), r)
	require.NoError(w.t, err, "what a person can act on is no failure of the function")
	raw, err := json.Marshal(out)
	require.NoError(w.t, err)
	w.said = slices.Concat(w.said, raw)
	return out, out.Problem.Err()
}

// must is an operation that works.
func (w *world) must(r act.Request) act.Response {
	w.t.Helper()
	out, err := w.ask(r)
	require.NoError(w.t, err)
	return out
}

// operations are all there are, each as the HTTP functions ask for it.
func (w *world) operations() []act.Request {
	job := func(op act.Op) act.Request {
		return act.Request{Op: op, Tenant: w.tenant, Job: w.job.ID, Text: "New words"}
	}
	account := func(op act.Op) act.Request {
		return act.Request{Op: op, Tenant: w.tenant, Connection: w.conn, Comment: "fan_1", Reply: "rep_1", Text: "Thank you", Days: 7}
	}
	return []act.Request{
		job(act.Candidates), job(act.PostMetrics), job(act.RefreshComments), job(act.EditPost), job(act.DeletePost),
		account(act.AccountMetrics), account(act.RefreshOffer), account(act.ReplyToComment), account(act.HideComment), account(act.ShowComment), account(act.DeleteComment),
	}
}

// shut opens nothing.
type shut struct{}

func (shut) Open(context.Context, vault.Ref, vault.Sealed) (connector.Credential, error) {
	return connector.Credential{}, vault.ErrOpen
}
