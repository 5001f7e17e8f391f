package sandbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func TestFeedPostAndReadBack(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	plain := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"one"}})
	require.Len(t, plain, 1)
	require.Regexp(t, `^`+page+`_\d{17}$`, plain["id"])
	rich := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"two"}, "link": {"https://example.com/a"}, "fields": {"id,permalink_url"}})
	require.Len(t, rich, 2)

	r, err := w.do(http.MethodGet, strings.TrimPrefix(rich["permalink_url"].(string), w.url), "", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.status)
	require.Contains(t, string(r.raw), `id="post-`+rich["id"].(string))
	require.NotContains(t, string(r.raw), plain["id"])

	got := w.ok(http.MethodGet, rich["id"].(string), token, url.Values{"fields": {"id,message,created_time,is_published,application,from,attachments{media_type,target}"}})
	require.Equal(t, "two", got["message"])
	require.Equal(t, clientID, got["application"].(object)["id"])
	require.Equal(t, true, got["is_published"])
	require.Equal(t, "link", list(got["attachments"].(object))[0]["media_type"])
	_, err = time.Parse("2006-01-02T15:04:05+0000", got["created_time"].(string))
	require.NoError(t, err)
	require.Len(t, w.ok(http.MethodGet, rich["id"].(string), token, nil), 3, "default fields")
}

// Contract check 11.
func TestFeedRefusals(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	user := w.tokens(object{"person": who.Person.ID})["user_token"]
	_, foreign, _ := w.page()
	hi := url.Values{"message": {"hi"}}
	for name, c := range map[string]struct {
		code   int
		token  string
		params url.Values
	}{
		"nothing":             {100, token, url.Values{}},
		"only spaces":         {100, token, url.Values{"message": {" \n "}}},
		"too long":            {100, token, url.Values{"message": {strings.Repeat("ä", 63207)}}},
		"user token":          {200, user, hi},
		"other Page's token":  {200, foreign, hi},
		"no URL":              {100, token, url.Values{"link": {"example.com"}}},
		"facebook link":       {1609008, token, url.Values{"link": {"https://www.facebook.com/x"}}},
		"dead link":           {1609005, token, url.Values{"link": {"https://gone.invalid/"}}},
		"unknown field":       {100, token, url.Values{"message": {"hi"}, "fields": {"colour"}}},
		"unknown photo":       {100, token, url.Values{"attached_media[0]": {`{"media_fbid":"5"}`}}},
		"broken attachment":   {100, token, url.Values{"attached_media[0]": {`5`}}},
		"gap in attachments":  {100, token, url.Values{"attached_media[1]": {`{"media_fbid":"5"}`}}},
		"gap with a message":  {100, token, url.Values{"message": {"hi"}, "attached_media[1]": {`{"media_fbid":"5"}`}}},
		"attachments no list": {100, token, url.Values{"attached_media": {`{}`}}},
	} {
		t.Log(name)
		w.refused(c.code, 0, http.MethodPost, page+"/feed", c.token, c.params)
	}
	noScope := w.tokens(object{"person": who.Person.ID, "page": page, "scopes": []string{"pages_show_list", "pages_read_engagement"}})["page_token"]
	w.refused(200, 0, http.MethodPost, page+"/feed", noScope, hi)
	weak := w.seed(object{"person": "Weak", "pages": []object{{"name": "Mill", "tasks": []string{"ANALYZE", "MODERATE"}}}})
	weakToken := w.tokens(object{"person": weak.Person.ID, "page": weak.Pages[0].ID})["page_token"]
	w.refused(200, 0, http.MethodPost, weak.Pages[0].ID+"/feed", weakToken, hi)
	w.refused(100, 33, http.MethodPost, "4711/feed", token, hi)
	require.Empty(t, w.posts(page).Posts, "a refused call stores nothing")
}

func TestTheLongestMessagePasses(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	text := strings.Repeat("ä", 63206)
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {text}})
	require.Equal(t, text, w.posts(page).Posts[0].Message)
}

func TestDuplicateHeuristic(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []object{{"name": "Shop", "duplicate_check": true}}})
	page := who.Pages[0].ID
	token := w.tokens(object{"person": who.Person.ID, "page": page})["page_token"]
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"again"}})
	w.refused(506, 0, http.MethodPost, page+"/feed", token, url.Values{"message": {"again"}})
	w.advance(24 * 3600)
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"again"}})
}

