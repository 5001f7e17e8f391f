package crash_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/webhook"
)

// delivery is the event that a function URL makes of what Meta sends.
func delivery(t *testing.T, path, contentType, body, signature string) []byte {
	t.Helper()
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: path, Body: body,
		Headers: map[string]string{"content-type": contentType, "x-hub-signature-256": signature, "host": "localhost"},
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = http.MethodPost, path
	e.RequestContext.DomainName, e.RequestContext.Stage = "localhost", "$default"
	out, err := json.Marshal(e)
	require.NoError(t, err)
	return out
}

func metaSigned(text string) []byte {
	m := hmac.New(sha256.New, []byte("sandbox-meta-secret"))
	m.Write([]byte(text))
	return m.Sum(nil)
}

// notices is one delivery of each kind that changes something: two comments and a permission that is gone.
func (w *world) notices() [][]byte {
	now := time.Now().Unix()
	feed := func(comment int) string {
		return fmt.Sprintf(`{"id":%q,"time":%d,"changes":[{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"1_%d","message":"m","created_time":%d}}]}`, w.page, now, comment, now)
	}
	var out [][]byte
	for _, body := range []string{
		`{"object":"page","entry":[` + feed(1) + "," + feed(2) + `]}`,
		fmt.Sprintf(`{"object":"permissions","entry":[{"id":%q,"time":%d,"changes":[{"field":"pages_manage_posts","value":{"verb":"revoked"}}]}]}`, w.person, now),
	} {
		out = append(out, delivery(w.t, "/meta", "application/json", body, "sha256="+hex.EncodeToString(metaSigned(body))))
	}
	return out
}

