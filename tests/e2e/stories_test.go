package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// TestAStoryAndAVideoInTheBrowser makes a story of a photo and a plain video, looks at both on the platform, and edits
// the video's text.
func TestAStoryAndAVideoInTheBrowser(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	cafe := "Cafe " + newID()[20:]
	someone, pages, err := visitor.New(stack.Info).Seed(t.Context(), cafe)
	require.NoError(t, err)
	wall := stack.Sandbox + "/meta/pages/" + pages[0].ID
	b := openBrowser(t, 1440)
	b.signUp(stack, newAccount())
	b.connectMeta()
	b.consent(someone, cafe)
	b.click("Link one account")
	b.see("Healthy")

	b.compose(cafe, photo(t))
	b.see("640 × 400")
	b.choose("Kind of post", "Photo story")
	b.see("A photo story shows no text.")
	b.eventually("no field for a text", `![...document.querySelectorAll("label")].some(l => l.innerText.startsWith("Text"))`)
	b.eventually("a preview", `document.querySelector('figure[aria-label="Preview for `+cafe+`"] img')?.naturalWidth === 640`)
	b.shot("compose-story")
	b.click("Publish now")
	b.see("View post")
	b.eventually("no text to edit", `![...document.querySelectorAll("button")].some(e => e.innerText === "Edit text")`)

	video := filepath.Join(t.TempDir(), "day.mp4")
	require.NoError(t, os.WriteFile(video, clip.Make(clip.Spec{Width: 1280, Height: 720, DurationMs: 95_000, Bytes: 400_000}), 0o600))
	b.compose(cafe, video)
	b.see("1280 × 720")
	b.eventually("it is a video, not a reel", `document.querySelector("article").innerText.includes("Facebook Page · Video")`)
	text := "Behind the counter, " + newID()
	b.fill("Text", text)
	b.fill("Title", "A day with us")
	b.shot("compose-video")
	b.click("Publish now")
	b.see("View post")
	b.click("Edit text")
	b.eventually("the dialog", `document.querySelector("[role=dialog] textarea")`)
	b.shot("edit-text")
	edited := "In front of the counter, " + newID()
	field := b.mark("the text", `document.querySelector("[role=dialog] textarea")`)
	b.eventually("select it", `(e => { e.focus(); e.select(); return true })(document.querySelector(`+quote(field)+`))`)
	b.do("other words", chromedp.SendKeys(chromedp.CSS(field), edited))
	b.click("Save")
	b.see("The text was changed on the platform.")

	posts, err := visitor.New(stack.Info).Timeline(t.Context(), pages[0].ID)
	require.NoError(t, err)
	require.Len(t, posts, 2)
	require.Equal(t, []string{"Story", "Video"}, []string{posts[0].Kind, posts[1].Kind})
	b.do("the Page", chromedp.Navigate(wall))
	b.see(edited)
	b.see("A day with us")
	b.eventually("the story, above the posts", `document.querySelector(".stories li img")?.naturalWidth === 640`)
	b.eventually("and not among them", `document.querySelectorAll("#posts article").length === 1`)
	b.shot("sandbox-story-video")
	b.do("the story", chromedp.Navigate(posts[0].Permalink))
	b.eventually("the story alone", `document.querySelectorAll(".story img").length === 1`)
}

func TestAStoryOverTheAPI(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Story Cafe")
	file := m.upload()
	story := func(text string) map[string]any {
		return map[string]any{"text": text, "media": []any{map[string]any{"id": file}}, "targets": []any{map[string]any{"connection_id": m.conns[0], "kind": "photo_story"}}}
	}
	var refused struct {
		Errors []struct{ Field string }
	}
	m.call(http.MethodPost, "/v1/posts", story("Hello"), http.StatusUnprocessableEntity, &refused)
	require.Equal(t, "text", refused.Errors[0].Field)
	var p post
	m.call(http.MethodPost, "/v1/posts", story(""), http.StatusAccepted, &p)
	p = m.until(p.ID, "published", 30*time.Second)
	require.Len(t, m.timeline(), 1)
	require.Equal(t, "Story", m.timeline()[0].Kind)
	require.Equal(t, m.timeline()[0].Permalink, p.Jobs[0].Receipt.Permalink)
	path := "/v1/jobs/" + p.Jobs[0].ID
	m.call(http.MethodPatch, path, map[string]any{"text": ""}, http.StatusConflict, nil)
	m.call(http.MethodPost, path+"/delete", nil, http.StatusNoContent, nil)
	require.Empty(t, m.timeline())
}

// compose opens the composer with that Page and one file.
func (b *browser) compose(page, file string) {
	b.t.Helper()
	b.click("Compose")
	b.see("What each account gets")
	b.tick(page)
	b.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{file}))
}

// choose picks an entry of the list with that label.
func (b *browser) choose(label, entry string) {
	b.t.Helper()
	field := b.mark("open "+label, `(l => l && document.getElementById(l.htmlFor))([...document.querySelectorAll("label")].find(l => l.innerText.startsWith(`+quote(label)+`)))`)
	b.do("open "+label, chromedp.Click(chromedp.CSS(field)))
	b.do("choose "+entry, chromedp.Click(chromedp.CSS(b.mark(entry, `[...document.querySelectorAll("[role=option]")].find(e => e.innerText.trim() === `+quote(entry)+`)`))))
}
