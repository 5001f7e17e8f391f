package sandbox_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func TestAPhotoBecomesAStoryOnce(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	other, otherToken, _ := w.page()
	edge := page + "/photo_stories"
	photo := w.photo(page, token, nil)
	w.refused(100, 0, http.MethodPost, edge, token, nil)
	w.refused(100, 0, http.MethodPost, other+"/photo_stories", otherToken, url.Values{"photo_id": {photo}})
	out := w.ok(http.MethodPost, edge, token, url.Values{"photo_id": {photo}})
	require.Equal(t, true, out["success"])
	post := out["post_id"].(string)
	w.refused(100, 0, http.MethodPost, edge, token, url.Values{"photo_id": {photo}})
	w.refused(100, 0, http.MethodPost, page+"/feed", token, url.Values{"attached_media[0]": {`{"media_fbid":"` + photo + `"}`}})
	used := w.photo(page, token, nil)
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"attached_media[0]": {`{"media_fbid":"` + used + `"}`}})
	w.refused(100, 0, http.MethodPost, edge, token, url.Values{"photo_id": {used}})
	old := w.photo(page, token, nil)

	stories := func() []object { return list(w.ok(http.MethodGet, page+"/stories", token, nil)) }
	require.Len(t, stories(), 1)
	story := stories()[0]
	require.Equal(t, post, story["post_id"])
	require.Equal(t, photo, story["media_id"])
	require.Equal(t, "photo", story["media_type"])
	require.Equal(t, "PUBLISHED", story["status"])
	require.Len(t, list(w.ok(http.MethodGet, page+"/published_posts", token, nil)), 1, "stories are no posts of the feed")
	w.refused(100, 0, http.MethodPost, post, token, url.Values{"message": {"x"}})

	timeline := w.html("/meta/pages/" + page)
	require.Contains(t, timeline, `<li id="post-`+post+`">`)
	require.NotContains(t, timeline, `<article class="post card" id="post-`+post)
	w.advance(24 * 3600)
	require.Empty(t, stories(), "a day later it is not shown any more")
	require.NotContains(t, w.html("/meta/pages/"+page), post)
	w.refused(100, 0, http.MethodPost, edge, token, url.Values{"photo_id": {old}})
	w.ok(http.MethodDelete, post, token, nil)
	w.refused(100, 33, http.MethodDelete, post, token, nil)
}

func TestAVideoStoryHasThreePhases(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	raw := clip.Make(clip.Spec{DurationMs: 60_000})
	edge := page + "/video_stories"
	id, path := w.startVideo(edge, token)
	finish := func(id string) url.Values { return url.Values{"upload_phase": {"finish"}, "video_id": {id}} }
	w.refused(6000, 0, http.MethodPost, edge, token, finish(id))
	require.Empty(t, w.bytes(path, token, 0, raw, len(raw)))
	w.refused(100, 0, http.MethodPost, page+"/video_reels", token, url.Values{"upload_phase": {"finish"}, "video_id": {id}, "video_state": {"PUBLISHED"}})
	out := w.ok(http.MethodPost, edge, token, finish(id))
	w.refused(100, 0, http.MethodPost, edge, token, finish(id))
	story := list(w.ok(http.MethodGet, page+"/stories", token, nil))[0]
	require.Equal(t, []any{out["post_id"], id, "video"}, []any{story["post_id"], story["media_id"], story["media_type"]})
	require.Empty(t, list(w.ok(http.MethodGet, page+"/video_reels", token, nil)))
	w.refused(100, 0, http.MethodPost, id, token, url.Values{"description": {"x"}})
	require.Contains(t, w.html("/meta/pages/"+page), "60.0 s")

	long := clip.Make(clip.Spec{DurationMs: 60_001})
	id, path = w.startVideo(edge, token)
	require.Empty(t, w.bytes(path, token, 0, long, len(long)))
	w.refused(352, 1363128, http.MethodPost, edge, token, finish(id))
}

// piece sends part of a plain video.
func (w *world) piece(page, token, session string, offset int, body []byte) reply {
	w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for k, v := range signed(token, url.Values{"upload_phase": {"transfer"}, "upload_session_id": {session}, "start_offset": {strconv.Itoa(offset)}}) {
		require.NoError(w.t, form.WriteField(k, v[0]))
	}
	part, err := form.CreateFormFile("video_file_chunk", "a.mp4")
	require.NoError(w.t, err)
	_, err = part.Write(body)
	require.NoError(w.t, err)
	require.NoError(w.t, form.Close())
	r, err := w.do(http.MethodPost, "/meta/graph/v26.0/"+page+"/videos", form.FormDataContentType(), &b)
	require.NoError(w.t, err)
	return r
}

