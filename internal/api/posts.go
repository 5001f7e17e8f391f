package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/tenant"
)

// NewPost is the body of createPost and checkPost.
type NewPost struct {
	Text      string      `json:"text" maxLength:"70000" doc:"What every target gets that has no text of its own." example:"The terrace is open again. ☕"`
	Media     []NewMedium `json:"media,omitempty" nullable:"false" maxItems:"35" doc:"Uploaded files, in order."`
	Link      string      `json:"link,omitempty" maxLength:"2048" doc:"A link the post is about; a full http or https address." example:"https://example.com/terrace"`
	Targets   []NewTarget `json:"targets" nullable:"false" minItems:"1" maxItems:"25" doc:"Where it goes."`
	PublishAt *time.Time  `json:"publish_at,omitempty" doc:"When; absent = now." example:"2026-11-25T09:00:00Z"`
}

// NewMedium attaches an uploaded file.
type NewMedium struct {
	ID  string `json:"id" minLength:"1" maxLength:"64" example:"med_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Alt string `json:"alt,omitempty" maxLength:"2000" doc:"What it shows, for those who cannot see it." example:"Two chairs in the sun"`
}

// NewTarget is one account the post goes to.
type NewTarget struct {
	ConnectionID string         `json:"connection_id" minLength:"1" maxLength:"64" example:"con_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Text         *string        `json:"text,omitempty" maxLength:"70000" doc:"Instead of the post's text."`
	Kind         string         `json:"kind,omitempty" maxLength:"64" doc:"One of the account kind's posts; absent = what fits the content." example:"photo"`
	Options      map[string]any `json:"options,omitempty" doc:"What the kind's options schema says; see listPlatforms."`
}

// Check is the answer of checkPost.
type Check struct {
	Problems []FieldProblem `json:"problems" nullable:"false" doc:"What the platforms would refuse; empty = nothing."`
}

// Post is a post and how it went.
type Post struct {
	ID        string       `json:"id" example:"pst_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Text      string       `json:"text"`
	Media     []PostMedium `json:"media" nullable:"false"`
	Link      string       `json:"link,omitempty"`
	State     string       `json:"state" enum:"scheduled,publishing,published,partly_published,failed,cancelled,needs_you" doc:"Derived from the jobs; needs_you = a job waits for a person."`
	PublishAt time.Time    `json:"publish_at"`
	TimeZone  string       `json:"time_zone" doc:"The workspace's zone when the post was made." example:"Europe/Berlin"`
	CreatedAt time.Time    `json:"created_at"`
	CreatedBy Author       `json:"created_by"`
	Jobs      []Job        `json:"jobs" nullable:"false" doc:"One for each target."`
}

// Author is the member who made something.
type Author struct {
	ID   string `json:"id" example:"mem_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Name string `json:"name" example:"Ada Lovelace"`
}

// PostMedium is an attached file.
type PostMedium struct {
	ID         string `json:"id" example:"med_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Type       string `json:"type" example:"image/jpeg"`
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	DurationMs int64  `json:"duration_ms,omitempty" doc:"Length of a video."`
	Alt        string `json:"alt"`
	URL        string `json:"url" doc:"Path of getMediaContent." example:"/v1/media/med_01kav8q2m4e9w3x6t0y5r7n1zd/content"`
}

// PostList is a page of posts.
type PostList struct {
	Items      []Post `json:"items" nullable:"false"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Give it as cursor to get the next page; absent = this was the last."`
}

// NewTime is the body of reschedulePost.
type NewTime struct {
	PublishAt time.Time `json:"publish_at" example:"2026-11-25T09:00:00Z"`
}

