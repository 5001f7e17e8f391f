package tiktok_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/tiktok"
	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/problem"
)

// job is one draft on its way, over as many attempts as it takes.
type job struct {
	t      *testing.T
	b      box
	c      *tiktok.Connector
	s      connector.Session
	d      connector.Draft
	ledger *connectortest.Ledger
	now    time.Time
	waits  []time.Duration
}

func (b box) job(t *testing.T, traits object, d connector.Draft) *job {
	t.Helper()
	id := b.creator(t, traits)
	j := &job{t: t, b: b, s: b.session(t, id, 0), d: b.address(t, id, d), ledger: connectortest.NewLedger(), now: time.Now()}
	j.d.AcceptedAt = j.now
	j.c = b.connect(t, func() time.Time { return j.now })
	return j
}

// attempt is one claim of the job.
func (j *job) attempt() (connector.Receipt, error) {
	j.t.Helper()
	return j.attemptWithin(j.t.Context())
}

func (j *job) attemptWithin(ctx context.Context) (connector.Receipt, error) {
	j.t.Helper()
	journal := j.ledger.Journal(func() time.Time { return j.now })
	receipt, err := j.c.Publish(ctx, j.s, j.d, journal)
	j.ledger.Save(journal.Steps(), journal.InDoubt())
	return receipt, err
}

// run goes on until the job waits no more.
func (j *job) run() (connector.Receipt, error) {
	j.t.Helper()
	for range 100 {
		receipt, err := j.attempt()
		var wait *connector.WaitError
		if !errors.As(err, &wait) {
			return receipt, err
		}
		j.waits = append(j.waits, wait.For)
		j.pass(wait.For)
	}
	require.FailNow(j.t, "the job does not come to an end", "%v", j.waits)
	return connector.Receipt{}, nil
}

func (j *job) pass(d time.Duration) {
	j.t.Helper()
	j.now = j.now.Add(d)
	j.b.Pass(j.t, d)
}

func (j *job) account() string { return j.s.Account.ExternalID }

func (j *job) fault(in object) {
	j.t.Helper()
	in["match"] = j.account()
	j.b.Control(j.t, http.MethodPost, "faults", in, nil)
}

// calls are how often an operation was called for the job's account.
func (j *job) calls(op string) int {
	j.t.Helper()
	var out struct {
		Counts map[string]int `json:"counts"`
	}
	j.b.Control(j.t, http.MethodGet, "calls?match="+j.account(), nil, &out)
	return out.Counts["tiktok."+op]
}

// film is a video of a size.
func film(size int) connector.Media {
	raw := clip.Make(clip.Spec{Bytes: size, DurationMs: 5000})
	_, _ = rand.NewChaCha8([32]byte{}).Read(raw[len(raw)-size/2:]) // no two parts are alike
	m := connectortest.Clip()
	m.Bytes = int64(len(raw))
	m.Open = func(_ context.Context, offset, length int64) (io.ReadCloser, error) {
		if length < 0 {
			length = m.Bytes - offset
		}
		return io.NopCloser(io.NewSectionReader(bytes.NewReader(raw), offset, length)), nil
	}
	return m
}

func video(options object) connector.Draft {
	return connector.Draft{Kind: "video", Text: "Buns from eight", Media: []connector.Media{connectortest.Clip()}, Options: options}
}

func photo(options object) connector.Draft {
	return connector.Draft{Kind: "photos", Text: "Buns from eight", Media: []connector.Media{connectortest.Photo("")}, Options: options}
}

func everyone(more object) object {
	out := object{"privacy_level": "PUBLIC_TO_EVERYONE", "consent": "music_usage"}
	maps.Copy(out, more)
	return out
}

func requireProblem(t *testing.T, err error, class problem.Class, code, field string) {
	t.Helper()
	e := problem.Of(err)
	require.Equal(t, []string{string(class), code, field}, []string{string(e.Class), e.Code, e.Field}, "%v", err)
}

func TestAPostIsPublishedAsItWasChosen(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	j := b.job(t, nil, video(everyone(object{"allow_comment": true})))
	receipt, err := j.run()
	require.NoError(t, err)
	p := b.seen(t, j.account()).Posts[0]
	require.Equal(t, []any{"Buns from eight", "PUBLIC_TO_EVERYONE", false, true}, []any{p.Title, p.Privacy, p.NoComment, p.NoDuet}, "what was not allowed is off")
	require.Equal(t, p.ID, receipt.ExternalID, "no digit is lost")
	require.Equal(t, p.Permalink, receipt.Permalink)
	require.Equal(t, p.Task, receipt.Data["reference"])
	require.Empty(t, receipt.Note)
}

