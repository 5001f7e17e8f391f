package crash_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/publish"
)

// metaWay is a kind of account of Meta's; its kinds of post are named where they are accepted.
func metaWay(t *testing.T, account string) stage.Way {
	t.Helper()
	p, err := stage.Of("meta")
	require.NoError(t, err)
	return stage.Way{Platform: p, Account: account}
}

func (w *world) seed() stage.Account {
	w.t.Helper()
	a, err := w.way.Platform.Seed(w.t.Context(), stage.Box{URL: w.box}, w.way.Account, w.way.Login)
	require.NoError(w.t, err)
	return a
}

// timeline is what the account shows.
func (w *world) timeline() []stage.Post {
	w.t.Helper()
	posts, err := w.way.Platform.Posts(w.t.Context(), stage.Box{URL: w.box}, w.way.Account, w.page)
	require.NoError(w.t, err)
	return posts
}

// fill gives a job of a kind what it must have.
func (w *world) fill(j *publish.Job, kind string) {
	w.t.Helper()
	way, err := stage.Find(w.way.Platform.Name, w.way.Account, kind)
	require.NoError(w.t, err)
	j.Options, err = way.Options(w.t.Context(), stage.Box{URL: w.box})
	require.NoError(w.t, err)
	if way.Kind.Text.None {
		j.Text = ""
	}
	if way.Kind.LinkRequired {
		j.Link = "https://example.com/bread"
	}
	for _, types := range way.Files() {
		i := slices.IndexFunc(w.files, func(f publish.MediaRef) bool { return slices.Contains(types, f.Type) })
		require.GreaterOrEqual(w.t, i, 0, "%s takes %v: this world has no such file", way, types)
		j.Media = append(j.Media, w.files[i])
	}
}
