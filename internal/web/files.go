package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"path"
	"regexp"
	"strings"
)

// file is one file of the build. The build keeps text files only compressed (name.js.gz), which halves the binary;
// the few clients that do not accept gzip get them unpacked on the fly.
type file struct {
	data      []byte // as stored
	gzipped   bool
	kind      string // Content-Type
	etag      string // over the stored bytes; empty for what never changes under its name
	immutable bool
}

// hashed matches the names Vite gives to what it bundles: index-B1x_9aZq.js.
var hashed = regexp.MustCompile(`^assets/.*-[A-Za-z0-9_-]{8}\.[a-z0-9]+$`)

// readBuild loads every file of a build, by its public path without a leading slash.
func readBuild(build fs.FS) map[string]file {
	files := map[string]file{}
	// A file that cannot be read is as good as absent: its address then answers 404, and the page 503.
	_ = fs.WalkDir(build, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Base(name) == ".keep" {
			return nil //nolint:nilerr // see above
		}
		data, err := fs.ReadFile(build, name)
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		public, gzipped := strings.CutSuffix(name, ".gz")
		f := file{data: data, gzipped: gzipped, kind: typeOf(public), immutable: hashed.MatchString(public)}
		if !f.immutable {
			sum := sha256.Sum256(data)
			f.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
		}
		files[public] = f
		return nil
	})
	return files
}

// typeOf does not ask the machine's MIME table for the types that decide whether a browser runs a file.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".json":
		return "application/json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// plain gives the file's own bytes.
func (f file) plain() ([]byte, error) {
	if !f.gzipped {
		return f.data, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(f.data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r) // our own build, not somebody's upload: no bomb
}
