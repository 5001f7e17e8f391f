package e2e_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/local/visitor"
)

func newID() string { return visitor.ID() }

// photo writes a PNG to a temporary file.
func photo(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 400))
	for y := range 400 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{R: uint8(x * 255 / 640), G: uint8(y * 255 / 400), B: 160, A: 255})
		}
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	path := filepath.Join(t.TempDir(), "terrace.png")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// arrive signs somebody up over HTTP.
func arrive(t *testing.T) *visitor.Visitor {
	t.Helper()
	v, err := visitor.SignUp(t.Context(), teststack.Open(t).Info)
	require.NoError(t, err)
	return v
}

// account is what a newcomer fills in.
type account struct{ email, password, workspace string }

func newAccount() account {
	id := newID()
	return account{email: fmt.Sprintf("e2e-%s@herald.example", id), password: "A-long-passw0rd", workspace: "Cafe " + id[20:]}
}
