package sandbox_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func TestOnePhotoIsAPost(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	data := jpegBytes(t, 64, 48)
	r := w.upload(page, token, data, url.Values{"caption": {"a bun"}, "alt_text_custom": {"A bun on a plate"}})
	require.Equal(t, http.StatusOK, r.status, string(r.raw))
	var out struct {
		ID     string `json:"id"`
		PostID string `json:"post_id"`
	}
	require.NoError(t, json.Unmarshal(r.raw, &out))
	post := w.posts(page).Posts[0]
	require.Equal(t, out.PostID, post.ID)
	require.Equal(t, "a bun", post.Message)
	require.Len(t, post.Photos, 1)
	require.Equal(t, "A bun on a plate", post.Photos[0].Alt)
	require.Equal(t, []int{64, 48}, []int{post.Photos[0].Width, post.Photos[0].Height})
	shown, err := w.do(http.MethodGet, strings.TrimPrefix(post.Photos[0].URL, w.url), "", nil)
	require.NoError(t, err)
	require.Equal(t, data, shown.raw)
	require.Equal(t, "image/jpeg", shown.header.Get("Content-Type"))

	got := w.ok(http.MethodGet, out.ID, token, url.Values{"fields": {"id,name,alt_text_custom,width,page_story_id"}})
	require.Equal(t, object{"id": out.ID, "name": "a bun", "alt_text_custom": "A bun on a plate", "width": float64(64), "page_story_id": out.PostID}, got)
	att := list(w.ok(http.MethodGet, out.PostID, token, url.Values{"fields": {"attachments{media_type,target{id}}"}})["attachments"].(object))
	require.Equal(t, []object{{"media_type": "photo", "target": object{"id": out.ID}}}, att)
}

// Contract check 13.
func TestSeveralPhotosBecomeOnePost(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	for name, form := range map[string]func(ids []string) url.Values{
		"indexed": func(ids []string) url.Values {
			v := url.Values{}
			for i, id := range ids {
				v.Set(fmt.Sprintf("attached_media[%d]", i), `{"media_fbid":"`+id+`"}`)
			}
			return v
		},
		"array": func(ids []string) url.Values {
			return url.Values{"attached_media": {`[{"media_fbid":"` + strings.Join(ids, `"},{"media_fbid":"`) + `"}]`}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{t: t, box: w.box, url: w.url}
			page, token, _ := w.page()
			before := len(w.posts(page).Posts)
			ids := []string{w.photo(page, token, nil), w.photo(page, token, nil), w.photo(page, token, nil)}
			require.Len(t, w.posts(page).Posts, before, "unpublished photos show nowhere")
			params := form(ids)
			params.Set("message", name)
			id := w.ok(http.MethodPost, page+"/feed", token, params)["id"].(string)
			posts := w.posts(page).Posts
			require.Len(t, posts, before+1)
			require.Len(t, posts[before].Photos, 3)

			got := w.ok(http.MethodGet, id, token, url.Values{"fields": {"attachments{media_type,target{id},subattachments{media_type,target{id}}}"}})
			album := list(got["attachments"].(object))[0]
			require.Equal(t, "album", album["media_type"])
			for i, sub := range list(album["subattachments"].(object)) {
				require.Equal(t, object{"media_type": "photo", "target": object{"id": ids[i]}}, sub)
			}
			w.refused(100, 0, http.MethodPost, page+"/feed", token, form(ids[:1]))
		})
	}
	page, token, _ := w.page()
	twice := w.photo(page, token, nil)
	w.refused(100, 0, http.MethodPost, page+"/feed", token, url.Values{"attached_media": {`[{"media_fbid":"` + twice + `"},{"media_fbid":"` + twice + `"}]`}})
	other, otherToken, _ := w.page()
	w.refused(100, 0, http.MethodPost, other+"/feed", otherToken, url.Values{"attached_media[0]": {`{"media_fbid":"` + twice + `"}`}})
}

