// Webhooks serves /v1/webhooks and /v1/comments: what the platforms told, for people.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/herald-publishing/herald/internal/act"
	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/apifn"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/connector/all"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/webhook"
)

func main() {
	b := boot.Start(context.Background(), "TENANTS_TABLE", "WEBHOOK_EVENTS_TABLE", "COMMENTS_TABLE", "AUDIT_TABLE", "IDEMPOTENCY_TABLE", "WEBHOOK_QUEUE", "ACT_FUNCTION")
	s := b.Store()
	service := &webhook.Service{
		Store: s, Queue: &queue.Webhooks{SQS: sqs.NewFromConfig(b.AWS), URL: b.Env.WebhookQueue}, Now: time.Now, NewID: boot.NewID, Log: b.Log,
	}
	for _, i := range all.Infos() {
		service.Platforms = append(service.Platforms, i.Platform)
	}
	httpfn.Start(api.New(apifn.Config(b, s), api.Webhooks{Webhooks: service}, api.Comments{
		Store: s, Desk: act.Client{Lambda: lambda.NewFromConfig(b.AWS), Function: b.Env.ActFunction}, Now: time.Now, NewID: boot.NewID,
	}))
}
