package telemetry

import "strings"

// stars replaces whatever is secret. It is the same text as connector.Secret prints, so that a reader of logs
// learns one sign.
const stars = "*****"

// Redact takes every secret it can recognise out of free text: values of secret-looking parameters, headers and
// JSON members (also percent-encoded and quoted inside other text), bearer credentials, and tokens that can be told
// by their shape. Text without a secret comes back as it is, without an allocation.
//
// It errs on the side of stars: a word too many is a nuisance, a token too many is an incident.
func Redact(s string) string {
	var out strings.Builder
	kept := 0 // everything before it is in out
	for i := 0; i < len(s); {
		if !wordByte[s[i]] {
			i++
			continue
		}
		start := i
		for i < len(s) && wordByte[s[i]] {
			i++
		}
		from, to := secretAt(s, start, i)
		if from < 0 {
			continue
		}
		if kept == 0 {
			out.Grow(len(s))
		}
		out.WriteString(s[kept:from])
		out.WriteString(stars)
		kept, i = to, to
	}
	if kept == 0 {
		return s
	}
	out.WriteString(s[kept:])
	return out.String()
}

// secretAt says which part of s is secret, given the word s[start:end]; from is -1 when none is.
func secretAt(s string, start, end int) (from, to int) {
	word := s[start:end]
	if at := tokenIn(word, start == 0 || s[start-1] != '%'); at >= 0 {
		return start + at, run(s, start+at, tokenByte)
	}
	if end == len(s) {
		return -1, -1
	}
	// After %, the first two letters are the encoded character, not part of the name: %26access_token%3D…
	if start > 0 && s[start-1] == '%' && len(word) > 2 {
		word = word[2:]
	}
	if strings.HasPrefix(word, "ten_") && s[end] == '.' { // a session: the tenant's id may be read, the rest not
		if to := run(s, end+1, wordByte); to-end > 16 {
			return end + 1, to
		}
	}
	if s[end] == ' ' {
		switch {
		case strings.EqualFold(word, "bearer"):
			if to := run(s, end+1, valueByte); to > end+1 {
				return end + 1, to
			}
		case strings.EqualFold(word, "basic"), strings.EqualFold(word, "oauth"):
			// Ordinary words as well: only something long after them is a credential.
			if to := run(s, end+1, valueByte); to-end > 16 {
				return end + 1, to
			}
		}
	}
	switch kindOf(word) {
	case plainName:
		return -1, -1
	case headerName: // authorization: scheme, blanks and all
		return assigned(s, end, true, true)
	case wordName:
		return assigned(s, end, false, false)
	default:
		return assigned(s, end, true, false)
	}
}

