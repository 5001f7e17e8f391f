package sandbox_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
)

func TestTikTokConsentPageRefusesWhatTheDocumentRefuses(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	require.Equal(t, http.StatusOK, w.consent(authorize()).status)
	for why, change := range map[string]func(url.Values){
		"client_id":         func(q url.Values) { q.Set("client_id", q.Get("client_key")); q.Del("client_key") },
		"spaces":            func(q url.Values) { q.Set("scope", "user.info.basic video.publish") },
		"a slash more":      func(q url.Values) { q.Set("redirect_uri", tiktokRedirect+"/") },
		"an unknown scope":  func(q url.Values) { q.Set("scope", "user.info.basic,comment.list") },
		"no response_type":  func(q url.Values) { q.Del("response_type") },
		"disable_auto_auth": func(q url.Values) { q.Set("disable_auto_auth", "yes") },
	} {
		q := authorize()
		change(q)
		r := w.consent(q)
		require.Equal(t, http.StatusBadRequest, r.status, why)
		require.Empty(t, r.header.Get("Location"), why)
	}
	save := func(uri string) int {
		return w.control(http.MethodPost, "tiktok/redirects", object{"uris": []string{uri}}, nil)
	}
	for _, bad := range []string{"http://app.example/cb", "https://app.example/cb?a=1", "https://app.example/cb?", "https://app.example/cb#x", "/cb", "https://app.example/" + strings.Repeat("a", 512)} {
		require.Equal(t, http.StatusBadRequest, save(bad), bad)
	}
	require.Equal(t, http.StatusNoContent, save("https://app.example/cb"))
	q := authorize()
	require.Equal(t, http.StatusBadRequest, w.consent(q).status, "only what is registered")
	q.Set("redirect_uri", "https://app.example/cb")
	require.Equal(t, http.StatusOK, w.consent(q).status)
}

func TestTikTokExchangesACodeOnce(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	back := w.code(authorize(), "video.publish")
	require.Equal(t, "s1", back.Get("state"))
	require.Equal(t, "user.info.basic,video.upload", back.Get("scopes"))
	require.Contains(t, back.Get("code"), "*0!")
	wrong := exchangeForm(back.Get("code"))
	wrong.Set("redirect_uri", tiktokRedirect+"/")
	_, refused := w.oauth("token/", wrong)
	require.Equal(t, "invalid_request", refused["error"])
	status, pair := w.oauth("token/", exchangeForm(back.Get("code")))
	require.Equal(t, http.StatusOK, status)
	require.EqualValues(t, 7200, pair["expires_in"])
	require.EqualValues(t, 15552000, pair["refresh_expires_in"])
	require.Equal(t, "user.info.basic,video.upload", pair["scope"])
	status, again := w.oauth("token/", exchangeForm(back.Get("code")))
	require.Equal(t, http.StatusOK, status, "a refusal comes with 200, too")
	require.Equal(t, "invalid_grant", again["error"])
	w.set(object{"oauth_status": 400})
	status, again = w.oauth("token/", exchangeForm(back.Get("code")))
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "invalid_grant", again["error"])
	late := w.code(authorize())
	w.advance(601)
	_, again = w.oauth("token/", exchangeForm(late.Get("code")))
	require.Equal(t, "invalid_grant", again["error"])
	_, again = w.oauth("token/", url.Values{"client_key": {tiktokKey}, "client_secret": {"x"}, "grant_type": {"authorization_code"}})
	require.Equal(t, "invalid_client", again["error"])

	w.token, _ = pair["access_token"].(string)
	require.NotEmpty(t, w.token)
	got, _, code := w.api(http.MethodPost, creatorInfo, nil)
	require.Equal(t, []any{http.StatusUnauthorized, "scope_not_authorized"}, []any{got, code})
	for _, init := range []struct {
		path string
		body object
	}{{videoInit, directVideo("SELF_ONLY", upload(10, 10, 1))}, {contentInit, photos("SELF_ONLY", "http://localhost:1/a.jpg")}} {
		w.refused(http.StatusUnauthorized, "scope_not_authorized", init.path, init.body)
	}
	w.ok(http.MethodPost, inboxInit, object{"source_info": upload(10, 10, 1)})
}

