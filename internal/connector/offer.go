package connector

import "context"

// NoticeLevel says how much a notice matters to whoever composes.
type NoticeLevel string

// The levels.
const (
	NoticeInfo    NoticeLevel = "info"
	NoticeWarning NoticeLevel = "warning"
	NoticeStop    NoticeLevel = "stop" // nothing can be posted to the account now
)

// Notice is one sentence about an account for whoever composes a post to it.
type Notice struct {
	Level NoticeLevel `json:"level" dynamodbav:"level"`
	Text  string      `json:"text" dynamodbav:"text"`
}

// Offer is what one account takes at the moment: what Info says about its kind, narrowed by what the platform says about
// the account (who may see a post, how long a video may be, which lists there are).
type Offer struct {
	// Posts are the kinds of post that the account takes, each as this account takes it: same fields as Info's, stricter
	// limits, a schema of options with only what is allowed. A kind that is missing cannot be posted.
	Posts   []PostKind `json:"posts"`
	Notices []Notice   `json:"notices"`
}

// Offerer is implemented where accounts of one kind differ in what they take. It is asked when somebody composes, and
// by Publish itself before anything is sent: what is not offered any more is refused with problem.InvalidContent and its
// field, never replaced by something else.
type Offerer interface {
	Offer(ctx context.Context, s Session) (Offer, error)
}
