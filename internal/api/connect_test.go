package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/tenant"
	"github.com/herald-publishing/herald/internal/vault"
)

// start goes to the consent screen and gives the state.
func (p *person) start(query string) string {
	p.w.t.Helper()
	r := p.get("/v1/oauth/fake/start" + query).status(http.StatusFound)
	to, err := url.Parse(r.head.Get("Location"))
	require.NoError(p.w.t, err)
	require.Equal(p.w.t, "platform.example", to.Host, r.head.Get("Location"))
	require.Equal(p.w.t, origin+"/v1/oauth/fake/callback", to.Query().Get("redirect_uri"))
	return to.Query().Get("state")
}

// back comes back from the consent screen and gives where the page is sent.
func (p *person) back(state, rest string) string {
	p.w.t.Helper()
	r := p.get("/v1/oauth/fake/callback?state=" + url.QueryEscape(state) + rest).status(http.StatusFound)
	to := r.head.Get("Location")
	require.True(p.w.t, strings.HasPrefix(to, origin+"/"), to)
	return strings.TrimPrefix(to, origin)
}

// consent goes the whole way and gives the grant's id.
func (p *person) consent() string {
	p.w.t.Helper()
	id, ok := strings.CutPrefix(p.back(p.start(""), "&code=c"), "/connect/")
	require.True(p.w.t, ok)
	return id
}

func (p *person) grant(id string) (g api.Grant) {
	p.w.t.Helper()
	p.get("/v1/oauth/grants/" + id).status(http.StatusOK).into(&g)
	return g
}

// pick links the grant's account with the platform's id.
func (p *person) pick(grant, externalID string) *response {
	p.w.t.Helper()
	for _, a := range p.grant(grant).Accounts {
		if a.ExternalID == externalID {
			return p.post("/v1/connections", api.NewConnections{GrantID: grant, CandidateIDs: []string{a.CandidateID}})
		}
	}
	require.Fail(p.w.t, "the grant has no such account")
	return nil
}

func (p *person) link(externalID string) api.Connection {
	p.w.t.Helper()
	var out api.ConnectionList
	p.pick(p.consent(), externalID).status(http.StatusCreated).into(&out)
	require.Len(p.w.t, out.Items, 1)
	return out.Items[0]
}

// token opens the connection's current credential as the publisher would.
func (w *world) token(c connection.Connection) string {
	w.t.Helper()
	ref := vault.Ref{Tenant: c.TenantID, Connection: c.ID, Version: c.TokenVersion}
	sealed, err := w.store.GetSealed(w.t.Context(), ref)
	require.NoError(w.t, err)
	credential, err := w.vault.Open(w.t.Context(), ref, sealed)
	require.NoError(w.t, err)
	return credential.Access.Reveal()
}

func (p *person) row(id string) connection.Connection {
	p.w.t.Helper()
	c, found, err := p.w.store.Connection(p.w.t.Context(), p.session.Workspace.ID, id)
	require.NoError(p.w.t, err)
	require.True(p.w.t, found)
	return c
}

func TestLinkingAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	grant := ada.consent()
	g := ada.grant(grant)
	require.Len(t, g.Accounts, 2)
	require.False(t, g.Accounts[0].Linked)
	require.Equal(t, "/accounts", g.ReturnTo)

	var out api.ConnectionList
	ada.pick(grant, "1").status(http.StatusCreated).into(&out)
	c := out.Items[0]
	require.Equal(t, "healthy", c.Status)
	require.Equal(t, "Cafe Ada", c.Name)
	require.Equal(t, []string{"publish"}, c.Scopes)
	require.Nil(t, c.ExpiresAt)
	require.Equal(t, canary+"1", w.token(ada.row(c.ID)))

	require.True(t, ada.grant(grant).Accounts[0].Linked)
	var list api.ConnectionList
	ada.get("/v1/connections").into(&list)
	require.Len(t, list.Items, 1)
	var trail api.AuditList
	ada.get("/v1/audit?connection_id=" + c.ID).status(http.StatusOK).into(&trail)
	require.Len(t, trail.Items, 1)
	require.Equal(t, "linked", trail.Items[0].Kind)
	require.Equal(t, ada.session.Member.ID, trail.Items[0].Actor)
}

