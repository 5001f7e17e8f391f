package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// TestAReelAndAMixedCarouselFromTheBrowser publishes what only Instagram has, and looks at it there.
func TestAReelAndAMixedCarouselFromTheBrowser(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	v := visitor.New(stack.Info)
	cafe := "Gram " + newID()[20:]
	a, err := v.Must(t.Context(), http.MethodPost, stack.Sandbox+"/_sandbox/meta/seed", map[string]any{
		"person": "Kim " + newID()[20:], "pages": []any{map[string]any{"name": cafe, "instagram": true}},
	})
	require.NoError(t, err)
	var seeded struct {
		Person visitor.Page
		Pages  []visitor.Page
	}
	require.NoError(t, a.Into(&seeded))
	m := member{Visitor: v, t: t}
	account, _ := m.instagram(seeded.Pages[0].ID)
	video := filepath.Join(t.TempDir(), "oven.mp4")
	require.NoError(t, os.WriteFile(video, clip.Make(clip.Spec{Width: 1080, Height: 1920, DurationMs: 12_000, Bytes: 200_000}), 0o600))
	picture := filepath.Join(t.TempDir(), "terrace.jpg")
	require.NoError(t, os.WriteFile(picture, terrace(t), 0o600))

	b := openBrowser(t, 1440)
	b.signUp(stack, newAccount())
	b.connectMeta()
	b.consent(seeded.Person.ID, cafe)
	b.click("Link 2 accounts")
	b.see("Healthy")

	publish := func(name, text, kind string, files []string, seen ...string) {
		b.do("compose", chromedp.Navigate(stack.URL+"/compose"))
		b.see("What each account gets")
		b.tick("Instagram")
		b.fill("Text", text)
		b.do("choose files", chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), files))
		for _, words := range seen {
			b.see(words)
		}
		b.see("Instagram · " + kind)
		b.fill("First comment", "Come early")
		b.shot("compose-" + name)
		b.click("Publish now")
		b.eventually("it is published", `[...document.querySelectorAll("article")].some(a => a.innerText.includes("Published"))`)
	}
	reel, carousel := "Rising "+newID(), "From flour to bun "+newID()
	publish("reel", reel, "Reel", []string{video}, "1080 × 1920")
	publish("carousel", carousel, "Carousel", []string{video, picture}, "1080 × 1920", "320 × 240")

	_, posts := m.instagram(seeded.Pages[0].ID)
	require.Len(t, posts, 2)
	require.Equal(t, []string{reel, carousel}, []string{posts[0].Message, posts[1].Message})
	b.do("the account", chromedp.Navigate(stack.Sandbox+"/meta/pages/"+account))
	for _, words := range []string{"Reel", "Also in the feed", reel, "Carousel", "1 / 2", carousel, "Come early"} {
		b.see(words)
	}
	b.shot("sandbox-instagram")
}
