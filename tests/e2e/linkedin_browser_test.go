package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// TestADocumentAndAPollFromTheBrowser connects a LinkedIn Page by its consent, publishes what only LinkedIn has, and looks at
// it there.
func TestADocumentAndAPollFromTheBrowser(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	name := "Roastery " + newID()[20:]
	a, err := visitor.New(stack.Info).Must(t.Context(), http.MethodPost, stack.Sandbox+"/_sandbox/linkedin/seed", map[string]any{
		"person": "Kim " + newID()[20:], "organizations": []any{map[string]any{"name": name}},
	})
	require.NoError(t, err)
	var seeded struct {
		Person        visitor.Page
		Organizations []visitor.Page
	}
	require.NoError(t, a.Into(&seeded))
	paper := filepath.Join(t.TempDir(), "menu.pdf")
	require.NoError(t, os.WriteFile(paper, []byte(onePage), 0o600))

	b := openBrowser(t, 1440)
	b.signUp(stack, newAccount())
	b.click("Connect LinkedIn")
	b.click("LinkedIn with Pages")
	b.be(seeded.Person.ID)
	b.do("allow", chromedp.Click(chromedp.CSS("#allow")))
	b.see(name)
	b.shot("connect-linkedin")
	b.click("Link 2 accounts")
	b.see("Healthy")

	compose := func(text string) {
		b.do("compose", chromedp.Navigate(stack.URL+"/compose"))
		b.see("What each account gets")
		b.tick(name)
		b.fill("Text", text)
	}
	publish := func(shot string) {
		b.shot(shot)
		b.click("Publish now")
		b.eventually("it is published", `[...document.querySelectorAll("article")].some(a => a.innerText.includes("Published"))`)
	}
	document, poll := "The winter menu "+newID(), "We cannot decide "+newID()
	compose(document)
	b.do("choose a document", chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{paper}))
	b.see("menu.pdf")
	b.see("LinkedIn Page · Document")
	b.see("Choose or fill in “Title”.")
	b.fill("Title", "Winter menu")
	publish("compose-document")

	compose(poll)
	b.choose("Kind of post", "Poll")
	b.fill("Question", "Which knot comes first?")
	b.write("Answers 1", "Cinnamon")
	b.write("Answers 2", "Cardamom")
	b.choose("Open for", "1 week")
	publish("compose-poll")

	b.do("the Page", chromedp.Navigate(stack.Sandbox+"/linkedin/pages/"+seeded.Organizations[0].ID))
	for _, words := range []string{document, "Winter menu", poll, "Which knot comes first?", "Cinnamon", "Cardamom"} {
		b.see(words)
	}
	b.shot("sandbox-linkedin")
}

// be switches the platform's consent page to that person. The page may be on its way still, so it is asked again for a while.
func (b *browser) be(person string) {
	b.t.Helper()
	b.eventually("be the person", `(() => {
		if (document.querySelector("#consent input[name=person]")?.value === `+quote(person)+`) return true
		const choice = document.querySelector("#person")
		if (!choice || document.readyState !== "complete" || Date.now() - (window.askedAt ?? 0) < 3000) return false
		window.askedAt = Date.now()
		choice.value = `+quote(person)+`
		choice.form.requestSubmit()
		return false
	})()`)
}

// write types into the input with that accessible name.
func (b *browser) write(name, text string) {
	b.t.Helper()
	b.do("write "+name, chromedp.SendKeys(chromedp.CSS(b.mark("write "+name, `document.querySelector("[aria-label=`+"'"+name+"'"+`]")`)), text))
}
