// Loan serves the files that are lent to platforms. It can read no row but loans, and no token.
package main

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/loan"
	"github.com/herald-publishing/herald/internal/media/bucket"
)

func main() {
	b := boot.Start(context.Background(), "LOANS_TABLE", "MEDIA_BUCKET")
	door := loan.Door{Store: b.Store(), Files: bucket.New(b.AWS, b.Env.MediaBucket, ""), Now: time.Now, Log: b.Log}
	httpfn.Start(door.Handler())
}
