package meta

import (
	"time"

	"github.com/herald-publishing/herald/internal/problem"
)

// rows is the table: native code to class, sentence and action, each with the document it comes from.
func rows() []row {
	operator := problem.Action{Kind: problem.ActOperator, Label: "Ask your operator to check the Meta app's settings"}
	again := problem.Action{Kind: problem.ActReconnect, Label: "Connect again"}
	visit := problem.Action{Kind: problem.ActRetry, Label: "Log in at facebook.com, do what it asks, then try again"}
	comments := problem.Action{Kind: problem.ActReconnect, Label: "Connect again and allow comments"}
	subscribing := problem.Action{Kind: problem.ActReconnect, Label: "Connect again and leave " + scopeWebhooks + " ticked"}
	login := []operation{opExchange, opProlong}
	const (
		ended    = "Facebook does not accept the access to this Page any more."
		blocked  = "Facebook blocks this post because it may break its rules."
		slowDown = "Too many calls were made for this Page; Facebook asks us to wait."
		image    = "Facebook cannot use this picture. Save it as JPEG or PNG with less than 4 MB and try again."
		video    = "Facebook cannot use this video. Export it again as MP4 with H.264 and AAC and try again."
		unclear  = "Facebook could not say whether it worked."
		unheard  = "The permission " + scopeWebhooks + " was left out, or the role on the Page does not allow it."
	)
	return []row{
		// Rows that look at the call or the text.
		{code: 100, subcode: anySubcode, text: "appsecret_proof", class: problem.PermissionMissing, message: "Facebook does not accept the signature of Herald's app, so no Page can be used.", action: operator, source: srcProof},
		{code: 100, subcode: 36007, class: problem.AuthExpired, message: "The login took too long. Start again.", action: again, source: srcLogin},
		{code: 100, subcode: 36009, class: problem.AuthExpired, message: "This login was used already. Start again.", action: again, source: srcLogin},
		{code: 100, subcode: 36008, class: problem.PermissionMissing, message: "Herald's address is not registered in its Meta app, so the login cannot finish.", action: operator, source: srcLogin},
		{code: 191, subcode: anySubcode, ops: login, class: problem.PermissionMissing, message: "Herald's address is not registered in its Meta app, so the login cannot finish.", action: operator, source: srcLogin},
		{code: 1, subcode: anySubcode, ops: login, text: "client secret", class: problem.PermissionMissing, message: "Facebook does not accept the secret of Herald's app.", action: operator, source: srcLogin},
		{code: 100, subcode: anySubcode, ops: []operation{opExchange}, class: problem.AuthExpired, message: "Facebook did not accept this login. Start again.", action: again, source: srcLogin},

		{code: 10, subcode: anySubcode, ops: []operation{opComment}, class: problem.InvalidContent, field: "options." + optionComment, message: "Herald may not comment on this Page. Connect it again and allow comments.", action: comments, source: srcComments},
		{code: 200, to: 299, subcode: anySubcode, ops: []operation{opComment}, class: problem.InvalidContent, field: "options." + optionComment, message: "Herald may not comment on this Page. Connect it again and allow comments.", action: comments, source: srcComments},

		// What asks for an account's webhooks. Publishing does not need it.
		{code: 10, subcode: anySubcode, ops: []operation{opSubscribe}, class: problem.PermissionMissing, message: unheard, action: subscribing, source: docSubscribe},
		{code: 200, to: 299, subcode: anySubcode, ops: []operation{opSubscribe}, class: problem.PermissionMissing, message: unheard, action: subscribing, source: docSubscribe},

		// The access ended. https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging-and-error-handling
		{code: 190, subcode: 458, class: problem.AuthRevoked, message: "Herald was removed from the Facebook account that this Page was connected with.", source: srcErrors},
		{code: 190, subcode: 459, class: problem.PolicyBlocked, message: "Facebook wants the person who connected this Page to log in at facebook.com and confirm something.", action: visit, source: srcErrors},
		{code: 190, subcode: 460, class: problem.AuthRevoked, message: "The password of the Facebook account was changed, which ended the access to this Page.", source: srcErrors},
		{code: 190, subcode: 464, class: problem.PolicyBlocked, message: "The Facebook account that connected this Page is not confirmed yet.", action: visit, source: srcErrors},
		{code: 190, subcode: 490, class: problem.PolicyBlocked, message: "Facebook wants the person who connected this Page to log in at facebook.com and confirm something.", action: visit, source: srcReported},
		{code: 190, subcode: 492, class: problem.PermissionMissing, message: "The person who connected this Page has no role on it any more.", action: problem.Action{Kind: problem.ActReconnect, Label: "Let somebody with a role on the Page connect it"}, source: srcErrors},
		{code: 190, subcode: anySubcode, class: problem.AuthExpired, message: ended, source: srcErrors}, // none, 463, 467
		{code: 102, subcode: 458, class: problem.AuthRevoked, message: "Herald was removed from the Facebook account that this Page was connected with.", source: srcErrors},
		{code: 102, subcode: anySubcode, class: problem.AuthExpired, message: ended, source: srcErrors},

		// The app itself is not set up right: connecting again would not help.
		{code: 101, subcode: anySubcode, class: problem.PermissionMissing, message: "Facebook does not know Herald's app.", action: operator, source: srcLogin},
		{code: 104, subcode: anySubcode, class: problem.PermissionMissing, message: "Facebook did not accept how Herald signs its calls.", action: operator, source: srcProof},

		// Permissions.
		{code: 3, subcode: anySubcode, class: problem.PermissionMissing, message: "Herald's Meta app may not do this yet.", action: operator, source: srcErrors},
		{code: 10, subcode: anySubcode, class: problem.PermissionMissing, message: "The permission to use this Page is missing or was taken back.", source: srcErrors},
		{code: 200, to: 299, subcode: anySubcode, class: problem.PermissionMissing, message: "The permission to use this Page is missing or was taken back.", source: srcErrors},

		// Budgets.
		{code: 4, subcode: anySubcode, class: problem.RateLimited, message: "Herald made too many calls to Facebook; Facebook asks us to wait.", after: throttlePause, scope: problem.ScopeApp, source: srcLimits},
		{code: 17, subcode: anySubcode, class: problem.RateLimited, message: slowDown, after: throttlePause, source: srcLimits},
		{code: 32, subcode: anySubcode, class: problem.RateLimited, message: slowDown, after: throttlePause, source: srcLimits},
		{code: 341, subcode: anySubcode, class: problem.RateLimited, message: slowDown, after: throttlePause, source: srcErrors},
		{code: 613, subcode: anySubcode, ops: []operation{opReels}, class: problem.RateLimited, message: "This Page has published its 30 reels of the last 24 hours; Facebook takes no more for now.", after: time.Hour, scope: problem.ScopeKind, source: srcReels},
		{code: 613, subcode: anySubcode, class: problem.RateLimited, message: slowDown, after: throttlePause, source: srcLimits},
		{code: 80000, to: 80014, subcode: anySubcode, class: problem.RateLimited, message: slowDown, after: throttlePause, source: srcLimits}, // 80002 is Instagram's
		{code: 368, subcode: 1390008, class: problem.RateLimited, message: "Facebook finds that this Page posts too fast, and asks for a pause.", after: 6 * throttlePause, source: srcTooFast},

		// Rules and doubles.
		{code: 506, subcode: anySubcode, class: problem.Duplicate, message: "The same text was posted on this Page a moment ago. Facebook does not take it twice in a row.", source: srcErrors},
		{code: 1366051, subcode: anySubcode, class: problem.Duplicate, message: "The same text was posted on this Page a moment ago. Facebook does not take it twice in a row.", source: srcReported},
		{code: 368, subcode: anySubcode, text: "already posted", class: problem.Duplicate, message: "The same text was posted on this Page a moment ago. Facebook does not take it twice in a row.", source: srcReported},
		{code: 368, subcode: 4854002, class: problem.PolicyBlocked, message: "Facebook wants the person behind this Page to confirm who they are.", action: visit, source: srcReported},
		{code: 368, subcode: 1404112, class: problem.PolicyBlocked, message: "Facebook has restricted this Page or its owner for some days.", action: visit, source: srcReported},
		{code: 368, subcode: 1346003, class: problem.PolicyBlocked, field: "text", message: "Facebook blocks this post because people reported its content as abusive.", source: srcAbusive},
		{code: 368, subcode: 1404102, class: problem.PolicyBlocked, field: "text", message: "Facebook blocks this post because it goes against its Community Standards.", source: srcReported},
		{code: 368, subcode: anySubcode, class: problem.PolicyBlocked, field: "text", message: blocked, source: srcErrors},
		{code: 1404078, subcode: anySubcode, class: problem.PolicyBlocked, message: "Facebook wants the person behind this Page to be authorised for publishing first.", action: visit, source: srcReported},
		{code: 100, subcode: 1404078, class: problem.PolicyBlocked, message: "Facebook wants the person behind this Page to be authorised for publishing first.", action: visit, source: srcReported},

		// Links and pictures.
		{code: 1609005, subcode: anySubcode, class: problem.InvalidContent, field: "link", message: "Facebook cannot open the link. Check that it works without a login.", source: srcErrors},
		{code: 1609008, subcode: anySubcode, class: problem.InvalidContent, field: "link", message: "Facebook does not take this link to itself. Share the original post instead.", source: srcReported},
		{code: 324, subcode: anySubcode, class: problem.InvalidContent, field: "media[0]", message: image, source: srcUpload}, // also 2069019
		{code: 1366046, subcode: anySubcode, class: problem.InvalidContent, field: "media[0]", message: image, source: srcSize},
		{code: 100, subcode: 1366046, class: problem.InvalidContent, field: "media[0]", message: image, source: srcSize},

		// Videos. The upload host has words instead of codes.
		{kind: kindOffset, class: problem.Transient, message: "The upload of the video has to go on at another place.", source: srcReels},
		{kind: kindPartial, class: problem.Transient, message: "The upload of the video was cut; it goes on where it stopped.", source: srcReels},
		{kind: "ProcessingFailedError", class: problem.InvalidContent, field: "media[0]", message: video, source: srcReels},
		{code: 6000, subcode: 1363037, class: problem.Transient, message: "The upload of the video has to go on at another place.", source: srcPieces},
		{code: 352, subcode: 1363040, ops: []operation{opVideos}, class: problem.InvalidContent, field: "media[0]", message: "Facebook does not take the shape of this video: it must be between 9:16 (tall) and 16:9 (wide).", source: docVideos},
		{code: 352, subcode: 1363128, ops: []operation{opVideoStory}, class: problem.InvalidContent, field: "media[0]", message: "Facebook does not take the length of this video. A story lasts 3 to 60 seconds.", source: docStories},
		{code: 352, subcode: 1363040, class: problem.InvalidContent, field: "media[0]", message: "Facebook does not take the shape of this video. A reel is upright, 9:16.", source: srcReels},
		{code: 352, subcode: 1363127, class: problem.InvalidContent, field: "media[0]", message: "The video is too small for Facebook. A reel has at least 540 × 960 pixels.", source: srcReels},
		{code: 352, subcode: 1363128, class: problem.InvalidContent, field: "media[0]", message: "Facebook does not take the length of this video. A reel lasts 3 to 90 seconds.", source: srcReels},
		{code: 352, subcode: 1363129, class: problem.InvalidContent, field: "media[0]", message: "Facebook does not take the pictures per second of this video. A reel has 24 to 60.", source: srcReels},
		{code: 352, subcode: anySubcode, class: problem.InvalidContent, field: "media[0]", message: video, source: srcErrors},
		{code: 382, subcode: anySubcode, class: problem.InvalidContent, field: "media[0]", message: "The video is too small for Facebook.", source: srcErrors},
		{code: 1363040, subcode: anySubcode, class: problem.InvalidContent, field: "media[0]", message: "Facebook does not take the shape of this video. A reel is upright, 9:16.", source: srcReels},
		{code: 1363127, to: 1363129, subcode: anySubcode, class: problem.InvalidContent, field: "media[0]", message: video, source: srcReels},
		{code: 389, subcode: anySubcode, class: problem.Transient, message: "Facebook could not fetch the video.", source: docVideos}, // Herald sends the bytes
		{code: 6000, to: 6001, subcode: anySubcode, class: problem.Transient, message: "Facebook could not take the video; Herald tries again.", source: srcErrors},

		// What is not there.
		{code: 100, subcode: 33, class: problem.NotFound, message: "Facebook does not find this Page or post, or this access cannot see it.", source: srcErrors},
		{code: 803, subcode: anySubcode, class: problem.NotFound, message: "Facebook does not find this Page or post, or this access cannot see it.", source: srcReported},

		// A parameter. In what a person wrote it is theirs, elsewhere it is ours.
		{code: 100, subcode: anySubcode, ops: []operation{opPhotoStory}, class: problem.InvalidContent, field: "media[0]", message: "Facebook does not take this picture for a story.", source: docStories},
		{code: 100, subcode: anySubcode, ops: []operation{opPhoto}, class: problem.InvalidContent, field: "media[0]", message: image, source: srcPhoto},
		{code: 100, subcode: anySubcode, ops: []operation{opFeed, opEdit}, class: problem.InvalidContent, field: "text", message: "Facebook does not take this post as it is. Change the text or the link.", source: srcErrors},
		{code: 100, subcode: anySubcode, ops: []operation{opComment}, class: problem.InvalidContent, field: "options." + optionComment, message: "Facebook does not take this comment as it is.", source: srcComments},
		{code: 100, subcode: anySubcode, ops: []operation{opReply}, class: problem.InvalidContent, field: "text", message: "Facebook does not take this answer as it is.", source: srcComments},
		{code: 3001, subcode: anySubcode, ops: []operation{opInsights}, class: problem.InvalidContent, message: "Facebook does not know this number.", source: docPageInsights},
		{code: 100, subcode: anySubcode, class: problem.InvalidContent, message: "Facebook did not understand Herald. This is our mistake, not yours.", action: operator, source: srcErrors},
		{code: 12, subcode: anySubcode, class: problem.InvalidContent, message: "Facebook has removed what Herald uses here. Herald needs an update.", action: operator, source: srcVersions},
		{code: 2500, subcode: anySubcode, class: problem.InvalidContent, message: "Facebook did not understand Herald. This is our mistake, not yours.", action: operator, source: srcVersions},

		// Meta's own trouble: nobody knows whether it worked.
		{code: 1, subcode: 99, class: problem.Transient, message: unclear, source: srcErrors},
		{code: 1, subcode: anySubcode, class: problem.Transient, message: unclear, source: srcErrors},
		{code: 2, subcode: anySubcode, class: problem.Transient, message: unclear, source: srcErrors},
	}
}
