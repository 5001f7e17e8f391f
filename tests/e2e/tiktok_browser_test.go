package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// TestAVideoWithItsDisclosureFromTheBrowser connects a TikTok account by its consent and publishes a video: nothing is chosen
// for the person, and what TikTok wants to be said and agreed to is there.
func TestAVideoWithItsDisclosureFromTheBrowser(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	user := "oven" + strings.ToLower(newID()[18:])
	a, err := visitor.New(stack.Info).Must(t.Context(), http.MethodPost, stack.Sandbox+"/_sandbox/tiktok/seed", map[string]any{"username": user, "nickname": "Oven " + user})
	require.NoError(t, err)
	var creator struct {
		ID string `json:"open_id"`
	}
	require.NoError(t, a.Into(&creator))
	video := filepath.Join(t.TempDir(), "oven.mp4")
	require.NoError(t, os.WriteFile(video, clip.Make(clip.Spec{Width: 1080, Height: 1920, DurationMs: 12_000, Bytes: 200_000}), 0o600))

	b := openBrowser(t, 1440)
	b.signUp(stack, newAccount())
	b.click("Connect TikTok")
	b.do("be the creator", chromedp.Click(chromedp.CSS(b.mark("the creator", `document.querySelector("input[value='`+creator.ID+`']")`))))
	b.do("allow", chromedp.Click(chromedp.CSS("#allow")))
	b.click("Link one account")
	b.see("Healthy")

	b.do("compose", chromedp.Navigate(stack.URL+"/compose"))
	b.see("What each account gets")
	b.tick("Oven " + user)
	text := "How a knot is made " + newID()
	b.fill("Text", text)
	b.do("choose a video", chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{video}))
	b.see("1080 × 1920")
	b.see("This is posted as Oven " + user + " (@" + user + ").")
	b.see("Choose or fill in “Who can see it”.")
	b.eventually("nothing is switched on", `[...document.querySelectorAll("[role=switch]")].length > 3 && ![...document.querySelectorAll("[role=switch]")].some(e => e.checked)`)
	b.eventually("it cannot be sent", `document.querySelector("button[type=submit]").disabled`)
	b.choose("Who can see it", "Everyone")
	b.turn("Allow comments")
	b.turn("Disclose commercial content")
	b.see("You need to indicate if your content promotes yourself, a third party, or both.")
	b.turn("Branded content")
	b.turn("By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation.")
	b.shot("compose-tiktok")
	b.click("Publish now")
	b.eventually("it is published", `[...document.querySelectorAll("article")].some(a => a.innerText.includes("Published"))`)
	b.see("Posts on TikTok can be edited and deleted only in its app.")

	b.do("the profile", chromedp.Navigate(stack.Sandbox+"/tiktok/pages/"+creator.ID))
	for _, words := range []string{text, "Seen by: Everyone", "Paid partnership"} {
		b.see(words)
	}
	b.shot("sandbox-tiktok")
}

// turn clicks the switch or checkbox whose label begins so.
func (b *browser) turn(label string) {
	b.t.Helper()
	b.do("turn "+label, chromedp.Click(chromedp.CSS(b.mark("turn "+label,
		`[...document.querySelectorAll("input[type=checkbox]")].find(e => e.labels[0]?.innerText.startsWith(`+quote(label)+`))`))))
}
