package sandbox_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLinkedInWantsAVersionThatIsActive(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	roles := "rest/organizationAcls?q=roleAssignee"
	require.Equal(t, http.StatusOK, w.api(http.MethodGet, roles, nil).status)
	require.Equal(t, http.StatusOK, w.api(http.MethodGet, roles, nil, "Linkedin-Version", "202609.01").status)
	a := w.api(http.MethodGet, roles, nil, "Linkedin-Version", "")
	require.Equal(t, http.StatusBadRequest, a.status)
	require.Equal(t, "VERSION_MISSING", a.Code)
	for _, ended := range []string{"202508", "202512", "209901"} {
		a = w.api(http.MethodGet, roles, nil, "Linkedin-Version", ended)
		require.Equal(t, http.StatusUpgradeRequired, a.status)
		require.Equal(t, "NONEXISTENT_VERSION", a.Code)
		require.Contains(t, a.Message, ended+"01")
	}
	require.Equal(t, http.StatusOK, w.api(http.MethodGet, "v2/me", nil, "Linkedin-Version", "").status, "the old part has none")
	for _, needs := range []string{"rest/organizationsLookup?ids=List(" + w.org + ")", "rest/eventSubscriptions/(entity:1)"} {
		require.Equal(t, http.StatusBadRequest, w.api(http.MethodGet, needs, nil, "X-Restli-Protocol-Version", "").status, needs)
	}
	require.Equal(t, http.StatusUnauthorized, w.api(http.MethodGet, "v2/me", nil, "Authorization", "").status)
}

