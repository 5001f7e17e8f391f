package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/tenant"
)

// parked is an account that was blocked with a post waiting, and has a new consent; it gives the grant.
func (p *person) parked(t *testing.T, late time.Duration) (c api.Connection, job, grant string) {
	t.Helper()
	c = p.link("1")
	post := p.publish(map[string]any{"text": "hello", "targets": []any{map[string]any{"connection_id": c.ID}}})
	p.block(t, c.ID, post.Jobs[0].ID)
	_, err := p.w.store.ChangeJob(t.Context(), p.session.Workspace.ID, post.Jobs[0].ID, func(j *publish.Job) (publish.AuditRow, error) {
		j.DueAt = p.w.clock.Now().Add(-late).UnixMilli()
		return publish.AuditRow{TenantID: j.TenantID, SK: publish.AuditKey(j.DueAt, "aud_"+boot.NewID()), JobID: j.ID, Kind: publish.AuditBlocked, At: j.DueAt, Message: "Blocked."}, nil
	})
	require.NoError(t, err)
	return c, post.Jobs[0].ID, strings.TrimPrefix(p.back(p.start("?reconnect="+c.ID), "&code=c"), "/connect/")
}

func (p *person) job(id string) (j api.JobHistory) {
	p.w.t.Helper()
	p.get("/v1/jobs/" + id).status(http.StatusOK).into(&j)
	return j
}

func TestAReconnectAsksWhatBecomesOfWhatWaits(t *testing.T) {
	t.Parallel()
	for mode, state := range map[string]string{"now": "queued", "keep_times": "failed", "drop": "cancelled"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			p := newWorld(t).signUp()
			c, job, grant := p.parked(t, 25*time.Hour)
			p.post("/v1/connections/"+c.ID+"/resume", api.Resume{Mode: "now"}).problem(http.StatusConflict, "conflict")
			var out api.ConnectionList
			p.post("/v1/connections", api.NewConnections{GrantID: grant, CandidateIDs: []string{c.ID}, Resume: "ask"}).status(http.StatusCreated).into(&out)
			require.Equal(t, "healthy", out.Items[0].Status)
			require.Equal(t, 1, out.Items[0].WaitingJobs)
			require.Equal(t, "blocked", p.job(job).State, "nothing goes out before the answer")

			var one api.Connection
			p.post("/v1/connections/"+c.ID+"/resume", api.Resume{Mode: mode}).status(http.StatusOK).into(&one)
			require.Zero(t, one.WaitingJobs)
			j := p.job(job)
			require.Equal(t, state, j.State)
			if state == "failed" {
				require.Equal(t, "too_late", j.Problem.Code)
				require.Equal(t, problem.ActRetry, j.Problem.Action.Kind)
				p.post("/v1/jobs/"+job+"/retry", nil).status(http.StatusAccepted)
				require.Equal(t, "queued", p.job(job).State, "a person can still send it")
			}
			p.post("/v1/connections/"+c.ID+"/resume", api.Resume{Mode: mode}).status(http.StatusOK)
		})
	}
}

func TestAWorkspaceSaysHowLateIsTooLate(t *testing.T) {
	t.Parallel()
	p := newWorld(t).signUp()
	var ws api.Workspace
	p.get("/v1/workspace").status(http.StatusOK).into(&ws)
	require.Equal(t, 24, ws.LatenessHours)
	p.do(http.MethodPatch, "/v1/workspace", map[string]any{"lateness_hours": 0}, nil).status(http.StatusUnprocessableEntity)
	p.do(http.MethodPatch, "/v1/workspace", map[string]any{"lateness_hours": 26}, nil).status(http.StatusOK).into(&ws)
	require.Equal(t, 26, ws.LatenessHours)
	c, job, grant := p.parked(t, 25*time.Hour)
	p.post("/v1/connections", api.NewConnections{GrantID: grant, CandidateIDs: []string{c.ID}}).status(http.StatusCreated)
	require.Equal(t, "queued", p.job(job).State)
}

func TestHowAnAccountDid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.signUp()
	c := p.link("1")
	key := connection.Key{TenantID: p.session.Workspace.ID, ID: c.ID}
	for i, class := range []problem.Class{"", problem.PlatformDown} {
		row, _, err := w.store.Living(t.Context(), key)
		require.NoError(t, err)
		next := row
		next.PingAt++
		require.NoError(t, w.store.RecordPing(t.Context(), row, next, &connection.Seen{
			TenantID: key.TenantID, ConnectionID: key.ID, At: w.clock.Now().UnixMilli() + int64(i), OK: class == "", LatencyMS: 12, Class: class,
		}, nil))
	}
	var log api.HealthLog
	p.get("/v1/connections/" + c.ID + "/health").status(http.StatusOK).into(&log)
	require.Len(t, log.Items, 2)
	require.Equal(t, "platform_down", log.Items[0].Class)
	require.True(t, log.Items[1].OK)
	require.Equal(t, int64(12), log.Items[1].LatencyMS)
	w.signUp().get("/v1/connections/" + c.ID + "/health").status(http.StatusNotFound)
}

func TestAnAccountIsPausedAndUsedAgain(t *testing.T) {
	t.Parallel()
	p := newWorld(t).signUp()
	c := p.link("1")
	require.NotNil(t, c.RenewsAt)
	path := "/v1/connections/" + c.ID
	for range 2 { // twice is a success
		var one api.Connection
		p.post(path+"/pause", nil).status(http.StatusOK).into(&one)
		require.Equal(t, "paused", one.Status)
		require.Equal(t, "Paused by Ada Lovelace.", one.Reason)
	}
	for range 2 {
		var one api.Connection
		p.post(path+"/unpause", nil).status(http.StatusOK).into(&one)
		require.Equal(t, "healthy", one.Status)
		require.Empty(t, one.Reason)
	}
	var audit api.AuditList
	p.get("/v1/audit?connection_id=" + c.ID).into(&audit)
	require.Equal(t, []string{"unpaused", "paused", "linked"}, []string{audit.Items[0].Kind, audit.Items[1].Kind, audit.Items[2].Kind})
	row, _, err := p.w.store.Living(t.Context(), connection.Key{TenantID: p.session.Workspace.ID, ID: c.ID})
	require.NoError(t, err)
	require.Equal(t, p.w.clock.Now().UnixMilli(), row.PingAt, "its status is looked at soon")

	p.post(path+"/pause", nil).status(http.StatusOK)
	p.as(tenant.Editor).post(path+"/unpause", nil).problem(http.StatusForbidden, "forbidden")
	p.w.signUp().post(path+"/unpause", nil).problem(http.StatusNotFound, "not_found")
	blocked := p.row(c.ID)
	blocked.Status = connection.Blocked
	p.w.putConnection(t, blocked)
	p.post(path+"/pause", nil).problem(http.StatusConflict, "conflict")
	p.post(path+"/unpause", nil).problem(http.StatusConflict, "conflict")
}
