package meta_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/problem"
)

// instagramReel is a reel without anything that is not needed.
func instagramReel() connector.Draft {
	d := instagramDrafts()["reel"]
	d.Options = nil
	return d
}

// slowClip has too few pictures a second.
func slowClip() connector.Media {
	raw := clip.Make(clip.Spec{FrameRate: 15})
	m := connectortest.Clip()
	m.Name, m.FrameRate, m.Bytes = "slow.mp4", 15, int64(len(raw))
	m.Open = func(_ context.Context, offset, _ int64) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(raw[offset:])), nil
	}
	return m
}

// withoutPage is the account as Instagram Login connects it: nothing ties it to a Page.
func withoutPage(s connector.Session) connector.Session {
	s.Account.Data = map[string]string{"user_id": s.Account.Data["user_id"]}
	return s
}

func TestAnInstagramReelShowsWhatWasWritten(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	j := b.start(t, instagramDrafts()["reel"])
	j.draft.Media[0].URL = nil // its bytes are sent: nobody fetches it
	r, err := j.calm()
	require.NoError(t, err)
	p := j.one(r)
	require.Equal(t, "REELS", p.Product)
	require.Equal(t, "Watch them rise, @ada", p.Caption)
	require.Equal(t, []string{"Order now"}, p.Comments)
	require.Equal(t, []string{"bakery.berlin"}, p.Collaborators)
	require.True(t, p.ReelsOnly)
	require.True(t, p.AI)
	require.Equal(t, 1500, p.Thumb)

	j = b.start(t, instagramReel()) // written before the moment was asked for in seconds
	j.draft.Options = map[string]any{"thumb_offset": 700.0}
	r, err = j.calm()
	require.NoError(t, err)
	require.Equal(t, 700, j.one(r).Thumb)

	j = b.start(t, instagramReel())
	j.draft.Options = map[string]any{"cover_url": b.pictures + "/counter.jpg", "thumb_seconds": 1.5}
	r, err = j.calm()
	require.NoError(t, err)
	p = j.one(r)
	require.NotEmpty(t, p.Cover)
	require.Zero(t, p.Thumb, "a cover of its own wins")
	require.False(t, p.ReelsOnly)
}

// The other login takes no bytes and deletes nothing.
func TestAReelWithoutAPageIsFetched(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	session, _ := b.session(t)
	j := b.startOn(t, withoutPage(session), instagramReel())
	r, err := j.calm()
	require.NoError(t, err)
	require.Equal(t, "REELS", j.one(r).Product)
	require.Zero(t, j.calls("meta.ig.upload"))

	err = j.c.Delete(t.Context(), j.session, r)
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
	require.Zero(t, j.calls("meta.ig.media.delete"))
	require.NoError(t, j.c.Delete(t.Context(), session, r))
	require.Empty(t, b.media(t, j.account()))
}

func TestACarouselMixesPicturesAndVideos(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	j := b.start(t, instagramDrafts()["mixed"])
	j.set(object{"polls": 3})
	r, err := j.calm()
	require.NoError(t, err)
	p := j.one(r)
	require.Equal(t, "CAROUSEL_ALBUM", p.Type)
	require.Len(t, p.Files, 2)
	require.NotNil(t, p.Files[0].Video)
	require.Nil(t, p.Files[1].Video)
	require.Equal(t, "Six buns on a tray", p.Photos[0].Alt)
	require.True(t, p.AI)
	require.Equal(t, 3, j.calls("meta.ig.container.create"))

	j = b.start(t, instagramDrafts()["clip_story"])
	r, err = j.calm()
	require.NoError(t, err)
	p = j.one(r)
	require.Equal(t, "STORY", p.Product)
	require.Equal(t, "VIDEO", p.Type)
}

// The container is the same for all of them; what came through is not sent again.
func TestAReelsUploadGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	for _, kind := range []string{"reset_before", "reset_after", "error_after", "500", "html", "truncated"} {
		j := b.start(t, instagramReel())
		b.fault(t, j.account(), "meta.ig.upload", kind)
		r, err := j.finish()
		require.NoError(t, err, kind)
		j.one(r)
		require.Equal(t, 1, j.calls("meta.ig.container.create"), kind)
	}
	j := b.start(t, instagramReel())
	j.draft.Media[0] = halting(j.draft.Media[0], 20_000, func(context.Context) error { return errors.New("bucket is away") })
	r, err := j.finish()
	require.NoError(t, err)
	j.sameBytes(j.one(r))

	// A line so slow that the invocation ends first.
	j = b.start(t, instagramReel())
	j.draft.Media[0] = halting(j.draft.Media[0], 30_000, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err = j.c.Publish(ctx, j.session, j.draft, j.ledger.Journal(func() time.Time { return j.now }))
	var wait *connector.WaitError
	require.ErrorAs(t, err, &wait)
	j.wait(wait.For)
	r, err = j.calm()
	require.NoError(t, err)
	j.sameBytes(j.one(r))
	require.Equal(t, 1, j.calls("meta.ig.container.create"))
}

// sameBytes compares the video that people see with the one that was attached.
func (j instagramJob) sameBytes(p instagramPost) {
	j.t.Helper()
	resp, err := http.Get(p.Files[0].Video.URL) //nolint:forbidigo,noctx // the test's own sandbox
	require.NoError(j.t, err)
	defer func() { _ = resp.Body.Close() }()
	shown, err := io.ReadAll(resp.Body)
	require.NoError(j.t, err)
	file, err := connectortest.Clip().Open(j.t.Context(), 0, -1)
	require.NoError(j.t, err)
	want, err := io.ReadAll(file)
	require.NoError(j.t, err)
	require.Len(j.t, shown, len(want))
	require.True(j.t, bytes.Equal(want, shown))
}

