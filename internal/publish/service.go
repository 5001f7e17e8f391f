package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/offer"
	"github.com/herald-publishing/herald/internal/problem"
)

// Bounds of one request; ours, so that post and jobs fit one transaction of DynamoDB (100 items, 4 MB).
const (
	MaxTargets  = 25
	MaxAhead    = 366 * 24 * time.Hour
	MaxKeyBytes = 255
	MaxFiles    = 35 // two items of the transaction each, beside 25 jobs and three more
	// pastGrace forgives clocks and slow networks: a time just gone by means now.
	pastGrace = time.Minute
)

// Author is who writes: resolved from the session or the API key.
type Author struct {
	TenantID, MemberID, Name, Zone string
}

// NewPost is what the person asks for. The zero PublishAt is now.
type NewPost struct {
	Text      string     `json:"text"`
	Link      string     `json:"link,omitempty"`
	Media     []NewMedia `json:"media,omitempty"`
	Targets   []Target   `json:"targets"`
	PublishAt time.Time  `json:"publish_at,omitzero"`
}

// NewMedia attaches an uploaded file.
type NewMedia struct {
	ID  string `json:"id"`
	Alt string `json:"alt,omitempty"`
}

// Target is one account with what differs there. Text nil = the post's.
type Target struct {
	ConnectionID string         `json:"connection_id"`
	Text         *string        `json:"text,omitempty"`
	Kind         string         `json:"kind,omitempty"`
	Options      map[string]any `json:"options,omitempty"`
}

// Rejected carries everything that is wrong with a post, at once.
type Rejected struct{ Violations []Violation }

func (r *Rejected) Error() string {
	return fmt.Sprintf("publish: rejected with %d violations", len(r.Violations))
}

// ErrMediaGone means that a file of the post was deleted since it was looked at.
var ErrMediaGone = errors.New("publish: a file of the post was deleted")

// ErrNoJob means that the workspace has no such job.
var ErrNoJob = errors.New("publish: no such job")

// ErrKeyReused means that the idempotency key was used with another body.
var ErrKeyReused = errors.New("publish: the idempotency key was used with another body")

// Filter picks posts in a list.
type Filter struct {
	State  string // "", "all", or one of needs_you, scheduled, active, published, failed, cancelled
	Cursor string // opaque; empty = from the start
	Limit  int
}

// PostStore is what the service needs of the store.
type PostStore interface {
	LoadAccounts(ctx context.Context, tenant string, ids []string) (map[string]Account, error)
	LoadMedia(ctx context.Context, tenant string, ids []string) (map[string]MediaRef, error)
	offer.Store
	// CreatePost stores everything or nothing; created is false when the key was used before. ErrMediaGone when one of
	// the files is not ready any more.
	CreatePost(ctx context.Context, p Post, key, hash string, audit AuditRow) (created bool, err error)
	// PostByKey finds what a key made; empty id when it made nothing.
	PostByKey(ctx context.Context, tenant, key string) (postID, hash string, err error)
	GetPost(ctx context.Context, tenant, id string) (Post, error)
	ListPosts(ctx context.Context, tenant string, f Filter) ([]Post, string, error)
	GetJob(ctx context.Context, tenant, id string) (Job, error)
	Timeline(ctx context.Context, tenant, job string) ([]AuditRow, error)
	// ChangeJob applies change to the job under compare-and-swap; change may run again. The row joins the audit trail
	// in the same transaction. A job that comes back needs its files: a conflict when one was deleted.
	ChangeJob(ctx context.Context, tenant, id string, change func(j *Job) (AuditRow, error)) (Job, error)
	// SetPostTime moves the post's due time in the list.
	SetPostTime(ctx context.Context, tenant, id string, at int64) error
	JobsOfConnection(ctx context.Context, tenant, connection string, s Status) ([]string, error)
}

// Service is what people ask of publishing.
type Service struct {
	Store PostStore
	Flags *Flags
	Queue Queue
	Infos map[string]connector.Info // by platform; those switched on
	// Offering are the platforms whose accounts differ in what they take.
	Offering map[string]bool
	Log      *slog.Logger
	Now      func() time.Time
	NewID    func() string // lower-case ULID without prefix
	// Lateness is needed by Resume alone.
	Lateness Lateness
}

// Check finds every violation without storing anything.
func (s *Service) Check(ctx context.Context, a Author, in NewPost) ([]Violation, error) {
	_, violations, err := s.plan(ctx, a, in)
	return violations, err
}

