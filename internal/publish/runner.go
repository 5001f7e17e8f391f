package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/loan"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

// Message is what travels on the queue: a hint that a job wants to be looked at. The job's row is the truth, so a
// message may be lost, late or doubled.
type Message struct {
	Tenant string `json:"tenant"`
	Job    string `json:"job"`
	At     int64  `json:"at,omitempty"` // epoch ms before which the job is not to be claimed
}

// Refusal is why a job could not be claimed.
type Refusal struct {
	Status Status // empty: there is no such job
	NextAt int64
}

func (r *Refusal) Error() string { return "publish: not to be claimed: " + string(r.Status) }

// ErrClaimed means that another job has this post as its receipt already.
var ErrClaimed = errors.New("publish: the post belongs to another job")

// ErrLost means that this worker does not hold the job any more.
var ErrLost = errors.New("publish: the lease is lost")

// Outcome is everything that is written when an attempt ends, in one transaction.
type Outcome struct {
	Job      Job // as it shall be; Lease is the one that must still be held
	AttendAt int64
	Audit    []AuditRow
	Count    Count
	Block    *Block
}

// Block marks the connection in the same transaction, unless its token was replaced meanwhile.
type Block struct {
	ConnectionID string
	TokenVersion string
	Reason       string
	Action       problem.Action
}

// Count is what the hourly metrics row adds up.
type Count struct {
	Published, Failed, Retried, Held int
	Latency                          time.Duration // due -> published; only with Published
}

// JobStore is what the runner needs of the store.
type JobStore interface {
	// ClaimJob takes the job if it is due and nobody holds it; *Refusal when not.
	ClaimJob(ctx context.Context, tenant, job, lease string, now, until time.Time) (Job, error)
	// SaveSteps stores the journal; ErrLost when the lease is gone, ErrClaimed when a reference in it is another job's.
	SaveSteps(ctx context.Context, j Job, steps map[string]StepLog, inDoubt string) error
	// FinishAttempt writes the outcome; ErrLost when the lease is gone, ErrClaimed when the receipt, or a reference,
	// is another job's.
	FinishAttempt(ctx context.Context, o Outcome, now time.Time) error
	// ReceiptClaimed tells whether a job other than j has the post as its receipt.
	ReceiptClaimed(ctx context.Context, j Job, externalID string) (bool, error)
	// Told lists what webhooks told of the posts of j's account since then, oldest first, without what other jobs have.
	Told(ctx context.Context, j Job, since time.Time) ([]connector.PostChange, error)
	// Calls lists what was counted for an account of a platform. SpendCall counts one more unless somebody else was faster
	// since the list was read: then done is false.
	Calls(ctx context.Context, platform, externalID string) (CallLog, error)
	SpendCall(ctx context.Context, platform, externalID string, old CallLog, c Call) (done bool, err error)
	// OpenJob reads a job; open is false when it is not there, or neither being worked at nor in doubt.
	OpenJob(ctx context.Context, tenant, id string) (j Job, open bool, err error)
}

// Queue sends hints.
type Queue interface {
	// Send makes m visible after delay (whole seconds, at most 15 minutes).
	Send(ctx context.Context, platform string, m Message, delay time.Duration) error
	// Dead puts m on the platform's dead-letter queue with a reason code and a sentence, as a signal to the operator.
	Dead(ctx context.Context, platform string, m Message, reason, sentence string) error
}

// Files opens a range of an uploaded file.
type Files interface {
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
}

// URLSigner is what Files may do as well: give an address of a file that works without a login for a while, for
// platforms that fetch what they publish.
type URLSigner interface {
	SignGet(ctx context.Context, key, name, contentType string, life time.Duration) (string, error)
}

// fetchLife is how long such an address works: longer than any platform takes to fetch a file after it was told to.
const fetchLife = 15 * time.Minute

// Meter emits metrics to the operator's monitoring.
type Meter interface {
	Published(platform string, latency time.Duration)
	Outcome(platform, outcome string)
	Started(platform string, late time.Duration)
	// OperatorFault counts what only the operator can end.
	OperatorFault(platform string)
}

// Renewer renews a credential that the platform has refused as ended.
type Renewer interface {
	// Renew is nil when it is worth trying again; otherwise it is what the attempt ends with. cause is what the platform
	// said to the credential of that version.
	Renew(ctx context.Context, tenantID, connectionID, tokenVersion string, cause error) error
}

// lastWrite is kept free before the invocation's deadline for the write that ends the attempt.
const lastWrite = 5 * time.Second

