package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
)

// onePage is a PDF with a cross-reference of lines.
const onePage = "%PDF-1.4\n" +
	"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" +
	"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n" +
	"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n" +
	"trailer<</Size 4/Root 1 0 R>>\nstartxref\n142\n%%EOF\n"

func TestADocumentIsInTheLibraryWithItsPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	m := ada.announce("menu.jpg", len(onePage)) // what it is called counts for nothing
	ada.send(t, m, []byte(onePage), 1)
	var done api.Media
	ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&done)
	require.Equal(t, "application/pdf", done.Type)
	require.Equal(t, 1, done.Pages)

	for kind, want := range map[string]int{"document": 1, "all": 1, "image": 0, "video": 0} {
		var list api.MediaList
		ada.get("/v1/media?type=" + kind).status(http.StatusOK).into(&list)
		require.Len(t, list.Items, want, kind)
	}
	refs, err := w.store.LoadMedia(t.Context(), ada.session.Workspace.ID, []string{m.ID})
	require.NoError(t, err)
	require.Equal(t, 1, refs[m.ID].Pages, "what a post is checked against")
}
