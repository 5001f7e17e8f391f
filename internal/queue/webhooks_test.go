package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/queue"
	"github.com/herald-publishing/herald/internal/webhook"
)

func TestWebhookBatchAnswersOnlyTheFailedRecords(t *testing.T) {
	t.Parallel()
	b := queue.WebhookBatch{Log: slog.New(slog.DiscardHandler), Run: func(_ context.Context, m webhook.Message) error {
		switch m.Events[0] {
		case "bad":
			return errors.New("no")
		case "worse":
			panic("no")
		default:
			return nil
		}
	}}
	message := func(id, event string) events.SQSMessage {
		return events.SQSMessage{MessageId: id, Body: `{"platform":"meta","events":["` + event + `"]}`}
	}
	out, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{message("1", "good"), message("2", "bad"), message("3", "worse")}})
	require.NoError(t, err)
	require.ElementsMatch(t, []events.SQSBatchItemFailure{{ItemIdentifier: "2"}, {ItemIdentifier: "3"}}, out.BatchItemFailures)
}

func FuzzDecodeWebhook(f *testing.F) {
	f.Add(`{"platform":"meta","events":["whe_1"]}`)
	f.Add(`{"platform":"meta","events":[]}`)
	f.Add(`{"platform":"a","events":["b"]}{}`)
	f.Fuzz(func(t *testing.T, body string) {
		m, err := queue.DecodeWebhook(body)
		if err != nil {
			return
		}
		require.NotEmpty(t, m.Platform)
		require.NotEmpty(t, m.Events)
		again, err := json.Marshal(m)
		require.NoError(t, err)
		back, err := queue.DecodeWebhook(string(again))
		require.NoError(t, err)
		require.Equal(t, m, back)
	})
}
