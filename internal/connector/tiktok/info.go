package tiktok

import (
	"github.com/herald-publishing/herald/internal/connector"
)

// The documents that state the limits.
const (
	docErrors      = "https://developers.tiktok.com/doc/tiktok-api-v2-error-handling"
	docRates       = "https://developers.tiktok.com/doc/tiktok-api-v2-rate-limit"
	docOAuthErrors = "https://developers.tiktok.com/doc/oauth-error-handling"
	docTokens      = "https://developers.tiktok.com/doc/oauth-user-access-token-management" //nolint:gosec // an address
	docScopes      = "https://developers.tiktok.com/doc/tiktok-api-scopes"
	docCreator     = "https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info"
	docDirect      = "https://developers.tiktok.com/doc/content-posting-api-reference-direct-post"
	docInbox       = "https://developers.tiktok.com/doc/content-posting-api-reference-upload-video"
	docPhotos      = "https://developers.tiktok.com/doc/content-posting-api-reference-photo-post"
	docStatus      = "https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status"
	docTransfer    = "https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide"
	docGuidelines  = "https://developers.tiktok.com/doc/content-sharing-guidelines"
	docWebhooks    = "https://developers.tiktok.com/doc/webhooks-verification"
	// docOurs explains the limits that no document of TikTok states.
	docOurs   = "https://github.com/herald-publishing/herald/blob/main/docs/connectors.md#limits-of-our-own"
	docRemove = "https://www.tiktok.com/setting"
)

const (
	loginID    = "tiktok"
	kindTikTok = "tiktok_account"

	kindVideo       = "video"
	kindVideoDraft  = "video_draft"
	kindPhotos      = "photos"
	kindPhotosDraft = "photos_draft"

	scopeBasic   = "user.info.basic"
	scopeProfile = "user.info.profile"
	scopeStats   = "user.info.stats"
	scopeList    = "video.list"
	scopePublish = "video.publish"
	scopeUpload  = "video.upload"
)

// All from docDirect, docPhotos and docTransfer, read the strict way: a MB has a million bytes.
const (
	maxTitle         = 2200 // UTF-16 units
	maxPhotoTitle    = 90
	maxDescription   = 4000
	maxVideoBytes    = 4_000_000_000
	maxPhotoBytes    = 4_500_000 // docOurs: TikTok takes 20 MB, and our own host lends less
	maxPhotoCount    = 35
	longestVideoMs   = 60 * 60 * 1000 // the longest that any account was seen to be offered; the account's own limit is in its offer
	longestDraftMs   = 10 * 60 * 1000
	shortSide        = 1080 // of pictures: "at most 1080p"
	longSide         = 1920
	smallestVideoPx  = 360
	largestVideoPx   = 4096
	slowestFrameRate = 23
	fastestFrameRate = 60
)

// Info implements connector.Connector.
func (c *Connector) Info() connector.Info { return Info() }

// Info is the platform's description for who needs no connector.
func Info() connector.Info {
	return connector.Info{
		Platform: Platform, Title: title, Color: "#fe2c55", Icon: "tiktok", APIVersion: "v2",
		Logins: []connector.Login{login()},
		Accounts: []connector.AccountKind{{
			Kind: kindTikTok, Title: title, Icon: "tiktok", CanReport: true, CanList: true, Posts: kinds(anything()),
		}},
	}
}

func login() connector.Login {
	return connector.Login{
		ID: loginID, Title: "Log in with TikTok", Icon: "tiktok", Accounts: []string{kindTikTok}, Revokes: true, RemoveURL: docRemove,
		Description: "For your own TikTok account. Posts can be changed and deleted only in the TikTok app.",
		Scopes: []connector.Scope{
			{Name: scopeBasic, Feature: "discover", Why: "Shows Herald which TikTok account is yours.", Required: true},
			{Name: scopeProfile, Feature: "discover_name", Why: "Shows you the user name of the account."},
			{Name: scopePublish, Feature: "direct_post", Why: "Posts your videos and photos to your profile."},
			{Name: scopeUpload, Feature: "draft", Why: "Sends drafts to your inbox, where you finish them in the TikTok app."},
			{Name: scopeList, Feature: "report", Why: "Shows you how often your public posts were seen, and finds a post whose confirmation was lost."},
			{Name: scopeStats, Feature: "report", Why: "Shows you how many people follow the account."},
		},
		Tokens: connector.TokenLife{
			AccessSeconds: 2 * 60 * 60, Source: docTokens,
			Renewal: "The access ends after two hours and is renewed by itself; it has to be given again when Herald could not renew it for 180 days.",
		},
	}
}

// kinds are the kinds of post as an account takes them.
func kinds(o choices) []connector.PostKind {
	caption := connector.TextLimit{Max: maxTitle, Unit: connector.UTF16Units, Source: docDirect}
	description := connector.TextLimit{Max: maxDescription, Unit: connector.UTF16Units, Source: docPhotos}
	none := connector.TextLimit{Unit: connector.UTF16Units, None: true, Source: docInbox}
	clip := connector.FileLimit{
		Types: []string{"video/mp4", "video/quicktime"}, MaxBytes: maxVideoBytes, MinDurationMs: 1000, MaxDurationMs: min(o.longestMs, longestVideoMs),
		MinFrameRate: slowestFrameRate, MaxFrameRate: fastestFrameRate, Codecs: []string{"avc1", "avc3", "hvc1", "hev1"},
		MinWidth: smallestVideoPx, MinHeight: smallestVideoPx, MaxWidth: largestVideoPx, NoAlt: true, Source: docTransfer,
	}
	draft := clip
	draft.MaxDurationMs = longestDraftMs
	picture := connector.FileLimit{
		Types: []string{"image/jpeg", "image/webp"}, MaxBytes: maxPhotoBytes, MaxPixels: shortSide * longSide, MaxWidth: longSide, NoAlt: true, Source: docOurs,
	}
	one := func(f connector.FileLimit) connector.MediaLimit {
		return connector.MediaLimit{Min: 1, Max: 1, Files: []connector.FileLimit{f}, Source: docTransfer}
	}
	pictures := connector.MediaLimit{Min: 1, Max: maxPhotoCount, Files: []connector.FileLimit{picture}, Source: docPhotos}
	return []connector.PostKind{
		{Kind: kindVideo, Title: "Video", Text: caption, Media: one(clip), Options: videoOptions(o), Preview: connector.PreviewVertical, Source: docDirect},
		{Kind: kindPhotos, Title: "Photos", Text: description, Media: pictures, Options: photoOptions(o), Preview: connector.PreviewVertical, Source: docPhotos},
		{Kind: kindVideoDraft, Title: "Video for the inbox", Text: none, Media: one(draft), Preview: connector.PreviewInbox, Source: docInbox},
		{Kind: kindPhotosDraft, Title: "Photos for the inbox", Text: description, Media: pictures, Options: draftOptions(), Preview: connector.PreviewInbox, Source: docPhotos},
	}
}
