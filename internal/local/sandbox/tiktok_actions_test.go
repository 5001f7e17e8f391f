package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
)

// press sends a form of the page of actions.
func (w tiktokWorld) press(name string, form url.Values) {
	w.t.Helper()
	if !form.Has("creator") {
		form.Set("creator", w.id)
	}
	r, err := w.do(http.MethodPost, "/actions/tiktok/"+name, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, r.status, "%s: %s", name, r.raw)
}

func (w tiktokWorld) see(path string) string {
	w.t.Helper()
	r, err := w.do(http.MethodGet, path, "", nil)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, r.status, path)
	return string(r.raw)
}

func TestTikTokPagesAndActions(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, nil)
	shown := w.video(videoInit, "PUBLIC_TO_EVERYONE", clip.Spec{})
	draft := w.video(inboxInit, "", clip.Spec{})
	require.Equal(t, "SEND_TO_USER_INBOX", w.status(draft)["status"])
	timeline := "/tiktok/pages/" + w.id
	page := w.see(timeline)
	require.Contains(t, page, "Draft in the inbox")
	require.Contains(t, page, "Seen by: Everyone")
	require.Contains(t, page, "New menu")
	require.Contains(t, w.see("/"), "@kimberg")

	w.press("draft", url.Values{"draft": {draft}, "title": {"Out of the inbox"}, "level": {"SELF_ONLY"}})
	page = w.see(timeline)
	require.Contains(t, page, "Out of the inbox")
	require.NotContains(t, page, "Draft in the inbox")

	w.press("private", url.Values{"on": {"yes"}})
	require.NotContains(t, w.ok(http.MethodPost, creatorInfo, nil)["privacy_level_options"], "PUBLIC_TO_EVERYONE")
	w.press("private", url.Values{"on": {"no"}})
	w.press("ban", url.Values{"on": {"yes"}})
	w.refused(http.StatusOK, "spam_risk_user_banned_from_posting", creatorInfo, nil)
	w.press("ban", url.Values{"on": {"no"}})
	w.press("cap", url.Values{"used": {"15"}})
	w.refused(http.StatusOK, "spam_risk_too_many_posts", creatorInfo, nil)
	w.press("cap", url.Values{"used": {"0"}})
	w.press("fail", url.Values{"reason": {"spam_risk"}})
	require.Equal(t, "spam_risk", w.status(w.video(videoInit, "SELF_ONLY", clip.Spec{}))["fail_reason"])
	w.press("slow", url.Values{"processing": {"60"}, "moderation": {"0"}, "pull": {"0"}})
	require.Equal(t, "PROCESSING_UPLOAD", w.status(w.video(videoInit, "SELF_ONLY", clip.Spec{}))["status"])
	w.press("audit", url.Values{"on": {"no"}})
	w.refused(http.StatusForbidden, "unaudited_client_can_only_post_to_private_accounts", videoInit, directVideo("SELF_ONLY", upload(10, 10, 1)))

	id := w.status(shown)[publicIDs].([]any)
	require.Len(t, id, 1)
	posts := w.ok(http.MethodPost, "video/list/?fields=id", nil)["videos"].([]any)
	w.press("hide", url.Values{"post": {posts[0].(object)["id"].(string)}, "on": {"yes"}})
	require.Empty(t, w.status(shown)[publicIDs])
	w.press("remove", url.Values{"reason": {"1"}})
	w.refusedGet("access_token_invalid")
}
