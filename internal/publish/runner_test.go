package publish_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/vault"
)

// scripted is a platform that answers what the test says.
type scripted struct {
	connector.Linker
	platform string
	publish  func(ctx context.Context, s connector.Session, d connector.Draft, steps connector.Steps) (connector.Receipt, error)
}

func (c *scripted) Info() connector.Info { return connector.Info{Platform: c.platform} }

// Usage reads the scripted platform's own header: percent of the account's and of the app's budget.
func (c *scripted) Usage(h http.Header) (u connector.Usage) {
	u.Account, _ = strconv.Atoi(h.Get("X-Account"))
	u.App, _ = strconv.Atoi(h.Get("X-App"))
	return u
}

func (c *scripted) Ping(context.Context, connector.Session) error { return nil }

func (c *scripted) Publish(ctx context.Context, s connector.Session, d connector.Draft, steps connector.Steps) (connector.Receipt, error) {
	return c.publish(ctx, s, d, steps)
}

type meter struct{}

func (meter) Published(string, time.Duration) {}
func (meter) Outcome(string, string)          {}
func (meter) Started(string, time.Duration)   {}
func (meter) OperatorFault(string)            {}

// bench is a runner on the real store and queue of the local AWS, with a clock that the test moves.
type bench struct {
	t         *testing.T
	store     *store.Store
	queue     *queue.Queue
	sqs       *sqs.Client
	connector *scripted
	runner    *publish.Runner
	service   *publish.Service
	sealer    vault.Sealer
	tenant    string
	conn      string
	now       time.Time
}

func id() string { return strings.ToLower(ulid.Make().String()) }

func newBench(t *testing.T) *bench {
	t.Helper()
	stack := teststack.Open(t)
	b := &bench{t: t, tenant: "ten_" + id(), conn: "con_" + id(), now: time.Now().Truncate(time.Millisecond)}
	b.connector = &scripted{platform: "platform-" + b.tenant} // its state is shared by all tenants, so each test has its own
	b.store = &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{
		Tenants: stack.Output(t, "TenantsTable"), Connections: stack.Output(t, "ConnectionsTable"), Vault: stack.Output(t, "VaultTable"),
		Posts: stack.Output(t, "PostsTable"), Jobs: stack.Output(t, "JobsTable"), Audit: stack.Output(t, "AuditTable"),
		Metrics: stack.Output(t, "MetricsTable"), Idempotency: stack.Output(t, "IdempotencyTable"), Media: stack.Output(t, "MediaTable"),
		Health: stack.Output(t, "HealthTable"),
	}}
	b.sqs = sqs.NewFromConfig(stack.AWS())
	b.queue = &queue.Queue{SQS: b.sqs, URLs: map[string]string{b.connector.platform: b.newQueue("q-")}, DLQs: map[string]string{b.connector.platform: b.newQueue("d-")}}
	keys := vault.KMS{Client: kms.NewFromConfig(stack.AWS()), KeyID: stack.Output(t, "TokenKey")}
	clock := func() time.Time { return b.now }
	flags := &publish.Flags{Load: b.store.PlatformOff, Now: clock}
	b.runner = &publish.Runner{
		Store: b.store, Flags: flags, Queue: b.queue, Door: publish.Door{Store: b.store, Opener: vault.Opener{Keys: keys}},
		Pace: &publish.Pace{Store: b.store, Now: clock}, HTTP: &http.Client{},
		Lateness: b.store.Lateness, Renewer: &connection.Renewer{
			Store: b.store, Opener: vault.Opener{Keys: keys}, Sealer: vault.Sealer{Keys: keys, Store: b.store}, Now: clock, NewID: id,
			Connectors: map[string]connector.Connector{b.connector.platform: b.connector}, Log: slog.New(slog.DiscardHandler), Meter: meter{},
		},
		Meter: meter{}, Connector: b.connector, Log: slog.New(slog.DiscardHandler), Now: clock, NewID: id,
		WaitUntil: func(_ context.Context, at time.Time) error {
			if at.After(b.now) {
				b.now = at
			}
			return nil
		},
		Jitter: func(d time.Duration) time.Duration { return d },
	}
	b.service = &publish.Service{
		Store: b.store, Flags: flags, Queue: b.queue, Log: slog.New(slog.DiscardHandler), Now: clock, NewID: id, Lateness: b.store.Lateness,
		Infos: map[string]connector.Info{b.connector.platform: {Platform: b.connector.platform, Accounts: []connector.AccountKind{page()}}},
	}
	b.sealer = vault.Sealer{Keys: keys, Store: b.store}
	b.link(b.sealer)
	return b
}

