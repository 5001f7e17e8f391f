package template_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheEnvironmentFits: Lambda takes 4 KB of variables, and says so only at the deploy.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
func TestTheEnvironmentFits(t *testing.T) {
	t.Parallel()
	tp := load(t)
	for _, f := range tp.functions() {
		bytes := 0
		for _, of := range []any{tp.globals, tp.resources[f]["Properties"]} {
			for name, v := range variables(of) {
				bytes += len(name) + tp.length(v)
			}
		}
		require.Less(t, bytes, 4096, "%s: its variables would not fit", f)
	}
}

// length is how long a value may become in an account with long names.
func (tp template) length(v any) int {
	id, refers := dig(v, "Ref").(string)
	if !refers {
		if s, ok := v.(string); ok {
			return len(s)
		}
		return 120 // an address that is put together
	}
	if parameter, ok := tp.parameters[id]; ok {
		return max(len(fmt.Sprint(dig(parameter, "Default"))), 40)
	}
	switch tp.resources[id]["Type"] {
	case "AWS::SQS::Queue", "AWS::SecretsManager::Secret": // an address, an ARN
		return 110
	default:
		return 55 // stack, logical id and thirteen letters
	}
}
