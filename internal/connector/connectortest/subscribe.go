package connectortest

import (
	"context"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// Subscription is a fresh account of the fake that tells the app of nothing yet.
type Subscription struct {
	URL     string // for Env.URL
	Session connector.Session
	// Heard makes something happen on the account, and tells whether the fake told the app of it.
	Heard func(t T) bool
	// Sharing are the accounts that are told of through the same subscription, the account itself among them.
	Sharing []string
	// Deaf is a like account whose permission for it was left out; nil where it takes none.
	Deaf *connector.Session
}

// checkSubscribe: nothing is told before it is asked for, asking may be repeated, and it ends only when nobody uses any of
// the accounts that are told of.
func checkSubscribe(t T, h Harness) {
	c := h.rig(t, "https://platform.invalid")
	_, can := c.Connector.(connector.Subscriber)
	require.Equal(t, can, h.Subscriptions != nil, "the harness and the connector disagree on asking for webhooks")
	for name, fresh := range h.Subscriptions {
		s := fresh(t)
		c := h.rig(t, s.URL)
		subscriber, _ := c.Connector.(connector.Subscriber)
		require.False(t, s.Heard(t), "%s: the fake tells before it is asked", name)
		for range 2 {
			require.NoError(t, subscriber.Subscribe(t.Context(), s.Session), name)
			require.True(t, s.Heard(t), name)
		}
		if s.Deaf != nil {
			err := subscriber.Subscribe(t.Context(), *s.Deaf)
			require.Equal(t, problem.PermissionMissing, problem.ClassOf(err), name)
			require.Equal(t, problem.ActReconnect, problem.Of(err).Action.Kind, name)
		}
		ends, can := c.Connector.(connector.Unsubscriber)
		if !can {
			continue
		}
		require.Contains(t, s.Sharing, s.Session.Account.ExternalID, name)
		for _, one := range s.Sharing {
			require.NoError(t, ends.Unsubscribe(t.Context(), s.Session, users(one)), name)
			require.True(t, s.Heard(t), "%s: %s is still used", name, one)
		}
		for range 2 {
			require.NoError(t, ends.Unsubscribe(t.Context(), s.Session, users("somebody else's")), name)
			require.False(t, s.Heard(t), name)
		}
	}
}

// users tells that only these accounts are used.
func users(ids ...string) func(context.Context, string) (bool, error) {
	return func(_ context.Context, id string) (bool, error) { return slices.Contains(ids, id), nil }
}
