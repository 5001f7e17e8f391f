package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// policy is the Content-Security-Policy of every document. Scripts come from our own origin only and are never
// inline. The component library writes a few style elements at run time; they carry the nonce of their document.
func policy(nonce, mediaOrigin string, secure bool) string {
	images := "'self' data: blob: https:" // avatars come from the platforms' image hosts
	if !secure {
		images += " http:" // a page without TLS is a development one, where the platforms are too
	}
	connect, videos := "'self'", "'self' blob:"
	if mediaOrigin != "" {
		connect += " " + mediaOrigin // uploads go from the browser straight to the bucket
		images += " " + mediaOrigin
		videos += " " + mediaOrigin
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"img-src " + images,
		"media-src " + videos,
		"font-src 'self'",
		"connect-src " + connect,
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; ")
}

// secureHeaders are on every answer.
func secureHeaders(h http.Header, secure bool) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// originOf keeps scheme and host of an address; anything that is not a web address gives "", so that no
// configuration can write a directive of its own into the policy.
func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// acceptsGzip reads an Accept-Encoding header.
func acceptsGzip(header string) bool {
	return accepts(header, "gzip")
}

// acceptsHTML tells a browser's navigation from a script's request: only the former names text/html.
func acceptsHTML(header string) bool {
	return accepts(header, "text/html")
}

func accepts(header, value string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), value) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
