// Package redaction_test reads what the whole suite made the functions log, and fails on anything that is a secret.
// `make test` runs it after everything else.
package redaction_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector/all"
	"github.com/herald-publishing/herald/internal/local/teststack"
)

// secrets are what must never be in a log, as far as it has a form. What the sandbox's platforms handed out is read from its
// own state.
var secrets = map[string]*regexp.Regexp{
	"a Meta token":       regexp.MustCompile(`EAAP?[A-Za-z0-9]{20,}`),
	"a token parameter":  regexp.MustCompile(`(?i)(access_token|refresh_token|client_secret|appsecret_proof|fb_exchange_token|input_token|upload_token|code_verifier)=[^*&\s"\\]`),
	"an app's secret":    regexp.MustCompile(`sandbox-[a-z-]+-secret`),
	"a signed URL":       regexp.MustCompile(`(?i)X-Amz-(Signature|Credential|Security-Token)=[^*&\s"\\]`),
	"a password":         regexp.MustCompile(`Visitor-of-2026|A-long-passw0rd|herald-demo-2026`),
	"a session's cookie": regexp.MustCompile(`herald_session=[^*;\s"\\]`),
	"a bearer":           regexp.MustCompile(`(?i)bearer [A-Za-z0-9._-]{12,}`),
}

// handedOut collects what a platform of the sandbox gave to the app and nobody else may know: the keys of its codes and
// tokens, and what opens an upload.
func handedOut(state any) []string {
	var out []string
	object, ok := state.(map[string]any)
	if !ok {
		list, _ := state.([]any)
		for _, v := range list {
			out = append(out, handedOut(v)...)
		}
		return out
	}
	for key, v := range object {
		switch key {
		case "codes", "tokens", "refresh_tokens", "refreshers":
			inside, _ := v.(map[string]any)
			for secret := range inside {
				out = append(out, secret)
			}
		case "token", "upload_id":
			if secret, ok := v.(string); ok && len(secret) >= 16 {
				out = append(out, secret)
			}
		default:
			out = append(out, handedOut(v)...)
		}
	}
	return out
}

func TestNoSecretWasLogged(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	logs, err := os.ReadFile(filepath.Join(stack.DataDir, "functions.log"))
	require.NoError(t, err)
	text := string(logs)
	for what, pattern := range secrets {
		if found := pattern.FindStringIndex(text); found != nil {
			t.Errorf("%s is in the functions' log: …%s…", what, text[max(found[0]-200, 0):found[0]])
		}
	}

	// The tokens themselves, as the sandbox handed them out.
	raw, err := os.ReadFile(filepath.Join(stack.DataDir, "sandbox.json"))
	require.NoError(t, err)
	var state struct {
		Platforms map[string]any `json:"platforms"`
	}
	require.NoError(t, json.Unmarshal(raw, &state))
	for _, info := range all.Infos() {
		handed := handedOut(state.Platforms[info.Platform])
		require.NotEmpty(t, handed, "the suite connected accounts of %s", info.Platform)
		for _, secret := range handed {
			require.NotContains(t, text, secret[:min(len(secret), 24)], "of %s", info.Platform)
		}
	}
}

func TestTheLogIsWhatItShouldBe(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	logs, err := os.ReadFile(filepath.Join(stack.DataDir, "functions.log"))
	require.NoError(t, err)
	published := 0
	for line := range strings.Lines(string(logs)) {
		var invocation struct {
			Function string `json:"function"`
			Log      string `json:"log"`
		}
		if json.Unmarshal([]byte(line), &invocation) != nil {
			continue
		}
		for record := range strings.Lines(invocation.Log) {
			var r map[string]any
			if json.Unmarshal([]byte(record), &r) != nil || r["msg"] != "attempt ended" {
				continue
			}
			require.NotEmpty(t, r["request_id"])
			require.NotEmpty(t, r["tenant"])
			require.NotEmpty(t, r["job"])
			published++
		}
	}
	require.NotZero(t, published, "the publisher logged its attempts")
}
