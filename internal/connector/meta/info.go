package meta

import (
	"encoding/json"
	"fmt"

	"github.com/herald-publishing/herald/internal/connector"
)

// title is how sentences for people name the other side: nobody posts "to Meta".
const title = "Facebook"

// The documents that state the limits.
const (
	docFeed        = "https://developers.facebook.com/docs/graph-api/reference/page/feed"
	docPhotos      = "https://developers.facebook.com/docs/graph-api/reference/page/photos"
	docVideos      = "https://developers.facebook.com/docs/graph-api/reference/page/videos"
	docStories     = "https://developers.facebook.com/docs/page-stories-api"
	docReels       = "https://developers.facebook.com/documentation/video-api/guides/reels-publishing"
	docComments    = "https://developers.facebook.com/docs/pages-api/comments-mentions"
	docPosts       = "https://developers.facebook.com/docs/pages-api/posts"
	docPermissions = "https://developers.facebook.com/docs/permissions"
	docTokens      = "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived" //nolint:gosec // an address
	// docOurs explains the limits that no document of Meta states.
	docOurs = "https://github.com/herald-publishing/herald/blob/main/docs/connectors.md#limits-of-our-own"
)

const (
	kindPage       = "facebook_page"
	kindText       = "text"
	kindPhoto      = "photo"
	kindPhotos     = "photos"
	kindReel       = "reel"
	kindVideo      = "video"
	kindPhotoStory = "photo_story"
	kindVideoStory = "video_story"

	scopeList    = "pages_show_list"
	scopePublish = "pages_manage_posts"
	scopeRead    = "pages_read_engagement"
	scopeComment = "pages_manage_engagement"

	// Meta documents no length. Clients report 63,206 characters; counted in UTF-16 units, the strictest reading.
	maxMessage = 63206
	// Meta documents no length of a comment. Clients report 8,000 characters.
	maxComment = 8000
	// "10 MB" in docPhotos, read the strict way.
	maxPhotoBytes = 10_000_000
	// Meta states no size for a video; this is what Herald's storage takes.
	maxVideoBytes = 4 << 30
	// Meta publishes no length of a plain video any more; four hours was the last one.
	maxVideoMs = 4 * 60 * 60 * 1000
	// Meta documents no length of a video's title. Clients report 255 characters.
	maxTitle = 255
)

// Info implements connector.Connector.
func (c *Connector) Info() connector.Info {
	i := Info()
	i.APIVersion = c.cfg.Version
	if c.cfg.Instagram.ClientID == "" { // the operator has registered no Instagram app
		i.Logins = i.Logins[:1]
	}
	return i
}

// Info is the platform's description for who needs no connector.
func Info() connector.Info {
	text := connector.TextLimit{Max: maxMessage, Unit: connector.UTF16Units, Source: docOurs}
	photos := connector.MediaLimit{Min: 1, Max: 1, Source: docPhotos, Files: []connector.FileLimit{{
		Types: []string{"image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"}, MaxBytes: maxPhotoBytes, Source: docPhotos,
	}}}
	several := photos
	several.Min, several.Max = 2, maxPhotos
	// The guide asks for 9:16; encoders round odd sizes. It states no size in bytes: ours is what can be uploaded here.
	reel := connector.MediaLimit{Min: 1, Max: 1, Source: docReels, Files: []connector.FileLimit{{
		Types: []string{"video/mp4"}, MaxBytes: maxVideoBytes, MinDurationMs: 3000, MaxDurationMs: 90_000, MinRatio: 0.555, MaxRatio: 0.57,
		MinWidth: 540, MinHeight: 960, MinFrameRate: 23.9, MaxFrameRate: 60, Source: docReels,
	}}}
	// The guide has no numbers for other videos. They were "between 9:16 and 16:9", and encoders round.
	video := connector.MediaLimit{Min: 1, Max: 1, Source: docVideos, Files: []connector.FileLimit{{
		Types: []string{"video/mp4", "video/quicktime"}, MaxBytes: maxVideoBytes, MinDurationMs: 1000, MaxDurationMs: maxVideoMs, MinRatio: 0.555, MaxRatio: 1.79, Source: docOurs,
	}}}
	photoStory, videoStory := photos, reel
	photoStory.Source, videoStory.Source = docStories, docStories
	videoStory.Files = []connector.FileLimit{reel.Files[0]}
	videoStory.Files[0].MaxDurationMs, videoStory.Files[0].Source = 60_000, docStories
	none := connector.TextLimit{Unit: connector.UTF16Units, None: true, Source: docStories}
	options := optionsSchema("")
	titled := optionsSchema(fmt.Sprintf(`%q:{"type":"string","title":"Title","description":"Shown above the video.","minLength":1,"maxLength":%d},`, optionTitle, maxTitle))
	required := text
	required.Required = true
	return connector.Info{
		Platform: Platform, Title: "Meta", Color: "#0866ff", Icon: "facebook", APIVersion: DefaultVersion,
		Logins: []connector.Login{facebookLogin(), instagramLogin()},
		Accounts: []connector.AccountKind{{
			Kind: kindPage, Title: "Facebook Page", Icon: "facebook", CanDelete: true, CanEdit: true, CanComment: true, CanReport: true, CanList: true,
			Posts: []connector.PostKind{
				{Kind: kindText, Title: "Text", Link: true, Text: required, Options: options, Source: docFeed},
				{Kind: kindPhoto, Title: "Photo", Text: text, Media: photos, Options: options, Source: docPosts},
				{Kind: kindPhotos, Title: "Several photos", Text: text, Media: several, Options: options, Source: docPosts},
				{Kind: kindReel, Title: "Reel", Text: text, Media: reel, Options: options, Preview: connector.PreviewVertical, Source: docReels},
				{Kind: kindVideo, Title: "Video", Text: text, Media: video, Options: titled, Source: docVideos},
				{Kind: kindPhotoStory, Title: "Photo story", Text: none, Media: photoStory, Preview: connector.PreviewStory, Source: docStories},
				{Kind: kindVideoStory, Title: "Video story", Text: none, Media: videoStory, Preview: connector.PreviewStory, Source: docStories},
			},
		}, instagramKind()},
	}
}

// optionsSchema describes what a kind of post takes beside its text and media: what is its own, and a first comment.
func optionsSchema(own string) json.RawMessage {
	return fmt.Appendf(nil, `{"type":"object","additionalProperties":false,"properties":{%s%q:{"type":"string","title":"First comment",`+
		`"description":"The Page writes it below the post right after publishing.","minLength":1,"maxLength":%d}}}`, own, optionComment, maxComment)
}
