// Command openapi writes the OpenAPI document to standard output: go run ./internal/api/cmd/openapi > docs/openapi.yaml
package main

import (
	"log/slog"
	"os"

	"github.com/herald-publishing/herald/internal/api"
)

func main() {
	if err := api.WriteYAML(os.Stdout); err != nil {
		slog.Error("openapi document", slog.Any("error", err))
		os.Exit(1)
	}
}
