package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
)

// uploadVideo sends a file as the page does and gives its id.
func (m member) uploadVideo(name, kind string, content []byte) string {
	m.t.Helper()
	id, err := m.Upload(m.t.Context(), name, kind, content)
	require.NoError(m.t, err)
	return id
}

func TestAReelFromUploadToEdit(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Video Cafe")
	good := m.uploadVideo("oven.mp4", "video/mp4", clip.Make(clip.Spec{Bytes: 7 << 20, DurationMs: 5000}))
	long := m.uploadVideo("long.mp4", "video/mp4", clip.Make(clip.Spec{DurationMs: 91_000}))
	reel := func(media, comment string) map[string]any {
		return map[string]any{"text": "Rising", "media": []any{map[string]any{"id": media}}, "targets": []any{map[string]any{
			"connection_id": m.conns[0], "kind": "reel", "options": map[string]any{"first_comment": comment},
		}}}
	}
	var refused struct {
		Problems []struct {
			Field string `json:"field"`
		} `json:"problems"`
	}
	m.call(http.MethodPost, "/v1/posts/check", reel(long, ""), http.StatusOK, &refused)
	require.Len(t, refused.Problems, 2)
	require.Equal(t, "targets[0].options.first_comment", refused.Problems[0].Field)
	require.Equal(t, "media[0]", refused.Problems[1].Field)

	var p post
	m.call(http.MethodPost, "/v1/posts", reel(good, "Order here"), http.StatusAccepted, &p)
	p = m.until(p.ID, "published", 30*time.Second)
	posts := m.timeline()
	require.Len(t, posts, 1)
	require.Equal(t, "Reel", posts[0].Kind)
	require.Equal(t, posts[0].Permalink, p.Jobs[0].Receipt.Permalink)
	require.Len(t, posts[0].Comments, 1)
	require.Equal(t, "Order here", posts[0].Comments[0].Message)

	path := "/v1/jobs/" + p.Jobs[0].ID
	m.call(http.MethodPatch, path, map[string]any{"text": "Risen"}, http.StatusOK, nil)
	require.Equal(t, "Risen", m.timeline()[0].Message)
	m.call(http.MethodPost, path+"/delete", nil, http.StatusNoContent, nil)
	require.Empty(t, m.timeline())
	m.call(http.MethodPatch, path, map[string]any{"text": "Gone"}, http.StatusConflict, nil)
}
