// Package queue owns SQS: sending hints, and the adapter that runs a batch of them.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/herald-publishing/herald/internal/publish"
)

// MaxDelay is the longest delay of a message.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
const MaxDelay = 15 * time.Minute

// Queue sends to one queue per platform.
type Queue struct {
	SQS  *sqs.Client
	URLs map[string]string // platform -> queue URL
	DLQs map[string]string // platform -> dead-letter queue URL
}

var (
	_ publish.Queue     = (*Queue)(nil)
	_ publish.HintQueue = (*Queue)(nil)
)

// seconds rounds down: the publisher waits out the rest, so that a post goes out in its second and not after it.
func seconds(d time.Duration) int32 {
	return int32(min(max(d, 0), MaxDelay) / time.Second) //nolint:gosec // at most 900
}

// Send implements publish.Queue. The tenant is the message group, so that one tenant's backlog does not hold up the
// others (SQS fair queues).
func (q *Queue) Send(ctx context.Context, platform string, m publish.Message, delay time.Duration) error {
	url, ok := q.URLs[platform]
	if !ok {
		return fmt.Errorf("queue: no queue for %s", platform)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("queue: encode: %w", err)
	}
	_, err = q.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: aws.String(string(body)), DelaySeconds: seconds(delay), MessageGroupId: &m.Tenant,
	})
	if err != nil {
		return fmt.Errorf("queue: send: %w", err)
	}
	return nil
}

// SendAll implements publish.HintQueue.
func (q *Queue) SendAll(ctx context.Context, platform string, hints []publish.Hint) (unsent []publish.Hint, err error) {
	url, ok := q.URLs[platform]
	if !ok {
		return hints, fmt.Errorf("queue: no queue for %s", platform)
	}
	var errs []error
	for chunk := range slices.Chunk(hints, 10) {
		entries := make([]types.SendMessageBatchRequestEntry, 0, len(chunk))
		for i, h := range chunk {
			body, err := json.Marshal(h.Message)
			if err != nil {
				return hints, fmt.Errorf("queue: encode: %w", err)
			}
			entries = append(entries, types.SendMessageBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body)), DelaySeconds: seconds(h.Delay), MessageGroupId: aws.String(h.Message.Tenant),
			})
		}
		r, err := q.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
		if err != nil {
			errs, unsent = append(errs, fmt.Errorf("queue: send batch: %w", err)), append(unsent, chunk...)
			continue
		}
		for _, f := range r.Failed {
			if i, err := strconv.Atoi(aws.ToString(f.Id)); err == nil && i >= 0 && i < len(chunk) {
				unsent = append(unsent, chunk[i])
				errs = append(errs, fmt.Errorf("queue: send batch: %s", aws.ToString(f.Code)))
			}
		}
	}
	return unsent, errors.Join(errs...)
}

// Dead implements publish.Queue.
func (q *Queue) Dead(ctx context.Context, platform string, m publish.Message, reason, sentence string) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("queue: encode: %w", err)
	}
	return q.dead(ctx, platform, string(body), reason, sentence)
}

func (q *Queue) dead(ctx context.Context, platform, body, reason, sentence string) error {
	url, ok := q.DLQs[platform]
	if !ok {
		return fmt.Errorf("queue: no dead-letter queue for %s", platform)
	}
	text := func(s string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
	}
	_, err := q.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: &body,
		MessageAttributes: map[string]types.MessageAttributeValue{"reason": text(reason), "sentence": text(sentence)},
	})
	if err != nil {
		return fmt.Errorf("queue: send to the dead-letter queue: %w", err)
	}
	return nil
}
