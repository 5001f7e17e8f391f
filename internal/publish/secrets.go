package publish

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/vault"
)

// Secrets keeps the results of a job's secret steps: sealed in the journal, in the clear only in this process. A job
// without secret steps costs no call.
type Secrets struct {
	box  vault.Box
	ref  vault.StepRef
	lids map[string]func([]byte) vault.Boxed
	seen map[string]connector.Values
}

// NewSecrets is for one attempt at one job.
func NewSecrets(box vault.Box, j Job) *Secrets {
	return &Secrets{
		box: box, ref: vault.StepRef{Tenant: j.TenantID, Job: j.ID},
		lids: map[string]func([]byte) vault.Boxed{}, seen: map[string]connector.Values{},
	}
}

func (s *Secrets) of(step string) vault.StepRef {
	ref := s.ref
	ref.Step = step
	return ref
}

// prepare makes sure that the step's result can be sealed, before the step runs.
func (s *Secrets) prepare(ctx context.Context, step string) error {
	if s == nil {
		return errors.New("publish: a secret step where nothing can be sealed")
	}
	if s.lids[step] != nil {
		return nil
	}
	lid, err := s.box.Lid(ctx, s.of(step))
	if err == nil {
		s.lids[step] = lid
	}
	return err
}

// hide gives what the journal keeps of a result: the result itself, unless prepare was called for its step.
func (s *Secrets) hide(step string, v connector.Values) (connector.Values, *vault.Boxed) {
	if s == nil || s.lids[step] == nil {
		return v, nil
	}
	plain, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings always encode
	}
	boxed := s.lids[step](plain)
	s.seen[step] = v
	return nil, &boxed
}

// reveal gives the result of a finished step.
func (s *Secrets) reveal(ctx context.Context, step string, log StepLog) (connector.Values, error) {
	if log.Sealed == nil {
		return log.Result, nil
	}
	if s == nil {
		return nil, errors.New("publish: a secret step where nothing can be opened")
	}
	if v, known := s.seen[step]; known {
		return v, nil
	}
	plain, err := s.box.Open(ctx, s.of(step), *log.Sealed)
	if err != nil {
		return nil, err
	}
	var v connector.Values
	if err := json.Unmarshal(plain, &v); err != nil {
		return nil, vault.ErrOpen
	}
	s.seen[step] = v
	return v, nil
}
