// Package crash_test kills the real binaries at every call they make, before it leaves and after it was processed, and
// counts what the sandbox's Page then shows.
package crash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/loan"
	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/sandbox"
	"github.com/herald-publishing/herald/internal/local/stack"
	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/media/bucket"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/vault"
)

// binaries are built once for all tests of the package.
var binaries struct {
	once sync.Once
	dir  string
	err  error
}

// binary builds a function exactly as it is deployed.
func binary(t *testing.T, name string) string {
	t.Helper()
	binaries.once.Do(func() {
		if binaries.dir, binaries.err = os.MkdirTemp("", "herald-crash-"); binaries.err != nil { //nolint:usetesting // outlives the test that comes first
			return
		}
		for _, f := range []string{"publish", "posts", "refresh", "ping", "receive", "process", "act"} {
			cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-tags=lambda.norpc", "-o", filepath.Join(binaries.dir, f), "../../functions/"+f) //nolint:gosec,noctx // our own functions
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
			if out, err := cmd.CombinedOutput(); err != nil {
				binaries.err = fmt.Errorf("build %s: %w: %s", f, err, out)
				return
			}
		}
	})
	require.NoError(t, binaries.err)
	return filepath.Join(binaries.dir, name)
}

func TestMain(m *testing.M) {
	flag.Parse()
	// A run is mostly waiting for a dead worker's lease, so many go at once whatever the number of cores.
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	code := m.Run()
	if binaries.dir != "" {
		_ = os.RemoveAll(binaries.dir)
	}
	os.Exit(code)
}

// requireStruck asserts that the worker was killed at call n. The dry run that counted the calls may have made some more
// than this one, where the sweep was faster than the worker; never fewer than least.
func (w *world) requireStruck(n, least int) {
	w.t.Helper()
	if n > least && len(w.tap.Calls()) < n {
		return
	}
	require.True(w.t, w.tap.Struck(), "the plan was carried out")
}

// world is one tenant with one connected Page, its own jobs table and queue, and a tap on every call of its functions.
type world struct {
	t       *testing.T
	stack   teststack.Stack
	store   *store.Store
	queue   *queue.Queue
	sqs     *sqs.Client
	queueID string
	hooks   *queue.Webhooks
	tap     *wiretap.Tap
	awsURL  string // through the tap
	boxURL  string // the sandbox, through the tap
	box     string // the sandbox, not through the tap
	tenant  string
	conn    string
	version string             // of the credential
	way     stage.Way          // platform, kind of account, login
	page    string             // the account's id
	person  string             // who the account was connected by
	lends   string             // address of the loans; not through the tap
	files   []publish.MediaRef // a video, a picture, a document
	logs    *safeBuffer
	visitor *visitor.Visitor // where the world belongs to somebody signed in
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

const visibility = 2 // seconds: how soon an unanswered message comes back

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, metaWay(t, "facebook_page"))
}

// newWorldAt has an account of the kind that a way publishes to.
func newWorldAt(t *testing.T, way stage.Way) *world {
	t.Helper()
	return newWorldFor(t, way, func(*testing.T, stack.Info) *visitor.Visitor {
		return &visitor.Visitor{Tenant: "ten_" + id()}
	})
}

