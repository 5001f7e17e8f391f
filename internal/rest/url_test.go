package rest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/rest"
)

func TestCredentialsGoToSafeAddressesOnly(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://api.example", "https://api.example/v2", "http://localhost:8090/x", "http://127.0.0.1:1", "http://[::1]:1", "http://box.localhost"} {
		require.NoError(t, rest.CheckURL("API URL", good), good)
	}
	for bad, says := range map[string]string{
		"http://api.example": "https://", "ftp://api.example": "https://", "http://10.0.0.1": "https://", "api.example": "plain", "": "plain",
		"https://u:p@api.example": "plain", "https://api.example?a=1": "plain", "https://api.example#a": "plain", "://": "plain",
	} {
		require.ErrorContains(t, rest.CheckURL("API URL", bad), says, bad)
	}
}
