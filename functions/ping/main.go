// Ping asks the accounts whose hour it is whether they work. EventBridge starts it every minute.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/herald-publishing/herald/internal/boot"
	platforms "github.com/herald-publishing/herald/internal/boot/platform"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/telemetry"
	"github.com/herald-publishing/herald/internal/vault"
)

func main() {
	ctx := context.Background()
	b := boot.Start(ctx, "CONNECTIONS_TABLE", "VAULT_TABLE", "HEALTH_TABLE", "AUDIT_TABLE", "METRICS_TABLE", "LOANS_TABLE")
	connectors, err := platforms.Connectors(ctx, b, b.Env.Platforms)
	if err != nil {
		b.Fail(ctx, err)
	}
	keys, err := vault.NewKeys(b.AWS, b.Env.KMSKey, b.Env.VaultKey.Reveal())
	if err != nil {
		b.Fail(ctx, err)
	}
	metrics := &telemetry.Metrics{Now: time.Now, W: os.Stdout}
	p := connection.Pinger{
		Store: b.Store(), Opener: vault.Opener{Keys: keys}, Connectors: connectors, Meter: metrics, Now: time.Now, NewID: boot.NewID, Log: b.Log,
	}
	lambda.StartHandlerFunc(func(ctx context.Context, _ struct{}) (struct{}, error) {
		n, err := p.Run(ctx)
		err = errors.Join(err, metrics.Flush())
		b.Log.InfoContext(ctx, "pinged", slog.Int("connections", n))
		return struct{}{}, err
	})
}
