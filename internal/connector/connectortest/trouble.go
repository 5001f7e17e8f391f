package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// errorCase is a file in testdata/errors: an answer of the platform and what it must become.
type errorCase struct {
	Source    string          `json:"source"`    // where the answer is documented or was seen
	Operation string          `json:"operation"` // "publish text", "exchange", …
	Call      int             `json:"call"`      // which call of the operation gets it, from 0; earlier ones succeed
	Status    int             `json:"status"`
	Header    http.Header     `json:"header"`
	Body      json.RawMessage `json:"body"`
	Want      struct {
		Class      problem.Class      `json:"class"` // empty: it is a success
		Code       string             `json:"code"`
		Field      string             `json:"field"`
		Action     problem.ActionKind `json:"action"`
		RetryAfter int64              `json:"retry_after"` // seconds
		Scope      problem.Scope      `json:"scope"`       // of a rate limit; absent = the account's
	} `json:"want"`
}

func checkErrors(t T, h Harness) {
	for _, name := range cases(t, filepath.Join(h.Testdata, "errors"), ".json") {
		var tc errorCase
		readJSON(t, filepath.Join(h.Testdata, "errors", name+".json"), &tc)
		sourced(t, name, tc.Source)
		var calls atomic.Int64
		before := h.successes(t, tc)
		server := serve(t, func(w http.ResponseWriter, in *http.Request) {
			_, _ = io.Copy(io.Discard, in.Body)
			n := int(calls.Add(1)) - 1
			if n < tc.Call {
				before[n].write(w, in)
				return
			}
			maps.Copy(w.Header(), tc.Header)
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			w.WriteHeader(tc.Status)
			_, _ = w.Write(tc.Body)
		})
		c := h.rig(t, server.URL)
		err := h.operation(t, c, tc.Operation).run(t.Context(), c.Connector)
		if tc.Want.Class == "" {
			require.NoError(t, err, name)
			continue
		}
		e := (*problem.Error)(nil)
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, tc.Want.Class, e.Class, name)
		require.Equal(t, tc.Want.Code, e.Code, name)
		require.Equal(t, tc.Want.Field, e.Field, name)
		require.Equal(t, tc.Want.Action, e.Action.Kind, name)
		require.Equal(t, tc.Want.Scope, e.Scope, name)
		require.Equal(t, time.Duration(tc.Want.RetryAfter)*time.Second, e.RetryAfter, name)
		require.NotEmpty(t, e.Action.Label, name)
		if h.Refused != nil {
			h.Refused(*e)
		}
		if e.Rule != "" {
			sourced(t, name, e.Rule)
		}
		h.harmless(t, name, err, c.log.String())
	}
}

// successes are the answers to the calls before the one that fails.
func (h Harness) successes(t T, tc errorCase) []response {
	t.Helper()
	if tc.Call == 0 {
		return nil
	}
	folder, name := tc.Operation, "ok"
	if folder == "accounts" {
		if name = "paged"; h.OneAccount {
			name = "one"
		}
	}
	if rest, ok := strings.CutPrefix(tc.Operation, "publish "); ok {
		folder, name = "publish", rest
	}
	var all []response
	readJSON(t, filepath.Join(h.Testdata, folder, name+".response.json"), &all)
	require.Less(t, tc.Call, len(all))
	return all
}

func (h Harness) operation(t T, c rig, name string) operation {
	t.Helper()
	all := append(h.operations(c.Connector), h.furtherLogins(c.Connector)...)
	for _, op := range all {
		if op.name == name {
			return op
		}
	}
	var known []string
	for _, op := range all {
		known = append(known, op.name)
	}
	slices.Sort(known)
	require.FailNow(t, "no operation is called "+name+"; there are: "+strings.Join(known, ", "))
	return operation{}
}

// harmless wants a sentence and an action, and no secret anywhere in the error or the log.
func (h Harness) harmless(t T, what string, err error, log string) {
	t.Helper()
	var text strings.Builder
	text.WriteString(log)
	for e := err; e != nil; e = errors.Unwrap(e) {
		raw, _ := json.Marshal(e) // some errors do not encode; then there is nothing to leak
		fmt.Fprintf(&text, "%v %+v %#v %s ", e, e, e.Error(), raw)
	}
	p := (*problem.Error)(nil)
	if errors.As(err, &p) {
		require.NotEmpty(t, p.Platform, what)
		sentence(t, p.Message)
		require.NotEmpty(t, p.Action.Label, what)
		text.WriteString(p.Message + p.Action.Label + p.Code + p.Rule + p.Field)
	}
	for _, canary := range h.canaries() {
		require.NotContains(t, text.String(), canary, "%s: a secret leaks", what)
	}
}

