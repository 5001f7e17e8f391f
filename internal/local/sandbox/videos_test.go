package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// startVideo begins a reel or a story and gives its id and the path of its upload.
func (w *world) startVideo(edge, token string) (id, path string) {
	w.t.Helper()
	out := w.ok(http.MethodPost, edge, token, url.Values{"upload_phase": {"start"}})
	return out["video_id"].(string), strings.TrimPrefix(out["upload_url"].(string), w.url)
}

// bytes sends part of a file; the answer's debug_info.type is empty when it was taken.
func (w *world) bytes(path, token string, offset int, body []byte, size int) string {
	w.t.Helper()
	return w.stream(path, token, offset, bytes.NewReader(body), len(body), size)
}

func (w *world) stream(path, token string, offset int, body io.Reader, length, size int) string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+path, body)
	require.NoError(w.t, err)
	req.ContentLength = int64(length)
	req.Header.Set("Authorization", "OAuth "+token)
	req.Header.Set("Offset", strconv.Itoa(offset))
	req.Header.Set("File_size", strconv.Itoa(size))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "cut"
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		Success bool
		Info    struct{ Type string } `json:"debug_info"`
		Error   object
	}
	require.NoError(w.t, json.NewDecoder(res.Body).Decode(&out))
	require.Equal(w.t, res.StatusCode == http.StatusOK, out.Success)
	if out.Error != nil {
		return fmt.Sprint(out.Error["code"])
	}
	return out.Info.Type
}

func (w *world) videoStatus(id, token string) object {
	w.t.Helper()
	return w.ok(http.MethodGet, id, token, url.Values{"fields": {"status"}})["status"].(object)
}

