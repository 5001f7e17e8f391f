package linkedin_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/linkedin"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// job is a post on its way, over several attempts.
type job struct {
	c      *linkedin.Connector
	s      connector.Session
	d      connector.Draft
	ledger *connectortest.Ledger
	now    func() time.Time
}

func (j job) attempt(t *testing.T) (connector.Receipt, error) {
	t.Helper()
	journal := j.ledger.Journal(j.now)
	r, err := j.c.Publish(t.Context(), j.s, j.d, journal)
	j.ledger.Save(journal.Steps(), journal.InDoubt())
	return r, err
}

func publishNow(t *testing.T, c *linkedin.Connector, s connector.Session, d connector.Draft) (connector.Receipt, error) {
	t.Helper()
	return job{c, s, d, connectortest.NewLedger(), time.Now}.attempt(t)
}

func ledger(t *testing.T) connector.Steps {
	t.Helper()
	return connectortest.NewLedger().Journal(time.Now)
}

// clock is one that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (b box) fault(t *testing.T, in object) {
	t.Helper()
	b.Control(t, http.MethodPost, "faults", in, nil)
}

// calls counts what an account's person has called.
func (b box) calls(t *testing.T, op string, s connector.Session) int {
	t.Helper()
	var out struct {
		Counts map[string]int `json:"counts"`
	}
	b.Control(t, http.MethodGet, "calls?op="+op+"&match="+s.Account.Data["person"], nil, &out)
	return out.Counts[op]
}

func text(words string) connector.Draft {
	return connector.Draft{Kind: "text", Text: words, AcceptedAt: time.Now()}
}

func TestALostAnswerOfAProfileIsAdoptedFromTheDouble(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	now := &clock{time.Now()}
	j := job{b.connect(t, now.now), s, text("Buns"), connectortest.NewLedger(), now.now}
	b.fault(t, object{"op": "linkedin.posts.create", "kind": "reset_after", "match": s.Account.ExternalID})
	_, err := j.attempt(t)
	require.True(t, problem.Of(err).MayHaveHappened())
	now.at = now.at.Add(4 * time.Minute)
	r, err := j.attempt(t)
	require.NoError(t, err)
	posts := b.posts(t, s)
	require.Len(t, posts, 1, "the same post was sent twice and is there once")
	require.Equal(t, posts[0].ID, r.ExternalID)
	require.Zero(t, b.calls(t, "linkedin.posts.list", s)+b.calls(t, "linkedin.posts.get", s), "nothing of a profile can be read")
}

func TestAfterFiveMinutesAPersonLooks(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	now := &clock{time.Now()}
	j := job{b.connect(t, now.now), s, text("Buns"), connectortest.NewLedger(), now.now}
	b.fault(t, object{"op": "linkedin.posts.create", "kind": "reset_before", "match": s.Account.ExternalID})
	_, err := j.attempt(t)
	require.Error(t, err)
	now.at = now.at.Add(5*time.Minute + time.Second)
	_, err = j.attempt(t)
	require.ErrorIs(t, err, publish.ErrHeld)
	require.Empty(t, b.posts(t, s))
}

func TestADoubleOfSomethingElseIsNotAdopted(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{member, organization} {
		b := startSandbox(t)
		s := b.session(t, kind, nil)
		c := b.connect(t, time.Now)
		first, err := publishNow(t, c, s, text("Buns"))
		require.NoError(t, err)
		_, err = publishNow(t, c, s, text("Buns"))
		require.Equal(t, problem.Duplicate, problem.ClassOf(err), "a fresh job is refused, though the post was made just now")

		// The other job's post, although the answer to ours was lost.
		d := text("Buns")
		d.Claimed = func(_ context.Context, id string) (bool, error) { return id == first.ExternalID, nil }
		now := &clock{time.Now()}
		j := job{b.connect(t, now.now), s, d, connectortest.NewLedger(), now.now}
		b.fault(t, object{"op": "linkedin.posts.create", "kind": "error_after", "match": s.Account.Data["person"]})
		_, err = j.attempt(t)
		require.Equal(t, problem.Transient, problem.ClassOf(err))
		for range 4 {
			now.at = now.at.Add(6 * time.Second)
			if _, err = j.attempt(t); !isWait(err) {
				break
			}
		}
		require.Equal(t, problem.Duplicate, problem.ClassOf(err), kind)
		require.Len(t, b.posts(t, s), 1)
	}
}

func isWait(err error) bool {
	var w *connector.WaitError
	return errors.As(err, &w)
}

func TestALostAnswerOfAPageIsFoundInItsList(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, organization, nil)
	now := &clock{time.Now()}
	j := job{b.connect(t, now.now), s, text("Buns #new (today)"), connectortest.NewLedger(), now.now}
	b.plant(t, s, object{"commentary": "Buns #new", "created": time.Now().Add(-time.Hour)})
	b.fault(t, object{"op": "linkedin.posts.create", "kind": "reset_after", "match": s.Account.ExternalID})
	_, err := j.attempt(t)
	require.NoError(t, clearOf(t, j, now, err))
	require.Len(t, b.posts(t, s), 2)
	require.Equal(t, 1, b.calls(t, "linkedin.posts.create", s), "looked for, not sent again")
}

