// Package stack runs the whole of Herald on one machine: the template deployed on an AWS emulator, the platforms'
// sandbox and the front door. `make run`, `make test` and the tests that need a second stack all start it here.
package stack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Region and Account are what the emulator pretends to be.
const (
	Region    = "us-east-1"
	StackName = "herald"
)

// AccessKey and SecretKey are the emulator's root credentials. They open nothing anywhere else.
const (
	AccessKey = "test"
	SecretKey = "test"
)

// Ports are all on 127.0.0.1.
type Ports struct {
	HTTP     int // the page and the API
	Sandbox  int // the platforms' sandbox, its own origin
	Emulator int // MiniStack; uploads go here as well
}

// Config says which stack.
type Config struct {
	Root     string // the repository; empty = found from the working directory
	Name     string // data lives in .local/<Name>; two stacks of one name cannot run
	Ports    Ports
	Auth     bool          // the emulator enforces IAM
	Fresh    bool          // empty the data folder first
	Template string        // empty = template.yaml in Root
	Builder  string        // "sam" or "go"; empty = sam on Linux, go elsewhere (sam always builds for Linux)
	Endpoint string        // an emulator somebody else runs; empty = MiniStack is started
	NoWeb    bool          // take internal/web/dist as it is
	Bare     bool          // no web build, no sandbox and no front door: for tests of roles and tables
	Demo     bool          // make the demo workspace
	Progress io.Writer     // one line per step; nil = none
	Logs     io.Writer     // readable function logs; nil = only the file
	Colour   bool          // colour the readable logs
	Debug    bool          // show DEBUG lines as well
	Stop     time.Duration // patience when stopping; 0 = 30 s
}

// RunPorts are the fixed ports of `make run`.
func RunPorts() Ports { return Ports{HTTP: 8080, Sandbox: 8090, Emulator: 4566} }

// TestPorts are those of `make test`, so that it works beside a running stack.
func TestPorts() Ports { return Ports{HTTP: 18080, Sandbox: 18090, Emulator: 14566} }

func (c *Config) defaults() error {
	if c.Root == "" {
		root, err := FindRoot()
		if err != nil {
			return err
		}
		c.Root = root
	}
	if c.Name == "" || c.Name != filepath.Base(c.Name) {
		return fmt.Errorf("stack name %q must be a plain word", c.Name)
	}
	if c.Template == "" {
		c.Template = filepath.Join(c.Root, "template.yaml")
	}
	if c.Builder == "" {
		c.Builder = defaultBuilder()
	}
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	if c.Stop == 0 {
		c.Stop = 30 * time.Second
	}
	if _, err := os.Stat(c.Template); err != nil {
		return fmt.Errorf("no template: %w", err)
	}
	return nil
}

// FindRoot walks up from the working directory to the folder with go.mod.
func FindRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("run this inside the repository: no go.mod above the working directory")
		}
		dir = up
	}
}

func (c *Config) data(elem ...string) string {
	return filepath.Join(append([]string{c.Root, ".local", c.Name}, elem...)...)
}

func (c *Config) shared(elem ...string) string {
	return filepath.Join(append([]string{c.Root, ".local"}, elem...)...)
}

func (c *Config) tool(elem ...string) string {
	return filepath.Join(append([]string{c.Root, ".tools"}, elem...)...)
}

// step runs one named step and tells how long it took. Steps under 50 ms are not worth a line.
func (c *Config) step(name string, f func() error) error {
	start := time.Now()
	err := f()
	took := time.Since(start)
	switch {
	case err != nil:
		_, _ = fmt.Fprintf(c.Progress, "  x %s\n", name)
	case took >= 50*time.Millisecond:
		_, _ = fmt.Fprintf(c.Progress, "  - %-28s %5.1f s\n", name, took.Seconds())
	}
	return err
}
