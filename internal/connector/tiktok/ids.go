package tiktok

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// idList are ids of posts: documented as a list of numbers that are too large for a float, and seen as texts, as one alone,
// and missing.
type idList []string

// UnmarshalJSON keeps every digit.
func (l *idList) UnmarshalJSON(raw []byte) error {
	*l = nil
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	all, many := v.([]any)
	if !many {
		all = []any{v}
	}
	for _, one := range all {
		id := ""
		switch one := one.(type) {
		case json.Number:
			id = one.String()
		case string:
			id = one
		}
		if isPostID(id) && id != "0" {
			*l = append(*l, id)
		}
	}
	return nil
}

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

// isPostID tells a post's id from the reference that it has before there is one.
func isPostID(s string) bool { return digits.MatchString(s) }
