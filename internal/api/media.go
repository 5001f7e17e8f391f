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
	State      string     `json:"state" enum:"uploading,ready,deleting" doc:"deleting = its deletion was begun and not ended; it cannot be attached, and deleteMedia goes on with it."`
	Alt        string     `json:"alt" doc:"What it shows, for those who cannot see it: a suggestion for new posts." example:"Two chairs in the sun"`
	Width      int        `json:"width,omitempty" doc:"Pixels, as shown; once ready." example:"1200"`
	Height     int        `json:"height,omitempty" doc:"Pixels, as shown; once ready." example:"900"`
	Animated   bool       `json:"animated,omitempty" doc:"A picture that moves."`
	DurationMs int64      `json:"duration_ms,omitempty" doc:"Length of a video; once ready." example:"12500"`
	Codec      string     `json:"codec,omitempty" doc:"Codec of a video, as the file names it." example:"avc1"`
	FrameRate  float64    `json:"frame_rate,omitempty" doc:"Pictures per second of a video, the average." example:"30"`
	Pages      int        `json:"pages,omitempty" doc:"Pages of a document; once ready, and absent when they cannot be told." example:"12"`
	CreatedAt  time.Time  `json:"created_at"`
	PartBytes  int64      `json:"part_bytes,omitempty" doc:"While uploading: the size of every part but the last." example:"8388608"`
	Parts      int        `json:"parts,omitempty" doc:"While uploading: how many parts there are." example:"12"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty" doc:"While uploading: until when the upload can be completed."`
}

// MediaList is a page of the library.
type MediaList struct {
	Items      []Media `json:"items" nullable:"false"`
	NextCursor string  `json:"next_cursor,omitempty" doc:"Give it as cursor to get the next page, which may be empty when searching; absent = this was the last."`
}

// NewMedia is the body of createMedia.
type NewMedia struct {
	Name  string `json:"name" minLength:"1" maxLength:"255" example:"terrace.jpg"`
	Type  string `json:"type" minLength:"1" maxLength:"100" doc:"MIME type: JPEG, PNG, GIF or WebP, PDF, PPTX, DOCX, PPT or DOC up to 100 MB, MP4 or MOV up to 4 GB. A first check only: what counts is in the bytes." example:"image/jpeg"`
	Bytes int64  `json:"bytes" doc:"The file's exact size." example:"482113"`
}

// MediaChange is the body of updateMedia.
type MediaChange struct {
	Alt string `json:"alt" maxLength:"2000" doc:"What it shows, for those who cannot see it." example:"Two chairs in the sun"`
}

// MediaParts tells how far an upload is.
type MediaParts struct {
	PartBytes int64     `json:"part_bytes" doc:"The size of every part but the last." example:"8388608"`
	Parts     int       `json:"parts" doc:"How many parts there are." example:"12"`
	Arrived   []int     `json:"arrived" nullable:"false" doc:"The numbers of the parts that have arrived, from 1."`
	ExpiresAt time.Time `json:"expires_at" doc:"Until when the upload can be completed."`
}

// PartNumbers is the body of signMediaParts.
type PartNumbers struct {
	Numbers []int `json:"numbers" nullable:"false" minItems:"1" maxItems:"100" doc:"Which parts are to be sent, from 1."`
}

// SignedParts is where parts are sent.
type SignedParts struct {
	Parts     []SignedPart `json:"parts" nullable:"false"`
	ExpiresAt time.Time    `json:"expires_at" doc:"Until when the URLs can be used."`
}

// SignedPart tells how to send one part.
type SignedPart struct {
	Number  int               `json:"number" example:"1"`
	URL     string            `json:"url" doc:"Signed; good for 15 minutes and for this part of this file only."`
	Method  string            `json:"method" example:"PUT"`
	Headers map[string]string `json:"headers" doc:"Must be sent exactly as given. A browser sets Content-Length itself."`
}

// MediaUses are the posts a file is attached to.
type MediaUses struct {
	Items []MediaUse `json:"items" nullable:"false" doc:"The newest 100, newest first."`
}

