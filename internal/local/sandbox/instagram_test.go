package sandbox_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/sandbox"
)

const instaScopes = "pages_show_list,pages_read_engagement,pages_manage_posts,instagram_basic,instagram_content_publish,instagram_manage_comments,instagram_manage_contents,instagram_manage_insights"

// insta is an Instagram account with the token of its Page, and a host that has pictures.
type insta struct {
	*world
	id, token, pictures string
	clips               *sync.Map // what the host has beside its pictures, by path
}

func startInsta(t *testing.T, cfg sandbox.Config) insta {
	t.Helper()
	w := start(t, cfg)
	files := map[string][]byte{"/ok.jpg": jpegBytes(t, 400, 300), "/tall.jpg": jpegBytes(t, 90, 160), "/wide.jpg": jpegBytes(t, 200, 100), "/a.png": pngBytes(t)}
	files["/huge.jpg"] = append(jpegBytes(t, 400, 300), make([]byte, 8_000_000)...)
	clips := &sync.Map{}
	clips.Store("/clip.mp4", clip.Make(clip.Spec{}))
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		raw, ok := files[r.URL.Path]
		if more, found := clips.Load(r.URL.Path); found {
			raw, ok = more.([]byte)
		}
		if !ok {
			rw.WriteHeader(http.StatusForbidden)
		}
		_, _ = rw.Write(raw) //nolint:gosec // files of the test itself
	}))
	t.Cleanup(server.Close)
	who := w.seed(object{"person": "Kim", "pages": []any{object{"name": "Shop", "instagram": true}}})
	token := w.tokens(object{"person": who.Person.ID, "page": who.Pages[0].ID, "scopes": strings.Split(instaScopes, ",")})
	accounts := list(w.ok(http.MethodGet, "me/accounts", token["user_token"], url.Values{"fields": {"instagram_business_account{id,username}"}}))
	ig := accounts[0]["instagram_business_account"].(object)
	require.Equal(t, "shop", ig["username"])
	return insta{w, ig["id"].(string), token["page_token"], server.URL, clips}
}

func (w insta) params(file string, more url.Values) url.Values {
	v := url.Values{"image_url": {w.pictures + "/" + file}}
	maps.Copy(v, more)
	return v
}

// container makes one and waits until it is ready.
func (w insta) container(v url.Values) string {
	w.t.Helper()
	id := w.ok(http.MethodPost, w.id+"/media", w.token, v)["id"].(string)
	require.Equal(w.t, "IN_PROGRESS", w.status(id))
	require.Equal(w.t, "FINISHED", w.status(id))
	return id
}

func (w insta) status(id string) string {
	w.t.Helper()
	return w.ok(http.MethodGet, id, w.token, url.Values{"fields": {"status_code,status"}})["status_code"].(string)
}

func (w insta) publish(container string) string {
	w.t.Helper()
	return w.ok(http.MethodPost, w.id+"/media_publish", w.token, url.Values{"creation_id": {container}})["id"].(string)
}

func TestInstagram(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	since := w.calls("").Last
	w.ok(http.MethodGet, w.id, w.token, url.Values{"fields": {"id,username"}})
	made := w.container(w.params("ok.jpg", url.Values{"caption": {"Buns by @ada"}, "alt_text": {"Six buns"}}))
	media := w.publish(made)
	require.Equal(t, "PUBLISHED", w.status(made))
	require.Equal(t, object{"quota_usage": 1.0, "config": object{"quota_total": 50.0, "quota_duration": 86400.0}},
		list(w.ok(http.MethodGet, w.id+"/content_publishing_limit", w.token, url.Values{"fields": {"quota_usage,config"}}))[0])
	seen := list(w.ok(http.MethodGet, w.id+"/media", w.token, url.Values{"fields": {"id,caption,permalink,media_type,timestamp"}}))
	require.Len(t, seen, 1)
	require.Equal(t, "Buns by ada", seen[0]["caption"], "read without the @")
	require.Equal(t, media, seen[0]["id"])
	link := w.ok(http.MethodGet, media, w.token, url.Values{"fields": {"permalink"}})["permalink"].(string)
	r, err := w.do(http.MethodGet, strings.TrimPrefix(link, w.url), "", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.status)
	require.Contains(t, string(r.raw), "Buns by @ada")
	w.ok(http.MethodPost, media+"/comments", w.token, url.Values{"message": {"Come early"}})
	require.Equal(t, "Come early", list(w.ok(http.MethodGet, media+"/comments", w.token, nil))[0]["text"])
	story := w.publish(w.container(w.params("tall.jpg", url.Values{"media_type": {"STORIES"}})))
	require.Equal(t, story, list(w.ok(http.MethodGet, w.id+"/stories", w.token, nil))[0]["id"])
	reel := w.ok(http.MethodPost, w.id+"/media", w.token, url.Values{"media_type": {"REELS"}, "upload_type": {"resumable"}})
	raw := clip.Make(clip.Spec{})
	w.sendReel(reel["uri"].(string), w.token, raw, 0, len(raw))
	require.Equal(t, media, w.ok(http.MethodDelete, media, w.token, nil)["deleted_id"])
	require.Empty(t, list(w.ok(http.MethodGet, w.id+"/media", w.token, nil)))

	log := w.calls("since=" + url.QueryEscape(jsonNumber(since)))
	var ops struct{ Operations []struct{ Op string } }
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "faults", nil, &ops))
	for _, op := range ops.Operations {
		// TestComments, TestInsights and TestSubscriptions have the others.
		if strings.HasPrefix(op.Op, "meta.ig.") && !strings.Contains(op.Op, ".subscriptions.") && !strings.HasSuffix(op.Op, "insights") && !strings.Contains(op.Op, ".comment.") && !strings.Contains(op.Op, ".replies.") {
			require.Positive(t, log.Counts[op.Op], op.Op)
		}
	}
}