func (b *bench) newQueue(prefix string) string {
	b.t.Helper()
	name := prefix + b.tenant
	q, err := b.sqs.CreateQueue(b.t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	require.NoError(b.t, err)
	return *q.QueueUrl
}

func (b *bench) link(sealer vault.Sealer) {
	b.t.Helper()
	ref := vault.Ref{Tenant: b.tenant, Connection: b.conn, Version: id()}
	require.NoError(b.t, sealer.Seal(b.t.Context(), ref, connector.Credential{Access: connector.NewSecret("token-" + ref.Version)}, b.now.Add(time.Hour)))
	require.NoError(b.t, b.store.LinkConnection(b.t.Context(), connection.Connection{
		TenantID: b.tenant, ID: b.conn, Platform: b.connector.platform, Kind: "page", ExternalID: "1", Name: "Cafe", Status: connection.Healthy, TokenVersion: ref.Version, UpdatedAt: b.now.UnixMilli(),
	}, connection.Event{TenantID: b.tenant, ConnectionID: b.conn, ID: "aud_" + id(), Kind: connection.EventLinked, At: b.now.UnixMilli()}))
}

func (b *bench) author() publish.Author {
	return publish.Author{TenantID: b.tenant, MemberID: "mem_1", Name: "Ada", Zone: "Europe/Berlin"}
}

func (b *bench) accept(in publish.NewPost) publish.Job {
	b.t.Helper()
	if in.Text == "" {
		in.Text = "hello"
	}
	in.Targets = []publish.Target{{ConnectionID: b.conn}}
	p, replayed, err := b.service.Accept(b.t.Context(), b.author(), id(), in)
	require.NoError(b.t, err)
	require.False(b.t, replayed)
	return p.Jobs[0]
}

func (b *bench) run(j publish.Job) publish.Job {
	b.t.Helper()
	require.NoError(b.t, b.runner.Run(b.t.Context(), publish.Message{Tenant: b.tenant, Job: j.ID}))
	return b.get(j)
}

func (b *bench) get(j publish.Job) publish.Job {
	b.t.Helper()
	got, err := b.store.GetJob(b.t.Context(), b.tenant, j.ID)
	require.NoError(b.t, err)
	return got
}

func (b *bench) fails(err error) {
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		return connector.Receipt{}, err
	}
}

// dead reads the reasons on the dead-letter queue.
func (b *bench) dead() []string {
	b.t.Helper()
	var reasons []string
	r, err := b.sqs.ReceiveMessage(b.t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: new(b.queue.DLQs[b.connector.platform]), MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameAll},
	})
	require.NoError(b.t, err)
	for _, m := range r.Messages {
		require.NotEmpty(b.t, *m.MessageAttributes["sentence"].StringValue)
		reasons = append(reasons, *m.MessageAttributes["reason"].StringValue)
	}
	return reasons
}

func TestRunPublishesWithTheOpenedToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connector.publish = func(_ context.Context, s connector.Session, d connector.Draft, _ connector.Steps) (connector.Receipt, error) {
		require.True(t, strings.HasPrefix(s.Credential.Access.Reveal(), "token-"))
		require.Equal(t, "hello", d.Text)
		return connector.Receipt{ExternalID: "1_2", Permalink: "https://example.com/1_2"}, nil
	}
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Published, j.Status)
	require.Equal(t, "1_2", j.Receipt.ExternalID)
	rows, err := b.store.Timeline(t.Context(), b.tenant, j.ID)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Equal(t, publish.AuditPublished, rows[0].Kind)
	hours, err := b.store.Metrics(t.Context(), b.tenant, b.connector.platform, b.now, b.now)
	require.NoError(t, err)
	require.Equal(t, int64(1), hours[0].Published)

	again := b.run(j) // a second message is harmless
	require.Equal(t, j, again)
}