func TestAPostWithoutAnIDIsPublished(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for level, moderation := range map[string]int{"SELF_ONLY": 0, "PUBLIC_TO_EVERYONE": 3600} {
		j := b.job(t, object{"moderation_seconds": moderation}, video(object{"privacy_level": level, "consent": "music_usage"}))
		receipt, err := j.run()
		require.NoError(t, err)
		require.Regexp(t, `^v_pub_file~`, receipt.ExternalID)
		require.Equal(t, receipt.ExternalID, receipt.Data["reference"])
		require.Empty(t, receipt.Permalink)
		metrics, err := j.c.PostMetrics(t.Context(), j.s, connector.PublishedPost{Receipt: receipt})
		require.NoError(t, err)
		require.Nil(t, metrics[0].Value)
		j.pass(2 * time.Hour)
		metrics, err = j.c.PostMetrics(t.Context(), j.s, connector.PublishedPost{Receipt: receipt})
		require.NoError(t, err)
		require.Equal(t, level == "PUBLIC_TO_EVERYONE", metrics[0].Value != nil, "its id is asked for")
	}
}

func TestADraftWaitsInTheInbox(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	j := b.job(t, object{"processing_seconds": 60}, connector.Draft{Kind: "video_draft", Media: []connector.Media{connectortest.Clip()}})
	receipt, err := j.run()
	require.NoError(t, err)
	require.Contains(t, receipt.Note, "inbox")
	require.Len(t, b.seen(t, j.account()).Inbox, 1)
	require.Zero(t, j.calls("creator_info"), "which a draft's permission does not allow")
	require.Equal(t, []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, 30 * time.Second}, j.waits)
}

func TestNothingIsSentThatTheGuidelinesForbid(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for _, tc := range []struct {
		field   string
		options object
	}{
		{"options.privacy_level", object{"consent": "music_usage"}},
		{"options.privacy_level", everyone(object{"privacy_level": "SELF_ONLY", "disclose": true, "branded_content": true, "consent": "branded_content_and_music_usage"})},
		{"options.disclose", everyone(object{"disclose": true})},
		{"options.disclose", everyone(object{"your_brand": true})},
		{"options.consent", everyone(object{"consent": ""})},
		{"options.consent", everyone(object{"disclose": true, "branded_content": true})},
		{"options", everyone(object{"allow_duet": "yes"})},
	} {
		j := b.job(t, nil, video(tc.options))
		_, err := j.run()
		requireProblem(t, err, problem.InvalidContent, "checked_here", tc.field)
		require.Zero(t, j.calls("creator_info")+j.calls("video.init"), "%v", tc.options)
	}
	for field, change := range map[string]func(*connector.Draft){
		"text":     func(d *connector.Draft) { d.Text = strings.Repeat("😀", 1101) },
		"media":    func(d *connector.Draft) { d.Media = append(d.Media, d.Media[0]) },
		"link":     func(d *connector.Draft) { d.Link = "https://cafe.example" },
		"kind":     func(d *connector.Draft) { d.Kind = "story" },
		"media[0]": func(d *connector.Draft) { d.Kind, d.Media = "photos", []connector.Media{{Type: "image/png"}} },
	} {
		d := video(everyone(nil))
		change(&d)
		j := b.job(t, nil, d)
		_, err := j.run()
		requireProblem(t, err, problem.InvalidContent, "checked_here", field)
	}
}

func TestWhatVanishedIsNotReplaced(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for field, tc := range map[string]struct {
		traits  object
		options object
	}{
		"options.privacy_level": {object{"private": true}, nil},
		"options.allow_comment": {object{"comment_disabled": true}, object{"allow_comment": true}},
		"options.allow_duet":    {object{"duet_disabled": true}, object{"allow_duet": true}},
		"options.allow_stitch":  {object{"stitch_disabled": true}, object{"allow_stitch": true}},
		"media[0]":              {object{"max_seconds": 4}, nil},
	} {
		j := b.job(t, tc.traits, video(everyone(tc.options)))
		_, err := j.run()
		requireProblem(t, err, problem.InvalidContent, "checked_here", field)
		require.Zero(t, j.calls("video.init"), field)
	}
	j := b.job(t, object{"other_posts": 15}, photo(everyone(nil)))
	_, err := j.run()
	requireProblem(t, err, problem.RateLimited, "spam_risk_too_many_posts", "")
	require.Zero(t, j.calls("content.init"), "a creator who may not post is not tried")
	b.Control(t, http.MethodPost, "tiktok/creators/"+j.account(), object{"other_posts": 0, "private": true}, nil)
	j.pass(time.Hour)
	_, err = j.attempt()
	requireProblem(t, err, problem.InvalidContent, "checked_here", "options.privacy_level")
	require.Zero(t, j.calls("content.init"), "what was asked long ago is asked again")
}

