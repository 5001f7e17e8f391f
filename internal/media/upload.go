package media

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/herald-publishing/herald/internal/problem"
)

// New is a file that is announced. Key is the request's Idempotency-Key; empty = none.
type New struct {
	Name  string
	Type  string
	Bytes int64
	Key   string
}

// Upload is how far an upload is.
type Upload struct {
	PartBytes int64 // of every part but the last
	Parts     int
	Arrived   []int // numbers, in order
	Until     time.Time
}

// Create announces a file and begins its upload. The same Key gives the same file.
func (s *Service) Create(ctx context.Context, tenantID, member string, n New) (File, error) {
	n.Name, n.Type = strings.TrimSpace(n.Name), strings.ToLower(strings.TrimSpace(n.Type))
	if err := n.check(); err != nil {
		return File{}, err
	}
	now := s.Now()
	f := File{
		TenantID: tenantID, ID: "med_" + s.NewID(), Name: n.Name, Type: n.Type, Bytes: n.Bytes, State: Uploading,
		CreatedBy: member, CreatedAt: now.UnixMilli(), TTL: now.Add(UploadLife).Unix(),
	}
	if n.Key != "" {
		f.ID = "med_" + idFrom(tenantID, n.Key)
		there, found, err := s.Store.Media(ctx, tenantID, f.ID)
		if err != nil || found {
			return there, errors.Join(err, sameFile(there, f))
		}
	}
	f.Key = "media/" + tenantID + "/" + f.ID
	var err error
	if f.UploadID, err = s.Bucket.Begin(ctx, f.Key); err != nil {
		return File{}, fmt.Errorf("begin the upload: %w", err)
	}
	there, created, err := s.Store.CreateMedia(ctx, f)
	if err != nil {
		return File{}, err
	}
	if !created { // a twin of this request was faster, or this one's answer was lost and the write repeated
		if there.UploadID != f.UploadID {
			s.abort(ctx, f)
		}
		return there, sameFile(there, f)
	}
	return f, nil
}

func (n New) check() error {
	switch {
	case n.Name == "" || strings.ContainsFunc(n.Name, unicode.IsControl):
		return problem.New(problem.InvalidRequest, "The file needs a name that can be shown.").On("name")
	case !slices.Contains(Types(), n.Type):
		return problem.Newf(problem.InvalidRequest, "Herald takes %s.", strings.Join(Types(), ", ")).On("type")
	case n.Bytes <= 0:
		return problem.New(problem.InvalidRequest, "The file is empty.").On("bytes")
	case n.Bytes > mostBytes(n.Type):
		return problem.Newf(problem.InvalidRequest, "The file is larger than %d MB.", mostBytes(n.Type)>>20).On("bytes")
	}
	return nil
}

// sameFile refuses a key that was used for another file.
func sameFile(there, f File) error {
	if there.Name != f.Name || there.Bytes != f.Bytes || (there.State == Uploading && there.Type != f.Type) {
		return problem.New(problem.InvalidRequest, "This Idempotency-Key was used for another file.").On("Idempotency-Key")
	}
	return nil
}

// Plan is how the file is cut into parts.
func (f File) Plan() Upload {
	return Upload{PartBytes: PartBytes, Parts: int((f.Bytes + PartBytes - 1) / PartBytes), Until: time.Unix(f.TTL, 0)}
}

// size of a part in bytes.
func (f File) size(number int) int64 {
	return min(f.Bytes-int64(number-1)*PartBytes, PartBytes)
}

// uploading reads a file that must not be finished yet.
func (s *Service) uploading(ctx context.Context, tenantID, id string) (File, error) {
	f, err := s.Get(ctx, tenantID, id)
	if err == nil && f.State != Uploading {
		err = problem.New(problem.Conflict, "The upload of this file is complete.")
	}
	return f, err
}

// Progress tells which parts have arrived.
func (s *Service) Progress(ctx context.Context, tenantID, id string) (Upload, error) {
	f, err := s.uploading(ctx, tenantID, id)
	if err != nil {
		return Upload{}, err
	}
	u := f.Plan()
	parts, err := s.Bucket.Parts(ctx, f.Key, f.UploadID)
	if errors.Is(err, ErrNoUpload) { // joined, but not looked at yet: nothing is missing
		for n := range u.Parts {
			u.Arrived = append(u.Arrived, n+1)
		}
		return u, nil
	}
	if err != nil {
		return Upload{}, fmt.Errorf("list the parts: %w", err)
	}
	for _, p := range parts {
		if p.Number <= u.Parts && p.Bytes == f.size(p.Number) {
			u.Arrived = append(u.Arrived, p.Number)
		}
	}
	return u, nil
}

