package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"

	"github.com/herald-publishing/herald/internal/local/wiretap"
)

// boxFront leads to the sandbox through a tap. The addresses that the sandbox gives out lead through it, too: to where a video
// is uploaded.
func (w *world) boxFront(tap *wiretap.Tap) (origin string, end func(), err error) {
	box, err := url.Parse(w.Info.Sandbox)
	if err != nil {
		return "", nil, err
	}
	front := httptest.NewUnstartedServer(nil)
	origin = "http://" + front.Listener.Addr().String()
	behind := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(box) },
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			body = bytes.ReplaceAll(body, []byte(w.Info.Sandbox), []byte(origin))
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		},
	})
	front.Config.Handler = tap.To(behind.URL)
	front.Start()
	return origin, func() { front.Close(); behind.Close() }, nil
}
