package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/wire"
)

func names() wire.Names {
	return wire.Names{
		Region: "us-east-1", Account: "000000000000", Stack: "herald",
		Physical:   map[string]string{"PostsFunction": "herald-PostsFunction-1", "Api": "abc123", "PostsTable": "herald-PostsTable-1"},
		Type:       map[string]string{"PostsFunction": "AWS::Lambda::Function", "Api": "AWS::ApiGatewayV2::Api", "PostsTable": "AWS::DynamoDB::Table"},
		Parameters: map[string]string{"Stage": "local", "Url": "http://localhost:8080"},
		Conditions: decode(`{
			"IsAws": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "local"]}]},
			"IsLocal": {"Fn::Not": [{"Condition": "IsAws"}]},
			"Both": {"Fn::And": [{"Condition": "IsAws"}, {"Condition": "IsLocal"}]},
			"One": {"Fn::Or": [{"Condition": "IsAws"}, {"Condition": "IsLocal"}]}
		}`),
	}
}

func decode(s string) wire.Object {
	var o wire.Object
	if err := json.Unmarshal([]byte(s), &o); err != nil {
		panic(err)
	}
	return o
}

func TestEval(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain values stay":     {`{"v": {"a": [1, true, "x"], "b": {"c": null}}}`, `{"v": {"a": [1, true, "x"], "b": {"c": null}}}`},
		"ref of a parameter":    {`{"v": {"Ref": "Stage"}}`, `{"v": "local"}`},
		"ref of a resource":     {`{"v": {"Ref": "Api"}}`, `{"v": "abc123"}`},
		"ref of a pseudo":       {`{"v": {"Ref": "AWS::AccountId"}}`, `{"v": "000000000000"}`},
		"no value":              {`{"v": {"Ref": "AWS::NoValue"}, "w": ["a", {"Ref": "AWS::NoValue"}]}`, `{"w": ["a"]}`},
		"a function's arn":      {`{"v": {"Fn::GetAtt": ["PostsFunction", "Arn"]}}`, `{"v": "arn:aws:lambda:us-east-1:000000000000:function:herald-PostsFunction-1"}`},
		"a table's arn":         {`{"v": {"Fn::Sub": "${PostsTable.Arn}/index/by_time"}}`, `{"v": "arn:aws:dynamodb:us-east-1:000000000000:table/herald-PostsTable-1/index/by_time"}`},
		"sub with an attribute": {`{"v": {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${PostsFunction.Arn}/invocations"}}`, `{"v": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:herald-PostsFunction-1/invocations"}`},
		"sub with variables":    {`{"v": {"Fn::Sub": ["${x}-${Stage}-${!literal}", {"x": {"Ref": "Api"}}]}}`, `{"v": "abc123-local-${literal}"}`},
		"join":                  {`{"v": {"Fn::Join": ["/", ["a", {"Ref": "Stage"}]]}}`, `{"v": "a/local"}`},
		"if, negation":          {`{"v": {"Fn::If": ["IsAws", "cloud", {"Ref": "Stage"}]}}`, `{"v": "local"}`},
		"if, a named condition": {`{"v": {"Fn::If": ["IsLocal", "yes", "no"]}}`, `{"v": "yes"}`},
		"if, and":               {`{"v": {"Fn::If": ["Both", "yes", "no"]}}`, `{"v": "no"}`},
		"if, or":                {`{"v": {"Fn::If": ["One", "yes", "no"]}}`, `{"v": "yes"}`},
		"if to nothing":         {`{"v": {"Fn::If": ["IsAws", "x", {"Ref": "AWS::NoValue"}]}}`, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := names().Eval(decode(c.in))
			require.NoError(t, err)
			require.Equal(t, decode(c.want), got)
		})
	}
}

func TestEvalRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"a missing resource":   `{"v": {"Ref": "Nobody"}}`,
		"a missing one in sub": `{"v": {"Fn::Sub": "x-${Nobody}"}}`,
		"an unknown attribute": `{"v": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}`,
		"an unknown function":  `{"v": {"Fn::Select": [0, ["a"]]}}`,
		"a missing condition":  `{"v": {"Fn::If": ["Nobody", 1, 2]}}`,
		"a short if":           `{"v": {"Fn::If": ["IsAws", 1]}}`,
		"deep inside a list":   `{"v": [{"w": {"Ref": "Nobody"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := names().Eval(decode(in))
			require.Error(t, err)
		})
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	api, err := wire.Parse(decode(`{
		"openapi": "3.0.1",
		"paths": {
			"/v1/posts": {"post": {"x-amazon-apigateway-integration": {"uri": "u1", "payloadFormatVersion": "2.0"}}, "parameters": []},
			"/v1/posts/{proxy+}": {"x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": {"uri": "u1"}}},
			"/$default": {"x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": {"uri": "u2"}, "isDefaultRoute": true}}
		},
		"x-amazon-apigateway-cors": {"allowOrigins": ["http://a"], "allowMethods": ["GET", "POST"], "allowCredentials": true, "maxAge": 600}
	}`))
	require.NoError(t, err)
	require.Equal(t, []wire.Route{{"$default", "u2"}, {"ANY /v1/posts/{proxy+}", "u1"}, {"POST /v1/posts", "u1"}}, api.Routes)
	require.Equal(t, &wire.Cors{Origins: []string{"http://a"}, Methods: []string{"GET", "POST"}, Credentials: true, MaxAge: 600}, api.Cors)
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"authorizers":           `{"components": {"securitySchemes": {"Jwt": {}}}, "paths": {}}`,
		"a route to nowhere":    `{"paths": {"/a": {"get": {"x-amazon-apigateway-integration": {}}}}}`,
		"a path of another use": `{"paths": {"/a": "b"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := wire.Parse(decode(body))
			require.Error(t, err)
		})
	}
}
