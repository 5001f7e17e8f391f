package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lt "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/herald-publishing/herald/internal/local/stack"
)

// invoke calls a deployed function with an event from a file and prints its log and its answer.
func invoke(ctx context.Context, args []string) error {
	set := flag.NewFlagSet("invoke", flag.ContinueOnError)
	name := set.String("name", "run", "which stack")
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 2 {
		return errors.New("two arguments are needed: make invoke FN=posts EVENT=events/posts.json")
	}
	root, err := stack.FindRoot()
	if err != nil {
		return err
	}
	info, err := stack.Read(root, *name)
	if err != nil {
		return err
	}
	event, err := os.ReadFile(set.Arg(1))
	if err != nil {
		return err
	}
	physical, err := findFunction(ctx, info, set.Arg(0))
	if err != nil {
		return err
	}
	out, err := lambda.NewFromConfig(info.AWS()).Invoke(ctx, &lambda.InvokeInput{FunctionName: &physical, Payload: event, LogType: lt.LogTypeTail})
	if err != nil {
		return err
	}
	if log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult)); err == nil {
		_, _ = fmt.Fprintf(os.Stderr, "%s\n", bytes.TrimSpace(log))
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, out.Payload, "", "  ") != nil {
		pretty.Reset()
		pretty.Write(out.Payload)
	}
	_, _ = fmt.Fprintf(os.Stdout, "%s\n", pretty.Bytes())
	if out.FunctionError != nil {
		return fmt.Errorf("%s failed: %s", set.Arg(0), *out.FunctionError)
	}
	return nil
}

// findFunction takes a short name (posts), a logical id (PostsFunction) or a physical one.
func findFunction(ctx context.Context, info stack.Info, name string) (string, error) {
	var known []string
	pages := cloudformation.NewListStackResourcesPaginator(cloudformation.NewFromConfig(info.AWS()), &cloudformation.ListStackResourcesInput{StackName: aws.String(stack.StackName)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, r := range page.StackResourceSummaries {
			if aws.ToString(r.ResourceType) != "AWS::Lambda::Function" {
				continue
			}
			id, physical := aws.ToString(r.LogicalResourceId), aws.ToString(r.PhysicalResourceId)
			short := strings.ToLower(strings.TrimSuffix(id, "Function"))
			if name == physical || name == id || strings.ToLower(name) == short {
				return physical, nil
			}
			known = append(known, short)
		}
	}
	return "", fmt.Errorf("the stack has no function %q; it has: %s", name, strings.Join(known, ", "))
}