// Runner carries out jobs. One Runner serves one platform.
type Runner struct {
	Store     JobStore
	Flags     *Flags
	Queue     Queue
	Door      Door
	Box       vault.Box    // for the results of secret steps
	Loans     *loan.Lender // nil = the platform needs no address of ours
	Renewer   Renewer
	Lateness  Lateness
	Files     Files
	Meter     Meter
	Connector connector.Connector
	Pace      *Pace
	HTTP      *http.Client // traced; what connectors call through
	Log       *slog.Logger
	Now       func() time.Time
	WaitUntil func(ctx context.Context, t time.Time) error
	NewID     func() string
	Jitter    func(time.Duration) time.Duration
}

// Run looks at the job that m names. An error means that the message should come back by itself.
func (r *Runner) Run(ctx context.Context, m Message) error {
	// The queue counts in whole seconds; the rest of the second is waited out here, before the claim.
	if at := time.UnixMilli(m.At); m.At != 0 && at.Sub(r.Now()) < 2*time.Second {
		if err := r.WaitUntil(ctx, at); err != nil {
			return fmt.Errorf("publish: waiting for the due second: %w", err)
		}
	}
	until, ok := ctx.Deadline()
	if !ok {
		until = r.Now().Add(time.Minute)
	}
	job, err := r.Store.ClaimJob(ctx, m.Tenant, m.Job, r.NewID(), r.Now(), until)
	var no *Refusal
	if errors.As(err, &no) {
		return r.refused(ctx, m, no)
	}
	if err != nil {
		return err
	}
	r.Meter.Started(job.Platform, r.Now().Sub(time.UnixMilli(job.NextAt)))
	left := until.Sub(r.Now())
	work, cancel := context.WithTimeout(ctx, left-min(left/5, lastWrite))
	defer cancel()
	meter := r.meter()
	receipt, journal, err := r.attempt(work, &job, meter)
	if journal != nil {
		job.Steps, job.InDoubt = journal.Steps(), journal.InDoubt()
	}
	if errors.Is(err, ErrLost) {
		r.Log.WarnContext(ctx, "lost the lease, leaving the job to who holds it", slog.String("job", job.ID))
		return nil
	}
	if err := r.Pace.Learn(ctx, job, err, meter.usage()); err != nil {
		r.Log.WarnContext(ctx, "pace not kept", slog.String("job", job.ID), slog.String("error", err.Error()))
	}
	return r.conclude(ctx, job, receipt, err)
}

// meter watches the platform's answers, where the connector can read what they say of its budgets.
func (r *Runner) meter() *usageMeter {
	pacer, ok := r.Connector.(connector.Pacer)
	if !ok {
		return nil
	}
	next := r.HTTP.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	return &usageMeter{next: next, pacer: pacer}
}

// refused handles a hint that came too early, too late or twice.
func (r *Runner) refused(ctx context.Context, m Message, no *Refusal) error {
	left := time.UnixMilli(no.NextAt).Sub(r.Now())
	waits := no.Status == Scheduled || no.Status == Queued || no.Status == Waiting
	if !waits || left <= 0 || left > 15*time.Minute {
		return nil // done, held by another worker, or later than the queue can delay: the sweep finds it
	}
	m.At = no.NextAt
	return r.Queue.Send(ctx, r.Connector.Info().Platform, m, left)
}

