package e2e_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestTheBannerOfABlockedAccountLeadsToReconnect: somebody removes the app on the platform, which tells Herald; whatever page
// is open says so, and its button heals the same account.
func TestTheBannerOfABlockedAccountLeadsToReconnect(t *testing.T) {
	t.Parallel()
	cafe := "Cafe " + newID()[20:]
	f := newFan(t, cafe)
	b := openBrowser(t, 1440)
	b.do("the sandbox's actions", chromedp.Navigate(f.Info.Sandbox+"/actions"))
	b.eventually("remove the app", `(e => { if (!e) return false; e.value = `+quote(f.person)+`; e.form.requestSubmit(); return true })(document.querySelector("#meta-deauthorize select"))`)
	b.see("The app answered 200")

	b.do("open", chromedp.Navigate(f.Info.URL+"/login"))
	b.eventually("be signed in", `(document.cookie = `+quote(f.Cookie)+`, true)`)
	f.soon("the block", func() bool { return f.account(0).Status == "blocked" })
	b.do("posts", chromedp.Navigate(f.Info.URL+"/posts"))
	b.see(cafe + " is blocked")
	b.see("removed Herald")
	b.shot("blocked-banner")
	b.click("Reconnect " + cafe)
	b.consent(f.person, cafe)
	f.soon("the account is healed", func() bool { return f.account(0).Status == "healthy" })
	b.see("Healthy")
	b.eventually("the banner is gone", `!document.body.innerText.includes(`+quote(cafe+" is blocked")+`)`)

	var all struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	a, err := f.API(t.Context(), http.MethodGet, "/v1/connections", nil)
	require.NoError(t, err)
	require.NoError(t, a.Into(&all))
	require.Len(t, all.Items, 1, "the same connection, not a second one")
	require.Equal(t, f.conns[0], all.Items[0].ID)
}
