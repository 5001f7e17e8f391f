// Package comment owns the comments on the accounts' posts as Herald keeps them: fed by the platforms' notices and by
// asking, shown as an inbox, answered, hidden and deleted on the platform. What is written there happens once: an answer
// is journaled like the steps of a post, everything else may be repeated.
package comment

import (
	"context"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
)

// Comment is a comment as far as is known. Times are epoch milliseconds; 0 = not told.
type Comment struct {
	TenantID     string `json:"tenant_id" dynamodbav:"tenant_id"`
	ConnectionID string `json:"connection_id" dynamodbav:"connection_id"`
	ID           string `json:"comment_id" dynamodbav:"comment_id"` // the platform's
	PostID       string `json:"post_id" dynamodbav:"post_id"`       // the platform's
	ParentID     string `json:"parent_id" dynamodbav:"parent_id"`   // the comment it answers; empty = the post itself
	FromID       string `json:"from_id" dynamodbav:"from_id"`
	FromName     string `json:"from_name" dynamodbav:"from_name"`
	Text         string `json:"text" dynamodbav:"text"`
	Own          bool   `json:"own" dynamodbav:"own"` // the account wrote it itself
	Hidden       bool   `json:"hidden" dynamodbav:"hidden"`
	ReplyID      string `json:"reply_id" dynamodbav:"reply_id"` // the answer of ours that it is; empty = not written through Herald
	CreatedAt    int64  `json:"created_at" dynamodbav:"created_at"`
	ChangedAt    int64  `json:"text_at" dynamodbav:"text_at"`
	AnsweredAt   int64  `json:"answered_at" dynamodbav:"answered_at"`
	ReadAt       int64  `json:"read_at" dynamodbav:"read_at"` // when a member said that it is read
	RemovedAt    int64  `json:"removed_at" dynamodbav:"removed_at"`
}

// Ref names a comment within a workspace.
type Ref struct{ ConnectionID, ID string }

// State narrows the inbox.
type State string

// The states to filter by; empty = all.
const (
	Unanswered State = "unanswered" // without an answer of the account's own that Herald knows of
	Hidden     State = "hidden"
	Unread     State = "unread" // neither marked as read nor answered
)

// Filter says which comments are wanted. Of a post, the account's own are among them, oldest first; otherwise only what
// others wrote, newest first.
type Filter struct {
	ConnectionID string // empty = of every account
	PostID       string // with a ConnectionID: of this post
	State        State
}

// ListStore is what showing comments needs.
type ListStore interface {
	Comments(ctx context.Context, tenantID string, f Filter, cursor string, limit int) (comments []Comment, next string, err error)
	// Comment reads one; found is false when there is none, or it was removed.
	Comment(ctx context.Context, tenantID, connectionID, id string) (c Comment, found bool, err error)
}

// MarkStore is what marking comments needs.
type MarkStore interface {
	// MarkRead notes that a comment was read at the moment in epoch milliseconds; 0 takes the note back. found is false when
	// there is no such comment, or it was removed.
	MarkRead(ctx context.Context, tenantID, connectionID, id string, at int64) (found bool, err error)
}

// Reply is an answer of ours on its way. Its id follows from the request that asked for it, so a repeated request goes on
// with the same answer.
type Reply struct {
	TenantID     string                     `dynamodbav:"tenant_id"`
	ConnectionID string                     `dynamodbav:"connection_id"`
	ID           string                     `dynamodbav:"reply_id"`
	To           string                     `dynamodbav:"to"` // the comment
	Text         string                     `dynamodbav:"reply_text"`
	Lease        string                     `dynamodbav:"lease,omitempty"`
	LeaseUntil   int64                      `dynamodbav:"lease_until,omitempty"`
	Steps        map[string]publish.StepLog `dynamodbav:"steps"`
	InDoubt      string                     `dynamodbav:"in_doubt,omitempty"`
	Made         string                     `dynamodbav:"made,omitempty"` // the comment that it became
}

// WriteStore is what the desk needs.
type WriteStore interface {
	ListStore
	// Merge keeps what the platform shows of a comment now, unless something newer or its removal is known. at is the
	// moment of asking in epoch milliseconds.
	Merge(ctx context.Context, tenantID, connectionID string, c connector.Comment, at int64) error
	// DeleteComment forgets a comment.
	DeleteComment(ctx context.Context, tenantID, connectionID, id string) error
	// NoteComment writes down what was done to a comment, with a line for the trail.
	NoteComment(ctx context.Context, c Comment, verb connector.CommentVerb, line publish.AuditRow) error
	// ClaimReply begins an answer, or goes on with it. taken is false while another worker holds it; then r is what it
	// was. A finished answer (Made is set) is given back as it is.
	ClaimReply(ctx context.Context, r Reply, now int64) (held Reply, taken bool, err error)
	// SaveReply keeps the journal; publish.ErrLost when the lease is gone. An empty keep gives the lease back.
	SaveReply(ctx context.Context, r Reply, keep bool) error
	// FinishReply ends an answer: the comment that it became, the answered comment, and the line, all or nothing.
	FinishReply(ctx context.Context, r Reply, made connector.Comment, line publish.AuditRow) error
}
