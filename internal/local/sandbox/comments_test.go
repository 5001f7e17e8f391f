package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

const moderator = scopes + ",pages_manage_engagement,pages_read_user_content,read_insights,pages_manage_metadata"

// moderated is a Page with a post, and a token that may do what is done with comments and numbers.
func (w *world) moderated(page object) (id, token, post string) {
	w.t.Helper()
	who := w.seed(object{"person": "Mo", "pages": []any{page}})
	id = who.Pages[0].ID
	token = w.tokens(object{"person": who.Person.ID, "page": id, "scopes": strings.Split(moderator, ",")})["page_token"]
	var made struct{ ID string }
	require.Equal(w.t, http.StatusCreated, w.control(http.MethodPost, "meta/posts", object{"page": id, "message": "Buns"}, &made))
	return id, token, made.ID
}

func (w *world) fan(in object) string {
	w.t.Helper()
	var out struct{ ID string }
	require.Equal(w.t, http.StatusCreated, w.control(http.MethodPost, "meta/comments", in, &out))
	return out.ID
}

func TestComments(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	id, token, post := w.moderated(object{"name": "Mill"})
	kim := w.fan(object{"post": post, "message": "Lovely", "name": "Kim", "share": true})
	hidden := w.fan(object{"post": post, "message": "Cheap watches", "name": "Bot"})
	answer := w.ok(http.MethodPost, kim+"/comments", token, url.Values{"message": {"Thank you"}})["id"].(string)
	deep := w.ok(http.MethodPost, answer+"/comments", token, url.Values{"message": {"Come again"}})["id"].(string)

	all := url.Values{"filter": {"stream"}, "fields": {"id,message,from,parent{id},is_hidden,can_hide,comment_count"}, "limit": {"3"}}
	page := w.ok(http.MethodGet, post+"/comments", token, all)
	require.Len(t, list(page), 3)
	require.Equal(t, object{"id": kim, "message": "Lovely", "from": list(page)[0]["from"], "is_hidden": false, "can_hide": true, "comment_count": 2.0}, list(page)[0])
	require.Equal(t, "Kim", list(page)[0]["from"].(object)["name"])
	require.NotContains(t, list(page)[1], "from", "who shares nothing is nobody")
	require.Equal(t, object{"id": kim}, list(page)[2]["parent"].(object))
	require.Equal(t, id, list(page)[2]["from"].(object)["id"])
	all.Set("after", page["paging"].(object)["cursors"].(object)["after"].(string))
	require.Equal(t, deep, list(w.ok(http.MethodGet, post+"/comments", token, all))[0]["id"])
	require.Len(t, list(w.ok(http.MethodGet, post+"/comments", token, nil)), 2, "answers are not at the top")
	require.Equal(t, kim, w.ok(http.MethodGet, deep, token, url.Values{"fields": {"parent"}})["parent"].(object)["id"], "an answer to an answer is one to the first")

	for range 2 {
		w.ok(http.MethodPost, hidden, token, url.Values{"is_hidden": {"true"}})
		require.Equal(t, true, w.ok(http.MethodGet, hidden, token, url.Values{"fields": {"is_hidden"}})["is_hidden"])
	}
	w.ok(http.MethodPost, hidden, token, url.Values{"is_hidden": {"false"}})
	w.refused(100, 0, http.MethodPost, answer, token, url.Values{"is_hidden": {"true"}})
	w.refused(200, 0, http.MethodPost, kim, token, url.Values{"message": {"other words"}})
	w.refused(100, 0, http.MethodPost, kim, token, nil)
	w.ok(http.MethodPost, answer, token, url.Values{"message": {"Thanks"}})
	w.ok(http.MethodDelete, kim, token, nil)
	w.refused(100, 33, http.MethodDelete, kim, token, nil)
	w.refused(100, 33, http.MethodGet, answer, token, nil) // gone with what it answered
	require.Len(t, list(w.ok(http.MethodGet, post+"/comments", token, url.Values{"filter": {"stream"}})), 1)
}

func TestCommentsWantTheirPermissions(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Al", "pages": []any{object{"name": "Mill", "tasks": []string{"ANALYZE", "CREATE_CONTENT"}}, object{"name": "Inn"}}})
	var post struct{ ID string }
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "meta/posts", object{"page": who.Pages[0].ID, "message": "Buns"}, &post))
	comment := w.fan(object{"post": post.ID, "message": "Lovely", "name": "Kim"})
	token := w.tokens(object{"person": who.Person.ID, "page": who.Pages[0].ID, "scopes": strings.Split(moderator, ",")})["page_token"]
	w.refused(200, 0, http.MethodPost, comment+"/comments", token, url.Values{"message": {"x"}}) // no task MODERATE
	w.refused(200, 0, http.MethodDelete, comment, token, nil)

	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "meta/posts", object{"page": who.Pages[1].ID, "message": "Buns"}, &post))
	comment = w.fan(object{"post": post.ID, "message": "Lovely", "name": "Kim"})
	token = w.tokens(object{"person": who.Person.ID, "page": who.Pages[1].ID, "scopes": strings.Split(scopes, ",")})["page_token"]
	w.refused(200, 0, http.MethodPost, comment, token, url.Values{"is_hidden": {"true"}})
	require.Empty(t, list(w.ok(http.MethodGet, post.ID+"/comments", token, nil)), "what people wrote is not to be read")
}

