package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/tenant"
)

func TestNothingWithoutASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	for name, token := range map[string]string{
		"none":                      "",
		"garbage":                   "garbage",
		"right tenant, other token": ada.session.Workspace.ID + "." + tenant.NewSecret(),
		"other tenant, same secret": "ten_" + boot.NewID() + strings.TrimPrefix(ada.token, ada.session.Workspace.ID),
		"its hash":                  ada.session.Workspace.ID + "." + tenant.HashToken(ada.token),
		"one character more":        ada.token + "A",
		"path in the tenant":        "../" + ada.token,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			thief := &person{w: w, token: token}
			for _, path := range []string{"/v1/session", "/v1/workspace", "/v1/posts", "/v1/connections", "/v1/health", "/v1/audit"} {
				r := thief.get(path)
				r.t = t
				r.problem(http.StatusUnauthorized, "unauthorized")
			}
		})
	}
}

func TestForgedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signUp(), w.signUp()
	body := map[string]any{"name": "Taken over"}
	for name, headers := range map[string][]string{
		"no token":             {"X-CSRF-Token", ""},
		"another's token":      {"X-CSRF-Token", eve.session.CSRFToken},
		"foreign origin":       {"Origin", "https://evil.example"},
		"origin in disguise":   {"Origin", origin + ".evil.example"},
		"opaque origin":        {"Origin", "null"},
		"browser says foreign": {"Origin", "", "Sec-Fetch-Site", "cross-site"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ada.do(http.MethodPatch, "/v1/workspace", body, headers)
			r.t = t
			r.problem(http.StatusForbidden, "forbidden")
		})
	}
	ada.do(http.MethodPatch, "/v1/workspace", body, nil).status(http.StatusOK)
}

func TestSigningSomebodyInFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.anyone().post("/v1/session", api.SignIn{Email: "eve@example.com", Password: password}, "Origin", "https://evil.example").
		problem(http.StatusForbidden, "forbidden")
}

func TestAProgramUsesTheTokenWithoutCSRF(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	program := w.anyone()
	program.do(http.MethodPatch, "/v1/workspace", map[string]any{"name": "By program"}, []string{"Authorization", "Bearer " + ada.token, "Origin", ""}).
		status(http.StatusOK)
	program.do(http.MethodGet, "/v1/workspace", nil, []string{"Authorization", "Bearer nonsense"}).problem(http.StatusUnauthorized, "unauthorized")
}

func TestRolesMayWhatTheTableSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.signUp()
	calls := map[tenant.Permission]func(*person) *response{
		tenant.Read: func(p *person) *response { return p.get("/v1/posts") },
		tenant.Compose: func(p *person) *response {
			return p.post("/v1/posts/check", map[string]any{"text": "x", "targets": []any{map[string]any{"connection_id": "con_x"}}})
		},
		tenant.Decide: func(p *person) *response {
			return p.post("/v1/jobs/pst_"+boot.NewID()+".con_"+boot.NewID()+"/retry", nil)
		},
		tenant.Connect: func(p *person) *response {
			return p.do(http.MethodDelete, "/v1/connections/con_"+boot.NewID(), nil, nil)
		},
		tenant.Manage: func(p *person) *response {
			return p.do(http.MethodPut, "/v1/workspace/platforms/fake", map[string]any{"on": true}, nil)
		},
	}
	for _, role := range []tenant.Role{tenant.Owner, tenant.Admin, tenant.Editor, tenant.Approver, tenant.Viewer} {
		member := owner.as(role)
		for permission, call := range calls {
			r := call(member)
			if role.May(permission) {
				require.NotEqual(t, http.StatusForbidden, r.code, "%s must be allowed to %s", role, permission)
			} else {
				r.problem(http.StatusForbidden, "forbidden")
			}
		}
	}
	require.False(t, tenant.Viewer.May(tenant.Compose))
	require.False(t, tenant.Role("").May(tenant.Read))
}

func TestTenantsAreWalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signUp(), w.signUp()
	con := ada.link("1")
	med := ada.upload(t, jpegOf(t, 8, 8))
	post := ada.publish(map[string]any{"text": "hello", "targets": []any{map[string]any{"connection_id": con.ID}}})
	grant := ada.consent()
	job := post.Jobs[0].ID
	for method, paths := range map[string][]string{
		http.MethodGet: {
			"/v1/connections/" + con.ID, "/v1/media/" + med.ID, "/v1/media/" + med.ID + "/content", "/v1/media/" + med.ID + "/uses", "/v1/media/" + med.ID + "/parts", "/v1/posts/" + post.ID, "/v1/jobs/" + job,
			"/v1/oauth/grants/" + grant,
		},
		http.MethodPost: {
			"/v1/media/" + med.ID + "/complete", "/v1/posts/" + post.ID + "/cancel", "/v1/jobs/" + job + "/retry", "/v1/jobs/" + job + "/cancel",
		},
		http.MethodDelete: {"/v1/connections/" + con.ID, "/v1/media/" + med.ID},
	} {
		for _, path := range paths {
			eve.do(method, path, nil, nil).problem(http.StatusNotFound, "not_found")
		}
	}
	eve.post("/v1/media/"+med.ID+"/parts", api.PartNumbers{Numbers: []int{1}}).problem(http.StatusNotFound, "not_found")
	eve.do(http.MethodPatch, "/v1/media/"+med.ID, api.MediaChange{Alt: "mine"}, nil).problem(http.StatusNotFound, "not_found")
	var none api.MediaList
	eve.get("/v1/media").status(http.StatusOK).into(&none)
	require.Empty(t, none.Items)
	eve.post("/v1/connections", map[string]any{"grant_id": grant, "candidate_ids": []string{con.ID}}).problem(http.StatusNotFound, "not_found")
	p := eve.post("/v1/posts", map[string]any{
		"text": "stolen", "media": []any{map[string]any{"id": med.ID}}, "targets": []any{map[string]any{"connection_id": con.ID}},
	}, "Idempotency-Key", "k").problem(http.StatusUnprocessableEntity, "invalid_content")
	require.Len(t, p.Errors, 2)

	var mine api.PostList
	eve.get("/v1/posts").into(&mine)
	require.Empty(t, mine.Items)
	ada.get("/v1/connections/" + con.ID).status(http.StatusOK)
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	for _, r := range []*response{ada.get("/v1/session"), w.anyone().get("/v1/session"), w.anyone().get("/nowhere"), ada.get("/v1/posts")} {
		require.Equal(t, "nosniff", r.head.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", r.head.Get("Cache-Control"))
		require.Contains(t, r.head.Get("Content-Security-Policy"), "default-src 'none'")
		require.NotEmpty(t, r.head.Get("X-Request-Id"))
	}
}

func TestTheLogHasNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	ada.link("1")
	ada.get("/v1/oauth/fake/callback?code=SECRET-CODE&state=SECRET-STATE")
	w.anyone().post("/v1/session", api.SignIn{Email: "ada@example.com", Password: "SECRET-Password-1"})
	log := w.logs.String()
	require.Contains(t, log, "/v1/oauth/fake/callback")
	for _, secret := range []string{"SECRET", canary, ada.token, ada.session.CSRFToken, password} {
		require.NotContains(t, log, secret)
	}
}

func TestAPanicIsAnInternalProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	w.platform.says(func(p *platform) { p.panics = true })
	ada.get("/v1/oauth/fake/callback?code=SECRET-CODE&state="+ada.start("")).problem(http.StatusInternalServerError, "internal")
	log := w.logs.String()
	require.Contains(t, log, "platform_test.go", "the log has the stack")
	require.NotContains(t, log, "SECRET")
}
