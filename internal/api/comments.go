package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Comment is a comment on one of the account's posts.
type Comment struct {
	ID           string     `json:"id" doc:"The platform's id." example:"111_222"`
	ConnectionID string     `json:"connection_id"`
	PostID       string     `json:"post_id" doc:"The platform's id of the post; may be empty."`
	ParentID     string     `json:"parent_id,omitempty" doc:"The comment it answers; absent = the post itself."`
	FromID       string     `json:"from_id" doc:"May be empty: platforms hide who wrote."`
	FromName     string     `json:"from_name"`
	Text         string     `json:"text"`
	Own          bool       `json:"own" doc:"The account wrote it itself."`
	Hidden       bool       `json:"hidden"`
	CreatedAt    *time.Time `json:"created_at,omitempty"`
	AnsweredAt   *time.Time `json:"answered_at,omitempty" doc:"When the account answered it, as far as Herald knows."`
	ReadAt       *time.Time `json:"read_at,omitempty" doc:"When a member marked it as read, for the whole workspace."`
}

// CommentList is a page of comments.
type CommentList struct {
	Items      []Comment `json:"items" nullable:"false"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"Give it as cursor to get the next page; absent = this was the last."`
}

// Answer is the body of replyToComment.
type Answer struct {
	Text string `json:"text" minLength:"1" maxLength:"8000" example:"Thank you! We are open until six."`
}

// Refreshed is the answer of refreshComments.
type Refreshed struct {
	Found int `json:"found" doc:"How many comments the platform shows, at most some hundred."`
}

