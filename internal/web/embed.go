// Package web serves the page: a React build embedded beside its source. The build is a set of files with hashed
// names, already compressed, and two documents (the page itself and the API reference) that are completed per
// request with the configuration and a style nonce.
package web

import (
	"embed"
	"io/fs"
)

// The placeholder dist/.keep lets the package compile before the first `make build`.
//
//go:embed all:dist
var dist embed.FS

// embedded is the build that was compiled in.
func embedded() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // cannot be: the name is constant and valid
		return dist
	}
	return sub
}
