package publish_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/publish"
)

func TestWordsAboutAFileGoToTheAccountsThatShowThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	kind := page()
	mute := kind.Posts[1]
	mute.Kind = "mute"
	mute.Media.Files = []connector.FileLimit{mute.Media.Files[0]}
	mute.Media.Files[0].NoAlt = true
	kind.Posts = append(kind.Posts, mute)
	b.service.Infos[b.connector.platform] = connector.Info{Platform: b.connector.platform, Accounts: []connector.AccountKind{kind}}
	f := media.File{TenantID: b.tenant, ID: "med_" + id(), Name: "a.png", Type: "image/png", Bytes: 3, State: media.Uploading, Key: "incoming/x", CreatedAt: 1}
	_, _, err := b.store.CreateMedia(t.Context(), f)
	require.NoError(t, err)
	f.State, f.Width, f.Height, f.Key = media.Ready, 2, 1, "media/x"
	_, err = b.store.FinishMedia(t.Context(), f)
	require.NoError(t, err)

	in := publish.NewPost{
		Text: "hello", Media: []publish.NewMedia{{ID: f.ID, Alt: "A bun"}},
		Targets: []publish.Target{{ConnectionID: b.conn}, {ConnectionID: b.another(), Kind: "mute"}},
	}
	p, _, err := b.service.Accept(t.Context(), b.author(), id(), in)
	require.NoError(t, err)
	require.Equal(t, "A bun", p.Jobs[0].Media[0].Alt)
	require.Empty(t, p.Jobs[1].Media[0].Alt)

	in.Targets = in.Targets[1:]
	found, err := b.service.Check(t.Context(), b.author(), in)
	require.NoError(t, err)
	require.Len(t, found, 1, "that nobody would read them is told")
	require.Equal(t, "media[0].alt", found[0].Field)
}
