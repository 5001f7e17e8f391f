// Ui serves the page and everything that is not the API's.
package main

import (
	"context"

	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/web"
)

func main() {
	b := boot.Start(context.Background())
	httpfn.Start(web.Handler(web.Config{Stage: b.Env.Stage, PublicURL: b.Env.PublicURL, MediaOrigin: b.Env.MediaOrigin}))
}
