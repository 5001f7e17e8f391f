package crash_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/publish"
)

// accept stores a post for this world's Page, as the posts function does.
func (w *world) accept(text, kind string) publish.Post {
	w.t.Helper()
	now := time.Now().UnixMilli()
	p := publish.Post{TenantID: w.tenant, ID: "pst_" + id(), Text: text, Targets: []string{w.conn}, At: now, Zone: "UTC", CreatedAt: now}
	j := publish.Job{
		TenantID: w.tenant, ID: publish.JobID(p.ID, w.conn), PostID: p.ID, ConnectionID: w.conn, Platform: w.way.Platform.Name, Kind: kind, Text: text,
		Account: publish.AccountRef{Kind: w.way.Account, Name: "Crash Cafe", TokenVersion: w.version},
		Status:  publish.Queued, DueAt: now, NextAt: now, Open: []publish.Attempt{}, Steps: map[string]publish.StepLog{}, Rev: 1, CreatedAt: now, UpdatedAt: now,
	}
	w.fill(&j, kind)
	p.Text = j.Text
	p.Jobs = []publish.Job{j}
	created, err := w.store.CreatePost(w.t.Context(), p, id(), "hash", publish.AuditRow{TenantID: w.tenant, SK: publish.AuditKey(now, id()), Kind: publish.AuditAccepted, At: now, PostID: p.ID})
	require.NoError(w.t, err)
	require.True(w.t, created)
	return p
}

func (w *world) send(p publish.Post) {
	w.t.Helper()
	require.NoError(w.t, w.queue.Send(w.t.Context(), w.way.Platform.Name, publish.Message{Tenant: w.tenant, Job: p.Jobs[0].ID, At: p.At}, 0))
}

func (w *world) job(p publish.Post) publish.Job {
	w.t.Helper()
	j, err := w.store.GetJob(w.t.Context(), w.tenant, publish.JobID(p.ID, w.conn))
	require.NoError(w.t, err)
	return j
}

// claims counts the claims that the jobs table granted, whether or not the worker lived to see the answer.
func (w *world) claims() int {
	n := 0
	for _, c := range w.tap.Calls() {
		if strings.HasSuffix(c.Name, ".UpdateItem") && strings.Contains(c.Body, "list_append") && c.Status == 200 {
			n++
		}
	}
	return n
}

// requireOnce asserts the promise: exactly one post on the Page, the job published, every attempt on the trail.
func (w *world) requireOnce(p publish.Post) {
	w.t.Helper()
	j := w.job(p)
	posts := w.timeline()
	require.Len(w.t, posts, 1, "exactly one post on the Page (job %s: %+v)", j.Status, j.Problem)
	require.Equal(w.t, publish.Published, j.Status)
	require.NotNil(w.t, j.Receipt)
	require.Contains(w.t, posts[0].Names, j.Receipt.ExternalID)
	rows, err := w.store.Timeline(w.t.Context(), w.tenant, j.ID)
	require.NoError(w.t, err)
	attempts := 0
	for _, r := range rows {
		if r.Attempt > 0 {
			attempts++
		}
	}
	require.Equal(w.t, w.claims(), attempts, "every attempt is on the audit trail")
	require.NotContains(w.t, w.logs.String(), "X-Amz-Signature", "the address of a picture is a key to it")
}

// publishOne runs the publisher on one post until the job is final.
func (w *world) publishOne(kind string, within time.Duration, plan func(f *fleet)) publish.Post {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	f := newFleet(w)
	plan(f)
	p := w.accept("Fresh bread "+w.tenant, kind)
	w.send(p)
	var wg sync.WaitGroup
	wg.Go(func() { f.run(ctx, 1) })
	wg.Go(func() { w.sweep(ctx) })
	eventually(w.t, within, "the job never ended", func() bool { return w.job(p).Status.Final() })
	cancel()
	f.killAll()
	wg.Wait()
	return p
}

// patience is how long a job may take after a kill: leases that run out, pauses that a platform asks for, and a machine that is
// busy with other tests.
const patience = 4 * time.Minute

