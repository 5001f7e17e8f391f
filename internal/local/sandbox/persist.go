package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

const stateVersion = 1

// stateFile is the shape of the file. Each platform owns its part.
type stateFile[T any] struct {
	Version       int           `json:"v"`
	ClockOffset   time.Duration `json:"clock_offset"` // nanoseconds
	PlatformState map[string]T  `json:"platforms"`
}

// saveLoop writes the state at most once a second, and only when something changed, so that a busy sandbox does
// not pay per call. A slow write (many posts) makes the next one wait ten times as long as it took.
func (s *Sandbox) saveLoop() {
	defer close(s.done)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var saved int64
	var notBefore time.Time
	for {
		select {
		case <-s.stop:
			return
		case now := <-tick.C:
			s.mu.Lock()
			revision := s.revision
			s.mu.Unlock()
			if revision == saved || now.Before(notBefore) {
				continue
			}
			if err := s.save(); err != nil {
				s.log.Error("cannot save the state", errAttr(err))
				continue
			}
			saved = revision
			notBefore = now.Add(10 * time.Since(now))
		}
	}
}

// save writes the state to a new file and renames it over the old one: a crash leaves one or the other.
func (s *Sandbox) save() error {
	file := stateFile[any]{Version: stateVersion, PlatformState: map[string]any{}}
	s.mu.Lock()
	file.ClockOffset = s.offset
	for _, p := range s.platforms {
		file.PlatformState[p.info().Name] = p.save()
	}
	s.mu.Unlock()
	raw, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(s.cfg.StateFile), 0o750); err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	temp := s.cfg.StateFile + ".new"
	if err := writeSynced(temp, raw); err != nil {
		return err
	}
	if err := os.Rename(temp, s.cfg.StateFile); err != nil {
		return fmt.Errorf("replace state: %w", err)
	}
	return nil
}

func writeSynced(name string, raw []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open state: %w", err)
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// load reads the state file; a missing one is a first start.
func (s *Sandbox) load() error {
	raw, err := os.ReadFile(s.cfg.StateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	var file stateFile[json.RawMessage]
	if err := json.Unmarshal(raw, &file); err != nil {
		return fmt.Errorf("state file %s is damaged, delete it to start afresh: %w", s.cfg.StateFile, err)
	}
	if file.Version != stateVersion {
		return fmt.Errorf("state file %s has version %d, this sandbox writes %d: delete it to start afresh", s.cfg.StateFile, file.Version, stateVersion)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset = file.ClockOffset
	for _, p := range s.platforms {
		part, ok := file.PlatformState[p.info().Name]
		if !ok {
			continue
		}
		if err := p.load(part); err != nil {
			return fmt.Errorf("state of %s: %w", p.info().Name, err)
		}
	}
	s.log.Info("state loaded", slog.String("file", s.cfg.StateFile))
	return nil
}

func cloneMap[T any](in map[string]*T) map[string]*T {
	out := make(map[string]*T, len(in))
	for k, v := range in {
		c := *v
		out[k] = &c
	}
	return out
}