func TestAPlainVideoIsSentInTheWantedPieces(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	other, otherToken, _ := w.page()
	raw := clip.Make(clip.Spec{Bytes: 40_000, Width: 1280, Height: 720, DurationMs: 4000})
	edge := page + "/videos"
	w.refused(100, 0, http.MethodPost, edge, token, url.Values{"upload_phase": {"start"}})
	w.refused(100, 0, http.MethodPost, edge, token, url.Values{"file_url": {"https://files.example/a.mp4"}})
	begin := func(size int) object {
		return w.ok(http.MethodPost, edge, token, url.Values{"upload_phase": {"start"}, "file_size": {strconv.Itoa(size)}})
	}
	out := begin(len(raw))
	session, id := out["upload_session_id"].(string), out["video_id"].(string)
	require.Equal(t, []any{"0", "16384"}, []any{out["start_offset"], out["end_offset"]})
	finish := url.Values{"upload_phase": {"finish"}, "upload_session_id": {session}, "title": {"A day"}, "description": {"hi"}}

	wanted := func(r reply) object {
		var body struct {
			Error struct {
				Data object `json:"error_data"`
			} `json:"error"`
		}
		requireError(t, r, 6000, 1363037)
		require.NoError(t, json.Unmarshal(r.raw, &body))
		return body.Error.Data
	}
	require.Equal(t, object{"start_offset": "0", "end_offset": "16384"}, wanted(w.piece(page, token, session, 5, raw[5:100])))
	wanted(w.piece(page, token, session, 0, raw[:16385]))
	requireError(t, w.piece(other, otherToken, session, 0, raw[:16384]), 100, 0)
	requireError(t, w.piece(page, token, session, 0, nil), 100, 0)
	require.Equal(t, http.StatusOK, w.piece(page, token, session, 0, raw[:16384]).status)
	require.Equal(t, object{"start_offset": "16384", "end_offset": "32768"}, wanted(w.piece(page, token, session, 0, raw[:16384])), "once is enough")
	require.Equal(t, object{"status": "in_progress", arrived: float64(16384)}, w.videoStatus(id, token)["uploading_phase"])
	w.refused(6000, 0, http.MethodPost, edge, token, finish)
	require.Equal(t, http.StatusOK, w.piece(page, token, session, 16384, raw[16384:32768]).status)
	last := w.piece(page, token, session, 32768, raw[32768:])
	require.JSONEq(t, `{"start_offset":"40000","end_offset":"40000"}`, string(last.raw))

	require.Empty(t, list(w.ok(http.MethodGet, edge, token, nil)))
	require.Equal(t, object{"success": true}, w.ok(http.MethodPost, edge, token, finish))
	w.refused(100, 0, http.MethodPost, edge, token, finish)
	require.Equal(t, []object{{"id": id, "title": "A day", "description": "hi"}}, list(w.ok(http.MethodGet, edge, token, url.Values{"fields": {"id,title,description"}})))
	require.Empty(t, list(w.ok(http.MethodGet, page+"/video_reels", token, nil)))
	require.Equal(t, "Video", w.posts(page).Posts[0].Kind)
	require.Contains(t, w.html("/meta/pages/"+page), "<h2>A day</h2>")

	// What is no video, or too wide, is said as soon as it is known.
	session = begin(9)["upload_session_id"].(string)
	requireError(t, w.piece(page, token, session, 0, []byte("no video!")), 352, 0)
	wide := clip.Make(clip.Spec{Width: 2000, Height: 1000})
	session = begin(len(wide))["upload_session_id"].(string)
	require.Equal(t, http.StatusOK, w.piece(page, token, session, 0, wide).status)
	w.refused(352, 1363040, http.MethodPost, edge, token, url.Values{"upload_phase": {"finish"}, "upload_session_id": {session}})
	session = begin(len(raw))["upload_session_id"].(string)
	w.advance(24 * 3600)
	requireError(t, w.piece(page, token, session, 0, raw[:16384]), 100, 0)
}
