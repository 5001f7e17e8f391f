// Package telemetry owns what leaves Herald for the people who run it: structured logs without secrets, metrics in
// CloudWatch's embedded format, and traces.
package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// NewLogger writes one JSON object per record to w, from the given level on ("debug", "info", "warn", "error";
// anything else is info). Each record carries the Lambda request id and the attributes put into the context by With.
// No secret gets through: see Redact, and attributes with a secret-looking name lose their value whatever it is, so
// name a job's state job_state and a platform's code native_code.
func NewLogger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(handler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l, ReplaceAttr: replace})})
}

type attrsKey struct{}

// With gives a context whose log records carry the attributes: tenant, job, connection.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	old, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	all := make([]slog.Attr, 0, len(old)+len(attrs))
	return context.WithValue(ctx, attrsKey{}, append(append(all, old...), attrs...))
}

// handler adds what the context knows. The redaction itself sits in the JSON handler's ReplaceAttr, through which
// every attribute passes, those of With and WithGroup too.
type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok && lc.AwsRequestID != "" {
		r.AddAttrs(slog.String("request_id", lc.AwsRequestID))
	}
	if attrs, ok := ctx.Value(attrsKey{}).([]slog.Attr); ok {
		r.AddAttrs(attrs...)
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

// replace makes one attribute harmless.
func replace(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		switch a.Value.Any().(type) {
		case time.Time, slog.Level:
			return a
		}
	}
	if kindOf(a.Key) != plainName {
		return slog.String(a.Key, stars)
	}
	for _, g := range groups {
		if kindOf(g) != plainName {
			return slog.String(a.Key, stars)
		}
	}
	a.Key = Redact(a.Key)
	switch a.Value.Kind() {
	case slog.KindString:
		s := a.Value.String()
		if clean := redactText(s); clean != s {
			a.Value = slog.StringValue(clean)
		}
	case slog.KindAny:
		a.Value = slog.AnyValue(harmless(a.Value.Any()))
	default: // numbers, booleans, times: nothing to hide
	}
	return a
}

// harmless gives a value that encodes as v does, without its secrets.
func harmless(v any) any {
	switch v := v.(type) {
	case nil, bool, slog.Level:
		return v
	case error:
		return redactText(v.Error())
	case json.RawMessage:
		return redactJSON(v)
	case []byte:
		if !utf8.Valid(v) {
			return fmt.Sprintf("%d bytes", len(v)) // base64 of it could be decoded again
		}
		return redactText(string(v))
	case fmt.Stringer: // a URL, a duration list: its text is what a reader wants
		if _, ok := v.(json.Marshaler); !ok {
			return redactText(v.String())
		}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return redactText(fmt.Sprintf("%+v", v))
	}
	return redactJSON(raw)
}

// redactText also looks into text that is itself JSON: a member's name may be far from its value there, and values
// may be escaped so that no pattern sees them.
func redactText(s string) string {
	if t := strings.TrimLeft(s, " \t\r\n"); len(t) > 1 && (t[0] == '{' || t[0] == '[') {
		if v, ok := decode([]byte(t)); ok {
			if raw, err := json.Marshal(walk(v)); err == nil {
				return string(raw)
			}
		}
	}
	return Redact(s)
}

func redactJSON(raw []byte) any {
	v, ok := decode(raw)
	if !ok {
		return Redact(string(raw))
	}
	return walk(v)
}

func decode(raw []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return v, errors.Is(err, io.EOF)
}

// walk redacts a decoded JSON value in place.
func walk(v any) any {
	switch v := v.(type) {
	case string:
		return redactText(v)
	case []any:
		for i := range v {
			v[i] = walk(v[i])
		}
	case map[string]any:
		for k, m := range v {
			clean := Redact(k)
			if clean != k {
				delete(v, k)
			}
			if kind := kindOf(k); kind == plainName || (kind == wordName && isNumber(m)) {
				v[clean] = walk(m)
			} else {
				v[clean] = stars
			}
		}
	}
	return v
}

func isNumber(v any) bool {
	_, ok := v.(json.Number)
	return ok
}
