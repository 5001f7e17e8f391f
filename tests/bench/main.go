// Bench measures Herald on the local stack and prints one table: `make bench`. It asserts nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"time"
)

// row is one line of the table.
type row struct{ what, value, note string }

func main() {
	rate := flag.Int("rate", 50, "posts per second of the steady run")
	seconds := flag.Int("seconds", 60, "length of the steady run")
	burst := flag.Int("burst", 1000, "posts of the flat-out run")
	film := flag.Int("film", 1024, "megabytes of the video whose memory is measured, at most 4095; 0 = none")
	only := flag.String("only", "", "measure this part alone: sizes, starts, calls, film, steady, flat out, hooks")
	events := flag.Int("events", 500, "webhook events per second of the burst, which lasts 10 s")
	latency := flag.Int("latency", 50, "milliseconds each platform call takes")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx := context.Background()
	if err := run(ctx, log, *rate, *seconds, *burst, *latency, *film, *events, *only); err != nil {
		log.ErrorContext(ctx, "bench failed", slog.String("error", err.Error()))
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, rate, seconds, burst, latency, film, events int, only string) error {
	w, err := arrive(ctx)
	if err != nil {
		return err
	}
	var rows []row
	for _, part := range []struct {
		name string
		do   func(context.Context) ([]row, error)
	}{
		{"sizes", func(ctx context.Context) ([]row, error) { return sizes(ctx, w.root) }},
		{"starts", func(ctx context.Context) ([]row, error) { return starts(ctx, w) }},
		{"calls", func(ctx context.Context) ([]row, error) { return calls(ctx, w) }},
		{"film", func(ctx context.Context) ([]row, error) {
			if film == 0 {
				return nil, nil
			}
			return films(ctx, w, min(film, 4095))
		}},
		{"steady", func(ctx context.Context) ([]row, error) {
			if err := w.setLatency(ctx, latency); err != nil {
				return nil, err
			}
			return w.steady(ctx, rate, time.Duration(seconds)*time.Second)
		}},
		{"flat out", func(ctx context.Context) ([]row, error) { return w.flatOut(ctx, burst) }},
		{"hooks", func(ctx context.Context) ([]row, error) { return w.hooks(ctx, events, 10) }},
	} {
		if only != "" && only != part.name {
			continue
		}
		log.InfoContext(ctx, "measuring", slog.String("part", part.name))
		got, err := part.do(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		rows = append(rows, got...)
	}
	var out strings.Builder
	_, _ = fmt.Fprintf(&out, "\nHerald, local stack, %d cores, platform latency %d ms\n\n| what | value | note |\n|---|---|---|\n", runtime.NumCPU(), latency)
	for _, r := range rows {
		_, _ = fmt.Fprintf(&out, "| %s | %s | %s |\n", r.what, r.value, r.note)
	}
	_, err = os.Stdout.WriteString(out.String())
	return err
}