func TestInstagramCarousel(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	item := url.Values{"is_carousel_item": {"true"}}
	a := w.container(w.params("ok.jpg", item))
	b := w.ok(http.MethodPost, w.id+"/media", w.token, w.params("ok.jpg", item))["id"].(string)
	w.refused(9007, 2207027, http.MethodPost, w.id+"/media", w.token, url.Values{"media_type": {"CAROUSEL"}, "children": {a + "," + b}})
	w.refused(100, 2207028, http.MethodPost, w.id+"/media", w.token, url.Values{"media_type": {"CAROUSEL"}, "children": {a}})
	w.status(b)
	w.refused(24, 2207006, http.MethodPost, w.id+"/media_publish", w.token, url.Values{"creation_id": {a}})
	whole := w.container(url.Values{"media_type": {"CAROUSEL"}, "children": {a + "," + b}, "caption": {"Two"}})
	w.publish(whole)
	seen := list(w.ok(http.MethodGet, w.id+"/media", w.token, url.Values{"fields": {"media_type,children{id}"}}))[0]
	require.Equal(t, "CAROUSEL_ALBUM", seen["media_type"])
	require.Len(t, seen["children"].(object)["data"], 2)
}

func TestInstagramIsStrict(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	refuse := func(code, subcode int, file string, more url.Values) {
		t.Helper()
		w.refused(code, subcode, http.MethodPost, w.id+"/media", w.token, w.params(file, more))
	}
	refuse(36001, 2207005, "a.png", nil)
	refuse(36000, 2207004, "huge.jpg", nil)
	refuse(36003, 2207009, "tall.jpg", nil)
	refuse(36003, 2207009, "wide.jpg", nil)
	refuse(9004, 2207052, "missing.jpg", nil)
	refuse(36004, 2207010, "ok.jpg", url.Values{"caption": {strings.Repeat("a", 2201)}})
	refuse(36004, 2207010, "ok.jpg", url.Values{"caption": {strings.Repeat("#a ", 31)}})
	refuse(100, 2207040, "ok.jpg", url.Values{"caption": {strings.Repeat("@a ", 21)}})
	refuse(100, 2207018, "ok.jpg", url.Values{"collaborators": {`["@ada"]`}})
	refuse(100, 2207018, "ok.jpg", url.Values{"collaborators": {`["a","b","c","d"]`}})
	refuse(100, 0, "ok.jpg", url.Values{"media_type": {"STORIES"}, "alt_text": {"x"}})
	w.refused(9004, 2207052, http.MethodPost, w.id+"/media", w.token, url.Values{"image_url": {"https://pictures.example/ok.jpg"}})
	w.refused(100, 0, http.MethodPost, w.id+"/media", w.token, nil)
	w.container(w.params("ok.jpg", url.Values{"caption": {strings.Repeat("#a ", 30) + strings.Repeat("@a ", 20)}}))
}

func TestInstagramsContainersTakeTimeAndEnd(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{StateFile: filepath.Join(t.TempDir(), "state.json")})
	set := func(in object) {
		t.Helper()
		require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/instagram/"+w.id, in, nil))
	}
	set(object{"polls": 0, "slow_seconds": 30})
	slow := w.ok(http.MethodPost, w.id+"/media", w.token, w.params("ok.jpg", nil))["id"].(string)
	require.Equal(t, "IN_PROGRESS", w.status(slow))
	w.refused(9007, 2207027, http.MethodPost, w.id+"/media_publish", w.token, url.Values{"creation_id": {slow}})
	w.advance(30)
	require.Equal(t, "FINISHED", w.status(slow))
	set(object{"polls": 0, "hidden": 1, "fail_code": 2207082, "fail_times": 1, "quota_total": 3, "quota_used": 3})
	bad := w.ok(http.MethodPost, w.id+"/media", w.token, w.params("ok.jpg", nil))["id"].(string)
	w.refused(100, 33, http.MethodGet, bad, w.token, url.Values{"fields": {"status_code"}})
	require.Equal(t, "ERROR", w.status(bad))
	w.refused(9, 2207042, http.MethodPost, w.id+"/media_publish", w.token, url.Values{"creation_id": {slow}})
	w.advance(24 * 3600)
	require.Equal(t, "EXPIRED", w.status(slow))
	w.refused(24, 2207008, http.MethodPost, w.id+"/media_publish", w.token, url.Values{"creation_id": {slow}})
}

func TestInstagramWantsItsPermissions(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	who := w.seed(object{"person": "Sol", "pages": []any{object{"name": "Mill", "instagram": true}}})
	token := w.tokens(object{"person": who.Person.ID, "page": who.Pages[0].ID, "scopes": []string{"pages_show_list", "pages_read_engagement", "instagram_basic"}})
	mill := list(w.ok(http.MethodGet, "me/accounts", token["user_token"], url.Values{"fields": {"instagram_business_account"}}))[0]["instagram_business_account"].(object)["id"].(string)
	w.ok(http.MethodGet, mill+"/media", token["page_token"], nil)
	w.refused(10, 0, http.MethodPost, mill+"/media", token["page_token"], w.params("ok.jpg", nil))
	w.refused(100, 33, http.MethodGet, w.id+"/media", token["page_token"], nil)
}
