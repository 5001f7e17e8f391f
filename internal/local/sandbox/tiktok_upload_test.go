package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
)

const publicIDs = "publicaly_available_post_id" //nolint:misspell // so it is

func TestTikTokPlansOfChunks(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	const mb = 1_000_000
	for _, tc := range []struct {
		size, chunk, count int64
		fine               bool
	}{
		{50_000_123, 10_000_000, 5, true},
		{50_000_123, 10_000_000, 6, false},
		{4_194_304, 4_194_304, 1, true},
		{64 * mb, 64 * mb, 1, true},
		{64*mb + 1, 64*mb + 1, 1, false},
		{50 * mb, 5 * mb, 10, false},
		{60 * mb, 5_242_880, 11, true},
		{200 * mb, 65 * mb, 3, false},
		{10 * mb, 5_242_880, 1, false},
		{4_000 * mb, 5_242_880, 762, true},
		{127 * mb, 64 * mb, 1, false},
		{128 * mb, 64 * mb, 2, true},
		{4_000*mb + 1, 64 * mb, 62, false},
		{0, 0, 1, false},
	} {
		status, _, code := w.api(http.MethodPost, videoInit, directVideo("SELF_ONLY", upload(tc.size, tc.chunk, tc.count)))
		require.Equal(t, tc.fine, status == http.StatusOK, "%+v %s", tc, code)
		if !tc.fine {
			require.Equal(t, []any{http.StatusBadRequest, "invalid_params"}, []any{status, code})
		}
		w.advance(20)
	}
}

func TestTikTokTakesChunksInOrder(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, object{"processing_seconds": 30})
	const chunk, count = 5_242_880, 2
	raw := clip.Make(clip.Spec{Bytes: chunk*count + 123})
	n := int64(len(raw))
	begun := w.ok(http.MethodPost, videoInit, directVideo("SELF_ONLY", upload(n, chunk, count)))
	to, id := begun["upload_url"].(string), begun["publish_id"].(string)
	require.LessOrEqual(t, len(id), 64)
	part := func(first, last int64) (int, string) {
		return w.put(to, fmt.Sprintf("bytes %d-%d/%d", first, last, n), raw[first:last+1])
	}
	progress := func(done int64) string { return fmt.Sprintf("bytes 0-%d/%d", done, n) }
	for _, bad := range [][2]int64{{chunk, n - 1}, {0, chunk - 2}, {0, n - 1}} {
		status, got := part(bad[0], bad[1])
		require.Equal(t, []any{http.StatusRequestedRangeNotSatisfiable, progress(0)}, []any{status, got})
	}
	require.EqualValues(t, 0, w.status(id)["uploaded_bytes"])
	status, got := part(0, chunk-1)
	require.Equal(t, []any{http.StatusPartialContent, progress(chunk)}, []any{status, got})
	require.Equal(t, object{"status": "PROCESSING_UPLOAD", "uploaded_bytes": float64(chunk)}, w.status(id))
	status, got = part(0, chunk-1)
	require.Equal(t, []any{http.StatusRequestedRangeNotSatisfiable, progress(chunk)}, []any{status, got}, "a chunk twice")
	tail := raw[chunk:]
	whole := fmt.Sprintf("bytes %d-%d/%d", chunk, n-1, n)
	for why, change := range map[string]func(*http.Request){
		"an Authorization": func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+w.token) },
		"another type":     func(r *http.Request) { r.Header.Set("Content-Type", "application/octet-stream") },
		"another total":    func(r *http.Request) { r.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", chunk, n-1, n+1)) },
		"another length":   func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("short")), 5 },
		"no range":         func(r *http.Request) { r.Header.Del("Content-Range") },
	} {
		status, _ := w.put(to, whole, tail, change)
		require.Equal(t, http.StatusBadRequest, status, why)
	}
	status, _ = w.put(strings.Replace(to, "upload_id=", "upload_id=9", 1), whole, tail)
	require.Equal(t, http.StatusNotFound, status)
	status, _ = w.put(to+"x", whole, tail)
	require.Equal(t, http.StatusForbidden, status)
	status, got = part(chunk, n-1)
	require.Equal(t, []any{http.StatusCreated, progress(n)}, []any{status, got})
	require.Equal(t, "PROCESSING_UPLOAD", w.status(id)["status"], "it is processed")
	w.advance(30)
	require.Equal(t, "PUBLISH_COMPLETE", w.status(id)["status"])

	late := w.ok(http.MethodPost, videoInit, directVideo("SELF_ONLY", upload(10, 10, 1)))
	w.advance(3600)
	status, _ = w.put(late["upload_url"].(string), "bytes 0-9/10", raw[:10])
	require.Equal(t, http.StatusForbidden, status)
}

