package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// fieldTree is a parsed "fields" parameter: id,picture{url},comments.limit(0).summary(true).
type fieldTree map[string]fieldTree

// parseFields reads the parameter; ok is false when braces do not match.
func parseFields(raw string) (fieldTree, bool) {
	p := &fieldParser{s: raw}
	tree := p.list()
	return tree, !p.bad && p.i == len(p.s)
}

type fieldParser struct {
	s   string
	i   int
	bad bool
}

func (p *fieldParser) list() fieldTree {
	tree := fieldTree{}
	for {
		name := p.name()
		var sub fieldTree
		if p.i < len(p.s) && p.s[p.i] == '{' {
			p.i++
			sub = p.list()
			if p.i >= len(p.s) || p.s[p.i] != '}' {
				p.bad = true
				return tree
			}
			p.i++
		}
		if name != "" {
			tree[name] = sub
		}
		if p.i >= len(p.s) || p.s[p.i] != ',' {
			return tree
		}
		p.i++
	}
}

// name reads a field's name and skips modifiers such as ".limit(0)".
func (p *fieldParser) name() string {
	start := p.i
	depth := 0
	for ; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.IndexByte(",{}", c) >= 0:
			return trimModifiers(p.s[start:p.i])
		}
	}
	p.bad = p.bad || depth != 0
	return trimModifiers(p.s[start:p.i])
}

func trimModifiers(s string) string {
	s, _, _ = strings.Cut(s, ".")
	return strings.TrimSpace(s)
}

// node is an object of the graph: every field it has now, the names it may have, and the default selection.
type node struct {
	kind     string
	values   map[string]any
	optional []string // fields that exist but have no value for this object
	defaults []string
}

// view selects fields of a node. An unknown field fails the whole call, a field without value is left out, and the
// id is always there.
func (n node) view(raw string) (map[string]any, *graphError) {
	tree := fieldTree{}
	for _, f := range n.defaults {
		tree[f] = nil
	}
	if raw != "" {
		var ok bool
		if tree, ok = parseFields(raw); !ok {
			return nil, oauthErr(2500, 0, "Syntax error in field list near %q", raw)
		}
	}
	out := map[string]any{"id": n.values["id"]}
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		v, known := n.values[name]
		switch {
		case known:
			out[name] = prune(v, tree[name])
		case !slices.Contains(n.optional, name):
			return nil, paramErr("Tried accessing nonexisting field (%s) on node type (%s)", name, n.kind)
		}
	}
	return out, nil
}

// prune cuts nested objects to the asked fields; "data" wrappers and lists are looked through.
func prune(v any, tree fieldTree) any {
	if tree == nil {
		return v
	}
	switch v := v.(type) {
	case []map[string]any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = prune(v[i], tree)
		}
		return out
	case map[string]any:
		if data, ok := v["data"]; ok && tree["data"] == nil {
			return map[string]any{"data": prune(data, tree)}
		}
		out := map[string]any{}
		for name, sub := range tree {
			if inner, ok := v[name]; ok {
				out[name] = prune(inner, sub)
			}
		}
		if id, ok := v["id"]; ok {
			out["id"] = id
		}
		return out
	}
	return v
}