// clearOf goes on with a job until it is done.
func clearOf(t *testing.T, j job, now *clock, err error) error {
	t.Helper()
	for range 6 {
		if err == nil {
			return nil
		}
		now.at = now.at.Add(6 * time.Second)
		_, err = j.attempt(t)
	}
	return err
}

func TestTwoPostsThatMatchDecideNothing(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, organization, nil)
	now := &clock{time.Now()}
	j := job{b.connect(t, now.now), s, text("Buns"), connectortest.NewLedger(), now.now}
	b.fault(t, object{"op": "linkedin.posts.create", "kind": "reset_after", "match": s.Account.ExternalID})
	_, err := j.attempt(t)
	require.Error(t, err)
	b.plant(t, s, object{"commentary": "Buns"})
	now.at = now.at.Add(6 * time.Second)
	_, err = j.attempt(t)
	require.ErrorIs(t, err, publish.ErrHeld)
}

func TestWhatIsTooLongIsRefusedBeforeAnyUpload(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	c := b.connect(t, time.Now)
	d := connector.Draft{Kind: "image", Text: strings.Repeat("(", 1500), Media: []connector.Media{connectortest.Photo("")}, AcceptedAt: time.Now()}
	_, err := publishNow(t, c, s, d)
	require.NoError(t, err, "3,000 with the escapes")
	require.Equal(t, 1, b.calls(t, "linkedin.images.init", s))
	d.Text += "a"
	_, err = publishNow(t, c, s, d)
	require.Equal(t, "text", problem.Of(err).Field)
	require.Equal(t, 1, b.calls(t, "linkedin.images.init", s))
	require.Equal(t, problem.InvalidContent, problem.ClassOf(c.Edit(t.Context(), s, connector.Receipt{ExternalID: firstPost}, d.Text)))
}

func TestAVideoIsWaitedForAndOneThatFailsIsSaid(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	b.Control(t, http.MethodPost, "linkedin/settings", object{"polls": 3}, nil)
	s := b.session(t, member, nil)
	now := &clock{time.Now()}
	j := job{b.connect(t, now.now), s, connector.Draft{Kind: "video", Text: "Rise", Media: []connector.Media{film()}, AcceptedAt: now.at}, connectortest.NewLedger(), now.now}
	waits := 0
	var err error
	for range 10 {
		if _, err = j.attempt(t); !isWait(err) {
			break
		}
		waits++
		require.Empty(t, b.posts(t, s))
		now.at = now.at.Add(time.Minute)
	}
	require.NoError(t, err)
	require.Equal(t, 3, waits)
	require.Equal(t, 2, b.calls(t, "linkedin.videos.init", s), "begun and finished once")

	j = job{j.c, s, connector.Draft{Kind: "video", Text: "Fall", Media: []connector.Media{film()}, AcceptedAt: now.at}, connectortest.NewLedger(), now.now}
	_, err = j.attempt(t)
	require.True(t, isWait(err))
	now.at = now.at.Add(7 * time.Hour)
	_, err = j.attempt(t)
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err), "no file takes that long")
	now.at = now.at.Add(-7 * time.Hour)
	b.Control(t, http.MethodPost, "linkedin/media/fail", object{"owner": urn(s)}, nil)
	_, err = j.attempt(t)
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
	require.Equal(t, "media[0]", problem.Of(err).Field)
}

func TestADocumentThatIsNotReadyIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, organization, nil)
	j := job{b.connect(t, time.Now), s, connector.Draft{Kind: "document", Text: "Menu", Media: []connector.Media{pdf()}, Options: map[string]any{"title": "Menu"}, AcceptedAt: time.Now()}, connectortest.NewLedger(), time.Now}
	// Its state cannot be read, so the post itself is tried.
	b.fault(t, object{"op": "linkedin.documents.get", "kind": "401", "status": 403, "times": 1, "match": s.Account.Data["person"]})
	_, err := j.attempt(t)
	require.Truef(t, isWait(err), "%v", err)
	require.Empty(t, b.posts(t, s))
	_, err = j.attempt(t)
	require.Truef(t, isWait(err), "%v", err)
	_, err = j.attempt(t)
	require.NoError(t, err)
	require.Len(t, b.posts(t, s), 1)
}

func TestAnAddressThatHasEndedIsAskedForAgain(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	now := &clock{time.Now()}
	j := job{b.connect(t, now.now), s, connector.Draft{Kind: "video", Text: "Rise", Media: []connector.Media{film()}, AcceptedAt: now.at}, connectortest.NewLedger(), now.now}
	b.fault(t, object{"op": "linkedin.upload", "kind": "reset_before", "match": "urn:li:person:" + s.Account.ExternalID})
	_, err := j.attempt(t)
	require.Error(t, err)
	b.Pass(t, 30*day)
	now.at = now.at.Add(30*day + time.Hour)
	require.NoError(t, clearOf(t, j, now, err))
	require.Len(t, b.posts(t, s), 1)
	require.Equal(t, 3, b.calls(t, "linkedin.videos.init", s), "begun twice, finished once")
}

