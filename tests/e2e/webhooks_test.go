package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// fan is somebody signed in with linked Pages whose platform calls back.
type fan struct {
	*visitor.Visitor
	t      *testing.T
	person string
	pages  []visitor.Page
	conns  []string
}

func newFan(t *testing.T, pages ...string) *fan {
	t.Helper()
	f := &fan{Visitor: arrive(t), t: t}
	var err error
	f.person, f.pages, err = f.Seed(t.Context(), pages...)
	require.NoError(t, err)
	f.conns, err = f.Connect(t.Context(), f.person, f.pages)
	require.NoError(t, err)
	return f
}

// box calls the sandbox's control API.
func (f *fan) box(path string, in, out any) {
	f.t.Helper()
	a, err := f.Must(f.t.Context(), http.MethodPost, f.Info.Sandbox+"/_sandbox/meta/"+path, in)
	require.NoError(f.t, err)
	if out != nil {
		require.NoError(f.t, a.Into(out), string(a.Body))
	}
}

func (f *fan) get(path string, out any) {
	f.t.Helper()
	a, err := f.Must(f.t.Context(), http.MethodGet, f.Info.URL+path, nil)
	require.NoError(f.t, err)
	require.NoError(f.t, a.Into(out), string(a.Body))
}

// heard has the platform tell of what happens on the fan's Pages: the ping function asks for it. The stack's own clock runs
// it as well, so whoever comes first does.
func (f *fan) heard() {
	f.t.Helper()
	stack := teststack.Open(f.t)
	functions, ping := lambda.NewFromConfig(stack.AWS()), stack.Output(f.t, "PingFunction")
	for _, page := range f.pages {
		f.soon("the subscription to "+page.Name, func() bool {
			out, err := functions.Invoke(f.t.Context(), &lambda.InvokeInput{FunctionName: &ping, Payload: []byte("{}")})
			require.NoError(f.t, err)
			require.Empty(f.t, aws.ToString(out.FunctionError), "%s", out.Payload)
			var shown []struct {
				Fields []string `json:"subscribed_fields"`
			}
			a, err := f.Must(f.t.Context(), http.MethodGet, f.Info.Sandbox+"/_sandbox/meta/pages?page="+page.ID, nil)
			require.NoError(f.t, err)
			require.NoError(f.t, a.Into(&shown), string(a.Body))
			return len(shown) == 1 && slices.Contains(shown[0].Fields, "feed")
		})
	}
}

type comment struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	FromName string `json:"from_name"`
	Hidden   bool   `json:"hidden"`
}

