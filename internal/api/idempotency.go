package api

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/replay"
)

const keyHeader = "Idempotency-Key"

// idempotencyKey reads the header. The Lambda adapter splits headers at commas, so they are joined again.
func idempotencyKey(h http.Header) (string, error) {
	values := h.Values(keyHeader)
	if len(values) == 0 {
		return "", nil
	}
	key := strings.Join(values, ",")
	bad := strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' })
	if key == "" || len(key) > 255 || bad {
		return "", problem.New(problem.InvalidRequest, "The key must be 1 to 255 printable ASCII characters.").On(keyHeader)
	}
	return key, nil
}

// idempotent answers a repeated POST with what the first one was answered. Only successes are kept: after a refusal
// the same key may be used again.
func (g *guard) idempotent(operation string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, c := r.Context(), callOf(r.Context())
		body, err := io.ReadAll(r.Body)
		if err != nil {
			g.refuse(w, r, problem.New(problem.InvalidRequest, "The body could not be read to its end.").Because(err))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		key, hash, now := operation+"#"+c.key, replay.Hash(r.URL.Path, body), g.Now()
		earlier, claimed, err := g.Answers.ClaimAnswer(ctx, c.session.TenantID, key, hash, now, now.Add(replay.Lease))
		switch {
		case err != nil:
			g.refuse(w, r, err)
			return
		case !claimed && earlier.Hash != hash:
			g.refuse(w, r, problem.New(problem.InvalidRequest, "This key was used for another request.").On(keyHeader))
			return
		case !claimed && !earlier.Done:
			p := problem.New(problem.Conflict, "The first request with this key is still running.").On(keyHeader)
			p.RetryAfter = time.Second
			g.refuse(w, r, p)
			return
		case !claimed:
			replayed(w, earlier)
			return
		}
		a := &replay.Answer{Hash: hash, Done: true}
		rec := &recorder{ResponseWriter: w, answer: a}
		defer g.settle(ctx, c.session.TenantID, key, a) // also after a panic, which leaves no status
		next.ServeHTTP(rec, r)
	})
}

// settle keeps a success and frees the key after anything else. Its failure costs nothing but the replay.
func (g *guard) settle(ctx context.Context, tenantID, key string, a *replay.Answer) {
	var err error
	if a.Status >= 200 && a.Status < 300 {
		err = g.Answers.KeepAnswer(ctx, tenantID, key, *a, g.Now().Add(replay.Life))
	} else {
		err = g.Answers.DropAnswer(ctx, tenantID, key)
	}
	if err != nil {
		g.Log.WarnContext(ctx, "answer not kept", slog.String("error", err.Error()))
	}
}

func replayed(w http.ResponseWriter, a replay.Answer) {
	w.Header().Set("Idempotent-Replayed", "true")
	if a.Type != "" {
		w.Header().Set("Content-Type", a.Type)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the client went away: nothing to do about it
}

// recorder keeps a copy of the answer on its way out.
type recorder struct {
	http.ResponseWriter
	answer *replay.Answer
}

func (r *recorder) WriteHeader(status int) {
	r.answer.Status, r.answer.Type = status, r.Header().Get("Content-Type")
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.answer.Status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	r.answer.Body = append(r.answer.Body, b...)
	return r.ResponseWriter.Write(b)
}
