package e2e_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/visitor"
)

// job and post are what the API shows of them.
type job struct {
	ID          string    `json:"id"`
	State       string    `json:"state"`
	Attempts    int       `json:"attempts"`
	PublishedAt time.Time `json:"published_at"`
	Receipt     struct {
		ExternalID string `json:"external_id"`
		Permalink  string `json:"permalink"`
	} `json:"receipt"`
	Problem struct {
		Class   string `json:"class"`
		Message string `json:"message"`
		Action  struct {
			Kind string `json:"kind"`
		} `json:"action"`
	} `json:"problem"`
}

type post struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Jobs  []job  `json:"jobs"`
}

// member is a visitor with Pages linked.
type member struct {
	*visitor.Visitor
	t     *testing.T
	pages []visitor.Page
	conns []string
}

func newMember(t *testing.T, pages ...string) member {
	t.Helper()
	v := arrive(t)
	person, made, err := v.Seed(t.Context(), pages...)
	require.NoError(t, err)
	conns, err := v.Connect(t.Context(), person, made)
	require.NoError(t, err)
	return member{Visitor: v, t: t, pages: made, conns: conns}
}

func (m member) call(method, path string, in any, want int, out any) {
	m.t.Helper()
	a, err := m.API(m.t.Context(), method, path, in)
	require.NoError(m.t, err)
	require.Equal(m.t, want, a.Status, string(a.Body))
	if out != nil {
		require.NoError(m.t, a.Into(out), string(a.Body))
	}
}

func (m member) publish(text string, more map[string]any) post {
	m.t.Helper()
	targets := []any{}
	for _, c := range m.conns {
		targets = append(targets, map[string]any{"connection_id": c})
	}
	in := map[string]any{"text": text, "targets": targets}
	maps.Copy(in, more)
	var p post
	m.call(http.MethodPost, "/v1/posts", in, http.StatusAccepted, &p)
	return p
}

func (m member) get(id string) post {
	m.t.Helper()
	var p post
	m.call(http.MethodGet, "/v1/posts/"+id, nil, http.StatusOK, &p)
	return p
}

// until waits for a state of the post.
func (m member) until(id, state string, within time.Duration) post {
	m.t.Helper()
	var p post
	require.Eventually(m.t, func() bool {
		p = m.get(id)
		return p.State == state
	}, within, 100*time.Millisecond, "the post never became %s", state)
	return p
}

// timeline is what the member's first Page shows.
func (m member) timeline() []visitor.SandboxPost {
	m.t.Helper()
	posts, err := m.Timeline(m.t.Context(), m.pages[0].ID)
	require.NoError(m.t, err)
	return posts
}

func (m member) fault(in map[string]any) {
	m.t.Helper()
	in["match"] = m.pages[0].ID
	_, err := m.Must(m.t.Context(), http.MethodPost, m.Info.Sandbox+"/_sandbox/faults", in)
	require.NoError(m.t, err)
}

func TestAScheduledPostGoesOutInItsSecond(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Timed")
	at := time.Now().Add(8 * time.Second).Truncate(time.Second).UTC()
	p := m.publish("On time "+newID(), map[string]any{"publish_at": at.Format(time.RFC3339)})
	require.Empty(t, m.timeline(), "not before its time")
	p = m.until(p.ID, "published", 20*time.Second)
	late := p.Jobs[0].PublishedAt.Sub(at)
	require.GreaterOrEqual(t, late, time.Duration(0))
	require.Less(t, late, time.Second)
}

