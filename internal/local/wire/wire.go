package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	gw "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	gt "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	ct "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dt "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
)

type resource struct {
	Type       string `json:"Type"`
	Properties Object `json:"Properties"`
}

// Stack wires a deployed stack. Doing it again replaces what it made before.
func Stack(ctx context.Context, cfg aws.Config, name string) error {
	cf := cfn.NewFromConfig(cfg)
	names, resources, err := load(ctx, cf, cfg.Region, name)
	if err != nil {
		return fmt.Errorf("read stack %s: %w", name, err)
	}
	for id, r := range resources {
		physical, there := names.Physical[id]
		if !there {
			continue // its condition is false
		}
		var err error
		switch r.Type {
		case "AWS::DynamoDB::Table":
			err = timeToLive(ctx, dynamodb.NewFromConfig(cfg), physical, get[Object](r.Properties, "TimeToLiveSpecification"))
		case "AWS::Lambda::Function":
			err = concurrency(ctx, lambda.NewFromConfig(cfg), physical, r.Properties["ReservedConcurrentExecutions"])
		case "AWS::ApiGatewayV2::Api":
			err = api(ctx, gw.NewFromConfig(cfg), names, physical, get[Object](r.Properties, "Body"))
		}
		if err != nil {
			return fmt.Errorf("wire %s: %w", id, err)
		}
	}
	return nil
}

func load(ctx context.Context, cf *cfn.Client, region, name string) (Names, map[string]resource, error) {
	described, err := cf.DescribeStacks(ctx, &cfn.DescribeStacksInput{StackName: &name})
	if err != nil {
		return Names{}, nil, err
	}
	if len(described.Stacks) == 0 {
		return Names{}, nil, errors.New("it is not there")
	}
	st := described.Stacks[0]
	arn := strings.Split(aws.ToString(st.StackId), ":")
	if len(arn) < 6 {
		return Names{}, nil, fmt.Errorf("its id %q is not an ARN", aws.ToString(st.StackId))
	}
	n := Names{Region: region, Account: arn[4], Stack: name, Physical: map[string]string{}, Type: map[string]string{}, Parameters: map[string]string{}}
	for _, p := range st.Parameters {
		n.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	pages := cfn.NewListStackResourcesPaginator(cf, &cfn.ListStackResourcesInput{StackName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Names{}, nil, err
		}
		for _, r := range page.StackResourceSummaries {
			id := aws.ToString(r.LogicalResourceId)
			n.Physical[id], n.Type[id] = aws.ToString(r.PhysicalResourceId), aws.ToString(r.ResourceType)
		}
	}
	body, err := cf.GetTemplate(ctx, &cfn.GetTemplateInput{StackName: &name, TemplateStage: ct.TemplateStageProcessed})
	if err != nil {
		return Names{}, nil, err
	}
	var t struct {
		Conditions Object              `json:"Conditions"`
		Resources  map[string]resource `json:"Resources"`
	}
	if err := json.Unmarshal([]byte(aws.ToString(body.TemplateBody)), &t); err != nil {
		return Names{}, nil, fmt.Errorf("its processed template: %w", err)
	}
	n.Conditions = t.Conditions
	return n, t.Resources, nil
}

func timeToLive(ctx context.Context, db *dynamodb.Client, table string, ttl Object) error {
	attribute := get[string](ttl, "AttributeName")
	if attribute == "" {
		return nil
	}
	_, err := db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &table,
		TimeToLiveSpecification: &dt.TimeToLiveSpecification{AttributeName: &attribute, Enabled: aws.Bool(true)},
	})
	var refused smithy.APIError
	if errors.As(err, &refused) && strings.Contains(refused.ErrorMessage(), "already enabled") {
		return nil
	}
	return err
}

func concurrency(ctx context.Context, fn *lambda.Client, function string, reserved any) error {
	n, ok := reserved.(float64)
	if !ok {
		return nil
	}
	_, err := fn.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{FunctionName: &function, ReservedConcurrentExecutions: aws.Int32(int32(n))})
	return err
}

func api(ctx context.Context, g *gw.Client, n Names, id string, body Object) error {
	if body == nil {
		return nil
	}
	resolved, err := n.Eval(body)
	if err != nil {
		return err
	}
	object, _ := resolved.(Object)
	want, err := Parse(object)
	if err != nil {
		return err
	}
	if err := clearAPI(ctx, g, id); err != nil {
		return err
	}
	if c := want.Cors; c != nil {
		_, err := g.UpdateApi(ctx, &gw.UpdateApiInput{ApiId: &id, CorsConfiguration: &gt.Cors{
			AllowOrigins: c.Origins, AllowHeaders: c.Headers, AllowMethods: c.Methods, ExposeHeaders: c.Expose,
			AllowCredentials: &c.Credentials, MaxAge: &c.MaxAge,
		}})
		if err != nil {
			return err
		}
	}
	targets := map[string]string{} // uri -> integration
	for _, r := range want.Routes {
		if targets[r.URI] == "" {
			i, err := g.CreateIntegration(ctx, &gw.CreateIntegrationInput{
				ApiId: &id, IntegrationType: gt.IntegrationTypeAwsProxy, IntegrationMethod: aws.String("POST"),
				IntegrationUri: &r.URI, PayloadFormatVersion: aws.String("2.0"),
			})
			if err != nil {
				return fmt.Errorf("%s: %w", r.Key, err)
			}
			targets[r.URI] = "integrations/" + aws.ToString(i.IntegrationId)
		}
		if _, err := g.CreateRoute(ctx, &gw.CreateRouteInput{ApiId: &id, RouteKey: &r.Key, Target: aws.String(targets[r.URI])}); err != nil {
			return fmt.Errorf("%s: %w", r.Key, err)
		}
	}
	return nil
}

// clearAPI takes away the routes and integrations of an earlier wiring.
func clearAPI(ctx context.Context, g *gw.Client, id string) error {
	routes, err := g.GetRoutes(ctx, &gw.GetRoutesInput{ApiId: &id, MaxResults: aws.String("500")})
	if err != nil {
		return err
	}
	for _, r := range routes.Items {
		if _, err := g.DeleteRoute(ctx, &gw.DeleteRouteInput{ApiId: &id, RouteId: r.RouteId}); err != nil {
			return err
		}
	}
	integrations, err := g.GetIntegrations(ctx, &gw.GetIntegrationsInput{ApiId: &id, MaxResults: aws.String("500")})
	if err != nil {
		return err
	}
	for _, i := range integrations.Items {
		if _, err := g.DeleteIntegration(ctx, &gw.DeleteIntegrationInput{ApiId: &id, IntegrationId: i.IntegrationId}); err != nil {
			return err
		}
	}
	return nil
}
