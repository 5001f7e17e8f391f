package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/store"
)

// shelve makes a file that is ready.
func shelve(t *testing.T, s *store.Store, tenant string) media.File {
	t.Helper()
	f := media.File{TenantID: tenant, ID: "med_" + newID(), Name: "a.jpg", Type: "image/jpeg", Bytes: 3, State: media.Uploading, Key: "media/x", CreatedAt: 1, TTL: 99}
	_, _, err := s.CreateMedia(t.Context(), f)
	require.NoError(t, err)
	f.State, f.TTL, f.ReadyAt = media.Ready, 0, 1
	ready, err := s.FinishMedia(t.Context(), f)
	require.NoError(t, err)
	require.True(t, ready)
	return f
}

func with(p publish.Post, files ...media.File) publish.Post {
	for _, f := range files {
		p.Media = append(p.Media, publish.MediaRef{ID: f.ID, Key: f.Key})
	}
	for i := range p.Jobs {
		p.Jobs[i].Media = p.Media
	}
	return p
}

func TestAPostIsAcceptedOnlyWithFilesThatAreThere(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	f := shelve(t, s, tenant)
	p := create(t, s, with(newPost(tenant, time.Now(), publish.Scheduled), f, f))
	uses, err := s.MediaUses(t.Context(), tenant, f.ID, 0)
	require.NoError(t, err)
	require.Equal(t, []media.Use{{PostID: p.ID, Text: "hello", State: publish.StateScheduled, At: p.At, Needs: true}}, uses)

	done, err := s.MarkMedia(t.Context(), tenant, f.ID, "m1")
	require.NoError(t, err)
	require.True(t, done)
	q := with(newPost(tenant, time.Now(), publish.Queued), f)
	_, err = s.CreatePost(t.Context(), q, newID(), "h", audit(tenant))
	require.ErrorIs(t, err, publish.ErrMediaGone)
	_, err = s.GetPost(t.Context(), tenant, q.ID)
	require.ErrorIs(t, err, store.ErrNotFound, "nothing of it is there")
	uses, err = s.MediaUses(t.Context(), tenant, f.ID, 0)
	require.NoError(t, err)
	require.Len(t, uses, 1)

	require.NoError(t, s.UnmarkMedia(t.Context(), tenant, f.ID, "m2"), "another call's mark")
	_, err = s.CreatePost(t.Context(), q, newID(), "h", audit(tenant))
	require.ErrorIs(t, err, publish.ErrMediaGone, "stays")
	require.NoError(t, s.UnmarkMedia(t.Context(), tenant, f.ID, "m1"))
	create(t, s, q)
	done, err = s.CondemnMedia(t.Context(), tenant, f.ID, "m1")
	require.NoError(t, err)
	require.False(t, done, "what was unmarked is not deleted any more")
	require.NoError(t, s.RemoveMedia(t.Context(), tenant, f.ID))
	_, found, err := s.Media(t.Context(), tenant, f.ID)
	require.NoError(t, err)
	require.True(t, found, "only what is condemned is removed")
}

func TestAJobComesBackOnlyWithItsFiles(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	f := shelve(t, s, tenant)
	job := create(t, s, with(newPost(tenant, time.Now(), publish.Failed), f)).Jobs[0]
	again := func() error {
		_, err := s.ChangeJob(t.Context(), tenant, job.ID, func(j *publish.Job) (publish.AuditRow, error) {
			j.Status = publish.Queued
			return audit(tenant), nil
		})
		return err
	}
	_, err := s.MarkMedia(t.Context(), tenant, f.ID, "m")
	require.NoError(t, err)
	require.Equal(t, problem.Conflict, problem.ClassOf(again()))
	require.NoError(t, s.UnmarkMedia(t.Context(), tenant, f.ID, "m"))
	require.NoError(t, again())
	_, err = s.MarkMedia(t.Context(), tenant, f.ID, "m")
	require.NoError(t, err)
	require.NoError(t, again(), "a job that is under way does not ask")
}

// shelf notes what is deleted; the rest of the bucket is not asked for.
type shelf struct {
	media.Bucket
	deleted map[string]bool
}

func (b *shelf) Delete(_ context.Context, key string) error {
	b.deleted[key] = true
	return nil
}

// between does something right before one of the deletion's writes and reads.
type between struct {
	*store.Store
	at map[string]func()
}

func (b between) pass(point string) {
	if do := b.at[point]; do != nil {
		delete(b.at, point)
		do()
	}
}

func (b between) MarkMedia(ctx context.Context, tenant, id, mark string) (bool, error) {
	b.pass("mark")
	return b.Store.MarkMedia(ctx, tenant, id, mark)
}

func (b between) MediaUses(ctx context.Context, tenant, id string, most int) ([]media.Use, error) {
	b.pass("uses")
	return b.Store.MediaUses(ctx, tenant, id, most)
}

func (b between) CondemnMedia(ctx context.Context, tenant, id, mark string) (bool, error) {
	b.pass("condemn")
	return b.Store.CondemnMedia(ctx, tenant, id, mark)
}

