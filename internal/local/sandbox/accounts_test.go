package sandbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	_, _, who := w.page()
	q := signed(w.tokens(object{"person": who.Person.ID})["user_token"], nil).Encode()
	for path, served := range map[string]string{"v26.0/me": "v26.0", "v27.0/me": "v27.0", "me": "v21.0", "v19.0/me": "v21.0", "v2.12/me": "v21.0"} {
		r, err := w.do(http.MethodGet, "/meta/graph/"+path+"?"+q, "", nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, r.status, path)
		require.Equal(t, served, r.header.Get("Facebook-Api-Version"), path)
	}
	for _, path := range []string{"v99.0/me", "v26.5/me", "v26/me", "v26.0/a/b/c/d"} {
		r, err := w.do(http.MethodGet, "/meta/graph/"+path+"?"+q, "", nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, r.status, path)
		requireError(t, r, 2500, 0)
	}
}

func TestTokensAreReadFromEveryPlaceTheDocumentNames(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/settings", object{"require_proof": false}, nil))
	page, token, _ := w.page()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/meta/graph/v26.0/"+page+"/feed", strings.NewReader(`{"message":"by JSON"}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	r, err := w.do(http.MethodPost, "/meta/graph/v26.0/"+page+"/feed?access_token="+token, "application/x-www-form-urlencoded", strings.NewReader("message=in+the+query"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.status)
	require.Len(t, w.posts(page).Posts, 2)
	w.refused(2500, 0, http.MethodGet, "me", "", nil)
	w.refused(104, 0, http.MethodGet, page, "", nil)
	w.refused(190, 0, http.MethodGet, "me", "EAAunknown", nil)
}

// Contract check 10.
func TestAccountsPaging(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("Page %02d", i))
	}
	who := w.seed(object{"person": "Many", "pages": names})
	token := w.tokens(object{"person": who.Person.ID})["user_token"]
	first := w.ok(http.MethodGet, "me/accounts", token, url.Values{"fields": {"id,name"}})
	require.Len(t, list(first), 25)

	var seen []string
	q := url.Values{"fields": {"name"}, "limit": {"40"}}
	for range 10 {
		page := w.ok(http.MethodGet, "me/accounts", token, q)
		for _, a := range list(page) {
			seen = append(seen, a["name"].(string))
		}
		paging := page["paging"].(object)
		next, more := paging["next"].(string)
		if !more {
			break
		}
		require.Contains(t, next, url.QueryEscape(token), "next carries the token, as the real one does")
		require.NotContains(t, next, "appsecret_proof")
		require.True(t, strings.HasPrefix(next, w.url+"/meta/graph/v26.0/me/accounts?"), next)
		q.Set("after", paging["cursors"].(object)["after"].(string))
	}
	require.Equal(t, names, seen)
	w.refused(100, 0, http.MethodGet, "me/accounts", token, url.Values{"after": {"nonsense"}})
	w.refused(100, 0, http.MethodGet, "me/accounts", token, url.Values{"limit": {"101"}})
	w.refused(100, 0, http.MethodGet, "me/accounts", token, url.Values{"limit": {"0"}})
}

func TestEmptyPageWithNext(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []string{"Shop"}, "empty_page": true})
	token := w.tokens(object{"person": who.Person.ID})["user_token"]
	first := w.ok(http.MethodGet, "me/accounts", token, nil)
	require.Empty(t, list(first))
	paging := first["paging"].(object)
	require.NotEmpty(t, paging["next"])
	second := w.ok(http.MethodGet, "me/accounts", token, url.Values{"after": {paging["cursors"].(object)["after"].(string)}})
	require.Len(t, list(second), 1)
}

func TestAccountFields(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	who := w.seed(object{"person": "Kim", "pages": []any{
		object{"name": "Shop", "username": "shop", "tasks": []string{"ANALYZE"}}, object{"name": "Locked", "no_token": true},
	}})
	token := w.tokens(object{"person": who.Person.ID})["user_token"]
	full := list(w.ok(http.MethodGet, "me/accounts", token, url.Values{"fields": {"id,name,username,access_token,tasks,picture{url},instagram_business_account{id,username}"}}))
	require.Equal(t, []any{"ANALYZE"}, full[0]["tasks"])
	require.Equal(t, "shop", full[0]["username"])
	require.NotEmpty(t, full[0]["access_token"])
	require.NotContains(t, full[0], "instagram_business_account")
	picture := full[0]["picture"].(object)["data"].(object)
	require.Len(t, picture, 1, "the nested selection is honoured")
	r, err := w.do(http.MethodGet, strings.TrimPrefix(picture["url"].(string), w.url), "", nil)
	require.NoError(t, err)
	require.Equal(t, "image/svg+xml", r.header.Get("Content-Type"))
	require.NotContains(t, full[1], "access_token")

	some := list(w.ok(http.MethodGet, "me/accounts", token, url.Values{"fields": {"name"}}))[0]
	require.Equal(t, object{"id": who.Pages[0].ID, "name": "Shop"}, some)
	w.refused(100, 0, http.MethodGet, "me/accounts", token, url.Values{"fields": {"name,colour"}})
	w.refused(2500, 0, http.MethodGet, "me/accounts", token, url.Values{"fields": {"picture{url"}})
}

