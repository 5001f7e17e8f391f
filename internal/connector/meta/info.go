package meta

import "github.com/herald-publishing/herald/internal/connector"

// title is how sentences for people name the other side: nobody posts "to Meta".
const title = "Facebook"

// The documents that state the limits.
const (
	docFeed        = "https://developers.facebook.com/docs/graph-api/reference/page/feed"
	docPhotos      = "https://developers.facebook.com/docs/graph-api/reference/page/photos"
	docPosts       = "https://developers.facebook.com/docs/pages-api/posts"
	docPermissions = "https://developers.facebook.com/docs/permissions"
	docTokens      = "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived" //nolint:gosec // an address
	// docOurs explains the limits that no document of Meta states.
	docOurs = "https://github.com/herald-publishing/herald/blob/main/docs/connectors.md#limits-of-our-own"
)

const (
	kindPage  = "facebook_page"
	kindText  = "text"
	kindPhoto = "photo"

	scopeList    = "pages_show_list"
	scopePublish = "pages_manage_posts"
	scopeRead    = "pages_read_engagement"

	// Meta documents no length. Clients report 63,206 characters; counted in UTF-16 units, the strictest reading.
	maxMessage = 63206
	// "10 MB" in docPhotos, read the strict way.
	maxPhotoBytes = 10_000_000
)

// Info implements connector.Connector.
func (c *Connector) Info() connector.Info {
	i := Info()
	i.APIVersion = c.cfg.Version
	return i
}

// Info is the platform's description for who needs no connector.
func Info() connector.Info {
	text := connector.TextLimit{Max: maxMessage, Unit: connector.UTF16Units, Source: docOurs}
	required := text
	required.Required = true
	return connector.Info{
		Platform: Platform, Title: "Meta", Color: "#0866ff", Icon: "facebook", APIVersion: DefaultVersion,
		Scopes: append([]connector.Scope{
			{Name: scopeList, Feature: "discover", Why: "Shows you the Pages you can connect.", Required: true},
			{Name: scopePublish, Feature: "publish", Why: "Publishes your posts to the Page, and deletes them when you ask for it.", Required: true},
			{Name: scopeRead, Feature: "publish", Why: "Checks whether a post has arrived, so that none is published twice.", Required: true},
		}, instagramScopes()...),
		Tokens: connector.TokenLife{
			AccessSeconds: 0, Source: docTokens,
			Renewal: "A Page's access does not end by itself. It ends when the person removes Herald, changes the password or loses the role on the Page.",
		},
		Accounts: []connector.AccountKind{{
			Kind: kindPage, Title: "Facebook Page", Icon: "facebook", CanDelete: true,
			Posts: []connector.PostKind{
				{Kind: kindText, Title: "Text", Link: true, Text: required, Source: docFeed},
				{
					Kind: kindPhoto, Title: "Photo", Text: text, Source: docPosts,
					Media: connector.MediaLimit{
						Min: 1, Max: 1, MaxBytes: maxPhotoBytes, Source: docPhotos,
						Types: []string{"image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"},
					},
				},
			},
		}, instagramKind()},
	}
}