func TestTheConsentUsesPKCEAndTheWholeQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	r := ada.get("/v1/oauth/fake/start").status(http.StatusFound)
	to, err := url.Parse(r.head.Get("Location"))
	require.NoError(t, err)
	require.Len(t, to.Query().Get("challenge"), 43)
	ada.back(to.Query().Get("state"), "&code=the-code&extra=1")
	require.Equal(t, url.Values{"code": {"the-code"}, "extra": {"1"}}, w.platform.last.Query)
	require.Len(t, w.platform.last.Verifier, 43)
	require.NotEqual(t, to.Query().Get("challenge"), w.platform.last.Verifier)
}

func TestAStateWorksOnce(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	state := ada.start("")
	require.True(t, strings.HasPrefix(ada.back(state, "&code=c"), "/connect/"))
	require.Equal(t, "/accounts?platform=fake&problem=state_used", ada.back(state, "&code=c"))
}

func TestOfManyCallbacksAtOnceOneWins(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	state := ada.start("")
	var mu sync.Mutex
	var won int
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			r := ada.get("/v1/oauth/fake/callback?code=c&state=" + state)
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(r.head.Get("Location"), "/connect/") {
				won++
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, won)
}

func TestAnotherBrowserCannotUseOrBurnAState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signUp(), w.signUp()
	state := ada.start("")
	for name, thief := range map[string]*person{"other workspace": eve, "signed out": w.anyone(), "other session": ada.as(tenant.Owner)} {
		require.Equal(t, "/accounts?platform=fake&problem=foreign_browser", thief.back(state, "&code=c"), name)
	}
	require.True(t, strings.HasPrefix(ada.back(state, "&code=c"), "/connect/"))
}

func TestAStateEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	state := ada.start("")
	w.clock.move(connection.StateLife + time.Second)
	require.Equal(t, "/accounts?login=first&platform=fake&problem=code_expired", ada.back(state, "&code=c"))
}

func TestWhatGoesWrongAtThePlatformHasACode(t *testing.T) {
	t.Parallel()
	for code, say := range map[string]func(*platform){
		"code_expired":       func(p *platform) { p.exchange = problem.New(problem.AuthExpired, "old") },
		"platform_down":      func(p *platform) { p.exchange = problem.New(problem.PlatformDown, "500") },
		"failed":             func(p *platform) { p.exchange = json.Unmarshal([]byte("<html>RAW TEXT</html>"), &struct{}{}) },
		"permission_missing": func(p *platform) { p.discover = problem.New(problem.PermissionMissing, "scope") },
		"no_accounts":        func(p *platform) { p.accounts = nil },
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ada := w.signUp()
			w.platform.says(say)
			require.Equal(t, "/accounts?login=first&platform=fake&problem="+code, ada.back(ada.start(""), "&code=c"))
		})
	}
}

func TestSayingNoIsNotALackingPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	w.platform.says(func(p *platform) { p.exchange = problem.New(problem.PermissionMissing, "no") })
	require.Equal(t, "/accounts?login=first&platform=fake&problem=denied", ada.back(ada.start(""), "&error=access_denied"))
	require.Equal(t, "/accounts?login=first&platform=fake&problem=permission_missing", ada.back(ada.start(""), "&code=c"))
}

func TestADeclinedScopeWithoutAccountsIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	w.platform.says(func(p *platform) { p.accounts, p.declined = nil, []string{"publish"} })
	require.Equal(t, "/accounts?login=first&platform=fake&problem=permission_missing", ada.back(ada.start(""), "&code=c"))
}

func TestWhoMayNotConnectIsSentBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	location := func(p *person, path string) string { return p.get(path).status(http.StatusFound).head.Get("Location") }
	require.Equal(t, origin+"/accounts?platform=fake&problem=signed_out", location(w.anyone(), "/v1/oauth/fake/start"))
	require.Equal(t, origin+"/accounts?platform=fake&problem=not_allowed", location(ada.as(tenant.Editor), "/v1/oauth/fake/start"))
	require.Equal(t, origin+"/accounts?problem=platform_off", location(ada, "/v1/oauth/myspace/start"))
	require.Equal(t, origin+"/accounts?platform=fake&problem=different_account", location(ada, "/v1/oauth/fake/start?reconnect=con_"+boot.NewID()))
	ada.do(http.MethodPut, "/v1/workspace/platforms/fake", map[string]any{"on": false}, nil).status(http.StatusOK)
	require.Equal(t, origin+"/accounts?platform=fake&problem=platform_off", location(ada, "/v1/oauth/fake/start"))
}

