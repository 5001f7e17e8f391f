package sandbox

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
)

// maxClipHead is the largest description of a video that is looked at.
const maxClipHead = 16 << 20

// moov gives the box that describes a video, without reading the rest of the file: a video may be larger than what this
// machine has of memory. nil is for bytes that are not there any more;
// what is no video gives an empty one.
func (b *blobs) moov(id string) []byte {
	if b.dir == "" {
		data, _ := b.get(id)
		return data
	}
	f, err := os.Open(filepath.Join(b.dir, filepath.Base(id)))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // only read
	for at := int64(0); ; {
		h := make([]byte, 8)
		if _, err := f.ReadAt(h, at); err != nil {
			return []byte{}
		}
		n := int64(binary.BigEndian.Uint32(h))
		if n == 1 { // the length follows in 64 bits
			long := make([]byte, 8)
			if _, err := f.ReadAt(long, at+8); err != nil || long[0] != 0 {
				return []byte{}
			}
			n = int64(binary.BigEndian.Uint64(long)) //nolint:gosec // its first byte is zero
		}
		if n < 8 {
			return []byte{}
		}
		if string(h[4:]) == "moov" && n <= maxClipHead {
			box := make([]byte, n)
			if _, err := io.ReadFull(io.NewSectionReader(f, at, n), box); err != nil {
				return []byte{}
			}
			return box
		}
		at += n
	}
}