// SignParts gives the URLs to which parts are sent, good for PartLife. A part may be sent again; the last one counts.
func (s *Service) SignParts(ctx context.Context, tenantID, id string, numbers []int) ([]SignedPart, time.Time, error) {
	f, err := s.uploading(ctx, tenantID, id)
	if err != nil {
		return nil, time.Time{}, err
	}
	most := f.Plan().Parts
	if len(numbers) == 0 || len(numbers) > MaxSigned {
		return nil, time.Time{}, problem.Newf(problem.InvalidRequest, "Ask for 1 to %d parts at a time.", MaxSigned).On("numbers")
	}
	out := make([]SignedPart, 0, len(numbers))
	for i, n := range numbers {
		if n < 1 || n > most {
			return nil, time.Time{}, problem.Newf(problem.InvalidRequest, "This file has the parts 1 to %d.", most).On(fmt.Sprintf("numbers[%d]", i))
		}
		p, err := s.Bucket.SignPart(ctx, f.Key, f.UploadID, n, f.size(n), PartLife)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("sign a part: %w", err)
		}
		out = append(out, p)
	}
	return out, s.Now().Add(PartLife), nil
}

// Complete joins the parts and looks at what was uploaded. A file that is no picture, video or document Herald takes is deleted
// and refused. It may be repeated, also after a crash in the middle: once the parts are joined no signed URL reaches the
// bytes any more, so what was looked at is what stays.
func (s *Service) Complete(ctx context.Context, tenantID, id string) (File, error) {
	f, err := s.Get(ctx, tenantID, id)
	if err != nil || f.State != Uploading {
		return f, err
	}
	if err := s.join(ctx, f); err != nil {
		return File{}, err
	}
	size, err := s.Bucket.Size(ctx, f.Key)
	if errors.Is(err, ErrNoObject) { // aborted, or refused by a twin of this call
		return File{}, nothing()
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
	// First the mark, by which the bucket would remove the bytes, then the row that promises them.
	if err := s.Bucket.Keep(ctx, f.Key); err != nil {
		return File{}, fmt.Errorf("keep the upload: %w", err)
	}
	known.State, known.TTL, known.UploadID, known.ReadyAt = Ready, 0, "", s.Now().UnixMilli()
	ready, err := s.Store.FinishMedia(ctx, known)
	if err != nil || ready {
		return known, err
	}
	there, err := s.Get(ctx, tenantID, id)
	if problem.ClassOf(err) == problem.NotFound { // aborted meanwhile
		s.drop(ctx, f)
	}
	return there, err
}

// join makes the object, if every part has arrived.
func (s *Service) join(ctx context.Context, f File) error {
	parts, err := s.Bucket.Parts(ctx, f.Key, f.UploadID)
	if errors.Is(err, ErrNoUpload) {
		return nil // joined by an earlier call
	}
	if err != nil {
		return fmt.Errorf("list the parts: %w", err)
	}
	plan := f.Plan()
	missing := plan.Parts
	for _, p := range parts {
		if p.Number <= plan.Parts && p.Bytes == f.size(p.Number) {
			missing--
		}
	}
	if missing > 0 || len(parts) != plan.Parts {
		return problem.Newf(problem.Conflict, "The file has not been uploaded yet: %d of %d parts are missing.", missing, plan.Parts)
	}
	if err := s.Bucket.Join(ctx, f.Key, f.UploadID, parts); err != nil && !errors.Is(err, ErrNoUpload) {
		return fmt.Errorf("join the parts: %w", err)
	}
	return nil
}

// discard removes an unfinished file: the row first, so that nobody can finish it, then the bytes.
func (s *Service) discard(ctx context.Context, f File) error {
	gone, err := s.Store.ForgetUpload(ctx, f.TenantID, f.ID)
	if err != nil || !gone {
		return err
	}
	s.abort(ctx, f)
	s.drop(ctx, f)
	return nil
}

// abort forgets the parts. What it leaves behind, the bucket's rule for uploads left half done removes.
func (s *Service) abort(ctx context.Context, f File) {
	if err := s.Bucket.Abort(ctx, f.Key, f.UploadID); err != nil {
		s.Log.WarnContext(ctx, "parts not deleted", slog.String("media", f.ID), slog.String("error", err.Error()))
	}
}

// drop deletes the bytes of an unfinished file. What it leaves behind, the bucket's rule for marked objects removes.
func (s *Service) drop(ctx context.Context, f File) {
	if err := s.Bucket.Delete(ctx, f.Key); err != nil {
		s.Log.WarnContext(ctx, "upload not deleted", slog.String("media", f.ID), slog.String("error", err.Error()))
	}
}
