package e2e_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/visitor"
)

// terrace is a JPEG.
func terrace(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for x := range 320 {
		img.Set(x, 120, color.RGBA{R: uint8(x % 256), A: 255})
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, nil))
	return b.Bytes()
}

// upload sends a JPEG as a client of the API does, and gives its id.
func (m member) upload() string {
	m.t.Helper()
	id, err := m.Upload(m.t.Context(), "Terrasse ü.jpg", "image/jpeg", terrace(m.t))
	require.NoError(m.t, err)
	return id
}

// instagram is what the account of a Page shows.
func (m member) instagram(page string) (id string, posts []visitor.SandboxPost) {
	m.t.Helper()
	a, err := m.Must(m.t.Context(), http.MethodGet, m.Info.Sandbox+"/_sandbox/meta/instagram?page="+page, nil)
	require.NoError(m.t, err)
	var accounts []struct {
		ID    string
		Media []struct {
			ID, Caption, Permalink string
			Photos                 []json.RawMessage
		}
	}
	require.NoError(m.t, a.Into(&accounts))
	require.Len(m.t, accounts, 1)
	for _, p := range accounts[0].Media {
		posts = append(posts, visitor.SandboxPost{ID: p.ID, Message: p.Caption, Photos: p.Photos, Permalink: p.Permalink})
	}
	return accounts[0].ID, posts
}

// newInstagram is a member with a Page and its Instagram account linked, in this order.
func newInstagram(t *testing.T) member {
	t.Helper()
	v := arrive(t)
	m := member{Visitor: v, t: t}
	a, err := v.Must(t.Context(), http.MethodPost, v.Info.Sandbox+"/_sandbox/meta/seed", map[string]any{
		"person": "Kim " + newID()[20:], "pages": []any{map[string]any{"name": "Both", "instagram": true}},
	})
	require.NoError(t, err)
	var seeded struct {
		Person visitor.Page
		Pages  []visitor.Page
	}
	require.NoError(t, a.Into(&seeded))
	id, _ := m.instagram(seeded.Pages[0].ID)
	m.pages = []visitor.Page{seeded.Pages[0], {ID: id, Name: "Both"}}
	m.conns, err = v.Connect(t.Context(), seeded.Person.ID, m.pages)
	require.NoError(t, err)
	return m
}

func TestAPictureGoesToAPageAndToInstagram(t *testing.T) {
	t.Parallel()
	m := newInstagram(t)
	file := m.upload()
	text := "Two places " + newID()
	in := map[string]any{
		"text": text, "media": []any{map[string]any{"id": file, "alt": "A terrace"}}, "targets": []any{
			map[string]any{"connection_id": m.conns[0]},
			map[string]any{"connection_id": m.conns[1], "options": map[string]any{"collaborators": []string{"@kim"}}},
		},
	}
	var refused struct {
		Errors []struct{ Field string }
	}
	m.call(http.MethodPost, "/v1/posts", in, http.StatusUnprocessableEntity, &refused)
	require.Equal(t, "targets[1].options.collaborators[0]", refused.Errors[0].Field)
	maps.Copy(in["targets"].([]any)[1].(map[string]any), map[string]any{"options": map[string]any{"first_comment": "Come early"}})
	var p post
	m.call(http.MethodPost, "/v1/posts", in, http.StatusAccepted, &p)
	p = m.until(p.ID, "published", 40*time.Second)

	require.Len(t, m.timeline(), 1)
	_, posts := m.instagram(m.pages[0].ID)
	require.Len(t, posts, 1)
	require.Equal(t, text, posts[0].Message)
	require.Len(t, posts[0].Photos, 1)
	links := []string{p.Jobs[0].Receipt.Permalink, p.Jobs[1].Receipt.Permalink}
	require.ElementsMatch(t, []string{m.timeline()[0].Permalink, posts[0].Permalink}, links)

	for _, j := range p.Jobs {
		m.call(http.MethodPost, "/v1/jobs/"+j.ID+"/delete", nil, http.StatusNoContent, nil)
	}
	require.Empty(t, m.timeline())
	_, posts = m.instagram(m.pages[0].ID)
	require.Empty(t, posts)
}