// TestEachClassHasItsOutcome is design section 5's table.
func TestEachClassHasItsOutcome(t *testing.T) {
	t.Parallel()
	for class, want := range map[problem.Class]struct {
		status  publish.Status
		conn    connection.Status
		back    time.Duration // until the next attempt
		counted bool          // as an attempt
	}{
		problem.AuthExpired:       {publish.Blocked, connection.Blocked, 15 * time.Minute, false},
		problem.AuthRevoked:       {publish.Blocked, connection.Blocked, 15 * time.Minute, false},
		problem.PermissionMissing: {publish.Blocked, connection.Blocked, 15 * time.Minute, false},
		problem.RateLimited:       {publish.Waiting, connection.Healthy, 90 * time.Second, false},
		problem.Transient:         {publish.Waiting, connection.Healthy, 4 * time.Second, true},
		problem.PlatformDown:      {publish.Waiting, connection.Healthy, 4 * time.Second, true},
		problem.Unclassified:      {publish.Waiting, connection.Healthy, 4 * time.Second, true},
		problem.Internal:          {publish.Waiting, connection.Healthy, 4 * time.Second, true},
		problem.InvalidContent:    {publish.Failed, connection.Healthy, 0, true},
		problem.PolicyBlocked:     {publish.Failed, connection.Healthy, 0, true},
		problem.Duplicate:         {publish.Failed, connection.Healthy, 0, true},
		problem.NotFound:          {publish.Failed, connection.Healthy, 0, true},
	} {
		t.Run(string(class), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			e := problem.New(class, "A sentence.")
			if class == problem.RateLimited {
				e.RetryAfter = 90 * time.Second
			}
			b.fails(e)
			j := b.run(b.accept(publish.NewPost{}))
			require.Equal(t, want.status, j.Status)
			require.Equal(t, class, j.Problem.Class)
			require.Equal(t, "A sentence.", j.Problem.Message)
			require.NotEmpty(t, j.Problem.Action.Kind)
			require.Equal(t, want.counted, j.Attempts == 1)
			if want.back > 0 {
				require.Equal(t, b.now.Add(want.back).UnixMilli(), j.NextAt)
			}
			c, _, err := b.store.Connection(t.Context(), b.tenant, b.conn)
			require.NoError(t, err)
			require.Equal(t, want.conn, c.Status)
			rows, err := b.store.Timeline(t.Context(), b.tenant, j.ID)
			require.NoError(t, err)
			require.Len(t, rows, 1)
			require.Equal(t, class, rows[0].Problem.Class)
		})
	}
}

func TestRetriesAreBoundedAndEndOnTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	for class, want := range map[problem.Class]struct {
		attempts int
		reason   string
	}{
		problem.Transient:    {8, "retries_used_up"},
		problem.PlatformDown: {12, "retries_used_up"},
		problem.Unclassified: {2, "unclassified"},
	} {
		t.Run(string(class), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			calls := 0
			b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
				calls++
				return connector.Receipt{}, problem.New(class, "No.")
			}
			j := b.accept(publish.NewPost{})
			for range 100 {
				if j = b.run(j); j.Status.Final() {
					break
				}
				b.now = time.UnixMilli(j.NextAt)
			}
			require.Equal(t, publish.Failed, j.Status)
			require.Equal(t, want.attempts, calls)
			require.Equal(t, []string{want.reason}, b.dead())

			b.now = b.now.Add(time.Hour) // the breaker has closed
			retried, err := b.service.Retry(t.Context(), b.author(), j.ID)
			require.NoError(t, err)
			require.Equal(t, publish.Queued, retried.Status)
			b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
				return connector.Receipt{ExternalID: "1"}, nil
			}
			require.Equal(t, publish.Published, b.run(retried).Status)
		})
	}
}

