package connector

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// WebhookKind is what a platform's notice is about.
type WebhookKind string

// The kinds of notices. What Herald does not know is WebhookOther: kept, and applied to nothing.
const (
	WebhookDeauthorized      WebhookKind = "deauthorized"       // the person removed the app
	WebhookDataDeletion      WebhookKind = "data_deletion"      // the person wants everything deleted
	WebhookPermissionChanged WebhookKind = "permission_changed" // one permission was given or taken back
	WebhookComment           WebhookKind = "comment"            // a comment on one of the account's posts changed
	WebhookPost              WebhookKind = "post"               // something became of one of the account's posts
	WebhookOther             WebhookKind = "other"
)

// WebhookEvent is one change that a platform tells of. It is about an account (ExternalAccountID) or about a person
// (Subject), never both.
type WebhookEvent struct {
	ID                string // the same for each delivery of one change, different for any two changes; 32 hex digits
	ExternalAccountID string
	Subject           string
	Accounts          []string // a Subject's event is about these accounts only; empty = all of the person's
	Kind              WebhookKind
	At                time.Time         // when it happened, as the platform says
	Cause             string            // one sentence for people: why, where the platform says; empty = it does not
	Permission        *PermissionChange // of WebhookPermissionChanged
	Comment           *CommentChange    // of WebhookComment
	Post              *PostChange       // of WebhookPost
	Payload           json.RawMessage   // the change as it came, for people to look at
	// Keep is how long the platform lets what the event says be kept; 0 = as long as Herald wants.
	Keep time.Duration
}

// PermissionChange says what became of a permission.
type PermissionChange struct {
	Name    string `dynamodbav:"name"`
	Revoked bool   `dynamodbav:"revoked"` // false: given
}

// CommentVerb is what happened to a comment.
type CommentVerb string

// The verbs. CommentAdd and CommentEdit carry the whole text.
const (
	CommentAdd    CommentVerb = "add"
	CommentEdit   CommentVerb = "edit"
	CommentRemove CommentVerb = "remove"
	CommentHide   CommentVerb = "hide"
	CommentUnhide CommentVerb = "unhide"
)

// CommentChange is a comment after the change. All but ID and Verb may be empty: platforms leave things out.
type CommentChange struct {
	ID        string      `dynamodbav:"id"`
	Verb      CommentVerb `dynamodbav:"verb"`
	PostID    string      `dynamodbav:"post_id"`
	ParentID  string      `dynamodbav:"parent_id"` // the comment it answers; empty = the post itself
	FromID    string      `dynamodbav:"from_id"`
	FromName  string      `dynamodbav:"from_name"`
	Text      string      `dynamodbav:"text"`
	CreatedAt int64       `dynamodbav:"created_at"` // epoch ms; 0 = not told
	// Own: the account wrote it itself. Where FromID is the account's id, Herald sees that by itself.
	Own bool `dynamodbav:"own"`
}

// PostState is what became of a post.
type PostState string

// The states.
const (
	PostPublished PostState = "published" // others can see it
	PostDelivered PostState = "delivered" // it waits where its owner finishes it: an inbox of drafts
	PostFailed    PostState = "failed"    // the platform did not publish it
	PostRemoved   PostState = "removed"   // it cannot be seen any more
)

// PostChange is what a platform tells of a post that was handed to it. A post is known by its Reference, by its
// ExternalID, or by both. It completes what is known about a published post and never makes a failed one of it.
type PostChange struct {
	Reference  string    `dynamodbav:"reference"`   // what the platform called the post before it had an id
	ExternalID string    `dynamodbav:"external_id"` // the post's id; may be empty
	Permalink  string    `dynamodbav:"permalink"`   // may be empty
	State      PostState `dynamodbav:"state"`
	Reason     string    `dynamodbav:"reason"` // the platform's own word for why it failed or was removed; may be empty
}

// Handshake is the answer to a platform's question whether an address is ours.
type Handshake struct {
	Body []byte
	Type string // of the content: "text/plain; charset=utf-8"
}

// WebhookVerifier tells whether a delivery comes from the platform. Neither method does I/O.
type WebhookVerifier interface {
	// Handshake answers the platform's question whether the address is ours. ok is false when the token is not the one
	// that the operator gave the platform, or none is configured. Where there is no such question it is always false.
	Handshake(query url.Values, verifyToken Secret) (answer Handshake, ok bool)
	// Verify checks the signature over the bytes as they came. Its error is a problem.Unauthorized.
	Verify(header http.Header, rawBody []byte) error
}

// WebhookParser reads verified deliveries.
type WebhookParser interface {
	// Split gives every change of a delivery, in its order. What is not known becomes WebhookOther; only a body that is
	// no delivery at all is an error.
	Split(rawBody []byte) ([]WebhookEvent, error)
	// Callback reads a signed form (deauthorize, data deletion) and verifies it. kind says which address it came to. Its
	// error is a problem.Unauthorized.
	Callback(kind WebhookKind, form url.Values) (WebhookEvent, error)
}

// Webhooks is what the function that receives deliveries needs of a connector.
type Webhooks interface {
	WebhookVerifier
	WebhookParser
}
