package linkedin

import (
	"github.com/herald-publishing/herald/internal/problem"
)

// rows is the table: native code to class, sentence and action, each with the document it comes from. What has no row is
// judged by its status.
func rows() []row {
	operator := problem.Action{Kind: problem.ActOperator, Label: "Ask your operator to check Herald's LinkedIn app"}
	version := problem.Action{Kind: problem.ActOperator, Label: "Ask your operator to set a newer version of LinkedIn's API"}
	again := problem.Action{Kind: problem.ActReconnect, Label: "Connect again"}
	token := []operation{opExchange, opRefresh, opInspect, opRevoke}
	const (
		revoked   = "LinkedIn does not accept the access to this account any more: Herald was removed from it, or it was connected elsewhere with other permissions."
		app       = "LinkedIn does not accept Herald's app."
		outdated  = "The version of LinkedIn's API that Herald uses has ended, so nothing can be posted until its operator sets a newer one."
		image     = "LinkedIn cannot use this picture. Save it as JPEG or PNG with less than 36 megapixels and try again."
		video     = "LinkedIn cannot use this file. Export it again and try once more."
		duplicate = "The same post was published on this account a few minutes ago. LinkedIn does not take it twice in a row."
		notAsIs   = "LinkedIn does not take this post as it is."
	)
	return []row{
		// The token endpoint.
		{status: 401, code: "invalid_client", ops: token, class: problem.PermissionMissing, message: app, action: operator, source: srcBasic},
		{code: "invalid_request", ops: []operation{opExchange}, class: problem.AuthExpired, message: "LinkedIn did not accept this login. Start again.", action: again, source: srcTokens},
		{code: "invalid_redirect_uri", ops: []operation{opExchange}, class: problem.AuthExpired, message: "LinkedIn did not accept this login: it took too long, or Herald's address is not registered in its app. Start again.", action: again, source: srcTokens},
		{code: codeDead, ops: []operation{opRevoke, opInspect}, class: problem.AuthRevoked, message: "LinkedIn does not know this access any more.", action: again, source: srcTokens},
		{code: "invalid_request", ops: []operation{opRefresh}, class: problem.AuthRevoked, message: "LinkedIn does not renew the access to this account any more: a year is over, or Herald was removed.", action: again, source: srcRefresh},
		{code: "invalid_grant", ops: []operation{opExchange, opRefresh}, class: problem.AuthRevoked, message: "LinkedIn does not accept this login any more.", action: again, source: srcRefresh},

		// The access.
		{status: 401, code: "EXPIRED_ACCESS_TOKEN", class: problem.AuthExpired, message: "The access to this account has ended after 60 days.", source: srcErrors},
		{status: 401, service: 65602, class: problem.AuthExpired, message: "The access to this account has ended after 60 days.", source: srcErrors},
		{status: 401, code: "REVOKED_ACCESS_TOKEN", class: problem.AuthRevoked, message: revoked, source: srcErrors},
		{status: 401, service: serviceRevoked, class: problem.AuthRevoked, message: revoked, source: srcErrors},
		{status: 401, code: "INVALID_ACCESS_TOKEN", class: problem.AuthRevoked, message: "LinkedIn does not know the access to this account.", source: srcErrors},
		{status: 401, service: 65600, class: problem.AuthRevoked, message: "LinkedIn does not know the access to this account.", source: srcErrors},
		{status: 401, code: "EMPTY_ACCESS_TOKEN", class: problem.InvalidContent, message: "Herald made a call to LinkedIn without its access.", action: operator, source: srcErrors},

		// The app.
		{status: 426, class: problem.PermissionMissing, message: outdated, action: version, source: srcVersions},
		{code: "NONEXISTENT_VERSION", class: problem.PermissionMissing, message: outdated, action: version, source: srcVersions},
		{status: 400, code: "VERSION_MISSING", class: problem.InvalidContent, message: "Herald made a call to LinkedIn without a version.", action: operator, source: srcVersions},
		{status: 403, text: "unpermitted fields", class: problem.InvalidContent, message: "LinkedIn does not let Herald's app use a part of this post.", action: operator, source: srcErrors},

		// Roles and permissions.
		{status: 403, text: "[/author]", class: problem.PermissionMissing, message: "LinkedIn does not let this login post as this account.", source: srcErrors},
		{status: 400, text: "organization permissions must be used", class: problem.PermissionMissing, message: "Herald may not post for this Page: the permission is missing.", source: srcErrors},
		{status: 403, text: "restricted", class: problem.PolicyBlocked, message: "LinkedIn has restricted this account or this post.", source: srcHandling},
		{status: 403, ops: []operation{opComment}, class: problem.InvalidContent, field: "options." + optionComment, message: "Herald may not comment on this account. Leave the first comment out, or connect the account again.", source: srcScopes},
		{status: 403, code: "ACCESS_DENIED", class: problem.PermissionMissing, message: "LinkedIn does not let Herald do this: a permission or a role on the Page is missing.", source: srcErrors},
		{status: 403, service: 100, class: problem.PermissionMissing, message: "LinkedIn does not let Herald do this: a permission or a role on the Page is missing.", source: srcErrors},

		// Doubles.
		{status: 422, code: "DUPLICATE_POST", class: problem.Duplicate, message: duplicate, source: srcErrors},
		{status: 422, text: "duplicate of urn:", class: problem.Duplicate, message: duplicate, source: srcErrors},

		// Files.
		{code: "MEDIA_ASSET_WAITING_UPLOAD", class: problem.Transient, message: "LinkedIn is still working on the file.", undone: true, source: docVideos},
		{code: "MEDIA_ASSET_PROCESSING_FAILED", class: problem.InvalidContent, field: "media[0]", message: video, source: docVideos},
		{code: "INVALID_IMAGE_ID", class: problem.InvalidContent, field: "media[0]", message: image, source: docImages},
		{code: "INVALID_VIDEO_ID", class: problem.InvalidContent, field: "media[0]", message: video, source: docVideos},
		{code: "INVALID_DOCUMENT_ID", class: problem.InvalidContent, field: "media[0]", message: video, source: docDocuments},
		{code: "EXPIRED_UPLOAD_URL", class: problem.Transient, message: "The upload to LinkedIn took too long and begins again.", undone: true, source: docVideos},
		{status: 413, ops: []operation{opUpload}, class: problem.InvalidContent, field: "media[0]", message: "LinkedIn finds this file too large.", source: docImages},
		{status: 415, ops: []operation{opUpload}, class: problem.InvalidContent, field: "media[0]", message: "LinkedIn does not take this type of file.", source: docImages},

		// The content.
		{code: "FIELD_LENGTH_TOO_LONG", ops: []operation{opComment}, class: problem.InvalidContent, field: "options." + optionComment, message: "The first comment is too long for LinkedIn.", source: docComments},
		{code: "FIELD_LENGTH_TOO_LONG", class: problem.InvalidContent, field: "text", message: "LinkedIn finds the text too long.", source: docPosts},
		{code: "INVALID_VALUE_BLANK_FIELD", class: problem.InvalidContent, field: "text", message: "LinkedIn wants a text with this kind of post.", source: srcErrors},
		{code: "MISSING_FIELD", class: problem.InvalidContent, message: "LinkedIn misses a part of this post.", source: srcErrors},
		{code: "INVALID_VALUE_FOR_FIELD", class: problem.InvalidContent, message: notAsIs, source: srcErrors},
		{code: "INVALID_URN_TYPE", class: problem.InvalidContent, message: notAsIs, source: srcErrors},
		{code: "INVALID_URN_ID", class: problem.InvalidContent, message: notAsIs, source: srcErrors},
		{code: "MULTIPLE_VALIDATIONS_FAILED", class: problem.InvalidContent, message: notAsIs, source: srcErrors},
		{status: 400, code: "ILLEGAL_ARGUMENT", class: problem.InvalidContent, message: notAsIs, source: srcErrors},
		{status: 422, text: "error ::", class: problem.InvalidContent, message: notAsIs, source: srcErrors},

		// Budgets. The app's counter is told from the member's by the text alone.
		{status: 429, text: "application day", class: problem.RateLimited, message: "Herald has used up what LinkedIn allows its app in a day. It goes on after midnight UTC.", day: true, scope: problem.ScopeApp, source: srcLimits},
		{status: 429, text: " day limit", class: problem.RateLimited, message: "What LinkedIn allows this account in a day is used up. It goes on after midnight UTC.", day: true, source: srcLimits},
		{status: 429, text: "comment create throttled", class: problem.RateLimited, message: "LinkedIn wants a pause between comments.", source: docComments},
		{status: 429, code: "TOO_MANY_REQUESTS", class: problem.RateLimited, message: "LinkedIn takes no more of this for the moment.", source: srcLimits},
		{status: 429, service: 101, class: problem.RateLimited, message: "LinkedIn takes no more of this for the moment.", source: srcLimits},

		// LinkedIn itself.
		{code: "UNDER_MAINTENANCE", class: problem.PlatformDown, message: "LinkedIn is being maintained.", source: srcErrors},
		{status: 500, code: "INTERNAL_SERVER_ERROR", class: problem.Transient, message: "LinkedIn could not say whether it worked.", source: srcErrors},
		{status: 404, code: "NOT_FOUND", class: problem.NotFound, message: "LinkedIn does not have this, or does not show it to Herald.", source: srcErrors},
		{status: 409, code: "CONFLICT", class: problem.Transient, message: "LinkedIn was busy with something else on this account.", source: srcErrors},
	}
}
