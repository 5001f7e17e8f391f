// Package iam_test proves on the deployed stack, with an emulator that enforces IAM, that the code the internet can
// reach cannot open a token, and that what must open one can. tests/template says the same of the template's text.
package iam_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dt "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/stack"
	"github.com/herald-publishing/herald/internal/local/teststack"
)

// world is one sealed thing in the vault, and the roles of the deployed functions.
type world struct {
	teststack.Stack
	functions map[string]string // logical id -> physical name
	policies  map[string]string // the template's own managed policies: ARN -> logical id
	facing    []string          // logical ids that the API routes to, or that have a URL
	vaultKey  map[string]dt.AttributeValue
	wrapped   []byte
	context   map[string]string
}

func open(t *testing.T) world {
	t.Helper()
	w := world{Stack: teststack.Open(t), functions: map[string]string{}, policies: map[string]string{}}
	require.True(t, w.Auth, "this stack does not enforce IAM: start it with herald-local test --auth")
	ctx := t.Context()
	pages := cloudformation.NewListStackResourcesPaginator(cloudformation.NewFromConfig(w.AWS()), &cloudformation.ListStackResourcesInput{StackName: aws.String(stack.StackName)})
	logical := map[string]string{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		require.NoError(t, err)
		for _, r := range page.StackResourceSummaries {
			if aws.ToString(r.ResourceType) == "AWS::IAM::ManagedPolicy" {
				w.policies[aws.ToString(r.PhysicalResourceId)] = aws.ToString(r.LogicalResourceId)
			}
			if aws.ToString(r.ResourceType) == "AWS::Lambda::Function" {
				id, name := aws.ToString(r.LogicalResourceId), aws.ToString(r.PhysicalResourceId)
				w.functions[id], logical[name] = name, id
			}
		}
	}
	// Who faces the internet is what the deployed API routes to, not what the template says.
	integrations, err := apigatewayv2.NewFromConfig(w.AWS()).GetIntegrations(ctx, &apigatewayv2.GetIntegrationsInput{ApiId: aws.String(w.Output(t, "ApiId"))})
	require.NoError(t, err)
	for _, i := range integrations.Items {
		_, name, ok := strings.Cut(strings.TrimSuffix(aws.ToString(i.IntegrationUri), "/invocations"), ":function:")
		require.True(t, ok, aws.ToString(i.IntegrationUri))
		require.Contains(t, logical, name)
		w.facing = append(w.facing, logical[name])
	}
	// So does whatever has a URL of its own.
	for id, name := range w.functions {
		if _, err := lambda.NewFromConfig(w.AWS()).GetFunctionUrlConfig(ctx, &lambda.GetFunctionUrlConfigInput{FunctionName: &name}); err == nil {
			w.facing = append(w.facing, id)
		}
	}
	require.Contains(t, w.facing, "ReceiveFunction")
	slices.Sort(w.facing)
	w.facing = slices.Compact(w.facing)
	require.GreaterOrEqual(t, len(w.facing), 5, "the API routes to too few functions: this test would prove nothing")

	w.context = map[string]string{"tenant": "ten_" + ulid.Make().String()}
	key, err := kms.NewFromConfig(w.AWS()).GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: aws.String(w.Output(t, "TokenKey")), NumberOfBytes: aws.Int32(32), EncryptionContext: w.context})
	require.NoError(t, err)
	w.wrapped = key.CiphertextBlob
	w.vaultKey = map[string]dt.AttributeValue{
		"connection_id": &dt.AttributeValueMemberS{Value: "con_" + ulid.Make().String()}, "version": &dt.AttributeValueMemberS{Value: "1"},
	}
	item := maps.Clone(w.vaultKey)
	item["ciphertext"] = &dt.AttributeValueMemberB{Value: []byte("sealed")}
	_, err = dynamodb.NewFromConfig(w.AWS()).PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(w.Output(t, "VaultTable")), Item: item})
	require.NoError(t, err)
	return w
}

// as is a configuration with the credentials of a function's own role.
func (w world) as(t *testing.T, function string) aws.Config {
	t.Helper()
	ctx := t.Context()
	require.Contains(t, w.functions, function)
	fn, err := lambda.NewFromConfig(w.AWS()).GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(w.functions[function])})
	require.NoError(t, err)
	session, err := sts.NewFromConfig(w.AWS()).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: fn.Role, RoleSessionName: aws.String("test")})
	require.NoError(t, err)
	c := w.AWS()
	c.Credentials = credentials.NewStaticCredentialsProvider(*session.Credentials.AccessKeyId, *session.Credentials.SecretAccessKey, *session.Credentials.SessionToken)
	return c
}

