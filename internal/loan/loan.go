// Package loan owns addresses on Herald's own host from which a platform fetches a file: for platforms that take files only
// from a host which its owner has proved to be theirs, and for jobs that must be certain that nothing can be fetched any
// more. A signed address of the bucket can do neither.
//
// The loans of one key are one account: recalling it ends them all with a single write, and the same write tells whether
// any was fetched, since every fetch is counted there before its first byte is sent.
package loan

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
)

const (
	// MaxBytes is the largest file that can be lent. A function's answer has at most 6 MB, in which the bytes are base64.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	MaxBytes = 4_500_000
	// Life is how long an address works that is not recalled.
	Life = 48 * time.Hour
	// Memory is how long it is known that a key was recalled or fetched: longer than any job that asks.
	Memory = 30 * 24 * time.Hour
)

// ErrRecalled means that nothing can be lent under this key any more.
var ErrRecalled = errors.New("loan: recalled")

// Key names what files are lent for: one try of one step of a job, for a connection.
type Key struct{ Tenant, Connection, Job, Name string }

// String is the key in the table.
func (k Key) String() string { return strings.Join([]string{k.Tenant, k.Job, k.Name}, "#") }

// Account names for whose posts files are lent: what is lent for one connection can be ended together.
func (k Key) Account() string { return Account(k.Tenant, k.Connection) }

// Account names a connection in the table.
func Account(tenant, connection string) string { return tenant + "#" + connection }

// File is what is lent.
type File struct {
	ID     string // of the file in the library; names the address together with the key
	Object string // key in the bucket
	Name   string
	Type   string
	Bytes  int64
}

// Loan is one address.
type Loan struct {
	Token string `dynamodbav:"token"`
	Key   string `dynamodbav:"key"` // Key.String
	// Account is the key's.
	Account string `dynamodbav:"account"`
	Object  string `dynamodbav:"object"`
	Name    string `dynamodbav:"name"`
	Type    string `dynamodbav:"type"`
	Bytes   int64  `dynamodbav:"bytes"`
	Until   int64  `dynamodbav:"until"` // epoch ms
}

// Store is what a publisher needs of the store. Each method is one write and may be repeated.
type Store interface {
	// OpenKey gives the key's seed and its end: those that are given when it is new, otherwise the first ones. ErrRecalled
	// when it is recalled.
	OpenKey(ctx context.Context, k Key, seed []byte, until, forget time.Time) (first []byte, end time.Time, err error)
	PutLoan(ctx context.Context, l Loan, forget time.Time) error
	// RecallKey ends the key for good, also one that was never opened, and tells whether a file of it was fetched.
	RecallKey(ctx context.Context, key string, forget time.Time) (fetched bool, err error)
}

// Lender lends files to a platform.
type Lender struct {
	Store Store
	URL   string // where loans are served, without a trailing slash: "https://herald.example/loans"
	Now   func() time.Time
}

// Lend gives an address of the file that nobody can guess: the same for the same key and file until the key is recalled,
// after which it is ErrRecalled. Errors: problem.InvalidContent when the file is larger than MaxBytes.
func (l Lender) Lend(ctx context.Context, k Key, f File) (string, error) {
	if f.Bytes > MaxBytes {
		return "", problem.Newf(problem.InvalidContent, "The file has %.1f MB; the platform fetches files from Herald, which can lend at most %.1f MB. Use a smaller one.",
			float64(f.Bytes)/1e6, float64(MaxBytes)/1e6).On("media")
	}
	now := l.Now()
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails: it ends the process instead
	seed, end, err := l.Store.OpenKey(ctx, k, fresh, now.Add(Life), now.Add(Memory))
	if err != nil {
		return "", err
	}
	one := Loan{Token: token(seed, f.ID), Key: k.String(), Account: k.Account(), Object: f.Object, Name: f.Name, Type: f.Type, Bytes: f.Bytes, Until: end.UnixMilli()}
	if err := l.Store.PutLoan(ctx, one, end); err != nil {
		return "", err
	}
	return l.URL + "/" + one.Token, nil
}

// Recall ends every loan of the key for good, and tells whether any was ever fetched.
func (l Lender) Recall(ctx context.Context, k Key) (fetched bool, err error) {
	return l.Store.RecallKey(ctx, k.String(), l.Now().Add(Memory))
}

// token makes a file's token out of its key's seed, so that no list of tokens has to be kept: 160 bits of a hash of 256
// random ones.
func token(seed []byte, file string) string {
	sum := sha256.Sum256(append(append([]byte("herald.loan.1\x00"), seed...), file...))
	return base64.RawURLEncoding.EncodeToString(sum[:20])
}
