package publish_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// TestANewTextNeedsNoOptions: a poll's question stays what it was.
func TestANewTextNeedsNoOptions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	kind := connector.AccountKind{Kind: "page", Title: "Page", CanEdit: true, Posts: []connector.PostKind{{
		Kind: "poll", Title: "Poll", Text: connector.TextLimit{Required: true, Max: 20, Unit: connector.Graphemes},
		Options: []byte(`{"type":"object","properties":{"question":{"type":"string","title":"Question"}},"required":["question"]}`),
	}}}
	b.service.Infos[b.connector.platform] = connector.Info{Platform: b.connector.platform, Accounts: []connector.AccountKind{kind}}
	b.connector.publish = func(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
		return connector.Receipt{ExternalID: "1_" + id()}, nil
	}
	accept := func(options map[string]any) (publish.Post, error) {
		p, _, err := b.service.Accept(t.Context(), b.author(), id(), publish.NewPost{Text: "hello", Targets: []publish.Target{{ConnectionID: b.conn, Kind: "poll", Options: options}}})
		return p, err
	}
	var refused *publish.Rejected
	_, err := accept(nil)
	require.ErrorAs(t, err, &refused, "a new one needs them")
	p, err := accept(map[string]any{"question": "Rye?"})
	require.NoError(t, err)
	j := p.Jobs[0]
	require.Equal(t, problem.Conflict, problem.ClassOf(b.service.CheckEdit(t.Context(), b.tenant, j.ID, "bye")), "not yet")
	j = b.run(j)
	require.NoError(t, b.service.CheckEdit(t.Context(), b.tenant, j.ID, "bye"))
	err = b.service.CheckEdit(t.Context(), b.tenant, j.ID, "a text that is longer than it may be")
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "text", refused.Violations[0].Field)
	require.ErrorIs(t, b.service.CheckEdit(t.Context(), "ten_"+id(), j.ID, "bye"), publish.ErrNoJob)
}