func TestBytesAndTokensGoToLinkedInOnly(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was called") }))
	t.Cleanup(elsewhere.Close)
	var to string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"value":{"uploadUrl":"` + to + `","image":"urn:li:image:C4D1"}}`))
	}))
	t.Cleanup(server.Close)
	c, err := linkedin.New(config(server.URL))
	require.NoError(t, err)
	s := connector.Session{Account: connector.Account{Kind: member, ExternalID: "a"}, Credential: credential()}
	for _, to = range []string{elsewhere.URL + "/x", "http://www.linkedin.com/x", "https://linkedin.com.evil.example/x", "https://www.linkedin.com:8443/x", "https://u:p@www.linkedin.com/x", "//x", "x"} {
		_, err := publishNow(t, c, s, connector.Draft{Kind: "image", Media: []connector.Media{connectortest.Photo("")}})
		require.Equal(t, "upload_address", problem.Of(err).Code, to)
		require.NotContains(t, err.Error(), "evil")
	}
}

func TestTheDailyCounterIsWaitedOutUntilMidnight(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	now := &clock{time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)}
	c := b.connect(t, now.now)
	b.Control(t, http.MethodPost, "linkedin/quota", object{"op": "linkedin.posts.create", "person": s.Account.ExternalID}, nil)
	var waits []time.Duration
	for range 4 {
		_, err := job{c, s, text("Buns"), connectortest.NewLedger(), now.now}.attempt(t)
		require.Equal(t, problem.RateLimited, problem.ClassOf(err))
		require.False(t, problem.Of(err).MayHaveHappened())
		waits = append(waits, problem.Of(err).RetryAfter)
		now.at = now.at.Add(problem.Of(err).RetryAfter)
	}
	require.Equal(t, []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute}, waits[:3])
	require.WithinDuration(t, time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), now.at, 5*time.Minute)
	require.False(t, now.at.Before(time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)))
	require.NoError(t, c.Ping(t.Context(), s), "other endpoints go on")
}

func TestAFirstCommentThatMayNotBeWrittenStopsThePost(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	s.Account.Login, s.Account.Scopes = "personal", []string{"openid", "profile", "w_member_social"}
	d := text("Buns")
	d.Options = map[string]any{"first_comment": "More"}
	_, err := publishNow(t, b.connect(t, time.Now), s, d)
	require.Equal(t, "options.first_comment", problem.Of(err).Field)
	require.Empty(t, b.posts(t, s))
}

func TestAPostIsRepostedByItsAddress(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	number := strings.TrimPrefix(firstPost, "urn:li:share:")
	for i, address := range []string{
		firstPost, "https://www.linkedin.com/feed/update/" + firstPost + "/", "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A" + number, "https://www.linkedin.com/posts/cafe-ada_new-buns-share-" + number + "-aBcD?utm=1",
	} {
		s := b.session(t, member, nil)
		_, err := publishNow(t, b.connect(t, time.Now), s, connector.Draft{Kind: "reshare", Options: map[string]any{"post": address}, AcceptedAt: time.Now()})
		require.NoError(t, err, "%d", i)
		require.Equal(t, firstPost, b.posts(t, s)[0].Parent)
	}
	_, err := publishNow(t, b.connect(t, time.Now), b.session(t, member, nil), connector.Draft{Kind: "reshare", Options: map[string]any{"post": "https://www.linkedin.com/feed/update/urn:li:activity:" + number}})
	require.Equal(t, "options.post", problem.Of(err).Field, "an activity has another number than its post")
}

func TestADaysLimitIsToldByItsText(t *testing.T) {
	t.Parallel()
	var message string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"serviceErrorCode":101,"status":429,"message":"` + message + `"}`))
	}))
	t.Cleanup(server.Close)
	now := &clock{time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)}
	cfg := config(server.URL)
	cfg.Now = now.now
	for text, scope := range map[string]problem.Scope{
		"Resource level throttle APPLICATION DAY limit for calls to this resource is reached.": problem.ScopeApp,
		"Resource level throttle MEMBER DAY limit for calls to this resource is reached.":      problem.ScopeAccount,
	} {
		message = text
		c, err := linkedin.New(cfg)
		require.NoError(t, err)
		s := connector.Session{Account: connector.Account{Kind: member, ExternalID: "a"}, Credential: credential()}
		_, err = publishNow(t, c, s, connector.Draft{Kind: "text", Text: "Buns"})
		require.Equal(t, problem.RateLimited, problem.ClassOf(err))
		require.Equal(t, scope, problem.Of(err).Scope)
		require.GreaterOrEqual(t, problem.Of(err).RetryAfter, time.Hour)
		require.Less(t, problem.Of(err).RetryAfter, 66*time.Minute)
	}
}
