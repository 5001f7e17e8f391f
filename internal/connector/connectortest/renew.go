package connectortest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// Renewable is a fresh account on a fake of its own, whose access is to be renewed.
type Renewable struct {
	URL     string
	Session connector.Session
	Pass    func(t T, d time.Duration) // moves the fake's clock
	Revoke  func(t T)                  // the person takes the access back
	// Young: it is not renewed before it is that old. Due: from this age on there is a new one to be had. Ends: at this
	// age it is too late; zero = never.
	Young, Due, Ends time.Duration
	Single           bool // renewing ends the old one
}

// renewing is one renewable at work.
type renewing struct {
	Renewable
	rig

	h       Harness
	now     time.Time
	between *breaker
}

// breaker stands between a connector and the fake: from call number at on, calls are answered by answer, or carried out
// and their answers lost where there is none.
type breaker struct {
	base   http.RoundTripper
	at     int // counted from 1; 0 = none
	answer string

	mu    sync.Mutex
	calls int
}

// patience is for one call.
const patience = 5 * time.Second

func (b *breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	b.calls++
	mine := b.at > 0 && b.calls >= b.at
	b.mu.Unlock()
	if !mine {
		return b.base.RoundTrip(r)
	}
	if b.answer == "" {
		res, err := b.base.RoundTrip(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			err = errors.Join(res.Body.Close(), io.ErrUnexpectedEOF)
		}
		return nil, err
	}
	u, err := url.Parse(b.answer)
	if err != nil {
		return nil, err
	}
	other := r.Clone(r.Context())
	other.URL.Scheme, other.URL.Host = u.Scheme, u.Host
	return b.base.RoundTrip(other)
}

func (h Harness) renewing(t T, start func(t T) Renewable) *renewing {
	t.Helper()
	r := &renewing{Renewable: start(t), now: time.Now()}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	r.between = &breaker{base: transport}
	for _, s := range []connector.Secret{r.Session.Credential.Access, r.Session.Credential.Refresh, r.Session.Credential.Parent} {
		if !s.Empty() {
			h.Secrets = append(slices.Clone(h.Secrets), s.Reveal())
		}
	}
	r.h = h
	r.rig = r.build(t, patience)
	return r
}

func (r *renewing) build(t T, patience time.Duration) rig {
	t.Helper()
	return r.h.rig(t, r.URL, func(e *Env) {
		e.HTTP, e.Now, e.Timeout = &http.Client{Transport: r.between}, func() time.Time { return r.now }, patience
	})
}

func (r *renewing) pass(t T, d time.Duration) {
	t.Helper()
	if d > 0 {
		r.now = r.now.Add(d)
		r.Pass(t, d)
	}
}

func (r *renewing) refresh(t T) (connector.Renewal, error) {
	t.Helper()
	renewal, err := r.Connector.(connector.Refresher).Refresh(t.Context(), r.Session) //nolint:forcetypeassert // checkRefresh has looked
	if err != nil {
		r.h.harmless(t, "refresh", err, r.log.String())
		return renewal, err
	}
	require.False(t, renewal.Credential.Access.Empty())
	life := renewal.Life
	for what, end := range map[string]time.Time{"expires_at": life.ExpiresAt, "renew_until": life.RenewUntil} {
		require.True(t, end.IsZero() || end.After(r.now), "%s has passed already: %s", what, end)
	}
	secrets := r.h
	secrets.Secrets = append(slices.Clone(secrets.Secrets), renewal.Credential.Access.Reveal())
	secrets.harmless(t, "refresh", nil, r.log.String())
	return renewal, nil
}

// works tells whether the platform takes a credential.
func (r *renewing) works(t T, c connector.Credential) bool {
	t.Helper()
	s := r.Session
	s.Credential = c
	err := r.Ping(t.Context(), s)
	if err != nil {
		require.True(t, endsAccess(err), "%v", err)
	}
	return err == nil
}

// endsAccess tells of an error that speaks about the access and not about the weather.
func endsAccess(err error) bool {
	return slices.Contains(refusals(), problem.ClassOf(err))
}

// renewYoung: what is not renewed yet goes on working.
func renewYoung(t T, h Harness, name string, start func(t T) Renewable) {
	t.Helper()
	r := h.renewing(t, start)
	renewal, err := r.refresh(t)
	if r.Young == 0 {
		require.NoError(t, err, name)
		require.True(t, r.works(t, renewal.Credential), name)
		return
	}
	require.True(t, endsAccess(err), "%s: too young to be renewed, and no reason to try again soon: %v", name, err)
	require.Zero(t, r.between.calls, "%s: the platform is not even asked", name)
	require.True(t, r.works(t, r.Session.Credential), "%s: it goes on working", name)
	r.pass(t, r.Young+time.Hour)
	_, err = r.refresh(t)
	require.NoError(t, err, name)
}