func TestALaterPostCanBeMovedAndCancelled(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Moved")
	tomorrow := time.Now().Add(24 * time.Hour).UTC()
	moved := m.publish("Moved "+newID(), map[string]any{"publish_at": tomorrow.Format(time.RFC3339)})
	gone := m.publish("Cancelled "+newID(), map[string]any{"publish_at": tomorrow.Format(time.RFC3339)})
	require.Equal(t, "scheduled", moved.State)
	m.call(http.MethodPost, "/v1/posts/"+gone.ID+"/cancel", nil, http.StatusOK, nil)
	soon := time.Now().Add(3 * time.Second).Truncate(time.Second).UTC()
	m.call(http.MethodPost, "/v1/posts/"+moved.ID+"/reschedule", map[string]any{"publish_at": soon.Format(time.RFC3339)}, http.StatusOK, nil)
	p := m.until(moved.ID, "published", 20*time.Second)
	require.WithinDuration(t, soon, p.Jobs[0].PublishedAt, time.Second)
	require.Equal(t, "cancelled", m.get(gone.ID).State)
	require.Len(t, m.timeline(), 1)
	m.call(http.MethodPost, "/v1/posts/"+moved.ID+"/cancel", nil, http.StatusConflict, nil)
}

func TestAReplayedKeyMakesOnePost(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Once")
	key := http.Header{"Idempotency-Key": {newID()}}
	in := map[string]any{"text": "Once " + newID(), "targets": []any{map[string]any{"connection_id": m.conns[0]}}}
	var first, second post
	a, err := m.Send(t.Context(), http.MethodPost, m.Info.URL+"/v1/posts", in, key)
	require.NoError(t, err)
	require.NoError(t, a.Into(&first))
	a, err = m.Send(t.Context(), http.MethodPost, m.Info.URL+"/v1/posts", in, key)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, a.Status)
	require.Equal(t, "true", a.Header.Get("Idempotent-Replayed"))
	require.NoError(t, a.Into(&second))
	require.Equal(t, first.ID, second.ID)
	in["text"] = "Another"
	a, err = m.Send(t.Context(), http.MethodPost, m.Info.URL+"/v1/posts", in, key)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnprocessableEntity, a.Status)
	m.until(first.ID, "published", 20*time.Second)
	require.Len(t, m.timeline(), 1)
}

func TestALostAnswerIsFoundAndNotPostedAgain(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"reset_after", "error_after"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			m := newMember(t, "Lost answer")
			m.fault(map[string]any{"op": "meta.feed.create", "kind": kind, "times": 1})
			p := m.publish("Lost answer "+newID(), nil)
			p = m.until(p.ID, "published", 40*time.Second)
			posts := m.timeline()
			require.Len(t, posts, 1)
			require.Equal(t, posts[0].ID, p.Jobs[0].Receipt.ExternalID)
		})
	}
}

func TestATakenBackConsentBlocksTheAccountAndSaysSo(t *testing.T) {
	t.Parallel()
	v := arrive(t)
	person, pages, err := v.Seed(t.Context(), "Revoked")
	require.NoError(t, err)
	conns, err := v.Connect(t.Context(), person, pages)
	require.NoError(t, err)
	m := member{Visitor: v, t: t, pages: pages, conns: conns}
	_, err = v.Must(t.Context(), http.MethodPost, v.Info.Sandbox+"/_sandbox/meta/people/"+person+"/revoke", map[string]any{})
	require.NoError(t, err)
	p := m.publish("Too late "+newID(), nil)
	p = m.until(p.ID, "needs_you", 20*time.Second)
	require.Equal(t, "blocked", p.Jobs[0].State)
	require.Equal(t, "auth_revoked", p.Jobs[0].Problem.Class)
	require.Equal(t, "reconnect", p.Jobs[0].Problem.Action.Kind)
	var c struct {
		Status string `json:"status"`
		Reason string `json:"reason"`
	}
	m.call(http.MethodGet, "/v1/connections/"+conns[0], nil, http.StatusOK, &c)
	require.Equal(t, "blocked", c.Status)
	require.NotEmpty(t, c.Reason)

	again, err := v.Connect(t.Context(), person, pages)
	require.NoError(t, err)
	require.Equal(t, conns, again, "the same connection is healed")
	m.until(p.ID, "published", 30*time.Second)
	require.Len(t, m.timeline(), 1)
}