// Accept stores the post and one job per target in one transaction with the idempotency key, and sends the hints.
// replayed is true when the key made this post before. Errors: *Rejected, ErrKeyReused.
func (s *Service) Accept(ctx context.Context, a Author, key string, in NewPost) (p Post, replayed bool, err error) {
	hash, err := fingerprint(in)
	if err != nil {
		return Post{}, false, err
	}
	post, violations, err := s.plan(ctx, a, in)
	if err != nil {
		return Post{}, false, err
	}
	if len(violations) > 0 {
		// What was acceptable once stays accepted, whatever has changed since.
		if p, err := s.replay(ctx, a.TenantID, key, hash); err != nil || p.ID != "" {
			return p, p.ID != "", err
		}
		return Post{}, false, &Rejected{Violations: violations}
	}
	row := AuditRow{
		TenantID: a.TenantID, SK: AuditKey(post.CreatedAt, "aud_"+s.NewID()), PostID: post.ID, Kind: AuditAccepted, At: post.CreatedAt,
		By: a.MemberID, Message: fmt.Sprintf("Accepted for %d accounts.", len(post.Jobs)),
	}
	created, err := s.Store.CreatePost(ctx, post, key, hash, row)
	if errors.Is(err, ErrMediaGone) {
		return Post{}, false, &Rejected{Violations: []Violation{{Field: "media", Message: "A file of this post was deleted from the library a moment ago."}}}
	}
	if err != nil {
		return Post{}, false, err
	}
	if !created {
		p, err := s.replay(ctx, a.TenantID, key, hash)
		return p, true, err
	}
	for _, j := range post.Jobs {
		s.hint(ctx, j)
	}
	return post, false, nil
}

// hint tells the queue about a job. A failure loses nothing: the sweep finds the job by its attend_at.
func (s *Service) hint(ctx context.Context, j Job) {
	delay := max(time.UnixMilli(j.NextAt).Sub(s.Now()), 0)
	if delay > queueReach {
		return
	}
	if err := s.Queue.Send(ctx, j.Platform, Message{Tenant: j.TenantID, Job: j.ID, At: j.NextAt}, delay); err != nil {
		s.Log.WarnContext(ctx, "hint not sent; the sweep will find the job", slog.String("job", j.ID), slog.String("error", err.Error()))
	}
}

func (s *Service) replay(ctx context.Context, tenant, key, hash string) (Post, error) {
	id, old, err := s.Store.PostByKey(ctx, tenant, key)
	if err != nil || id == "" {
		return Post{}, err
	}
	if old != hash {
		return Post{}, ErrKeyReused
	}
	return s.Store.GetPost(ctx, tenant, id)
}

// plan makes the post and its jobs, and lists what is wrong with them.
func (s *Service) plan(ctx context.Context, a Author, in NewPost) (Post, []Violation, error) {
	var out []Violation
	now := s.Now()
	at := in.PublishAt
	switch {
	case at.IsZero():
		at = now
	case at.Before(now.Add(-pastGrace)):
		out = append(out, Violation{Field: "publish_at", Message: "The time lies in the past. Choose a later one, or publish now."})
	case at.After(now.Add(MaxAhead)):
		out = append(out, Violation{Field: "publish_at", Message: "The time lies more than a year ahead."})
	case at.Before(now):
		at = now
	}
	ids, bad := targetIDs(in.Targets)
	out = append(out, bad...)
	accounts, err := s.Store.LoadAccounts(ctx, a.TenantID, ids)
	if err != nil {
		return Post{}, nil, err
	}
	offers, err := s.offers(ctx, a.TenantID, accounts)
	if err != nil {
		return Post{}, nil, err
	}
	media, bad, err := s.media(ctx, a.TenantID, in.Media)
	if err != nil {
		return Post{}, nil, err
	}
	out = append(out, bad...)
	post := Post{
		TenantID: a.TenantID, ID: "pst_" + s.NewID(), Text: in.Text, Link: in.Link, Media: media, Targets: ids, At: at.UnixMilli(),
		Zone: a.Zone, CreatedAt: now.UnixMilli(), CreatedBy: a.MemberID, CreatedName: a.Name,
	}
	off := map[string]bool{}
	for i, t := range in.Targets {
		field := fmt.Sprintf("targets[%d]", i)
		account, known := accounts[t.ConnectionID]
		if bad := s.usableTarget(account, known, field, t.ConnectionID); bad != nil {
			out = append(out, *bad)
			continue
		}
		if _, asked := off[account.Platform]; !asked {
			if off[account.Platform], err = s.Flags.Off(ctx, a.TenantID, account.Platform); err != nil {
				return Post{}, nil, err
			}
		}
		info, on := s.Infos[account.Platform]
		kind, known := info.AccountKind(account.Kind)
		if !on || !known || off[account.Platform] {
			out = append(out, Violation{Field: field, ConnectionID: t.ConnectionID, Message: "This platform is switched off at the moment."})
			continue
		}
		c := Content{Kind: t.Kind, Text: in.Text, TextField: "text", Link: in.Link, Media: media, Options: t.Options}
		if t.Text != nil {
			c.Text, c.TextField = *t.Text, field+".text"
		}
		taken, bad := offered(kind, offers[t.ConnectionID], t, field, now, at)
		if bad != nil {
			out = append(out, *bad)
			continue
		}
		if len(in.Targets) > 1 {
			c.Media = described(taken, c)
		}
		out = append(out, Check(taken, t.ConnectionID, field, c)...)
		if k, ok := KindFor(taken, c); ok {
			post.Jobs = append(post.Jobs, newJob(post, account, k.Kind, c, t.Options, now))
		}
	}
	return post, out, nil
}

