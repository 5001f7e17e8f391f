package linkedin

import (
	"slices"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

const (
	loginCommunity = "community"
	loginPersonal  = "personal"

	scopeMember    = "w_member_social"
	scopeOrg       = "w_organization_social"
	scopeReadOrg   = "r_organization_social"
	scopeAdmin     = "rw_organization_admin"
	scopeAnalytics = "r_member_postAnalytics"

	// tokenLife is how long an access token lives. https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
	tokenLife = 60 * 24 * time.Hour
)

// communityLogin is the one of an app with the Community Management API. LinkedIn asks for all permissions or for none.
func communityLogin() connector.Login {
	return connector.Login{
		ID: loginCommunity, Title: "LinkedIn with Pages", Icon: "linkedin",
		Description: "For your profile and for the Pages that you manage, with comments and numbers.",
		Scopes: []connector.Scope{
			{Name: "r_basicprofile", Feature: "discover", Why: "Shows Herald who you are.", Required: true},
			{Name: scopeAdmin, Feature: "discover", Why: "Shows you the Pages you can connect, and their numbers.", Required: true},
			{Name: scopeMember, Feature: "publish", Why: "Publishes your posts to your profile, and deletes them when you ask for it.", Required: true},
			{Name: scopeOrg, Feature: "publish", Why: "Publishes your posts to the Page, and deletes them when you ask for it.", Required: true},
			{Name: scopeReadOrg, Feature: "publish", Why: "Checks whether a post has arrived, so that none is published twice.", Required: true},
			{Name: "r_member_social_feed", Feature: "comment", Why: "Shows you the comments on your posts.", Required: true},
			{Name: "w_member_social_feed", Feature: "comment", Why: "Writes comments on your posts where you ask for it.", Required: true},
			{Name: "r_organization_social_feed", Feature: "comment", Why: "Shows you the comments on the Page's posts.", Required: true},
			{Name: "w_organization_social_feed", Feature: "comment", Why: "Writes comments as the Page where you ask for it.", Required: true},
			{Name: scopeAnalytics, Feature: "report", Why: "Shows you how often your posts were seen.", Required: true},
		},
		Tokens: connector.TokenLife{
			AccessSeconds: int64(tokenLife / time.Second), Source: srcRefresh,
			Renewal: "The access ends after 60 days. Herald renews it by itself for a year where LinkedIn lets its app do so; otherwise you are asked to connect again a week before.",
		},
		Accounts: []string{kindMember, kindOrganization}, Revokes: true, RemoveURL: docRemove,
	}
}

// personalLogin is the one of an app that anybody may register: it posts to the member's profile and reads nothing.
func personalLogin() connector.Login {
	return connector.Login{
		ID: loginPersonal, Title: "LinkedIn profile only", Icon: "linkedin",
		Description: "For your own profile where Herald's app may not use Pages. Comments and numbers are not available.",
		Scopes: []connector.Scope{
			{Name: "openid", Feature: "discover", Why: "Shows Herald who you are.", Required: true},
			{Name: "profile", Feature: "discover", Why: "Shows Herald your name and your picture.", Required: true},
			{Name: scopeMember, Feature: "publish", Why: "Publishes your posts to your profile, and deletes them when you ask for it.", Required: true},
		},
		Tokens: connector.TokenLife{
			AccessSeconds: int64(tokenLife / time.Second), Source: srcTokens,
			Renewal: "The access ends after 60 days. You are asked to connect again a week before.",
		},
		Accounts: []string{kindMember}, Revokes: true, RemoveURL: docRemove,
	}
}

func login(id string) connector.Login {
	if id == loginPersonal {
		return personalLogin()
	}
	return communityLogin()
}

func scopesOf(l connector.Login) []string {
	var names []string
	for _, s := range l.Scopes {
		names = append(names, s.Name)
	}
	return names
}

// missing names the permissions that LinkedIn did not give although all were asked for.
func missing(l connector.Login, granted []string) error {
	var names []string
	for _, s := range scopesOf(l) {
		if !slices.Contains(granted, s) {
			names = append(names, s)
		}
	}
	if len(names) == 0 {
		return nil
	}
	e := problem.Newf(problem.PermissionMissing, "LinkedIn did not give Herald every permission that it asked for; %s is missing.", strings.Join(names, " and "))
	e.Platform, e.Code, e.Rule = Platform, "declined", srcTokens
	return e
}

// granted is nil unless it is known that the permission was not given.
func granted(s connector.Session, scope, to, rule string) error {
	if len(s.Account.Scopes) == 0 || slices.Contains(s.Account.Scopes, scope) {
		return nil
	}
	e := problem.New(problem.PermissionMissing, "This account was connected by a login that does not let Herald "+to+" (the permission "+scope+" is missing).")
	e.Platform, e.Code, e.Rule, e.NotSent = Platform, "scope_"+scope, rule, true
	return e
}
