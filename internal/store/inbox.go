package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
)

var (
	_ comment.WriteStore = (*Store)(nil)
	_ comment.MarkStore  = (*Store)(nil)
)

// mostRounds bounds how many pages of an index are read for one page of a filtered list.
const mostRounds = 10

// Comments implements comment.ListStore. A page may be short while there are more: what the filter leaves out is read
// and thrown away.
func (s *Store) Comments(ctx context.Context, tenant string, f comment.Filter, from string, limit int) ([]comment.Comment, string, error) {
	at, last, err := ParseCursor(from)
	if err != nil {
		return nil, "", err
	}
	in := &dynamodb.QueryInput{
		TableName: &s.Tables.Comments, IndexName: aws.String("by_inbox"), KeyConditionExpression: aws.String("inbox = :k"),
		ScanIndexForward: aws.Bool(false), ExpressionAttributeValues: item{":k": str(tenant)},
	}
	hash := "inbox"
	where := []string{"attribute_exists(text_at) AND attribute_not_exists(removed_at)", "(attribute_not_exists(#ttl) OR #ttl > :now)"}
	in.ExpressionAttributeNames = map[string]string{"#ttl": "ttl"}
	in.ExpressionAttributeValues[":now"] = num(time.Now().Unix())
	switch {
	case f.PostID != "":
		hash = "post_key"
		in.IndexName, in.KeyConditionExpression, in.ScanIndexForward = aws.String("by_post"), aws.String("post_key = :k"), aws.Bool(true)
		in.ExpressionAttributeValues[":k"] = str(belowPost(tenant, f.ConnectionID, f.PostID))
	case f.ConnectionID != "":
		where = append(where, "connection_id = :c")
		in.ExpressionAttributeValues[":c"] = str(f.ConnectionID)
	}
	switch f.State {
	case comment.Unanswered:
		where = append(where, "attribute_not_exists(answered_at)")
	case comment.Unread:
		where = append(where, "attribute_not_exists(answered_at) AND attribute_not_exists(read_at)")
	case comment.Hidden:
		where = append(where, "#hidden = :yes")
		in.ExpressionAttributeNames["#hidden"] = "hidden"
		in.ExpressionAttributeValues[":yes"] = &types.AttributeValueMemberBOOL{Value: true}
	}
	in.FilterExpression = aws.String(strings.Join(where, " AND "))
	if last != "" {
		in.ExclusiveStartKey = item{"tenant_id": str(tenant), "sk": str(last), hash: in.ExpressionAttributeValues[":k"], "order_at": num(at)}
	}
	comments := make([]comment.Comment, 0, limit)
	for range mostRounds {
		in.Limit = aws.Int32(int32(limit - len(comments))) //nolint:gosec // 1 to 100
		r, err := s.DB.Query(ctx, in)
		if err != nil {
			return nil, "", fmt.Errorf("store: comments: %w", err)
		}
		more, err := decodeAll[comment.Comment](r.Items)
		if err != nil {
			return nil, "", err
		}
		comments = append(comments, more...)
		if in.ExclusiveStartKey = r.LastEvaluatedKey; len(r.LastEvaluatedKey) == 0 || len(comments) >= limit {
			break
		}
	}
	return comments, nextOf(in.ExclusiveStartKey), nil
}

func nextOf(key item) string {
	sk, _ := key["sk"].(*types.AttributeValueMemberS)
	order, _ := key["order_at"].(*types.AttributeValueMemberN)
	if sk == nil || order == nil {
		return ""
	}
	at, err := strconv.ParseInt(order.Value, 10, 64)
	if err != nil {
		return ""
	}
	return cursor{at, sk.Value}.String()
}

// Comment implements comment.ListStore.
func (s *Store) Comment(ctx context.Context, tenant, connection, id string) (comment.Comment, bool, error) {
	var c struct {
		comment.Comment
		TTL int64 `dynamodbav:"ttl"`
	}
	err := s.get(ctx, s.Tables.Comments, commentKey(tenant, connection, id), &c)
	if errors.Is(err, ErrNotFound) {
		return comment.Comment{}, false, nil
	}
	ended := c.TTL != 0 && c.TTL <= time.Now().Unix() // the table takes its time
	return c.Comment, err == nil && c.ChangedAt != 0 && c.RemovedAt == 0 && !ended, err
}

