package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/publish"
)

// usesKey is the partition of the rows that say which post uses which file. They lie in the media table beside the files,
// so that a list of files does not read them.
func usesKey(tenant string) string { return tenant + "#uses" }

func useID(mediaID, postID string) string { return mediaID + "#" + postID }

// listLook is how many rows of the library are read for one page at most; a search for what is rare gives short pages.
const listLook = 1000

// ListMedia implements media.Store.
func (s *Store) ListMedia(ctx context.Context, tenant string, q media.Query) ([]media.File, string, error) {
	at, id, err := ParseCursor(q.Cursor)
	if err != nil {
		return nil, "", err
	}
	in := &dynamodb.QueryInput{
		TableName: &s.Tables.Media, IndexName: aws.String("by_time"), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(100),
		KeyConditionExpression: aws.String("tenant_id = :t"), ExpressionAttributeValues: item{":t": str(tenant)},
	}
	if id != "" {
		in.ExclusiveStartKey = item{"tenant_id": str(tenant), "media_id": str(id), "ready_at": num(at)}
	}
	var out []media.File
	for looked := 0; looked < listLook; {
		r, err := s.DB.Query(ctx, in)
		if err != nil {
			return nil, "", fmt.Errorf("store: list media: %w", err)
		}
		looked += len(r.Items)
		for i, it := range r.Items {
			var f media.File
			if err := decode(it, &f); err != nil {
				return nil, "", err
			}
			at, id = f.ReadyAt, f.ID
			if matches(f, q) {
				out = append(out, f)
			}
			if last := i == len(r.Items)-1 && len(r.LastEvaluatedKey) == 0; len(out) == q.Limit && !last {
				return out, cursor{at, id}.String(), nil
			}
		}
		if in.ExclusiveStartKey = r.LastEvaluatedKey; len(r.LastEvaluatedKey) == 0 {
			return out, "", nil
		}
	}
	return out, cursor{at, id}.String(), nil
}

func matches(f media.File, q media.Query) bool {
	kind, _, _ := strings.Cut(f.Type, "/")
	if kind == "application" {
		kind = media.Documents
	}
	return (q.Kind == "" || kind == q.Kind) &&
		(q.Name == "" || strings.Contains(strings.ToLower(f.Name+"\n"+f.Alt), q.Name))
}

// DescribeMedia implements media.Store.
func (s *Store) DescribeMedia(ctx context.Context, tenant, id, alt string) (media.File, bool, error) {
	r, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Media, Key: mediaKey(tenant, id), ConditionExpression: aws.String("#state = :ready"),
		UpdateExpression: aws.String("SET alt = :alt"), ExpressionAttributeNames: map[string]string{"#state": "state"},
		ExpressionAttributeValues: item{":ready": str(media.Ready), ":alt": str(alt)}, ReturnValues: types.ReturnValueAllNew,
	})
	if conditionFailed(err) {
		return media.File{}, false, nil
	}
	if err != nil {
		return media.File{}, false, fmt.Errorf("store: describe media: %w", err)
	}
	var f media.File
	err = decode(r.Attributes, &f)
	return f, err == nil, err
}

// MediaUses implements media.Store. A post's id begins with its time, so the rows are sorted by it.
func (s *Store) MediaUses(ctx context.Context, tenant, id string, most int) ([]media.Use, error) {
	ids, err := s.usingPosts(ctx, tenant, id, most)
	if err != nil {
		return nil, err
	}
	posts, err := s.postsByID(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make([]media.Use, 0, len(posts))
	for _, p := range posts {
		out = append(out, media.Use{PostID: p.ID, Text: p.Text, State: p.State(), At: p.At, Needs: slices.ContainsFunc(p.Jobs, publish.Job.NeedsMedia)})
	}
	return out, nil
}

func (s *Store) usingPosts(ctx context.Context, tenant, id string, most int) ([]string, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.Tables.Media, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("tenant_id = :t AND begins_with(media_id, :m)"),
		ExpressionAttributeValues: item{":t": str(usesKey(tenant)), ":m": str(id + "#")},
	}
	if most > 0 {
		in.Limit = aws.Int32(int32(most)) //nolint:gosec // small
	}
	var ids []string
	p := dynamodb.NewQueryPaginator(s.DB, in)
	for p.HasMorePages() && (most <= 0 || len(ids) < most) {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: media uses: %w", err)
		}
		for _, it := range page.Items {
			var row struct {
				PostID string `dynamodbav:"post_id"`
			}
			if err := decode(it, &row); err != nil {
				return nil, err
			}
			ids = append(ids, row.PostID)
		}
	}
	return ids, nil
}

