// Package media owns uploaded files: the upload in parts, what a file really is, and the library that is made of them.
package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/herald-publishing/herald/internal/problem"
)

// Herald's own limits; the platforms' are checked when a post is made.
const (
	MaxBytes      = 100 << 20  // of a picture or a document
	MaxVideoBytes = 4 << 30    // of a video
	MaxPixels     = 80_000_000 // width × height; more would need too much memory to decode, here and at the platforms
	MaxAlt        = 2000       // characters of a description
	// PartBytes is the size of every part but the last. S3 takes 10,000 parts of at least 5 MB; see
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
	PartBytes = 8 << 20
	// MaxSigned is how many parts are signed in one call.
	MaxSigned   = 100
	PartLife    = 15 * time.Minute // of a part's signed URL
	ContentLife = 5 * time.Minute  // of a signed URL of the whole file
	// UploadLife is how long an upload may take from its announcement, pauses included. The bucket's rules clean up a
	// day later.
	UploadLife = 24 * time.Hour
)

// The states of a file. Up to Ready nobody can attach it; from Deleting on nobody can any more.
const (
	Uploading = "uploading"
	Ready     = "ready"
	Deleting  = "deleting" // marked; the posts that use it are being looked at, and it may become ready again
	Deleted   = "deleted"  // decided; the bytes, or only this row, remain to be removed
)

// File is an uploaded file.
type File struct {
	TenantID string `dynamodbav:"tenant_id"`
	ID       string `dynamodbav:"media_id"`
	Name     string `dynamodbav:"name"`
	Type     string `dynamodbav:"type"` // MIME type; as announced, and once ready as read from the bytes
	Bytes    int64  `dynamodbav:"bytes"`
	State    string `dynamodbav:"state"`
	Key      string `dynamodbav:"key"`                 // object key
	UploadID string `dynamodbav:"upload_id,omitempty"` // S3's name of the upload in parts; empty once ready
	Width    int    `dynamodbav:"width"`               // as shown, after the orientation that the file asks for
	Height   int    `dynamodbav:"height"`
	Animated bool   `dynamodbav:"animated,omitempty"` // a picture that moves
	Alt      string `dynamodbav:"alt,omitempty"`      // what it shows, offered to each new post
	// Of a video: its length, the picture track's codec and its pictures per second.
	DurationMs int64   `dynamodbav:"duration_ms,omitempty"`
	Codec      string  `dynamodbav:"codec,omitempty"`
	FrameRate  float64 `dynamodbav:"frame_rate,omitempty"`
	Pages      int     `dynamodbav:"pages,omitempty"`    // of a document; 0 = not known
	CreatedBy  string  `dynamodbav:"created_by"`         // member id
	CreatedAt  int64   `dynamodbav:"created_at"`         // epoch ms
	ReadyAt    int64   `dynamodbav:"ready_at,omitempty"` // epoch ms; what the library is sorted by
	Mark       string  `dynamodbav:"mark,omitempty"`     // which call of Delete is looking
	TTL        int64   `dynamodbav:"ttl,omitempty"`      // epoch seconds: the end of an unfinished upload
}

// Store keeps the rows.
type Store interface {
	// CreateMedia writes the row; when the id is taken it gives the row that is there and created is false.
	CreateMedia(ctx context.Context, f File) (there File, created bool, err error)
	Media(ctx context.Context, tenantID, id string) (f File, found bool, err error)
	// FinishMedia writes the row of a file that is uploading; ready is false when it is not uploading any more.
	FinishMedia(ctx context.Context, f File) (ready bool, err error)
	// ForgetUpload removes the row of a file that is uploading; gone is false when it is not uploading any more.
	ForgetUpload(ctx context.Context, tenantID, id string) (gone bool, err error)
	// ListMedia gives a page of the finished files, newest first, and the next page's cursor.
	ListMedia(ctx context.Context, tenantID string, q Query) ([]File, string, error)
	// DescribeMedia sets the description of a file that is ready; found is false when there is none.
	DescribeMedia(ctx context.Context, tenantID, id, alt string) (f File, found bool, err error)
	// MediaUses lists the posts a file is attached to, newest first; most <= 0 lists all.
	MediaUses(ctx context.Context, tenantID, id string, most int) ([]Use, error)
	// MarkMedia makes a ready or marked file Deleting under this mark: from now on no post is accepted with it.
	MarkMedia(ctx context.Context, tenantID, id, mark string) (done bool, err error)
	// UnmarkMedia makes the file ready again, if the mark is still this one.
	UnmarkMedia(ctx context.Context, tenantID, id, mark string) error
	// CondemnMedia makes the file Deleted, if the mark is still this one. There is no way back.
	CondemnMedia(ctx context.Context, tenantID, id, mark string) (done bool, err error)
	// RemoveMedia removes what is known of a Deleted file.
	RemoveMedia(ctx context.Context, tenantID, id string) error
}

