package e2e_test

import (
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/stage"
)

// creator is a member with one TikTok account linked.
type creator struct {
	member

	id string
}

// newCreator makes an account with the given traits of the sandbox, beside its name.
func newCreator(t *testing.T, traits map[string]any) creator {
	t.Helper()
	c := creator{member: member{Visitor: arrive(t), t: t}}
	seed := map[string]any{"username": "kim" + newID()[16:]}
	maps.Copy(seed, traits)
	var who struct {
		ID string `json:"open_id"`
	}
	c.box("seed", seed, &who)
	c.id = who.ID
	c.link()
	return c
}

func (c *creator) box(path string, in, out any) {
	c.t.Helper()
	require.NoError(c.t, stage.Box{URL: c.Info.Sandbox}.Post(c.t.Context(), "/_sandbox/tiktok/"+path, in, out))
}

func (c *creator) link() {
	c.t.Helper()
	linked, err := c.ConnectAt(c.t.Context(), "tiktok", "", []string{c.id})
	require.NoError(c.t, err)
	c.conns = []string{linked[c.id]}
	require.NotEmpty(c.t, c.conns[0])
}

// told is what the API shows of a post that TikTok tells of.
type told struct {
	State   string `json:"state"`
	Receipt struct {
		ExternalID string `json:"external_id"`
		Permalink  string `json:"permalink"`
		Note       string `json:"note"`
	} `json:"receipt"`
	RemovedAt *time.Time `json:"removed_at"`
	Problem   struct{ Message string }
}

// posts publishes one file.
func (c *creator) posts(kind, text, file string, options map[string]any) string {
	c.t.Helper()
	target := map[string]any{"connection_id": c.conns[0], "kind": kind}
	if options != nil {
		target["options"] = options
	}
	var p post
	c.call(http.MethodPost, "/v1/posts", map[string]any{"text": text, "targets": []any{target}, "media": []any{map[string]any{"id": file}}}, http.StatusAccepted, &p)
	return p.ID
}

func (c *creator) told(id string) told {
	c.t.Helper()
	var p struct{ Jobs []told }
	c.call(http.MethodGet, "/v1/posts/"+id, nil, http.StatusOK, &p)
	return p.Jobs[0]
}

func (c *creator) soon(what string, condition func() bool) {
	c.t.Helper()
	require.Eventually(c.t, condition, 3*time.Minute, 100*time.Millisecond, what)
}

func (c *creator) film() string {
	c.t.Helper()
	id, err := c.Upload(c.t.Context(), "buns.mp4", "video/mp4", clip.Make(clip.Spec{Bytes: 300_000, DurationMs: 5000}))
	require.NoError(c.t, err)
	return id
}

type onTikTok struct {
	ID        string `json:"id"`
	Task      string `json:"publish_id"`
	Permalink string `json:"permalink"`
}

// shown is what the profile shows, and what waits in the inbox.
func (c *creator) shown() (posts, inbox []onTikTok) {
	c.t.Helper()
	var all []struct{ Posts, Inbox []onTikTok }
	require.NoError(c.t, stage.Box{URL: c.Info.Sandbox}.Get(c.t.Context(), "/_sandbox/tiktok/creators?id="+url.QueryEscape(c.id), &all))
	require.Len(c.t, all, 1)
	return all[0].Posts, all[0].Inbox
}

func everyone() map[string]any {
	return map[string]any{"privacy_level": "PUBLIC_TO_EVERYONE", "consent": "music_usage"}
}

// TestTikTokTellsWhatBecameOfAPost: its id comes when moderation is done with it, which is after it is published; then it is
// removed there.
func TestTikTokTellsWhatBecameOfAPost(t *testing.T) {
	t.Parallel()
	c := newCreator(t, map[string]any{"moderation_seconds": 45})
	id := c.posts("video", "Soon to be seen "+newID(), c.film(), everyone())
	c.until(id, "published", time.Minute)
	posts, _ := c.shown()
	require.Len(t, posts, 1)
	first := c.told(id).Receipt
	require.Equal(t, posts[0].Task, first.ExternalID, "it has no other name yet")
	c.soon("a webhook tells its id", func() bool { return c.told(id).Receipt.ExternalID == posts[0].ID })
	require.Empty(t, c.told(id).Receipt.Note)

	c.box("posts/"+posts[0].ID+"/hide", map[string]any{}, nil)
	c.soon("moderation has removed it", func() bool { return c.told(id).RemovedAt != nil })
	require.Equal(t, "published", c.told(id).State, "it was published; what became of it is another thing")
	var trail struct {
		Timeline []struct {
			Message string `json:"message"`
		} `json:"timeline"`
	}
	c.call(http.MethodGet, "/v1/jobs/"+c.get(id).Jobs[0].ID, nil, http.StatusOK, &trail)
	require.Contains(t, trail.Timeline[len(trail.Timeline)-1].Message, "removed on the platform")
}

