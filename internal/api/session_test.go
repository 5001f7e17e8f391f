package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/tenant"
)

func TestSignUpOpensASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.anyone().post("/v1/session/signup", signUpBody(boot.NewID()+"@example.com")).status(http.StatusCreated)
	ada := &person{w: w, token: r.cookie()}
	r.into(&ada.session)
	require.Equal(t, tenant.Owner, ada.session.Member.Role)
	require.Equal(t, "Cafe Ada", ada.session.Workspace.Name)
	require.Equal(t, "Europe/Berlin", ada.session.Workspace.TimeZone)

	var again api.Session
	ada.get("/v1/session").status(http.StatusOK).into(&again)
	require.Equal(t, ada.session, again)
}

func TestTheSessionCookieIsHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.anyone().post("/v1/session/signup", signUpBody(boot.NewID()+"@example.com"))
	r.status(http.StatusCreated)
	set := r.head.Get("Set-Cookie")
	require.Contains(t, set, "HttpOnly")
	require.Contains(t, set, "SameSite=Lax")
	require.Contains(t, set, "Path=/")
	require.NotContains(t, string(r.body), r.cookie())
}

func TestSignInAfterSignUpFindsTheSameWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := boot.NewID() + "@example.com"
	var first, second api.Session
	w.anyone().post("/v1/session/signup", signUpBody(email)).status(http.StatusCreated).into(&first)
	w.anyone().post("/v1/session", api.SignIn{Email: strings.ToUpper(email), Password: password}).status(http.StatusOK).into(&second)
	require.Equal(t, first.Workspace, second.Workspace)
	require.Equal(t, first.Member, second.Member)
	require.NotEqual(t, first.CSRFToken, second.CSRFToken)
}

func TestWrongPasswordAndUnknownAddressLookTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := boot.NewID() + "@example.com"
	w.anyone().post("/v1/session/signup", signUpBody(email)).status(http.StatusCreated)
	wrong := w.anyone().post("/v1/session", api.SignIn{Email: email, Password: "Wrong-Horse-42"}).problem(http.StatusUnauthorized, "unauthorized")
	unknown := w.anyone().post("/v1/session", api.SignIn{Email: boot.NewID() + "@example.com", Password: "Wrong-Horse-42"}).problem(http.StatusUnauthorized, "unauthorized")
	wrong.RequestID, unknown.RequestID = "", ""
	require.Equal(t, wrong, unknown)
}

func TestSignUpRefusesWithTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	taken := boot.NewID() + "@example.com"
	w.anyone().post("/v1/session/signup", signUpBody(taken)).status(http.StatusCreated)
	for name, c := range map[string]struct {
		change func(*api.SignUp)
		status int
		field  string
	}{
		"taken address":       {func(b *api.SignUp) { b.Email = taken }, http.StatusConflict, "email"},
		"no address":          {func(b *api.SignUp) { b.Email = "ada" }, http.StatusUnprocessableEntity, "email"},
		"address with name":   {func(b *api.SignUp) { b.Email = "Ada <ada@example.com>" }, http.StatusUnprocessableEntity, "email"},
		"short password":      {func(b *api.SignUp) { b.Password = "aB3" }, http.StatusUnprocessableEntity, "password"},
		"password no digit":   {func(b *api.SignUp) { b.Password = "correct-horse-battery" }, http.StatusUnprocessableEntity, "password"},
		"unknown zone":        {func(b *api.SignUp) { b.TimeZone = "Mars/Olympus" }, http.StatusUnprocessableEntity, "time_zone"},
		"the server's zone":   {func(b *api.SignUp) { b.TimeZone = "Local" }, http.StatusUnprocessableEntity, "time_zone"},
		"path as zone":        {func(b *api.SignUp) { b.TimeZone = "../../etc/passwd" }, http.StatusUnprocessableEntity, "time_zone"},
		"blank name":          {func(b *api.SignUp) { b.Name = " \t " }, http.StatusUnprocessableEntity, "name"},
		"control in the name": {func(b *api.SignUp) { b.Workspace = "a\x00b" }, http.StatusUnprocessableEntity, "workspace"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := signUpBody(boot.NewID() + "@example.com")
			c.change(&b)
			r := w.anyone().post("/v1/session/signup", b)
			r.t = t
			r.status(c.status)
			var p api.Problem
			r.into(&p)
			require.Len(t, p.Errors, 1, "%s", r.body)
			require.Equal(t, c.field, p.Errors[0].Field)
			require.NotContains(t, string(r.body), b.Password)
		})
	}
}

