package e2e_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/visitor"
)

// TestEveryWayAConsentFailsHasItsOwnWayOn walks each way and reads where the person is sent.
func TestEveryWayAConsentFailsHasItsOwnWayOn(t *testing.T) {
	t.Parallel()
	type walk func(ctx context.Context, v *visitor.Visitor, person string, pages []visitor.Page) (callback string, who *visitor.Visitor, err error)
	for name, tc := range map[string]struct {
		walk walk
		want string
	}{
		"denied": {func(ctx context.Context, v *visitor.Visitor, person string, pages []visitor.Page) (string, *visitor.Visitor, error) {
			dialog, err := v.Start(ctx)
			require.NoError(t, err)
			callback, err := v.Login(ctx, dialog, person, pages, map[string]any{"deny": true})
			return callback, v, err
		}, "denied"},
		"permission unticked": {func(ctx context.Context, v *visitor.Visitor, person string, pages []visitor.Page) (string, *visitor.Visitor, error) {
			dialog, err := v.Start(ctx)
			require.NoError(t, err)
			callback, err := v.Login(ctx, dialog, person, pages, map[string]any{"decline": []string{"pages_manage_posts"}})
			return callback, v, err
		}, "permission_missing"},
		"state used twice": {func(ctx context.Context, v *visitor.Visitor, person string, pages []visitor.Page) (string, *visitor.Visitor, error) {
			dialog, err := v.Start(ctx)
			require.NoError(t, err)
			callback, err := v.Login(ctx, dialog, person, pages, nil)
			require.NoError(t, err)
			_, err = v.Must(ctx, http.MethodGet, callback, nil)
			return callback, v, err
		}, "state_used"},
		"state made up": {func(_ context.Context, v *visitor.Visitor, _ string, _ []visitor.Page) (string, *visitor.Visitor, error) {
			return v.Info.URL + "/v1/oauth/meta/callback?code=x&state=" + url.QueryEscape(v.Tenant+".made-up"), v, nil
		}, "state_used"},
		"another browser": {func(ctx context.Context, v *visitor.Visitor, person string, pages []visitor.Page) (string, *visitor.Visitor, error) {
			dialog, err := v.Start(ctx)
			require.NoError(t, err)
			callback, err := v.Login(ctx, dialog, person, pages, nil)
			require.NoError(t, err)
			other, err := visitor.SignUp(ctx, v.Info)
			return callback, other, err
		}, "foreign_browser"},
		"code used before": {func(ctx context.Context, v *visitor.Visitor, person string, pages []visitor.Page) (string, *visitor.Visitor, error) {
			dialog, err := v.Start(ctx)
			require.NoError(t, err)
			used, err := v.Login(ctx, dialog, person, pages, nil)
			require.NoError(t, err)
			_, err = v.Must(ctx, http.MethodGet, used, nil)
			require.NoError(t, err)
			dialog, err = v.Start(ctx)
			require.NoError(t, err)
			fresh, err := v.Login(ctx, dialog, person, pages, nil)
			require.NoError(t, err)
			u, err := url.Parse(fresh)
			require.NoError(t, err)
			old, err := url.Parse(used)
			require.NoError(t, err)
			q := u.Query()
			q.Set("code", old.Query().Get("code"))
			u.RawQuery = q.Encode()
			return u.String(), v, nil
		}, "code_expired"},
		"no Pages": {func(ctx context.Context, v *visitor.Visitor, _ string, _ []visitor.Page) (string, *visitor.Visitor, error) {
			nobody, _, err := v.Seed(ctx)
			require.NoError(t, err)
			dialog, err := v.Start(ctx)
			require.NoError(t, err)
			callback, err := v.Login(ctx, dialog, nobody, nil, nil)
			return callback, v, err
		}, "no_accounts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := arrive(t)
			person, pages, err := v.Seed(t.Context(), "Consent")
			require.NoError(t, err)
			callback, who, err := tc.walk(t.Context(), v, person, pages)
			require.NoError(t, err)
			a, err := who.Send(t.Context(), http.MethodGet, callback, nil, nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusFound, a.Status, string(a.Body))
			to, err := url.Parse(a.Header.Get("Location"))
			require.NoError(t, err)
			require.Equal(t, "/accounts", to.Path)
			require.Equal(t, tc.want, to.Query().Get("problem"))
			list, err := v.Must(t.Context(), http.MethodGet, v.Info.URL+"/v1/connections", nil)
			require.NoError(t, err)
			require.NotContains(t, string(list.Body), "con_", "nothing was linked")
		})
	}
}

func TestAForeignBrowserDoesNotBurnTheState(t *testing.T) {
	t.Parallel()
	v := arrive(t)
	person, pages, err := v.Seed(t.Context(), "Mine")
	require.NoError(t, err)
	dialog, err := v.Start(t.Context())
	require.NoError(t, err)
	callback, err := v.Login(t.Context(), dialog, person, pages, nil)
	require.NoError(t, err)
	_, err = arrive(t).Send(t.Context(), http.MethodGet, callback, nil, nil)
	require.NoError(t, err)
	a, err := v.Must(t.Context(), http.MethodGet, callback, nil)
	require.NoError(t, err)
	require.Contains(t, a.Header.Get("Location"), "/connect/grt_")
}