// newWorldFor makes the world of the visitor that come gives.
func newWorldFor(t *testing.T, way stage.Way, come func(t *testing.T, info stack.Info) *visitor.Visitor) *world {
	t.Helper()
	running := teststack.Open(t)
	v := come(t, running.Info)
	w := &world{t: t, way: way, stack: running, tap: wiretap.New(), tenant: v.Tenant, visitor: v, conn: "con_" + id(), logs: &safeBuffer{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(tail(w.logs.String(), 6000))
		}
	})

	front := httptest.NewUnstartedServer(nil) // the sandbox gives out addresses of its own: they must lead through the tap
	w.boxURL = "http://" + front.Listener.Addr().String()
	ears := httptest.NewUnstartedServer(nil)
	listens := sandbox.Config{PublicURL: w.boxURL}
	if way.Platform.Tells {
		listens.Hooks = map[string]string{way.Platform.Name: "http://" + ears.Listener.Addr().String() + "/" + way.Platform.Name}
	}
	fake, err := sandbox.New(listens)
	require.NoError(t, err)
	t.Cleanup(ears.Close)
	t.Cleanup(func() { require.NoError(t, fake.Close()) })
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	w.box = serve(fake.Handler())
	front.Config.Handler = w.tap.To(w.box)
	front.Start()
	t.Cleanup(front.Close)
	w.awsURL = serve(w.tap.To(running.Endpoint))

	cfg := running.AWS()
	w.store = &store.Store{DB: dynamodb.NewFromConfig(cfg), Tables: store.Tables{
		Tenants: running.Output(t, "TenantsTable"), Connections: running.Output(t, "ConnectionsTable"), Vault: running.Output(t, "VaultTable"),
		Posts: running.Output(t, "PostsTable"), Audit: running.Output(t, "AuditTable"), Metrics: running.Output(t, "MetricsTable"),
		Idempotency: running.Output(t, "IdempotencyTable"), Media: running.Output(t, "MediaTable"),
		Health: running.Output(t, "HealthTable"),
	}}
	w.store.Tables.Comments = running.Output(t, "CommentsTable")
	w.store.Tables.Jobs = w.ownTable("jobs", running.Output(t, "JobsTable"))
	// Each world's sandbox counts its ids from the same number: a Page's id must not find another world's connection.
	w.store.Tables.Connections = w.ownTable("connections", running.Output(t, "ConnectionsTable"))
	w.store.Tables.WebhookEvents = w.ownTable("events", running.Output(t, "WebhookEventsTable"))
	w.store.Tables.Metrics = w.ownTable("metrics", running.Output(t, "MetricsTable")) // and an account's calls are counted by its id
	w.sqs = sqs.NewFromConfig(cfg)
	w.queueID = w.newQueue("q-" + w.tenant)
	w.queue = &queue.Queue{SQS: w.sqs, URLs: map[string]string{w.way.Platform.Name: w.queueID}, DLQs: map[string]string{w.way.Platform.Name: w.newQueue("dlq-" + w.tenant)}}
	w.hooks = &queue.Webhooks{SQS: w.sqs, URL: w.newQueue("hooks-" + w.tenant), DLQ: w.newQueue("hooks-dlq-" + w.tenant)}
	w.store.Tables.Loans = running.Output(t, "LoansTable")
	door := loan.Door{Store: w.store, Files: bucket.New(cfg, running.Output(t, "MediaBucket"), ""), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	w.lends = serve(door.Handler()) + "/loans"
	if way.Platform.Tells {
		ears.Config.Handler = w.hear()
		ears.Start()
	}
	w.connect(w.seed())
	w.uploadFiles()
	return w
}

// ownTable copies the deployed table's shape, so that what is due in one test is not seen by another.
func (w *world) ownTable(prefix, deployed string) string {
	w.t.Helper()
	d, err := w.store.DB.DescribeTable(w.t.Context(), &dynamodb.DescribeTableInput{TableName: &deployed})
	require.NoError(w.t, err)
	name := prefix + "-" + w.tenant
	in := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: d.Table.AttributeDefinitions, KeySchema: d.Table.KeySchema,
	}
	for _, g := range d.Table.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{IndexName: g.IndexName, KeySchema: g.KeySchema, Projection: g.Projection})
	}
	_, err = w.store.DB.CreateTable(w.t.Context(), in)
	require.NoError(w.t, err)
	return name
}

func (w *world) newQueue(name string) string {
	w.t.Helper()
	q, err := w.sqs.CreateQueue(w.t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		string(sqstypes.QueueAttributeNameVisibilityTimeout): strconv.Itoa(visibility),
	}})
	require.NoError(w.t, err)
	return *q.QueueUrl
}

// connect links an account as the callback would.
func (w *world) connect(a stage.Account) {
	w.t.Helper()
	w.page, w.person, w.version = a.ID, a.Person, id()
	require.NoError(w.t, w.link(w.tenant, w.conn, w.version, a.Data, a.Credential))
}

// consent is what the person's consent gives for a Page.
func (w *world) consent(page string) connector.Credential {
	w.t.Helper()
	credential, err := stage.MetaToken(w.t.Context(), stage.Box{URL: w.box}, w.person, page, false)
	require.NoError(w.t, err)
	return credential
}

// link makes the world's account a connection, as the connections function does.
func (w *world) link(tenant, conn, version string, data map[string]string, credential connector.Credential) error {
	w.t.Helper()
	ref := vault.Ref{Tenant: tenant, Connection: conn, Version: version}
	sealer := vault.Sealer{Keys: vault.KMS{Client: kms.NewFromConfig(w.stack.AWS()), KeyID: w.stack.Output(w.t, "TokenKey")}, Store: w.store}
	require.NoError(w.t, sealer.Seal(w.t.Context(), ref, credential, time.Now().Add(time.Hour)))
	return w.store.LinkConnection(w.t.Context(), connection.Connection{
		TenantID: tenant, ID: conn, Platform: w.way.Platform.Name, Kind: w.way.Account, Login: w.way.Login, ExternalID: w.page, Name: "Crash Cafe",
		Data: data, Subject: w.person, Status: connection.Healthy, TokenVersion: ref.Version, CreatedAt: time.Now().UnixMilli(), UpdatedAt: time.Now().UnixMilli(),
	}, connection.Event{TenantID: tenant, ConnectionID: conn, ID: "aud_" + id(), Kind: connection.EventLinked, At: time.Now().UnixMilli()})
}

