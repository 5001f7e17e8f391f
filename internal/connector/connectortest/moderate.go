package connectortest

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

// Moderation is how the suite works on the comments of a fresh account of the fake.
type Moderation struct {
	// Post is a published post without comments.
	Post func(t T) connector.Receipt
	// Fan comments on a post, or answers a comment of it, as somebody who shares the name. It gives the comment's id.
	Fan func(t T, post, parent, name, text string) string
	// Seen is what a reader of the post sees, oldest first.
	Seen func(t T, post string) []SeenComment
}

// SeenComment is a comment as a reader of the platform sees it.
type SeenComment struct {
	ID, Parent, Text string
	Own, Hidden      bool
}

// checkModerate: comments are listed whole, hiding and deleting may be repeated, and an answer is written once whatever
// dies when.
func checkModerate(t T, h Harness) {
	kinds := map[string]func(T) World{"": h.World}
	for kind, o := range h.Others {
		kinds[kind] = o.World
	}
	for kind, world := range kinds {
		w := world(t)
		c := h.rig(t, w.URL)
		moderator, can := c.Connector.(connector.Moderator)
		a, _ := c.Info().AccountKind(w.Session.Account.Kind)
		require.Equal(t, can && a.CanComment, w.Moderation != nil, "the harness and the connector disagree on comments: %s", kind)
		if w.Moderation == nil {
			continue
		}
		h.listed(t, w, moderator)
		h.hidden(t, w, c)
		h.removed(t, w, moderator)
		h.answeredOnce(t, world)
	}
}

// listed: every comment of several pages, with the answers to them, each once.
func (h Harness) listed(t T, w World, moderator connector.Moderator) {
	t.Helper()
	post := w.Moderation.Post(t)
	all, err := everyComment(t, w, moderator, post)
	require.NoError(t, err)
	require.Empty(t, all)
	const many = 130
	parents := map[string]string{}
	for i := range many {
		id := w.Moderation.Fan(t, post.ExternalID, "", "kim", fmt.Sprintf("Comment %d", i))
		parents[id] = ""
		if i%40 == 0 {
			parents[w.Moderation.Fan(t, post.ExternalID, id, "sol", "Me too")] = id
		}
	}
	all, err = everyComment(t, w, moderator, post)
	require.NoError(t, err)
	require.Len(t, all, len(parents))
	for _, c := range all {
		parent, known := parents[c.ID]
		require.True(t, known, "%s comes twice, or is nobody's", c.ID)
		delete(parents, c.ID)
		require.Equal(t, parent, c.ParentID)
		require.Equal(t, post.ExternalID, c.PostID)
		require.NotEmpty(t, c.FromName)
		require.NotEmpty(t, c.Text)
		require.WithinDuration(t, time.Now(), c.CreatedAt, 400*24*time.Hour) // the fake's clock may be far ahead
		require.False(t, c.Own)
		require.False(t, c.Hidden)
	}
}