func TestTikTokTellsTheIDOfAPublicPostAfterModeration(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, object{"moderation_seconds": 60})
	id := w.video(videoInit, "PUBLIC_TO_EVERYONE", clip.Spec{})
	require.Empty(t, w.status(id)[publicIDs])
	w.advance(60)
	r, err := w.do(http.MethodGet, "/_sandbox/tiktok/creators?id="+w.id, "", nil)
	require.NoError(t, err)
	var seen []struct {
		Posts []struct {
			ID string `json:"id"`
		} `json:"posts"`
	}
	require.NoError(t, json.Unmarshal(r.raw, &seen))
	require.Regexp(t, `^7512345678901\d{6}$`, seen[0].Posts[0].ID)
	ids := w.status(id)[publicIDs].([]any)
	require.Len(t, ids, 1, "it is a number in JSON")
	own := w.video(videoInit, "SELF_ONLY", clip.Spec{})
	w.advance(60)
	require.Equal(t, "PUBLISH_COMPLETE", w.status(own)["status"])
	require.Empty(t, w.status(own)[publicIDs])
}

func TestTikTokStatusIsForItsOwner(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	id := w.video(videoInit, "SELF_ONLY", clip.Spec{})
	w.creator(nil).refused(http.StatusBadRequest, "token_not_authorized_for_specified_publish_id", fetchStatus, object{"publish_id": id})
	w.refused(http.StatusBadRequest, "invalid_publish_id", fetchStatus, object{"publish_id": id + "1"})
	w.refused(http.StatusBadRequest, "publish_not_cancellable", "post/publish/cancel/", object{"publish_id": id})
	w.traits(object{"fail": "spam_risk_text", "fail_times": 1})
	require.Equal(t, object{"status": "FAILED", "fail_reason": "spam_risk_text"}, w.status(w.video(videoInit, "SELF_ONLY", clip.Spec{})))
}

func TestTikTokListsBackwards(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	for i := range 25 {
		level := "PUBLIC_TO_EVERYONE"
		if i == 3 {
			level = "SELF_ONLY"
		}
		require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "tiktok/posts", object{
			"creator": w.id, "title": strconv.Itoa(i), "privacy_level": level, "at": fmt.Sprintf("2026-10-01T10:00:%02dZ", i),
		}, nil))
	}
	page := w.ok(http.MethodPost, "video/list/?fields=id,title,create_time", nil)
	require.Len(t, page["videos"], 10)
	page = w.ok(http.MethodPost, "video/list/?fields=id,title,create_time", object{"max_count": 20})
	require.Equal(t, true, page["has_more"])
	first := page["videos"].([]any)[0].(object)
	require.Equal(t, "24", first["title"])
	require.IsType(t, "", first["id"])
	require.EqualValues(t, 1790848824, first["create_time"], "in seconds")
	require.Greater(t, page["cursor"].(float64), 1e12, "in milliseconds")
	rest := w.ok(http.MethodPost, "video/list/?fields=title", object{"max_count": 20, "cursor": page["cursor"]})
	require.Len(t, rest["videos"], 4, "one of 25 is not public")
	require.Equal(t, false, rest["has_more"])
	for _, bad := range []object{{"max_count": 21}, {"max_count": 0}} {
		w.refused(http.StatusBadRequest, "invalid_params", "video/list/?fields=id", bad)
	}
	w.refused(http.StatusBadRequest, "invalid_params", "video/list/", object{})
	found := w.ok(http.MethodPost, "video/query/?fields=id,view_count", object{"filters": object{"video_ids": []any{first["id"], "42"}}})
	require.Len(t, found["videos"], 1, "what is unknown is left out")
	w.refused(http.StatusBadRequest, "invalid_params", "video/query/?fields=id", object{"filters": object{"video_ids": make([]string, 21)}})
}
