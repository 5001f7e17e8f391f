package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/tenant"
)

// NewPost is the body of createPost and checkPost.
type NewPost struct {
	Text      string      `json:"text" maxLength:"100000" doc:"What every target gets that has no text of its own." example:"The terrace is open again. ☕"`
	Media     []NewMedium `json:"media,omitempty" nullable:"false" maxItems:"50" doc:"Uploaded files, in order."`
	Link      string      `json:"link,omitempty" format:"uri" maxLength:"2048" doc:"A link the post is about." example:"https://example.com/terrace"`
	Targets   []NewTarget `json:"targets" nullable:"false" minItems:"1" maxItems:"50" doc:"Where it goes."`
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
	Text         *string        `json:"text,omitempty" maxLength:"100000" doc:"Instead of the post's text."`
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
	ID     string `json:"id" example:"med_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Type   string `json:"type" example:"image/jpeg"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Alt    string `json:"alt"`
	URL    string `json:"url" doc:"Path of getMediaContent." example:"/v1/media/med_01kav8q2m4e9w3x6t0y5r7n1zd/content"`
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
type Posts struct{}

func (r Posts) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "createPost", Method: http.MethodPost, Path: "/v1/posts", DefaultStatus: http.StatusAccepted,
		Tags: []string{tagPosts}, Summary: "Publish now, or schedule",
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
