package api_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/problem"
)

func TestOpenAPIDocumentIsFresh(t *testing.T) {
	t.Parallel()
	var want bytes.Buffer
	require.NoError(t, api.WriteYAML(&want))
	got, err := os.ReadFile("../../docs/openapi.yaml")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want.Bytes(), got), "run: go run ./internal/api/cmd/openapi > docs/openapi.yaml")
}

func TestEveryOperationIsDocumented(t *testing.T) {
	t.Parallel()
	doc := api.Document()
	ids := map[string]bool{}
	for path, item := range doc.Paths {
		for _, op := range []any{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			raw, err := json.Marshal(op)
			require.NoError(t, err)
			if string(raw) == "null" {
				continue
			}
			var o struct {
				OperationID string                     `json:"operationId"`
				Summary     string                     `json:"summary"`
				Tags        []string                   `json:"tags"`
				Responses   map[string]json.RawMessage `json:"responses"`
				Security    []map[string][]string      `json:"security"`
			}
			require.NoError(t, json.Unmarshal(raw, &o))
			require.NotEmpty(t, o.Summary, path)
			require.Len(t, o.Tags, 1, path)
			require.Contains(t, o.Responses, "default", path)
			require.Contains(t, string(o.Responses["default"]), "application/problem+json")
			require.False(t, ids[o.OperationID], o.OperationID)
			ids[o.OperationID] = true
		}
	}
	require.Len(t, ids, 63)
}

func TestEveryClassIsExplained(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/problems.md")
	require.NoError(t, err)
	classes := api.Document().Components.Schemas.Map()["Problem"].Properties["class"].Enum
	require.Len(t, classes, 18)
	for _, c := range classes {
		require.Contains(t, string(text), "\n## "+c.(string)+"\n")
	}
	require.Contains(t, classes, string(problem.QuotaExceeded))
}

func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	h := api.Docs(api.Config{PublicURL: origin, Now: time.Now, NewID: boot.NewID, Log: slog.New(slog.DiscardHandler)})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/openapi.json", nil))
	require.Equal(t, http.StatusOK, w.Code)
	var doc struct {
		OpenAPI string `json:"openapi"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	require.True(t, strings.HasPrefix(doc.OpenAPI, "3.1"))
}
