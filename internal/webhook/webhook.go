// Package webhook owns what platforms tell Herald: a delivery is verified over its raw bytes, split into events, stored
// once each, and applied by a worker. Every event's row is the truth, a queue message only a hint: an event that is
// still received when its moment comes is brought back by the sweep.
package webhook

import (
	"context"
	"crypto/sha256"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

// State is where an event stands.
type State string

// The states of an event.
const (
	Received  State = "received"
	Processed State = "processed"
	Failed    State = "failed"  // a person may replay it
	Ignored   State = "ignored" // nothing here is concerned; Reason says why
)

const (
	// Life is how long an event is kept.
	Life = 30 * 24 * time.Hour
	// lookAfter is how long the message of an event is waited for before the sweep sends another.
	lookAfter = time.Minute
	// mostAttempts is after how many failures an event waits for a person.
	mostAttempts = 5
	// Shards are the parts of the attention index.
	Shards = 4
)

// Event is one change for one connection. Who links the same account in two workspaces has two of them. Times are
// epoch milliseconds; 0 = none.
type Event struct {
	Source       string                      `dynamodbav:"source"` // see SourceOf
	ID           string                      `dynamodbav:"event_id"`
	Platform     string                      `dynamodbav:"platform"`
	TenantID     string                      `dynamodbav:"tenant_id,omitempty"` // absent: no workspace knows the account
	ConnectionID string                      `dynamodbav:"connection_id,omitempty"`
	ExternalID   string                      `dynamodbav:"external_id,omitempty"` // the account; or
	Subject      string                      `dynamodbav:"subject,omitempty"`     // the person it is about
	Accounts     []string                    `dynamodbav:"accounts,omitempty"`    // of the person; empty = all
	Kind         connector.WebhookKind       `dynamodbav:"kind"`
	Cause        string                      `dynamodbav:"cause,omitempty"` // one sentence: why it happened
	Permission   *connector.PermissionChange `dynamodbav:"permission,omitempty"`
	Comment      *connector.CommentChange    `dynamodbav:"comment,omitempty"`
	Post         *connector.PostChange       `dynamodbav:"post,omitempty"`
	Payload      string                      `dynamodbav:"payload,omitempty"`   // as it came; absent when it is too large to keep
	Forgotten    bool                        `dynamodbav:"forgotten,omitempty"` // what it said was deleted, as a person asked
	Parts        []string                    `dynamodbav:"parts,omitempty"`     // of a deletion's record: the events that carry it out
	State        State                       `dynamodbav:"state"`
	Reason       string                      `dynamodbav:"reason,omitempty"` // one sentence
	Attempts     int                         `dynamodbav:"attempts"`
	At           int64                       `dynamodbav:"at"` // when it happened
	ReceivedAt   int64                       `dynamodbav:"received_at"`
	Keep         int64                       `dynamodbav:"keep,omitempty"`      // for how many seconds the platform lets it be kept
	AttendAt     int64                       `dynamodbav:"attend_at,omitempty"` // received ones only: the sweep's moment
}

// Expires is when the row vanishes, in epoch seconds.
func (e Event) Expires() int64 {
	life := Life
	if e.Keep > 0 {
		life = min(life, time.Duration(e.Keep)*time.Second)
	}
	return time.UnixMilli(e.ReceivedAt).Add(life).Unix()
}

// EventID is the id of an event for a connection. It follows from the platform's change, so each delivery finds the
// same row. An empty connection is for what concerns none.
func EventID(platform, change, connectionID string) string {
	h := sha256.Sum256([]byte(strings.Join([]string{platform, change, connectionID}, "\x00")))
	var id ulid.ULID
	copy(id[:], h[:])
	return "whe_" + strings.ToLower(id.String())
}

// SourceOf is the partition of an event: the platform, in 32 parts, so that a burst does not meet one partition's limit.
func SourceOf(platform, id string) string { return platform + "#" + id[max(len(id)-1, 0):] }

// ShardOf spreads events over the attention index.
func ShardOf(id string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return ShardName(int(h.Sum32() % Shards))
}

// ShardName is the name of the nth shard.
func ShardName(n int) string { return "w" + strconv.Itoa(n) }

// Message says that the events are there to be applied. It is a hint; the rows are the truth.
type Message struct {
	Platform string   `json:"platform"`
	Events   []string `json:"events"` // ids, at most chunkSize
}

// chunkSize is how many events travel in one message.
const chunkSize = 25

// Queue carries messages to the worker.
type Queue interface {
	// Send sends all of them, or is an error; what was sent nevertheless does no harm.
	Send(ctx context.Context, all ...Message) error
	// Dead tells the operator of an event that needs a person.
	Dead(ctx context.Context, m Message, reason, sentence string) error
}

// Target is a connection that an event concerns.
type Target struct{ TenantID, ConnectionID string }

// ReceiveStore is what the receiving function needs. It can read no token and no account.
type ReceiveStore interface {
	// ConnectionsTo finds the connections to a platform's account, in every workspace.
	ConnectionsTo(ctx context.Context, platform, externalID string) ([]Target, error)
	// ConnectionsOf finds the connections that live on a person's consent, in every workspace.
	ConnectionsOf(ctx context.Context, platform, subject string) ([]Target, error)
	// PutEvent writes the event unless it is there, and gives the state of what is there now.
	PutEvent(ctx context.Context, e Event) (State, error)
	// PutEvents is PutEvent for at most 100 different events, of together less than 4 MB, in few calls. An error may
	// leave some of them written.
	PutEvents(ctx context.Context, all []Event) ([]State, error)
	// Event reads an event; found is false when there is none.
	Event(ctx context.Context, platform, id string) (e Event, found bool, err error)
}

// ProcessStore is what the worker needs. Each method may be repeated.
type ProcessStore interface {
	Event(ctx context.Context, platform, id string) (e Event, found bool, err error)
	Connection(ctx context.Context, tenantID, id string) (c connection.Connection, found bool, err error)
	// BlockFor blocks the connection, adds the line to the audit trail and makes the event processed, all or nothing.
	// Only a credential older than newest and a connection that is not blocked or disconnected is concerned; otherwise
	// changed is false and the event as it was.
	BlockFor(ctx context.Context, e Event, b Block) (changed bool, err error)
	// LosePermission leaves the connection as c with these scopes, adds the line and makes the event processed, all or
	// nothing. An error when scopes or credential are not c's any more; an event that is settled already is none.
	LosePermission(ctx context.Context, e Event, c connection.Connection, scopes []string, line connection.Event) error
	// Disconnect marks the connection and adds the line, unless it is disconnected already.
	Disconnect(ctx context.Context, tenantID, id string, line connection.Event) error
	ExpireCredential(ctx context.Context, ref vault.Ref, at time.Time) error
	// ApplyComment keeps the newest of what is known of a comment, whatever the order of the calls; what an own one answers
	// is answered from then on, known or not. applied is false when something newer is known.
	ApplyComment(ctx context.Context, e Event, now time.Time) (applied bool, err error)
	DeleteComment(ctx context.Context, tenantID, connectionID, commentID string) error
	// DeleteComments deletes all of a connection.
	DeleteComments(ctx context.Context, tenantID, connectionID string) error
	// ForgetEvents deletes what the connection's stored events said, whatever their state; the rows stay, marked.
	ForgetEvents(ctx context.Context, tenantID, connectionID string) error
	ForgetEvent(ctx context.Context, e Event) error
	// KeepTold keeps what an event tells of a post, for a job that does not know yet which post is its own.
	KeepTold(ctx context.Context, e Event, now time.Time) error
	// ForgetTold deletes that.
	ForgetTold(ctx context.Context, e Event) error
	// ForgetAccount deletes what else is kept of what the platform said about the account, and ends for good what is lent to it.
	ForgetAccount(ctx context.Context, tenantID, connectionID string) error
	// ForgetReports deletes the numbers of the account and of its posts.
	ForgetReports(ctx context.Context, tenantID, connectionID string) error
	// Settle ends a received event; one that is not received any more is left alone.
	Settle(ctx context.Context, e Event, s State, reason string) error
	// Missed counts a failure of a received event; it is looked at again at the given moment.
	Missed(ctx context.Context, e Event, reason string, again time.Time) error
}

// Block is why a connection is blocked.
type Block struct {
	Reason string
	Action problem.Action
	Newest string // credentials' versions from here on are younger than the event
	Line   connection.Event
}