// reads are the ways to open a token or to see a row of the vault. Writes that answer with the old row are missing:
// the emulator does not know the condition key that forbids them; tests/template holds the template to it.
func (w world) reads(t *testing.T, c aws.Config) map[string]func(context.Context) error {
	t.Helper()
	db, table := dynamodb.NewFromConfig(c), aws.String(w.Output(t, "VaultTable"))
	return map[string]func(context.Context) error{
		"kms:Decrypt": func(ctx context.Context) error {
			_, err := kms.NewFromConfig(c).Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: w.wrapped, EncryptionContext: w.context})
			return err
		},
		"dynamodb:GetItem": func(ctx context.Context) error {
			_, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: w.vaultKey})
			return err
		},
		"dynamodb:BatchGetItem": func(ctx context.Context) error {
			_, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]dt.KeysAndAttributes{*table: {Keys: []map[string]dt.AttributeValue{w.vaultKey}}}})
			return err
		},
		"dynamodb:Query": func(ctx context.Context) error {
			_, err := db.Query(ctx, &dynamodb.QueryInput{
				TableName: table, KeyConditionExpression: aws.String("connection_id = :c"),
				ExpressionAttributeValues: map[string]dt.AttributeValue{":c": w.vaultKey["connection_id"]},
			})
			return err
		},
		"dynamodb:Scan": func(ctx context.Context) error {
			_, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: table})
			return err
		},
		"dynamodb:TransactGetItems": func(ctx context.Context) error {
			_, err := db.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []dt.TransactGetItem{{Get: &dt.Get{TableName: table, Key: w.vaultKey}}}})
			return err
		},
	}
}

func TestTheInternetCannotDecrypt(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, function := range w.facing {
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			for action, call := range w.reads(t, w.as(t, function)) {
				requireDenied(t, call(t.Context()), action)
			}
		})
	}
}

// The other half: what is refused above is refused by the role, not by a broken call.
func TestOnlyTheQueueSideCan(t *testing.T) {
	t.Parallel()
	w := open(t)
	opens := []string{"ActFunction", "PingFunction", "PublishLinkedinFunction", "PublishMetaFunction", "PublishTiktokFunction", "RefreshFunction"}
	for function := range w.functions {
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			calls := w.reads(t, w.as(t, function))
			for _, action := range []string{"kms:Decrypt", "dynamodb:GetItem"} {
				err := calls[action](t.Context())
				if slices.Contains(opens, function) {
					require.NotContains(t, w.facing, function)
					require.NoError(t, err, action)
					continue
				}
				requireDenied(t, err, action)
			}
		})
	}
}

// TestManagedPolicies: docs/security.md lists what SAM attaches beside the template's own statements and policies.
func TestManagedPolicies(t *testing.T) {
	t.Parallel()
	shared := map[string][]string{
		"AppSecretsPolicy": {"ActFunction", "OauthFunction", "PingFunction", "ReceiveFunction", "RefreshFunction"},
		"HandOverPolicy":   {"ConnectionsFunction", "PostsFunction", "ProcessFunction", "SweepFunction"},
		"PublisherPolicy":  nil,
	}
	w := open(t)
	for function, physical := range w.functions {
		fn, err := lambda.NewFromConfig(w.AWS()).GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: &physical})
		require.NoError(t, err)
		role := (*fn.Role)[strings.LastIndex(*fn.Role, "/")+1:]
		attached, err := iam.NewFromConfig(w.AWS()).ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &role})
		require.NoError(t, err)
		var names []string
		for _, p := range attached.AttachedPolicies {
			if own, ok := w.policies[*p.PolicyArn]; ok {
				names = append(names, own)
				continue
			}
			names = append(names, (*p.PolicyArn)[strings.LastIndex(*p.PolicyArn, "/")+1:])
		}
		want := []string{"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}
		if strings.HasPrefix(function, "Publish") || function == "ProcessFunction" {
			want = append(want, "AWSLambdaSQSQueueExecutionRole")
		}
		for policy, holders := range shared {
			if slices.Contains(holders, function) || policy == "PublisherPolicy" && strings.HasPrefix(function, "Publish") {
				want = append(want, policy)
			}
		}
		require.ElementsMatch(t, want, names, function)
	}
}

func requireDenied(t *testing.T, err error, action string) {
	t.Helper()
	var refused smithy.APIError
	require.ErrorAs(t, err, &refused, "%s was not refused", action)
	require.Contains(t, []string{"AccessDeniedException", "AccessDenied"}, refused.ErrorCode(), "%s: %v", action, err)
}