func TestAHeldJobWaitsForAPersonsWord(t *testing.T) {
	t.Parallel()
	runs := 0
	doubt := func(ctx context.Context, _ connector.Session, _ connector.Draft, steps connector.Steps) (connector.Receipt, error) {
		v, err := steps.Do(ctx, connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) {
			if runs++; runs == 1 {
				return nil, problem.New(problem.Transient, "The answer was lost.")
			}
			return connector.Values{"id": "again"}, nil
		}})
		return connector.Receipt{ExternalID: v["id"]}, err
	}
	held := func(t *testing.T) (*bench, publish.Job) {
		t.Helper()
		b := newBench(t)
		b.connector.publish = doubt
		j := b.run(b.accept(publish.NewPost{}))
		require.Equal(t, publish.Waiting, j.Status)
		_, err := b.service.CancelJob(t.Context(), b.author(), j.ID)
		require.Equal(t, problem.Conflict, problem.ClassOf(err), "what may be live cannot be called cancelled")
		b.now = time.UnixMilli(j.NextAt)
		j = b.run(j)
		require.Equal(t, publish.Held, j.Status)
		require.Equal(t, problem.ActDecide, j.Problem.Action.Kind)
		return b, j
	}

	b, j := held(t)
	j, err := b.service.ItIsThere(t.Context(), b.author(), j.ID, connector.Receipt{ExternalID: "9"})
	require.NoError(t, err)
	require.Equal(t, publish.Published, j.Status)
	require.Equal(t, 1, runs)

	runs = 0
	b, j = held(t)
	j, err = b.service.PostAgain(t.Context(), b.author(), j.ID)
	require.NoError(t, err)
	j = b.run(j)
	require.Equal(t, publish.Published, j.Status)
	require.Equal(t, "again", j.Receipt.ExternalID)
}

func TestAPostThatMayBeLiveIsNeverCalledFailed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connector.publish = func(ctx context.Context, _ connector.Session, _ connector.Draft, steps connector.Steps) (connector.Receipt, error) {
		_, err := steps.Do(ctx, connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) {
			return nil, problem.New(problem.Transient, "The answer was lost.")
		}})
		return connector.Receipt{}, err
	}
	j := b.run(b.accept(publish.NewPost{}))
	require.NoError(t, b.store.Disconnect(t.Context(), b.tenant, b.conn, connection.Event{TenantID: b.tenant, ConnectionID: b.conn, ID: "aud_" + id(), Kind: connection.EventDisconnected, At: b.now.UnixMilli()}))
	b.now = time.UnixMilli(j.NextAt)
	require.Equal(t, publish.Held, b.run(j).Status)
}

func TestAWorkerThatLostItsLeaseChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.accept(publish.NewPost{})
	b.connector.publish = func(ctx context.Context, _ connector.Session, _ connector.Draft, _ connector.Steps) (connector.Receipt, error) {
		_, err := b.store.ClaimJob(ctx, b.tenant, j.ID, "another", b.now.Add(2*time.Minute), b.now.Add(3*time.Minute))
		require.NoError(t, err)
		return connector.Receipt{ExternalID: "late"}, nil
	}
	got := b.run(j)
	require.Equal(t, publish.Running, got.Status)
	require.Equal(t, "another", got.Lease)
	rows, err := b.store.Timeline(t.Context(), b.tenant, j.ID)
	require.NoError(t, err)
	require.Empty(t, rows)
}

func TestTwoJobsNeverTakeOnePostForTheirs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connector.publish = func(ctx context.Context, _ connector.Session, d connector.Draft, _ connector.Steps) (connector.Receipt, error) {
		claimed, err := d.Claimed(ctx, "1_2")
		require.NoError(t, err)
		return connector.Receipt{ExternalID: "1_2", Data: map[string]string{"claimed": strconv.FormatBool(claimed)}}, nil
	}
	first, second := b.run(b.accept(publish.NewPost{})), b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Published, first.Status)
	require.Equal(t, "false", first.Receipt.Data["claimed"])
	require.Equal(t, publish.Held, second.Status)
	require.Nil(t, second.Receipt)
	_, err := b.service.ItIsThere(t.Context(), b.author(), second.ID, connector.Receipt{ExternalID: "1_2"})
	require.Equal(t, problem.Conflict, problem.ClassOf(err), "nor by hand")
	resolved, err := b.service.ItIsThere(t.Context(), b.author(), second.ID, connector.Receipt{ExternalID: "1_3"})
	require.NoError(t, err)
	require.Equal(t, publish.Published, resolved.Status)
}

