package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/tenant"
)

// says puts a comment below a post of the account, as a refresh would.
func (p *person) says(con string, c connector.Comment) {
	p.w.t.Helper()
	at := p.w.clock.Now()
	if c.CreatedAt.IsZero() {
		c.CreatedAt = at
	}
	require.NoError(p.w.t, p.w.store.Merge(p.w.t.Context(), p.session.Workspace.ID, con, c, at.UnixMilli()))
}

func ids(list api.CommentList) []string {
	var out []string
	for _, c := range list.Items {
		out = append(out, c.ID)
	}
	return out
}

func TestComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signUp(), w.signUp()
	con := ada.link("1").ID
	now := w.clock.Now()
	ada.says(con, connector.Comment{ID: "1_1", PostID: "p_1", FromName: "Kim", Text: "Lovely", CreatedAt: now.Add(-3 * time.Hour)})
	ada.says(con, connector.Comment{ID: "1_2", PostID: "p_1", ParentID: "1_1", FromName: "Ada", Text: "Thanks", Own: true, CreatedAt: now.Add(-2 * time.Hour)})
	ada.says(con, connector.Comment{ID: "1_3", PostID: "p_2", FromName: "Sol", Text: "Open today?", CreatedAt: now.Add(-time.Hour)})
	list := func(p *person, query string) api.CommentList {
		var out api.CommentList
		p.get("/v1/comments" + query).status(http.StatusOK).into(&out)
		return out
	}
	require.Equal(t, []string{"1_3", "1_1"}, ids(list(ada.as(tenant.Viewer), "")), "newest first, without the account's own")
	require.Equal(t, []string{"1_1", "1_2"}, ids(list(ada, "?connection_id="+con+"&post_id=p_1")), "of a post all, oldest first")
	require.Equal(t, []string{"1_3"}, ids(list(ada, "?state=unanswered")), "an answer seen on the platform counts")
	require.NotNil(t, list(ada, "").Items[1].AnsweredAt)
	first := list(ada, "?limit=1")
	require.Equal(t, []string{"1_3"}, ids(first))
	require.Equal(t, []string{"1_1"}, ids(list(ada, "?limit=1&cursor="+first.NextCursor)))
	require.Empty(t, list(eve, "").Items)
	require.Empty(t, list(eve, "?connection_id="+con).Items)
	require.Empty(t, list(ada, "?state=hidden").Items)

	var one api.Comment
	path := "/v1/comments/" + con + "/1_3/"
	require.Equal(t, []string{"1_3"}, ids(list(ada, "?state=unread")), "what was answered was read")
	for range 2 {
		ada.post(path+"read", nil).status(http.StatusOK).into(&one)
		require.True(t, now.Equal(*one.ReadAt))
		require.Empty(t, list(ada, "?state=unread").Items)
	}
	one = api.Comment{}
	ada.post(path+"unread", nil).status(http.StatusOK).into(&one)
	require.Nil(t, one.ReadAt)
	require.Equal(t, []string{"1_3"}, ids(list(ada, "?state=unread")))
	eve.post(path+"read", nil).problem(http.StatusNotFound, "not_found")
	ada.as(tenant.Viewer).post(path+"read", nil).problem(http.StatusForbidden, "forbidden")
	ada.post(path+"hide", nil).status(http.StatusOK).into(&one)
	require.True(t, one.Hidden)
	require.Equal(t, []string{"1_3"}, ids(list(ada, "?state=hidden")))
	ada.post(path+"unhide", nil).status(http.StatusOK).into(&one)
	require.False(t, one.Hidden)
	var made, again, other api.Comment
	ada.post(path+"reply", api.Answer{Text: "Until six"}, "Idempotency-Key", "a").status(http.StatusCreated).into(&made)
	ada.post(path+"reply", api.Answer{Text: "Until six"}, "Idempotency-Key", "b").status(http.StatusCreated).into(&other)
	require.NotEqual(t, made.ID, other.ID, "another key is another answer")
	ada.post(path+"reply", api.Answer{Text: "Until six"}, "Idempotency-Key", "a").status(http.StatusCreated).into(&again)
	require.Equal(t, made, again)
	ada.post(path+"reply", api.Answer{Text: " "}).problem(http.StatusUnprocessableEntity, "invalid_content")
	ada.as(tenant.Viewer).post(path+"reply", api.Answer{Text: "x"}).problem(http.StatusForbidden, "forbidden")
	ada.as(tenant.Viewer).post(path+"hide", nil).problem(http.StatusForbidden, "forbidden")
	ada.as(tenant.Viewer).post(path+"delete", nil).problem(http.StatusForbidden, "forbidden")
	ada.post(path+"delete", nil).status(http.StatusNoContent)
	require.Equal(t, []string{"1_1"}, ids(list(ada, "")))
	ada.post(path+"hide", nil).problem(http.StatusNotFound, "not_found")

	ada.get("/v1/comments?connection_id=nonsense").problem(http.StatusUnprocessableEntity, "invalid_request")
	ada.get("/v1/comments?post_id=p_1").problem(http.StatusUnprocessableEntity, "invalid_request")
	ada.get("/v1/comments?cursor=nonsense").problem(http.StatusUnprocessableEntity, "invalid_request")
	ada.post("/v1/comments/nonsense/1_1/reply", api.Answer{Text: "x"}).problem(http.StatusNotFound, "not_found")
}

func TestNumbersAreAskedForWhenTheyAreOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signUp(), w.signUp()
	con := ada.link("1").ID
	path := "/v1/connections/" + con + "/metrics"
	read := func(query string) api.MetricReport {
		var out api.MetricReport
		ada.as(tenant.Viewer).get(path + query).status(http.StatusOK).into(&out)
		return out
	}
	first := read("")
	require.Equal(t, int64(412), *first.Items[0].Value)
	require.Nil(t, first.Items[1].Value, "not known is not zero")
	require.Equal(t, "Not yet.", first.Items[1].Note)
	require.True(t, w.clock.Now().Equal(*first.AsOf))

	w.platform.says(func(p *platform) { p.numbers = problem.New(problem.PlatformDown, "It does not work.") })
	w.clock.move(14 * time.Minute)
	require.Equal(t, first, read(""), "nobody is asked")
	w.clock.move(2 * time.Minute)
	stale := read("")
	require.Equal(t, first.Items, stale.Items, "the last known numbers stay")
	require.Equal(t, first.AsOf, stale.AsOf)
	require.Equal(t, problem.PlatformDown, stale.Problem.Class)
	w.platform.says(func(p *platform) { p.numbers = nil })
	require.NotNil(t, read("").Problem, "it is left alone for a minute")
	w.clock.move(time.Minute)
	require.Nil(t, read("").Problem)
	require.True(t, w.clock.Now().Equal(*read("").AsOf))

	w.platform.says(func(p *platform) { p.numbers = problem.New(problem.PermissionMissing, "Connect again.") })
	never := read("?period=28d")
	require.Empty(t, never.Items, "another period is another report")
	require.Nil(t, never.AsOf)
	require.Equal(t, problem.ActReconnect, never.Problem.Action.Kind)
	ada.get(path+"?period=365d").problem(http.StatusUnprocessableEntity, "invalid_request")
	eve.get(path).problem(http.StatusNotFound, "not_found")
	ada.get("/v1/jobs/pst_"+boot.NewID()+".con_"+boot.NewID()+"/metrics").problem(http.StatusNotFound, "not_found")
}
