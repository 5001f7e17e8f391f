package report_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/report"
	"github.com/herald-publishing/herald/internal/store"
)

func id() string { return strings.ToLower(ulid.Make().String()) }

// world is a reader on the real store, with a platform that answers what the test says.
type world struct {
	t       *testing.T
	store   *store.Store
	reader  report.Reader
	tenant  string
	now     time.Time
	asked   int
	numbers []connector.Metric
	fails   error // what the platform says instead
	refused error // the platform is not even asked
}

func newWorld(t *testing.T) *world {
	t.Helper()
	stack := teststack.Open(t)
	w := &world{t: t, tenant: "ten_" + id(), now: time.Now().Truncate(time.Millisecond)}
	w.store = &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{Metrics: stack.Output(t, "MetricsTable")}}
	w.reader = report.Reader{Store: w.store, Desk: w, Now: func() time.Time { return w.now }}
	w.numbers = []connector.Metric{
		{Name: connector.MetricViews, Title: "Views", Value: new(int64(412)), Unit: connector.UnitCount},
		{Name: connector.MetricReach, Title: "Reach", Unit: connector.UnitCount, Note: "The platform does not give this number any more."},
	}
	return w
}

// PostMetrics implements report.Desk: the act function and the platform behind it.
func (w *world) PostMetrics(ctx context.Context, tenantID, _, job string) error {
	return w.ask(ctx, tenantID, report.PostKey(job))
}

// AccountMetrics implements report.Desk.
func (w *world) AccountMetrics(ctx context.Context, tenantID, _, connection string, days int) error {
	return w.ask(ctx, tenantID, report.AccountKey(connection, days))
}

func (w *world) ask(ctx context.Context, tenantID, key string) error {
	w.asked++
	if w.refused != nil {
		return w.refused
	}
	return errors.Join(w.fails, w.store.KeepReport(ctx, tenantID, key, w.numbers, w.fails, w.now))
}

func published() publish.Job {
	return publish.Job{ID: "pst_" + id() + ".con_" + id(), Status: publish.Published, Receipt: &connector.Receipt{ExternalID: "1_2"}}
}

func (w *world) post(j publish.Job) report.Report {
	w.t.Helper()
	r, err := w.reader.Post(w.t.Context(), w.tenant, "mem_1", j)
	require.NoError(w.t, err)
	return r
}

func TestNumbersAreAskedForWhenTheyAreOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := published()
	first := w.post(j)
	require.Equal(t, w.numbers, first.Metrics)
	require.Equal(t, w.now.UnixMilli(), first.At)
	w.now = w.now.Add(14 * time.Minute)
	require.Equal(t, first, w.post(j))
	require.Equal(t, 1, w.asked, "nobody is asked while they are fresh")
	w.now = w.now.Add(2 * time.Minute)
	*w.numbers[0].Value++
	require.Equal(t, int64(413), *w.post(j).Metrics[0].Value)
	require.Equal(t, 2, w.asked)
}

// TestOneDeadNumberTakesNoOtherWithIt: it comes without a value, with a reason, and is never zero.
func TestOneDeadNumberTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.post(published())
	require.Len(t, r.Metrics, 2)
	require.Equal(t, int64(412), *r.Metrics[0].Value)
	require.Nil(t, r.Metrics[1].Value)
	require.NotEmpty(t, r.Metrics[1].Note)
	require.Nil(t, r.Problem)
}

func TestTheLastNumbersStayWhileThePlatformIsSilent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := published()
	first := w.post(j)
	w.now = w.now.Add(time.Hour)
	w.fails = problem.New(problem.PlatformDown, "It does not work.")
	stale := w.post(j)
	require.Equal(t, first.Metrics, stale.Metrics)
	require.Equal(t, first.At, stale.At, "with their own time")
	require.Equal(t, problem.PlatformDown, stale.Problem.Class)
	w.fails = nil
	w.now = w.now.Add(59 * time.Second)
	require.NotNil(t, w.post(j).Problem)
	require.Equal(t, 2, w.asked, "it is left alone for a minute")
	w.now = w.now.Add(time.Second)
	fresh := w.post(j)
	require.Nil(t, fresh.Problem)
	require.Equal(t, w.now.UnixMilli(), fresh.At)
}

func TestAPermissionThatWasNeverGivenIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fails = problem.New(problem.PermissionMissing, "Connect it again to see numbers.")
	r, err := w.reader.Account(t.Context(), w.tenant, "mem_1", "con_1", 7)
	require.NoError(t, err)
	require.Empty(t, r.Metrics)
	require.Zero(t, r.At)
	require.Equal(t, problem.ActReconnect, r.Problem.Action.Kind)
}

// TestWhatWasRefusedBeforeThePlatformWasAskedIsTold: nothing is kept of it, and nothing is lost.
func TestWhatWasRefusedBeforeThePlatformWasAskedIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := published()
	first := w.post(j)
	w.now = w.now.Add(time.Hour)
	w.refused = problem.New(problem.AuthRevoked, "The account needs to be connected again.")
	stale := w.post(j)
	require.Equal(t, first.Metrics, stale.Metrics)
	require.Equal(t, problem.AuthRevoked, stale.Problem.Class)

	w.refused = errors.New("something of our own")
	stale = w.post(j)
	require.Equal(t, first.Metrics, stale.Metrics)
	require.Equal(t, problem.Internal, stale.Problem.Class)
	require.NotContains(t, stale.Problem.Message, "of our own")
	_, err := w.reader.Post(t.Context(), w.tenant, "mem_1", published())
	require.ErrorIs(t, err, w.refused, "with nothing to show it is a failure")
}

func TestOnlyAPublishedPostHasNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, j := range []publish.Job{{ID: "a", Status: publish.Held}, {ID: "b", Status: publish.Waiting, Receipt: &connector.Receipt{ExternalID: "1"}}, {ID: "c", Status: publish.Published}} {
		_, err := w.reader.Post(t.Context(), w.tenant, "mem_1", j)
		require.Equal(t, problem.Conflict, problem.ClassOf(err), j.ID)
	}
	require.Zero(t, w.asked)
	j := published()
	last := w.post(j)
	j.DeletedAt = w.now.UnixMilli()
	w.now = w.now.Add(24 * time.Hour)
	require.Equal(t, last, w.post(j), "what is deleted keeps its last numbers")
	require.Equal(t, 1, w.asked)
}

func TestEachReportIsItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week, err := w.reader.Account(t.Context(), w.tenant, "mem_1", "con_1", 7)
	require.NoError(t, err)
	require.Len(t, week.Metrics, 2)
	w.numbers = w.numbers[:1]
	month, err := w.reader.Account(t.Context(), w.tenant, "mem_1", "con_1", 28)
	require.NoError(t, err)
	require.Len(t, month.Metrics, 1, "another time is another report")
	w.tenant = "ten_" + id()
	other, err := w.reader.Account(t.Context(), w.tenant, "mem_1", "con_1", 7)
	require.NoError(t, err)
	require.Len(t, other.Metrics, 1)
	require.Equal(t, 3, w.asked, "another workspace's numbers are not shown")
}
