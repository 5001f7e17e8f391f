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

// plain is a wide video of several pieces.
func plain() connector.Draft {
	raw := clip.Make(clip.Spec{Bytes: 90_000, Width: 1280, Height: 720, DurationMs: 120_000})
	m := connectortest.Clip()
	m.Bytes, m.Width, m.Height, m.DurationMs = int64(len(raw)), 1280, 720, 120_000
	m.Open = func(_ context.Context, offset, length int64) (io.ReadCloser, error) {
		if length < 0 {
			length = int64(len(raw)) - offset
		}
		return io.NopCloser(strings.NewReader(string(raw[offset : offset+length]))), nil
	}
	return connector.Draft{Kind: "video", Text: "Rising", Media: []connector.Media{m}, Options: map[string]any{"title": "A day"}}
}

func TestAPlainVideoIsPublishedWithItsTitle(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	r, err := b.job(t, session, plain()).finish()
	require.NoError(t, err)
	b.oneReel(t, session, r)
	post := b.posts(t, session.Account.ExternalID)[0]
	require.Equal(t, []string{"Video", "A day"}, []string{post.Kind, post.Title})
	require.Equal(t, 6, b.counts(t, session.Account.ExternalID)["meta.videos.create"], "start, four pieces, finish")
}

// Whatever spoils the answer to one of its calls: one video, and no piece is sent from the start again.
func TestAPlainVideoSurvivesALostAnswer(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for _, kind := range []string{"reset_before", "reset_after", "error_after", "500", "html", "truncated", "huge"} {
		for call := range 6 {
			session, _ := b.session(t, object{"name": "Shop"})
			j := b.job(t, session, plain())
			b.Control(t, http.MethodPost, "faults", object{"op": "meta.videos.create", "kind": kind, "match": session.Account.ExternalID, "skip": call}, nil)
			r, err := j.try()
			for range 3 {
				if err == nil {
					break
				}
				require.Contains(t, []problem.Class{problem.Transient, problem.PlatformDown}, problem.ClassOf(err), "%s at %d: %v", kind, call, err)
				r, err = j.finish()
			}
			require.NoError(t, err, "%s at %d", kind, call)
			b.oneReel(t, session, r)
			require.LessOrEqual(t, b.counts(t, session.Account.ExternalID)["meta.videos.create"], 8, "%s at %d", kind, call)
		}
	}
}

func TestAPlainVideoThatOurStorageCutGoesOn(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	d := plain()
	d.Media[0] = halting(d.Media[0], 10_000, func(context.Context) error { return errors.New("bucket is away") })
	j := b.job(t, session, d)
	_, err := j.try()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	r, err := j.finish()
	require.NoError(t, err)
	b.oneReel(t, session, r)
}

// A line so slow that the invocation ends first: the next one goes on with the same session.
func TestALongPlainUploadIsCutIntoSlices(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	d := plain()
	open, reads := d.Media[0].Open, 0
	d.Media[0].Open = func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
		if reads++; reads == 3 {
			return io.NopCloser(halted{ctx, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}), nil
		}
		return open(ctx, offset, length)
	}
	j := b.job(t, session, d)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := j.c.Publish(ctx, session, j.draft, j.ledger.Journal(func() time.Time { return j.now }))
	var wait *connector.WaitError
	require.ErrorAs(t, err, &wait, "the upload did not come to its end")
	r, err := j.finish()
	require.NoError(t, err)
	b.oneReel(t, session, r)
	require.Equal(t, 7, b.counts(t, session.Account.ExternalID)["meta.videos.create"], "one piece was begun twice, and none was sent twice")
}

func TestAPlainVideoIsWaitedForWhileItIsProcessed(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop", "processing_seconds": 20})
	j := b.job(t, session, plain())
	j.upload()
	b.fault(t, session.Account.ExternalID, "meta.videos.create", "reset_after")
	waits := 0
	var r connector.Receipt
	for range 20 {
		var err error
		r, err = j.try()
		var wait *connector.WaitError
		if errors.As(err, &wait) {
			waits++
			d := max(wait.For, time.Second)
			b.Control(t, http.MethodPost, "clock", object{"advance_seconds": int(d.Seconds())}, nil)
			j.now = j.now.Add(d)
			continue
		}
		if err == nil {
			break
		}
		require.Equal(t, problem.Transient, problem.ClassOf(err))
	}
	require.GreaterOrEqual(t, waits, 4)
	b.oneReel(t, session, r)
}

// An answer that asks for what cannot be is not followed for ever.
func TestAnImpossiblePieceIsRefused(t *testing.T) {
	t.Parallel()
	start := `{"video_id":"7","upload_session_id":"8","start_offset":"0","end_offset":"40000"}`
	for _, answers := range [][]string{
		{`{"video_id":"7","upload_session_id":"8"}`},
		{`{"video_id":"7","upload_session_id":"8","start_offset":"5","end_offset":"9"}`},
		{`{"video_id":"7","upload_session_id":"8","start_offset":"0","end_offset":"999999999"}`},
		{`{"video_id":"7","start_offset":"0","end_offset":"9"}`},
		{start, `{"start_offset":"0","end_offset":"9"}`},
		{start, `{"start_offset":"40000","end_offset":"40000"}`},
		{start, `{"start_offset":"40000","end_offset":"999999999"}`},
		{start, `{}`},
	} {
		hosts := map[string]int{}
		c, err := meta.New(meta.Config{ClientID: "1", ClientSecret: connector.NewSecret("s"), HTTP: &http.Client{Transport: script{&answers, hosts}}})
		require.NoError(t, err)
		s := connector.Session{Account: connector.Account{Kind: "facebook_page", ExternalID: "200"}, Credential: connector.Credential{Access: connector.NewSecret("EAACanary")}}
		_, err = c.Publish(t.Context(), s, plain(), connectortest.NewLedger().Journal(time.Now))
		require.Equal(t, "unexpected_answer", problem.Of(err).Code)
		require.Empty(t, answers)
		require.NotZero(t, hosts["graph-video.facebook.com"], "videos have a host of their own")
	}
}

// script gives one answer after the other, and a video that is being uploaded to whoever asks about it.
type script struct {
	answers *[]string
	hosts   map[string]int
}

func (s script) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	s.hosts[r.URL.Host]++
	if r.Method == http.MethodGet {
		return answer{status: 200, body: `{"status":{"video_status":"uploading"}}`}.RoundTrip(r)
	}
	body := (*s.answers)[0]
	*s.answers = (*s.answers)[1:]
	return answer{status: 200, body: body}.RoundTrip(r)
}
