package meta_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// instagramJob is a job on a new account; waiting moves the sandbox's clock as well.
type instagramJob struct {
	*job

	box instagramBox
}

func (b instagramBox) start(t *testing.T, d connector.Draft) instagramJob {
	t.Helper()
	session, _ := b.session(t)
	return b.startOn(t, session, d)
}

func (b instagramBox) startOn(t *testing.T, session connector.Session, d connector.Draft) instagramJob {
	t.Helper()
	j := instagramJob{b.job(t, session, b.address(d)), b}
	return j
}

func (j instagramJob) account() string { return j.session.Account.ExternalID }

func (j instagramJob) wait(d time.Duration) {
	j.t.Helper()
	j.now = j.now.Add(d)
	j.box.pass(j.t, d)
}

// step is one attempt that has to wait.
func (j instagramJob) step() time.Duration {
	j.t.Helper()
	_, err := j.try()
	var wait *connector.WaitError
	require.ErrorAs(j.t, err, &wait)
	j.wait(wait.For)
	return wait.For
}

// finish tries until the job is at its end, waiting as it is told and after what passes.
func (j instagramJob) finish() (connector.Receipt, error) {
	j.t.Helper()
	for range 60 {
		r, err := j.try()
		var wait *connector.WaitError
		switch {
		case errors.As(err, &wait):
			j.wait(wait.For)
		case problem.ClassOf(err) == problem.Transient, problem.ClassOf(err) == problem.PlatformDown:
			j.wait(5 * time.Second)
		default:
			return r, err
		}
	}
	require.FailNow(j.t, "the job does not come to an end")
	return connector.Receipt{}, nil
}

// calm is finish for a job that meets nothing but waiting.
func (j instagramJob) calm() (connector.Receipt, error) {
	j.t.Helper()
	for {
		r, err := j.try()
		var wait *connector.WaitError
		if !errors.As(err, &wait) {
			return r, err
		}
		j.wait(wait.For)
	}
}

func (j instagramJob) set(in object) {
	j.t.Helper()
	j.box.Control(j.t, http.MethodPost, "meta/instagram/"+j.account(), in, nil)
}

func (j instagramJob) calls(op string) int {
	j.t.Helper()
	var out struct {
		Accepted map[string]int `json:"accepted"`
	}
	j.box.Control(j.t, http.MethodGet, "calls?match="+j.account(), nil, &out)
	return out.Accepted[op]
}

// one asserts that exactly one post is there, the receipt's.
func (j instagramJob) one(r connector.Receipt) instagramPost {
	j.t.Helper()
	posts := j.box.media(j.t, j.account())
	require.Len(j.t, posts, 1)
	require.Equal(j.t, posts[0].ID, r.ExternalID)
	require.Equal(j.t, posts[0].Permalink, r.Permalink)
	return posts[0]
}

func image() connector.Draft {
	d := instagramDrafts()["image"]
	d.Options = nil
	return d
}

func TestAnInstagramPostShowsWhatWasWritten(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	j := b.start(t, instagramDrafts()["image"])
	r, err := j.calm()
	require.NoError(t, err)
	p := j.one(r)
	require.Equal(t, "Warm buns by @ada #buns", p.Caption)
	require.Equal(t, []string{"Until they are gone, @kim!"}, p.Comments)
	require.Equal(t, []string{"bakery.berlin"}, p.Collaborators)
	require.Equal(t, "Six buns on a tray", p.Photos[0].Alt)

	j = b.start(t, instagramDrafts()["carousel"])
	j.set(object{"polls": 2})
	r, err = j.calm()
	require.NoError(t, err)
	p = j.one(r)
	require.Equal(t, "CAROUSEL_ALBUM", p.Type)
	require.Len(t, p.Photos, 2)

	j = b.start(t, instagramDrafts()["story"])
	r, err = j.calm()
	require.NoError(t, err)
	require.Equal(t, "STORY", j.one(r).Product)
}

// Waiting is not an attempt, and the pauses grow.
func TestAContainerIsWaitedFor(t *testing.T) {
	t.Parallel()
	j := startInstagram(t).start(t, image())
	j.set(object{"polls": 6})
	var pauses []time.Duration
	for range 6 {
		pauses = append(pauses, j.step())
	}
	require.Equal(t, 3*time.Second, pauses[0])
	require.Greater(t, pauses[5], pauses[1])
	require.LessOrEqual(t, pauses[5], time.Minute)
	r, err := j.finish()
	require.NoError(t, err)
	j.one(r)
	require.Equal(t, 1, j.calls("meta.ig.container.create"))
}

func TestAContainerThatNeverGetsReadyIsMadeAgainOnce(t *testing.T) {
	t.Parallel()
	j := startInstagram(t).start(t, image())
	j.set(object{"polls": 0, "slow_seconds": 3600 * 5})
	for range 100 {
		_, err := j.try()
		var wait *connector.WaitError
		if !errors.As(err, &wait) {
			require.Equal(t, problem.Transient, problem.ClassOf(err))
			require.False(t, problem.Of(err).MayHaveHappened())
			break
		}
		j.wait(wait.For)
	}
	require.Equal(t, 2, j.calls("meta.ig.container.create"))
	require.Empty(t, j.box.media(t, j.account()))
}

