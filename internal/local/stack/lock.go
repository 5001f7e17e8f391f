package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// fileLock is an advisory lock that the kernel drops when its holder dies in any way.
type fileLock struct{ f *os.File }

// errLocked says that somebody else holds the lock; Holder is what they wrote into the file.
type errLocked struct{ Holder string }

func (e errLocked) Error() string { return "locked by " + e.Holder }

// tryLock takes the lock or fails at once with errLocked.
func tryLock(path, holder string) (*fileLock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		b, _ := os.ReadFile(path)
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked{Holder: strings.TrimSpace(string(b))}
		}
		return nil, err
	}
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintln(f, holder)
	}
	return &fileLock{f: f}, nil
}

// waitLock takes the lock, waiting for its holder until ctx ends.
func waitLock(ctx context.Context, path, holder string) (*fileLock, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		l, err := tryLock(path, holder)
		var held errLocked
		if err == nil || !errors.As(err, &held) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for %s: %w", held.Holder, ctx.Err())
		case <-tick.C:
		}
	}
}

func (l *fileLock) release() {
	_ = l.f.Close() // closing drops the lock
}