func TestDefaultPeople(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	var people []struct {
		ID, Name string
		Pages    []struct{ ID, Name string }
	}
	require.Equal(t, http.StatusOK, w.control(http.MethodGet, "meta/people", nil, &people))
	require.Equal(t, "Ada Lindqvist", people[0].Name)
	require.Equal(t, "Sam Okafor", people[1].Name)
	require.Empty(t, people[1].Pages)
	token := w.tokens(object{"person": people[0].ID, "scopes": []string{"pages_show_list", "pages_read_engagement"}})["user_token"]
	hidden := list(w.ok(http.MethodGet, "me/accounts", token, url.Values{"fields": {"instagram_business_account"}}))
	require.NotContains(t, hidden[0], "instagram_business_account", "it takes instagram_basic to see it")
	token = w.tokens(object{"person": people[0].ID, "scopes": []string{"pages_show_list", "pages_read_engagement", "instagram_basic"}})["user_token"]
	accounts := list(w.ok(http.MethodGet, "me/accounts", token, url.Values{"fields": {"name,tasks,instagram_business_account{username}"}}))
	require.Len(t, accounts, 3)
	require.Equal(t, "cafe.ada", accounts[0]["instagram_business_account"].(object)["username"])
	require.Contains(t, accounts[1]["tasks"], "CREATE_CONTENT")
	require.NotContains(t, accounts[2]["tasks"], "CREATE_CONTENT")
	require.Regexp(t, `^200\d{14}$`, accounts[0]["id"])

	none := w.tokens(object{"person": people[1].ID})["user_token"]
	require.Empty(t, list(w.ok(http.MethodGet, "me/accounts", none, nil)))
	me := w.ok(http.MethodGet, "me", none, url.Values{"fields": {"id,name,first_name"}})
	require.Equal(t, object{"id": people[1].ID, "name": "Sam Okafor", "first_name": "Sam"}, me)
}

func TestEdgesOfTheWrongKindOfObject(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, pageToken, who := w.page()
	user := w.tokens(object{"person": who.Person.ID})["user_token"]
	w.refused(100, 0, http.MethodGet, "me/accounts", pageToken, nil)
	w.refused(100, 33, http.MethodGet, "12345/accounts", user, nil)
	w.refused(100, 0, http.MethodGet, page+"/unicorns", pageToken, nil)
	w.refused(3, 0, http.MethodPost, page+"/unicorns", pageToken, nil)
	w.refused(100, 33, http.MethodGet, "999", user, nil)
	otherPage, _, _ := w.page()
	w.refused(100, 33, http.MethodGet, otherPage, user, nil)
	require.Equal(t, page, w.ok(http.MethodGet, "me", pageToken, nil)["id"], "me of a Page token is the Page")
}

func TestUsageHeadersAndThrottle(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Config{})
	page, token, _ := w.page()
	other, otherToken, _ := w.page()
	r, err := w.graph(http.MethodGet, page, token, nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"call_count":0,"total_time":0,"total_cputime":0}`, r.header.Get("X-App-Usage"))
	require.Contains(t, r.header.Get("X-Business-Use-Case-Usage"), `"`+page+`":[{`)

	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/pages/"+page+"/throttle", object{"percent": 85}, nil))
	r, err = w.graph(http.MethodGet, page, token, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.status)
	require.Contains(t, r.header.Get("X-Business-Use-Case-Usage"), `"call_count":85`)

	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/pages/"+page+"/throttle", object{"minutes": 19}, nil))
	r = w.refused(80001, 0, http.MethodPost, page+"/feed", token, url.Values{"message": {"hi"}})
	require.Equal(t, http.StatusForbidden, r.status)
	require.Contains(t, r.header.Get("X-Business-Use-Case-Usage"), `"estimated_time_to_regain_access":19`)
	w.ok(http.MethodPost, other+"/feed", otherToken, url.Values{"message": {"other Pages go on"}})
	w.advance(19*60 + 1)
	w.refused(80001, 0, http.MethodGet, page, token, nil) // the refused call above lengthened the block
	w.advance(121)
	w.ok(http.MethodGet, page, token, nil)

	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/throttle", object{"minutes": 1}, nil))
	w.refused(4, 0, http.MethodGet, other, otherToken, nil)
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/throttle", object{}, nil))
	w.ok(http.MethodGet, other, otherToken, nil)
}
