package tiktok

import (
	"context"
	"slices"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// How often an account is posted to. TikTok takes six first calls of each sort in a minute, and about 15 posts of a person
// in 24 hours from all apps together; it refuses what is more, and nobody can ask what is left. Both numbers here leave room
// for other apps. Drafts are only spaced: how many may wait depends on how many the person has finished, which TikTok alone
// knows. https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
const (
	turnEvery         = 10 * time.Second
	DefaultDailyPosts = 12
)

// turn counts a first call, which begins a post, or is the reason to wait with it. Nothing was sent then.
func (p *post) turn(ctx context.Context) error {
	if p.d.Budgets == nil {
		return nil
	}
	b := connector.Budget{Name: "draft", Every: turnEvery}
	if !p.draft() {
		b = connector.Budget{Name: "post", Every: turnEvery, Most: p.c.cfg.DailyPosts, Window: 24 * time.Hour}
	}
	wait, err := p.d.Budgets.Spend(ctx, b)
	if err != nil {
		e := problem.New(problem.Transient, "Herald could not find out whether it is this post's turn.").Because(err)
		e.Platform, e.Code, e.NotSent = Platform, "not_counted", true
		return e
	}
	if wait <= 0 {
		return nil
	}
	e := problem.New(problem.RateLimited, "TikTok is given the account's posts one at a time, ten seconds apart.")
	if wait > turnEvery {
		e = problem.Newf(problem.RateLimited, "Herald has made %d posts to the account in 24 hours; TikTok does not take many more from apps.", b.Most)
	}
	e.Platform, e.Code, e.Rule, e.RetryAfter, e.Scope, e.NotSent = Platform, "our_pace", docOurs, wait, problem.ScopeKind, true
	return e
}

// rivals are other jobs of the account that may have made a post with photos which nobody knows yet: what is told or listed
// may be theirs.
func (p *post) rivals(ctx context.Context) ([]connector.Rival, error) {
	if p.d.Budgets == nil {
		return nil, nil
	}
	all, err := p.d.Budgets.Rivals(ctx)
	return slices.DeleteFunc(all, func(r connector.Rival) bool { return r.Kind != kindPhotos && r.Kind != kindPhotosDraft }), err
}
