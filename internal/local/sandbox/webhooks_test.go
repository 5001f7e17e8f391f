package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// app is the server that the fake Meta calls.
type app struct {
	mu    sync.Mutex
	calls []*http.Request
	texts []string
}

func listen(t *testing.T) (*app, string) {
	t.Helper()
	a := &app{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.calls, a.texts = append(a.calls, r), append(a.texts, string(body))
		_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge")) //nolint:gosec // what a handshake is; the reader is the sandbox
	}))
	t.Cleanup(s.Close)
	return a, s.URL
}

func (a *app) last() (*http.Request, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[len(a.calls)-1], a.texts[len(a.texts)-1]
}

func (a *app) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.calls)
}

func mac(text string) string {
	m := hmac.New(sha256.New, []byte("sandbox-meta-secret"))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

func TestWebhooksAreSignedAndEscaped(t *testing.T) {
	t.Parallel()
	a, to := listen(t)
	w := start(t, sandbox.Config{})
	require.Equal(t, http.StatusBadGateway, w.control(http.MethodPost, "meta/webhook", object{"object": "page", "entry": []any{}}, nil), "nowhere to send to")
	require.Equal(t, http.StatusNoContent, w.control(http.MethodPost, "meta/callback", object{"url": to, "verify_token": "v", "deauthorize_url": to + "/off"}, nil))
	r, _ := a.last()
	require.Equal(t, "v", r.URL.Query().Get("hub.verify_token"))

	var out struct {
		Status int `json:"status"`
	}
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/webhook", object{"object": "page", "entry": []any{"sch\u00e4n 🍞"}}, &out))
	require.Equal(t, http.StatusOK, out.Status)
	r, body := a.last()
	require.JSONEq(t, `{"object":"page","entry":["schän 🍞"]}`, body)
	require.Contains(t, body, `sch\u00e4n \ud83c\udf5e`)
	require.Equal(t, "sha256="+mac(body), r.Header.Get("X-Hub-Signature-256"))

	w.control(http.MethodPost, "meta/webhook", object{"object": "page", "entry": []any{}, "signature": "sha1"}, &out)
	r, _ = a.last()
	require.Empty(t, r.Header.Get("X-Hub-Signature-256"))
	require.NotEmpty(t, r.Header.Get("X-Hub-Signature"))
}

func TestRemovingTheAppIsToldToIt(t *testing.T) {
	t.Parallel()
	a, to := listen(t)
	w := start(t, sandbox.Config{Hooks: map[string]string{"meta": to}})
	_, token, who := w.page()
	require.Equal(t, http.StatusOK, w.control(http.MethodPost, "meta/people/"+who.Person.ID+"/deauthorize", object{}, nil))
	r, body := a.last()
	require.Equal(t, "/deauthorize", r.URL.Path)
	require.Contains(t, body, "signed_request=")
	w.refused(190, 458, http.MethodGet, "me", token, nil)
}
