package meta_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// job is one job on a Page, with a clock that only this test moves.
type job struct {
	t       *testing.T
	c       *meta.Connector
	session connector.Session
	draft   connector.Draft
	ledger  *connectortest.Ledger
	now     time.Time
}

func (b box) job(t *testing.T, session connector.Session, d connector.Draft) *job {
	t.Helper()
	j := &job{t: t, session: session, draft: d, ledger: connectortest.NewLedger(), now: time.Now()}
	j.c = b.connect(t, func() time.Time { return j.now })
	j.draft.AcceptedAt = j.now
	return j
}

// try is one attempt.
func (j *job) try() (connector.Receipt, error) {
	j.t.Helper()
	journal := j.ledger.Journal(func() time.Time { return j.now })
	r, err := j.c.Publish(j.t.Context(), j.session, j.draft, journal)
	j.ledger.Save(journal.Steps(), journal.InDoubt())
	return r, err
}

// finish tries until the job is at its end, waiting as it is told.
func (j *job) finish() (connector.Receipt, error) {
	j.t.Helper()
	for range 10 {
		r, err := j.try()
		var wait *connector.WaitError
		if !errors.As(err, &wait) {
			return r, err
		}
		j.now = j.now.Add(wait.For)
	}
	require.FailNow(j.t, "the job does not come to an end")
	return connector.Receipt{}, nil
}

func (b box) fault(t *testing.T, page, op, kind string) {
	t.Helper()
	b.Control(t, http.MethodPost, "faults", object{"op": op, "kind": kind, "match": page, "delay_ms": 300}, nil)
}

func TestAPhotoPostShowsThePhoto(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	r, err := b.job(t, session, connector.Draft{Kind: "photo", Text: "Buns", Media: []connector.Media{connectortest.Photo("Six buns")}}).finish()
	require.NoError(t, err)
	posts := b.posts(t, session.Account.ExternalID)
	require.Len(t, posts, 1)
	require.Equal(t, r.ExternalID, posts[0].ID)
	require.Equal(t, r.Permalink, posts[0].Permalink)
	require.Equal(t, "Buns", posts[0].Message)
	require.Len(t, posts[0].Photos, 1)
	require.Equal(t, "Six buns", posts[0].Photos[0].Alt)
}

// Whatever spoils the answer of the call that makes the post visible: one post, and the job knows which.
func TestALostAnswerNeverPostsTwice(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	drafts := map[string]connector.Draft{
		"text":      {Kind: "text", Text: " Öffnungszeiten\r\nab acht 🥐 "},
		"link":      {Kind: "text", Text: "Menu", Link: "https://cafe.example/menu"},
		"only link": {Kind: "text", Link: "https://cafe.example/only"},
		"photo":     {Kind: "photo", Media: []connector.Media{connectortest.Photo("")}},
		"photos":    {Kind: "photos", Text: "Buns", Media: []connector.Media{connectortest.Photo("a"), connectortest.Photo("b"), connectortest.Photo("c")}},
	}
	for name, d := range drafts {
		for _, kind := range []string{"reset_before", "reset_after", "error_after", "500", "html", "truncated", "huge"} {
			session, _ := b.session(t, object{"name": "Shop"})
			j := b.job(t, session, d)
			b.fault(t, session.Account.ExternalID, "meta.feed.create", kind)
			_, err := j.try()
			require.True(t, problem.Of(err).MayHaveHappened(), "%s %s: %v", name, kind, err)
			r, err := j.finish()
			require.NoError(t, err, "%s %s", name, kind)
			posts := b.posts(t, session.Account.ExternalID)
			require.Len(t, posts, 1, "%s %s", name, kind)
			require.Equal(t, r.ExternalID, posts[0].ID)
			require.Equal(t, r.Permalink, posts[0].Permalink)
		}
	}
}