func TestADraftWaitsInTheInboxWithANote(t *testing.T) {
	t.Parallel()
	c := newCreator(t, nil)
	id := c.posts("video_draft", "", c.film(), nil)
	c.until(id, "published", time.Minute)
	require.Contains(t, c.told(id).Receipt.Note, "waits in the inbox")
	posts, inbox := c.shown()
	require.Empty(t, posts)
	require.Len(t, inbox, 1)
	c.box("drafts/"+inbox[0].Task+"/post", map[string]any{"title": "Buns by hand"}, nil)
	c.soon("the person has posted it", func() bool {
		r := c.told(id).Receipt
		posts, _ = c.shown()
		return len(posts) == 1 && r.ExternalID == posts[0].ID && r.Note == ""
	})
}

func TestWhoRemovesTheAppInTikTokIsToldWhy(t *testing.T) {
	t.Parallel()
	account := func(c creator) linkedAccount {
		var a linkedAccount
		c.call(http.MethodGet, "/v1/connections/"+c.conns[0], nil, http.StatusOK, &a)
		return a
	}
	for reason, words := range map[int]string{1: "removed Herald", 4: "TikTok has banned the account"} {
		c := newCreator(t, nil)
		c.box("creators/"+c.id+"/remove", map[string]any{"reason": reason}, nil)
		c.soon("the account is blocked", func() bool { return account(c).Status == "blocked" })
		require.Contains(t, account(c).Reason, words)
		require.Equal(t, "reconnect", account(c).Action.Kind)
		before := c.conns[0]
		c.link()
		require.Equal(t, before, c.conns[0], "the same connection is healed")
		require.Equal(t, "healthy", account(c).Status)
	}
}

// TestALostAnswerMakesOneTikTokPost: whatever is lost of a video's calls; and of a photo's, which is found by what TikTok tells
// or lists.
func TestALostAnswerMakesOneTikTokPost(t *testing.T) {
	t.Parallel()
	for kind, ops := range map[string][]string{"video": {"tiktok.video.init", "tiktok.upload", "tiktok.status"}, "photos": {"tiktok.content.init"}} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := newCreator(t, nil)
			for _, op := range ops {
				fault := map[string]any{"op": op, "kind": "reset_after", "times": 1, "match": c.id}
				require.NoError(t, stage.Box{URL: c.Info.Sandbox}.Post(t.Context(), "/_sandbox/faults", fault, nil))
			}
			file := c.film
			if kind == "photos" {
				file = c.upload
			}
			id := c.posts(kind, "Once "+newID(), file(), everyone())
			c.until(id, "published", 3*time.Minute)
			posts, _ := c.shown()
			require.Len(t, posts, 1)
			require.Contains(t, []string{posts[0].ID, posts[0].Task}, c.told(id).Receipt.ExternalID)
			require.Greater(t, c.get(id).Jobs[0].Attempts, 1)
		})
	}
}

// TestAPostForTikTokNamesItsConsent: what must be chosen by a person is not chosen for them.
func TestAPostForTikTokNamesItsConsent(t *testing.T) {
	t.Parallel()
	c := newCreator(t, nil)
	var refused struct {
		Errors []struct{ Field string }
	}
	c.call(http.MethodPost, "/v1/posts", map[string]any{
		"text": "Buns", "media": []any{map[string]any{"id": c.film()}}, "targets": []any{map[string]any{"connection_id": c.conns[0], "kind": "video"}},
	}, http.StatusUnprocessableEntity, &refused)
	require.NotEmpty(t, refused.Errors)
	posts, _ := c.shown()
	require.Empty(t, posts)
}
