package loan

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"
)

// ServeStore is what the function that serves loans needs of the store.
type ServeStore interface {
	// Loan finds a loan by its token.
	Loan(ctx context.Context, token string) (l Loan, found bool, err error)
	// CountFetch writes down that a file of the key is fetched; open is false, and nothing is written, when it is recalled.
	CountFetch(ctx context.Context, key string) (open bool, err error)
	// KeyOpen tells whether a key is not recalled.
	KeyOpen(ctx context.Context, key string) (bool, error)
}

// Files opens a range of an uploaded file.
type Files interface {
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
}

// Door serves what is lent. Whoever has an address has the file, and nothing is told to whoever has not.
type Door struct {
	Store ServeStore
	Files Files
	Now   func() time.Time
	Log   *slog.Logger
}

// Handler serves GET and HEAD of /loans/{token}.
func (d Door) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /loans/{token}", d.serve)
	return mux
}

func (d Door) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store") // a copy elsewhere could not be recalled
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox") // the host may be the page's: a file is no part of it
	l, bytes, err := d.open(r)
	if err != nil {
		d.Log.ErrorContext(r.Context(), "loan not served", slog.String("error", err.Error()))
		http.Error(w, "Try again.", http.StatusServiceUnavailable)
		return
	}
	if bytes == nil {
		http.Error(w, "There is nothing at this address.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", l.Type)
	if disposition := mime.FormatMediaType("inline", map[string]string{"filename": l.Name}); disposition != "" {
		w.Header().Set("Content-Disposition", disposition)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes)
}

// open gives the file; nil where there is nothing to be had. The count comes after the bytes were read, so that what could
// not be read does not count, and before any is sent, so that what was sent does. HEAD sends none.
func (d Door) open(r *http.Request) (Loan, io.ReadSeeker, error) {
	ctx := r.Context()
	l, found, err := d.Store.Loan(ctx, r.PathValue("token"))
	if err != nil || !found || l.Until <= d.Now().UnixMilli() {
		return l, nil, err
	}
	if r.Method == http.MethodHead {
		open, err := d.Store.KeyOpen(ctx, l.Key)
		if err != nil || !open {
			return l, nil, err
		}
		return l, bytes.NewReader(make([]byte, l.Bytes)), nil // its length is all that is told of it
	}
	raw, err := d.read(ctx, l)
	if err != nil {
		return l, nil, err
	}
	open, err := d.Store.CountFetch(ctx, l.Key)
	if err != nil || !open {
		return l, nil, err
	}
	return l, bytes.NewReader(raw), nil
}

// read takes the whole file: the answer holds it in one piece anyway.
func (d Door) read(ctx context.Context, l Loan) ([]byte, error) {
	body, err := d.Files.Open(ctx, l.Object, 0, -1)
	if err != nil {
		return nil, fmt.Errorf("loan: open: %w", err)
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("loan: read: %w", err)
	}
	if int64(len(raw)) != l.Bytes {
		return nil, fmt.Errorf("loan: the file has %d bytes and not %d", len(raw), l.Bytes)
	}
	return raw, nil
}
