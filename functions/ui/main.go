// Ui serves the page and everything that is not the API's. It calls nobody, so it starts without the AWS clients that boot
// makes: a person waits for it.
package main

import (
	"os"
	"strings"

	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/web"
)

func main() {
	httpfn.Start(web.Handler(web.Config{
		Stage: os.Getenv("STAGE"), PublicURL: strings.TrimRight(os.Getenv("PUBLIC_URL"), "/"), MediaOrigin: os.Getenv("MEDIA_ORIGIN"),
	}))
}
