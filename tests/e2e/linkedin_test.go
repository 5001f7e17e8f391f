package e2e_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/stage"
)

func TestLinkedInProvesTheAddressAndTellsOfComments(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	box := stage.Box{URL: f.Info.Sandbox}
	require.NoError(t, box.Post(t.Context(), "/_sandbox/linkedin/callback", map[string]any{"url": f.Info.URL + "/hooks/linkedin"}, nil), "the challenge is answered")
	a, err := f.Send(t.Context(), http.MethodGet, f.Info.URL+"/hooks/linkedin", nil, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, a.Status, "nothing was asked")
	f.heard(f.conns[0])
	require.NotEmpty(t, f.shown().Subscribers)

	text := "Open from nine " + newID()
	p := f.until(f.publish(text, nil).ID, "published", time.Minute)
	post := p.Jobs[0].Receipt.ExternalID
	require.NoError(t, box.Post(t.Context(), "/_sandbox/linkedin/comments", map[string]any{"post": post, "name": "Sol", "message": "Sehr schön!"}, nil))
	below := func() []comment {
		var page struct{ Items []comment }
		f.call(http.MethodGet, "/v1/comments?connection_id="+f.conns[0]+"&post_id="+url.QueryEscape(post), nil, http.StatusOK, &page)
		return page.Items
	}
	require.Eventually(t, func() bool { return len(below()) == 1 }, time.Minute, 100*time.Millisecond, "the comment is below the post that Herald published")
	require.Equal(t, "Sehr schön!", below()[0].Text)

	for signature, want := range map[string]int{"bad": http.StatusUnauthorized, "plain": http.StatusUnauthorized, "none": http.StatusUnauthorized} {
		var told struct{ Status int }
		require.NoError(t, box.Post(t.Context(), "/_sandbox/linkedin/webhook", map[string]any{"signature": signature, "notifications": []any{map[string]any{
			"notificationId": 77, "organizationalEntity": "urn:li:organization:" + f.org, "action": "COMMENT", "sourcePost": post,
			"generatedActivity": "urn:li:comment:(" + post + ",9)", "lastModifiedAt": time.Now().UnixMilli(),
			"decoratedGeneratedActivity": map[string]any{"comment": map[string]any{"entity": "urn:li:comment:(" + post + ",9)", "owner": "urn:li:person:x", "text": "Forged"}},
		}}}, &told))
		require.Equal(t, want, told.Status, signature)
	}
	require.Len(t, below(), 1)
}

func TestAPostOfALinkedInPageIsEditedAndDeleted(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	p := f.until(f.publish("Open from nine "+newID(), nil).ID, "published", time.Minute)
	path := "/v1/jobs/" + p.Jobs[0].ID
	better := "Open from ten (not nine) " + newID()
	f.call(http.MethodPatch, path, map[string]any{"text": better}, http.StatusOK, nil)
	require.Equal(t, better, f.shown().Posts[0].Text)
	for range 2 {
		f.call(http.MethodPost, path+"/delete", nil, http.StatusNoContent, nil)
	}
	require.Empty(t, f.shown().Posts)
	f.call(http.MethodPatch, path, map[string]any{"text": "Too late"}, http.StatusConflict, nil)
}

// TestADoubleThatLinkedInRefusesIsAdopted: the answer to a profile's post is lost, nobody can list the profile's posts, and
// the refusal of the second call names the first one.
func TestADoubleThatLinkedInRefusesIsAdopted(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	_, err := f.Must(t.Context(), http.MethodPost, f.Info.Sandbox+"/_sandbox/faults", map[string]any{
		"op": "linkedin.posts.create", "kind": "reset_after", "match": f.person, "times": 1,
	})
	require.NoError(t, err)
	var p post
	f.call(http.MethodPost, "/v1/posts", map[string]any{"text": "Once " + newID(), "targets": []any{map[string]any{"connection_id": f.profile}}}, http.StatusAccepted, &p)
	p = f.until(p.ID, "published", time.Minute)
	posts := f.shownOf(f.person).Posts
	require.Len(t, posts, 1)
	require.Equal(t, posts[0].ID, p.Jobs[0].Receipt.ExternalID)
	require.Greater(t, p.Jobs[0].Attempts, 1, "the first answer was lost")
}
