package api_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/connection"
)

func (p *person) publish(body map[string]any) (out api.Post) {
	p.w.t.Helper()
	p.post("/v1/posts", body, "Idempotency-Key", boot.NewID()).status(http.StatusAccepted).into(&out)
	return out
}

func (w *world) putConnection(t *testing.T, c connection.Connection) {
	t.Helper()
	it, err := attributevalue.MarshalMap(c)
	require.NoError(t, err)
	_, err = w.store.DB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &w.store.Tables.Connections, Item: it})
	require.NoError(t, err)
}

func jpegOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil))
	return b.Bytes()
}

func TestPublishingTwiceWithOneKeyIsOnePost(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	con := ada.link("1")
	body := map[string]any{"text": "hello 👋🏽", "targets": []any{map[string]any{"connection_id": con.ID}}}
	var first, second api.Post
	r := ada.post("/v1/posts", body, "Idempotency-Key", "one").status(http.StatusAccepted)
	r.into(&first)
	require.Empty(t, r.head.Get("Idempotent-Replayed"))
	r = ada.post("/v1/posts", body, "Idempotency-Key", "one").status(http.StatusAccepted)
	r.into(&second)
	require.Equal(t, "true", r.head.Get("Idempotent-Replayed"))
	require.Equal(t, first.ID, second.ID)
	require.Equal(t, "hello 👋🏽", second.Text)

	body["text"] = "changed"
	p := ada.post("/v1/posts", body, "Idempotency-Key", "one").problem(http.StatusUnprocessableEntity, "invalid_request")
	require.Equal(t, "Idempotency-Key", p.Errors[0].Field)
	var list api.PostList
	ada.get("/v1/posts").into(&list)
	require.Len(t, list.Items, 1)
}

func TestAPostTellsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	con := ada.link("1")
	med := ada.upload(t, jpegOf(t, 12, 8))
	at := w.clock.Now().Add(48 * time.Hour).Truncate(time.Second)
	post := ada.publish(map[string]any{
		"text": "terrace", "media": []any{map[string]any{"id": med.ID, "alt": "Two chairs"}}, "publish_at": at.Format(time.RFC3339),
		"targets": []any{map[string]any{"connection_id": con.ID, "text": "only here"}},
	})
	require.Equal(t, "scheduled", post.State)
	require.Equal(t, at, post.PublishAt)
	require.Equal(t, "Europe/Berlin", post.TimeZone)
	require.Equal(t, api.Author{ID: ada.session.Member.ID, Name: "Ada Lovelace"}, post.CreatedBy)
	require.Equal(t, []api.PostMedium{{ID: med.ID, Type: "image/jpeg", Width: 12, Height: 8, Alt: "Two chairs", URL: "/v1/media/" + med.ID + "/content"}}, post.Media)
	require.Len(t, post.Jobs, 1)
	job := post.Jobs[0]
	require.Equal(t, "only here", job.Text)
	require.Equal(t, "photo", job.Kind)
	require.Equal(t, "scheduled", job.State)
	require.Equal(t, "Cafe Ada", job.Connection.Name)

	var history api.JobHistory
	ada.get("/v1/jobs/" + job.ID).status(http.StatusOK).into(&history)
	require.Equal(t, job, history.Job)

	later := at.Add(time.Hour)
	var moved, cancelled api.Post
	ada.post("/v1/posts/"+post.ID+"/reschedule", map[string]any{"publish_at": later.Format(time.RFC3339)}).status(http.StatusOK).into(&moved)
	require.Equal(t, later, moved.PublishAt)
	ada.post("/v1/posts/"+post.ID+"/cancel", nil).status(http.StatusOK).into(&cancelled)
	require.Equal(t, "cancelled", cancelled.State)
	ada.get("/v1/jobs/" + job.ID).into(&history)
	var kinds []string
	for _, e := range history.Timeline {
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []string{"accepted", "rescheduled", "cancelled"}, kinds)
	ada.post("/v1/jobs/"+job.ID+"/retry", nil).problem(http.StatusConflict, "conflict")
	ada.post("/v1/jobs/"+job.ID+"/resolve", map[string]any{"outcome": "there"}).problem(http.StatusUnprocessableEntity, "invalid_request")
	ada.post("/v1/jobs/"+job.ID+"/resolve", map[string]any{"outcome": "post_again"}).problem(http.StatusConflict, "conflict")
}

func TestEveryViolationComesAtOnce(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	one, two := ada.link("1"), ada.link("2")
	body := map[string]any{
		"text": strings.Repeat("a", 51), "publish_at": "2001-01-01T00:00:00Z", "link": "javascript:alert(1)",
		"targets": []any{map[string]any{"connection_id": one.ID}, map[string]any{"connection_id": two.ID, "text": strings.Repeat("👩‍👩‍👧‍👦", 50)}},
	}
	p := ada.post("/v1/posts", body, "Idempotency-Key", "k").problem(http.StatusUnprocessableEntity, "invalid_content")
	var check api.Check
	ada.post("/v1/posts/check", body).status(http.StatusOK).into(&check)
	require.Equal(t, p.Errors, check.Problems)
	fields := map[string]int{}
	for _, e := range p.Errors {
		fields[e.Field]++
	}
	require.Equal(t, map[string]int{"publish_at": 1, "text": 1, "link": 2}, fields, "50 families of emoji are 50 characters")

	body["text"] = "short enough"
	delete(body, "publish_at")
	delete(body, "link")
	ada.post("/v1/posts/check", body).status(http.StatusOK).into(&check)
	require.Empty(t, check.Problems)
	ada.post("/v1/posts", body, "Idempotency-Key", "k").status(http.StatusAccepted)
}

func TestTextsThatTogetherAreTooMuch(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	var targets []any
	for range 25 {
		targets = append(targets, map[string]any{"connection_id": "con_" + boot.NewID()})
	}
	ada.post("/v1/posts", map[string]any{"text": strings.Repeat("🦊", 60000), "targets": targets}, "Idempotency-Key", "k").
		problem(http.StatusRequestEntityTooLarge, "too_large")
}

func TestListingPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	con := ada.link("1")
	var want []string
	for i := range 5 {
		at := w.clock.Now().Add(time.Duration(i+1) * 24 * time.Hour).Format(time.RFC3339)
		p := ada.publish(map[string]any{"text": "hello", "publish_at": at, "targets": []any{map[string]any{"connection_id": con.ID}}})
		want = append([]string{p.ID}, want...)
	}
	var got []string
	cursor := ""
	for range 4 {
		var page api.PostList
		ada.get("/v1/posts?limit=2&cursor=" + cursor).status(http.StatusOK).into(&page)
		for _, p := range page.Items {
			got = append(got, p.ID)
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	require.Equal(t, want, got)
	var published api.PostList
	ada.get("/v1/posts?state=published").status(http.StatusOK).into(&published)
	require.Empty(t, published.Items)
}
