package linkedin

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
)

const title = "LinkedIn"

// The documents that state the limits.
const (
	docBase      = "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/"
	docPosts     = docBase + "shares/posts-api"
	docText      = docBase + "shares/little-text-format"
	docSchema    = docBase + "shares/post-api-schema"
	docImages    = docBase + "shares/images-api"
	docSeveral   = docBase + "shares/multiimage-post-api"
	docVideos    = docBase + "shares/videos-api"
	docDocuments = docBase + "shares/documents-api"
	docPolls     = docBase + "shares/poll-post-api"
	docComments  = docBase + "shares/comments-api"
	docRoles     = docBase + "organizations/organization-access-control-by-role"
	docShares    = docBase + "organizations/share-statistics"
	docMember    = docBase + "members/post-statistics"
	docHooks     = "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation"
	docRemove    = "https://www.linkedin.com/mypreferences/d/data-sharing-for-permitted-services"
)

const (
	kindMember       = "linkedin_member"
	kindOrganization = "linkedin_organization"

	kindText     = "text"
	kindArticle  = "article"
	kindImage    = "image"
	kindImages   = "images"
	kindVideo    = "video"
	kindDocument = "document"
	kindPoll     = "poll"
	kindReshare  = "reshare"
)

const (
	// docPosts says 3,000 characters and not what of. Escapes and halves of a pair are counted, the strictest reading.
	maxText = 3000
	// LinkedIn documents no length of a title or of a comment; clients report these. See "Limits of our own" in docs/connectors.md.
	maxTitle       = 400
	maxComment     = 1250
	maxDescription = 4000
	maxAlt         = 4086
	maxImages      = 20
	// "fewer than 36,152,320 pixels"; no size in bytes is published, so it is what can be uploaded here.
	maxPixels        = 36_152_319
	maxImageBytes    = 100_000_000
	minVideoBytes    = 75 << 10 // "75 KB", read the strict way
	maxVideoBytes    = 500_000_000
	maxVideoMs       = 30 * 60 * 1000
	maxDocumentBytes = 100_000_000
	maxPages         = 300
)

// The options of posts.
const (
	optionVisibility  = "visibility"
	optionComment     = "first_comment"
	optionTitle       = "title"
	optionDescription = "description"
	optionQuestion    = "question"
	optionChoices     = "options"
	optionDuration    = "duration"
	optionPost        = "post"
)

// Info implements connector.Connector.
func (c *Connector) Info() connector.Info {
	i := Info()
	i.APIVersion = c.cfg.Version
	i.Sunset = sunset(c.cfg.Version)
	if c.cfg.Personal.ClientID == "" { // the operator has registered no such app
		i.Logins = i.Logins[:1]
	}
	return i
}

// sunset is the day on which a version ends: LinkedIn promises a year, and has named the days of these.
// https://learn.microsoft.com/en-us/linkedin/marketing/versioning
func sunset(version string) string {
	month, _, _ := strings.Cut(version, ".")
	return map[string]string{
		"202511": "2026-11-16", "202601": "2027-01-15", "202602": "2027-02-15", "202603": "2027-03-16", "202604": "2027-04-15", "202605": "2027-05-15",
		"202606": "2027-06-15", "202607": "2027-07-15",
	}[month]
}

// Info is the platform's description for who needs no connector.
func Info() connector.Info {
	account := func(kind, name string) connector.AccountKind {
		return connector.AccountKind{
			Kind: kind, Title: name, Icon: "linkedin", Posts: posts(kind), CanDelete: true, CanEdit: true, CanComment: true, CanReport: true,
			CanList: kind == kindOrganization,
		}
	}
	return connector.Info{
		Platform: Platform, Title: title, Color: "#0a66c2", Icon: "linkedin", APIVersion: DefaultVersion,
		Logins:   []connector.Login{communityLogin(), personalLogin()},
		Accounts: []connector.AccountKind{account(kindMember, "LinkedIn profile"), account(kindOrganization, "LinkedIn Page")},
	}
}

