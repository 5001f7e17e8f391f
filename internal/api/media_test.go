package api_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/media"
)

func (p *person) announce(name string, size int) (out api.Media) {
	p.w.t.Helper()
	p.post("/v1/media", api.NewMedia{Name: name, Type: "image/jpeg", Bytes: int64(size)}).status(http.StatusCreated).into(&out)
	return out
}

// send puts the bytes to the signed URL, as a browser does.
func (p *person) send(t *testing.T, m api.Media, content []byte, kind ...string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), m.Upload.Method, m.Upload.URL, bytes.NewReader(content))
	require.NoError(t, err)
	for k, v := range m.Upload.Headers {
		if k != "Content-Length" { // the client sets it, as a browser does
			r.Header.Set(k, v)
		}
	}
	for _, k := range kind {
		r.Header.Set("Content-Type", k)
	}
	res, err := (&http.Client{}).Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	return res.StatusCode
}

func (p *person) upload(t *testing.T, content []byte) (out api.Media) {
	t.Helper()
	m := p.announce("a.jpg", len(content))
	require.Equal(t, http.StatusOK, p.send(t, m, content))
	p.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&out)
	return out
}

func TestUploadingAPicture(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	content := jpegOf(t, 40, 30)
	m := ada.announce("terrace.jpg", len(content))
	require.Equal(t, "uploading", m.State)
	require.Equal(t, http.MethodPut, m.Upload.Method)
	require.Contains(t, strings.ToLower(m.Upload.URL), "x-amz-expires=900")
	require.Contains(t, strings.ToLower(m.Upload.URL), "content-length%3bcontent-type", "length and type are signed")
	ada.post("/v1/media/"+m.ID+"/complete", nil).problem(http.StatusConflict, "conflict")
	ada.get("/v1/media/"+m.ID+"/content").problem(http.StatusConflict, "conflict")

	require.Equal(t, http.StatusOK, ada.send(t, m, content))
	var done, again api.Media
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&done)
	require.Equal(t, api.Media{ID: m.ID, Name: "terrace.jpg", Type: "image/jpeg", Bytes: int64(len(content)), State: "ready", Width: 40, Height: 30}, done)
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&again)
	require.Equal(t, done, again)

	r := ada.get("/v1/media/" + m.ID + "/content").status(http.StatusFound)
	require.Contains(t, r.head.Get("Cache-Control"), "private")
	require.Equal(t, content, fetch(t, r.head.Get("Location")))
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	res, err := (&http.Client{}).Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", b)
	return b
}

func TestAnUploadCannotBeReplacedAfterTheCheck(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	content := jpegOf(t, 40, 30)
	m := ada.announce("a.jpg", len(content))
	require.Equal(t, http.StatusOK, ada.send(t, m, content))
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK)
	evil := bytes.Repeat([]byte("x"), len(content))
	ada.send(t, m, evil) // the signature is still good
	require.Equal(t, content, fetch(t, ada.get("/v1/media/"+m.ID+"/content").head.Get("Location")))
}

func TestTheSignatureHoldsTypeAndSize(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	content := jpegOf(t, 40, 30)
	m := ada.announce("a.jpg", len(content))
	require.Equal(t, http.StatusForbidden, ada.send(t, m, content, "text/html"))
	require.Equal(t, http.StatusForbidden, ada.send(t, m, append(content, 0)))
}

