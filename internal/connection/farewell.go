package connection

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// Farewell is what is left to do for a connection that a person disconnected: give the access back at the platform where
// nothing else stands on it, and delete the credential. Until is when the credential goes in any case.
type Farewell struct {
	Until int64 `dynamodbav:"until"` // epoch ms
	Tries int   `dynamodbav:"tries"`
}

// Person is whose consent connections stand on. A platform knows one grant of a person to an app, whatever the number of
// accounts and workspaces that live on it.
type Person struct{ Platform, Login, Subject string }

// Person gives whose consent the connection stands on; ok is false when nobody knows.
func (c Connection) Person() (p Person, ok bool) {
	return Person{Platform: c.Platform, Login: c.Login, Subject: c.Subject}, c.Subject != ""
}

// standsOn tells whether the connection uses the person's grant. A login that is not named may be any.
func (c Connection) standsOn(p Person) bool {
	return c.Status != Disconnected && c.Platform == p.Platform && c.Subject == p.Subject && (c.Login == p.Login || c.Login == "" || p.Login == "")
}

// FarewellEnd is how a farewell ended.
type FarewellEnd struct {
	Event   Event
	Claimed bool      // the person's grant was claimed for it
	Now     time.Time // consents from before are worth nothing when it was claimed
}

// FarewellStore is what ending a connection needs of the store.
type FarewellStore interface {
	// Grantees names every connection that may stand on the person's grant, in all workspaces, and misses none that was
	// linked before the call. mark changes with each link to the person.
	Grantees(ctx context.Context, p Person) (all []Key, mark int64, err error)
	// ForgetAccount deletes what is kept of what the platform said about the account, and ends for good what is lent to it.
	ForgetAccount(ctx context.Context, tenantID, connectionID string) error
	// Linked names every connection to an account of a platform, in all workspaces.
	Linked(ctx context.Context, platform, externalID string) ([]Key, error)
	// ClaimGrant keeps accounts from being linked on the person's grant until the given moment, for consents of any time.
	// ErrLost when one was linked since the mark was read, or another farewell has claimed the grant.
	ClaimGrant(ctx context.Context, p Person, mark int64, now, until time.Time) error
	// PutOffFarewell has it looked at again. ErrLost when the connection was linked meanwhile.
	PutOffFarewell(ctx context.Context, c Living, at time.Time, tries int) error
	// EndFarewell deletes the credential, takes the mark away and adds the event, all or nothing. A claim is given up: a
	// consent that is given from now on links again. ErrLost when the connection was linked meanwhile.
	EndFarewell(ctx context.Context, c Living, e FarewellEnd) error
}

const (
	// farewellAfter lets a publisher that has begun with the credential come to its end, and a person think again.
	farewellAfter = 3 * time.Minute
	// farewellLife bounds how long a disconnected account's credential is kept for giving the access back.
	farewellLife = day
	// grantClaim outlasts the function that holds it.
	grantClaim = 5 * time.Minute
)

