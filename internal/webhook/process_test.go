package webhook_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	inbox "github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/vault"
	"github.com/herald-publishing/herald/internal/webhook"
)

// world is a workspace on the stack's tables with queues of its own, so that nothing but the test applies its events.
type world struct {
	t      *testing.T
	store  *store.Store
	queue  *queue.Webhooks
	jobs   *queue.Queue
	tenant string
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s := teststack.Open(t)
	w := &world{t: t, tenant: "ten_" + newID(), now: time.Now().Add(48 * time.Hour)} // beyond the reach of the stack's own sweep
	w.store = &store.Store{DB: dynamodb.NewFromConfig(s.AWS()), Tables: store.Tables{
		Connections: s.Output(t, "ConnectionsTable"), Vault: s.Output(t, "VaultTable"), Audit: s.Output(t, "AuditTable"),
		WebhookEvents: s.Output(t, "WebhookEventsTable"), Comments: s.Output(t, "CommentsTable"),
		Jobs: s.Output(t, "JobsTable"), Posts: s.Output(t, "PostsTable"), Idempotency: s.Output(t, "IdempotencyTable"), Metrics: s.Output(t, "MetricsTable"),
		Loans: s.Output(t, "LoansTable"),
	}}
	client := sqs.NewFromConfig(s.AWS())
	create := func(name string) string {
		q, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
		require.NoError(t, err)
		return *q.QueueUrl
	}
	w.queue = &queue.Webhooks{SQS: client, URL: create("w-" + w.tenant), DLQ: create("wd-" + w.tenant)}
	w.jobs = &queue.Queue{SQS: client, URLs: map[string]string{"meta": create("wj-" + w.tenant)}}
	return w
}

func newID() string { return strings.ToLower(ulid.Make().String()) }

func (w *world) processor() *webhook.Processor {
	return &webhook.Processor{
		Store: w.store, Queue: w.queue, Now: w.clock, NewID: newID, Log: slog.New(slog.DiscardHandler),
		Posts: &publish.Teller{Store: w.store, Queue: w.jobs, Now: w.clock, NewID: newID, Log: slog.New(slog.DiscardHandler)},
		Login: func(string, string) (connector.Login, bool) {
			return connector.Login{Scopes: []connector.Scope{{Name: "write", Feature: "publish"}, {Name: "numbers", Feature: "report"}}}, true
		},
	}
}

func (w *world) service() *webhook.Service {
	return &webhook.Service{Store: w.store, Queue: w.queue, Platforms: []string{"meta"}, Now: w.clock, NewID: newID, Log: slog.New(slog.DiscardHandler)}
}

func (w *world) clock() time.Time { return w.now }

func (w *world) link() connection.Connection {
	w.t.Helper()
	c := connection.Connection{
		TenantID: w.tenant, ID: "con_" + newID(), Platform: "meta", Kind: "facebook_page", ExternalID: newID(), Subject: newID(), Name: "Cafe Ada",
		Status: connection.Healthy, TokenVersion: newID(), Scopes: []string{"write", "numbers", "odd"}, CreatedAt: 1, UpdatedAt: 1,
	}
	ref := vault.Ref{Tenant: w.tenant, Connection: c.ID, Version: c.TokenVersion}
	require.NoError(w.t, w.store.PutSealed(w.t.Context(), vault.Sealed{Ref: ref, Ciphertext: []byte("x"), Nonce: []byte("n"), DataKey: []byte("k")}, time.Now().Add(time.Hour)))
	require.NoError(w.t, w.store.LinkConnection(w.t.Context(), c, connection.Event{TenantID: w.tenant, ConnectionID: c.ID, ID: "aud_" + newID(), Kind: connection.EventLinked, At: 1}))
	return c
}

func (w *world) put(c connection.Connection, kind connector.WebhookKind, comment ...connector.CommentChange) webhook.Event {
	w.t.Helper()
	id := webhook.EventID("meta", newID(), c.ID)
	e := webhook.Event{
		Source: webhook.SourceOf("meta", id), ID: id, Platform: "meta", TenantID: w.tenant, ConnectionID: c.ID, Kind: kind, State: webhook.Received,
		At: w.now.UnixMilli(), ReceivedAt: w.now.UnixMilli(), AttendAt: w.now.Add(time.Minute).UnixMilli(),
	}
	for _, c := range comment {
		e.Comment = &c
	}
	_, err := w.store.PutEvent(w.t.Context(), e)
	require.NoError(w.t, err)
	return e
}

func (w *world) event(id string) webhook.Event {
	w.t.Helper()
	e, found, err := w.store.Event(w.t.Context(), "meta", id)
	require.NoError(w.t, err)
	require.True(w.t, found)
	return e
}