// MediaUse is one post a file is attached to.
type MediaUse struct {
	PostID    string    `json:"post_id" example:"pst_01kav8q2m4e9w3x6t0y5r7n1zd"`
	Text      string    `json:"text"`
	State     string    `json:"state" enum:"scheduled,publishing,published,partly_published,failed,cancelled,needs_you"`
	PublishAt time.Time `json:"publish_at"`
	Needs     bool      `json:"needs" doc:"The post is not finished, so the file cannot be deleted."`
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
	updateMediaInput struct {
		MediaParam
		Body MediaChange
	}
	signPartsInput struct {
		Idempotent
		MediaParam
		Body PartNumbers
	}
	listMediaInput struct {
		Type   string `query:"type" enum:"all,image,video,document" default:"all"`
		Search string `query:"q" maxLength:"200" doc:"A part of the name or the description."`
		Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before."`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"48"`
	}
	mediaOutput       struct{ Body Media }
	mediaListOutput   struct{ Body MediaList }
	mediaPartsOutput  struct{ Body MediaParts }
	signedPartsOutput struct{ Body SignedParts }
	mediaUsesOutput   struct{ Body MediaUses }
	contentOutput     struct {
		Location     string `header:"Location" doc:"The signed URL."`
		CacheControl string `header:"Cache-Control" hidden:"true"`
	}
)

// MediaFiles serves /v1/media.
type MediaFiles struct{ Media *media.Service }

func (r MediaFiles) mount(s *surface) {
	route(s, huma.Operation{
		OperationID: "createMedia", Method: http.MethodPost, Path: "/v1/media", DefaultStatus: http.StatusCreated,
		Metadata: map[string]any{metaOwnKey: true}, // the file's id follows from the key, for as long as the upload may take
		Tags:     []string{tagMedia}, Summary: "Announce a file and begin its upload",
		Description: "Cut the file into `parts` parts of `part_bytes`, get their URLs from signMediaParts, send them in any order and several at a time, then call completeMedia. " +
			"What was interrupted goes on within a day: listMediaParts tells what is there.",
	}, tenant.Compose, r.create)
	route(s, huma.Operation{
		OperationID: "listMediaParts", Method: http.MethodGet, Path: "/v1/media/{media_id}/parts",
		Tags: []string{tagMedia}, Summary: "How far an upload is",
	}, tenant.Compose, r.parts)
	route(s, huma.Operation{
		OperationID: "signMediaParts", Method: http.MethodPost, Path: "/v1/media/{media_id}/parts",
		Metadata: map[string]any{metaOwnKey: true}, // the answer holds signed URLs, which are not to be kept; signing again is as good
		Tags:     []string{tagMedia}, Summary: "Get the URLs to send parts to",
		Description: "Send part n with its `method` and `headers` to its `url`. A part may be sent again; the last one counts.",
	}, tenant.Compose, r.sign)
	route(s, huma.Operation{
		OperationID: "completeMedia", Method: http.MethodPost, Path: "/v1/media/{media_id}/complete",
		Tags: []string{tagMedia}, Summary: "Put the parts together and check the file",
		Description: "Reads the type, the size in pixels and the length of a video and the pages of a document from the bytes. A file that Herald does not take is deleted and refused with a 422. " +
			"May be called again after a lost answer; 409 while parts are missing.",
	}, tenant.Compose, r.complete)
	route(s, huma.Operation{
		OperationID: "listMedia", Method: http.MethodGet, Path: "/v1/media",
		Tags: []string{tagMedia}, Summary: "List the files that were uploaded, newest first",
	}, tenant.Read, r.list)
	route(s, huma.Operation{
		OperationID: "getMedia", Method: http.MethodGet, Path: "/v1/media/{media_id}",
		Tags: []string{tagMedia}, Summary: "Read what is known of a file",
	}, tenant.Read, r.get)
	route(s, huma.Operation{
		OperationID: "getMediaContent", Method: http.MethodGet, Path: "/v1/media/{media_id}/content", DefaultStatus: http.StatusFound,
		Tags: []string{tagMedia}, Summary: "The file itself",
		Description: "A redirect to a signed URL that is good for 5 minutes.",
	}, tenant.Read, r.content)
	route(s, huma.Operation{
		OperationID: "listMediaUses", Method: http.MethodGet, Path: "/v1/media/{media_id}/uses",
		Tags: []string{tagMedia}, Summary: "The posts a file is attached to",
	}, tenant.Read, r.uses)
	route(s, huma.Operation{
		OperationID: "updateMedia", Method: http.MethodPatch, Path: "/v1/media/{media_id}",
		Tags: []string{tagMedia}, Summary: "Say what a file shows",
		Description: "A suggestion for posts that are written from now on; those that were made keep theirs.",
	}, tenant.Compose, r.update)
	route(s, huma.Operation{
		OperationID: "deleteMedia", Method: http.MethodDelete, Path: "/v1/media/{media_id}", DefaultStatus: http.StatusNoContent,
		Tags: []string{tagMedia}, Summary: "Delete a file, or stop its upload",
		Description: "409 while a post that is not finished needs it; the answer names those posts, and listMediaUses lists them. A failed post whose file was deleted cannot be tried again.",
	}, tenant.Compose, r.delete)
}

