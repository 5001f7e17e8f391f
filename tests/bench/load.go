package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/visitor"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/store"
)

// tiktokApart and tiktokPosts are how far apart the posts of one account of TikTok begin here, in seconds, and how many it gets
// at most: Herald gives it one each ten seconds, and 12 a day.
const tiktokApart, tiktokPosts = 11, 10

// speakers are accounts of three platforms, in turn, enough for so many posts at that rate.
func (w *world) speakers(ctx context.Context, rate, posts int) (ways []stage.Way, conns [][]string, err error) {
	for _, of := range []struct{ platform, account, kind string }{
		{"meta", "facebook_page", "text"}, {"linkedin", "linkedin_organization", "text"}, {"tiktok", "tiktok_account", "video"},
	} {
		way, err := stage.Find(of.platform, of.account, of.kind)
		if err != nil {
			return nil, nil, err
		}
		accounts := 1
		if of.platform == "tiktok" {
			accounts = max(rate*tiktokApart, posts/tiktokPosts)/3 + 1
		}
		var linked []string
		for range accounts {
			h, err := w.move(ctx, way)
			if err != nil {
				return nil, nil, err
			}
			linked = append(linked, h.conn)
		}
		ways, conns = append(ways, way), append(conns, linked)
	}
	return ways, conns, nil
}

// send publishes a post of a way now and gives its job's id.
func (w *world) send(ctx context.Context, way stage.Way, conn string, files map[string]string) (string, error) {
	in, err := w.body(ctx, way, conn, files)
	if err != nil {
		return "", err
	}
	a, err := w.Must(ctx, http.MethodPost, w.Info.URL+"/v1/posts", in)
	if err != nil {
		return "", err
	}
	var p struct{ ID string }
	err = a.Into(&p)
	return publish.JobID(p.ID, conn), err
}

// steady sends at an even rate to three platforms in turn, whatever comes back, and reports how long acceptance took and how
// long a post waited until its first call to the platform began.
func (w *world) steady(ctx context.Context, rate int, length time.Duration) ([]row, error) {
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		accepts []time.Duration
		ids     []string
		failed  error
	)
	n := int(length.Seconds()) * rate
	ways, conns, err := w.speakers(ctx, rate, n)
	if err != nil {
		return nil, err
	}
	files, err := w.files(ctx)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for i := range n {
		<-tick.C
		wg.Go(func() {
			start := time.Now()
			to := conns[i%len(ways)]
			id, err := w.send(ctx, ways[i%len(ways)], to[i/len(ways)%len(to)], files)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
				return
			}
			accepts, ids = append(accepts, time.Since(start)), append(ids, id)
		})
	}
	wg.Wait()
	if failed != nil {
		return nil, failed
	}
	jobs, err := w.finished(ctx, ids, time.Minute)
	if err != nil {
		return nil, err
	}
	waits, ends := map[string][]time.Duration{}, map[string][]time.Duration{}
	for _, j := range jobs {
		first := j.PublishedAt
		for _, s := range j.Steps {
			first = min(first, s.StartedAt)
		}
		waits[j.Platform] = append(waits[j.Platform], time.Duration(first-j.DueAt)*time.Millisecond)
		ends[j.Platform] = append(ends[j.Platform], time.Duration(j.PublishedAt-j.DueAt)*time.Millisecond)
	}
	at := fmt.Sprintf("%d posts/s over three platforms for %s, %d posts, all published", rate, length, len(jobs))
	rows := []row{{"accept p50 / p95 / p99", percentiles(accepts, 50, 95, 99), "POST /v1/posts at the client; " + at}}
	for _, way := range ways {
		p := way.Platform.Name
		rows = append(rows,
			row{p + ": accepted to platform call p50 / p95", percentiles(waits[p], 50, 95), "from the due time to the start of the first journaled call; " + way.Kind.Kind},
			row{p + ": accepted to receipt p50 / p95", percentiles(ends[p], 50, 95), "the platform's latency, and its own working on a video, included"},
		)
	}
	return rows, nil
}

// flatOut accepts as fast as 16 clients can and waits until everything is published.
func (w *world) flatOut(ctx context.Context, n int) ([]row, error) {
	work := make(chan int)
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		ids    []string
		failed error
	)
	start := time.Now()
	for range 16 {
		wg.Go(func() {
			for i := range work {
				id, err := w.publish(ctx, fmt.Sprintf("flat out %d %s", i, visitor.ID()))
				id = publish.JobID(id, w.conn)
				mu.Lock()
				if err != nil {
					failed = err
				}
				ids = append(ids, id)
				mu.Unlock()
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
	accepted := time.Since(start)
	if failed != nil {
		return nil, failed
	}
	jobs, err := w.finished(ctx, ids, 5*time.Minute)
	if err != nil {
		return nil, err
	}
	last := slices.MaxFunc(jobs, func(a, b publish.Job) int { return int(a.PublishedAt - b.PublishedAt) })
	total := time.UnixMilli(last.PublishedAt).Sub(start)
	return []row{
		{"flat out, accepted", fmt.Sprintf("%.0f posts/s", float64(n)/accepted.Seconds()), fmt.Sprintf("%d posts, 16 clients", n)},
		{"flat out, end to end", fmt.Sprintf("%.0f posts/s", float64(n)/total.Seconds()), "first request to last receipt; the publisher's concurrency is 10"},
	}, nil
}

// finished waits until every job is published and gives the jobs.
func (w *world) finished(ctx context.Context, ids []string, patience time.Duration) ([]publish.Job, error) {
	s := store.Store{DB: dynamodb.NewFromConfig(w.Info.AWS()), Tables: store.Tables{Jobs: w.Info.Outputs["JobsTable"]}}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	var jobs []publish.Job
	for _, id := range ids {
		for {
			j, err := s.GetJob(ctx, w.Tenant, id)
			if err != nil {
				return nil, err
			}
			if j.Status == publish.Published {
				jobs = append(jobs, j)
				break
			}
			if j.Status.Final() {
				return nil, fmt.Errorf("job %s ended as %s: %+v", j.ID, j.Status, j.Problem)
			}
			select {
			case <-tick.C:
			case <-deadline.C:
				return nil, fmt.Errorf("after %s %d of %d posts are published", patience, len(jobs), len(ids))
			}
		}
	}
	return jobs, nil
}

func percentiles(d []time.Duration, qs ...int) string {
	if len(d) == 0 {
		return "-"
	}
	slices.Sort(d)
	parts := make([]string, 0, len(qs))
	for _, q := range qs {
		parts = append(parts, fmt.Sprintf("%.0f", float64(d[min(len(d)*q/100, len(d)-1)].Microseconds())/1000))
	}
	return strings.Join(parts, " / ") + " ms"
}
