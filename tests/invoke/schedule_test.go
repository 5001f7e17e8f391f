package invoke_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
)

// TestSchedulesOfTheTemplateInvokeTheirFunctions looks for the beat of a minute in what the functions logged since the stack
// started: one run between two others, whole minutes to each. The sample events make single runs and no beat.
func TestSchedulesOfTheTemplateInvokeTheirFunctions(t *testing.T) {
	t.Parallel()
	w := teststack.Open(t)
	names := deployed(t, w)
	for name, says := range map[string]string{"sweep": "swept", "ping": "pinged"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Eventually(t, func() bool {
				return beats(runs(t, w.DataDir, names[name], says), time.Minute, 10*time.Second)
			}, 4*time.Minute, time.Second, "rate(1 minute) of template.yaml did not invoke %s", names[name])
		})
	}
}

// runs gives when a function said so, by its own log.
func runs(t *testing.T, dir, function, says string) []time.Time {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "functions.log"))
	require.NoError(t, err)
	seen := map[string]time.Time{} // by request: a line may be printed with the next run once more
	for line := range bytes.Lines(raw) {
		var invoke struct {
			Function string `json:"function"`
			Log      string `json:"log"`
		}
		if json.Unmarshal(line, &invoke) != nil || invoke.Function != function {
			continue // the last line may be half written
		}
		for said := range bytes.Lines([]byte(invoke.Log)) {
			var entry struct {
				Time    time.Time `json:"time"`
				Msg     string    `json:"msg"`
				Request string    `json:"request_id"`
			}
			if json.Unmarshal(said, &entry) == nil && entry.Msg == says {
				seen[entry.Request] = entry.Time
			}
		}
	}
	var out []time.Time
	for _, at := range seen {
		out = append(out, at)
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// beats tells whether there are three times with whole periods between them, give or take: on a busy machine one of them may be
// late.
func beats(times []time.Time, period, slack time.Duration) bool {
	follows := func(at time.Time) func(time.Time) bool {
		return func(other time.Time) bool {
			after := other.Sub(at)
			return after > period/2 && (after-after.Round(period)).Abs() <= slack
		}
	}
	return slices.ContainsFunc(times, func(first time.Time) bool {
		next := slices.IndexFunc(times, follows(first))
		return next >= 0 && slices.ContainsFunc(times, follows(times[next]))
	})
}
