package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/teststack"
)

func newID() string { return strings.ToLower(ulid.Make().String()) }

// person is somebody of the sandbox with Pages of her own.
type person struct {
	ID    string
	Name  string
	Pages []entity
}

type entity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func seed(t *testing.T, stack teststack.Stack, pages ...string) person {
	t.Helper()
	name := "Kim " + newID()[20:]
	var out struct {
		Person entity   `json:"person"`
		Pages  []entity `json:"pages"`
	}
	call(t, http.MethodPost, stack.Sandbox+"/_sandbox/meta/seed", map[string]any{"person": name, "pages": pages}, &out)
	return person{ID: out.Person.ID, Name: name, Pages: out.Pages}
}

// sandboxPost is what a fake Page shows.
type sandboxPost struct {
	ID        string            `json:"id"`
	Message   string            `json:"message"`
	Photos    []json.RawMessage `json:"photos"`
	Permalink string            `json:"permalink_url"`
}

func timeline(t *testing.T, stack teststack.Stack, page string) []sandboxPost {
	t.Helper()
	var pages []struct {
		Posts []sandboxPost `json:"posts"`
	}
	call(t, http.MethodGet, stack.Sandbox+"/_sandbox/meta/pages?page="+page, nil, &pages)
	require.Len(t, pages, 1)
	return pages[0].Posts
}

func call(t *testing.T, method, url string, in, out any) {
	t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		require.NoError(t, err)
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{}).Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Less(t, resp.StatusCode, 300, string(answer))
	if out != nil {
		require.NoError(t, json.Unmarshal(answer, out), string(answer))
	}
}

// photo writes a PNG to a temporary file.
func photo(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 400))
	for y := range 400 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{R: uint8(x * 255 / 640), G: uint8(y * 255 / 400), B: 160, A: 255}) //nolint:gosec // below 256
		}
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	path := filepath.Join(t.TempDir(), "terrace.png")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// account is what a newcomer fills in.
type account struct{ email, password, workspace string }

func newAccount() account {
	id := newID()
	return account{email: fmt.Sprintf("e2e-%s@herald.example", id), password: "A-long-passw0rd", workspace: "Cafe " + id[20:]}
}