func TestWhatVanishedWhileItWaitedIsAskedForAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for _, d := range []connector.Draft{video(everyone(nil)), photo(everyone(nil))} {
		j := b.job(t, nil, d)
		j.fault(object{"op": "tiktok.video.init", "kind": "429"})
		j.fault(object{"op": "tiktok.content.init", "kind": "429"})
		_, err := j.attempt()
		requireProblem(t, err, problem.RateLimited, "rate_limit_exceeded", "")
		b.Control(t, http.MethodPost, "tiktok/creators/"+j.account(), object{"private": true}, nil)
		j.pass(2 * time.Minute)
		_, err = j.attempt()
		requireProblem(t, err, problem.InvalidContent, "checked_here", "options.privacy_level")
	}
}

func TestALongVideoGoesInChunks(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	d := video(everyone(nil))
	d.Media = []connector.Media{film(70_000_000)}
	j := b.job(t, nil, d)
	sent := make([]byte, d.Media[0].Bytes)
	j.c = b.connect(t, func() time.Time { return j.now }, func(cfg *tiktok.Config) { cfg.HTTP = &http.Client{Transport: uploads(sent)} })
	j.fault(object{"op": "tiktok.upload", "kind": "500", "skip": 1, "status": 503})
	j.fault(object{"op": "tiktok.upload", "kind": "reset_after", "skip": 2})
	_, err := j.run()
	require.NoError(t, err)
	all := b.seen(t, j.account())
	require.Equal(t, []int{1, 1}, []int{len(all.Posts), all.Tasks})
	require.Equal(t, 7, j.calls("upload"), "six chunks, of which one was refused once and one has arrived without an answer")
	file, err := d.Media[0].Open(t.Context(), 0, -1)
	require.NoError(t, err)
	whole, err := io.ReadAll(file)
	require.NoError(t, err)
	require.True(t, bytes.Equal(whole, sent), "each chunk has its own bytes")
}

// uploads is a transport that keeps what is sent where it says that it belongs.
type uploads []byte

