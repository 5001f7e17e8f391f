package publish

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/herald-publishing/herald/internal/connector"
)

// Violation is one thing a platform would refuse, found before anything is sent.
type Violation struct {
	Field        string // JSON path in the request: "text", "targets[1].text", "media[0]"
	ConnectionID string // the target it concerns; empty = all
	Message      string // one sentence
	Rule         string // URL of the document that states the rule
}

// Content is what is checked against one target.
type Content struct {
	Kind      string // empty = chosen from the content
	Text      string
	TextField string // where the text came from: "text" or "targets[i].text"
	Link      string
	Media     []MediaRef
	Options   map[string]any
}

// KindFor picks the kind of post from the content where the person did not: in the order Info lists them, the first kind
// that takes all of these media; else the first that takes this many of these types; else the first that takes this many.
// Of kinds that take the media equally well, one that also takes the link wins. What is another thing than a post (a story, a
// poll) only the person chooses.
func KindFor(a connector.AccountKind, c Content) (connector.PostKind, bool) {
	if c.Kind != "" {
		return a.PostKind(c.Kind)
	}
	best, level := connector.PostKind{}, 0
	for _, k := range a.Posts {
		if len(c.Media) < k.Media.Min || len(c.Media) > k.Media.Max || k.OnlyChosen() || k.LinkRequired && c.Link == "" {
			continue
		}
		fits := 6
		for _, m := range c.Media {
			limit, taken := k.Media.File(m.Type)
			switch {
			case !taken:
				fits = 2
			case len(checkFile(limit, m, a.Title)) > 0:
				fits = min(fits, 4)
			}
		}
		if c.Link != "" && k.Link {
			fits++
		}
		if fits > level {
			best, level = k, fits
		}
	}
	return best, level > 0
}

// Check compares the content with the platform's limits and gives every violation at once.
func Check(a connector.AccountKind, target string, targetField string, c Content) []Violation {
	var out []Violation
	add := func(field, rule, format string, args ...any) {
		out = append(out, Violation{Field: field, ConnectionID: target, Message: fmt.Sprintf(format, args...), Rule: rule})
	}
	kind, ok := KindFor(a, c)
	if !ok {
		switch {
		case c.Kind != "":
			add(targetField+".kind", "", "%s does not have posts of the kind %q.", a.Title, c.Kind)
		case len(c.Media) == 0:
			add("media", mediaRule(a), "A post on %s cannot be text alone. Add a file.", a.Title)
		default:
			add("media", mediaRule(a), "%s does not take %d files in one post.", a.Title, len(c.Media))
		}
		return out
	}
	checkText(kind, c, a.Title, add)
	checkTags(kind, c, a.Title, add)
	checkOptions(kind, a.Title, targetField+".options", c.Options, add)
	switch {
	case c.Link == "" && kind.LinkRequired:
		add("link", kind.Source, "A %s post on %s needs a link.", kind.Title, a.Title)
	case c.Link == "":
	case !absoluteLink(c.Link):
		add("link", "", "The link must be a full http or https address.")
	case !kind.Link:
		add("link", kind.Source, "A %s post on %s takes no link of its own. Put it into the text.", kind.Title, a.Title)
	}
	if n := len(c.Media); n < kind.Media.Min || n > kind.Media.Max {
		add("media", kind.Media.Source, "A %s post on %s takes %s, not %d.", kind.Title, a.Title, files(kind.Media), n)
	}
	for i, m := range c.Media {
		field := fmt.Sprintf("media[%d]", i)
		limit, taken := kind.Media.File(m.Type)
		if !taken { // of such a file nothing else is said: the limits are about other sorts
			if types := kind.Media.Types(); len(types) > 0 {
				add(field, kind.Media.Source, "%s does not take files of the type %s here. It takes %s.", a.Title, m.Type, strings.Join(types, ", "))
			}
			continue
		}
		for _, sentence := range checkFile(limit, m, a.Title) {
			add(field, limit.Source, "%s", sentence)
		}
		switch n := utf8.RuneCountInString(m.Alt); {
		case n > 0 && limit.NoAlt:
			add(field+".alt", limit.Source, "%s takes no description of this kind of file. Leave it empty.", a.Title)
		case limit.MaxAlt > 0 && n > limit.MaxAlt:
			add(field+".alt", limit.Source, "The description has %d characters; %s takes at most %d.", n, a.Title, limit.MaxAlt)
		}
	}
	return out
}

