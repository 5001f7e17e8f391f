package tiktok

import (
	"time"

	"github.com/herald-publishing/herald/internal/problem"
)

const (
	windowPause = time.Minute // budgets are counted in windows of a minute that slide
	capPause    = time.Hour   // daily caps: TikTok does not say when a place becomes free
)

// The actions that no class has by itself.
var (
	operator = problem.Action{Kind: problem.ActOperator, Label: "Ask your operator to check the TikTok app's settings"}   //nolint:gochecknoglobals // read only
	again    = problem.Action{Kind: problem.ActReconnect, Label: "Connect again"}                                         //nolint:gochecknoglobals // read only
	allow    = problem.Action{Kind: problem.ActReconnect, Label: "Connect the account again and allow what is asked for"} //nolint:gochecknoglobals // read only
	inTheApp = problem.Action{Kind: problem.ActNone, Label: "Look at the account's notifications in the TikTok app"}      //nolint:gochecknoglobals // read only
	chooseBy = problem.Action{Kind: problem.ActEdit, Label: "Choose who can see the post, of what the account offers"}    //nolint:gochecknoglobals // read only
)

// rows is the table: native code to class, sentence and action, each with the document it comes from.
func rows() []row {
	const (
		setUp  = "TikTok does not accept Herald's app as it is set up."
		allowM = "The permission that this takes was not given to Herald, or was taken back."
	)
	return []row{
		// The token endpoint.
		{code: "invalid_grant", ops: []operation{opRefresh}, class: problem.AuthRevoked, message: "TikTok does not renew the access to this account any more.", source: docTokens},
		{code: "invalid_grant", class: problem.AuthExpired, message: "This login was used already or took too long. Start again.", action: again, source: docOAuthErrors},
		{code: "invalid_request", ops: []operation{opExchange}, class: problem.AuthExpired, message: "TikTok did not accept this login. Start again.", action: again, source: docOAuthErrors},
		{code: "invalid_request", ops: []operation{opRevoke}, class: problem.AuthExpired, message: "TikTok does not know the access any more.", source: docTokens},
		{code: "invalid_request", ops: []operation{opRefresh}, class: problem.AuthExpired, message: "TikTok did not accept how the access was to be renewed.", source: docOAuthErrors},
		{code: "access_denied", class: problem.PermissionMissing, message: "Access to the TikTok account was denied.", action: again, source: docOAuthErrors},
		{code: "invalid_client", class: problem.PermissionMissing, message: setUp, action: operator, source: docOAuthErrors},
		{code: "unauthorized_client", class: problem.PermissionMissing, message: setUp, action: operator, source: docOAuthErrors},
		{code: "invalid_scope", class: problem.PermissionMissing, message: setUp, action: operator, source: docOAuthErrors},
		{code: "unsupported_grant_type", class: problem.PermissionMissing, message: setUp, action: operator, source: docOAuthErrors},
		{code: "unsupported_response_type", class: problem.PermissionMissing, message: setUp, action: operator, source: docOAuthErrors},

		// The access.
		{code: "access_token_invalid", class: problem.AuthExpired, message: "TikTok does not accept the access to this account any more.", source: docErrors},
		{code: "scope_not_authorized", class: problem.PermissionMissing, message: allowM, action: allow, source: docErrors},
		{code: "scope_permission_missed", class: problem.PermissionMissing, message: allowM, action: allow, source: docErrors},
		{code: "url_ownership_unverified", class: problem.PermissionMissing, message: "TikTok does not know yet that the address of Herald's files belongs to Herald.", action: operator, source: docPhotos},

		// The post.
		{code: "invalid_param", class: problem.InvalidContent, message: "TikTok does not take the post as it is.", source: docDirect},
		{code: "invalid_params", class: problem.InvalidContent, message: "TikTok does not take the post as it is.", source: docErrors},
		{code: "invalid_file_upload", class: problem.InvalidContent, field: "media[0]", message: "TikTok cannot use this file. Export it again and try again.", source: docErrors},
		{code: "privacy_level_option_mismatch", class: problem.InvalidContent, field: "options." + optPrivacy, message: "The account does not offer this choice of who can see the post.", action: chooseBy, source: docDirect},
		{code: "app_version_check_failed", class: problem.PolicyBlocked, message: "The TikTok app on the person's phone is too old for drafts of photos.", action: problem.Action{Kind: problem.ActRetry, Label: "Update the TikTok app, then try again"}, source: docPhotos},
		{code: "unaudited_client_can_only_post_to_private_accounts", class: problem.PolicyBlocked, message: "Herald's app has not passed TikTok's audit: it can post to private accounts only, and only they see the posts.", action: problem.Action{Kind: problem.ActOperator, Label: "Make the account private in the TikTok app, or ask your operator about the audit"}, source: docDirect},

		// Budgets.
		{code: "reached_active_user_cap", class: problem.RateLimited, message: "As many accounts as TikTok allows have posted with Herald in the last 24 hours.", after: capPause, scope: problem.ScopeApp, source: docDirect},
		{code: "spam_risk_too_many_posts", class: problem.RateLimited, message: "The account has made as many posts in 24 hours as TikTok allows apps to make.", after: capPause, scope: problem.ScopeKind, source: docDirect},
		{code: "spam_risk_too_many_pending_share", class: problem.RateLimited, message: "Five drafts wait in the account's inbox already. Finish or delete some in the TikTok app.", after: capPause, scope: problem.ScopeKind, source: docInbox},
		{code: "rate_limit_exceeded", class: problem.RateLimited, message: "TikTok asks us to slow down.", after: windowPause, source: docRates},

		// The creator.
		{code: "spam_risk_user_banned_from_posting", class: problem.PolicyBlocked, message: "TikTok does not let this account post at the moment.", action: inTheApp, source: docDirect},

		// What was handed over.
		{code: "invalid_publish_id", class: problem.NotFound, message: "TikTok does not know this post any more.", action: inTheApp, source: docStatus},
		{code: "token_not_authorized_for_specified_publish_id", class: problem.NotFound, message: "TikTok says that this post belongs to another account.", action: inTheApp, source: docStatus},
		{code: "publish_not_cancellable", class: problem.Duplicate, message: "The post has come too far to be stopped.", source: docStatus},
		{code: "internal_error", class: problem.Transient, message: "TikTok could not say whether it worked.", source: docErrors},
	}
}

