package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// buildFlags make a small static binary. Without CGO_ENABLED=0 sam's builder links the host's libc.
func buildFlags() []string {
	return []string{"CGO_ENABLED=0", "GOFLAGS=-trimpath '-ldflags=-s -w' -tags=lambda.norpc"}
}

// defaultBuilder is sam where the emulator's functions run on what sam builds for: Linux.
func defaultBuilder() string {
	if runtime.GOOS == "linux" {
		return "sam"
	}
	return "go"
}

func hostArch() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// buildDir holds one build, shared by all stacks: a second stack does not build again.
func (c *Config) buildDir() string { return c.shared("build") }

// buildLock keeps two stacks from building at once, and from replacing what the other one is uploading.
func (c *Config) buildLock(ctx context.Context) (*fileLock, error) {
	file, holder := c.shared("locks", "build"), fmt.Sprintf("the build of stack %q (pid %d)", c.Name, os.Getpid())
	lock, err := tryLock(file, holder)
	var held errLocked
	if errors.As(err, &held) {
		_, _ = fmt.Fprintf(c.Progress, "  - waiting for %s\n", held.Holder)
		return waitLock(ctx, file, holder)
	}
	return lock, err
}

// buildFunctions builds every function of the template unless nothing it is made of changed, and gives the hash of
// that. The caller holds the build lock until it has deployed.
func (c *Config) buildFunctions(ctx context.Context) (string, error) {
	t, err := readTemplate(c.Template)
	if err != nil {
		return "", err
	}
	hash, err := c.sourceHash(ctx, t)
	if err != nil {
		return "", err
	}
	stamp := filepath.Join(c.buildDir(), ".herald")
	if stamped(stamp, hash) {
		return hash, nil
	}
	err = c.step("build functions ("+c.Builder+")", func() error {
		if err := os.RemoveAll(c.buildDir()); err != nil {
			return err
		}
		if c.Builder == "go" {
			return c.goBuild(ctx, t)
		}
		return c.samBuild(hostArch(), c.buildDir()).run(ctx)
	})
	if err != nil {
		return "", err
	}
	return hash, os.WriteFile(stamp, []byte(hash), 0o600)
}

// samBuild is sam build without --cached: that looks at CodeUri only and ships stale binaries when a shared package
// changed. Go's own cache is enough.
func (c *Config) samBuild(arch, dir string) command {
	return command{
		what: "sam build", dir: filepath.Dir(c.Template), env: toolEnv(append(buildFlags(), "SAM_CLI_TELEMETRY=0")...),
		args: []string{
			c.tool("sam", "bin", "sam"), "build", "--parallel", "--template-file", c.Template,
			"--build-dir", dir, "--parameter-overrides", "Arch=" + arch,
		},
		logFile: c.shared("logs", "build.log"), timeout: 20 * time.Minute,
	}
}

// goBuild does what sam build does, for the host's own system.
func (c *Config) goBuild(ctx context.Context, t *template) error {
	base := filepath.Dir(c.Template)
	made := map[string]string{} // CodeUri -> folder with the binary
	for _, id := range t.functions() {
		uri := t.codeURI(id)
		if made[uri] == "" {
			out := filepath.Join(c.buildDir(), id)
			b := command{
				what: "go build " + uri, dir: base, env: toolEnv(buildFlags()...),
				args:    []string{"go", "build", "-o", filepath.Join(out, "bootstrap"), "./" + filepath.Clean(uri)},
				logFile: c.shared("logs", "build.log"), timeout: 15 * time.Minute,
			}
			if err := b.run(ctx); err != nil {
				return err
			}
			made[uri] = id
		}
		t.setCodeURI(id, made[uri])
	}
	b, err := yaml.Marshal(&t.doc)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.buildDir(), "template.yaml"), b, 0o600)
}

