package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Media is an uploaded file.
type Media struct {
	ID         string     `json:"id" example:"med_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Name       string     `json:"name" example:"terrace.jpg"`
	Type       string     `json:"type" doc:"MIME type; once ready, read from the bytes." example:"image/jpeg"`
	Bytes      int64      `json:"bytes" example:"482113"`
	State      string     `json:"state" enum:"uploading,ready"`
	Width      int        `json:"width,omitempty" doc:"Pixels; once ready." example:"1200"`
	Height     int        `json:"height,omitempty" doc:"Pixels; once ready." example:"900"`
	DurationMs int64      `json:"duration_ms,omitempty" doc:"Length of a video; once ready." example:"12500"`
	Codec      string     `json:"codec,omitempty" doc:"Codec of a video, as the file names it." example:"avc1"`
	FrameRate  float64    `json:"frame_rate,omitempty" doc:"Pictures per second of a video, the average." example:"30"`
	Upload     *Upload    `json:"upload,omitempty" doc:"Only in the answer of createMedia."`
	ExpiresAt  *time.Time `json:"expires_at,omitempty" doc:"Until when the upload can be made."`
}

// Upload tells how to send the bytes.
type Upload struct {
	URL     string            `json:"url" doc:"Signed; good for 15 minutes and for this file only."`
	Method  string            `json:"method" example:"PUT"`
	Headers map[string]string `json:"headers" doc:"Must be sent exactly as given. A browser sets Content-Length itself."`
}

// NewMedia is the body of createMedia.
type NewMedia struct {
	Name  string `json:"name" minLength:"1" maxLength:"255" example:"terrace.jpg"`
	Type  string `json:"type" minLength:"1" maxLength:"100" doc:"MIME type: JPEG, PNG, GIF or WebP up to 100 MB, MP4 or MOV up to 1 GB." example:"image/jpeg"`
	Bytes int64  `json:"bytes" doc:"The file's exact size." example:"482113"`
}

type (
	// MediaParam is the file in a path.
	MediaParam struct {
		ID string `path:"media_id" example:"med_01kav8q2m4e9w3x6t0y5r7n1zd"`
	}
	newMediaInput struct {
		Idempotent
		Body NewMedia
	}
	completeMediaInput struct {
		Idempotent
		MediaParam
	}
	mediaOutput   struct{ Body Media }
	contentOutput struct {
		Location     string `header:"Location" doc:"The signed URL."`
		CacheControl string `header:"Cache-Control" hidden:"true"`
	}
)

// MediaFiles serves /v1/media.
type MediaFiles struct{ Media *media.Service }

func (r MediaFiles) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "createMedia", Method: http.MethodPost, Path: "/v1/media", DefaultStatus: http.StatusCreated,
		Metadata: map[string]any{metaOwnKey: true}, // the answer holds a signed URL, which is not to be kept
		Tags:     []string{tagMedia}, Summary: "Announce a file and get the URL to send it to",
		Description: "Send the bytes to `upload.url` with `upload.method` and `upload.headers`, then call completeMedia.",
	}, tenant.Compose, r.create)
	route(s, huma.Operation{
		OperationID: "completeMedia", Method: http.MethodPost, Path: "/v1/media/{media_id}/complete",
		Tags: []string{tagMedia}, Summary: "Check the uploaded file",
		Description: "Reads the type, the size in pixels and the length of a video from the bytes. A file that is not what it was said to be is deleted and refused with a 422.",
	}, tenant.Compose, r.complete)
	route(s, huma.Operation{
		OperationID: "getMedia", Method: http.MethodGet, Path: "/v1/media/{media_id}",
		Tags: []string{tagMedia}, Summary: "Read what is known of a file",
	}, tenant.Read, r.get)
	route(s, huma.Operation{
		OperationID: "getMediaContent", Method: http.MethodGet, Path: "/v1/media/{media_id}/content", DefaultStatus: http.StatusFound,
		Tags: []string{tagMedia}, Summary: "The file itself",
		Description: "A redirect to a signed URL that is good for 5 minutes.",
	}, tenant.Read, r.content)
}

func (r MediaFiles) create(ctx context.Context, in *newMediaInput) (*mediaOutput, error) {
	who := sessionOf(ctx)
	f, up, err := r.Media.Create(ctx, who.TenantID, who.MemberID, media.New{
		Name: in.Body.Name, Type: in.Body.Type, Bytes: in.Body.Bytes, Key: callOf(ctx).key,
	})
	if err != nil {
		return nil, err
	}
	out := mediaFrom(f)
	if up.URL != "" {
		until := up.Until.UTC()
		out.Upload, out.ExpiresAt = &Upload{URL: up.URL, Method: up.Method, Headers: up.Headers}, &until
	}
	return &mediaOutput{Body: out}, nil
}

func (r MediaFiles) complete(ctx context.Context, in *completeMediaInput) (*mediaOutput, error) {
	f, err := r.Media.Complete(ctx, sessionOf(ctx).TenantID, in.ID)
	return &mediaOutput{Body: mediaFrom(f)}, err
}

func (r MediaFiles) get(ctx context.Context, in *MediaParam) (*mediaOutput, error) {
	f, err := r.Media.Get(ctx, sessionOf(ctx).TenantID, in.ID)
	return &mediaOutput{Body: mediaFrom(f)}, err
}

func (r MediaFiles) content(ctx context.Context, in *MediaParam) (*contentOutput, error) {
	url, err := r.Media.ContentURL(ctx, sessionOf(ctx).TenantID, in.ID)
	// Shorter than the signature's life, and only in this browser: the page shows a picture many times.
	return &contentOutput{Location: url, CacheControl: "private, max-age=240"}, err
}

func mediaFrom(f media.File) Media {
	return Media{
		ID: f.ID, Name: f.Name, Type: f.Type, Bytes: f.Bytes, State: f.State, Width: f.Width, Height: f.Height,
		DurationMs: f.DurationMs, Codec: f.Codec, FrameRate: f.FrameRate,
	}
}
