package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/herald-publishing/herald/internal/local/frontdoor"
	"github.com/herald-publishing/herald/internal/local/logs"
	"github.com/herald-publishing/herald/internal/local/sandbox"
)

// Info is what others need to use a running stack. It is written to stack.json in the data folder.
type Info struct {
	Name     string            `json:"name"`
	Endpoint string            `json:"endpoint"` // the emulator
	Region   string            `json:"region"`
	Auth     bool              `json:"auth"`
	URL      string            `json:"url"`     // the front door: page and API
	Sandbox  string            `json:"sandbox"` // the platforms' sandbox
	Outputs  map[string]string `json:"outputs"` // of the deployed template
	DataDir  string            `json:"data_dir"`
}

// Stack is a running one. Stop it, or its state is lost.
type Stack struct {
	Info

	DemoError error // why there is no demo workspace; the rest works, and is needed to find out

	cfg      Config
	lock     *fileLock
	emulator *emulator // nil when somebody else runs it
	raw      *os.File
	sandbox  *sandbox.Sandbox
	servers  []*http.Server
}

// Start brings everything up and returns when it answers. The caller stops it. On an error nothing is left running.
func Start(ctx context.Context, c Config) (*Stack, error) {
	if err := c.defaults(); err != nil {
		return nil, err
	}
	s := &Stack{cfg: c}
	if err := s.start(ctx); err != nil {
		s.Stop(ctx)
		return nil, err
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	c := &s.cfg
	if err := s.claim(ctx); err != nil {
		return err
	}
	// What does not compile is told before anything runs. The lock is held until the build is deployed.
	lock, built, err := c.prepare(ctx)
	if err != nil {
		return err
	}
	defer lock.release()
	if err := s.runEmulator(ctx); err != nil {
		return err
	}
	outputs, err := c.deploy(ctx, built)
	if err != nil {
		return err
	}
	lock.release()
	s.Info = Info{
		Name: c.Name, Endpoint: c.endpoint(), Region: Region, Auth: c.Auth, URL: c.frontDoorURL(), Sandbox: c.sandboxURL(),
		Outputs: outputs, DataDir: c.data(),
	}
	if !c.Bare {
		if err := s.serve(ctx); err != nil {
			return err
		}
	}
	if c.Demo {
		s.DemoError = c.step("demo workspace", func() error { return s.signUpDemo(ctx) })
	}
	b, err := json.MarshalIndent(s.Info, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(c.data("stack.json"), b, 0o600)
}

// claim makes sure that nobody else has the name, the ports or the data.
func (s *Stack) claim(ctx context.Context) (err error) {
	c := &s.cfg
	s.lock, err = tryLock(c.shared("locks", c.Name), fmt.Sprintf("pid %d, %s", os.Getpid(), c.frontDoorURL()))
	var held errLocked
	if errors.As(err, &held) {
		return fmt.Errorf("the stack %q is already running (%s): stop it first, or start another one with --name and --ports", c.Name, held.Holder)
	}
	if err != nil {
		return err
	}
	if err := c.checkPorts(ctx); err != nil {
		return err
	}
	if c.Fresh {
		if err := os.RemoveAll(c.data()); err != nil {
			return err
		}
	}
	return c.claimData()
}

// prepare makes the tools, the page and the functions. The caller releases the lock when the build is deployed.
func (c *Config) prepare(ctx context.Context) (lock *fileLock, built string, err error) {
	if err := InstallTools(ctx, *c); err != nil {
		return nil, "", err
	}
	if lock, err = c.buildLock(ctx); err != nil {
		return nil, "", err
	}
	if !c.Bare && !c.NoWeb {
		err = c.buildWeb(ctx)
	}
	if err == nil {
		built, err = c.buildFunctions(ctx)
	}
	if err != nil {
		lock.release()
		return nil, "", err
	}
	return lock, built, nil
}

func (s *Stack) runEmulator(ctx context.Context) (err error) {
	c := &s.cfg
	if c.Endpoint != "" {
		return nil // somebody else runs it
	}
	var printer *logs.Printer
	if c.Logs != nil {
		printer = &logs.Printer{W: c.Logs, Colour: c.Colour, Debug: c.Debug}
	}
	if s.raw, err = os.Create(c.data("functions.log")); err != nil {
		return err
	}
	return c.step("start MiniStack", func() (err error) {
		s.emulator, err = c.startEmulator(ctx, printer, s.raw)
		return err
	})
}

// claimData makes the data folder, or refuses one that was made with another port: the emulator writes its own
// address into queues, and with another one messages are not delivered any more.
func (c *Config) claimData() error {
	if err := os.MkdirAll(c.data(), 0o750); err != nil {
		return err
	}
	file, endpoint := c.data("endpoint"), c.endpoint()
	before, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return os.WriteFile(file, []byte(endpoint), 0o600)
	case err != nil:
		return err
	case string(before) != endpoint:
		return fmt.Errorf("the data of stack %q was made with the emulator at %s and does not work at %s: start it with the ports it had, or forget it with make reset NAME=%s", c.Name, before, endpoint, c.Name)
	}
	return nil
}

// serve starts the sandbox and the front door, each on its own origin.
func (s *Stack) serve(ctx context.Context) error {
	c := &s.cfg
	sb, err := sandbox.New(sandbox.Config{PublicURL: c.sandboxURL(), StateFile: c.data("sandbox.json"), Hooks: c.hooks(), Log: slog.New(slog.DiscardHandler)}) //nolint:contextcheck // what it keeps doing ends with Close
	if err != nil {
		return fmt.Errorf("the sandbox did not start: %w", err)
	}
	s.sandbox = sb
	if err := s.listen(ctx, c.Ports.Sandbox, sb.Handler(), 0); err != nil {
		return err
	}
	id := s.Outputs["ApiId"]
	if id == "" {
		return errors.New("the template has no output ApiId: the front door does not know where to go")
	}
	emulator, err := url.Parse(c.endpoint())
	if err != nil {
		return err
	}
	door := frontdoor.Config{Emulator: emulator, APIHost: id + ".execute-api.localhost:" + emulator.Port()}
	if hooks, err := url.Parse(s.Outputs["HooksUrl"]); err == nil {
		door.HooksHost = hooks.Hostname()
	}
	return s.listen(ctx, c.Ports.HTTP, frontdoor.New(door), frontdoor.MaxHeader)
}

func (s *Stack) listen(ctx context.Context, port int, h http.Handler, maxHeader int) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	s.servers = append(s.servers, srv)
	go func() { _ = srv.Serve(l) }() // ends with ErrServerClosed when Stop closes it
	return nil
}

