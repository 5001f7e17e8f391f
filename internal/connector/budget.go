package connector

import (
	"context"
	"time"
)

// Budget is how many calls of one sort an account shall make at most. What a platform counts for a person it counts whoever
// asks, so all of Herald's jobs for the account share it, in every workspace.
type Budget struct {
	Name   string        // stable; calls of one name are counted together
	Every  time.Duration // the least time between two calls, whatever their names
	Most   int           // in Window; 0 = as many as there are
	Window time.Duration
}

// Rival is another job of the account whose call against a budget may have an outcome that nobody knows: it is in doubt, or
// somebody works at it right now.
type Rival struct{ Kind, Text string }

// Budgets is what all jobs of an account know of each other's calls.
type Budgets interface {
	// Spend counts a call that is about to be made and gives 0, or counts nothing and tells how long to wait.
	Spend(ctx context.Context, b Budget) (wait time.Duration, err error)
	// Rivals are those that have spent anything within the last two days.
	Rivals(ctx context.Context) ([]Rival, error)
}
