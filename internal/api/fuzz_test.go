package api_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/replay"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/tenant"
)

// The fuzz targets ask for nothing behind the parsers, so what stands there only notes what got through.

type nobody struct{}

func (nobody) Resolve(context.Context, string) (tenant.Session, error) {
	return tenant.Session{TenantID: "ten_01kav8q2m4e9w3x6t0y5r7n1zd", Role: tenant.Owner}, nil
}

func (nobody) Session(context.Context, string, string) (tenant.Session, bool, error) {
	return tenant.Session{}, false, nil
}

func surface(resources ...api.Resource) http.Handler {
	return api.New(api.Config{
		Sessions: nobody{}, PublicURL: origin, Now: time.Now, NewID: func() string { return "01kav8q2m4e9w3x6t0y5r7n1zd" }, Log: slog.New(slog.DiscardHandler),
	}, resources...)
}

func FuzzSessionToken(f *testing.F) {
	good := "ten_01kav8q2m4e9w3x6t0y5r7n1zd." + base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	for _, s := range []string{good, "", ".", good + "=", strings.ToUpper(good), "ten_../../meta." + good[31:]} {
		f.Add(s)
	}
	sessions := tenant.Sessions{Store: nobody{}, Now: time.Now}
	f.Fuzz(func(t *testing.T, token string) {
		_, err := sessions.Resolve(t.Context(), token)
		require.Equal(t, problem.Unauthorized, problem.ClassOf(err))
		if id, ok := tenant.TokenTenant(token); ok {
			require.True(t, tenant.WellFormed(id, "ten_"))
			require.Len(t, token, len(good))
		}
	})
}

// trail notes where the audit trail was asked to go on.
type trail struct{ before string }

func (t *trail) Connections(context.Context, string) ([]connection.Connection, error) {
	return nil, nil
}

func (t *trail) Metrics(context.Context, string, string, time.Time, time.Time) ([]store.HourMetrics, error) {
	return nil, nil
}

func (t *trail) PlatformOff(context.Context, string, string) (bool, error) { return false, nil }

func (t *trail) AuditTrail(_ context.Context, _, _, before string, _ int) ([]publish.AuditRow, error) {
	t.before = before
	return nil, nil
}

func FuzzAuditCursor(f *testing.F) {
	f.Add("")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte("1764000000000#aud_01kav8q2m4e9w3x6t0y5r7n1zd")))
	f.Add("e30")
	f.Fuzz(func(t *testing.T, cursor string) {
		rows := &trail{}
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/audit?cursor="+url.QueryEscape(cursor), nil)
		surface(api.Insights{Store: rows, Now: time.Now}).ServeHTTP(w, r)
		require.Contains(t, []int{http.StatusOK, http.StatusUnprocessableEntity}, w.Code)
		if w.Code == http.StatusOK && cursor != "" {
			require.Len(t, rows.before, len("1764000000000#aud_01kav8q2m4e9w3x6t0y5r7n1zd"))
		}
		require.True(t, utf8.Valid(w.Body.Bytes()))
	})
}

// memory is where answers are claimed.
type memory struct{ key string }

func (m *memory) ClaimAnswer(_ context.Context, _, key, hash string, _, _ time.Time) (replay.Answer, bool, error) {
	m.key = key
	return replay.Answer{Hash: hash, Done: true, Status: http.StatusOK}, false, nil
}

func (m *memory) KeepAnswer(context.Context, string, string, replay.Answer, time.Time) error {
	return nil
}
func (m *memory) DropAnswer(context.Context, string, string) error { return nil }

func FuzzIdempotencyKey(f *testing.F) {
	for _, s := range []string{"k", "a,b", " ", strings.Repeat("k", 256), "k\x00", "ключ", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		answers := &memory{}
		h := api.New(api.Config{
			Sessions: nobody{}, Answers: answers, PublicURL: origin, Now: time.Now, NewID: func() string { return "1" }, Log: slog.New(slog.DiscardHandler),
		}, api.Connections{})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/connections", strings.NewReader("{}"))
		r.Header["Idempotency-Key"] = []string{key}
		r.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		printable := len(key) > 0 && len(key) <= 255 && strings.IndexFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) < 0
		if printable {
			require.Equal(t, http.StatusOK, w.Code)
			require.Equal(t, "createConnections#"+key, answers.key)
		} else {
			require.Equal(t, http.StatusUnprocessableEntity, w.Code)
			require.Empty(t, answers.key)
		}
	})
}

// states notes what was looked up.
type states struct {
	connection.LinkStore
	tenant string
}

func (s *states) TakeState(_ context.Context, tenantID, _, _ string) (connection.State, bool, bool, error) {
	s.tenant = tenantID
	return connection.State{}, false, false, nil
}

func FuzzOAuthState(f *testing.F) {
	good := "ten_01kav8q2m4e9w3x6t0y5r7n1zd." + base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	for _, s := range []string{good, "", "ten_x.y", good + "A", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, state string) {
		looked := &states{}
		linking := &connection.Linking{Store: looked, Connectors: map[string]connector.Connector{"fake": newPlatform()}, Now: time.Now}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/oauth/fake/callback?code=c&state="+url.QueryEscape(state), nil)
		w := httptest.NewRecorder()
		surface(api.OAuth{Linking: linking, Log: slog.New(slog.DiscardHandler)}).ServeHTTP(w, r)
		require.Equal(t, http.StatusFound, w.Code)
		require.Equal(t, origin+"/accounts?platform=fake&problem=state_used", w.Header().Get("Location"))
		require.True(t, looked.tenant == "" || tenant.WellFormed(looked.tenant, "ten_"))
	})
}

func FuzzReturnPath(f *testing.F) {
	for _, s := range []string{"/posts", "//evil.example", `/\evil.example`, "https://evil.example", "/\t/evil.example", "/a?b=c#d"} {
		f.Add(s)
	}
	base, err := url.Parse(origin + "/connect/x")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, path string) {
		to, err := base.Parse(connection.ReturnPath(path))
		require.NoError(t, err)
		require.Equal(t, origin, to.Scheme+"://"+to.Host)
	})
}
