package store_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connection"
	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/replay"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/vault"
)

// forgetful loses the first answer to each kind of write after DynamoDB has carried it out. The SDK then asks again.
type forgetful struct {
	next http.RoundTripper
	lost map[string]bool
}

func (f *forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	res, err := f.next.RoundTrip(r)
	if err != nil || f.lost[op] || op == "GetItem" || op == "Query" {
		return res, err
	}
	f.lost[op] = true
	_ = res.Body.Close()
	return nil, errors.New("connection reset by peer")
}

func openForgetful(t *testing.T) (*store.Store, string) {
	t.Helper()
	s, tenant := open(t)
	return &store.Store{Tables: s.Tables, DB: dynamodb.New(s.DB.Options(), func(o *dynamodb.Options) {
		o.HTTPClient = &http.Client{Transport: &forgetful{next: http.DefaultTransport, lost: map[string]bool{}}}
	})}, tenant
}

func TestALostAnswerDoesNotUseUpAState(t *testing.T) {
	t.Parallel()
	s, tenant := openForgetful(t)
	state := connection.State{TenantID: tenant, Hash: newID(), SessionHash: "mine", Verifier: "v", ExpiresAt: time.Now().Add(time.Minute).UnixMilli()}
	require.NoError(t, s.PutState(t.Context(), state))
	got, taken, _, err := s.TakeState(t.Context(), tenant, state.Hash, "mine")
	require.NoError(t, err)
	require.True(t, taken)
	require.Equal(t, "v", got.Verifier)
}

func TestALostAnswerDoesNotMakeATwin(t *testing.T) {
	t.Parallel()
	s, tenant := openForgetful(t)
	now := time.Now()
	_, claimed, err := s.ClaimAnswer(t.Context(), tenant, "op#k", "h", now, now.Add(replay.Lease))
	require.NoError(t, err)
	require.True(t, claimed)
	_, claimed, err = s.ClaimAnswer(t.Context(), tenant, "op#k", "h", now, now.Add(replay.Lease))
	require.NoError(t, err)
	require.False(t, claimed)
}

func TestALostAnswerDoesNotStopALink(t *testing.T) {
	t.Parallel()
	s, tenant := openForgetful(t)
	c := candidate(t, s, tenant, "con_"+newID()) // seals
	require.NoError(t, s.LinkConnection(t.Context(), c, event(c)))
	other := vault.Sealed{Ref: ref(c), Ciphertext: []byte("x"), Nonce: []byte("other"), DataKey: []byte("k")}
	require.ErrorIs(t, s.PutSealed(t.Context(), other, time.Time{}), store.ErrConflict, "another seal of the same version is refused")
}

func TestALostAnswerDoesNotStopAnUpload(t *testing.T) {
	t.Parallel()
	s, tenant := openForgetful(t)
	f := media.File{TenantID: tenant, ID: "med_" + newID(), Name: "a.jpg", Type: "image/jpeg", Bytes: 3, State: media.Uploading, Key: "incoming/x"}
	there, _, err := s.CreateMedia(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, f, there)
}
