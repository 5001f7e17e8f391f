package sandbox_test

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
)

func TestLinkedInTakesPicturesWithTheTokenAndInTime(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	in := w.initialize("images", w.me(), nil)
	require.Equal(t, http.StatusUnauthorized, w.call(http.MethodPut, in.Value.UploadURL, strings.NewReader("x"), map[string]string{"Content-Type": "image/png"}).status)
	a := w.create(w.post(w.me(), "Hi", object{"content": object{"media": object{"id": in.Value.Image}}}))
	require.Equal(t, "MEDIA_ASSET_WAITING_UPLOAD", a.Code)
	w.advance(24 * time.Hour)
	a = w.call(http.MethodPut, in.Value.UploadURL, strings.NewReader("x"), map[string]string{"Authorization": "Bearer " + w.token})
	require.Equal(t, "EXPIRED_UPLOAD_URL", a.Code)

	bad := w.initialize("images", w.me(), nil)
	require.Equal(t, http.StatusCreated, w.call(http.MethodPut, bad.Value.UploadURL, strings.NewReader("no picture"), map[string]string{"Authorization": "Bearer " + w.token}).status)
	id := w.made(w.post(w.me(), "Nobody sees this", object{"content": object{"media": object{"id": bad.Value.Image}}}))
	for _, p := range w.seen(w.person) {
		require.Equal(t, p.ID != id, p.Visible, "201 does not mean that it is seen")
	}
	mine := w.image(w.me())
	require.Equal(t, http.StatusOK, w.api(http.MethodGet, "rest/images/"+liEnc(mine), nil).status)
	w.token = w.mint(object{"scopes": []string{"w_member_social"}})
	require.Equal(t, http.StatusForbidden, w.api(http.MethodGet, "rest/images/"+liEnc(mine), nil).status)
	w.made(w.post(w.me(), "Hi", object{"content": object{"media": object{"id": mine}}}))
}

func TestLinkedInTakesVideosInExactParts(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "linkedin/settings", object{"part_bytes": 40_000}, nil))
	film := clip.Make(clip.Spec{Bytes: 90_000, DurationMs: 5000})
	in := w.initialize("videos", w.me(), object{"fileSizeBytes": len(film)})
	require.Len(t, in.Value.Parts, 3)
	put := func(to string, raw []byte, headers map[string]string) liAnswer {
		h := map[string]string{"Content-Type": "application/octet-stream"}
		maps.Copy(h, headers)
		return w.call(http.MethodPut, to, bytes.NewReader(raw), h)
	}
	first := in.Value.Parts[0]
	part := film[first.First : first.Last+1]
	require.Equal(t, http.StatusBadRequest, put(first.URL, part, map[string]string{"Authorization": "Bearer " + w.token}).status, "parts come without the token")
	require.Equal(t, http.StatusBadRequest, put(first.URL, part[1:], nil).status)
	require.Equal(t, http.StatusBadRequest, put(first.URL, film, nil).status)
	var quoted, tags []string
	for _, p := range in.Value.Parts {
		a := put(p.URL, film[p.First:p.Last+1], nil)
		require.Equal(t, http.StatusOK, a.status)
		quoted = append(quoted, a.header.Get("Etag"))
		tags = append(tags, strings.Trim(a.header.Get("Etag"), `"`))
	}
	finalize := func(token string, ids []string) liAnswer {
		return w.api(http.MethodPost, "rest/videos?action=finalizeUpload", object{"finalizeUploadRequest": object{"video": in.Value.Video, "uploadToken": token, "uploadedPartIds": ids}})
	}
	require.Equal(t, http.StatusBadRequest, finalize(in.Value.Token, quoted).status, "a tag in its quotes")
	require.Equal(t, http.StatusBadRequest, finalize(in.Value.Token, []string{tags[1], tags[0], tags[2]}).status)
	require.Equal(t, http.StatusBadRequest, finalize("other", tags).status)
	show := w.post(w.me(), "Hi", object{"content": object{"media": object{"id": in.Value.Video}}})
	require.Equal(t, "MEDIA_ASSET_WAITING_UPLOAD", w.create(show).Code)
	require.Equal(t, http.StatusOK, finalize(in.Value.Token, tags).status)
	require.Equal(t, "MEDIA_ASSET_WAITING_UPLOAD", w.create(show).Code)
	require.Contains(t, w.api(http.MethodGet, "rest/videos/"+liEnc(in.Value.Video), nil).raw, `"PROCESSING"`)
	require.Contains(t, w.api(http.MethodGet, "rest/videos/"+liEnc(in.Value.Video), nil).raw, `"AVAILABLE"`)
	require.Contains(t, w.made(show), "urn:li:ugcPost:")
	for _, size := range []int{74_999, 500_000_001} {
		require.Equal(t, http.StatusBadRequest, w.api(http.MethodPost, "rest/videos?action=initializeUpload", object{"initializeUploadRequest": object{"owner": w.me(), "fileSizeBytes": size}}).status)
	}

	failed := w.initialize("videos", w.me(), object{"fileSizeBytes": len(film)})
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "linkedin/media/fail", object{"media": failed.Value.Video}, nil))
	a := w.create(w.post(w.me(), "Hi", object{"content": object{"media": object{"id": failed.Value.Video}}}))
	require.Equal(t, "MEDIA_ASSET_PROCESSING_FAILED", a.Code)
}

