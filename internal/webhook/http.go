package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// maxDelivery is what a delivery may weigh in bytes. Meta names no limit but 1000 changes; a function URL takes 6 MB,
// with the envelope around it. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxDelivery = 4 << 20

// Platform is one platform whose deliveries are taken.
type Platform struct {
	Webhooks    connector.Webhooks
	VerifyToken connector.Secret // what its handshake must show
}

// Door is what the platforms call.
type Door struct {
	Receiver  *Receiver
	Platforms map[string]Platform
	PublicURL string // origin and path under which the platforms see this function; empty = the request's host
	Log       *slog.Logger
}

// Handler serves one path per platform: GET and POST /{platform}, POST /{platform}/deauthorize and
// /{platform}/data-deletion, and GET /{platform}/deletion/{code} for people.
func (d *Door) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{platform}", d.handshake)
	mux.HandleFunc("POST /{platform}", d.deliver)
	mux.HandleFunc("POST /{platform}/deauthorize", d.deauthorize)
	mux.HandleFunc("POST /{platform}/data-deletion", d.deletion)
	mux.HandleFunc("GET /{platform}/deletion/{code}", d.status)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

// platform finds the platform of a path and answers itself when there is none.
func (d *Door) platform(w http.ResponseWriter, r *http.Request) (string, Platform, bool) {
	name := r.PathValue("platform")
	p, ok := d.Platforms[name]
	if !ok {
		plain(w, http.StatusNotFound, "There is nothing here.")
	}
	return name, p, ok
}

func (d *Door) handshake(w http.ResponseWriter, r *http.Request) {
	_, p, ok := d.platform(w, r)
	if !ok {
		return
	}
	answer, ok := p.Webhooks.Handshake(r.URL.Query(), p.VerifyToken)
	if !ok {
		plain(w, http.StatusForbidden, "The verify token is not the one that Herald knows.")
		return
	}
	w.Header().Set("Content-Type", answer.Type)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(answer.Body) // nosniff; a caller that went away asks again
}

func (d *Door) deliver(w http.ResponseWriter, r *http.Request) {
	name, p, ok := d.platform(w, r)
	if !ok {
		return
	}
	body, err := bounded(r)
	if err == nil {
		err = p.Webhooks.Verify(r.Header, body)
	}
	var changes []connector.WebhookEvent
	if err == nil {
		changes, err = p.Webhooks.Split(body)
	}
	if err == nil {
		err = d.Receiver.Take(r.Context(), name, changes)
	}
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	plain(w, http.StatusOK, "")
}

func (d *Door) deauthorize(w http.ResponseWriter, r *http.Request) {
	name, event, ok := d.callback(w, r, connector.WebhookDeauthorized)
	if !ok {
		return
	}
	if err := d.Receiver.Take(r.Context(), name, []connector.WebhookEvent{event}); err != nil {
		d.refuse(w, r, err)
		return
	}
	plain(w, http.StatusOK, "")
}

func (d *Door) deletion(w http.ResponseWriter, r *http.Request) {
	name, event, ok := d.callback(w, r, connector.WebhookDataDeletion)
	if !ok {
		return
	}
	code, err := d.Receiver.Delete(r.Context(), name, event)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"url": d.base(r) + "/" + name + "/deletion/" + code, "confirmation_code": code}) // a caller that went away asks again
}

func (d *Door) callback(w http.ResponseWriter, r *http.Request, kind connector.WebhookKind) (name string, e connector.WebhookEvent, ok bool) {
	name, p, ok := d.platform(w, r)
	if !ok {
		return "", e, false
	}
	body, err := bounded(r)
	if err == nil {
		form, broken := url.ParseQuery(string(body))
		if broken != nil {
			form = nil // what cannot be read carries no signature
		}
		e, err = p.Webhooks.Callback(kind, form)
	}
	if err != nil {
		d.refuse(w, r, err)
		return "", e, false
	}
	return name, e, true
}

func (d *Door) status(w http.ResponseWriter, r *http.Request) {
	name, _, ok := d.platform(w, r)
	if !ok {
		return
	}
	done, asked, err := d.Receiver.Deletion(r.Context(), name, r.PathValue("code"))
	switch {
	case errors.Is(err, ErrNoDeletion):
		page(w, http.StatusNotFound, "Nothing found", "Herald knows no deletion with this code, or it is more than 30 days old.")
	case err != nil:
		d.refuse(w, r, err)
	case done:
		page(w, http.StatusOK, "Deleted", "What you asked Herald on "+day(asked)+" to delete is deleted.")
	default:
		page(w, http.StatusOK, "Being deleted", "Herald received your wish on "+day(asked)+" and is carrying it out. Look again in a few minutes.")
	}
}

func day(t time.Time) string { return t.Format("2 January 2006, 15:04 UTC") }

func (d *Door) base(r *http.Request) string {
	if d.PublicURL != "" {
		return strings.TrimRight(d.PublicURL, "/")
	}
	return "https://" + r.Host
}

// bounded reads the body as it came.
func bounded(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxDelivery+1))
	if err != nil {
		return nil, problem.New(problem.InvalidRequest, "The body could not be read to its end.").Because(err)
	}
	if len(body) > maxDelivery {
		return nil, problem.New(problem.TooLarge, "The body is larger than 4 MB.")
	}
	return body, nil
}

func (d *Door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusServiceUnavailable, "Not stored. Deliver it again."
	switch problem.ClassOf(err) {
	case problem.Unauthorized:
		status, text = http.StatusUnauthorized, problem.Of(err).Message
	case problem.TooLarge:
		status, text = http.StatusRequestEntityTooLarge, problem.Of(err).Message
	case problem.InvalidRequest:
		status, text = http.StatusBadRequest, problem.Of(err).Message
	default:
	}
	d.Log.WarnContext(r.Context(), "delivery refused", slog.String("path", r.URL.Path), slog.Int("status", status), slog.String("error", err.Error()))
	plain(w, status, text)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) //nolint:gosec // text/plain with nosniff; a caller that went away delivers again
}

// page answers a person. It has no script and no style of its own to load.
func page(w http.ResponseWriter, status int, title, sentence string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>%[1]s - Herald</title></head>
<body><main><h1>%[1]s</h1><p>%[2]s</p></main></body></html>
`, html.EscapeString(title), html.EscapeString(sentence)) // a caller that went away looks again
}
