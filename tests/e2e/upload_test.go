package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
)

// stopAfter makes the page's network fail for every part but the first so many, as a lost connection does.
const stopAfter = `(n => {
	const send = XMLHttpRequest.prototype.send
	XMLHttpRequest.prototype.send = function (body) {
		if (n-- > 0) return send.call(this, body)
		setTimeout(() => this.onerror && this.onerror(), 50)
	}
	return true
})(2)`

// TestAnUploadSurvivesAReload: a video of several parts is cut off in the middle, the page is reloaded, the same file is
// chosen again, and only what is missing is sent; the video is published. Another upload is cancelled.
func TestAnUploadSurvivesAReload(t *testing.T) {
	t.Parallel()
	cafe := "Cafe " + newID()[20:]
	m := newMember(t, cafe)
	film := filepath.Join(t.TempDir(), "oven.mp4")
	require.NoError(t, os.WriteFile(film, clip.Make(clip.Spec{Bytes: 30 << 20, DurationMs: 5000}), 0o600)) // four parts
	choose := func(b *browser) {
		b.do("choose the video", chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{film}))
	}
	b := openBrowser(t, 1440)
	b.do("open", chromedp.Navigate(m.Info.URL+"/login"))
	b.eventually("be signed in", `(document.cookie = `+quote(m.Cookie)+`, true)`)
	b.do("library", chromedp.Navigate(m.Info.URL+"/library"))
	b.see("The library is empty")
	b.eventually("the network fails after two parts", stopAfter)
	choose(b)
	b.see("Waiting for the network")
	b.see("of 31.5 MB")
	b.see("53 %") // a reload before that would cut off the two parts, too
	b.shot("upload-waiting")
	b.do("reload", chromedp.Reload())
	b.see("Its upload was interrupted")
	b.see("53 %") // two of four parts
	b.shot("upload-interrupted")
	b.eventually("count what is sent from now on", `(() => {
		window.sentParts = 0
		const send = XMLHttpRequest.prototype.send
		XMLHttpRequest.prototype.send = function (body) { window.sentParts++; return send.call(this, body) }
		return true
	})()`)
	choose(b)
	b.see("MP4 · 31.5 MB")
	require.Equal(t, 2, evaluate[int](b, "window.sentParts"), "only what was missing is sent")
	b.shot("library")

	b.eventually("the network fails at once", `(XMLHttpRequest.prototype.send = () => undefined, true)`)
	choose(b)
	b.see("0 %")
	b.click("Cancel the upload of oven.mp4")
	b.eventually("it is gone", `!document.body.innerText.includes("On the way")`)
	b.do("reload", chromedp.Reload())
	b.see("MP4 · 31.5 MB")
	require.False(t, evaluate[bool](b, `document.body.innerText.includes("interrupted")`), "a cancelled upload does not come back")

	b.click("Compose")
	b.tick(cafe)
	b.fill("Text", "Rising")
	b.click("from the library")
	b.eventually("the library", `document.querySelector("[role=dialog] input[type=search]")`)
	b.do("pick it", chromedp.Click(chromedp.CSS(b.mark("pick it", `[...document.querySelectorAll("[role=dialog] button")].find(e => e.innerText.includes("oven.mp4"))`))))
	b.click("Add the file")
	b.see("540 × 960")
	b.click("Publish now")
	b.eventually("it is published", `[...document.querySelectorAll("article")].some(a => a.innerText.includes("Published"))`)
	posts, err := m.Timeline(t.Context(), m.pages[0].ID)
	require.NoError(t, err)
	require.Len(t, posts, 1)
	require.Equal(t, "Reel", posts[0].Kind)

	b.click("Library")
	b.do("open it", chromedp.Click(chromedp.CSS(b.mark("open it", `[...document.querySelectorAll("main button")].find(e => e.innerText.includes("oven.mp4"))`))))
	b.see("Where it is used")
	b.see("Rising")
	b.shot("library-file")
}