type (
	// PostParam is the post in a path.
	PostParam struct {
		ID string `path:"post_id" example:"pst_01kav8q2m4e9w3x6t0y5r7n1zd"`
	}
	createPostInput struct {
		Key  string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"255" doc:"Any printable ASCII text, 1 to 255 characters. Kept as long as the post." example:"01kav8q2m4e9w3x6t0y5r7n1zd"`
		Body NewPost
	}
	checkPostInput struct {
		Idempotent
		Body NewPost
	}
	createPostOutput struct {
		Replayed string `header:"Idempotent-Replayed" doc:"true when the post was made by an earlier request with this key."`
		Body     Post
	}
	listPostsInput struct {
		State  string `query:"state" enum:"needs_you,scheduled,active,published,failed,cancelled,all" default:"all" doc:"active = publishing now."`
		Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before."`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"25"`
	}
	postActionInput struct {
		Idempotent
		PostParam
	}
	reschedulePostInput struct {
		Idempotent
		PostParam
		Body NewTime
	}
	postOutput  struct{ Body Post }
	postsOutput struct{ Body PostList }
	checkOutput struct{ Body Check }
)

// Posts serves /v1/posts.
type Posts struct{ Publish *publish.Service }

func (r Posts) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "createPost", Method: http.MethodPost, Path: "/v1/posts", DefaultStatus: http.StatusAccepted,
		Metadata: map[string]any{metaOwnKey: true}, // the key is part of the post's own transaction
		Tags:     []string{tagPosts}, Summary: "Publish now, or schedule",
		Description: "Checks the whole request against what the platforms take; either every target is accepted or none " +
			"(422 names each wrong field of each target). The answer comes as soon as the post is stored; publishing goes on " +
			"behind it and each target's job tells its outcome.\n\n`Idempotency-Key` is required: the same key with the same body " +
			"answers the post that was made the first time, with the header `Idempotent-Replayed: true`; with another body it is a 422.",
	}, tenant.Compose, r.create)
	route(s, huma.Operation{
		OperationID: "checkPost", Method: http.MethodPost, Path: "/v1/posts/check",
		Tags: []string{tagPosts}, Summary: "Tell what each platform would refuse",
		Description: "The same check as createPost, without storing anything. An empty list means that createPost would accept it.",
	}, tenant.Compose, r.check)
	route(s, huma.Operation{
		OperationID: "listPosts", Method: http.MethodGet, Path: "/v1/posts",
		Tags: []string{tagPosts}, Summary: "List posts",
		Description: "Newest first, by the time a post was or will be published.",
	}, tenant.Read, r.list)
	route(s, huma.Operation{
		OperationID: "getPost", Method: http.MethodGet, Path: "/v1/posts/{post_id}",
		Tags: []string{tagPosts}, Summary: "Read a post and the job of each target",
	}, tenant.Read, r.get)
	route(s, huma.Operation{
		OperationID: "cancelPost", Method: http.MethodPost, Path: "/v1/posts/{post_id}/cancel",
		Tags: []string{tagPosts}, Summary: "Cancel every job that has not started",
		Description: "Jobs that are running or done stay as they are; 409 when there is nothing left to cancel.",
	}, tenant.Compose, r.cancel)
	route(s, huma.Operation{
		OperationID: "reschedulePost", Method: http.MethodPost, Path: "/v1/posts/{post_id}/reschedule",
		Tags: []string{tagPosts}, Summary: "Move a scheduled post to another time",
		Description: "409 when a job of the post has started already.",
	}, tenant.Compose, r.reschedule)
}

// largestPost is what post and jobs may weigh together in bytes: they are written in one transaction of at most 4 MB.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const largestPost = 3_000_000

func (r Posts) create(ctx context.Context, in *createPostInput) (*createPostOutput, error) {
	post, err := newPostFrom(in.Body)
	if err != nil {
		return nil, err
	}
	p, replayed, err := r.Publish.Accept(ctx, authorOf(ctx), callOf(ctx).key, post)
	if err != nil {
		return nil, rejected(ctx, err)
	}
	out := &createPostOutput{Body: postFrom(p)}
	if replayed {
		out.Replayed = "true"
	}
	return out, nil
}

func (r Posts) check(ctx context.Context, in *checkPostInput) (*checkOutput, error) {
	post, err := newPostFrom(in.Body)
	if err != nil {
		return nil, err
	}
	violations, err := r.Publish.Check(ctx, authorOf(ctx), post)
	if err != nil {
		return nil, err
	}
	return &checkOutput{Body: Check{Problems: fieldsFrom(violations)}}, nil
}

func (r Posts) list(ctx context.Context, in *listPostsInput) (*postsOutput, error) {
	posts, next, err := r.Publish.List(ctx, sessionOf(ctx).TenantID, publish.Filter{State: in.State, Cursor: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &postsOutput{Body: PostList{Items: make([]Post, 0, len(posts)), NextCursor: next}}
	for _, p := range posts {
		out.Body.Items = append(out.Body.Items, postFrom(p))
	}
	return out, nil
}

func (r Posts) get(ctx context.Context, in *PostParam) (*postOutput, error) {
	p, err := r.Publish.Get(ctx, sessionOf(ctx).TenantID, in.ID)
	return &postOutput{Body: postFrom(p)}, err
}

func (r Posts) cancel(ctx context.Context, in *postActionInput) (*postOutput, error) {
	p, err := r.Publish.Cancel(ctx, authorOf(ctx), in.ID)
	return &postOutput{Body: postFrom(p)}, err
}

func (r Posts) reschedule(ctx context.Context, in *reschedulePostInput) (*postOutput, error) {
	p, err := r.Publish.Reschedule(ctx, authorOf(ctx), in.ID, in.Body.PublishAt)
	return &postOutput{Body: postFrom(p)}, rejected(ctx, err)
}

func authorOf(ctx context.Context) publish.Author {
	s := sessionOf(ctx)
	return publish.Author{TenantID: s.TenantID, MemberID: s.MemberID, Name: s.Name, Zone: s.Zone}
}

// newPostFrom also weighs the post, since every target without a text of its own gets a copy.
func newPostFrom(b NewPost) (publish.NewPost, error) {
	out := publish.NewPost{Text: b.Text, Link: b.Link}
	if b.PublishAt != nil {
		out.PublishAt = *b.PublishAt
	}
	for _, m := range b.Media {
		out.Media = append(out.Media, publish.NewMedia{ID: m.ID, Alt: m.Alt})
	}
	weight := len(b.Text)
	for _, t := range b.Targets {
		out.Targets = append(out.Targets, publish.Target{ConnectionID: t.ConnectionID, Text: t.Text, Kind: t.Kind, Options: t.Options})
		text := b.Text
		if t.Text != nil {
			text = *t.Text
		}
		options, err := json.Marshal(t.Options)
		if err != nil {
			return publish.NewPost{}, problem.New(problem.InvalidRequest, "The options cannot be read.").On("targets").Because(err)
		}
		weight += len(text) + len(options)
		for _, m := range b.Media {
			weight += len(m.Alt) + 500
		}
	}
	if weight > largestPost {
		return publish.NewPost{}, problem.New(problem.TooLarge, "The texts of all targets together are too long for one post. Use fewer targets.").On("targets")
	}
	return out, nil
}

// rejected makes the answer for everything that is wrong with a post, at once.
func rejected(ctx context.Context, err error) error {
	var all *publish.Rejected
	switch {
	case errors.Is(err, publish.ErrKeyReused):
		return problem.New(problem.InvalidRequest, "This key was used for another post.").On(keyHeader)
	case !errors.As(err, &all):
		return err
	}
	detail := "One thing must change before this can be published."
	if len(all.Violations) != 1 {
		detail = "Several things must change before this can be published."
	}
	p := newProblem(ctx, requestPath(ctx), problem.New(problem.InvalidContent, detail))
	p.Errors = fieldsFrom(all.Violations)
	return p
}

func fieldsFrom(violations []publish.Violation) []FieldProblem {
	out := make([]FieldProblem, 0, len(violations))
	for _, v := range violations {
		out = append(out, FieldProblem{Field: v.Field, ConnectionID: v.ConnectionID, Message: v.Message, Rule: v.Rule})
	}
	return out
}

func postFrom(p publish.Post) Post {
	out := Post{
		ID: p.ID, Text: p.Text, Media: make([]PostMedium, 0, len(p.Media)), Link: p.Link, State: p.State(), PublishAt: moment(p.At),
		TimeZone: p.Zone, CreatedAt: moment(p.CreatedAt), CreatedBy: Author{ID: p.CreatedBy, Name: p.CreatedName},
		Jobs: make([]Job, 0, len(p.Jobs)),
	}
	for _, m := range p.Media {
		out.Media = append(out.Media, PostMedium{ID: m.ID, Type: m.Type, Width: m.Width, Height: m.Height, DurationMs: m.DurationMs, Alt: m.Alt, URL: "/v1/media/" + m.ID + "/content"})
	}
	for _, j := range p.Jobs {
		out.Jobs = append(out.Jobs, jobFrom(j))
	}
	return out
}
