package vault

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// KMS wraps data keys with AWS KMS. NewKey needs kms:GenerateDataKey, OpenKey kms:Decrypt.
type KMS struct {
	Client *kms.Client
	KeyID  string
}

// NewKey implements KeyMaker.
func (k KMS) NewKey(ctx context.Context, encryptionContext map[string]string) (plain, wrapped []byte, err error) {
	r, err := k.Client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &k.KeyID, KeySpec: types.DataKeySpecAes256, EncryptionContext: encryptionContext})
	if err != nil {
		return nil, nil, err
	}
	return r.Plaintext, r.CiphertextBlob, nil
}

// OpenKey implements KeyOpener.
func (k KMS) OpenKey(ctx context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error) {
	r, err := k.Client.Decrypt(ctx, &kms.DecryptInput{KeyId: &k.KeyID, CiphertextBlob: wrapped, EncryptionContext: encryptionContext})
	var bad *types.InvalidCiphertextException
	var other *types.IncorrectKeyException
	if errors.As(err, &bad) || errors.As(err, &other) {
		return nil, ErrOpen
	}
	if err != nil {
		return nil, err
	}
	return r.Plaintext, nil
}

// Local wraps data keys with one key from the environment, for a place without KMS. It keeps the ciphertexts
// as strong, but not the wall between who seals and who opens: one key does both.
type Local struct{ key []byte }

// NewLocal takes the base64 of 32 bytes.
func NewLocal(key string) (Local, error) {
	b, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(b) != 32 {
		return Local{}, errors.New("vault: VAULT_KEY must be the base64 of 32 bytes")
	}
	return Local{key: b}, nil
}

// NewKey implements KeyMaker.
func (l Local) NewKey(_ context.Context, encryptionContext map[string]string) (plain, wrapped []byte, err error) {
	gcm, err := newGCM(l.key)
	if err != nil {
		return nil, nil, err
	}
	plain, nonce := make([]byte, 32), make([]byte, gcm.NonceSize())
	_, _ = rand.Read(plain)
	_, _ = rand.Read(nonce)
	aad, err := json.Marshal(encryptionContext) // map keys are sorted
	if err != nil {
		return nil, nil, fmt.Errorf("vault: encryption context: %w", err)
	}
	return plain, gcm.Seal(nonce, nonce, plain, aad), nil
}

// OpenKey implements KeyOpener.
func (l Local) OpenKey(_ context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error) {
	gcm, err := newGCM(l.key)
	if err != nil {
		return nil, err
	}
	if len(wrapped) < gcm.NonceSize() {
		return nil, ErrOpen
	}
	aad, err := json.Marshal(encryptionContext)
	if err != nil {
		return nil, fmt.Errorf("vault: encryption context: %w", err)
	}
	plain, err := gcm.Open(nil, wrapped[:gcm.NonceSize()], wrapped[gcm.NonceSize():], aad)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Keys is both halves; a caller takes the one it has the right to.
type Keys interface {
	KeyMaker
	KeyOpener
}

// NewKeys picks the driver: localKey (VAULT_KEY) if set, else AWS KMS with keyID.
func NewKeys(cfg aws.Config, keyID, localKey string) (Keys, error) {
	if localKey != "" {
		return NewLocal(localKey)
	}
	if keyID == "" {
		return nil, errors.New("vault: neither KMS_KEY nor VAULT_KEY is set")
	}
	return KMS{Client: kms.NewFromConfig(cfg), KeyID: keyID}, nil
}
