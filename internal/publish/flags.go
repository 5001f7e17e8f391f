package publish

import (
	"context"
	"sync"
	"time"
)

// flagTTL is how long a process believes a workspace's switch. A post that is accepted or claimed within it after a
// switch-off is not lost; it only waits at its next look.
const flagTTL = 10 * time.Second

// Flags remembers which platforms a tenant has switched off, so that not every post costs a read.
type Flags struct {
	Load func(ctx context.Context, tenant, platform string) (off bool, err error)
	Now  func() time.Time

	mu   sync.Mutex
	seen map[[2]string]flag
}

type flag struct {
	off   bool
	until time.Time
}

// Off tells whether the tenant has the platform switched off.
func (f *Flags) Off(ctx context.Context, tenant, platform string) (bool, error) {
	key := [2]string{tenant, platform}
	f.mu.Lock()
	known, ok := f.seen[key]
	f.mu.Unlock()
	now := f.Now()
	if ok && now.Before(known.until) {
		return known.off, nil
	}
	off, err := f.Load(ctx, tenant, platform)
	if err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil || len(f.seen) > 10_000 {
		f.seen = map[[2]string]flag{}
	}
	f.seen[key] = flag{off: off, until: now.Add(flagTTL)}
	return off, nil
}
