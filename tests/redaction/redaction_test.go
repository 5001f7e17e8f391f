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

	"github.com/herald-publishing/herald/internal/local/teststack"
)

// secrets are what must never be in a log. The sandbox's tokens have the form of Meta's.
var secrets = map[string]*regexp.Regexp{
	"a Meta token":       regexp.MustCompile(`EAAP?[A-Za-z0-9]{20,}`),
	"a token parameter":  regexp.MustCompile(`(?i)(access_token|client_secret|appsecret_proof|fb_exchange_token|input_token)=[^*&\s"\\]`),
	"the app's secret":   regexp.MustCompile(`sandbox-meta-secret`),
	"a signed URL":       regexp.MustCompile(`(?i)X-Amz-(Signature|Credential|Security-Token)=[^*&\s"\\]`),
	"a password":         regexp.MustCompile(`Visitor-of-2026|A-long-passw0rd|herald-demo-2026`),
	"a session's cookie": regexp.MustCompile(`herald_session=[^*;\s"\\]`),
	"a bearer":           regexp.MustCompile(`(?i)bearer [A-Za-z0-9._-]{12,}`),
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
	state, err := os.ReadFile(filepath.Join(stack.DataDir, "sandbox.json"))
	require.NoError(t, err)
	tokens := regexp.MustCompile(`EAAP?[A-Za-z0-9]{100,}`).FindAllString(string(state), -1)
	require.NotEmpty(t, tokens, "the suite connected accounts")
	for _, token := range tokens {
		require.NotContains(t, text, token[:24])
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