// failure says what a post's failure means, which TikTok tells when it asked about the post or by webhook.
// https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status
func failure(reason string, photos bool) *problem.Error {
	file := "media[0]"
	if photos {
		file = "media"
	}
	type meaning struct {
		class   problem.Class
		field   string
		message string
		action  problem.Action
	}
	m, known := map[string]meaning{
		"file_format_check_failed":           {problem.InvalidContent, file, "TikTok cannot read the file. Videos are MP4 with H.264, pictures JPEG or WebP.", problem.Action{}},
		"duration_check_failed":              {problem.InvalidContent, file, "The video is too short, or longer than the account may post.", problem.Action{}},
		"frame_rate_check_failed":            {problem.InvalidContent, file, "TikTok takes videos with 23 to 60 pictures a second.", problem.Action{}},
		"picture_size_check_failed":          {problem.InvalidContent, file, "TikTok does not take files of this size in pixels.", problem.Action{}},
		"internal":                           {problem.Transient, "", "TikTok failed to process the post.", problem.Action{}},
		"video_pull_failed":                  {problem.Transient, "", "TikTok could not fetch the video.", problem.Action{}},
		"photo_pull_failed":                  {problem.Transient, "", "TikTok could not fetch the pictures.", problem.Action{}},
		"publish_cancelled":                  {problem.Transient, "", "TikTok says that the post was cancelled.", problem.Action{}},
		"auth_removed":                       {problem.AuthRevoked, "", "Herald was removed from the TikTok account while the post was on its way.", problem.Action{}},
		"spam_risk_too_many_posts":           {problem.RateLimited, "", "The account has made as many posts in 24 hours as TikTok allows apps to make.", problem.Action{}},
		"spam_risk_user_banned_from_posting": {problem.PolicyBlocked, "", "TikTok does not let this account post at the moment.", inTheApp},
		"spam_risk_text":                     {problem.PolicyBlocked, "text", "TikTok blocks this text because it may break its rules.", problem.Action{}},
		"spam_risk":                          {problem.PolicyBlocked, "", "TikTok blocks this post because it may break its rules.", inTheApp},
	}[reason]
	if !known {
		m = meaning{problem.InvalidContent, file, "TikTok did not publish the post.", problem.Action{}}
		if !codeShape.MatchString(reason) {
			reason = "unreadable"
		}
		m.message = "TikTok did not publish the post. It says: " + reason + "."
	}
	e := problem.New(m.class, m.message).On(m.field)
	e.Platform, e.Code, e.Rule = Platform, reason, docStatus
	if m.action.Kind != "" {
		e.Action = m.action
	}
	if m.class == problem.RateLimited {
		e.RetryAfter, e.Scope = capPause, problem.ScopeKind
	}
	e.NotSent = true // what failed is not there, and never will be
	return e
}
