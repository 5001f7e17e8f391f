package stack_test

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/stack"
)

// config is a stack in an empty repository of its own. None of these tests gets as far as starting one; that is what
// every test that opens the test stack shows.
func config(t *testing.T) stack.Config {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "template.yaml"), []byte("Resources: {}\n"), 0o600))
	return stack.Config{Root: root, Name: "test", Ports: stack.Ports{HTTP: freePort(t), Sandbox: freePort(t), Emulator: freePort(t)}}
}

func listen(t *testing.T) (*net.TCPListener, int) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	tcp, ok := l.(*net.TCPListener)
	require.True(t, ok)
	addr, ok := tcp.Addr().(*net.TCPAddr)
	require.True(t, ok)
	return tcp, addr.Port
}

func freePort(t *testing.T) int {
	t.Helper()
	l, port := listen(t)
	require.NoError(t, l.Close())
	return port
}

// hold takes the lock of a stack as a running one does.
func hold(t *testing.T, c stack.Config, text string) {
	t.Helper()
	file := filepath.Join(c.Root, ".local", "locks", c.Name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	f, err := os.Open(file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	require.NoError(t, syscall.Flock(int(f.Fd()), syscall.LOCK_EX))
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arrange func(t *testing.T, c *stack.Config)
		want    string
	}{
		"a second one of the same name": {func(t *testing.T, c *stack.Config) {
			t.Helper()
			hold(t, *c, "pid 7, http://localhost:8080")
		}, "already running (pid 7, http://localhost:8080)"},
		"a busy port": {func(t *testing.T, c *stack.Config) {
			t.Helper()
			l, port := listen(t)
			t.Cleanup(func() { _ = l.Close() })
			c.Ports.Sandbox = port
		}, "for the sandbox, is in use by another program"},
		"data of another port": {func(t *testing.T, c *stack.Config) {
			t.Helper()
			dir := filepath.Join(c.Root, ".local", c.Name)
			require.NoError(t, os.MkdirAll(dir, 0o750))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "endpoint"), []byte("http://127.0.0.1:1"), 0o600))
		}, "was made with the emulator at http://127.0.0.1:1"},
		"a name that leaves the data folder": {func(_ *testing.T, c *stack.Config) { c.Name = "../x" }, "must be a plain word"},
		"a tree without a template":          {func(_ *testing.T, c *stack.Config) { c.Template = filepath.Join(c.Root, "no.yaml") }, "no template"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t)
			c.arrange(t, &cfg)
			_, err := stack.Start(t.Context(), cfg)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestARefusedStartLeavesNoLock(t *testing.T) {
	t.Parallel()
	c := config(t)
	l, port := listen(t)
	t.Cleanup(func() { _ = l.Close() })
	c.Ports.HTTP = port
	_, err := stack.Start(t.Context(), c)
	require.ErrorContains(t, err, "in use")
	require.NoError(t, stack.Reset(c), "the lock must be free again")
}

func TestReset(t *testing.T) {
	t.Parallel()
	c := config(t)
	file := filepath.Join(c.Root, ".local", c.Name, "state", "x")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, stack.Reset(c))
	require.NoFileExists(t, file)
}

func TestResetRefusesARunningStack(t *testing.T) {
	t.Parallel()
	c := config(t)
	hold(t, c, "pid 7")
	require.ErrorContains(t, stack.Reset(c), "is running (pid 7)")
}

func TestReadTellsThatNothingRuns(t *testing.T) {
	t.Parallel()
	_, err := stack.Read(t.TempDir(), "run")
	require.ErrorContains(t, err, "is not running: start it with make run")
}

func TestPrerequisites(t *testing.T) {
	require.NoError(t, stack.CheckPrerequisites(t.Context()))
	dir := t.TempDir()
	for name, version := range map[string]string{"python3": "Python 3.9.2", "go": "go version go1.25.1 linux/amd64", "node": "v18.1.0"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho '"+version+"'\n"), 0o700)) //nolint:gosec // a program
	}
	t.Setenv("PATH", dir)
	err := stack.CheckPrerequisites(t.Context())
	require.ErrorContains(t, err, `Python >= 3.11 is needed; `)
	require.ErrorContains(t, err, `Go >= 1.26 is needed; go says "go version go1.25.1 linux/amd64"`)
	require.ErrorContains(t, err, `Node >= 20.19 is needed; node says "v18.1.0"`)
}