func TestSeveralPhotosAreOnePostInTheirOrder(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	media := []connector.Media{connectortest.Photo("one"), connectortest.Photo("two"), connectortest.Photo("three")}
	j := b.job(t, session, connector.Draft{Kind: "photos", Text: "Buns", Media: media})
	b.Control(t, http.MethodPost, "faults", object{"op": "meta.photos.create", "kind": "401", "code": 324, "status": 400, "match": session.Account.ExternalID}, nil)
	_, err := j.try()
	require.Equal(t, "media[0]", problem.Of(err).Field)
	// The second photo is refused: the person must know which.
	broken := media[1]
	broken.Open = func(context.Context, int64, int64) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Repeat("x", int(broken.Bytes)))), nil
	}
	j.draft.Media = []connector.Media{media[0], broken, media[2]}
	_, err = j.try()
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
	require.Equal(t, "media[1]", problem.Of(err).Field)

	j.draft.Media = media
	r, err := j.finish()
	require.NoError(t, err)
	posts := b.posts(t, session.Account.ExternalID)
	require.Len(t, posts, 1)
	require.Equal(t, r.ExternalID, posts[0].ID)
	var alts []string
	for _, p := range posts[0].Photos {
		alts = append(alts, p.Alt)
	}
	require.Equal(t, []string{"one", "two", "three"}, alts)
}

func TestALostAnswerToAnUploadUploadsAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	j := b.job(t, session, connector.Draft{Kind: "photo", Text: "x", Media: []connector.Media{connectortest.Photo("")}})
	b.fault(t, session.Account.ExternalID, "meta.photos.create", "reset_after")
	_, err := j.try()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	_, err = j.try()
	require.NoError(t, err, "at once: an unpublished photo is nobody's business")
	require.Len(t, b.posts(t, session.Account.ExternalID), 1)
}

// lose makes the job's feed call happen and its answer disappear.
func (b box) lose(j *job) {
	j.t.Helper()
	b.fault(j.t, j.session.Account.ExternalID, "meta.feed.create", "reset_after")
	_, err := j.try()
	require.Equal(j.t, problem.Transient, problem.ClassOf(err))
}

// fail makes the job's feed call not happen, without the job knowing.
func (b box) fail(j *job) {
	j.t.Helper()
	b.fault(j.t, j.session.Account.ExternalID, "meta.feed.create", "reset_before")
	_, err := j.try()
	require.Equal(j.t, problem.Transient, problem.ClassOf(err))
}

func TestTheSamePostOfAnotherJobIsNotAdopted(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	same := connector.Draft{Kind: "text", Text: "Closed today"}
	start := func() (mine, other *job) {
		session, _ := b.session(t, object{"name": "Shop"})
		return b.job(t, session, same), b.job(t, session, same)
	}

	mine, other := start()
	b.lose(mine)
	_, err := other.finish()
	require.NoError(t, err)
	_, err = mine.finish()
	require.ErrorIs(t, err, publish.ErrHeld, "two posts fit: a person must look")

	// The store knows that one of them is the other's.
	mine, other = start()
	b.lose(mine)
	theirs, err := other.finish()
	require.NoError(t, err)
	claimed := func(_ context.Context, id string) (bool, error) { return id == theirs.ExternalID, nil }
	mine.draft.Claimed = claimed
	r, err := mine.finish()
	require.NoError(t, err)
	require.NotEqual(t, theirs.ExternalID, r.ExternalID)
	require.Len(t, b.posts(t, mine.session.Account.ExternalID), 2)

	// Only the other's is there, and the store knows it: ours has to go out.
	mine, other = start()
	b.fail(mine)
	theirs, err = other.finish()
	require.NoError(t, err)
	mine.draft.Claimed = claimed
	r, err = mine.finish()
	require.NoError(t, err)
	require.NotEqual(t, theirs.ExternalID, r.ExternalID)
	require.Len(t, b.posts(t, mine.session.Account.ExternalID), 2)

	// The store cannot be asked: nothing is decided.
	mine, other = start()
	b.fail(mine)
	_, err = other.finish()
	require.NoError(t, err)
	away := errors.New("store is away")
	mine.draft.Claimed = func(context.Context, string) (bool, error) { return false, away }
	_, err = mine.finish()
	require.ErrorIs(t, err, away)
}

func TestOneMatchBesideADoubtfulOneDecidesNothing(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	j := b.job(t, session, connector.Draft{Kind: "text", Text: "Closed"})
	b.lose(j)
	b.Control(t, http.MethodPost, "meta/posts", object{"page": session.Account.ExternalID, "message": "Closed", "application_id": clientID, "created_time": time.Now().Add(-30 * time.Second)}, nil)
	_, err := j.finish()
	require.ErrorIs(t, err, publish.ErrHeld)

	// A post that is nothing but a link: Meta may have written ours differently.
	session, _ = b.session(t, object{"name": "Shop"})
	j = b.job(t, session, connector.Draft{Kind: "text", Link: "https://cafe.example/a"})
	b.fail(j)
	_, err = b.job(t, session, connector.Draft{Kind: "text", Link: "https://cafe.example/b"}).finish()
	require.NoError(t, err)
	_, err = j.finish()
	require.ErrorIs(t, err, publish.ErrHeld)
}

