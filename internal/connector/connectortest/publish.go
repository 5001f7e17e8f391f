package connectortest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

func checkPublish(t T, h Harness) {
	covered := map[string]bool{}
	for name, d := range h.Drafts {
		r := h.replay(t, filepath.Join(h.Testdata, "publish", name))
		c := h.rig(t, serve(t, r.ServeHTTP).URL)
		receipt, err := c.Publish(t.Context(), h.sessionOf(name), d, NewLedger().Journal(time.Now))
		require.NoError(t, err, name)
		r.done()
		require.NotEmpty(t, receipt.ExternalID)
		if receipt.Permalink != "" || !h.NoPermalink {
			require.Regexp(t, `^https?://`, receipt.Permalink, "%s: the receipt's permalink", name)
		}
		covered[h.sessionOf(name).Account.Kind+"."+d.Kind] = true
	}
	for _, a := range h.rig(t, "https://platform.invalid").Info().Accounts {
		for _, p := range a.Posts {
			require.True(t, covered[a.Kind+"."+p.Kind], "no fixture publishes a %s to a %s", p.Kind, a.Kind)
		}
	}
}

// death is how a worker or a connection ends at one outgoing call.
type death string

const (
	diesBefore death = "the worker dies before the call"
	diesAfter  death = "the worker dies after the call, before the answer"
	cutBefore  death = "the connection cannot be made"
	cutAfter   death = "the connection breaks after the call"
)

type killed struct{}

// killer is a transport that ends one call in a given way.
type killer struct {
	base  http.RoundTripper
	at    int // which call, from 1; 0 = none
	how   death
	calls int
}

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	k.calls++
	if k.calls != k.at {
		return k.base.RoundTrip(r)
	}
	switch k.how {
	case diesBefore:
		panic(killed{})
	case cutBefore:
		return nil, syscall.ECONNREFUSED
	default:
		res, err := k.base.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if k.how == diesAfter {
			panic(killed{})
		}
		return nil, syscall.ECONNRESET
	}
}

// run is one job on its way: a clock that waiting moves, and what survives a death.
type run struct {
	h      Harness
	world  World
	draft  connector.Draft
	ledger *Ledger
	now    time.Time
	calls  int // made by all workers together
}

func (r *run) clock() time.Time { return r.now }

// pass lets time go by, here and on the platform.
func (r *run) pass(t T, d time.Duration) {
	t.Helper()
	r.now = r.now.Add(d)
	if r.world.Pass != nil {
		r.world.Pass(t, d)
	}
}

// attempt is one worker's try.
func (r *run) attempt(t T, k *killer) (receipt connector.Receipt, calls int, err error) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	k.base = transport
	c := r.h.rig(t, r.world.URL, func(e *Env) { e.HTTP, e.Now = &http.Client{Transport: k}, r.clock })
	j := r.ledger.Journal(r.clock)
	before := k.calls
	defer func() {
		calls = k.calls - before
		if p := recover(); p != nil {
			if _, ours := p.(killed); !ours {
				panic(p)
			}
			err = errDied // nothing but what was saved before survives
			return
		}
		r.ledger.Save(j.Steps(), j.InDoubt()) // a worker that lives writes down how its attempt ended
	}()
	receipt, err = c.Publish(t.Context(), r.world.Session, r.draft, j)
	return receipt, 0, err
}

var errDied = errors.New("the worker died")

// finish lets new workers try until the job is at its end. kills are the deaths of the first of them; a worker that
// ends before its death (it has to wait) leaves it to the next one.
func (r *run) finish(t T, kills ...*killer) (connector.Receipt, error) {
	for range 30 {
		k := &killer{}
		if len(kills) > 0 {
			k = kills[0]
		}
		receipt, calls, err := r.attempt(t, k)
		if len(kills) > 0 && k.calls >= k.at {
			kills = kills[1:]
		}
		r.calls += calls
		var wait *connector.WaitError
		switch {
		case err == nil:
			return receipt, nil
		case errors.As(err, &wait):
			r.pass(t, wait.For)
		case errors.Is(err, publish.ErrHeld):
			return receipt, err
		case errors.Is(err, errDied):
			r.pass(t, time.Second)
		default:
			class := problem.ClassOf(err)
			require.Contains(t, []problem.Class{problem.Transient, problem.PlatformDown, problem.RateLimited}, class, "%v", err)
			r.pass(t, time.Second)
		}
	}
	require.FailNow(t, "the job does not come to an end")
	return connector.Receipt{}, nil
}