func TestLinkedInCutsAPostAtABareReservedCharacter(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	for sent, want := range map[string]string{
		`Open (daily)`: "Open ", `Open \(daily\)`: "Open (daily)", `a_b`: "a", `50\% off`: "50", "#brunch": "#brunch", "# one": "", "#1": "",
		`{hashtag|\#|soup}!`: "#soup!", "{x}": "", `@[Shop](urn:li:organization:` + w.org + `) it`: "Shop it", "@kim": "", `back\\slash`: `back\slash`, "a < b": "a ",
	} {
		id := w.made(w.post(w.shop(), sent))
		seen := w.seen(w.org)
		require.Equal(t, want, seen[len(seen)-1].Text, sent)
		if !strings.Contains(sent, "#") {
			require.Contains(t, w.api(http.MethodGet, "rest/posts/"+liEnc(id), nil).raw, strings.NewReplacer(`\`, `\\`, `<`, `\u003c`, `>`, `\u003e`, `&`, `\u0026`).Replace(sent), "it is given back whole")
		}
	}
	w.made(w.post(w.shop(), "By @[Shop](urn:li:organization:"+w.org+") and @[shop](urn:li:organization:"+w.org+") #new"))
	seen := w.seen(w.org)
	require.Equal(t, []string{w.shop(), "#new"}, seen[len(seen)-1].Links, "a name that is not the Page's leads nowhere")
	got := w.api(http.MethodGet, "rest/posts/"+liEnc(seen[len(seen)-1].ID), nil)
	require.Contains(t, got.raw, `{hashtag|\\#|new}`, "hashtags come back as templates")
}

func TestLinkedInRefusesPostsThatItsSchemaDoes(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	for _, field := range []string{"author", "distribution", "visibility", "lifecycleState", "commentary"} {
		in := w.post(w.me(), "Hi")
		delete(in, field)
		a := w.create(in)
		require.Equal(t, http.StatusUnprocessableEntity, a.status, field)
		require.Contains(t, a.Message, "ERROR :: /"+field)
	}
	for at, change := range map[string]object{"/foo": {"foo": 1}, "/content/media/url": {"content": object{"media": object{"id": "urn:li:image:1", "url": "x"}}}} {
		a := w.create(w.post(w.me(), "Hi", change))
		require.Equal(t, http.StatusUnprocessableEntity, a.status)
		require.Contains(t, a.Message, "ERROR :: "+at+" :: unrecognized field")
	}
	for code, change := range map[string]object{
		"INVALID_VALUE_FOR_FIELD": {"lifecycleState": "DRAFT"}, "FIELD_LENGTH_TOO_LONG": {"commentary": strings.Repeat(`\(`, 1500) + "a"},
		"INVALID_VALUE_BLANK_FIELD": {"commentary": " "},
	} {
		a := w.create(w.post(w.me(), "Hi", change))
		require.Equal(t, http.StatusBadRequest, a.status, code)
		require.Equal(t, code, a.Code)
	}
	require.Equal(t, http.StatusBadRequest, w.create(w.post(w.shop(), "Hi", object{"visibility": "CONNECTIONS"})).status)
	w.made(w.post(w.me(), "Hi", object{"visibility": "CONNECTIONS"}))
}

func TestLinkedInLetsPeoplePostWhereTheyMay(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	a := w.create(w.post("urn:li:person:somebody", "Hi"))
	require.Equal(t, http.StatusForbidden, a.status)
	require.Contains(t, a.Message, "[/author]")
	whole := w.token
	w.token = w.mint(object{"scopes": []string{"w_member_social"}})
	a = w.create(w.post(w.shop(), "Hi"))
	require.Equal(t, http.StatusBadRequest, a.status)
	require.Contains(t, a.Message, "Organization permissions")
	id := w.made(w.post(w.me(), "Hi"))
	require.Equal(t, http.StatusForbidden, w.api(http.MethodGet, "rest/posts/"+liEnc(id), nil).status, "a member's posts cannot be read")
	require.Equal(t, http.StatusForbidden, w.api(http.MethodGet, "rest/posts?q=author&author="+liEnc(w.me()), nil).status)
	w.token = whole
	require.Equal(t, http.StatusForbidden, w.api(http.MethodGet, "rest/posts?q=author&author="+liEnc(w.me()), nil).status)
	for role, want := range map[string]int{"ANALYST": http.StatusForbidden, "CONTENT_ADMINISTRATOR": http.StatusCreated, "": http.StatusForbidden} {
		require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "linkedin/people/"+w.person+"/role", object{"organization": w.org, "role": role}, nil))
		require.Equal(t, want, w.create(w.post(w.shop(), "As "+role)).status, role)
	}
}

func TestLinkedInRefusesADoubleForTenMinutes(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	id := w.made(w.post(w.me(), "Buns"))
	a := w.create(w.post(w.me(), "Buns"))
	require.Equal(t, http.StatusUnprocessableEntity, a.status)
	require.Contains(t, a.Message, "duplicate of "+id)
	require.Contains(t, a.raw, "DUPLICATE_POST")
	w.made(w.post(w.shop(), "Buns"))
	require.Equal(t, http.StatusNoContent, w.api(http.MethodDelete, "rest/posts/"+liEnc(id), nil).status)
	require.Equal(t, http.StatusUnprocessableEntity, w.create(w.post(w.me(), "Buns")).status, "also when the first is gone")
	w.advance(10 * time.Minute)
	w.made(w.post(w.me(), "Buns"))
}

func TestLinkedInEditsTextsAndDeletesTwice(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	id := w.made(w.post(w.shop(), "Buns"))
	patch := func(set object) object { return object{"patch": object{"$set": set}} }
	a := w.api(http.MethodPost, "rest/posts/"+id, patch(object{"commentary": "New"}), "X-Restli-Method", "PARTIAL_UPDATE")
	require.Equal(t, http.StatusBadRequest, a.status, "a URN in a path is encoded whole")
	path := "rest/posts/" + liEnc(id)
	require.Equal(t, http.StatusBadRequest, w.api(http.MethodPost, path, patch(object{"commentary": "New"})).status, "without the method")
	require.Equal(t, http.StatusBadRequest, w.api(http.MethodPost, path, patch(object{"content": object{}}), "X-Restli-Method", "PARTIAL_UPDATE").status)
	require.Equal(t, http.StatusNoContent, w.api(http.MethodPost, path, patch(object{"commentary": "New"}), "X-Restli-Method", "PARTIAL_UPDATE").status)
	require.Equal(t, "New", w.seen(w.org)[0].Text)
	for range 2 {
		require.Equal(t, http.StatusNoContent, w.api(http.MethodDelete, path, nil).status)
	}
	require.Equal(t, http.StatusNotFound, w.api(http.MethodGet, path, nil).status)
}

func TestLinkedInChecksWhatAPostShows(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	mine, theirs := w.image(w.me()), w.image(w.shop())
	several := func(n int, id string) object {
		return object{"content": object{"multiImage": object{"images": slices.Repeat([]object{{"id": id}}, n)}}}
	}
	poll := func(options ...string) object {
		list := []object{}
		for _, o := range options {
			list = append(list, object{"text": o})
		}
		return object{"content": object{"poll": object{"question": "Tea?", "options": list, "settings": object{"duration": "ONE_DAY"}}}}
	}
	for why, change := range map[string]object{
		"one image": several(1, mine), "21 images": several(21, mine), "an image of another owner": several(2, theirs),
		"a poll with one option": poll("Yes"), "a poll with five": poll("1", "2", "3", "4", "5"), "an option too long": poll("Yes", strings.Repeat("a", 31)),
		"a document without a title": {"content": object{"media": object{"id": "urn:li:document:1"}}}, "two things": {"content": object{"media": object{"id": mine}, "poll": object{}}},
		"a post that is not there": {"reshareContext": object{"parent": "urn:li:share:1"}}, "nothing": {"content": object{}},
	} {
		require.Equal(t, http.StatusBadRequest, w.create(w.post(w.me(), "Hi", change)).status, why)
	}
	w.made(w.post(w.me(), "Hi", several(20, mine)))
	w.made(w.post(w.me(), "Hi", poll("Yes", "No")))
	var planted struct{ ID string }
	w.control(http.MethodPost, "linkedin/posts", object{"author": w.shop(), "commentary": "Mine alone", "no_reshare": true}, &planted)
	require.Equal(t, http.StatusBadRequest, w.create(w.post(w.me(), "", object{"reshareContext": object{"parent": planted.ID}})).status)
}

func TestLinkedInLooksAtNoArticle(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	id := w.made(w.post(w.shop(), "Read this", object{"content": object{"article": object{"source": "https://cafe.example/menu", "title": "Menu"}}}))
	got := w.api(http.MethodGet, "rest/posts/"+liEnc(id), nil)
	require.Contains(t, got.raw, `"title":"Menu"`)
	for _, filled := range []string{"thumbnail", "description"} {
		require.NotContains(t, got.raw, `"`+filled+`"`, "what was not sent stays away")
	}
	require.Equal(t, http.StatusBadRequest, w.create(w.post(w.shop(), "Read this", object{"content": object{"article": object{"title": "Menu"}}})).status, "there is no source")
}

func TestLinkedInListsShortPages(t *testing.T) {
	t.Parallel()
	w := startLinkedIn(t)
	var who struct{ Person struct{ ID string } }
	w.control(http.MethodPost, "linkedin/seed", object{"person": "Ada", "short_pages": true, "organizations": []object{{"name": "A"}, {"name": "B", "state": "REQUESTED"}}}, &who)
	w.person = who.Person.ID
	w.token = w.mint(object{})
	a := w.api(http.MethodGet, "rest/organizationAcls?q=roleAssignee&count=100", nil)
	require.Contains(t, a.raw, `"rel":"next"`)
	require.Contains(t, a.raw, `"organization":`)
	a = w.api(http.MethodGet, "rest/organizationAcls?q=roleAssignee&count=100&start=1", nil)
	require.NotContains(t, a.raw, `"rel":"next"`)
	require.Contains(t, a.raw, `"organizationTarget":`)
	require.Contains(t, a.raw, `"REQUESTED"`)
}