func TestAnUploadGetsMoreTime(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	c, err := meta.New(meta.Config{ClientID: clientID, ClientSecret: connector.NewSecret(clientSecret), GraphURL: b.URL + "/meta/graph", Timeout: 2 * time.Second})
	require.NoError(t, err)
	for op, class := range map[string]problem.Class{"meta.photos.create": "", "meta.feed.create": problem.Transient} {
		b.Control(t, http.MethodPost, "faults", object{"op": op, "kind": "slow", "match": session.Account.ExternalID, "delay_ms": 2500}, nil)
		d := connector.Draft{Kind: "photo", Media: []connector.Media{connectortest.Photo("")}}
		_, err := c.Publish(t.Context(), session, d, connectortest.NewLedger().Journal(time.Now))
		require.Equal(t, class, problem.ClassOf(err), op)
	}
}

func TestPhotoPostsAreToldApartByTheirPhoto(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	same := connector.Draft{Kind: "photo", Text: "Buns", Media: []connector.Media{connectortest.Photo("")}}
	session, _ := b.session(t, object{"name": "Shop"})
	lost, failed, other := b.job(t, session, same), b.job(t, session, same), b.job(t, session, same)
	b.lose(lost)
	b.fail(failed)
	theirs, err := other.finish()
	require.NoError(t, err)
	found, err := lost.finish()
	require.NoError(t, err)
	again, err := failed.finish()
	require.NoError(t, err)
	posts := b.posts(t, session.Account.ExternalID)
	require.Len(t, posts, 3)
	require.ElementsMatch(t, []string{posts[0].ID, posts[1].ID, posts[2].ID}, []string{theirs.ExternalID, found.ExternalID, again.ExternalID})
}

func TestOtherPeoplesPostsAreNotOurs(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for name, foreign := range map[string]object{
		"by hand": {}, "by another app": {"application_id": "999"}, "another text": {"application_id": clientID, "message": "Open"},
		"by a visitor": {"visitor": "Kim"}, "long before": {"application_id": clientID, "created_time": time.Now().Add(-10 * time.Minute)},
	} {
		session, _ := b.session(t, object{"name": "Shop"})
		j := b.job(t, session, connector.Draft{Kind: "text", Text: "Closed"})
		b.fail(j)
		post := object{"page": session.Account.ExternalID, "message": "Closed"}
		maps.Copy(post, foreign)
		b.Control(t, http.MethodPost, "meta/posts", post, nil)
		r, err := j.finish()
		require.NoError(t, err, name)
		posts := b.posts(t, session.Account.ExternalID)
		require.Len(t, posts, 2, name)
		require.Contains(t, []string{posts[0].ID, posts[1].ID}, r.ExternalID)
	}

	// A photo post with the same text is another job's.
	session, _ := b.session(t, object{"name": "Shop"})
	j := b.job(t, session, connector.Draft{Kind: "text", Text: "Closed"})
	b.fail(j)
	photo, err := b.job(t, session, connector.Draft{Kind: "photo", Text: "Closed", Media: []connector.Media{connectortest.Photo("")}}).finish()
	require.NoError(t, err)
	r, err := j.finish()
	require.NoError(t, err)
	require.NotEqual(t, photo.ExternalID, r.ExternalID)

	// Made by our app a little before we began: clocks may disagree by so much, or it is another job's.
	session, _ = b.session(t, object{"name": "Shop"})
	j = b.job(t, session, connector.Draft{Kind: "text", Text: "Closed"})
	b.fail(j)
	b.Control(t, http.MethodPost, "meta/posts", object{"page": session.Account.ExternalID, "message": "Closed", "application_id": clientID, "created_time": time.Now().Add(-30 * time.Second)}, nil)
	_, err = j.finish()
	require.ErrorIs(t, err, publish.ErrHeld)
}

