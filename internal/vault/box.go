package vault

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"fmt"
)

// Boxed is a secret that lies in another row than the vault's own.
type Boxed struct {
	DataKey    []byte `dynamodbav:"data_key"` // wrapped by the key driver
	Nonce      []byte `dynamodbav:"nonce"`
	Ciphertext []byte `dynamodbav:"ciphertext"`
}

// StepRef names a step of a job. It binds what is boxed as Ref binds a credential.
type StepRef struct {
	Tenant, Job, Step string
}

func (r StepRef) context() map[string]string {
	return map[string]string{"tenant": r.Tenant, "job": r.Job, "step": r.Step}
}

func (r StepRef) aad() []byte {
	b, err := json.Marshal([]string{"herald.step.1", r.Tenant, r.Job, r.Step})
	if err != nil {
		panic(err) // a list of strings always encodes
	}
	return b
}

// Box seals and opens the results of secret steps. Only what works behind the queue has both keys.
type Box struct{ Keys Keys }

// Lid makes the data key for one result. It is asked for before there is anything to seal, so that what a step has brought
// cannot be lost because no key was to be had; the function it gives cannot fail.
func (b Box) Lid(ctx context.Context, ref StepRef) (func(plain []byte) Boxed, error) {
	gcm, wrapped, err := newSeal(ctx, b.Keys, ref.context())
	if err != nil {
		return nil, err
	}
	return func(plain []byte) Boxed {
		nonce, ciphertext := encrypt(gcm, plain, ref.aad())
		return Boxed{DataKey: wrapped, Nonce: nonce, Ciphertext: ciphertext}
	}, nil
}

// Open gives what was sealed as ref. ErrOpen when it is something else.
func (b Box) Open(ctx context.Context, ref StepRef, s Boxed) ([]byte, error) {
	return open(ctx, b.Keys, ref.context(), s.DataKey, s.Nonce, s.Ciphertext, ref.aad())
}

// newSeal makes a cipher with a fresh data key, and that key wrapped.
func newSeal(ctx context.Context, keys KeyMaker, encryptionContext map[string]string) (cipher.AEAD, []byte, error) {
	key, wrapped, err := keys.NewKey(ctx, encryptionContext)
	if err != nil {
		return nil, nil, fmt.Errorf("vault: data key: %w", err)
	}
	defer wipe(key)
	gcm, err := newGCM(key)
	return gcm, wrapped, err
}

func encrypt(gcm cipher.AEAD, plain, aad []byte) (nonce, ciphertext []byte) {
	nonce = make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce) // never fails: it ends the process instead
	return nonce, gcm.Seal(nil, nonce, plain, aad)
}

func open(ctx context.Context, keys KeyOpener, encryptionContext map[string]string, wrapped, nonce, ciphertext, aad []byte) ([]byte, error) {
	key, err := keys.OpenKey(ctx, wrapped, encryptionContext)
	if err != nil {
		return nil, fmt.Errorf("vault: data key: %w", err)
	}
	defer wipe(key)
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	if len(nonce) != gcm.NonceSize() {
		return nil, ErrOpen
	}
	plain, err := gcm.Open(nil, nonce, ciphertext, aad)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}
