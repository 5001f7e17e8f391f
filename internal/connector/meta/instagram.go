package meta

import (
	"net/url"
	"slices"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
)

// The documents that state Instagram's limits.
const (
	docIGMedia      = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media"
	docIGPublishing = "https://developers.facebook.com/docs/instagram-platform/content-publishing"
	docIGResumable  = "https://developers.facebook.com/documentation/instagram-platform/content-publishing/resumable-uploads"
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

	maxIGItems         = 10 // docIGPublishing
	maxIGCollaborators = 3  // docIGMedia
)

// instagramScopes are not required: who leaves them out can still connect Pages.
func instagramScopes() []connector.Scope {
	return []connector.Scope{
		{Name: scopeIGRead, Feature: "discover", Why: "Shows you the Instagram accounts that belong to your Pages."},
		{Name: scopeIGPublish, Feature: "publish", Why: "Publishes your posts to the Instagram account."},
		{Name: scopeIGComments, Feature: "comment", Why: "Shows you the comments on your posts; writes a first comment, answers, hides and deletes comments where you ask for it."},
		{Name: scopeIGInsights, Feature: "report", Why: "Shows you how often your posts and your account were seen."},
		{Name: scopeIGDelete, Feature: "delete", Why: "Deletes a post from Instagram when you ask for it."},
	}
}

const accountFields = "id,name,username,link,access_token,picture{url}"

// pageFields are those of the list of Pages. The linked Instagram account is asked for only where it may be: a field
// without its permission could fail the whole list.
func pageFields(g connector.Grant) string {
	if slices.Contains(g.Granted, scopeIGRead) {
		return accountFields + ",instagram_business_account{id,username,name,profile_picture_url}"
	}
	return accountFields
}

// unseenInstagram stands for the accounts that may be linked to the Pages of a person who left the permission out: nobody
// can tell which they are, but the person is to know why none is shown.
func unseenInstagram() connector.Account {
	return connector.Account{
		Kind: kindInstagram, ExternalID: kindInstagram, Name: "Instagram accounts of these Pages", ProfileURL: "https://www.instagram.com/",
		Reason: "The permission " + scopeIGRead + " was left out, so Herald cannot see whether they have any. Connect again and leave it ticked.",
	}
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

// viaPage tells whether the account lives on a Page's token. Then graph.facebook.com speaks for it, which also takes a
// reel's bytes and deletes posts; the accounts of Instagram Login can do neither.
func viaPage(a connector.Account) bool { return a.Data[dataPage] != "" }

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
