package linkedin_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/linkedin"
	"github.com/herald-publishing/herald/internal/problem"
)

func TestACommentThatIsToldOfBelongsToThePost(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	host := b.host(t)
	s := b.session(t, organization, nil)
	c := b.connect(t, time.Now, func(cfg *linkedin.Config) { cfg.HooksURL, cfg.AppID = host.url, "9" })
	require.NoError(t, c.Subscribe(t.Context(), s))
	r, err := publishNow(t, c, s, text("Buns"))
	require.NoError(t, err)
	id := b.comment(t, r.ExternalID, "", "Sol", "Nice (really)")
	require.True(t, host.heard(id))
	events, err := c.Split([]byte(host.bodies[0]))
	require.NoError(t, err)
	require.Len(t, events, 1)
	require.Equal(t, s.Account.ExternalID, events[0].ExternalAccountID)
	require.Equal(t, connector.CommentAdd, events[0].Comment.Verb)
	require.Equal(t, r.ExternalID, events[0].Comment.PostID, "an activity has another number than its post")
	require.Equal(t, id, events[0].Comment.ID)
	require.Equal(t, "Nice (really)", events[0].Comment.Text)
	listed, err := c.Comments(t.Context(), s, r, "")
	require.NoError(t, err)
	require.Equal(t, []time.Duration{48 * time.Hour, 48 * time.Hour}, []time.Duration{events[0].Keep, listed.Items[0].Keep}, "LinkedIn wants it forgotten")
	reply, err := c.Reply(t.Context(), s, connector.ReplyDraft{To: connector.Comment{ID: events[0].Comment.ID, PostID: r.ExternalID}, Text: "Thanks"}, ledger(t))
	require.NoError(t, err)
	require.Equal(t, id, reply.ParentID)
}

func TestWhatIsNoCommentsURNIsNotFound(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	c := b.connect(t, time.Now)
	s := b.session(t, member, nil)
	for _, id := range []string{"", "66", "urn:li:comment:(urn:li:activity:6,66", "urn:li:comment:(urn:li:activity:6,66)/x"} {
		require.Equal(t, problem.NotFound, problem.ClassOf(c.DeleteComment(t.Context(), s, connector.Comment{ID: id})))
	}
}

func TestASignatureMayComeWithItsPrefix(t *testing.T) {
	t.Parallel()
	c, err := linkedin.New(config("https://api.example"))
	require.NoError(t, err)
	body := []byte(`{"type":"x","notifications":[]}`)
	require.NoError(t, c.Verify(http.Header{"X-Li-Signature": {"hmacsha256=" + mac("hmacsha256="+string(body))}}, body))
	_, ok := c.Handshake(map[string][]string{"challengeCode": {string(make([]byte, 201))}}, connector.Secret{})
	require.False(t, ok, "nobody signs whatever is sent")
}