func TestAPublishedPostCanBeDeletedOnThePlatform(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Deleted")
	p := m.until(m.publish("Short-lived "+newID(), nil).ID, "published", 20*time.Second)
	m.call(http.MethodPost, "/v1/jobs/"+p.Jobs[0].ID+"/delete", nil, http.StatusNoContent, nil)
	require.Empty(t, m.timeline())
	m.call(http.MethodPost, "/v1/jobs/"+p.Jobs[0].ID+"/delete", nil, http.StatusNoContent, nil)
}

func TestOneTenantSeesNothingOfAnother(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Mine")
	p := m.until(m.publish("Mine "+newID(), nil).ID, "published", 20*time.Second)
	other := member{Visitor: arrive(t), t: t}
	for _, path := range []string{"/v1/posts/" + p.ID, "/v1/jobs/" + p.Jobs[0].ID, "/v1/connections/" + m.conns[0]} {
		other.call(http.MethodGet, path, nil, http.StatusNotFound, nil)
	}
	for _, path := range []string{"/v1/posts/" + p.ID + "/cancel", "/v1/jobs/" + p.Jobs[0].ID + "/retry", "/v1/jobs/" + p.Jobs[0].ID + "/delete"} {
		other.call(http.MethodPost, path, nil, http.StatusNotFound, nil)
	}
	var refused struct {
		Errors []struct {
			Field string `json:"field"`
		}
	}
	other.call(http.MethodPost, "/v1/posts", map[string]any{"text": "x", "targets": []any{map[string]any{"connection_id": m.conns[0]}}}, http.StatusUnprocessableEntity, &refused)
	require.Equal(t, "targets[0].connection_id", refused.Errors[0].Field)
	require.Len(t, m.timeline(), 1)
}

func TestMetricsAndHealthShowWhatHappened(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Counted")
	m.until(m.publish("Counted "+newID(), nil).ID, "published", 20*time.Second)
	var metrics struct {
		Items []struct {
			Platform  string `json:"platform"`
			Published int    `json:"published"`
		}
	}
	m.call(http.MethodGet, "/v1/metrics?platform=meta", nil, http.StatusOK, &metrics)
	require.NotEmpty(t, metrics.Items)
	require.Equal(t, 1, metrics.Items[len(metrics.Items)-1].Published)
	m.call(http.MethodGet, "/v1/health", nil, http.StatusOK, nil)
}

func TestAnAmbiguousOutcomeIsHeldForAPerson(t *testing.T) {
	t.Parallel()
	m := newMember(t, "Ambiguous")
	text := "Ambiguous " + newID()
	m.fault(map[string]any{"op": "meta.feed.create", "kind": "reset_after", "times": 1})
	p := m.publish(text, nil)
	require.Eventually(t, func() bool { return len(m.timeline()) == 1 }, 10*time.Second, 50*time.Millisecond, "it reached the Page")
	// The same words once more, by the same app: nobody can tell which of the two is this job's.
	_, err := m.Must(t.Context(), http.MethodPost, m.Info.Sandbox+"/_sandbox/meta/posts", map[string]any{"page": m.pages[0].ID, "message": text, "application_id": "100200300"})
	require.NoError(t, err)
	p = m.until(p.ID, "needs_you", 40*time.Second)
	held := p.Jobs[0]
	require.Equal(t, "held", held.State)
	require.Equal(t, "decide", held.Problem.Action.Kind)
	require.Len(t, m.timeline(), 2, "not sent again")

	var candidates struct {
		Items []struct {
			ExternalID string `json:"external_id"`
			Permalink  string `json:"permalink"`
			Text       string `json:"text"`
		} `json:"items"`
	}
	m.call(http.MethodGet, "/v1/jobs/"+held.ID+"/candidates", nil, http.StatusOK, &candidates)
	require.Len(t, candidates.Items, 2)
	require.Equal(t, text, candidates.Items[0].Text)
	var resolved job
	m.call(http.MethodPost, "/v1/jobs/"+held.ID+"/resolve", map[string]any{
		"outcome": "there", "external_id": candidates.Items[0].ExternalID, "permalink": candidates.Items[0].Permalink,
	}, http.StatusOK, &resolved)
	require.Equal(t, "published", resolved.State)
	require.Equal(t, "published", m.get(p.ID).State)
}
