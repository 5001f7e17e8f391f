package meta_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

func photoStory() connector.Draft {
	return connector.Draft{Kind: "photo_story", Media: []connector.Media{connectortest.Photo("Six buns")}}
}

func videoStory() connector.Draft {
	return connector.Draft{Kind: "video_story", Media: []connector.Media{connectortest.Clip()}}
}

// Whatever spoils the answer of the call that makes it visible: one story, and the job knows which and where.
func TestALostAnswerNeverMakesTwoStories(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for op, draft := range map[string]connector.Draft{"meta.photo_stories.create": photoStory(), "meta.video_stories.create": videoStory()} {
		for _, kind := range []string{"reset_before", "reset_after", "error_after", "500", "html", "truncated", "huge"} {
			session, _ := b.session(t, object{"name": "Shop"})
			j := b.job(t, session, draft)
			if draft.Kind == "video_story" {
				j.upload()
			}
			b.fault(t, session.Account.ExternalID, op, kind)
			r, err := j.try()
			if err != nil {
				require.True(t, problem.Of(err).MayHaveHappened(), "%s %s: %v", op, kind, err)
				r, err = j.finish()
			}
			require.NoError(t, err, "%s %s", op, kind)
			posts := b.posts(t, session.Account.ExternalID)
			require.Len(t, posts, 1, "%s %s", op, kind)
			require.Equal(t, "Story", posts[0].Kind)
			require.Equal(t, r.ExternalID, posts[0].name())
			require.Equal(t, r.Permalink, posts[0].Permalink)
		}
	}
}

// The list forgets a story after a day. What it does not show then may have been there.
func TestAStoryThatCouldBeOverIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	for _, lost := range []string{"reset_after", "reset_before"} {
		j := b.job(t, session, photoStory())
		b.fault(t, session.Account.ExternalID, "meta.photo_stories.create", lost)
		_, err := j.try()
		require.Equal(t, problem.Transient, problem.ClassOf(err))
		b.Control(t, http.MethodPost, "clock", object{"advance_seconds": 24 * 3600}, nil)
		j.now = j.now.Add(24 * time.Hour)
		_, err = j.finish()
		require.ErrorIs(t, err, publish.ErrHeld, lost)
	}
	require.Len(t, b.posts(t, session.Account.ExternalID), 1)
}

// A person says "post again" of a story that is there: its photo cannot be shown twice.
func TestAStoryThatIsThereIsNotPostedAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for draft, step := range map[string]string{"photo_story": "story", "video_story": "finish"} {
		session, _ := b.session(t, object{"name": "Shop"})
		d := photoStory()
		if draft == "video_story" {
			d = videoStory()
		}
		j := b.job(t, session, d)
		first, err := j.finish()
		require.NoError(t, err)
		steps := j.ledger.Journal(time.Now).Steps()
		delete(steps, step)
		j.ledger.Save(steps, "")
		again, err := j.finish()
		require.NoError(t, err, draft)
		require.Equal(t, first, again)
		require.Len(t, b.posts(t, session.Account.ExternalID), 1)
	}
}

// A job that had to wait for days uploads its photo again, and still knows the first one.
func TestAnOldPhotoOfAStoryIsUploadedAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	j := b.job(t, session, photoStory())
	b.Control(t, http.MethodPost, "faults", object{"op": "meta.photo_stories.create", "kind": "401", "code": 10, "status": 403, "match": session.Account.ExternalID}, nil)
	_, err := j.try()
	require.Equal(t, problem.PermissionMissing, problem.ClassOf(err))
	b.Control(t, http.MethodPost, "clock", object{"advance_seconds": 25 * 3600}, nil)
	j.now = j.now.Add(25 * time.Hour)
	_, err = j.finish()
	require.NoError(t, err)
	require.Len(t, b.posts(t, session.Account.ExternalID), 1)
}

func TestAStoryShowsNothingButItsFile(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	for field, change := range map[string]func(d *connector.Draft){
		"text":  func(d *connector.Draft) { d.Text = "Hello" },
		"link":  func(d *connector.Draft) { d.Link = "https://cafe.example/" },
		"media": func(d *connector.Draft) { d.Media = append(d.Media, d.Media[0]) },
	} {
		for _, d := range []connector.Draft{photoStory(), videoStory()} {
			change(&d)
			_, err := b.job(t, session, d).try()
			require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
			require.Equal(t, field, problem.Of(err).Field)
		}
	}
	d := photoStory()
	d.Options = map[string]any{"first_comment": "Hello"}
	_, err := b.job(t, session, d).try()
	require.Equal(t, "text", problem.Of(err).Field)
	require.Empty(t, b.posts(t, session.Account.ExternalID))
}
