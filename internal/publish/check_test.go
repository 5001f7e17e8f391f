package publish_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
)

func page() connector.AccountKind {
	return connector.AccountKind{Kind: "page", Title: "Page", Posts: []connector.PostKind{
		{Kind: "text", Title: "Text", Link: true, Text: connector.TextLimit{Required: true, Max: 5, Unit: connector.UTF16Units, Source: "https://rules.example/text"}},
		{Kind: "photo", Title: "Photo", Text: connector.TextLimit{Max: 5, Unit: connector.Graphemes}, Media: connector.MediaLimit{Min: 1, Max: 1, Files: []connector.FileLimit{
			{Types: []string{"image/png"}, MinBytes: 2, MaxBytes: 100, MaxPixels: 1000, Source: "https://rules.example/photo"},
		}}},
	}}
}

func TestCheckGivesEveryViolationAtOnce(t *testing.T) {
	t.Parallel()
	got := publish.Check(page(), "con_1", "targets[0]", publish.Content{
		Text: "too long", TextField: "targets[0].text", Link: "javascript:alert(1)",
		Media: []publish.MediaRef{{Type: "image/png", Bytes: 101, Width: 100, Height: 11}},
	})
	fields := map[string]int{}
	for _, v := range got {
		require.Equal(t, "con_1", v.ConnectionID)
		require.NotEmpty(t, v.Message)
		fields[v.Field]++
	}
	require.Equal(t, map[string]int{"targets[0].text": 1, "link": 1, "media[0]": 2}, fields)
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
		"few bytes":    {publish.Content{Media: []publish.MediaRef{{Type: "image/png", Bytes: 2}}}, publish.Content{Media: []publish.MediaRef{{Type: "image/png", Bytes: 1}}}},
		"pixels":       {publish.Content{Media: png}, publish.Content{Media: []publish.MediaRef{{Type: "image/png", Bytes: 2, Width: 1001, Height: 1}}}},
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
	png := []publish.MediaRef{{Type: "image/png", Bytes: 2, Width: 1, Height: 1}}
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

func clip() publish.MediaRef {
	return publish.MediaRef{Type: "video/mp4", Bytes: 1000, Width: 540, Height: 960, DurationMs: 3000, FrameRate: 24}
}

func videoPage() connector.AccountKind {
	a := page()
	a.Posts = append(a.Posts,
		connector.PostKind{Kind: "reel", Title: "Reel", Media: connector.MediaLimit{Min: 1, Max: 1, Source: "https://rules.example/reel", Files: []connector.FileLimit{{
			Types: []string{"video/mp4"}, MinDurationMs: 3000, MaxDurationMs: 90_000, MinRatio: 0.5625, MaxRatio: 0.5625,
			MinWidth: 540, MinHeight: 960, MinFrameRate: 24, MaxFrameRate: 60, Source: "https://rules.example/reel",
		}}}},
		connector.PostKind{Kind: "video", Title: "Video", Media: connector.MediaLimit{Min: 1, Max: 1, Files: []connector.FileLimit{{Types: []string{"video/mp4"}}}, Source: "https://rules.example/video"}},
	)
	return a
}

func TestCheckOfAVideoNamesEachRuleOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*publish.MediaRef)
		words  []string
	}{
		"at its limits": {func(*publish.MediaRef) {}, nil},
		"at the others": {func(m *publish.MediaRef) { m.DurationMs, m.FrameRate = 90_000, 60 }, nil},
		"too short":     {func(m *publish.MediaRef) { m.DurationMs = 2999 }, []string{"3 seconds to 90 seconds"}},
		"too long":      {func(m *publish.MediaRef) { m.DurationMs = 90_001 }, []string{"90.0 seconds long"}},
		"too wide":      {func(m *publish.MediaRef) { m.Width = 960 }, []string{"1.00 : 1"}},
		"too narrow":    {func(m *publish.MediaRef) { m.Height = 1000 }, []string{"0.54 : 1"}},
		"too small":     {func(m *publish.MediaRef) { m.Width, m.Height = 270, 480 }, []string{"at least 540 × 960"}},
		"too slow":      {func(m *publish.MediaRef) { m.FrameRate = 23.9 }, []string{"23.9 pictures"}},
		"too fast":      {func(m *publish.MediaRef) { m.FrameRate = 60.1 }, []string{"60.1 pictures"}},
		"all wrong":     {func(m *publish.MediaRef) { *m = publish.MediaRef{Type: m.Type, Width: 10, Height: 10} }, []string{"540", "1.00 : 1", "0.0 seconds", "0.0 pictures"}},
		"another type":  {func(m *publish.MediaRef) { *m = publish.MediaRef{Type: "video/webm"} }, []string{"video/webm"}},
	} {
		m := clip()
		c.change(&m)
		got := publish.Check(videoPage(), "con_1", "targets[0]", publish.Content{Kind: "reel", Media: []publish.MediaRef{m}})
		require.Len(t, got, len(c.words), name)
		for i, v := range got {
			require.Contains(t, v.Message, c.words[i], name)
			require.Equal(t, "media[0]", v.Field)
			require.Equal(t, "https://rules.example/reel", v.Rule)
		}
	}
}

