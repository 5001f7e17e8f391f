package meta_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/problem"
)

func reel() connector.Draft {
	return connector.Draft{Kind: "reel", Text: "Rising", Media: []connector.Media{connectortest.Clip()}}
}

// counts is how often each operation was called on the Page, or on its videos.
func (b box) counts(t *testing.T, match string) map[string]int {
	t.Helper()
	var out struct {
		Counts map[string]int `json:"counts"`
	}
	b.Control(t, http.MethodGet, "calls?match="+match, nil, &out)
	return out.Counts
}

func (b box) oneReel(t *testing.T, session connector.Session, r connector.Receipt) {
	t.Helper()
	posts := b.posts(t, session.Account.ExternalID)
	require.Len(t, posts, 1)
	require.NotNil(t, posts[0].Video)
	require.Equal(t, r.ExternalID, posts[0].Video.ID)
	require.Equal(t, r.Permalink, posts[0].Permalink)
	require.Equal(t, "Rising", posts[0].Message)
}

// halting is a file whose first reading stops after some bytes, in a way of its own.
func halting(m connector.Media, after int64, halt func(ctx context.Context) error) connector.Media {
	whole, first := m.Open, true
	m.Open = func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
		if !first {
			return whole(ctx, offset, length)
		}
		first = false
		r, err := whole(ctx, offset, after)
		return io.NopCloser(io.MultiReader(r, halted{ctx, halt})), err
	}
	return m
}

type halted struct {
	ctx  context.Context //nolint:containedctx // of the reading
	halt func(ctx context.Context) error
}

func (h halted) Read([]byte) (int, error) { return 0, h.halt(h.ctx) }

func TestAnUploadThatOurStorageCutGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	d := reel()
	d.Media[0] = halting(d.Media[0], 20_000, func(context.Context) error { return errors.New("bucket is away") })
	j := b.job(t, session, d)
	r, err := j.try()
	if err != nil { // the platform was asked before it had noticed the end
		require.Equal(t, problem.Transient, problem.ClassOf(err))
		r, err = j.finish()
	}
	require.NoError(t, err)
	b.oneReel(t, session, r)
}

// A line so slow that the invocation ends first: the next one goes on with the same session.
func TestALongUploadIsCutIntoSlices(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	d := reel()
	d.Media[0] = halting(d.Media[0], 20_000, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	j := b.job(t, session, d)
	slice := func(left time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), left)
		defer cancel()
		journal := j.ledger.Journal(func() time.Time { return j.now })
		_, err := j.c.Publish(ctx, session, j.draft, journal) // nothing else is saved: the worker dies after it
		return err
	}
	var wait *connector.WaitError
	require.ErrorAs(t, slice(2*time.Second), &wait, "the upload did not come to its end")
	require.Equal(t, 1, b.counts(t, session.Account.ExternalID)["meta.video.upload"])
	r, err := j.finish()
	require.NoError(t, err)
	b.oneReel(t, session, r)
	require.Equal(t, 2, b.counts(t, session.Account.ExternalID)["meta.video.upload"])
	require.Equal(t, 2, b.counts(t, session.Account.ExternalID)["meta.reels.create"], "one start, one finish")
}

func TestAReelIsPublishedWhenItIsProcessed(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"plain": false, "the answer to the finish is lost": true} {
		b := startSandbox(t)
		session, _ := b.session(t, object{"name": "Shop", "processing_seconds": 20})
		j := b.job(t, session, reel())
		advance := func(d time.Duration) {
			b.Control(t, http.MethodPost, "clock", object{"advance_seconds": int(d.Seconds())}, nil)
			j.now = j.now.Add(d)
		}
		if lost {
			j.upload()
			b.fault(t, session.Account.ExternalID, "meta.reels.create", "reset_after")
		}
		waits := 0
		var r connector.Receipt
		for range 20 {
			var err error
			r, err = j.try()
			var wait *connector.WaitError
			if errors.As(err, &wait) {
				waits++
				advance(max(wait.For, time.Second))
				continue
			}
			if err == nil {
				break
			}
			require.Equal(t, problem.Transient, problem.ClassOf(err), name)
		}
		require.GreaterOrEqual(t, waits, 4, name)
		b.oneReel(t, session, r)
	}
}

// upload carries the job on until its bytes are there, and stops before the finish.
func (j *job) upload() {
	j.t.Helper()
	journal := j.ledger.Journal(func() time.Time { return j.now })
	_, err := j.c.Publish(j.t.Context(), j.session, j.draft, uploadOnly{journal})
	j.ledger.Save(journal.Steps(), journal.InDoubt())
	require.ErrorIs(j.t, err, errStopped)
}

var errStopped = errors.New("stopped by the test")

// uploadOnly is a journal that ends the attempt before the finish.
type uploadOnly struct{ connector.Steps }

