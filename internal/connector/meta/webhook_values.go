package meta

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
)

// text is an id: a string, or a number in some of Meta's payloads. Anything else is empty.
type text string

// UnmarshalJSON reads both forms.
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		*t = text(n.String())
	}
	return nil
}

// stamp is a moment in Unix seconds, or an ISO time in some of Meta's payloads. Anything else is 0.
type stamp int64

// UnmarshalJSON reads both forms.
func (s *stamp) UnmarshalJSON(raw []byte) error {
	var v text
	if err := v.UnmarshalJSON(raw); err != nil {
		return err
	}
	if n, err := strconv.ParseInt(string(v), 10, 64); err == nil && n > 0 && n < 1<<40 {
		*s = stamp(n)
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
		if at, err := time.Parse(layout, string(v)); err == nil && at.Unix() > 0 {
			*s = stamp(at.Unix())
			return nil
		}
	}
	return nil
}

func (s *stamp) time() time.Time { return time.Unix(int64(*s), 0).UTC() }

func (s *stamp) millis() int64 { return int64(*s) * 1000 }

// commentOf reads a comment's change; nil when the verb is none that Herald knows.
func commentOf(v feedValue) *connector.CommentChange {
	verb := connector.CommentVerb(v.Verb)
	if v.Verb == "edited" {
		verb = connector.CommentEdit
	}
	switch verb {
	case connector.CommentAdd, connector.CommentEdit, connector.CommentRemove, connector.CommentHide, connector.CommentUnhide:
	default:
		return nil
	}
	c := &connector.CommentChange{
		ID: string(v.CommentID), Verb: verb, PostID: string(v.PostID), FromID: string(v.From.ID), FromName: v.From.Name, Text: v.Message,
		CreatedAt: v.CreatedTime.millis(),
	}
	if v.ParentID != v.PostID {
		c.ParentID = string(v.ParentID)
	}
	return c
}

func targets(ids []text) string {
	sorted := make([]string, 0, len(ids))
	for _, id := range ids {
		sorted = append(sorted, string(id))
	}
	slices.Sort(sorted)
	return strings.Join(sorted, ",")
}

// payload keeps the change as it came, with its field.
func payload(ch change) json.RawMessage {
	raw, err := json.Marshal(ch)
	if err != nil { // value was cut out of JSON that parsed
		return nil
	}
	return raw
}

// canonical writes a value the same whatever its spacing, escapes and order.
func canonical(raw json.RawMessage) []byte {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return raw
	}
	out, err := json.Marshal(v)
	if err != nil {
		return raw
	}
	return out
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
