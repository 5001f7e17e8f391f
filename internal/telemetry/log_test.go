package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/telemetry"
)

func record(t *testing.T, log func(context.Context, *slog.Logger)) (map[string]any, string) {
	t.Helper()
	var b bytes.Buffer
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "req-1"})
	log(telemetry.With(telemetry.With(ctx, slog.String("tenant", "ten_a")), slog.String("job", "pst_b")), telemetry.NewLogger(&b, "debug"))
	var m map[string]any
	require.NoError(t, json.Unmarshal(b.Bytes(), &m))
	require.Equal(t, 1, strings.Count(b.String(), "\n"))
	return m, b.String()
}

func TestLoggerAddsWhatTheContextKnows(t *testing.T) {
	t.Parallel()
	m, _ := record(t, func(ctx context.Context, l *slog.Logger) {
		l.InfoContext(ctx, "published", slog.Int("attempt", 2), slog.Duration("took", time.Second))
	})
	require.Equal(t, "published", m["msg"])
	require.Equal(t, "INFO", m["level"])
	require.Equal(t, "req-1", m["request_id"])
	require.Equal(t, "ten_a", m["tenant"])
	require.Equal(t, "pst_b", m["job"])
	require.InDelta(t, 2, m["attempt"], 0)
	require.NotEmpty(t, m["time"])
}

func TestLoggerLevel(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	telemetry.NewLogger(&b, "warn").InfoContext(t.Context(), "x")
	telemetry.NewLogger(&b, "nonsense").DebugContext(t.Context(), "x")
	require.Empty(t, b.String())
	telemetry.NewLogger(&b, "nonsense").InfoContext(t.Context(), "x")
	require.NotEmpty(t, b.String())
}

type stringer struct{ s string }

func (s stringer) String() string { return s.s }

type valuer struct{ s string }

func (v valuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("text", v.s), slog.Any("more", map[string]string{"k": v.s}))
}

// A canary that is put anywhere into a record never comes out.
func TestLoggerHidesSecretsInEveryPosition(t *testing.T) {
	t.Parallel()
	// What the text around a secret can look like. plain has no shape of its own: only its surroundings say what it is.
	texts := map[string]string{
		"token by shape": metaToken, "in a sentence": "failed with " + metaToken + " at once",
		"query": "https://h/p?access_token=" + plainToken, "header": "Authorization: Bearer " + plainToken,
		"json": `{"a":[{"refresh_token":"` + plainToken + `"}]}`, "json in json": `{"body":"{\"client_secret\":\"` + plainToken + `\"}"}`,
		"escaped json": `{"refresh\u005ftoken":"` + plainToken + `"}`, "api key": apiKey, "session": session,
		"presigned": "https://b/o?X-Amz-Signature=" + plainToken + "&X-Amz-Security-Token=" + plainToken,
	}
	type deep struct {
		Inner struct{ Text string }
		List  []any
	}
	u, err := url.Parse("https://h/p?access_token=" + plainToken)
	require.NoError(t, err)
	positions := map[string]func(context.Context, *slog.Logger, string){
		"message": func(ctx context.Context, l *slog.Logger, s string) { l.InfoContext(ctx, s) }, //nolint:sloglint // the message is the point
		"string":  func(ctx context.Context, l *slog.Logger, s string) { l.InfoContext(ctx, "m", slog.String("a", s)) },
		"key":     func(ctx context.Context, l *slog.Logger, s string) { l.InfoContext(ctx, "m", slog.String(s, "v")) },
		"error": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("e", errors.New(s)))
		},
		"wrapped": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("e", fmt.Errorf("x: %w", &url.Error{Op: "Get", URL: s, Err: io.EOF})))
		},
		"group": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Group("g", slog.Group("h", slog.String("a", s))))
		},
		"with": func(ctx context.Context, l *slog.Logger, s string) { l.With(slog.String("a", s)).InfoContext(ctx, "m") },
		"with group": func(ctx context.Context, l *slog.Logger, s string) {
			l.WithGroup("g").With(slog.Any("a", []string{s})).InfoContext(ctx, "m")
		},
		"context": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(telemetry.With(ctx, slog.String("a", s)), "m")
		},
		"map": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("a", map[string]any{"x": []any{map[string]any{"y": s}}}))
		},
		"map key": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("a", map[string]int{s: 1}))
		},
		"struct": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("a", deep{Inner: struct{ Text string }{s}, List: []any{s, 1}}))
		},
		"bytes": func(ctx context.Context, l *slog.Logger, s string) { l.InfoContext(ctx, "m", slog.Any("a", []byte(s))) },
		"raw json": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("a", json.RawMessage(s)))
		},
		"stringer": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("a", stringer{s}))
		},
		"valuer": func(ctx context.Context, l *slog.Logger, s string) { l.InfoContext(ctx, "m", slog.Any("a", valuer{s})) },
		"no json": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("a", []any{func() {}, s}))
		},
		"secret name": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.String("access_token", s), slog.Any("clientSecret", s), slog.String("code", s), slog.Any("Cookie", []string{s}),
				slog.Group("token", slog.String("a", s)), slog.Any("headers", http.Header{"Authorization": {s}}))
		},
		"url": func(ctx context.Context, l *slog.Logger, _ string) { l.InfoContext(ctx, "m", slog.Any("u", u)) },
		"secret": func(ctx context.Context, l *slog.Logger, s string) {
			l.InfoContext(ctx, "m", slog.Any("x", connector.NewSecret(s)), slog.Any("y", connector.Credential{Access: connector.NewSecret(s)}))
		},
	}
	for where, put := range positions {
		for what, text := range texts {
			_, line := record(t, func(ctx context.Context, l *slog.Logger) { put(ctx, l, text) })
			for _, canary := range []string{metaToken, plainToken, apiKey, session[31:]} {
				require.NotContains(t, line, canary, "%s: %s", where, what)
			}
			require.Contains(t, line, "*****", "%s: %s: it was there", where, what)
		}
	}
}