func (f *fan) comments(conn string) []comment {
	f.t.Helper()
	var all []comment
	cursor := ""
	for {
		var page struct {
			Items []comment `json:"items"`
			Next  string    `json:"next_cursor"`
		}
		f.get("/v1/comments?limit=100&connection_id="+conn+"&cursor="+url.QueryEscape(cursor), &page)
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

type linkedAccount struct {
	Status string `json:"status"`
	Reason string `json:"reason"`
	Action struct {
		Kind string `json:"kind"`
	} `json:"action"`
}

func (f *fan) account(n int) linkedAccount {
	f.t.Helper()
	var c linkedAccount
	f.get("/v1/connections/"+f.conns[n], &c)
	return c
}

type webhookEvent struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	State  string `json:"state"`
	Reason string `json:"reason"`
}

func (f *fan) events() []webhookEvent {
	f.t.Helper()
	var all []webhookEvent
	cursor := ""
	for {
		var page struct {
			Items []webhookEvent `json:"items"`
			Next  string         `json:"next_cursor"`
		}
		f.get("/v1/webhooks/events?limit=100&cursor="+url.QueryEscape(cursor), &page)
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

func (f *fan) soon(what string, condition func() bool) {
	f.t.Helper()
	require.Eventually(f.t, condition, time.Minute, 100*time.Millisecond, what)
}

// settled waits until n events have ended.
func (f *fan) settled(n int) []webhookEvent {
	f.t.Helper()
	var all []webhookEvent
	f.soon(fmt.Sprintf("%d events to end", n), func() bool {
		all = f.events()
		for _, e := range all {
			if e.State == "received" {
				return false
			}
		}
		return len(all) >= n
	})
	require.Len(f.t, all, n)
	return all
}

const appSecret = "sandbox-meta-secret"

func sign(text string) []byte {
	m := hmac.New(sha256.New, []byte(appSecret))
	m.Write([]byte(text))
	return m.Sum(nil)
}

// deliver posts a body as the platform does, with whatever signature.
func (f *fan) deliver(body, signature string) int {
	f.t.Helper()
	a, err := f.Send(f.t.Context(), http.MethodPost, f.Info.URL+"/hooks/meta", []byte(body), http.Header{"X-Hub-Signature-256": {signature}})
	require.NoError(f.t, err)
	return a.Status
}

func (f *fan) signedRequest(path string, issued time.Time) visitor.Answer {
	f.t.Helper()
	payload := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"algorithm":"HMAC-SHA256","issued_at":%d,"user_id":%q}`, issued.Unix(), f.person))
	form := url.Values{"signed_request": {base64.RawURLEncoding.EncodeToString(sign(payload)) + "." + payload}}
	a, err := f.Send(f.t.Context(), http.MethodPost, f.Info.URL+"/hooks/meta/"+path, []byte(form.Encode()), nil)
	require.NoError(f.t, err)
	return a
}

func TestAFansCommentArrivesChangesAndGoes(t *testing.T) {
	t.Parallel()
	f := newFan(t, "Commented")
	f.heard()
	var post struct{ ID string }
	f.box("posts", map[string]any{"page": f.pages[0].ID, "message": "Buns!"}, &post)
	var made struct {
		ID string `json:"comment_id"`
	}
	f.box("webhook/comment", map[string]any{"post": post.ID, "from": "Kim", "message": "sch\u00f6n 🍞"}, &made)
	f.box("webhook/comment", map[string]any{"post": post.ID, "as_page": true, "message": "Our own words"}, nil)
	f.soon("the comment", func() bool { return len(f.comments(f.conns[0])) == 1 })
	require.Equal(t, []comment{{ID: made.ID, Text: "sch\u00f6n 🍞", FromName: "Kim"}}, f.comments(f.conns[0]))

	f.box("webhook/comment", map[string]any{"post": post.ID, "comment_id": made.ID, "verb": "edited", "message": "sehr sch\u00f6n"}, nil)
	f.box("webhook/comment", map[string]any{"post": post.ID, "comment_id": made.ID, "verb": "hide"}, nil)
	f.soon("the edit", func() bool {
		c := f.comments(f.conns[0])
		return len(c) == 1 && c[0].Text == "sehr sch\u00f6n" && c[0].Hidden
	})
	f.box("webhook/comment", map[string]any{"post": post.ID, "comment_id": made.ID, "verb": "remove"}, nil)
	f.soon("the removal", func() bool { return len(f.comments(f.conns[0])) == 0 })

	for _, e := range f.settled(5) {
		require.Equal(t, "processed", e.State)
	}
}

// TestAnAnswerOnTheSiteCountsAtOnce: nobody has to ask the platform for it.
func TestAnAnswerOnTheSiteCountsAtOnce(t *testing.T) {
	t.Parallel()
	f := newFan(t, "Answering")
	f.heard()
	var post, kim struct{ ID string }
	f.box("posts", map[string]any{"page": f.pages[0].ID, "message": "Buns!"}, &post)
	f.box("comments", map[string]any{"post": post.ID, "name": "Kim", "message": "Open today?", "share": true, "notify": true}, &kim)
	waiting := func(state string) int {
		var page struct{ Items []comment }
		f.get("/v1/comments?state="+state+"&connection_id="+f.conns[0], &page)
		return len(page.Items)
	}
	f.soon("the comment", func() bool { return waiting("unanswered") == 1 && waiting("unread") == 1 })
	f.box("comments", map[string]any{"post": post.ID, "parent": kim.ID, "message": "Until six", "own": true, "notify": true}, nil)
	f.soon("the answer", func() bool { return waiting("unanswered") == 0 && waiting("unread") == 0 })
	require.Len(t, f.comments(f.conns[0]), 1, "the Page's own words are in no inbox")
}

func TestRemovingTheAppBlocksItsAccountsOnly(t *testing.T) {
	t.Parallel()
	f, other := newFan(t, "Removed", "Removed too"), newFan(t, "Stays")
	f.box("people/"+f.person+"/deauthorize", map[string]any{}, nil)
	for n := range f.conns {
		f.soon("the block", func() bool { return f.account(n).Status == "blocked" })
		require.Contains(t, f.account(n).Reason, "removed Herald")
		require.Equal(t, "reconnect", f.account(n).Action.Kind)
	}
	require.Equal(t, "healthy", other.account(0).Status)
	var trail struct {
		Items []struct {
			Kind string `json:"kind"`
		} `json:"items"`
	}
	f.get("/v1/audit?connection_id="+f.conns[0], &trail)
	require.Len(t, trail.Items, 2)
	require.Equal(t, "blocked", trail.Items[0].Kind)

	events := f.settled(2)
	a, err := other.API(t.Context(), http.MethodGet, "/v1/webhooks/events/"+events[0].ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, a.Status, "another workspace's")
	a, err = other.API(t.Context(), http.MethodPost, "/v1/webhooks/events/"+events[0].ID+"/replay", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, a.Status)

	_, err = f.Connect(t.Context(), f.person, f.pages)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, f.signedRequest("deauthorize", time.Now().Add(-time.Hour)).Status)
	for _, e := range f.settled(4) {
		if e.State == "ignored" {
			require.Contains(t, e.Reason, "connected again since")
		}
	}
	require.Equal(t, "healthy", f.account(0).Status, "what was removed before the last consent is history")
}

func TestAPermissionTakenBackIsNamed(t *testing.T) {
	t.Parallel()
	f := newFan(t, "Loses one", "Keeps all")
	f.box("people/"+f.person+"/permission", map[string]any{"permission": "pages_manage_posts", "pages": []string{f.pages[0].ID}}, nil)
	f.soon("the block", func() bool { return f.account(0).Status == "blocked" })
	require.Contains(t, f.account(0).Reason, "pages_manage_posts")
	f.settled(2)
	require.Equal(t, "healthy", f.account(1).Status)
}

func TestDeletingAPersonsData(t *testing.T) {
	t.Parallel()
	f := newFan(t, "Forgotten")
	f.heard()
	var post struct{ ID string }
	f.box("posts", map[string]any{"page": f.pages[0].ID, "message": "Buns!"}, &post)
	f.box("webhook/comment", map[string]any{"post": post.ID, "from": "Kim", "message": "hello"}, nil)
	f.soon("the comment", func() bool { return len(f.comments(f.conns[0])) == 1 })

	now := time.Now()
	var first, again struct {
		URL  string `json:"url"`
		Code string `json:"confirmation_code"`
	}
	a := f.signedRequest("data-deletion", now)
	require.Equal(t, http.StatusOK, a.Status, string(a.Body))
	require.NoError(t, a.Into(&first))
	require.NoError(t, f.signedRequest("data-deletion", now).Into(&again))
	require.Equal(t, first, again)
	require.Equal(t, f.Info.URL+"/hooks/meta/deletion/"+first.Code, first.URL)
	f.soon("the status page", func() bool {
		page, err := f.Must(t.Context(), http.MethodGet, first.URL, nil)
		return err == nil && strings.Contains(string(page.Body), "<h1>Deleted</h1>")
	})
	require.Equal(t, "disconnected", f.account(0).Status)
	require.Empty(t, f.comments(f.conns[0]))

	f.box("webhook/comment", map[string]any{"post": post.ID, "from": "Kim", "message": "still there?"}, nil)
	f.settled(3)
	require.Empty(t, f.comments(f.conns[0]), "nothing comes in any more")
	page, err := f.Send(t.Context(), http.MethodGet, f.Info.URL+"/hooks/meta/deletion/"+strings.Repeat("0", 32), nil, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, page.Status)
}

func TestOnlyWhatThePlatformSignedHasAnEffect(t *testing.T) {
	t.Parallel()
	f := newFan(t, "Forged")
	body := fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":1790000000,"changes":[{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"1_9","message":"sch\u00e4n","created_time":1789999990}}]}]}`, f.pages[0].ID)
	good := "sha256=" + hex.EncodeToString(sign(body))
	require.Equal(t, http.StatusUnauthorized, f.deliver(strings.Replace(body, "1_9", "1_8", 1), good))
	require.Equal(t, http.StatusUnauthorized, f.deliver(strings.Replace(body, `\u00e4`, "ä", 1), good), "the same JSON in other bytes")
	require.Equal(t, http.StatusUnauthorized, f.deliver(body, ""))
	require.Empty(t, f.events())
	for range 3 {
		require.Equal(t, http.StatusOK, f.deliver(body, good))
	}
	require.Len(t, f.settled(1), 1)
	require.Equal(t, "schän", f.comments(f.conns[0])[0].Text)

	unknown := `{"object":"page","entry":[{"id":"1","time":1790000000,"changes":[{"field":"weather","value":{}}]}]}`
	require.Equal(t, http.StatusOK, f.deliver(unknown, "sha256="+hex.EncodeToString(sign(unknown))), "an account nobody has linked")
	large := strings.Repeat("x", 4<<20+1)
	require.Equal(t, http.StatusRequestEntityTooLarge, f.deliver(large, "sha256="+hex.EncodeToString(sign(large))))
	a, err := f.Send(t.Context(), http.MethodGet, f.Info.URL+"/hooks/meta?hub.mode=subscribe&hub.challenge=7&hub.verify_token=sandbox-meta-verify", nil, nil)
	require.NoError(t, err)
	require.Equal(t, "7", string(a.Body))

	var e webhookEvent
	id := f.events()[0].ID
	a, err = f.API(t.Context(), http.MethodPost, "/v1/webhooks/events/"+id+"/replay", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, a.Status, string(a.Body))
	f.soon("the replay", func() bool {
		f.get("/v1/webhooks/events/"+id, &e)
		return e.State == "processed"
	})
	require.Len(t, f.comments(f.conns[0]), 1)
	a, err = f.API(t.Context(), http.MethodPost, "/v1/webhooks/events/replay", map[string]any{"since": time.Now().Add(-time.Hour)})
	require.NoError(t, err)
	require.JSONEq(t, `{"replayed":0,"more":false}`, string(a.Body))
}

func TestAThousandChangesDeliveredTwiceAreAppliedOnceEach(t *testing.T) {
	t.Parallel()
	f := newFan(t, "Busy one", "Busy two", "Busy three")
	var entries []string
	for i := range 1000 {
		entries = append(entries, fmt.Sprintf(`{"id":%q,"time":1790000000,"changes":[{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"1_%d","message":"m%d","created_time":1789999990}}]}`,
			f.pages[i%3].ID, i, i))
	}
	body := `{"object":"page","entry":[` + strings.Join(entries, ",") + `]}`
	signature := "sha256=" + hex.EncodeToString(sign(body))
	for range 2 {
		require.Equal(t, http.StatusOK, f.deliver(body, signature))
	}
	for _, e := range f.settled(1000) {
		require.Equal(t, "processed", e.State)
		require.Empty(t, e.Reason)
	}
	seen := map[string]bool{}
	for _, conn := range f.conns {
		for _, c := range f.comments(conn) {
			require.False(t, seen[c.ID])
			seen[c.ID] = true
		}
	}
	require.Len(t, seen, 1000)
}
