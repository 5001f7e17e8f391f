package meta

import (
	"fmt"

	"github.com/herald-publishing/herald/internal/connector"
)

// All from docIGMedia, read the strict way: a MB has a million bytes.
const (
	maxIGCaption    = 2200
	maxIGImageBytes = 8_000_000
	maxIGReelBytes  = 300_000_000
	maxIGStoryBytes = 100_000_000
	maxIGReelMs     = 15 * 60 * 1000
)

// instagramKind describes a professional account and what can be posted to it. Every single video is a reel.
func instagramKind() connector.AccountKind {
	caption := connector.TextLimit{Max: maxIGCaption, Unit: connector.UTF16Units, MaxHashtags: 30, MaxMentions: 20, Source: docIGMedia}
	none := connector.TextLimit{Unit: connector.UTF16Units, None: true, Source: docIGMedia}
	picture := connector.FileLimit{
		Types: []string{"image/jpeg"}, MaxBytes: maxIGImageBytes, MinRatio: 0.8, MaxRatio: 1.91, MaxAlt: 1000, Source: docIGMedia,
	}
	video := connector.FileLimit{
		Types: []string{"video/mp4", "video/quicktime"}, MaxBytes: maxIGReelBytes, MinDurationMs: 3000, MaxDurationMs: maxIGReelMs,
		MinFrameRate: 23, MaxFrameRate: 60, Codecs: []string{"avc1", "avc3", "hvc1", "hev1"}, MinRatio: 0.01, MaxRatio: 10, MaxWidth: 1920,
		NoAlt: true, Source: docIGMedia,
	}
	// A story is shown on the whole screen, whatever its shape.
	storyPicture, storyVideo := picture, video
	storyPicture.MinRatio, storyPicture.MaxRatio, storyPicture.MaxAlt = 0, 0, 0
	storyVideo.MaxBytes, storyVideo.MaxDurationMs, storyVideo.MinRatio = maxIGStoryBytes, 60_000, 0.1
	item := video
	item.Source = docOurs // no document states limits of a carousel's videos: a reel's are used
	one := func(files ...connector.FileLimit) connector.MediaLimit {
		return connector.MediaLimit{Min: 1, Max: 1, Files: files, Source: docIGPublishing}
	}
	carousel := connector.MediaLimit{Min: 2, Max: maxIGItems, Files: []connector.FileLimit{picture, item}, Source: docIGPublishing}
	options := instagramOptions("")
	return connector.AccountKind{
		Kind: kindInstagram, Title: "Instagram", Icon: "instagram", Color: "#e1306c", CanDelete: true, CanComment: true, CanReport: true, CanList: true,
		Posts: []connector.PostKind{
			{Kind: kindImage, Title: "Image", Text: caption, Media: one(picture), Options: options, Preview: connector.PreviewGallery, Source: docIGPublishing},
			{Kind: kindReel, Title: "Reel", Text: caption, Media: one(video), Options: instagramOptions(reelOptions), Preview: connector.PreviewVertical, Source: docIGPublishing},
			{Kind: kindCarousel, Title: "Carousel", Text: caption, Media: carousel, Options: options, Preview: connector.PreviewGallery, Source: docIGPublishing},
			{Kind: kindStory, Title: "Story", Text: none, Media: one(storyPicture, storyVideo), Preview: connector.PreviewStory, Source: docIGPublishing},
		},
	}
}

// reelOptions are those that only a reel has.
const reelOptions = `"share_to_feed":{"type":"boolean","title":"Also show it in the feed","description":"Otherwise it is shown among the reels only.","default":true},` +
	`"thumb_seconds":{"type":"number","title":"Cover: a moment of the video","description":"In seconds from the start, such as 1.5.","minimum":0,"maximum":900},` +
	`"thumb_offset":{"type":"integer","deprecated":true,"title":"Cover: a moment of the video (ms)","description":"What thumb_seconds was before, in milliseconds.","minimum":0,"maximum":900000},` +
	`"cover_url":{"type":"string","title":"Cover: an own picture","description":"The public address of a JPEG of at most 8 MB. It wins over a moment of the video.","maxLength":2000,"pattern":"^https://[!-~]+$"},`

// instagramOptions describes what a post takes beside its text and files.
func instagramOptions(more string) []byte {
	return fmt.Appendf(nil, `{"type":"object","additionalProperties":false,"properties":{%s`+
		`"collaborators":{"type":"array","title":"Collaborators","description":"User names without @ who are invited as co-authors.","maxItems":%d,"items":{"type":"string","pattern":"^[A-Za-z0-9._]{1,30}$"}},`+
		`"is_ai_generated":{"type":"boolean","title":"Made with AI","description":"Instagram shows a label."},`+
		`"first_comment":{"type":"string","title":"First comment","description":"Written below the post right after it is published.","maxLength":2200}}}`, more, maxIGCollaborators)
}
