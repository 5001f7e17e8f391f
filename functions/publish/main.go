// Publish carries out the jobs of one platform; it is deployed once for each, on that platform's queue.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/herald-publishing/herald/internal/boot"
	platforms "github.com/herald-publishing/herald/internal/boot/platform"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/loan"
	"github.com/herald-publishing/herald/internal/media/bucket"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/telemetry"
	"github.com/herald-publishing/herald/internal/telemetry/trace"
	"github.com/herald-publishing/herald/internal/vault"
)

func main() {
	ctx := context.Background()
	b := boot.Start(ctx, "PLATFORM", "QUEUE", "DLQ", "JOBS_TABLE", "VAULT_TABLE", "CONNECTIONS_TABLE", "MEDIA_BUCKET")
	platform := b.Env.Platform
	connectors, err := platforms.Connectors(ctx, b, []string{platform})
	if err == nil && connectors[platform] == nil {
		err = errors.New("the platform's secret is empty: put the app's client_id and client_secret in")
	}
	if err != nil {
		b.Fail(ctx, err)
	}
	keys, err := vault.NewKeys(b.AWS, b.Env.KMSKey, b.Env.VaultKey.Reveal())
	if err != nil {
		b.Fail(ctx, err)
	}
	store := b.Store()
	q := &queue.Queue{
		SQS:  sqs.NewFromConfig(b.AWS),
		URLs: map[string]string{platform: b.Env.Queue}, DLQs: map[string]string{platform: b.Env.DLQ},
	}
	meter := publish.EMF{Metrics: &telemetry.Metrics{Now: time.Now, W: os.Stdout}, Log: b.Log}
	renewer := &connection.Renewer{
		Store: store, Opener: vault.Opener{Keys: keys}, Sealer: vault.Sealer{Keys: keys, Store: store}, Connectors: connectors, Meter: meter,
		Now: time.Now, NewID: boot.NewID, Log: b.Log,
	}
	runner := publish.Runner{
		Store: store, Flags: &publish.Flags{Load: store.PlatformOff, Now: time.Now}, Queue: q,
		Pace: &publish.Pace{Store: store, Now: time.Now}, HTTP: trace.Client(nil), Renewer: renewer, Lateness: store.Lateness,
		Door: publish.Door{Store: store, Opener: vault.Opener{Keys: keys}}, Box: vault.Box{Keys: keys},
		Files: bucket.New(b.AWS, b.Env.MediaBucket, ""), Meter: meter,
		Connector: connectors[platform], Log: b.Log, Now: time.Now, WaitUntil: publish.WaitUntil,
		NewID: boot.NewID, Jitter: publish.FullJitter,
	}
	if b.Env.LoanURL != "" {
		runner.Loans = &loan.Lender{Store: store, URL: b.Env.LoanURL, Now: time.Now}
	}
	batch := queue.Batch{Platform: platform, Queue: q, Run: runner.Run, Log: b.Log}
	lambda.StartHandlerFunc(batch.Handle)
}