// Contract check 16.
func TestAReelIsUploadedInPartsAndPublished(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	_, other, _ := w.page()
	raw := clip.Make(clip.Spec{Bytes: 1 << 20, MoovLast: true, DurationMs: 4000})
	id, path := w.startVideo(page+"/video_reels", token)
	finish := url.Values{"upload_phase": {"finish"}, "video_id": {id}, "video_state": {"PUBLISHED"}, "description": {"hi"}}
	require.Equal(t, object{
		"video_status": "uploading", "uploading_phase": object{"status": "not_started", "bytes_transfered": float64(0)},
		"processing_phase": object{"status": "not_started"}, "publishing_phase": object{"status": "not_started", "publish_status": "draft"},
	}, w.videoStatus(id, token))
	w.refused(6000, 0, http.MethodPost, page+"/video_reels", token, finish)

	require.Equal(t, "NotAuthorizedError", w.bytes(path, other, 0, raw, len(raw)))
	require.Equal(t, "190", w.bytes(path, "nonsense", 0, raw, len(raw)))
	require.Equal(t, "InvalidParametersError", w.bytes(path, token, 0, raw, 0))
	require.Equal(t, "OffsetInvalidError", w.bytes(path, token, 5, raw[5:], len(raw)))
	require.Equal(t, "PartialRequestError", w.bytes(path, token, 0, raw[:300_000], len(raw)))
	require.Equal(t, object{"status": "in_progress", "bytes_transfered": float64(300_000)}, w.videoStatus(id, token)["uploading_phase"])
	require.Equal(t, "InvalidParametersError", w.bytes(path, token, 300_000, raw[300_000:], len(raw)+1))
	require.Equal(t, "OffsetInvalidError", w.bytes(path, token, 0, raw, len(raw)), "not from the start again")
	broken := io.MultiReader(bytes.NewReader(raw[300_000:400_000]), failing{})
	require.Equal(t, "cut", w.stream(path, token, 300_000, broken, len(raw)-300_000, len(raw)))
	require.Eventually(t, func() bool {
		return w.videoStatus(id, token)["uploading_phase"].(object)["bytes_transfered"] == float64(400_000)
	}, 5*time.Second, 5*time.Millisecond, "what arrived before the end is kept")
	w.refused(6000, 0, http.MethodPost, page+"/video_reels", token, finish)
	require.Empty(t, w.bytes(path, token, 400_000, raw[400_000:], len(raw)))
	require.Equal(t, "upload_complete", w.videoStatus(id, token)["video_status"])
	require.Empty(t, w.posts(page).Posts)

	w.refused(100, 0, http.MethodPost, page+"/video_reels", token, url.Values{"upload_phase": {"finish"}, "video_id": {id}})
	w.refused(100, 0, http.MethodPost, page+"/video_reels", token, url.Values{"upload_phase": {"other"}})
	require.Equal(t, object{"success": true}, w.ok(http.MethodPost, page+"/video_reels", token, finish))
	w.refused(100, 0, http.MethodPost, page+"/video_reels", token, finish)
	require.Equal(t, object{"status": "complete", "publish_status": "published"}, w.videoStatus(id, token)["publishing_phase"])
	got := w.ok(http.MethodGet, id, token, url.Values{"fields": {"description,length,post_id,permalink_url"}})
	require.Equal(t, "hi", got["description"])
	require.InDelta(t, 4, got["length"], 0.001)
	require.Contains(t, got["permalink_url"], w.url)
	reels := list(w.ok(http.MethodGet, page+"/video_reels", token, url.Values{"fields": {"id,description"}}))
	require.Equal(t, []object{{"id": id, "description": "hi"}}, reels)
	post := w.ok(http.MethodGet, got["post_id"].(string), token, url.Values{"fields": {"message,attachments{media_type,target{id}}"}})
	require.Equal(t, []object{{"media_type": "video", "target": object{"id": id}}}, list(post["attachments"].(object)))
	shown, err := w.do(http.MethodGet, "/meta/videos/"+id, "", nil)
	require.NoError(t, err)
	require.Equal(t, raw, shown.raw)
	timeline, err := w.do(http.MethodGet, "/meta/pages/"+page, "", nil)
	require.NoError(t, err)
	require.Contains(t, string(timeline.raw), "Video, 4.0 seconds, 540 × 960")

	w.ok(http.MethodPost, id, token, url.Values{"description": {"hello"}})
	require.Equal(t, "hello", w.posts(page).Posts[0].Message)
	w.ok(http.MethodDelete, id, token, nil)
	w.refused(100, 33, http.MethodDelete, id, token, nil)
	require.Empty(t, w.posts(page).Posts)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestReelsMustHaveTheirShape(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	for subcode, spec := range map[int]clip.Spec{
		1363040: {Width: 1920, Height: 1080}, 1363127: {Width: 360, Height: 640}, 1363128: {DurationMs: 2900},
	} {
		raw := clip.Make(spec)
		id, path := w.startVideo(page+"/video_reels", token)
		require.Empty(t, w.bytes(path, token, 0, raw, len(raw)))
		w.refused(352, subcode, http.MethodPost, page+"/video_reels", token, url.Values{"upload_phase": {"finish"}, "video_id": {id}, "video_state": {"PUBLISHED"}})
	}
	_, path := w.startVideo(page+"/video_reels", token)
	require.Equal(t, "ProcessingFailedError", w.bytes(path, token, 0, []byte("no video"), 8))
}

func TestReelsTakeTheirTimeAndHaveALimit(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	raw := clip.Make(clip.Spec{})
	publish := func() {
		id, path := w.startVideo(page+"/video_reels", token)
		require.Empty(t, w.bytes(path, token, 0, raw, len(raw)))
		w.ok(http.MethodPost, page+"/video_reels", token, url.Values{"upload_phase": {"finish"}, "video_id": {id}, "video_state": {"PUBLISHED"}})
	}
	for range 30 {
		publish()
	}
	w.refused(613, 0, http.MethodPost, page+"/video_reels", token, url.Values{"upload_phase": {"start"}})
	w.advance(24 * 3600)
	publish()

	old, path := w.startVideo(page+"/video_reels", token)
	w.advance(24 * 3600)
	require.Equal(t, "expired", w.videoStatus(old, token)["video_status"])
	require.Equal(t, "InvalidParametersError", w.bytes(path, token, 0, raw, len(raw)))
}
