// Package template_test holds template.yaml to what docs/security.md promises, without deploying it.
// tests/iam proves the same on the deployed roles.
package template_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	vaultTable = "VaultTable"
	tokenKey   = "TokenKey"
)

// vaultWrites are the only actions on the vault that code facing the internet may have. Each can be made to answer
// with what was there before, so each needs the condition that forbids that.
func vaultWrites() []string {
	return []string{"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
}

func TestTheInternetCannotDecrypt(t *testing.T) {
	t.Parallel()
	tp := load(t)
	require.Contains(t, tp.resources, vaultTable, "the rule below names it")
	require.Contains(t, tp.resources, tokenKey, "the rule below names it")
	var facing, opens int
	for _, f := range tp.functions() {
		if !tp.internetFacing(f) {
			for _, g := range tp.grants(t, f) {
				if g.action == "kms:Decrypt" {
					opens++
				}
			}
			continue
		}
		facing++
		require.Nil(t, dig(tp.resources[f], "Properties", "Role"), "%s: a role of its own would escape this test", f)
		for _, g := range tp.grants(t, f) {
			require.NotRegexp(t, `^policy `, g.action, "%s: a policy by name or template hides what it grants", f)
			service, _, _ := strings.Cut(g.action, ":")
			if service == "kms" {
				require.Equal(t, "kms:GenerateDataKey", g.action, "%s faces the internet: it may seal and nothing else", f)
			}
			if strings.HasPrefix(g.resource, vaultTable) || (service == "dynamodb" && g.resource == "*") {
				require.Equal(t, vaultTable, g.resource, "%s", f)
				require.Contains(t, vaultWrites(), g.action, "%s faces the internet: it must not read the vault", f)
				require.Equal(t, object{"dynamodb:ReturnValues": []any{"NONE"}}, dig(g.conditions, "StringEqualsIfExists"),
					"%s: %s can answer with the old item unless the condition forbids it", f, g.action)
			}
		}
	}
	require.Positive(t, facing, "no function faces the internet: this test would prove nothing")
	require.Positive(t, opens, "no function can decrypt: this test would prove nothing")
}

func TestTheKeyPolicyAddsNothing(t *testing.T) {
	t.Parallel()
	for _, s := range list(dig(load(t).resources[tokenKey], "Properties", "KeyPolicy", "Statement")) {
		principal := dig(s, "Principal", "AWS")
		require.Equal(t, object{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}, principal,
			"only the account: then a function's role decides, and the tests here see it")
	}
}

func TestNoWildcards(t *testing.T) {
	t.Parallel()
	tp := load(t)
	for _, f := range tp.functions() {
		for _, g := range tp.grants(t, f) {
			require.NotContains(t, g.action, "*", "%s", f)
			require.NotEqual(t, "*", g.resource, "%s: %s", f, g.action)
		}
	}
}

// TestSecurityDocument holds the table of docs/security.md to the template, both ways.
func TestSecurityDocument(t *testing.T) {
	t.Parallel()
	tp := load(t)
	granted := map[string]bool{}
	used := map[string]bool{}
	for _, f := range tp.functions() {
		for _, g := range tp.own(t, f) {
			granted[g.String()] = true
		}
		for _, policy := range tp.attached(f) {
			used[policy] = true
			granted[grant{function: f, action: "policy", resource: policy}.String()] = true
		}
	}
	for _, policy := range tp.of("AWS::IAM::ManagedPolicy") {
		require.True(t, used[policy], "%s is attached to nothing", policy)
		for _, key := range []string{"Roles", "Users", "Groups"} {
			require.Nil(t, dig(tp.resources[policy], "Properties", key), "%s: functions refer to it, so that each shows what it may do", policy)
		}
		for _, g := range tp.own(t, policy) {
			granted[g.String()] = true
		}
	}
	documented := map[string]bool{}
	for _, row := range documentRows(t) {
		for action := range strings.SplitSeq(row[1], ",") {
			g := grant{function: row[0], action: strings.TrimSpace(action), resource: row[2]}
			require.False(t, documented[g.String()], "docs/security.md says %s twice", g)
			documented[g.String()] = true
		}
		require.NotEmpty(t, row[3], "docs/security.md: %s on %s has no reason", row[0], row[2])
	}
	var missing, stale []string
	for g := range granted {
		if !documented[g] {
			missing = append(missing, g)
		}
	}
	for g := range documented {
		if !granted[g] {
			stale = append(stale, g)
		}
	}
	slices.Sort(missing)
	slices.Sort(stale)
	require.Empty(t, missing, "template.yaml grants what docs/security.md does not explain")
	require.Empty(t, stale, "docs/security.md explains what template.yaml does not grant")
}

var tableRow = regexp.MustCompile(`^\| *([A-Za-z]+(?:Function|Policy)) *\| *([^|]+?) *\| *([^|]+?) *\| *([^|]*?) *\|$`)

func documentRows(t *testing.T) [][]string {
	t.Helper()
	b, err := os.ReadFile("../../docs/security.md")
	require.NoError(t, err)
	var rows [][]string
	for line := range strings.Lines(string(b)) {
		if m := tableRow.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			rows = append(rows, m[1:])
		}
	}
	require.NotEmpty(t, rows, "docs/security.md has no table of grants")
	return rows
}

