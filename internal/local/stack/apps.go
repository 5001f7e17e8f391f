package stack

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// app is how a stack on a laptop meets one platform of the sandbox. A new platform is one entry in apps.
type app struct {
	platform   string            // its name, in addresses
	output     string            // of template.yaml: the secret that takes credentials
	secret     string            // what the sandbox's app is known by, as an operator would put it in
	parameters map[string]string // of template.yaml: where the platform is
}

const metaSecret = `{"client_id":"100200300","client_secret":"sandbox-meta-secret","verify_token":"sandbox-meta-verify","logins":{"instagram":{"client_id":"400500600","client_secret":"sandbox-instagram-secret"}}}` //nolint:gosec // the sandbox's, they open nothing else

// The sandbox's, they open nothing else.
const (
	linkedinSecret = `{"client_id":"78heraldcommunity","client_secret":"sandbox-linkedin-secret","logins":{"personal":{"client_id":"78heraldpersonal","client_secret":"sandbox-linkedin-personal-secret"}}}` //nolint:gosec // as the one below
	tiktokSecret   = `{"client_id":"sbawherald0tiktok","client_secret":"sandbox-tiktok-secret"}`                                                                                                             //nolint:gosec // the sandbox's, it opens nothing else
)

// apps are those of the sandbox at an address.
func apps(sandbox string) []app {
	return []app{{
		platform: "meta",
		output:   "MetaSecret",
		secret:   metaSecret,
		parameters: map[string]string{
			"MetaGraphUrl": sandbox + "/meta/graph", "MetaDialogUrl": sandbox + "/meta/www",
			"MetaLogins": "facebook,instagram", "MetaInstagramGraphUrl": sandbox + "/meta/instagram/graph",
			"MetaInstagramTokenUrl": sandbox + "/meta/instagram/api", "MetaInstagramDialogUrl": sandbox + "/meta/instagram/www",
		},
	}, {
		platform: "linkedin",
		output:   "LinkedinSecret",
		secret:   linkedinSecret,
		parameters: map[string]string{
			"LinkedinEnabled": "true",
			"LinkedinApiUrl":  sandbox + "/linkedin/api", "LinkedinOauthUrl": sandbox + "/linkedin/www", "LinkedinLogins": "community,personal", "LinkedinAppId": "9",
		},
	}, {
		platform: "tiktok",
		output:   "TiktokSecret",
		secret:   tiktokSecret,
		parameters: map[string]string{
			"TiktokEnabled": "true",
			"TiktokApiUrl":  sandbox + "/tiktok/api", "TiktokDialogUrl": sandbox + "/tiktok/www", "TiktokAudited": "true",
		},
	}}
}

// hooks are where the platforms of the sandbox send their webhooks to.
func (c *Config) hooks() map[string]string {
	hooks := map[string]string{}
	for _, a := range apps(c.sandboxURL()) {
		hooks[a.platform] = c.frontDoorURL() + "/hooks/" + a.platform
	}
	return hooks
}

// putSecrets writes the sandbox apps' credentials where an operator would put the real ones.
func (c *Config) putSecrets(ctx context.Context, outputs map[string]string) error {
	known := map[string]string{}
	for _, a := range apps(c.sandboxURL()) {
		known[a.output] = a.secret
	}
	sm := secretsmanager.NewFromConfig(c.aws())
	for output, name := range outputs {
		if !strings.HasSuffix(output, "Secret") {
			continue
		}
		secret, ok := known[output]
		if !ok {
			return fmt.Errorf("the template has the output %s, but internal/local/stack/apps.go names no app of the sandbox for it", output)
		}
		now, err := sm.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
		if err == nil && aws.ToString(now.SecretString) == secret {
			continue
		}
		if _, err := sm.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: aws.String(secret)}); err != nil {
			return fmt.Errorf("put the sandbox's credentials into secret %s: %w", name, err)
		}
	}
	return nil
}
