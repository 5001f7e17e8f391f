package meta

import (
	"strconv"
	"time"

	"github.com/herald-publishing/herald/internal/problem"
)

// Where the rows below come from.
const (
	srcIG         = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes"
	srcIGReported = "https://github.com/gitroomhq/postiz-app/issues/1562"
)

// anyCode is for subcodes that come with different codes.
const anyCode = -1 << 30

// codeSpam has been seen although the post went live.
const codeSpam = "4/2207051"

// spamRest is how long an account is left alone that Instagram suspects of spam. Instagram names no time; going on posting
// is what makes it worse.
const spamRest = 4 * time.Hour

// instagramRows is the part of the table for Instagram. Negative codes are Meta's own here.
func instagramRows() []row {
	visit := problem.Action{Kind: problem.ActRetry, Label: "Log in to Instagram, do what it asks, then try again"}
	operator := problem.Action{Kind: problem.ActOperator, Label: "Tell your operator the code of the error"}
	const (
		fetch   = "Instagram could not fetch the file from Herald in time."
		trouble = "Instagram could not finish this just now."
		lapsed  = "Instagram does not find what was prepared for this post any more."
		image   = "Instagram cannot use this picture. Save it as JPEG with less than 8 MB and a shape between 4:5 and 1.91:1."
		ours    = "Instagram did not understand Herald. This is our mistake, not yours."
	)
	return []row{
		// Budgets.
		{code: 9, subcode: 2207042, class: problem.RateLimited, message: "This account has used up the posts that Instagram takes in 24 hours.", after: quotaPause, source: srcIG},
		{code: 80002, subcode: anySubcode, class: problem.RateLimited, message: "Too many calls were made for this Instagram account; Instagram asks us to wait.", after: throttlePause, source: srcLimits},

		// Rules.
		{code: 4, subcode: 2207051, class: problem.PolicyBlocked, field: "text", message: "Instagram takes this post for spam. Wait some hours or change it.", after: spamRest, source: srcIG},
		{code: 25, subcode: 2207050, class: problem.PolicyBlocked, message: "Instagram has restricted this account or finds it inactive.", action: visit, source: srcIG},

		// Meta's own trouble.
		{code: -2, subcode: 2207003, class: problem.Transient, message: fetch, source: srcIG},
		{code: 9004, subcode: 2207052, class: problem.Transient, message: fetch, source: srcIG},
		{code: -2, subcode: 2207020, class: problem.Transient, message: lapsed, source: srcIG},
		{code: 24, subcode: 2207008, class: problem.Transient, message: lapsed, source: srcIG},
		{code: 24, subcode: 2207006, class: problem.NotFound, message: "Instagram does not find this post, or this access cannot see it.", source: srcIG},
		{code: -1, subcode: 2207001, class: problem.Transient, message: trouble, source: srcIG},
		{code: -1, subcode: 2207032, class: problem.Transient, message: trouble, source: srcIG},
		{code: -1, subcode: 2207053, class: problem.Transient, message: trouble, source: srcIG},
		{code: anyCode, subcode: 2207082, class: problem.Transient, message: trouble, source: srcIGReported},
		{code: 9007, subcode: 2207027, class: problem.Transient, message: "Instagram has not finished preparing the post yet.", source: srcIG},

		// What a person can change.
		{code: 36000, subcode: 2207004, class: problem.InvalidContent, field: "media[0]", message: "The picture is larger than the 8 MB that Instagram takes.", source: srcIG},
		{code: 36001, subcode: 2207005, class: problem.InvalidContent, field: "media[0]", message: "Instagram takes JPEG pictures only.", source: srcIG},
		{code: 36003, subcode: 2207009, class: problem.InvalidContent, field: "media[0]", message: "Instagram takes pictures between 4:5 (tall) and 1.91:1 (wide).", source: srcIG},
		{code: 36004, subcode: 2207010, class: problem.InvalidContent, field: "text", message: "The caption is longer than the 2200 characters that Instagram takes.", source: srcIG},
		{code: 100, subcode: 2207028, class: problem.InvalidContent, field: "media", message: "A carousel on Instagram has two to ten pictures and videos.", source: srcIG},
		{code: 100, subcode: 2207040, class: problem.InvalidContent, field: "text", message: "Instagram takes at most 20 accounts with @ in one post.", source: srcIG},
		{code: anyCode, subcode: 2207018, class: problem.InvalidContent, field: "options.collaborators", message: "Instagram does not accept one of the collaborators.", source: srcIGReported},

		// What Herald should not have sent.
		{code: 100, subcode: 2207023, class: problem.InvalidContent, message: ours, action: operator, source: srcIG},
		{code: 100, subcode: 2207035, class: problem.InvalidContent, message: ours, action: operator, source: srcIG},
		{code: 100, subcode: 2207036, class: problem.InvalidContent, message: ours, action: operator, source: srcIG},
		{code: 100, subcode: 2207037, class: problem.InvalidContent, message: ours, action: operator, source: srcIG},
		{code: 1, subcode: 2207057, class: problem.InvalidContent, message: ours, action: operator, source: srcIG},
		{code: 352, subcode: 2207026, class: problem.InvalidContent, field: "media[0]", message: "Instagram does not take this video. It wants MP4 or MOV with H.264 or HEVC, 23 to 60 pictures a second.", source: srcIG},
		{code: anyCode, subcode: 2207077, class: problem.InvalidContent, field: "media[0]", message: "Instagram could not fetch the video.", source: srcIGReported},
		{code: anyCode, subcode: 2207081, class: problem.InvalidContent, message: "This Instagram account cannot make trial reels.", source: srcIGReported},
		{code: anyCode, subcode: 2207085, class: problem.InvalidContent, field: "media[0]", message: "Instagram cannot process this video.", source: srcIGReported},
		{kind: "ProcessingFailedError", ops: []operation{opIGUpload}, class: problem.InvalidContent, field: "media[0]", message: "Instagram cannot process this video.", source: docIGResumable},
		{code: -1, subcode: 2207073, class: problem.InvalidContent, message: "Instagram does not let apps delete this kind of post. Delete it in the Instagram app.", action: problem.Action{Kind: problem.ActNone, Label: "Delete it in the Instagram app"}, source: srcIG},

		// Instagram Login. The host of the codes answers every fault with 400 and a text.
		{code: -400, ops: []operation{opIGExchange}, text: "redirect", class: problem.PermissionMissing, message: "The address that Instagram sends people back to is not the one of Herald's Instagram app.", action: operator, source: docIGLogin},
		{code: -400, ops: []operation{opIGExchange}, text: "client", class: problem.PermissionMissing, message: "Instagram does not accept the id or the secret of Herald's Instagram app.", action: operator, source: docIGLogin},
		{code: -400, ops: []operation{opIGExchange}, class: problem.AuthExpired, message: "The login code was used already or is too old. Start again.", source: docIGLogin},
		{code: 100, subcode: anySubcode, ops: []operation{opIGRefresh}, class: problem.Transient, message: "Instagram does not renew this access yet: it must be a day old.", source: docIGLogin},
		// Numbers. A story that hardly anybody has seen has none, and says so with the code of a permission.
		{code: 10, subcode: anySubcode, ops: []operation{opIGInsights}, text: "not enough viewers", class: problem.InvalidContent, message: "Too few people have seen this story for Instagram to count them.", source: docIGMediaNumber},
		{code: 100, subcode: 0, ops: []operation{opIGReply}, class: problem.InvalidContent, field: "text", message: "Instagram does not take this answer as it is.", source: docIGComments},

		// What asks for an account's webhooks.
		{code: 10, subcode: anySubcode, ops: []operation{opIGSubscribe}, class: problem.PermissionMissing, message: "The permission " + scopeIGLComments + " was left out.", action: problem.Action{Kind: problem.ActReconnect, Label: "Connect again and leave " + scopeIGLComments + " ticked"}, source: docIGSubscribe},
		{code: 200, to: 299, subcode: anySubcode, ops: []operation{opIGSubscribe}, class: problem.PermissionMissing, message: "The permission " + scopeIGLComments + " was left out.", action: problem.Action{Kind: problem.ActReconnect, Label: "Connect again and leave " + scopeIGLComments + " ticked"}, source: docIGSubscribe},

		// A parameter of a picture.
		{code: 100, subcode: 0, ops: []operation{opIGContainer}, class: problem.InvalidContent, field: "media[0]", message: image, source: docIGMedia},
		{code: 100, subcode: 0, ops: []operation{opIGComment}, class: problem.InvalidContent, field: "options.first_comment", message: "Instagram does not take this comment as it is.", source: docIGMedia},
	}
}

// bySubcode finds the row of an error that a container's status names without its code.
func bySubcode(subcode string) (row, bool) {
	n, err := strconv.Atoi(subcode)
	for _, r := range instagramRows() {
		if err == nil && n != 0 && r.subcode == n {
			return r, true
		}
	}
	return row{}, false
}