// Merge implements comment.WriteStore: text and visibility each, unless they were set later than the platform was asked.
func (s *Store) Merge(ctx context.Context, tenant, connection string, c connector.Comment, at int64) error {
	values := item{
		":connection": str(connection), ":comment": str(c.ID), ":v": num(Version), ":at": num(at), ":text": str(c.Text), ":none": str(""),
		":post": str(belowPost(tenant, connection, c.PostID)), ":post_id": str(c.PostID), ":order": num(max(Millis(c.CreatedAt), 1)),
	}
	set := []string{
		"connection_id = :connection", "comment_id = :comment", "v = :v", "#text = :text", "text_at = :at", "text_by = :none",
		"post_id = :post_id", "post_key = :post", "order_at = if_not_exists(order_at, :order)", "created_at = if_not_exists(created_at, :order)",
	}
	for name, v := range map[string]string{"parent_id": c.ParentID, "from_id": c.FromID, "from_name": c.FromName} {
		if v != "" {
			set = append(set, name+" = :"+name)
			values[":"+name] = str(v)
		}
	}
	if c.Own {
		set = append(set, "own = :own")
		values[":own"] = &types.AttributeValueMemberBOOL{Value: true}
	} else {
		set = append(set, "inbox = :inbox")
		values[":inbox"] = str(tenant)
	}
	names := map[string]string{"#text": "text"}
	if c.Keep > 0 {
		set = append(set, "#ttl = :ttl")
		values[":ttl"], names["#ttl"] = num(FromMillis(at).Add(c.Keep).Unix()), "ttl"
	}
	key := commentKey(tenant, connection, c.ID)
	err := s.update(ctx, &types.Update{
		TableName: &s.Tables.Comments, Key: key, UpdateExpression: aws.String("SET " + strings.Join(set, ", ")),
		ConditionExpression:      aws.String("attribute_not_exists(removed_at) AND (attribute_not_exists(text_at) OR text_at <= :at)"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}, "merge comment")
	if err != nil {
		return err
	}
	if c.Own && c.ParentID != "" {
		if err := s.answered(ctx, tenant, connection, c.ParentID, max(Millis(c.CreatedAt), 1)); err != nil {
			return err
		}
	}
	return s.update(ctx, &types.Update{
		TableName: &s.Tables.Comments, Key: key, UpdateExpression: aws.String("SET #hidden = :hidden, hidden_at = :at, hidden_by = :none"),
		ConditionExpression:      aws.String("attribute_exists(text_at) AND attribute_not_exists(removed_at) AND (attribute_not_exists(hidden_at) OR hidden_at <= :at)"),
		ExpressionAttributeNames: map[string]string{"#hidden": "hidden"},
		ExpressionAttributeValues: item{
			":hidden": &types.AttributeValueMemberBOOL{Value: c.Hidden}, ":at": num(at), ":none": str(""),
		},
	}, "merge comment")
}

// answered notes that the account has answered a comment, for good. The answer may be known before the comment, so the note
// makes the row where there is none; without a text it is in no list.
func (s *Store) answered(ctx context.Context, tenant, connection, id string, at int64) error {
	return s.update(ctx, &types.Update{
		TableName: &s.Tables.Comments, Key: commentKey(tenant, connection, id), UpdateExpression: aws.String("SET answered_at = :at, connection_id = :connection, comment_id = :comment, v = :v"),
		ConditionExpression:       aws.String("attribute_not_exists(removed_at) AND attribute_not_exists(answered_at)"),
		ExpressionAttributeValues: item{":at": num(at), ":connection": str(connection), ":comment": str(id), ":v": num(Version)},
	}, "answered")
}

// MarkRead implements comment.MarkStore. Marked twice, the first moment stays.
func (s *Store) MarkRead(ctx context.Context, tenant, connection, id string, at int64) (bool, error) {
	u := &types.Update{
		TableName: &s.Tables.Comments, Key: commentKey(tenant, connection, id), UpdateExpression: aws.String("REMOVE read_at"),
		ConditionExpression: aws.String("attribute_exists(text_at) AND attribute_not_exists(removed_at)"),
	}
	if at != 0 {
		u.UpdateExpression = aws.String("SET read_at = if_not_exists(read_at, :at)")
		u.ExpressionAttributeValues = item{":at": num(at)}
	}
	return s.tryUpdate(ctx, u, "mark read")
}

// NoteComment implements comment.WriteStore.
func (s *Store) NoteComment(ctx context.Context, c comment.Comment, verb connector.CommentVerb, line publish.AuditRow) error {
	trail, err := s.auditPut(line)
	if err != nil {
		return err
	}
	// Notices have whole seconds: one that comes later within this second counts as newer.
	at := num(line.At / 1000 * 1000)
	u := &types.Update{
		TableName: &s.Tables.Comments, Key: commentKey(c.TenantID, c.ConnectionID, c.ID), ExpressionAttributeValues: item{":at": at},
		ConditionExpression: aws.String("attribute_exists(sk)"),
	}
	if verb == connector.CommentRemove {
		u.UpdateExpression = aws.String("SET removed_at = :at REMOVE #text, from_id, from_name, inbox, post_key")
		u.ExpressionAttributeNames = map[string]string{"#text": "text"}
	} else {
		u.UpdateExpression = aws.String("SET #hidden = :hidden, hidden_at = :at, hidden_by = :none")
		u.ExpressionAttributeNames = map[string]string{"#hidden": "hidden"}
		u.ExpressionAttributeValues[":hidden"] = &types.AttributeValueMemberBOOL{Value: verb == connector.CommentHide}
		u.ExpressionAttributeValues[":none"] = str("")
	}
	err = s.transact(ctx, []types.TransactWriteItem{{Update: u}, trail})
	if errors.Is(err, ErrConflict) { // forgotten meanwhile
		return nil
	}
	return err
}