// renewDue: there is a new credential, it works, and the old one is as the platform says.
func renewDue(t T, h Harness, name string, start func(t T) Renewable) {
	t.Helper()
	r := h.renewing(t, start)
	r.pass(t, r.Due)
	renewal, err := r.refresh(t)
	require.NoError(t, err, name)
	calls := r.between.calls
	require.NotEqual(t, r.Session.Credential, renewal.Credential, "%s: a new one was to be had", name)
	require.True(t, r.works(t, renewal.Credential), "%s: the new one works", name)
	require.Equal(t, !r.Single, r.works(t, r.Session.Credential), "%s: the old one works", name)
	if r.Ends > 0 {
		end := renewal.Life.RenewUntil
		require.True(t, end.After(r.now.Add(r.Ends-r.Due)), "%s: it was prolonged: %s", name, end)
		r.Session.Credential, r.Session.Account.ExpiresAt = renewal.Credential, renewal.Life.ExpiresAt
		r.pass(t, r.Due)
		_, err = r.refresh(t)
		require.NoError(t, err, "%s: and again, beyond the first one's end", name)
	}
	// The platform has done its part and its answer is lost, at each of the calls: the row still holds the old one.
	for at := 1; at <= calls; at++ {
		r := h.renewing(t, start)
		r.pass(t, r.Due)
		r.between.at = at
		_, err := r.refresh(t)
		require.Error(t, err, name)
		require.Contains(t, []problem.Class{problem.Transient, problem.PlatformDown}, problem.ClassOf(err), "%s, call %d: %v", name, at, err)
		require.True(t, problem.Of(err).MayHaveHappened(), "%s, call %d: it may have been renewed", name, at)
		r.between.at = 0
		renewal, err := r.refresh(t)
		if err == nil {
			require.True(t, r.works(t, renewal.Credential), "%s, call %d", name, at)
			continue
		}
		require.True(t, r.Single && endsAccess(err), "%s, call %d: %v", name, at, err)
	}
}

// renewEnded: what was taken back, or is too old, is said to be.
func renewEnded(t T, h Harness, name string, start func(t T) Renewable) {
	t.Helper()
	auth := []problem.Class{problem.AuthExpired, problem.AuthRevoked}
	r := h.renewing(t, start)
	r.pass(t, r.Due)
	r.Revoke(t)
	_, err := r.refresh(t)
	require.Contains(t, auth, problem.ClassOf(err), "%s, revoked: %v", name, err)
	require.Equal(t, problem.ActReconnect, problem.Of(err).Action.Kind, name)
	require.False(t, r.works(t, r.Session.Credential), "%s, revoked", name)
	if r.Ends > 0 {
		r := h.renewing(t, start)
		r.pass(t, r.Ends+time.Hour)
		_, err := r.refresh(t)
		require.Contains(t, auth, problem.ClassOf(err), "%s, ended: %v", name, err)
		require.Equal(t, problem.ActReconnect, problem.Of(err).Action.Kind, name)
	}
	empty := h.renewing(t, start)
	empty.pass(t, empty.Due)
	empty.Session.Credential = connector.Credential{}
	_, err = empty.refresh(t)
	require.Contains(t, auth, problem.ClassOf(err), "%s, without a credential: %v", name, err)
}

// renewInTrouble: a platform that does not answer says nothing about the access, and nothing is lost by asking.
func renewInTrouble(t T, h Harness, name string, start func(t T) Renewable) {
	t.Helper()
	whole := h.renewing(t, start)
	whole.pass(t, whole.Due)
	_, err := whole.refresh(t)
	require.NoError(t, err, name)
	for at := 1; at <= whole.between.calls; at++ {
		r := h.renewing(t, start)
		r.pass(t, r.Due)
		for _, tr := range troubles() {
			slow := strings.HasPrefix(tr.name, "slow")
			if slow && at > 1 {
				continue // a patience that short is for none of the calls before
			}
			r.between.calls, r.between.at, r.between.answer = 0, at, serve(t, tr.answer).URL
			usual := r.rig
			if slow {
				r.rig = r.build(t, 60*time.Millisecond)
			}
			_, err := r.refresh(t)
			r.rig = usual
			require.Error(t, err, "%s, call %d: %s", name, at, tr.name)
			require.Contains(t, tr.classes, problem.ClassOf(err), "%s, call %d: %s: %v", name, at, tr.name, err)
			require.Equal(t, tr.unsure, problem.Of(err).MayHaveHappened(), "%s, call %d: %s", name, at, tr.name)
			if r.Single {
				r = h.renewing(t, start)
				r.pass(t, r.Due)
			}
		}
		r.between.at = 0
		require.True(t, r.works(t, r.Session.Credential), "%s, call %d", name, at)
		_, err := r.refresh(t)
		require.NoError(t, err, "%s, call %d: afterwards", name, at)
	}
	r := h.renewing(t, start)
	r.pass(t, r.Due)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.Connector.(connector.Refresher).Refresh(cancelled, r.Session) //nolint:forcetypeassert // checkRefresh has looked
	require.ErrorIs(t, err, context.Canceled, name)
	r.h.harmless(t, "refresh", err, r.log.String())
}
