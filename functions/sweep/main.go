// Sweep brings back the jobs and the webhook events that somebody must look at again. EventBridge starts it every minute.
package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/webhook"
)

func main() {
	b := boot.Start(context.Background(), "JOBS_TABLE", "WEBHOOK_EVENTS_TABLE", "WEBHOOK_QUEUE")
	hooks := webhook.Sweeper{Store: b.Store(), Queue: &queue.Webhooks{SQS: sqs.NewFromConfig(b.AWS), URL: b.Env.WebhookQueue}, Now: time.Now}
	s := publish.Sweeper{
		Store: b.Store(), Queue: &queue.Queue{SQS: sqs.NewFromConfig(b.AWS), URLs: b.Env.Queues},
		Platforms: b.Env.Platforms, Log: b.Log, Now: time.Now,
	}
	lambda.StartHandlerFunc(func(ctx context.Context, _ struct{}) (struct{}, error) {
		n, err := s.Run(ctx)
		events, hooksErr := hooks.Run(ctx)
		b.Log.InfoContext(ctx, "swept", slog.Int("hints", n), slog.Int("events", events))
		return struct{}{}, errors.Join(err, hooksErr)
	})
}