// sourceHash covers the template, the builder and every file of this module that is compiled or embedded into a
// function, as the go command lists them.
func (c *Config) sourceHash(ctx context.Context, t *template) (string, error) {
	base := filepath.Dir(c.Template)
	var dirs []string
	for _, id := range t.functions() {
		dirs = append(dirs, "./"+filepath.Clean(t.codeURI(id)))
	}
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	list := exec.CommandContext(ctx, "go", append([]string{"list", "-deps", "-json=Dir,Standard,Module,GoFiles,EmbedFiles"}, dirs...)...) //nolint:gosec // folders of our template
	list.Dir, list.Env = base, toolEnv(buildFlags()...)
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("go list of the functions failed (%w):\n%s", err, lastLines(stderr.Bytes(), 20))
	}
	files := []string{c.Template, filepath.Join(base, "go.mod"), filepath.Join(base, "go.sum")}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir        string   `json:"Dir"`
			Standard   bool     `json:"Standard"`
			GoFiles    []string `json:"GoFiles"`
			EmbedFiles []string `json:"EmbedFiles"`
			Module     *struct {
				Main bool `json:"Main"`
			} `json:"Module"`
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", err
		}
		if p.Standard || p.Module == nil || !p.Module.Main {
			continue
		}
		for _, f := range slices.Concat(p.GoFiles, p.EmbedFiles) {
			files = append(files, filepath.Join(p.Dir, f))
		}
	}
	h, err := hashFiles(base, files...)
	if err != nil {
		return "", err
	}
	// Go's version changes the binaries as well.
	return strings.Join([]string{h[:40], c.Builder, runtime.Version(), hostArch()}, "-"), nil
}

// template is template.yaml as a node tree, so that intrinsic tags survive being written again.
type template struct {
	doc yaml.Node
}

func readTemplate(file string) (*template, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t := &template{}
	if err := yaml.Unmarshal(b, &t.doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(t.functions()) == 0 {
		return nil, fmt.Errorf("%s has no function", file)
	}
	return t, nil
}

// field finds a key's value in a mapping; nil when it is not there.
func field(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func keys(n *yaml.Node) []string {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var out []string
	for i := 0; i < len(n.Content); i += 2 {
		out = append(out, n.Content[i].Value)
	}
	return out
}

func (t *template) root() *yaml.Node {
	if len(t.doc.Content) == 0 {
		return nil
	}
	return t.doc.Content[0]
}

// functions are the logical ids of the functions that sam builds from source.
func (t *template) functions() []string {
	resources := field(t.root(), "Resources")
	var out []string
	for _, id := range keys(resources) {
		r := field(resources, id)
		if n := field(r, "Type"); n != nil && n.Value == "AWS::Serverless::Function" && t.codeURI(id) != "" {
			out = append(out, id)
		}
	}
	return out
}

func (t *template) codeNode(id string) *yaml.Node {
	return field(field(field(field(t.root(), "Resources"), id), "Properties"), "CodeUri")
}

func (t *template) codeURI(id string) string {
	if n := t.codeNode(id); n != nil {
		return n.Value
	}
	return ""
}

func (t *template) setCodeURI(id, uri string) { t.codeNode(id).Value = uri }

func (t *template) parameters() []string { return keys(field(t.root(), "Parameters")) }

// Build makes the page and the functions without starting anything. With an architecture it builds what goes to
// AWS, into the folder where sam deploy looks for it.
func Build(ctx context.Context, c Config, arch string) error {
	if err := c.defaults(); err != nil {
		return err
	}
	if err := CheckPrerequisites(ctx); err != nil {
		return err
	}
	if err := InstallTools(ctx, c); err != nil {
		return err
	}
	lock, err := c.buildLock(ctx)
	if err != nil {
		return err
	}
	defer lock.release()
	if err := c.buildWeb(ctx); err != nil {
		return err
	}
	if arch == "" {
		_, err := c.buildFunctions(ctx)
		return err
	}
	return c.step("build functions for "+arch, func() error {
		return c.samBuild(arch, filepath.Join(c.Root, ".aws-sam", "build")).run(ctx)
	})
}
