package connector

import "context"

// Subscriber has the platform send an account's webhooks. A platform that sends those of every account without being
// asked does not implement it.
type Subscriber interface {
	// Subscribe asks the platform to tell Herald by itself of what happens on the account, from now on. Herald repeats it
	// once a day, since a platform may end it silently; doing it again is a success. An error never speaks of the access:
	// the account publishes as before, and a person is told that its comments are seen only when they are asked for.
	Subscribe(ctx context.Context, s Session) error
}

// Unsubscriber ends what a Subscriber began.
type Unsubscriber interface {
	// Unsubscribe is called when an account was disconnected. Several accounts may receive through one subscription (a Page
	// and the Instagram account linked to it): used tells whether a workspace still uses the account of an external id, and
	// while one does the subscription stays. Ending what is ended already is a success.
	Unsubscribe(ctx context.Context, s Session, used func(ctx context.Context, externalID string) (bool, error)) error
}
