package publish_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
)

func page() connector.AccountKind {
	return connector.AccountKind{Kind: "page", Title: "Page", Posts: []connector.PostKind{
		{Kind: "text", Title: "Text", Link: true, Text: connector.TextLimit{Required: true, Max: 5, Unit: connector.UTF16Units, Source: "https://rules.example/text"}},
		{Kind: "photo", Title: "Photo", Text: connector.TextLimit{Max: 5, Unit: connector.Graphemes}, Media: connector.MediaLimit{
			Min: 1, Max: 1, Types: []string{"image/png"}, MaxBytes: 100, MaxPixels: 1000, Source: "https://rules.example/photo",
		}},
	}}
}

func TestCheckGivesEveryViolationAtOnce(t *testing.T) {
	t.Parallel()
	got := publish.Check(page(), "con_1", "targets[0]", publish.Content{
		Text: "too long", TextField: "targets[0].text", Link: "javascript:alert(1)",
		Media: []publish.MediaRef{{Type: "application/pdf", Bytes: 101, Width: 100, Height: 11}},
	})
	fields := map[string]int{}
	for _, v := range got {
		require.Equal(t, "con_1", v.ConnectionID)
		require.NotEmpty(t, v.Message)
		fields[v.Field]++
	}
	require.Equal(t, map[string]int{"targets[0].text": 1, "link": 1, "media[0]": 3}, fields)
}

func TestCheckAtTheLimitPassesAndOneOverDoesNot(t *testing.T) {
	t.Parallel()
	png := []publish.MediaRef{{Type: "image/png", Bytes: 100, Width: 100, Height: 10}}
	for name, c := range map[string]struct {
		content publish.Content
		over    publish.Content
	}{
		"utf-16 units": {publish.Content{Text: "a👍👍"}, publish.Content{Text: "👍👍👍"}},
		"graphemes":    {publish.Content{Text: strings.Repeat("👩‍👩‍👧", 5), Media: png}, publish.Content{Text: strings.Repeat("👩‍👩‍👧", 6), Media: png}},
		"bytes":        {publish.Content{Media: png}, publish.Content{Media: []publish.MediaRef{{Type: "image/png", Bytes: 101}}}},
		"pixels":       {publish.Content{Media: png}, publish.Content{Media: []publish.MediaRef{{Type: "image/png", Width: 1001, Height: 1}}}},
		"files":        {publish.Content{Media: png}, publish.Content{Media: append(png, png...)}},
		"some text":    {publish.Content{Text: "a"}, publish.Content{Text: " \n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, publish.Check(page(), "c", "targets[0]", c.content))
			require.Len(t, publish.Check(page(), "c", "targets[0]", c.over), 1)
		})
	}
}

func TestCheckTakesALinkOnlyWhereTheKindHasOne(t *testing.T) {
	t.Parallel()
	png := []publish.MediaRef{{Type: "image/png", Bytes: 1, Width: 1, Height: 1}}
	require.Empty(t, publish.Check(page(), "c", "targets[0]", publish.Content{Link: "https://example.com/"}))
	got := publish.Check(page(), "c", "targets[0]", publish.Content{Link: "https://example.com/", Media: png})
	require.Len(t, got, 1)
	require.Equal(t, "link", got[0].Field)
}

func TestCheckRefusesAKindThatDoesNotExist(t *testing.T) {
	t.Parallel()
	got := publish.Check(page(), "c", "targets[3]", publish.Content{Kind: "story", Text: "a"})
	require.Len(t, got, 1)
	require.Equal(t, "targets[3].kind", got[0].Field)
}

func TestLengthCountsInEachUnit(t *testing.T) {
	t.Parallel()
	const family = "👩‍👩‍👧e\u0301"
	require.Equal(t, 2, publish.Length(family, connector.Graphemes))
	require.Equal(t, 10, publish.Length(family, connector.UTF16Units))
	require.Equal(t, 7, publish.Length(family, connector.CodePoints))
	require.Equal(t, 21, publish.Length(family, connector.Bytes))
}