func everyComment(t T, w World, moderator connector.Moderator, post connector.Receipt) ([]connector.Comment, error) {
	t.Helper()
	var all []connector.Comment
	cursor := ""
	for range 20 {
		page, err := moderator.Comments(t.Context(), w.Session, post, cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
	require.FailNow(t, "the list does not end")
	return nil, nil
}

func (h Harness) hidden(t T, w World, c rig) {
	t.Helper()
	hider, can := c.Connector.(connector.Hider)
	if !can {
		return
	}
	moderator, _ := c.Connector.(connector.Moderator)
	post := w.Moderation.Post(t)
	w.Moderation.Fan(t, post.ExternalID, "", "kim", "Lovely")
	target := connector.Comment{ID: w.Moderation.Fan(t, post.ExternalID, "", "bot", "Cheap watches"), PostID: post.ExternalID}
	for _, hidden := range []bool{true, true, false, false} {
		require.NoError(t, hider.Hide(t.Context(), w.Session, target, hidden))
		seen := w.Moderation.Seen(t, post.ExternalID)
		require.Len(t, seen, 2)
		require.Equal(t, hidden, seen[1].Hidden)
		all, err := everyComment(t, w, moderator, post)
		require.NoError(t, err)
		for _, c := range all {
			require.Equal(t, hidden && c.ID == target.ID, c.Hidden)
		}
	}
	require.NoError(t, moderator.DeleteComment(t.Context(), w.Session, target))
	require.Equal(t, problem.NotFound, problem.ClassOf(hider.Hide(t.Context(), w.Session, target, true)))
}

func (h Harness) removed(t T, w World, moderator connector.Moderator) {
	t.Helper()
	post := w.Moderation.Post(t)
	w.Moderation.Fan(t, post.ExternalID, "", "kim", "Lovely")
	target := connector.Comment{ID: w.Moderation.Fan(t, post.ExternalID, "", "bot", "Cheap watches"), PostID: post.ExternalID}
	for range 2 {
		require.NoError(t, moderator.DeleteComment(t.Context(), w.Session, target))
		require.Len(t, w.Moderation.Seen(t, post.ExternalID), 1)
	}
}

// answeredOnce kills whoever writes an answer at every call, before and after it, and lets others finish.
func (h Harness) answeredOnce(t T, world func(T) World) {
	t.Helper()
	w := world(t)
	post := w.Moderation.Post(t)
	for at := range 4 {
		for _, how := range []death{diesBefore, diesAfter, cutBefore, cutAfter} {
			label := fmt.Sprintf("call %d, %s", at, how)
			fan := w.Moderation.Fan(t, post.ExternalID, "", "kim", label)
			a := &answer{h: h, world: w, ledger: NewLedger(), now: time.Now(), draft: connector.ReplyDraft{
				To: connector.Comment{ID: fan, PostID: post.ExternalID}, Text: "Thank you @kim",
			}}
			// A second death at the recovery's first call.
			got, err := a.finish(t, &killer{at: at, how: how}, &killer{at: 1, how: how})
			var ours []SeenComment
			for _, c := range w.Moderation.Seen(t, post.ExternalID) {
				if c.Parent == fan {
					ours = append(ours, c)
				}
			}
			if errors.Is(err, publish.ErrHeld) {
				require.True(t, h.MayHold, label)
				require.LessOrEqual(t, len(ours), 1, label)
				continue
			}
			require.NoError(t, err, label)
			require.Len(t, ours, 1, label)
			require.Equal(t, SeenComment{ID: got.ID, Parent: fan, Text: a.draft.Text, Own: true}, ours[0], label)
			require.Equal(t, fan, got.ParentID)
			require.True(t, got.Own)
			require.False(t, got.CreatedAt.IsZero())
		}
	}
}

// answer is one answer on its way; see run.
type answer struct {
	h      Harness
	world  World
	draft  connector.ReplyDraft
	ledger *Ledger
	now    time.Time
}

func (a *answer) finish(t T, kills ...*killer) (connector.Comment, error) {
	t.Helper()
	for range 30 {
		k := &killer{}
		if len(kills) > 0 {
			k, kills = kills[0], kills[1:]
		}
		got, err := a.attempt(t, k)
		var wait *connector.WaitError
		switch {
		case err == nil, errors.Is(err, publish.ErrHeld):
			return got, err
		case errors.As(err, &wait):
			a.pass(t, wait.For)
		default:
			if !errors.Is(err, errDied) {
				require.Contains(t, []problem.Class{problem.Transient, problem.PlatformDown}, problem.ClassOf(err), "%v", err)
			}
			a.pass(t, time.Second)
		}
	}
	require.FailNow(t, "the answer does not come to an end")
	return connector.Comment{}, nil
}

func (a *answer) pass(t T, d time.Duration) {
	t.Helper()
	a.now = a.now.Add(d)
	if a.world.Pass != nil {
		a.world.Pass(t, d)
	}
}

func (a *answer) attempt(t T, k *killer) (got connector.Comment, err error) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	k.base = transport
	clock := func() time.Time { return a.now }
	c := a.h.rig(t, a.world.URL, func(e *Env) { e.HTTP, e.Now = &http.Client{Transport: k}, clock })
	j := a.ledger.Journal(clock)
	defer func() {
		if p := recover(); p != nil {
			if _, ours := p.(killed); !ours {
				panic(p)
			}
			err = errDied
			return
		}
		a.ledger.Save(j.Steps(), j.InDoubt())
	}()
	moderator, _ := c.Connector.(connector.Moderator) // checkModerate has asked
	return moderator.Reply(t.Context(), a.world.Session, a.draft, j)
}
