package publish_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// disk is what survives a crash: the journal as it was last saved.
type disk struct {
	job   publish.Job
	saves int
	now   time.Time
}

func newDisk() *disk {
	return &disk{now: time.UnixMilli(1_790_000_000_000), job: publish.Job{Steps: map[string]publish.StepLog{}}}
}

// attempt is a fresh process that finds what is on the disk.
func (d *disk) attempt() *publish.Journal {
	return publish.NewJournal(d.job, func() time.Time { return d.now }, func(_ context.Context, s map[string]publish.StepLog, doubt string) error {
		d.saves++
		d.job.Steps, d.job.InDoubt = s, doubt
		return nil
	})
}

// conclude is the write that ends an attempt.
func (d *disk) conclude(j *publish.Journal) { d.job.Steps, d.job.InDoubt = j.Steps(), j.InDoubt() }

func lost() error { return problem.New(problem.Transient, "The connection broke.") }

func TestJournalGivesTheStoredResultOfAFinishedStep(t *testing.T) {
	t.Parallel()
	d, runs := newDisk(), 0
	step := connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) {
		runs++
		return connector.Values{"id": "1"}, nil
	}}
	j := d.attempt()
	_, err := j.Do(t.Context(), step)
	require.NoError(t, err)
	d.conclude(j)
	v, err := d.attempt().Do(t.Context(), step)
	require.NoError(t, err)
	require.Equal(t, connector.Values{"id": "1"}, v)
	require.Equal(t, 1, runs)
}

// A long step may follow, and the worker may die in it: the session it goes on with must be there.
func TestJournalSavesADurableStepAtOnce(t *testing.T) {
	t.Parallel()
	for _, durable := range []bool{false, true} {
		d, runs := newDisk(), 0
		step := connector.Step{Name: "session", Repeatable: true, Durable: durable, Run: func(context.Context) (connector.Values, error) {
			runs++
			return connector.Values{"id": "1"}, nil
		}}
		for range 2 { // the first worker dies right after the step
			v, err := d.attempt().Do(t.Context(), step)
			require.NoError(t, err)
			require.Equal(t, connector.Values{"id": "1"}, v)
		}
		require.Equal(t, map[bool]int{false: 2, true: 1}[durable], runs)
	}
	away := errors.New("the store is away")
	j := publish.NewJournal(publish.Job{}, time.Now, func(context.Context, map[string]publish.StepLog, string) error { return away })
	_, err := j.Do(t.Context(), connector.Step{Name: "session", Repeatable: true, Durable: true, Run: func(context.Context) (connector.Values, error) { return nil, nil }})
	require.ErrorIs(t, err, away)
}

func TestJournalWritesAStepDownBeforeItRuns(t *testing.T) {
	t.Parallel()
	d := newDisk()
	_, err := d.attempt().Do(t.Context(), connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) {
		require.NotZero(t, d.job.Steps["feed"].StartedAt, "the start must be on the disk when the call goes out")
		require.Equal(t, "feed", d.job.InDoubt)
		return connector.Values{}, nil
	}})
	require.NoError(t, err)
}

func TestJournalRunsNothingWhenItCannotBeSaved(t *testing.T) {
	t.Parallel()
	j := publish.NewJournal(publish.Job{}, time.Now, func(context.Context, map[string]publish.StepLog, string) error { return publish.ErrLost })
	_, err := j.Do(t.Context(), connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) {
		t.Error("ran although the lease is lost")
		return nil, nil
	}})
	require.ErrorIs(t, err, publish.ErrLost)
}

func TestJournalRepeatsARepeatableStep(t *testing.T) {
	t.Parallel()
	d, runs := newDisk(), 0
	step := connector.Step{Name: "photo", Repeatable: true, Run: func(context.Context) (connector.Values, error) {
		runs++
		return connector.Values{"id": "9"}, nil
	}}
	_, err := d.attempt().Do(t.Context(), step)
	require.NoError(t, err)
	require.Zero(t, d.saves, "a repeatable step costs no write of its own")
	_, err = d.attempt().Do(t.Context(), step) // the first process died before anything was saved
	require.NoError(t, err)
	require.Equal(t, 2, runs)
}

