package api_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

func (p *person) offer(con string) (out api.Offer) {
	p.w.t.Helper()
	p.get("/v1/connections/" + con + "/offer").status(http.StatusOK).into(&out)
	return out
}

func (p *person) refreshOffer(con string) *response {
	p.w.t.Helper()
	return p.post("/v1/connections/"+con+"/offer/refresh", nil, "Idempotency-Key", boot.NewID())
}

// refused is what the check, and then createPost, says about a post to one account.
func (p *person) refused(body map[string]any) []api.FieldProblem {
	p.w.t.Helper()
	var check api.Check
	p.post("/v1/posts/check", body).status(http.StatusOK).into(&check)
	made := p.post("/v1/posts", body, "Idempotency-Key", boot.NewID())
	if len(check.Problems) == 0 {
		made.status(http.StatusAccepted)
		return nil
	}
	require.Equal(p.w.t, check.Problems, made.problem(http.StatusUnprocessableEntity, "invalid_content").Errors)
	return check.Problems
}

// narrow is the fake's text with one option and a shorter limit; it takes no photos.
func narrow(privacy string) []connector.PostKind {
	return []connector.PostKind{{
		Kind: "text", Title: "Text", Text: connector.TextLimit{Required: true, Max: 10, Unit: connector.Graphemes, Source: "https://platform.example/limits"},
		Options: json.RawMessage(`{"type":"object","required":["privacy"],"properties":{"privacy":{"title":"Who can see it","enum":["` + privacy + `"]}}}`),
	}}
}

func TestAnAccountTakesWhatThePlatformOffersIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signUp(), w.signUp()
	con, other := ada.link("1").ID, ada.link("2").ID
	body := func(con, text string, options map[string]any) map[string]any {
		return map[string]any{"text": text, "targets": []any{map[string]any{"connection_id": con, "kind": "text", "options": options}}}
	}

	whole := ada.offer(con)
	require.Nil(t, whole.AsOf, "nobody has asked")
	require.Len(t, whole.Posts, 2, "what the kind takes")
	require.Empty(t, ada.refused(body(con, "longer than ten", nil)))

	w.platform.says(func(p *platform) {
		p.offers = connector.Offer{Posts: narrow("friends"), Notices: []connector.Notice{{Level: connector.NoticeInfo, Text: "Posts as Cafe Ada."}}}
	})
	var fresh api.Offer
	ada.refreshOffer(con).status(http.StatusOK).into(&fresh)
	require.Equal(t, fresh, ada.offer(con))
	require.Equal(t, w.clock.Now(), *fresh.AsOf)
	require.Len(t, fresh.Posts, 1)
	require.Equal(t, 10, fresh.Posts[0].Text.Max)
	require.Equal(t, []connector.Notice{{Level: connector.NoticeInfo, Text: "Posts as Cafe Ada."}}, fresh.Notices)

	found := ada.refused(body(con, "longer than ten", map[string]any{"privacy": "everyone"}))
	require.Len(t, found, 2)
	require.Equal(t, "text", found[0].Field)
	require.Equal(t, "targets[0].options.privacy", found[1].Field)
	require.Empty(t, ada.refused(body(con, "short", map[string]any{"privacy": "friends"})))
	photo := body(con, "short", nil)
	photo["targets"].([]any)[0].(map[string]any)["kind"] = "photo"
	found = ada.refused(photo)
	require.Equal(t, "targets[0].kind", found[0].Field)
	require.Equal(t, "This account takes no posts of the kind Photo at the moment.", found[0].Message)
	require.Empty(t, ada.refused(body(other, "longer than ten", nil)), "another account is not concerned")

	w.clock.move(24 * time.Hour)
	require.Equal(t, whole, ada.offer(con), "too old to be believed")
	require.Empty(t, ada.refused(body(con, "longer than ten", nil)))

	eve.get("/v1/connections/"+con+"/offer").problem(http.StatusNotFound, "not_found")
	eve.refreshOffer(con).problem(http.StatusNotFound, "not_found")
}

func TestAStopConcernsOnlyWhatGoesOutAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	con := ada.link("1").ID
	const sentence = "The account has used up its posts of today."
	w.platform.says(func(p *platform) {
		p.offers = connector.Offer{Posts: narrow("friends"), Notices: []connector.Notice{{Level: connector.NoticeStop, Text: sentence}}}
	})
	ada.refreshOffer(con).status(http.StatusOK)
	body := map[string]any{"text": "hello", "targets": []any{map[string]any{"connection_id": con, "kind": "text", "options": map[string]any{"privacy": "friends"}}}}
	require.Equal(t, []api.FieldProblem{{Field: "targets[0]", ConnectionID: con, Message: sentence}}, ada.refused(body))
	body["publish_at"] = w.clock.Now().Add(time.Hour)
	require.Empty(t, ada.refused(body), "it may have passed by then")
	delete(body, "publish_at")
	w.clock.move(15 * time.Minute)
	require.Empty(t, ada.refused(body), "what stops an account passes by itself")
}

func TestWhyAnAccountCannotBeAskedReachesThePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	con := ada.link("1").ID
	for class, status := range map[problem.Class]int{
		problem.AuthRevoked: http.StatusConflict, problem.RateLimited: http.StatusTooManyRequests, problem.PlatformDown: http.StatusServiceUnavailable,
	} {
		w.platform.says(func(p *platform) { p.refuses = problem.New(class, "The platform's reason.") })
		require.Equal(t, "The platform's reason.", ada.refreshOffer(con).problem(status, string(class)).Detail)
	}
	require.Nil(t, ada.offer(con).AsOf, "nothing was learned")
}