func TestLinkedInComments(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	id := w.made(w.post(w.shop(), "Buns"))
	path := "rest/socialActions/" + liEnc(id) + "/comments"
	write := func(in object) liAnswer { return w.api(http.MethodPost, path, in) }
	whole := object{"actor": w.shop(), "object": id, "message": object{"text": "Thanks (all)!"}}
	a := write(whole)
	require.Equal(t, http.StatusCreated, a.status, a.raw)
	require.Contains(t, a.raw, `"urn:li:comment:(urn:li:activity:`)
	a = write(object{"actor": w.shop(), "object": id, "message": object{"text": "x"}, "content": []any{}})
	require.Equal(t, http.StatusForbidden, a.status)
	require.Contains(t, a.Message, "Unpermitted fields")
	require.Equal(t, http.StatusBadRequest, write(object{"actor": w.shop(), "object": id, "message": object{"text": strings.Repeat("a", 1251)}}).status)
	require.Contains(t, w.api(http.MethodGet, path, nil).raw, "Thanks (all)!", "comments are no little text")
	w.token = w.mint(object{"personal": true})
	require.NotEqual(t, http.StatusCreated, write(object{"actor": w.me(), "object": id, "message": object{"text": "x"}}).status, "a self-serve app does not comment")
}

func TestLinkedInStatisticsLeaveOutWhatNobodySaw(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	quiet, poll := w.made(w.post(w.shop(), "Quiet")), w.made(w.post(w.shop(), "Vote", object{
		"content": object{"poll": object{"question": "Tea?", "options": []object{{"text": "Yes"}, {"text": "No"}}, "settings": object{"duration": "ONE_DAY"}}},
	}))
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "linkedin/comments", object{"post": poll, "name": "Sol", "message": "Tea"}, nil))
	ask := func(list, urn string) string {
		return w.api(http.MethodGet, "rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity="+liEnc(w.shop())+"&"+list+"=List("+liEnc(urn)+")", nil).raw
	}
	require.Contains(t, ask("shares", quiet), `"elements":[]`)
	require.Contains(t, ask("shares", poll), `"elements":[]`, "the other kind of URN gives nothing")
	require.Contains(t, ask("ugcPosts", poll), `"commentCount":1`)
}

func TestASpentQuotaLastsUntilMidnight(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "linkedin/quota", object{"op": "linkedin.posts.create", "person": w.person}, nil))
	a := w.create(w.post(w.me(), "Hi"))
	require.Equal(t, http.StatusTooManyRequests, a.status)
	require.Equal(t, 101, a.Service)
	require.Empty(t, a.header.Get("Retry-After"))
	require.Equal(t, http.StatusOK, w.api(http.MethodGet, "v2/me", nil).status, "other endpoints go on")
	w.advance(24 * time.Hour)
	w.made(w.post(w.me(), "Hi"))
}
