package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/visitor"
	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/store"
)

// filmMemory is what the Go runtime of the measured processes is told to stay below.
const filmMemory = "GOMEMLIMIT=256MiB"

// film is a video that exists nowhere: its description, and zeros. It answers as S3 does to a GetObject.
type film struct {
	head   []byte
	size   int64
	served atomic.Int64
}

func newFilm(size int64) *film {
	small := clip.Make(clip.Spec{DurationMs: 60_000})
	at := len(small) - 16 - 8 // the box of the pictures is the last one, with 16 bytes in it
	head := append([]byte{}, small[:at+8]...)
	binary.BigEndian.PutUint32(head[at:], uint32(size-int64(at))) //nolint:gosec // at most 4 GB
	return &film{head: head, size: size}
}

// ReadAt implements io.ReaderAt.
func (f *film) ReadAt(p []byte, at int64) (int, error) {
	n := int(min(int64(len(p)), f.size-at))
	if n <= 0 {
		return 0, io.EOF
	}
	clear(p[:n])
	if at < int64(len(f.head)) {
		copy(p[:n], f.head[at:])
	}
	f.served.Add(int64(n))
	return n, nil
}

// ServeHTTP implements http.Handler.
func (f *film) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Etag", `"film"`)
	w.Header().Set("Content-Type", "video/mp4")
	http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(f, 0, f.size))
}

// films publishes a video of so many megabytes to each platform with the real publisher, and measures what memory that took;
// beside it a process that reads the same video whole before it sends it.
func films(ctx context.Context, w *world, megabytes int) ([]row, error) {
	dir, err := os.MkdirTemp("", "herald-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, p := range []string{"functions/posts", "functions/publish", "tests/bench/whole"} {
		if err := build(ctx, w.root, p, filepath.Join(dir, filepath.Base(p))); err != nil {
			return nil, err
		}
	}
	var rows []row
	for _, of := range []struct{ platform, account, kind string }{
		{"meta", "facebook_page", "reel"}, {"linkedin", "linkedin_organization", "video"}, {"tiktok", "tiktok_account", "video"},
	} {
		way, err := stage.Find(of.platform, of.account, of.kind)
		if err != nil {
			return nil, err
		}
		r, err := w.film(ctx, dir, way, megabytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", way, err)
		}
		rows = append(rows, r)
	}
	shelf := httptest.NewServer(newFilm(int64(megabytes) << 20))
	defer shelf.Close()
	whole, err := w.whole(ctx, filepath.Join(dir, "whole"), shelf.URL)
	if err != nil {
		return nil, err
	}
	return append(rows, row{fmt.Sprintf("%d MB read whole before they are sent", megabytes), fmt.Sprintf("%.0f MB", whole), "resident, " + filmMemory}), nil
}

// film is one platform's; a video is no larger than the platform takes.
func (w *world) film(ctx context.Context, dir string, way stage.Way, megabytes int) (row, error) {
	size, limit := int64(megabytes)<<20, ""
	if most := way.Kind.Media.Files[0].MaxBytes; size > most {
		size, limit = most, ", which is all that the platform takes"
	}
	f := newFilm(size)
	shelf := httptest.NewServer(f)
	defer shelf.Close()
	to, err := w.move(ctx, way)
	if err != nil {
		return row{}, err
	}
	name := "bench-" + visitor.ID()
	q, err := sqs.NewFromConfig(w.Info.AWS()).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return row{}, err
	}
	start := func(f string) (*lambdahost.Worker, error) {
		env := append(w.env(way.Platform, w.Info.Endpoint, w.Info.Sandbox, *q.QueueUrl), "AWS_ENDPOINT_URL_S3="+shelf.URL, filmMemory)
		return lambdahost.Start(ctx, filepath.Join(dir, f), env, io.Discard)
	}
	posts, err := start("posts")
	if err != nil {
		return row{}, err
	}
	defer posts.Kill()
	id, err := w.shelve(ctx, f.size)
	if err != nil {
		return row{}, err
	}
	in, err := w.body(ctx, way, to.conn, map[string]string{"video/mp4": id})
	if err != nil {
		return row{}, err
	}
	post, err := w.acceptIn(posts, in)
	if err != nil {
		return row{}, err
	}
	publisher, err := start("publish")
	if err != nil {
		return row{}, err
	}
	defer publisher.Kill()
	began := time.Now()
	if err := w.carry(ctx, publisher, publish.JobID(post, to.conn)); err != nil {
		return row{}, err
	}
	took, served := time.Since(began), f.served.Load()
	flat, err := peak(publisher.PID())
	return row{
		fmt.Sprintf("%s of %d MB%s: the publisher's peak memory", way, size/1_000_000, limit), fmt.Sprintf("%.0f MB", flat),
		fmt.Sprintf("resident, %s; %.0f MB read from S3 in %s", filmMemory, float64(served)/1e6, took.Round(100*time.Millisecond)),
	}, err
}

// shelve puts a film into the library.
func (w *world) shelve(ctx context.Context, size int64) (string, error) {
	s := store.Store{DB: dynamodb.NewFromConfig(w.Info.AWS()), Tables: store.Tables{Media: w.Info.Outputs["MediaTable"]}}
	f := media.File{
		TenantID: w.Tenant, ID: "med_" + visitor.ID(), Name: "film.mp4", Type: "video/mp4", Bytes: size, State: media.Uploading, Key: "media/film",
		Width: 540, Height: 960, DurationMs: 60_000, Codec: "avc1", FrameRate: 30, CreatedAt: time.Now().UnixMilli(),
	}
	if _, _, err := s.CreateMedia(ctx, f); err != nil {
		return "", err
	}
	f.State, f.ReadyAt = media.Ready, f.CreatedAt
	_, err := s.FinishMedia(ctx, f)
	return f.ID, err
}

// whole runs the process that reads everything first.
func (w *world) whole(ctx context.Context, program, shelf string) (float64, error) {
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	env := append(w.env(w.first, w.Info.Endpoint, w.Info.Sandbox, "none"), "AWS_ENDPOINT_URL_S3="+shelf, "SINK="+sink.URL, filmMemory)
	worker, err := lambdahost.Start(ctx, program, env, io.Discard)
	if err != nil {
		return 0, err
	}
	defer worker.Kill()
	if _, err := worker.Invoke([]byte(`{}`), 2*time.Minute); err != nil {
		return 0, err
	}
	return peak(worker.PID())
}

// peak is the most memory a process has had, in MB, as Linux tells it.
func peak(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("process %d tells no peak", pid)
}
