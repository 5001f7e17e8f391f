package linkedin_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector/linkedin"
	"github.com/herald-publishing/herald/internal/publish"
)

func TestOptionsAreCheckedBeforeAcceptance(t *testing.T) {
	t.Parallel()
	profile, _ := linkedin.Info().AccountKind(member)
	page, _ := linkedin.Info().AccountKind(organization)
	poll := func(options ...any) map[string]any {
		return map[string]any{"question": "Tea?", "options": options, "duration": "ONE_DAY"}
	}
	at := func(c publish.Content) string {
		c.TextField = "text"
		a := profile
		if c.Options["page"] == true {
			a = page
			delete(c.Options, "page")
		}
		var fields []string
		for _, v := range publish.Check(a, "con_1", "targets[0]", c) {
			fields = append(fields, v.Field)
		}
		return strings.Join(fields, " ")
	}
	require.Empty(t, at(publish.Content{Text: "Hi"}))
	require.Empty(t, at(publish.Content{Text: "Hi", Options: map[string]any{"visibility": "CONNECTIONS"}}))
	for want, c := range map[string]publish.Content{
		"targets[0].options.visibility":      {Text: "Hi", Options: map[string]any{"visibility": "CONNECTIONS", "page": true}},
		"targets[0].options.question":        {Kind: "poll", Text: "Hi", Options: map[string]any{"options": []any{"1", "2"}, "duration": "ONE_DAY"}},
		"targets[0].options.options":         {Kind: "poll", Text: "Hi", Options: poll("1", "2", "3", "4", "5")},
		"targets[0].options.options[1]":      {Kind: "poll", Text: "Hi", Options: poll("1", strings.Repeat("a", 31))},
		"targets[0].options.title":           {Kind: "article", Text: "Hi", Link: "https://cafe.example"},
		"targets[0].options.post":            {Kind: "reshare", Options: map[string]any{"post": "https://cafe.example/share-1"}},
		"text":                               {Text: strings.Repeat("(", 1501)},
		"targets[0].options.first_comment":   {Text: "Hi", Options: map[string]any{"first_comment": strings.Repeat("a", 1251)}},
		"text targets[0].options.title link": {Kind: "article"},
	} {
		require.Equal(t, want, at(c))
	}
	// What the person did not choose follows from the content: a link makes a link post.
	kind, ok := publish.KindFor(profile, publish.Content{Text: "Hi", Link: "https://cafe.example"})
	require.True(t, ok)
	require.Equal(t, "article", kind.Kind)
	wrong := publish.Check(profile, "con_1", "targets[0]", publish.Content{Text: "Hi", TextField: "text", Options: map[string]any{"visibility": "FRIENDS"}})
	require.Len(t, wrong, 1)
	require.Equal(t, "Who can see it must be one of PUBLIC CONNECTIONS.", wrong[0].Message)
}
