package meta_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

func commented() connector.Draft {
	return connector.Draft{Kind: "text", Text: "Buns", Options: map[string]any{"first_comment": "Order here"}}
}

func TestALostAnswerNeverCommentsTwice(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	for _, kind := range []string{"reset_before", "reset_after", "error_after", "500", "html", "truncated"} {
		session, _ := b.session(t, object{"name": "Shop"})
		j := b.job(t, session, commented())
		b.Control(t, http.MethodPost, "faults", object{"op": "meta.comments.create", "kind": kind}, nil)
		_, err := j.try()
		require.True(t, problem.Of(err).MayHaveHappened(), "%s: %v", kind, err)
		// A fan was faster.
		b.Control(t, http.MethodPost, "meta/comments", object{"post": b.posts(t, session.Account.ExternalID)[0].ID, "message": "Thanks", "name": "Fan"}, nil)
		r, err := j.finish()
		require.NoError(t, err, kind)
		posts := b.posts(t, session.Account.ExternalID)
		require.Len(t, posts, 1, kind)
		require.Equal(t, r.ExternalID, posts[0].ID)
		require.ElementsMatch(t, []string{"Order here", "Thanks"}, posts[0].comments(), kind)
	}
}

// The platform hides who a fan is, so the same words without a name decide nothing.
func TestTheSameWordsWithoutANameAreForAPerson(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	j := b.job(t, session, commented())
	b.Control(t, http.MethodPost, "faults", object{"op": "meta.comments.create", "kind": "reset_before"}, nil)
	_, err := j.try()
	require.Error(t, err)
	b.Control(t, http.MethodPost, "meta/comments", object{"post": b.posts(t, session.Account.ExternalID)[0].ID, "message": "Order here"}, nil)
	_, err = j.finish()
	require.ErrorIs(t, err, publish.ErrHeld)
}

func TestWithoutThePermissionNothingIsPublished(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	session.Account.Scopes = []string{"pages_show_list", "pages_manage_posts", "pages_read_engagement"}
	_, err := b.job(t, session, commented()).try()
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err), "the account itself works: it must not be blocked")
	require.Equal(t, "options.first_comment", problem.Of(err).Field)
	require.Equal(t, problem.ActReconnect, problem.Of(err).Action.Kind)
	require.Empty(t, b.posts(t, session.Account.ExternalID))
	_, err = b.job(t, session, connector.Draft{Kind: "text", Text: "Buns"}).try()
	require.NoError(t, err)

	// Taken back after the connection was made.
	b.Control(t, http.MethodPost, "faults", object{"op": "meta.comments.create", "kind": "401", "status": 403, "code": 200}, nil)
	session.Account.Scopes = append(session.Account.Scopes, "pages_manage_engagement")
	j := b.job(t, session, commented())
	r, err := j.try()
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
	require.NotEmpty(t, r.ExternalID, "the post is live")
	_, err = j.try() // by hand, after connecting again: only the comment
	require.NoError(t, err)
	require.Len(t, b.posts(t, session.Account.ExternalID), 2)
}

func TestAReelIsCommentedToo(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	session, _ := b.session(t, object{"name": "Shop"})
	d := reel()
	d.Options = commented().Options
	r, err := b.job(t, session, d).finish()
	require.NoError(t, err)
	b.oneReel(t, session, r)
	require.Equal(t, []string{"Order here"}, b.posts(t, session.Account.ExternalID)[0].comments())
}
