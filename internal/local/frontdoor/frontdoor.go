// Package frontdoor is the one stable address of a stack on a laptop. It stands where API Gateway's domain stands
// on AWS and adds the limits of AWS that the emulator lacks, so that they are met at home first.
package frontdoor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Limits of HTTP APIs and of the functions behind them.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	MaxWait   = 30 * time.Second // an integration's longest answer; then 503
	MaxBody   = 10 << 20         // bytes of a request; then 413
	MaxHeader = 10 << 10         // bytes of request line and headers; then 431
	MaxAnswer = 6 << 20          // bytes of a function's answer; then it counts as failed
)

// Config says where the requests go. The emulator tells APIs and function URLs apart by the Host header.
type Config struct {
	Emulator  *url.URL
	APIHost   string        // everything but /hooks/
	HooksHost string        // /hooks/...; empty = there is no such function URL, and the API answers
	MaxWait   time.Duration // 0 = MaxWait
	Transport http.RoundTripper
}

// errAnswerTooLarge stands for Lambda's own refusal.
var errAnswerTooLarge = errors.New("front door: the function's answer is over 6 MB")

// New makes the front door. It adds no header of its own to an answer, CORS included.
func New(c Config) http.Handler {
	if c.MaxWait == 0 {
		c.MaxWait = MaxWait
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 60 * time.Second, DisableCompression: true}
	}
	proxy := &httputil.ReverseProxy{
		Transport:      c.Transport,
		Rewrite:        c.rewrite,
		ModifyResponse: finish,
		ErrorHandler:   fail,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), c.MaxWait)
		defer cancel()
		// The whole body is taken before the function starts, as API Gateway does: a limit cannot be met halfway.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			answer(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
			return
		case err != nil:
			answer(w, http.StatusBadRequest, "Bad Request")
			return
		}
		r = r.WithContext(ctx)
		r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
		proxy.ServeHTTP(w, r)
	})
}

func (c Config) rewrite(p *httputil.ProxyRequest) {
	p.Out.URL.Scheme, p.Out.URL.Host = c.Emulator.Scheme, c.Emulator.Host
	p.SetXForwarded()
	p.Out.Header.Set("X-Forwarded-Port", port(p.In.Host))
	p.Out.Host = c.APIHost
	if rest, ok := strings.CutPrefix(p.In.URL.EscapedPath(), "/hooks/"); ok && c.HooksHost != "" {
		p.Out.Host = c.HooksHost
		p.Out.URL.RawPath = "/" + rest
		p.Out.URL.Path = strings.TrimPrefix(p.In.URL.Path, "/hooks")
	}
}

func port(host string) string {
	if u, err := url.Parse("//" + host); err == nil && u.Port() != "" {
		return u.Port()
	}
	return "80"
}

// finish takes the whole answer, so that the time limit covers its last byte, and turns a failed function into what
// API Gateway says about it.
func finish(res *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxAnswer+1))
	_ = res.Body.Close()
	if err != nil {
		return err
	}
	if len(body) > MaxAnswer {
		return errAnswerTooLarge
	}
	if functionFailed(res, body) {
		body = message("Internal Server Error")
		res.StatusCode, res.Status = http.StatusInternalServerError, ""
		res.Header = http.Header{"Content-Type": {"application/json"}}
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if res.Request.Method != http.MethodHead { // there it tells what GET would give
		res.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return nil
}

// functionFailed recognises the emulator's 502 for a function that returned an error, crashed, timed out or is not
// there: Lambda's error object, or a bare message, as application/json. A function's own 502 is a problem document.
func functionFailed(res *http.Response, body []byte) bool {
	if res.StatusCode != http.StatusBadGateway {
		return false
	}
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return false
	}
	var e map[string]any
	if json.Unmarshal(body, &e) != nil {
		return true // the emulator's text of an error that is not JSON
	}
	return e["errorMessage"] != nil || e["errorType"] != nil || (len(e) == 1 && e["message"] != nil)
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errAnswerTooLarge):
		answer(w, http.StatusInternalServerError, "Internal Server Error")
	case errors.Is(r.Context().Err(), context.DeadlineExceeded):
		answer(w, http.StatusServiceUnavailable, "Service Unavailable")
	case r.Context().Err() != nil: // the caller went away
	default:
		answer(w, http.StatusBadGateway, "The AWS emulator does not answer.")
	}
}

func answer(w http.ResponseWriter, status int, text string) {
	b := message(text)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func message(text string) []byte {
	b, _ := json.Marshal(map[string]string{"message": text}) // a string always encodes
	return b
}
