package sandbox_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// BenchmarkCreatePost measures a post by HTTP on a new connection, with a state file behind.
func BenchmarkCreatePost(b *testing.B) {
	file := filepath.Join(b.TempDir(), "state.json")
	box, err := sandbox.New(sandbox.Config{StateFile: file})
	require.NoError(b, err)
	w := serveBox(b, box)
	page, token, _ := w.page()
	for n := 0; b.Loop(); n++ {
		r, err := w.graph(http.MethodPost, page+"/feed", token, url.Values{"message": {strconv.Itoa(n)}})
		require.NoError(b, err)
		require.Equal(b, http.StatusOK, r.status)
	}
}
