package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// cursor is a place in a list sorted by (At, ID) descending. It holds no tenant: a list always starts from the
// caller's own.
type cursor struct {
	At int64  `json:"a"`
	ID string `json:"i"`
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor reads what String made; anything else is an invalid request that names the field.
func ParseCursor(s string) (at int64, id string, err error) {
	if s == "" {
		return 0, "", nil
	}
	bad := problem.New(problem.InvalidRequest, "This cursor is not one that Herald gave out.").On("cursor")
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(s) > 512 {
		return 0, "", bad
	}
	var c cursor
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil || c.At <= 0 || c.ID == "" {
		return 0, "", bad
	}
	return c.At, c.ID, nil
}

var statesOf = map[string][]publish.Status{ //nolint:gochecknoglobals // a constant table
	"needs_you": {publish.Held, publish.Blocked, publish.Failed},
	"scheduled": {publish.Scheduled},
	"active":    {publish.Queued, publish.Running, publish.Waiting},
	"published": {publish.Published},
	"failed":    {publish.Failed},
	"cancelled": {publish.Cancelled},
}

// ListPosts implements publish.PostStore.
func (s *Store) ListPosts(ctx context.Context, tenant string, f publish.Filter) ([]publish.Post, string, error) {
	at, id, err := ParseCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	var (
		ids  []string
		next cursor
	)
	if f.State == "" || f.State == "all" {
		ids, next, err = s.postIDsByTime(ctx, tenant, cursor{at, id}, f.Limit)
	} else {
		statuses, ok := statesOf[f.State]
		if !ok {
			return nil, "", problem.New(problem.InvalidRequest, "There is no such state to filter by.").On("state")
		}
		ids, next, err = s.postIDsByStatus(ctx, tenant, statuses, cursor{at, id}, f.Limit)
	}
	if err != nil {
		return nil, "", err
	}
	posts, err := s.postsByID(ctx, tenant, ids)
	if err != nil || next.ID == "" {
		return posts, "", err
	}
	return posts, next.String(), nil
}

func (s *Store) postIDsByTime(ctx context.Context, tenant string, from cursor, limit int) ([]string, cursor, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.Tables.Posts, IndexName: aws.String("by_time"), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(int32(limit)), //nolint:gosec // 1 to 100
		KeyConditionExpression:    aws.String("tenant_id = :t"),
		ExpressionAttributeValues: item{":t": str(tenant)},
	}
	if from.ID != "" {
		in.ExclusiveStartKey = item{"tenant_id": str(tenant), "post_id": str(from.ID), "at": num(from.At)}
	}
	r, err := s.DB.Query(ctx, in)
	if err != nil {
		return nil, cursor{}, fmt.Errorf("store: list posts: %w", err)
	}
	var ids []string
	var last cursor
	for _, it := range r.Items {
		var p publish.Post
		if err := decode(it, &p); err != nil {
			return nil, cursor{}, err
		}
		ids, last = append(ids, p.ID), cursor{p.At, p.ID}
	}
	if len(r.LastEvaluatedKey) == 0 {
		last = cursor{}
	}
	return ids, last, nil
}

// postIDsByStatus merges the job lists of several states, newest change first. A post whose jobs lie on two pages may
// appear on both; the page shows each id once.
func (s *Store) postIDsByStatus(ctx context.Context, tenant string, statuses []publish.Status, from cursor, limit int) ([]string, cursor, error) {
	var jobs []publish.Job
	for _, status := range statuses {
		some, err := s.jobsByStatus(ctx, tenant, status, from, limit)
		if err != nil {
			return nil, cursor{}, err
		}
		jobs = append(jobs, some...)
	}
	slices.SortFunc(jobs, func(a, b publish.Job) int {
		if a.UpdatedAt != b.UpdatedAt {
			return int(b.UpdatedAt - a.UpdatedAt)
		}
		return strings.Compare(b.ID, a.ID)
	})
	more := len(jobs) > limit
	if more {
		jobs = jobs[:limit]
	}
	var ids []string
	var last cursor
	for _, j := range jobs {
		if id, _, _ := strings.Cut(j.ID, "."); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		last = cursor{j.UpdatedAt, j.ID}
	}
	if !more {
		last = cursor{}
	}
	return ids, last, nil
}

// jobsByStatus reads the jobs of one state that come after from, newest change first: more than limit if there are more,
// and then all that changed in the same millisecond as the last of them, since the index does not sort those.
func (s *Store) jobsByStatus(ctx context.Context, tenant string, status publish.Status, from cursor, limit int) ([]publish.Job, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.Tables.Jobs, IndexName: aws.String("by_status"), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(int32(limit + 1)), //nolint:gosec // 1 to 100
		KeyConditionExpression:    aws.String("status_key = :k"),
		ExpressionAttributeValues: item{":k": str(statusKey(tenant, status))},
	}
	if from.ID != "" {
		in.KeyConditionExpression = aws.String("status_key = :k AND updated_at <= :u")
		in.ExpressionAttributeValues[":u"] = num(from.At)
	}
	var jobs []publish.Job
	for {
		r, err := s.DB.Query(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("store: list by status: %w", err)
		}
		for _, it := range r.Items {
			var j publish.Job
			if err := decode(it, &j); err != nil {
				return nil, err
			}
			if from.ID == "" || j.UpdatedAt < from.At || j.ID < from.ID {
				jobs = append(jobs, j)
			}
		}
		full := len(jobs) > limit && jobs[len(jobs)-1].UpdatedAt < jobs[limit-1].UpdatedAt
		if full || len(r.LastEvaluatedKey) == 0 {
			return jobs, nil
		}
		in.ExclusiveStartKey = r.LastEvaluatedKey
	}
}
