package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/sandbox"
)

const (
	tiktokKey      = "sbawherald0tiktok"
	tiktokSecret   = "sandbox-tiktok-secret" //nolint:gosec // the sandbox's, it opens nothing else
	tiktokRedirect = "http://localhost:8080/v1/oauth/tiktok/callback"
)

// tiktokWorld is a sandbox with one creator, connected with every permission.
type tiktokWorld struct {
	*world

	id, token, refresh string
}

func startTikTok(t *testing.T, traits object) tiktokWorld {
	t.Helper()
	return tiktokWorld{world: start(t, sandbox.Config{})}.creator(traits)
}

// creator is somebody else on the same sandbox.
func (w tiktokWorld) creator(traits object) tiktokWorld {
	w.t.Helper()
	seed := object{"username": "kimberg", "nickname": "Kim Berg"}
	maps.Copy(seed, traits)
	var who struct {
		OpenID string `json:"open_id"`
	}
	require.Equal(w.t, http.StatusCreated, w.control(http.MethodPost, "tiktok/seed", seed, &who))
	w.id = who.OpenID
	return w.with(nil)
}

// with has a new pair of tokens, with some scopes only.
func (w tiktokWorld) with(scopes []string) tiktokWorld {
	w.t.Helper()
	var pair struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	require.Equal(w.t, http.StatusCreated, w.control(http.MethodPost, "tiktok/token", object{"creator": w.id, "scopes": scopes}, &pair))
	w.token, w.refresh = pair.Access, pair.Refresh
	return w
}

func (w tiktokWorld) set(in object) {
	w.t.Helper()
	require.Equal(w.t, http.StatusOK, w.control(http.MethodPost, "tiktok/settings", in, nil))
}

func (w tiktokWorld) traits(in object) {
	w.t.Helper()
	require.Equal(w.t, http.StatusOK, w.control(http.MethodPost, "tiktok/creators/"+w.id, in, nil))
}

// api is a call of the API.
func (w tiktokWorld) api(method, path string, body any) (int, object, string) {
	w.t.Helper()
	var raw io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		require.NoError(w.t, err)
		raw = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+"/tiktok/api/v2/"+path, raw)
	require.NoError(w.t, err)
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	require.NoError(w.t, err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	var out struct {
		Data  object `json:"data"`
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			LogID   string `json:"log_id"`
		} `json:"error"`
	}
	require.NoError(w.t, json.Unmarshal(answer, &out), string(answer))
	require.NotEmpty(w.t, out.Error.LogID)
	return res.StatusCode, out.Data, out.Error.Code
}

func (w tiktokWorld) ok(method, path string, body any) object {
	w.t.Helper()
	status, data, code := w.api(method, path, body)
	require.Equal(w.t, []any{http.StatusOK, "ok"}, []any{status, code}, path)
	return data
}

func (w tiktokWorld) refused(status int, code, path string, body any) {
	w.t.Helper()
	got, _, why := w.api(http.MethodPost, path, body)
	require.Equal(w.t, []any{status, code}, []any{got, why}, path)
}

const (
	creatorInfo = "post/publish/creator_info/query/"
	videoInit   = "post/publish/video/init/"
	inboxInit   = "post/publish/inbox/video/init/"
	contentInit = "post/publish/content/init/"
	fetchStatus = "post/publish/status/fetch/"
)

func upload(size, chunk, count int64) object {
	return object{"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count}
}

func directVideo(level string, source object) object {
	return object{"post_info": object{"title": "New menu", "privacy_level": level}, "source_info": source}
}

func photos(level string, images ...string) object {
	return object{
		"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": object{"title": "Brunch", "privacy_level": level},
		"source_info": object{"source": "PULL_FROM_URL", "photo_cover_index": 0, "photo_images": images},
	}
}

// put sends a chunk.
func (w tiktokWorld) put(to, contentRange string, data []byte, change ...func(*http.Request)) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, to, bytes.NewReader(data))
	require.NoError(w.t, err)
	req.Header.Set("Content-Type", "video/mp4")
	req.Header.Set("Content-Range", contentRange)
	for _, c := range change {
		c(req)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	require.NoError(w.t, err)
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode, res.Header.Get("Content-Range")
}

// video posts a small video and gives its publish_id.
func (w tiktokWorld) video(path, level string, spec clip.Spec) string {
	w.t.Helper()
	raw := clip.Make(spec)
	n := int64(len(raw))
	body := directVideo(level, upload(n, n, 1))
	if path == inboxInit {
		body = object{"source_info": upload(n, n, 1)}
	}
	begun := w.ok(http.MethodPost, path, body)
	status, _ := w.put(begun["upload_url"].(string), fmt.Sprintf("bytes 0-%d/%d", n-1, n), raw)
	require.Equal(w.t, http.StatusCreated, status)
	return begun["publish_id"].(string)
}

func (w tiktokWorld) status(id string) object {
	w.t.Helper()
	return w.ok(http.MethodPost, fetchStatus, object{"publish_id": id})
}

// oauth is a call of the token endpoint.
func (w tiktokWorld) oauth(path string, form url.Values) (int, map[string]any) {
	w.t.Helper()
	if !form.Has("client_secret") {
		form.Set("client_key", tiktokKey)
		form.Set("client_secret", tiktokSecret)
	}
	r, err := w.do(http.MethodPost, "/tiktok/api/v2/oauth/"+path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	out := map[string]any{}
	require.NoError(w.t, json.Unmarshal(r.raw, &out), string(r.raw))
	return r.status, out
}

func (w tiktokWorld) consent(query url.Values) reply {
	w.t.Helper()
	r, err := w.do(http.MethodGet, "/tiktok/www/v2/auth/authorize/?"+query.Encode(), "", nil)
	require.NoError(w.t, err)
	return r
}

func authorize() url.Values {
	return url.Values{
		"client_key": {tiktokKey}, "response_type": {"code"}, "scope": {"user.info.basic,video.publish,video.upload"},
		"redirect_uri": {tiktokRedirect}, "state": {"s1"},
	}
}

// code consents and gives the code.
func (w tiktokWorld) code(query url.Values, decline ...string) url.Values {
	w.t.Helper()
	var out struct {
		Location string `json:"location"`
	}
	require.Equal(w.t, http.StatusOK, w.control(http.MethodPost, "tiktok/login", object{
		"url": w.url + "/tiktok/www/v2/auth/authorize/?" + query.Encode(), "accounts": []string{w.id}, "decline": decline,
	}, &out))
	u, err := url.Parse(out.Location)
	require.NoError(w.t, err)
	return u.Query()
}

func exchangeForm(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {tiktokRedirect}}
}