func TestInstagramComments(t *testing.T) {
	t.Parallel()
	w := startInsta(t, sandbox.Config{})
	media := w.publish(w.container(w.params("ok.jpg", nil)))
	kim := w.fan(object{"post": media, "message": "Lovely", "name": "kim"})
	answer := w.ok(http.MethodPost, kim+"/replies", w.token, url.Values{"message": {"Thank you"}})["id"].(string)
	fields := url.Values{"fields": {"id,text,username,from,hidden,parent_id,replies.limit(50){id,text,username}"}}
	top := list(w.ok(http.MethodGet, media+"/comments", w.token, fields))
	require.Len(t, top, 1)
	require.Equal(t, "kim", top[0]["username"])
	require.Equal(t, answer, top[0]["replies"].(object)["data"].([]any)[0].(object)["id"])
	require.Equal(t, kim, list(w.ok(http.MethodGet, kim+"/replies", w.token, fields))[0]["parent_id"])
	w.ok(http.MethodPost, kim, w.token, url.Values{"hide": {"true"}})
	require.Equal(t, true, w.ok(http.MethodGet, kim, w.token, url.Values{"fields": {"hidden"}})["hidden"])
	w.refused(100, 0, http.MethodPost, answer, w.token, url.Values{"hide": {"true"}})
	w.refused(100, 0, http.MethodPost, kim, w.token, nil)
	for range 60 {
		w.fan(object{"post": media, "message": "Me too", "name": "kim"})
	}
	page := w.ok(http.MethodGet, media+"/comments", w.token, url.Values{"limit": {"50"}})
	require.Len(t, list(page), 50, "newest first, at most 50")
	require.Equal(t, "Me too", list(page)[0]["text"])
	w.ok(http.MethodDelete, kim, w.token, nil)
	w.refused(100, 33, http.MethodGet, kim, w.token, nil)
}

// TestAFanCommentsOnTheTimeline is the form on the sandbox's page: the comment is there, and the app is told.
func TestAFanCommentsOnTheTimeline(t *testing.T) {
	t.Parallel()
	told, to := listen(t)
	w := start(t, sandbox.Config{})
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/callback", object{"url": to, "verify_token": "x"}, nil))
	id, token, post := w.moderated(object{"name": "Mill", "instagram": true})
	form := url.Values{"platform": {"meta"}, "post": {post}, "message": {"Sehr schön"}, "name": {"Kim Fan"}}
	before := told.count()
	w.form("/panel/comment", form)
	require.Equal(t, before, told.count(), "nobody has subscribed")
	w.ok(http.MethodPost, id+"/subscribed_apps", token, url.Values{"subscribed_fields": {"feed"}})
	r, err := w.do(http.MethodPost, "/panel/comment", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	require.Equal(t, http.StatusSeeOther, r.status)
	_, text := told.last()
	require.Contains(t, text, `"message":"Sehr sch\u00f6n"`)
	require.Equal(t, "Sehr schön", list(w.ok(http.MethodGet, post+"/comments", token, nil))[0]["message"])
	r, err = w.do(http.MethodGet, "/meta/pages/"+id, "", nil)
	require.NoError(t, err)
	require.Contains(t, string(r.raw), "Sehr schön")
	mine := list(w.ok(http.MethodGet, post+"/comments", token, nil))[0]["id"].(string)
	w.form("/panel/comment", url.Values{"platform": {"meta"}, "post": {post}, "parent": {mine}, "message": {"Until six"}, "as": {"account"}})
	_, text = told.last()
	require.Contains(t, text, `"from":{"id":"`+id+`"`, "the Page's own words come back to it")
	require.Contains(t, text, `"parent_id":"`+mine+`"`)
	form.Set("message", " ")
	r, err = w.do(http.MethodPost, "/panel/comment", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, r.status)

	var accounts []struct{ ID string }
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "meta/instagram?page="+id, nil, &accounts))
	var media struct{ ID string }
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "meta/instagram/"+accounts[0].ID+"/media", object{"caption": "Buns"}, &media))
	form = url.Values{"platform": {"meta"}, "post": {accounts[0].ID + "_" + media.ID}, "message": {"Wow"}, "name": {"kim.fan"}}
	r, err = w.do(http.MethodPost, "/panel/comment", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	require.Equal(t, http.StatusSeeOther, r.status)
	_, text = told.last()
	require.Contains(t, text, `"object":"instagram"`)
}
