package comment_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/comment"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/store"
)

func id() string { return strings.ToLower(ulid.Make().String()) }

// settle is how long the platform needs before it can be asked for an answer.
const settle = 10 * time.Second

// thread is a platform that shows what stands below one post, oldest first.
type thread struct {
	mu      sync.Mutex
	items   []connector.Comment
	pages   int    // how many it shows at a time; 0 = all
	endless bool   // there is always one more page
	asked   int    // for a page
	calls   int    // whatever changes something, and reached it
	before  func() // runs when an answer comes in, before it is there
	after   func() // and after
	fails   error  // what is said to an answer that was not taken
	loses   error  // and to one that was
	blind   bool   // nobody can tell what is there
}

func (p *thread) Comments(_ context.Context, _ connector.Session, _ connector.Receipt, cursor string) (connector.CommentPage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.fails != nil {
		return connector.CommentPage{}, p.fails
	}
	from, _ := strconv.Atoi(cursor)
	to := len(p.items)
	if p.pages > 0 {
		to = min(from+p.pages, to)
	}
	page := connector.CommentPage{Items: p.items[min(from, to):to]}
	if to < len(p.items) || p.endless {
		page.Next = strconv.Itoa(to)
	}
	return page, nil
}

func (p *thread) Reply(ctx context.Context, _ connector.Session, d connector.ReplyDraft, steps connector.Steps) (connector.Comment, error) {
	v, err := steps.Do(ctx, connector.Step{
		Name: "reply", Settle: settle,
		Run: func(context.Context) (connector.Values, error) { return p.write(d) },
		Find: func(ctx context.Context, _ time.Time) (connector.Values, connector.Found, error) {
			return p.find(ctx, d)
		},
	})
	if err != nil {
		return connector.Comment{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.items {
		if c.ID == v["id"] {
			return c, nil
		}
	}
	return connector.Comment{}, problem.New(problem.NotFound, "It is gone.")
}

func (p *thread) write(d connector.ReplyDraft) (connector.Values, error) {
	if p.before != nil {
		p.before()
	}
	p.mu.Lock()
	p.calls++
	if p.fails != nil {
		defer p.mu.Unlock()
		return nil, p.fails
	}
	c := connector.Comment{ID: "own_" + id(), PostID: d.To.PostID, ParentID: d.To.ID, FromID: "1", Own: true, Text: d.Text, CreatedAt: time.Now()}
	p.items = append(p.items, c)
	p.mu.Unlock()
	if p.after != nil {
		p.after()
	}
	return connector.Values{"id": c.ID}, p.loses
}

func (p *thread) find(ctx context.Context, d connector.ReplyDraft) (connector.Values, connector.Found, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.blind {
		return nil, connector.Unknown, nil
	}
	for _, c := range p.items {
		if !c.Own || c.ParentID != d.To.ID || c.Text != d.Text {
			continue
		}
		if others, err := d.Claimed(ctx, c.ID); err != nil || !others {
			return connector.Values{"id": c.ID}, connector.Present, err
		}
	}
	return nil, connector.Absent, nil
}

func (p *thread) DeleteComment(_ context.Context, _ connector.Session, c connector.Comment) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	for i, one := range p.items {
		if one.ID == c.ID {
			p.items = append(p.items[:i:i], p.items[i+1:]...)
			break
		}
	}
	return p.fails
}

func (p *thread) Hide(_ context.Context, _ connector.Session, c connector.Comment, hidden bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	for i := range p.items {
		if p.items[i].ID == c.ID {
			p.items[i].Hidden = hidden
		}
	}
	return p.fails
}

// own are the answers that the platform shows.
func (p *thread) own() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, c := range p.items {
		if c.Own {
			out = append(out, c.ID)
		}
	}
	return out
}

// world is one account on the real store, with a fan's comment below its post and a clock that the test moves.
type world struct {
	t        *testing.T
	store    *store.Store
	platform *thread
	desk     *comment.Desk
	tenant   string
	conn     string
	now      time.Time
}

const post = "post_1"

func newWorld(t *testing.T) *world {
	t.Helper()
	stack := teststack.Open(t)
	w := &world{t: t, tenant: "ten_" + id(), conn: "con_" + id(), now: time.Now().Truncate(time.Millisecond), platform: &thread{}}
	w.store = &store.Store{DB: dynamodb.NewFromConfig(stack.AWS()), Tables: store.Tables{
		Comments: stack.Output(t, "CommentsTable"), Audit: stack.Output(t, "AuditTable"),
	}}
	w.desk = &comment.Desk{Store: w.store, Now: func() time.Time { return w.now }, NewID: id}
	w.platform.items = []connector.Comment{{ID: "fan_1", PostID: post, FromID: "7", FromName: "Kim", Text: "Lovely", CreatedAt: w.now.Add(-time.Hour)}}
	w.refresh()
	return w
}

func (w *world) on() comment.On {
	return comment.On{Tenant: w.tenant, Connection: w.conn, Platform: w.platform}
}

func (w *world) refresh() int {
	w.t.Helper()
	n, err := w.desk.Refresh(w.t.Context(), w.on(), connector.Receipt{ExternalID: post})
	require.NoError(w.t, err)
	return n
}

func (w *world) reply(key string) (comment.Comment, error) {
	return w.desk.Reply(w.t.Context(), w.on(), "mem_1", key, "fan_1", "Thank you")
}

// later is a reply that does not know yet; the clock moves on to when it says.
func (w *world) later(key string) {
	w.t.Helper()
	_, err := w.reply(key)
	require.Equal(w.t, problem.Transient, problem.ClassOf(err), "%v", err)
	require.Positive(w.t, problem.Of(err).RetryAfter, "it says when to come back")
	w.now = w.now.Add(problem.Of(err).RetryAfter)
}

// below lists what Herald knows below the post.
func (w *world) below() []comment.Comment {
	w.t.Helper()
	list, next, err := w.store.Comments(w.t.Context(), w.tenant, comment.Filter{ConnectionID: w.conn, PostID: post}, "", 100)
	require.NoError(w.t, err)
	require.Empty(w.t, next)
	return list
}

func (w *world) inbox(s comment.State) []string {
	w.t.Helper()
	list, _, err := w.store.Comments(w.t.Context(), w.tenant, comment.Filter{State: s}, "", 100)
	require.NoError(w.t, err)
	out := []string{}
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

// trail are the kinds of lines on the account's trail, newest first.
func (w *world) trail() []string {
	w.t.Helper()
	rows, err := w.store.AuditTrail(w.t.Context(), w.tenant, w.conn, "", 50)
	require.NoError(w.t, err)
	out := []string{}
	for _, r := range rows {
		require.Equal(w.t, "mem_1", r.By)
		out = append(out, r.Kind)
	}
	return out
}

func lost() error {
	return problem.New(problem.Transient, "The connection broke before the answer was complete.")
}

// moderator is the platform without what it need not have.
type moderator struct{ connector.Moderator }

var (
	_ connector.Moderator = (*thread)(nil)
	_ connector.Hider     = (*thread)(nil)
)