// assigned finds the value in `name=value`, `name%3Dvalue`, `"name":"value"`, `\"name\": \"value\"`, `name: value`.
// s[end] is the first byte after the name. loose also takes an unquoted value after a colon; line takes everything
// up to the end of the line.
func assigned(s string, end int, loose, line bool) (from, to int) {
	i := skip(s, end, `\"'`)
	i = skip(s, i, " ")
	colon := false
	switch {
	case i < len(s) && s[i] == '=':
		i++
	case i < len(s) && s[i] == ':':
		i, colon = i+1, true
	case len(s)-i >= 3 && s[i] == '%' && s[i+1] == '3' && (s[i+2] == 'D' || s[i+2] == 'd'):
		i += 3
	default:
		return -1, -1
	}
	i = skip(s, i, " [") // a list of values, as http.Header prints them, is one value
	open := i
	i = skip(s, i, `\`)
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		quote := s[i]
		i++
		end := strings.IndexByte(s[i:], quote)
		if end < 0 {
			return i, len(s)
		}
		to = i + end
		for to > i && s[to-1] == '\\' {
			to--
		}
		if to == i {
			return -1, -1
		}
		return i, to
	}
	if colon && !loose {
		return -1, -1
	}
	if line {
		if n := strings.IndexAny(s[open:], "\r\n\"'}]"); n >= 0 {
			to = open + n
		} else {
			to = len(s)
		}
	} else {
		to = run(s, open, valueByte)
		switch strings.ToLower(s[open:to]) {
		case "bearer", "basic", "oauth", "token": // the scheme; the credential follows
			to = run(s, skip(s, to, " "), valueByte)
		}
	}
	if to == open {
		return -1, -1
	}
	return open, to
}

type nameKind int

const (
	plainName  nameKind = iota
	secretName          // access_token, client_secret, X-Amz-Signature
	headerName          // authorization, cookie: the value may hold blanks
	wordName            // code, state: secret in a query or a JSON string, a plain word elsewhere
)

// secretWords are the ends of names whose values are secret: client_secret, fbExchangeToken, X-Amz-Credential.
var secretWords = [...]string{ //nolint:gochecknoglobals // a constant table
	"token", "tokens", "secret", "secrets", "password", "passwd", "signature", "credential", "credentials",
	"cookie", "cookies", "authorization", "proof", "verifier", "signed_request", "api_key", "apikey", "access_key",
	"accesskey", "private_key", "privatekey", "herald_session", "session_id", "ciphertext", "data_key",
}

// kindOf classifies the name of a parameter, header, JSON member or log attribute.
func kindOf(name string) nameKind {
	if len(name) < 3 || len(name) > 64 {
		return plainName
	}
	var buf [64]byte
	for i := range len(name) {
		c := name[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '-':
			c = '_'
		}
		buf[i] = c
	}
	n := buf[:len(name)]
	switch string(n) { // the compiler makes no copy for a switch
	case "code", "state", "sig", "pwd", "key_hash":
		return wordName
	case "authorization", "cookie", "set_cookie", "proxy_authorization":
		return headerName
	}
	// Most names end on a letter that no secret word ends on: one look at it is enough.
	switch n[len(n)-1] {
	case 'n', 's', 't', 'd', 'e', 'l', 'f', 'r', 'y':
	default:
		return plainName
	}
	for _, w := range secretWords {
		if len(n) >= len(w) && string(n[len(n)-len(w):]) == w {
			return secretName
		}
	}
	return plainName
}

// tokenIn finds where in a word a token begins that can be told by its shape; -1 when none does.
func tokenIn(word string, whole bool) int {
	if len(word) < 11 {
		return -1
	}
	skipped := 0
	if !whole { // %3DIGQ…
		skipped = 2
	}
	switch word := word[skipped:]; {
	case strings.HasPrefix(word, "IG") && len(word) >= 20, // Instagram's tokens
		strings.HasPrefix(word, "hk_") && len(word) >= 11, // our API keys
		strings.HasPrefix(word, "eyJ") && len(word) >= 16: // the first part of a JSON web token
		return skipped
	}
	// Meta's user and Page tokens. They are looked for anywhere in the word: nothing else looks like this.
	if at := strings.Index(word, "EAA"); at >= 0 && len(word)-at >= 11 {
		return at
	}
	return -1
}

func run(s string, i int, set [256]bool) int {
	for i < len(s) && set[s[i]] {
		i++
	}
	return i
}

func skip(s string, i int, set string) int {
	for i < len(s) && strings.IndexByte(set, s[i]) >= 0 {
		i++
	}
	return i
}

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

//nolint:gochecknoglobals // constant tables
var (
	wordByte  = bytesOf(alphanumeric + "_-")
	tokenByte = bytesOf(alphanumeric + "_-.~|%+/")
	// valueByte is what an unquoted value may be made of. '&', quotes, brackets, commas, blanks and control bytes end it.
	valueByte = bytesNotOf(" \t\r\n\"'&,;<>()[]{}\\#`")
)

func bytesOf(set string) (t [256]bool) {
	for i := range len(set) {
		t[set[i]] = true
	}
	return t
}

func bytesNotOf(set string) (t [256]bool) {
	for i := range t {
		t[i] = i >= 0x20 && strings.IndexByte(set, byte(i)) < 0
	}
	return t
}
