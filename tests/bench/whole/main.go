// Whole is the publisher that Herald is not: it reads a file to its end before it sends it. The benchmark shows the
// difference.
package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/herald-publishing/herald/internal/media/bucket"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	files := bucket.New(cfg, os.Getenv("MEDIA_BUCKET"), "")
	lambda.StartHandlerFunc(func(ctx context.Context, _ struct{}) (string, error) {
		body, err := files.Open(ctx, "media/film", 0, -1)
		if err != nil {
			return "", err
		}
		defer func() { _ = body.Close() }()
		all, err := io.ReadAll(body)
		if err != nil {
			return "", err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv("SINK"), bytes.NewReader(all)) //nolint:gosec // the benchmark's own sink
		if err != nil {
			return "", err
		}
		resp, err := (&http.Client{}).Do(r) //nolint:gosec // the benchmark's own sink
		if err != nil {
			return "", err
		}
		return resp.Status, resp.Body.Close()
	})
}
