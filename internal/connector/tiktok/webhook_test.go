package tiktok_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
	"github.com/herald-publishing/herald/internal/connector/tiktok"
	"github.com/herald-publishing/herald/internal/problem"
)

func newJournal() connector.Steps { return connectortest.NewLedger().Journal(time.Now) }

func TestDeliveriesAreOursAndOfOurTime(t *testing.T) {
	t.Parallel()
	now := time.Unix(1790000000, 0)
	c, err := tiktok.New(tiktok.Config{ClientID: clientKey, ClientSecret: connector.NewSecret(clientSecret), Now: func() time.Time { return now }})
	require.NoError(t, err)
	body := event(openID, "authorization.removed", `{\"reason\":1}`)
	for age, fine := range map[time.Duration]bool{0: true, 72 * time.Hour: true, 74 * time.Hour: false, -time.Minute: true, -6 * time.Minute: false} {
		require.Equal(t, fine, c.Verify(signed(clientSecret, now.Add(-age), body), body) == nil, age)
	}
	rotated, err := tiktok.New(tiktok.Config{
		ClientID: clientKey, ClientSecret: connector.NewSecret("the new one"), OldSecret: connector.NewSecret(clientSecret), Now: func() time.Time { return now },
	})
	require.NoError(t, err)
	for _, secret := range []string{"the new one", clientSecret} {
		require.NoError(t, rotated.Verify(signed(secret, now, body), body), "what was signed before the secret was changed is still delivered")
	}
	require.Error(t, rotated.Verify(signed("another", now, body), body))
	require.Error(t, c.Verify(signed("", now, body), body), "no old secret is no secret")
	foreign := []byte(`{"client_key":"another","event":"authorization.removed","create_time":1790000000,"user_openid":"x","content":"{}"}`)
	for why, try := range map[string]struct {
		header http.Header
		body   []byte
	}{
		"another app's":    {signed(clientSecret, now, foreign), foreign},
		"another secret":   {signed("another", now, body), body},
		"a space more":     {signed(clientSecret, now, body), append([]byte(" "), body...)},
		"another spelling": {http.Header{"Tiktok-Signature": {"t=+1790000000,s=" + signed(clientSecret, now, body).Get("Tiktok-Signature")[15:]}}, body},
	} {
		require.Equal(t, problem.Unauthorized, problem.ClassOf(c.Verify(try.header, try.body)), why)
	}
}

func TestEventsSayWhatBecameOfAPost(t *testing.T) {
	t.Parallel()
	c, err := tiktok.New(tiktok.Config{ClientID: clientKey, ClientSecret: connector.NewSecret(clientSecret)})
	require.NoError(t, err)
	split := func(name, content string) connector.WebhookEvent {
		t.Helper()
		all, err := c.Split(event(openID, name, content))
		require.NoError(t, err)
		require.Len(t, all, 1)
		return all[0]
	}
	for name, want := range map[string]connector.PostState{
		"post.publish.complete": connector.PostPublished, "post.publish.inbox_delivered": connector.PostDelivered, "post.publish.failed": connector.PostFailed,
		"post.publish.publicly_available": connector.PostPublished, "post.publish.no_longer_publicaly_available": connector.PostRemoved, //nolint:misspell // so it is
		"post.publish.no_longer_publicly_available": connector.PostRemoved,
	} {
		e := split(name, `{\"publish_id\":\"v_pub_file~v2.1\",\"publish_type\":\"x\",\"reason\":\"spam_risk\",\"post_id\":7512345678901234567}`)
		require.Equal(t, connector.WebhookPost, e.Kind, name)
		require.Equal(t, openID, e.ExternalAccountID)
		require.Equal(t, want, e.Post.State, name)
		require.Equal(t, "7512345678901234567", e.Post.ExternalID, "no digit is lost")
		require.Equal(t, "v_pub_file~v2.1", e.Post.Reference)
		require.Equal(t, map[bool]string{true: "spam_risk"}[want == connector.PostFailed], e.Post.Reason)
	}
	require.Equal(t, "7512345678901234567", split("post.publish.publicly_available", `{\"publish_id\":\"v1\",\"post_id\":\"7512345678901234567\"}`).Post.ExternalID)
	removed := split("authorization.removed", `{\"reason\":4}`)
	require.Equal(t, []string{string(connector.WebhookDeauthorized), openID, ""}, []string{string(removed.Kind), removed.Subject, removed.ExternalAccountID})
	require.EqualValues(t, 1790000000, removed.At.Unix())
	require.Contains(t, removed.Cause, "banned")
	require.Empty(t, split("authorization.removed", `{\"reason\":1}`).Cause, "the person's own wish needs no words")
	for name, content := range map[string]string{
		"video.publish.completed": `{\"share_id\":\"1\"}`, "post.publish.complete": `no json`, "post.publish.new": `{\"publish_id\":\"v1\"}`,
	} {
		require.Equal(t, connector.WebhookOther, split(name, content).Kind, name)
	}
	require.Equal(t, removed.ID, split("authorization.removed", `{\"reason\":4}`).ID)
	require.NotEqual(t, removed.ID, split("authorization.removed", `{\"reason\":1}`).ID)
}
