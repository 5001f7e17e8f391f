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

func TestOptionsAreNamedAsInTheFormAndMayDependOnEachOther(t *testing.T) {
	t.Parallel()
	a := connector.AccountKind{Title: "Clip", Posts: []connector.PostKind{{Kind: "video", Title: "Video", Options: json.RawMessage(`{"type":"object","required":["who"],"properties":{
		"who":{"type":"string","title":"Who can see it","enum":["all","me"]},"paid":{"type":"boolean","title":"Paid partnership"},
		"offset":{"type":"integer","title":"Cover","minimum":0,"maximum":9},"tags":{"type":"array","title":"Tags","minItems":1,"uniqueItems":true,"items":{"type":"string"}},
		"cut":{"type":"object","title":"Cut","properties":{"from":{"type":"number","title":"Start"}}}},
		"if":{"properties":{"paid":{"const":true}},"required":["paid"]},"then":{"properties":{"who":{"const":"all"}}}}`)}}}
	for in, want := range map[string][]string{
		`{"who":"all"}`:                           nil,
		`{"who":"me","paid":false}`:               nil,
		`{}`:                                      {"who: Choose or fill in “Who can see it”."},
		`{"who":"you"}`:                           {"who: Who can see it must be one of all me."},
		`{"who":"me","paid":true}`:                {"who: Who can see it must be all."},
		`{"who":"me","offset":10,"tags":[]}`:      {"offset: Cover must be at most 9.", "tags: Tags has 0 entries; at least 1 are needed."},
		`{"who":"me","offset":1.5}`:               {"offset: Cover must be a whole number."},
		`{"who":"me","tags":["a","b","a"]}`:       {"tags: Tags has the same entry twice (numbers 1 and 3)."},
		`{"who":"me","cut":{"from":"0"}}`:         {"cut.from: Start must be a number."},
		`{"who":"me","cuts":1,"paid":"yes"}`:      {"cuts: A Video post on Clip has no option of this name.", "paid: Paid partnership must be true or false."},
		`{"who":"me","offset":-1,"cut":{"at":0}}`: {"offset: Cover must be at least 0."},
	} {
		var options map[string]any
		require.NoError(t, json.Unmarshal([]byte(in), &options))
		var got []string
		for _, v := range publish.Check(a, "con_1", "targets[0]", publish.Content{Kind: "video", Options: options}) {
			got = append(got, strings.TrimPrefix(v.Field, "targets[0].options.")+": "+v.Message)
		}
		require.ElementsMatch(t, want, got, in)
	}
}

func TestCheckCountsTagsAndLooksAtShapes(t *testing.T) {
	t.Parallel()
	jpeg := []string{"image/jpeg"}
	a := connector.AccountKind{Title: "Gram", Posts: []connector.PostKind{
		{
			Kind: "image", Title: "Image", Text: connector.TextLimit{Max: 1000, Unit: connector.CodePoints, MaxHashtags: 2, MaxMentions: 1},
			Media: connector.MediaLimit{Min: 1, Max: 1, Files: []connector.FileLimit{{Types: jpeg, MinRatio: 0.8, MaxRatio: 1.91, MaxAlt: 3}}},
		},
		{Kind: "story", Title: "Story", Text: connector.TextLimit{None: true}, Media: connector.MediaLimit{Min: 1, Max: 1, Files: []connector.FileLimit{{Types: jpeg}}}},
	}}
	for text, n := range map[string]int{
		"#a #ä und #a": 1, "#a#b": 0, "#a #b # c c#d ## #1 a@b": 1, "(#a) _#b": 0, "@ada": 0, "@ada, @bo": 1, "mail a@b.example @x": 0, "#1 #2 #3 @a @b": 2,
	} {
		require.Len(t, publish.Check(a, "c", "targets[0]", publish.Content{Kind: "image", Text: text, Media: []publish.MediaRef{{Type: "image/jpeg"}}}), n, text)
	}
	for _, tc := range []struct{ width, height, n int }{{4, 5, 0}, {79, 100, 1}, {191, 100, 0}, {192, 100, 1}, {0, 0, 0}} {
		found := publish.Check(a, "c", "targets[0]", publish.Content{Kind: "image", Media: []publish.MediaRef{{Type: "image/jpeg", Width: tc.width, Height: tc.height}}})
		require.Len(t, found, tc.n, tc)
	}
	found := publish.Check(a, "c", "targets[0]", publish.Content{Kind: "image", Media: []publish.MediaRef{{Type: "image/jpeg", Alt: "äöüß"}}})
	require.Len(t, found, 1)
	require.Equal(t, "media[0].alt", found[0].Field)
	found = publish.Check(a, "c", "targets[0]", publish.Content{Kind: "story", Text: "x", TextField: "text", Media: []publish.MediaRef{{Type: "image/jpeg", Alt: "long"}}})
	require.Len(t, found, 1)
	require.Equal(t, "text", found[0].Field)
	k, ok := publish.KindFor(a, publish.Content{Media: []publish.MediaRef{{Type: "image/jpeg", Width: 1, Height: 5}}})
	require.True(t, ok)
	require.Equal(t, "image", k.Kind, "a picture of a wrong shape does not become a story by itself")
}

