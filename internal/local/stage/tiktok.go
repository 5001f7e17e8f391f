package stage

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
)

func tiktok() Platform {
	return Platform{
		Name: "tiktok", Secret: "TiktokSecret",
		Settings: func(origin string) []string {
			return []string{"TIKTOK_API_URL=" + origin + "/tiktok/api", "TIKTOK_DIALOG_URL=" + origin + "/tiktok/www", "TIKTOK_AUDITED=true"}
		},
		Seed: func(ctx context.Context, b Box, _, _ string) (Account, error) {
			var creator struct {
				ID string `json:"open_id"`
			}
			if err := b.Post(ctx, "/_sandbox/tiktok/seed", map[string]any{"username": "kim" + strings.ToLower(rand.Text()[:8])}, &creator); err != nil {
				return Account{}, err
			}
			var token struct {
				Access  string `json:"access_token"`
				Refresh string `json:"refresh_token"`
			}
			err := b.Post(ctx, "/_sandbox/tiktok/token", map[string]any{"creator": creator.ID}, &token)
			return Account{ID: creator.ID, Person: creator.ID, Credential: connector.Credential{
				Access: connector.NewSecret(token.Access), Refresh: connector.NewSecret(token.Refresh),
			}}, err
		},
		Consent: func(a Account) (string, []string) { return "", []string{a.ID} },
		Posts:   tiktokPosts,
		Tells:   true,
		Options: func(_ context.Context, _ Box, kind string) (map[string]any, error) {
			if strings.HasSuffix(kind, "_draft") {
				return nil, nil //nolint:nilnil // no options
			}
			return map[string]any{"privacy_level": "PUBLIC_TO_EVERYONE", "consent": "music_usage"}, nil
		},
	}
}

// tiktokPosts are the profile's, and the drafts in the inbox.
func tiktokPosts(ctx context.Context, b Box, _, account string) ([]Post, error) {
	type shown struct {
		ID          string `json:"id"`
		Task        string `json:"publish_id"`
		Title       string `json:"title"`
		Description string `json:"description"`
	}
	var creators []struct {
		Posts []shown `json:"posts"`
		Inbox []shown `json:"inbox"`
	}
	if err := b.Get(ctx, "/_sandbox/tiktok/creators?id="+url.QueryEscape(account), &creators); err != nil {
		return nil, err
	}
	if len(creators) != 1 {
		return nil, fmt.Errorf("stage: the sandbox has %d accounts %s", len(creators), account)
	}
	var out []Post
	for _, p := range append(creators[0].Posts, creators[0].Inbox...) {
		out = append(out, Post{ID: p.ID, Names: []string{p.ID, p.Task}, Text: p.Title + p.Description})
	}
	return out, nil
}
