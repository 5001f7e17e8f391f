package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/herald-publishing/herald/internal/local/stack"
	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

// world is somebody signed in, with one connected Page, on the running test stack.
type world struct {
	*visitor.Visitor
	root  string
	first stage.Platform // the one that has text posts without anything else
	conn  string
	page  string // the linked one's id
}

func arrive(ctx context.Context) (*world, error) {
	file := os.Getenv("HERALD_TEST_STACK")
	if file == "" {
		return nil, errors.New("no stack: run make bench")
	}
	b, err := os.ReadFile(file) //nolint:gosec // the path herald-local sets
	if err != nil {
		return nil, err
	}
	var info stack.Info
	if err := json.Unmarshal(b, &info); err != nil {
		return nil, err
	}
	root, err := stack.FindRoot()
	if err != nil {
		return nil, err
	}
	v, err := visitor.SignUp(ctx, info)
	if err != nil {
		return nil, err
	}
	person, pages, err := v.Seed(ctx, "Bench")
	if err != nil {
		return nil, err
	}
	connections, err := v.Connect(ctx, person, pages)
	if err != nil {
		return nil, err
	}
	first, err := stage.Of("meta")
	if err != nil {
		return nil, err
	}
	return &world{Visitor: v, root: root, first: first, conn: connections[0], page: pages[0].ID}, nil
}

func (w *world) setLatency(ctx context.Context, ms int) error {
	_, err := w.Must(ctx, http.MethodPost, w.Info.Sandbox+"/_sandbox/latency", map[string]any{"ms": ms})
	return err
}

// publish posts a text now and gives the post's id.
func (w *world) publish(ctx context.Context, text string) (string, error) {
	a, err := w.Must(ctx, http.MethodPost, w.Info.URL+"/v1/posts", map[string]any{"text": text, "targets": []any{map[string]any{"connection_id": w.conn}}})
	if err != nil {
		return "", err
	}
	var p struct{ ID string }
	err = a.Into(&p)
	return p.ID, err
}

// sizes builds every function as it is deployed.
func sizes(ctx context.Context, root string) ([]row, error) {
	dir, err := os.MkdirTemp("", "herald-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	functions, err := filepath.Glob(filepath.Join(root, "functions", "*"))
	if err != nil {
		return nil, err
	}
	packages := []string{"tests/bench/bare"}
	for _, f := range functions {
		packages = append(packages, "functions/"+filepath.Base(f))
	}
	var rows []row
	for _, p := range packages {
		out := filepath.Join(dir, filepath.Base(p))
		if err := build(ctx, root, p, out); err != nil {
			return nil, err
		}
		st, err := os.Stat(out)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{"binary of " + filepath.Base(p), fmt.Sprintf("%.1f MB", float64(st.Size())/1e6), "stripped"})
	}
	return rows, nil
}
