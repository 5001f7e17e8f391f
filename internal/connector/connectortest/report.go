package connectortest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
)

// Report is how the suite works on the numbers of a fresh account of the fake.
type Report struct {
	// Post is a published post that has numbers.
	Post func(t T) connector.PublishedPost
	// Retire makes the platform refuse one of a post's numbers and one of an account's from now on, and gives their
	// names.
	Retire func(t T) []connector.MetricName
	// Small is an account that is too small to have numbers, with a post.
	Small func(t T) (connector.Session, connector.PublishedPost)
}

// checkReport: every number has a value or says why not, and one that is gone never takes the others with it.
func checkReport(t T, h Harness) {
	kinds := map[string]func(T) World{"": h.World}
	for kind, o := range h.Others {
		kinds[kind] = o.World
	}
	for kind, world := range kinds {
		w := world(t)
		c := h.rig(t, w.URL)
		reporter, can := c.Connector.(connector.Reporter)
		a, _ := c.Info().AccountKind(w.Session.Account.Kind)
		require.Equal(t, can && a.CanReport, w.Report != nil, "the harness and the connector disagree on numbers: %s", kind)
		if w.Report == nil {
			continue
		}
		post := w.Report.Post(t)
		both := func(s connector.Session, p connector.PublishedPost) []connector.Metric {
			ofPost, err := reporter.PostMetrics(t.Context(), s, p)
			require.NoError(t, err, kind)
			named(t, ofPost)
			now := time.Now()
			ofAccount, err := reporter.AccountMetrics(t.Context(), s, now.AddDate(0, 0, -28), now)
			require.NoError(t, err, kind)
			named(t, ofAccount)
			return append(ofPost, ofAccount...)
		}
		whole := both(w.Session, post)
		for _, m := range whole {
			require.NotNil(t, m.Value, "%s: %s has no value: %s", kind, m.Title, m.Note)
		}

		smallAccount, smallPost := w.Report.Small(t)
		unknown := 0
		for _, m := range both(smallAccount, smallPost) {
			if m.Value == nil {
				unknown++
			}
		}
		require.Positive(t, unknown, "%s: what the platform does not tell is not zero", kind)

		retired := map[connector.MetricName]bool{}
		for _, name := range w.Report.Retire(t) {
			retired[name] = true
		}
		again := both(w.Session, post)
		require.Len(t, again, len(whole), kind)
		lost := 0
		for _, m := range again {
			if m.Value == nil {
				lost++
				require.True(t, retired[m.Name], "%s: %s went with another number", kind, m.Title)
			}
		}
		require.Equal(t, 2, lost, "%s: a post's and an account's number are gone", kind)

		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := reporter.PostMetrics(cancelled, w.Session, post)
		require.Error(t, err)
		h.harmless(t, "report", err, c.log.String())
	}
}

// named wants each number once, with a title, a unit, and a reason where it has no value.
func named(t T, metrics []connector.Metric) {
	t.Helper()
	require.NotEmpty(t, metrics)
	seen := map[connector.MetricName]bool{}
	for _, m := range metrics {
		require.NotEmpty(t, m.Name)
		require.NotEmpty(t, m.Title)
		require.NotEmpty(t, m.Unit)
		require.False(t, seen[m.Name], "%s comes twice", m.Name)
		seen[m.Name] = true
		require.True(t, m.Value != nil || m.Note != "", "%s has neither a value nor a reason", m.Name)
	}
}
