package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/queue"
)

func record(id, job string) events.SQSMessage {
	return events.SQSMessage{MessageId: id, Body: `{"tenant":"ten_1","job":"` + job + `"}`}
}

func TestBatchAnswersOnlyTheFailedRecords(t *testing.T) {
	t.Parallel()
	b := queue.Batch{Log: slog.New(slog.DiscardHandler), Run: func(_ context.Context, m publish.Message) error {
		switch m.Job {
		case "bad":
			return errors.New("no")
		case "worse":
			panic("no")
		default:
			return nil
		}
	}}
	out, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record("1", "good"), record("2", "bad"), record("3", "worse"), record("4", "good")}})
	require.NoError(t, err)
	ids := []string{}
	for _, f := range out.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	require.ElementsMatch(t, []string{"2", "3"}, ids)
}

func TestBatchAnswersAnEmptyListNotNull(t *testing.T) {
	t.Parallel()
	b := queue.Batch{Log: slog.New(slog.DiscardHandler), Run: func(context.Context, publish.Message) error { return nil }}
	out, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record("1", "good")}})
	require.NoError(t, err)
	body, err := json.Marshal(out)
	require.NoError(t, err)
	require.JSONEq(t, `{"batchItemFailures":[]}`, string(body))
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"tenant":"ten_1","job":"pst_1.con_1","at":1}`)
	f.Add(`{"tenant":"","job":"x"}`)
	f.Add(`{"tenant":"a","job":"b"}{}`)
	f.Fuzz(func(t *testing.T, body string) {
		m, err := queue.Decode(body)
		if err != nil {
			return
		}
		require.NotEmpty(t, m.Tenant)
		require.NotEmpty(t, m.Job)
		again, err := json.Marshal(m)
		require.NoError(t, err)
		back, err := queue.Decode(string(again))
		require.NoError(t, err)
		require.Equal(t, m, back)
	})
}
