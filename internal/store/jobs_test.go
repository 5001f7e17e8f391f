package store_test

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/store"
)

func newID() string { return strings.ToLower(ulid.Make().String()) }

func open(t *testing.T) (s *store.Store, tenant string) {
	t.Helper()
	stack := teststack.Open(t)
	return &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{
		Tenants: stack.Output(t, "TenantsTable"), Connections: stack.Output(t, "ConnectionsTable"), Vault: stack.Output(t, "VaultTable"),
		Posts: stack.Output(t, "PostsTable"), Jobs: stack.Output(t, "JobsTable"), Audit: stack.Output(t, "AuditTable"),
		Metrics: stack.Output(t, "MetricsTable"), Idempotency: stack.Output(t, "IdempotencyTable"), Media: stack.Output(t, "MediaTable"),
		Health:        stack.Output(t, "HealthTable"),
		WebhookEvents: stack.Output(t, "WebhookEventsTable"), Comments: stack.Output(t, "CommentsTable"),
	}}, "ten_" + newID()
}

func newPost(tenant string, at time.Time, status publish.Status) publish.Post {
	p := publish.Post{TenantID: tenant, ID: "pst_" + newID(), Text: "hello", Targets: []string{"con_a", "con_b"}, At: at.UnixMilli(), CreatedAt: at.UnixMilli()}
	for _, c := range p.Targets {
		p.Jobs = append(p.Jobs, publish.Job{
			TenantID: tenant, ID: publish.JobID(p.ID, c), PostID: p.ID, ConnectionID: c, Platform: "meta", Kind: "text", Status: status,
			DueAt: at.UnixMilli(), NextAt: at.UnixMilli(), Open: []publish.Attempt{}, Steps: map[string]publish.StepLog{}, Rev: 1,
			CreatedAt: at.UnixMilli(), UpdatedAt: at.UnixMilli(),
		})
	}
	return p
}

func audit(tenant string) publish.AuditRow {
	return publish.AuditRow{TenantID: tenant, SK: publish.AuditKey(1, newID()), Kind: publish.AuditAccepted, At: 1}
}

func create(t *testing.T, s *store.Store, p publish.Post) publish.Post {
	t.Helper()
	created, err := s.CreatePost(t.Context(), p, newID(), "h", audit(p.TenantID))
	require.NoError(t, err)
	require.True(t, created)
	return p
}

func TestOfManyClaimsOneWins(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	now := time.Now()
	job := create(t, s, newPost(tenant, now, publish.Queued)).Jobs[0]
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := s.ClaimJob(t.Context(), tenant, job.ID, strconv.Itoa(i), now, now.Add(time.Minute))
			var no *publish.Refusal
			switch {
			case err == nil:
				won.Add(1)
			case !assertRefused(err, &no) || no.Status != publish.Running:
				t.Errorf("unexpected: %v", err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int32(1), won.Load())
}

func assertRefused(err error, no **publish.Refusal) bool {
	r, ok := err.(*publish.Refusal) //nolint:errorlint // ClaimJob gives it bare
	*no = r
	return ok
}

func TestAClaimRespectsTimeLeaseAndTenant(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	now := time.Now()
	claim := func(tenant string, j publish.Job, at time.Time) (publish.Job, error) {
		return s.ClaimJob(t.Context(), tenant, j.ID, newID(), at, at.Add(time.Minute))
	}
	job := create(t, s, newPost(tenant, now.Add(time.Hour), publish.Scheduled)).Jobs[0]

	_, err := claim(tenant, job, now)
	require.ErrorContains(t, err, "not to be claimed", "not before its time")
	_, err = claim("ten_other", job, now.Add(time.Hour))
	require.ErrorContains(t, err, "not to be claimed", "not by another tenant")

	first, err := claim(tenant, job, now.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, first.Attempts)
	again, err := s.ClaimJob(t.Context(), tenant, job.ID, first.Lease, now.Add(time.Hour), now.Add(time.Hour+time.Minute))
	require.NoError(t, err, "the same worker asks again after a lost answer")
	require.Equal(t, first, again)
	_, err = claim(tenant, job, now.Add(time.Hour+59*time.Second))
	require.ErrorContains(t, err, "not to be claimed", "not while the lease lasts")
	second, err := claim(tenant, job, now.Add(time.Hour+61*time.Second))
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, []int{second.Open[0].N, second.Open[1].N}, "the dead attempt is still to be put on the trail")

	require.ErrorIs(t, s.SaveSteps(t.Context(), first, nil, ""), publish.ErrLost)
	require.ErrorIs(t, s.FinishAttempt(t.Context(), publish.Outcome{Job: first}, now), publish.ErrLost)
	second.Status = publish.Published
	require.NoError(t, s.FinishAttempt(t.Context(), publish.Outcome{Job: second}, now))
	_, err = claim(tenant, job, now.Add(3*time.Hour))
	require.ErrorContains(t, err, "published")
}

