package connection_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/vault"
)

func id() string { return strings.ToLower(ulid.Make().String()) }

// rotating is a platform that gives a new pair of tokens for each refresh token, once.
type rotating struct {
	connector.Linker
	mu        sync.Mutex
	access    map[string]bool // good ones
	refresh   map[string]bool
	rotations int
	keepsOld  bool           // the old pair works on after a rotation
	life      connector.Life // of the new pair
	down      error          // answer to everything
	answers   bool           // a ping works with any token
	onRefresh func()         // runs before a refresh is answered
}

func (p *rotating) Info() connector.Info { return connector.Info{Platform: "meta"} }

func (p *rotating) Publish(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
	return connector.Receipt{}, nil
}

func (p *rotating) Ping(_ context.Context, s connector.Session) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down != nil {
		return p.down
	}
	if !p.answers && !p.access[s.Credential.Access.Reveal()] {
		return problem.New(problem.AuthExpired, "The token has ended.")
	}
	return nil
}

func (p *rotating) Refresh(_ context.Context, s connector.Session) (connector.Renewal, error) {
	if p.onRefresh != nil {
		p.onRefresh()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down != nil {
		return connector.Renewal{}, p.down
	}
	if !p.refresh[s.Credential.Refresh.Reveal()] {
		return connector.Renewal{}, problem.New(problem.AuthRevoked, "The platform does not renew the access.")
	}
	p.rotations++
	if !p.keepsOld {
		clear(p.access)
		clear(p.refresh)
	}
	return connector.Renewal{Credential: p.grant(), Life: p.life}, nil
}

// grant makes a good pair. The lock is held.
func (p *rotating) grant() connector.Credential {
	a, r := "access-"+id(), "refresh-"+id()
	p.access[a], p.refresh[r] = true, true
	return connector.Credential{Access: connector.NewSecret(a), Refresh: connector.NewSecret(r)}
}

func (p *rotating) forget(access, refresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if access {
		clear(p.access)
	}
	if refresh {
		clear(p.refresh)
	}
}

// world is one connection on the local AWS, in a connections table of its own, with a clock that the test moves.
type world struct {
	t        *testing.T
	store    *store.Store
	keys     vault.KMS
	platform *rotating
	renewer  *connection.Renewer
	pinger   *connection.Pinger
	key      connection.Key
	now      time.Time
	operator faults
}

// faults counts what the operator is told.
type faults struct{ n int }

// OperatorFault implements connection.Meter.
func (f *faults) OperatorFault(string) { f.n++ }

// operatorFault is what a platform says to an app that is not in order.
func operatorFault() *problem.Error {
	e := problem.New(problem.PermissionMissing, "The platform does not accept the secret of Herald's app.")
	e.Platform, e.Action = "meta", problem.Action{Kind: problem.ActOperator, Label: "Tell your operator"}
	return e
}

func newWorld(t *testing.T) *world {
	t.Helper()
	stack := teststack.Open(t)
	w := &world{
		t: t, now: time.Now().Truncate(time.Millisecond), key: connection.Key{TenantID: "ten_" + id(), ID: "con_" + id()},
		platform: &rotating{access: map[string]bool{}, refresh: map[string]bool{}},
		keys:     vault.KMS{Client: kms.NewFromConfig(stack.AWS()), KeyID: stack.Output(t, "TokenKey")},
	}
	w.platform.life = connector.Life{ExpiresAt: w.now.Add(60 * 24 * time.Hour)}
	w.store = &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{
		Vault: stack.Output(t, "VaultTable"), Audit: stack.Output(t, "AuditTable"), Health: stack.Output(t, "HealthTable"),
		Metrics: stack.Output(t, "MetricsTable"), Loans: stack.Output(t, "LoansTable"),
	}}
	w.store.Tables.Connections = w.ownTable(stack.Output(t, "ConnectionsTable"))
	connectors := map[string]connector.Connector{"meta": w.platform}
	log := slog.New(slog.DiscardHandler)
	clock := func() time.Time { return w.now }
	w.renewer = &connection.Renewer{
		Store: w.store, Opener: vault.Opener{Keys: w.keys}, Sealer: w.sealer(), Connectors: connectors, Meter: &w.operator, Now: clock, NewID: id, Log: log,
	}
	w.pinger = &connection.Pinger{Store: w.store, Opener: vault.Opener{Keys: w.keys}, Connectors: connectors, Meter: &w.operator, Now: clock, NewID: id, Log: log}
	w.link()
	return w
}