// trouble is a way in which a platform does not answer. Which of them may have done the work is for the journal.
type trouble struct {
	name    string
	classes []problem.Class
	unsure  bool // the platform may have acted: the error must say so
	answer  func(w http.ResponseWriter, in *http.Request)
}

func troubles() []trouble {
	answer := func(status int, contentType, body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, in *http.Request) {
			_, _ = io.Copy(io.Discard, in.Body)
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	const page, empty = "<html><body>sorry</body></html>", "{}"
	down, transient := []problem.Class{problem.PlatformDown}, []problem.Class{problem.Transient}
	either := []problem.Class{problem.Transient, problem.PlatformDown}
	hang := func(in *http.Request) { <-in.Context().Done() }
	return []trouble{
		{"429 page", []problem.Class{problem.RateLimited}, false, answer(429, "text/html", page)},
		{"429 json", []problem.Class{problem.RateLimited}, false, answer(429, "application/json", empty)},
		{"500 page", down, true, answer(500, "text/html", page)},
		{"500 json", either, true, answer(500, "application/json", empty)},
		{"502", down, true, answer(502, "text/html", page)},
		{"503", down, true, answer(503, "application/json", empty)},
		{"504", down, true, answer(504, "text/html", page)},
		{"200 page", down, true, answer(200, "text/html", page)},
		{"200 list", transient, true, answer(200, "application/json", `[1]`)},
		{"200 of other types", transient, true, answer(200, "application/json", `{"id":{"a":1},"data":7,"access_token":[]}`)},
		{"cut json", transient, true, answer(200, "application/json", `{"id":"2`)},
		{"cut body", transient, true, func(w http.ResponseWriter, in *http.Request) {
			_, _ = io.Copy(io.Discard, in.Body)
			w.Header().Set("Content-Length", "900")
			_, _ = io.WriteString(w, `{"id":"200_1"}`)
		}},
		{"huge", transient, true, func(w http.ResponseWriter, in *http.Request) {
			_, _ = io.Copy(io.Discard, in.Body)
			chunk := bytes.Repeat([]byte(" "), 1<<16)
			for range 1 << 10 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}},
		{"reset", transient, true, func(w http.ResponseWriter, in *http.Request) {
			_, _ = io.Copy(io.Discard, in.Body)
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				if tcp, ok := conn.(*net.TCPConn); ok {
					_ = tcp.SetLinger(0)
				}
				_ = conn.Close()
			}
		}},
		{"slow", transient, true, func(_ http.ResponseWriter, in *http.Request) {
			_, _ = io.Copy(io.Discard, in.Body)
			hang(in)
		}},
		{"slow body", transient, true, func(w http.ResponseWriter, in *http.Request) {
			_, _ = io.Copy(io.Discard, in.Body)
			_, _ = io.WriteString(w, `{"id":`)
			_ = http.NewResponseController(w).Flush()
			hang(in)
		}},
	}
}

// needsNothing tells of an operation that needs nothing from an answer but that it is no error.
func (o operation) needsNothing() bool {
	return strings.HasPrefix(o.name, "delete") || strings.HasPrefix(o.name, "revoke") || strings.HasPrefix(o.name, "unsubscribe")
}

func checkTrouble(t T, h Harness) {
	for _, tr := range troubles() {
		server := serve(t, tr.answer)
		c := h.rig(t, server.URL, func(e *Env) {
			if strings.HasPrefix(tr.name, "slow") {
				e.Timeout = 60 * time.Millisecond
			}
		})
		for _, op := range h.operations(c.Connector) {
			what := tr.name + ": " + op.name
			err := op.run(t.Context(), c.Connector)
			for range 20 { // on a busy machine even the connection may be too slow; that is another trouble
				if !strings.HasPrefix(tr.name, "slow") || err == nil || problem.Of(err).MayHaveHappened() {
					break
				}
				err = op.run(t.Context(), c.Connector)
			}
			if err == nil && strings.HasPrefix(tr.name, "200 ") && op.needsNothing() {
				continue
			}
			e := (*problem.Error)(nil)
			require.ErrorAs(t, err, &e, what)
			require.Contains(t, tr.classes, e.Class, "%s: %v", what, err)
			require.Equal(t, tr.unsure, e.MayHaveHappened(), what)
			if e.Class == problem.RateLimited {
				require.Positive(t, e.RetryAfter, what)
			}
			h.harmless(t, what, err, c.log.String())
		}
	}
	// Nobody there at all: certainly nothing happened.
	server := serve(t, nil)
	server.Close()
	c := h.rig(t, server.URL)
	for _, op := range h.operations(c.Connector) {
		err := op.run(t.Context(), c.Connector)
		require.Equal(t, problem.PlatformDown, problem.ClassOf(err), op.name)
		require.False(t, problem.Of(err).MayHaveHappened(), op.name)
		h.harmless(t, op.name, err, c.log.String())
	}
}

