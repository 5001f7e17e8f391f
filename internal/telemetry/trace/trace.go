// Package trace owns X-Ray: subsegments around the calls to AWS and to the platforms. It is apart from telemetry because the
// SDK it needs is large, and not every function calls somebody.
package trace

import (
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-xray-sdk-go/strategy/ctxmissing"
	"github.com/aws/aws-xray-sdk-go/xray"
	"github.com/aws/aws-xray-sdk-go/xraylog"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Tracer opens X-Ray subsegments. The zero value traces nothing and costs nothing.
//
// The SDK's own HTTP client and AWS instrumentation are not used: outside a traced invocation they print a line per
// call, and the HTTP client records URLs, whose paths hold other people's ids.
type Tracer struct {
	config *xray.Config
}

// TracerFromEnv traces if the Lambda runtime says where the daemon is; anywhere else it gives the zero Tracer.
func TracerFromEnv() Tracer { return NewTracer(os.Getenv("AWS_XRAY_DAEMON_ADDRESS")) }

// NewTracer sends to the daemon at addr, "host:port". An empty or unusable address gives the zero Tracer.
func NewTracer(addr string) Tracer {
	if addr == "" || xray.SdkDisabled() {
		return Tracer{}
	}
	// Two addresses, "tcp:host:port udp:host:port", are allowed as well; segments travel by UDP.
	for part := range strings.FieldsSeq(addr) {
		if udp, ok := strings.CutPrefix(part, "udp:"); ok {
			addr = udp
		}
	}
	udp, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return Tracer{}
	}
	silence()
	emitter, err := xray.NewDefaultEmitter(udp)
	if err != nil {
		return Tracer{}
	}
	return Tracer{config: &xray.Config{
		Emitter:                emitter,
		ContextMissingStrategy: ctxmissing.NewDefaultIgnoreErrorStrategy(),
	}}
}

// silence stops the SDK from printing: a daemon that is away is no news, and its texts pass by our redaction.
//
//nolint:gochecknoglobals // the logger is a global of the SDK, which must be set once only
var silence = sync.OnceFunc(func() { xray.SetLogger(xraylog.NullLogger) })

// InstrumentAWS makes the clients built from cfg trace their calls, if the environment says so.
func InstrumentAWS(cfg *aws.Config) { TracerFromEnv().InstrumentAWS(cfg) }

// Client is a client that traces its calls, if the environment says so. nil = a client with the default transport.
func Client(base *http.Client) *http.Client { return TracerFromEnv().Client(base) }

type operationKey struct{}

// WithOperation names what the calls made with ctx do on the platform: "feed", "photos". It is the name under which
// they are traced, so it must hold no id.
func WithOperation(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, operationKey{}, name)
}

// begin opens a subsegment. It gives nil where nothing is traced: outside Lambda, or in an invocation without a trace.
func (t Tracer) begin(ctx context.Context, name string) (context.Context, *xray.Segment) {
	if t.config == nil {
		return ctx, nil
	}
	if xray.GetSegment(ctx) == nil {
		header, _ := ctx.Value(xray.LambdaTraceHeaderKey).(string)
		if !strings.Contains(header, "Root=") {
			return ctx, nil
		}
	}
	return xray.BeginSubsegment(context.WithValue(ctx, xray.RecorderContextKey{}, t.config), name)
}

// Client is a client like base that traces each call as a subsegment "host operation". Recorded are the method, the
// host, the status and the length: no path, no query, no header, no error text.
func (t Tracer) Client(base *http.Client) *http.Client {
	c := &http.Client{}
	if base != nil {
		*c = *base
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	if t.config != nil {
		c.Transport = &transport{t, c.Transport}
	}
	return c
}

type transport struct {
	tracer Tracer
	base   http.RoundTripper
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	name, _ := r.Context().Value(operationKey{}).(string)
	if name == "" {
		name = r.Method
	}
	_, seg := t.tracer.begin(r.Context(), r.URL.Hostname()+" "+name)
	if seg == nil {
		return t.base.RoundTrip(r)
	}
	res, err := t.base.RoundTrip(r)
	seg.Lock()
	seg.Namespace = "remote"
	seg.GetHTTP().GetRequest().Method = r.Method
	seg.GetHTTP().GetRequest().URL = r.URL.Scheme + "://" + r.URL.Host + "/"
	if err != nil {
		seg.Fault = true
	} else {
		mark(seg, res.StatusCode, res.ContentLength)
	}
	seg.Unlock()
	seg.Close(nil)
	return res, err
}

// mark records a status. The caller holds the segment's lock.
func mark(seg *xray.Segment, status int, length int64) {
	seg.GetHTTP().GetResponse().Status = status
	seg.GetHTTP().GetResponse().ContentLength = int(max(length, 0))
	seg.Throttle = status == http.StatusTooManyRequests
	seg.Error = status >= 400 && status < 500
	seg.Fault = status >= 500
}

// InstrumentAWS makes the clients built from cfg trace each call as a subsegment named by its service.
func (t Tracer) InstrumentAWS(cfg *aws.Config) {
	if t.config == nil {
		return
	}
	cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
		err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("HeraldTrace", t.initialize), middleware.After)
		if err != nil {
			return err
		}
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("HeraldTraceStatus", deserialize), middleware.Before)
	})
}

type segmentKey struct{}

func (t Tracer) initialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	ctx, seg := t.begin(ctx, awsmiddleware.GetServiceID(ctx))
	if seg == nil {
		return next.HandleInitialize(ctx, in)
	}
	out, meta, err := next.HandleInitialize(context.WithValue(ctx, segmentKey{}, seg), in)
	seg.Lock()
	seg.Namespace = "aws"
	seg.GetAWS()["region"] = awsmiddleware.GetRegion(ctx)
	seg.GetAWS()["operation"] = awsmiddleware.GetOperationName(ctx)
	if id, ok := awsmiddleware.GetRequestIDMetadata(meta); ok {
		seg.GetAWS()[xray.RequestIDKey] = id
	}
	seg.Unlock()
	seg.Close(nil)
	return out, meta, err
}

func deserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	out, meta, err := next.HandleDeserialize(ctx, in)
	if seg, ok := ctx.Value(segmentKey{}).(*xray.Segment); ok {
		seg.Lock()
		if res, ok := out.RawResponse.(*smithyhttp.Response); ok {
			mark(seg, res.StatusCode, res.ContentLength)
		} else {
			seg.Fault = true
		}
		seg.Unlock()
	}
	return out, meta, err
}
