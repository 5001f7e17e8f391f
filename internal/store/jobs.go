package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

var (
	_ publish.JobStore   = (*Store)(nil)
	_ publish.PostStore  = (*Store)(nil)
	_ publish.SweepStore = (*Store)(nil)
)

func jobKey(tenant, job string) item { return item{"tenant_id": str(tenant), "job_id": str(job)} }

func statusKey(tenant string, s publish.Status) string { return tenant + "#" + string(s) }

// jobItem adds the index keys, all derived from the job itself.
func jobItem(j publish.Job) (item, error) {
	extra := item{"status_key": str(statusKey(j.TenantID, j.Status))}
	if at := j.AttendAt(); at != 0 {
		extra["shard"], extra["attend_at"] = str(publish.ShardOf(j.ID)), num(at)
	}
	return encode(j, extra)
}

// ClaimJob implements publish.JobStore. It is one conditional write, so of any number of workers one wins.
func (s *Store) ClaimJob(ctx context.Context, tenant, job, lease string, now, until time.Time) (publish.Job, error) {
	entry, err := attributevalue.Marshal([]publish.Attempt{{At: now.UnixMilli()}})
	if err != nil {
		return publish.Job{}, fmt.Errorf("store: claim: %w", err)
	}
	r, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Jobs, Key: jobKey(tenant, job),
		ConditionExpression: aws.String("attribute_exists(job_id) AND " +
			"((#status IN (:scheduled, :queued, :waiting, :blocked) AND next_at <= :now) OR (#status = :running AND lease_until < :now))"),
		UpdateExpression: aws.String("SET #status = :running, status_key = :key, lease = :lease, lease_until = :until, attend_at = :until, " +
			"#shard = :shard, updated_at = :now, #open = list_append(#open, :entry) ADD attempts :one, rev :one"),
		ExpressionAttributeNames: map[string]string{"#status": "status", "#open": "open", "#shard": "shard"},
		ExpressionAttributeValues: item{
			":scheduled": str(string(publish.Scheduled)), ":queued": str(string(publish.Queued)), ":waiting": str(string(publish.Waiting)),
			":blocked": str(string(publish.Blocked)), ":running": str(string(publish.Running)),
			":key": str(statusKey(tenant, publish.Running)), ":lease": str(lease), ":now": num(now.UnixMilli()), ":until": num(until.UnixMilli()),
			":shard": str(publish.ShardOf(job)), ":entry": entry, ":one": num(1),
		},
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var no *types.ConditionalCheckFailedException
	if errors.As(err, &no) {
		var old publish.Job
		if err := decode(no.Item, &old); err != nil {
			return publish.Job{}, err
		}
		if old.Lease != lease || old.Status != publish.Running {
			return publish.Job{}, &publish.Refusal{Status: old.Status, NextAt: old.NextAt}
		}
		return numbered(old), nil // granted already: the answer was lost and the SDK asked again
	}
	if err != nil {
		return publish.Job{}, fmt.Errorf("store: claim: %w", err)
	}
	var j publish.Job
	if err := decode(r.Attributes, &j); err != nil {
		return publish.Job{}, err
	}
	return numbered(j), nil
}

// numbered gives the open attempts their numbers: each claim since the last outcome counted one.
func numbered(j publish.Job) publish.Job {
	for i := range j.Open {
		j.Open[i].N = j.Attempts - (len(j.Open) - 1 - i)
	}
	return j
}

// SaveSteps implements publish.JobStore.
func (s *Store) SaveSteps(ctx context.Context, j publish.Job, steps map[string]publish.StepLog, inDoubt string) error {
	m, err := attributevalue.Marshal(steps)
	if err != nil {
		return fmt.Errorf("store: steps: %w", err)
	}
	write := &types.Update{
		TableName: &s.Tables.Jobs, Key: jobKey(j.TenantID, j.ID),
		ConditionExpression:       aws.String("lease = :lease AND #status = :running"),
		UpdateExpression:          aws.String("SET steps = :steps, in_doubt = :doubt ADD rev :one"),
		ExpressionAttributeNames:  map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{":lease": str(j.Lease), ":running": str(string(publish.Running)), ":steps": m, ":doubt": str(inDoubt), ":one": num(1)},
	}
	j.Steps, j.Receipt = steps, nil
	claims := s.claims(j)
	if len(claims) == 0 { // a transaction costs twice as much
		done, err := s.tryUpdate(ctx, write, "steps")
		if err == nil && !done {
			return publish.ErrLost
		}
		return err
	}
	return s.claiming(ctx, append([]types.TransactWriteItem{{Update: write}}, claims...))
}