func TestTikTokDesktopWantsAHexChallenge(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	w.set(object{"desktop": true})
	const verifier = "a-verifier-of-forty-three-letters-at-the-least"
	sum := sha256.Sum256([]byte(verifier))
	require.Equal(t, http.StatusBadRequest, w.consent(authorize()).status, "none")
	for challenge, want := range map[string]string{base64.RawURLEncoding.EncodeToString(sum[:]): "invalid_request", hex.EncodeToString(sum[:]): ""} {
		q := authorize()
		q.Set("code_challenge", challenge)
		q.Set("code_challenge_method", "S256")
		form := exchangeForm(w.code(q).Get("code"))
		form.Set("code_verifier", verifier)
		_, out := w.oauth("token/", form)
		if want == "" {
			require.NotEmpty(t, out["access_token"])
			continue
		}
		require.Equal(t, want, out["error"])
	}
}

func TestTikTokRotatesAndRevokes(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {w.refresh}}
	_, next := w.oauth("token/", form)
	require.NotEqual(t, w.refresh, next["refresh_token"])
	_, again := w.oauth("token/", form)
	require.Equal(t, "invalid_grant", again["error"])
	w.token, w.refresh = next["access_token"].(string), next["refresh_token"].(string)
	w.ok(http.MethodGet, "user/info/?fields=open_id", nil)
	w.advance(7200)
	w.refusedGet("access_token_invalid")
	_, next = w.oauth("token/", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {w.refresh}})
	w.token, w.refresh = next["access_token"].(string), next["refresh_token"].(string)
	status, out := w.oauth("revoke/", url.Values{"token": {w.token}})
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, out)
	w.refusedGet("access_token_invalid")
	_, again = w.oauth("token/", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {w.refresh}})
	require.Equal(t, "invalid_grant", again["error"])
}

func (w tiktokWorld) refusedGet(code string) {
	w.t.Helper()
	status, _, got := w.api(http.MethodGet, "user/info/?fields=open_id", nil)
	require.Equal(w.t, []any{http.StatusUnauthorized, code}, []any{status, got})
}

func TestTikTokFieldsNeedTheirScope(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil).with([]string{"user.info.basic"})
	user := w.ok(http.MethodGet, "user/info/?fields=open_id,display_name", nil)["user"].(object)
	require.Equal(t, object{"open_id": w.id, "display_name": "Kim Berg"}, user)
	for fields, want := range map[string]string{"": "invalid_params", "open_id,shoe_size": "invalid_params", "username": "scope_permission_missed"} {
		status, _, code := w.api(http.MethodGet, "user/info/?fields="+fields, nil)
		require.Equal(t, []any{http.StatusBadRequest, want}, []any{status, code})
	}
}

func TestTikTokOffersByAccount(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	open := w.ok(http.MethodPost, creatorInfo, nil)
	require.Equal(t, []any{"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"}, open["privacy_level_options"])
	require.Equal(t, false, open["duet_disabled"])
	w.traits(object{"private": true})
	closed := w.ok(http.MethodPost, creatorInfo, object{})
	require.Equal(t, []any{"FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"}, closed["privacy_level_options"])
	require.Equal(t, []any{true, true}, []any{closed["duet_disabled"], closed["stitch_disabled"]})
	w.traits(object{"other_posts": 15})
	w.refused(http.StatusOK, "spam_risk_too_many_posts", creatorInfo, nil)
	w.refused(http.StatusForbidden, "spam_risk_too_many_posts", videoInit, directVideo("SELF_ONLY", upload(10, 10, 1)))
	w.traits(object{"banned": true})
	w.refused(http.StatusOK, "spam_risk_user_banned_from_posting", creatorInfo, nil)
}

