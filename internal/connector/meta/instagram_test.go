package meta_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
)

// instagramSession is the account of the fixtures.
var instagramSession = connector.Session{
	Account: connector.Account{
		Kind: "instagram", ExternalID: "17841400000000005", Name: "Cafe Ada", Username: "cafe.ada",
		Data: map[string]string{"user_id": "30000000000000017", "page_id": "20000000000000001"},
	},
	Credential: connector.Credential{
		Access: connector.NewSecret("EAACanaryPageToken0001"), Parent: connector.NewSecret("EAACanaryLongUserToken0001"),
	},
}

func instagramDrafts() map[string]connector.Draft {
	photo := connectortest.Photo("Six buns on a tray")
	return map[string]connector.Draft{
		"image": {Kind: "image", Text: "Warm buns by @ada #buns", Media: []connector.Media{photo}, Options: map[string]any{
			"collaborators": []any{"bakery.berlin"}, "first_comment": "Until they are gone, @kim!",
		}},
		"carousel": {Kind: "carousel", Text: "Two trays", Media: []connector.Media{photo, connectortest.Photo("")}},
		"story":    {Kind: "story", Media: []connector.Media{photo}},
		"reel": {Kind: "reel", Text: "Watch them rise, @ada", Media: []connector.Media{connectortest.Clip()}, Options: map[string]any{
			"share_to_feed": false, "thumb_seconds": 1.5, "is_ai_generated": true, "collaborators": []any{"bakery.berlin"}, "first_comment": "Order now",
		}},
		"mixed": {Kind: "carousel", Text: "From flour to bun", Media: []connector.Media{connectortest.Clip(), photo}, Options: map[string]any{
			"is_ai_generated": true,
		}},
		"clip_story": {Kind: "story", Media: []connector.Media{connectortest.Clip()}},
	}
}

// instagramBox is a sandbox with a host from which it can fetch pictures.
type instagramBox struct {
	box

	pictures string
}

func startInstagram(t *testing.T) instagramBox {
	t.Helper()
	files := map[string]connector.Media{"/counter.jpg": connectortest.Photo(""), "/oven.mp4": connectortest.Clip(), "/slow.mp4": slowClip()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		raw, err := file.Open(r.Context(), 0, -1)
		if err == nil {
			_, _ = io.Copy(w, raw)
		}
	}))
	t.Cleanup(server.Close)
	return instagramBox{startSandbox(t), server.URL}
}

// address lets the fake fetch the draft's files.
func (b instagramBox) address(d connector.Draft) connector.Draft {
	media := append([]connector.Media{}, d.Media...)
	for i := range media {
		media[i].URL = func(context.Context) (string, error) { return b.pictures + "/" + media[i].Name, nil }
	}
	d.Media = media
	return d
}

// session is the Instagram account of a new Page, connected.
func (b instagramBox) session(t connectortest.T) (connector.Session, named) {
	t.Helper()
	return b.sessionWith(t, object{"name": "Shop", "instagram": true})
}

func (b instagramBox) sessionWith(t connectortest.T, page object) (connector.Session, named) {
	t.Helper()
	who, pages := b.person(t, object{"person": "Kim Berg", "pages": []object{page}})
	var tokens struct {
		User string `json:"user_token"`
		Page string `json:"page_token"`
	}
	b.Control(t, http.MethodPost, "meta/token", object{"person": who.ID, "page": pages[0].ID, "scopes": []string{
		"pages_show_list", "pages_read_engagement", "pages_manage_posts",
		"instagram_basic", "instagram_content_publish", "instagram_manage_comments", "instagram_manage_contents", "instagram_manage_insights",
	}}, &tokens)
	var accounts []struct{ ID, Username string }
	b.Control(t, http.MethodGet, "meta/instagram?page="+pages[0].ID, nil, &accounts)
	require.Len(t, accounts, 1)
	return connector.Session{
		Account: connector.Account{
			Kind: "instagram", ExternalID: accounts[0].ID, Name: "Shop", Username: accounts[0].Username, Data: map[string]string{"user_id": who.ID, "page_id": pages[0].ID},
		},
		Credential: connector.Credential{Access: connector.NewSecret(tokens.Page), Parent: connector.NewSecret(tokens.User)},
	}, who
}