// A kind that takes pictures and videos has other limits for each.
func TestCheckKnowsTheSortsOfFiles(t *testing.T) {
	t.Parallel()
	a := connector.AccountKind{Title: "Gram", Posts: []connector.PostKind{{Kind: "carousel", Title: "Carousel", Media: connector.MediaLimit{
		Min: 1, Max: 3, Source: "https://rules.example/carousel", Files: []connector.FileLimit{
			{Types: []string{"image/jpeg"}, MaxBytes: 10, MaxAlt: 3, Source: "https://rules.example/picture"},
			{Types: []string{"video/mp4"}, MaxBytes: 100, MinDurationMs: 3000, MaxWidth: 1920, Codecs: []string{"avc1", "hvc1"}, NoAlt: true, Source: "https://rules.example/video"},
		},
	}}}}
	picture := publish.MediaRef{Type: "image/jpeg", Bytes: 10, Alt: "abc"}
	video := publish.MediaRef{Type: "VIDEO/mp4", Bytes: 100, DurationMs: 3000, Width: 1920, Height: 1, Codec: "hvc1"}
	check := func(m publish.MediaRef) []publish.Violation {
		return publish.Check(a, "c", "targets[0]", publish.Content{Kind: "carousel", Media: []publish.MediaRef{picture, video, m}})
	}
	require.Empty(t, check(picture))
	for name, tc := range map[string]struct {
		of     publish.MediaRef
		change func(*publish.MediaRef)
		field  string
		rule   string
		words  string
	}{
		"a heavy picture": {picture, func(m *publish.MediaRef) { m.Bytes = 11 }, "media[2]", "https://rules.example/picture", "0.0 kB"},
		"a heavy video":   {video, func(m *publish.MediaRef) { m.Bytes = 101 }, "media[2]", "https://rules.example/video", "at most 0.1 kB"},
		"a wide video":    {video, func(m *publish.MediaRef) { m.Width = 1921 }, "media[2]", "https://rules.example/video", "at most 1920"},
		"a codec":         {video, func(m *publish.MediaRef) { m.Codec = "av01" }, "media[2]", "https://rules.example/video", "AV1; Gram takes H.264 or HEVC."},
		"words on video":  {video, func(m *publish.MediaRef) { m.Alt = "a" }, "media[2].alt", "https://rules.example/video", "no description"},
		"another sort":    {video, func(m *publish.MediaRef) { m.Type = "video/webm" }, "media[2]", "https://rules.example/carousel", "image/jpeg, video/mp4"},
	} {
		m := tc.of
		tc.change(&m)
		found := check(m)
		require.Len(t, found, 1, name)
		require.Equal(t, tc.field, found[0].Field, name)
		require.Equal(t, tc.rule, found[0].Rule, name)
		require.Contains(t, found[0].Message, tc.words, name)
	}
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

func TestAConditionSaysInWordsWhatItWants(t *testing.T) {
	t.Parallel()
	a := connector.AccountKind{Title: "Clip", Posts: []connector.PostKind{{Kind: "video", Title: "Video", Options: json.RawMessage(`{"type":"object","properties":{
		"ad":{"type":"boolean","title":"Ad","description":"Turn on if it promotes something."},"own":{"type":"boolean"},"other":{"type":"boolean"},"who":{"type":"string"}},
		"allOf":[{"if":{"properties":{"ad":{"const":true}},"required":["ad"]},
			"then":{"description":"Say what it promotes.","anyOf":[{"required":["own"]},{"required":["other"]}],"properties":{"who":{"description":"An ad is not private.","not":{"const":"me"}}}},
			"else":{"properties":{"own":{"const":false}}}}]}`)}}}
	for in, want := range map[string][]string{
		`{"ad":true,"own":true}`:            nil,
		`{"ad":true}`:                       {"targets[0].options: Say what it promotes."},
		`{"ad":"yes"}`:                      {"targets[0].options.ad: Ad must be true or false."},
		`{"own":true}`:                      {"targets[0].options.own: own must be false."},
		`{"ad":true,"own":true,"who":"me"}`: {"targets[0].options.who: An ad is not private."},
	} {
		var options map[string]any
		require.NoError(t, json.Unmarshal([]byte(in), &options))
		var got []string
		for _, v := range publish.Check(a, "con_1", "targets[0]", publish.Content{Kind: "video", Options: options}) {
			got = append(got, v.Field+": "+v.Message)
		}
		require.Equal(t, want, got, in)
	}
}
