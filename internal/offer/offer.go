// Package offer owns what single accounts take at the moment, where a platform's accounts of one kind differ. It is asked
// for when somebody composes, kept, and what a post is checked against.
package offer

import (
	"context"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

const (
	// believed is how long posts are checked against an offer. After that what is known of the kind counts, and the
	// connector's own question right before publishing decides.
	believed = 24 * time.Hour
	// current is how long a stop keeps a post from going out at once: what stops an account passes by itself, and an API
	// client may never ask again.
	current = 15 * time.Minute
	// Life is how long an offer is kept that nobody asks for again.
	Life = 7 * 24 * time.Hour
)

// Kept is what the platform said the account takes, and when. The zero value is an account that was never asked for.
type Kept struct {
	connector.Offer
	At int64 // epoch ms; 0 = never
}

// Narrow gives the kind of account as this account is: with the posts of the offer while that is believed.
func (k Kept) Narrow(a connector.AccountKind, now time.Time) connector.AccountKind {
	if k.younger(believed, now) {
		a.Posts = k.Posts
	}
	return a
}

// Stop is the sentence that says why nothing can go out to the account now, while it can be believed.
func (k Kept) Stop(now time.Time) (sentence string, stopped bool) {
	if !k.younger(current, now) {
		return "", false
	}
	for _, n := range k.Notices {
		if n.Level == connector.NoticeStop {
			return n.Text, true
		}
	}
	return "", false
}

func (k Kept) younger(than time.Duration, now time.Time) bool {
	return k.At != 0 && now.Sub(time.UnixMilli(k.At)) < than
}

// Store keeps offers.
type Store interface {
	// Offers reads those of some accounts of a workspace; an account without one is left out.
	Offers(ctx context.Context, tenantID string, connections []string) (map[string]Kept, error)
}

// Desk has the act function ask the platform and keep what it says.
type Desk interface {
	RefreshOffer(ctx context.Context, tenantID, member, connection string) error
}

// Account is whose offer is asked for.
type Account struct {
	TenantID, ID, Platform, Kind string
}

// Reader shows offers.
type Reader struct {
	Store Store
	Desk  Desk
	Infos map[string]connector.Info // by platform
	// Offering are the platforms whose accounts differ in what they take.
	Offering map[string]bool
	Now      func() time.Time
}

// Of is what a post to the account is checked against. Where the platform was not asked within a day, or has nothing to
// say about single accounts, it is what its kind takes, with At 0.
func (r Reader) Of(ctx context.Context, a Account) (Kept, error) {
	kind, known := r.Infos[a.Platform].AccountKind(a.Kind)
	if !known {
		return Kept{}, problem.New(problem.PlatformDown, "This platform is switched off at the moment.")
	}
	of := Kept{Offer: connector.Offer{Posts: kind.Posts}}
	if !r.Offering[a.Platform] {
		return of, nil
	}
	kept, err := r.Store.Offers(ctx, a.TenantID, []string{a.ID})
	if err != nil {
		return Kept{}, err
	}
	if k := kept[a.ID]; k.younger(believed, r.Now()) {
		of = k
	}
	return of, nil
}

// Refresh asks the platform, where it has something to say, and gives what is known then.
func (r Reader) Refresh(ctx context.Context, a Account, member string) (Kept, error) {
	if r.Offering[a.Platform] {
		if err := r.Desk.RefreshOffer(ctx, a.TenantID, member, a.ID); err != nil {
			return Kept{}, err
		}
	}
	return r.Of(ctx, a)
}