func TestQueues(t *testing.T) {
	t.Parallel()
	tp := load(t)
	dead := map[string]bool{}
	for _, q := range tp.of("AWS::SQS::Queue") {
		if target := list(dig(tp.resources[q], "Properties", "RedrivePolicy", "deadLetterTargetArn", "Fn::GetAtt")); len(target) == 2 {
			name, ok := target[0].(string)
			require.True(t, ok)
			require.Contains(t, tp.resources, name, q)
			dead[name] = true
		}
	}
	require.NotEmpty(t, dead)
	for _, q := range tp.of("AWS::SQS::Queue") {
		p := dig(tp.resources[q], "Properties")
		require.Equal(t, true, dig(p, "SqsManagedSseEnabled"), "%s is not encrypted", q)
		if dead[q] {
			require.Equal(t, 1209600, dig(p, "MessageRetentionPeriod"), "%s: a dead letter is kept as long as SQS can", q)
			continue
		}
		require.NotNil(t, dig(p, "RedrivePolicy"), "%s has no dead-letter queue", q)
		receives, ok := dig(p, "RedrivePolicy", "maxReceiveCount").(int)
		require.True(t, ok, q)
		require.GreaterOrEqual(t, receives, 2, "%s: one crash must not dead-letter a message", q)
	}
}

// AWS asks for a visibility timeout of six times the function's, so that a batch in work is not handed out again.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func TestVisibilityTimeout(t *testing.T) {
	t.Parallel()
	tp := load(t)
	consumers := 0
	for _, f := range tp.functions() {
		for id, e := range tp.events(f) {
			if e["Type"] != "SQS" {
				continue
			}
			consumers++
			arn := list(dig(e, "Properties", "Queue", "Fn::GetAtt"))
			require.Len(t, arn, 2, "%s.%s", f, id)
			q, ok := arn[0].(string)
			require.True(t, ok)
			timeout, ok := tp.property(f, "Timeout").(int)
			require.True(t, ok, f)
			visible, ok := dig(tp.resources[q], "Properties", "VisibilityTimeout").(int)
			require.True(t, ok, q)
			require.GreaterOrEqual(t, visible, 6*timeout, "%s is read by %s", q, f)
			require.Equal(t, []string{"ReportBatchItemFailures"}, texts(t, dig(e, "Properties", "FunctionResponseTypes")),
				"%s: one failing record must not replay the others", f)
		}
	}
	require.Positive(t, consumers)
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	tp := load(t)
	require.ElementsMatch(t, []string{"arm64", "x86_64"}, texts(t, dig(tp.parameters, "Arch", "AllowedValues")))
	for _, f := range tp.functions() {
		require.Equal(t, "go1.x", dig(tp.resources[f], "Metadata", "BuildMethod"), f)
		require.Equal(t, "provided.al2023", tp.property(f, "Runtime"), f)
		require.Equal(t, "bootstrap", tp.property(f, "Handler"), f)
		require.Equal(t, []any{object{"Ref": "Arch"}}, tp.property(f, "Architectures"), "%s must run on arm64", f)
		require.Equal(t, "Active", tp.property(f, "Tracing"), f)
		uri, ok := dig(tp.resources[f], "Properties", "CodeUri").(string)
		require.True(t, ok, f)
		require.FileExists(t, "../../"+uri+"/main.go", f)
		timeout, ok := tp.property(f, "Timeout").(int)
		require.True(t, ok, f)
		if tp.internetFacing(f) { // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
			require.Less(t, timeout, 30, "%s: the API answers 503 after 30 s, whatever the function does then", f)
		}
	}
}

// TestKept: what a person's data is in survives a delete of the stack, has point-in-time recovery and is encrypted.
func TestKept(t *testing.T) {
	t.Parallel()
	tp := load(t)
	tables := tp.of("AWS::DynamoDB::Table")
	require.NotEmpty(t, tables)
	for _, id := range slices.Concat(tables, tp.of("AWS::S3::Bucket"), tp.of("AWS::KMS::Key"), tp.of("AWS::Cognito::UserPool")) {
		require.Contains(t, []any{"Retain", "RetainExceptOnCreate"}, tp.resources[id]["DeletionPolicy"], id)
		require.Equal(t, "Retain", tp.resources[id]["UpdateReplacePolicy"], id)
	}
	for _, id := range tables {
		p := dig(tp.resources[id], "Properties")
		require.Equal(t, "PAY_PER_REQUEST", dig(p, "BillingMode"), id)
		require.Equal(t, true, dig(p, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), id)
		require.Equal(t, true, dig(p, "SSESpecification", "SSEEnabled"), id)
	}
	for _, id := range tp.of("AWS::S3::Bucket") {
		block, _ := dig(tp.resources[id], "Properties", "PublicAccessBlockConfiguration").(object)
		require.Len(t, block, 4, id)
		for setting := range maps.Keys(block) {
			require.Equal(t, true, block[setting], "%s: %s", id, setting)
		}
	}
}