// What was begun days ago takes no bytes any more.
func TestAReelsContainerIsMadeAgainWhenItsDayIsOver(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	for _, away := range []time.Duration{25 * time.Hour, 23*time.Hour + 30*time.Minute} {
		j := b.start(t, instagramReel())
		b.fault(t, j.account(), "meta.ig.upload", "500")
		b.fault(t, j.account(), "meta.ig.container.get", "500")
		_, err := j.try()
		require.Error(t, err)
		j.wait(away)
		r, err := j.finish()
		require.NoError(t, err)
		j.one(r)
		require.Equal(t, 2, j.calls("meta.ig.container.create"), away)
	}
	// It ends while its bytes are on their way.
	j := b.start(t, instagramReel())
	b.fault(t, j.account(), "meta.ig.upload", "500")
	b.fault(t, j.account(), "meta.ig.container.get", "500")
	_, err := j.try()
	require.Error(t, err)
	b.Pass(t, 25*time.Hour) // Instagram's clock is ahead of ours
	r, err := j.finish()
	require.NoError(t, err)
	j.one(r)
	require.Equal(t, 2, j.calls("meta.ig.container.create"))
}

// Instagram works on a long video for a while, and on a picture not so long.
func TestALongVideoIsWaitedForLonger(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	for _, name := range []string{"reel", "mixed", "clip_story"} {
		d := instagramDrafts()[name]
		if name != "clip_story" {
			d.Options = nil
		}
		j := b.start(t, d)
		j.set(object{"polls": 0, "slow_seconds": 20 * 60})
		r, err := j.calm()
		require.NoError(t, err, name)
		j.one(r)
		require.Equal(t, map[string]int{"reel": 1, "mixed": 3, "clip_story": 1}[name], j.calls("meta.ig.container.create"), name)
	}
}

func TestAVideoThatInstagramCannotUseIsNamed(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	for name, field := range map[string]string{"reel": "media[0]", "clip_story": "media[0]", "mixed": "media[1]"} {
		d := instagramDrafts()[name]
		d.Media[0] = slowClip()
		if name == "mixed" {
			d.Media[0], d.Media[1] = d.Media[1], d.Media[0]
		}
		j := b.start(t, d)
		_, err := j.finish()
		e := problem.Of(err)
		require.Equal(t, problem.InvalidContent, e.Class, "%s: %v", name, err)
		require.Equal(t, "2207026", e.Code)
		require.Equal(t, field, e.Field)
		require.Empty(t, b.media(t, j.account()))
	}
}

func TestWhatIsSaidAboutAVideoIsRefusedWithoutACall(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	described := connectortest.Clip()
	described.Alt = "Buns rise"
	for name, d := range map[string]connector.Draft{
		"media[0].alt": {Kind: "reel", Media: []connector.Media{described}},
		"media[1].alt": {Kind: "carousel", Media: []connector.Media{connectortest.Photo("Flour"), described}},
		"media[0]":     {Kind: "image", Media: []connector.Media{connectortest.Clip()}},
	} {
		j := b.start(t, d)
		_, err := j.try()
		require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
		require.Equal(t, name, problem.Of(err).Field)
		require.Zero(t, j.calls("meta.ig.quota"))
	}
}

// A reel is told from a picture with the same words, and from a story.
func TestAReelIsFoundAmongOthers(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	j := b.start(t, instagramReel())
	b.fault(t, j.account(), "meta.ig.publish", "reset_after")
	for {
		_, err := j.try()
		var wait *connector.WaitError
		if !errors.As(err, &wait) {
			require.Equal(t, problem.Transient, problem.ClassOf(err))
			break
		}
		j.wait(wait.For)
	}
	ours := b.media(t, j.account())[0].ID
	b.Control(t, http.MethodPost, "meta/instagram/"+j.account()+"/media", object{"caption": j.draft.Text}, nil)
	r, err := j.finish()
	require.NoError(t, err)
	require.Equal(t, ours, r.ExternalID)
}

// reelStart answers the calls before an upload.
type reelStart struct {
	calls   *[]string
	address string
}

func (s reelStart) RoundTrip(r *http.Request) (*http.Response, error) {
	*s.calls = append(*s.calls, r.URL.Host+r.URL.Path)
	return answer{status: 200, body: `{"data":[{"quota_usage":0}],"id":"7","uri":"` + s.address + `"}`}.RoundTrip(r)
}

func TestAReelsBytesGoToTheConfiguredHostOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://elsewhere.example/ig-api-upload/7", "https://rupload.facebook.com.elsewhere.example/7", ""} {
		var calls []string
		c, err := meta.New(meta.Config{ClientID: "1", ClientSecret: connector.NewSecret("s"), HTTP: &http.Client{Transport: reelStart{&calls, address}}})
		require.NoError(t, err)
		_, err = c.Publish(t.Context(), instagramSession, instagramReel(), connectortest.NewLedger().Journal(time.Now))
		require.Equal(t, problem.Transient, problem.ClassOf(err))
		require.Equal(t, "upload_uri", problem.Of(err).Code, address)
		require.Equal(t, []string{"graph.facebook.com/v26.0/17841400000000005/content_publishing_limit", "graph.facebook.com/v26.0/17841400000000005/media"}, calls)
	}
}
