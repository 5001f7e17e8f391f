package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/local/stack"
)

// up starts the stack of `make run` and stays until it is told to stop or the emulator ends.
func up(ctx context.Context, args []string) error {
	c := stack.Config{
		Name: "run", Ports: stack.RunPorts(), Demo: true, Progress: os.Stderr, Logs: os.Stdout,
		Colour: isTerminal(os.Stdout), Endpoint: os.Getenv("AWS_ENDPOINT_URL"),
	}
	set := flag.NewFlagSet("up", flag.ContinueOnError)
	stackFlags(set, &c)
	quiet := set.Bool("quiet", false, "no function logs on the screen; they are in .local/NAME/functions.log")
	dev := set.Bool("dev", false, "also run the page's development server (Vite), which reloads on every change")
	set.BoolVar(&c.Debug, "debug", false, "show DEBUG records as well")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *quiet {
		c.Logs = nil
	}
	if strings.Contains(c.Endpoint, "amazonaws.com") {
		return fmt.Errorf("AWS_ENDPOINT_URL is %s, which is AWS itself: unset it; the local stack never touches an account", c.Endpoint)
	}
	if err := stack.CheckPrerequisites(ctx); err != nil {
		return err
	}
	started := time.Now()
	_, _ = fmt.Fprintf(os.Stderr, "herald: starting %q\n", c.Name)
	s, err := stack.Start(ctx, c)
	if err != nil {
		return err
	}
	banner(os.Stderr, s, time.Since(started), whereLogs(c))
	if s.DemoError != nil {
		_, _ = fmt.Fprintf(os.Stderr, "  The demo workspace was not made, sign up on the page instead: %v\n\n", s.DemoError)
	}
	err = stay(ctx, s, *dev)
	_, _ = fmt.Fprintln(os.Stderr, "\nherald: stopping, the data is kept")
	s.Stop(ctx)
	return err
}

// stay waits for a signal or for a part that ends by itself.
func stay(ctx context.Context, s *stack.Stack, dev bool) error {
	var vite chan error
	if dev {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		vite = make(chan error, 1)
		go func() { vite <- s.ServeSources(ctx, os.Stderr) }()
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.Done():
		return s.Crash()
	case err := <-vite:
		return err
	}
}

func whereLogs(c stack.Config) string {
	switch {
	case c.Endpoint != "":
		return "Function logs are in your emulator"
	case c.Logs == nil:
		return "Function logs are in .local/" + c.Name + "/functions.log"
	default:
		return "Function logs follow"
	}
}

func banner(w io.Writer, s *stack.Stack, took time.Duration, logs string) {
	_, _ = fmt.Fprintf(w, `
  Herald    %s
  Sign in   %s  /  %s
  Sandbox   %s   (the platforms, faults and clock)
  AWS       %s   (emulator, keys test/test, region %s)

  Up after %.1f s. %s; Ctrl-C stops and keeps the data.

`, s.URL, stack.DemoEmail, stack.DemoPassword, s.Sandbox, s.Endpoint, s.Region, took.Seconds(), logs)
}

func isTerminal(f *os.File) bool {
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