func (u uploads) RoundTrip(r *http.Request) (*http.Response, error) {
	if span := r.Header.Get("Content-Range"); span != "" {
		var first int
		if _, err := fmt.Sscanf(span, "bytes %d-", &first); err != nil {
			return nil, err
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		copy(u[first:], body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestARangeThatDoesNotFitIsAskedFor(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	d := video(everyone(nil))
	d.Media = []connector.Media{film(70_000_000)}
	j := b.job(t, nil, d)
	j.fault(object{"op": "tiktok.upload", "kind": "500", "skip": 2, "status": 416})
	_, err := j.run()
	require.NoError(t, err)
	all := b.seen(t, j.account())
	require.Equal(t, []int{1, 1, 7}, []int{len(all.Posts), all.Tasks, j.calls("upload")}, "it goes on where TikTok is")
}

func TestALostLastChunkIsNotSentAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for _, kind := range []string{"reset_after", "error_after"} {
		j := b.job(t, object{"processing_seconds": 20}, video(everyone(nil)))
		j.fault(object{"op": "tiktok.upload", "kind": kind})
		_, err := j.run()
		require.NoError(t, err, kind)
		all := b.seen(t, j.account())
		require.Equal(t, []int{1, 1, 1}, []int{len(all.Posts), all.Tasks, j.calls("upload")}, kind)
	}
}

func TestAnUploadGoesOnInTheNextInvocation(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	d := video(everyone(nil))
	d.Media = []connector.Media{film(70_000_000)}
	j := b.job(t, nil, d)
	j.fault(object{"op": "tiktok.upload", "kind": "reset_before", "skip": 3, "times": 3})
	_, err := j.attempt()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	before := j.calls("upload")
	_, err = j.run()
	require.NoError(t, err)
	all := b.seen(t, j.account())
	require.Equal(t, []int{1, 1}, []int{len(all.Posts), all.Tasks})
	require.Equal(t, 3, j.calls("upload")-before, "what has arrived is not sent again")
}

func TestAnUploadWhoseAddressEndedBeginsAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for _, after := range []time.Duration{time.Minute, 2 * time.Hour} {
		j := b.job(t, nil, video(everyone(nil)))
		j.fault(object{"op": "tiktok.upload", "kind": "reset_before", "times": 3})
		_, err := j.attempt()
		require.Equal(t, problem.Transient, problem.ClassOf(err))
		j.pass(after)
		_, err = j.run()
		require.NoError(t, err)
		all := b.seen(t, j.account())
		require.Len(t, all.Posts, 1)
		require.Equal(t, map[bool]int{true: 2, false: 1}[after > time.Hour], all.Tasks)
		require.Equal(t, 4, j.calls("upload"), "an address that has ended is not tried")
	}
	// An address that takes nothing is not asked for again and again in one go.
	j := b.job(t, nil, video(everyone(nil)))
	j.fault(object{"op": "tiktok.upload", "kind": "401", "times": 9})
	_, err := j.attempt()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	require.Equal(t, 1, b.seen(t, j.account()).Tasks)
}

func TestALostBeginningMakesOnePost(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	j := b.job(t, nil, video(everyone(nil)))
	j.fault(object{"op": "tiktok.video.init", "kind": "reset_after"})
	_, err := j.attempt()
	require.Equal(t, problem.Transient, problem.ClassOf(err))
	_, err = j.run()
	require.NoError(t, err)
	all := b.seen(t, j.account())
	require.Equal(t, []int{1, 2}, []int{len(all.Posts), all.Tasks})
}

func TestAnAccessThatEndsWhileTikTokWorksPostsOnce(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	j := b.job(t, object{"processing_seconds": 600}, video(everyone(nil)))
	short := b.session(t, j.account(), 5*time.Minute)
	j.s.Credential = short.Credential
	_, err := j.run()
	require.Equal(t, problem.AuthExpired, problem.ClassOf(err))
	renewal, err := j.c.Refresh(t.Context(), j.s)
	require.NoError(t, err)
	j.s.Credential = renewal.Credential
	receipt, err := j.run()
	require.NoError(t, err)
	all := b.seen(t, j.account())
	require.Equal(t, []int{1, 1}, []int{len(all.Posts), all.Tasks})
	require.Equal(t, all.Posts[0].Task, receipt.Data["reference"])
}

func TestWhatFailedIsHandedOverAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	j := b.job(t, object{"fail": "internal", "fail_times": 2}, video(everyone(nil)))
	for range 2 {
		_, err := j.attempt()
		requireProblem(t, err, problem.Transient, "internal", "")
		require.False(t, problem.Of(err).MayHaveHappened(), "what failed is not there")
	}
	_, err := j.run()
	require.NoError(t, err)
	all := b.seen(t, j.account())
	require.Equal(t, []int{1, 3}, []int{len(all.Posts), all.Tasks})

	j = b.job(t, object{"fail": "photo_pull_failed", "fail_times": 3}, photo(everyone(nil)))
	for _, class := range []problem.Class{problem.Transient, problem.Transient, problem.InvalidContent} {
		_, err := j.attempt()
		requireProblem(t, err, class, "photo_pull_failed", "")
	}
}

func TestALongWaitIsARareQuestion(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	j := b.job(t, object{"processing_seconds": 40 * 3600}, video(everyone(nil)))
	_, err := j.run()
	requireProblem(t, err, problem.Transient, "still_processing", "")
	require.Less(t, j.calls("status"), 80)
	require.Equal(t, time.Hour, j.waits[len(j.waits)-1])
}

// tap answers calls without a network.
type tap func(*http.Request) *http.Response

func (t tap) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return t(r), nil
}

func TestBytesGoToTikTokOnly(t *testing.T) {
	t.Parallel()
	for to, fine := range map[string]bool{
		"https://open-upload.tiktokapis.com/video/?upload_id=1": true, "https://upload.us.tiktokapis.com/video/?upload_id=1": true,
		"http://open-upload.tiktokapis.com/video/": false, "https://tiktokapis.com.evil.example/": false, "https://eviltiktokapis.com/": false,
		"https://tiktokapis.com:8443/": false, "https://a@open-upload.tiktokapis.com/": false, "https://media.example/": false, "": false,
	} {
		var put string
		client := &http.Client{Transport: tap(func(r *http.Request) *http.Response {
			status, body := http.StatusOK, `{"data":{"publish_id":"v_inbox_file~v2.1","upload_url":"`+to+`","status":"SEND_TO_USER_INBOX"},"error":{"code":"ok"}}`
			if r.Method == http.MethodPut {
				put = r.URL.String()
				require.Empty(t, r.Header.Get("Authorization"), "no token goes there")
				status, body = http.StatusCreated, ""
			}
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
		})}
		c, err := tiktok.New(tiktok.Config{ClientID: clientKey, ClientSecret: connector.NewSecret(clientSecret), HTTP: client})
		require.NoError(t, err)
		_, err = c.Publish(t.Context(), connector.Session{Credential: credential()}, connector.Draft{Kind: "video_draft", Media: []connector.Media{connectortest.Clip()}}, newJournal())
		if fine {
			require.NoError(t, err, to)
			require.Equal(t, to, put)
			continue
		}
		require.Equal(t, problem.Transient, problem.ClassOf(err), to)
		require.Empty(t, put)
	}
}
