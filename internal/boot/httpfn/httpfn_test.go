package httpfn_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/boot/httpfn"
)

func event(path, query string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{RawPath: path, RawQueryString: query, Headers: map[string]string{"content-type": "application/json"}}
	e.RequestContext.HTTP.Method = http.MethodPost
	e.RequestContext.DomainName = "api.example.com"
	return e
}

func TestTheEventBecomesTheRequest(t *testing.T) {
	t.Parallel()
	var (
		got  *http.Request
		body []byte
	)
	h := httpfn.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"}) //nolint:gosec // only its place in the answer counts
		w.WriteHeader(http.StatusCreated)
	}))
	e := event("/v1/x", "state=x")
	e.Body, e.Cookies = "{}", []string{"from_list=1"}
	e.Headers["cookie"] = "from_header=1"
	r, err := h(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "request-1"}), e)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, r.StatusCode)
	require.Equal(t, []string{"a=b"}, r.Cookies)

	lc, ok := lambdacontext.FromContext(got.Context())
	require.True(t, ok)
	require.Equal(t, "request-1", lc.AwsRequestID)
	require.Equal(t, "api.example.com", got.Host)
	require.Equal(t, "{}", string(body))
	require.Equal(t, "x", got.URL.Query().Get("state"))
	for _, name := range []string{"from_list", "from_header"} {
		c, err := got.Cookie(name)
		require.NoError(t, err)
		require.Equal(t, "1", c.Value)
	}
}

// TestAHeaderComesAsItWasSent: a platform's signature may have a comma in it.
func TestAHeaderComesAsItWasSent(t *testing.T) {
	t.Parallel()
	var got *http.Request
	h := httpfn.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(http.StatusOK)
	}))
	e := event("/tiktok", "")
	e.Headers["tiktok-signature"] = "t=1790000000,s=00ff"
	e.Headers["accept"] = "text/html, */*"
	e.Headers["cookie"] = "a=1; b=2"
	_, err := h(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, "t=1790000000,s=00ff", got.Header.Get("Tiktok-Signature"))
	require.Equal(t, []string{"text/html, */*"}, got.Header.Values("Accept"))
	require.Len(t, got.Cookies(), 2)
}

//nolint:paralleltest // it looks at the process's log
func TestAnAddressThatCannotBeReadIsNotPrinted(t *testing.T) {
	var printed bytes.Buffer
	before := log.Writer()                      //nolint:forbidigo // the adapter prints there
	log.SetOutput(&printed)                     //nolint:forbidigo // see above
	t.Cleanup(func() { log.SetOutput(before) }) //nolint:forbidigo // see above
	h := httpfn.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for _, e := range []events.APIGatewayV2HTTPRequest{event("/v1/100%", "code=SECRET"), event("/v1/x", "code=SECRET\x7f"), event("/v1/\x01", "code=SECRET")} {
		r, err := h(context.WithoutCancel(t.Context()), e)
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, r.StatusCode)
		require.Equal(t, "application/problem+json", r.Headers["Content-Type"])
		require.NotContains(t, r.Body, "SECRET")
	}
	require.NotContains(t, printed.String(), "SECRET")
}
