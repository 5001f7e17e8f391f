// Package media owns uploaded files: the signed upload, what a file really is, and reading it back.
package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/oklog/ulid/v2"

	"github.com/herald-publishing/herald/internal/problem"
)

// Herald's own limits; the platforms' are checked when a post is made.
const (
	MaxBytes      = 100 << 20  // of a picture
	MaxVideoBytes = 1 << 30    // one signed upload carries at most 5 GB
	MaxPixels     = 80_000_000 // width × height; more would need too much memory to decode, here and at the platforms
	UploadLife    = 15 * time.Minute
	ContentLife   = 5 * time.Minute
	// unfinishedLife is how long an announced file may stay unfinished before its row vanishes.
	unfinishedLife = 24 * time.Hour
)

// The states of a file.
const (
	Uploading = "uploading"
	Ready     = "ready"
)

// File is an uploaded file.
type File struct {
	TenantID string `dynamodbav:"tenant_id"`
	ID       string `dynamodbav:"media_id"`
	Name     string `dynamodbav:"name"`
	Type     string `dynamodbav:"type"`  // MIME type; as announced, and once ready as read from the bytes
	Bytes    int64  `dynamodbav:"bytes"` // as announced; the upload's signature holds it to that
	State    string `dynamodbav:"state"`
	Key      string `dynamodbav:"key"` // object key; once ready, one that no signed upload can write to
	Width    int    `dynamodbav:"width"`
	Height   int    `dynamodbav:"height"`
	// Of a video: its length, the picture track's codec and its pictures per second.
	DurationMs int64   `dynamodbav:"duration_ms,omitempty"`
	Codec      string  `dynamodbav:"codec,omitempty"`
	FrameRate  float64 `dynamodbav:"frame_rate,omitempty"`
	CreatedBy  string  `dynamodbav:"created_by"` // member id
	CreatedAt  int64   `dynamodbav:"created_at"` // epoch ms
	TTL        int64   `dynamodbav:"ttl,omitempty"`
}

// Upload is how the bytes are sent.
type Upload struct {
	URL     string
	Method  string
	Headers map[string]string
	Until   time.Time
}

// Store keeps the rows.
type Store interface {
	// CreateMedia writes the row; when the id is taken it gives the row that is there and created is false.
	CreateMedia(ctx context.Context, f File) (there File, created bool, err error)
	Media(ctx context.Context, tenantID, id string) (f File, found bool, err error)
	// FinishMedia writes the row of a file that is uploading; ready is false when it was finished meanwhile.
	FinishMedia(ctx context.Context, f File) (ready bool, err error)
	DeleteMedia(ctx context.Context, tenantID, id string) error
}

// ErrNoObject says that nothing was uploaded.
var ErrNoObject = errors.New("media: no such object")

// Bucket keeps the bytes.
type Bucket interface {
	// SignPut makes a URL that takes exactly this many bytes under this type.
	SignPut(ctx context.Context, key, contentType string, size int64, life time.Duration) (Upload, error)
	SignGet(ctx context.Context, key, name string, life time.Duration) (string, error)
	// Head gives the size and the version of an object; ErrNoObject when it is absent.
	Head(ctx context.Context, key string) (size int64, etag string, err error)
	// Open reads a range; length < 0 reads to the end.
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Copy copies the object, if it is still the version etag.
	Copy(ctx context.Context, from, etag, to, contentType string) error
	Delete(ctx context.Context, key string) error
}

// Service is uploading and reading back.
type Service struct {
	Store  Store
	Bucket Bucket
	Now    func() time.Time
	NewID  func() string // lower-case ULID without prefix
	Log    *slog.Logger
}

// New is a file that is announced. Key is the request's Idempotency-Key; empty = none.
type New struct {
	Name  string
	Type  string
	Bytes int64
	Key   string
}