// A job that waited for days, for its Page to be connected again, needs a photo that Meta still has.
func TestAnOldPhotoIsUploadedAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	photo := connector.Draft{Kind: "photo", Text: "Buns", Media: []connector.Media{connectortest.Photo("")}}
	refused, lost := b.job(t, session, photo), b.job(t, session, photo)
	b.fault(t, session.Account.ExternalID, "meta.feed.create", "401")
	_, err := refused.try()
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err))
	b.lose(lost)

	const days = 3 * 24 * time.Hour
	b.Control(t, http.MethodPost, "clock", object{"advance_seconds": int(days.Seconds())}, nil)
	refused.now, lost.now = refused.now.Add(days), lost.now.Add(days)
	_, err = refused.finish()
	require.NoError(t, err)
	r, err := lost.finish()
	require.NoError(t, err)
	posts := b.posts(t, session.Account.ExternalID)
	require.Len(t, posts, 2)
	require.Equal(t, posts[0].ID, r.ExternalID, "found by the first photo, not by the newer one")
}

func TestWhatCannotBePublishedIsRefusedWithoutACall(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	photo := []connector.Media{connectortest.Photo("")}
	for _, tc := range []struct {
		field string
		draft connector.Draft
	}{
		{"kind", connector.Draft{Kind: "event", Text: "x"}},
		{"text", connector.Draft{Kind: "text"}},
		{"media", connector.Draft{Kind: "text", Text: "x", Media: photo}},
		{"media", connector.Draft{Kind: "photo", Text: "x"}},
		{"link", connector.Draft{Kind: "photo", Media: photo, Link: "https://x.example"}},
		{"media", connector.Draft{Kind: "photos", Media: photo}},
		{"media", connector.Draft{Kind: "reel"}},
		{"media", connector.Draft{Kind: "photos", Media: slices.Repeat(photo, 11)}},
	} {
		_, err := b.job(t, session, tc.draft).try()
		require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
		require.Equal(t, tc.field, problem.Of(err).Field)
	}
	var calls struct {
		Calls []object `json:"calls"`
	}
	b.Control(t, http.MethodGet, "calls?match="+session.Account.ExternalID, nil, &calls)
	require.Empty(t, calls.Calls)
}

func TestADuplicateIsOursOrSaysSo(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop", "duplicate_check": true})
	first := b.job(t, session, connector.Draft{Kind: "text", Text: "Closed"})
	_, err := first.finish()
	require.NoError(t, err)
	second := b.job(t, session, connector.Draft{Kind: "text", Text: "Closed"})
	second.now = second.now.Add(10 * time.Minute)
	_, err = second.try()
	require.Equal(t, problem.Duplicate, problem.ClassOf(err))
	require.Equal(t, problem.ActViewExisting, problem.Of(err).Action.Kind)
	require.Len(t, b.posts(t, session.Account.ExternalID), 1)
}

func TestTheLimitOfThePageSaysHowLong(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	b.Control(t, http.MethodPost, "meta/pages/"+session.Account.ExternalID+"/throttle", object{"minutes": 19}, nil)
	_, err := b.job(t, session, connector.Draft{Kind: "text", Text: "x"}).try()
	e := problem.Of(err)
	require.Equal(t, problem.RateLimited, e.Class)
	require.Equal(t, "80001", e.Code)
	require.InDelta(t, 19, e.RetryAfter.Minutes(), 1.1)
	require.False(t, e.MayHaveHappened())
}

func TestCandidatesAreWhatAPersonMayRecognise(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	now := time.Now()
	for message, at := range map[string]time.Time{"before": now.Add(-time.Hour), "by hand": now.Add(time.Second)} {
		b.Control(t, http.MethodPost, "meta/posts", object{"page": session.Account.ExternalID, "message": message, "created_time": at}, nil)
	}
	list, err := b.connect(t, time.Now).Candidates(t.Context(), session, connector.Draft{AcceptedAt: now})
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "by hand", list[0].Text)
	require.WithinDuration(t, now, list[0].CreatedAt, 3*time.Second)
	require.Contains(t, list[0].Receipt.Permalink, b.URL)
}

func TestAFileThatCannotBeReadIsOurTrouble(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	m := connectortest.Photo("")
	m.Open = func(context.Context, int64, int64) (io.ReadCloser, error) { return nil, errors.New("bucket is away") }
	_, err := b.job(t, session, connector.Draft{Kind: "photo", Media: []connector.Media{m}}).try()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	require.Contains(t, problem.Of(err).Message, "our storage")
}
