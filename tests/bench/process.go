package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/visitor"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/publish"
)

// build makes a binary as it is deployed.
func build(ctx context.Context, root, pkg, out string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-tags=lambda.norpc", "-o", out, "./"+pkg)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", pkg, err, b)
	}
	return nil
}

// starts compares how long functions take from exec to their first poll of the Runtime API with a function that only
// makes the same AWS clients, turn by turn.
func starts(ctx context.Context, w *world) ([]row, error) {
	dir, err := os.MkdirTemp("", "herald-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	names := []string{"tests/bench/bare", "functions/publish", "functions/posts", "functions/ui"}
	took := map[string][]time.Duration{}
	for _, n := range names {
		if err := build(ctx, w.root, n, filepath.Join(dir, filepath.Base(n))); err != nil {
			return nil, err
		}
	}
	for range 30 {
		for _, n := range names {
			begin := time.Now()
			worker, err := lambdahost.Start(ctx, filepath.Join(dir, filepath.Base(n)), w.env(w.Info.Endpoint, w.Info.Sandbox, "none"), io.Discard)
			if err != nil {
				return nil, err
			}
			select {
			case <-worker.Ready():
				took[n] = append(took[n], time.Since(begin))
			case <-worker.Gone():
				return nil, fmt.Errorf("%s died at its start", n)
			}
			worker.Kill()
			<-worker.Gone()
		}
	}
	median := func(n string) time.Duration {
		slices.Sort(took[n])
		return took[n][len(took[n])/2]
	}
	var rows []row
	for _, n := range names {
		rows = append(rows, row{
			"start of " + filepath.Base(n), fmt.Sprintf("%.1f ms", float64(median(n).Microseconds())/1000),
			fmt.Sprintf("exec to first poll, median of 30; %.2f x bare", float64(median(n))/float64(median(names[0]))),
		})
	}
	return rows, nil
}

// calls counts what one warm accept and one warm publish ask of AWS and of the platform.
func calls(ctx context.Context, w *world) ([]row, error) {
	dir, err := os.MkdirTemp("", "herald-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	tap := wiretap.New()
	aws, box := httptest.NewServer(tap.To(w.Info.Endpoint)), httptest.NewServer(tap.To(w.Info.Sandbox))
	defer aws.Close()
	defer box.Close()
	name := "bench-" + visitor.ID()
	q, err := sqs.NewFromConfig(w.Info.AWS()).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return nil, err
	}
	workers := map[string]*lambdahost.Worker{}
	for _, f := range []string{"posts", "publish"} {
		if err := build(ctx, w.root, "functions/"+f, filepath.Join(dir, f)); err != nil {
			return nil, err
		}
		if workers[f], err = lambdahost.Start(ctx, filepath.Join(dir, f), w.env(aws.URL, box.URL, *q.QueueUrl), io.Discard); err != nil {
			return nil, err
		}
		defer workers[f].Kill()
	}
	var accept, publishing []wiretap.Call
	for range 2 { // the second one is warm
		before := len(tap.Calls())
		id, err := w.acceptIn(workers["posts"], map[string]any{"text": "counted " + visitor.ID(), "targets": []any{map[string]any{"connection_id": w.conn}}})
		if err != nil {
			return nil, err
		}
		accept = tap.Calls()[before:]
		before = len(tap.Calls())
		body, err := json.Marshal(publish.Message{Tenant: w.Tenant, Job: publish.JobID(id, w.conn)})
		if err != nil {
			return nil, err
		}
		event, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: string(body)}}})
		if err != nil {
			return nil, err
		}
		if _, err := workers["publish"].Invoke(event, 30*time.Second); err != nil {
			return nil, err
		}
		publishing = tap.Calls()[before:]
	}
	return []row{count("AWS calls per accepted post", accept), count("AWS calls per published text post", publishing)}, nil
}

func count(what string, calls []wiretap.Call) row {
	var aws, platform []string
	for _, c := range calls {
		if strings.Contains(c.Name, "/meta/") {
			platform = append(platform, c.Name)
			continue
		}
		_, op, _ := strings.Cut(c.Name, ".")
		aws = append(aws, op)
	}
	return row{what, strconv.Itoa(len(aws)), fmt.Sprintf("%s; beside %d of the platform", strings.Join(aws, ", "), len(platform))}
}

func (w *world) acceptIn(worker *lambdahost.Worker, body map[string]any) (string, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "ANY /v1/posts", RawPath: "/v1/posts", Body: string(b), Cookies: []string{w.Cookie},
		Headers: map[string]string{"content-type": "application/json", "cookie": w.Cookie, "x-csrf-token": w.CSRF, "idempotency-key": visitor.ID(), "host": "localhost"},
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.DomainName, e.RequestContext.Stage = http.MethodPost, "/v1/posts", "localhost", "$default"
	event, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	answer, err := worker.Invoke(event, 30*time.Second)
	if err != nil {
		return "", err
	}
	var resp events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(answer, &resp); err != nil {
		return "", err
	}
	var p struct {
		ID string `json:"id"`
	}
	if resp.StatusCode != http.StatusAccepted {
		return "", fmt.Errorf("accept: %d %s", resp.StatusCode, resp.Body)
	}
	err = json.Unmarshal([]byte(resp.Body), &p)
	return p.ID, err
}

// env is a function's environment as the template sets it.
func (w *world) env(endpoint, sandbox, queue string) []string {
	o := w.Info.Outputs
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "AWS_ENDPOINT_URL=" + endpoint, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test",
		"AWS_SECRET_ACCESS_KEY=test", "STAGE=local", "LOG_LEVEL=info", "PUBLIC_URL=" + w.Info.URL, "PLATFORMS=meta",
		"TENANTS_TABLE=" + o["TenantsTable"], "CONNECTIONS_TABLE=" + o["ConnectionsTable"], "VAULT_TABLE=" + o["VaultTable"], "POSTS_TABLE=" + o["PostsTable"],
		"JOBS_TABLE=" + o["JobsTable"], "AUDIT_TABLE=" + o["AuditTable"], "METRICS_TABLE=" + o["MetricsTable"], "IDEMPOTENCY_TABLE=" + o["IdempotencyTable"],
		"MEDIA_TABLE=" + o["MediaTable"], "HEALTH_TABLE=" + o["HealthTable"], "KMS_KEY=" + o["TokenKey"], "MEDIA_BUCKET=" + o["MediaBucket"], "META_SECRET=" + o["MetaSecret"],
		"META_GRAPH_URL=" + sandbox + "/meta/graph", "META_DIALOG_URL=" + sandbox + "/meta/www", "META_API_VERSION=v26.0",
		"META_INSTAGRAM_GRAPH_URL=" + sandbox + "/meta/instagram/graph", "META_INSTAGRAM_TOKEN_URL=" + sandbox + "/meta/instagram/api",
		"META_INSTAGRAM_DIALOG_URL=" + sandbox + "/meta/instagram/www",
		"PLATFORM=meta", "QUEUE=" + queue, "DLQ=" + queue, "QUEUE_META=" + queue, "ACT_FUNCTION=none",
	}
}
