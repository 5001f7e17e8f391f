// Receive takes what the platforms deliver: it verifies, stores, and hands over. It stands behind a function URL of its
// own, since a platform is no caller of the API.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/boot/platform"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/telemetry"
	"github.com/herald-publishing/herald/internal/webhook"
)

func main() {
	ctx := context.Background()
	b := boot.Start(ctx, "WEBHOOK_EVENTS_TABLE", "CONNECTIONS_TABLE", "WEBHOOK_QUEUE")
	platforms, err := platform.Webhooks(ctx, b, b.Env.Platforms)
	if err != nil {
		b.Fail(ctx, err)
	}
	door := webhook.Door{
		Receiver:  &webhook.Receiver{Store: b.Store(), Queue: &queue.Webhooks{SQS: sqs.NewFromConfig(b.AWS), URL: b.Env.WebhookQueue}, Meter: webhook.EMF{Metrics: &telemetry.Metrics{Now: time.Now, W: os.Stdout}, Log: b.Log}, Now: time.Now, Log: b.Log},
		Platforms: platforms, PublicURL: b.Env.HooksURL, Log: b.Log,
	}
	httpfn.Start(door.Handler())
}