// checkCancel ends the caller's context in the middle of each operation.
func checkCancel(t T, h Harness) {
	began := make(chan struct{}, 1)
	server := serve(t, func(_ http.ResponseWriter, in *http.Request) {
		began <- struct{}{}
		_, _ = io.Copy(io.Discard, in.Body)
		<-in.Context().Done()
	})
	transport := &http.Transport{}
	c := h.rig(t, server.URL, func(e *Env) { e.Timeout, e.HTTP = time.Hour, &http.Client{Transport: transport} })
	mark := fmt.Sprintf("cancel-%p", transport)
	for _, op := range h.operations(c.Connector) {
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		// Everything that the call starts inherits the label, and so can be found again.
		go pprof.Do(ctx, pprof.Labels("suite", mark), func(ctx context.Context) { result <- op.run(ctx, c.Connector) })
		await(t, began, op.name+" calls the platform")
		cancel()
		err := await(t, result, op.name+" ends")
		require.ErrorIs(t, err, context.Canceled, op.name)
		h.harmless(t, op.name, err, c.log.String())
	}
	transport.CloseIdleConnections()
	require.Eventually(t, func() bool {
		var b bytes.Buffer
		_ = pprof.Lookup("goroutine").WriteTo(&b, 1) // a buffer takes everything
		return !strings.Contains(b.String(), mark)
	}, 5*time.Second, 5*time.Millisecond, "something is left running")
}

func await[V any](t T, ch <-chan V, what string) V {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(5 * time.Second):
		require.FailNow(t, "waited too long until "+what)
	}
	var zero V
	return zero
}

// inQuery tells of an operation whose document puts a token into the address, for any kind of account.
func (h Harness) inQuery(operation any) bool {
	name, _ := operation.(string)
	name, _, _ = strings.Cut(name, " ")
	return slices.Contains(h.InQuery, name)
}

// checkCanaries lets the platform repeat every secret it was sent in each kind of answer, and looks where it ends up.
func checkCanaries(t T, h Harness) {
	leaks := &record{}
	elsewhere := serve(t, func(_ http.ResponseWriter, in *http.Request) {
		_, _ = fmt.Fprintln(leaks, "another host was called:", in.Method)
	})
	for name, answer := range map[string]func(w http.ResponseWriter, echo string){
		"error": func(w http.ResponseWriter, echo string) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": echo, "type": echo, "code": 999999, "fbtrace_id": echo, "error_user_msg": echo}, "error_description": echo, "message": echo, "code": echo})
		},
		"error text": func(w http.ResponseWriter, echo string) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": echo})
		},
		"error with 200": func(w http.ResponseWriter, echo string) {
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": echo, "message": echo, "log_id": echo}})
		},
		"success": func(w http.ResponseWriter, echo string) {
			_ = json.NewEncoder(w).Encode(map[string]any{"unknown": echo, "paging": map[string]any{"next": echo}})
		},
		"page": func(w http.ResponseWriter, echo string) {
			w.Header().Set("Content-Type", "text/html; x="+echo)
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, echo) //nolint:gosec // repeating it is the point
		},
		"redirect": func(w http.ResponseWriter, echo string) {
			w.Header().Set("Location", elsewhere.URL+"/?access_token="+echo)
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"nonsense": func(w http.ResponseWriter, echo string) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 "+echo+"\r\n\r\n")
				_ = conn.Close()
			}
		},
	} {
		var running atomic.Value // the operation's name
		server := serve(t, func(w http.ResponseWriter, in *http.Request) {
			body, _ := io.ReadAll(in.Body)
			for _, s := range []connector.Secret{h.Session.Credential.Access, h.Session.Credential.Parent, h.Grant.Credential.Access} {
				if !s.Empty() && strings.Contains(in.URL.RawQuery, s.Reveal()) && !h.inQuery(running.Load()) {
					_, _ = fmt.Fprintln(leaks, "an account's token is in the address of a call of", running.Load())
				}
			}
			if in.Referer() != "" {
				_, _ = fmt.Fprintln(leaks, "a Referer is sent")
			}
			echo := in.Header.Get("Authorization") + " " + in.URL.Query().Encode() + " " + string(body[:min(len(body), 2000)]) + strings.Join(h.canaries(), " ")
			answer(w, strings.Map(func(r rune) rune {
				if r < ' ' {
					return ' '
				}
				return r
			}, echo))
		})
		c := h.rig(t, server.URL)
		for _, op := range h.operations(c.Connector) {
			running.Store(op.name)
			err := op.run(t.Context(), c.Connector)
			if err == nil && op.needsNothing() && (name == "success" || name == "error with 200") {
				continue
			}
			require.Error(t, err, "%s: %s", name, op.name)
			h.harmless(t, name+": "+op.name, err, c.log.String())
		}
	}
	require.Empty(t, leaks.String())
}
