// Package connector is the contract between Herald and a platform: the words both sides use, and the small
// interfaces a platform's package implements. Retry, metrics, audit and the opening of tokens are written once,
// in publish and connection; a connector only speaks its platform's language.
package connector

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Connector is what every platform can do. What only some can is in the small interfaces below; CapabilitiesOf
// alone asserts them.
type Connector interface {
	// Info is pure data; it does no I/O and always returns the same value.
	Info() Info
	Linker
	// Ping asks the platform for the account's identity with the cheapest call there is. An error's class says
	// what the connection's status becomes.
	Ping(ctx context.Context, s Session) error
	// Publish makes the draft visible on the platform, exactly once, through steps. It may be called again after
	// a crash at any line; finished steps give their stored result. The receipt names the post on the platform. A receipt
	// together with an error says that the post is live and what comes after it (a first comment) is not there: that is
	// gone on with as long as the error lets hope, and then is a warning on a published post. A problem.PolicyBlocked with a
	// RetryAfter has Herald leave the account alone for that long, whether the post is live or not.
	Publish(ctx context.Context, s Session, d Draft, steps Steps) (Receipt, error)
}

// Linker is what the OAuth function needs.
type Linker interface {
	// AuthURL is where the person's browser goes to consent.
	AuthURL(r AuthRequest) string
	// Exchange turns the callback into a grant with the longest-lived token the platform gives. Errors:
	// problem.PermissionMissing when the person denied or unticked what is required, problem.AuthExpired when the code
	// is used or too old.
	Exchange(ctx context.Context, c Callback) (Grant, error)
	// Accounts lists every account the grant reaches, each with its own credential, following every page.
	// An account that cannot be published to comes with Usable=false and a Reason.
	Accounts(ctx context.Context, g Grant) ([]Account, error)
}

// AuthRequest is what the consent URL is made of.
type AuthRequest struct {
	Login       string // one of Info.Logins[].ID; empty = the first
	State       string // random, returned unchanged
	Challenge   string // PKCE S256 challenge; empty where Info.PKCE is false
	RedirectURI string
}

// Callback is what came back from the consent screen.
type Callback struct {
	Login       string     // the AuthRequest's
	Query       url.Values // code, error, …: everything but our state
	RedirectURI string     // byte-equal to the AuthRequest's
	Verifier    string     // PKCE verifier; empty where Info.PKCE is false
}

// Grant is what one consent gave.
type Grant struct {
	Login      string // the Callback's
	Credential Credential
	Subject    string    // the platform's id of the person
	Granted    []string  // scopes really granted
	Declined   []string  // scopes asked for and refused
	ExpiresAt  time.Time // end of Credential.Access; zero = no end known, or not told here
}

// Credential is what signs requests. It is sealed as a whole and never stored elsewhere.
type Credential struct {
	Access  Secret // signs the account's requests
	Refresh Secret // renews Access, where the platform has it
	Parent  Secret // the person's own token where Access belongs to an account below it (a Page)
}

// Account is one place on the platform that can be published to.
type Account struct {
	Kind       string            // one of Info.Accounts[].Kind: "facebook_page"
	Login      string            // one of Info.Logins[].ID; empty = the first
	ExternalID string            // the platform's id
	Name       string            // "Cafe Ada"
	Username   string            // without @; may be empty
	AvatarURL  string            // public image; may be empty
	ProfileURL string            // where a person sees the account
	Scopes     []string          // granted scopes that matter to this account
	Usable     bool              // false: shown greyed with Reason
	Reason     string            // one sentence
	Data       map[string]string // what the connector wants back at publish time; nothing secret
	ExpiresAt  time.Time         // end of Credential.Access; zero = no end known
	DataUntil  time.Time         // end of data access, where the platform has that; zero = none
	Credential Credential
}

// Session is an account with its opened credential, for the length of one invocation.
type Session struct {
	Account    Account
	Credential Credential
	HTTP       *http.Client // traced, with timeouts; nil = the connector's own default
}

// Draft is what one target receives. Text is exactly what the person wrote for it.
type Draft struct {
	PostID     string
	JobID      string
	Kind       string // one of the account kind's PostKinds: "text", "photo"
	Text       string
	Link       string
	Media      []Media
	Options    map[string]any // per Info's schema of the kind
	AcceptedAt time.Time      // nothing on the platform from before can be ours
	// Claimed tells whether another job of the account already has this post as its receipt, so that a Find does not
	// adopt it. nil = cannot be told.
	Claimed func(ctx context.Context, externalID string) (bool, error)
	// Recall ends all loans of a key (Media.Lend) for good, and tells whether the platform has fetched any of them. It may
	// be repeated. nil where nothing can be lent.
	Recall func(ctx context.Context, key string) (fetched bool, err error)
	// Told is what the platform's webhooks said about posts of this account since then that no job has as its own: a post
	// whose making was never answered is found there. nil = cannot be told.
	Told func(ctx context.Context, since time.Time) ([]PostChange, error)
	// Budgets are shared by all jobs of the account. nil = nothing is counted.
	Budgets Budgets
}

// Receipt names the published post on the platform.
type Receipt struct {
	ExternalID string `json:"external_id" dynamodbav:"external_id"`
	Permalink  string `json:"permalink,omitempty" dynamodbav:"permalink,omitempty"`
	// Data is what the connector needs to know about the post later. "reference" is by what webhooks name the post, where
	// that is not ExternalID.
	Data map[string]string `json:"data,omitempty" dynamodbav:"data,omitempty"`
	// Note is one sentence for the person, where there is more to say than "published": it waits in the app's inbox.
	Note string `json:"note,omitempty" dynamodbav:"note,omitempty"`
}

// Candidate is a post found on the platform that may be the one a held job made.
type Candidate struct {
	Receipt   Receipt   `json:"receipt"`
	Text      string    `json:"text"`
	CreatedAt time.Time `json:"created_at"`
}

// CandidateLister lists what is on the platform since the draft was accepted, for a person to recognise.
type CandidateLister interface {
	Candidates(ctx context.Context, s Session, d Draft) ([]Candidate, error)
}

// Deleter removes a published post. Deleting what is gone already is a success.
type Deleter interface {
	Delete(ctx context.Context, s Session, r Receipt) error
}

// Editor replaces the text of a published post. Doing it again is a success.
type Editor interface {
	Edit(ctx context.Context, s Session, r Receipt, text string) error
}

// Revoker ends the person's grant at the platform, for all its accounts, when the last connection that stands on it was
// disconnected. Revoking what is gone already is a success.
type Revoker interface {
	Revoke(ctx context.Context, s Session) error
}