func TestPostLists(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	for i := range 30 {
		w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {strconv.Itoa(i)}})
	}
	mark := time.Now().Unix() + 3600
	w.advance(3600)
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"later"}})
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "meta/posts", object{"page": page, "message": "visitor", "visitor": "Lo"}, nil))
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "meta/posts", object{"page": page, "message": "other app", "application_id": "777"}, nil))

	first := w.ok(http.MethodGet, page+"/published_posts", token, url.Values{"fields": {"message,application"}})
	require.Len(t, list(first), 25)
	require.Equal(t, "other app", list(first)[0]["message"])
	require.Equal(t, "777", list(first)[0]["application"].(object)["id"])
	require.Equal(t, "later", list(first)[1]["message"], "visitors' posts are in the feed only")
	after := first["paging"].(object)["cursors"].(object)["after"].(string)
	w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"in between"}})
	rest := w.ok(http.MethodGet, page+"/published_posts", token, url.Values{"fields": {"message"}, "after": {after}})
	require.Len(t, list(rest), 7, "a new post does not shift the cursor")
	require.Equal(t, "6", list(rest)[0]["message"])
	require.NotContains(t, rest["paging"], "next")

	since := w.ok(http.MethodGet, page+"/published_posts", token, url.Values{"since": {strconv.FormatInt(mark, 10)}})
	require.Len(t, list(since), 3)
	until := w.ok(http.MethodGet, page+"/published_posts", token, url.Values{"until": {time.Unix(mark-10, 0).UTC().Format("2006-01-02T15:04:05+0000")}, "limit": {"100"}})
	require.Len(t, list(until), 30)
	feed := w.ok(http.MethodGet, page+"/feed", token, url.Values{"fields": {"message,from"}})
	require.Equal(t, object{"name": "Lo"}, list(feed)[2]["from"])

	w.refused(100, 0, http.MethodGet, page+"/published_posts", token, url.Values{"limit": {"101"}})
	w.refused(100, 0, http.MethodGet, page+"/published_posts", token, url.Values{"since": {"yesterday-ish"}})
	w.refused(100, 0, http.MethodGet, page+"/published_posts", token, url.Values{"fields": {"mesage"}})
	_, foreign, _ := w.page()
	w.refused(100, 33, http.MethodGet, page+"/published_posts", foreign, nil)
}

func TestReadingNeedsThePermission(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	weak := w.tokens(object{"person": who.Person.ID, "page": page, "scopes": []string{"pages_show_list"}})["page_token"]
	w.refused(10, 0, http.MethodGet, page+"/published_posts", weak, nil)
	require.Empty(t, list(w.ok(http.MethodGet, page+"/published_posts", token, nil)))
}

// Contract check 12.
func TestScheduledPosts(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	at := func(d time.Duration) url.Values {
		return url.Values{"message": {"soon"}, "published": {"false"}, "scheduled_publish_time": {strconv.FormatInt(time.Now().Add(d).Unix(), 10)}}
	}
	w.refused(100, 0, http.MethodPost, page+"/feed", token, at(9*time.Minute))
	w.refused(100, 0, http.MethodPost, page+"/feed", token, at(31*24*time.Hour))
	p := at(time.Hour)
	p.Del("published")
	w.refused(100, 0, http.MethodPost, page+"/feed", token, p)
	w.refused(100, 0, http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}, "published": {"false"}, "unpublished_content_type": {"SCHEDULED"}})
	w.refused(100, 0, http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}, "published": {"false"}, "unpublished_content_type": {"ADS"}})
	w.refused(100, 0, http.MethodPost, page+"/feed", token, url.Values{"message": {"x"}, "published": {"maybe"}})

	id := w.ok(http.MethodPost, page+"/feed", token, at(time.Hour))["id"].(string)
	draft := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"draft"}, "published": {"false"}, "unpublished_content_type": {"DRAFT"}})["id"].(string)
	require.Equal(t, false, w.ok(http.MethodGet, id, token, url.Values{"fields": {"is_published"}})["is_published"])
	require.Len(t, list(w.ok(http.MethodGet, page+"/scheduled_posts", token, nil)), 1)
	require.Empty(t, list(w.ok(http.MethodGet, page+"/published_posts", token, nil)))
	require.Len(t, list(w.ok(http.MethodGet, page+"/feed", token, url.Values{"fields": {"is_published"}})), 2)

	move := at(2 * time.Hour)
	move.Del("message")
	move.Del("published")
	w.ok(http.MethodPost, id, token, move)
	w.advance(3600 + 60)
	require.Empty(t, list(w.ok(http.MethodGet, page+"/published_posts", token, nil)))
	w.advance(3600)
	require.Len(t, list(w.ok(http.MethodGet, page+"/published_posts", token, nil)), 1)
	w.refused(100, 0, http.MethodPost, id, token, move)
	w.ok(http.MethodPost, draft, token, url.Values{"is_published": {"true"}})
	require.Len(t, list(w.ok(http.MethodGet, page+"/published_posts", token, nil)), 2)
}

// Contract check 15.
func TestEditAndDelete(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, who := w.page()
	user := w.tokens(object{"person": who.Person.ID})["user_token"]
	id := w.ok(http.MethodPost, page+"/feed", token, url.Values{"message": {"tpyo"}})["id"].(string)
	require.Equal(t, object{"success": true}, w.ok(http.MethodPost, id, token, url.Values{"message": {"typo"}}))
	require.Equal(t, "typo", w.ok(http.MethodGet, id, token, nil)["message"])
	w.refused(100, 0, http.MethodPost, id, token, nil)
	w.refused(100, 0, http.MethodPost, id, token, url.Values{"message": {""}})
	w.refused(200, 0, http.MethodPost, id, user, url.Values{"message": {"x"}})
	w.refused(200, 0, http.MethodDelete, id, user, nil)

	var foreign struct{ ID string }
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "meta/posts", object{"page": page, "message": "theirs", "application_id": "777"}, &foreign))
	w.refused(200, 0, http.MethodPost, foreign.ID, token, url.Values{"message": {"x"}})

	require.Equal(t, object{"success": true}, w.ok(http.MethodDelete, id, token, nil))
	w.refused(100, 33, http.MethodDelete, id, token, nil)
	w.refused(100, 33, http.MethodGet, id, token, nil)
	w.refused(100, 33, http.MethodPost, id, token, url.Values{"message": {"x"}})
	r, err := w.do(http.MethodGet, fmt.Sprintf("/meta/pages/%s/posts/%s", page, strings.TrimPrefix(id, page+"_")), "", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, r.status)
}