func TestTikTokPrivacyAndAudit(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	one := upload(10, 10, 1)
	w.refused(http.StatusForbidden, "privacy_level_option_mismatch", videoInit, directVideo("", one))
	w.refused(http.StatusForbidden, "privacy_level_option_mismatch", videoInit, directVideo("FOLLOWER_OF_CREATOR", one))
	w.refused(http.StatusBadRequest, "invalid_param", videoInit, object{
		"post_info": object{"privacy_level": "SELF_ONLY", "brand_content_toggle": true}, "source_info": one,
	})
	w.set(object{"audited": false})
	const unaudited = "unaudited_client_can_only_post_to_private_accounts"
	w.refused(http.StatusForbidden, unaudited, videoInit, directVideo("SELF_ONLY", one))
	for i := range 6 {
		u := w.creator(object{"private": true})
		u.refused(http.StatusForbidden, map[bool]string{true: unaudited, false: "reached_active_user_cap"}[i < 5], videoInit, directVideo("MUTUAL_FOLLOW_FRIENDS", one))
		if i == 5 {
			u.refused(http.StatusOK, "reached_active_user_cap", creatorInfo, nil)
			return
		}
		u.video(videoInit, "SELF_ONLY", clip.Spec{})
	}
}

func TestTikTokCountsTextsInUTF16(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	title := func(s string) object {
		return object{"post_info": object{"title": s, "privacy_level": "SELF_ONLY"}, "source_info": upload(10, 10, 1)}
	}
	w.refused(http.StatusBadRequest, "invalid_param", videoInit, title(strings.Repeat("a", 2201)))
	w.ok(http.MethodPost, videoInit, title(strings.Repeat("😀", 1100)))
	w.advance(60)
	photo := func(change func(post, source object)) object {
		p := photos("SELF_ONLY", "http://localhost:1/a.jpg")
		change(p["post_info"].(object), p["source_info"].(object))
		return p
	}
	for _, tc := range []struct {
		code   string
		change func(post, source object)
	}{
		{"invalid_param", func(p, _ object) { p["title"] = strings.Repeat("a", 91) }},
		{"invalid_param", func(p, _ object) { p["description"] = strings.Repeat("a", 4001) }},
		{"invalid_params", func(_, s object) { s["photo_images"] = make([]string, 36) }},
		{"invalid_params", func(_, s object) { s["photo_cover_index"] = 1 }},
		{"invalid_params", func(_, s object) { delete(s, "photo_cover_index") }},
		{"invalid_params", func(p, _ object) { p["is_aigc"] = true }},
	} {
		w.refused(http.StatusBadRequest, tc.code, contentInit, photo(tc.change))
		w.advance(60)
	}
}

func TestTikTokWindowsSlide(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	body := directVideo("SELF_ONLY", upload(10, 10, 1))
	full := func(most int, path string, body any) {
		for range most {
			w.ok(http.MethodPost, path, body)
		}
		w.refused(http.StatusTooManyRequests, "rate_limit_exceeded", path, body)
		w.advance(30)
		w.refused(http.StatusTooManyRequests, "rate_limit_exceeded", path, body)
		other := w.creator(nil)
		if path != fetchStatus {
			other.ok(http.MethodPost, path, body)
		}
		w.advance(31)
		w.ok(http.MethodPost, path, body)
		w.advance(61)
	}
	full(6, videoInit, body)
	full(20, creatorInfo, nil)
	id := w.ok(http.MethodPost, videoInit, body)["publish_id"]
	full(30, fetchStatus, object{"publish_id": id})
}

func TestTikTokCapsPostsAndDrafts(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	for range 15 {
		w.video(videoInit, "SELF_ONLY", clip.Spec{})
		w.advance(20)
	}
	w.refused(http.StatusForbidden, "spam_risk_too_many_posts", videoInit, directVideo("SELF_ONLY", upload(10, 10, 1)))
	var draft string
	for range 5 {
		draft = w.video(inboxInit, "", clip.Spec{})
		w.advance(20)
	}
	more := object{"source_info": upload(10, 10, 1)}
	w.refused(http.StatusForbidden, "spam_risk_too_many_pending_share", inboxInit, more)
	require.Equal(t, "SEND_TO_USER_INBOX", w.status(draft)["status"])
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "tiktok/drafts/"+draft+"/post", object{"title": "Out of the inbox"}, nil))
	require.Equal(t, "PUBLISH_COMPLETE", w.status(draft)["status"])
	w.ok(http.MethodPost, inboxInit, more)
}

