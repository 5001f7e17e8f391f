package crash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/stack"
	"github.com/herald-publishing/herald/internal/local/visitor"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/publish"
)

func signUp(t *testing.T, info stack.Info) *visitor.Visitor {
	t.Helper()
	v, err := visitor.SignUp(t.Context(), info)
	require.NoError(t, err)
	return v
}

// createPost is the event API Gateway makes of POST /v1/posts.
func createPost(t *testing.T, v *visitor.Visitor, key string, body any) []byte {
	t.Helper()
	b, err := json.Marshal(body)
	require.NoError(t, err)
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "ANY /v1/posts", RawPath: "/v1/posts", Body: string(b), Cookies: []string{v.Cookie},
		Headers: map[string]string{"content-type": "application/json", "cookie": v.Cookie, "x-csrf-token": v.CSRF, "idempotency-key": key, "host": "localhost"},
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = http.MethodPost, "/v1/posts"
	e.RequestContext.DomainName, e.RequestContext.Stage = "localhost", "$default"
	out, err := json.Marshal(e)
	require.NoError(t, err)
	return out
}

// acceptOnce asks the posts function until it answers, with one key, as a client does that sees its connection break.
func (w *world) acceptOnce(v *visitor.Visitor, plan func(worker func() *lambdahost.Worker)) string {
	w.t.Helper()
	var (
		mu     sync.Mutex
		worker *lambdahost.Worker
	)
	current := func() *lambdahost.Worker {
		mu.Lock()
		defer mu.Unlock()
		return worker
	}
	plan(current)
	event := createPost(w.t, v, id(), map[string]any{"text": "Accepted " + w.tenant, "targets": []any{map[string]any{"connection_id": w.conn}}})
	for range 3 {
		started, err := lambdahost.Start(w.t.Context(), binary(w.t, "posts"), w.env(), w.logs)
		require.NoError(w.t, err)
		mu.Lock()
		worker = started
		mu.Unlock()
		w.t.Cleanup(started.Kill)
		answer, err := started.Invoke(event, invocation)
		if err != nil {
			continue
		}
		var resp events.APIGatewayV2HTTPResponse
		require.NoError(w.t, json.Unmarshal(answer, &resp))
		require.Equal(w.t, http.StatusAccepted, resp.StatusCode, resp.Body)
		var p struct {
			ID string `json:"id"`
		}
		require.NoError(w.t, json.NewDecoder(bytes.NewReader([]byte(resp.Body))).Decode(&p))
		return p.ID
	}
	w.t.Fatal("never accepted")
	return ""
}

func TestAcceptSurvivesAKillAtEveryCall(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, plan func(w *world, worker func() *lambdahost.Worker)) *world {
		t.Helper()
		w := newWorldFor(t, metaWay(t, "facebook_page"), signUp)
		postID := w.acceptOnce(w.visitor, func(worker func() *lambdahost.Worker) { plan(w, worker) })
		ctx, cancel := context.WithCancel(t.Context())
		f := newFleet(w)
		var wg sync.WaitGroup
		wg.Go(func() { f.run(ctx, 1) })
		wg.Go(func() { w.sweep(ctx) })
		p := publish.Post{ID: postID}
		eventually(t, 60*time.Second, "the accepted post never ended", func() bool { return w.job(p).Status.Final() })
		cancel()
		f.killAll()
		wg.Wait()
		require.Equal(t, publish.Published, w.job(p).Status)
		posts := w.timeline()
		require.Len(t, posts, 1)
		require.Equal(t, "Accepted "+w.tenant, posts[0].Text)
		return w
	}
	dry := newWorldFor(t, metaWay(t, "facebook_page"), signUp)
	dry.acceptOnce(dry.visitor, func(func() *lambdahost.Worker) {})
	calls := dry.tap.Calls()
	for _, c := range calls {
		t.Logf("call %d: %s", c.N, c.Name)
	}
	require.GreaterOrEqual(t, len(calls), 4, "session, account, transaction, message")
	for n := 1; n <= len(calls); n++ {
		for moment, name := range map[wiretap.Moment]string{wiretap.Before: "before", wiretap.After: "after"} {
			t.Run(fmt.Sprintf("%s call %d %s", name, n, calls[n-1].Name), func(t *testing.T) {
				t.Parallel()
				w := run(t, func(w *world, worker func() *lambdahost.Worker) {
					w.tap.StrikeAt(n, moment, func() { worker().Kill() })
				})
				require.True(t, w.tap.Struck(), "the plan was carried out")
			})
		}
	}
}
