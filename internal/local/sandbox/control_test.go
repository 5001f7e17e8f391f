package sandbox_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func TestClock(t *testing.T) {
	t.Parallel()
	fixed := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	w := start(t, sandbox.Config{Now: func() time.Time { return fixed }})
	var out struct {
		Now    time.Time
		Offset int64 `json:"offset_seconds"`
	}
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "clock", object{"advance_seconds": 90}, &out))
	require.Equal(t, fixed.Add(90*time.Second), out.Now)
	require.Equal(t, int64(90), out.Offset)
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodPost, "clock", object{"advance_seconds": -1}, nil))
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "clock", nil, &out))
	require.Equal(t, int64(90), out.Offset)
	page, token, _ := w.page()
	id := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}})["id"].(string)
	require.Equal(t, "2026-11-24T12:01:30+0000", w.ok(http.MethodGet, id, token, nil)["created_time"])
}

func TestCallLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	w := start(t, sandbox.Config{Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	page, token, who := w.page()
	user := w.login(who, strings.Split(scopes, ",")...)
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}})
	r, err := w.do(http.MethodGet, "/_sandbox/calls", "", nil)
	require.NoError(t, err)
	require.Contains(t, string(r.raw), page+"/feed")
	require.Contains(t, logged.String(), "meta.feed.create")
	for _, leak := range []string{token, user, secret, proof(token), "access_token="} {
		require.NotContains(t, string(r.raw), leak)
		require.NotContains(t, logged.String(), leak)
	}
}

func TestCallLogFilters(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	w.ok(http.MethodGet, page, token, nil)
	first := w.calls("")
	require.Len(t, first.Calls, 1)
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}})
	w.ok(http.MethodGet, page, token, nil)
	require.Len(t, w.calls("since="+jsonNumber(first.Last)).Calls, 2)
	require.Equal(t, map[string]int{"meta.page.get": 2}, w.calls("op=meta.page.get").Counts)
	require.Empty(t, w.calls("match=none").Calls)
	require.Empty(t, w.calls("since="+url.QueryEscape(time.Now().Add(time.Minute).Format(time.RFC3339))).Calls)
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodGet, "calls?since=soon", nil, nil))
}

func TestLatency(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "latency", object{"ms": 40}, nil))
	began := time.Now()
	w.ok(http.MethodGet, page, token, nil)
	require.GreaterOrEqual(t, time.Since(began), 40*time.Millisecond)
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodPost, "latency", object{"ms": -1}, nil))
}

func TestReset(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	w.photo(page, token, nil)
	w.advance(3600)
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "faults", object{"op": "*", "kind": "500"}, nil))
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "reset", nil, nil))
	var out struct {
		Offset int64 `json:"offset_seconds"`
	}
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "clock", nil, &out))
	require.Zero(t, out.Offset)
	require.Empty(t, w.calls("").Calls)
	w.refused(190, 0, http.MethodGet, page, token, nil)
	require.Len(t, w.calls("").Calls, 1)
	var people []any
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "meta/people", nil, &people))
	require.Len(t, people, 2)
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state", "sandbox.json")
	first := start(t, sandbox.Config{StateFile: file})
	page, token, who := first.page()
	loose := first.photo(page, token, nil)
	shown := first.photo(page, token, nil)
	first.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"kept"}, "attached_media[0]": {`{"media_fbid":"` + shown + `"}`}})
	first.advance(7200)
	require.NoError(t, first.box.Close())

	second := start(t, sandbox.Config{StateFile: file})
	posts := second.posts(page).Posts
	require.Len(t, posts, 1)
	require.Equal(t, "kept", posts[0].Message)
	r, err := second.do(http.MethodGet, "/meta/photos/"+shown, "", nil)
	require.NoError(t, err)
	require.Equal(t, jpegBytes(t, 40, 30), r.raw)
	second.ok(http.MethodPost, page+"/feed", token, url.Values{"attached_media[0]": {`{"media_fbid":"` + loose + `"}`}})
	var clock struct {
		Offset int64 `json:"offset_seconds"`
	}
	require.Equal(t, http.StatusOK, second.control(http.MethodGet, "clock", nil, &clock))
	require.Equal(t, int64(7200), clock.Offset)
	fresh := second.seed(object{"person": "New", "pages": []string{"New"}})
	require.NotEqual(t, who.Person.ID, fresh.Person.ID, "ids go on where they were")
}

func TestStateIsWrittenInTheBackground(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	w := start(t, sandbox.Config{StateFile: file})
	page, token, _ := w.page()
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"written by the ticker"}})
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(file)
		return err == nil && json.Valid(raw) && strings.Contains(string(raw), "written by the ticker")
	}, 10*time.Second, 50*time.Millisecond)
}

func TestDamagedStateIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	for _, text := range []string{`{"v":1`, `{"v":99}`, `{"v":1,"platforms":{"meta":5}}`} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := sandbox.New(sandbox.Config{StateFile: file})
		require.Error(t, err, text)
	}
}

func TestParallelCallers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	w := start(t, sandbox.Config{StateFile: file})
	const callers, each = 8, 25
	var wg sync.WaitGroup
	pages := make([]string, callers)
	for i := range callers {
		page, token, _ := w.page()
		pages[i] = page
		wg.Go(func() {
			for n := range each {
				r, err := w.graph(http.MethodPost, page+"/feed", token, url.Values{"message": {strconv.Itoa(n)}})
				if err != nil || r.status != http.StatusOK {
					t.Errorf("call %d: %v %s", n, err, r.raw)
				}
				if _, err := w.graph(http.MethodGet, page+"/published_posts", token, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() { // a reader of everything meanwhile
		for range 20 {
			if _, err := w.do(http.MethodGet, "/", "", nil); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	seen := map[string]bool{}
	for _, page := range pages {
		for _, p := range w.posts(page).Posts {
			seen[p.ID] = true
		}
	}
	require.Len(t, seen, callers*each)
	require.Equal(t, callers*each, w.calls("op=meta.feed.create").Accepted["meta.feed.create"])
}

func TestSeedRefusesWhatItCannotMake(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodPost, "meta/seed", object{"pages": []string{"x"}}, nil))
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodPost, "meta/seed", object{"person": "x", "pages": []string{""}}, nil))
	require.Equal(t, http.StatusBadRequest, w.control(http.MethodPost, "meta/seed", object{"persn": "x"}, nil))
	require.Equal(t, http.StatusNotFound, w.control(http.MethodPost, "meta/token", object{"person": "1"}, nil))
	who := w.seed(object{"person": "Kim", "pages": []string{"One"}})
	more := w.seed(object{"person": who.Person.ID, "pages": []string{"Two"}})
	require.Equal(t, who.Person, more.Person)
	require.Len(t, more.Pages, 1)
	require.Equal(t, http.StatusNotFound, w.control(http.MethodPost, "meta/token", object{"person": who.Person.ID, "page": "1"}, nil))
}
