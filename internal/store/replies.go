package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
)

// replyKey lies below the connection's comments, so that a deletion finds it; it has no text_at and is in no list.
func replyKey(r comment.Reply) item { return commentKey(r.TenantID, r.ConnectionID, "reply#"+r.ID) }

// ClaimReply implements comment.WriteStore. It is one conditional write, so of any number of workers one wins.
func (s *Store) ClaimReply(ctx context.Context, r comment.Reply, now int64) (comment.Reply, bool, error) {
	empty, err := attributevalue.Marshal(map[string]publish.StepLog{})
	if err != nil {
		return r, false, fmt.Errorf("store: claim reply: %w", err)
	}
	out, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Comments, Key: replyKey(r), ReturnValues: types.ReturnValueAllNew,
		ConditionExpression: aws.String("attribute_not_exists(sk) OR (attribute_not_exists(made) AND (attribute_not_exists(lease) OR lease_until < :now))"),
		UpdateExpression: aws.String("SET connection_id = :connection, reply_id = :reply, #to = if_not_exists(#to, :to), reply_text = if_not_exists(reply_text, :text), " +
			"lease = :lease, lease_until = :until, steps = if_not_exists(steps, :steps), v = :v"),
		ExpressionAttributeNames: map[string]string{"#to": "to"},
		ExpressionAttributeValues: item{
			":connection": str(r.ConnectionID), ":reply": str(r.ID), ":to": str(r.To), ":text": str(r.Text), ":lease": str(r.Lease),
			":until": num(r.LeaseUntil), ":now": num(now), ":steps": empty, ":v": num(Version),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var held comment.Reply
	var no *types.ConditionalCheckFailedException
	if errors.As(err, &no) {
		if err := decode(no.Item, &held); err != nil {
			return r, false, err
		}
		return held, held.Made == "" && held.Lease == r.Lease, nil // the same lease: the SDK asked again
	}
	if err != nil {
		return r, false, fmt.Errorf("store: claim reply: %w", err)
	}
	return held, true, decode(out.Attributes, &held)
}

// SaveReply implements comment.WriteStore.
func (s *Store) SaveReply(ctx context.Context, r comment.Reply, keep bool) error {
	steps, err := attributevalue.Marshal(r.Steps)
	if err != nil {
		return fmt.Errorf("store: save reply: %w", err)
	}
	set := "SET steps = :steps, in_doubt = :doubt"
	if !keep {
		set += " REMOVE lease, lease_until"
	}
	done, err := s.tryUpdate(ctx, &types.Update{
		TableName: &s.Tables.Comments, Key: replyKey(r), UpdateExpression: &set, ConditionExpression: aws.String("lease = :lease"),
		ExpressionAttributeValues: item{":lease": str(r.Lease), ":steps": steps, ":doubt": str(r.InDoubt)},
	}, "save reply")
	if err == nil && !done {
		return publish.ErrLost
	}
	return err
}

// FinishReply implements comment.WriteStore.
func (s *Store) FinishReply(ctx context.Context, r comment.Reply, made connector.Comment, line publish.AuditRow) error {
	trail, err := s.auditPut(line)
	if err != nil {
		return err
	}
	steps, err := attributevalue.Marshal(r.Steps)
	if err != nil {
		return fmt.Errorf("store: finish reply: %w", err)
	}
	at := num(max(Millis(made.CreatedAt), 1))
	values := item{
		":connection": str(r.ConnectionID), ":comment": str(made.ID), ":v": num(Version), ":at": at, ":text": str(made.Text), ":none": str(""),
		":post": str(made.PostID), ":key": str(belowPost(r.TenantID, r.ConnectionID, made.PostID)), ":parent": str(made.ParentID),
		":from": str(made.FromID), ":name": str(made.FromName), ":yes": &types.AttributeValueMemberBOOL{Value: true}, ":reply": str(r.ID),
	}
	err = s.transact(ctx, []types.TransactWriteItem{
		{Update: &types.Update{
			TableName: &s.Tables.Comments, Key: replyKey(r), ConditionExpression: aws.String("lease = :lease"),
			UpdateExpression:          aws.String("SET made = :made, steps = :steps, in_doubt = :none REMOVE lease, lease_until"),
			ExpressionAttributeValues: item{":lease": str(r.Lease), ":made": str(made.ID), ":steps": steps, ":none": str("")},
		}},
		{Update: &types.Update{
			TableName: &s.Tables.Comments, Key: commentKey(r.TenantID, r.ConnectionID, made.ID),
			UpdateExpression: aws.String("SET connection_id = :connection, comment_id = :comment, v = :v, #text = :text, text_at = :at, text_by = :none, " +
				"post_id = :post, post_key = :key, parent_id = :parent, from_id = :from, from_name = :name, own = :yes, reply_id = :reply, " +
				"created_at = :at, order_at = if_not_exists(order_at, :at) REMOVE inbox"),
			ExpressionAttributeNames: map[string]string{"#text": "text"}, ExpressionAttributeValues: values,
		}},
		trail,
	})
	if errors.Is(err, ErrConflict) {
		return publish.ErrLost
	}
	if err != nil {
		return err
	}
	// The comment may be gone; then there is nothing to note. After a crash here a refresh notes it.
	return errors.Join(s.answered(ctx, r.TenantID, r.ConnectionID, r.To, line.At), s.answered(ctx, r.TenantID, r.ConnectionID, made.ParentID, line.At))
}
