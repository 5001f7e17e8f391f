package api

import (
	"encoding/json"
	"net/http"
	"sync"
)

// Docs is the handler of GET /v1/openapi.json. The page renders it at /docs.
func Docs(c Config) http.Handler {
	document := sync.OnceValues(func() ([]byte, error) { return json.Marshal(Document()) })
	g := &guard{Config: c}
	a := &adapter{guard: g}
	a.next()
	a.muxes[0].HandleFunc("GET /v1/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		body, err := document()
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(body) // the client went away: nothing to do about it
	})
	return g.everyRequest(a)
}
