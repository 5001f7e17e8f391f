package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/all"
	"github.com/herald-publishing/herald/internal/local/visitor"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/telemetry"
	"github.com/herald-publishing/herald/internal/webhook"
)

const (
	// hookSecret is the sandbox's app secret, which its index page shows.
	hookSecret = "sandbox-meta-secret"
	// hookCallers is how many deliveries are taken at the same time, as by so many instances of the function.
	hookCallers = 64
	perDelivery = 50
)

// singly is the alternative to the batched transactions: each event by a conditional put of its own.
type singly struct{ *store.Store }

// PutEvents implements webhook.ReceiveStore.
func (s singly) PutEvents(ctx context.Context, events []webhook.Event) ([]webhook.State, error) {
	states := make([]webhook.State, len(events))
	var work errgroup.Group
	work.SetLimit(8)
	for i, e := range events {
		work.Go(func() (err error) {
			states[i], err = s.PutEvent(ctx, e)
			return err
		})
	}
	return states, work.Wait()
}

// hooks sends a burst of webhook events, at an even rate whatever comes back, through everything the receive function does:
// signature, split, look-up of the account, storing, queueing. As it is built, and beside it two alternatives.
func (w *world) hooks(ctx context.Context, rate, seconds int) ([]row, error) {
	name := "bench-" + visitor.ID()
	client := sqs.NewFromConfig(w.Info.AWS())
	q, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name}) // nobody works behind it
	if err != nil {
		return nil, err
	}
	send := &queue.Webhooks{SQS: client, URL: *q.QueueUrl}
	events := &store.Store{DB: dynamodb.NewFromConfig(w.Info.AWS()), Tables: store.Tables{
		WebhookEvents: w.Info.Outputs["WebhookEventsTable"], Connections: w.Info.Outputs["ConnectionsTable"],
	}}
	emulator, err := emulatorPID(w.Info.DataDir)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, v := range []struct {
		what  string
		store webhook.ReceiveStore
		size  int
	}{
		{"50 per delivery, in transactions as built", events, perDelivery},
		{"50 per delivery, a conditional put for each", singly{events}, perDelivery},
		{"1 per delivery", events, 1},
	} {
		door, err := hookDoor(v.store, send)
		if err != nil {
			return nil, err
		}
		r, err := w.burst(ctx, door, rate, seconds, v.size, emulator)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.what, err)
		}
		r.what = fmt.Sprintf("%d webhook events/s for %d s, %s: accepted p50 / p95", rate, seconds, v.what)
		rows = append(rows, r)
	}
	return rows, nil
}

// hookDoor is what functions/receive serves.
func hookDoor(events webhook.ReceiveStore, q webhook.Queue) (http.Handler, error) {
	log := slog.New(slog.DiscardHandler)
	made, err := all.Connectors(all.Config{
		Platforms: []string{"meta"}, Log: log, Now: time.Now, HTTP: &http.Client{},
		Credentials: func(string) (all.Apps, error) {
			return all.Apps{App: all.App{ClientID: "100200300", ClientSecret: connector.NewSecret(hookSecret)}}, nil
		},
	})
	if err != nil {
		return nil, err
	}
	hooks, ok := made["meta"].(connector.Webhooks)
	if !ok {
		return nil, errors.New("meta takes no webhooks")
	}
	door := webhook.Door{
		Receiver: &webhook.Receiver{
			Store: events, Queue: q, Log: log,
			Now:   func() time.Time { return time.Now().Add(time.Hour) }, // the stack's sweep, which takes what nobody applies, is not to work meanwhile
			Meter: webhook.EMF{Metrics: &telemetry.Metrics{Now: time.Now, W: new(bytes.Buffer)}, Log: log},
		},
		Platforms: map[string]webhook.Platform{"meta": {Webhooks: hooks}}, Log: log,
	}
	return door.Handler(), nil
}

// burst gives the time from the moment at which a delivery was due until it was answered for.
func (w *world) burst(ctx context.Context, door http.Handler, rate, seconds, size, emulator int) (row, error) {
	n := rate * seconds / size
	var (
		mu     sync.Mutex
		took   []time.Duration
		failed error
		work   errgroup.Group
	)
	work.SetLimit(hookCallers)
	if status := deliver(ctx, door, w.comments(size)); status != http.StatusOK { // connections are made, as in a warm function
		return row{}, fmt.Errorf("the first delivery was answered with %d", status)
	}
	busy, own := cpuOf(emulator), cpuOfSelf()
	start := time.Now()
	for i := range n {
		due := start.Add(time.Duration(i) * time.Second * time.Duration(size) / time.Duration(rate))
		body := w.comments(size)
		<-time.After(time.Until(due))
		work.Go(func() error { // waits while all callers are busy; that counts
			status := deliver(ctx, door, body)
			mu.Lock()
			defer mu.Unlock()
			if took = append(took, time.Since(due)); status != http.StatusOK {
				failed = fmt.Errorf("a delivery was answered with %d", status)
			}
			return nil
		})
	}
	_ = work.Wait() // the functions return no error
	all := time.Since(start)
	busy, own = cpuOf(emulator)-busy, cpuOfSelf()-own
	if failed != nil {
		return row{}, failed
	}
	each := func(d time.Duration) string {
		return fmt.Sprintf("%.2f ms per event, %d %% of a core", float64(d.Microseconds())/1000/float64(n*size), 100*d/all)
	}
	return row{"", percentiles(took, 50, 95), fmt.Sprintf("%d deliveries, %.0f events/s got through; processor: emulator %s; receiver and load %s",
		n, float64(n*size)/all.Seconds(), each(busy), each(own))}, nil
}

func deliver(ctx context.Context, door http.Handler, body []byte) int {
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write(body)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/meta", bytes.NewReader(body))
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	out := httptest.NewRecorder()
	door.ServeHTTP(out, r)
	return out.Code
}

// comments is a delivery about so many new comments on the linked Page.
func (w *world) comments(n int) []byte {
	var changes []any
	now := time.Now().Unix()
	for range n {
		changes = append(changes, map[string]any{"field": "feed", "value": map[string]any{
			"item": "comment", "verb": "add", "post_id": w.page + "_1", "parent_id": w.page + "_1", "comment_id": "1_" + visitor.ID(),
			"from": map[string]any{"id": "7", "name": "Kim Fan"}, "message": "Are you open on Sunday? We would be six, and one of us takes no milk.", "created_time": now,
		}})
	}
	body, _ := json.Marshal(map[string]any{"object": "page", "entry": []any{map[string]any{"id": w.page, "time": now, "changes": changes}}}) // maps of texts always encode
	return body
}

// emulatorPID finds the emulator by the program it runs, which lies in the stack's data.
func emulatorPID(data string) (int, error) {
	programs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, err
	}
	for _, p := range programs {
		line, err := os.ReadFile(p)
		if err == nil && strings.Contains(string(line), filepath.Join(data, "ministack_fast.py")) {
			return strconv.Atoi(filepath.Base(filepath.Dir(p)))
		}
	}
	return 0, fmt.Errorf("no emulator runs for %s", data)
}

// cpuOf is what a process has used of the processors, as Linux tells it in ticks of 10 ms; 0 when it does not.
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func cpuOf(pid int) time.Duration {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // what is not told is not counted
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(f[11], 10, 64) // a number by the kernel's word
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func cpuOfSelf() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails only for another argument
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
