package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/publish"
)

func postKey(tenant, id string) item { return item{"tenant_id": str(tenant), "post_id": str(id)} }

func postIdempotencyKey(tenant, key string) string { return tenant + "#post#" + key }

// keyRecord says which post an Idempotency-Key made. It lives as long as the post.
type keyRecord struct {
	PK     string `dynamodbav:"pk"`
	Hash   string `dynamodbav:"hash"`
	PostID string `dynamodbav:"post_id"`
}

// CreatePost implements publish.PostStore.
func (s *Store) CreatePost(ctx context.Context, p publish.Post, key, hash string, audit publish.AuditRow) (bool, error) {
	record, err := encode(keyRecord{PK: postIdempotencyKey(p.TenantID, key), Hash: hash, PostID: p.ID}, nil)
	if err != nil {
		return false, err
	}
	post, err := encode(p, nil)
	if err != nil {
		return false, err
	}
	row, err := s.auditPut(audit)
	if err != nil {
		return false, err
	}
	items := []types.TransactWriteItem{
		put(s.Tables.Idempotency, record, "attribute_not_exists(pk)"),
		put(s.Tables.Posts, post, "attribute_not_exists(post_id)"),
		row,
	}
	for _, j := range p.Jobs {
		it, err := jobItem(j)
		if err != nil {
			return false, err
		}
		items = append(items, put(s.Tables.Jobs, it, "attribute_not_exists(job_id)"))
	}
	uses, err := s.useMedia(p)
	if err != nil {
		return false, err
	}
	from := len(items)
	err = s.transact(ctx, append(items, uses...))
	if slices.Contains(refusedAt(err), 0) {
		return false, nil
	}
	if mediaGone(err, from, len(uses)) {
		return false, publish.ErrMediaGone
	}
	return err == nil, err
}

// PostByKey implements publish.PostStore.
func (s *Store) PostByKey(ctx context.Context, tenant, key string) (postID, hash string, err error) {
	var r keyRecord
	err = s.get(ctx, s.Tables.Idempotency, item{"pk": str(postIdempotencyKey(tenant, key))}, &r)
	if errors.Is(err, ErrNotFound) {
		return "", "", nil
	}
	return r.PostID, r.Hash, err
}

// GetPost implements publish.PostStore.
func (s *Store) GetPost(ctx context.Context, tenant, id string) (publish.Post, error) {
	posts, err := s.postsByID(ctx, tenant, []string{id})
	if err != nil {
		return publish.Post{}, err
	}
	if len(posts) == 0 {
		return publish.Post{}, ErrNotFound
	}
	return posts[0], nil
}

// SetPostTime implements publish.PostStore.
func (s *Store) SetPostTime(ctx context.Context, tenant, id string, at int64) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Posts, Key: postKey(tenant, id), ConditionExpression: aws.String("attribute_exists(post_id)"),
		UpdateExpression: aws.String("SET #at = :at"), ExpressionAttributeNames: map[string]string{"#at": "at"},
		ExpressionAttributeValues: item{":at": num(at)},
	})
	if conditionFailed(err) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: post time: %w", err)
	}
	return nil
}

// postsByID reads posts and all their jobs, in the order of ids; absent ones are left out.
func (s *Store) postsByID(ctx context.Context, tenant string, ids []string) ([]publish.Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]item, 0, len(ids))
	for _, id := range ids {
		keys = append(keys, postKey(tenant, id))
	}
	rows, err := s.batchGet(ctx, s.Tables.Posts, keys)
	if err != nil {
		return nil, err
	}
	posts := map[string]*publish.Post{}
	var jobKeys []item
	for _, it := range rows {
		var p publish.Post
		if err := decode(it, &p); err != nil {
			return nil, err
		}
		posts[p.ID] = &p
		for _, c := range p.Targets {
			jobKeys = append(jobKeys, jobKey(tenant, publish.JobID(p.ID, c)))
		}
	}
	rows, err = s.batchGet(ctx, s.Tables.Jobs, jobKeys)
	if err != nil {
		return nil, err
	}
	for _, it := range rows {
		var j publish.Job
		if err := decode(it, &j); err != nil {
			return nil, err
		}
		if p := posts[j.PostID]; p != nil {
			p.Jobs = append(p.Jobs, j)
		}
	}
	out := make([]publish.Post, 0, len(ids))
	for _, id := range ids {
		p, ok := posts[id]
		if !ok {
			continue
		}
		slices.SortFunc(p.Jobs, func(a, b publish.Job) int {
			return slices.Index(p.Targets, a.ConnectionID) - slices.Index(p.Targets, b.ConnectionID)
		})
		out = append(out, *p)
	}
	return out, nil
}

// batchGet reads any number of items consistently, in no order.
func (s *Store) batchGet(ctx context.Context, table string, keys []item) ([]item, error) {
	var out []item
	for chunk := range slices.Chunk(keys, 100) {
		ask := map[string]types.KeysAndAttributes{table: {Keys: chunk, ConsistentRead: aws.Bool(true)}}
		for range 10 {
			r, err := s.DB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: ask})
			if err != nil {
				return nil, fmt.Errorf("store: batch get from %s: %w", table, err)
			}
			out = append(out, r.Responses[table]...)
			if ask = r.UnprocessedKeys; len(ask) == 0 {
				break
			}
		}
		if len(ask) > 0 {
			return nil, fmt.Errorf("store: batch get from %s: throttled", table)
		}
	}
	return out, nil
}