// checkPorts finds a busy port before minutes are spent on building.
func (c *Config) checkPorts(ctx context.Context) error {
	type use struct {
		port int
		what string
	}
	var uses []use
	if c.Endpoint == "" {
		uses = append(uses, use{c.Ports.Emulator, "MiniStack"})
	}
	if !c.Bare {
		uses = append(uses, use{c.Ports.HTTP, "the page and API"}, use{c.Ports.Sandbox, "the sandbox"})
	}
	for _, u := range uses {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(u.port)))
		if err != nil {
			return fmt.Errorf("port %d, for %s, is in use by another program: stop that, or choose others with --ports HTTP,SANDBOX,EMULATOR", u.port, u.what)
		}
		_ = l.Close()
	}
	return nil
}

// Stop ends everything in the order that loses nothing: no new requests, then the sandbox's state, then the
// emulator with SIGTERM, which is when it writes its state. It works with a ctx that has ended, and
// reports whether the emulator ended by itself.
func (s *Stack) Stop(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = os.Remove(s.cfg.data("stack.json"))
	for _, srv := range s.servers {
		if srv.Shutdown(ctx) != nil {
			_ = srv.Close()
		}
	}
	if s.sandbox != nil {
		if err := s.sandbox.Close(); err != nil {
			_, _ = fmt.Fprintf(s.cfg.Progress, "the sandbox's state was not written: %v\n", err)
		}
	}
	clean := true
	if s.emulator != nil {
		if clean = s.emulator.stop(s.cfg.Stop); !clean {
			_, _ = fmt.Fprintf(s.cfg.Progress, "MiniStack did not end within %s and was killed: what happened since its start is lost\n", s.cfg.Stop)
		}
	}
	if s.raw != nil {
		_ = s.raw.Close()
	}
	if s.lock != nil {
		s.lock.release()
	}
	return clean
}

// Done is closed when the emulator ends by itself; nil when somebody else runs it.
func (s *Stack) Done() <-chan struct{} {
	if s.emulator == nil {
		return nil
	}
	return s.emulator.done
}

// Crash explains why the emulator ended.
func (s *Stack) Crash() error {
	return fmt.Errorf("MiniStack ended (%w); the end of %s:\n%s", s.emulator.err, s.emulator.log, tailOf(s.emulator.log))
}

// AWS is a configuration for the running stack with the emulator's root credentials.
func (i Info) AWS() aws.Config {
	return aws.Config{
		Region: i.Region, BaseEndpoint: aws.String(i.Endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, ""),
	}
}

func (c *Config) aws() aws.Config { return Info{Region: Region, Endpoint: c.endpoint()}.AWS() }

// Read finds the running stack of a name.
func Read(root, name string) (Info, error) {
	c := Config{Root: root, Name: name}
	b, err := os.ReadFile(c.data("stack.json"))
	if err != nil {
		return Info{}, fmt.Errorf("the stack %q is not running: start it with make run", name)
	}
	var i Info
	if err := json.Unmarshal(b, &i); err != nil {
		return Info{}, fmt.Errorf("stack.json of %q: %w", name, err)
	}
	return i, nil
}

// Reset empties the data of a stack that is not running.
func Reset(c Config) error {
	if err := c.defaults(); err != nil {
		return err
	}
	lock, err := tryLock(c.shared("locks", c.Name), fmt.Sprintf("pid %d, reset", os.Getpid()))
	var held errLocked
	if errors.As(err, &held) {
		return fmt.Errorf("the stack %q is running (%s): stop it first", c.Name, held.Holder)
	}
	if err != nil {
		return err
	}
	defer lock.release()
	return os.RemoveAll(c.data())
}