// Contract check 13.
func TestUnpublishedPhotosVanishAfterADay(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	id := w.photo(page, token, nil)
	kept := w.photo(page, token, nil)
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"attached_media[0]": {`{"media_fbid":"` + kept + `"}`}})
	w.advance(24*3600 - 60)
	require.Equal(t, id, w.ok(http.MethodGet, id, token, nil)["id"])
	user := w.tokens(object{"person": who.Person.ID})["user_token"]
	w.refused(100, 33, http.MethodGet, id, user, nil)
	w.advance(60)
	w.refused(100, 33, http.MethodGet, id, token, nil)
	w.refused(100, 0, http.MethodPost, page+"/feed", token, url.Values{"attached_media[0]": {`{"media_fbid":"` + id + `"}`}})
	w.photo(page, token, nil) // sweeps
	w.refused(100, 33, http.MethodGet, id, token, nil)
	require.Equal(t, kept, w.ok(http.MethodGet, kept, user, nil)["id"])
}

// Contract check 13.
func TestPhotosOfAScheduledPostMustBeTemporary(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	post := func(id string) url.Values {
		return url.Values{
			"published": {"false"}, "scheduled_publish_time": {strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)},
			"attached_media[0]": {`{"media_fbid":"` + id + `"}`},
		}
	}
	w.refused(100, 0, http.MethodPost, page+"/feed", token, post(w.photo(page, token, nil)))
	w.ok(http.MethodPost, page+"/feed", token, post(w.photo(page, token, url.Values{"temporary": {"true"}})))
}

func bmp() []byte {
	b := make([]byte, 64)
	copy(b, "BM")
	binary.LittleEndian.PutUint32(b[2:], 64)
	binary.LittleEndian.PutUint32(b[18:], 4)
	binary.LittleEndian.PutUint32(b[22:], 3)
	return b
}

func tiff(order binary.ByteOrder, magic string) []byte {
	b := make([]byte, 64)
	copy(b, magic)
	order.PutUint32(b[4:], 8)
	order.PutUint16(b[8:], 2)
	for i, tag := range []uint16{256, 257} {
		at := 10 + 12*i
		order.PutUint16(b[at:], tag)
		order.PutUint16(b[at+2:], 3)
		order.PutUint32(b[at+4:], 1)
		order.PutUint16(b[at+8:], uint16(5+i))
	}
	return b
}

func TestPhotoTypesAreReadFromTheBytes(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	for name, data := range map[string][]byte{
		"jpeg": jpegBytes(t, 9, 9), "png": pngBytes(t), "gif": gifBytes(t), "bmp": bmp(),
		"tiff le": tiff(binary.LittleEndian, "II*\x00"), "tiff be": tiff(binary.BigEndian, "MM\x00*"),
	} {
		r := w.upload(page, token, data, url.Values{"published": {"false"}})
		require.Equal(t, http.StatusOK, r.status, "%s: %s", name, r.raw)
	}
	whole := jpegBytes(t, 200, 200)
	for name, data := range map[string][]byte{
		"empty": {}, "text": []byte("not a picture at all"), "webp": append([]byte("RIFF\x24\x00\x00\x00WEBPVP8 "), make([]byte, 40)...),
		"half a jpeg": whole[:len(whole)/2], "half a png": pngBytes(t)[:40], "svg": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"bmp header": bmp()[:30], "tiff header": tiff(binary.LittleEndian, "II*\x00")[:20], "html": []byte("<html></html>"),
	} {
		r := w.upload(page, token, data, nil)
		requireError(t, r, 324, 2069019)
		require.Contains(t, string(r.raw), "error_user_msg", name)
	}
	w.refused(324, 0, http.MethodPost, page+"/photos", token, nil)
	require.Empty(t, w.posts(page).Posts)
}

func TestPhotoSizeLimit(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	fits := append(jpegBytes(t, 9, 9), make([]byte, 10<<20)...)[:10<<20]
	r := w.upload(page, token, fits, url.Values{"published": {"false"}})
	require.Equal(t, http.StatusOK, r.status, string(r.raw))
	r = w.upload(page, token, append(fits, 0), nil)
	requireError(t, r, 100, 1366046)
	require.Contains(t, string(r.raw), `"is_transient":false`)
}

