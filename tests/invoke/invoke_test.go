// Package invoke_test sends each sample event to its deployed function, as `make invoke` does.
package invoke_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/stack"
	"github.com/herald-publishing/herald/internal/local/teststack"
)

// wanted is what a function says to its sample event on a stack that knows neither its session nor its job.
func wanted() map[string]map[string]any {
	http := func(status float64) map[string]any { return map[string]any{"statusCode": status} }
	return map[string]map[string]any{
		"session": http(401), // the demo member is made by `make run` only
		"tenants": http(401), "connections": http(401), "posts": http(401), "media": http(401), "insights": http(401), "webhooks": http(401),
		"receive": http(200), // signed with the sandbox's secret; about a Page that nobody has linked
		"oauth":   http(302), // back to the page, with a problem it can explain
		"loan":    http(404), // nothing is lent under that token
		"docs":    http(200), "ui": http(200),
		"publishmeta":     {"batchItemFailures": []any{}}, // a message about a job that is not there is done with
		"publishlinkedin": {"batchItemFailures": []any{}}, "publishtiktok": {"batchItemFailures": []any{}},
		"process": {"batchItemFailures": []any{}}, // an event that is not there is done with
		"sweep":   {},
		"act":     {},
		"refresh": {},
		"ping":    {},
	}
}

func TestSampleEvents(t *testing.T) {
	t.Parallel()
	w := teststack.Open(t)
	names := deployed(t, w)
	for name, physical := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, ok := wanted()[name]
			require.True(t, ok, "a new function needs its line in this test and its file in events/")
			file := name
			if strings.HasPrefix(name, "publish") {
				file = "publish"
			}
			event, err := os.ReadFile(filepath.Join("..", "..", "events", file+".json"))
			require.NoError(t, err)
			out, err := lambda.NewFromConfig(w.AWS()).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &physical, Payload: event})
			require.NoError(t, err)
			require.Nil(t, out.FunctionError, "%s", out.Payload)
			var got map[string]any
			require.NoError(t, json.Unmarshal(out.Payload, &got), "%s", out.Payload)
			for k, v := range want {
				require.Equal(t, v, got[k], "%s", out.Payload)
			}
		})
	}
}

// deployed gives the functions of the stack by their short names.
func deployed(t *testing.T, w teststack.Stack) map[string]string {
	t.Helper()
	out := map[string]string{}
	pages := cloudformation.NewListStackResourcesPaginator(cloudformation.NewFromConfig(w.AWS()), &cloudformation.ListStackResourcesInput{StackName: aws.String(stack.StackName)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, r := range page.StackResourceSummaries {
			if aws.ToString(r.ResourceType) == "AWS::Lambda::Function" {
				out[strings.ToLower(strings.TrimSuffix(aws.ToString(r.LogicalResourceId), "Function"))] = aws.ToString(r.PhysicalResourceId)
			}
		}
	}
	require.Len(t, out, len(wanted()), "a function is missing")
	return out
}
