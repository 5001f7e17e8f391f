// Package boot owns what happens before the first event: the environment becomes a struct or the start fails
// loudly, and the AWS clients are made once.
package boot

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/telemetry"
	"github.com/herald-publishing/herald/internal/telemetry/trace"
)

// Env is the environment of a function, as template.yaml sets it.
type Env struct {
	Stage     string
	PublicURL string   // origin of the page; empty = take the request's host
	Platforms []string // switched on by the operator

	Tables      store.Tables
	KMSKey      string
	VaultKey    connector.Secret // base64 of 32 bytes; set only where there is no KMS
	MediaBucket string
	MediaOrigin string

	Queues   map[string]string // platform -> queue URL
	Platform string            // publisher: the one platform it serves
	Queue    string            // publisher: its own queue
	DLQ      string            // publisher: its dead-letter queue

	PoolID, PoolClientID, SignUpConfirmation string
	ActFunction                              string
	HooksURL                                 string // where the platforms see the webhooks; empty = the function's own address
	WebhookQueue, WebhookDLQ                 string // queue URLs
	LoanURL                                  string // publisher: where lent files are served; empty = its platform takes the bytes

	getenv func(string) string
}

// Read reads the environment. required names the variables this function cannot work without.
func Read(getenv func(string) string, required ...string) (Env, error) {
	var missing []string
	for _, k := range required {
		if getenv(k) == "" {
			missing = append(missing, k)
		}
	}
	if len(missing) > 0 {
		return Env{}, fmt.Errorf("boot: not set: %s", strings.Join(missing, ", "))
	}
	e := Env{
		Stage: getenv("STAGE"), PublicURL: strings.TrimRight(getenv("PUBLIC_URL"), "/"),
		Tables: store.Tables{
			Tenants: getenv("TENANTS_TABLE"), Connections: getenv("CONNECTIONS_TABLE"), Vault: getenv("VAULT_TABLE"),
			Posts: getenv("POSTS_TABLE"), Jobs: getenv("JOBS_TABLE"), Audit: getenv("AUDIT_TABLE"),
			Metrics: getenv("METRICS_TABLE"), Idempotency: getenv("IDEMPOTENCY_TABLE"), Media: getenv("MEDIA_TABLE"),
			Health:        getenv("HEALTH_TABLE"),
			WebhookEvents: getenv("WEBHOOK_EVENTS_TABLE"), Comments: getenv("COMMENTS_TABLE"), Loans: getenv("LOANS_TABLE"),
		},
		KMSKey: getenv("KMS_KEY"), VaultKey: connector.NewSecret(getenv("VAULT_KEY")),
		MediaBucket: getenv("MEDIA_BUCKET"), MediaOrigin: getenv("MEDIA_ORIGIN"),
		Queues: map[string]string{}, Platform: getenv("PLATFORM"), Queue: getenv("QUEUE"), DLQ: getenv("DLQ"),
		PoolID: getenv("POOL_ID"), PoolClientID: getenv("POOL_CLIENT_ID"), SignUpConfirmation: getenv("SIGNUP_CONFIRMATION"),
		ActFunction: getenv("ACT_FUNCTION"), getenv: getenv,
		HooksURL: strings.TrimRight(getenv("HOOKS_URL"), "/"), WebhookQueue: getenv("WEBHOOK_QUEUE"), WebhookDLQ: getenv("WEBHOOK_DLQ"),
		LoanURL: strings.TrimRight(getenv("LOAN_URL"), "/"),
	}
	for p := range strings.SplitSeq(getenv("PLATFORMS"), ",") {
		if p = strings.TrimSpace(p); p != "" {
			e.Platforms = append(e.Platforms, p)
			if q := getenv("QUEUE_" + strings.ToUpper(p)); q != "" {
				e.Queues[p] = q
			}
		}
	}
	return e, nil
}

// Get reads a platform's own variable (META_GRAPH_URL); connectors' settings are the platform's business.
func (e Env) Get(key string) string { return e.getenv(key) }

// PlatformOn tells whether the operator has the platform switched on.
func (e Env) PlatformOn(platform string) bool { return slices.Contains(e.Platforms, platform) }

// Base is what every function starts from.
type Base struct {
	Env Env
	AWS aws.Config
	Log *slog.Logger
}

// Start reads the environment and makes the AWS configuration. A missing variable ends the process, so that a wrong
// deploy fails at its first start and not at its first customer.
func Start(ctx context.Context, required ...string) Base {
	log := telemetry.NewLogger(os.Stdout, os.Getenv("LOG_LEVEL"))
	slog.SetDefault(log)
	env, err := Read(os.Getenv, required...)
	if err != nil {
		exit(ctx, log, err)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		exit(ctx, log, err)
	}
	trace.InstrumentAWS(&cfg)
	return Base{Env: env, AWS: cfg, Log: log}
}

// Fail ends the process: a function that cannot be wired must not wait for its first customer to find out.
func (b Base) Fail(ctx context.Context, err error) { exit(ctx, b.Log, err) }

func exit(ctx context.Context, log *slog.Logger, err error) {
	log.ErrorContext(ctx, "cannot start", slog.String("error", err.Error()))
	os.Exit(1)
}

// Store makes the store on the function's tables.
func (b Base) Store() *store.Store {
	return &store.Store{DB: dynamodb.NewFromConfig(b.AWS), Tables: b.Env.Tables}
}
