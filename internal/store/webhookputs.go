package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/webhook"
)

// newEvent is the condition that makes an event's key the dedupe.
const newEvent = "attribute_not_exists(event_id)"

func eventItem(e webhook.Event) (item, error) {
	extra := item{"ttl": num(e.Expires())}
	if e.State == webhook.Received {
		extra["shard"] = str(webhook.ShardOf(e.ID))
	}
	return encode(e, extra)
}

// PutEvent implements webhook.ReceiveStore.
func (s *Store) PutEvent(ctx context.Context, e webhook.Event) (webhook.State, error) {
	it, err := eventItem(e)
	if err != nil {
		return "", err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.Tables.WebhookEvents, Item: it, ConditionExpression: aws.String(newEvent),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var no *types.ConditionalCheckFailedException
	if errors.As(err, &no) {
		var old webhook.Event
		if err := decode(no.Item, &old); err != nil {
			return "", err
		}
		return old.State, nil
	}
	if err != nil {
		return "", fmt.Errorf("store: put webhook event: %w", err)
	}
	return e.State, nil
}

// PutEvents implements webhook.ReceiveStore. A batch write takes no conditions and would overwrite what was applied
// already; a transaction takes them. Where one of them fails, the transaction tells which, and the others go once more.
func (s *Store) PutEvents(ctx context.Context, all []webhook.Event) ([]webhook.State, error) {
	states := make([]webhook.State, len(all))
	if len(all) == 1 { // a transaction costs twice as much
		var err error
		states[0], err = s.PutEvent(ctx, all[0])
		return states, err
	}
	open := make([]int, len(all))
	for i := range all {
		open[i] = i
	}
	for len(open) > 0 {
		items := make([]types.TransactWriteItem, 0, len(open))
		for _, i := range open {
			it, err := eventItem(all[i])
			if err != nil {
				return nil, err
			}
			p := put(s.Tables.WebhookEvents, it, newEvent)
			p.Put.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
			items = append(items, p)
		}
		err := s.transact(ctx, items)
		var cancelled *types.TransactionCanceledException
		switch {
		case err == nil:
			for _, i := range open {
				states[i] = all[i].State
			}
			return states, nil
		case !errors.Is(err, ErrConflict) || !errors.As(err, &cancelled):
			return nil, fmt.Errorf("store: put webhook events: %w", err)
		}
		refused := map[int]bool{}
		for _, n := range refusedAt(err) {
			i := open[n]
			refused[i] = true
			var old webhook.Event
			if it := cancelled.CancellationReasons[n].Item; len(it) > 0 {
				err = decode(it, &old)
				states[i] = old.State
			} else { // not told: asked for by itself
				states[i], err = s.PutEvent(ctx, all[i])
			}
			if err != nil {
				return nil, err
			}
		}
		left := open[:0]
		for _, i := range open {
			if !refused[i] {
				left = append(left, i)
			}
		}
		open = left
	}
	return states, nil
}

// ForgetEvent implements webhook.ProcessStore.
func (s *Store) ForgetEvent(ctx context.Context, e webhook.Event) error {
	return s.update(ctx, &types.Update{
		TableName: &s.Tables.WebhookEvents, Key: eventKey(e.Platform, e.ID), ConditionExpression: aws.String("attribute_exists(event_id)"),
		UpdateExpression:          aws.String("SET forgotten = :yes REMOVE payload, #comment, post, subject"),
		ExpressionAttributeNames:  map[string]string{"#comment": "comment"},
		ExpressionAttributeValues: item{":yes": &types.AttributeValueMemberBOOL{Value: true}},
	}, "forget webhook event")
}

// ForgetEvents implements webhook.ProcessStore. The index holds no content, only which events there are.
func (s *Store) ForgetEvents(ctx context.Context, tenant, connection string) error {
	pages := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Tables.WebhookEvents, IndexName: aws.String("by_tenant"),
		KeyConditionExpression: aws.String("tenant_id = :t"), FilterExpression: aws.String("connection_id = :c"),
		ExpressionAttributeValues: item{":t": str(tenant), ":c": str(connection)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("store: events to forget: %w", err)
		}
		events, err := decodeAll[webhook.Event](page.Items)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := s.ForgetEvent(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}
