package meta

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
)

// The documents that state Instagram's limits.
const (
	docIGMedia      = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media"
	docIGPublishing = "https://developers.facebook.com/docs/instagram-platform/content-publishing"
)

const (
	kindInstagram = "instagram"
	kindImage     = "image"
	kindCarousel  = "carousel"
	kindStory     = "story"

	scopeIGRead     = "instagram_basic"
	scopeIGPublish  = "instagram_content_publish"
	scopeIGDelete   = "instagram_manage_contents"
	scopeIGComments = "instagram_manage_comments"

	// All from docIGMedia; "8 MB" read the strict way.
	maxIGCaption       = 2200
	maxIGImageBytes    = 8_000_000
	maxIGItems         = 10
	maxIGCollaborators = 3
)

// instagramScopes are not required: who leaves them out can still connect Pages.
func instagramScopes() []connector.Scope {
	return []connector.Scope{
		{Name: scopeIGRead, Feature: "discover", Why: "Shows you the Instagram accounts that belong to your Pages."},
		{Name: scopeIGPublish, Feature: "publish", Why: "Publishes your posts to the Instagram account."},
		{Name: scopeIGComments, Feature: "comment", Why: "Writes the first comment below a post where you ask for one."},
		{Name: scopeIGDelete, Feature: "delete", Why: "Deletes a post from Instagram when you ask for it."},
	}
}

// instagramKind describes a professional account that is linked to a Page.
func instagramKind() connector.AccountKind {
	caption := connector.TextLimit{Max: maxIGCaption, Unit: connector.UTF16Units, MaxHashtags: 30, MaxMentions: 20, Source: docIGMedia}
	picture := connector.FileLimit{
		Types: []string{"image/jpeg"}, MaxBytes: maxIGImageBytes, MinRatio: 0.8, MaxRatio: 1.91, MaxAlt: 1000, Source: docIGMedia,
	}
	whole := picture // a story is shown on the whole screen, whatever its shape
	whole.MinRatio, whole.MaxRatio, whole.MaxAlt = 0, 0, 0
	image := connector.MediaLimit{Min: 1, Max: 1, Files: []connector.FileLimit{picture}, Source: docIGPublishing}
	carousel := connector.MediaLimit{Min: 2, Max: maxIGItems, Files: []connector.FileLimit{picture}, Source: docIGPublishing}
	story := connector.MediaLimit{Min: 1, Max: 1, Files: []connector.FileLimit{whole}, Source: docIGPublishing}
	options := json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{` +
		`"collaborators":{"type":"array","title":"Collaborators","description":"User names without @ who are invited as co-authors.","maxItems":3,"items":{"type":"string","pattern":"^[A-Za-z0-9._]{1,30}$"}},` +
		`"first_comment":{"type":"string","title":"First comment","description":"Written below the post right after it is published.","maxLength":2200}}}`)
	return connector.AccountKind{
		Kind: kindInstagram, Title: "Instagram", Icon: "instagram", CanDelete: true,
		Posts: []connector.PostKind{
			{Kind: kindImage, Title: "Image", Text: caption, Media: image, Options: options, Source: docIGPublishing},
			{Kind: kindCarousel, Title: "Carousel", Text: caption, Media: carousel, Options: options, Source: docIGPublishing},
			{Kind: kindStory, Title: "Story", Text: connector.TextLimit{Unit: connector.UTF16Units, None: true, Source: docIGMedia}, Media: story, Source: docIGPublishing},
		},
	}
}

const accountFields = "id,name,username,link,access_token,tasks,picture{url}"

// pageFields are those of the list of Pages. The linked Instagram account is asked for only where it may be: a field
// without its permission could fail the whole list.
func pageFields(g connector.Grant) string {
	if slices.Contains(g.Granted, scopeIGRead) {
		return accountFields + ",instagram_business_account{id,username,name,profile_picture_url}"
	}
	return accountFields
}

// igAccount is the Instagram account that a Page is linked to.
type igAccount struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
	Picture  string `json:"profile_picture_url"`
}

// dataPage is where an Instagram account keeps the id of the Page whose token signs its calls.
const dataPage = "page_id"

// instagram gives the account linked to the Page, as an account of its own that lives on the Page's token.
func (p pageAccount) instagram(g connector.Grant) (connector.Account, bool) {
	ig := p.Instagram
	if ig == nil || ig.ID == "" {
		return connector.Account{}, false
	}
	page := p.account(g)
	a := connector.Account{
		Kind: kindInstagram, ExternalID: ig.ID, Name: ig.Name, Username: ig.Username, Usable: page.Usable, Reason: page.Reason,
		ProfileURL: "https://www.instagram.com/" + url.PathEscape(ig.Username), Credential: page.Credential,
		Data: map[string]string{dataUser: g.Subject, dataPage: p.ID},
	}
	if a.Name == "" {
		a.Name = ig.Username
	}
	if a.Name == "" {
		a.Name = ig.ID
	}
	if isWeb(ig.Picture) {
		a.AvatarURL = ig.Picture
	}
	for _, s := range scopesOf(facebookLogin()) {
		if slices.Contains(g.Granted, s) && s != scopePublish {
			a.Scopes = append(a.Scopes, s)
		}
	}
	if a.Usable && !slices.Contains(g.Granted, scopeIGPublish) {
		a.Usable, a.Reason = false, "The permission "+scopeIGPublish+" was left out, so Herald cannot publish to Instagram. Connect again and leave it ticked."
	}
	return a, true
}

// platformTitle is how sentences name the other side of a call.
func (o operation) platformTitle() string {
	if strings.HasPrefix(string(o), "ig_") {
		return "Instagram"
	}
	return title
}
