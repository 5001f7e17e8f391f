package template_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const templateFile = "../../template.yaml"

// object is a mapping with intrinsic tags in their long form: !Ref X is {"Ref": "X"}.
type object = map[string]any

// template is what these tests read of template.yaml.
type template struct {
	globals    object // Globals.Function
	parameters object
	outputs    object
	resources  map[string]object
}

func load(t *testing.T) template {
	t.Helper()
	b, err := os.ReadFile(templateFile)
	require.NoError(t, err)
	var doc yaml.Node
	require.NoError(t, yaml.Unmarshal(b, &doc))
	root, ok := plain(t, doc.Content[0]).(object)
	require.True(t, ok)
	out := template{resources: map[string]object{}}
	out.globals, _ = dig(root, "Globals", "Function").(object)
	out.parameters, _ = root["Parameters"].(object)
	out.outputs, _ = root["Outputs"].(object)
	all, _ := root["Resources"].(object)
	for id, r := range all {
		out.resources[id], ok = r.(object)
		require.True(t, ok, id)
	}
	require.NotEmpty(t, out.functions(), "no function found: these tests would prove nothing")
	return out
}

// plain turns a YAML node into Go values. An alias is refused: CloudFormation does not take them.
func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	require.NotEqual(t, yaml.AliasNode, n.Kind, "line %d: CloudFormation refuses YAML aliases", n.Line)
	var v any
	switch n.Kind {
	case yaml.MappingNode:
		o := object{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			require.NotContains(t, o, key, "line %d: %s stands twice", n.Line, key)
			o[key] = plain(t, n.Content[i+1])
		}
		v = o
	case yaml.SequenceNode:
		list := []any{}
		for _, e := range n.Content {
			list = append(list, plain(t, e))
		}
		v = list
	default:
		tag := n.Tag
		if strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") {
			v = n.Value
		} else {
			require.NoError(t, n.Decode(&v))
		}
	}
	if !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return v
	}
	switch name := strings.TrimPrefix(n.Tag, "!"); name {
	case "Ref", "Condition":
		return object{name: v}
	case "GetAtt":
		if s, ok := v.(string); ok {
			id, attr, _ := strings.Cut(s, ".")
			v = []any{id, attr}
		}
		return object{"Fn::GetAtt": v}
	default:
		return object{"Fn::" + name: v}
	}
}

// dig follows keys; nil when something is not there.
func dig(v any, keys ...string) any {
	for _, k := range keys {
		o, ok := v.(object)
		if !ok {
			return nil
		}
		v = o[k]
	}
	return v
}

// list makes a list of a value that may stand alone.
func list(v any) []any {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		return x
	default:
		return []any{x}
	}
}

func texts(t *testing.T, v any) []string {
	t.Helper()
	var out []string
	for _, e := range list(v) {
		s, ok := e.(string)
		require.True(t, ok, "%v is not a plain string", e)
		out = append(out, s)
	}
	return out
}

func (tp template) of(kind string) []string {
	var out []string
	for id, r := range tp.resources {
		if r["Type"] == kind {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func (tp template) functions() []string { return tp.of("AWS::Serverless::Function") }

// property reads a function's property, or the global one.
func (tp template) property(function string, key string) any {
	if v := dig(tp.resources[function], "Properties", key); v != nil {
		return v
	}
	return tp.globals[key]
}

func (tp template) events(function string) map[string]object {
	out := map[string]object{}
	all, _ := dig(tp.resources[function], "Properties", "Events").(object)
	for id, e := range all {
		out[id], _ = e.(object)
	}
	return out
}

// internetFacing tells whether anybody can call the function.
func (tp template) internetFacing(function string) bool {
	if dig(tp.resources[function], "Properties", "FunctionUrlConfig") != nil {
		return true
	}
	for _, e := range tp.events(function) {
		if e["Type"] == "HttpApi" || e["Type"] == "Api" {
			return true
		}
	}
	return false
}

// grant is one action on one resource that a function may do.
type grant struct {
	function, action, resource string
	conditions                 object
}

func (g grant) String() string {
	return fmt.Sprintf("| %s | %s | %s |", g.function, g.action, g.resource)
}

// grants are all that a function may do, with what the managed policies of the template that it refers to allow.
func (tp template) grants(t *testing.T, function string) []grant {
	t.Helper()
	out := tp.own(t, function)
	for _, policy := range tp.attached(function) {
		for _, g := range tp.own(t, policy) {
			g.function = function
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b grant) int { return cmp.Compare(a.String(), b.String()) })
	return out
}

// attached are the managed policies of the template that a function refers to.
func (tp template) attached(function string) []string {
	var out []string
	for _, p := range list(dig(tp.resources[function], "Properties", "Policies")) {
		if id, ok := dig(p, "Ref").(string); ok && tp.resources[id]["Type"] == "AWS::IAM::ManagedPolicy" {
			out = append(out, id)
		}
	}
	return out
}

// own reads the statements that stand at a function or in a managed policy. A policy by name is kept as the action
// "policy NAME".
func (tp template) own(t *testing.T, id string) []grant {
	t.Helper()
	if tp.resources[id]["Type"] == "AWS::IAM::ManagedPolicy" {
		return statements(t, id, dig(tp.resources[id], "Properties", "PolicyDocument"))
	}
	var out []grant
	attached := tp.attached(id)
	for _, p := range list(dig(tp.resources[id], "Properties", "Policies")) {
		if name, ok := dig(p, "Ref").(string); ok && slices.Contains(attached, name) {
			continue
		}
		if name, ok := p.(string); ok {
			out = append(out, grant{id, "policy " + name, "*", nil})
			continue
		}
		if dig(p, "Statement") == nil { // a policy template of SAM's
			out = append(out, grant{id, "policy " + fmt.Sprint(p), "*", nil})
			continue
		}
		out = append(out, statements(t, id, p)...)
	}
	return out
}

func statements(t *testing.T, id string, document any) []grant {
	t.Helper()
	var out []grant
	for _, s := range list(dig(document, "Statement")) {
		statement, ok := s.(object)
		require.True(t, ok)
		require.Equal(t, "Allow", statement["Effect"], "%s: only what is allowed is read here", id)
		require.NotContains(t, statement, "NotAction", id)
		require.NotContains(t, statement, "NotResource", id)
		conditions, _ := statement["Condition"].(object)
		for _, action := range texts(t, statement["Action"]) {
			for _, r := range list(statement["Resource"]) {
				out = append(out, grant{id, action, resourceName(t, r), conditions})
			}
		}
	}
	return out
}

// resourceName writes a resource as docs/security.md does: !GetAtt X.Arn, !GetAtt X.Id and !Ref X are X,
// !Sub "${X.Arn}/index/by_time" is X/index/by_time.
func resourceName(t *testing.T, r any) string {
	t.Helper()
	switch x := r.(type) {
	case string:
		return x
	case object:
		if id, ok := x["Ref"].(string); ok {
			return id
		}
		if p := list(x["Fn::GetAtt"]); len(p) == 2 && (p[1] == "Arn" || p[1] == "Id") {
			return fmt.Sprint(p[0])
		}
		if s, ok := x["Fn::Sub"].(string); ok {
			return strings.NewReplacer(".Arn}", "", "${", "", "}", "").Replace(s)
		}
	}
	require.Fail(t, "a resource that these tests cannot read", "%v", r)
	return ""
}