func TestJournalAsksThePlatformAboutALostAnswer(t *testing.T) {
	t.Parallel()
	d, runs := newDisk(), 0
	found := connector.Unknown
	step := connector.Step{
		Name: "feed", Settle: 5 * time.Second,
		Run: func(context.Context) (connector.Values, error) {
			if runs++; runs == 1 {
				return nil, lost()
			}
			return connector.Values{"id": "second"}, nil
		},
		Find: func(context.Context, time.Time) (connector.Values, connector.Found, error) {
			return connector.Values{"id": "found"}, found, nil
		},
	}
	attempt := func() (connector.Values, error) {
		j := d.attempt()
		v, err := j.Do(t.Context(), step)
		d.conclude(j)
		return v, err
	}
	waits := func(left time.Duration) {
		t.Helper()
		_, err := attempt()
		var w *connector.WaitError
		require.ErrorAs(t, err, &w)
		require.Equal(t, left, w.For)
		require.Equal(t, 1, runs, "never again without certainty")
	}

	_, err := attempt()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	require.Equal(t, "feed", d.job.InDoubt)
	d.now = d.now.Add(2 * time.Second)
	waits(3 * time.Second) // the platform needs its time

	d.now = d.now.Add(3 * time.Second)
	_, err = attempt()
	require.ErrorIs(t, err, publish.ErrHeld)

	found = connector.Absent
	waits(5 * time.Second) // absent once is not enough
	d.now = d.now.Add(4 * time.Second)
	waits(time.Second) // too soon to count as the second time
	d.now = d.now.Add(time.Second)
	v, err := attempt()
	require.NoError(t, err)
	require.Equal(t, connector.Values{"id": "second"}, v)
	require.Equal(t, 2, runs)
	require.Empty(t, d.job.InDoubt)
}

func TestJournalGivesEveryTryItsTimeToSettle(t *testing.T) {
	t.Parallel()
	d, asked := newDisk(), 0
	step := connector.Step{
		Name: "feed", Settle: 5 * time.Second,
		Run: func(context.Context) (connector.Values, error) { return nil, lost() },
		Find: func(_ context.Context, since time.Time) (connector.Values, connector.Found, error) {
			asked++
			require.Equal(t, int64(1_790_000_000_000), since.UnixMilli(), "an earlier try may still turn up")
			return nil, connector.Absent, nil
		},
	}
	attempt := func() error {
		j := d.attempt()
		_, err := j.Do(t.Context(), step)
		d.conclude(j)
		return err
	}
	for range 2 { // the first try, then the second after two absents
		require.Equal(t, problem.Transient, problem.ClassOf(attempt()))
		before := asked
		var w *connector.WaitError
		require.ErrorAs(t, attempt(), &w)
		require.Equal(t, 5*time.Second, w.For)
		require.Equal(t, before, asked, "not asked before the platform had its time")
		d.now = d.now.Add(5 * time.Second)
		require.ErrorAs(t, attempt(), &w)
		d.now = d.now.Add(5 * time.Second)
	}
}

func TestJournalAdoptsWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, class := range map[string]problem.Class{"answer lost": problem.Transient, "platform says duplicate": problem.Duplicate} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, runs := newDisk(), 0
			step := connector.Step{
				Name: "feed",
				Run: func(context.Context) (connector.Values, error) {
					runs++
					return nil, problem.New(class, "no")
				},
				Find: func(context.Context, time.Time) (connector.Values, connector.Found, error) {
					return connector.Values{"id": "found"}, connector.Present, nil
				},
			}
			j := d.attempt()
			v, err := j.Do(t.Context(), step)
			d.conclude(j)
			if class == problem.Transient {
				require.Error(t, err)
				v, err = d.attempt().Do(t.Context(), step)
			}
			require.NoError(t, err)
			require.Equal(t, connector.Values{"id": "found"}, v)
			require.Equal(t, 1, runs)
		})
	}
}

func TestJournalRunsAgainWhatWasRefusedForCertain(t *testing.T) {
	t.Parallel()
	d, runs := newDisk(), 0
	step := connector.Step{
		Name: "feed",
		Run: func(context.Context) (connector.Values, error) {
			if runs++; runs == 1 {
				return nil, problem.New(problem.RateLimited, "Slow down.")
			}
			return connector.Values{}, nil
		},
		Find: func(context.Context, time.Time) (connector.Values, connector.Found, error) {
			return nil, connector.Unknown, errors.New("must not be asked")
		},
	}
	j := d.attempt()
	_, err := j.Do(t.Context(), step)
	require.Error(t, err)
	d.conclude(j)
	require.Empty(t, d.job.InDoubt)
	_, err = d.attempt().Do(t.Context(), step)
	require.NoError(t, err)
	require.Equal(t, 2, runs)
}

func TestJournalSavesACommitBeforeALongUpload(t *testing.T) {
	t.Parallel()
	d := newDisk()
	j := d.attempt()
	_, err := j.Do(t.Context(), connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) { return connector.Values{"id": "1"}, nil }})
	require.NoError(t, err)
	_, err = j.Do(t.Context(), connector.Step{Name: "upload", Repeatable: true, Run: func(context.Context) (connector.Values, error) {
		require.NotZero(t, d.job.Steps["feed"].DoneAt)
		require.Empty(t, d.job.InDoubt)
		return connector.Values{}, nil
	}})
	require.NoError(t, err)
}
