package all_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/all"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
)

func credentials(string) (all.Apps, error) {
	app := all.App{ClientID: "100200300", ClientSecret: connector.NewSecret("s")}
	return all.Apps{App: app, Logins: map[string]all.App{"instagram": app, "personal": app}}, nil
}

func TestConnectorsAreThoseThatAreSwitchedOn(t *testing.T) {
	t.Parallel()
	list, err := all.Connectors(all.Config{Credentials: credentials})
	require.NoError(t, err)
	require.Empty(t, list)

	settings := map[string]string{"META_API_VERSION": "v27.0"}
	list, err = all.Connectors(all.Config{Platforms: []string{"meta"}, Credentials: credentials, Get: func(k string) string { return settings[k] }})
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "meta", list["meta"].Info().Platform)
	require.Equal(t, "v27.0", list["meta"].Info().APIVersion)
}

func TestConnectorsRefuseWhatCannotWork(t *testing.T) {
	t.Parallel()
	_, err := all.Connectors(all.Config{Platforms: []string{"orkut"}, Credentials: credentials})
	require.ErrorContains(t, err, `"orkut"`)
	away := errors.New("secret store is away")
	_, err = all.Connectors(all.Config{Platforms: []string{"meta"}, Credentials: func(string) (all.Apps, error) { return all.Apps{}, away }})
	require.ErrorIs(t, err, away)
	_, err = all.Connectors(all.Config{Platforms: []string{"meta"}, Credentials: credentials, Get: func(string) string { return "http://graph.example" }})
	require.ErrorContains(t, err, "https://")
	list, err := all.Connectors(all.Config{Platforms: []string{"meta"}, Credentials: func(string) (all.Apps, error) { return all.Apps{}, nil }})
	require.NoError(t, err)
	require.Empty(t, list, "no app registered yet: left out")
}

func TestALoginIsOfferedWhereItsAppIsRegisteredAndItIsSwitchedOn(t *testing.T) {
	t.Parallel()
	list, err := all.Connectors(all.Config{Platforms: []string{"meta"}, Credentials: func(string) (all.Apps, error) {
		return all.Apps{App: all.App{ClientID: "1", ClientSecret: connector.NewSecret("s")}}, nil
	}})
	require.NoError(t, err)
	require.Len(t, list["meta"].Info().Logins, 1, "the Instagram app is missing")

	whole := all.Infos()[0]
	require.Len(t, all.Offered(whole, func(string) string { return "" }).Logins, 2)
	only := all.Offered(whole, func(key string) string { return map[string]string{"META_LOGINS": "facebook"}[key] })
	require.Len(t, only.Logins, 1)
	require.Equal(t, "facebook", only.Logins[0].ID)
	require.Len(t, whole.Logins, 2, "the description itself stays")
}

func TestEveryPlatformIsDescribedWithoutCredentials(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	require.Len(t, all.Infos(), len(all.Platforms()))
	for _, p := range all.Platforms() {
		require.False(t, seen[p.Info.Platform])
		seen[p.Info.Platform] = true
		list, err := all.Connectors(all.Config{Platforms: []string{p.Info.Platform}, Credentials: credentials})
		require.NoError(t, err)
		require.Equal(t, p.Info, list[p.Info.Platform].Info())
		require.Equal(t, p.Capabilities, connector.CapabilitiesOf(list[p.Info.Platform]))
	}
}

// The part of docs/connectors.md between the marks is written from the code.
func TestConnectorsDocument(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../../../docs/connectors.md", "<!-- generated: begin -->\n", "<!-- generated: end -->\n"
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	head, rest, ok := strings.Cut(string(raw), begin)
	require.True(t, ok)
	_, tail, ok := strings.Cut(rest, end)
	require.True(t, ok)
	var b strings.Builder
	for _, p := range all.Platforms() {
		b.WriteString("\n" + connectortest.Section(p.Info, p.Capabilities))
	}
	want := head + begin + b.String() + "\n" + end + tail
	if connectortest.Update() {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600)) //nolint:gosec // the path is a constant
		return
	}
	require.Equal(t, want, string(raw), "stale: go test ./internal/connector/all -update")
}