func TestReturnToStaysOnThePage(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	for given, want := range map[string]string{
		"/posts?state=all": "/posts?state=all", "https://evil.example/": "/accounts", "//evil.example": "/accounts", `/\evil.example`: "/accounts",
		"javascript:alert(1)": "/accounts", "": "/accounts",
	} {
		to := ada.back(ada.start("?return_to="+url.QueryEscape(given)), "&code=c")
		require.Equal(t, want, ada.grant(strings.TrimPrefix(to, "/connect/")).ReturnTo, given)
	}
}

func TestCandidatesAreSealedAtOnceAndVanish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	grant := ada.consent()
	g, found, err := w.store.Grant(t.Context(), ada.session.Workspace.ID, grant)
	require.NoError(t, err)
	require.True(t, found)
	for _, a := range g.Accounts {
		ref := vault.Ref{Tenant: g.TenantID, Connection: a.ConnectionID, Version: a.Version}
		sealed, err := w.store.GetSealed(t.Context(), ref)
		require.NoError(t, err)
		require.NotContains(t, string(sealed.Ciphertext), canary)
		_, err = w.vault.Open(t.Context(), ref, sealed)
		require.NoError(t, err)
	}
	require.NotContains(t, fmt.Sprintf("%+v", g), canary)

	w.clock.move(connection.GrantLife + time.Second)
	ada.get("/v1/oauth/grants/"+grant).problem(http.StatusNotFound, "not_found")
	ada.post("/v1/connections", api.NewConnections{GrantID: grant, CandidateIDs: []string{g.Accounts[0].ConnectionID}}).problem(http.StatusNotFound, "not_found")
}

func TestAnUnusableAccountIsShownAndRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	w.platform.says(func(p *platform) {
		a := account("3", "Read only")
		a.Usable, a.Reason = false, "You may not publish there."
		p.accounts = append(p.accounts, a)
	})
	grant := ada.consent()
	p := ada.pick(grant, "3").problem(http.StatusUnprocessableEntity, "invalid_request")
	require.Equal(t, "candidate_ids[0]", p.Errors[0].Field)
	require.Contains(t, p.Errors[0].Message, "You may not publish there.")
	ada.post("/v1/connections", api.NewConnections{GrantID: grant, CandidateIDs: []string{"con_" + boot.NewID()}}).
		problem(http.StatusUnprocessableEntity, "invalid_request")
}

func TestLinkingTwiceIsOneConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	first := ada.link("1")
	before := ada.row(first.ID)
	w.clock.move(time.Hour)
	second := ada.link("1")
	require.Equal(t, first.ID, second.ID)
	require.Equal(t, first.CreatedAt, second.CreatedAt)
	after := ada.row(first.ID)
	require.Greater(t, after.TokenVersion, before.TokenVersion)
	require.Equal(t, canary+"1", w.token(after))
	var list api.ConnectionList
	ada.get("/v1/connections").into(&list)
	require.Len(t, list.Items, 1)

	eve := w.signUp()
	require.NotEqual(t, first.ID, eve.link("1").ID, "the same account in another workspace is another connection")
}

func TestAnOlderConsentDoesNotReplaceANewerOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	old, fresh := ada.consent(), ada.consent()
	ada.pick(fresh, "1").status(http.StatusCreated)
	version := ada.row(connection.IDFor(ada.session.Workspace.ID, "fake", "fake_page", "1")).TokenVersion
	ada.pick(old, "1").status(http.StatusCreated)
	require.Equal(t, version, ada.row(connection.IDFor(ada.session.Workspace.ID, "fake", "fake_page", "1")).TokenVersion)
}

func TestReconnectHealsTheAccountAndItsJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	c := ada.link("1")
	post := ada.publish(map[string]any{"text": "hello", "targets": []any{map[string]any{"connection_id": c.ID}}})
	ada.block(t, c.ID, post.Jobs[0].ID)
	var blocked api.Connection
	ada.get("/v1/connections/" + c.ID).into(&blocked)
	require.Equal(t, "blocked", blocked.Status)
	require.Equal(t, 1, blocked.WaitingJobs)
	require.Equal(t, problem.ActReconnect, blocked.Action.Kind)

	to := ada.back(ada.start("?reconnect="+c.ID), "&code=c")
	grant := strings.TrimPrefix(to, "/connect/")
	g := ada.grant(grant)
	require.Equal(t, c.ID, g.Reconnect)
	require.Len(t, g.Accounts, 1, "a reconnect reaches its own account only")
	var out api.ConnectionList
	ada.pick(grant, "1").status(http.StatusCreated).into(&out)
	require.Equal(t, c.ID, out.Items[0].ID)
	require.Equal(t, "healthy", out.Items[0].Status)
	require.Zero(t, out.Items[0].WaitingJobs)
	require.Nil(t, out.Items[0].Action)
	var job api.JobHistory
	ada.get("/v1/jobs/" + post.Jobs[0].ID).into(&job)
	require.Equal(t, "queued", job.State)
}

func TestReconnectRefusesADifferentAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	c := ada.link("1")
	w.platform.says(func(p *platform) { p.accounts = []connector.Account{account("2", "Ada's Books")} })
	require.Equal(t, "/accounts?login=first&platform=fake&problem=different_account", ada.back(ada.start("?reconnect="+c.ID), "&code=c"))
	require.Equal(t, canary+"1", w.token(ada.row(c.ID)))
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	c := ada.link("1")
	ada.do(http.MethodDelete, "/v1/connections/"+c.ID, nil, nil).status(http.StatusNoContent)
	ada.do(http.MethodDelete, "/v1/connections/"+c.ID, nil, nil).status(http.StatusNoContent)
	var list api.ConnectionList
	ada.get("/v1/connections").into(&list)
	require.Empty(t, list.Items)
	var gone api.Connection
	ada.get("/v1/connections/" + c.ID).into(&gone)
	require.Equal(t, "disconnected", gone.Status)
	p := ada.post("/v1/posts", map[string]any{"text": "hello", "targets": []any{map[string]any{"connection_id": c.ID}}}, "Idempotency-Key", "k").
		problem(http.StatusUnprocessableEntity, "invalid_content")
	require.Equal(t, "targets[0].connection_id", p.Errors[0].Field)
	var trail api.AuditList
	ada.get("/v1/audit?connection_id=" + c.ID).into(&trail)
	require.Len(t, trail.Items, 2, "disconnecting twice is told once")

	require.Equal(t, c.ID, ada.link("1").ID, "linked again it is the same connection")
}

// block does what the publisher does when the platform says that the access is gone.
func (p *person) block(t *testing.T, connectionID, job string) {
	t.Helper()
	row := p.row(connectionID)
	row.Status, row.Reason = connection.Blocked, "The access was taken back."
	row.Action = problem.DefaultAction(problem.AuthRevoked)
	p.w.putConnection(t, row)
	_, err := p.w.store.ChangeJob(t.Context(), row.TenantID, job, func(j *publish.Job) (publish.AuditRow, error) {
		j.Status, j.ParkedAt = publish.Blocked, p.w.clock.Now().UnixMilli()
		return publish.AuditRow{TenantID: j.TenantID, SK: publish.AuditKey(j.ParkedAt, "aud_"+boot.NewID()), JobID: j.ID, Kind: publish.AuditBlocked, At: j.ParkedAt, Message: "Blocked."}, nil
	})
	require.NoError(t, err)
}

func TestAPersonWithVeryManyAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	w.platform.says(func(p *platform) {
		p.accounts = nil
		for i := range 301 {
			a := account(strconv.Itoa(i), strings.Repeat("A long name ", 8))
			a.AvatarURL = "https://platform.example/" + strings.Repeat("x", 400)
			p.accounts = append(p.accounts, a)
		}
	})
	g := ada.grant(ada.consent())
	require.Len(t, g.Accounts, 300, "what fits")
	require.Contains(t, w.logs.String(), "more accounts than can be offered")
}
