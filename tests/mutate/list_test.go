package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A mutation whose text is not there any more, or there twice, proves nothing. The tool itself takes long, this does not.
func TestEveryMutationFitsTheCode(t *testing.T) {
	t.Parallel()
	for _, m := range slices.Concat(mutations(), instagram(), linkedin(), logins(), tiktok()) {
		src, err := os.ReadFile(filepath.Join("../..", filepath.Clean(m.file)))
		require.NoError(t, err)
		require.Equal(t, 1, bytes.Count(src, []byte(m.old)), "%s: %s", m.file, m.name)
	}
}