// wish is the delivery with which a person asks for deletion.
func (w *world) wish() [][]byte {
	payload := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"algorithm":"HMAC-SHA256","issued_at":%d,"user_id":%q}`, time.Now().Unix(), w.person))
	form := url.Values{"signed_request": {base64.RawURLEncoding.EncodeToString(metaSigned(payload)) + "." + payload}}
	return [][]byte{delivery(w.t, "/meta/data-deletion", "application/x-www-form-urlencoded", form.Encode(), "")}
}

// take delivers until the function answers 200, as the platform does.
func (w *world) take(event []byte, started func(*lambdahost.Worker)) {
	w.t.Helper()
	for range 3 {
		worker, err := lambdahost.Start(w.t.Context(), binary(w.t, "receive"), w.env(), w.logs)
		require.NoError(w.t, err)
		w.t.Cleanup(worker.Kill)
		started(worker)
		answer, err := worker.Invoke(event, 20*time.Second)
		if err != nil {
			continue
		}
		var resp events.APIGatewayV2HTTPResponse
		require.NoError(w.t, json.Unmarshal(answer, &resp))
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
	w.t.Fatal("never taken")
}

// ended tells whether there are events and all of them have ended.
func (w *world) ended(want int) bool {
	all, _, err := w.store.Events(w.t.Context(), w.tenant, false, "", 100)
	if err != nil || len(all) < want {
		return false
	}
	for _, e := range all {
		if e.State == webhook.Received {
			return false
		}
	}
	return len(all) == want
}

// told runs receive and process through a plan and waits until the events have ended. The sweep's clock runs ahead, so
// that what a dead worker left is brought back at once.
func (w *world) told(deliveries [][]byte, want int, plan func(kill func())) {
	w.t.Helper()
	var mu sync.Mutex
	var receiving *lambdahost.Worker
	f := newFleetOf(w, "process", w.hooks.URL)
	plan(func() { // whoever is at work: receive, or what applies what it has handed over
		mu.Lock()
		defer mu.Unlock()
		if receiving != nil {
			receiving.Kill()
			return
		}
		f.killAll()
	})
	for _, d := range deliveries {
		w.take(d, func(worker *lambdahost.Worker) {
			mu.Lock()
			defer mu.Unlock()
			receiving = worker
		})
	}
	mu.Lock()
	receiving = nil
	mu.Unlock()
	ctx, cancel := context.WithCancel(w.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { f.run(ctx, 1) })
	wg.Go(func() {
		s := webhook.Sweeper{Store: w.store, Queue: w.hooks, Now: func() time.Time { return time.Now().Add(3 * time.Minute) }}
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_, _ = s.Run(ctx) // the next one makes up for a failed one
			}
		}
	})
	eventually(w.t, 60*time.Second, "the events never ended", func() bool { return w.ended(want) })
	cancel()
	f.killAll()
	wg.Wait()
}

// trail counts the audit lines of a kind.
func (w *world) trail(kind string) int {
	w.t.Helper()
	rows, err := w.store.AuditTrail(w.t.Context(), w.tenant, w.conn, "", 100)
	require.NoError(w.t, err)
	n := 0
	for _, r := range rows {
		if r.Kind == kind {
			n++
		}
	}
	return n
}

// strikes runs a scenario once undisturbed to count its calls, then once for each call and moment.
func strikes(t *testing.T, least int, scenario func(w *world, plan func(kill func()))) {
	t.Helper()
	dry := newWorld(t)
	scenario(dry, func(func()) {})
	calls := dry.tap.Calls()
	for _, c := range calls {
		t.Logf("call %d: %s", c.N, c.Name)
	}
	require.GreaterOrEqual(t, len(calls), least)
	for n := 1; n <= len(calls); n++ {
		for moment, name := range map[wiretap.Moment]string{wiretap.Before: "before", wiretap.After: "after"} {
			t.Run(fmt.Sprintf("%s call %d %s", name, n, calls[n-1].Name), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				scenario(w, func(kill func()) { w.tap.StrikeAt(n, moment, kill) })
				w.requireStruck(n, least)
			})
		}
	}
}

func TestNoticesSurviveAKillAtEveryCall(t *testing.T) {
	t.Parallel()
	strikes(t, 15, func(w *world, plan func(kill func())) {
		w.told(w.notices(), 3, plan)
		c, _, err := w.store.Connection(w.t.Context(), w.tenant, w.conn)
		require.NoError(w.t, err)
		require.Equal(w.t, connection.Blocked, c.Status)
		require.Contains(w.t, c.Reason, "pages_manage_posts")
		require.Equal(w.t, 1, w.trail("blocked"), "told once")
		list, _, err := w.store.Comments(w.t.Context(), w.tenant, comment.Filter{ConnectionID: w.conn}, "", 10)
		require.NoError(w.t, err)
		require.Len(w.t, list, 2)
	})
}

func TestADeletionSurvivesAKillAtEveryCall(t *testing.T) {
	t.Parallel()
	strikes(t, 10, func(w *world, plan func(kill func())) {
		e := webhook.Event{TenantID: w.tenant, ConnectionID: w.conn, ID: "whe_x"}
		e.Comment = &connector.CommentChange{ID: "1_1", Verb: connector.CommentAdd, Text: "hello"}
		_, err := w.store.ApplyComment(w.t.Context(), e, time.Now())
		require.NoError(w.t, err)
		w.told(w.wish(), 1, plan)
		c, _, err := w.store.Connection(w.t.Context(), w.tenant, w.conn)
		require.NoError(w.t, err)
		require.Equal(w.t, connection.Disconnected, c.Status)
		require.Equal(w.t, 1, w.trail(connection.EventDisconnected), "told once")
		list, _, err := w.store.Comments(w.t.Context(), w.tenant, comment.Filter{ConnectionID: w.conn}, "", 10)
		require.NoError(w.t, err)
		require.Empty(w.t, list)
		row, err := w.store.DB.GetItem(w.t.Context(), &dynamodb.GetItemInput{
			TableName: &w.store.Tables.Vault, ConsistentRead: aws.Bool(true),
			Key: map[string]types.AttributeValue{"connection_id": &types.AttributeValueMemberS{Value: w.conn}, "version": &types.AttributeValueMemberS{Value: w.version}},
		})
		require.NoError(w.t, err)
		if len(row.Item) > 0 { // the emulator may have been faster
			require.Contains(w.t, row.Item, "ttl", "the token vanishes")
		}
	})
}

// What a platform tells of posts: one is removed there, and one that is waited for is done.
func TestWhatIsToldOfPostsSurvivesAKillAtEveryCall(t *testing.T) {
	t.Parallel()
	strikes(t, 15, func(w *world, plan func(kill func())) {
		ended := func(p publish.Post, change func(j *publish.Job)) publish.Job {
			j, err := w.store.ClaimJob(w.t.Context(), w.tenant, p.Jobs[0].ID, id(), time.Now(), time.Now().Add(time.Minute))
			require.NoError(w.t, err)
			change(&j)
			require.NoError(w.t, w.store.FinishAttempt(w.t.Context(), publish.Outcome{Job: j}, time.Now()))
			return j
		}
		live, waited := w.accept("live", "text"), w.accept("waited for", "text")
		ended(live, func(j *publish.Job) {
			j.Status, j.Receipt = publish.Published, &connector.Receipt{ExternalID: w.page + "_1"}
		})
		later := time.Now().Add(time.Hour).UnixMilli()
		j := ended(waited, func(j *publish.Job) {
			j.Status, j.NextAt = publish.Waiting, later
			j.Steps = map[string]publish.StepLog{"init": {StartedAt: 1, DoneAt: 2, Reference: "ref_1"}}
		})
		e := webhook.Event{
			ID: webhook.EventID(j.Platform, id(), w.conn), Platform: j.Platform, TenantID: w.tenant, ConnectionID: w.conn, Kind: connector.WebhookPost,
			State: webhook.Received, Post: &connector.PostChange{Reference: "ref_1", State: connector.PostPublished},
			At: time.Now().UnixMilli(), ReceivedAt: time.Now().UnixMilli(), AttendAt: time.Now().UnixMilli(),
		}
		e.Source = webhook.SourceOf(e.Platform, e.ID)
		_, err := w.store.PutEvent(w.t.Context(), e)
		require.NoError(w.t, err)
		body := fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":%d,"changes":[{"field":"feed","value":{"item":"status","verb":"remove","post_id":"%s_1"}}]}]}`,
			w.page, time.Now().Unix(), w.page)
		w.told([][]byte{delivery(w.t, "/meta", "application/json", body, "sha256="+hex.EncodeToString(metaSigned(body)))}, 2, plan)

		gone := w.job(live)
		require.Equal(w.t, publish.Published, gone.Status)
		require.NotZero(w.t, gone.RemovedAt)
		require.Equal(w.t, 1, w.trail(publish.AuditTold), "noted once")
		woken := w.job(waited)
		require.Equal(w.t, publish.Waiting, woken.Status)
		require.Less(w.t, woken.NextAt, later)
		require.Equal(w.t, 1, w.trail(publish.AuditWait), "woken once")
	})
}
