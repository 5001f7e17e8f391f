package crash_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/vault"
)

// newFarewellWorld is a world whose account was disconnected a while ago.
func newFarewellWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	s := connection.Service{Store: w.store, Now: time.Now, NewID: id, Log: slog.New(slog.DiscardHandler)}
	require.NoError(t, s.Disconnect(t.Context(), w.tenant, w.conn, "mem_x"))
	w.farewellDue()
	return w
}

func (w *world) farewellDue() {
	w.t.Helper()
	w.edit("SET ping_at = :t", map[string]types.AttributeValue{":t": &types.AttributeValueMemberN{Value: "1"}})
}

// claimPasses is the end of a dead worker's claim on the person's grant.
func (w *world) claimPasses() {
	w.t.Helper()
	now := id()
	_, err := w.store.DB.UpdateItem(w.t.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.store.Tables.Connections, UpdateExpression: aws.String("SET ended = :now"), ConditionExpression: aws.String("ended > :now"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":now": &types.AttributeValueMemberS{Value: now}},
		Key: map[string]types.AttributeValue{
			"tenant_id": &types.AttributeValueMemberS{Value: "person#meta##" + w.person}, "connection_id": &types.AttributeValueMemberS{Value: "grant"},
		},
	})
	if err != nil {
		require.ErrorContains(w.t, err, "ConditionalCheckFailed", "no claim is held")
	}
}

// settleFarewell runs the ping until nothing is left to do.
func (w *world) settleFarewell() {
	w.t.Helper()
	for range 3 {
		if w.living().Farewell == nil {
			return
		}
		w.claimPasses()
		w.farewellDue()
		w.clockOnce("ping", func(func()) {})
	}
	require.Nil(w.t, w.living().Farewell, "the farewell comes to its end")
}

func (w *world) revocations() int {
	n := 0
	for _, c := range w.tap.Calls() {
		if strings.HasPrefix(c.Name, "DELETE ") && strings.HasSuffix(c.Name, "/permissions") {
			n++
		}
	}
	return n
}

// requireForgotten asserts that the credential is gone and that the trail says so once.
func (w *world) requireForgotten(version string, kinds ...string) {
	w.t.Helper()
	_, found, err := w.store.Sealed(w.t.Context(), vault.Ref{Tenant: w.tenant, Connection: w.conn, Version: version})
	require.NoError(w.t, err)
	require.False(w.t, found, "the credential is gone")
	rows, err := w.store.AuditTrail(w.t.Context(), w.tenant, w.conn, "", 50)
	require.NoError(w.t, err)
	var got []string
	for _, r := range rows {
		if r.Kind == connection.EventRevoked || r.Kind == connection.EventForgotten {
			got = append(got, r.Kind)
		}
	}
	require.Equal(w.t, kinds, got)
}

func TestAFarewellSurvivesAKillAtEveryCall(t *testing.T) {
	t.Parallel()
	dry := newFarewellWorld(t)
	before := len(dry.tap.Calls())
	dry.clockOnce("ping", func(func()) {})
	dry.requireForgotten(dry.version, connection.EventRevoked)
	require.Equal(t, 1, dry.revocations())
	calls := dry.tap.Calls()[before:]
	for _, c := range calls {
		t.Logf("call %d: %s", c.N, c.Name)
	}
	require.GreaterOrEqual(t, len(calls), 15, "secret, 8 shards, account, who stands on the grant, the index, credential, key, claim, platform, end")
	slots := make(chan struct{}, 6)
	each := func(name string, f func(w *world, kill func())) {
		for n, call := range calls {
			for moment, when := range map[wiretap.Moment]string{wiretap.Before: "before", wiretap.After: "after"} {
				t.Run(fmt.Sprintf("%s, %s call %d %s", name, when, n+1, call.Name), func(t *testing.T) {
					t.Parallel()
					slots <- struct{}{}
					defer func() { <-slots }()
					w := newFarewellWorld(t)
					f(w, func() {
						w.clockOnce("ping", func(kill func()) { w.tap.StrikeAt(len(w.tap.Calls())+n+1, moment, kill) })
					})
				})
			}
		}
	}
	each("last account", func(w *world, killed func()) {
		killed()
		require.True(w.t, w.tap.Struck(), "the plan was carried out")
		w.settleFarewell()
		w.requireForgotten(w.version, connection.EventRevoked)
		require.GreaterOrEqual(w.t, w.revocations(), 1)
	})
	each("another account lives on it", func(w *world, killed func()) {
		data := map[string]string{"user_id": w.person}
		require.NoError(w.t, w.link("ten_"+id(), "con_"+id(), id(), data, w.consent(w.page)))
		killed() // fewer calls than with a revocation: the last of the plan strike nothing
		w.settleFarewell()
		w.requireForgotten(w.version, connection.EventForgotten)
		require.Zero(w.t, w.revocations())
	})
	each("linked again after it", func(w *world, killed func()) {
		old := w.version
		killed()
		require.True(w.t, w.tap.Struck())
		data, before := map[string]string{"user_id": w.person}, w.revocations()
		w.version = id()
		err := w.link(w.tenant, w.conn, w.version, data, w.consent(w.page))
		if problem.ClassOf(err) == problem.Conflict { // it is just being given back: the person comes later, and consents anew
			w.claimPasses()
			w.version = id()
			err = w.link(w.tenant, w.conn, w.version, data, w.consent(w.page))
		}
		require.NoError(w.t, err)
		w.farewellDue()
		w.clockOnce("ping", func(func()) {})
		require.Equal(w.t, before, w.revocations(), "nothing is given back any more")
		require.Equal(w.t, connection.Healthy, w.living().Status)
		w.requireAlive()
		require.NotEqual(w.t, old, w.living().TokenVersion)
	})
}
