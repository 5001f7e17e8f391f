package meta_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
)

// found are the accounts of a person who has just consented, by name.
func (b box) found(t *testing.T, who named, limit map[string]string, decline ...string) map[string]connector.Account {
	t.Helper()
	c := b.connect(t, time.Now)
	g, err := c.Exchange(t.Context(), b.login(t, authURL(c), object{"person": who.ID, "decline": decline}))
	require.NoError(t, err)
	for permission, page := range limit {
		b.Control(t, http.MethodPost, "meta/people/"+who.ID+"/limit", object{"permission": permission, "pages": []string{page}}, nil)
	}
	list, err := c.Accounts(t.Context(), g)
	require.NoError(t, err)
	all := map[string]connector.Account{}
	for _, a := range list {
		require.NotContains(t, all, a.Kind+" "+a.Name, "each once")
		all[a.Kind+" "+a.Name] = a
	}
	return all
}

func TestPagesOfABusinessAreFound(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	who, _ := b.person(t, object{"person": "Ada", "pages": []object{
		{"name": "Cafe"},
		{"name": "Owned", "business": "Ada Holding", "instagram": true},
		{"name": "Closed", "business": "Ada Holding", "no_token": true},
		{"name": "Client", "business": "Ada Holding", "client": true},
		{"name": "Other", "business": "Another"},
	}})
	all := b.found(t, who, nil)
	require.Len(t, all, 6)
	for _, name := range []string{"Cafe", "Owned", "Client", "Other"} {
		a := all["facebook_page "+name]
		require.True(t, a.Usable, name)
		require.NoError(t, b.connect(t, time.Now).Ping(t.Context(), connector.Session{Account: a, Credential: a.Credential}), name)
	}
	require.True(t, all["instagram Owned"].Usable)
	require.False(t, all["facebook_page Closed"].Usable)
	require.NotEmpty(t, all["facebook_page Closed"].Reason)

	b.Control(t, http.MethodPost, "faults", object{"op": "meta.businesses", "kind": "500"}, nil) // it is not even asked for
	all = b.found(t, who, nil, "business_management")
	require.Len(t, all, 1, "who does not show the business connects the others")
	require.True(t, all["facebook_page Cafe"].Usable)
	b.Control(t, http.MethodDelete, "faults", nil, nil)

	b.Control(t, http.MethodPost, "faults", object{"op": "meta.business.pages", "kind": "500", "status": 403, "code": 200, "times": 10}, nil)
	require.Contains(t, b.found(t, who, nil), "facebook_page Cafe", "a business that refuses takes nothing with it")
}

// A permission may hold for some Pages only; an empty list of them is all.
func TestAPageThatAPermissionWasNotGivenForIsGrey(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	who, pages := b.person(t, object{"person": "Ada", "pages": []object{{"name": "Cafe", "instagram": true}, {"name": "Mill", "instagram": true}}})
	all := b.found(t, who, map[string]string{"pages_manage_posts": pages[0].ID})
	require.True(t, all["facebook_page Cafe"].Usable)
	mill := all["facebook_page Mill"]
	require.False(t, mill.Usable)
	require.Contains(t, mill.Reason, "pages_manage_posts")
	require.True(t, all["instagram Mill"].Usable, "it does not publish with that")

	all = b.found(t, who, map[string]string{"read_insights": pages[1].ID, "instagram_content_publish": pages[0].ID})
	require.True(t, all["facebook_page Cafe"].Usable, "numbers are no condition")
	require.NotContains(t, all["facebook_page Cafe"].Scopes, "read_insights")
	require.Contains(t, all["facebook_page Mill"].Scopes, "read_insights")
	require.True(t, all["instagram Cafe"].Usable)
	require.False(t, all["instagram Mill"].Usable)
}
