// Package publish owns a post from the moment it is accepted to its receipt: the check, the schedule, the claim, the
// journal of steps, retries, and the hold for a person when it cannot be known whether the platform has acted.
//
// Its two promises: an accepted post ends as published, failed with a reason, cancelled or held (nothing is lost), and
// a step that may have reached the platform is never blindly repeated (nothing twice).
package publish

import (
	"slices"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

// Status is where a job stands.
type Status string

// The states of a job. Published, Failed, Cancelled and Held wait for nobody but a person.
const (
	Scheduled Status = "scheduled" // due later than the queue can delay a message
	Queued    Status = "queued"    // a message is on its way
	Running   Status = "running"   // claimed; the lease says until when
	Waiting   Status = "waiting"   // comes back at NextAt
	Published Status = "published"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
	Held      Status = "held"    // a person must say whether it is there
	Blocked   Status = "blocked" // parked until its connection is healed
)

// Final tells whether nothing happens to the job any more by itself.
func (s Status) Final() bool {
	return slices.Contains([]Status{Published, Failed, Cancelled, Held}, s)
}

// NeedsMedia tells whether the job's files must stay: it can still be published without somebody making a new post. Of a
// held job nobody knows yet; a failed one may be tried again only while its files are there.
func (j Job) NeedsMedia() bool { return !j.Status.Final() || j.Status == Held }

// Post is what the person wrote. Its state is derived from its jobs.
type Post struct {
	TenantID    string     `dynamodbav:"tenant_id"`
	ID          string     `dynamodbav:"post_id"`
	Text        string     `dynamodbav:"text"`
	Link        string     `dynamodbav:"link,omitempty"`
	Media       []MediaRef `dynamodbav:"media,omitempty"`
	Targets     []string   `dynamodbav:"targets"` // connection ids; a job's id is JobID(post, connection)
	At          int64      `dynamodbav:"at"`      // when it is due, epoch ms
	Zone        string     `dynamodbav:"zone"`    // the tenant's IANA zone when it was accepted
	CreatedAt   int64      `dynamodbav:"created_at"`
	CreatedBy   string     `dynamodbav:"created_by"` // member id
	CreatedName string     `dynamodbav:"created_name"`
	Jobs        []Job      `dynamodbav:"-"`
}

// MediaRef is one attached file with what the check needs to know of it.
type MediaRef struct {
	ID     string `dynamodbav:"id"`
	Key    string `dynamodbav:"key"` // object key in the bucket
	Name   string `dynamodbav:"name"`
	Type   string `dynamodbav:"type"`
	Bytes  int64  `dynamodbav:"bytes"`
	Width  int    `dynamodbav:"width"`
	Height int    `dynamodbav:"height"`
	Alt    string `dynamodbav:"alt,omitempty"`
	Pages  int    `dynamodbav:"pages,omitempty"` // of a document; 0 = not known
	// Of a video:
	DurationMs int64   `dynamodbav:"duration_ms,omitempty"`
	Codec      string  `dynamodbav:"codec,omitempty"`
	FrameRate  float64 `dynamodbav:"frame_rate,omitempty"`
}

// AccountRef is the account a job goes to, as it was when the post was accepted: for display, and the hint that
// lets the publisher read connection and token in one call.
type AccountRef struct {
	Kind         string `dynamodbav:"kind"`
	Login        string `dynamodbav:"login,omitempty"`
	Name         string `dynamodbav:"name"`
	Username     string `dynamodbav:"username,omitempty"`
	AvatarURL    string `dynamodbav:"avatar_url,omitempty"`
	TokenVersion string `dynamodbav:"token_version"`
}

// Job is one post to one account.
type Job struct {
	TenantID     string             `dynamodbav:"tenant_id"`
	ID           string             `dynamodbav:"job_id"`
	PostID       string             `dynamodbav:"post_id"`
	ConnectionID string             `dynamodbav:"connection_id"`
	Platform     string             `dynamodbav:"platform"`
	Account      AccountRef         `dynamodbav:"account"`
	Kind         string             `dynamodbav:"kind"`
	Text         string             `dynamodbav:"text"`
	Link         string             `dynamodbav:"link,omitempty"`
	Media        []MediaRef         `dynamodbav:"media,omitempty"`
	Options      map[string]any     `dynamodbav:"options,omitempty"`
	Status       Status             `dynamodbav:"status"`
	DueAt        int64              `dynamodbav:"due_at"`  // epoch ms: what the person asked for
	NextAt       int64              `dynamodbav:"next_at"` // not to be claimed before
	Attempts     int                `dynamodbav:"attempts"`
	Open         []Attempt          `dynamodbav:"open"` // claims that are not on the audit trail yet
	Lease        string             `dynamodbav:"lease,omitempty"`
	LeaseUntil   int64              `dynamodbav:"lease_until,omitempty"`
	Steps        map[string]StepLog `dynamodbav:"steps"`
	InDoubt      string             `dynamodbav:"in_doubt,omitempty"` // name of the step that may have reached the platform
	ParkedAt     int64              `dynamodbav:"parked_at,omitempty"`
	Receipt      *connector.Receipt `dynamodbav:"receipt,omitempty"`
	Problem      *Problem           `dynamodbav:"problem,omitempty"`
	Rev          int64              `dynamodbav:"rev"` // grows with every write
	CreatedAt    int64              `dynamodbav:"created_at"`
	UpdatedAt    int64              `dynamodbav:"updated_at"`
	PublishedAt  int64              `dynamodbav:"published_at,omitempty"`
	DeletedAt    int64              `dynamodbav:"deleted_at,omitempty"`
	// What the platform told of the published post: the newest thing, when that happened, and since when it is removed there.
	Told      connector.PostState `dynamodbav:"told,omitempty"`
	ToldAt    int64               `dynamodbav:"told_at,omitempty"`
	RemovedAt int64               `dynamodbav:"removed_at,omitempty"`
}

// Attempt is one claim of a job by a worker.
type Attempt struct {
	N  int   `dynamodbav:"n"`
	At int64 `dynamodbav:"at"`
}

// StepLog is what the journal knows of one step.
type StepLog struct {
	StartedAt int64            `dynamodbav:"started_at,omitempty"` // first start, epoch ms
	TriedAt   int64            `dynamodbav:"tried_at,omitempty"`   // latest start
	DoneAt    int64            `dynamodbav:"done_at,omitempty"`
	AbsentAt  int64            `dynamodbav:"absent_at,omitempty"` // when the platform was first seen without it
	Tries     int              `dynamodbav:"tries,omitempty"`
	Result    connector.Values `dynamodbav:"result,omitempty"`
	Sealed    *vault.Boxed     `dynamodbav:"sealed,omitempty"`    // instead of Result, of a secret step
	Reference string           `dynamodbav:"reference,omitempty"` // see ReferenceKey
}

// Problem is a failure as it is kept and shown.
type Problem struct {
	Class   problem.Class  `dynamodbav:"class"`
	Code    string         `dynamodbav:"code,omitempty"`
	Field   string         `dynamodbav:"field,omitempty"`
	Message string         `dynamodbav:"message"`
	Action  problem.Action `dynamodbav:"action"`
	Rule    string         `dynamodbav:"rule,omitempty"`
}

// ProblemOf keeps what is safe of an error.
func ProblemOf(err error) *Problem {
	if err == nil {
		return nil
	}
	e := problem.Of(err)
	return &Problem{Class: e.Class, Code: e.Code, Field: e.Field, Message: e.Message, Action: e.Action, Rule: e.Rule}
}

// Account is the connection as the publisher needs it; the item belongs to package connection.
type Account struct {
	TenantID     string            `dynamodbav:"tenant_id"`
	ID           string            `dynamodbav:"connection_id"`
	Platform     string            `dynamodbav:"platform"`
	Kind         string            `dynamodbav:"kind"`
	Login        string            `dynamodbav:"login"`
	ExternalID   string            `dynamodbav:"external_id"`
	Name         string            `dynamodbav:"name"`
	Username     string            `dynamodbav:"username"`
	AvatarURL    string            `dynamodbav:"avatar_url"`
	Status       string            `dynamodbav:"status"` // healthy, expiring, blocked, paused, disconnected
	Reason       string            `dynamodbav:"reason"`
	Scopes       []string          `dynamodbav:"scopes"`
	Data         map[string]string `dynamodbav:"data"`
	TokenVersion string            `dynamodbav:"token_version"`
	QuietUntil   int64             `dynamodbav:"quiet_until"` // epoch ms: not to be called before, the platform asked for it
	QuietKinds   map[string]int64  `dynamodbav:"-"`           // the same for posts of one kind
}

// JobID is the id of the post's job for a connection: one job per pair, ever.
func JobID(postID, connectionID string) string { return postID + "." + connectionID }

// State of a whole post.
const (
	StateScheduled       = "scheduled"
	StatePublishing      = "publishing"
	StatePublished       = "published"
	StatePartlyPublished = "partly_published"
	StateFailed          = "failed"
	StateCancelled       = "cancelled"
	StateNeedsYou        = "needs_you"
)

// State derives the post's state from its jobs. What a person must do comes first.
func (p Post) State() string {
	n := map[Status]int{}
	for _, j := range p.Jobs {
		n[j.Status]++
	}
	all := len(p.Jobs)
	switch {
	case n[Held]+n[Blocked] > 0, n[Failed] > 0 && n[Failed] < all:
		return StateNeedsYou
	case n[Failed] > 0:
		return StateFailed
	case n[Queued]+n[Running]+n[Waiting] > 0:
		return StatePublishing
	case n[Scheduled] > 0:
		return StateScheduled
	case n[Cancelled] == all:
		return StateCancelled
	case n[Published] == all:
		return StatePublished
	default:
		return StatePartlyPublished
	}
}

// Due is DueAt as a time in UTC.
func (j Job) Due() time.Time { return time.UnixMilli(j.DueAt).UTC() }