// farewell gives the access back and deletes the credential. Every part may be repeated: the platform is asked again
// after a crash, and only while no account can be linked on the grant.
func (p *Pinger) farewell(ctx context.Context, c Living) error {
	if err := p.Store.ForgetAccount(ctx, c.TenantID, c.ID); err != nil {
		return err
	}
	now := p.Now()
	if now.UnixMilli() >= c.Farewell.Until {
		return p.forget(ctx, c, false, EventForgotten, "The platform could not be told within a day that "+c.Name+" was disconnected, so Herald's copy of the access was deleted without that."+p.byHand(c))
	}
	conn := p.Connectors[c.Platform]
	if conn == nil { // switched off
		return p.lost(p.Store.PutOffFarewell(ctx, c, now.Add(time.Hour), c.Farewell.Tries))
	}
	if err := p.unsubscribe(ctx, conn, c); err != nil {
		return err
	}
	revoker, able := conn.(connector.Revoker)
	login, _ := conn.Info().Login(c.Login)
	person, known := c.Person()
	if !able || !login.Revokes || !known {
		return p.forget(ctx, c, false, EventForgotten, "Herald's copy of the access to "+c.Name+" was deleted."+p.byHand(c))
	}
	last, mark, err := p.last(ctx, person)
	if err != nil {
		return err
	}
	if !last {
		return p.forget(ctx, c, false, EventForgotten, "Herald's copy of the access to "+c.Name+" was deleted. Other linked accounts live on the same login, so it was not ended at the platform.")
	}
	sealed, found, err := p.Store.Sealed(ctx, c.ref(c.TokenVersion))
	if err != nil {
		return err
	}
	s, err := session(ctx, p.Opener, c, sealed, found)
	if refused(err) {
		return p.forget(ctx, c, false, EventForgotten, "Herald could not read the access to "+c.Name+" any more and deleted it."+p.byHand(c))
	}
	if err != nil {
		return err
	}
	err = p.Store.ClaimGrant(ctx, person, mark, now, now.Add(grantClaim))
	if errors.Is(err, ErrLost) {
		return p.lost(p.Store.PutOffFarewell(ctx, c, now.Add(time.Minute), c.Farewell.Tries))
	}
	if err != nil {
		return err
	}
	calls, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	err = revoker.Revoke(calls, s)
	ctx = context.WithoutCancel(ctx)
	switch {
	case err == nil:
		return p.forget(ctx, c, true, EventRevoked, c.Name+" was the last account on its login, so Herald gave the access back at the platform and deleted its copy.")
	case refused(err):
		return p.forget(ctx, c, true, EventForgotten, "The platform did not take the access to "+c.Name+" back: "+problem.Of(err).Message+" Herald's copy was deleted."+p.byHand(c))
	}
	p.Log.WarnContext(ctx, "access not given back", slog.String("connection", c.ID), slog.String("error", err.Error()))
	again := min(time.Minute<<min(c.Farewell.Tries, 6), time.Hour) + grantClaim // its own claim has to end before
	return p.lost(p.Store.PutOffFarewell(ctx, c, now.Add(again), c.Farewell.Tries+1))
}

// unsubscribe ends the account's webhooks where no workspace uses it any more. It is tried once: what comes in for an
// account that nobody has linked is dropped, so a subscription that is left behind harms nobody. Somebody who links the
// account in this very moment has it subscribed again within a day.
func (p *Pinger) unsubscribe(ctx context.Context, conn connector.Connector, c Living) error {
	unsubscriber, able := conn.(connector.Unsubscriber)
	if !able || c.SubscribedAt == 0 || c.Farewell.Tries > 0 {
		return nil
	}
	sealed, found, err := p.Store.Sealed(ctx, c.ref(c.TokenVersion))
	if err != nil {
		return err
	}
	s, err := session(ctx, p.Opener, c, sealed, found)
	if refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	calls, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	if err := unsubscriber.Unsubscribe(calls, s, p.used(c.Platform)); err != nil {
		p.Log.InfoContext(ctx, "not unsubscribed", slog.String("connection", c.ID), slog.String("error", err.Error()))
	}
	return nil
}

// used tells whether a workspace uses an account of the platform.
func (p *Pinger) used(platform string) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, externalID string) (bool, error) {
		all, err := p.Store.Linked(ctx, platform, externalID)
		if err != nil {
			return false, err
		}
		for _, k := range all {
			other, found, err := p.Store.Living(ctx, k)
			if err != nil || found && other.Status != Disconnected {
				return true, err
			}
		}
		return false, nil
	}
}

// last tells whether no connection stands on the person's grant any more.
func (p *Pinger) last(ctx context.Context, person Person) (last bool, mark int64, err error) {
	all, mark, err := p.Store.Grantees(ctx, person)
	if err != nil {
		return false, 0, err
	}
	for _, k := range all {
		other, found, err := p.Store.Living(ctx, k)
		if err != nil {
			return false, 0, err
		}
		if found && other.standsOn(person) {
			return false, mark, nil
		}
	}
	return true, mark, nil
}

// byHand says where a person ends the access.
func (p *Pinger) byHand(c Living) string {
	if conn := p.Connectors[c.Platform]; conn != nil {
		if login, _ := conn.Info().Login(c.Login); login.RemoveURL != "" {
			return " To end it at the platform as well, remove Herald at " + login.RemoveURL
		}
	}
	return ""
}

func (p *Pinger) forget(ctx context.Context, c Living, claimed bool, kind, message string) error {
	now := p.Now()
	return p.lost(p.Store.EndFarewell(ctx, c, FarewellEnd{Claimed: claimed, Now: now, Event: Event{
		TenantID: c.TenantID, ConnectionID: c.ID, ID: "aud_" + p.NewID(), Kind: kind, Message: message, At: now.UnixMilli(),
	}}))
}

// lost is no error: the account was linked again, and whoever did that looks after it.
func (p *Pinger) lost(err error) error {
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}