func (b between) UnmarkMedia(ctx context.Context, tenant, id, mark string) error {
	b.pass("unmark")
	return b.Store.UnmarkMedia(ctx, tenant, id, mark)
}

func (b between) RemoveMedia(ctx context.Context, tenant, id string) error {
	b.pass("remove")
	return b.Store.RemoveMedia(ctx, tenant, id)
}

func deleter(s media.Store) (*media.Service, *shelf) {
	b := &shelf{deleted: map[string]bool{}}
	return &media.Service{Store: s, Bucket: b, Now: time.Now, NewID: newID}, b
}

// Wherever an acceptance meets a deletion: an accepted post never points at bytes that are gone.
func TestDeletingMeetsAccepting(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	for point, accepted := range map[string]bool{"mark": true, "uses": false, "condemn": false, "remove": false} {
		f := shelve(t, s, tenant)
		var err error
		files, bytes := deleter(between{s, map[string]func(){point: func() {
			_, err = s.CreatePost(t.Context(), with(newPost(tenant, time.Now(), publish.Scheduled), f), newID(), "h", audit(tenant))
		}}})
		deleted := files.Delete(t.Context(), tenant, f.ID)
		if accepted {
			require.NoError(t, err, point)
			require.Equal(t, problem.Conflict, problem.ClassOf(deleted), point)
			require.Empty(t, bytes.deleted, point)
			continue
		}
		require.ErrorIs(t, err, publish.ErrMediaGone, point)
		require.NoError(t, deleted, point)
		require.True(t, bytes.deleted[f.Key], point)
	}
}

// Two deletions at once, a post that is cancelled between their looks, and another that is accepted: the one that looked
// in vain must not make ready what the other has decided, nor the other decide what was made ready.
func TestTwoDeletionsDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	accept := func(f media.File) (publish.Post, error) {
		p := with(newPost(tenant, time.Now(), publish.Scheduled), f)
		_, err := s.CreatePost(t.Context(), p, newID(), "h", audit(tenant))
		return p, err
	}
	cancel := func(p publish.Post) {
		for _, j := range p.Jobs {
			_, err := s.ChangeJob(t.Context(), tenant, j.ID, func(j *publish.Job) (publish.AuditRow, error) {
				j.Status = publish.Cancelled
				return audit(tenant), nil
			})
			require.NoError(t, err)
		}
	}
	plain, bytes := deleter(s)

	f := shelve(t, s, tenant)
	p, err := accept(f)
	require.NoError(t, err)
	first, _ := deleter(between{s, map[string]func(){"unmark": func() {
		cancel(p)
		require.NoError(t, plain.Delete(t.Context(), tenant, f.ID))
	}}})
	require.Equal(t, problem.Conflict, problem.ClassOf(first.Delete(t.Context(), tenant, f.ID)))
	require.True(t, bytes.deleted[f.Key])
	_, err = accept(f)
	require.ErrorIs(t, err, publish.ErrMediaGone)

	f = shelve(t, s, tenant)
	p, err = accept(f)
	require.NoError(t, err)
	var late publish.Post
	second, kept := deleter(between{s, map[string]func(){
		"uses": func() { cancel(p) },
		"condemn": func() {
			done, err := s.MarkMedia(t.Context(), tenant, f.ID, "other")
			require.NoError(t, err)
			require.True(t, done)
			require.NoError(t, s.UnmarkMedia(t.Context(), tenant, f.ID, "other"))
			late, err = accept(f)
			require.NoError(t, err)
		},
	}})
	require.Equal(t, problem.Conflict, problem.ClassOf(second.Delete(t.Context(), tenant, f.ID)))
	require.Empty(t, kept.deleted, "the post %s was accepted", late.ID)
}

// A crash between two steps leaves a file that cannot be attached; the next call ends what was begun.
func TestADeletionThatWasCutOffIsRepeated(t *testing.T) {
	t.Parallel()
	s, tenant := open(t)
	for _, point := range []string{"uses", "condemn", "remove"} {
		f := shelve(t, s, tenant)
		files, _ := deleter(between{s, map[string]func(){point: func() { panic("crash") }}})
		require.Panics(t, func() { _ = files.Delete(t.Context(), tenant, f.ID) }, point)
		_, err := s.CreatePost(t.Context(), with(newPost(tenant, time.Now(), publish.Scheduled), f), newID(), "h", audit(tenant))
		require.ErrorIs(t, err, publish.ErrMediaGone, point)
		list, _, err := s.ListMedia(t.Context(), tenant, media.Query{Limit: 10})
		require.NoError(t, err)
		require.Equal(t, f.ID, list[0].ID, "it stays in the list, so that somebody can go on with it")
		plain, bytes := deleter(s)
		require.NoError(t, plain.Delete(t.Context(), tenant, f.ID), point)
		require.True(t, bytes.deleted[f.Key], point)
		_, found, err := s.Media(t.Context(), tenant, f.ID)
		require.NoError(t, err)
		require.False(t, found, point)
	}
}
