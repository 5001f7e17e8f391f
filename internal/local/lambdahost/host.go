// Package lambdahost runs a Lambda function's real bootstrap as a process behind the Lambda Runtime API, so that a test
// can hand it events, watch it die, and start another one. Tests only.
package lambdahost

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrDied means that the process ended before it answered.
var ErrDied = errors.New("lambdahost: the process died")

// ErrFunction carries the error that the handler answered.
type ErrFunction struct{ Body string }

func (e *ErrFunction) Error() string { return "lambdahost: function error: " + e.Body }

// Worker is one process, one invocation at a time.
type Worker struct {
	cmd   *exec.Cmd
	srv   *http.Server
	ready chan struct{}
	gone  chan struct{}
	next  chan invocation
	once  sync.Once

	mu  sync.Mutex
	cur *invocation
}

type invocation struct {
	id       string
	event    []byte
	deadline time.Time
	done     chan answer
}

type answer struct {
	body []byte
	err  error
}

// Start runs the bootstrap with env and logs its output to out. The process may die during its start; Invoke says so.
// It lives until Kill, whatever becomes of ctx.
func Start(ctx context.Context, bootstrap string, env []string, out io.Writer) (*Worker, error) {
	ctx = context.WithoutCancel(ctx)
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("lambdahost: %w", err)
	}
	w := &Worker{ready: make(chan struct{}), gone: make(chan struct{}), next: make(chan invocation)}
	w.srv = &http.Server{Handler: w, ReadHeaderTimeout: time.Minute}
	go func() { _ = w.srv.Serve(l) }() // ends with Close
	w.cmd = exec.CommandContext(ctx, bootstrap)
	w.cmd.Env = append(slices.Clone(env), "AWS_LAMBDA_RUNTIME_API="+l.Addr().String(), "AWS_LAMBDA_FUNCTION_NAME=test", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "_HANDLER=bootstrap")
	w.cmd.Stdout, w.cmd.Stderr = out, out
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := w.cmd.Start(); err != nil {
		_ = w.srv.Close()
		return nil, fmt.Errorf("lambdahost: %w", err)
	}
	go func() {
		_ = w.cmd.Wait() // how it ended is of no interest: it was killed, or the answer says it
		close(w.gone)
		_ = w.srv.Close()
	}()
	return w, nil
}

// Ready is closed when the function asks for its first event.
func (w *Worker) Ready() <-chan struct{} { return w.ready }

// Gone is closed when the process has ended.
func (w *Worker) Gone() <-chan struct{} { return w.gone }

// PID is the process that runs the bootstrap.
func (w *Worker) PID() int { return w.cmd.Process.Pid }

// Kill ends the process at once, as a lost machine would.
func (w *Worker) Kill() {
	if w.cmd.Process != nil {
		_ = w.cmd.Process.Signal(syscall.SIGKILL) // already gone is fine
	}
}

// Invoke hands the event over and waits for the answer, at most timeout; then the process is killed as Lambda does.
func (w *Worker) Invoke(event []byte, timeout time.Duration) ([]byte, error) {
	in := invocation{id: newID(), event: event, deadline: time.Now().Add(timeout), done: make(chan answer, 1)}
	select {
	case <-w.ready:
	case <-w.gone:
		return nil, ErrDied
	}
	w.mu.Lock()
	w.cur = &in
	w.mu.Unlock()
	t := time.NewTimer(timeout)
	defer t.Stop()
	select {
	case w.next <- in:
	case <-w.gone:
		return nil, ErrDied
	}
	select {
	case a := <-in.done:
		return a.body, a.err
	case <-w.gone:
		return nil, ErrDied
	case <-t.C:
		w.Kill()
		<-w.gone
		return nil, ErrDied
	}
}

// ServeHTTP is the Runtime API: next, response, error, init error.
func (w *Worker) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	p := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // 2018-06-01 runtime invocation next | <id> response
	if len(p) == 4 && p[3] == "next" {
		w.once.Do(func() { close(w.ready) })
		select {
		case in := <-w.next:
			h := rw.Header()
			h.Set("Lambda-Runtime-Aws-Request-Id", in.id)
			h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
			h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:test")
			_, _ = rw.Write(in.event)
		case <-r.Context().Done():
		}
		return
	}
	body, err := io.ReadAll(r.Body)
	rw.WriteHeader(http.StatusAccepted)
	if err != nil || len(p) != 5 {
		return // an answer cut off by the process's death, or an error during the start: Gone says it
	}
	w.mu.Lock()
	in := w.cur
	w.mu.Unlock()
	if in == nil || in.id != p[3] {
		return
	}
	if p[4] == "error" {
		in.done <- answer{err: &ErrFunction{Body: string(body)}}
		return
	}
	in.done <- answer{body: body}
}

func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