// posts are the kinds of post that an account of a kind takes.
func posts(account string) []connector.PostKind {
	text := connector.TextLimit{Max: maxText, Unit: connector.UTF16Units, Doubled: reserved, Source: docPosts}
	needed := text
	needed.Required = true
	image := connector.FileLimit{Types: []string{"image/jpeg", "image/png", "image/gif"}, MaxBytes: maxImageBytes, MaxPixels: maxPixels, MaxAlt: maxAlt, Source: docImages}
	video := connector.FileLimit{Types: []string{"video/mp4"}, MinBytes: minVideoBytes, MaxBytes: maxVideoBytes, MinDurationMs: 3000, MaxDurationMs: maxVideoMs, NoAlt: true, Source: docVideos}
	document := connector.FileLimit{
		Types: []string{
			"application/pdf", "application/vnd.ms-powerpoint", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
			"application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		},
		MaxBytes: maxDocumentBytes, MaxPages: maxPages, NoAlt: true, Source: docDocuments,
	}
	files := func(least, most int, f connector.FileLimit, source string) connector.MediaLimit {
		return connector.MediaLimit{Min: least, Max: most, Files: []connector.FileLimit{f}, Source: source}
	}
	none := connector.MediaLimit{Source: docPosts}
	return []connector.PostKind{
		{Kind: kindText, Title: "Text", Text: needed, Media: none, Options: options(account, ""), Source: docPosts},
		{Kind: kindArticle, Title: "Link", Text: needed, Media: files(0, 1, image, docPosts), Link: true, LinkRequired: true, Options: options(account, articleOptions(), optionTitle), Source: docPosts},
		{Kind: kindImage, Title: "Picture", Text: text, Media: files(1, 1, image, docImages), Options: options(account, ""), Source: docImages},
		{Kind: kindImages, Title: "Several pictures", Text: text, Media: files(2, maxImages, image, docSeveral), Options: options(account, ""), Source: docSeveral},
		{Kind: kindVideo, Title: "Video", Text: text, Media: files(1, 1, video, docVideos), Options: options(account, ""), Source: docVideos},
		{Kind: kindDocument, Title: "Document", Text: text, Media: files(1, 1, document, docDocuments), Options: options(account, documentOptions(), optionTitle), Source: docDocuments},
		{Kind: kindPoll, Title: "Poll", Text: needed, Media: none, Options: options(account, pollOptions(), optionQuestion, optionChoices, optionDuration), Preview: connector.PreviewPoll, Source: docPolls},
		{Kind: kindReshare, Title: "Repost", Text: text, Media: none, Options: options(account, reshareOptions(), optionPost), Preview: connector.PreviewShare, Source: docPosts},
	}
}

// options describes what a kind of post takes beside its text and files.
func options(account, own string, required ...string) json.RawMessage {
	visibility := ""
	if account == kindMember {
		visibility = fmt.Sprintf(`%q:{"type":"string","title":"Who can see it","oneOf":[{"const":"PUBLIC","title":"Everybody"},{"const":"CONNECTIONS","title":"Connections only"}],"default":"PUBLIC"},`, optionVisibility)
	}
	need := ""
	if len(required) > 0 {
		need = `,"required":["` + strings.Join(required, `","`) + `"]`
	}
	return fmt.Appendf(nil, `{"type":"object","additionalProperties":false,"properties":{%s%s%q:{"type":"string","title":"First comment",`+
		`"description":"Written below the post right after it is published.","minLength":1,"maxLength":%d}}%s}`, own, visibility, optionComment, maxComment, need)
}

func articleOptions() string {
	return fmt.Sprintf(`%q:{"type":"string","title":"Title of the page","description":"LinkedIn does not look at the page itself.","minLength":1,"maxLength":%d},`+
		`%q:{"type":"string","title":"What the page is about","maxLength":%d},`, optionTitle, maxTitle, optionDescription, maxDescription)
}

func documentOptions() string {
	return fmt.Sprintf(`%q:{"type":"string","title":"Title","description":"Shown above the document.","minLength":1,"maxLength":%d},`, optionTitle, maxTitle)
}

func pollOptions() string {
	return fmt.Sprintf(`%q:{"type":"string","title":"Question","minLength":1,"maxLength":140},`+
		`%q:{"type":"array","title":"Answers","minItems":2,"maxItems":4,"items":{"type":"string","minLength":1,"maxLength":30}},`+
		`%q:{"type":"string","title":"Open for","oneOf":[{"const":"ONE_DAY","title":"1 day"},{"const":"THREE_DAYS","title":"3 days"},{"const":"SEVEN_DAYS","title":"1 week"},{"const":"FOURTEEN_DAYS","title":"2 weeks"}],"default":"THREE_DAYS"},`,
		optionQuestion, optionChoices, optionDuration)
}

func reshareOptions() string {
	return fmt.Sprintf(`%q:{"type":"string","title":"Post to repost","description":"Its address on linkedin.com, or its URN (urn:li:share:… or urn:li:ugcPost:…).",`+
		`"pattern":"^(urn:li:(share|ugcPost):[0-9]+|https://([a-z]+\\.)?linkedin\\.com/.*(share|ugcPost)(:|%%3A|-)[0-9]+.*)$","maxLength":2000},`, optionPost)
}
