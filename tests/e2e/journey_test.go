package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// TestNewcomersJourney is the first quarter of an hour with Herald: sign up, connect two Pages, post a photo to both,
// see it there.
func TestNewcomersJourney(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	cafe, bakery := "Cafe "+newID()[20:], "Bakery "+newID()[20:]
	someone, pages, err := visitor.New(stack.Info).Seed(t.Context(), cafe, bakery)
	require.NoError(t, err)
	who := newAccount()
	b := openBrowser(t, 1440)

	b.do("open", chromedp.Navigate(stack.URL+"/signup"))
	b.fill("Your name", "Ada Lindqvist")
	b.fill("E-mail", who.email)
	b.fill("Password", who.password)
	b.fill("Workspace name", who.workspace)
	b.shot("signup")
	b.click("Make the workspace")

	b.see("Connect Meta")
	b.shot("accounts-empty")
	b.connectMeta()
	b.consent(someone, cafe)
	b.see(bakery)
	b.shot("connect")
	b.click("Link 2 accounts")
	b.see("Healthy")
	b.shot("accounts")

	b.click("Compose")
	b.see("What each account gets")
	b.tick(cafe)
	b.tick(bakery)
	text := "The terrace is open again, " + newID()
	b.fill("Text", text)
	b.do("choose a photo", chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{photo(t)}))
	b.see("640 × 400")
	b.fill("Alternative text", "Two chairs in the sun")
	b.shot("compose")
	b.click("Publish now")

	b.eventually("both are published", `[...document.querySelectorAll("article")].filter(a => a.innerText.includes("Published")).length === 2`)
	b.shot("post")
	for _, page := range pages {
		posts, err := visitor.New(stack.Info).Timeline(t.Context(), page.ID)
		require.NoError(t, err)
		require.Len(t, posts, 1, page.Name)
		require.Equal(t, text, posts[0].Message)
		require.Len(t, posts[0].Photos, 1)
		b.do("permalink", chromedp.Navigate(posts[0].Permalink))
		b.see(text)
	}
	b.shot("sandbox-post")
	b.do("posts", chromedp.Navigate(stack.URL+"/posts"))
	b.click("All")
	b.see(text)
	b.shot("posts")
}

func TestDenialShowsASentenceAndAWayOn(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	b := openBrowser(t, 390)
	b.signUp(stack, newAccount())
	b.connectMeta()
	b.do("deny", chromedp.Click(chromedp.CSS("#deny")))
	b.eventually("back on the accounts page", `location.pathname === "/accounts"`)
	b.eventually("a sentence", `document.querySelector("[role=alert]")?.innerText.length > 30`)
	b.shot("denied-390")
}

// connectMeta begins with the login that Pages need.
func (b *browser) connectMeta() {
	b.t.Helper()
	b.click("Connect Meta")
	b.click("Facebook Login")
}

// consent answers the sandbox's dialog as that person.
func (b *browser) consent(person, page string) {
	b.t.Helper()
	b.eventually("the dialog", `document.querySelector("#person")`)
	b.eventually("choose the person", `(e => { e.value = `+quote(person)+`; e.form.requestSubmit(); return true })(document.querySelector("#person"))`)
	b.see(page)
	b.shot("consent")
	b.do("allow", chromedp.Click(chromedp.CSS("#allow")))
}

func (b *browser) signUp(stack teststack.Stack, who account) {
	b.t.Helper()
	b.do("open", chromedp.Navigate(stack.URL+"/signup"))
	b.fill("Your name", "Ada Lindqvist")
	b.fill("E-mail", who.email)
	b.fill("Password", who.password)
	b.fill("Workspace name", who.workspace)
	b.click("Make the workspace")
	b.see("Connect Meta")
}
