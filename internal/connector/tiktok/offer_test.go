package tiktok_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/tiktok"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/publish"
)

func kindsOf(o connector.Offer) []string {
	names := []string{}
	for _, p := range o.Posts {
		names = append(names, p.Kind)
	}
	return names
}

func levelsOf(t *testing.T, p connector.PostKind) []string {
	t.Helper()
	var schema struct {
		Properties struct {
			Level struct {
				OneOf []struct {
					Const string `json:"const"`
				} `json:"oneOf"`
			} `json:"privacy_level"`
			Duet struct {
				Const *bool `json:"const"`
			} `json:"allow_duet"`
		} `json:"properties"`
	}
	require.NoError(t, json.Unmarshal(p.Options, &schema))
	var out []string
	for _, l := range schema.Properties.Level.OneOf {
		out = append(out, l.Const)
	}
	return out
}

func noticesOf(o connector.Offer, level connector.NoticeLevel) int {
	n := 0
	for _, notice := range o.Notices {
		if notice.Level == level {
			n++
		}
	}
	return n
}

func TestAnOfferIsWhatTheAccountTakes(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	offer := func(traits object, change ...func(*tiktok.Config)) connector.Offer {
		t.Helper()
		c := b.connect(t, time.Now, change...)
		o, err := c.Offer(t.Context(), b.session(t, b.creator(t, traits), 0))
		require.NoError(t, err)
		return o
	}
	o := offer(object{"private": true, "max_seconds": 180})
	require.Equal(t, []string{"video", "photos", "video_draft", "photos_draft"}, kindsOf(o))
	require.Equal(t, []string{"FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"}, levelsOf(t, o.Posts[0]))
	require.EqualValues(t, 180_000, o.Posts[0].Media.Files[0].MaxDurationMs)
	require.Contains(t, string(o.Posts[0].Options), `"allow_duet":{"type":"boolean","title":"Allow duet","const":false`)
	require.Contains(t, o.Notices[0].Text, "Kim Berg")
	require.Zero(t, noticesOf(o, connector.NoticeStop))

	o = offer(object{"other_posts": 15})
	require.Equal(t, 1, noticesOf(o, connector.NoticeStop))
	require.Len(t, o.Posts, 4, "a post for tomorrow is taken")
	o = offer(object{"banned": true})
	require.Equal(t, 1, noticesOf(o, connector.NoticeStop))
	require.Empty(t, o.Posts)

	unaudited := func(c *tiktok.Config) { c.Audited = false }
	require.Equal(t, 1, noticesOf(offer(nil, unaudited), connector.NoticeStop), "an open account cannot be posted to")
	o = offer(object{"private": true}, unaudited)
	require.Equal(t, []string{"SELF_ONLY"}, levelsOf(t, o.Posts[0]))
	require.Equal(t, 1, noticesOf(o, connector.NoticeWarning))
}

func TestAnAccountWithoutAPermissionTakesWhatIsLeft(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	id := b.creator(t, nil)
	c := b.connect(t, time.Now)
	grant := func(decline ...string) connector.Account {
		t.Helper()
		to := "http://localhost:8080/v1/oauth/tiktok/callback"
		cb := b.login(t, c.AuthURL(connector.AuthRequest{State: "s", RedirectURI: to}), object{"accounts": []string{id}, "decline": decline})
		g, err := c.Exchange(t.Context(), cb)
		require.NoError(t, err)
		require.ElementsMatch(t, decline, g.Declined)
		all, err := c.Accounts(t.Context(), g)
		require.NoError(t, err)
		return all[0]
	}
	a := grant("video.publish", "user.info.profile")
	require.True(t, a.Usable)
	require.Empty(t, a.Username)
	s := connector.Session{Account: a, Credential: a.Credential}
	o, err := c.Offer(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, []string{"video_draft", "photos_draft"}, kindsOf(o))

	_, err = c.Publish(t.Context(), s, video(everyone(nil)), newJournal())
	requireProblem(t, err, problem.PermissionMissing, "scope_not_authorized", "")

	o, err = c.Offer(t.Context(), connector.Session{Account: connector.Account{Scopes: []string{"user.info.basic"}}})
	require.NoError(t, err)
	require.Empty(t, o.Posts)
	a = grant("video.publish", "video.upload")
	require.False(t, a.Usable)
	require.NotEmpty(t, a.Reason)
}

func TestTheFormAndTheCheckAgree(t *testing.T) {
	t.Parallel()
	kind, _ := tiktok.Info().AccountKind("tiktok_account")
	clip := publish.MediaRef{Type: "video/mp4", Bytes: 1000, Width: 540, Height: 960, DurationMs: 5000, Codec: "avc1", FrameRate: 30}
	check := func(options object) []publish.Violation {
		return publish.Check(kind, "con_1", "t", publish.Content{Kind: "video", TextField: "text", Text: "a", Media: []publish.MediaRef{clip}, Options: options})
	}
	branded := object{"disclose": true, "branded_content": true, "consent": "branded_content_and_music_usage"}
	for _, good := range []object{everyone(nil), everyone(object{"disclose": true, "your_brand": true}), everyone(branded), everyone(object{"disclose": false, "branded_content": false})} {
		require.Empty(t, check(good), "%v", good)
	}
	for field, bad := range map[string]object{
		"t.options.privacy_level":   {"consent": "music_usage"},
		"t.options.consent":         {"privacy_level": "SELF_ONLY"},
		"t.options":                 everyone(object{"disclose": true}),
		"t.options.your_brand":      everyone(object{"your_brand": true}),
		"t.options.branded_content": everyone(object{"branded_content": true, "consent": "branded_content_and_music_usage"}),
	} {
		found := check(bad)
		require.NotEmpty(t, found, "%v", bad)
		require.Equal(t, field, found[0].Field, "%v: %v", bad, found)
	}
	private := everyone(branded)
	private["privacy_level"] = "SELF_ONLY"
	found := check(private)
	require.Len(t, found, 1)
	require.Equal(t, "Branded content visibility cannot be set to private.", found[0].Message)
	found = check(everyone(object{"disclose": true}))
	require.Equal(t, "You need to indicate if your content promotes yourself, a third party, or both.", found[0].Message)
	wrong := everyone(branded)
	wrong["consent"] = "music_usage"
	require.Equal(t, "t.options.consent", check(wrong)[0].Field)
}

