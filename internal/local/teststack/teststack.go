// Package teststack is how tests find the one stack that was started for all of them. It never starts one and never
// skips: a test that needs the stack fails without it.
package teststack

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/stack"
)

// Variables that `herald-local test` sets for the command it runs.
const (
	EnvStack    = "HERALD_TEST_STACK"    // file with the running stack's Info
	EnvEndpoint = "HERALD_TEST_ENDPOINT" // the emulator
)

// Stack is the running test stack.
type Stack struct{ stack.Info }

// Open reads what is running. All tests share it: use a tenant of your own.
func Open(tb testing.TB) Stack {
	tb.Helper()
	file := os.Getenv(EnvStack)
	require.NotEmpty(tb, file, "this test needs the test stack: run make test or: go run ./internal/local/cmd/herald-local test -- go test ./path")
	b, err := os.ReadFile(file) //nolint:gosec // the file that herald-local named
	require.NoError(tb, err, "the test stack that %s names has ended: run make test or: go run ./internal/local/cmd/herald-local test -- go test ./path", EnvStack)
	var s Stack
	require.NoError(tb, json.Unmarshal(b, &s.Info))
	return s
}

// AWS is a configuration with the emulator's root credentials.
func (s Stack) AWS() aws.Config { return s.Info.AWS() }

// Output is a value of the deployed template; the test fails when the template has no such output.
func (s Stack) Output(tb testing.TB, key string) string {
	tb.Helper()
	require.Contains(tb, s.Outputs, key, "template.yaml has no such output")
	return s.Outputs[key]
}
