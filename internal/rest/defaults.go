package rest

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// OrDefault is an address without a slash at its end, or the fallback where it is empty.
func OrDefault(v, fallback string) string {
	if v == "" {
		return fallback
	}
	return strings.TrimRight(v, "/")
}

// Defaults are what a connector calls through, logs to and reads the time from where its configuration says nothing.
func Defaults(h *http.Client, log *slog.Logger, now func() time.Time) (*http.Client, *slog.Logger, func() time.Time) {
	if h == nil {
		h = &http.Client{Transport: http.DefaultTransport}
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if now == nil {
		now = time.Now
	}
	return h, log, now
}
