// Act does what a person's click needs from a platform at once. Nothing outside can reach it; the HTTP functions name an
// operation and a job.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/herald-publishing/herald/internal/act"
	"github.com/herald-publishing/herald/internal/boot"
	platforms "github.com/herald-publishing/herald/internal/boot/platform"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/vault"
)

func main() {
	ctx := context.Background()
	b := boot.Start(ctx, "JOBS_TABLE", "VAULT_TABLE", "CONNECTIONS_TABLE", "COMMENTS_TABLE", "METRICS_TABLE")
	connectors, err := platforms.Connectors(ctx, b, b.Env.Platforms)
	if err != nil {
		b.Fail(ctx, err)
	}
	keys, err := vault.NewKeys(b.AWS, b.Env.KMSKey, b.Env.VaultKey.Reveal())
	if err != nil {
		b.Fail(ctx, err)
	}
	store := b.Store()
	desk := act.Desk{
		Store: store, Door: publish.Door{Store: store, Opener: vault.Opener{Keys: keys}}, Connectors: connectors,
		Log: b.Log, Now: time.Now, NewID: boot.NewID,
	}
	lambda.StartHandlerFunc(desk.Do)
}
