package stage

import (
	"context"
	"net/url"

	"github.com/herald-publishing/herald/internal/connector"
)

const linkedinPage = "linkedin_organization"

func linkedin() Platform {
	return Platform{
		Name: "linkedin", Secret: "LinkedinSecret", Logins: map[string]string{"personal": "image"},
		Settings: func(origin string) []string {
			return []string{"LINKEDIN_API_URL=" + origin + "/linkedin/api", "LINKEDIN_OAUTH_URL=" + origin + "/linkedin/www", "LINKEDIN_API_VERSION=202609"}
		},
		Seed:    seedLinkedin,
		Consent: func(a Account) (string, []string) { return a.Person, nil },
		Posts:   linkedinPosts,
		Options: linkedinOptions,
	}
}

func seedLinkedin(ctx context.Context, b Box, kind, login string) (Account, error) {
	in := map[string]any{"person": "Kim Berg"}
	if kind == linkedinPage {
		in["organizations"] = []any{map[string]any{"name": "Corner Cafe"}}
	}
	var seeded struct {
		Person        named   `json:"person"`
		Organizations []named `json:"organizations"`
	}
	if err := b.Post(ctx, "/_sandbox/linkedin/seed", in, &seeded); err != nil {
		return Account{}, err
	}
	a := Account{ID: seeded.Person.ID, Person: seeded.Person.ID, Data: map[string]string{"person": seeded.Person.ID}}
	if kind == linkedinPage {
		a.ID = seeded.Organizations[0].ID
	}
	var token struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	personal := login == "personal"
	err := b.Post(ctx, "/_sandbox/linkedin/token", map[string]any{"person": a.Person, "personal": personal, "refresh": !personal}, &token)
	a.Credential = connector.Credential{Access: connector.NewSecret(token.Access), Refresh: connector.NewSecret(token.Refresh)}
	return a, err
}

func linkedinPosts(ctx context.Context, b Box, _, account string) ([]Post, error) {
	var shown struct {
		Posts []struct {
			ID   string `json:"id"`
			Text string `json:"text"`
		} `json:"posts"`
	}
	if err := b.Get(ctx, "/_sandbox/linkedin/accounts?id="+url.QueryEscape(account), &shown); err != nil {
		return nil, err
	}
	var out []Post
	for _, p := range shown.Posts {
		out = append(out, Post{ID: p.ID, Names: []string{p.ID}, Text: p.Text})
	}
	return out, nil
}

func linkedinOptions(ctx context.Context, b Box, kind string) (map[string]any, error) {
	switch kind {
	case "article", "document":
		return map[string]any{"title": "Bread"}, nil
	case "poll":
		return map[string]any{"question": "Rye or wheat?", "options": []any{"Rye", "Wheat"}, "duration": "THREE_DAYS"}, nil
	case "reshare":
		other, err := seedLinkedin(ctx, b, linkedinPage, "")
		if err != nil {
			return nil, err
		}
		var post named
		err = b.Post(ctx, "/_sandbox/linkedin/posts", map[string]any{"author": "urn:li:organization:" + other.ID, "commentary": "Old bread"}, &post)
		return map[string]any{"post": post.ID}, err
	default:
		return nil, nil //nolint:nilnil // no options
	}
}
