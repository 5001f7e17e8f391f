package publish

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/herald-publishing/herald/internal/connector"
)

// optionsSchema is the part of JSON Schema that a kind's options are described with: values and lists of them, no
// unknown names. https://json-schema.org/draft/2020-12/json-schema-validation
type optionsSchema struct {
	Properties map[string]optionSchema `json:"properties"`
	Required   []string                `json:"required"`
}

type optionSchema struct {
	Type      string        `json:"type"` // string, boolean, integer, number, array
	Title     string        `json:"title"`
	MinLength int           `json:"minLength"` // code points
	MaxLength int           `json:"maxLength"`
	Pattern   string        `json:"pattern"`
	Minimum   *float64      `json:"minimum"`
	Maximum   *float64      `json:"maximum"`
	Enum      []any         `json:"enum"`
	Items     *optionSchema `json:"items"`
	MaxItems  int           `json:"maxItems"`
}

// checkOptions compares a target's options with the schema of the kind: one sentence for each option.
func checkOptions(kind connector.PostKind, title, field string, options map[string]any, add func(field, rule, format string, args ...any)) {
	var schema optionsSchema
	if len(kind.Options) > 0 && json.Unmarshal(kind.Options, &schema) != nil {
		add(field, kind.Source, "The options of this kind of post cannot be checked.")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		s, known := schema.Properties[name]
		if !known {
			add(field+"."+name, kind.Source, "A %s post on %s has no option of this name.", kind.Title, title)
			continue
		}
		if at, wrong := s.checkAll(options[name]); wrong != "" {
			add(field+"."+name+at, kind.Source, "%s %s.", s.name(name), wrong)
		}
	}
	for _, name := range schema.Required {
		if _, given := options[name]; !given {
			add(field+"."+name, kind.Source, "%s is needed.", schema.Properties[name].name(name))
		}
	}
}

func (s optionSchema) name(fallback string) string {
	if s.Title == "" {
		return fallback
	}
	return s.Title
}

// check says what is wrong with a value; empty = nothing.
func (s optionSchema) check(v any) string {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		return "must be one of " + strings.Trim(fmt.Sprint(s.Enum), "[]")
	}
	switch s.Type {
	case "string":
		return s.checkText(v)
	case "boolean":
		if _, ok := v.(bool); !ok {
			return "must be true or false"
		}
	case "integer", "number":
		n, ok := v.(float64)
		switch {
		case !ok || s.Type == "integer" && n != float64(int64(n)):
			return "must be a number"
		case s.Minimum != nil && n < *s.Minimum, s.Maximum != nil && n > *s.Maximum:
			return "is out of its range"
		}
	}
	return ""
}

func (s optionSchema) checkText(v any) string {
	text, ok := v.(string)
	n := utf8.RuneCountInString(text)
	switch {
	case !ok || !utf8.ValidString(text):
		return "must be a text"
	case n < s.MinLength:
		return fmt.Sprintf("has %d characters; at least %d are needed", n, s.MinLength)
	case s.MaxLength > 0 && n > s.MaxLength:
		return fmt.Sprintf("has %d characters; at most %d are allowed", n, s.MaxLength)
	}
	if form, err := regexp.Compile(s.Pattern); err != nil || !form.MatchString(text) {
		return "does not have the form that is asked for"
	}
	return ""
}

// checkAll is check for lists too: at is the entry that is wrong, "[0]", where it is one.
func (s optionSchema) checkAll(v any) (at, wrong string) {
	if s.Type != "array" {
		return "", s.check(v)
	}
	list, ok := v.([]any)
	switch {
	case !ok || s.Items == nil:
		return "", "must be a list"
	case s.MaxItems > 0 && len(list) > s.MaxItems:
		return "", fmt.Sprintf("has %d entries; at most %d are allowed", len(list), s.MaxItems)
	}
	for i, item := range list {
		if wrong := s.Items.check(item); wrong != "" {
			return fmt.Sprintf("[%d]", i), fmt.Sprintf("has an entry (number %d) that %s", i+1, wrong)
		}
	}
	return "", ""
}