func TestTheAccessEndsForEveryPost(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	s := b.session(t, b.creator(t, nil), 2*time.Hour)
	c := b.connect(t, time.Now)
	require.NoError(t, c.Ping(t.Context(), s))
	other := s
	other.Account.ExternalID = "-000somebodyelse"
	requireProblem(t, c.Ping(t.Context(), other), problem.NotFound, "other_account", "")
	require.NoError(t, c.Revoke(t.Context(), s))
	require.Equal(t, problem.AuthExpired, problem.ClassOf(c.Ping(t.Context(), s)))
	require.NoError(t, c.Revoke(t.Context(), s), "twice is a success")

	late := b.session(t, b.creator(t, nil), 2*time.Hour)
	b.Pass(t, 3*time.Hour)
	require.NoError(t, c.Revoke(t.Context(), late), "a dead token is renewed first")
	_, err := c.Refresh(t.Context(), late)
	require.Equal(t, problem.AuthRevoked, problem.ClassOf(err))
	var seen []struct {
		Scopes []string `json:"scopes"`
	}
	b.Control(t, http.MethodGet, "tiktok/creators?id="+late.Account.ExternalID, nil, &seen)
	require.Empty(t, seen[0].Scopes, "the app is not connected any more")
}

func TestAnAccessLivesAsLongAsTikTokSays(t *testing.T) {
	t.Parallel()
	for access, refresh := range map[time.Duration]time.Duration{2 * time.Hour: 180 * day, day: 365 * day} {
		b := startSandbox(t)
		b.Control(t, http.MethodPost, "tiktok/settings", object{"access_seconds": int(access.Seconds()), "refresh_seconds": int(refresh.Seconds())}, nil)
		id, now := b.creator(t, nil), time.Now()
		c := b.connect(t, func() time.Time { return now })
		const redirect = "http://localhost:8080/v1/oauth/tiktok/callback"
		cb := b.login(t, c.AuthURL(connector.AuthRequest{State: "s", RedirectURI: redirect}), object{"accounts": []string{id}})
		grant, err := c.Exchange(t.Context(), cb)
		require.NoError(t, err)
		require.WithinDuration(t, now.Add(access), grant.ExpiresAt, time.Second)
		renewal, err := c.Refresh(t.Context(), connector.Session{Account: connector.Account{ExternalID: id}, Credential: grant.Credential})
		require.NoError(t, err)
		require.WithinDuration(t, now.Add(access), renewal.Life.ExpiresAt, time.Second)
		require.WithinDuration(t, now.Add(refresh), renewal.Life.RenewUntil, time.Minute)
	}
}

func TestAnAccessThatCannotBeGivenBackIsNotSaidToBe(t *testing.T) {
	t.Parallel()
	for why, try := range map[string]struct {
		faults []object
		code   string // empty = it was given back
	}{
		"the renewal's answer is lost":   {[]object{{"op": "tiktok.oauth.token", "kind": "reset_after"}}, "out_of_reach"},
		"the renewal never arrives":      {[]object{{"op": "tiktok.oauth.token", "kind": "500"}}, ""},
		"it is not answered, twice":      {[]object{{"op": "tiktok.oauth.token", "kind": "500", "times": 2}}, "out_of_reach"},
		"giving back fails and then not": {[]object{{"op": "tiktok.oauth.revoke", "kind": "500", "skip": 1, "times": 2}}, ""},
		"giving back fails":              {[]object{{"op": "tiktok.oauth.revoke", "kind": "500", "skip": 1, "times": 9}}, "out_of_reach"},
		"too many calls":                 {[]object{{"op": "tiktok.oauth.token", "kind": "429"}}, "rate_limit_exceeded"},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			b := startSandbox(t)
			s := b.session(t, b.creator(t, nil), 2*time.Hour)
			b.Pass(t, 3*time.Hour)
			for _, f := range try.faults {
				b.Control(t, http.MethodPost, "faults", f, nil)
			}
			err := b.connect(t, time.Now).Revoke(t.Context(), s)
			if try.code == "" {
				require.NoError(t, err)
				var seen []struct {
					Scopes []string `json:"scopes"`
				}
				b.Control(t, http.MethodGet, "tiktok/creators?id="+s.Account.ExternalID, nil, &seen)
				require.Empty(t, seen[0].Scopes)
				return
			}
			require.Equal(t, try.code, problem.Of(err).Code, "%v", err)
		})
	}
}
