package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// fault orders a fault for the calls of one Page.
func (w *world) fault(page, kind string, more object) {
	w.t.Helper()
	in := object{"op": "meta.feed.create", "kind": kind, "match": page}
	maps.Copy(in, more)
	require.Equal(w.t, http.StatusCreated, w.control(http.MethodPost, "faults", in, nil))
}

type calls struct {
	Calls []struct {
		Seq      int64
		Op       string
		Method   string
		Path     string
		Status   int
		Accepted bool
		Fault    string
	}
	Counts   map[string]int
	Accepted map[string]int
	Last     int64
}

func (w *world) calls(query string) calls {
	w.t.Helper()
	var out calls
	require.Equal(w.t, http.StatusOK, w.control(http.MethodGet, "calls?"+query, nil, &out))
	return out
}

// Contract check 14, and every kind there is: what the caller sees, and whether the post exists.
func TestFaultKinds(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	envelope := func(status, code, subcode int) func(*testing.T, reply, error) {
		return func(t *testing.T, r reply, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, status, r.status)
			requireError(t, r, code, subcode)
		}
	}
	reset := func(t *testing.T, _ reply, err error) {
		t.Helper()
		require.ErrorIs(t, err, syscall.ECONNRESET)
	}
	for name, c := range map[string]struct {
		kind     string
		more     object
		accepted bool
		status   int
		sees     func(*testing.T, reply, error)
	}{
		"401":          {"401", nil, false, 401, envelope(401, 190, 463)},
		"401 chosen":   {"401", object{"subcode": 460, "status": 400}, false, 400, envelope(400, 190, 460)},
		"429":          {"429", object{"minutes": 7}, false, 403, envelope(403, 80001, 0)},
		"429 as 4":     {"429", object{"code": 4, "status": 429}, false, 429, envelope(429, 4, 0)},
		"500":          {"500", nil, false, 500, envelope(500, 2, 0)},
		"500 as 1":     {"500", object{"code": 1}, false, 500, envelope(500, 1, 0)},
		"reset before": {"reset_before", nil, false, 0, reset},
		"reset after":  {"reset_after", nil, true, 0, reset},
		"error after":  {"error_after", nil, true, 500, envelope(500, 2, 0)},
		"html": {"html", nil, false, 502, func(t *testing.T, r reply, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, http.StatusBadGateway, r.status)
			require.Contains(t, r.header.Get("Content-Type"), "text/html")
		}},
		"truncated": {"truncated", nil, true, 200, func(t *testing.T, r reply, err error) {
			t.Helper()
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.Equal(t, http.StatusOK, r.status)
			require.NotEmpty(t, r.raw)
			require.False(t, json.Valid(r.raw))
		}},
		"huge": {"huge", nil, true, 200, func(t *testing.T, r reply, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Greater(t, len(r.raw), 60<<20)
		}},
		"slow": {"slow", object{"delay_ms": 30}, true, 200, func(t *testing.T, r reply, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, r.status)
		}},
		"slow after": {"slow_after", object{"delay_ms": 30}, true, 200, func(t *testing.T, r reply, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, r.status)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{t: t, box: w.box, url: w.url}
			page, token, _ := w.page()
			w.fault(page, c.kind, c.more)
			began := time.Now()
			r, err := w.graph(http.MethodPost, page+"/feed", token, url.Values{"message": {name}})
			c.sees(t, r, err)
			if strings.HasPrefix(c.kind, "slow") {
				require.GreaterOrEqual(t, time.Since(began), 30*time.Millisecond)
			}
			want := 0
			if c.accepted {
				want = 1
			}
			require.Len(t, w.posts(page).Posts, want)
			log := w.calls("match=" + page)
			require.Len(t, log.Calls, 1)
			require.Equal(t, c.status, log.Calls[0].Status)
			require.Equal(t, c.accepted, log.Calls[0].Accepted)
			require.Equal(t, c.kind, log.Calls[0].Fault)
			require.Equal(t, want, log.Accepted["meta.feed.create"])

			w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"the next call is normal"}})
			require.Len(t, w.posts(page).Posts, want+1)
		})
	}
}

