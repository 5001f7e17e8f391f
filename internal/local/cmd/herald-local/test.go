package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/herald-publishing/herald/internal/local/stack"
	"github.com/herald-publishing/herald/internal/local/teststack"
)

// test runs a command beside a fresh stack of its own, on other ports than `make run`. The emulator enforces IAM, so
// that every test also proves that the roles in the template have what they need.
func test(ctx context.Context, args []string) (err error) {
	c := stack.Config{Name: "test", Ports: stack.TestPorts(), Fresh: true, Auth: true, Progress: os.Stderr}
	set := flag.NewFlagSet("test", flag.ContinueOnError)
	stackFlags(set, &c)
	keep := set.Bool("keep", false, "keep the data of the last run")
	if err := set.Parse(args); err != nil {
		return err
	}
	c.Fresh = !*keep
	if set.NArg() == 0 {
		return errors.New("no command was given, such as: herald-local test -- go test ./internal/store")
	}
	if err := stack.CheckPrerequisites(ctx); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(os.Stderr, "herald: starting %q for the tests\n", c.Name)
	s, err := stack.Start(ctx, c)
	if err != nil {
		return err
	}
	defer s.Stop(ctx)
	cmd := exec.CommandContext(ctx, set.Arg(0), set.Args()[1:]...) //nolint:gosec // what the developer typed
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), teststack.EnvEndpoint+"="+s.Endpoint, teststack.EnvStack+"="+filepath.Join(s.DataDir, "stack.json"))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	err = cmd.Run()
	select {
	case <-s.Done():
		return errors.Join(err, s.Crash())
	default:
	}
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() > 0 {
		return exitCode(ended.ExitCode())
	}
	return err
}
