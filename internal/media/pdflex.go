package media

import (
	"bytes"
	"strconv"
)

// The values of PDF (7.3): int64, float64, bool, nil, string, pdfName, pdfRef, pdfDict, []any; and words that are none.
type (
	pdfName string
	pdfRef  int // the object's number
	pdfDict map[pdfName]any
	pdfWord string
)

// pdfDepth is how deep values may lie in each other.
const pdfDepth = 32

// lexer reads values one after the other. What is broken is the empty word.
type lexer struct {
	b  []byte
	at int
}

func isSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// space passes over white space and comments.
func (l *lexer) space() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// header passes over "12 0 obj".
func (l *lexer) header() bool {
	_, number := l.token().(int64)
	_, generation := l.token().(int64)
	return number && generation && l.token() == pdfWord("obj")
}

func (l *lexer) value(depth int) any {
	v := l.token()
	switch v {
	case pdfWord("["):
		return l.list(depth)
	case pdfWord("<<"):
		return l.dict(depth)
	}
	number, ok := v.(int64)
	if !ok || number < 0 || number > pdfObjects {
		return v
	}
	after := *l // "12 0 R"?
	if _, ok := after.token().(int64); ok && after.token() == pdfWord("R") {
		l.at = after.at
		return pdfRef(number)
	}
	return v
}

func (l *lexer) list(depth int) any {
	out := []any{}
	for depth < pdfDepth && l.at < len(l.b) {
		v := l.value(depth + 1)
		switch v {
		case pdfWord("]"):
			return out
		case pdfWord(""):
			return v
		}
		out = append(out, v)
	}
	return pdfWord("")
}

func (l *lexer) dict(depth int) any {
	out := pdfDict{}
	for depth < pdfDepth && l.at < len(l.b) {
		key := l.token()
		if key == pdfWord(">>") {
			return out
		}
		name, ok := key.(pdfName)
		if !ok {
			return pdfWord("")
		}
		out[name] = l.value(depth + 1)
	}
	return pdfWord("")
}

// token reads what cannot be split: a number, a name, a string, a sign, a word.
func (l *lexer) token() any {
	l.space()
	if l.at >= len(l.b) {
		return pdfWord("")
	}
	rest := l.b[l.at:]
	switch {
	case rest[0] == '/':
		return pdfName(l.word(1))
	case rest[0] == '(':
		return l.text()
	case bytes.HasPrefix(rest, []byte("<<")), bytes.HasPrefix(rest, []byte(">>")):
		l.at += 2
		return pdfWord(rest[:2])
	case rest[0] == '<':
		end := bytes.IndexByte(rest, '>')
		if end < 0 {
			l.at = len(l.b)
			return pdfWord("")
		}
		l.at += end + 1
		return string(rest[1:end])
	case isDelimiter(rest[0]):
		l.at++
		return pdfWord(rest[:1])
	}
	word := l.word(0)
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(word, 64); err == nil {
		return f
	}
	switch word {
	case "true", "false":
		return word == "true"
	case "null":
		return nil
	}
	return pdfWord(word)
}

// word reads up to the next white space or delimiter, without its first skip bytes.
func (l *lexer) word(skip int) string {
	from := l.at + skip
	for l.at = from; l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]); {
		l.at++
	}
	return string(l.b[from:l.at])
}

// text passes over a string in parentheses, which may hold others.
func (l *lexer) text() any {
	from, open := l.at+1, 0
	for ; l.at < len(l.b); l.at++ {
		switch l.b[l.at] {
		case '\\':
			l.at++
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				l.at++
				return string(l.b[from : l.at-1])
			}
		}
	}
	l.at = len(l.b)
	return pdfWord("")
}
