package sandbox_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

const (
	clientID = "100200300"
	secret   = "sandbox-meta-secret"
	redirect = "http://localhost:8080/v1/oauth/meta/callback"
	scopes   = "pages_show_list,pages_manage_posts,pages_read_engagement"
)

// world is a running sandbox and a caller of it.
type world struct {
	t   testing.TB
	box *sandbox.Sandbox
	url string
}

type object = map[string]any

func start(t *testing.T, cfg sandbox.Config) *world {
	t.Helper()
	box, err := sandbox.New(cfg)
	require.NoError(t, err)
	return serveBox(t, box)
}

func serveBox(tb testing.TB, box *sandbox.Sandbox) *world {
	tb.Helper()
	server := httptest.NewServer(box.Handler())
	tb.Cleanup(func() {
		server.Close()
		require.NoError(tb, box.Close())
	})
	return &world{t: tb, box: box, url: server.URL}
}

type reply struct {
	status int
	header http.Header
	raw    []byte
}

// do makes one request on its own connection, so that no transport repeats it behind the test's back.
func (w *world) do(method, path, contentType string, body io.Reader) (reply, error) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, body)
	require.NoError(w.t, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, raw}, err
}

// control calls the control API and decodes the answer into out, when that is not nil.
func (w *world) control(method, path string, in, out any) int {
	w.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		require.NoError(w.t, err)
		body = bytes.NewReader(raw)
	}
	r, err := w.do(method, "/_sandbox/"+path, "application/json", body)
	require.NoError(w.t, err)
	if out != nil {
		require.NoError(w.t, json.Unmarshal(r.raw, out), string(r.raw))
	}
	return r.status
}

type seeded struct {
	Person struct{ ID, Name string }
	Pages  []struct{ ID, Name string }
}

// seed makes a person of this test's own.
func (w *world) seed(in object) seeded {
	w.t.Helper()
	var out seeded
	require.Equal(w.t, http.StatusCreated, w.control(http.MethodPost, "meta/seed", in, &out))
	return out
}

// page makes a person with one Page and gives the Page's id and token.
func (w *world) page() (page, token string, who seeded) {
	w.t.Helper()
	who = w.seed(object{"person": "Kim Berg", "pages": []string{"Shop"}})
	page = who.Pages[0].ID
	return page, w.tokens(object{"person": who.Person.ID, "page": page})["page_token"], who
}

func (w *world) tokens(in object) map[string]string {
	w.t.Helper()
	var out map[string]string
	require.Equal(w.t, http.StatusCreated, w.control(http.MethodPost, "meta/token", in, &out))
	return out
}

func proof(token string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// signed adds the token and its proof.
func signed(token string, params url.Values) url.Values {
	if params == nil {
		params = url.Values{}
	}
	if token != "" {
		params.Set("access_token", token)
		params.Set("appsecret_proof", proof(token))
	}
	return params
}

// graph makes a Graph API call: a query for GET and DELETE, a form for POST.
func (w *world) graph(method, path, token string, params url.Values) (reply, error) {
	w.t.Helper()
	q := signed(token, params).Encode()
	path = "/meta/graph/v26.0/" + path
	if method == http.MethodPost {
		return w.do(method, path, "application/x-www-form-urlencoded", strings.NewReader(q))
	}
	return w.do(method, path+"?"+q, "", nil)
}

// ok is a graph call that must succeed.
func (w *world) ok(method, path, token string, params url.Values) object {
	w.t.Helper()
	r, err := w.graph(method, path, token, params)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, r.status, string(r.raw))
	out := object{}
	require.NoError(w.t, json.Unmarshal(r.raw, &out), string(r.raw))
	return out
}

// refused is a graph call that must fail with a code and subcode (0 = none) in the complete envelope.
func (w *world) refused(code, subcode int, method, path, token string, params url.Values) reply {
	w.t.Helper()
	r, err := w.graph(method, path, token, params)
	require.NoError(w.t, err)
	requireError(w.t, r, code, subcode)
	return r
}

func requireError(tb testing.TB, r reply, code, subcode int) {
	tb.Helper()
	require.GreaterOrEqual(tb, r.status, 400, string(r.raw))
	var out struct {
		Error struct {
			Message string `json:"message"`
			Type    string `json:"type"`
			Code    int    `json:"code"`
			Subcode int    `json:"error_subcode"`
			Trace   string `json:"fbtrace_id"`
		} `json:"error"`
	}
	require.NoError(tb, json.Unmarshal(r.raw, &out), string(r.raw))
	require.Equal(tb, []int{code, subcode}, []int{out.Error.Code, out.Error.Subcode}, string(r.raw))
	require.NotEmpty(tb, out.Error.Message)
	require.NotEmpty(tb, out.Error.Type)
	require.NotEmpty(tb, out.Error.Trace)
}

// upload sends a picture as multipart and gives the answer.
func (w *world) upload(page, token string, data []byte, params url.Values) reply {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range signed(token, params) {
		require.NoError(w.t, form.WriteField(k, v[0]))
	}
	part, err := form.CreateFormFile("source", "picture")
	require.NoError(w.t, err)
	_, err = part.Write(data)
	require.NoError(w.t, err)
	require.NoError(w.t, form.Close())
	r, err := w.do(http.MethodPost, "/meta/graph/v26.0/"+page+"/photos", form.FormDataContentType(), &body)
	require.NoError(w.t, err)
	return r
}

// photo uploads an unpublished picture and gives its id.
func (w *world) photo(page, token string, params url.Values) string {
	w.t.Helper()
	if params == nil {
		params = url.Values{}
	}
	params.Set("published", "false")
	r := w.upload(page, token, jpegBytes(w.t, 40, 30), params)
	require.Equal(w.t, http.StatusOK, r.status, string(r.raw))
	var out struct {
		ID string `json:"id"`
	}
	require.NoError(w.t, json.Unmarshal(r.raw, &out))
	return out.ID
}

type pagePosts struct {
	ID    string
	Posts []struct {
		ID        string
		Message   string
		Kind      string
		Permalink string `json:"permalink_url"`
		Published bool   `json:"is_published"`
		Photos    []struct {
			ID, URL       string
			Alt           string `json:"alt_text"`
			Width, Height int
		}
	}
}

// posts is what the Page shows, oldest first.
func (w *world) posts(page string) pagePosts {
	w.t.Helper()
	var out []pagePosts
	require.Equal(w.t, http.StatusOK, w.control(http.MethodGet, "meta/pages?page="+page, nil, &out))
	require.Len(w.t, out, 1)
	return out[0]
}

func (w *world) advance(seconds int64) {
	w.t.Helper()
	require.Equal(w.t, http.StatusOK, w.control(http.MethodPost, "clock", object{"advance_seconds": seconds}, nil))
}

func picture(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, color.RGBA{uint8(i), uint8(i / 3), 120, 255})
	}
	return img
}

func jpegBytes(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, jpeg.Encode(&buf, picture(width, height), nil))
	return buf.Bytes()
}

func pngBytes(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, png.Encode(&buf, picture(8, 6)))
	return buf.Bytes()
}

func gifBytes(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, gif.Encode(&buf, picture(8, 6), nil))
	return buf.Bytes()
}

func list(o object) []object {
	items, _ := o["data"].([]any)
	out := make([]object, len(items))
	for i := range items {
		out[i], _ = items[i].(object)
	}
	return out
}
