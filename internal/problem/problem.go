// Package problem owns what can go wrong: the classes of failure, the sentence a person reads about one,
// and the action that helps. Programs act on the class, never on the text.
package problem

import (
	"errors"
	"fmt"
	"time"
)

// Class says how a failure is treated. The values are part of the HTTP API and never change their meaning.
type Class string

// What a platform can answer.
const (
	AuthExpired       Class = "auth_expired"       // the token ended; refresh once, then reconnect
	AuthRevoked       Class = "auth_revoked"       // the person took the access back
	PermissionMissing Class = "permission_missing" // a scope or role is absent
	RateLimited       Class = "rate_limited"       // wait; not an attempt
	Transient         Class = "transient"          // try again with backoff
	PlatformDown      Class = "platform_down"      // the platform does not work at all
	InvalidContent    Class = "invalid_content"    // the named field must change
	PolicyBlocked     Class = "policy_blocked"     // the platform's rules forbid it
	Duplicate         Class = "duplicate"          // the platform says it has this already
	NotFound          Class = "not_found"          // the account or post is not there
	Unclassified      Class = "unclassified"       // a native code no table knows: one more try, then a person
)

// What the HTTP surface adds.
const (
	InvalidRequest Class = "invalid_request"
	TooLarge       Class = "too_large"
	Unauthorized   Class = "unauthorized"
	Forbidden      Class = "forbidden"
	Conflict       Class = "conflict"
	QuotaExceeded  Class = "quota_exceeded"
	Internal       Class = "internal"
)

// ActionKind is what the page turns into a button.
type ActionKind string

// The actions that can be offered.
const (
	ActNone          ActionKind = "none"
	ActWait          ActionKind = "wait"
	ActRetry         ActionKind = "retry"
	ActEdit          ActionKind = "edit"
	ActReconnect     ActionKind = "reconnect"
	ActChooseAccount ActionKind = "choose_account"
	ActViewExisting  ActionKind = "view_existing"
	ActDecide        ActionKind = "decide" // a held job: it is there, or post again
	ActSignIn        ActionKind = "sign_in"
	ActOperator      ActionKind = "contact_operator"
)

// Action is what the person can do about it: a stable kind and a sentence.
type Action struct {
	Kind  ActionKind `json:"kind" dynamodbav:"kind"`
	Label string     `json:"label" dynamodbav:"label"`
}

// Scope says how much a rate limit concerns.
type Scope string

// The scopes of a rate limit.
const (
	ScopeAccount Scope = ""     // whatever is done for the account
	ScopeKind    Scope = "kind" // posts of this kind to the account: others go on
	ScopeApp     Scope = "app"  // every account of the platform
)

// Error is a failure with a class. Message and Action.Label are safe to show to anyone in the tenant:
// they hold no token, no URL with a signature and no text of a platform's answer that was not checked.
type Error struct {
	Class      Class
	Platform   string        // "meta"; empty when no platform is involved
	Code       string        // the platform's own code, "190/463"
	Field      string        // the part of the request that is wrong: "text", "media[0]"
	Message    string        // one human sentence
	Action     Action        // what helps
	RetryAfter time.Duration // for rate_limited: how long to stay away; 0 = unknown. For policy_blocked: a rest for the account; 0 = none
	Scope      Scope         // for rate_limited: whose budget is used up
	Rule       string        // URL of the document that states the rule
	// NotSent is true when it is certain that the platform has not acted on the request (it never left, or was
	// refused). When false and the class is transient, platform_down or unclassified, the platform may have acted.
	NotSent bool
	cause   error
}

// Error prints class, platform and code; never a body, never the message of a cause.
func (e *Error) Error() string {
	s := string(e.Class)
	if e.Platform != "" {
		s += " " + e.Platform
	}
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	return s + ": " + e.Message
}

// Unwrap gives the cause to errors.Is and errors.As; it is for the log, never for an answer.
func (e *Error) Unwrap() error { return e.cause }

// MayHaveHappened tells whether the platform may have acted on the request that failed with e.
// A definite refusal is a no.
func (e *Error) MayHaveHappened() bool {
	if e.NotSent {
		return false
	}
	switch e.Class {
	case Transient, PlatformDown, Unclassified, Internal:
		return true
	default:
		return false
	}
}

// New makes an Error with the class's usual action.
func New(class Class, message string) *Error {
	return &Error{Class: class, Message: message, Action: DefaultAction(class)}
}

// Newf is New with a format.
func Newf(class Class, format string, args ...any) *Error {
	return New(class, fmt.Sprintf(format, args...))
}

// On names the field that is wrong.
func (e *Error) On(field string) *Error { e.Field = field; return e }

// Because keeps the cause for the log.
func (e *Error) Because(err error) *Error { e.cause = err; return e }

// OperatorFault tells whether err is one that only the operator can end: the app's registration, its secret, the version
// of the API that it speaks. Nothing is wrong with the account or the post, and connecting again would not help.
func OperatorFault(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Class == PermissionMissing && e.Action.Kind == ActOperator
}

// Of finds the Error in err's chain. Anything else is an internal error with a plain sentence; nil stays nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Internal, "Something went wrong on our side. Try again; if it stays, tell your operator the request id.").Because(err)
}

// ClassOf is Of(err).Class; empty for nil.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	return Of(err).Class
}

// DefaultAction is the action that usually helps with a class.
func DefaultAction(c Class) Action {
	switch c {
	case AuthExpired, AuthRevoked, PermissionMissing:
		return Action{ActReconnect, "Reconnect the account"}
	case RateLimited, PlatformDown:
		return Action{ActWait, "Nothing to do: Herald tries again by itself"}
	case Transient, Unclassified, Internal:
		return Action{ActRetry, "Try again"}
	case InvalidContent, PolicyBlocked, InvalidRequest, TooLarge:
		return Action{ActEdit, "Change the named field"}
	case Duplicate:
		return Action{ActViewExisting, "Look at the existing post"}
	case NotFound:
		return Action{ActChooseAccount, "Choose another account"}
	case Unauthorized:
		return Action{ActSignIn, "Sign in"}
	case QuotaExceeded, Forbidden:
		return Action{ActOperator, "Ask an owner of the workspace"}
	case Conflict:
		return Action{ActRetry, "Reload and try again"}
	default:
		return Action{ActNone, ""}
	}
}
