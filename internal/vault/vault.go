// Package vault owns tokens at rest: envelope encryption with a fresh data key per seal. Who seals and who opens are
// two types, because they are two rights: a function that faces the internet holds a Sealer and can never read back
// what it wrote; only what works behind the queue holds an Opener.
package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
)

// Ref names one sealed credential. It is the additional data of the ciphertext and the encryption context of the
// data key, so a row that was moved to another tenant, connection or version does not open.
type Ref struct {
	Tenant     string
	Connection string
	Version    string // sortable; the connection's row names the current one
}

// Context is the encryption context for KMS.
func (r Ref) Context() map[string]string {
	return map[string]string{"tenant": r.Tenant, "connection": r.Connection, "version": r.Version}
}

func (r Ref) aad() []byte {
	// JSON of an ordered list: unambiguous, whatever the parts hold.
	b, err := json.Marshal([]string{"herald.vault.1", r.Tenant, r.Connection, r.Version})
	if err != nil {
		panic(err) // a list of strings always encodes
	}
	return b
}

// Sealed is what is stored.
type Sealed struct {
	Ref
	DataKey    []byte // wrapped by the key driver
	Nonce      []byte // 12 bytes
	Ciphertext []byte
}

// ErrOpen means that a sealed credential does not open: altered, moved, or sealed under another key.
var ErrOpen = errors.New("vault: cannot open")

// KeyMaker makes a data key: in the clear for use now, and wrapped for storage.
type KeyMaker interface {
	NewKey(ctx context.Context, encryptionContext map[string]string) (plain, wrapped []byte, err error)
}

// KeyOpener unwraps a data key.
type KeyOpener interface {
	OpenKey(ctx context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error)
}

// Writer stores a sealed credential. With a ttl it is a candidate that vanishes unless it is promoted.
type Writer interface {
	PutSealed(ctx context.Context, s Sealed, ttl time.Time) error
}

// Sealer seals. It cannot open.
type Sealer struct {
	Keys  KeyMaker
	Store Writer
}

// Seal encrypts c and stores it as ref. ttl: see Writer; the zero time keeps it for good.
func (s Sealer) Seal(ctx context.Context, ref Ref, c connector.Credential, ttl time.Time) error {
	sealed, err := s.seal(ctx, ref, c)
	if err != nil {
		return err
	}
	if err := s.Store.PutSealed(ctx, sealed, ttl); err != nil {
		return fmt.Errorf("vault: store: %w", err)
	}
	return nil
}

func (s Sealer) seal(ctx context.Context, ref Ref, c connector.Credential) (Sealed, error) {
	plain, err := json.Marshal(plainCredential{c.Access.Reveal(), c.Refresh.Reveal(), c.Parent.Reveal()})
	if err != nil {
		return Sealed{}, fmt.Errorf("vault: encode: %w", err)
	}
	gcm, wrapped, err := newSeal(ctx, s.Keys, ref.Context())
	if err != nil {
		return Sealed{}, err
	}
	nonce, ciphertext := encrypt(gcm, plain, ref.aad())
	return Sealed{Ref: ref, DataKey: wrapped, Nonce: nonce, Ciphertext: ciphertext}, nil
}

// Opener opens what a Sealer sealed.
type Opener struct{ Keys KeyOpener }

// Open decrypts s, which must be exactly what was sealed as want. ErrOpen when it is not.
func (o Opener) Open(ctx context.Context, want Ref, s Sealed) (connector.Credential, error) {
	plain, err := open(ctx, o.Keys, want.Context(), s.DataKey, s.Nonce, s.Ciphertext, want.aad())
	if err != nil {
		return connector.Credential{}, err
	}
	defer wipe(plain)
	var c plainCredential
	if err := json.Unmarshal(plain, &c); err != nil {
		return connector.Credential{}, ErrOpen
	}
	return connector.Credential{
		Access: connector.NewSecret(c.Access), Refresh: connector.NewSecret(c.Refresh), Parent: connector.NewSecret(c.Parent),
	}, nil
}

// plainCredential is the only place where a credential is encoded in the clear; it lives between Marshal and Seal.
type plainCredential struct {
	Access  string `json:"a"`
	Refresh string `json:"r,omitempty"`
	Parent  string `json:"p,omitempty"`
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, ErrOpen
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, ErrOpen
	}
	return gcm, nil
}

func wipe(b []byte) {
	for i := range b {
		b[i] = 0
	}
}