func TestSignUpWithConfirmation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(w *world) { w.confirm = true })
	email := boot.NewID() + "@example.com"
	var out api.ConfirmationNeeded
	r := w.anyone().post("/v1/session/signup", signUpBody(email)).status(http.StatusAccepted)
	r.into(&out)
	require.True(t, out.Confirm)
	require.Empty(t, r.head.Get("Set-Cookie"))
	w.anyone().post("/v1/session", api.SignIn{Email: email, Password: password}).problem(http.StatusForbidden, "forbidden")

	w.anyone().post("/v1/session/confirm", api.ConfirmSignUp{Email: email, Code: "123456"}).status(http.StatusNoContent)
	var s api.Session
	w.anyone().post("/v1/session", api.SignIn{Email: email, Password: password}).status(http.StatusOK).into(&s)
	require.Equal(t, "Cafe Ada", s.Workspace.Name)
}

func TestSignInHealsAHalfDoneSignUp(t *testing.T) {
	t.Parallel()
	// The confirming world stops after the pool knows the person; the other one then signs in.
	half := newWorld(t, func(w *world) { w.confirm = true })
	email := boot.NewID() + "@example.com"
	half.anyone().post("/v1/session/signup", signUpBody(email)).status(http.StatusAccepted)
	w := newWorld(t)
	w.anyone().post("/v1/session", api.SignIn{Email: email, Password: password}).status(http.StatusOK)
}

func TestSignOutEndsTheSessionAtOnce(t *testing.T) {
	t.Parallel()
	ada := newWorld(t).signUp()
	r := ada.do(http.MethodDelete, "/v1/session", nil, nil).status(http.StatusNoContent)
	require.Contains(t, r.head.Get("Set-Cookie"), "Max-Age=0")
	ada.get("/v1/session").problem(http.StatusUnauthorized, "unauthorized")
	ada.get("/v1/posts").problem(http.StatusUnauthorized, "unauthorized")
}

func TestASessionEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	w.clock.move(tenant.SessionLife - time.Second)
	ada.get("/v1/session").status(http.StatusOK)
	w.clock.move(2 * time.Second)
	ada.get("/v1/session").problem(http.StatusUnauthorized, "unauthorized")
}

func TestOnlyHashesOfSessionsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	_, found, err := w.store.Session(t.Context(), ada.session.Workspace.ID, ada.token)
	require.NoError(t, err)
	require.False(t, found)
	_, found, err = w.store.Session(t.Context(), ada.session.Workspace.ID, tenant.HashToken(ada.token))
	require.NoError(t, err)
	require.True(t, found)
}

const password = "Correct-Horse-42"

func signUpBody(email string) api.SignUp {
	return api.SignUp{Email: email, Password: password, Name: "Ada Lovelace", Workspace: "Cafe Ada", TimeZone: "Europe/Berlin"}
}

// throttled is an identity provider that has had enough.
type throttled struct{ tenant.Identity }

func (throttled) SignIn(context.Context, string, string) (tenant.User, error) {
	p := problem.New(problem.RateLimited, "Too many attempts. Wait a moment and try again.")
	p.RetryAfter = 1500 * time.Millisecond
	return tenant.User{}, p
}

func TestTooManyAttemptsSayWhenToComeBack(t *testing.T) {
	t.Parallel()
	h := surface(api.Sessions{Tenants: &tenant.Service{Identity: throttled{}, Now: time.Now}})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/session", strings.NewReader(`{"email":"ada@example.com","password":"x"}`))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Equal(t, "2", w.Header().Get("Retry-After"), "rounded up: never too early")
}
