package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/herald-publishing/herald/internal/webhook"
)

// Webhooks is the queue of stored webhook events.
type Webhooks struct {
	SQS *sqs.Client
	URL string
	DLQ string // empty where nothing is given up
}

var _ webhook.Queue = (*Webhooks)(nil)

// batchMost is what one SendMessageBatch takes.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
const batchMost = 10

// Send implements webhook.Queue.
func (q *Webhooks) Send(ctx context.Context, all ...webhook.Message) error {
	var entries []types.SendMessageBatchRequestEntry
	for i, m := range all {
		body, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("queue: encode: %w", err)
		}
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body))})
	}
	for some := range slices.Chunk(entries, batchMost) {
		if len(some) == 1 {
			if _, err := q.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.URL, MessageBody: some[0].MessageBody}); err != nil {
				return fmt.Errorf("queue: send: %w", err)
			}
			continue
		}
		r, err := q.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.URL, Entries: some})
		if err != nil {
			return fmt.Errorf("queue: send: %w", err)
		}
		if len(r.Failed) > 0 {
			return fmt.Errorf("queue: %d of %d messages were not taken: %s", len(r.Failed), len(some), aws.ToString(r.Failed[0].Code))
		}
	}
	return nil
}

// Dead implements webhook.Queue.
func (q *Webhooks) Dead(ctx context.Context, m webhook.Message, reason, sentence string) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("queue: encode: %w", err)
	}
	return q.dead(ctx, string(body), reason, sentence)
}

func (q *Webhooks) dead(ctx context.Context, body, reason, sentence string) error {
	text := func(s string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
	}
	_, err := q.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.DLQ, MessageBody: &body,
		MessageAttributes: map[string]types.MessageAttributeValue{"reason": text(reason), "sentence": text(sentence)},
	})
	if err != nil {
		return fmt.Errorf("queue: send to the dead-letter queue: %w", err)
	}
	return nil
}

// WebhookBatch runs the records of one SQS event of webhook messages side by side.
type WebhookBatch struct {
	Queue *Webhooks
	Run   func(ctx context.Context, m webhook.Message) error
	Log   *slog.Logger
}

// Handle is the Lambda handler.
func (b *WebhookBatch) Handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	return sideBySide(ctx, e, b.Log, func(ctx context.Context, record events.SQSMessage) error {
		m, err := DecodeWebhook(record.Body)
		if err != nil { // it will not get better by coming back
			return b.Queue.dead(ctx, record.Body, "undecodable", "The message is not one that Herald writes.")
		}
		return b.Run(ctx, m)
	}), nil
}

// DecodeWebhook reads a message's body; anything that Send would not write is an error.
func DecodeWebhook(body string) (webhook.Message, error) {
	var m webhook.Message
	d := json.NewDecoder(bytes.NewReader([]byte(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return webhook.Message{}, fmt.Errorf("queue: decode: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return webhook.Message{}, errors.New("queue: decode: more than one value")
	}
	if m.Platform == "" || len(m.Events) == 0 {
		return webhook.Message{}, errors.New("queue: decode: platform or events are missing")
	}
	return m, nil
}