func TestFilesThatAreNotWhatTheySay(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	var small bytes.Buffer
	require.NoError(t, png.Encode(&small, image.NewGray(image.Rect(0, 0, 2, 2))))
	bomb := append([]byte{}, small.Bytes()...)
	copy(bomb[16:24], []byte{0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10}) // IHDR says 10000 × 10000
	fixIHDR(bomb)
	for name, content := range map[string][]byte{
		"a renamed PDF":     []byte("%PDF-1.7\n" + strings.Repeat("x", 100)),
		"a script":          []byte("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
		"a damaged JPEG":    []byte("\xff\xd8\xff\xe0 and then nothing of a picture"),
		"100 megapixels":    bomb,
		"less than a magic": []byte("x"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := ada.announce("a.jpg", len(content))
			require.Equal(t, http.StatusOK, ada.send(t, m, content))
			r := ada.post("/v1/media/"+m.ID+"/complete", nil)
			r.t = t
			p := r.problem(http.StatusUnprocessableEntity, "invalid_content")
			require.Len(t, p.Errors, 1)
			require.Contains(t, []string{"type", "bytes"}, p.Errors[0].Field)
			ada.get("/v1/media/" + m.ID).status(http.StatusNotFound)
		})
	}
}

// fixIHDR makes a PNG's header consistent again after its dimensions were changed.
func fixIHDR(b []byte) { binary.BigEndian.PutUint32(b[29:33], crc32.ChecksumIEEE(b[12:29])) }

func TestTheTypeComesFromTheBytes(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))))
	m := ada.announce("really.jpg", b.Len())
	require.Equal(t, http.StatusOK, ada.send(t, m, b.Bytes()))
	var done api.Media
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&done)
	require.Equal(t, "image/png", done.Type)
}

func TestAVideoIsKnownFromItsBytes(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	content := clip.Make(clip.Spec{Brand: "qt  ", MoovLast: true, Bytes: 6 << 20, DurationMs: 4200, FrameRate: 25})
	var m, done api.Media
	ada.post("/v1/media", api.NewMedia{Name: "oven.mp4", Type: "video/mp4", Bytes: int64(len(content))}).status(http.StatusCreated).into(&m)
	require.Equal(t, http.StatusOK, ada.send(t, m, content))
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&done)
	require.Equal(t, "video/quicktime", done.Type)
	require.Equal(t, []int{540, 960}, []int{done.Width, done.Height})
	require.Equal(t, int64(4200), done.DurationMs)
	require.Equal(t, "avc1", done.Codec)
	require.InDelta(t, 25, done.FrameRate, 0.001)

	ada.post("/v1/media", api.NewMedia{Name: "a.mp4", Type: "video/mp4", Bytes: media.MaxVideoBytes}).status(http.StatusCreated)
	ada.post("/v1/media", api.NewMedia{Name: "a.mp4", Type: "video/mp4", Bytes: media.MaxVideoBytes + 1}).problem(http.StatusUnprocessableEntity, "invalid_request")
	ada.post("/v1/media", api.NewMedia{Name: "a.jpg", Type: "image/jpeg", Bytes: media.MaxBytes + 1}).problem(http.StatusUnprocessableEntity, "invalid_request")
	damaged := content[:1<<20] // the description at the end is missing
	ada.post("/v1/media", api.NewMedia{Name: "cut.mp4", Type: "video/mp4", Bytes: int64(len(damaged))}).status(http.StatusCreated).into(&m)
	require.Equal(t, http.StatusOK, ada.send(t, m, damaged))
	ada.post("/v1/media/"+m.ID+"/complete", nil).problem(http.StatusUnprocessableEntity, "invalid_content")
}

func TestAnnouncingTwiceWithOneKeyIsOneFile(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	key := boot.NewID()
	var first, second api.Media
	ada.post("/v1/media", api.NewMedia{Name: "a.jpg", Type: "image/jpeg", Bytes: 10}, "Idempotency-Key", key).status(http.StatusCreated).into(&first)
	ada.post("/v1/media", api.NewMedia{Name: "a.jpg", Type: "image/jpeg", Bytes: 10}, "Idempotency-Key", key).status(http.StatusCreated).into(&second)
	require.Equal(t, first.ID, second.ID)
	require.NotEmpty(t, second.Upload.URL)
	ada.post("/v1/media", api.NewMedia{Name: "a.jpg", Type: "image/jpeg", Bytes: 11}, "Idempotency-Key", key).problem(http.StatusUnprocessableEntity, "invalid_request")
}
