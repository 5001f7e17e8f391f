// Package wire gives a deployed stack what MiniStack 1.5.33 leaves out of its CloudFormation and AWS does not: the
// routes and CORS of an HTTP API's OpenAPI body, tables' time to live, functions' reserved concurrency. It reads the
// processed template, so template.yaml stays the only wiring.
package wire

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Object is a decoded JSON object.
type Object = map[string]any

// Names is what intrinsic functions of a deployed stack resolve to.
type Names struct {
	Region, Account, Stack string
	Physical               map[string]string // logical id -> physical id
	Type                   map[string]string // logical id -> resource type
	Parameters             map[string]string
	Conditions             Object // as in the template
}

// dropped is what AWS::NoValue becomes: the property is taken away.
type dropped struct{}

var placeholder = regexp.MustCompile(`\$\{([^}]+)\}`)

// Eval resolves the intrinsic functions in v: Ref, Fn::GetAtt (of functions, roles and tables), Fn::Sub, Fn::Join,
// Fn::If and AWS::NoValue. Anything else that looks like an intrinsic is an error, since a guess would wire a wrong target.
func (n Names) Eval(v any) (any, error) {
	switch x := v.(type) {
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			r, err := n.Eval(e)
			if err != nil {
				return nil, err
			}
			if r != (dropped{}) {
				out = append(out, r)
			}
		}
		return out, nil
	case Object:
		if len(x) == 1 {
			for name, arg := range x {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return n.call(name, arg)
				}
			}
		}
		out := Object{}
		for k, e := range x {
			r, err := n.Eval(e)
			if err != nil {
				return nil, err
			}
			if r != (dropped{}) {
				out[k] = r
			}
		}
		return out, nil
	default:
		return v, nil
	}
}

func (n Names) call(name string, arg any) (any, error) {
	switch name {
	case "Ref":
		id, _ := arg.(string)
		if id == "AWS::NoValue" {
			return dropped{}, nil
		}
		return n.ref(id)
	case "Fn::GetAtt":
		p, ok := arg.([]any)
		if !ok || len(p) != 2 {
			return nil, fmt.Errorf("Fn::GetAtt of %v", arg)
		}
		return n.attribute(fmt.Sprint(p[0]), fmt.Sprint(p[1]))
	case "Fn::Sub":
		return n.sub(arg)
	case "Fn::Join":
		return n.join(arg)
	case "Fn::If":
		p, ok := arg.([]any)
		if !ok || len(p) != 3 {
			return nil, fmt.Errorf("Fn::If of %v", arg)
		}
		yes, err := n.condition(Object{"Condition": p[0]})
		if err != nil {
			return nil, err
		}
		if yes {
			return n.Eval(p[1])
		}
		return n.Eval(p[2])
	default:
		return nil, fmt.Errorf("%s is not known here", name)
	}
}

func (n Names) ref(id string) (string, error) {
	switch id {
	case "AWS::Region":
		return n.Region, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::AccountId":
		return n.Account, nil
	case "AWS::StackName":
		return n.Stack, nil
	}
	if v, ok := n.Parameters[id]; ok {
		return v, nil
	}
	if v, ok := n.Physical[id]; ok {
		return v, nil
	}
	return "", fmt.Errorf("reference to %q, which the stack does not have", id)
}

func (n Names) attribute(id, name string) (string, error) {
	if name == "Arn" {
		switch n.Type[id] {
		case "AWS::Lambda::Function":
			return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", n.Region, n.Account, n.Physical[id]), nil
		case "AWS::IAM::Role":
			return fmt.Sprintf("arn:aws:iam::%s:role/%s", n.Account, n.Physical[id]), nil
		case "AWS::DynamoDB::Table":
			return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", n.Region, n.Account, n.Physical[id]), nil
		}
	}
	return "", fmt.Errorf("attribute %s of %s (%s) is not known here", name, id, n.Type[id])
}

func (n Names) sub(arg any) (string, error) {
	text, ok := arg.(string)
	vars := Object{}
	if !ok {
		p, ok := arg.([]any)
		if !ok || len(p) != 2 {
			return "", fmt.Errorf("Fn::Sub of %v", arg)
		}
		v, err := n.Eval(p[1])
		if err != nil {
			return "", err
		}
		text, _ = p[0].(string)
		vars, _ = v.(Object)
	}
	var failed error
	out := placeholder.ReplaceAllStringFunc(text, func(m string) string {
		name := m[2 : len(m)-1]
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		if v, ok := vars[name]; ok {
			return fmt.Sprint(v)
		}
		var v string
		var err error
		if id, attr, ok := strings.Cut(name, "."); ok {
			v, err = n.attribute(id, attr)
		} else {
			v, err = n.ref(name)
		}
		failed = errors.Join(failed, err)
		return v
	})
	return out, failed
}

func (n Names) join(arg any) (string, error) {
	p, ok := arg.([]any)
	if !ok || len(p) != 2 {
		return "", fmt.Errorf("Fn::Join of %v", arg)
	}
	parts, err := n.Eval(p[1])
	if err != nil {
		return "", err
	}
	return strings.Join(texts(parts), fmt.Sprint(p[0])), nil
}

// condition decides one of the template's conditions.
func (n Names) condition(v any) (bool, error) {
	c, ok := v.(Object)
	if !ok || len(c) != 1 {
		return false, fmt.Errorf("condition %v is not known here", v)
	}
	for name, arg := range c {
		if name == "Condition" {
			named, ok := n.Conditions[fmt.Sprint(arg)]
			if !ok {
				return false, fmt.Errorf("condition %v is not in the template", arg)
			}
			return n.condition(named)
		}
		args, _ := arg.([]any)
		if name == "Fn::Equals" && len(args) == 2 {
			both, err := n.Eval(args)
			if err != nil {
				return false, err
			}
			pair := texts(both)
			return pair[0] == pair[1], nil
		}
		return n.combine(name, args)
	}
	return false, nil
}

// combine decides Fn::Not, Fn::And and Fn::Or.
func (n Names) combine(name string, args []any) (bool, error) {
	var values []bool
	for _, a := range args {
		b, err := n.condition(a)
		if err != nil {
			return false, err
		}
		values = append(values, b)
	}
	all, some := true, false
	for _, b := range values {
		all, some = all && b, some || b
	}
	switch {
	case name == "Fn::Not" && len(values) == 1:
		return !all, nil
	case name == "Fn::And" && len(values) > 1:
		return all, nil
	case name == "Fn::Or" && len(values) > 1:
		return some, nil
	}
	return false, fmt.Errorf("condition %s of %d is not known here", name, len(args))
}

// texts makes strings of a string, a list or nothing.
func texts(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

// get reads a typed field; the zero value when it is absent or of another type.
func get[T any](o Object, key string) T {
	v, _ := o[key].(T)
	return v
}