// Create announces a file and signs its upload. The same Key gives the same file.
func (s *Service) Create(ctx context.Context, tenantID, member string, n New) (File, Upload, error) {
	n.Name = strings.TrimSpace(n.Name)
	n.Type = strings.ToLower(strings.TrimSpace(n.Type))
	switch {
	case n.Name == "" || strings.ContainsFunc(n.Name, unicode.IsControl):
		return File{}, Upload{}, problem.New(problem.InvalidRequest, "The file needs a name that can be shown.").On("name")
	case !slices.Contains(Types(), n.Type):
		return File{}, Upload{}, problem.Newf(problem.InvalidRequest, "Herald takes %s.", strings.Join(Types(), ", ")).On("type")
	case n.Bytes <= 0:
		return File{}, Upload{}, problem.New(problem.InvalidRequest, "The file is empty.").On("bytes")
	case n.Bytes > mostBytes(n.Type):
		return File{}, Upload{}, problem.Newf(problem.InvalidRequest, "The file is larger than %d MB.", mostBytes(n.Type)>>20).On("bytes")
	}
	id := "med_" + s.NewID()
	if n.Key != "" {
		id = "med_" + idFrom(tenantID, n.Key)
	}
	now := s.Now()
	f := File{
		TenantID: tenantID, ID: id, Name: n.Name, Type: n.Type, Bytes: n.Bytes, State: Uploading, Key: "incoming/" + tenantID + "/" + id,
		CreatedBy: member, CreatedAt: now.UnixMilli(), TTL: now.Add(unfinishedLife).Unix(),
	}
	there, created, err := s.Store.CreateMedia(ctx, f)
	if err != nil {
		return File{}, Upload{}, err
	}
	if !created {
		if there.Name != f.Name || there.Bytes != f.Bytes || (there.State == Uploading && there.Type != f.Type) {
			return File{}, Upload{}, problem.New(problem.InvalidRequest, "This Idempotency-Key was used for another file.").On("Idempotency-Key")
		}
		if f = there; f.State == Ready {
			return f, Upload{}, nil
		}
	}
	up, err := s.Bucket.SignPut(ctx, f.Key, f.Type, f.Bytes, UploadLife)
	if err != nil {
		return File{}, Upload{}, fmt.Errorf("sign the upload: %w", err)
	}
	up.Until = now.Add(UploadLife)
	return f, up, nil
}

// Complete looks at what was uploaded. A file that is no picture and no video Herald takes is deleted and refused.
func (s *Service) Complete(ctx context.Context, tenantID, id string) (File, error) {
	f, err := s.Get(ctx, tenantID, id)
	if err != nil || f.State == Ready {
		return f, err
	}
	size, etag, err := s.Bucket.Head(ctx, f.Key)
	if errors.Is(err, ErrNoObject) {
		if f, err := s.Get(ctx, tenantID, id); err == nil && f.State == Ready {
			return f, nil // another call was faster
		}
		return File{}, problem.New(problem.Conflict, "The file has not been uploaded yet.")
	}
	if err != nil {
		return File{}, fmt.Errorf("look at the upload: %w", err)
	}
	known, err := s.probe(ctx, f, size)
	var refused *problem.Error
	if errors.As(err, &refused) {
		return File{}, errors.Join(refused, s.discard(ctx, f))
	}
	if err != nil {
		return File{}, err
	}
	// The signed upload could still be used again: from here on the bytes lie where it does not reach.
	incoming := f.Key
	f = known
	f.Key = "media/" + tenantID + "/" + id
	f.State, f.TTL = Ready, 0
	if err := s.Bucket.Copy(ctx, incoming, etag, f.Key, f.Type); err != nil {
		return File{}, fmt.Errorf("keep the upload: %w", err)
	}
	if _, err := s.Store.FinishMedia(ctx, f); err != nil {
		return File{}, err
	}
	s.drop(ctx, f.ID, incoming)
	return s.Get(ctx, tenantID, id)
}

// discard removes a refused file and its row.
func (s *Service) discard(ctx context.Context, f File) error {
	s.drop(ctx, f.ID, f.Key)
	return s.Store.DeleteMedia(ctx, f.TenantID, f.ID)
}

// drop deletes an upload that is not needed any more. What it leaves behind, the bucket's lifecycle rule removes.
func (s *Service) drop(ctx context.Context, id, key string) {
	if err := s.Bucket.Delete(ctx, key); err != nil {
		s.Log.WarnContext(ctx, "upload not deleted", slog.String("media", id), slog.String("error", err.Error()))
	}
}

// Get reads what is known of a file.
func (s *Service) Get(ctx context.Context, tenantID, id string) (File, error) {
	f, found, err := s.Store.Media(ctx, tenantID, id)
	if err == nil && !found {
		err = problem.New(problem.NotFound, "There is no such file in this workspace.")
	}
	return f, err
}

// ContentURL signs a short-lived URL of the file's bytes.
func (s *Service) ContentURL(ctx context.Context, tenantID, id string) (string, error) {
	f, err := s.Get(ctx, tenantID, id)
	if err != nil {
		return "", err
	}
	if f.State != Ready {
		return "", problem.New(problem.Conflict, "The upload of this file was not completed.")
	}
	return s.Bucket.SignGet(ctx, f.Key, f.Name, ContentLife)
}

// idFrom makes the id of a file out of the key it was announced with.
func idFrom(tenantID, key string) string {
	h := sha256.Sum256([]byte("media\x00" + tenantID + "\x00" + key))
	var id ulid.ULID
	copy(id[:], h[:])
	return strings.ToLower(id.String())
}
