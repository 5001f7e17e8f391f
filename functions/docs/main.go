// Docs serves /v1/openapi.json.
package main

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
)

func main() {
	b := boot.Start(context.Background())
	httpfn.Start(api.Docs(api.Config{PublicURL: b.Env.PublicURL, Now: time.Now, NewID: boot.NewID, Log: b.Log}))
}
