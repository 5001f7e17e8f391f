package linkedin_test

import (
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
)

// written is a text as people write it, with everything in it that could go wrong.
type written string

// Generate implements quick.Generator.
func (written) Generate(r *rand.Rand, size int) reflect.Value {
	pieces := []string{
		"|", "{", "}", "@", "[", "]", "(", ")", "<", ">", "#", `\`, "*", "_", "~", " ", "\n", "a", "Ä", "#tag", "#1", "##x", "word#tag", "#naïve", "@[", "](", "{hashtag|",
		`\#|`, "urn:li:organization:1", "@[Name](urn:li:person:aB_1)", "🍞", "é", "日本", "#日本", ".", ",", "https://a.example/b_c?d=(e)&f=#g", "\u200d", `\\`, `\(`,
	}
	var b strings.Builder
	for range 1 + r.Intn(max(size, 1)) {
		b.WriteString(pieces[r.Intn(len(pieces))])
	}
	return reflect.ValueOf(written(b.String()))
}

func TestAnyTextArrivesWhole(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, organization, nil)
	c := b.connect(t, time.Now)
	n := 0
	arrives := func(text written) bool {
		n++
		d := connector.Draft{Kind: "text", Text: "x" + string(text) + "y", AcceptedAt: time.Now()}
		if _, err := publishNow(t, c, s, d); err != nil {
			t.Log(err)
			return false
		}
		posts := b.posts(t, s)
		seen := posts[len(posts)-1]
		found, err := c.Candidates(t.Context(), s, d)
		require.NoError(t, err)
		if want := strings.ReplaceAll(d.Text, "@[Name](urn:li:person:aB_1)", "Name"); seen.Text != want || found[0].Text != d.Text {
			t.Logf("%q: sent as %q, seen as %q, read back as %q", d.Text, seen.Commentary, seen.Text, found[0].Text)
			return false
		}
		b.Control(t, "POST", "reset", object{}, nil) // no doubles, and lists stay short
		s = b.session(t, organization, nil)
		return true
	}
	require.NoError(t, quick.Check(arrives, &quick.Config{MaxCount: 150, Rand: rand.New(rand.NewSource(7))})) //nolint:gosec // the same texts every time
	require.Positive(t, n)
}

func TestHashtagsAndMentionsStayAlive(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, organization, nil)
	c := b.connect(t, time.Now)
	shop := "urn:li:organization:" + s.Account.ExternalID
	for text, want := range map[string][]string{
		"#brunch at eight":                        {"#brunch"},
		"(#soup_of_the day) #ünder":               {"#soup", "#ünder"},
		"we are #1, C# and a#b":                   nil,
		"By @[Shop](" + shop + ") and @kim":       {shop},
		"@[Nobody](" + shop + ")":                 nil,
		"@[Shop](urn:li:group:1) and @[Shop] (x)": nil,
		"#a#b": {"#a"},
		"mail me@shop.example, see https://x.y/#z": {"#z"},
	} {
		_, err := publishNow(t, c, s, connector.Draft{Kind: "text", Text: text, AcceptedAt: time.Now()})
		require.NoError(t, err)
		posts := b.posts(t, s)
		require.Equal(t, want, posts[len(posts)-1].Links, text)
		require.Equal(t, strings.NewReplacer("@[Shop]("+shop+")", "Shop", "@[Nobody]("+shop+")", "Nobody").Replace(text), posts[len(posts)-1].Text, text)
	}
}

func TestAPersonsIDIsEscapedInAMention(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, member, nil)
	_, err := publishNow(t, b.connect(t, time.Now), s, connector.Draft{Kind: "text", Text: "With @[Kim Berg](urn:li:person:" + s.Account.ExternalID + ")", AcceptedAt: time.Now()})
	require.NoError(t, err)
	require.Equal(t, "With Kim Berg", b.posts(t, s)[0].Text)
	require.Equal(t, []string{"urn:li:person:" + s.Account.ExternalID}, b.posts(t, s)[0].Links)
}
