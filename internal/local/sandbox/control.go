package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// controlRoutes is the JSON API that tests drive the sandbox with. It is described in the package comment.
func (s *Sandbox) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/faults", s.listFaults)
	mux.HandleFunc("POST /_sandbox/faults", s.addFault)
	mux.HandleFunc("DELETE /_sandbox/faults", s.clearFaults)
	mux.HandleFunc("GET /_sandbox/clock", s.getClock)
	mux.HandleFunc("POST /_sandbox/clock", s.moveClock)
	mux.HandleFunc("GET /_sandbox/latency", s.getLatency)
	mux.HandleFunc("POST /_sandbox/latency", s.setLatency)
	mux.HandleFunc("POST /_sandbox/reset", s.postReset)
	mux.HandleFunc("GET /_sandbox/calls", s.listCalls)
	mux.HandleFunc("GET /_sandbox/revision", s.getRevision)
	mux.HandleFunc("GET /_sandbox/health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // a caller that went away is not our problem
}

func refuseJSON(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

// readJSON decodes a control call's body strictly: a misspelt field in a test is an error, not a silent no-op.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		refuseJSON(w, http.StatusBadRequest, fmt.Errorf("body: %w", err))
		return false
	}
	return true
}

func (s *Sandbox) operations() []operation {
	var ops []operation
	for _, p := range s.platforms {
		ops = append(ops, p.info().Operations...)
	}
	return ops
}

func (s *Sandbox) listFaults(w http.ResponseWriter, _ *http.Request) {
	list := s.faults.all()
	if list == nil {
		list = []fault{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"faults": list, "kinds": faultKinds(), "operations": s.operations()})
}

func (s *Sandbox) addFault(w http.ResponseWriter, r *http.Request) {
	var f fault
	if !readJSON(w, r, &f) {
		return
	}
	f, err := s.faults.add(f, s.operations())
	if err != nil {
		refuseJSON(w, http.StatusBadRequest, err)
		return
	}
	writeJSON(w, http.StatusCreated, f)
}

func (s *Sandbox) clearFaults(w http.ResponseWriter, r *http.Request) {
	id := 0
	if raw := r.URL.Query().Get("id"); raw != "" {
		var err error
		if id, err = strconv.Atoi(raw); err != nil || id < 1 {
			refuseJSON(w, http.StatusBadRequest, errors.New("id must be a number"))
			return
		}
	}
	s.faults.clear(id)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) getClock(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{"now": s.clock(), "offset_seconds": int64(s.offset / time.Second)})
}

func (s *Sandbox) moveClock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AdvanceSeconds int64 `json:"advance_seconds"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if err := s.advance(time.Duration(in.AdvanceSeconds) * time.Second); err != nil {
		refuseJSON(w, http.StatusBadRequest, err)
		return
	}
	s.getClock(w, r)
}

func (s *Sandbox) getLatency(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]int64{"ms": time.Duration(s.latency.Load()).Milliseconds()})
}

func (s *Sandbox) setLatency(w http.ResponseWriter, r *http.Request) {
	var in struct {
		MS int64 `json:"ms"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.MS < 0 || in.MS > 600_000 {
		refuseJSON(w, http.StatusBadRequest, errors.New("ms must be 0 to 600000"))
		return
	}
	s.latency.Store(int64(time.Duration(in.MS) * time.Millisecond))
	s.getLatency(w, r)
}

func (s *Sandbox) postReset(w http.ResponseWriter, _ *http.Request) {
	s.reset()
	w.WriteHeader(http.StatusNoContent)
}

// getRevision answers a text that differs whenever a page would look different; the pages poll it.
func (s *Sandbox) getRevision(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	revision := s.revision
	s.mu.Unlock()
	left := 0
	for _, f := range s.faults.all() {
		left += f.Times
	}
	writeJSON(w, http.StatusOK, map[string]string{
		"revision": strconv.FormatInt(revision, 10),
		"calls":    strconv.FormatInt(s.calls.last(), 10),
		"faults":   strconv.Itoa(left),
	})
}

// listCalls answers what was called. since is a seq from an earlier answer ("last") or an RFC 3339 time.
func (s *Sandbox) listCalls(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f := callFilter{op: q.Get("op"), match: q.Get("match")}
	if since := q.Get("since"); since != "" {
		seq, err := strconv.ParseInt(since, 10, 64)
		if err == nil {
			f.after = seq
		} else if f.since, err = time.Parse(time.RFC3339, since); err != nil {
			refuseJSON(w, http.StatusBadRequest, errors.New("since must be a seq or an RFC 3339 time"))
			return
		}
	}
	list, last := s.calls.list(f)
	counts := map[string]int{}
	accepted := map[string]int{}
	for _, e := range list {
		counts[e.Op]++
		if e.Accepted {
			accepted[e.Op]++
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"calls": list, "counts": counts, "accepted": accepted, "last": last})
}
