package e2e_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// creator is a member with one TikTok account linked.
type creator struct {
	member

	id string
}

func newCreator(t *testing.T, traits map[string]any) creator {
	t.Helper()
	v := arrive(t)
	c := creator{member: member{Visitor: v, t: t}}
	seed := map[string]any{"username": "kim" + newID()[18:], "nickname": "Kim " + newID()[20:]}
	maps.Copy(seed, traits)
	var who struct {
		OpenID string `json:"open_id"`
	}
	c.sandbox(http.MethodPost, "tiktok/seed", seed, &who)
	c.id = who.OpenID
	c.link(nil)
	return c
}

func (c *creator) sandbox(method, path string, in, out any) {
	c.t.Helper()
	a, err := c.Must(c.t.Context(), method, c.Info.Sandbox+"/_sandbox/"+path, in)
	require.NoError(c.t, err)
	if out != nil {
		require.NoError(c.t, a.Into(out))
	}
}

// link goes through the whole consent.
func (c *creator) link(decline []string) {
	c.t.Helper()
	ctx := c.t.Context()
	start, err := c.Must(ctx, http.MethodGet, c.Info.URL+"/v1/oauth/tiktok/start?return_to=/accounts", nil)
	require.NoError(c.t, err)
	var login struct {
		Location string `json:"location"`
	}
	c.sandbox(http.MethodPost, "tiktok/login", map[string]any{"url": start.Header.Get("Location"), "accounts": []string{c.id}, "decline": decline}, &login)
	back, err := c.Must(ctx, http.MethodGet, login.Location, nil)
	require.NoError(c.t, err)
	to, err := url.Parse(back.Header.Get("Location"))
	require.NoError(c.t, err)
	grant, found := strings.CutPrefix(to.Path, "/connect/")
	require.True(c.t, found, to.String())
	var candidates struct {
		Accounts []struct {
			CandidateID string `json:"candidate_id"`
		} `json:"accounts"`
	}
	c.call(http.MethodGet, "/v1/oauth/grants/"+grant, nil, http.StatusOK, &candidates)
	require.Len(c.t, candidates.Accounts, 1)
	var linked struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	c.call(http.MethodPost, "/v1/connections", map[string]any{"grant_id": grant, "candidate_ids": []string{candidates.Accounts[0].CandidateID}}, http.StatusCreated, &linked)
	c.conns = []string{linked.Items[0].ID}
}

// post publishes one file and waits for the post.
func (c *creator) post(kind, text, file string, options map[string]any) post {
	c.t.Helper()
	target := map[string]any{"connection_id": c.conns[0], "kind": kind}
	if options != nil {
		target["options"] = options
	}
	in := map[string]any{"targets": []any{target}, "media": []any{map[string]any{"id": file}}}
	if text != "" {
		in["text"] = text
	}
	var p post
	c.call(http.MethodPost, "/v1/posts", in, http.StatusAccepted, &p)
	return p
}

func (c *creator) film() string {
	c.t.Helper()
	id, err := c.Upload(c.t.Context(), "buns.mp4", "video/mp4", clip.Make(clip.Spec{Bytes: 300_000, DurationMs: 5000}))
	require.NoError(c.t, err)
	return id
}

// shown is what the account shows.
func (c *creator) shown() (posts, inbox []visitor.SandboxPost) {
	c.t.Helper()
	var all []struct {
		Posts []visitor.SandboxPost `json:"posts"`
		Inbox []visitor.SandboxPost `json:"inbox"`
	}
	c.sandbox(http.MethodGet, "tiktok/creators?id="+url.QueryEscape(c.id), nil, &all)
	require.Len(c.t, all, 1)
	return all[0].Posts, all[0].Inbox
}

func onTikTok(level string) map[string]any {
	return map[string]any{"privacy_level": level, "allow_comment": true, "consent": "music_usage"}
}

func TestAVideoAndPhotosGoToTikTok(t *testing.T) {
	t.Parallel()
	c := newCreator(t, map[string]any{"processing_seconds": 1, "moderation_seconds": 3})
	film := c.film()
	var refused struct {
		Errors []struct{ Field, Message string }
	}
	c.call(http.MethodPost, "/v1/posts", map[string]any{
		"text": "Buns", "media": []any{map[string]any{"id": film}}, "targets": []any{map[string]any{"connection_id": c.conns[0], "kind": "video", "options": map[string]any{"disclose": true}}},
	}, http.StatusUnprocessableEntity, &refused)
	require.NotEmpty(t, refused.Errors)

	p := c.post("video", "Buns from eight "+newID(), film, onTikTok("PUBLIC_TO_EVERYONE"))
	p = c.until(p.ID, "published", time.Minute)
	shown, _ := c.shown()
	require.Len(t, shown, 1)

	pictures := c.post("photos", "From the oven "+newID(), c.upload(), onTikTok("SELF_ONLY"))
	pictures = c.until(pictures.ID, "published", time.Minute)
	shown, _ = c.shown()
	require.Len(t, shown, 2)
	require.NotEqual(t, p.Jobs[0].Receipt.ExternalID, pictures.Jobs[0].Receipt.ExternalID)

	draft := c.post("video_draft", "", film, nil)
	c.until(draft.ID, "published", time.Minute)
	_, inbox := c.shown()
	require.Len(t, inbox, 1, "it waits in the inbox")
}

func TestTikTokTellsWhatBecameOfPostsAndAccounts(t *testing.T) {
	t.Parallel()
	c := newCreator(t, map[string]any{"moderation_seconds": 2})
	p := c.post("video", "Soon to be seen "+newID(), c.film(), onTikTok("PUBLIC_TO_EVERYONE"))
	c.until(p.ID, "published", time.Minute)
	require.Eventually(t, func() bool {
		r := c.get(p.ID).Jobs[0].Receipt
		shown, _ := c.shown()
		return r.ExternalID == shown[0].ID
	}, time.Minute, 200*time.Millisecond, "a webhook tells the id once the post is public")

	c.sandbox(http.MethodPost, "tiktok/creators/"+c.id+"/remove", map[string]any{"reason": 1}, nil)
	require.Eventually(t, func() bool {
		var conn struct {
			Status string `json:"status"`
		}
		c.call(http.MethodGet, "/v1/connections/"+c.conns[0], nil, http.StatusOK, &conn)
		return conn.Status == "blocked"
	}, 30*time.Second, 200*time.Millisecond, "the account is blocked when the person removes the app")
	c.link(nil)
	c.call(http.MethodGet, "/v1/connections/"+c.conns[0], nil, http.StatusOK, nil)
}

func TestALostAnswerMakesOneTikTokPost(t *testing.T) {
	t.Parallel()
	c := newCreator(t, nil)
	for _, op := range []string{"tiktok.video.init", "tiktok.upload", "tiktok.status"} {
		c.sandbox(http.MethodPost, "faults", map[string]any{"op": op, "kind": "reset_after", "match": c.id}, nil)
	}
	p := c.post("video", "Once "+newID(), c.film(), onTikTok("PUBLIC_TO_EVERYONE"))
	c.until(p.ID, "published", 2*time.Minute)
	shown, _ := c.shown()
	require.Len(t, shown, 1)
}
