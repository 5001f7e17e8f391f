package publish

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/herald-publishing/herald/internal/connector"
)

// optionsURL is what the schema is called inside the validator; nothing is ever fetched from it.
const optionsURL = "mem:options"

// checkOptions compares a target's options with the JSON Schema of the kind
// (https://json-schema.org/draft/2020-12/json-schema-validation): one sentence for each place that is wrong.
func checkOptions(post connector.PostKind, title, field string, options map[string]any, add func(field, rule, format string, args ...any)) {
	text := post.Options
	if len(text) == 0 {
		text = []byte(`{}`)
	}
	schema, doc, err := compileOptions(text)
	if err != nil {
		add(field, post.Source, "The options of this kind of post cannot be checked.")
		return
	}
	// A misspelt option would be dropped in silence, so an unknown name is always an error.
	properties, _ := doc["properties"].(map[string]any)
	known := make(map[string]any, len(options))
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if _, ok := properties[name]; ok {
			known[name] = options[name]
		} else {
			add(field+"."+name, post.Source, "A %s post on %s has no option of this name.", post.Title, title)
		}
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(schema.Validate(known), &invalid) {
		return
	}
	said := map[string]bool{}
	for _, w := range wrongs(invalid, doc) {
		if at := field + path(w.at); !said[at] {
			said[at] = true
			add(at, post.Source, "%s", w.sentence(doc))
		}
	}
}

func compileOptions(text []byte) (*jsonschema.Schema, map[string]any, error) {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, nil, err
	}
	doc, ok := parsed.(map[string]any)
	if !ok {
		return nil, nil, errors.New("the schema of options is no object")
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(optionsURL, doc); err != nil {
		return nil, nil, err
	}
	schema, err := c.Compile(optionsURL)
	return schema, doc, err
}

// wrong is one thing the validator found, and where.
type wrong struct {
	at   []string // names and numbers, from the outside in
	what string   // "must be a text"
	rule string   // a whole sentence, where the schema has one

	missing bool // it is not there at all
}

// wrongs gives the innermost findings: those around them only say that something inside is wrong. A condition that says in
// words what it wants is one finding, in its innermost words.
func wrongs(e *jsonschema.ValidationError, doc map[string]any) []wrong {
	var out []wrong
	for _, cause := range e.Causes {
		out = append(out, wrongs(cause, doc)...)
	}
	if rule := ruleAt(e.SchemaURL, doc); rule != "" && !slices.ContainsFunc(out, func(w wrong) bool { return w.rule != "" }) {
		return []wrong{{at: e.InstanceLocation, rule: rule}}
	}
	if all := choices(e); len(all) > 0 {
		return []wrong{{at: e.InstanceLocation, what: "must be one of " + strings.Join(all, " ")}}
	}
	if len(e.Causes) > 0 {
		return out
	}
	if missing, ok := e.ErrorKind.(*kind.Required); ok {
		for _, name := range missing.Missing {
			out = append(out, wrong{at: append(slices.Clone(e.InstanceLocation), name), missing: true})
		}
		return out
	}
	return []wrong{{at: e.InstanceLocation, what: whatOf(e.ErrorKind)}}
}

// choices are the values of a list of titled ones, none of which it is; nil where something else is wrong.
func choices(e *jsonschema.ValidationError) []string {
	if _, ok := e.ErrorKind.(*kind.OneOf); !ok {
		return nil
	}
	var all []string
	for _, cause := range e.Causes {
		c, ok := cause.ErrorKind.(*kind.Const)
		if !ok {
			return nil
		}
		all = append(all, fmt.Sprint(c.Want))
	}
	return all
}

// ruleAt gives the description of a schema below a "then" or an "else". Elsewhere a description tells what an option does,
// not what is wrong with it.
func ruleAt(schemaURL string, doc map[string]any) string {
	_, pointer, _ := strings.Cut(schemaURL, "#/")
	var at any = doc
	conditional := false
	for step := range strings.SplitSeq(pointer, "/") {
		conditional = conditional || step == "then" || step == "else"
		switch here := at.(type) {
		case map[string]any:
			at = here[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(here) {
				return ""
			}
			at = here[n]
		default:
			return ""
		}
	}
	schema, _ := at.(map[string]any)
	rule, _ := schema["description"].(string)
	if !conditional {
		return ""
	}
	return rule
}

// whatOf ends a sentence that begins with the option's name.
func whatOf(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return "must be " + typeNames(k.Want)
	case *kind.Enum:
		return "must be one of " + strings.Trim(fmt.Sprint(k.Want), "[]")
	case *kind.Const:
		return fmt.Sprintf("must be %v", k.Want)
	case *kind.MinLength:
		return fmt.Sprintf("has %d characters; at least %d are needed", k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("has %d characters; at most %d are allowed", k.Got, k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("has %d entries; at least %d are needed", k.Got, k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("has %d entries; at most %d are allowed", k.Got, k.Want)
	case *kind.UniqueItems:
		return fmt.Sprintf("has the same entry twice (numbers %d and %d)", k.Duplicates[0]+1, k.Duplicates[1]+1)
	case *kind.Minimum:
		return "must be at least " + k.Want.RatString()
	case *kind.Maximum:
		return "must be at most " + k.Want.RatString()
	case *kind.Pattern:
		return "does not have the form that is asked for"
	}
	return "does not go together with the other options"
}

func typeNames(types []string) string {
	named := map[string]string{"string": "a text", "boolean": "true or false", "integer": "a whole number", "number": "a number", "array": "a list", "object": "an object", "null": "empty"}
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = named[t]
	}
	return strings.Join(out, " or ")
}

// sentence names what is wrong as the form does: "Collaborators has an entry (number 2) that must be a text."
func (w wrong) sentence(schema map[string]any) string {
	if w.rule != "" {
		return w.rule
	}
	name, entry := "The options", ""
	for _, step := range w.at {
		if n, err := strconv.Atoi(step); err == nil && schema["type"] == "array" {
			schema, _ = schema["items"].(map[string]any)
			entry = fmt.Sprintf(" has an entry (number %d) that", n+1)
			continue
		}
		properties, _ := schema["properties"].(map[string]any)
		schema, _ = properties[step].(map[string]any)
		name = step
		if title, ok := schema["title"].(string); ok && title != "" {
			name = title
		}
	}
	if w.missing {
		return "Choose or fill in “" + name + "”."
	}
	return name + entry + " " + w.what + "."
}

// path writes a place as fields are written: ".names[1]".
func path(at []string) string {
	var b strings.Builder
	for _, step := range at {
		if _, err := strconv.Atoi(step); err == nil {
			fmt.Fprintf(&b, "[%s]", step)
		} else {
			b.WriteString("." + step)
		}
	}
	return b.String()
}
