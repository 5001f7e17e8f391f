// Package events_test keeps the sample events from rotting: each is what its function's handler takes.
package events_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/act"
	"github.com/herald-publishing/herald/internal/queue"
)

// handled gives an empty value of what a function's handler takes. Every function that is not here answers HTTP.
func handled(function string) any {
	switch function {
	case "publish", "process":
		return &events.SQSEvent{}
	case "sweep", "refresh", "ping":
		return &events.EventBridgeEvent{} // the handler takes anything; this is what the scheduler sends
	case "act":
		return &act.Request{}
	default:
		return &events.APIGatewayV2HTTPRequest{}
	}
}

func functions(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("../functions/*/main.go")
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	var out []string
	for _, d := range dirs {
		out = append(out, filepath.Base(filepath.Dir(d)))
	}
	return out
}

func TestEveryFunctionHasItsEvent(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.json")
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f, ".json"))
	}
	require.ElementsMatch(t, functions(t), names)
}

func TestEventsDecode(t *testing.T) {
	t.Parallel()
	for _, f := range functions(t) {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(f + ".json")
			require.NoError(t, err)
			into := handled(f)
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.DisallowUnknownFields()
			require.NoError(t, dec.Decode(into))
			again, err := json.Marshal(into)
			require.NoError(t, err)
			var want, got any
			require.NoError(t, json.Unmarshal(raw, &want))
			require.NoError(t, json.Unmarshal(again, &got))
			kept(t, f, want, got)
		})
	}
}

// kept requires that got has all that want has; the Lambda types add empty fields of their own.
func kept(t *testing.T, at string, want, got any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		require.True(t, ok, at)
		for k := range w {
			require.Contains(t, g, k, at)
			kept(t, at+"."+k, w[k], g[k])
		}
	case []any:
		g, ok := got.([]any)
		require.True(t, ok, at)
		require.Len(t, g, len(w), at)
		for i := range w {
			kept(t, at, w[i], g[i])
		}
	default:
		require.Equal(t, want, got, at)
	}
}

func TestQueueEventIsOneOfOurs(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("publish.json")
	require.NoError(t, err)
	var e events.SQSEvent
	require.NoError(t, json.Unmarshal(raw, &e))
	require.NotEmpty(t, e.Records)
	for _, r := range e.Records {
		_, err := queue.Decode(r.Body)
		require.NoError(t, err)
	}
	raw, err = os.ReadFile("process.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &e))
	require.NotEmpty(t, e.Records)
	for _, r := range e.Records {
		_, err := queue.DecodeWebhook(r.Body)
		require.NoError(t, err)
	}
}