func (w *world) sealer() vault.Sealer { return vault.Sealer{Keys: w.keys, Store: w.store} }

// ownTable copies the deployed table's shape: what is due here is this test's alone.
func (w *world) ownTable(deployed string) string {
	w.t.Helper()
	d, err := w.store.DB.DescribeTable(w.t.Context(), &dynamodb.DescribeTableInput{TableName: &deployed})
	require.NoError(w.t, err)
	name := "connections-" + w.key.TenantID
	in := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: d.Table.AttributeDefinitions, KeySchema: d.Table.KeySchema,
	}
	for _, g := range d.Table.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{IndexName: g.IndexName, KeySchema: g.KeySchema, Projection: g.Projection})
	}
	_, err = w.store.DB.CreateTable(w.t.Context(), in)
	require.NoError(w.t, err)
	return name
}

// link connects the account with a good pair, as a consent does.
func (w *world) link() {
	w.t.Helper()
	require.NoError(w.t, w.linkAs(w.key, "", id()))
}

// linkAs connects an account that stands on a person's grant, with a consent of the given version.
func (w *world) linkAs(k connection.Key, subject, version string) error {
	w.t.Helper()
	w.platform.mu.Lock()
	credential := w.platform.grant()
	w.platform.mu.Unlock()
	ref := vault.Ref{Tenant: k.TenantID, Connection: k.ID, Version: version}
	require.NoError(w.t, w.sealer().Seal(w.t.Context(), ref, credential, w.now.Add(time.Hour)))
	e := w.event()
	e.TenantID, e.ConnectionID = k.TenantID, k.ID
	return w.store.LinkConnection(w.t.Context(), connection.Connection{
		TenantID: k.TenantID, ID: k.ID, Platform: "meta", Kind: "page", ExternalID: "1", Name: "Cafe", Status: connection.Healthy, Subject: subject,
		TokenVersion: ref.Version, CreatedAt: w.now.UnixMilli(), UpdatedAt: w.now.UnixMilli(),
	}, e)
}

func (w *world) event() connection.Event {
	return connection.Event{TenantID: w.key.TenantID, ConnectionID: w.key.ID, ID: "aud_" + id(), Kind: connection.EventLinked, At: w.now.UnixMilli()}
}

func (w *world) row() connection.Living {
	w.t.Helper()
	c, found, err := w.store.Living(w.t.Context(), w.key)
	require.NoError(w.t, err)
	require.True(w.t, found)
	return c
}

// refresh moves the clock to when the connection is due and runs the refresh.
func (w *world) refresh() connection.Living {
	w.t.Helper()
	at := w.row().RefreshAt
	require.NotZero(w.t, at, "it is due at some time")
	w.now = time.UnixMilli(max(at, w.now.UnixMilli()))
	n, err := w.renewer.Run(w.t.Context())
	require.NoError(w.t, err)
	require.Equal(w.t, 1, n)
	return w.row()
}

// ping moves the clock to when the connection is due and pings it.
func (w *world) ping() connection.Living {
	w.t.Helper()
	at := w.row().PingAt
	require.NotZero(w.t, at)
	w.now = time.UnixMilli(max(at, w.now.UnixMilli()))
	n, err := w.pinger.Run(w.t.Context())
	require.NoError(w.t, err)
	require.Equal(w.t, 1, n)
	return w.row()
}

// works asks the platform with the credential that the row names.
func (w *world) works() bool {
	w.t.Helper()
	c := w.row()
	ref := vault.Ref{Tenant: c.TenantID, Connection: c.ID, Version: c.TokenVersion}
	sealed, found, err := w.store.Sealed(w.t.Context(), ref)
	require.NoError(w.t, err)
	require.True(w.t, found, "the credential that the row names is in the vault")
	credential, err := vault.Opener{Keys: w.keys}.Open(w.t.Context(), ref, sealed)
	require.NoError(w.t, err)
	w.platform.mu.Lock()
	defer w.platform.mu.Unlock()
	return w.platform.access[credential.Access.Reveal()]
}

// trail gives the kinds of the connection's events, newest first.
func (w *world) trail() []string {
	w.t.Helper()
	rows, err := w.store.AuditTrail(w.t.Context(), w.key.TenantID, w.key.ID, "", 50)
	require.NoError(w.t, err)
	var kinds []string
	for _, r := range rows {
		kinds = append(kinds, r.Kind)
	}
	return kinds
}
