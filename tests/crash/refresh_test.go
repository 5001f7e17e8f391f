package crash_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/vault"
)

// newRefreshWorld is a world with a connections table of its own, in which the Page's login has an hour left: a refresh
// has to prolong it, to read the Page's token anew, and to replace the credential.
func newRefreshWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	short, err := stage.SeedMeta(t.Context(), stage.Box{URL: w.box}, "facebook_page", "", true)
	require.NoError(t, err)
	w.connect(short)
	w.edit("SET refresh_at = :t", map[string]types.AttributeValue{":t": &types.AttributeValueMemberN{Value: "1"}})
	return w
}

func (w *world) edit(expression string, values map[string]types.AttributeValue) {
	w.t.Helper()
	_, err := w.store.DB.UpdateItem(w.t.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.store.Tables.Connections, UpdateExpression: aws.String(expression), ExpressionAttributeValues: values,
		Key: map[string]types.AttributeValue{
			"tenant_id": &types.AttributeValueMemberS{Value: w.tenant}, "connection_id": &types.AttributeValueMemberS{Value: w.conn},
		},
	})
	require.NoError(w.t, err)
}

func (w *world) living() connection.Living {
	w.t.Helper()
	c, found, err := w.store.Living(w.t.Context(), connection.Key{TenantID: w.tenant, ID: w.conn})
	require.NoError(w.t, err)
	require.True(w.t, found)
	return c
}

// refreshOnce runs one process of the refresh function with one event; plan may end it.
func (w *world) refreshOnce(plan func(kill func())) {
	w.t.Helper()
	w.clockOnce("refresh", plan)
}

// clockOnce is refreshOnce for any function that the clock starts.
func (w *world) clockOnce(function string, plan func(kill func())) {
	w.t.Helper()
	event, err := os.ReadFile("../../events/" + function + ".json")
	require.NoError(w.t, err)
	worker, err := lambdahost.Start(w.t.Context(), binary(w.t, function), w.env(), w.logs)
	require.NoError(w.t, err)
	plan(worker.Kill)
	_, err = worker.Invoke(event, time.Minute)
	if err != nil {
		require.ErrorIs(w.t, err, lambdahost.ErrDied)
	}
	worker.Kill()
	<-worker.Gone()
}

// requireAlive asserts that the credential the row names opens and that the platform takes it.
func (w *world) requireAlive() connector.Credential {
	w.t.Helper()
	c := w.living()
	ref := vault.Ref{Tenant: w.tenant, Connection: w.conn, Version: c.TokenVersion}
	sealed, found, err := w.store.Sealed(w.t.Context(), ref)
	require.NoError(w.t, err)
	require.True(w.t, found, "the credential that the row names is in the vault")
	keys := vault.KMS{Client: kms.NewFromConfig(w.stack.AWS()), KeyID: w.stack.Output(w.t, "TokenKey")}
	credential, err := vault.Opener{Keys: keys}.Open(w.t.Context(), ref, sealed)
	require.NoError(w.t, err)
	platform, err := meta.New(meta.Config{ClientID: "100200300", ClientSecret: connector.NewSecret("sandbox-meta-secret"), GraphURL: w.box + "/meta/graph", DialogURL: w.box + "/meta/www", HTTP: &http.Client{}})
	require.NoError(w.t, err)
	require.NoError(w.t, platform.Ping(w.t.Context(), connector.Session{
		Account: connector.Account{Kind: c.Kind, ExternalID: c.ExternalID}, Credential: credential,
	}))
	return credential
}

// requireRenewed asserts that nothing of an interrupted refresh is left, and that the login is a long one again.
func (w *world) requireRenewed() {
	w.t.Helper()
	c := w.living()
	require.Equal(w.t, connection.Healthy, c.Status, c.Reason)
	require.Nil(w.t, c.Rotating)
	require.Empty(w.t, c.Lease)
	require.NotEqual(w.t, w.version, c.TokenVersion)
	require.WithinDuration(w.t, time.Now().Add(60*24*time.Hour), time.UnixMilli(c.RenewUntil), time.Hour)
	require.Greater(w.t, c.RefreshAt, time.Now().Add(50*24*time.Hour).UnixMilli())
	w.requireAlive()
}

func TestRefreshSurvivesAKillAtEveryCall(t *testing.T) {
	t.Parallel()
	dry := newRefreshWorld(t)
	before := len(dry.tap.Calls())
	dry.refreshOnce(func(func()) {})
	dry.requireRenewed()
	calls := dry.tap.Calls()[before:]
	for _, c := range calls {
		t.Logf("call %d: %s", c.N, c.Name)
	}
	require.GreaterOrEqual(t, len(calls), 10, "secret, index, lease, credential, key, 4 at the platform, new key, seal, finish")
	slots := make(chan struct{}, 6)
	for n, call := range calls {
		for moment, name := range map[wiretap.Moment]string{wiretap.Before: "before", wiretap.After: "after"} {
			t.Run(fmt.Sprintf("%s call %d %s", name, n+1, call.Name), func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				w := newRefreshWorld(t)
				w.refreshOnce(func(kill func()) { w.tap.StrikeAt(len(w.tap.Calls())+n+1, moment, kill) })
				require.True(t, w.tap.Struck(), "the plan was carried out")
				w.requireAlive()
				require.NotEqual(t, connection.Blocked, w.living().Status)

				w.edit("REMOVE lease_until", nil) // the dead worker's lease has passed
				if c := w.living(); c.RefreshAt == 1 {
					w.refreshOnce(func(func()) {})
				}
				w.requireRenewed()
			})
		}
	}
}

// TestAPublisherRenewsADeadToken: the Page's token dies, the login lives; the post goes out all the same.
func TestAPublisherRenewsADeadToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.control("/_sandbox/meta/people/"+w.person+"/revoke", map[string]any{"subcode": 463, "page": w.page}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := newFleet(w)
	p := w.accept("Still here "+w.tenant, "photo")
	w.send(p)
	go f.run(ctx, 1)
	go w.sweep(ctx)
	eventually(t, 30*time.Second, "the job never ended", func() bool { return w.job(p).Status.Final() })
	cancel()
	f.killAll()
	w.requireOnce(p)
	w.requireAlive()
	require.NotEqual(t, w.version, w.living().TokenVersion)
}
