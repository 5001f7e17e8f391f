package publish

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/herald-publishing/herald/internal/connector"
)

// schema is the part of JSON Schema that the connectors' options use.
// https://json-schema.org/draft/2020-12/json-schema-validation
type schema struct {
	Type       string            `json:"type"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	MaxItems   int               `json:"maxItems"`
	MaxLength  int               `json:"maxLength"`
	Pattern    string            `json:"pattern"`
}

// CheckOptions holds a target's options against the schema of its kind of post. Unknown options are refused. field is
// where they are in the request: "targets[0].options".
func CheckOptions(k connector.PostKind, target, field string, options map[string]any) []Violation {
	var out []Violation
	add := func(field, message string) {
		out = append(out, Violation{Field: field, ConnectionID: target, Message: message, Rule: k.Source})
	}
	var s schema
	switch {
	case len(options) == 0:
	case json.Unmarshal(k.Options, &s) != nil:
		add(field, "This kind of post takes no options.")
	default:
		s.check(options, field, add)
	}
	return out
}

func (s schema) check(v any, field string, add func(field, message string)) {
	switch v := v.(type) {
	case map[string]any:
		if s.Type != "object" {
			add(field, "This option is not an object.")
			return
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			p, known := s.Properties[name]
			if !known {
				add(field+"."+name, "There is no such option.")
				continue
			}
			p.check(v[name], field+"."+name, add)
		}
	case []any:
		if s.Type != "array" || s.Items == nil {
			add(field, "This option is not a list.")
			return
		}
		if s.MaxItems > 0 && len(v) > s.MaxItems {
			add(field, fmt.Sprintf("The list has %d entries; at most %d are allowed.", len(v), s.MaxItems))
		}
		for i, item := range v {
			s.Items.check(item, fmt.Sprintf("%s[%d]", field, i), add)
		}
	case string:
		s.text(v, field, add)
	case bool:
		if s.Type != "boolean" {
			add(field, "This option is not true or false.")
		}
	default:
		if s.Type != "number" && s.Type != "integer" {
			add(field, "This option has a value of the wrong type.")
		}
	}
}

func (s schema) text(v, field string, add func(field, message string)) {
	pattern, err := regexp.Compile(s.Pattern)
	switch n := utf8.RuneCountInString(v); {
	case s.Type != "string":
		add(field, "This option is not a text.")
	case s.MaxLength > 0 && n > s.MaxLength:
		add(field, fmt.Sprintf("The text has %d characters; at most %d are allowed.", n, s.MaxLength))
	case err != nil || !pattern.MatchString(v):
		add(field, "The text does not have the form that is asked for.")
	}
}
