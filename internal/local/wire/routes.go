package wire

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Route is one entry of an HTTP API.
type Route struct {
	Key string // "GET /v1/posts", "ANY /v1/posts/{proxy+}", "$default"
	URI string // the integration: a function's invocation ARN
}

// Cors is an HTTP API's CORS configuration.
type Cors struct {
	Origins, Headers, Methods, Expose []string
	Credentials                       bool
	MaxAge                            int32 // seconds
}

// API is what an OpenAPI body of SAM's makes of an HTTP API.
type API struct {
	Routes []Route
	Cors   *Cors
}

// methodAny is how an OpenAPI body of API Gateway's spells ANY.
const methodAny = "x-amazon-apigateway-any-method"

// Parse reads the body of an AWS::ApiGatewayV2::Api whose intrinsic functions are resolved. Authorizers are refused:
// the sign-in is Herald's own, and a route that silently lost its authorizer would be open.
func Parse(body Object) (API, error) {
	var api API
	if len(get[Object](get[Object](body, "components"), "securitySchemes")) > 0 {
		return API{}, errors.New("the API has authorizers, which the local wiring does not make")
	}
	if c := get[Object](body, "x-amazon-apigateway-cors"); c != nil {
		api.Cors = &Cors{
			Origins: texts(c["allowOrigins"]), Headers: texts(c["allowHeaders"]), Methods: texts(c["allowMethods"]),
			Expose: texts(c["exposeHeaders"]), Credentials: get[bool](c, "allowCredentials"), MaxAge: int32(get[float64](c, "maxAge")),
		}
	}
	for path, item := range get[Object](body, "paths") {
		methods, ok := item.(Object)
		if !ok {
			return API{}, fmt.Errorf("path %s is not an object", path)
		}
		for method, op := range methods {
			operation, ok := op.(Object)
			if !ok {
				continue // parameters, a summary
			}
			target := get[Object](operation, "x-amazon-apigateway-integration")
			if target == nil {
				continue
			}
			uri := get[string](target, "uri")
			if uri == "" {
				return API{}, fmt.Errorf("%s %s has no integration uri", method, path)
			}
			api.Routes = append(api.Routes, Route{Key: routeKey(method, path), URI: uri})
		}
	}
	slices.SortFunc(api.Routes, func(a, b Route) int { return cmp.Compare(a.Key, b.Key) })
	return api, nil
}

func routeKey(method, path string) string {
	switch {
	case strings.TrimPrefix(path, "/") == "$default":
		return "$default"
	case method == methodAny:
		return "ANY " + path
	default:
		return strings.ToUpper(method) + " " + path
	}
}
