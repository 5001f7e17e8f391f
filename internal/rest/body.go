package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

// Upload is a multipart/form-data body with one file, or with no Field the file alone. It is streamed: it is never in
// memory as a whole.
type Upload struct {
	Fields url.Values
	Field  string // name of the file's part: "source"; empty = the body is the file, without Fields and Name
	Name   string // file name
	Type   string // MIME type
	Bytes  int64  // exact length of the file
	Open   func(ctx context.Context) (io.ReadCloser, error)
}

// payload is a body ready to be sent.
type payload struct {
	reader      io.Reader // nil = none
	length      int64
	contentType string
	file        *file
}

func (p payload) close() {
	if p.file != nil {
		_ = p.file.Close()
	}
}

// readError is why the file could not be read, if that is what ended the call.
func (p payload) readError() error {
	if p.file == nil {
		return nil
	}
	if err := p.file.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (c *Client) body(ctx context.Context, r Request) (payload, error) {
	switch {
	case r.Form != nil:
		s := r.Form.Encode()
		return payload{reader: strings.NewReader(s), length: int64(len(s)), contentType: "application/x-www-form-urlencoded"}, nil
	case r.JSON != nil:
		raw, err := json.Marshal(r.JSON)
		if err != nil {
			return payload{}, fmt.Errorf("rest: %s %s: %w", c.Platform, r.Operation, err)
		}
		return payload{reader: bytes.NewReader(raw), length: int64(len(raw)), contentType: "application/json"}, nil
	case r.Upload != nil && r.Upload.Field == "":
		src, err := r.Upload.Open(ctx)
		if err != nil {
			return payload{}, c.unreadable(r, err)
		}
		f := &file{src: src}
		return payload{reader: f, length: r.Upload.Bytes, contentType: r.Upload.Type, file: f}, nil
	case r.Upload != nil:
		return c.multipart(ctx, r)
	default:
		return payload{}, nil
	}
}

func (c *Client) multipart(ctx context.Context, r Request) (payload, error) {
	u := r.Upload
	var head, tail bytes.Buffer
	w := multipart.NewWriter(&head)
	for _, k := range slices.Sorted(maps.Keys(u.Fields)) {
		for _, v := range u.Fields[k] {
			_ = w.WriteField(k, v) // a bytes.Buffer does not fail
		}
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename=%q`, u.Field, plainName(u.Name)))
	h.Set("Content-Type", u.Type)
	_, _ = w.CreatePart(h)
	fmt.Fprintf(&tail, "\r\n--%s--\r\n", w.Boundary())
	src, err := u.Open(ctx)
	if err != nil {
		return payload{}, c.unreadable(r, err)
	}
	f := &file{src: src}
	return payload{
		reader: struct {
			io.Reader
			io.Closer
		}{io.MultiReader(&head, f, &tail), f},
		length:      int64(head.Len()) + u.Bytes + int64(tail.Len()),
		contentType: w.FormDataContentType(),
		file:        f,
	}, nil
}

// plainName keeps a file name out of the header's syntax.
func plainName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || strings.ContainsRune(`"\/`, r) {
			return '_'
		}
		return r
	}, s)
	if s == "" {
		return "file"
	}
	return s
}

// file remembers why reading it failed: the transport's error alone does not tell our storage from the platform.
type file struct {
	src    io.ReadCloser
	failed atomic.Pointer[error]
}

func (f *file) Read(p []byte) (int, error) {
	n, err := f.src.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.failed.Store(&err)
	}
	return n, err
}

func (f *file) Close() error { return f.src.Close() }
