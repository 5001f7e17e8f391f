package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// TestAFanIsAnswered is the way of a comment: a fan writes on the platform, it comes up in the inbox by itself, is
// answered there, and the platform shows the answer. The post's numbers are there, too.
func TestAFanIsAnswered(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	cafe := "Cafe " + newID()[20:]
	someone, pages, err := visitor.New(stack.Info).Seed(t.Context(), cafe)
	require.NoError(t, err)
	who := newAccount()
	b := openBrowser(t, 1440)
	b.signUp(stack, who)
	b.connectMeta()
	b.consent(someone, cafe)
	b.click("Link one account")
	b.see("Healthy")
	b.click("Compose")
	b.see("What each account gets")
	b.tick(cafe)
	b.fill("Text", "Open from nine "+newID())
	b.click("Publish now")
	b.eventually("it is published", `[...document.querySelectorAll("article")].some(a => a.innerText.includes("Published"))`)
	b.see("Nobody has written anything yet")
	b.see("As of")
	b.shot("post-numbers")
	platform := &fan{Visitor: visitor.New(stack.Info), t: t, pages: pages}
	platform.heard()

	b.do("the platform", chromedp.Navigate(stack.Sandbox+"/meta/pages/"+pages[0].ID))
	b.do("comment as a fan", chromedp.SendKeys(chromedp.CSS(`form.fan input[name=message]`), "Sehr schön! Until when?"), chromedp.Click(chromedp.CSS(`form.fan button`)))
	b.see("Sehr schön!")
	b.do("inbox", chromedp.Navigate(stack.URL+"/comments"))
	b.see("Sehr schön! Until when?")
	b.see("Kim Fan")
	b.shot("comments")
	b.click("Reply")
	b.fill("Answer Kim Fan", "Until six")
	b.click("Send the answer")
	b.see("Nobody waits for an answer")
	b.shot("comments-answered")
	posts, err := visitor.New(stack.Info).Timeline(t.Context(), pages[0].ID)
	require.NoError(t, err)
	require.Len(t, posts[0].Comments, 2)
	require.Equal(t, "Until six", posts[0].Comments[1].Message)
	b.do("back to the platform", chromedp.Navigate(stack.Sandbox+"/meta/pages/"+pages[0].ID))
	b.see("Until six")
	b.shot("sandbox-comments")
}

// talker is somebody with a published post and a fan's comment below it, read from the platform.
type talker struct {
	*fan

	job, post, comment string
}

func newTalker(t *testing.T) talker {
	t.Helper()
	f := newFan(t, "Talk "+newID()[20:])
	m := member{Visitor: f.Visitor, t: t, pages: f.pages, conns: f.conns}
	p := m.until(m.publish("Buns "+newID(), nil).ID, "published", 30*time.Second)
	out := talker{fan: f, job: p.Jobs[0].ID}
	posts, err := f.Timeline(t.Context(), f.pages[0].ID)
	require.NoError(t, err)
	out.post = posts[0].ID
	var made struct{ ID string }
	f.box("comments", map[string]any{"post": out.post, "name": "Kim", "message": "Lovely", "share": true}, &made)
	out.comment = made.ID
	m.call(http.MethodPost, "/v1/jobs/"+out.job+"/comments/refresh", nil, http.StatusOK, nil)
	return out
}

// answer sends one answer under one key until it is there, as the page does.
func (k talker) answer(text, key string) {
	k.t.Helper()
	require.Eventually(k.t, func() bool {
		a, err := k.Send(k.t.Context(), http.MethodPost, k.Info.URL+"/v1/comments/"+k.conns[0]+"/"+k.comment+"/reply", map[string]any{"text": text},
			http.Header{"Idempotency-Key": {key}})
		require.NoError(k.t, err)
		if a.Status == http.StatusCreated {
			return true
		}
		require.GreaterOrEqual(k.t, a.Status, 409, string(a.Body))
		return false
	}, 60*time.Second, time.Second)
}

func (k talker) replies() []string {
	k.t.Helper()
	posts, err := k.Timeline(k.t.Context(), k.pages[0].ID)
	require.NoError(k.t, err)
	var out []string
	for _, c := range posts[0].Comments {
		if c.Message != "Lovely" {
			out = append(out, c.Message)
		}
	}
	return out
}

// TestALostAnswerIsNotWrittenTwice: the platform takes an answer and does not say so, or loses it.
func TestALostAnswerIsNotWrittenTwice(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"reset_after", "reset_before", "500"} {
		k := newTalker(t)
		fault := map[string]any{"op": "meta.comments.create", "kind": kind, "match": strings.SplitN(k.comment, "_", 2)[0], "times": 1}
		_, err := k.Must(t.Context(), http.MethodPost, k.Info.Sandbox+"/_sandbox/faults", fault)
		require.NoError(t, err)
		k.answer("Thank you", newID())
		require.Equal(t, []string{"Thank you"}, k.replies(), kind)
		k.answer("Thank you", newID())
		require.Equal(t, []string{"Thank you", "Thank you"}, k.replies(), "%s: a second answer with the same words is one of its own", kind)
	}
}
