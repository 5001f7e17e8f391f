package publish

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// ErrHeld means that it cannot be known whether the platform has acted: a person must look.
var ErrHeld = errors.New("publish: outcome unknown, held for a person")

// Journal makes one job's steps durable; it implements connector.Steps.
//
// A step that is not repeatable is written down as started before it runs; that write also carries the results of the
// steps before it. Its own result rides on the next write (the next start, or the one that ends the attempt): a crash
// in between is the same to us as a crash before the answer arrived, and ends in Find.
type Journal struct {
	// Save stores the steps and the name of the step in doubt, if this worker still holds the job.
	Save func(ctx context.Context, steps map[string]StepLog, inDoubt string) error
	Now  func() time.Time
	// Secrets keeps the results of secret steps; nil where no step is.
	Secrets *Secrets

	steps     map[string]StepLog
	inDoubt   string
	committed bool // a finished, not repeatable step is not saved yet
}

// NewJournal continues the journal of a job where the last attempt left it.
func NewJournal(j Job, now func() time.Time, save func(context.Context, map[string]StepLog, string) error) *Journal {
	steps := maps.Clone(j.Steps)
	if steps == nil {
		steps = map[string]StepLog{}
	}
	return &Journal{Save: save, Now: now, steps: steps, inDoubt: j.InDoubt}
}

// Steps gives what is known now, saved or not.
func (j *Journal) Steps() map[string]StepLog { return maps.Clone(j.steps) }

// InDoubt names the step that may have reached the platform; empty when there is none.
func (j *Journal) InDoubt() string { return j.inDoubt }

// Wait implements connector.Steps.
func (j *Journal) Wait(d time.Duration, reason string) error {
	return &connector.WaitError{For: d, Reason: reason}
}

// Do implements connector.Steps.
func (j *Journal) Do(ctx context.Context, s connector.Step) (connector.Values, error) {
	log := j.steps[s.Name]
	if log.DoneAt != 0 {
		return j.Secrets.reveal(ctx, s.Name, log)
	}
	if s.Secret {
		if err := j.Secrets.prepare(ctx, s.Name); err != nil {
			return nil, err
		}
	}
	if s.Repeatable {
		return j.repeat(ctx, s)
	}
	if log.StartedAt != 0 {
		v, again, err := j.recover(ctx, s)
		if err != nil || !again {
			return v, err
		}
	}
	return j.once(ctx, s)
}

func (j *Journal) repeat(ctx context.Context, s connector.Step) (connector.Values, error) {
	if j.committed { // what cannot be repeated must not wait behind a long upload
		if err := j.save(ctx); err != nil {
			return nil, err
		}
	}
	v, err := s.Run(ctx)
	if err != nil {
		return nil, err
	}
	j.finish(s.Name, v)
	if s.Durable {
		if err := j.save(ctx); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// once runs a step that must not run twice.
func (j *Journal) once(ctx context.Context, s connector.Step) (connector.Values, error) {
	log := j.steps[s.Name]
	if log.StartedAt == 0 {
		log.StartedAt = j.Now().UnixMilli()
	}
	log.TriedAt = j.Now().UnixMilli()
	log.Tries++
	log.AbsentAt = 0
	j.steps[s.Name], j.inDoubt = log, s.Name
	if err := j.save(ctx); err != nil {
		return nil, err
	}
	v, err := s.Run(ctx)
	if err == nil {
		j.finish(s.Name, v)
		j.inDoubt, j.committed = "", true
		return v, nil
	}
	e := problem.Of(err)
	if e.Class == problem.Duplicate && s.Find != nil {
		// The platform says it has this already: ours from an attempt whose answer was lost, or somebody else's.
		if found, what, ferr := s.Find(ctx, time.UnixMilli(log.StartedAt)); ferr == nil && what == connector.Present {
			j.finish(s.Name, found)
			j.inDoubt, j.committed = "", true
			return found, nil
		}
	}
	if !e.MayHaveHappened() { // refused for certain: the next attempt may simply run it
		log.StartedAt = 0
		j.steps[s.Name], j.inDoubt = log, ""
	}
	return nil, err
}

// recover decides about a step that was started and has no result. again is true when it certainly did not happen.
func (j *Journal) recover(ctx context.Context, s connector.Step) (v connector.Values, again bool, err error) {
	log := j.steps[s.Name]
	started := time.UnixMilli(log.StartedAt)
	if s.Find == nil {
		return nil, false, ErrHeld
	}
	if left := s.Settle - j.Now().Sub(time.UnixMilli(log.TriedAt)); left > 0 {
		return nil, false, j.Wait(left, "the platform may still be working on the last attempt")
	}
	v, found, err := s.Find(ctx, started)
	if err != nil {
		return nil, false, fmt.Errorf("publish: asking whether %s happened: %w", s.Name, err)
	}
	switch found {
	case connector.Present:
		j.finish(s.Name, v)
		j.inDoubt, j.committed = "", true
		return v, false, nil
	case connector.Absent:
		if s.Settle == 0 {
			return nil, true, nil
		}
		if log.AbsentAt != 0 {
			if left := s.Settle - j.Now().Sub(time.UnixMilli(log.AbsentAt)); left > 0 {
				return nil, false, j.Wait(left, "asking the platform once more before posting again")
			}
			return nil, true, nil
		}
		log.AbsentAt = j.Now().UnixMilli()
		j.steps[s.Name] = log
		return nil, false, j.Wait(s.Settle, "asking the platform once more before posting again")
	case connector.Unknown:
		return nil, false, ErrHeld
	default:
		return nil, false, ErrHeld
	}
}

func (j *Journal) finish(name string, v connector.Values) {
	log := j.steps[name]
	if log.StartedAt == 0 {
		log.StartedAt = j.Now().UnixMilli()
	}
	log.DoneAt = j.Now().UnixMilli()
	log.Reference = v[ReferenceKey]
	log.Result, log.Sealed = j.Secrets.hide(name, v)
	j.steps[name] = log
}

func (j *Journal) save(ctx context.Context) error {
	if err := j.Save(ctx, j.Steps(), j.inDoubt); err != nil {
		return fmt.Errorf("publish: journal: %w", err)
	}
	j.committed = false
	return nil
}
