package meta

import (
	"slices"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
)

// The ids of the two ways in. They are kept with every account that was linked.
const (
	loginFacebook  = "facebook"
	loginInstagram = "instagram"
)

const (
	docIGLogin = "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login"

	scopeIGLRead     = "instagram_business_basic"
	scopeIGLPublish  = "instagram_business_content_publish"
	scopeIGLComments = "instagram_business_manage_comments"
	scopeIGLInsights = "instagram_business_manage_insights"
)

// facebookLogin reaches Pages and the Instagram accounts that are linked to them.
func facebookLogin() connector.Login {
	return connector.Login{
		ID: loginFacebook, Title: "Facebook Login", Icon: "facebook", Accounts: []string{kindPage, kindInstagram},
		Description: "For Facebook Pages, and for Instagram accounts that are linked to a Page. Posts on Instagram can then be deleted from Herald, too.",
		Scopes: append([]connector.Scope{
			{Name: scopeList, Feature: "discover", Why: "Shows you the Pages you can connect.", Required: true},
			{Name: scopePublish, Feature: "publish", Why: "Publishes your posts to the Page, and deletes them when you ask for it.", Required: true},
			{Name: scopeRead, Feature: "publish", Why: "Checks whether a post has arrived, so that none is published twice.", Required: true},
			{Name: scopeComment, Feature: "comment", Why: "Writes the first comment below a post and answers, hides and deletes comments, where you ask for it."},
			{Name: scopeReadUser, Feature: "comment", Why: "Shows you the comments on your posts."},
			{Name: scopeInsights, Feature: "report", Why: "Shows you how often your posts and your Page were seen."},
			{Name: scopeBusiness, Feature: "business", Why: "Shows you the Pages that belong to a business you work for."},
			{Name: scopeWebhooks, Feature: "webhooks", Why: "Has Facebook tell Herald of new comments at once, on the Page and on the Instagram account linked to it."},
		}, instagramScopes()...),
		Tokens: connector.TokenLife{
			AccessSeconds: 0, Source: docTokens,
			Renewal: "A Page's access does not end by itself. It ends when the person removes Herald, changes the password or loses the role on the Page.",
		},
		Revokes: true, RemoveURL: "https://www.facebook.com/settings?tab=business_tools",
	}
}

// instagramLogin reaches one professional account and needs no Page. It belongs to an app of its own.
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
func instagramLogin() connector.Login {
	return connector.Login{
		ID: loginInstagram, Title: "Instagram Login", Icon: "instagram", Accounts: []string{kindInstagram}, CannotDelete: []string{kindInstagram},
		Description: "For one Instagram business or creator account that has no Facebook Page, or whose Page you do not manage. Posts can then be deleted only in the Instagram app.",
		Scopes: []connector.Scope{
			{Name: scopeIGLRead, Feature: "discover", Why: "Shows Herald which Instagram account is yours.", Required: true},
			{Name: scopeIGLPublish, Feature: "publish", Why: "Publishes your posts to the Instagram account.", Required: true},
			{Name: scopeIGLComments, Feature: "comment", Why: "Writes the first comment below a post and answers, hides and deletes comments, where you ask for it."},
			{Name: scopeIGLInsights, Feature: "report", Why: "Shows you how often your posts and your account were seen."},
		},
		Tokens: connector.TokenLife{
			AccessSeconds: 60 * 24 * 60 * 60, Source: docIGLogin,
			Renewal: "The access ends after 60 days. Herald renews it before that by itself.",
		},
		RemoveURL: "https://www.instagram.com/accounts/manage_access/",
	}
}

// scopesOf are the names of what a login asks for.
func scopesOf(l connector.Login) []string {
	var names []string
	for _, s := range l.Scopes {
		names = append(names, s.Name)
	}
	return names
}

// missingOf are the permissions without which a login is of no use.
func missingOf(l connector.Login, granted []string) []string {
	var names []string
	for _, s := range l.Scopes {
		if s.Required && !slices.Contains(granted, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// scopeName is what the login calls a permission of Facebook Login.
func scopeName(login, scope string) string {
	if login == loginInstagram {
		return strings.Replace(scope, "instagram_", "instagram_business_", 1)
	}
	return scope
}