func TestAContainerThatFailsIsMadeAgainOnce(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	for _, kind := range []string{"image", "carousel"} {
		d := instagramDrafts()[kind]
		d.Options = nil
		j := b.start(t, d)
		j.set(object{"fail_code": 2207082, "fail_times": 1})
		r, err := j.finish()
		require.NoError(t, err)
		j.one(r)

		j = b.start(t, d)
		j.set(object{"fail_code": 2207009, "fail_times": 9})
		_, err = j.finish()
		require.Equal(t, problem.InvalidContent, problem.ClassOf(err), "%s: %v", kind, err)
		require.Equal(t, "2207009", problem.Of(err).Code)
		require.Equal(t, "media[0]", problem.Of(err).Field)
		require.Empty(t, b.media(t, j.account()))
	}
}

// A job that had to wait for days, for its account to be connected again.
func TestAnOldContainerIsMadeAgain(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	refused, lost := b.start(t, image()), b.start(t, image())
	refused.step()
	lost.step()
	b.fault(t, refused.account(), "meta.ig.publish", "401")
	_, err := refused.try()
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err))
	b.fault(t, lost.account(), "meta.ig.publish", "reset_after")
	_, err = lost.try()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	const days = 3 * 24 * time.Hour
	refused.wait(days)
	lost.now = lost.now.Add(days)
	for _, j := range []instagramJob{refused, lost} {
		r, err := j.finish()
		require.NoError(t, err)
		j.one(r)
	}
	require.Equal(t, 2, refused.calls("meta.ig.container.create"))

	// Its day is nearly over: it is not begun with.
	late := b.start(t, image())
	late.step()
	late.wait(23*time.Hour + 30*time.Minute)
	r, err := late.calm()
	require.NoError(t, err)
	late.one(r)
	require.Equal(t, 2, late.calls("meta.ig.container.create"))
}

// What was made is known although the worker died right after.
func TestAContainerOutlivesTheWorker(t *testing.T) {
	t.Parallel()
	j := startInstagram(t).start(t, instagramDrafts()["carousel"])
	_, err := j.c.Publish(t.Context(), j.session, j.draft, j.ledger.Journal(func() time.Time { return j.now })) // and nobody saves how it ended
	require.Error(t, err)
	_, err = j.calm()
	require.NoError(t, err)
	require.Equal(t, 3, j.calls("meta.ig.container.create"))
}

// Whatever spoils the answer of the call that makes the post visible: one post, and the job knows which.
func TestALostAnswerNeverPostsToInstagramTwice(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	for name, d := range instagramDrafts() {
		for _, kind := range []string{"reset_before", "reset_after", "error_after", "500", "html", "truncated"} {
			j := b.start(t, d)
			b.fault(t, j.account(), "meta.ig.publish", kind)
			j.set(object{"list_lag": 1})
			r, err := j.finish()
			require.NoError(t, err, "%s %s", name, kind)
			j.one(r)
			require.Equal(t, 1, j.calls("meta.ig.publish"), "%s %s", name, kind)
		}
	}
}

func TestANewerForeignPostIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	j := b.start(t, image())
	j.step()
	b.fault(t, j.account(), "meta.ig.publish", "reset_after")
	_, err := j.try()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	ours := b.media(t, j.account())[0].ID
	b.Control(t, http.MethodPost, "meta/instagram/"+j.account()+"/media", object{"caption": "By hand"}, nil)
	r, err := j.finish()
	require.NoError(t, err)
	require.Equal(t, ours, r.ExternalID)
}

// The container says that ours is live, and two posts fit: one may be another job's, else a person must look.
func TestTheSameCaptionTwice(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	lose := func() (instagramJob, string) {
		j := b.start(t, image())
		j.step()
		b.fault(t, j.account(), "meta.ig.publish", "reset_after")
		_, err := j.try()
		require.Equal(t, problem.Transient, problem.ClassOf(err))
		other := b.startOn(t, j.session, image())
		other.now = j.now
		r, err := other.finish()
		require.NoError(t, err)
		return j, r.ExternalID
	}
	j, _ := lose()
	_, err := j.finish()
	require.ErrorIs(t, err, publish.ErrHeld)

	j, theirs := lose()
	j.draft.Claimed = func(_ context.Context, id string) (bool, error) { return id == theirs, nil }
	r, err := j.finish()
	require.NoError(t, err)
	require.NotEqual(t, theirs, r.ExternalID)
	require.Len(t, b.media(t, j.account()), 2)
}

func TestSuspectedSpamIsCheckedFirst(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	spam := func(kind string) instagramJob {
		j := b.start(t, image())
		b.Control(t, http.MethodPost, "faults", object{"op": "meta.ig.publish", "kind": kind, "match": j.account(), "code": 4, "subcode": 2207051, "status": 400}, nil)
		return j
	}
	j := spam("error_after")
	for range 2 { // a worker that goes on later says the same
		r, err := j.finish()
		j.one(r)
		e := problem.Of(err)
		require.Equal(t, problem.PolicyBlocked, e.Class, "it is live all the same, and the account is to be left alone")
		require.Equal(t, "4/2207051", e.Code)
		require.Equal(t, 4*time.Hour, e.RetryAfter)
	}
	j = spam("500")
	_, err := j.finish()
	require.Equal(t, problem.PolicyBlocked, problem.ClassOf(err))
	require.Equal(t, 4*time.Hour, problem.Of(err).RetryAfter)
	require.Empty(t, b.media(t, j.account()))
}