// FinishAttempt implements publish.JobStore: job, audit trail, metrics and connection in one transaction.
func (s *Store) FinishAttempt(ctx context.Context, o publish.Outcome, now time.Time) error {
	lease := o.Job.Lease
	j := o.Job
	j.Lease = ""
	j.Rev++
	it, err := jobItem(j)
	if err != nil {
		return err
	}
	write := put(s.Tables.Jobs, it, "lease = :lease AND #status = :running")
	write.Put.ExpressionAttributeNames = map[string]string{"#status": "status"}
	write.Put.ExpressionAttributeValues = item{":lease": str(lease), ":running": str(string(publish.Running))}
	items := []types.TransactWriteItem{write}
	items = append(items, s.claims(j)...)
	for _, row := range o.Audit {
		w, err := s.auditPut(row)
		if err != nil {
			return err
		}
		items = append(items, w)
	}
	if w, ok := s.metricsAdd(j, o.Count, now); ok {
		items = append(items, w)
	}
	if err := s.claiming(ctx, items); err != nil {
		return err
	}
	if o.Block != nil {
		return s.blockConnection(ctx, j.TenantID, *o.Block, now)
	}
	return nil
}

// blockConnection marks a connection as needing a person, unless its token was replaced since. It stands outside the
// transaction because losing that race must not undo the job's own outcome; a crash before it is repaired by the next
// job of the connection.
func (s *Store) blockConnection(ctx context.Context, tenant string, b publish.Block, now time.Time) error {
	action, err := attributevalue.Marshal(b.Action)
	if err != nil {
		return fmt.Errorf("store: block: %w", err)
	}
	_, err = s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Connections, Key: item{"tenant_id": str(tenant), "connection_id": str(b.ConnectionID)},
		ConditionExpression:       aws.String("token_version = :v AND #status IN (:healthy, :expiring)"),
		UpdateExpression:          aws.String("SET #status = :blocked, reason = :reason, #action = :action, updated_at = :now REMOVE refresh_at"),
		ExpressionAttributeNames:  map[string]string{"#status": "status", "#action": "action"},
		ExpressionAttributeValues: item{":v": str(b.TokenVersion), ":healthy": str("healthy"), ":expiring": str("expiring"), ":blocked": str("blocked"), ":reason": str(b.Reason), ":action": action, ":now": num(now.UnixMilli())},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("store: block: %w", err)
	}
	return nil
}

// claiming writes a worker's job, the first item, and what it claims.
func (s *Store) claiming(ctx context.Context, items []types.TransactWriteItem) error {
	err := s.transact(ctx, items)
	switch {
	case !errors.Is(err, ErrConflict):
		return err
	case slices.Contains(refusedAt(err), 0):
		return publish.ErrLost
	default:
		return publish.ErrClaimed
	}
}

// GetJob implements publish.PostStore.
func (s *Store) GetJob(ctx context.Context, tenant, id string) (publish.Job, error) {
	var j publish.Job
	err := s.get(ctx, s.Tables.Jobs, jobKey(tenant, id), &j)
	if errors.Is(err, ErrNotFound) {
		err = errors.Join(err, publish.ErrNoJob)
	}
	return j, err
}

// ChangeJob implements publish.PostStore.
func (s *Store) ChangeJob(ctx context.Context, tenant, id string, change func(*publish.Job) (publish.AuditRow, error)) (publish.Job, error) {
	for range 5 {
		j, err := s.GetJob(ctx, tenant, id)
		if err != nil {
			return publish.Job{}, err
		}
		old, needed := j.Rev, j.NeedsMedia()
		row, err := change(&j)
		if publish.NoChange(err) {
			return j, nil
		}
		if err != nil {
			return publish.Job{}, err
		}
		j.Rev++
		j.UpdatedAt = row.At
		it, err := jobItem(j)
		if err != nil {
			return publish.Job{}, err
		}
		write := put(s.Tables.Jobs, it, "rev = :rev")
		write.Put.ExpressionAttributeValues = item{":rev": num(old)}
		audit, err := s.auditPut(row)
		if err != nil {
			return publish.Job{}, err
		}
		items := append([]types.TransactWriteItem{write, audit}, s.claims(j)...)
		from := len(items)
		if !needed && j.NeedsMedia() { // a job that comes back needs its files again
			items = append(items, s.readyMedia(tenant, j.Media)...)
		}
		err = s.transact(ctx, items)
		if mediaGone(err, from, len(items)-from) {
			return publish.Job{}, problem.New(problem.Conflict, "A file of this post was deleted from the library, so it cannot be tried again. Make a new post with another file.")
		}
		if errors.Is(err, ErrConflict) && !slices.Contains(refusedAt(err), 0) {
			return publish.Job{}, problem.New(problem.Conflict, "Another post of this workspace already has that one as its own.")
		}
		if errors.Is(err, ErrConflict) {
			continue
		}
		return j, err
	}
	return publish.Job{}, fmt.Errorf("store: change job: %w", ErrConflict)
}

// JobsOfConnection implements publish.PostStore.
func (s *Store) JobsOfConnection(ctx context.Context, tenant, connection string, status publish.Status) ([]string, error) {
	var ids []string
	p := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Tables.Jobs, IndexName: aws.String("by_connection"),
		KeyConditionExpression: aws.String("connection_id = :c AND #status = :s"), FilterExpression: aws.String("tenant_id = :t"),
		ExpressionAttributeNames:  map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{":c": str(connection), ":s": str(string(status)), ":t": str(tenant)},
	})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: jobs of connection: %w", err)
		}
		for _, it := range page.Items {
			var j publish.Job
			if err := decode(it, &j); err != nil {
				return nil, err
			}
			ids = append(ids, j.ID)
		}
	}
	return ids, nil
}
