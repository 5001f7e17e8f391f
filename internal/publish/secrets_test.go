package publish_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/vault"
)

// counted is a key driver that counts its calls and can be out of order.
type counted struct {
	vault.Local
	made, opened int
	broken       error
}

func (c *counted) NewKey(ctx context.Context, encryptionContext map[string]string) (plain, wrapped []byte, err error) {
	c.made++
	if c.broken != nil {
		return nil, nil, c.broken
	}
	return c.Local.NewKey(ctx, encryptionContext)
}

func (c *counted) OpenKey(ctx context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error) {
	c.opened++
	return c.Local.OpenKey(ctx, wrapped, encryptionContext)
}

func newCounted(t *testing.T) *counted {
	t.Helper()
	local, err := vault.NewLocal(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	require.NoError(t, err)
	return &counted{Local: local}
}

// guarded is an attempt that can seal.
func (d *disk) guarded(keys vault.Keys) *publish.Journal {
	j := d.attempt()
	j.Secrets = publish.NewSecrets(vault.Box{Keys: keys}, d.job)
	return j
}

const uploadURL = "https://upload.example/?key=CANARY"

func secretStep(runs *int) connector.Step {
	return connector.Step{Name: "init", Secret: true, Repeatable: true, Durable: true, Run: func(context.Context) (connector.Values, error) {
		*runs++
		return connector.Values{"upload_url": uploadURL}, nil
	}}
}

func TestASecretResultIsSealedAndComesBack(t *testing.T) {
	t.Parallel()
	d, keys, runs := newDisk(), newCounted(t), 0
	d.job.TenantID, d.job.ID = "ten_1", "pst_1.con_1"
	for range 3 { // three workers, each asking twice
		j := d.guarded(keys)
		for range 2 {
			v, err := j.Do(t.Context(), secretStep(&runs))
			require.NoError(t, err)
			require.Equal(t, uploadURL, v["upload_url"])
		}
		d.conclude(j)
		raw, err := json.Marshal(d.job) //nolint:musttag // whatever the names are
		require.NoError(t, err)
		require.NotContains(t, string(raw), "CANARY")
	}
	require.Equal(t, 1, runs)
	require.Equal(t, 1, keys.made)
	require.Equal(t, 2, keys.opened, "once for each worker after the first")

	moved := d.job
	moved.ID = "pst_2.con_1"
	j := publish.NewJournal(moved, nil, nil)
	j.Secrets = publish.NewSecrets(vault.Box{Keys: keys}, moved)
	_, err := j.Do(t.Context(), secretStep(&runs))
	require.ErrorIs(t, err, vault.ErrOpen, "it is bound to its job")
}

func TestOnlySecretStepsCostKeys(t *testing.T) {
	t.Parallel()
	d, keys := newDisk(), newCounted(t)
	_, err := d.guarded(keys).Do(t.Context(), connector.Step{Name: "feed", Run: func(context.Context) (connector.Values, error) {
		return connector.Values{"id": "1"}, nil
	}})
	require.NoError(t, err)
	require.Zero(t, keys.made)
}

// What the platform has done must not be forgotten because its answer could not be sealed.
func TestWithoutAKeyASecretStepDoesNotRun(t *testing.T) {
	t.Parallel()
	d, keys, runs := newDisk(), newCounted(t), 0
	keys.broken = errors.New("KMS is away")
	step := secretStep(&runs)
	step.Repeatable = false
	_, err := d.guarded(keys).Do(t.Context(), step)
	require.ErrorIs(t, err, keys.broken)
	_, err = d.attempt().Do(t.Context(), step)
	require.Error(t, err, "nor where nothing can be sealed at all")
	require.Zero(t, runs)
	require.Zero(t, d.saves, "it was not even started")
}
