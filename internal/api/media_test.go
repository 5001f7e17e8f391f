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
	"github.com/herald-publishing/herald/internal/tenant"
)

func (p *person) announce(name string, size int) (out api.Media) {
	p.w.t.Helper()
	p.post("/v1/media", api.NewMedia{Name: name, Type: "image/jpeg", Bytes: int64(size)}).status(http.StatusCreated).into(&out)
	return out
}

// sign gets the URLs of some parts.
func (p *person) sign(id string, numbers ...int) []api.SignedPart {
	p.w.t.Helper()
	var out api.SignedParts
	p.post("/v1/media/"+id+"/parts", api.PartNumbers{Numbers: numbers}).status(http.StatusOK).into(&out)
	require.Len(p.w.t, out.Parts, len(numbers))
	return out.Parts
}

// put sends bytes to a signed URL, as a browser does.
func put(t *testing.T, part api.SignedPart, content []byte) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), part.Method, part.URL, bytes.NewReader(content))
	require.NoError(t, err)
	for k, v := range part.Headers {
		if k != "Content-Length" { // the client sets it, as a browser does
			r.Header.Set(k, v)
		}
	}
	res, err := (&http.Client{}).Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	return res.StatusCode
}

// send puts parts of a file.
func (p *person) send(t *testing.T, m api.Media, content []byte, numbers ...int) {
	t.Helper()
	for _, part := range p.sign(m.ID, numbers...) {
		from := (part.Number - 1) * int(m.PartBytes)
		require.Equal(t, http.StatusOK, put(t, part, content[from:min(from+int(m.PartBytes), len(content))]))
	}
}

func (p *person) upload(t *testing.T, content []byte) (out api.Media) {
	t.Helper()
	m := p.announce("a.jpg", len(content))
	p.send(t, m, content, 1)
	p.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&out)
	return out
}

func TestUploadingAPicture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	content := jpegOf(t, 40, 30)
	m := ada.announce("terrace.jpg", len(content))
	require.Equal(t, "uploading", m.State)
	require.Equal(t, []any{1, int64(media.PartBytes)}, []any{m.Parts, m.PartBytes})
	part := ada.sign(m.ID, 1)[0]
	require.Contains(t, strings.ToLower(part.URL), "x-amz-expires=900")
	require.Contains(t, strings.ToLower(part.URL), "signedheaders=content-length", "the length is signed")
	ada.post("/v1/media/"+m.ID+"/complete", nil).problem(http.StatusConflict, "conflict")
	ada.get("/v1/media/"+m.ID+"/content").problem(http.StatusConflict, "conflict")

	require.Equal(t, http.StatusOK, put(t, part, content))
	var done, again api.Media
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&done)
	require.Equal(t, api.Media{ID: m.ID, Name: "terrace.jpg", Type: "image/jpeg", Bytes: int64(len(content)), State: "ready", Width: 40, Height: 30, CreatedAt: w.clock.Now()}, done)
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&again)
	require.Equal(t, done, again)
	ada.post("/v1/media/"+m.ID+"/parts", api.PartNumbers{Numbers: []int{1}}).problem(http.StatusConflict, "conflict")

	r := ada.get("/v1/media/" + m.ID + "/content").status(http.StatusFound)
	require.Contains(t, r.head.Get("Cache-Control"), "private")
	require.Equal(t, content, fetch(t, r.head.Get("Location")))
}

func TestAnUploadGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	content := clip.Make(clip.Spec{MoovLast: true, Bytes: 2*media.PartBytes + 1000})
	var m, done api.Media
	ada.post("/v1/media", api.NewMedia{Name: "oven.mp4", Type: "video/mp4", Bytes: int64(len(content))}).status(http.StatusCreated).into(&m)
	require.Equal(t, 3, m.Parts)
	arrived := func() []int {
		var p api.MediaParts
		ada.get("/v1/media/" + m.ID + "/parts").status(http.StatusOK).into(&p)
		require.Equal(t, []any{m.PartBytes, m.Parts, *m.ExpiresAt}, []any{p.PartBytes, p.Parts, p.ExpiresAt})
		return p.Arrived
	}
	require.Empty(t, arrived())
	ada.send(t, m, content, 3, 1)
	require.Equal(t, []int{1, 3}, arrived())
	p := ada.post("/v1/media/"+m.ID+"/complete", nil).problem(http.StatusConflict, "conflict")
	require.Contains(t, p.Detail, "1 of 3 parts are missing")
	ada.send(t, m, content, 1, 2) // one again
	require.Equal(t, []int{1, 2, 3}, arrived())
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&done)
	require.Equal(t, []any{"video/mp4", int64(3000), 540, 960}, []any{done.Type, done.DurationMs, done.Width, done.Height})
	require.Equal(t, content, fetch(t, ada.get("/v1/media/"+m.ID+"/content").head.Get("Location")))

	for _, numbers := range [][]int{{0}, {4}, {}, make([]int, 101)} {
		ada.post("/v1/media/"+ada.announce("b.jpg", 10).ID+"/parts", map[string]any{"numbers": numbers}).problem(http.StatusUnprocessableEntity, "invalid_request")
	}
}