func TestKindIsTheFirstThatTakesTheFiles(t *testing.T) {
	t.Parallel()
	wide := clip()
	wide.Width = 1920
	for want, m := range map[string]publish.MediaRef{
		"reel": clip(), "video": wide, "photo": {Type: "image/png", Width: 1, Height: 1},
	} {
		k, ok := publish.KindFor(videoPage(), publish.Content{Media: []publish.MediaRef{m}})
		require.True(t, ok)
		require.Equal(t, want, k.Kind)
	}
	a := videoPage()
	a.Posts = a.Posts[:3] // none takes it whole: the one for videos says why
	k, _ := publish.KindFor(a, publish.Content{Media: []publish.MediaRef{wide}})
	require.Equal(t, "reel", k.Kind)
	_, ok := publish.KindFor(a, publish.Content{Media: []publish.MediaRef{wide, wide}})
	require.False(t, ok)
}

func TestKindOfAnotherSortIsOnlyChosen(t *testing.T) {
	t.Parallel()
	png := publish.MediaRef{Type: "image/png", Width: 1, Height: 1}
	a := page()
	a.Posts[0].Link = false
	needs := json.RawMessage(`{"type":"object","required":["question"],"properties":{"question":{"type":"string"}}}`)
	private := a.Posts[1]
	private.Options = needs // files tell it from a text, so it is picked, and the check says what is missing
	a.Posts = []connector.PostKind{
		{Kind: "poll", Title: "Poll", Options: needs},
		a.Posts[0], private,
		{Kind: "article", Title: "Article", Link: true, LinkRequired: true, Options: needs, Media: connector.MediaLimit{Max: 1, Files: private.Media.Files}},
	}
	for want, c := range map[string]publish.Content{
		"text": {Text: "a"}, "photo": {Media: []publish.MediaRef{png}}, "poll": {Kind: "poll"}, "article": {Link: "https://cafe.example"},
	} {
		k, ok := publish.KindFor(a, c)
		require.True(t, ok)
		require.Equal(t, want, k.Kind)
	}
	k, _ := publish.KindFor(a, publish.Content{Link: "https://cafe.example", Media: []publish.MediaRef{png}})
	require.Equal(t, "article", k.Kind, "its picture is the article's")
}

func TestCheckOfOptions(t *testing.T) {
	t.Parallel()
	a := page()
	a.Posts[0].Options = []byte(`{"type":"object","additionalProperties":false,"required":["mood"],"properties":{
		"comment":{"type":"string","title":"Comment","minLength":1,"maxLength":3},"loud":{"type":"boolean"},"times":{"type":"integer","minimum":1,"maximum":3},
		"size":{"type":"number"},"mood":{"type":"string","enum":["good","bad"]}}}`)
	good := map[string]any{"comment": "äöü", "loud": true, "times": 3.0, "size": 0.5, "mood": "bad"}
	check := func(o map[string]any) map[string]string {
		out := map[string]string{}
		for _, v := range publish.Check(a, "con_1", "targets[2]", publish.Content{Kind: "text", Text: "a", Options: o}) {
			require.NotContains(t, out, v.Field, "one sentence for each option")
			out[v.Field] = v.Message
		}
		return out
	}
	require.Empty(t, check(good))
	for name, tc := range map[string]struct {
		value any
		field string
	}{
		"too long": {"abcd", "comment"}, "empty": {"", "comment"}, "no text": {7.0, "comment"},
		"no truth": {"true", "loud"}, "no number": {"3", "times"}, "half": {1.5, "times"}, "above": {4.0, "times"}, "below": {0.0, "times"},
		"another mood": {"so so", "mood"}, "unknown": {1.0, "nonsense"},
	} {
		o := maps.Clone(good)
		o[tc.field] = tc.value
		got := check(o)
		require.Len(t, got, 1, name)
		require.Contains(t, got, "targets[2].options."+tc.field, name)
	}
	require.Contains(t, check(nil), "targets[2].options.mood")
	a.Posts[0].Options = nil
	require.Len(t, check(good), 5, "a kind without options takes none")
}