func TestThrottleFaultCarriesTheHeader(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	w.fault(page, "429", object{"minutes": 7})
	r := w.refused(80001, 0, http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}})
	require.Contains(t, r.header.Get("X-Business-Use-Case-Usage"), `"estimated_time_to_regain_access":7`)
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "faults", object{"op": "meta.me", "kind": "429"}, nil))
	r = w.refused(4, 0, http.MethodGet, "me", token, nil)
	require.Contains(t, r.header.Get("X-App-Usage"), `"call_count":100`)
}

func TestSlowCallWhoseCallerLeavesIsNotAccepted(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	for kind, want := range map[string]int{"slow": 0, "slow_after": 1} {
		page, token, _ := w.page()
		w.fault(page, kind, object{"delay_ms": 60_000})
		body := signed(token, url.Values{"message": {"too late"}}).Encode()
		client := &http.Client{Timeout: 50 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/meta/graph/v26.0/"+page+"/feed", strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(req)
		if err == nil {
			require.NoError(t, resp.Body.Close())
		}
		require.Error(t, err)
		require.Eventually(t, func() bool { return len(w.calls("match="+page).Calls) == 1 }, 5*time.Second, 5*time.Millisecond)
		require.Len(t, w.posts(page).Posts, want, kind)
	}
}

func TestAResetBeforeReachesTheCallerDuringAnUpload(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, _, _ := w.page()
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "faults", object{"op": "meta.photos.create", "kind": "reset_before", "match": page}, nil))
	_, err := w.do(http.MethodPost, "/meta/graph/v26.0/"+page+"/photos", "application/octet-stream", bytes.NewReader(make([]byte, 8<<20)))
	// Which of them depends on whether the transport was reading or writing when the reset came.
	require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed), "%v", err)
}

func TestFaultOrders(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	hi := url.Values{"message": {"hi"}}
	for _, bad := range []object{
		{"op": "meta.feed.create", "kind": "explode"},
		{"op": "meta.typo", "kind": "500"},
		{"op": "*", "kind": "500", "times": -1},
		{"op": "*", "kind": "500", "skip": -1},
		{"op": "*", "kind": "500", "status": 200},
		{"op": "*", "kind": "500", "tims": 2},
		{"kind": "500"},
	} {
		require.Equal(t, http.StatusBadRequest, w.control(http.MethodPost, "faults", bad, nil), bad)
	}
	w.fault(page, "500", object{"times": 2})
	for range 2 {
		w.refused(2, 0, http.MethodPost, page+"/feed", token, hi)
	}
	w.ok(http.MethodPost, page+"/feed", token, hi)
	w.fault(page, "500", object{"skip": 1})
	w.ok(http.MethodPost, page+"/feed", token, hi)
	w.refused(2, 0, http.MethodPost, page+"/feed", token, hi)

	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "faults", object{"op": "meta.*", "kind": "500", "match": page}, nil))
	w.refused(2, 0, http.MethodGet, page, token, nil)
	other, otherToken, _ := w.page()
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "faults", object{"op": "*", "kind": "500", "match": page, "times": 9}, nil))
	w.ok(http.MethodPost, other+"/feed", otherToken, hi)
	var out struct {
		Faults []struct {
			ID, Times int
			Kind      string
		}
		Operations []struct{ Op, Title string }
		Kinds      []struct{ Kind, Title string }
	}
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "faults", nil, &out))
	require.Len(t, out.Faults, 1)
	require.Equal(t, 9, out.Faults[0].Times)
	require.Len(t, out.Kinds, 11)
	require.Equal(t, http.StatusNoContent, w.control(http.MethodDelete, "faults?id=4711", nil, nil))
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodDelete, "faults?id=x", nil, nil))
	w.refused(2, 0, http.MethodGet, page, token, nil)
	require.Equal(t, http.StatusNoContent, w.control(http.MethodDelete, "faults", nil, nil))
	w.ok(http.MethodGet, page, token, nil)
}