func (w *world) uploadFiles() {
	w.t.Helper()
	var b bytes.Buffer
	require.NoError(w.t, jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 18, 10)), nil))
	w.files = []publish.MediaRef{
		{ID: "med_" + id(), Key: w.tenant + "/clip", Name: "clip.mp4", Type: "video/mp4", Width: 540, Height: 960, DurationMs: 3000, FrameRate: 30},
		{ID: "med_" + id(), Key: w.tenant + "/photo", Name: "photo.jpg", Type: "image/jpeg", Width: 18, Height: 10},
		{ID: "med_" + id(), Key: w.tenant + "/paper", Name: "paper.pdf", Type: "application/pdf", Pages: 1},
	}
	for i, content := range [][]byte{clip.Make(clip.Spec{Bytes: 100_000}), b.Bytes(), []byte(onePage)} {
		w.put(&w.files[i], content)
	}
}

func (w *world) put(m *publish.MediaRef, content []byte) {
	w.t.Helper()
	m.Bytes = int64(len(content))
	client := s3.NewFromConfig(w.stack.AWS(), func(o *s3.Options) { o.UsePathStyle = true })
	_, err := client.PutObject(w.t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(w.stack.Output(w.t, "MediaBucket")), Key: &m.Key, Body: bytes.NewReader(content), ContentType: &m.Type,
	})
	require.NoError(w.t, err)
}

// onePage is a PDF.
const onePage = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

// env is the function's environment as the template sets it, but with this world's queue, jobs and tap.
func (w *world) env() []string {
	t, name := w.store.Tables, strings.ToUpper(w.way.Platform.Name)
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "AWS_ENDPOINT_URL=" + w.awsURL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test",
		"AWS_SECRET_ACCESS_KEY=test", "STAGE=local", "LOG_LEVEL=debug", "PUBLIC_URL=http://localhost:1", "PLATFORMS=" + w.way.Platform.Name,
		"TENANTS_TABLE=" + t.Tenants, "CONNECTIONS_TABLE=" + t.Connections, "VAULT_TABLE=" + t.Vault, "POSTS_TABLE=" + t.Posts,
		"JOBS_TABLE=" + t.Jobs, "AUDIT_TABLE=" + t.Audit, "METRICS_TABLE=" + t.Metrics, "IDEMPOTENCY_TABLE=" + t.Idempotency, "MEDIA_TABLE=" + t.Media, "HEALTH_TABLE=" + t.Health,
		"KMS_KEY=" + w.stack.Output(w.t, "TokenKey"), "MEDIA_BUCKET=" + w.stack.Output(w.t, "MediaBucket"), name + "_SECRET=" + w.stack.Output(w.t, w.way.Platform.Secret),
		"PLATFORM=" + w.way.Platform.Name, "QUEUE=" + w.queueID, "DLQ=" + w.queue.DLQs[w.way.Platform.Name], "QUEUE_" + name + "=" + w.queueID, "ACT_FUNCTION=none",
		"WEBHOOK_EVENTS_TABLE=" + t.WebhookEvents, "COMMENTS_TABLE=" + t.Comments, "WEBHOOK_QUEUE=" + w.hooks.URL, "WEBHOOK_DLQ=" + w.hooks.DLQ,
		"LOANS_TABLE=" + t.Loans, "LOAN_URL=" + w.lends,
	}, w.way.Platform.Settings(w.boxURL)...)
}

func (w *world) read(path string, out any) {
	w.t.Helper()
	resp, err := http.Get(w.box + path) //nolint:forbidigo,noctx // the sandbox's control API, on this machine
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	require.NoError(w.t, json.NewDecoder(resp.Body).Decode(out))
}

func (w *world) control(path string, in, out any) {
	w.t.Helper()
	b, err := json.Marshal(in)
	require.NoError(w.t, err)
	resp, err := http.Post(w.box+path, "application/json", bytes.NewReader(b)) //nolint:forbidigo,noctx // the sandbox's control API, on this machine
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	require.Less(w.t, resp.StatusCode, 300, string(body))
	if out != nil {
		decode := json.NewDecoder(bytes.NewReader(body))
		require.NoError(w.t, decode.Decode(out), string(body))
	}
}

// sweep runs the sweep against this world until ctx ends, as EventBridge would, only more often. Not more than needed: each
// run reads every shard, and many worlds share one emulator.
func (w *world) sweep(ctx context.Context) {
	s := publish.Sweeper{Store: w.store, Queue: w.queue, Platforms: []string{w.way.Platform.Name}, Log: slog.New(slog.DiscardHandler), Now: time.Now}
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = s.Run(ctx) // the next one makes up for a failed one
		}
	}
}

func id() string { return strings.ToLower(ulid.Make().String()) }

func tail(s string, n int) string {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}
