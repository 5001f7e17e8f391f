package publish_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

func operatorFault() *problem.Error {
	e := problem.New(problem.PermissionMissing, "The platform does not speak this version of its API any more.")
	e.Action = problem.Action{Kind: problem.ActOperator, Label: "Tell your operator"}
	return e
}

// told counts what the operator is told.
type told struct {
	meter
	n int
}

// OperatorFault implements publish.Meter.
func (m *told) OperatorFault(string) { m.n++ }

func TestAFaultOfTheOperatorLetsThePostWait(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	m := &told{}
	b.runner.Meter = m
	b.fails(operatorFault())
	j := b.accept(publish.NewPost{})
	var pauses []time.Duration
	for n := range 12 {
		j = b.run(j)
		require.Equal(t, publish.Waiting, j.Status)
		require.Zero(t, j.Attempts, "it is no attempt, so it cannot use them up")
		require.Equal(t, "Herald's operator must act: The platform does not speak this version of its API any more.", j.Problem.Message)
		require.Equal(t, problem.ActOperator, j.Problem.Action.Kind)
		require.Equal(t, connection.Healthy, b.status())
		require.Equal(t, n+1, m.n)
		pauses = append(pauses, time.UnixMilli(j.NextAt).Sub(b.now))
		b.now = time.UnixMilli(j.NextAt)
	}
	require.Equal(t, time.Minute, pauses[0])
	require.IsIncreasing(t, pauses[1:6])
	require.Equal(t, time.Hour, pauses[11])
	rows, err := b.store.Timeline(t.Context(), b.tenant, j.ID)
	require.NoError(t, err)
	require.Len(t, rows, 1, "the trail tells it once")
	b.fails(nil)
	require.Equal(t, publish.Published, b.run(j).Status)
}

// Nobody wants the greeting of last week: the workspace's limit for late posts holds here, too.
func TestWhatWaitedTooLongForTheOperatorDoesNotFloodOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fails(operatorFault())
	j := b.run(b.accept(publish.NewPost{}))
	b.fails(nil)
	b.now = b.now.Add(25 * time.Hour)
	j = b.run(j)
	require.Equal(t, publish.Failed, j.Status)
	require.Equal(t, "too_late", j.Problem.Code)
}

func TestALivePostDoesNotWaitForTheOperator(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		return connector.Receipt{ExternalID: "1_" + id()}, operatorFault()
	}
	j := b.run(b.accept(publish.NewPost{}))
	require.Equal(t, publish.Published, j.Status)
	require.Contains(t, j.Problem.Message, "The post is live")
}
