package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// command is one run of a tool that ends by itself. Its whole output goes to a log file; an error shows the tail.
type command struct {
	what    string // "sam deploy", for errors
	dir     string
	env     []string // the whole environment
	args    []string
	logFile string // appended to
	timeout time.Duration
}

// run runs it in its own process group, so that ending it ends what it started as well.
func (c command) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := os.MkdirAll(filepath.Dir(c.logFile), 0o750); err != nil {
		return err
	}
	log, err := os.OpenFile(c.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	tail := &tailBuffer{max: 8 << 10}
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...) //nolint:gosec // the tools of this file's callers, never a user's text
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.Stdout = io.MultiWriter(log, tail)
	cmd.Stderr = cmd.Stdout
	cmd.SysProcAttr = groupAttr()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	runtime.LockOSThread() // see startDaemon
	err = cmd.Run()
	runtime.UnlockOSThread()
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s did not end within %s; the end of %s:\n%s", c.what, c.timeout, c.logFile, tail)
	case ctx.Err() != nil:
		return fmt.Errorf("%s was stopped: %w", c.what, ctx.Err())
	}
	return fmt.Errorf("%s failed (%w); the end of %s:\n%s", c.what, err, c.logFile, tail)
}

// daemon is a process that runs until it is stopped.
type daemon struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // why, after done
}

// startDaemon starts cmd in its own process group, bound to this process's life where the system can do that.
// The kernel ties that to the thread that forked, so one goroutine keeps its thread until the process has ended.
func startDaemon(cmd *exec.Cmd) (*daemon, error) {
	d := &daemon{cmd: cmd, done: make(chan struct{})}
	cmd.SysProcAttr = daemonAttr()
	cmd.WaitDelay = 2 * time.Second
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			d.err = cmd.Wait()
		}
		close(d.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return d, nil
}

// stop asks the process to end, waits up to patience, then kills its whole group. It reports whether it ended by itself.
func (d *daemon) stop(patience time.Duration) bool {
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	t := time.NewTimer(patience)
	defer t.Stop()
	clean := true
	select {
	case <-d.done:
	case <-t.C:
		clean = false
	}
	// What it started and left behind goes as well; an empty group is no error.
	_ = syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL)
	<-d.done
	return clean
}

// tailBuffer keeps the last max bytes written to it.
type tailBuffer struct {
	max int
	b   []byte
}

func (t *tailBuffer) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if n := len(t.b) - t.max; n > 0 {
		t.b = t.b[n:]
	}
	return len(p), nil
}

// String gives the last 30 lines.
func (t *tailBuffer) String() string { return lastLines(t.b, 30) }

func lastLines(b []byte, n int) string {
	lines := strings.Split(strings.TrimRight(string(bytes.ToValidUTF8(b, []byte("?"))), "\n"), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return "    " + strings.Join(lines, "\n    ")
}

// tailOf reads the end of a log file for an error message.
func tailOf(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return "    (no log: " + err.Error() + ")"
	}
	return lastLines(b, 30)
}
