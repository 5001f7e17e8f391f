package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// sendReel uploads bytes of a file to the address of a container, and gives what the host says against it.
func (w insta) sendReel(uri, token string, raw []byte, offset, end int) string {
	w.t.Helper()
	return w.bytes(strings.TrimPrefix(uri, w.url), token, offset, raw[offset:end], len(raw))
}

func (w insta) uploading(container string) (status string, received float64) {
	w.t.Helper()
	phase := w.ok(http.MethodGet, container, w.token, url.Values{"fields": {"status_code,video_status"}})["video_status"].(object)["uploading_phase"].(object)
	return phase["status"].(string), phase["bytes_transferred"].(float64)
}

func TestInstagramTakesAReelInPieces(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	made := w.ok(http.MethodPost, w.id+"/media", w.token, url.Values{
		"media_type": {"REELS"}, "upload_type": {"resumable"}, "caption": {"Rising"}, "share_to_feed": {"false"}, "thumb_offset": {"1500"}, "is_ai_generated": {"true"},
	})
	box, uri := made["id"].(string), made["uri"].(string)
	raw := clip.Make(clip.Spec{Bytes: 700_000})
	require.Equal(t, "IN_PROGRESS", w.status(box), "it waits for bytes however often it is asked")
	require.Equal(t, "IN_PROGRESS", w.status(box))
	w.refused(9007, 2207027, http.MethodPost, w.id+"/media_publish", w.token, url.Values{"creation_id": {box}})

	require.Equal(t, "190", w.sendReel(uri, w.token+"x", raw, 0, len(raw)))
	require.Equal(t, "OffsetInvalidError", w.sendReel(uri, w.token, raw, 10, len(raw)))
	require.Equal(t, "PartialRequestError", w.sendReel(uri, w.token, raw, 0, 300_000))
	phase, received := w.uploading(box)
	require.Equal(t, "in_progress", phase)
	require.InEpsilon(t, 300_000, received, 0)
	require.Empty(t, w.sendReel(uri, w.token, raw, 300_000, len(raw)))
	phase, _ = w.uploading(box)
	require.Equal(t, "complete", phase)
	require.Equal(t, "FINISHED", w.status(box))
	require.Equal(t, "InvalidParametersError", w.sendReel(uri, w.token, raw, 0, len(raw)))

	media := w.publish(box)
	seen := w.ok(http.MethodGet, media, w.token, url.Values{"fields": {"media_type,media_product_type,media_url"}})
	require.Equal(t, "VIDEO", seen["media_type"])
	require.Equal(t, "REELS", seen["media_product_type"])
	r, err := w.do(http.MethodGet, strings.TrimPrefix(seen["media_url"].(string), w.url), "", nil)
	require.NoError(t, err)
	require.Equal(t, raw, r.raw)
	var accounts []struct {
		Media []struct {
			ReelsOnly bool `json:"reels_only"`
			Thumb     int  `json:"thumb_offset"`
			AI        bool `json:"is_ai_generated"`
		}
	}
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "meta/instagram?id="+w.id, nil, &accounts))
	require.Len(t, accounts[0].Media, 1)
	require.True(t, accounts[0].Media[0].ReelsOnly)
	require.True(t, accounts[0].Media[0].AI)
	require.Equal(t, 1500, accounts[0].Media[0].Thumb)
	w.ok(http.MethodDelete, media, w.token, nil)
}

func TestInstagramMixesPicturesAndVideos(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	item := url.Values{"is_carousel_item": {"true"}}
	video := url.Values{"is_carousel_item": {"true"}, "media_type": {"VIDEO"}, "video_url": {w.pictures + "/clip.mp4"}, "caption": {"ignored"}}
	a, b := w.container(w.params("ok.jpg", item)), w.container(video)
	media := w.publish(w.container(url.Values{"media_type": {"CAROUSEL"}, "children": {b + "," + a}, "caption": {"Both"}, "is_ai_generated": {"true"}}))
	var accounts []struct {
		Media []struct {
			Caption string
			Files   []struct {
				Photo, Video *struct{ URL string }
			}
		}
	}
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "meta/instagram?id="+w.id, nil, &accounts))
	files := accounts[0].Media[0].Files
	require.Len(t, files, 2)
	require.NotNil(t, files[0].Video)
	require.NotNil(t, files[1].Photo)
	require.Equal(t, "Both", accounts[0].Media[0].Caption)
	require.Equal(t, object{"quota_usage": 1.0}, list(w.ok(http.MethodGet, w.id+"/content_publishing_limit", w.token, nil))[0], "a carousel counts once")

	story := w.publish(w.container(url.Values{"media_type": {"STORIES"}, "video_url": {w.pictures + "/clip.mp4"}}))
	require.Equal(t, story, list(w.ok(http.MethodGet, w.id+"/stories", w.token, url.Values{"fields": {"id,media_type"}}))[0]["id"])
	reel := w.publish(w.container(url.Values{"media_type": {"REELS"}, "video_url": {w.pictures + "/clip.mp4"}, "cover_url": {w.pictures + "/tall.jpg"}}))

	r, err := w.do(http.MethodGet, "/meta/pages/"+w.id, "", nil)
	require.NoError(t, err)
	for _, words := range []string{"Carousel", "1 / 2", "2 / 2", "AI info", "Reel", "Also in the feed", "Cover of its own", "Video story", "poster="} {
		require.Contains(t, string(r.raw), words)
	}
	r, err = w.do(http.MethodGet, "/", "", nil)
	require.NoError(t, err)
	require.Contains(t, string(r.raw), "/meta/pages/"+w.id, "the overview has the account")
	for _, id := range []string{media, story, reel} {
		w.ok(http.MethodDelete, id, w.token, nil)
	}
}

