package e2e_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/stage"
)

// TestEveryKindOfPostGoesOut connects an account of each kind of each platform through its consent, publishes each kind of post
// to it through the API, and finds each on the platform.
func TestEveryKindOfPostGoesOut(t *testing.T) {
	t.Parallel()
	ways, err := stage.Ways()
	require.NoError(t, err)
	accounts := map[string][]stage.Way{}
	for _, w := range ways {
		if w.Login == "" {
			accounts[w.Platform.Name+" "+w.Account] = append(accounts[w.Platform.Name+" "+w.Account], w)
		}
	}
	for name, kinds := range accounts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := member{Visitor: arrive(t), t: t}
			platform, box := kinds[0].Platform, stage.Box{URL: m.Info.Sandbox}
			a, err := platform.Seed(t.Context(), box, kinds[0].Account, "")
			require.NoError(t, err)
			person, chosen := platform.Consent(a)
			linked, err := m.ConnectAt(t.Context(), platform.Name, person, chosen)
			require.NoError(t, err)
			require.Contains(t, linked, a.ID)
			m.conns = []string{linked[a.ID]}
			files := m.files(kinds)
			ids := map[string]string{} // kind -> post
			for _, w := range kinds {
				ids[w.Kind.Kind] = m.publishAs(w, box, files)
			}
			for _, w := range kinds {
				p := m.until(ids[w.Kind.Kind], "published", 2*time.Minute)
				require.Empty(t, p.Jobs[0].Problem.Message, w.String())
			}
			posts, err := platform.Posts(t.Context(), box, kinds[0].Account, a.ID)
			require.NoError(t, err)
			require.Len(t, posts, len(kinds), "each is there once")
		})
	}
}

// files are those that posts of these kinds need, in the library, by type.
func (m member) files(kinds []stage.Way) map[string]string {
	m.t.Helper()
	out := map[string]string{}
	for _, f := range []struct {
		name, kind string
		content    []byte
	}{
		{"clip.mp4", "video/mp4", clip.Make(clip.Spec{Bytes: 100_000})}, {"photo.jpg", "image/jpeg", picture(m.t)}, {"paper.pdf", "application/pdf", []byte(onePage)},
	} {
		if !slices.ContainsFunc(kinds, func(w stage.Way) bool {
			return slices.ContainsFunc(w.Files(), func(types []string) bool { return slices.Contains(types, f.kind) })
		}) {
			continue
		}
		id, err := m.Upload(m.t.Context(), f.name, f.kind, f.content)
		require.NoError(m.t, err)
		out[f.kind] = id
	}
	return out
}

// onePage is a PDF.
const onePage = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 640, 640)), nil))
	return b.Bytes()
}

// publishAs publishes a post of a kind with what it must have.
func (m member) publishAs(w stage.Way, box stage.Box, files map[string]string) string {
	m.t.Helper()
	options, err := w.Options(m.t.Context(), box)
	require.NoError(m.t, err)
	text := "Fresh bread, " + w.Kind.Title + " " + newID()
	if w.Kind.Text.None {
		text = ""
	}
	media := []any{}
	for _, types := range w.Files() {
		for kind, id := range files {
			if slices.Contains(types, kind) {
				media = append(media, map[string]any{"id": id})
				break
			}
		}
	}
	in := map[string]any{"text": text, "media": media, "targets": []any{map[string]any{"connection_id": m.conns[0], "kind": w.Kind.Kind, "options": options}}}
	if w.Kind.LinkRequired {
		in["link"] = "https://example.com/bread"
	}
	var p post
	m.call(http.MethodPost, "/v1/posts", in, http.StatusAccepted, &p)
	return p.ID
}