func TestAKeyMakesOnePost(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	key := newID()
	var created atomic.Int32
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			p := newPost(tenant, time.Now(), publish.Queued)
			ok, err := s.CreatePost(t.Context(), p, key, "hash", audit(tenant))
			if err != nil {
				t.Error(err)
			}
			if ok {
				created.Add(1)
				return
			}
			if _, err := s.GetPost(t.Context(), tenant, p.ID); err == nil {
				t.Error("a refused post left something behind")
			}
		})
	}
	wg.Wait()
	require.Equal(t, int32(1), created.Load())
	posts, _, err := s.ListPosts(t.Context(), tenant, publish.Filter{Limit: 25})
	require.NoError(t, err)
	require.Len(t, posts, 1)
	id, hash, err := s.PostByKey(t.Context(), tenant, key)
	require.NoError(t, err)
	require.Equal(t, posts[0].ID, id)
	require.Equal(t, "hash", hash)
}

func TestListsWalkEveryPostOnce(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	start := time.Now()
	want := map[string]publish.Status{}
	for i := range 12 {
		status := []publish.Status{publish.Scheduled, publish.Failed, publish.Held}[i%3]
		p := create(t, s, newPost(tenant, start.Add(time.Duration(i)*time.Second), status))
		want[p.ID] = status
	}
	walk := func(state string) []string {
		var ids []string
		cursor := ""
		for range 20 {
			posts, next, err := s.ListPosts(t.Context(), tenant, publish.Filter{State: state, Limit: 3, Cursor: cursor})
			require.NoError(t, err)
			for _, p := range posts {
				require.Len(t, p.Jobs, 2)
				ids = append(ids, p.ID)
			}
			if cursor = next; cursor == "" {
				return ids
			}
		}
		t.Fatal("the list never ends")
		return nil
	}
	all := walk("all")
	require.Len(t, all, 12)
	require.IsDecreasing(t, all, "newest first")
	seen := map[string]bool{}
	for _, id := range walk("needs_you") {
		seen[id] = true
		require.NotEqual(t, publish.Scheduled, want[id])
	}
	require.Len(t, seen, 8)
	require.Empty(t, walk("published"))
	other, _, err := s.ListPosts(t.Context(), "ten_other", publish.Filter{Limit: 3, Cursor: "eyJhIjoxLCJpIjoicHN0XyJ9"})
	require.NoError(t, err)
	require.Empty(t, other)
}

func TestAListLosesNothingThatChangedInOneMillisecond(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	at := time.Now()
	for range 9 {
		create(t, s, newPost(tenant, at, publish.Failed))
	}
	seen := map[string]bool{}
	cursor := ""
	for range 30 {
		posts, next, err := s.ListPosts(t.Context(), tenant, publish.Filter{State: "failed", Limit: 2, Cursor: cursor})
		require.NoError(t, err)
		for _, p := range posts {
			seen[p.ID] = true
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	require.Empty(t, cursor)
	require.Len(t, seen, 9)
}

func TestAForeignCursorIsRefused(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	_, _, err := s.ListPosts(t.Context(), tenant, publish.Filter{Limit: 3, Cursor: "!"})
	require.Equal(t, problem.InvalidRequest, problem.ClassOf(err))
	_, _, err = s.ListPosts(t.Context(), tenant, publish.Filter{Limit: 3, State: "odd"})
	require.Equal(t, problem.InvalidRequest, problem.ClassOf(err))
}

func FuzzParseCursor(f *testing.F) {
	f.Add("eyJhIjoxLCJpIjoicHN0XyJ9")
	f.Add("")
	f.Add("!")
	f.Fuzz(func(t *testing.T, in string) {
		at, id, err := store.ParseCursor(in)
		if err != nil {
			require.Equal(t, problem.InvalidRequest, problem.ClassOf(err))
			return
		}
		require.Equal(t, in == "", id == "")
		require.GreaterOrEqual(t, at, int64(0))
	})
}