// What a crash leaves between two steps of completeMedia, the next call finishes: the same file, nothing lost.
func TestACompletionThatWasCutOffIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	content := jpegOf(t, 40, 30)
	for _, steps := range []int{1, 2} {
		m := ada.announce("a.jpg", len(content))
		ada.send(t, m, content, 1)
		f, _, err := w.store.Media(t.Context(), ada.session.Workspace.ID, m.ID)
		require.NoError(t, err)
		parts, err := w.bucket.Parts(t.Context(), f.Key, f.UploadID)
		require.NoError(t, err)
		require.NoError(t, w.bucket.Join(t.Context(), f.Key, f.UploadID, parts))
		if steps > 1 {
			require.NoError(t, w.bucket.Keep(t.Context(), f.Key))
		}
		var p api.MediaParts
		ada.get("/v1/media/" + m.ID + "/parts").status(http.StatusOK).into(&p)
		require.Equal(t, []int{1}, p.Arrived, "nothing is to be sent again")
		var done api.Media
		ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&done)
		require.Equal(t, []any{m.ID, "ready", 40}, []any{done.ID, done.State, done.Width})
	}
}

func TestAnUploadThatIsStoppedIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	content := jpegOf(t, 40, 30)
	m := ada.announce("a.jpg", len(content))
	part := ada.sign(m.ID, 1)[0]
	ada.as(tenant.Viewer).do(http.MethodDelete, "/v1/media/"+m.ID, nil, nil).problem(http.StatusForbidden, "forbidden")
	ada.do(http.MethodDelete, "/v1/media/"+m.ID, nil, nil).status(http.StatusNoContent)
	require.Equal(t, http.StatusNotFound, put(t, part, content), "the parts are forgotten")
	ada.post("/v1/media/"+m.ID+"/complete", nil).problem(http.StatusNotFound, "not_found")
	ada.do(http.MethodDelete, "/v1/media/"+m.ID, nil, nil).problem(http.StatusNotFound, "not_found")

	m = ada.announce("b.jpg", len(content))
	ada.send(t, m, content, 1)
	w.clock.move(media.UploadLife)
	ada.post("/v1/media/"+m.ID+"/complete", nil).problem(http.StatusNotFound, "not_found")
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
	part := ada.sign(m.ID, 1)[0]
	require.Equal(t, http.StatusOK, put(t, part, content))
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK)
	evil := bytes.Repeat([]byte("x"), len(content))
	require.Equal(t, http.StatusNotFound, put(t, part, evil), "the signature is still good, but its upload has ended")
	require.Equal(t, content, fetch(t, ada.get("/v1/media/"+m.ID+"/content").head.Get("Location")))
}

func TestTheSignatureHoldsPartAndSize(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	content := jpegOf(t, 40, 30)
	part := ada.sign(ada.announce("a.jpg", len(content)).ID, 1)[0]
	require.Equal(t, http.StatusForbidden, put(t, part, append(content, 0)))
	part.URL = strings.Replace(part.URL, "partNumber=1", "partNumber=2", 1)
	require.Equal(t, http.StatusForbidden, put(t, part, content))
}

func TestFilesThatAreNotWhatTheySay(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	var small bytes.Buffer
	require.NoError(t, png.Encode(&small, image.NewGray(image.Rect(0, 0, 2, 2))))
	bomb := append([]byte{}, small.Bytes()...)
	copy(bomb[16:24], []byte{0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10}) // IHDR says 10000 × 10000
	fixIHDR(bomb)
	for says, content := range map[string][]byte{
		"its end is missing": []byte("%PDF-1.7\n" + strings.Repeat("x", 100)),
		"an SVG drawing":     []byte("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
		"a HEIC picture":     []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"),
		"damaged":            []byte("\xff\xd8\xff\xe0 and then nothing of a picture"),
		"10000 × 10000":      bomb,
		"no picture":         []byte("x"),
		"but no pictures":    clip.Make(clip.Spec{NoPicture: true}),
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			m := ada.announce("a.jpg", len(content))
			ada.send(t, m, content, 1)
			r := ada.post("/v1/media/"+m.ID+"/complete", nil)
			r.t = t
			p := r.problem(http.StatusUnprocessableEntity, "invalid_content")
			require.Len(t, p.Errors, 1)
			require.Contains(t, []string{"type", "bytes"}, p.Errors[0].Field)
			require.Contains(t, p.Detail, says)
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
	ada.send(t, m, b.Bytes(), 1)
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
	ada.send(t, m, content, 1)
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
	ada.send(t, m, damaged, 1)
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
	ada.post("/v1/media", api.NewMedia{Name: "a.jpg", Type: "image/jpeg", Bytes: 11}, "Idempotency-Key", key).problem(http.StatusUnprocessableEntity, "invalid_request")
}
