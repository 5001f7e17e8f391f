// Connections serves /v1/connections and /v1/platforms.
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
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/all"
	"github.com/herald-publishing/herald/internal/offer"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/report"
	"github.com/herald-publishing/herald/internal/tenant"
)

func main() {
	b := boot.Start(context.Background(), "TENANTS_TABLE", "CONNECTIONS_TABLE", "VAULT_TABLE", "JOBS_TABLE", "AUDIT_TABLE", "IDEMPOTENCY_TABLE", "HEALTH_TABLE",
		"METRICS_TABLE", "ACT_FUNCTION")
	s := b.Store()
	jobs := &publish.Service{
		Store: s, Queue: &queue.Queue{SQS: sqs.NewFromConfig(b.AWS), URLs: b.Env.Queues}, Log: b.Log, Now: time.Now, NewID: boot.NewID,
		Lateness: s.Lateness,
	}
	links := &connection.Service{Store: s, Grants: s, Jobs: jobs, Now: time.Now, NewID: boot.NewID, Log: b.Log}
	desk := act.Client{Lambda: lambda.NewFromConfig(b.AWS), Function: b.Env.ActFunction}
	platforms := api.Platforms{Tenants: &tenant.Service{Store: s, Now: time.Now}}
	infos := map[string]connector.Info{}
	for _, p := range all.Platforms() {
		infos[p.Info.Platform] = p.Info
		platforms.Known = append(platforms.Known, api.Platform{
			Info: all.Offered(p.Info, b.Env.Get), Capabilities: p.Capabilities, Available: b.Env.PlatformOn(p.Info.Platform),
		})
	}
	httpfn.Start(api.New(apifn.Config(b, s), api.Connections{
		Connections: links, Reports: report.Reader{Store: s, Desk: desk, Now: time.Now},
		Offers: offer.Reader{Store: s, Desk: desk, Infos: infos, Offering: all.Offering(), Now: time.Now},
	}, platforms))
}
