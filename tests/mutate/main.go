// Mutate proves that the connector's suite has teeth: it breaks the code in small ways, one at a time, and every break
// must turn the suite red. `make mutate`; the tree itself is not touched (go test -overlay).
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// patience is how long one mutation may take, on a machine that is busy with other things too.
const patience = 10 * time.Minute

// mutation replaces text in one file; the packages' tests must then fail.
type mutation struct {
	name     string
	file     string
	old, new string
	packages []string
	run      string // only these tests, where others of the package need the stack
}

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	only := ""
	if len(os.Args) > 1 {
		only = os.Args[1]
	}
	survivors := 0
	tried := 0
	for _, m := range slices.Concat(mutations(), instagram(), linkedin(), logins(), tiktok()) {
		if only != "" && !strings.Contains(m.name, only) {
			continue
		}
		tried++
		verdict, err := m.try(context.Background())
		if err != nil {
			log.Error("cannot try", slog.String("mutation", m.name), slog.String("error", err.Error()))
			os.Exit(2)
		}
		if verdict != "caught" {
			survivors++
		}
		_, _ = fmt.Fprintf(os.Stdout, "%-9s %s\n", verdict, m.name)
	}
	_, _ = fmt.Fprintf(os.Stdout, "%d mutations, %d survived\n", tried, survivors)
	if survivors > 0 {
		os.Exit(1)
	}
}

// try gives "caught", "SURVIVED", or an error when the mutation itself is stale or does not compile.
func (m mutation) try(ctx context.Context) (string, error) {
	src, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := bytes.Count(src, []byte(m.old)); n != 1 {
		return "", fmt.Errorf("%s holds %q %d times, not once: the mutation is stale", m.file, m.old, n)
	}
	dir, err := os.MkdirTemp("", "herald-mutate-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	mutated := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(mutated, bytes.Replace(src, []byte(m.old), []byte(m.new), 1), 0o600); err != nil { //nolint:gosec // our own list of mutations
		return "", err
	}
	original, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: mutated}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	build := exec.CommandContext(ctx, "go", append([]string{"vet", "-overlay", file, "-asmdecl"}, m.packages...)...) //nolint:gosec // our own list of mutations
	if out, err := build.CombinedOutput(); err != nil && ctx.Err() == nil {
		return "", fmt.Errorf("does not compile: %s", out)
	}
	test := exec.CommandContext(ctx, "go", append([]string{"test", "-count=1", "-failfast", "-vet=off", "-run", m.run, "-overlay", file}, m.packages...)...) //nolint:gosec // our own list of mutations
	err = test.Run()
	switch {
	case ctx.Err() != nil:
		return "", errors.New("it took too long, which says nothing")
	case err != nil:
		return "caught", nil
	default:
		return "SURVIVED", nil
	}
}
