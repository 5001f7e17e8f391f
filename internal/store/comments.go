package store

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/webhook"
)

func belowPost(tenant, connection, post string) string { return tenant + "#" + connection + "#" + post }

func commentKey(tenant, connection, comment string) item {
	return item{"tenant_id": str(tenant), "sk": str(connection + "#" + comment)}
}

// ApplyComment implements webhook.ProcessStore. Text and visibility each keep the moment of what they were last set by,
// and a removal is for good; so any order of the same changes ends in the same row.
func (s *Store) ApplyComment(ctx context.Context, e webhook.Event, now time.Time) (bool, error) {
	c := *e.Comment
	set := []string{"connection_id = :connection", "comment_id = :comment", "v = :v", "updated_at = :now"}
	values := item{":connection": str(e.ConnectionID), ":comment": str(c.ID), ":v": num(Version), ":now": num(now.UnixMilli())}
	u := &types.Update{TableName: &s.Tables.Comments, Key: commentKey(e.TenantID, e.ConnectionID, c.ID), ExpressionAttributeValues: values}
	switch c.Verb {
	case connector.CommentRemove:
		set = append(set, "removed_at = :at")
		values[":at"] = num(e.At)
		u.ConditionExpression = aws.String("attribute_not_exists(removed_at)")
		u.UpdateExpression = aws.String("SET " + strings.Join(set, ", ") + " REMOVE #text, from_id, from_name, inbox, post_key")
		u.ExpressionAttributeNames = map[string]string{"#text": "text"}
		return s.tryUpdate(ctx, u, "remove comment")
	case connector.CommentHide, connector.CommentUnhide:
		set = append(set, "#hidden = :hidden", "hidden_at = :at", "hidden_by = :event")
		values[":hidden"] = &types.AttributeValueMemberBOOL{Value: c.Verb == connector.CommentHide}
		values[":at"], values[":event"] = num(e.At), str(e.ID)
		u.ExpressionAttributeNames = map[string]string{"#hidden": "hidden"}
		u.ConditionExpression = aws.String("attribute_not_exists(hidden_at) OR hidden_at < :at OR (hidden_at = :at AND hidden_by < :event)")
	default:
		// Within one second an edit is later than the comment it changes.
		rank := "0" + e.ID
		if c.Verb == connector.CommentEdit {
			rank = "1" + e.ID
		}
		set = append(set, "#text = :text", "text_at = :at", "text_by = :event")
		values[":text"], values[":at"], values[":event"] = str(c.Text), num(e.At), str(rank)
		u.ExpressionAttributeNames = map[string]string{"#text": "text", "#order": "order_at"}
		set = append(set, ordered(e, values))
		for name, v := range circumstances(e) {
			values[":"+name] = v
			if name == "post_id" || name == "post_key" { // a refresh may have named the post as the receipt does
				set = append(set, name+" = if_not_exists("+name+", :"+name+")")
				continue
			}
			set = append(set, name+" = :"+name)
		}
		if e.Keep > 0 {
			set = append(set, "#ttl = :ttl")
			values[":ttl"] = num(e.Expires())
			u.ExpressionAttributeNames["#ttl"] = "ttl"
		}
		u.ConditionExpression = aws.String("attribute_not_exists(removed_at) AND " +
			"(attribute_not_exists(text_at) OR text_at < :at OR (text_at = :at AND text_by < :event))")
	}
	u.UpdateExpression = aws.String("SET " + strings.Join(set, ", "))
	if c.Own && c.ParentID != "" && c.Verb != connector.CommentHide && c.Verb != connector.CommentUnhide {
		if err := s.answered(ctx, e.TenantID, e.ConnectionID, c.ParentID, cmp.Or(c.CreatedAt, e.At, 1)); err != nil {
			return false, err
		}
	}
	applied, err := s.tryUpdate(ctx, u, "apply comment")
	if err != nil || applied || c.Verb == connector.CommentHide || c.Verb == connector.CommentUnhide {
		return applied, err
	}
	return false, s.fillIn(ctx, e)
}

// ordered sets the moment by which lists are ordered, once.
func ordered(e webhook.Event, values item) string {
	values[":order"] = num(cmp.Or(e.Comment.CreatedAt, e.At, 1))
	return "#order = if_not_exists(#order, :order)"
}

// circumstances are who wrote a comment, where and when, as far as a change tells it. They do not change, but a platform
// leaves some out of an edit.
//
// inbox and post_key put it into the lists: what others wrote, and what stands below one post, the account's own too.
func circumstances(e webhook.Event) item {
	c := *e.Comment
	out := item{"inbox": str(e.TenantID)}
	if c.Own {
		out = item{"own": &types.AttributeValueMemberBOOL{Value: true}}
	}
	if c.PostID != "" {
		out["post_key"] = str(belowPost(e.TenantID, e.ConnectionID, c.PostID))
	}
	for name, v := range map[string]string{"post_id": c.PostID, "parent_id": c.ParentID, "from_id": c.FromID, "from_name": c.FromName} {
		if v != "" {
			out[name] = str(v)
		}
	}
	if c.CreatedAt != 0 {
		out["created_at"] = num(c.CreatedAt)
	}
	return out
}

// fillIn takes from an older change what the newer one left out.
func (s *Store) fillIn(ctx context.Context, e webhook.Event) error {
	var set []string
	values := item{}
	for name, v := range circumstances(e) {
		set = append(set, name+" = if_not_exists("+name+", :"+name+")")
		values[":"+name] = v
	}
	return s.update(ctx, &types.Update{
		TableName: &s.Tables.Comments, Key: commentKey(e.TenantID, e.ConnectionID, e.Comment.ID),
		ConditionExpression: aws.String("attribute_exists(text_at) AND attribute_not_exists(removed_at)"),
		UpdateExpression:    aws.String("SET " + strings.Join(set, ", ")), ExpressionAttributeValues: values,
	}, "fill in comment")
}

// DeleteComment implements webhook.ProcessStore.
func (s *Store) DeleteComment(ctx context.Context, tenant, connection, comment string) error {
	return s.remove(ctx, s.Tables.Comments, commentKey(tenant, connection, comment))
}

// DeleteComments implements webhook.ProcessStore.
func (s *Store) DeleteComments(ctx context.Context, tenant, connection string) error {
	return s.each(ctx, s.commentsQuery(tenant, connection), func(row item) error {
		return s.remove(ctx, s.Tables.Comments, item{"tenant_id": row["tenant_id"], "sk": row["sk"]})
	})
}

func (s *Store) commentsQuery(tenant, connection string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: &s.Tables.Comments, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("tenant_id = :t AND begins_with(sk, :c)"),
		ExpressionAttributeValues: item{":t": str(tenant), ":c": str(connection + "#")},
	}
}
