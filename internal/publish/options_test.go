package publish_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
)

func TestOptionsMayBeListsAndHaveAForm(t *testing.T) {
	t.Parallel()
	a := connector.AccountKind{Title: "Gram", Posts: []connector.PostKind{{Kind: "image", Source: "https://rules.example/options", Options: json.RawMessage(`{"type":"object","properties":{
		"names":{"type":"array","maxItems":2,"items":{"type":"string","pattern":"^[a-z]+$"}},"note":{"type":"string","maxLength":3},"on":{"type":"boolean"},"n":{"type":"integer"}}}`)}}}
	check := func(in string) []publish.Violation {
		t.Helper()
		var options map[string]any
		require.NoError(t, json.Unmarshal([]byte(in), &options))
		return publish.Check(a, "con_1", "targets[0]", publish.Content{Kind: "image", Options: options})
	}
	require.Empty(t, check(`{}`))
	require.Empty(t, check(`{"names":["a","b"],"note":"äöü","on":true,"n":1}`))
	for in, field := range map[string]string{
		`{"other":1}`: "other", `{"names":["a","b","c"]}`: "names", `{"names":["a","@a"]}`: "names[1]", `{"names":"a"}`: "names", `{"names":[1]}`: "names[0]",
		`{"note":"long"}`: "note", `{"note":{}}`: "note", `{"note":[]}`: "note", `{"note":false}`: "note",
	} {
		found := check(in)
		require.Len(t, found, 1, in)
		require.Equal(t, "targets[0].options."+field, found[0].Field, in)
		require.Equal(t, a.Posts[0].Source, found[0].Rule)
		require.Equal(t, "con_1", found[0].ConnectionID)
	}
	require.Contains(t, check(`{"names":["a","@a"]}`)[0].Message, "number 2")
}

func TestCheckCountsTagsAndLooksAtShapes(t *testing.T) {
	t.Parallel()
	a := connector.AccountKind{Title: "Gram", Posts: []connector.PostKind{
		{
			Kind: "image", Title: "Image", Text: connector.TextLimit{Max: 1000, Unit: connector.CodePoints, MaxHashtags: 2, MaxMentions: 1},
			Media: connector.MediaLimit{Min: 1, Max: 1, MinRatio: 0.8, MaxRatio: 1.91, MaxAlt: 3},
		},
		{Kind: "story", Title: "Story", Text: connector.TextLimit{None: true}, Media: connector.MediaLimit{Min: 1, Max: 1}},
	}}
	for text, n := range map[string]int{
		"#a #ä und #a": 1, "#a#b": 0, "#a #b # c c#d ## #1 a@b": 1, "(#a) _#b": 0, "@ada": 0, "@ada, @bo": 1, "mail a@b.example @x": 0, "#1 #2 #3 @a @b": 2,
	} {
		require.Len(t, publish.Check(a, "c", "targets[0]", publish.Content{Kind: "image", Text: text, Media: []publish.MediaRef{{}}}), n, text)
	}
	for _, tc := range []struct{ width, height, n int }{{4, 5, 0}, {79, 100, 1}, {191, 100, 0}, {192, 100, 1}, {0, 0, 0}} {
		found := publish.Check(a, "c", "targets[0]", publish.Content{Kind: "image", Media: []publish.MediaRef{{Width: tc.width, Height: tc.height}}})
		require.Len(t, found, tc.n, tc)
	}
	found := publish.Check(a, "c", "targets[0]", publish.Content{Kind: "image", Media: []publish.MediaRef{{Alt: "äöüß"}}})
	require.Len(t, found, 1)
	require.Equal(t, "media[0].alt", found[0].Field)
	found = publish.Check(a, "c", "targets[0]", publish.Content{Kind: "story", Text: "x", TextField: "text", Media: []publish.MediaRef{{Alt: "long"}}})
	require.Len(t, found, 1)
	require.Equal(t, "text", found[0].Field)
	k, ok := publish.KindFor(a, publish.Content{Media: []publish.MediaRef{{Width: 1, Height: 5}}})
	require.True(t, ok)
	require.Equal(t, "image", k.Kind, "a picture of a wrong shape does not become a story by itself")
}

// shelf has files, with addresses where it signs.
type shelf struct{}

func (shelf) Open(context.Context, string, int64, int64) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("x")), nil
}

type signingShelf struct{ shelf }

func (signingShelf) SignGet(_ context.Context, key, name, _ string, life time.Duration) (string, error) {
	return "https://bucket.example/" + key + "?name=" + name + "&life=" + life.String(), nil
}

func TestADraftsFileHasAnAddressWhereTheStorageSigns(t *testing.T) {
	t.Parallel()
	j := publish.Job{Media: []publish.MediaRef{{Key: "a", Name: "a.jpg"}, {Key: "b", Name: "b.jpg"}}}
	require.Nil(t, publish.DraftOf(j, nil).Media[0].URL)
	require.Nil(t, publish.DraftOf(j, shelf{}).Media[0].URL)
	d := publish.DraftOf(j, signingShelf{})
	for i, want := range []string{"https://bucket.example/a?name=a.jpg&life=15m0s", "https://bucket.example/b?name=b.jpg&life=15m0s"} {
		got, err := d.Media[i].URL(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
