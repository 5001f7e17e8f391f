// Posts serves /v1/posts and /v1/jobs.
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
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/all"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/report"
)

func main() {
	b := boot.Start(context.Background(), "TENANTS_TABLE", "CONNECTIONS_TABLE", "POSTS_TABLE", "JOBS_TABLE", "AUDIT_TABLE",
		"IDEMPOTENCY_TABLE", "MEDIA_TABLE", "METRICS_TABLE", "ACT_FUNCTION")
	s := b.Store()
	infos := map[string]connector.Info{}
	for _, info := range all.Infos() {
		if b.Env.PlatformOn(info.Platform) {
			infos[info.Platform] = info
		}
	}
	jobs := &publish.Service{
		Store: s, Flags: &publish.Flags{Load: s.PlatformOff, Now: time.Now}, Queue: &queue.Queue{SQS: sqs.NewFromConfig(b.AWS), URLs: b.Env.Queues},
		Infos: infos, Offering: all.Offering(), Log: b.Log, Now: time.Now, NewID: boot.NewID,
	}
	desk := act.Client{Lambda: lambda.NewFromConfig(b.AWS), Function: b.Env.ActFunction}
	httpfn.Start(api.New(apifn.Config(b, s), api.Posts{Publish: jobs}, api.Jobs{
		Publish: jobs, Desk: desk, Reports: report.Reader{Store: s, Desk: desk, Now: time.Now},
	}))
}
