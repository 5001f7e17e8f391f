// Process applies stored webhook events; it reads them from their own queue.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/all"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/webhook"
)

func main() {
	b := boot.Start(context.Background(), "WEBHOOK_EVENTS_TABLE", "COMMENTS_TABLE", "CONNECTIONS_TABLE", "VAULT_TABLE", "AUDIT_TABLE", "JOBS_TABLE", "IDEMPOTENCY_TABLE", "METRICS_TABLE", "LOANS_TABLE", "WEBHOOK_DLQ")
	q := &queue.Webhooks{SQS: sqs.NewFromConfig(b.AWS), URL: b.Env.WebhookQueue, DLQ: b.Env.WebhookDLQ}
	logins := map[string]connector.Info{}
	for _, i := range all.Infos() {
		logins[i.Platform] = i
	}
	s, jobs := b.Store(), &queue.Queue{SQS: q.SQS, URLs: b.Env.Queues}
	p := webhook.Processor{
		Store: s, Queue: q, Posts: &publish.Teller{Store: s, Queue: jobs, Now: time.Now, NewID: boot.NewID, Log: b.Log}, Now: time.Now, NewID: boot.NewID, Log: b.Log,
		Login: func(platform, id string) (connector.Login, bool) { return logins[platform].Login(id) },
	}
	batch := queue.WebhookBatch{Queue: q, Run: p.Run, Log: b.Log}
	lambda.StartHandlerFunc(batch.Handle)
}