func checkText(kind connector.PostKind, c Content, title string, add func(field, rule, format string, args ...any)) {
	if !utf8.ValidString(c.Text) {
		add(c.TextField, "", "The text is not valid UTF-8.")
		return
	}
	if kind.Text.None && strings.TrimSpace(c.Text) != "" {
		add(c.TextField, kind.Text.Source, "A %s post on %s shows no text. Leave the text for this account empty.", kind.Title, title)
		return
	}
	if kind.Text.Required && strings.TrimSpace(c.Text) == "" && (c.Link == "" || !kind.Link || kind.LinkRequired) {
		add(c.TextField, kind.Text.Source, "A %s post on %s needs a text.", kind.Title, title)
	}
	if n := TextLength(c.Text, kind.Text); kind.Text.Max > 0 && n > kind.Text.Max {
		add(c.TextField, kind.Text.Source, "The text has %d characters as %s counts them; at most %d are allowed.", n, title, kind.Text.Max)
	}
}

// checkTags counts the words of the text that begin with # and @.
func checkTags(kind connector.PostKind, c Content, title string, add func(field, rule, format string, args ...any)) {
	if n := Tags(c.Text, '#'); kind.Text.MaxHashtags > 0 && n > kind.Text.MaxHashtags {
		add(c.TextField, kind.Text.Source, "The text has %d hashtags; %s takes at most %d.", n, title, kind.Text.MaxHashtags)
	}
	if n := Tags(c.Text, '@'); kind.Text.MaxMentions > 0 && n > kind.Text.MaxMentions {
		add(c.TextField, kind.Text.Source, "The text mentions %d accounts with @; %s takes at most %d.", n, title, kind.Text.MaxMentions)
	}
}

// Tags counts the tags in a text: the sign, not inside a word, with a letter, a digit or an underscore behind it.
func Tags(s string, sign rune) int {
	word := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	n, before, signed := 0, ' ', false
	for _, r := range s {
		if signed && word(r) {
			n++
		}
		signed = r == sign && !word(before)
		before = r
	}
	return n
}

// TextLength counts a text as a kind of post does: in its unit, and what is sent with an escape before it once more.
func TextLength(s string, l connector.TextLimit) int {
	n := Length(s, l.Unit)
	for _, r := range s {
		if strings.ContainsRune(l.Doubled, r) {
			n++
		}
	}
	return n
}

// Length counts a text in a platform's unit.
func Length(s string, u connector.Unit) int {
	switch u {
	case connector.Graphemes:
		return uniseg.GraphemeClusterCount(s)
	case connector.UTF16Units:
		n := 0
		for _, r := range s {
			n += utf16.RuneLen(r)
		}
		return n
	case connector.Bytes:
		return len(s)
	case connector.CodePoints:
		return utf8.RuneCountInString(s)
	default:
		return utf8.RuneCountInString(s)
	}
}

func absoluteLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

func mediaRule(a connector.AccountKind) string {
	for _, p := range a.Posts {
		if p.Media.Max > 0 {
			return p.Media.Source
		}
	}
	return ""
}

func files(m connector.MediaLimit) string {
	switch {
	case m.Max == 0:
		return "no files"
	case m.Min == m.Max && m.Max == 1:
		return "one file"
	case m.Min == m.Max:
		return fmt.Sprintf("%d files", m.Max)
	default:
		return fmt.Sprintf("%d to %d files", m.Min, m.Max)
	}
}

func size(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