// useMedia is the part of a post's transaction that holds its files: each must be ready, and remembers the post. Whoever
// deletes a file marks it first and looks at these rows then, so one of the two always sees the other.
func (s *Store) useMedia(p publish.Post) ([]types.TransactWriteItem, error) {
	items := s.readyMedia(p.TenantID, p.Media)
	for _, id := range mediaIDs(p.Media) {
		row, err := encode(struct {
			PK     string `dynamodbav:"tenant_id"`
			SK     string `dynamodbav:"media_id"`
			PostID string `dynamodbav:"post_id"`
		}{usesKey(p.TenantID), useID(id, p.ID), p.ID}, nil)
		if err != nil {
			return nil, err
		}
		items = append(items, put(s.Tables.Media, row, ""))
	}
	return items, nil
}

// readyMedia asks in a transaction that each file can be used.
func (s *Store) readyMedia(tenant string, refs []publish.MediaRef) []types.TransactWriteItem {
	var items []types.TransactWriteItem
	for _, id := range mediaIDs(refs) {
		items = append(items, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.Tables.Media, Key: mediaKey(tenant, id), ConditionExpression: aws.String("#state = :ready"),
			ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: item{":ready": str(media.Ready)},
		}})
	}
	return items
}

func mediaIDs(refs []publish.MediaRef) []string {
	var ids []string
	for _, m := range refs {
		if !slices.Contains(ids, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// MarkMedia implements media.Store.
func (s *Store) MarkMedia(ctx context.Context, tenant, id, mark string) (bool, error) {
	return s.moveMedia(ctx, tenant, id, "SET #state = :deleting, mark = :mark", "#state IN (:ready, :deleting)",
		item{":deleting": str(media.Deleting), ":ready": str(media.Ready), ":mark": str(mark)})
}

// UnmarkMedia implements media.Store.
func (s *Store) UnmarkMedia(ctx context.Context, tenant, id, mark string) error {
	_, err := s.moveMedia(ctx, tenant, id, "SET #state = :ready REMOVE mark", "#state = :deleting AND mark = :mark",
		item{":deleting": str(media.Deleting), ":ready": str(media.Ready), ":mark": str(mark)})
	return err
}

// CondemnMedia implements media.Store. A repetition by the same mark, whose answer was lost, is a success.
func (s *Store) CondemnMedia(ctx context.Context, tenant, id, mark string) (bool, error) {
	return s.moveMedia(ctx, tenant, id, "SET #state = :deleted", "#state IN (:deleting, :deleted) AND mark = :mark",
		item{":deleting": str(media.Deleting), ":deleted": str(media.Deleted), ":mark": str(mark)})
}

func (s *Store) moveMedia(ctx context.Context, tenant, id, update, condition string, values item) (bool, error) {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Media, Key: mediaKey(tenant, id), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: values,
	})
	if conditionFailed(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: move media: %w", err)
	}
	return true, nil
}

// RemoveMedia implements media.Store: the rows of its uses first, so that a crash leaves what a repetition finds.
func (s *Store) RemoveMedia(ctx context.Context, tenant, id string) error {
	posts, err := s.usingPosts(ctx, tenant, id, 0)
	if err != nil {
		return err
	}
	for _, post := range posts {
		_, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: &s.Tables.Media, Key: item{"tenant_id": str(usesKey(tenant)), "media_id": str(useID(id, post))},
		})
		if err != nil {
			return fmt.Errorf("store: remove a use: %w", err)
		}
	}
	_, err = s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.Tables.Media, Key: mediaKey(tenant, id), ConditionExpression: aws.String("#state = :deleted"),
		ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: item{":deleted": str(media.Deleted)},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("store: remove media: %w", err)
	}
	return nil
}

// mediaGone tells whether a transaction was refused because of a file, given where its files begin.
func mediaGone(err error, from, n int) bool {
	return errors.Is(err, ErrConflict) && slices.ContainsFunc(refusedAt(err), func(at int) bool { return at >= from && at < from+n })
}