func (s uploadOnly) Do(ctx context.Context, step connector.Step) (connector.Values, error) {
	if step.Name == "finish" {
		return nil, errStopped
	}
	return s.Steps.Do(ctx, step) //nolint:wrapcheck // as the journal gave it
}

func TestAVideoThatCannotBeProcessedIsThePersonsToChange(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop", "processing_seconds": 600})
	j := b.job(t, session, reel())
	_, err := j.try()
	var wait *connector.WaitError
	require.ErrorAs(t, err, &wait)
	b.Control(t, http.MethodPost, "meta/videos/"+b.posts(t, session.Account.ExternalID)[0].Video.ID+"/fail", nil, nil)
	_, err = j.try()
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
	require.Equal(t, "media[0]", problem.Of(err).Field)

	// Processing that never ends is not waited for without end.
	j = b.job(t, session, reel())
	_, err = j.try()
	require.ErrorAs(t, err, &wait)
	j.now = j.now.Add(61 * time.Minute)
	_, err = j.try()
	require.Equal(t, "still_processing", problem.Of(err).Code)

	// A shape that the check before did not know.
	raw := clip.Make(clip.Spec{Width: 1920, Height: 1080})
	d := reel()
	d.Media[0].Bytes = int64(len(raw))
	d.Media[0].Open = func(_ context.Context, offset, _ int64) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(raw[offset:]))), nil
	}
	_, err = b.job(t, session, d).try()
	require.Equal(t, "352/1363040", problem.Of(err).Code)
	require.Equal(t, "media[0]", problem.Of(err).Field)
}

func TestTheThirtyFirstReelOfADayWaits(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	for range 30 {
		_, err := b.job(t, session, reel()).finish()
		require.NoError(t, err)
	}
	_, err := b.job(t, session, reel()).try()
	require.Equal(t, problem.RateLimited, problem.ClassOf(err))
	require.Equal(t, time.Hour, problem.Of(err).RetryAfter)
	require.Len(t, b.posts(t, session.Account.ExternalID), 30)
}

// A job that waited for days needs a new session, and must still know the old one.
func TestAnOldUploadSessionIsReplaced(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	started, lost := b.job(t, session, reel()), b.job(t, session, reel())
	started.upload()
	lost.upload()
	_, err := lost.c.Publish(t.Context(), session, lost.draft, lost.ledger.Journal(func() time.Time { return lost.now }))
	require.NoError(t, err) // the worker dies before it can say so
	const days = 3 * 24 * time.Hour
	b.Control(t, http.MethodPost, "clock", object{"advance_seconds": int(days.Seconds())}, nil)
	started.now, lost.now = started.now.Add(days), lost.now.Add(days)
	_, err = started.finish()
	require.NoError(t, err)
	r, err := lost.finish() // its ledger says no more than that the finish was started
	require.NoError(t, err)
	posts := b.posts(t, session.Account.ExternalID)
	require.Len(t, posts, 2)
	require.Equal(t, posts[0].Video.ID, r.ExternalID, "the one of three days ago")
}

func TestBytesGoToTheConfiguredHostOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://elsewhere.example/video", "https://graph.facebook.com.elsewhere.example/x", "http://graph.facebook.com/x", "", "https://rupload.facebook.com"} {
		calls := 0
		c, err := meta.New(meta.Config{ClientID: "1", ClientSecret: connector.NewSecret("s"), HTTP: &http.Client{Transport: only{&calls, address}}})
		require.NoError(t, err)
		s := connector.Session{Account: connector.Account{Kind: "facebook_page", ExternalID: "200"}, Credential: connector.Credential{Access: connector.NewSecret("EAACanary")}}
		_, err = c.Publish(t.Context(), s, reel(), connectortest.NewLedger().Journal(time.Now))
		require.Equal(t, "unexpected_answer", problem.Of(err).Code, address)
		require.Equal(t, 1, calls)
	}
	_, err := meta.New(meta.Config{ClientID: "1", ClientSecret: connector.NewSecret("s"), UploadURL: "http://upload.example"})
	require.ErrorContains(t, err, "upload URL")
}

// only answers the start of an upload.
type only struct {
	calls   *int
	address string
}

func (o only) RoundTrip(r *http.Request) (*http.Response, error) {
	*o.calls++
	return answer{status: 200, body: `{"video_id":"7","upload_url":"` + o.address + `"}`}.RoundTrip(r)
}

// A person says "post again" of a reel that is there: its video cannot be published twice, and its own state says so.
func TestAReelThatIsThereIsNotPostedAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	j := b.job(t, session, reel())
	first, err := j.finish()
	require.NoError(t, err)
	steps := j.ledger.Journal(time.Now).Steps()
	delete(steps, "finish")
	j.ledger.Save(steps, "")
	again, err := j.finish()
	require.NoError(t, err)
	require.Equal(t, first, again)
	b.oneReel(t, session, again)
}
