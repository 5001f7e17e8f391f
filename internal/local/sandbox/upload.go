package sandbox

import (
	"errors"
	"io"
)

// errNotNext: keep did not want the bytes, since others came first or there are too many.
var errNotNext = errors.New("these bytes are not the next ones")

// readPieces gives a body to keep piece by piece, so that what arrives before a connection breaks is kept. It returns where
// the body ended, and errNotNext or what broke.
func readPieces(body io.Reader, offset int64, keep func(offset int64, data []byte) bool) (int64, error) {
	buf := make([]byte, 256<<10)
	for {
		n, err := io.ReadFull(body, buf)
		if n > 0 && !keep(offset, buf[:n]) {
			return offset, errNotNext
		}
		offset += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return offset, nil
		}
		if err != nil {
			return offset, err
		}
	}
}
