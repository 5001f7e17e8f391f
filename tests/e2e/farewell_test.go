package e2e_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/store"
)

// pinged runs the deployed ping function until something has come of it. The stack's own clock runs it as well, so whoever
// comes first does it.
func (m member) pinged(what string, done func() bool) {
	m.t.Helper()
	stack := teststack.Open(m.t)
	functions, ping := lambda.NewFromConfig(stack.AWS()), stack.Output(m.t, "PingFunction")
	require.Eventually(m.t, func() bool {
		out, err := functions.Invoke(m.t.Context(), &lambda.InvokeInput{FunctionName: &ping, Payload: []byte("{}")})
		require.NoError(m.t, err)
		require.Empty(m.t, aws.ToString(out.FunctionError), "%s", out.Payload)
		return done()
	}, time.Minute, 100*time.Millisecond, what)
}

func connections(t *testing.T) *store.Store {
	t.Helper()
	stack := teststack.Open(t)
	return &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{Connections: stack.Output(t, "ConnectionsTable")}}
}

// heard has the platform tell of what happens on accounts.
func (m member) heard(conns ...string) {
	m.t.Helper()
	s := connections(m.t)
	for _, conn := range conns {
		m.pinged("the subscription", func() bool {
			c, found, err := s.Living(m.t.Context(), connection.Key{TenantID: m.Tenant, ID: conn})
			return err == nil && found && c.SubscribedAt != 0
		})
	}
}

// leaves disconnects an account, as a person does, and comes to the end of the three minutes after it.
func (m member) leaves(conn string) {
	m.t.Helper()
	m.call(http.MethodDelete, "/v1/connections/"+conn, nil, http.StatusNoContent, nil)
	s := connections(m.t)
	_, err := s.DB.UpdateItem(m.t.Context(), &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Connections, UpdateExpression: aws.String("SET ping_at = :one"),
		Key: map[string]types.AttributeValue{
			"tenant_id": &types.AttributeValueMemberS{Value: m.Tenant}, "connection_id": &types.AttributeValueMemberS{Value: conn},
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	require.NoError(m.t, err)
	m.pinged("the farewell's end", func() bool {
		c, found, err := s.Living(m.t.Context(), connection.Key{TenantID: m.Tenant, ID: conn})
		return err == nil && found && c.Farewell == nil
	})
}

func TestUnlinkingAPageEndsItsWebhooks(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Leaves", "Stays")
	heard := func(page int) bool {
		var shown []struct {
			Fields []string `json:"subscribed_fields"`
		}
		a, err := m.Must(t.Context(), http.MethodGet, m.Info.Sandbox+"/_sandbox/meta/pages?page="+m.pages[page].ID, nil)
		require.NoError(t, err)
		require.NoError(t, a.Into(&shown), string(a.Body))
		require.Len(t, shown, 1)
		return len(shown[0].Fields) > 0
	}
	m.heard(m.conns...)
	require.True(t, heard(0) && heard(1))
	m.leaves(m.conns[0])
	require.False(t, heard(0), "the platform tells nothing of it any more")
	require.True(t, heard(1), "the same person's other Page is in use")
}

func TestUnlinkingALinkedInPageEndsItsWebhooks(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	other := member{Visitor: arrive(t), t: t} // another workspace that uses the same Page, by the same person
	linked, err := other.ConnectAt(t.Context(), "linkedin", f.person, nil)
	require.NoError(t, err)
	f.heard(f.conns[0])
	other.heard(linked[f.org])
	f.leaves(f.conns[0])
	require.NotEmpty(t, f.shown().Subscribers, "the other workspace uses it")
	other.leaves(linked[f.org])
	require.Empty(t, f.shown().Subscribers)
	var c linkedAccount
	f.call(http.MethodGet, "/v1/connections/"+f.profile, nil, http.StatusOK, &c)
	require.Equal(t, "healthy", c.Status, "the access lives on: the person's profile stands on it")
}

// firm is a member with a LinkedIn Page and the profile of the person who manages it.
type firm struct {
	member

	person, org, profile string
}

func newFirm(t *testing.T) firm {
	t.Helper()
	f := firm{member: member{Visitor: arrive(t), t: t}}
	p, err := stage.Of("linkedin")
	require.NoError(t, err)
	a, err := p.Seed(t.Context(), stage.Box{URL: f.Info.Sandbox}, "linkedin_organization", "")
	require.NoError(t, err)
	f.person, f.org = a.Person, a.ID
	linked, err := f.ConnectAt(t.Context(), "linkedin", a.Person, nil)
	require.NoError(t, err)
	require.Contains(t, linked, f.org)
	f.conns, f.profile = []string{linked[f.org]}, linked[f.person]
	require.NotEmpty(t, f.profile)
	return f
}

// firmShown is what the sandbox shows of a LinkedIn account.
type firmShown struct {
	Posts []struct {
		ID      string `json:"id"`
		Text    string `json:"text"`
		Visible bool   `json:"visible"`
	} `json:"posts"`
	Subscribers []string `json:"subscribers"`
}

func (f firm) shown() firmShown { return f.shownOf(f.org) }

func (f firm) shownOf(account string) firmShown {
	f.t.Helper()
	var out firmShown
	require.NoError(f.t, stage.Box{URL: f.Info.Sandbox}.Get(f.t.Context(), "/_sandbox/linkedin/accounts?id="+url.QueryEscape(account), &out))
	return out
}
