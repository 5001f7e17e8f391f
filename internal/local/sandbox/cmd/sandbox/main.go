// Command sandbox runs the fake platforms alone.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

func main() { os.Exit(start()) }

func start() int {
	addr := flag.String("addr", "localhost:8090", "address to listen on")
	state := flag.String("state", "", "file that keeps the state; empty: memory only")
	public := flag.String("public-url", "", "origin that browsers and connectors use; empty: as asked for")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, sandbox.Config{PublicURL: *public, StateFile: *state, Log: log}); err != nil {
		log.ErrorContext(ctx, "sandbox", slog.String("error", err.Error()))
		return 1
	}
	return 0
}

func run(ctx context.Context, addr string, cfg sandbox.Config) error {
	box, err := sandbox.New(cfg) //nolint:contextcheck // what it keeps doing ends with Close
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return errors.Join(err, box.Close())
	}
	cfg.Log.InfoContext(ctx, "sandbox listens", slog.String("url", "http://"+listener.Addr().String()))
	server := &http.Server{Handler: box.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx) // Serve's answer tells what matters
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, box.Close())
	}
	return box.Close()
}
