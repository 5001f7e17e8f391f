package tiktok

import (
	"context"
	"net/http"
	"slices"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// creator is what an account may post right now.
// https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info
type creator struct {
	Username string   `json:"creator_username"`
	Nickname string   `json:"creator_nickname"`
	Levels   []string `json:"privacy_level_options"`
	Comment  bool     `json:"comment_disabled"`
	Duet     bool     `json:"duet_disabled"`
	Stitch   bool     `json:"stitch_disabled"`
	Seconds  int64    `json:"max_video_post_duration_sec"`
}

func (k creator) choices() choices {
	o := choices{levels: k.Levels, noComment: k.Comment, noDuet: k.Duet, noStitch: k.Stitch, longestMs: longestVideoMs}
	if k.Seconds > 0 {
		o.longestMs = min(k.Seconds*1000, longestVideoMs)
	}
	return o
}

// creator asks what the account may post. That it may post nothing now is said with status 200.
func (c *Connector) creator(ctx context.Context, s connector.Session) (creator, error) {
	var k creator
	res, err := c.call(ctx, request{op: opCreator, method: http.MethodPost, path: "/v2/post/publish/creator_info/query/", session: s}, &k)
	if err == nil && len(k.Levels) == 0 {
		err = res.Unexpected("privacy_level_options")
	}
	return k, err
}

// Offer implements connector.Offerer.
func (c *Connector) Offer(ctx context.Context, s connector.Session) (connector.Offer, error) {
	if !may(s, scopePublish) {
		return connector.Offer{
			Posts:   narrowed(s, anything()),
			Notices: []connector.Notice{{Level: connector.NoticeInfo, Text: "Herald may send drafts to this account's inbox only. Connect it again and allow posting to post directly."}},
		}, nil
	}
	k, err := c.creator(ctx, s)
	switch {
	case err != nil && slices.Contains([]string{"spam_risk_too_many_posts", "reached_active_user_cap"}, problem.Of(err).Code):
		// It passes within a day, so posts for later are taken.
		return connector.Offer{Posts: narrowed(s, anything()), Notices: []connector.Notice{{
			Level: connector.NoticeStop, Text: problem.Of(err).Message + " Try again later.",
		}}}, nil
	case err != nil && problem.ClassOf(err) == problem.PolicyBlocked:
		return connector.Offer{Posts: []connector.PostKind{}, Notices: []connector.Notice{{
			Level: connector.NoticeStop, Text: problem.Of(err).Message + " Look at the account's notifications in the TikTok app, and come back later.",
		}}}, nil
	case err != nil:
		return connector.Offer{}, err
	}
	offer := connector.Offer{Notices: []connector.Notice{{Level: connector.NoticeInfo, Text: "This is posted as " + k.Nickname + " (@" + k.Username + "). It may take some minutes until the post can be seen."}}}
	o := k.choices()
	if !c.cfg.Audited {
		if slices.Contains(o.levels, levelPublic) {
			offer.Notices = append(offer.Notices, connector.Notice{
				Level: connector.NoticeStop, Text: "Herald's app has not passed TikTok's audit, so it can post to private accounts only. Make this account private in the TikTok app, or wait for the audit.",
			})
		} else {
			offer.Notices = append(offer.Notices, connector.Notice{
				Level: connector.NoticeWarning, Text: "Herald's app has not passed TikTok's audit: only you will see what is posted, and five accounts can post in 24 hours.",
			})
			o.levels = slices.DeleteFunc(o.levels, func(level string) bool { return level != levelSelf })
		}
	}
	offer.Posts = narrowed(s, o)
	return offer, nil
}

// may tells whether the account was given a permission. An account that does not know its permissions has all.
func may(s connector.Session, scope string) bool {
	return len(s.Account.Scopes) == 0 || slices.Contains(s.Account.Scopes, scope)
}

// narrowed are the kinds of post that the account's permissions allow.
func narrowed(s connector.Session, o choices) []connector.PostKind {
	return slices.DeleteFunc(kinds(o), func(k connector.PostKind) bool { return !may(s, needs(k.Kind)) })
}

// needs is the permission that a kind of post takes.
func needs(kind string) string {
	if kind == kindVideoDraft || kind == kindPhotosDraft {
		return scopeUpload
	}
	return scopePublish
}