// A value without any sign of its own is hidden by its name alone, whatever its type is.
func TestLoggerHidesValuesBySecretNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"token", "access_token", "accessToken", "fb_exchange_token", "X-Amz-Security-Token", "secret", "client_secret", "ClientSecret",
		"password", "Authorization", "cookie", "Set-Cookie", "code", "state", "signature", "X-Amz-Signature", "appsecret_proof", "code_verifier",
		"api_key", "herald_session", "X-CSRF-Token", "private_key", "credentials",
	} {
		for _, value := range []any{plainToken, []string{plainToken}, errors.New(plainToken), map[string]string{"a": plainToken}, []byte(plainToken), stringer{plainToken}} {
			_, line := record(t, func(ctx context.Context, l *slog.Logger) {
				l.WithGroup(name).InfoContext(ctx, "m", slog.Any("a", value))
			})
			require.NotContains(t, line, plainToken, name)
			_, line = record(t, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m", slog.Any(name, value)) })
			require.NotContains(t, line, plainToken, name)
			_, line = record(t, func(ctx context.Context, l *slog.Logger) {
				l.InfoContext(ctx, "m", slog.Any("body", map[string]any{name: value}))
			})
			require.NotContains(t, line, plainToken, name)
		}
	}
}

func TestLoggerKeepsOrdinaryValues(t *testing.T) {
	t.Parallel()
	m, _ := record(t, func(ctx context.Context, l *slog.Logger) {
		l.InfoContext(ctx, "m", slog.Any("error", errors.New("no such post")), slog.Any("ids", []string{"1", "2"}), slog.Any("n", map[string]int{"code": 190}),
			slog.Bool("ok", true), slog.Any("nothing", nil), slog.Any("binary", []byte{0xff, 1}), slog.Int64("token_version", 3))
	})
	require.Equal(t, "no such post", m["error"])
	require.Equal(t, []any{"1", "2"}, m["ids"])
	require.Equal(t, map[string]any{"code": float64(190)}, m["n"])
	require.Equal(t, true, m["ok"])
	require.Nil(t, m["nothing"])
	require.Equal(t, "2 bytes", m["binary"])
	require.InDelta(t, 3, m["token_version"], 0)
}

func BenchmarkLogger(b *testing.B) {
	l := telemetry.NewLogger(io.Discard, "info")
	bare := slog.New(slog.NewJSONHandler(struct{ io.Writer }{io.Discard}, nil))
	ctx := b.Context()
	for name, l := range map[string]*slog.Logger{"redacting": l, "bare": bare} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.InfoContext(ctx, "published", slog.String("tenant", "ten_01k9z8x7w6v5t4s3r2q1p0n9m8"), slog.String("job", "pst_01k9z8x7w6v5t4s3r2q1p0n9m8"),
					slog.Int("attempt", 1), slog.Duration("took", 412*time.Millisecond))
			}
		})
	}
}
