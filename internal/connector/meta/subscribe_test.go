package meta_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
)

// hooked is a sandbox that counts what it tells the app.
type hooked struct {
	instagramBox

	told *atomic.Int64
}

func startHooked(t *testing.T) hooked {
	t.Helper()
	told := &atomic.Int64{}
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told.Add(1) }))
	t.Cleanup(app.Close)
	return hooked{instagramBox{box{connectortest.StartBox(t, map[string]string{"meta": app.URL})}, ""}, told}
}

// heard has a fan comment on a post of the account, and tells whether the app was told.
func (h hooked) heard(s connector.Session) func(connectortest.T) bool {
	return func(t connectortest.T) bool {
		before := h.told.Load()
		post := h.plant(t, s).Receipt.ExternalID
		h.Control(t, http.MethodPost, "meta/comments", object{"post": post, "name": "kim", "message": "Lovely", "share": true, "notify": true}, nil)
		return h.told.Load() > before
	}
}

func (h hooked) subscription(s connector.Session, sharing ...string) connectortest.Subscription {
	return connectortest.Subscription{URL: h.URL + "/meta/graph", Session: s, Heard: h.heard(s), Sharing: append(sharing, s.Account.ExternalID)}
}

// linked are a Page and its Instagram account, as a login that left out what is declined finds them.
func (h hooked) linked(t *testing.T, decline ...string) (page, instagram connector.Session) {
	t.Helper()
	who, _ := h.person(t, object{"person": "Kim Berg", "pages": []object{{"name": "Shop", "instagram": true}}})
	c := h.connect(t, time.Now)
	g, err := c.Exchange(t.Context(), h.login(t, authURL(c), object{"person": who.ID, "decline": decline}))
	require.NoError(t, err)
	list, err := c.Accounts(t.Context(), g)
	require.NoError(t, err)
	require.Len(t, list, 2)
	return connector.Session{Account: list[0], Credential: list[0].Credential}, connector.Session{Account: list[1], Credential: list[1].Credential}
}

func subscriptions(t *testing.T) map[string]func(connectortest.T) connectortest.Subscription {
	t.Helper()
	h := startHooked(t)
	deafPage, deafInstagram := h.linked(t, "pages_manage_metadata")
	return map[string]func(connectortest.T) connectortest.Subscription{
		"Page": func(connectortest.T) connectortest.Subscription {
			page, instagram := h.linked(t)
			s := h.subscription(page, instagram.Account.ExternalID)
			s.Deaf = &deafPage
			return s
		},
		"Instagram by Facebook Login": func(connectortest.T) connectortest.Subscription {
			page, instagram := h.linked(t)
			s := h.subscription(instagram, page.Account.ExternalID)
			s.Deaf = &deafInstagram
			return s
		},
		"Instagram by its own login": func(ct connectortest.T) connectortest.Subscription {
			c := h.connect(t, time.Now)
			s := h.subscription(h.connected(t, c))
			g, err := c.Exchange(t.Context(), h.instagramLogin(ct, c, object{"accounts": []string{h.account(ct)}, "decline": []string{"instagram_business_manage_comments"}}))
			require.NoError(ct, err)
			accounts, err := c.Accounts(t.Context(), g)
			require.NoError(ct, err)
			s.Deaf = &connector.Session{Account: accounts[0], Credential: accounts[0].Credential}
			return s
		},
	}
}
