package connectortest

import (
	"path/filepath"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// refusals are the classes that say that the platform does not renew; see connector.Refresher.
func refusals() []problem.Class {
	return []problem.Class{problem.AuthExpired, problem.AuthRevoked, problem.PermissionMissing, problem.NotFound}
}

// checkRefresh renews what the fixtures hold, and on the fake what was renewed already.
func checkRefresh(t T, h Harness) {
	if _, ok := h.rig(t, "https://platform.invalid").Connector.(connector.Refresher); !ok {
		return
	}
	refresh := func(name string) (connector.Renewal, error) {
		r := h.replay(t, filepath.Join(h.Testdata, "refresh", name))
		c := h.rig(t, serve(t, r.ServeHTTP).URL)
		refresher, _ := c.Connector.(connector.Refresher)
		renewed, err := refresher.Refresh(t.Context(), h.Session)
		r.done()
		h.harmless(t, "refresh "+name, err, c.log.String())
		if err == nil { // swapped with another token of the grant, it would work in a test and end early in life
			require.Contains(t, r.answers(), `"`+renewed.Credential.Access.Reveal()+`"`, "the new access is one that the platform gave")
		}
		return renewed, err
	}
	renewed, err := refresh("ok")
	require.NoError(t, err)
	require.False(t, renewed.Credential.Access.Empty())
	_, err = refresh("refused")
	require.Contains(t, refusals(), problem.ClassOf(err), "%v", err)

	h.renewOnFake(t, h.World(t))
	for _, o := range h.Others {
		h.renewOnFake(t, o.World(t))
	}
	require.NotEmpty(t, h.Renewals, "the harness has accounts whose access is renewed in good and bad weather, of each login")
	for name, start := range h.Renewals {
		renewYoung(t, h, name, start)
		renewDue(t, h, name, start)
		renewEnded(t, h, name, start)
		renewInTrouble(t, h, name, start)
	}
}

// renewOnFake renews twice. The first credential, used once more as after a crash, works or is refused for good; where
// each renewal ends the one before it, the second is what the connection must have kept.
func (h Harness) renewOnFake(t T, w World) {
	t.Helper()
	c := h.rig(t, w.URL)
	refresher, _ := c.Connector.(connector.Refresher)
	first, s := w.Session.Credential, w.Session
	for range 2 {
		renewed, err := refresher.Refresh(t.Context(), s)
		require.NoError(t, err)
		s.Credential = renewed.Credential
		require.NoError(t, c.Ping(t.Context(), s), "what was renewed works")
	}
	s.Credential = first
	if _, err := refresher.Refresh(t.Context(), s); err != nil {
		require.Contains(t, refusals(), problem.ClassOf(err), "an old credential is refused for good: %v", err)
	}
}
