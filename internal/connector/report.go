package connector

import (
	"context"
	"time"
)

// MetricName is what Herald calls a number, whatever the platform calls it.
type MetricName string

// The names. A platform gives those that it has; a number that none of them fits is left out.
const (
	MetricViews        MetricName = "views"         // how often it was shown
	MetricReach        MetricName = "reach"         // how many people saw it
	MetricEngagements  MetricName = "engagements"   // reactions, comments, shares, clicks together, as the platform counts them
	MetricReactions    MetricName = "reactions"     // likes of every kind
	MetricComments     MetricName = "comments"      //
	MetricShares       MetricName = "shares"        //
	MetricSaves        MetricName = "saves"         //
	MetricReplies      MetricName = "replies"       // private answers to a story
	MetricClicks       MetricName = "clicks"        //
	MetricFollows      MetricName = "follows"       // people who began to follow
	MetricFollowers    MetricName = "followers"     // people who follow now
	MetricProfileViews MetricName = "profile_views" //
	MetricWatchTime    MetricName = "watch_time_ms" // of all viewers together
	MetricAverageWatch MetricName = "average_watch_ms"
	MetricPeople       MetricName = "people_engaged" // who did anything
	MetricOpens        MetricName = "opens"          // of an e-mail
	MetricBounces      MetricName = "bounces"        // e-mails that came back
)

// MetricUnit is what a number counts.
type MetricUnit string

// The units.
const (
	UnitCount        MetricUnit = "count"
	UnitMilliseconds MetricUnit = "ms"
)

// Metric is one number about a post or an account.
type Metric struct {
	Name  MetricName `json:"name" dynamodbav:"name"`
	Title string     `json:"title" dynamodbav:"title"`                     // "Views"
	Value *int64     `json:"value,omitempty" dynamodbav:"value,omitempty"` // nil = not known, which is not zero
	Unit  MetricUnit `json:"unit" dynamodbav:"unit"`
	Note  string     `json:"note,omitempty" dynamodbav:"note,omitempty"` // one sentence: why it is not known, or how to read it
}

// PublishedPost is a post that Herald has published.
type PublishedPost struct {
	Receipt Receipt
	Kind    string // the kind of post it was published as
	At      time.Time
}

// Reporter reads numbers. One number that the platform does not give (any more) never takes the others with it: it comes
// without a value and with a Note. A permission that was never given is a problem.PermissionMissing.
type Reporter interface {
	// PostMetrics gives what there is about a post, since it was published.
	PostMetrics(ctx context.Context, s Session, p PublishedPost) ([]Metric, error)
	// AccountMetrics gives what there is about the account for the time from since to until, at most 30 days.
	AccountMetrics(ctx context.Context, s Session, since, until time.Time) ([]Metric, error)
}