func TestPhotoNeedsTheSameRightsAsAPost(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	user := w.tokens(object{"person": who.Person.ID})["user_token"]
	requireError(t, w.upload(page, user, jpegBytes(t, 9, 9), nil), 200, 0)
	requireError(t, w.upload(page, token, jpegBytes(t, 9, 9), url.Values{"caption": {strings.Repeat("x", 63207)}}), 100, 0)
}

// Contract check 24, for photos.
func TestPhotoByURL(t *testing.T) {
	t.Parallel()
	data := jpegBytes(t, 20, 10)
	files := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			_, _ = rw.Write([]byte("# rules\nUser-agent: *\nDisallow: /everyone\n\nUser-agent: facebookexternalhit\nUser-agent: Twitterbot\nDisallow: /barred\n"))
		case "/a.jpg", "/barred/a.jpg", "/everyone/a.jpg":
			_, _ = rw.Write(data)
		case "/huge":
			_, _ = rw.Write(bytes.Repeat([]byte{1}, 10<<20+1))
		case "/login":
			rw.WriteHeader(http.StatusUnauthorized)
		case "/away":
			http.Redirect(rw, r, strings.Replace("http://"+r.Host+"/a.jpg", "127.0.0.1", "0.0.0.0", 1), http.StatusFound) //nolint:gosec // the redirect is the trap
		}
	}))
	t.Cleanup(files.Close)
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	for _, path := range []string{"/a.jpg", "/everyone/a.jpg"} {
		w.ok(http.MethodPost, page+"/photos", token, url.Values{"url": {files.URL + path}, "published": {"false"}})
	}
	for _, src := range []string{files.URL + "/barred/a.jpg", files.URL + "/login", files.URL + "/away", files.URL + "/empty", "http://192.0.2.1/a.jpg", "ftp://localhost/a.jpg", "http://u:p@localhost/a.jpg"} {
		w.refused(324, 2069019, http.MethodPost, page+"/photos", token, url.Values{"url": {src}})
	}
	w.refused(100, 1366046, http.MethodPost, page+"/photos", token, url.Values{"url": {files.URL + "/huge"}})
	require.Equal(t, http.StatusBadRequest, w.upload(page, token, data, url.Values{"url": {files.URL + "/a.jpg"}}).status)
}

func TestARefusedUploadLeavesNoFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	w := start(t, sandbox.Config{StateFile: file})
	page, token, _ := w.page()
	requireError(t, w.upload(page, token, jpegBytes(t, 9, 9), url.Values{"caption": {strings.Repeat("x", 63207)}}), 100, 0)
	kept := w.photo(page, token, nil)
	entries, err := os.ReadDir(file + ".media")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, kept, entries[0].Name())
	id := w.ok(http.MethodPost, page+"/feed", token, url.Values{"attached_media[0]": {`{"media_fbid":"` + kept + `"}`}})["id"].(string)
	w.ok(http.MethodDelete, id, token, nil)
	entries, err = os.ReadDir(file + ".media")
	require.NoError(t, err)
	require.Empty(t, entries, "a deleted post takes its pictures along")
}

func TestMemoryForPicturesIsBounded(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	big := append(jpegBytes(t, 9, 9), make([]byte, 10<<20)...)[:10<<20]
	first := w.photo(page, token, nil)
	for range 7 {
		r := w.upload(page, token, big, url.Values{"published": {"false"}})
		require.Equal(t, http.StatusOK, r.status, string(r.raw))
	}
	last := w.photo(page, token, nil)
	for id, want := range map[string]int{first: http.StatusNotFound, last: http.StatusOK} {
		r, err := w.do(http.MethodGet, "/meta/photos/"+id, "", nil)
		require.NoError(t, err)
		require.Equal(t, want, r.status)
	}
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"attached_media[0]": {`{"media_fbid":"` + first + `"}`}})
}
