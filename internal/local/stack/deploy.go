package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	ct "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/herald-publishing/herald/internal/local/wire"
)

// sourceTag is the stack's tag with the hash of what was deployed. It lives in the emulator's own state: when that
// is lost, so is the claim that something is deployed.
const sourceTag = "herald-source"

// deploy brings the stack to the present template and the build that built names, and gives its outputs.
func (c *Config) deploy(ctx context.Context, built string) (map[string]string, error) {
	overrides, err := c.overrides()
	if err != nil {
		return nil, err
	}
	// The parameters carry the ports, so they are part of what is deployed.
	tag := shortHash(built) + "-" + shortHash(strings.Join(overrides, " "))
	cf := cloudformation.NewFromConfig(c.aws())
	st, err := describe(ctx, cf)
	if err != nil {
		return nil, err
	}
	if st == nil || tagOf(st) != tag || !settled(st) {
		if err := c.step("sam deploy", func() error { return c.samDeploy(ctx, tag, overrides) }); err != nil {
			return nil, err
		}
		if st, err = describe(ctx, cf); err != nil {
			return nil, err
		}
		if st == nil {
			return nil, errors.New("sam deploy ended well, but the emulator has no stack " + StackName)
		}
	}
	if err := c.step("wire", func() error { return wire.Stack(ctx, c.aws(), StackName) }); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, o := range st.Outputs {
		out[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return out, c.putSecrets(ctx, out)
}

func (c *Config) samDeploy(ctx context.Context, tag string, overrides []string) error {
	args := []string{
		c.tool("sam", "bin", "sam"), "deploy", "--template-file", "template.yaml", "--stack-name", StackName,
		"--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset",
		"--no-fail-on-empty-changeset", "--no-progressbar", "--tags", sourceTag + "=" + tag, "--parameter-overrides",
	}
	sam := command{
		what: "sam deploy", dir: c.buildDir(), // away from the repository's samconfig.toml
		env: toolEnv("SAM_CLI_TELEMETRY=0", "SAM_CLI_POLL_DELAY=0.5", "AWS_ENDPOINT_URL="+c.endpoint(),
			"AWS_ACCESS_KEY_ID="+AccessKey, "AWS_SECRET_ACCESS_KEY="+SecretKey,
			"AWS_REGION="+Region, "AWS_DEFAULT_REGION="+Region, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"),
		args: append(args, overrides...), logFile: c.data("deploy.log"), timeout: 5 * time.Minute,
	}
	return sam.run(ctx)
}

// overrides are the parameters that differ on a laptop, as far as the template has them.
func (c *Config) overrides() ([]string, error) {
	t, err := readTemplate(c.Template)
	if err != nil {
		return nil, err
	}
	local := map[string]string{
		"Stage": "local", "Arch": hostArch(), "PublicUrl": c.frontDoorURL(), "MediaOrigin": c.endpoint(),
		"SignUpConfirmation": "off", "HooksUrl": c.frontDoorURL() + "/hooks",
	}
	for _, a := range apps(c.sandboxURL()) {
		maps.Copy(local, a.parameters)
	}
	var out []string
	for _, p := range t.parameters() {
		if v, ok := local[p]; ok {
			out = append(out, p+"="+v)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (c *Config) frontDoorURL() string { return fmt.Sprintf("http://localhost:%d", c.Ports.HTTP) }
func (c *Config) sandboxURL() string   { return fmt.Sprintf("http://localhost:%d", c.Ports.Sandbox) }

// describe gives the stack, or nil when there is none.
func describe(ctx context.Context, cf *cloudformation.Client) (*ct.Stack, error) {
	out, err := cf.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(StackName)})
	var api smithy.APIError
	if errors.As(err, &api) && strings.Contains(api.ErrorMessage(), "does not exist") {
		return nil, nil //nolint:nilnil // nil means: no such stack
	}
	if err != nil {
		return nil, fmt.Errorf("ask the emulator for stack %s: %w", StackName, err)
	}
	if len(out.Stacks) == 0 {
		return nil, nil //nolint:nilnil // the same
	}
	return &out.Stacks[0], nil
}

func settled(st *ct.Stack) bool {
	return st.StackStatus == ct.StackStatusCreateComplete || st.StackStatus == ct.StackStatusUpdateComplete
}

func tagOf(st *ct.Stack) string {
	for _, t := range st.Tags {
		if aws.ToString(t.Key) == sourceTag {
			return aws.ToString(t.Value)
		}
	}
	return ""
}