func (r MediaFiles) create(ctx context.Context, in *newMediaInput) (*mediaOutput, error) {
	who := sessionOf(ctx)
	f, err := r.Media.Create(ctx, who.TenantID, who.MemberID, media.New{
		Name: in.Body.Name, Type: in.Body.Type, Bytes: in.Body.Bytes, Key: callOf(ctx).key,
	})
	return &mediaOutput{Body: mediaFrom(f)}, err
}

func (r MediaFiles) parts(ctx context.Context, in *MediaParam) (*mediaPartsOutput, error) {
	u, err := r.Media.Progress(ctx, sessionOf(ctx).TenantID, in.ID)
	if u.Arrived == nil {
		u.Arrived = []int{}
	}
	return &mediaPartsOutput{Body: MediaParts{PartBytes: u.PartBytes, Parts: u.Parts, Arrived: u.Arrived, ExpiresAt: u.Until.UTC()}}, err
}

func (r MediaFiles) sign(ctx context.Context, in *signPartsInput) (*signedPartsOutput, error) {
	parts, until, err := r.Media.SignParts(ctx, sessionOf(ctx).TenantID, in.ID, in.Body.Numbers)
	out := SignedParts{Parts: make([]SignedPart, 0, len(parts)), ExpiresAt: until.UTC()}
	for _, p := range parts {
		out.Parts = append(out.Parts, SignedPart(p))
	}
	return &signedPartsOutput{Body: out}, err
}

func (r MediaFiles) complete(ctx context.Context, in *completeMediaInput) (*mediaOutput, error) {
	f, err := r.Media.Complete(ctx, sessionOf(ctx).TenantID, in.ID)
	return &mediaOutput{Body: mediaFrom(f)}, err
}

func (r MediaFiles) list(ctx context.Context, in *listMediaInput) (*mediaListOutput, error) {
	q := media.Query{Name: in.Search, Cursor: in.Cursor, Limit: in.Limit}
	if in.Type != "all" {
		q.Kind = in.Type
	}
	files, next, err := r.Media.List(ctx, sessionOf(ctx).TenantID, q)
	out := MediaList{Items: make([]Media, 0, len(files)), NextCursor: next}
	for _, f := range files {
		out.Items = append(out.Items, mediaFrom(f))
	}
	return &mediaListOutput{Body: out}, err
}

func (r MediaFiles) get(ctx context.Context, in *MediaParam) (*mediaOutput, error) {
	f, err := r.Media.Get(ctx, sessionOf(ctx).TenantID, in.ID)
	return &mediaOutput{Body: mediaFrom(f)}, err
}

func (r MediaFiles) uses(ctx context.Context, in *MediaParam) (*mediaUsesOutput, error) {
	uses, err := r.Media.Uses(ctx, sessionOf(ctx).TenantID, in.ID)
	out := MediaUses{Items: make([]MediaUse, 0, len(uses))}
	for _, u := range uses {
		out.Items = append(out.Items, MediaUse{PostID: u.PostID, Text: u.Text, State: u.State, PublishAt: moment(u.At), Needs: u.Needs})
	}
	return &mediaUsesOutput{Body: out}, err
}

func (r MediaFiles) update(ctx context.Context, in *updateMediaInput) (*mediaOutput, error) {
	f, err := r.Media.Describe(ctx, sessionOf(ctx).TenantID, in.ID, in.Body.Alt)
	return &mediaOutput{Body: mediaFrom(f)}, err
}

func (r MediaFiles) delete(ctx context.Context, in *MediaParam) (*struct{}, error) {
	return nil, r.Media.Delete(ctx, sessionOf(ctx).TenantID, in.ID)
}

func (r MediaFiles) content(ctx context.Context, in *MediaParam) (*contentOutput, error) {
	url, err := r.Media.ContentURL(ctx, sessionOf(ctx).TenantID, in.ID)
	// Shorter than the signature's life, and only in this browser: the page shows a picture many times.
	return &contentOutput{Location: url, CacheControl: "private, max-age=240"}, err
}

func mediaFrom(f media.File) Media {
	m := Media{
		ID: f.ID, Name: f.Name, Type: f.Type, Bytes: f.Bytes, State: f.State, Alt: f.Alt, Width: f.Width, Height: f.Height, Animated: f.Animated,
		DurationMs: f.DurationMs, Codec: f.Codec, FrameRate: f.FrameRate, Pages: f.Pages, CreatedAt: moment(f.CreatedAt),
	}
	switch f.State {
	case media.Deleted:
		m.State = media.Deleting
	case media.Uploading:
		plan := f.Plan()
		until := plan.Until.UTC()
		m.PartBytes, m.Parts, m.ExpiresAt = plan.PartBytes, plan.Parts, &until
	}
	return m
}