// checkKilled is the promise of this product: whatever dies when, one post is there at the end, or a person is asked.
func checkKilled(t T, h Harness) {
	total, held := 0, 0
	for name, draft := range h.Drafts {
		fresh := func(label string) *run {
			r := &run{h: h, world: h.worldOf(t, name), draft: draft, ledger: NewLedger(), now: time.Now()}
			if r.world.Address != nil {
				r.draft = r.world.Address(draft)
			}
			r.draft.AcceptedAt = r.now
			if draft.Text != "" { // or it has nothing to tell it by, and is alone on its account
				r.draft.Text = fmt.Sprintf("%s (%s)", draft.Text, label)
			}
			return r
		}
		whole := fresh("whole")
		_, err := whole.finish(t)
		require.NoError(t, err)
		require.Positive(t, whole.calls)
		for at := 1; at <= whole.calls; at++ {
			for _, how := range []death{diesBefore, diesAfter, cutBefore, cutAfter} {
				// once, and once more at each of the first calls of the recovery
				for again := range 4 {
					label := fmt.Sprintf("%s, call %d of %d, %s, again at %d", name, at, whole.calls, how, again)
					r := fresh(label)
					total++
					receipt, err := r.finish(t, &killer{at: at, how: how}, &killer{at: again, how: how})
					h.oneOrHeld(t, label, r, receipt, err, &held)
				}
			}
		}
	}
	t.Logf("%d deaths, %d held for a person", total, held)
}

func (h Harness) oneOrHeld(t T, label string, r *run, receipt connector.Receipt, err error, held *int) {
	var mine []Post
	for _, p := range r.world.Posts(t) {
		if p.Text == r.draft.Text {
			mine = append(mine, p)
		}
	}
	if errors.Is(err, publish.ErrHeld) {
		*held++
		require.True(t, h.MayHold, "%s: held, although the platform can be asked", label)
		require.LessOrEqual(t, len(mine), 1, label)
		return
	}
	require.Len(t, mine, 1, label)
	require.Equal(t, mine[0].ID, receipt.ExternalID, label)
	var comments []string
	if c, ok := r.draft.Options["first_comment"].(string); ok {
		comments = []string{c}
	}
	require.Equal(t, comments, mine[0].Comments, label)
}

// checkDelete edits and deletes twice, and what never was.
func checkDelete(t T, h Harness) {
	info := h.rig(t, "https://platform.invalid")
	if _, ok := info.Connector.(connector.Deleter); !ok {
		require.False(t, canDelete(info.Info()), "can_delete without a Deleter")
		return
	}
	for name, d := range h.Drafts {
		w := h.worldOf(t, name)
		kind, _ := info.Info().AccountKind(w.Session.Account.Kind)
		if !kind.CanDelete {
			continue
		}
		if w.Address != nil {
			d = w.Address(d)
		}
		d.AcceptedAt = time.Now()
		r := &run{h: h, world: w, draft: d, ledger: NewLedger(), now: time.Now()}
		receipt, err := r.finish(t)
		require.NoError(t, err, name)
		c := h.rig(t, w.URL)
		deleter, _ := c.Connector.(connector.Deleter)
		require.Contains(t, ids(w.Posts(t)), receipt.ExternalID)
		if lister, ok := c.Connector.(connector.CandidateLister); ok && kind.CanList {
			for range 2 {
				found, err := lister.Candidates(t.Context(), w.Session, d)
				require.NoError(t, err)
				require.True(t, has(found, receipt.ExternalID, d.Text), "a candidate is the post itself")
			}
		}
		if editor, ok := c.Connector.(connector.Editor); ok && kind.CanEdit && showsText(kind, d.Kind) {
			for range 2 {
				require.NoError(t, editor.Edit(t.Context(), w.Session, receipt, "Edited: "+name))
				require.True(t, slices.ContainsFunc(w.Posts(t), func(p Post) bool { return p.ID == receipt.ExternalID && p.Text == "Edited: "+name }))
			}
		}
		require.NoError(t, deleter.Delete(t.Context(), w.Session, receipt))
		require.NotContains(t, ids(w.Posts(t)), receipt.ExternalID)
		require.NoError(t, deleter.Delete(t.Context(), w.Session, receipt), "deleting what is gone is a success")
	}
}

// showsText tells whether there is a text to edit.
func showsText(a connector.AccountKind, kind string) bool {
	p, ok := a.PostKind(kind)
	return ok && !p.Text.None
}

func canDelete(i connector.Info) bool {
	for _, a := range i.Accounts {
		if a.CanDelete {
			return true
		}
	}
	return false
}

func ids(posts []Post) []string {
	var out []string
	for _, p := range posts {
		out = append(out, p.ID)
	}
	return out
}

func has(list []connector.Candidate, id, text string) bool {
	plain := func(s string) string { return strings.ReplaceAll(s, "@", "") } // some platforms give texts back without them
	for _, c := range list {
		if c.Receipt.ExternalID == id && plain(c.Text) == plain(text) && !c.CreatedAt.IsZero() {
			return true
		}
	}
	return false
}
