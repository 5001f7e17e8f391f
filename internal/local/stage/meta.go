package stage

import (
	"context"
	"fmt"

	"github.com/herald-publishing/herald/internal/connector"
)

func meta() Platform {
	return Platform{
		Name: "meta", Secret: "MetaSecret", Logins: map[string]string{"instagram": "image"},
		Settings: func(origin string) []string {
			return []string{
				"META_GRAPH_URL=" + origin + "/meta/graph", "META_DIALOG_URL=" + origin + "/meta/www", "META_API_VERSION=v26.0",
				"META_INSTAGRAM_GRAPH_URL=" + origin + "/meta/instagram/graph", "META_INSTAGRAM_TOKEN_URL=" + origin + "/meta/instagram/api",
				"META_INSTAGRAM_DIALOG_URL=" + origin + "/meta/instagram/www",
			}
		},
		Seed: func(ctx context.Context, b Box, kind, login string) (Account, error) {
			return SeedMeta(ctx, b, kind, login, false)
		},
		Consent: func(a Account) (string, []string) { return a.Person, nil },
		Posts:   metaPosts,
	}
}

type named struct {
	ID string `json:"id"`
}

// SeedMeta makes a person with a Page, or with the Instagram account of a Page; short = with a login that ends in an hour.
func SeedMeta(ctx context.Context, b Box, kind, login string, short bool) (Account, error) {
	var seeded struct {
		Person named   `json:"person"`
		Pages  []named `json:"pages"`
	}
	page := map[string]any{"name": "Corner Cafe", "instagram": kind == "instagram"}
	if err := b.Post(ctx, "/_sandbox/meta/seed", map[string]any{"person": "Kim Berg", "pages": []any{page}}, &seeded); err != nil {
		return Account{}, err
	}
	a := Account{ID: seeded.Pages[0].ID, Person: seeded.Person.ID, Data: map[string]string{"user_id": seeded.Person.ID}}
	var err error
	if a.Credential, err = MetaToken(ctx, b, a.Person, a.ID, short); err != nil || kind != "instagram" {
		return a, err
	}
	a.Data["page_id"] = a.ID
	var accounts []named
	if err := b.Get(ctx, "/_sandbox/meta/instagram?page="+a.ID, &accounts); err != nil {
		return a, err
	}
	a.ID = accounts[0].ID
	// What is made there is ready at once: a wait is no call.
	if err := b.Post(ctx, "/_sandbox/meta/instagram/"+a.ID, map[string]any{"polls": 0}, nil); err != nil || login != "instagram" {
		return a, err
	}
	var own struct {
		Token  string `json:"token"`
		UserID string `json:"user_id"`
	}
	if err := b.Post(ctx, "/_sandbox/meta/instagram-token", map[string]any{"account": a.ID}, &own); err != nil {
		return a, err
	}
	a.Credential, a.Data = connector.Credential{Access: connector.NewSecret(own.Token)}, map[string]string{"user_id": own.UserID}
	return a, nil
}

// MetaToken is what a person's consent gives for a Page; short = for an hour.
func MetaToken(ctx context.Context, b Box, person, page string, short bool) (connector.Credential, error) {
	var token struct {
		UserToken string `json:"user_token"`
		PageToken string `json:"page_token"`
	}
	err := b.Post(ctx, "/_sandbox/meta/token", map[string]any{"person": person, "page": page, "short": short, "scopes": []string{
		"pages_show_list", "pages_manage_posts", "pages_read_engagement", "instagram_basic", "instagram_content_publish",
		"pages_manage_engagement", "pages_read_user_content",
	}}, &token)
	return connector.Credential{Access: connector.NewSecret(token.PageToken), Parent: connector.NewSecret(token.UserToken)}, err
}

func metaPosts(ctx context.Context, b Box, kind, account string) ([]Post, error) {
	type shown struct {
		ID      string `json:"id"`
		Message string `json:"message"`
		Video   *named `json:"video"`
	}
	var accounts []struct {
		Posts []shown `json:"posts"` // of a Page
		Media []shown `json:"media"` // of an Instagram account
	}
	path := "/_sandbox/meta/pages?page="
	if kind == "instagram" {
		path = "/_sandbox/meta/instagram?id="
	}
	if err := b.Get(ctx, path+account, &accounts); err != nil {
		return nil, err
	}
	if len(accounts) != 1 {
		return nil, fmt.Errorf("stage: the sandbox has %d accounts %s", len(accounts), account)
	}
	var out []Post
	for _, p := range append(accounts[0].Posts, accounts[0].Media...) {
		name := p.ID
		if p.Video != nil { // a video has an id of its own
			name = p.Video.ID
		}
		out = append(out, Post{ID: p.ID, Names: []string{name}, Text: p.Message})
	}
	return out, nil
}
