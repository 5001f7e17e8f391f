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
	"github.com/herald-publishing/herald/internal/webhook"
)

// Connectors makes the connectors of the given platforms. A platform whose secret is still empty is left out: its
// operator has not registered an app yet.
func Connectors(ctx context.Context, b boot.Base, platforms []string) (map[string]connector.Connector, error) {
	client := secretsmanager.NewFromConfig(b.AWS)
	return all.Connectors(all.Config{
		Platforms: platforms, Get: b.Env.Get, HTTP: trace.Client(nil), Log: b.Log, Now: time.Now,
		Credentials: func(platform string) (all.Apps, error) {
			v, err := read(ctx, client, b, platform)
			return v.apps(), err
		},
	})
}

// Webhooks makes what receives the deliveries of the given platforms. Platforms without webhooks, and those whose secret
// is still empty, are left out.
func Webhooks(ctx context.Context, b boot.Base, platforms []string) (map[string]webhook.Platform, error) {
	client := secretsmanager.NewFromConfig(b.AWS)
	tokens := map[string]connector.Secret{}
	made, err := all.Connectors(all.Config{
		Platforms: platforms, Get: b.Env.Get, Log: b.Log, Now: time.Now,
		Credentials: func(platform string) (all.Apps, error) {
			v, err := read(ctx, client, b, platform)
			tokens[platform] = connector.NewSecret(v.VerifyToken)
			return v.apps(), err
		},
	})
	if err != nil {
		return nil, err
	}
	out := map[string]webhook.Platform{}
	for name, c := range made {
		if w, ok := c.(connector.Webhooks); ok {
			out[name] = webhook.Platform{Webhooks: w, VerifyToken: tokens[name]}
		}
	}
	return out, nil
}

// app is one that the operator has registered at a platform.
type app struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	OldSecret    string `json:"previous_client_secret"` // for some days after it was changed, where the platform needs that
}

// secret is what the operator puts into a platform's secret.
type secret struct {
	app
	Logins      map[string]app `json:"logins"`       // by login's id: the apps of those that need one of their own
	VerifyToken string         `json:"verify_token"` // what the platform shows when it asks whether the webhook address is ours
}

func (a app) app() all.App {
	return all.App{ClientID: a.ClientID, ClientSecret: connector.NewSecret(a.ClientSecret), OldSecret: connector.NewSecret(a.OldSecret)}
}

func (s secret) apps() all.Apps {
	out := all.Apps{App: s.app.app(), Logins: map[string]all.App{}}
	for login, a := range s.Logins {
		out.Logins[login] = a.app()
	}
	return out
}

func read(ctx context.Context, client *secretsmanager.Client, b boot.Base, platform string) (secret, error) {
	name := b.Env.Get(strings.ToUpper(platform) + "_SECRET")
	r, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return secret{}, fmt.Errorf("secret of %s: %w", platform, err)
	}
	var v secret
	if err := json.Unmarshal([]byte(aws.ToString(r.SecretString)), &v); err != nil { // its text never goes into an error
		return secret{}, errors.New("the secret of " + platform + " is not the expected JSON")
	}
	return v, nil
}
