package media

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/herald-publishing/herald/internal/problem"
)

// What a Query can be narrowed to.
const (
	Pictures  = "image"
	Videos    = "video"
	Documents = "document"
)

// Query picks a page of the library.
type Query struct {
	Kind   string // Pictures, Videos, Documents or empty for all
	Name   string // a part of the name or the description, in any case; empty = all
	Cursor string // opaque; empty = from the start
	Limit  int
}

// Use is a post a file is attached to.
type Use struct {
	PostID string
	Text   string
	State  string // as the API names it
	At     int64  // when it is due, epoch ms
	Needs  bool   // it is not finished, so it needs the file
}

// MaxUses is how many posts Uses lists.
const MaxUses = 100

// List gives a page of the library, newest first, and the cursor of the next one.
func (s *Service) List(ctx context.Context, tenantID string, q Query) ([]File, string, error) {
	q.Name = strings.ToLower(strings.TrimSpace(q.Name))
	return s.Store.ListMedia(ctx, tenantID, q)
}

// Describe sets what a file shows, for those who cannot see it. Posts that were made before keep theirs.
func (s *Service) Describe(ctx context.Context, tenantID, id, alt string) (File, error) {
	alt = strings.TrimSpace(alt)
	switch {
	case utf8.RuneCountInString(alt) > MaxAlt:
		return File{}, problem.Newf(problem.InvalidRequest, "A description has at most %d characters.", MaxAlt).On("alt")
	case strings.ContainsFunc(alt, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return File{}, problem.New(problem.InvalidRequest, "The description has characters that cannot be shown.").On("alt")
	}
	f, found, err := s.Store.DescribeMedia(ctx, tenantID, id, alt)
	if err == nil && !found {
		err = nothing()
	}
	return f, err
}

// Uses lists the newest MaxUses posts a file is attached to.
func (s *Service) Uses(ctx context.Context, tenantID, id string) ([]Use, error) {
	if _, err := s.Get(ctx, tenantID, id); err != nil {
		return nil, err
	}
	return s.Store.MediaUses(ctx, tenantID, id, MaxUses)
}

// Delete removes a file; an upload that is under way is aborted. It is refused while a post that is not finished needs
// the file. It may be repeated: a crash leaves a file that cannot be attached any more and whose deletion goes on with the
// next call, never a post whose bytes are gone.
//
// The order is: mark (no post is accepted from here on), look at the posts, decide (no way back), bytes, row. The mark
// names the call, so that of two calls neither undoes what the other has decided.
func (s *Service) Delete(ctx context.Context, tenantID, id string) error {
	f, err := s.Get(ctx, tenantID, id)
	if err != nil {
		return err
	}
	if f.State == Uploading {
		if err := s.discard(ctx, f); err != nil {
			return err
		}
		// It may have been completed at the same moment.
		if f, found, err := s.Store.Media(ctx, tenantID, id); err != nil || !found || f.State == Uploading {
			return err
		}
	}
	if f.State != Deleted {
		if err := s.condemn(ctx, tenantID, id); err != nil {
			return err
		}
	}
	if err := s.Bucket.Delete(ctx, f.Key); err != nil {
		return fmt.Errorf("delete the file: %w", err)
	}
	return s.Store.RemoveMedia(ctx, tenantID, id)
}

// condemn decides that a file is deleted, if no post needs it.
func (s *Service) condemn(ctx context.Context, tenantID, id string) error {
	mark := s.NewID()
	done, err := s.Store.MarkMedia(ctx, tenantID, id, mark)
	if err != nil {
		return err
	}
	if !done {
		return nil // deleted by a twin of this call
	}
	uses, err := s.Store.MediaUses(ctx, tenantID, id, 0)
	if err != nil {
		return err
	}
	if p := needed(uses); p != nil {
		if err := s.Store.UnmarkMedia(ctx, tenantID, id, mark); err != nil {
			return err
		}
		return p
	}
	if done, err = s.Store.CondemnMedia(ctx, tenantID, id, mark); err == nil && !done {
		err = problem.New(problem.Conflict, "Somebody else is deleting this file at the same moment. Try again.")
	}
	return err
}

// needed is the refusal that names the posts which need the file; nil when none does.
func needed(uses []Use) error {
	var names []string
	n := 0
	for _, u := range uses {
		if !u.Needs {
			continue
		}
		if n++; n <= 3 {
			names = append(names, fmt.Sprintf("%q (%s, due %s)", excerpt(u.Text), u.PostID, time.UnixMilli(u.At).UTC().Format("2 January 2006, 15:04 MST")))
		}
	}
	if n == 0 {
		return nil
	}
	if n > len(names) {
		names = append(names, fmt.Sprintf("and %d more", n-len(names)))
	}
	if n == 1 {
		return problem.Newf(problem.Conflict, "A post that is not finished needs this file: %s. Cancel it or wait for it.", names[0])
	}
	return problem.Newf(problem.Conflict, "%d posts that are not finished need this file: %s. Cancel them or wait for them.", n, strings.Join(names, ", "))
}

// excerpt is the beginning of a text.
func excerpt(text string) string {
	const most = 40
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return "without a text"
	}
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