// described leaves out the descriptions that an account shows nowhere: of a post for several accounts they were written for the
// others.
func described(a connector.AccountKind, c Content) []MediaRef {
	kind, ok := KindFor(a, c)
	if !ok {
		return c.Media
	}
	media := slices.Clone(c.Media)
	for i, m := range media {
		if limit, taken := kind.Media.File(m.Type); taken && limit.NoAlt {
			media[i].Alt = ""
		}
	}
	return media
}

func newJob(p Post, a Account, kind string, c Content, options map[string]any, now time.Time) Job {
	j := Job{
		TenantID: p.TenantID, ID: JobID(p.ID, a.ID), PostID: p.ID, ConnectionID: a.ID, Platform: a.Platform, Kind: kind,
		Account: AccountRef{Kind: a.Kind, Login: a.Login, Name: a.Name, Username: a.Username, AvatarURL: a.AvatarURL, TokenVersion: a.TokenVersion},
		Text:    c.Text, Link: c.Link, Media: c.Media, Options: options, Status: Queued, DueAt: p.At, NextAt: p.At,
		Open: []Attempt{}, Steps: map[string]StepLog{}, Rev: 1, CreatedAt: now.UnixMilli(), UpdatedAt: now.UnixMilli(),
	}
	if time.UnixMilli(p.At).Sub(now) > queueReach {
		j.Status = Scheduled
	}
	return j
}

// AttendAt is when the sweep must look at the job; 0 = never. The sweep looks a little after a time for which a
// message was sent, and right at a time for which none could be.
func (j Job) AttendAt() int64 {
	switch {
	case j.Status.Final():
		return 0
	case j.Status == Scheduled || j.Status == Blocked:
		return j.NextAt
	case j.Status == Running:
		return j.LeaseUntil
	default:
		return j.NextAt + lookAgain.Milliseconds()
	}
}

func targetIDs(targets []Target) (ids []string, out []Violation) {
	switch {
	case len(targets) == 0:
		out = append(out, Violation{Field: "targets", Message: "Choose at least one account."})
	case len(targets) > MaxTargets:
		out = append(out, Violation{Field: "targets", Message: fmt.Sprintf("At most %d accounts in one post.", MaxTargets)})
		return nil, out
	}
	for i, t := range targets {
		if slices.Contains(ids, t.ConnectionID) {
			out = append(out, Violation{Field: fmt.Sprintf("targets[%d].connection_id", i), ConnectionID: t.ConnectionID, Message: "This account is chosen twice."})
			continue
		}
		ids = append(ids, t.ConnectionID)
	}
	return ids, out
}

func (s *Service) usableTarget(a Account, known bool, field, id string) *Violation {
	switch {
	case !known || a.Status == "disconnected":
		return &Violation{Field: field + ".connection_id", ConnectionID: id, Message: "There is no such account in this workspace."}
	case a.Status == "blocked":
		return &Violation{Field: field + ".connection_id", ConnectionID: id, Message: a.Name + " needs to be connected again before it can be posted to."}
	default:
		return nil
	}
}

func (s *Service) media(ctx context.Context, tenant string, in []NewMedia) (refs []MediaRef, out []Violation, err error) {
	if len(in) == 0 {
		return nil, nil, nil
	}
	if len(in) > MaxFiles {
		return nil, []Violation{{Field: "media", Message: fmt.Sprintf("At most %d files in one post.", MaxFiles)}}, nil
	}
	var ids []string
	for _, m := range in {
		if !slices.Contains(ids, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	found, err := s.Store.LoadMedia(ctx, tenant, ids)
	if err != nil {
		return nil, nil, err
	}
	for i, m := range in {
		ref, ok := found[m.ID]
		if !ok {
			out = append(out, Violation{Field: fmt.Sprintf("media[%d].id", i), Message: "There is no such file in this workspace, or its upload was not completed."})
			continue
		}
		ref.Alt = m.Alt
		refs = append(refs, ref)
	}
	return refs, out, nil
}

func fingerprint(in NewPost) (string, error) {
	b, err := json.Marshal(in)
	if err != nil {
		return "", problem.New(problem.InvalidRequest, "The options cannot be read.").On("targets").Because(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
