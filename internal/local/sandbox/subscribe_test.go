package sandbox_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	other, _, _ := w.page()
	fields := url.Values{"subscribed_fields": {"feed,mention"}}
	path := page + "/subscribed_apps"
	require.Empty(t, list(w.ok(http.MethodGet, path, token, nil)))
	w.refused(100, 0, http.MethodPost, path, token, nil)
	w.refused(100, 0, http.MethodPost, path, token, url.Values{"subscribed_fields": {"feed,weather"}})
	w.refused(200, 0, http.MethodPost, other+"/subscribed_apps", token, fields)
	poor := w.tokens(object{"person": who.Person.ID, "page": page, "scopes": []string{"pages_show_list", "pages_manage_posts"}})
	w.refused(200, 0, http.MethodPost, path, poor["page_token"], fields)
	w.refused(200, 0, http.MethodPost, path, poor["user_token"], fields)
	for range 2 {
		require.Equal(t, true, w.ok(http.MethodPost, path, token, fields)["success"])
	}
	require.Equal(t, []any{"feed", "mention"}, list(w.ok(http.MethodGet, path, token, nil))[0]["subscribed_fields"])
	for range 2 {
		require.Equal(t, true, w.ok(http.MethodDelete, path, token, nil)["success"])
	}
	require.Empty(t, list(w.ok(http.MethodGet, path, token, nil)))
}

func TestADeletionOnTheTimelineIsToldWhereTheAppHasSubscribed(t *testing.T) {
	t.Parallel()
	told, to := listen(t)
	w := start(t, sandbox.Config{Hooks: map[string]string{"meta": to}})
	page, token, _ := w.page()
	post := func() string {
		return w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"Buns"}})["id"].(string)
	}
	remove := func(id string) {
		w.form("/panel/delete", url.Values{"platform": {"meta"}, "account": {page}, "post": {id}})
		w.refused(100, 33, http.MethodGet, id, token, nil)
	}
	remove(post())
	require.Zero(t, told.count())
	w.ok(http.MethodPost, page+"/subscribed_apps", token, url.Values{"subscribed_fields": {"feed"}})
	id := post()
	remove(id)
	require.Equal(t, 1, told.count())
	_, text := told.last()
	require.Contains(t, text, `"verb":"remove"`)
	require.Contains(t, text, `"post_id":"`+id+`"`)
	w.ok(http.MethodDelete, post(), token, nil)
	require.Equal(t, 1, told.count(), "what the app does itself is no news")
}

func TestRemovingTheInstagramAppIsToldWithItsOwnSecret(t *testing.T) {
	t.Parallel()
	told, to := listen(t)
	w := start(t, sandbox.Config{Hooks: map[string]string{"meta": to}})
	who := w.seed(object{"person": "Kim", "pages": []any{object{"name": "Mill", "instagram": true}}})
	var accounts []struct{ ID string }
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "meta/instagram?page="+who.Pages[0].ID, nil, &accounts))
	var made struct{ Token string }
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/instagram-token", object{"account": accounts[0].ID}, &made))
	r := w.form("/actions/meta/deauthorize-instagram", url.Values{"account": {accounts[0].ID}})
	require.Equal(t, http.StatusOK, r.status)
	call, body := told.last()
	require.Equal(t, "/deauthorize", call.URL.Path)
	require.Contains(t, body, "signed_request=")
	require.Equal(t, http.StatusUnprocessableEntity, w.form("/actions/meta/deauthorize-instagram", url.Values{"account": {"1"}}).status)
}
