// Package platform makes the connectors at a function's start: the apps' credentials come from Secrets Manager. It is
// apart from boot because most functions speak to no platform and start faster without it.
package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/all"
	"github.com/herald-publishing/herald/internal/telemetry/trace"
)

// Connectors makes the connectors of the given platforms. A platform whose secret is still empty is left out: its
// operator has not registered an app yet.
func Connectors(ctx context.Context, b boot.Base, platforms []string) (map[string]connector.Connector, error) {
	client := secretsmanager.NewFromConfig(b.AWS)
	return all.Connectors(all.Config{
		Platforms: platforms, Get: b.Env.Get, HTTP: trace.Client(nil), Log: b.Log, Now: time.Now,
		Credentials: func(platform string) (string, connector.Secret, error) {
			name := b.Env.Get(strings.ToUpper(platform) + "_SECRET")
			r, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
			if err != nil {
				return "", connector.Secret{}, fmt.Errorf("secret of %s: %w", platform, err)
			}
			return parse(platform, aws.ToString(r.SecretString))
		},
	})
}

// parse reads the secret. Its text never goes into an error.
func parse(platform, text string) (string, connector.Secret, error) {
	var v struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return "", connector.Secret{}, errors.New("the secret of " + platform + " is not the expected JSON")
	}
	return v.ClientID, connector.NewSecret(v.ClientSecret), nil
}
