package connectortest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// Box is a running sandbox of a test's own. Tests in parallel on one take accounts of their own.
type Box struct{ URL string }

// StartBox starts a sandbox that ends with the test. hooks are where the platforms' webhooks go, by platform; nil = nowhere.
func StartBox(t *testing.T, hooks map[string]string) Box {
	t.Helper()
	s, err := sandbox.New(sandbox.Config{Hooks: hooks})
	require.NoError(t, err)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, s.Close())
	})
	return Box{server.URL}
}

// Control calls the control API: "tiktok/seed". out may be nil.
func (b Box) Control(t T, method, path string, in, out any) {
	t.Helper()
	raw, err := json.Marshal(in)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL+"/_sandbox/"+path, bytes.NewReader(raw))
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Less(t, res.StatusCode, 300, path)
	if out != nil {
		require.NoError(t, json.NewDecoder(res.Body).Decode(out))
	}
}

// Pass moves the sandbox's clock, by a second too much rather than too little.
func (b Box) Pass(t T, d time.Duration) {
	t.Helper()
	b.Control(t, http.MethodPost, "clock", map[string]any{"advance_seconds": int64((d + time.Second - 1) / time.Second)}, nil)
}