func (w *world) messages(url string) int {
	w.t.Helper()
	r, err := w.queue.SQS.ReceiveMessage(w.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
	require.NoError(w.t, err)
	return len(r.Messages)
}

// TestWhatCannotBeAppliedWaitsForAPerson gives an event that says comment and carries none.
func TestWhatCannotBeAppliedWaitsForAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.put(w.link(), connector.WebhookComment)
	m := webhook.Message{Platform: "meta", Events: []string{e.ID}}
	for n := 1; n < 5; n++ {
		require.NoError(t, w.processor().Run(t.Context(), m), "the message is done with, the row comes back by itself")
		got := w.event(e.ID)
		require.Equal(t, webhook.Received, got.State)
		require.Equal(t, n, got.Attempts)
		require.Equal(t, w.now.Add(time.Minute<<(n-1)).UnixMilli(), got.AttendAt)
	}
	require.Zero(t, w.messages(w.queue.DLQ))
	require.NoError(t, w.processor().Run(t.Context(), m))
	got := w.event(e.ID)
	require.Equal(t, webhook.Failed, got.State)
	require.NotEmpty(t, got.Reason)
	require.Equal(t, 1, w.messages(w.queue.DLQ))

	n, more, err := w.service().ReplaySince(t.Context(), w.tenant, "mem_x", w.now.Add(-time.Minute))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, more)
	require.Equal(t, webhook.Received, w.event(e.ID).State)
	require.Equal(t, 1, w.messages(w.queue.URL))
	n, _, err = w.service().ReplaySince(t.Context(), w.tenant, "mem_x", w.now.Add(-time.Minute))
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = w.service().Get(t.Context(), "ten_"+newID(), e.ID)
	require.Error(t, err, "another workspace's")
}

// TestOnlyANeededPermissionBlocks takes back an optional permission, one that Herald never asks for, and a needed one.
func TestOnlyANeededPermissionBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	lose := func(permission string) (webhook.Event, connection.Connection) {
		e := w.put(c, connector.WebhookPermissionChanged)
		e.ID = webhook.EventID("meta", newID(), c.ID)
		e.Source, e.Permission = webhook.SourceOf("meta", e.ID), &connector.PermissionChange{Name: permission, Revoked: true}
		_, err := w.store.PutEvent(t.Context(), e)
		require.NoError(t, err)
		for range 2 { // delivered twice
			require.NoError(t, w.processor().Run(t.Context(), webhook.Message{Platform: "meta", Events: []string{e.ID}}))
		}
		now, _, err := w.store.Connection(t.Context(), c.TenantID, c.ID)
		require.NoError(t, err)
		return w.event(e.ID), now
	}
	e, now := lose("numbers")
	require.Equal(t, webhook.Processed, e.State)
	require.Equal(t, connection.Healthy, now.Status)
	require.Equal(t, []string{"write", "odd"}, now.Scopes)
	trail, err := w.store.AuditTrail(t.Context(), c.TenantID, c.ID, "", 10)
	require.NoError(t, err)
	require.Len(t, trail, 2, "linked, and the lost permission once")
	require.Equal(t, connection.EventPermission, trail[0].Kind)
	require.Contains(t, trail[0].Message, "numbers")
	e, now = lose("odd")
	require.Equal(t, webhook.Ignored, e.State)
	require.Equal(t, connection.Healthy, now.Status)
	_, now = lose("write")
	require.Equal(t, connection.Blocked, now.Status)
	require.Contains(t, now.Reason, "write")
}

// slow lets something happen between a worker's look at the connection and its write.
type slow struct {
	*store.Store
	meanwhile func()
}

func (s slow) ApplyComment(ctx context.Context, e webhook.Event, now time.Time) (bool, error) {
	s.meanwhile()
	return s.Store.ApplyComment(ctx, e, now)
}

func TestACommentThatRacesADeletionLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.link()
	comment := w.put(c, connector.WebhookComment, connector.CommentChange{ID: "1_9", Verb: connector.CommentAdd, Text: "hello"})
	deletion := w.put(c, connector.WebhookDataDeletion)
	p := w.processor()
	p.Store = slow{w.store, func() {
		require.NoError(t, w.processor().Run(t.Context(), webhook.Message{Platform: "meta", Events: []string{deletion.ID}}))
	}}
	require.NoError(t, p.Run(t.Context(), webhook.Message{Platform: "meta", Events: []string{comment.ID}}))
	require.Equal(t, webhook.Processed, w.event(deletion.ID).State)
	require.Equal(t, webhook.Ignored, w.event(comment.ID).State)
	left, _, err := w.store.Comments(t.Context(), w.tenant, inbox.Filter{ConnectionID: c.ID}, "", 10)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestTheDoorKnowsItsPaths(t *testing.T) {
	t.Parallel()
	door := webhook.Door{Log: slog.New(slog.DiscardHandler)}
	for _, r := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/nobody", 404},
		{http.MethodPost, "/nobody", 404},
		{http.MethodPost, "/nobody/deauthorize", 404},
		{http.MethodPut, "/meta", 405},
		{http.MethodGet, "/", 404},
		{http.MethodGet, "/nobody/deletion/x", 404},
	} {
		out := httptest.NewRecorder()
		door.Handler().ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), r.method, r.path, nil))
		require.Equal(t, r.status, out.Code, r.path)
	}
}
