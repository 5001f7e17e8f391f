package crash_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/act"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/problem"
)

// commented is a world with a post by hand and a fan's comment below it, which Herald knows.
func commented(t *testing.T) (w *world, comment string) {
	t.Helper()
	w = newWorld(t)
	var post, made struct{ ID string }
	w.control("/_sandbox/meta/posts", map[string]any{"page": w.page, "message": "Buns"}, &post)
	w.control("/_sandbox/meta/comments", map[string]any{"post": post.ID, "name": "Kim", "message": "Lovely", "share": true}, &made)
	require.NoError(t, w.store.Merge(t.Context(), w.tenant, w.conn, connector.Comment{
		ID: made.ID, PostID: post.ID, FromName: "Kim", Text: "Lovely", CreatedAt: time.Now(),
	}, time.Now().UnixMilli()))
	return w, made.ID
}

// reply runs one process of the act function with one answer; plan may end it.
func (w *world) reply(comment string, plan func(kill func())) (act.Response, bool) {
	w.t.Helper()
	event, err := json.Marshal(act.Request{
		Op: act.ReplyToComment, Tenant: w.tenant, Connection: w.conn, Comment: comment, Reply: "rep_1", Member: "mem_1", Text: "Thank you",
	})
	require.NoError(w.t, err)
	worker, err := lambdahost.Start(w.t.Context(), binary(w.t, "act"), w.env(), w.logs)
	require.NoError(w.t, err)
	plan(worker.Kill)
	raw, err := worker.Invoke(event, time.Minute)
	worker.Kill()
	<-worker.Gone()
	if err != nil {
		require.ErrorIs(w.t, err, lambdahost.ErrDied)
		return act.Response{}, false
	}
	var out act.Response
	require.NoError(w.t, json.Unmarshal(raw, &out), string(raw))
	return out, true
}

// forgetLease lets the dead worker's lease pass.
func (w *world) forgetLease(reply string) {
	w.t.Helper()
	_, err := w.store.DB.UpdateItem(w.t.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.store.Tables.Comments, UpdateExpression: aws.String("REMOVE lease, lease_until"), ConditionExpression: aws.String("attribute_exists(lease)"),
		Key: map[string]types.AttributeValue{
			"tenant_id": &types.AttributeValueMemberS{Value: w.tenant}, "sk": &types.AttributeValueMemberS{Value: w.conn + "#reply#" + reply},
		},
	})
	var none *types.ConditionalCheckFailedException
	if !errors.As(err, &none) { // it died before it had one
		require.NoError(w.t, err)
	}
}

// answers are the Page's own comments.
func (w *world) answers() []string {
	w.t.Helper()
	var pages []struct {
		Posts []struct {
			Comments []struct {
				ID  string `json:"id"`
				Own bool   `json:"own"`
			} `json:"comments"`
		} `json:"posts"`
	}
	w.read("/_sandbox/meta/pages?page="+w.page, &pages)
	require.Len(w.t, pages, 1)
	var out []string
	for _, p := range pages[0].Posts {
		for _, c := range p.Comments {
			if c.Own {
				out = append(out, c.ID)
			}
		}
	}
	return out
}

// TestAReplySurvivesAKillAtEveryCall ends the process that answers a comment at each of its calls; whoever repeats the
// request finds one answer at the end, and never two.
func TestAReplySurvivesAKillAtEveryCall(t *testing.T) {
	t.Parallel()
	dry, comment := commented(t)
	before := len(dry.tap.Calls())
	out, lived := dry.reply(comment, func(func()) {})
	require.True(t, lived)
	require.Nil(t, out.Problem)
	require.Equal(t, []string{out.Comment.ID}, dry.answers())
	calls := dry.tap.Calls()[before:]
	for _, c := range calls {
		t.Logf("call %d: %s", c.N, c.Name)
	}
	require.GreaterOrEqual(t, len(calls), 8, "secret, account, token, key, comment, claim, start, answer, finish")
	slots := make(chan struct{}, 4)
	for n, call := range calls {
		for moment, name := range map[wiretap.Moment]string{wiretap.Before: "before", wiretap.After: "after"} {
			t.Run(fmt.Sprintf("%s call %d %s", name, n+1, call.Name), func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				w, comment := commented(t)
				w.reply(comment, func(kill func()) { w.tap.StrikeAt(len(w.tap.Calls())+n+1, moment, kill) })
				require.True(t, w.tap.Struck(), "the plan was carried out")
				require.LessOrEqual(t, len(w.answers()), 1)
				var got act.Response
				require.Eventually(t, func() bool {
					w.forgetLease("rep_1")
					got, _ = w.reply(comment, func(func()) {})
					if got.Problem != nil {
						require.Equal(t, problem.Transient, got.Problem.Class, got.Problem.Message)
					}
					return got.Problem == nil
				}, time.Minute, time.Second)
				require.Equal(t, []string{got.Comment.ID}, w.answers())
				again, _ := w.reply(comment, func(func()) {})
				require.Equal(t, got, again, "asked once more it is the same answer")
				require.Len(t, w.answers(), 1)
			})
		}
	}
}