func TestPublisherSurvivesAKillAtEveryCall(t *testing.T) {
	t.Parallel()
	slots := make(chan struct{}, 16) // most of a run is waiting for a dead worker's lease
	ways, err := stage.Ways()
	require.NoError(t, err)
	for i, way := range ways {
		t.Run(way.String(), func(t *testing.T) {
			t.Parallel()
			killEverywhere(t, way, i > 0, slots)
		})
	}
}

// killEverywhere kills at every call; own = from the first one that is the kind's own, since what comes before (secret,
// flag, claim, account, key) is the same for all and is covered by the kind that begins at the first. Between two calls a
// worker changes nothing but itself: a kill before a call leaves the same behind as one after the call before it. So both are
// tried for one kind, and only the latter for the others.
func killEverywhere(t *testing.T, way stage.Way, own bool, slots chan struct{}) {
	t.Helper()
	dry := newWorldAt(t, way)
	p := func() publish.Post {
		slots <- struct{}{}
		defer func() { <-slots }()
		return dry.publishOne(way.Kind.Kind, patience, func(*fleet) {})
	}()
	dry.requireOnce(p)
	calls := dry.tap.Calls()
	for _, c := range calls {
		t.Logf("call %d: %s", c.N, c.Name)
	}
	first, last := 1, len(calls)
	theirs := func(c wiretap.Call) bool { return strings.Contains(c.Name, "/"+way.Platform.Name+"/") }
	require.True(t, slices.ContainsFunc(calls, theirs), "the platform was called: this test would prove nothing")
	for own && !theirs(calls[first-1]) && !strings.HasPrefix(calls[first-1].Name, "GET /") {
		first++
	}
	for n := first; n <= last; n++ {
		for moment, name := range map[wiretap.Moment]string{wiretap.Before: "before", wiretap.After: "after"} {
			if own && moment == wiretap.Before && n > first {
				continue
			}
			t.Run(fmt.Sprintf("%s call %d %s", name, n, calls[n-1].Name), func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				w := newWorldAt(t, way)
				p := w.publishOne(way.Kind.Kind, patience, func(f *fleet) {
					w.tap.StrikeAt(n, moment, func() { f.kill(0) })
				})
				w.requireStruck(n, 8) // secret, flag, pace, claim, account, key, a call to the platform, finish
				w.requireOnce(p)
			})
		}
	}
}

func TestRandomKillsOverManyPosts(t *testing.T) {
	t.Parallel()
	const (
		posts = 200
		kills = 20
		seed  = 20261124
	)
	w := newWorld(t)
	random := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // a repeatable test
	f := newFleet(w)
	ctx, cancel := context.WithCancel(t.Context())
	all := make([]publish.Post, posts)
	for i := range all {
		all[i] = w.accept(fmt.Sprintf("Post %03d of %s", i, w.tenant), []string{"photo", "text", "text", "text"}[i%4])
		w.send(all[i])
	}
	// A kill every so many calls of the fleet: where it strikes is random, that it strikes amid work is certain.
	struck := make(chan struct{}, kills)
	next := func(after int) {
		at := after + 1 + random.IntN(60)
		w.tap.StrikeAt(at, wiretap.Moment(random.IntN(2)), func() {
			f.kill(random.IntN(10))
			struck <- struct{}{}
		})
	}
	next(20)
	var wg sync.WaitGroup
	wg.Go(func() { f.run(ctx, 10) })
	wg.Go(func() { w.sweep(ctx) })
	wg.Go(func() {
		for range kills - 1 {
			select {
			case <-struck:
				next(len(w.tap.Calls()))
			case <-ctx.Done():
				return
			}
		}
	})
	eventually(t, 4*time.Minute, "some job never ended", func() bool {
		for _, p := range all {
			if !w.job(p).Status.Final() {
				return false
			}
		}
		return true
	})
	cancel()
	f.killAll()
	wg.Wait()

	require.GreaterOrEqual(t, f.deaths, kills, "the kills happened while there was work")
	seen := map[string]int{}
	for _, p := range w.timeline() {
		seen[p.Text]++
	}
	for _, p := range all {
		j := w.job(p)
		require.Equal(t, publish.Published, j.Status, "%s: %+v", p.Text, j.Problem)
		require.Equal(t, 1, seen[p.Text], "%s is on the Page exactly once", p.Text)
	}
	require.Len(t, seen, posts)
}
