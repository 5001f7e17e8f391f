package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// memoryBlobs is how many bytes of pictures a sandbox without a folder keeps; the oldest are forgotten first, and
// their posts show a placeholder.
const memoryBlobs = 64 << 20

// blobs keeps uploaded bytes: in a folder when there is one, so that the state file stays small, else in memory.
// Ids are made by the sandbox and consist of digits, so they are safe as file names.
type blobs struct {
	dir string

	mu    sync.Mutex
	mem   map[string][]byte
	order []string
	size  int
}

func newBlobs(stateFile string) *blobs {
	b := &blobs{mem: map[string][]byte{}}
	if stateFile != "" {
		b.dir = stateFile + ".media"
	}
	return b
}

func (b *blobs) put(id string, data []byte) error {
	if b.dir != "" {
		if err := os.MkdirAll(b.dir, 0o750); err != nil {
			return fmt.Errorf("media folder: %w", err)
		}
		if err := os.WriteFile(filepath.Join(b.dir, filepath.Base(id)), data, 0o600); err != nil {
			return fmt.Errorf("media file: %w", err)
		}
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mem[id] = data
	b.order = append(b.order, id)
	b.size += len(data)
	for b.size > memoryBlobs {
		b.drop(b.order[0])
		b.order = b.order[1:]
	}
	return nil
}

// extend adds bytes at the end of a blob, which has offset bytes so far. In memory a large one is forgotten.
func (b *blobs) extend(id string, offset int64, data []byte) error {
	if b.dir == "" {
		b.mu.Lock()
		old, known := b.mem[id]
		b.mu.Unlock()
		if offset > 0 && !known || offset+int64(len(data)) > memoryBlobs/2 {
			b.remove(id)
			return nil
		}
		if !known {
			return b.put(id, append([]byte{}, data...))
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.mem[id] = append(old, data...)
		b.size += len(data)
		return nil
	}
	if err := os.MkdirAll(b.dir, 0o750); err != nil {
		return fmt.Errorf("media folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(b.dir, filepath.Base(id)), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("media file: %w", err)
	}
	_, err = f.WriteAt(data, offset)
	return errors.Join(err, f.Close())
}

// drop forgets one blob in memory. The lock is held.
func (b *blobs) drop(id string) {
	b.size -= len(b.mem[id])
	delete(b.mem, id)
}

func (b *blobs) get(id string) ([]byte, bool) {
	if b.dir != "" {
		data, err := os.ReadFile(filepath.Join(b.dir, filepath.Base(id)))
		return data, err == nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.mem[id]
	return data, ok
}

func (b *blobs) remove(id string) {
	if b.dir != "" {
		_ = os.Remove(filepath.Join(b.dir, filepath.Base(id))) //nolint:gosec // a name of our own; gone already is as good
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(id)
}

func (b *blobs) clear() {
	if b.dir != "" {
		_ = os.RemoveAll(b.dir) // gone already is as good
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mem, b.order, b.size = map[string][]byte{}, nil, 0
}