// TestWhoLostAPostToAnotherJobPostsAgain: both adopted the same post, so what made it is in doubt for the one that lost.
func TestWhoLostAPostToAnotherJobPostsAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	next, runs := "1_2", 0
	b.connector.publish = func(ctx context.Context, _ connector.Session, _ connector.Draft, steps connector.Steps) (connector.Receipt, error) {
		v, err := steps.Do(ctx, connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) {
			runs++
			return connector.Values{"id": next}, nil
		}})
		return connector.Receipt{ExternalID: v["id"]}, err
	}
	require.Equal(t, publish.Published, b.run(b.accept(publish.NewPost{})).Status)
	second := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Held, second.Status)
	require.Equal(t, "feed", second.InDoubt)
	next = "1_3"
	_, err := b.service.PostAgain(t.Context(), b.author(), second.ID)
	require.NoError(t, err)
	second = b.run(second)
	require.Equal(t, publish.Published, second.Status)
	require.Equal(t, "1_3", second.Receipt.ExternalID)
	require.Equal(t, 3, runs)
}

func TestAnEarlyMessageComesBackInTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fails(nil)
	j := b.accept(publish.NewPost{PublishAt: b.now.Add(10 * time.Minute)})
	require.NoError(t, b.runner.Run(t.Context(), publish.Message{Tenant: b.tenant, Job: j.ID}))
	require.Equal(t, publish.Queued, b.get(j).Status)
	b.now = b.now.Add(10*time.Minute - 700*time.Millisecond) // the queue counts in whole seconds
	due := j.Due()
	require.NoError(t, b.runner.Run(t.Context(), publish.Message{Tenant: b.tenant, Job: j.ID, At: j.DueAt}))
	require.Equal(t, publish.Published, b.get(j).Status)
	require.Equal(t, due, b.now.UTC(), "at its millisecond, not before")
}

func TestASwitchedOffPlatformLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fails(nil)
	j := b.accept(publish.NewPost{})
	require.NoError(t, b.store.SetPlatformOff(t.Context(), b.tenant, b.connector.platform, true))
	b.now = b.now.Add(time.Minute)
	j = b.run(j)
	require.Equal(t, publish.Waiting, j.Status)
	require.Zero(t, j.Attempts)
	violations, err := b.service.Check(t.Context(), b.author(), publish.NewPost{Text: "a", Targets: []publish.Target{{ConnectionID: b.conn}}})
	require.NoError(t, err)
	require.Len(t, violations, 1)
	require.NoError(t, b.store.SetPlatformOff(t.Context(), b.tenant, b.connector.platform, false))
	b.now = time.UnixMilli(j.NextAt)
	require.Equal(t, publish.Published, b.run(j).Status)
}

func TestABlockedAccountParksItsJobsUntilItIsHealed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fails(problem.New(problem.AuthRevoked, "Access was taken back."))
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Blocked, j.Status)
	calls := 0
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		calls++
		return connector.Receipt{ExternalID: "1"}, nil
	}
	b.now = time.UnixMilli(j.NextAt)
	j = b.run(j) // the sweep looks whether it is healed
	require.Equal(t, publish.Blocked, j.Status)
	require.Zero(t, calls, "a blocked account is not called")
	rows, err := b.store.Timeline(t.Context(), b.tenant, j.ID)
	require.NoError(t, err)
	require.Len(t, rows, 1, "looking again is no news")

	b.link(b.sealer)
	require.NoError(t, b.service.Resume(t.Context(), b.tenant, b.conn, "", publish.ResumeKeepTimes))
	j = b.get(j)
	require.Equal(t, publish.Queued, j.Status)
	require.Equal(t, publish.Published, b.run(j).Status)
	require.Equal(t, 1, calls)
}

func TestAPanickingConnectorIsARetry(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		panic(fmt.Sprint(http.NoBody))
	}
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Waiting, j.Status)
	require.Equal(t, 1, j.Attempts)
}
