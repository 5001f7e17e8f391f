package loan_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/loan"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/media/bucket"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/store"
)

type world struct {
	t      *testing.T
	lender loan.Lender
	now    time.Time
	key    loan.Key
	file   loan.File
}

var picture = bytes.Repeat([]byte{0xFF, 0xD8, 0x00, 0x7F}, 500)

// newWorld has one file of a workspace of its own, and a server that serves what is lent.
func newWorld(t *testing.T) *world {
	t.Helper()
	s := teststack.Open(t)
	rows := &store.Store{DB: dynamodb.NewFromConfig(s.AWS()), Tables: store.Tables{Loans: s.Output(t, "LoansTable")}}
	tenant, name := "ten_"+ulid.Make().String(), s.Output(t, "MediaBucket")
	w := &world{t: t, now: time.Now(), key: loan.Key{Tenant: tenant, Connection: "con_1", Job: "pst_1.con_1", Name: "init#1"}}
	w.file = loan.File{ID: "med_1", Object: tenant + "/1", Name: "bread.jpg", Type: "image/jpeg", Bytes: int64(len(picture))}
	_, err := s3.NewFromConfig(s.AWS(), func(o *s3.Options) { o.UsePathStyle = true }).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &w.file.Object, Body: bytes.NewReader(picture)})
	require.NoError(t, err)
	now := func() time.Time { return w.now }
	server := httptest.NewServer(loan.Door{Store: rows, Files: bucket.New(s.AWS(), name, ""), Now: now, Log: slog.New(slog.DiscardHandler)}.Handler())
	t.Cleanup(server.Close)
	w.lender = loan.Lender{Store: rows, URL: server.URL + "/loans", Now: now}
	return w
}

func (w *world) lend(k loan.Key, f loan.File) string {
	w.t.Helper()
	address, err := w.lender.Lend(w.t.Context(), k, f)
	require.NoError(w.t, err)
	return address
}

func (w *world) recall(k loan.Key) bool {
	w.t.Helper()
	fetched, err := w.lender.Recall(w.t.Context(), k)
	require.NoError(w.t, err)
	return fetched
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func fetch(ctx context.Context, t *testing.T, method, address, span string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	require.NoError(t, err)
	if span != "" {
		r.Header.Set("Range", span)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return answer{res.StatusCode, res.Header, body}
}

func TestAFileIsLentUntilItIsRecalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.lend(w.key, w.file)
	token := address[strings.LastIndex(address, "/")+1:]
	require.GreaterOrEqual(t, len(token)*6, 128, "nobody can guess it")
	require.Equal(t, address, w.lend(w.key, w.file), "lent again it is the same")
	other := w.file
	other.ID = "med_2"
	require.NotEqual(t, address, w.lend(w.key, other))
	again := w.key
	again.Name = "init#2"
	next := w.lend(again, w.file)
	require.NotEqual(t, address, next, "another try has addresses of its own")

	head := fetch(t.Context(), t, http.MethodHead, address, "")
	require.Equal(t, http.StatusOK, head.status)
	require.Equal(t, "2000", head.header.Get("Content-Length"))
	require.False(t, w.recall(again), "nobody has fetched that one")
	require.Equal(t, http.StatusNotFound, fetch(t.Context(), t, http.MethodGet, next, "").status)

	whole := fetch(t.Context(), t, http.MethodGet, address, "")
	require.Equal(t, http.StatusOK, whole.status)
	require.Equal(t, picture, whole.body)
	require.Equal(t, "image/jpeg", whole.header.Get("Content-Type"))
	require.Equal(t, "no-store", whole.header.Get("Cache-Control"))
	require.Contains(t, whole.header.Get("Content-Security-Policy"), "sandbox", "what somebody has uploaded runs nothing here")
	part := fetch(t.Context(), t, http.MethodGet, address, "bytes=1-4")
	require.Equal(t, http.StatusPartialContent, part.status)
	require.Equal(t, picture[1:5], part.body)
	require.Equal(t, "bytes 1-4/2000", part.header.Get("Content-Range"))

	require.True(t, w.recall(w.key))
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		require.Equal(t, http.StatusNotFound, fetch(t.Context(), t, method, address, "").status)
	}
	require.True(t, w.recall(w.key), "a worker that died after it gets the same answer")
	_, err := w.lender.Lend(t.Context(), w.key, w.file)
	require.ErrorIs(t, err, loan.ErrRecalled, "for good")
}

func TestAKeyIsRecalledBeforeItWasLent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.False(t, w.recall(w.key))
	_, err := w.lender.Lend(t.Context(), w.key, w.file)
	require.ErrorIs(t, err, loan.ErrRecalled)
}

func TestALoanEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.lend(w.key, w.file)
	w.now = w.now.Add(loan.Life - time.Minute)
	require.Equal(t, address, w.lend(w.key, w.file))
	require.Equal(t, http.StatusOK, fetch(t.Context(), t, http.MethodGet, address, "").status)
	w.now = w.now.Add(time.Minute)
	require.Equal(t, http.StatusNotFound, fetch(t.Context(), t, http.MethodGet, address, "").status, "lending it again does not prolong it")
	require.True(t, w.recall(w.key), "that it was fetched is known for longer")
	require.Equal(t, http.StatusNotFound, fetch(t.Context(), t, http.MethodGet, address+"x", "").status)
}

func TestWhatDoesNotFitIntoAnAnswerIsNotLent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.file.Bytes = loan.MaxBytes + 1
	_, err := w.lender.Lend(t.Context(), w.key, w.file)
	require.Equal(t, problem.InvalidContent, problem.ClassOf(err))
}

// Whatever the order in which they meet: who has the file has been counted, and who has not may be recalled with certainty.
func TestARecallAndAFetchAtTheSameMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		key := w.key
		key.Name = ulid.Make().String()
		address := w.lend(key, w.file)
		var got answer
		var work sync.WaitGroup
		work.Go(func() { got = fetch(t.Context(), t, http.MethodGet, address, "") })
		fetched := w.recall(key)
		work.Wait()
		require.Equal(t, got.status == http.StatusOK, fetched)
		require.Equal(t, fetched, w.recall(key))
	}
}