// Errors of a Bucket.
var (
	ErrNoObject = errors.New("media: no such object")
	ErrNoUpload = errors.New("media: no such upload in parts")
)

// Part is one part of an upload as the bucket has it.
type Part struct {
	Number int // from 1
	Bytes  int64
	ETag   string
}

// SignedPart is how one part is sent.
type SignedPart struct {
	Number  int
	URL     string
	Method  string
	Headers map[string]string
}

// Bucket keeps the bytes.
type Bucket interface {
	// Begin starts an upload in parts. Its object is marked as unfinished: the bucket removes it after some days,
	// unless Keep is called.
	Begin(ctx context.Context, key string) (uploadID string, err error)
	// SignPart makes a URL that takes exactly this many bytes as this part, until the upload is joined or aborted.
	SignPart(ctx context.Context, key, uploadID string, number int, size int64, life time.Duration) (SignedPart, error)
	// Parts lists what has arrived, in order; ErrNoUpload when the upload was joined or aborted.
	Parts(ctx context.Context, key, uploadID string) ([]Part, error)
	// Join makes the object out of the parts; ErrNoUpload as above.
	Join(ctx context.Context, key, uploadID string, parts []Part) error
	// Abort forgets an upload and its parts. One that is gone is a success.
	Abort(ctx context.Context, key, uploadID string) error
	// Keep takes the object's mark away.
	Keep(ctx context.Context, key string) error
	// SignGet makes a URL of the object that is answered under this name and type.
	SignGet(ctx context.Context, key, name, contentType string, life time.Duration) (string, error)
	// Size gives the size of an object; ErrNoObject when it is absent.
	Size(ctx context.Context, key string) (int64, error)
	// Open reads a range; length < 0 reads to the end.
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Delete removes an object. One that is gone is a success.
	Delete(ctx context.Context, key string) error
}

// Service is uploading, reading back and the library.
type Service struct {
	Store  Store
	Bucket Bucket
	Now    func() time.Time
	NewID  func() string // lower-case ULID without prefix
	Log    *slog.Logger
}

// Get reads what is known of a file.
func (s *Service) Get(ctx context.Context, tenantID, id string) (File, error) {
	f, found, err := s.Store.Media(ctx, tenantID, id)
	// DynamoDB removes expired rows when it finds the time.
	if err == nil && (!found || f.TTL != 0 && f.TTL <= s.Now().Unix()) {
		err = nothing()
	}
	return f, err
}

func nothing() error {
	return problem.New(problem.NotFound, "There is no such file in this workspace.")
}

// ContentURL signs a short-lived URL of the file's bytes.
func (s *Service) ContentURL(ctx context.Context, tenantID, id string) (string, error) {
	f, err := s.Get(ctx, tenantID, id)
	if err != nil {
		return "", err
	}
	switch f.State {
	case Uploading:
		return "", problem.New(problem.Conflict, "The upload of this file was not completed.")
	case Deleted:
		return "", nothing()
	default:
		return s.Bucket.SignGet(ctx, f.Key, f.Name, f.Type, ContentLife)
	}
}

// idFrom makes the id of a file out of the key it was announced with.
func idFrom(tenantID, key string) string {
	h := sha256.Sum256([]byte("media\x00" + tenantID + "\x00" + key))
	var id ulid.ULID
	copy(id[:], h[:])
	return strings.ToLower(id.String())
}
