package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
)

// tiktokApp is an app that listens, and answers with a status of its own.
type tiktokApp struct {
	mu     sync.Mutex
	status int
	got    []tiktokEvent
}

type tiktokEvent struct {
	ClientKey string `json:"client_key"`
	Event     string `json:"event"`
	OpenID    string `json:"user_openid"`
	Content   string `json:"content"`
	signed    bool
}

func (a *tiktokApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var e tiktokEvent
	_ = json.Unmarshal(body, &e)
	at, sum, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Tiktok-Signature"), "t="), ",s=")
	mac := hmac.New(sha256.New, []byte(tiktokSecret))
	mac.Write([]byte(at + "." + string(body)))
	e.signed = hex.EncodeToString(mac.Sum(nil)) == sum
	a.mu.Lock()
	defer a.mu.Unlock()
	a.got = append(a.got, e)
	w.WriteHeader(a.status)
}

func (a *tiktokApp) events(name string) []tiktokEvent {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []tiktokEvent
	for _, e := range a.got {
		if e.Event == name {
			out = append(out, e)
		}
	}
	return out
}

func (a *tiktokApp) answer(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status = status
}

func TestTikTokDeliversUntilItIsAnsweredWith200(t *testing.T) {
	t.Parallel()
	w := startTikTok(t, object{"moderation_seconds": 30})
	app := &tiktokApp{status: http.StatusNoContent}
	listener := httptest.NewServer(app)
	t.Cleanup(listener.Close)
	w.set(object{"callback": listener.URL})
	id := w.video(videoInit, "PUBLIC_TO_EVERYONE", clip.Spec{})
	arrives := func(name string, n int) []tiktokEvent {
		t.Helper()
		require.Eventually(t, func() bool { return len(app.events(name)) == n }, 5*time.Second, 5*time.Millisecond, "%s", name)
		return app.events(name)
	}
	first := arrives("post.publish.complete", 1)[0]
	require.True(t, first.signed)
	require.Equal(t, []string{tiktokKey, w.id}, []string{first.ClientKey, first.OpenID})
	require.JSONEq(t, `{"publish_id":"`+id+`","publish_type":"DIRECT_POST"}`, first.Content, "JSON in a text")
	app.answer(http.StatusOK)
	w.advance(180)
	arrives("post.publish.complete", 2)
	require.Contains(t, arrives("post.publish.publicly_available", 1)[0].Content, `"post_id":75`)
	w.advance(3600)
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "tiktok/creators/"+w.id+"/remove", object{"reason": 2}, nil))
	require.JSONEq(t, `{"reason":2}`, arrives("authorization.removed", 1)[0].Content)
	require.Len(t, app.events("post.publish.complete"), 2, "answered with 200 it does not come again")

	other := w.creator(nil)
	status, _ := other.oauth("revoke/", url.Values{"token": {other.token}})
	require.Equal(t, http.StatusOK, status)
	own := arrives("authorization.removed", 2)[1]
	require.JSONEq(t, `{"reason":5}`, own.Content, "the app did it itself")
	require.Equal(t, other.id, own.OpenID)
}