func TestEveryOperationHasItsName(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	user := w.tokens(object{"person": who.Person.ID})["user_token"]
	since := w.calls("").Last
	w.long(w.login(who, strings.Split(scopes, ",")...))
	w.debug(token)
	w.ok(http.MethodGet, "me", user, nil)
	w.ok(http.MethodGet, "me/permissions", user, nil)
	w.ok(http.MethodGet, "me/accounts", user, nil)
	w.ok(http.MethodGet, page, user, nil)
	photo := w.photo(page, token, nil)
	w.ok(http.MethodGet, photo, token, nil)
	post := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}})["id"].(string)
	w.ok(http.MethodGet, page+"/feed", token, nil)
	w.ok(http.MethodGet, page+"/published_posts", token, nil)
	w.ok(http.MethodGet, post, token, nil)
	w.ok(http.MethodPost, post, token, url.Values{"message": {"y"}})
	w.ok(http.MethodDelete, post, token, nil)
	raw := clip.Make(clip.Spec{})
	video, path := w.startVideo(page+"/video_reels", token)
	require.Empty(t, w.bytes(path, token, 0, raw, len(raw)))
	w.ok(http.MethodPost, page+"/video_reels", token, url.Values{"upload_phase": {"finish"}, "video_id": {video}, "video_state": {"PUBLISHED"}})
	w.ok(http.MethodGet, page+"/video_reels", token, nil)
	w.ok(http.MethodGet, page+"/videos", token, nil)
	w.ok(http.MethodPost, page+"/videos", token, url.Values{"upload_phase": {"start"}, "file_size": {"9"}})
	w.ok(http.MethodPost, page+"/photo_stories", token, url.Values{"photo_id": {w.photo(page, token, nil)}})
	w.startVideo(page+"/video_stories", token)
	w.ok(http.MethodGet, page+"/stories", token, nil)
	w.ok(http.MethodGet, video, token, nil)
	w.ok(http.MethodPost, video, token, url.Values{"description": {"y"}})
	w.ok(http.MethodDelete, video, token, nil)
	story := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}})["id"].(string)
	w.ok(http.MethodPost, story+"/comments", token, url.Values{"message": {"y"}})
	w.ok(http.MethodGet, story+"/comments", token, nil)
	w.ok(http.MethodDelete, "me/permissions", user, nil)
	r, err := w.do(http.MethodGet, dialogPath+dialogQuery().Encode(), "", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.status)
	w.refused(2500, 0, http.MethodGet, "a/b/c/d", "", nil)

	log := w.calls("since=" + url.QueryEscape(jsonNumber(since)))
	require.Equal(t, map[string]int{
		"meta.oauth.exchange": 2, "meta.debug_token": 1, "meta.me": 1, "meta.permissions.list": 1, "meta.accounts": 1, "meta.page.get": 1,
		"meta.photos.create": 2, "meta.photo.get": 1, "meta.feed.create": 2, "meta.comments.create": 1, "meta.comments.list": 1, "meta.posts.list": 2, "meta.post.get": 1, "meta.post.edit": 1,
		"meta.post.delete": 1, "meta.permissions.delete": 1, "meta.dialog": 1, "meta.unknown": 1,
		"meta.reels.create": 2, "meta.reels.list": 1, "meta.video.get": 1, "meta.video.edit": 1, "meta.video.delete": 1, "meta.video.upload": 1,
		"meta.videos.list": 1, "meta.videos.create": 1, "meta.photo_stories.create": 1, "meta.video_stories.create": 1, "meta.stories.list": 1,
	}, log.Counts)
	var ops struct{ Operations []struct{ Op string } }
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "faults", nil, &ops))
	for name := range log.Counts {
		require.True(t, slices.ContainsFunc(ops.Operations, func(o struct{ Op string }) bool { return o.Op == name }), "%s is not offered to the fault panel", name)
	}
}

func jsonNumber(n int64) string {
	raw, _ := json.Marshal(n)
	return string(raw)
}

// Other platforms name their errors in words, so the panel and the API take them, and numbers stay numbers.
func TestANativeCodeIsANumberOrWords(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	var made object
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "faults", object{"op": "meta.dialog", "kind": "429", "match": "x1", "code": "spam_risk_too_many_posts"}, &made))
	require.Equal(t, "spam_risk_too_many_posts", made["code"])
	made = nil
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "faults", object{"op": "meta.dialog", "kind": "429", "match": "x2", "code": 80001}, &made))
	require.InDelta(t, 80001, made["code"], 0)
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodPost, "faults", object{"op": "meta.dialog", "kind": "429", "code": true}, nil))
	require.Equal(t, http.StatusSeeOther, w.form("/panel/fault", url.Values{"op": {"meta.dialog"}, "kind": {"500"}, "times": {"1"}, "code": {" internal_error "}}).status)
	require.Contains(t, w.html("/faults"), "code internal_error")
}
