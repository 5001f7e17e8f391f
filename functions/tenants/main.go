// Tenants serves /v1/workspace: the workspace and its switches.
package main

import (
	"context"
	"time"
	_ "time/tzdata" // time zones are checked and the runtime has none

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/apifn"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/tenant"
)

func main() {
	b := boot.Start(context.Background(), "TENANTS_TABLE")
	s := b.Store()
	tenants := &tenant.Service{Store: s, Now: time.Now}
	httpfn.Start(api.New(apifn.Config(b, s), api.Workspaces{Tenants: tenants, Platforms: b.Env.Platforms}))
}
