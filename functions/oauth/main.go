// Oauth serves /v1/oauth: the way through a platform's consent screen.
package main

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/apifn"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/boot/platform"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/vault"
)

func main() {
	ctx := context.Background()
	b := boot.Start(ctx, "TENANTS_TABLE", "CONNECTIONS_TABLE", "VAULT_TABLE")
	connectors, err := platform.Connectors(ctx, b, b.Env.Platforms)
	if err != nil {
		b.Fail(ctx, err)
	}
	keys, err := vault.NewKeys(b.AWS, b.Env.KMSKey, b.Env.VaultKey.Reveal())
	if err != nil {
		b.Fail(ctx, err)
	}
	s := b.Store()
	links := &connection.Service{Store: s, Grants: s, Now: time.Now, NewID: boot.NewID, Log: b.Log}
	consent := &connection.Linking{
		Store: s, Sealer: vault.Sealer{Keys: keys, Store: s}, Connectors: connectors, Now: time.Now, NewID: boot.NewID, Log: b.Log,
	}
	httpfn.Start(api.New(apifn.Config(b, s), api.Grants{Connections: links}, api.OAuth{Linking: consent, Log: b.Log}))
}
