package vault_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/vault"
)

// shelf is the vault table's place in these tests: it keeps what it was given.
type shelf struct{ last vault.Sealed }

func (s *shelf) PutSealed(_ context.Context, v vault.Sealed, _ time.Time) error {
	s.last = v
	return nil
}

func drivers(t *testing.T) map[string]vault.Keys {
	t.Helper()
	local, err := vault.NewLocal(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	require.NoError(t, err)
	stack := teststack.Open(t)
	return map[string]vault.Keys{
		"local": local,
		"kms":   vault.KMS{Client: kms.NewFromConfig(stack.AWS()), KeyID: stack.Output(t, "TokenKey")},
	}
}

const canary = "EAAcanary-access-token"

func credential() connector.Credential {
	return connector.Credential{
		Access: connector.NewSecret(canary), Refresh: connector.NewSecret("canary-refresh"), Parent: connector.NewSecret("canary-parent"),
	}
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	for name, keys := range drivers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := vault.Ref{Tenant: "ten_1", Connection: "con_1", Version: "v1"}
			seal := func(ref vault.Ref) vault.Sealed {
				s := &shelf{}
				require.NoError(t, vault.Sealer{Keys: keys, Store: s}.Seal(t.Context(), ref, credential(), time.Time{}))
				return s.last
			}
			open := func(ref vault.Ref, s vault.Sealed) (connector.Credential, error) {
				return vault.Opener{Keys: keys}.Open(t.Context(), ref, s)
			}
			sealed := seal(ref)

			t.Run("what was sealed comes back", func(t *testing.T) {
				t.Parallel()
				got, err := open(ref, sealed)
				require.NoError(t, err)
				require.Equal(t, credential(), got)
			})
			t.Run("nothing of it can be read", func(t *testing.T) {
				t.Parallel()
				for _, text := range []string{fmt.Sprintf("%+v", sealed), string(sealed.Ciphertext), string(sealed.DataKey)} {
					require.NotContains(t, text, "canary")
				}
			})
			t.Run("each seal has its own key and nonce", func(t *testing.T) {
				t.Parallel()
				other := seal(ref)
				require.NotEqual(t, sealed.DataKey, other.DataKey)
				require.NotEqual(t, sealed.Nonce, other.Nonce)
				require.NotEqual(t, sealed.Ciphertext, other.Ciphertext)
			})
			for what, moved := range map[string]vault.Ref{
				"tenant":     {Tenant: "ten_2", Connection: "con_1", Version: "v1"},
				"connection": {Tenant: "ten_1", Connection: "con_2", Version: "v1"},
				"version":    {Tenant: "ten_1", Connection: "con_1", Version: "v2"},
			} {
				t.Run("moved to another "+what+" it does not open", func(t *testing.T) {
					t.Parallel()
					_, err := open(moved, sealed)
					require.Error(t, err)
					_, err = open(moved, vault.Sealed{Ref: moved, DataKey: seal(moved).DataKey, Nonce: sealed.Nonce, Ciphertext: sealed.Ciphertext})
					require.ErrorIs(t, err, vault.ErrOpen)
				})
			}
			t.Run("altered it does not open", func(t *testing.T) {
				t.Parallel()
				for i := range sealed.Ciphertext {
					bad := sealed
					bad.Ciphertext = append([]byte(nil), sealed.Ciphertext...)
					bad.Ciphertext[i] ^= 1
					_, err := open(ref, bad)
					require.ErrorIs(t, err, vault.ErrOpen)
					if i > 20 {
						break
					}
				}
				bad := sealed
				bad.Nonce = nil
				_, err := open(ref, bad)
				require.ErrorIs(t, err, vault.ErrOpen)
			})
		})
	}
}

func TestLocalKeyMustBe32Bytes(t *testing.T) {
	t.Parallel()
	for _, k := range []string{"", "not base64!", base64.StdEncoding.EncodeToString([]byte("short"))} {
		_, err := vault.NewLocal(k)
		require.Error(t, err)
	}
	_, err := vault.NewKeys(teststack.Open(t).AWS(), "", "")
	require.Error(t, err)
}
