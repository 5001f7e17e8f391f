package crash_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/lambdahost"
)

// invocation is how long one invocation may take here, and so how long a dead worker's lease lasts.
const invocation = 4 * time.Second

// fleet is the event source of one queue: it polls, keeps one process per poller, starts a new one for a dead one, and
// deletes what was answered. What Lambda does, with the processes in reach of a kill.
type fleet struct {
	w      *world
	bin    string
	queue  string
	mu     sync.Mutex
	live   map[*lambdahost.Worker]struct{}
	deaths int
}

func newFleet(w *world) *fleet {
	return newFleetOf(w, "publish", w.queueID)
}

// newFleetOf is the event source of a function's queue.
func newFleetOf(w *world, function, queue string) *fleet {
	f := &fleet{w: w, bin: binary(w.t, function), queue: queue, live: map[*lambdahost.Worker]struct{}{}}
	w.t.Cleanup(f.killAll)
	return f
}

func (f *fleet) start(ctx context.Context) (*lambdahost.Worker, error) {
	worker, err := lambdahost.Start(ctx, f.bin, f.w.env(), f.w.logs)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.live[worker] = struct{}{}
	f.mu.Unlock()
	return worker, nil
}

// kill ends the nth living process, counted around.
func (f *fleet) kill(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := 0
	for worker := range f.live {
		if i == n%len(f.live) {
			worker.Kill()
			f.deaths++
			return
		}
		i++
	}
}

func (f *fleet) killAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for worker := range f.live {
		worker.Kill()
	}
}

// run polls with n pollers until ctx ends.
func (f *fleet) run(ctx context.Context, n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { f.poll(ctx) })
	}
	wg.Wait()
}

func (f *fleet) poll(ctx context.Context) {
	var worker *lambdahost.Worker
	for ctx.Err() == nil {
		got, err := f.w.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &f.queue, MaxNumberOfMessages: 1, WaitTimeSeconds: 1,
			MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameAll},
		})
		if err != nil || len(got.Messages) == 0 {
			continue
		}
		if worker == nil {
			if worker, err = f.start(ctx); err != nil {
				continue
			}
		}
		m := got.Messages[0]
		event, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{{MessageId: *m.MessageId, ReceiptHandle: *m.ReceiptHandle, Body: *m.Body, EventSource: "aws:sqs"}}})
		if err != nil {
			panic(err) // plain strings
		}
		answer, err := worker.Invoke(event, invocation)
		select {
		case <-worker.Gone():
			f.mu.Lock()
			delete(f.live, worker)
			f.mu.Unlock()
			worker = nil
		default:
		}
		var out events.SQSEventResponse
		if err != nil || json.Unmarshal(answer, &out) != nil || len(out.BatchItemFailures) > 0 {
			continue // it becomes visible again by itself
		}
		_, _ = f.w.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &f.queue, ReceiptHandle: m.ReceiptHandle})
	}
}

// eventually waits for a condition with a deadline.
func eventually(t *testing.T, within time.Duration, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, within, 250*time.Millisecond, what)
}
