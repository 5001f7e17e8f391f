package stack

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/local/logs"
)

// launcher is the Python program that starts MiniStack.
//
//go:embed ministack_fast.py
var launcher []byte

// healthWithin is how long the emulator may take to answer; it needs about half a second.
const healthWithin = 60 * time.Second

type emulator struct {
	*daemon
	log string
}

// startEmulator runs MiniStack on its port with its state in the data folder. Its environment is made here and
// not inherited: it hands all of it to the functions, and a real AWS profile would leak in.
func (c *Config) startEmulator(ctx context.Context, printer *logs.Printer, raw io.Writer) (*emulator, error) {
	state, tmp := c.data("state"), c.data("tmp")
	for _, dir := range []string{state, tmp} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, err
		}
	}
	program := c.data("ministack_fast.py")
	if err := os.WriteFile(program, launcher, 0o600); err != nil {
		return nil, err
	}
	logFile := c.data("ministack.log")
	log, err := os.Create(logFile)
	if err != nil {
		return nil, err
	}
	//nolint:gosec // our own program; not bound to ctx: it is stopped with SIGTERM so that it writes its state
	cmd := exec.Command(c.tool("ministack", "bin", "python"), program) //nolint:noctx // see above
	cmd.Dir = c.data()
	cmd.Stderr = log
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + tmp, "TMPDIR=" + tmp, "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1",
		"GATEWAY_PORT=" + strconv.Itoa(c.Ports.Emulator), "BIND_HOST=127.0.0.1", "IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0",
		"LAMBDA_EXECUTOR=local", "LAMBDA_WARM_TTL_SECONDS=30", "LOG_LEVEL=WARNING",
		"DOCKER_HOST=unix://" + tmp + "/no-docker.sock", // it must not look for containers of its own on this machine
		"PERSIST_STATE=1", "STATE_DIR=" + state, "S3_PERSIST=1", "S3_DATA_DIR=" + c.data("state", "s3"),
		"AWS_ENDPOINT_URL=" + c.endpoint(), "AWS_ACCESS_KEY_ID=" + AccessKey, "AWS_SECRET_ACCESS_KEY=" + SecretKey,
		"AWS_REGION=" + Region, "AWS_DEFAULT_REGION=" + Region, "MINISTACK_REGION=" + Region,
		"AUTH=" + strconv.FormatBool(c.Auth),
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d, err := startDaemon(cmd)
	_ = log.Close() // the process has its own descriptor
	if err != nil {
		return nil, fmt.Errorf("MiniStack did not start: %w", err)
	}
	e := &emulator{daemon: d, log: logFile}
	go readInvokes(out, printer, raw)
	if err := e.waitHealthy(ctx, c.endpoint()); err != nil {
		e.stop(5 * time.Second)
		return nil, err
	}
	return e, nil
}

func (c *Config) endpoint() string {
	if c.Endpoint != "" {
		return strings.TrimRight(c.Endpoint, "/")
	}
	return fmt.Sprintf("http://127.0.0.1:%d", c.Ports.Emulator)
}

// readInvokes takes the launcher's lines until the process closes them, so that it never blocks on a full pipe.
func readInvokes(r io.Reader, printer *logs.Printer, raw io.Writer) {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			_, _ = raw.Write(line)
			if printer != nil {
				printer.Invoke(line)
			}
		}
		if err != nil {
			return
		}
	}
}

func (e *emulator) waitHealthy(ctx context.Context, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	client := &http.Client{Timeout: 2 * time.Second}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if healthy(ctx, client, endpoint) {
			return nil
		}
		select {
		case <-e.done:
			return fmt.Errorf("MiniStack ended while starting (%w); the end of %s:\n%s", e.err, e.log, tailOf(e.log))
		case <-ctx.Done():
			return fmt.Errorf("MiniStack did not answer within %s; the end of %s:\n%s", healthWithin, e.log, tailOf(e.log))
		case <-tick.C:
		}
	}
}

func healthy(ctx context.Context, client *http.Client, endpoint string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/_ministack/health", http.NoBody)
	if err != nil {
		return false
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}
