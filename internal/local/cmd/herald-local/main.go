// Command herald-local runs Herald on one machine: `make run`, `make test` and the tests start it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/herald-publishing/herald/internal/local/stack"
)

const usage = `herald-local runs Herald on this machine, on an AWS emulator, without Docker and without an account.

  herald-local up       start everything and stay; Ctrl-C stops it          (make run)
  herald-local test -- COMMAND   start a fresh test stack, run COMMAND, stop  (make test)
  herald-local invoke FUNCTION EVENT.json   call a function of the running stack (make invoke)
  herald-local reset    empty the data of a stopped stack                    (make reset)
  herald-local build    tools, page and functions, without starting          (make build)
  herald-local tools    only the pinned tools, under .tools
  herald-local web      only the page: npm ci and build, where something changed

Each takes -h for its flags.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:])
	stop()
	var child exitCode
	switch {
	case err == nil:
	case errors.As(err, &child):
		os.Exit(int(child))
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(os.Stderr, "herald-local: stopped")
		os.Exit(130)
	default:
		_, _ = fmt.Fprintf(os.Stderr, "herald-local: %v\n", err)
		os.Exit(1)
	}
}

// exitCode is what the command that `test` ran ended with; it has told why itself.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("the command ended with %d", int(e)) }

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		_, _ = fmt.Fprintln(os.Stderr, usage)
		return flag.ErrHelp
	}
	switch name, rest := args[0], args[1:]; name {
	case "up":
		return up(ctx, rest)
	case "test":
		return test(ctx, rest)
	case "invoke":
		return invoke(ctx, rest)
	case "reset":
		return reset(rest)
	case "build":
		return build(ctx, rest)
	case "tools":
		return prepare(ctx, rest, stack.InstallTools)
	case "web":
		return prepare(ctx, rest, stack.BuildWeb)
	default:
		_, _ = fmt.Fprintln(os.Stderr, usage)
		return fmt.Errorf("there is no subcommand %q", name)
	}
}

// stackFlags are the flags that say which stack.
func stackFlags(set *flag.FlagSet, c *stack.Config) {
	set.StringVar(&c.Name, "name", c.Name, "data lives in .local/NAME")
	set.BoolVar(&c.Auth, "auth", c.Auth, "the emulator enforces IAM, as AWS does")
	set.BoolVar(&c.NoWeb, "no-web", false, "do not build the page; take internal/web/dist as it is")
	set.StringVar(&c.Template, "template", "", "another template than template.yaml")
	set.StringVar(&c.Builder, "builder", c.Builder, "sam or go; empty = what suits this system")
	set.Func("ports", "page,sandbox,emulator (default "+ports(c.Ports)+")", func(s string) error {
		p, err := parsePorts(s)
		c.Ports = p
		return err
	})
}

func ports(p stack.Ports) string {
	return fmt.Sprintf("%d,%d,%d", p.HTTP, p.Sandbox, p.Emulator)
}

func parsePorts(s string) (stack.Ports, error) {
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return stack.Ports{}, errors.New("three numbers are needed: page,sandbox,emulator")
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(strings.TrimSpace(p))
		if err != nil || v < 1 || v > 65535 {
			return stack.Ports{}, fmt.Errorf("%q is not a port", p)
		}
		n[i] = v
	}
	return stack.Ports{HTTP: n[0], Sandbox: n[1], Emulator: n[2]}, nil
}

func reset(args []string) error {
	c := stack.Config{Name: "run", Ports: stack.RunPorts()}
	set := flag.NewFlagSet("reset", flag.ContinueOnError)
	stackFlags(set, &c)
	if err := set.Parse(args); err != nil {
		return err
	}
	if err := stack.Reset(c); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(os.Stdout, "The data of stack %q is gone; the next start begins anew.\n", c.Name)
	return nil
}

func build(ctx context.Context, args []string) error {
	c := stack.Config{Name: "run", Ports: stack.RunPorts(), Progress: os.Stderr}
	set := flag.NewFlagSet("build", flag.ContinueOnError)
	stackFlags(set, &c)
	arch := set.String("arch", "", "arm64 or x86_64: build for AWS into .aws-sam/build, where sam deploy finds it; empty = for this machine")
	if err := set.Parse(args); err != nil {
		return err
	}
	return stack.Build(ctx, c, *arch)
}

// prepare runs one of the preparing steps alone.
func prepare(ctx context.Context, args []string, step func(context.Context, stack.Config) error) error {
	set := flag.NewFlagSet("herald-local", flag.ContinueOnError)
	if err := set.Parse(args); err != nil {
		return err
	}
	if err := stack.CheckPrerequisites(ctx); err != nil {
		return err
	}
	return step(ctx, stack.Config{Name: "run", Progress: os.Stderr})
}
