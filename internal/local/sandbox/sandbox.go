package sandbox

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a sandbox is made of. The zero value works: memory only, the real clock, no log.
type Config struct {
	// PublicURL is the origin browsers and connectors use, without a trailing slash. Empty: taken from each
	// request's Host, which is what a test behind httptest.Server wants.
	PublicURL string
	// StateFile keeps people, Pages, tokens and posts over a restart; uploaded pictures go to a folder of the
	// same name plus ".media". Empty: memory only.
	StateFile string
	// Log may be nil. It never receives a token, a code or a secret.
	Log *slog.Logger
	// Now is the clock below the sandbox's own one, which only ever runs ahead of it. Nil: time.Now.
	Now func() time.Time
	// RedirectURIs are the registered ones, compared byte by byte. Empty: every
	// http://localhost:<port>/v1/oauth/<platform>/callback, and the same on 127.0.0.1.
	RedirectURIs []string
	// FetchHosts are further host names from which media given by URL is fetched. Loopback is always allowed,
	// anything else never.
	FetchHosts []string
	// Hooks are the apps' callback URLs, by platform, as long as no other is configured: "meta" -> ".../hooks/meta". What a
	// platform sends besides webhooks goes below it. A platform that is missing sends nothing.
	Hooks map[string]string
}

// Sandbox is the fake of the platforms. Its Handler is safe for concurrent use.
type Sandbox struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	pages   *template.Template
	handler http.Handler
	blobs   *blobs
	calls   *callLog
	faults  *faultBoard
	latency atomic.Int64 // nanoseconds added to every platform call

	mu        sync.Mutex // guards the clock, the revision and every platform's state
	offset    time.Duration
	revision  int64
	platforms []platform

	stop chan struct{}
	done chan struct{}
	once sync.Once
}

// New builds a sandbox, with the state of StateFile when that exists, else with the default people. The caller
// serves Handler and calls Close at the end.
func New(cfg Config) (*Sandbox, error) {
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	s := &Sandbox{cfg: cfg, log: cfg.Log, now: cfg.Now, calls: &callLog{}, faults: &faultBoard{}, stop: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.blobs = newBlobs(cfg.StateFile)
	tiktok := newTikTok(s)
	s.platforms = []platform{newMeta(s), newLinkedin(s), tiktok}
	var err error
	if s.pages, err = parsePages(); err != nil {
		return nil, err
	}
	for _, p := range s.platforms {
		p.reset()
	}
	if cfg.StateFile != "" {
		if err := s.load(); err != nil {
			return nil, err
		}
		s.done = make(chan struct{})
		go s.saveLoop()
	}
	go tiktok.keep()
	s.handler = s.routes()
	return s, nil
}

// Handler serves the platforms, the control API and the pages on one origin.
func (s *Sandbox) Handler() http.Handler { return s.handler }

// Close stops the background writer and writes the state a last time. A second call does nothing.
func (s *Sandbox) Close() error {
	var err error
	s.once.Do(func() {
		close(s.stop)
		if s.done == nil {
			return
		}
		<-s.done
		err = s.save()
	})
	return err
}

// routes builds the whole origin. Unsafe requests that another site's page makes are refused, so that a tab the
// developer happens to have open cannot reset the sandbox or consent in the fake dialog.
func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	s.controlRoutes(mux)
	s.pageRoutes(mux)
	for _, p := range s.platforms {
		p.routes(mux)
	}
	return http.NewCrossOriginProtection().Handler(mux)
}

// clock is the sandbox's time. The lock is held.
func (s *Sandbox) clock() time.Time { return s.now().Add(s.offset).UTC() }

// time is what clock says, for code that holds no lock.
func (s *Sandbox) time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock()
}

// changed notes that something a page or the state file shows is different now. The lock is held.
func (s *Sandbox) changed() { s.revision++ }

// base is the origin to put into links.
func (s *Sandbox) base(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	return "http://" + r.Host
}

func (s *Sandbox) platform(name string) (platform, bool) {
	for _, p := range s.platforms {
		if p.info().Name == name {
			return p, true
		}
	}
	return nil, false
}

// redirectRegistered tells whether an app registered the redirect URI for a platform.
func (s *Sandbox) redirectRegistered(platform, raw string) bool {
	if len(s.cfg.RedirectURIs) > 0 {
		return slices.Contains(s.cfg.RedirectURIs, raw)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return false
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"
	return local && u.Path == "/v1/oauth/"+platform+"/callback"
}

// reset puts everything back to the first start. The lock is not held.
func (s *Sandbox) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset = 0
	for _, p := range s.platforms {
		p.reset()
	}
	s.blobs.clear()
	s.faults.clear(0)
	s.calls.clear()
	s.latency.Store(0)
	s.changed()
}

// advance moves the sandbox's clock forward.
func (s *Sandbox) advance(d time.Duration) error {
	if d < 0 {
		return errors.New("the clock only moves forward")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
	s.changed()
	return nil
}

// wait lets d pass on the real clock, or returns the context's error.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("caller left: %w", ctx.Err())
	}
}
