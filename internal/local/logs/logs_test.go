package logs_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/logs"
)

func printed(t *testing.T, p *logs.Printer, function string, failed bool, lines ...string) string {
	t.Helper()
	var out strings.Builder
	p.W = &out
	b, err := json.Marshal(map[string]any{"function": function, "error": failed, "ms": 12, "log": strings.Join(lines, "\n")})
	require.NoError(t, err)
	p.Invoke(append(b, '\n'))
	return out.String()
}

func TestRecord(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 10, 0, 1, 500_000_000, time.UTC)
	line := `{"time":"` + at.Format(time.RFC3339Nano) + `","level":"WARN","msg":"not published","job_id":"pst_1.con_1","why":"two words","attempts":2,"stage":"local"}`
	got := printed(t, &logs.Printer{}, "herald-PostsFunction-1A2B3C4D5E6F", false, line)
	require.Equal(t, at.Local().Format("15:04:05.000")+` WARN  posts        not published  attempts=2 job_id=pst_1.con_1 why="two words"`+"\n", got)
}

func TestQuietUnlessAsked(t *testing.T) {
	t.Parallel()
	debug := `{"time":"2026-11-24T10:00:00Z","level":"DEBUG","msg":"deep"}`
	require.Empty(t, printed(t, &logs.Printer{}, "f", false, debug))
	require.Contains(t, printed(t, &logs.Printer{Debug: true}, "f", false, debug), "deep")
	require.Empty(t, printed(t, &logs.Printer{}, "f", false, "START RequestId: 1 Version: $LATEST", "", "REPORT RequestId: 1\tDuration: 2 ms"))
	require.Empty(t, printed(t, &logs.Printer{}, "f", false, `{"_aws":{"Timestamp":1},"Published":1}`), "a metric is not for eyes")
}

func TestPanicsAndFailuresAreSeen(t *testing.T) {
	t.Parallel()
	got := printed(t, &logs.Printer{}, "herald-SweepFunction-1A2B3C4D5E6F", true, "panic: boom", "goroutine 1 [running]:")
	require.Contains(t, got, "sweep        panic: boom\n")
	require.Contains(t, got, "ERROR sweep        the invocation failed after 12 ms\n")
	var out strings.Builder
	p := logs.Printer{W: &out}
	p.Invoke([]byte("Traceback (most recent call last):\n"))
	require.Equal(t, "Traceback (most recent call last):\n", out.String(), "what is not the launcher's is shown as it is")
}

func TestColour(t *testing.T) {
	t.Parallel()
	got := printed(t, &logs.Printer{Colour: true}, "f", false, `{"level":"ERROR","msg":"m"}`)
	require.Contains(t, got, "\x1b[31mERROR\x1b[0m")
}

func TestShortName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"herald-PostsFunction-1A2B3C4D5E6F":       "posts",
		"herald-PublishMetaFunction-abcdef123456": "publishmeta",
		"other": "other",
	} {
		require.Equal(t, want, logs.ShortName(in))
	}
}
