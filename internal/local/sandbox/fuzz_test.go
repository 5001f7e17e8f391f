package sandbox_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// direct calls the handler without a network, for speed, and wants a JSON answer that is not the sandbox's own fault.
func direct(t *testing.T, box *sandbox.Sandbox, req *http.Request) {
	t.Helper()
	rec := httptest.NewRecorder()
	box.Handler().ServeHTTP(rec, req)
	require.Less(t, rec.Code, http.StatusInternalServerError, rec.Body.String())
	require.True(t, json.Valid(rec.Body.Bytes()), rec.Body.String())
}

func FuzzParameters(f *testing.F) {
	for _, s := range []string{"id,name", "picture{url}", "a{b{c}}", "x.limit(1).summary(true){y}", "{", "}", "a(", ",,", "\x00"} {
		f.Add(s, s, s)
	}
	box, token, page := fuzzPage(f)
	f.Fuzz(func(t *testing.T, fields, since, after string) {
		q := signed(token, url.Values{"fields": {fields}, "since": {since}, "after": {after}})
		direct(t, box, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/meta/graph/v26.0/"+page+"/published_posts?"+q.Encode(), nil))
		form := signed(token, url.Values{"message": {fields}, "link": {since}, "attached_media": {after}, "published": {since}, "scheduled_publish_time": {after}})
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/meta/graph/v26.0/"+page+"/feed", bytes.NewReader([]byte(form.Encode())))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		direct(t, box, req)
	})
}

func FuzzPhotoBytes(f *testing.F) {
	for _, s := range [][]byte{{}, bmp(), []byte("II*\x00\x08\x00\x00\x00"), []byte("MM\x00*\xff\xff\xff\xff\x00"), []byte("GIF89a"), []byte("\x89PNG\r\n\x1a\n"), {0xff, 0xd8, 0xff}} {
		f.Add(s)
	}
	box, token, page := fuzzPage(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for k, v := range signed(token, url.Values{"published": {"false"}}) {
			require.NoError(t, form.WriteField(k, v[0]))
		}
		part, err := form.CreateFormFile("source", "x")
		require.NoError(t, err)
		_, err = part.Write(data)
		require.NoError(t, err)
		require.NoError(t, form.Close())
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/meta/graph/v26.0/"+page+"/photos", &body)
		req.Header.Set("Content-Type", form.FormDataContentType())
		direct(t, box, req)
	})
}

func fuzzPage(f *testing.F) (box *sandbox.Sandbox, token, page string) {
	f.Helper()
	box, err := sandbox.New(sandbox.Config{})
	require.NoError(f, err)
	call := func(path string, in, out any) {
		raw, err := json.Marshal(in)
		require.NoError(f, err)
		rec := httptest.NewRecorder()
		box.Handler().ServeHTTP(rec, httptest.NewRequestWithContext(f.Context(), http.MethodPost, "/_sandbox/meta/"+path, bytes.NewReader(raw)))
		require.NoError(f, json.Unmarshal(rec.Body.Bytes(), out))
	}
	var who seeded
	call("seed", object{"person": "Kim", "pages": []string{"Shop"}}, &who)
	var tokens map[string]string
	call("token", object{"person": who.Person.ID, "page": who.Pages[0].ID}, &tokens)
	return box, tokens["page_token"], who.Pages[0].ID
}
