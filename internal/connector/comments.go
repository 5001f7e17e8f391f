package connector

import (
	"context"
	"time"
)

// Comment is a comment as the platform shows it now. All but ID may be empty: platforms leave things out.
type Comment struct {
	ID        string
	PostID    string // the post below which it stands
	ParentID  string // the comment it answers; empty = the post itself
	FromID    string
	FromName  string
	Own       bool // the account wrote it itself
	Text      string
	Hidden    bool
	CreatedAt time.Time
	// Keep is how long the platform lets what others wrote be kept; 0 = as long as the account is linked.
	Keep time.Duration
}

// CommentPage is a part of a post's comments.
type CommentPage struct {
	Items []Comment
	Next  string // asks for what comes after; empty = that was all
}

// ReplyDraft is an answer to a comment.
type ReplyDraft struct {
	To   Comment // ID and PostID are set
	Text string
	// Claimed tells whether another answer of ours is this comment already, so that a Find does not adopt it. nil =
	// cannot be told.
	Claimed func(ctx context.Context, id string) (bool, error)
}

// Moderator reads the comments of the account's posts, answers and deletes them.
type Moderator interface {
	// Comments lists a post's comments with the answers to them, in no particular order. cursor is a page's Next.
	Comments(ctx context.Context, s Session, r Receipt, cursor string) (CommentPage, error)
	// Reply answers a comment as the account, exactly once, through steps; see Publish.
	Reply(ctx context.Context, s Session, d ReplyDraft, steps Steps) (Comment, error)
	// DeleteComment removes a comment. Removing what is gone already is a success.
	DeleteComment(ctx context.Context, s Session, c Comment) error
}

// Hider hides a comment of somebody else from others, or shows it again. Doing it twice is a success.
type Hider interface {
	Hide(ctx context.Context, s Session, c Comment, hidden bool) error
}