// For weeks in 2026 a fresh container could not be read with the Page's token.
func TestAFreshContainerThatCannotBeReadIsThere(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	j := b.start(t, image())
	j.set(object{"hidden": 20})
	r, err := j.finish()
	require.NoError(t, err, "the person's token can read it")
	j.one(r)
	require.Equal(t, 1, j.calls("meta.ig.container.create"))

	j = b.start(t, image())
	j.session.Credential.Parent = connector.Secret{}
	j.set(object{"hidden": 3})
	r, err = j.finish()
	require.NoError(t, err)
	j.one(r)
	require.Equal(t, 1, j.calls("meta.ig.container.create"))
}

func TestTheDaysPostsAreCountedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	j := b.start(t, image())
	j.set(object{"quota_total": 3, "quota_used": 3})
	_, err := j.try()
	e := problem.Of(err)
	require.Equal(t, problem.RateLimited, e.Class)
	require.Equal(t, time.Hour, e.RetryAfter)
	require.Contains(t, e.Message, "3 posts")
	require.Zero(t, j.calls("meta.ig.container.create"))
	j.set(object{"quota_total": 4, "quota_used": 3})
	r, err := j.finish()
	require.NoError(t, err)
	j.one(r)

	// Used up by another app between the question and the post.
	j = b.start(t, image())
	j.step()
	j.set(object{"quota_total": 3, "quota_used": 3})
	_, err = j.try()
	require.Equal(t, problem.RateLimited, problem.ClassOf(err))
	require.Equal(t, "9/2207042", problem.Of(err).Code)
}

// The post is live: what comes after it may fail, and says so with the receipt.
func TestAFirstCommentThatDoesNotWorkLeavesThePost(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	j := b.start(t, instagramDrafts()["image"])
	b.Control(t, http.MethodPost, "faults", object{"op": "meta.ig.comments.create", "kind": "500", "match": "/comments", "code": 200, "status": 403}, nil)
	r, err := j.finish()
	require.Equal(t, problem.PermissionMissing, problem.ClassOf(err))
	require.Empty(t, j.one(r).Comments)
	r, err = j.finish() // the fault is over
	require.NoError(t, err)
	require.Len(t, j.one(r).Comments, 1)

	j = b.start(t, instagramDrafts()["image"])
	b.Control(t, http.MethodPost, "faults", object{"op": "meta.ig.comments.create", "kind": "reset_after", "match": "/comments"}, nil)
	r, err = j.finish()
	require.NoError(t, err)
	require.Len(t, j.one(r).Comments, 1, "found, not written twice")
}

func TestWhatInstagramDoesNotTakeIsRefusedWithoutACall(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	photo := image().Media
	for _, tc := range []struct {
		field string
		draft connector.Draft
	}{
		{"kind", connector.Draft{Kind: "poll", Media: photo}},
		{"media[0]", connector.Draft{Kind: "reel", Media: photo}},
		{"media", connector.Draft{Kind: "image"}},
		{"media", connector.Draft{Kind: "carousel", Media: photo}},
		{"link", connector.Draft{Kind: "image", Media: photo, Link: "https://x.example"}},
		{"text", connector.Draft{Kind: "story", Media: photo, Text: "x"}},
		{"options.collaborators", connector.Draft{Kind: "image", Media: photo, Options: map[string]any{"collaborators": []any{"a", "b", "c", "d"}}}},
	} {
		j := b.start(t, tc.draft)
		_, err := j.try()
		require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
		require.Equal(t, tc.field, problem.Of(err).Field)
		require.Zero(t, j.calls("meta.ig.quota"))
	}
	j := b.start(t, image())
	j.draft.Media[0].URL = func(context.Context) (string, error) { return "", errors.New("bucket is away") }
	_, err := j.try()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	require.False(t, problem.Of(err).MayHaveHappened())
	require.Contains(t, problem.Of(err).Message, "our storage")
}

// The address of a picture is a key to it: the journal does not keep it.
func TestTheAddressOfAPictureIsNotKept(t *testing.T) {
	t.Parallel()
	j := startInstagram(t).start(t, instagramDrafts()["carousel"])
	for {
		journal := j.ledger.Journal(func() time.Time { return j.now })
		_, err := j.c.Publish(t.Context(), j.session, j.draft, journal)
		for name, s := range journal.Steps() {
			for _, v := range s.Result {
				require.False(t, strings.Contains(v, "http") && strings.Contains(v, "counter"), name)
			}
		}
		j.ledger.Save(journal.Steps(), journal.InDoubt())
		var wait *connector.WaitError
		if !errors.As(err, &wait) {
			require.NoError(t, err)
			return
		}
		j.wait(wait.For)
	}
}
