package web

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// The placeholders in index.html and docs/index.html that are filled per request.
const (
	configSlot = "__HERALD_CONFIG__"
	pageFile   = "index.html"
	docsFile   = "docs/index.html"
)

// Config is what the page is told and allowed.
type Config struct {
	Stage       string        // the deployment's name, shown to nobody but put into bug reports: "local", "prod"
	PublicURL   string        // the page's own origin; https switches HSTS on
	MediaOrigin string        // where the browser puts uploads; may be empty when that is our own origin
	Files       fs.FS         // the build; nil = the embedded one
	NewNonce    func() string // nil = 128 random bits
}

// settings is the configuration the page reads from its JSON script tag. The nonce is in it because the
// component library needs it to mark the style elements it makes.
type settings struct {
	Stage      string `json:"stage"`
	StyleNonce string `json:"style_nonce"`
}

type handler struct {
	files       map[string]file
	stage       string
	mediaOrigin string
	secure      bool
	newNonce    func() string
}

// Handler serves the page, its assets, and the API reference at /docs. A path that is no file gets the page when a
// browser navigates to it (the page has its own router), and a 404 otherwise; /v1 is never the page.
func Handler(c Config) http.Handler {
	files, newNonce := c.Files, c.NewNonce
	if files == nil {
		files = embedded()
	}
	if newNonce == nil {
		newNonce = randomNonce
	}
	return &handler{
		files:       readBuild(files),
		stage:       c.Stage,
		mediaOrigin: originOf(c.MediaOrigin),
		secure:      strings.HasPrefix(c.PublicURL, "https://"),
		newNonce:    newNonce,
	}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secureHeaders(w.Header(), h.secure)
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	switch {
	case name == "v1" || strings.HasPrefix(name, "v1/"):
		notFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case name == "docs" || name == docsFile:
		h.document(w, r, docsFile)
	case name == "" || name == pageFile:
		h.document(w, r, pageFile)
	default:
		if f, ok := h.files[name]; ok {
			h.asset(w, r, f)
			return
		}
		if strings.HasPrefix(name, "assets/") || !acceptsHTML(r.Header.Get("Accept")) {
			notFound(w, r)
			return
		}
		h.document(w, r, pageFile)
	}
}

// document completes an HTML file with the settings. It is never cached: it names the assets of this very build.
func (h *handler) document(w http.ResponseWriter, r *http.Request, name string) {
	f, ok := h.files[name]
	if !ok {
		notBuilt(w, r)
		return
	}
	html, err := f.plain()
	if err != nil {
		notBuilt(w, r)
		return
	}
	nonce := h.newNonce()
	// json.Marshal escapes <, > and &, so the value cannot close its script tag. It cannot fail on two strings.
	config, _ := json.Marshal(settings{Stage: h.stage, StyleNonce: nonce}) //nolint:errchkjson // see above
	html = bytes.Replace(html, []byte(configSlot), config, 1)
	w.Header().Set("Content-Security-Policy", policy(nonce, h.mediaOrigin, h.secure))
	w.Header().Set("Cache-Control", "no-cache")
	write(w, r, http.StatusOK, f.kind, html)
}

func (h *handler) asset(w http.ResponseWriter, r *http.Request, f file) {
	head := w.Header()
	// An SVG opened by itself is a document too.
	head.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	if f.immutable {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		head.Set("Cache-Control", "no-cache")
		head.Set("ETag", f.etag)
		if r.Header.Get("If-None-Match") == f.etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	data := f.data
	if f.gzipped {
		head.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			head.Set("Content-Encoding", "gzip")
		} else {
			plain, err := f.plain()
			if err != nil {
				notFound(w, r)
				return
			}
			data = plain
		}
	}
	write(w, r, http.StatusOK, f.kind, data)
}

func write(w http.ResponseWriter, r *http.Request, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client went away: nothing to do about it
	}
}

// notFound answers in the API's own form, since whoever asks without wanting HTML is a program.
func notFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	write(w, r, http.StatusNotFound, "application/problem+json", []byte(
		`{"type":"https://github.com/herald-publishing/herald/blob/main/docs/problems.md#not_found",`+
			`"title":"Not found","status":404,"detail":"There is nothing at this address.","class":"not_found",`+
			`"action":{"kind":"none","label":""}}`))
}

// notBuilt helps whoever started the program from a fresh checkout.
func notBuilt(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	write(w, r, http.StatusServiceUnavailable, "text/html; charset=utf-8", []byte(
		`<!doctype html><html lang="en"><meta charset="utf-8"><title>Herald: the page is not built</title>`+
			`<h1>The page is not built yet</h1><p>The API runs, but this binary was compiled without its page. `+
			`Run <code>make build</code> and start it again.</p></html>`))
}

func randomNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails; the program ends instead
	return base64.StdEncoding.EncodeToString(b[:])
}