type (
	commentsInput struct {
		ConnectionID string `query:"connection_id" maxLength:"64" doc:"Only this account's; absent = of every account." example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
		PostID       string `query:"post_id" maxLength:"512" doc:"Only below this post, by the platform's id; needs connection_id. The account's own comments are among them, and the oldest come first."`
		State        string `query:"state" enum:"unread,unanswered,hidden" doc:"unread: neither marked as read nor answered. Absent = all."`
		Cursor       string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before."`
		Limit        int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	}
	// CommentParam is the comment in a path.
	CommentParam struct {
		ConnectionID string `path:"connection_id" example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
		CommentID    string `path:"comment_id" maxLength:"512" doc:"The platform's id." example:"111_222"`
	}
	replyInput struct {
		Idempotent
		CommentParam
		Body Answer
	}
	commentActionInput struct {
		Idempotent
		CommentParam
	}
	commentsOutput  struct{ Body CommentList }
	commentOutput   struct{ Body Comment }
	refreshedOutput struct{ Body Refreshed }
)

func (p CommentParam) ref() comment.Ref {
	return comment.Ref{ConnectionID: p.ConnectionID, ID: p.CommentID}
}

// CommentDesk does on the platform what is asked. It works behind a function that may open tokens.
type CommentDesk interface {
	Reply(ctx context.Context, tenantID, member string, to comment.Ref, reply, text string) (comment.Comment, error)
	SetHidden(ctx context.Context, tenantID, member string, of comment.Ref, hidden bool) error
	DeleteComment(ctx context.Context, tenantID, member string, of comment.Ref) error
}

// Comments serves /v1/comments.
type Comments struct {
	Store interface {
		comment.ListStore
		comment.MarkStore
	}
	Desk  CommentDesk
	Now   func() time.Time
	NewID func() string // lower-case ULID
}

func (r Comments) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "listComments", Method: http.MethodGet, Path: "/v1/comments",
		Tags: []string{tagComments}, Summary: "The comments on the accounts' posts, newest first",
		Description: "As far as the platforms told of them; refreshComments asks for those of one post. What the accounts wrote themselves is shown with post_id only. A page may be shorter than the limit while there are more.",
	}, tenant.Read, r.list)
	route(s, huma.Operation{
		OperationID: "replyToComment", Method: http.MethodPost, Path: "/v1/comments/{connection_id}/{comment_id}/reply", DefaultStatus: http.StatusCreated,
		Tags: []string{tagComments}, Summary: "Answer a comment as the account",
		Description: "Send an Idempotency-Key. With the same key an answer is written once, whatever fails in between: when the platform did not say whether it has it, the error has a Retry-After, and the same request finds it or writes it then.",
	}, tenant.Compose, r.reply)
	route(s, huma.Operation{
		OperationID: "hideComment", Method: http.MethodPost, Path: "/v1/comments/{connection_id}/{comment_id}/hide",
		Tags: []string{tagComments}, Summary: "Hide a comment from others", Description: "The account's own comments cannot be hidden.",
	}, tenant.Compose, func(ctx context.Context, in *commentActionInput) (*commentOutput, error) {
		return r.hide(ctx, in, true)
	})
	route(s, huma.Operation{
		OperationID: "unhideComment", Method: http.MethodPost, Path: "/v1/comments/{connection_id}/{comment_id}/unhide",
		Tags: []string{tagComments}, Summary: "Show a hidden comment again",
	}, tenant.Compose, func(ctx context.Context, in *commentActionInput) (*commentOutput, error) {
		return r.hide(ctx, in, false)
	})
	route(s, huma.Operation{
		OperationID: "readComment", Method: http.MethodPost, Path: "/v1/comments/{connection_id}/{comment_id}/read",
		Tags: []string{tagComments}, Summary: "Mark a comment as read", Description: "For the whole workspace. The platform is not told.",
	}, tenant.Compose, func(ctx context.Context, in *commentActionInput) (*commentOutput, error) {
		return r.mark(ctx, in, r.Now().UnixMilli())
	})
	route(s, huma.Operation{
		OperationID: "unreadComment", Method: http.MethodPost, Path: "/v1/comments/{connection_id}/{comment_id}/unread",
		Tags: []string{tagComments}, Summary: "Mark a comment as not read",
	}, tenant.Compose, func(ctx context.Context, in *commentActionInput) (*commentOutput, error) {
		return r.mark(ctx, in, 0)
	})
	route(s, huma.Operation{
		OperationID: "deleteComment", Method: http.MethodPost, Path: "/v1/comments/{connection_id}/{comment_id}/delete",
		Tags: []string{tagComments}, Summary: "Delete a comment on the platform", Description: "Deleting what is gone already is a success.",
	}, tenant.Decide, r.delete)
}

func (r Comments) list(ctx context.Context, in *commentsInput) (*commentsOutput, error) {
	if in.ConnectionID != "" && !tenant.WellFormed(in.ConnectionID, "con_") {
		return nil, problem.New(problem.InvalidRequest, "This is not an account's id.").On("connection_id")
	}
	if in.PostID != "" && in.ConnectionID == "" {
		return nil, problem.New(problem.InvalidRequest, "Say whose post it is.").On("connection_id")
	}
	f := comment.Filter{ConnectionID: in.ConnectionID, PostID: in.PostID, State: comment.State(in.State)}
	list, next, err := r.Store.Comments(ctx, sessionOf(ctx).TenantID, f, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &commentsOutput{Body: CommentList{Items: make([]Comment, 0, len(list)), NextCursor: next}}
	for _, c := range list {
		out.Body.Items = append(out.Body.Items, commentFrom(c))
	}
	return out, nil
}

func (r Comments) reply(ctx context.Context, in *replyInput) (*commentOutput, error) {
	if strings.TrimSpace(in.Body.Text) == "" {
		return nil, problem.New(problem.InvalidContent, "An answer needs words.").On("text")
	}
	who := sessionOf(ctx)
	made, err := r.Desk.Reply(ctx, who.TenantID, who.MemberID, in.ref(), r.replyID(ctx, in.CommentParam), strings.TrimSpace(in.Body.Text))
	return &commentOutput{Body: commentFrom(made)}, err
}

// replyID follows from the key, so that a repeated request goes on with the same answer.
func (r Comments) replyID(ctx context.Context, to CommentParam) string {
	key := callOf(ctx).key
	if key == "" {
		return "rep_" + r.NewID()
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{to.ConnectionID, to.CommentID, key}, "\x00")))
	return "rep_" + hex.EncodeToString(sum[:16])
}

func (r Comments) hide(ctx context.Context, in *commentActionInput, hidden bool) (*commentOutput, error) {
	who := sessionOf(ctx)
	if err := r.Desk.SetHidden(ctx, who.TenantID, who.MemberID, in.ref(), hidden); err != nil {
		return nil, err
	}
	return r.shown(ctx, in.ref())
}

func (r Comments) mark(ctx context.Context, in *commentActionInput, at int64) (*commentOutput, error) {
	found, err := r.Store.MarkRead(ctx, sessionOf(ctx).TenantID, in.ConnectionID, in.CommentID, at)
	if err == nil && !found {
		err = nothingThere()
	}
	if err != nil {
		return nil, err
	}
	return r.shown(ctx, in.ref())
}

// shown is the comment as it is now.
func (r Comments) shown(ctx context.Context, of comment.Ref) (*commentOutput, error) {
	c, found, err := r.Store.Comment(ctx, sessionOf(ctx).TenantID, of.ConnectionID, of.ID)
	if err == nil && !found {
		err = nothingThere()
	}
	return &commentOutput{Body: commentFrom(c)}, err
}

func (r Comments) delete(ctx context.Context, in *commentActionInput) (*empty, error) {
	who := sessionOf(ctx)
	return nil, r.Desk.DeleteComment(ctx, who.TenantID, who.MemberID, in.ref())
}

func commentFrom(c comment.Comment) Comment {
	return Comment{
		ID: c.ID, ConnectionID: c.ConnectionID, PostID: c.PostID, ParentID: c.ParentID, FromID: c.FromID, FromName: c.FromName, Text: c.Text,
		Own: c.Own, Hidden: c.Hidden, CreatedAt: maybe(c.CreatedAt), AnsweredAt: maybe(c.AnsweredAt), ReadAt: maybe(c.ReadAt),
	}
}
