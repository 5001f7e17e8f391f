// Package httpfn starts the functions that answer HTTP.
package httpfn

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// Start serves h to API Gateway and never returns.
func Start(h http.Handler) { lambda.StartHandlerFunc(Handler(h)) }

// Handler adapts h to API Gateway's HTTP events, payload version 2.0.
func Handler(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	proxy := httpadapter.NewV2(whole(h)).ProxyWithContext
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		if !readable(e) {
			return badAddress(), nil
		}
		r, err := proxy(context.WithValue(ctx, headersKey{}, e.Headers), e)
		if err != nil {
			return r, errors.New("httpfn: the request could not be adapted") // its own text may quote the query
		}
		return r, nil
	}
}

type headersKey struct{}

// whole gives each header as it came. The adapter cuts values at commas, and a signature may have one: "t=…,s=…". Cookies
// come in a list of their own as well, and are left to it.
func whole(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers, _ := r.Context().Value(headersKey{}).(map[string]string)
		for name, value := range headers {
			if !strings.EqualFold(name, "Cookie") {
				r.Header.Set(name, value)
			}
		}
		h.ServeHTTP(w, r)
	})
}

// readable keeps from the adapter what it would refuse, because it prints the whole address when it does and a query
// may hold a code.
func readable(e events.APIGatewayV2HTTPRequest) bool {
	control := func(s string) bool {
		for _, r := range s {
			if unicode.IsControl(r) {
				return true
			}
		}
		return false
	}
	_, err := url.ParseRequestURI("https://host" + e.RawPath)
	return err == nil && !control(e.RawPath) && !control(e.RawQueryString)
}

func badAddress() events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{
		StatusCode: http.StatusBadRequest,
		Headers:    map[string]string{"Content-Type": "application/problem+json", "Cache-Control": "no-store"},
		Body: `{"type":"https://github.com/herald-publishing/herald/blob/main/docs/problems.md#invalid_request","title":"The request is wrong",` +
			`"status":400,"detail":"The address cannot be read.","class":"invalid_request","action":{"kind":"edit","label":"Change the named field"}}`,
	}
}