func TestTikTokOldAppsTakeNoDraftsOfPhotos(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, object{"old_app": true})
	body := photos("", "http://localhost:1/a.jpg")
	body["post_mode"] = "MEDIA_UPLOAD"
	w.refused(http.StatusBadRequest, "app_version_check_failed", contentInit, body)
}

func TestTikTokPullsFromVerifiedPlacesOnly(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	w.set(object{"verified": []string{"cafe.example", "https://media.example/videos/user/"}})
	init := func(from string) (int, string) {
		status, _, code := w.api(http.MethodPost, videoInit, directVideo("SELF_ONLY", object{"source": "PULL_FROM_URL", "video_url": from}))
		w.advance(20)
		return status, code
	}
	for from, fine := range map[string]bool{
		"https://media.example/videos/user/1.mp4": true, "https://media.example/videos/2023/user/1.mp4": false, "https://cafe.example/1.mp4?x=1": true,
		"https://cdn.cafe.example/1.mp4": true, "https://example/1.mp4": false, "https://notcafe.example/1.mp4": false, "http://media.example/videos/user/1.mp4": false,
	} {
		status, code := init(from)
		if fine {
			require.Equal(t, []any{http.StatusOK, "ok"}, []any{status, code}, from)
			continue
		}
		require.Equal(t, []any{http.StatusForbidden, "url_ownership_unverified"}, []any{status, code}, from)
	}
}

func TestTikTokFetchesPicturesAndLooksAtThem(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	jpeg, large, png := jpegBytes(t, 40, 30), jpegBytes(t, 2000, 1200), pngBytes(t)
	files := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a.jpg":
			_, _ = rw.Write(jpeg)
		case "/large.jpg":
			_, _ = rw.Write(large)
		case "/a.png":
			_, _ = rw.Write(png)
		default:
			http.Redirect(rw, r, "/a.jpg", http.StatusFound)
		}
	}))
	t.Cleanup(files.Close)
	post := func(names ...string) object {
		var images []string
		for _, n := range names {
			images = append(images, files.URL+n)
		}
		id := w.ok(http.MethodPost, contentInit, photos("PUBLIC_TO_EVERYONE", images...))["publish_id"].(string)
		w.advance(20)
		return w.status(id)
	}
	require.Equal(t, "PUBLISH_COMPLETE", post("/a.jpg", "/a.jpg")["status"])
	require.Equal(t, "file_format_check_failed", post("/a.jpg", "/a.png")["fail_reason"])
	require.Equal(t, "picture_size_check_failed", post("/large.jpg")["fail_reason"])
	require.Equal(t, "photo_pull_failed", post("/elsewhere.jpg")["fail_reason"])
	same := photos("PUBLIC_TO_EVERYONE", files.URL+"/a.jpg")
	w.ok(http.MethodPost, contentInit, same)
	w.ok(http.MethodPost, contentInit, same)
	require.Len(t, w.ok(http.MethodPost, "video/list/?fields=id", nil)["videos"], 3, "equal posts are two")

	w.traits(object{"pull_seconds": 60})
	w.advance(60)
	id := w.ok(http.MethodPost, contentInit, same)["publish_id"].(string)
	require.Equal(t, "PROCESSING_DOWNLOAD", w.status(id)["status"])
	w.ok(http.MethodPost, "post/publish/cancel/", object{"publish_id": id})
	require.Equal(t, object{"status": "FAILED", "fail_reason": "publish_cancelled"}, w.status(id))
	w.refused(http.StatusBadRequest, "publish_not_cancellable", "post/publish/cancel/", object{"publish_id": id})
}

func TestTikTokLooksAtVideos(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, object{"max_seconds": 10})
	for reason, spec := range map[string]clip.Spec{
		"frame_rate_check_failed": {FrameRate: 22}, "picture_size_check_failed": {Width: 359, Height: 640},
		"duration_check_failed": {DurationMs: 10_500}, "file_format_check_failed": {NoPicture: true}, "": {FrameRate: 24},
	} {
		got := w.status(w.video(videoInit, "SELF_ONLY", spec))
		if reason == "" {
			require.Equal(t, "PUBLISH_COMPLETE", got["status"])
			continue
		}
		require.Equal(t, object{"status": "FAILED", "fail_reason": reason}, got)
	}
}