// attempt does the work of one claim.
func (r *Runner) attempt(ctx context.Context, job *Job, meter *usageMeter) (receipt connector.Receipt, journal *Journal, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("publish: panic in the connector: %v", p)
		}
	}()
	if job.Attempts > maxAttemptsDown { // only workers that die without a word get here
		e := problem.New(problem.Transient, "Publishing was interrupted again and again before it could finish.")
		e.Code = reasonWorkerDied
		return receipt, nil, e
	}
	off, err := r.Flags.Off(ctx, job.TenantID, job.Platform)
	if err != nil {
		return receipt, nil, err
	}
	if off {
		return receipt, nil, &connector.WaitError{For: flagRecheck, Reason: "the platform is switched off in this workspace"}
	}
	if err := r.Pace.Wait(ctx, job.Platform); err != nil {
		return receipt, nil, err
	}
	session, err := r.open(ctx, job, meter)
	if err != nil {
		return receipt, nil, err
	}
	if job.ParkedAt != 0 { // it was healed while the job waited, and nobody has said anything
		most, err := r.Lateness(ctx, job.TenantID)
		if err != nil {
			return receipt, nil, err
		}
		if late := tooLate(*job, r.Now(), most); late != nil {
			return receipt, nil, late
		}
	}
	journal = NewJournal(*job, r.Now, func(ctx context.Context, steps map[string]StepLog, inDoubt string) error {
		return r.Store.SaveSteps(ctx, *job, steps, inDoubt)
	})
	journal.Secrets = NewSecrets(r.Box, *job)
	draft := DraftOf(*job, r.Files)
	draft.Claimed = func(ctx context.Context, externalID string) (bool, error) {
		return r.Store.ReceiptClaimed(ctx, *job, externalID)
	}
	draft.Told = func(ctx context.Context, since time.Time) ([]connector.PostChange, error) {
		return r.Store.Told(ctx, *job, since)
	}
	draft.Budgets = &budgets{runner: r, job: *job, account: session.Account.ExternalID}
	r.lend(&draft, *job)
	receipt, err = r.Connector.Publish(ctx, session, draft, journal)
	if problem.ClassOf(err) != problem.AuthExpired {
		return receipt, journal, err
	}
	// The token has ended before its time: it is renewed once, and the steps that are done stay done.
	if err := r.Renewer.Renew(ctx, job.TenantID, job.ConnectionID, job.Account.TokenVersion, err); err != nil {
		return receipt, journal, err
	}
	if session, err = r.open(ctx, job, meter); err != nil {
		return receipt, journal, err
	}
	receipt, err = r.Connector.Publish(ctx, session, draft, journal)
	return receipt, journal, err
}

// lend lets the connector lend the job's files to the platform, and take them back.
func (r *Runner) lend(d *connector.Draft, job Job) {
	if r.Loans == nil {
		return
	}
	key := func(name string) loan.Key {
		return loan.Key{Tenant: job.TenantID, Connection: job.ConnectionID, Job: job.ID, Name: name}
	}
	d.Recall = func(ctx context.Context, name string) (bool, error) { return r.Loans.Recall(ctx, key(name)) }
	for i, m := range job.Media {
		d.Media[i].Lend = func(ctx context.Context, name string) (string, error) {
			return r.Loans.Lend(ctx, key(name), loan.File{ID: m.ID, Object: m.Key, Name: m.Name, Type: m.Type, Bytes: m.Bytes})
		}
	}
}

// open gives a session with the job's account, unless the account is to be left alone for now.
func (r *Runner) open(ctx context.Context, job *Job, meter *usageMeter) (connector.Session, error) {
	account, session, err := r.Door.Session(ctx, job.TenantID, job.ConnectionID, job.Account.TokenVersion)
	job.Account.TokenVersion = account.TokenVersion // the hint may have been older
	if err != nil {
		return session, err
	}
	if left := time.UnixMilli(account.QuietUntil).Sub(r.Now()); left > 0 {
		return session, &connector.WaitError{For: left, Reason: "the account is given a rest: its budget at the platform is used, or the platform suspects it"}
	}
	if left := time.UnixMilli(account.QuietKinds[job.Kind]).Sub(r.Now()); left > 0 {
		return session, &connector.WaitError{For: left, Reason: "the account takes no more posts of this kind for now"}
	}
	if session.HTTP = r.HTTP; meter != nil {
		session.HTTP = &http.Client{Transport: meter}
	}
	return session, nil
}

// DraftOf is what the connector sees of a job. files may be nil where no file is opened.
func DraftOf(j Job, files Files) connector.Draft {
	d := connector.Draft{
		PostID: j.PostID, JobID: j.ID, Kind: j.Kind, Text: j.Text, Link: j.Link, Options: j.Options,
		AcceptedAt: time.UnixMilli(j.CreatedAt),
	}
	signer, signs := files.(URLSigner)
	for _, m := range j.Media {
		c := connector.Media{
			ID: m.ID, Name: m.Name, Type: m.Type, Bytes: m.Bytes, Width: m.Width, Height: m.Height, Alt: m.Alt,
			DurationMs: m.DurationMs, Codec: m.Codec, FrameRate: m.FrameRate, Pages: m.Pages,
			Open: func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
				return files.Open(ctx, m.Key, offset, length)
			},
		}
		if signs {
			c.URL = func(ctx context.Context) (string, error) {
				return signer.SignGet(ctx, m.Key, m.Name, m.Type, fetchLife)
			}
		}
		d.Media = append(d.Media, c)
	}
	return d
}
