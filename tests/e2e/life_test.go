package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/store"
)

// TestAnAccountIsKeptAlive runs the deployed refresh and ping functions, with the rights that the template gives them.
func TestAnAccountIsKeptAlive(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	m := newMember(t, "Living Cafe")
	s := &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{Connections: stack.Output(t, "ConnectionsTable")}}
	key := connection.Key{TenantID: m.Tenant, ID: m.conns[0]}
	row := func() connection.Living {
		c, found, err := s.Living(t.Context(), key)
		require.NoError(t, err)
		require.True(t, found)
		return c
	}
	_, err := s.DB.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Connections, UpdateExpression: aws.String("SET refresh_at = :one, ping_at = :one"),
		Key: map[string]types.AttributeValue{
			"tenant_id": &types.AttributeValueMemberS{Value: key.TenantID}, "connection_id": &types.AttributeValueMemberS{Value: key.ID},
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	require.NoError(t, err)
	for _, function := range []string{"RefreshFunction", "PingFunction"} {
		out, err := lambda.NewFromConfig(stack.AWS()).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String(stack.Output(t, function)), Payload: []byte("{}")})
		require.NoError(t, err)
		require.Empty(t, aws.ToString(out.FunctionError), "%s: %s", function, out.Payload)
	}
	c := row()
	require.Equal(t, connection.Healthy, c.Status, c.Reason)
	require.Nil(t, c.Rotating)
	require.Greater(t, c.RefreshAt, time.Now().Add(50*24*time.Hour).UnixMilli(), "the login lives for 60 days")
	require.Greater(t, c.PingAt, time.Now().UnixMilli())
	var log struct {
		Items []struct {
			OK bool `json:"ok"`
		} `json:"items"`
	}
	m.call(http.MethodGet, "/v1/connections/"+key.ID+"/health", nil, http.StatusOK, &log)
	require.NotEmpty(t, log.Items)
	require.True(t, log.Items[0].OK)
}

// TestDisconnectingGivesTheAccessBack runs the deployed functions, with the rights that the template gives them.
func TestDisconnectingGivesTheAccessBack(t *testing.T) {
	t.Parallel()
	stack := teststack.Open(t)
	m := newMember(t, "Leaving Cafe")
	db, table := dynamodb.NewFromConfig(stack.AWS()), stack.Output(t, "ConnectionsTable")
	for _, id := range m.conns {
		m.call(http.MethodDelete, "/v1/connections/"+id, nil, http.StatusNoContent, nil)
		_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &table, UpdateExpression: aws.String("SET ping_at = :one"),
			Key: map[string]types.AttributeValue{
				"tenant_id": &types.AttributeValueMemberS{Value: m.Tenant}, "connection_id": &types.AttributeValueMemberS{Value: id},
			},
			ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
		})
		require.NoError(t, err)
	}
	out, err := lambda.NewFromConfig(stack.AWS()).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String(stack.Output(t, "PingFunction")), Payload: []byte("{}")})
	require.NoError(t, err)
	require.Empty(t, aws.ToString(out.FunctionError), "%s", out.Payload)
	last := connection.Key{TenantID: m.Tenant, ID: m.conns[len(m.conns)-1]}
	s := &store.Store{DB: db, Tables: store.Tables{Connections: table}}
	require.Eventually(t, func() bool { // the stack's own clock may have begun with it
		c, found, err := s.Living(t.Context(), last)
		return err == nil && found && c.Farewell == nil
	}, 30*time.Second, 100*time.Millisecond)
	var trail struct {
		Items []struct {
			Kind string `json:"kind"`
		} `json:"items"`
	}
	m.call(http.MethodGet, "/v1/audit?connection_id="+last.ID, nil, http.StatusOK, &trail)
	require.Equal(t, connection.EventRevoked, trail.Items[0].Kind)
}
