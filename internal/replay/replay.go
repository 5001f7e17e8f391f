// Package replay keeps what a request with an Idempotency-Key was answered, so that its repetition is answered the same
// and does nothing.
package replay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

const (
	// Life is how long an answer is kept for the same key.
	Life = 24 * time.Hour
	// Lease is how long a request may take before its twin may start over; longer than an HTTP function lives.
	Lease = 40 * time.Second
)

// Answer is what was answered.
type Answer struct {
	Hash   string // of the request, see Hash
	Done   bool   // false: the first request still runs
	Status int
	Type   string // Content-Type
	Body   []byte
}

// Store keeps answers per tenant and key.
type Store interface {
	// ClaimAnswer takes the key for this request. When it is taken, by an answer whose life is not over or by a request
	// whose lease is not over, claimed is false and a tells which.
	ClaimAnswer(ctx context.Context, tenantID, key, hash string, now, lease time.Time) (a Answer, claimed bool, err error)
	KeepAnswer(ctx context.Context, tenantID, key string, a Answer, until time.Time) error
	DropAnswer(ctx context.Context, tenantID, key string) error
}

// Hash names a request: where it goes and every byte of what it says.
func Hash(path string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(path + "\x00"))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
