package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/replay"
)

func TestARepeatedPostIsAnsweredTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	con := ada.link("1")
	post := ada.publish(map[string]any{
		"text": "hello", "publish_at": w.clock.Now().Add(time.Hour).Format(time.RFC3339), "targets": []any{map[string]any{"connection_id": con.ID}},
	})
	path := "/v1/posts/" + post.ID + "/reschedule"
	body := map[string]any{"publish_at": w.clock.Now().Add(2 * time.Hour).Truncate(time.Second).Format(time.RFC3339)}
	first := ada.post(path, body, "Idempotency-Key", "k").status(http.StatusOK)
	require.Empty(t, first.head.Get("Idempotent-Replayed"))
	ada.post("/v1/posts/"+post.ID+"/cancel", nil, "Idempotency-Key", "k").status(http.StatusOK) // another operation: another key

	second := ada.post(path, body, "Idempotency-Key", "k").status(http.StatusOK)
	require.Equal(t, "true", second.head.Get("Idempotent-Replayed"))
	require.Equal(t, first.body, second.body)
	require.Equal(t, first.head.Get("Content-Type"), second.head.Get("Content-Type"))
	body["publish_at"] = w.clock.Now().Add(3 * time.Hour).Format(time.RFC3339)
	ada.post(path, body, "Idempotency-Key", "k").problem(http.StatusUnprocessableEntity, "invalid_request")

	w.clock.move(replay.Life + time.Second)
	ada.post(path, map[string]any{"publish_at": w.clock.Now().Add(time.Hour).Format(time.RFC3339)}, "Idempotency-Key", "k").problem(http.StatusConflict, "conflict")
}

func TestARefusalFreesTheKey(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	grant := ada.consent()
	con := ada.grant(grant).Accounts[0].CandidateID
	ada.post("/v1/connections", api.NewConnections{GrantID: grant, CandidateIDs: []string{"con_" + boot.NewID()}}, "Idempotency-Key", "k").
		problem(http.StatusUnprocessableEntity, "invalid_request")
	ada.post("/v1/connections", api.NewConnections{GrantID: grant, CandidateIDs: []string{con}}, "Idempotency-Key", "k").status(http.StatusCreated)
}

func TestATwinInFlightIsAConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	grant := ada.consent()
	body := `{"grant_id":"` + grant + `","candidate_ids":["` + ada.grant(grant).Accounts[0].CandidateID + `"]}`
	now := w.clock.Now()
	_, claimed, err := w.store.ClaimAnswer(t.Context(), ada.session.Workspace.ID, "createConnections#k", replay.Hash("/v1/connections", []byte(body)), now, now.Add(replay.Lease))
	require.NoError(t, err)
	require.True(t, claimed)
	r := ada.post("/v1/connections", body, "Idempotency-Key", "k")
	r.problem(http.StatusConflict, "conflict")
	require.Equal(t, "1", r.head.Get("Retry-After"))

	w.clock.move(replay.Lease + time.Second) // the first one died
	ada.post("/v1/connections", body, "Idempotency-Key", "k").status(http.StatusCreated)
}

func TestKeysOfTenantsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signUp(), w.signUp()
	for _, p := range []*person{ada, eve} {
		grant := p.consent()
		p.post("/v1/connections", api.NewConnections{GrantID: grant, CandidateIDs: []string{p.grant(grant).Accounts[0].CandidateID}}, "Idempotency-Key", "same").
			status(http.StatusCreated)
	}
}
