package crash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/publish"
)

// visitor is somebody signed in through the front door.
type visitor struct{ tenant, cookie, csrf string }

func signUp(t *testing.T, origin string) visitor {
	t.Helper()
	body := fmt.Sprintf(`{"email":"crash-%s@herald.example","password":"crash-test-2026","name":"Kim","workspace":"Crash","time_zone":"UTC"}`, id())
	resp, err := http.Post(origin+"/v1/session/signup", "application/json", strings.NewReader(body)) //nolint:forbidigo,noctx // this machine's stack
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, http.StatusCreated, resp.StatusCode)
	var s struct {
		Workspace struct{ ID string } `json:"workspace"`
		CSRF      string              `json:"csrf_token"`
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&s))
	require.Len(t, resp.Cookies(), 1)
	return visitor{tenant: s.Workspace.ID, cookie: resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value, csrf: s.CSRF}
}

// createPost is the event API Gateway makes of POST /v1/posts.
func (v visitor) createPost(t *testing.T, key string, body any) []byte {
	t.Helper()
	b, err := json.Marshal(body)
	require.NoError(t, err)
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "ANY /v1/posts", RawPath: "/v1/posts", Body: string(b), Cookies: []string{v.cookie},
		Headers: map[string]string{"content-type": "application/json", "cookie": v.cookie, "x-csrf-token": v.csrf, "idempotency-key": key, "host": "localhost"},
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = http.MethodPost, "/v1/posts"
	e.RequestContext.DomainName, e.RequestContext.Stage = "localhost", "$default"
	out, err := json.Marshal(e)
	require.NoError(t, err)
	return out
}

// acceptOnce asks the posts function until it answers, with one key, as a client does that sees its connection break.
func (w *world) acceptOnce(v visitor, plan func(worker func() *lambdahost.Worker)) string {
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
	event := v.createPost(w.t, id(), map[string]any{"text": "Accepted " + w.tenant, "targets": []any{map[string]any{"connection_id": w.conn}}})
	for range 3 {
		started, err := lambdahost.Start(binary(w.t, "posts"), w.env(), w.logs)
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
		var p struct{ ID string }
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
		w := newWorldFor(t, signUp)
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
		require.Equal(t, "Accepted "+w.tenant, posts[0].Message)
		return w
	}
	dry := newWorldFor(t, signUp)
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
