// Media serves /v1/media: uploads and what they are.
package main

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/apifn"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/media/bucket"
)

func main() {
	b := boot.Start(context.Background(), "TENANTS_TABLE", "MEDIA_TABLE", "IDEMPOTENCY_TABLE", "MEDIA_BUCKET")
	s := b.Store()
	files := &media.Service{
		Store: s, Bucket: bucket.New(b.AWS, b.Env.MediaBucket, b.Env.MediaOrigin), Now: time.Now, NewID: boot.NewID, Log: b.Log,
	}
	httpfn.Start(api.New(apifn.Config(b, s), api.MediaFiles{Media: files}))
}
