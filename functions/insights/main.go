// Insights serves /v1/health, /v1/metrics and /v1/audit.
package main

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/apifn"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
)

func main() {
	b := boot.Start(context.Background(), "TENANTS_TABLE", "CONNECTIONS_TABLE", "METRICS_TABLE", "AUDIT_TABLE")
	s := b.Store()
	httpfn.Start(api.New(apifn.Config(b, s), api.Insights{Store: s, Platforms: b.Env.Platforms, Now: time.Now}))
}
