package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/telemetry/trace"
)

const traceHeader = "Root=1-6512ab30-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1"

// traced is what the Lambda runtime hands to a handler in a sampled invocation.
// metaToken has the form of a real one.
const metaToken = "EAAcanaryCANARYcanary0123456789canary"

func traced(ctx context.Context, header string) context.Context {
	return context.WithValue(ctx, "x-amzn-trace-id", header) //nolint:revive,staticcheck // the runtime's own key
}

// daemon listens like the X-Ray daemon. next gives the next segment document.
func daemon(t *testing.T) (addr string, next func() (map[string]any, string)) {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String(), func() (map[string]any, string) {
		buf := make([]byte, 64<<10)
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
		n, _, err := conn.ReadFrom(buf)
		require.NoError(t, err)
		head, body, ok := bytes.Cut(buf[:n], []byte("\n"))
		require.True(t, ok)
		require.JSONEq(t, `{"format":"json","version":1}`, string(head))
		var doc map[string]any
		require.NoError(t, json.Unmarshal(body, &doc))
		return doc, string(body)
	}
}

func get(t *testing.T, ctx context.Context, c *http.Client, url string) { //nolint:revive // t first, as everywhere in tests
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	res, err := c.Do(req)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
}

func TestClientTracesACallWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amzn-Trace-Id") != "" {
			w.WriteHeader(http.StatusTeapot) // our trace is none of the platform's business
			return
		}
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	t.Cleanup(srv.Close)
	addr, next := daemon(t)
	c := trace.NewTracer("tcp:127.0.0.1:1 udp:" + addr).Client(srv.Client())
	ctx := trace.WithOperation(traced(t.Context(), traceHeader), "feed")
	get(t, ctx, c, srv.URL+"/v26.0/200/feed?access_token="+metaToken)

	doc, raw := next()
	require.Equal(t, "127.0.0.1 feed", doc["name"])
	require.Equal(t, "subsegment", doc["type"])
	require.Equal(t, "remote", doc["namespace"])
	require.Equal(t, "1-6512ab30-0123456789abcdef01234567", doc["trace_id"])
	require.Equal(t, "0123456789abcdef", doc["parent_id"])
	require.Equal(t, true, doc["throttle"])
	require.NotContains(t, raw, metaToken)
	require.NotContains(t, raw, "/200/")

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1:1/?access_token="+metaToken, http.NoBody)
	require.NoError(t, err)
	_, err = c.Do(req) //nolint:bodyclose // there is none
	require.Error(t, err)
	doc, raw = next()
	require.Equal(t, true, doc["fault"])
	require.NotContains(t, raw, metaToken)
}

func TestAWSCallsAreTraced(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"QueueUrl":"http://q"}`)
	}))
	t.Cleanup(srv.Close)
	addr, next := daemon(t)
	for _, on := range []bool{false, true} {
		cfg := aws.Config{
			Region: "eu-central-1", BaseEndpoint: aws.String(srv.URL), HTTPClient: srv.Client(),
			Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		}
		if on {
			trace.NewTracer(addr).InstrumentAWS(&cfg)
		} else {
			trace.InstrumentAWS(&cfg)
			require.Empty(t, cfg.APIOptions, "nothing is added where nothing is traced")
		}
		_, err := sqs.NewFromConfig(cfg).GetQueueUrl(traced(t.Context(), traceHeader), &sqs.GetQueueUrlInput{QueueName: aws.String("q")})
		require.NoError(t, err)
	}
	doc, _ := next()
	require.Equal(t, "SQS", doc["name"])
	require.Equal(t, "aws", doc["namespace"])
	require.Equal(t, "GetQueueUrl", doc["aws"].(map[string]any)["operation"])
	require.Equal(t, "eu-central-1", doc["aws"].(map[string]any)["region"])
}

func TestTracingIsHarmlessWhereThereIsNoTrace(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(srv.Close)
	for _, tracer := range []trace.Tracer{{}, trace.NewTracer(""), trace.NewTracer("no address"), trace.NewTracer("127.0.0.1:1")} {
		for _, ctx := range []context.Context{
			t.Context(), traced(t.Context(), ""), traced(t.Context(), "nonsense"), traced(t.Context(), traceHeader),
			traced(t.Context(), "Root=1-6512ab30-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0"),
		} {
			get(t, ctx, tracer.Client(srv.Client()), srv.URL)
		}
	}
	get(t, t.Context(), trace.Client(nil), srv.URL)
}

func BenchmarkClientWithoutTrace(b *testing.B) {
	c := trace.NewTracer("127.0.0.1:1").Client(&http.Client{Transport: still{}})
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://h/", http.NoBody)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.Transport.RoundTrip(req) //nolint:bodyclose // there is none
	}
}

type still struct{}

func (still) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}
