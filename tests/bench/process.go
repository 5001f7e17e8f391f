package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/visitor"
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
			worker, err := lambdahost.Start(ctx, filepath.Join(dir, filepath.Base(n)), w.env(w.first, w.Info.Endpoint, w.Info.Sandbox, "none"), io.Discard)
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

// env is a function's environment as the template sets it, for one platform.
func (w *world) env(p stage.Platform, endpoint, sandbox, queue string) []string {
	o, name := w.Info.Outputs, strings.ToUpper(p.Name)
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "AWS_ENDPOINT_URL=" + endpoint, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test",
		"AWS_SECRET_ACCESS_KEY=test", "STAGE=local", "LOG_LEVEL=info", "PUBLIC_URL=" + w.Info.URL, "PLATFORMS=" + p.Name,
		"TENANTS_TABLE=" + o["TenantsTable"], "CONNECTIONS_TABLE=" + o["ConnectionsTable"], "VAULT_TABLE=" + o["VaultTable"], "POSTS_TABLE=" + o["PostsTable"],
		"JOBS_TABLE=" + o["JobsTable"], "AUDIT_TABLE=" + o["AuditTable"], "METRICS_TABLE=" + o["MetricsTable"], "IDEMPOTENCY_TABLE=" + o["IdempotencyTable"],
		"MEDIA_TABLE=" + o["MediaTable"], "HEALTH_TABLE=" + o["HealthTable"], "WEBHOOK_EVENTS_TABLE=" + o["WebhookEventsTable"], "KMS_KEY=" + o["TokenKey"],
		"MEDIA_BUCKET=" + o["MediaBucket"], name + "_SECRET=" + o[p.Secret],
		"LOANS_TABLE=" + o["LoansTable"], "LOAN_URL=" + w.Info.URL + "/loans",
		"PLATFORM=" + p.Name, "QUEUE=" + queue, "DLQ=" + queue, "QUEUE_" + name + "=" + queue, "ACT_FUNCTION=none",
	}, p.Settings(sandbox)...)
}
