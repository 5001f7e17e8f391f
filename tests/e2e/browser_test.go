// Package e2e_test walks through the product as its users do, on the deployed template: in a browser and over HTTP.
package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// step is the patience with any one thing on the page.
const step = 20 * time.Second

// browser is one window of headless Chromium.
type browser struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp keeps the window in it

	marks int
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	t.Fatal("no Chromium found: install it, or set CHROMIUM to its path")
	return ""
}

// openBrowser starts a window of the given width.
func openBrowser(t *testing.T, width int64) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(int(width), 900),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-quic", true), chromedp.UserDataDir(t.TempDir()),
	)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...) // outlives t.Context, for the picture of a failure
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	// The first action starts the browser, so it must not carry a deadline of its own.
	require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
	t.Cleanup(func() {
		if t.Failed() {
			b.shot("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
	})
	return b
}

// do runs actions, each within the patience of one step. A node that a page replaced just then is looked for again.
func (b *browser) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, a := range actions {
		ctx, cancel := context.WithTimeout(b.ctx, step)
		err := chromedp.Do(ctx, a)
		for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "Could not find node") {
			err = chromedp.Do(ctx, a)
		}
		cancel()
		if err != nil {
			b.t.Log(tail(evaluate[string](b, "document.body.innerText"), 1500))
		}
		require.NoError(b.t, err, what)
	}
}

// evaluate gives the value of an expression on the page; the zero value when it has none just now.
func evaluate[T any](b *browser, expression string) T {
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil { // a page that is just being left
		var zero T
		return zero
	}
	return v
}

// eventually waits until a condition holds on the page.
func (b *browser) eventually(what, condition string) {
	b.t.Helper()
	if !b.holds(condition) {
		b.t.Log(tail(evaluate[string](b, "document.body.innerText"), 1500))
		require.Fail(b.t, "never: "+what, "at %s", evaluate[string](b, "location.href"))
	}
}

func (b *browser) holds(condition string) bool {
	deadline := time.NewTimer(step)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if evaluate[bool](b, "!!("+condition+")") {
			return true
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			return false
		}
	}
}

// see waits until the text is somewhere on the page.
func (b *browser) see(text string) {
	b.t.Helper()
	b.eventually("see "+text, "document.body.innerText.includes("+quote(text)+")")
}

// mark waits for the element that a JavaScript expression finds to stand still, and gives a selector for it: a page that has
// not loaded everything moves it away from under the mouse.
func (b *browser) mark(what, expression string) string {
	b.t.Helper()
	b.marks++
	n := strconv.Itoa(b.marks)
	b.eventually(what, `(e => { if (!e || e.disabled) return false; const r = e.getBoundingClientRect(), at = [r.x, r.y, r.width, r.height].join(); `+
		`const still = e.getAttribute("data-e2e-at") === at; e.setAttribute("data-e2e-at", at); if (!still || r.width === 0) return false; `+
		`e.setAttribute("data-e2e", "`+n+`"); return true })(`+expression+`)`)
	return `[data-e2e="` + n + `"]`
}

// click clicks the button or link with that text or accessible name, with the mouse.
func (b *browser) click(text string) {
	b.t.Helper()
	b.do("click "+text, chromedp.Click(chromedp.CSS(b.mark("click "+text, `[...document.querySelectorAll("button, a, [role=menuitem]")]`+
		`.find(e => e.innerText.trim().replace(/\s+/g, " ") === `+quote(text)+` || e.getAttribute("aria-label") === `+quote(text)+`)`))))
}

// tick clicks the first checkbox, or the label of one, that shows the text.
func (b *browser) tick(text string) {
	b.t.Helper()
	b.do("tick "+text, chromedp.Click(chromedp.CSS(b.mark("tick "+text, `[...document.querySelectorAll("label, [role=checkbox]")]`+
		`.find(e => e.innerText.includes(`+quote(text)+`))`))))
}

// fill types into the input with that label.
func (b *browser) fill(label, text string) {
	b.t.Helper()
	field := b.mark("fill "+label, `(l => l && document.getElementById(l.htmlFor))([...document.querySelectorAll("label")].find(l => l.innerText.startsWith(`+quote(label)+`)))`)
	b.eventually("select "+label, `(e => { e.focus(); e.select(); return true })(document.querySelector(`+quote(field)+`))`)
	b.do("fill "+label, chromedp.SendKeys(chromedp.CSS(field), text))
}

// shot keeps a picture for who wants to look; tests do not read it.
func (b *browser) shot(name string) {
	b.t.Helper()
	dir := filepath.Join("..", "shots")
	require.NoError(b.t, os.MkdirAll(dir, 0o750))
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	if png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)); err == nil {
		require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
	}
}

func quote(s string) string { return strconv.Quote(s) }

func tail(s string, n int) string {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}
