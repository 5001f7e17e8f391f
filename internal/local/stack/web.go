package stack

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// BuildWeb makes internal/web/dist, which the ui function embeds. npm ci runs when the lock file changed, the build
// when any source did.
func BuildWeb(ctx context.Context, c Config) error {
	if err := c.defaults(); err != nil {
		return err
	}
	lock, err := c.buildLock(ctx)
	if err != nil {
		return err
	}
	defer lock.release()
	return c.buildWeb(ctx)
}

func (c *Config) buildWeb(ctx context.Context) error {
	dir := filepath.Join(c.Root, "internal", "web")
	if _, err := os.Stat(filepath.Join(dir, "package.json")); err != nil {
		return nil //nolint:nilerr // a tree without the page's source has nothing to build
	}
	log := c.shared("logs", "web.log")
	lock, err := hashFiles(dir, filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	modules := filepath.Join(dir, "node_modules", ".herald-lock")
	if !stamped(modules, lock) {
		err := c.step("npm ci", func() error {
			ci := command{what: "npm ci", dir: dir, env: toolEnv(), args: []string{"npm", "ci", "--no-audit", "--no-fund"}, logFile: log, timeout: 10 * time.Minute}
			if err := ci.run(ctx); err != nil {
				return err
			}
			return os.WriteFile(modules, []byte(lock), 0o600)
		})
		if err != nil {
			return err
		}
	}
	sources, err := hashTree(dir, dir, "node_modules", "dist")
	if err != nil {
		return err
	}
	built := c.shared("web.hash")
	if _, err := os.Stat(filepath.Join(dir, "dist", "index.html")); err == nil && stamped(built, sources) {
		return nil
	}
	return c.step("npm run build", func() error {
		build := command{what: "npm run build", dir: dir, env: toolEnv(), args: []string{"npm", "run", "build"}, logFile: log, timeout: 5 * time.Minute}
		if err := build.run(ctx); err != nil {
			return err
		}
		return os.WriteFile(built, []byte(sources), 0o600)
	})
}

// ServeSources runs the page's development server, which reloads on every change and passes /v1 on to the front
// door, until ctx ends.
func (s *Stack) ServeSources(ctx context.Context, out io.Writer) error {
	cmd := exec.Command("npm", "run", "dev") //nolint:noctx // stopped below, with everything it started
	cmd.Dir = filepath.Join(s.cfg.Root, "internal", "web")
	cmd.Env = toolEnv("HERALD_API=" + s.URL)
	cmd.Stdout, cmd.Stderr = out, out
	d, err := startDaemon(cmd)
	if err != nil {
		return fmt.Errorf("the page's development server did not start: %w", err)
	}
	select {
	case <-ctx.Done():
		d.stop(3 * time.Second)
		return nil
	case <-d.done:
		return fmt.Errorf("the page's development server ended: %w", d.err)
	}
}
