package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

func stamped(file, want string) bool {
	b, err := os.ReadFile(file)
	return err == nil && string(b) == want
}

// hashTree hashes the names and contents of all files below dir, but not the named folders at its top.
func hashTree(root, dir string, skip ...string) (string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, s := range skip {
			if path == filepath.Join(dir, s) {
				return filepath.SkipDir
			}
		}
		if d.Type().IsRegular() {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return hashFiles(root, files...)
}

// hashFiles hashes the contents of files and their names below root, in the order given.
func hashFiles(root string, files ...string) (string, error) {
	h := sha256.New()
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		if short, err := filepath.Rel(root, name); err == nil {
			name = short
		}
		_, _ = fmt.Fprintf(h, "%s\n", name)
		_, err = io.Copy(h, f)
		_ = f.Close()
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// shortHash is enough to tell two texts apart in a tag.
func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