// What is wrong with a video is told by its container, not by the call that makes it.
func TestInstagramLooksAtVideos(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	for kind, specs := range map[string]map[clip.Spec]bool{
		"REELS": {
			{}: true, {Width: 1920, Height: 1080, DurationMs: 900_000, FrameRate: 60, Codec: "hvc1", Brand: "qt  "}: true,
			{DurationMs: 2999}: false, {DurationMs: 901_000}: false, {Width: 1922, Height: 1080}: false, {FrameRate: 22}: false, {FrameRate: 61}: false,
			{Codec: "av01"}: false, {NoPicture: true}: false, {Width: 1100, Height: 100}: false,
		},
		"STORIES": {{DurationMs: 60_000}: true, {DurationMs: 60_001}: false, {Width: 100, Height: 1100}: false},
	} {
		for spec, good := range specs {
			w.clips.Store("/probe.mp4", clip.Make(spec))
			box := w.ok(http.MethodPost, w.id+"/media", w.token, url.Values{"media_type": {kind}, "video_url": {w.pictures + "/probe.mp4"}})["id"].(string)
			w.status(box)
			seen := w.ok(http.MethodGet, box, w.token, url.Values{"fields": {"status_code,status"}})
			if good {
				require.Equal(t, "FINISHED", seen["status_code"], "%s %+v", kind, spec)
				continue
			}
			require.Equal(t, "ERROR", seen["status_code"], "%s %+v", kind, spec)
			require.Contains(t, seen["status"], "2207026")
		}
	}
}

func TestInstagramIsStrictAboutVideos(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	refuse := func(code, subcode int, params url.Values) {
		t.Helper()
		w.refused(code, subcode, http.MethodPost, w.id+"/media", w.token, params)
	}
	at := w.pictures + "/clip.mp4"
	refuse(100, 2207023, url.Values{"media_type": {"VIDEO"}, "video_url": {at}})
	refuse(100, 2207023, url.Values{"media_type": {"REELS"}, "video_url": {at}, "is_carousel_item": {"true"}})
	refuse(100, 2207023, url.Values{"media_type": {"REELS"}, "video_url": {at}, "alt_text": {"x"}})
	refuse(100, 0, url.Values{"media_type": {"REELS"}})
	refuse(100, 0, url.Values{"media_type": {"REELS"}, "video_url": {at}, "thumb_offset": {"soon"}})
	refuse(100, 0, w.params("ok.jpg", url.Values{"share_to_feed": {"false"}}))
	refuse(100, 0, w.params("ok.jpg", url.Values{"is_carousel_item": {"true"}, "is_ai_generated": {"true"}}))
	refuse(9004, 2207052, url.Values{"media_type": {"REELS"}, "video_url": {w.pictures + "/missing.mp4"}})
	refuse(36001, 2207005, url.Values{"media_type": {"REELS"}, "video_url": {at}, "cover_url": {w.pictures + "/a.png"}})
	refuse(100, 2207028, url.Values{"media_type": {"CAROUSEL"}, "children": {"1,2,3,4,5,6,7,8,9,10,11"}})
	w.clips.Store("/robots.txt", []byte("User-agent: *\nDisallow: /ok.jpg\nDisallow: /clip.mp4\n"))
	refuse(9004, 2207052, w.params("ok.jpg", nil))
	refuse(9004, 2207052, url.Values{"media_type": {"STORIES"}, "video_url": {at}})
	w.clips.Delete("/robots.txt")

	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/instagram/"+w.id, object{"containers": 2}, nil))
	w.container(w.params("ok.jpg", nil))
	w.container(w.params("ok.jpg", nil))
	refuse(9, 2207042, w.params("ok.jpg", nil))
	w.advance(24 * 3600)
	w.container(w.params("ok.jpg", nil))
}
