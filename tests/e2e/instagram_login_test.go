package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// TestInstagramLoginFromTheBrowser connects an account by Instagram's own login, publishes a picture and looks at it there.
func TestInstagramLoginFromTheBrowser(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	v := visitor.New(stack.Info)
	cafe := "Own " + newID()[20:]
	a, err := v.Must(t.Context(), http.MethodPost, stack.Sandbox+"/_sandbox/meta/seed", map[string]any{
		"person": "Kim " + newID()[20:], "pages": []any{map[string]any{"name": cafe, "instagram": true}},
	})
	require.NoError(t, err)
	var seeded struct{ Pages []visitor.Page }
	require.NoError(t, a.Into(&seeded))
	m := member{Visitor: v, t: t}
	account, _ := m.instagram(seeded.Pages[0].ID)
	picture := filepath.Join(t.TempDir(), "terrace.jpg")
	require.NoError(t, os.WriteFile(picture, terrace(t), 0o600))

	b := openBrowser(t, 1440)
	b.signUp(stack, newAccount())
	b.click("Connect Meta")
	b.see("How do you want to connect Meta?")
	b.looks("login-choice")
	b.click("Instagram Login")
	b.see("wants to use your Instagram account")
	b.eventually("the account is chosen", `(e => { e.click(); return e.checked })(document.querySelector('input[name=account][value="`+account+`"]'))`)
	b.looks("login-consent")
	b.do("allow", chromedp.Click(chromedp.CSS("#allow")))
	b.see("Link one account")
	b.see(cafe)
	b.looks("login-pick")
	b.click("Link one account")
	b.see("Healthy")
	b.looks("login-accounts")

	b.do("compose", chromedp.Navigate(stack.URL+"/compose"))
	b.see("What each account gets")
	b.tick("Instagram")
	text := "Without a Page " + newID()
	b.fill("Text", text)
	b.do("choose a picture", chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{picture}))
	b.see("320 × 240")
	b.click("Publish now")
	b.eventually("it is published", `[...document.querySelectorAll("article")].some(a => a.innerText.includes("Published"))`)

	_, posts := m.instagram(seeded.Pages[0].ID)
	require.Len(t, posts, 1)
	require.Equal(t, text, posts[0].Message)
	b.do("the account", chromedp.Navigate(stack.Sandbox+"/meta/pages/"+account))
	b.see(text)
}

// looks keeps pictures of a page in both widths and both themes, and leaves the window as it was.
func (b *browser) looks(name string) {
	b.t.Helper()
	for _, theme := range []string{"light", "dark"} {
		b.do(theme, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
			})
			return err
		}))
		for _, width := range []int64{390, 1440} {
			b.do("resize", chromedp.EmulateViewport(width, 900))
			b.shot(fmt.Sprintf("%s-%s-%d", name, theme, width))
		}
	}
}
