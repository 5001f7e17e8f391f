package connectortest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector/connectortest"
)

// A waived check must be seen to fail, or the waiver is stale.
func TestFailsTellsAFailingCheckFromAPassingOne(t *testing.T) {
	t.Parallel()
	require.False(t, connectortest.Fails(t, func(t connectortest.T) { require.NotNil(t, t) }))
	require.True(t, connectortest.Fails(t, func(t connectortest.T) { require.Equal(t, 1, 2) }))
	reached := false
	require.True(t, connectortest.Fails(t, func(t connectortest.T) {
		require.FailNow(t, "here it ends")
		reached = true
	}))
	require.False(t, reached)
	require.True(t, connectortest.Fails(t, func(t connectortest.T) { t.Errorf("and goes on") }))
}