// instagramPost is what the account shows.
type instagramPost struct {
	ID            string   `json:"id"`
	Caption       string   `json:"caption"`
	Type          string   `json:"media_type"`
	Product       string   `json:"media_product_type"`
	Comments      []string `json:"comments"`
	Collaborators []string `json:"collaborators"`
	Permalink     string   `json:"permalink"`
	Photos        []struct {
		Alt string `json:"alt_text"`
	} `json:"photos"`
	Files []struct {
		Video *struct{ URL string } `json:"video"`
	} `json:"files"`
	ReelsOnly bool   `json:"reels_only"`
	Cover     string `json:"cover"`
	Thumb     int    `json:"thumb_offset"`
	AI        bool   `json:"is_ai_generated"`
}

func (b instagramBox) media(t connectortest.T, account string) []instagramPost {
	t.Helper()
	var accounts []struct{ Media []instagramPost }
	b.Control(t, http.MethodGet, "meta/instagram?id="+account, nil, &accounts)
	require.Len(t, accounts, 1)
	return accounts[0].Media
}

func (b instagramBox) pass(t connectortest.T, d time.Duration) {
	t.Helper()
	b.Control(t, http.MethodPost, "clock", object{"advance_seconds": int((d + time.Second - 1) / time.Second)}, nil)
}

func (b instagramBox) world(t connectortest.T) connectortest.World {
	session, who := b.session(t)
	return connectortest.World{
		URL: b.URL + "/meta/graph", Session: session, Address: b.address, Pass: b.Pass, Report: b.report(session), Moderation: b.moderation(session),
		Login: func(t connectortest.T, authURL, _ string) connector.Callback {
			return b.login(t, authURL, object{"person": who.ID})
		},
		Posts: func(t connectortest.T) []connectortest.Post {
			var out []connectortest.Post
			for _, p := range b.media(t, session.Account.ExternalID) {
				out = append(out, connectortest.Post{ID: p.ID, Text: p.Caption, Comments: append([]string(nil), p.Comments...)})
			}
			return out
		},
	}
}

func TestInstagramAccountsComeWithTheirPages(t *testing.T) {
	t.Parallel()
	b := startInstagram(t)
	who, _ := b.person(t, object{"person": "Ada", "pages": []object{
		{"name": "Cafe", "username": "cafe", "instagram": true}, {"name": "Mill"}, {"name": "Bakery", "tasks": []string{"ANALYZE"}, "instagram": true},
	}})
	c := b.connect(t, time.Now)
	accounts := func(decline ...string) []connector.Account {
		t.Helper()
		g, err := c.Exchange(t.Context(), b.login(t, authURL(c), object{"person": who.ID, "decline": decline}))
		require.NoError(t, err)
		list, err := c.Accounts(t.Context(), g)
		require.NoError(t, err)
		return list
	}
	list := accounts()
	require.Len(t, list, 5)
	cafe, ig := list[0], list[1]
	require.Equal(t, []string{"facebook_page", "instagram", "facebook_page", "facebook_page", "instagram"}, []string{cafe.Kind, ig.Kind, list[2].Kind, list[3].Kind, list[4].Kind})
	require.True(t, ig.Usable)
	require.Equal(t, "cafe", ig.Username)
	require.Equal(t, "https://www.instagram.com/cafe", ig.ProfileURL)
	require.Contains(t, ig.AvatarURL, ig.ExternalID)
	require.Equal(t, map[string]string{"user_id": who.ID, "page_id": cafe.ExternalID}, ig.Data)
	require.Equal(t, cafe.Credential, ig.Credential)
	require.Contains(t, ig.Scopes, "instagram_content_publish")
	require.NotContains(t, cafe.Scopes, "instagram_basic")
	require.False(t, list[4].Usable, "as its Page")
	require.NoError(t, c.Ping(t.Context(), connector.Session{Account: ig, Credential: ig.Credential}))

	// What is Instagram's does not keep anybody from connecting Pages.
	list = accounts("instagram_content_publish")
	require.True(t, list[0].Usable)
	require.False(t, list[1].Usable)
	require.Contains(t, list[1].Reason, "instagram_content_publish")
	require.Contains(t, list[4].Reason, "role", "the first reason is the Page's")
	list = accounts("instagram_basic", "instagram_manage_contents", "instagram_manage_comments")
	require.Len(t, list, 4)
	require.False(t, list[3].Usable)
	require.Equal(t, "instagram", list[3].Kind)
	require.Contains(t, list[3].Reason, "instagram_basic", "why no account is shown")
	require.True(t, list[0].Usable)
}
