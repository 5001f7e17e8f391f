package connectortest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"
)

// request is a call as a fixture holds it: everything that the platform looks at, nothing that chance decides.
type request struct {
	Method        string            `json:"method"`
	Path          string            `json:"path"`
	Query         map[string]string `json:"query,omitempty"`
	Authorization string            `json:"authorization,omitempty"`
	Type          string            `json:"type,omitempty"` // media type of the body
	Form          map[string]string `json:"form,omitempty"`
	JSON          json.RawMessage   `json:"json,omitempty"`
	Files         []file            `json:"files,omitempty"`
	Header        map[string]string `json:"header,omitempty"` // Harness.Headers, and those of an upload that is nothing but a file
}

type file struct {
	Field  string `json:"field"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// response is an answer as a fixture holds it. Text is for bodies that are not JSON.
type response struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Body   json.RawMessage   `json:"body,omitempty"`
	Text   string            `json:"text,omitempty"`
}

// write answers in. "{{origin}}" in a fixture is where the fake is reached.
func (r response) write(w http.ResponseWriter, in *http.Request) {
	body := []byte(r.Text)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if r.Body != nil {
		body = bytes.ReplaceAll(r.Body, []byte("{{origin}}"), []byte("http://"+in.Host))
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	}
	for k, v := range r.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write(body) //nolint:gosec // a fixture
}

// replay answers from fixtures and refuses what they do not expect.
type replay struct {
	t         T
	base      string // testdata/<operation>/<case>
	headers   []string
	responses []response

	mu       sync.Mutex
	requests []request
	refused  error
}

// replay answers from the fixture at base.
func (h Harness) replay(t T, base string) *replay {
	t.Helper()
	r := &replay{t: t, base: base, headers: h.Headers}
	path := r.base + ".response.json"
	_, err := os.Stat(path)
	require.NoError(t, err, "%s is missing: a list of {status, header, body or text}, one for each call, written from the platform's document", path)
	readJSON(t, path, &r.responses)
	return r
}

func (r *replay) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	got, err := readRequest(in)
	for _, name := range r.headers {
		if v := in.Header.Get(name); v != "" {
			if got.Header == nil {
				got.Header = map[string]string{}
			}
			got.Header[name] = v
		}
	}
	if err != nil {
		r.refused = err
	}
	if len(r.requests) == len(r.responses) {
		r.refused = errors.New("one call more than the fixture has: " + in.Method + " " + in.URL.Path)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	r.requests = append(r.requests, got)
	r.responses[len(r.requests)-1].write(w, in)
}

// answers are all bodies of the fixture.
func (r *replay) answers() string {
	var b strings.Builder
	for _, a := range r.responses {
		b.Write(a.Body)
	}
	return b.String()
}

// done compares what was sent with the fixture.
func (r *replay) done() {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.NoError(r.t, r.refused)
	require.Len(r.t, r.requests, len(r.responses), "calls made, calls in the fixture: %s", r.base)
	path := r.base + ".request.json"
	if *update {
		writeJSON(r.t, path, r.requests)
	}
	_, err := os.Stat(path)
	require.NoError(r.t, err, "%s is missing: run this test once with -update, then read what it wrote", path)
	var want []request
	readJSON(r.t, path, &want)
	for i := range want {
		if want[i].JSON != nil {
			want[i].JSON, err = compact(want[i].JSON)
			require.NoError(r.t, err, path)
		}
	}
	require.Equal(r.t, want, r.requests, path)
}

// compact takes out what the indentation of a fixture adds, so that a body is compared as it is sent.
func compact(raw []byte) (json.RawMessage, error) {
	var b bytes.Buffer
	err := json.Compact(&b, raw)
	return b.Bytes(), err
}

func writeJSON(t T, path string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(v))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
}

func readJSON(t T, path string, v any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Clean(path))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, v), path)
}

// cases are the names of the fixtures in a folder with a suffix.
func cases(t T, folder, suffix string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && len(path) > len(suffix) && path[len(path)-len(suffix):] == suffix {
			names = append(names, path[:len(path)-len(suffix)])
		}
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, names, folder)
	return names
}

func readRequest(in *http.Request) (request, error) {
	r := request{Method: in.Method, Path: in.URL.EscapedPath(), Query: flat(in.URL.Query()), Authorization: in.Header.Get("Authorization")}
	if in.Header.Get("Referer") != "" || in.Header.Get("Cookie") != "" {
		return r, errors.New("a call carries a Referer or a Cookie")
	}
	kind, attrs, err := mime.ParseMediaType(in.Header.Get("Content-Type"))
	if in.Header.Get("Content-Type") == "" {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.Type = kind
	switch kind {
	case "multipart/form-data":
		return r, r.readParts(multipart.NewReader(in.Body, attrs["boundary"]))
	case "application/x-www-form-urlencoded":
		raw, err := io.ReadAll(in.Body)
		if err != nil {
			return r, err
		}
		form, err := url.ParseQuery(string(raw))
		r.Form = flat(form)
		return r, err
	case "application/json":
		raw, err := io.ReadAll(in.Body)
		if err != nil {
			return r, err
		}
		r.JSON, err = compact(raw)
		return r, err
	default: // the file alone
		raw, err := io.ReadAll(in.Body)
		sum := sha256.Sum256(raw)
		r.Files = []file{{Type: kind, Bytes: len(raw), SHA256: hex.EncodeToString(sum[:])}}
		for _, name := range []string{"Offset", "File_size", "Content-Range"} {
			if v := in.Header.Get(name); v != "" {
				if r.Header == nil {
					r.Header = map[string]string{}
				}
				r.Header[name] = v
			}
		}
		return r, err
	}
}

func (r *request) readParts(mr *multipart.Reader) error {
	r.Form = map[string]string{}
	for {
		p, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(p)
		if err != nil {
			return err
		}
		if p.FileName() == "" {
			r.Form[p.FormName()] = string(raw)
			continue
		}
		sum := sha256.Sum256(raw)
		r.Files = append(r.Files, file{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), len(raw), hex.EncodeToString(sum[:])})
	}
}

// flat gives the values one by one; a name that comes twice keeps both, so that it cannot go unseen.
func flat(v url.Values) map[string]string {
	if len(v) == 0 {
		return nil
	}
	out := map[string]string{}
	for k, all := range v {
		out[k] = all[0]
		for _, more := range all[1:] {
			out[k] += "\n" + more
		}
	}
	return out
}
