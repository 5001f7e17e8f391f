package linkedin

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// reserved are the characters that little text wants behind a backslash wherever they are meant as they stand. LinkedIn
// takes a text with a bare one, and shows it only up to there.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
const reserved = `|{}@[]()<>#\*_~`

// mention is how a person writes one: the name as LinkedIn has it, and the URN.
func mention() *regexp.Regexp {
	return regexp.MustCompile(`^@\[([^\[\]\n]+)\]\((urn:li:(?:organization|person):[A-Za-z0-9_-]+)\)`)
}

// little writes a person's text as little text: mentions and hashtags stay alive, all else is shown as it stands.
func little(text string) string {
	var b strings.Builder
	at := mention()
	prev := ' '
	for len(text) > 0 {
		if m := at.FindStringSubmatch(text); m != nil {
			b.WriteString("@[" + escape(m[1]) + "](" + escape(m[2]) + ")")
			text, prev = text[len(m[0]):], ')'
			continue
		}
		if tag := hashtag(text); tag != "" && !isWord(prev) {
			b.WriteString(tag)
			text, prev = text[len(tag):], 'a'
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		b.WriteString(escape(string(r)))
		text, prev = text[n:], r
	}
	return b.String()
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '#'
}

// hashtag is the one that the text begins with: a # and a word with a letter in it. "#1" is a number.
func hashtag(text string) string {
	if !strings.HasPrefix(text, "#") {
		return ""
	}
	letter := false
	for i, r := range text[1:] {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			text = text[:1+i]
			break
		}
		letter = letter || unicode.IsLetter(r)
	}
	if !letter {
		return ""
	}
	return text
}

func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(reserved, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plain is the text that little has been made of. Hashtags come back as templates.
func plain(commentary string) string {
	var b strings.Builder
	for len(commentary) > 0 {
		if m := template().FindStringSubmatch(commentary); m != nil {
			b.WriteString("#" + m[1])
			commentary = commentary[len(m[0]):]
			continue
		}
		if len(commentary) > 1 && commentary[0] == '\\' {
			commentary = commentary[1:]
		}
		r, n := utf8.DecodeRuneInString(commentary)
		b.WriteRune(r)
		commentary = commentary[n:]
	}
	return b.String()
}

func template() *regexp.Regexp { return regexp.MustCompile(`^\{hashtag\|\\#\|([^|{}]+)\}`) }

// length is how LinkedIn may count a text at most: with the escapes, in UTF-16 units.
func length(commentary string) int { return len(utf16.Encode([]rune(commentary))) }
