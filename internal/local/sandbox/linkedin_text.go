package sandbox

import (
	"strings"
	"unicode"
)

// liReservedChars are those that little text wants behind a backslash wherever they are meant as they stand.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
const liReservedChars = `|{}@[]()<>#\*_~`

// visible is what readers see of a post's text.
func (l *linkedin) visible(p *liPost) string { return liVisible(p.Commentary, l.nameOf) }

// liVisible reads little text. A reserved character that is neither escaped nor part of an element ends what is shown:
// the API takes such a text with 201 and gives it back whole, and the rest is nowhere to be seen.
func liVisible(text string, nameOf func(urn string) string) string {
	shown, _ := liRead(text, nameOf)
	return shown
}

// liRead gives what is shown, and what of it leads somewhere: hashtags with their #, and the URNs of mentions.
func liRead(text string, nameOf func(urn string) string) (shown string, links []string) {
	var b strings.Builder
	rest := []rune(text)
	for len(rest) > 0 {
		e := liElementOf(rest, nameOf)
		if e.n == 0 {
			break
		}
		b.WriteString(e.shown)
		if e.link != "" {
			links = append(links, e.link)
		}
		rest = rest[e.n:]
	}
	return b.String(), links
}

// liElement is a piece of little text, n characters long; 0 = there is none.
type liElement struct {
	shown, link string
	n           int
}

// liElementOf reads what the text begins with.
func liElementOf(text []rune, nameOf func(urn string) string) liElement {
	switch r := text[0]; {
	case r == '\\':
		if len(text) > 1 && strings.ContainsRune(liReservedChars, text[1]) {
			return liElement{string(text[1]), "", 2}
		}
		return liElement{}
	case r == '#':
		if tag := liTag(text[1:]); tag != "" {
			return liElement{"#" + tag, "#" + tag, 1 + len([]rune(tag))}
		}
		return liElement{}
	case r == '@':
		return liMention(text, nameOf)
	case r == '{':
		return liTemplate(text)
	case strings.ContainsRune(liReservedChars, r):
		return liElement{}
	default:
		return liElement{string(r), "", 1}
	}
}

// liTag is a hashtag's word: letters and digits, at least one of them a letter.
func liTag(text []rune) string {
	n, letter := 0, false
	for n < len(text) && (unicode.IsLetter(text[n]) || unicode.IsDigit(text[n]) || unicode.IsMark(text[n])) {
		letter = letter || unicode.IsLetter(text[n])
		n++
	}
	if !letter {
		return ""
	}
	return string(text[:n])
}

// liMention is @[Name](urn:li:organization:1). A name that is not the entity's is shown as it stands and leads nowhere.
func liMention(text []rune, nameOf func(urn string) string) liElement {
	if len(text) < 2 || text[1] != '[' {
		return liElement{}
	}
	name, end := liUntil(text, 2, ']')
	if end == 0 || end+1 >= len(text) || text[end+1] != '(' {
		return liElement{}
	}
	urn, end := liUntil(text, end+2, ')')
	if end == 0 || (!strings.HasPrefix(urn, "urn:li:organization:") && !strings.HasPrefix(urn, "urn:li:person:")) {
		return liElement{}
	}
	e := liElement{shown: name, n: end + 1}
	if nameOf(urn) == name {
		e.link = urn
	}
	return e
}

// liUntil reads to an unescaped end, without the escapes; 0 = there is none, or something reserved stands in the way.
func liUntil(text []rune, from int, end rune) (string, int) {
	var b strings.Builder
	for i := from; i < len(text); i++ {
		switch r := text[i]; {
		case r == end:
			return b.String(), i
		case r == '\\' && i+1 < len(text):
			i++
			b.WriteRune(text[i])
		case strings.ContainsRune(liReservedChars, r):
			return "", 0
		default:
			b.WriteRune(r)
		}
	}
	return "", 0
}

// liTemplate is {hashtag|\#|word}.
func liTemplate(text []rune) liElement {
	const begin = `{hashtag|\#|`
	if !strings.HasPrefix(string(text), begin) {
		return liElement{}
	}
	word := liTag(text[len(begin):])
	end := len(begin) + len([]rune(word))
	if word == "" || end >= len(text) || text[end] != '}' {
		return liElement{}
	}
	return liElement{"#" + word, "#" + word, end + 1}
}

// liStored is how a text is given back: hashtags as templates, all else as it came.
func liStored(text string) string {
	var b strings.Builder
	rest := []rune(text)
	for len(rest) > 0 {
		n := 1
		switch rest[0] {
		case '\\':
			n = min(2, len(rest))
		case '#':
			if tag := liTag(rest[1:]); tag != "" {
				b.WriteString(`{hashtag|\#|` + tag + `}`)
				rest = rest[1+len([]rune(tag)):]
				continue
			}
		}
		b.WriteString(string(rest[:n]))
		rest = rest[n:]
	}
	return b.String()
}
