package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// tiktokError is a refusal in the envelope of the API.
// https://developers.tiktok.com/doc/tiktok-api-v2-error-handling
type tiktokError struct {
	status  int
	code    string
	message string
}

func (e *tiktokError) answer() answer {
	return jsonAnswer(e.status, map[string]any{"data": map[string]any{}, "error": map[string]string{"code": e.code, "message": e.message, "log_id": logID()}})
}

func logID() string { return "202611" + strings.ToUpper(fmt.Sprintf("%x", randomText(14))) }

func tiktokRefusal(status int, code, message string) *tiktokError {
	return &tiktokError{status, code, message}
}

func badParam(format string, args ...any) *tiktokError {
	return tiktokRefusal(http.StatusBadRequest, "invalid_params", fmt.Sprintf(format, args...))
}

func badToken() *tiktokError {
	return tiktokRefusal(http.StatusUnauthorized, "access_token_invalid", "The access token is invalid or not found in the request.")
}

// refuse implements platform.
func (k *tiktok) refuse(f fault, path string) answer {
	switch {
	case strings.HasPrefix(path, "/upload/"):
		status := map[string]int{fault401: http.StatusForbidden, fault429: http.StatusTooManyRequests}[f.Kind]
		if status == 0 {
			status = http.StatusInternalServerError
		}
		return answer{status: f.statusOr(status), header: http.Header{}}
	case strings.HasPrefix(path, "/v2/oauth/"):
		e := flatError{"invalid_grant", "The token or code is not valid any more."}
		status := k.oauthStatus()
		switch f.Kind {
		case fault429:
			e, status = flatError{"rate_limit_exceeded", "Too many requests."}, http.StatusTooManyRequests
		case fault500, faultErrorAfter:
			e, status = flatError{"internal_error", "Something went wrong."}, http.StatusInternalServerError
		}
		e.code = cmp.Or(string(f.Code), e.code)
		return e.answer(f.statusOr(status))
	}
	e := *badToken()
	switch f.Kind {
	case fault429:
		e = tiktokError{http.StatusTooManyRequests, "rate_limit_exceeded", "The API rate limit was exceeded. Please try again later."}
	case fault500, faultErrorAfter:
		e = tiktokError{http.StatusInternalServerError, "internal_error", "Something went wrong, please try again later."}
	}
	e.status, e.code = f.statusOr(e.status), cmp.Or(string(f.Code), e.code)
	return e.answer()
}

// tiktokRoute is one call of the API.
type tiktokRoute struct {
	pattern string
	op      string
	scopes  []string // one of them is needed
	limit   int      // calls in a minute of one person; https://developers.tiktok.com/doc/tiktok-api-v2-rate-limit
	quick   bool     // a refusal of the creator comes with status 200
	run     func(*tiktok, *tiktokCall) (any, *tiktokError)
}

func tiktokRoutes() []tiktokRoute {
	publish, upload := "video.publish", "video.upload"
	const api = " /tiktok/api/v2/"
	return []tiktokRoute{
		{http.MethodGet + api + "user/info/{$}", tiktokUserOp, []string{"user.info.basic"}, 600, false, (*tiktok).userInfo},
		{http.MethodPost + api + "post/publish/creator_info/query/{$}", tiktokCreatorOp, []string{publish}, 20, true, (*tiktok).creatorInfo},
		{http.MethodPost + api + "post/publish/video/init/{$}", tiktokVideoOp, []string{publish}, 6, false, (*tiktok).initVideo},
		{http.MethodPost + api + "post/publish/inbox/video/init/{$}", tiktokInboxOp, []string{upload}, 6, false, (*tiktok).initInbox},
		{http.MethodPost + api + "post/publish/content/init/{$}", tiktokPhotoOp, []string{publish, upload}, 6, false, (*tiktok).initContent},
		{http.MethodPost + api + "post/publish/status/fetch/{$}", tiktokStatusOp, []string{publish, upload}, 30, false, (*tiktok).fetchStatus},
		{http.MethodPost + api + "post/publish/cancel/{$}", tiktokCancelOp, []string{publish, upload}, 30, false, (*tiktok).cancel},
		{http.MethodPost + api + "video/list/{$}", tiktokListOp, []string{"video.list"}, 600, false, (*tiktok).listVideos},
		{http.MethodPost + api + "video/query/{$}", tiktokQueryOp, []string{"video.list"}, 600, false, (*tiktok).queryVideos},
	}
}

// tiktokCall is one call while it runs.
type tiktokCall struct {
	ctx     context.Context //nolint:containedctx // of one request
	r       *http.Request
	base    string
	now     time.Time
	creator *tiktokCreator
	scopes  []string // of the token
	body    []byte
	after   func() // to be done without the lock, before the answer
}

func (k *tiktok) serveAPI(w http.ResponseWriter, r *http.Request, route tiktokRoute) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	path := strings.TrimPrefix(r.URL.Path, "/tiktok/api")
	k.sb.mu.Lock()
	if t := k.st.Tokens[token]; t != nil {
		path += " " + t.OpenID // so that faults and the log of calls can be narrowed to one account
	}
	k.sb.mu.Unlock()
	k.sb.serve(w, r, k, call{op: route.op, path: path, run: func() answer {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return badParam("The body cannot be read.").answer()
		}
		k.advance(r.Context())
		c := &tiktokCall{ctx: r.Context(), r: r, base: k.sb.base(r), body: body}
		data, refused := k.run(c, token, route)
		if c.after != nil {
			c.after()
		}
		if refused != nil {
			if route.quick && strings.HasPrefix(refused.code, "spam_risk") || route.quick && refused.code == "reached_active_user_cap" {
				refused = tiktokRefusal(http.StatusOK, refused.code, refused.message)
			}
			return refused.answer()
		}
		out := map[string]any{"error": map[string]string{"code": "ok", "message": "", "log_id": logID()}}
		if data != nil {
			out["data"] = data
		}
		return jsonAnswer(http.StatusOK, out)
	}})
}

func (k *tiktok) run(c *tiktokCall, token string, route tiktokRoute) (any, *tiktokError) {
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	c.now = k.sb.clock()
	t := k.st.Tokens[token]
	if t == nil || t.Dead || !c.now.Before(t.Ends) {
		return nil, badToken()
	}
	c.creator, c.scopes = k.st.creator(t.OpenID), t.Scopes
	if c.creator == nil || c.creator.Grant == nil {
		return nil, badToken()
	}
	if !slices.ContainsFunc(route.scopes, c.has) {
		return nil, tiktokRefusal(http.StatusUnauthorized, "scope_not_authorized", "The user did not authorize the scope required for completing this request.")
	}
	if !k.within(t.OpenID, route.op, route.limit, c.now) {
		return nil, tiktokRefusal(http.StatusTooManyRequests, "rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.")
	}
	if len(c.body) > 0 {
		if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			return nil, badParam("Content-Type must be application/json; charset=UTF-8.")
		}
	}
	return route.run(k, c)
}

func (c *tiktokCall) has(scope string) bool { return slices.Contains(c.scopes, scope) }

// within counts a call in the sliding window of a minute. The lock is held.
func (k *tiktok) within(openID, op string, limit int, now time.Time) bool {
	key := openID + " " + op
	k.st.windows[key] = slices.DeleteFunc(k.st.windows[key], func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	if len(k.st.windows[key]) >= limit {
		return false
	}
	k.st.windows[key] = append(k.st.windows[key], now)
	return true
}

// decode reads the body strictly: a field that no document names is a mistake of the caller.
func (c *tiktokCall) decode(into any) *tiktokError {
	dec := json.NewDecoder(strings.NewReader(string(c.body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return badParam("The request body is invalid: %s.", err)
	}
	return nil
}

// fields reads the list of fields, which are asked for in the address.
func (c *tiktokCall) fields(known map[string]string) ([]string, *tiktokError) {
	var out []string
	for name := range strings.SplitSeq(c.r.URL.Query().Get("fields"), ",") {
		scope, ok := known[name]
		if !ok {
			return nil, badParam("Fields is not set or not valid: %q.", name)
		}
		if scope != "" && !c.has(scope) {
			return nil, tiktokRefusal(http.StatusBadRequest, "scope_permission_missed", "To get the value of field "+name+", the scope "+scope+" is required.")
		}
		out = append(out, name)
	}
	return out, nil
}

// pick keeps of an object what was asked for.
func (k *tiktok) pick(all map[string]any, fields []string) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if v, ok := all[f]; ok && !slices.Contains(k.st.Settings.LeftOut, f) {
			out[f] = v
		}
	}
	return out
}

// userInfo: https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info
func (k *tiktok) userInfo(c *tiktokCall) (any, *tiktokError) {
	fields, err := c.fields(map[string]string{
		"open_id": "", "union_id": "", "avatar_url": "", "avatar_url_100": "", "avatar_large_url": "", "display_name": "",
		"username": "user.info.profile", "bio_description": "user.info.profile", "profile_deep_link": "user.info.profile",
		"profile_web_link": "user.info.profile", "is_verified": "user.info.profile",
		"follower_count": "user.info.stats", "following_count": "user.info.stats", "likes_count": "user.info.stats", "video_count": "user.info.stats",
	})
	if err != nil {
		return nil, err
	}
	u := c.creator
	likes, videos := int64(0), int64(0)
	for _, p := range k.posts(u.OpenID) {
		likes += k.count(p, "like_count", c.now)
		videos++
	}
	avatar := c.base + avatarPath("tiktok", u.OpenID, "")
	all := map[string]any{
		"open_id": u.OpenID, "union_id": "u" + u.OpenID, "avatar_url": avatar, "avatar_url_100": avatar, "avatar_large_url": avatar, "display_name": u.Nickname,
		"username": u.Username, "bio_description": "", "profile_deep_link": c.base + "/tiktok/www/@" + u.Username,
		"profile_web_link": c.base + "/tiktok/www/@" + u.Username, "is_verified": false,
		"follower_count": u.Followers, "following_count": int64(87), "likes_count": likes, "video_count": videos,
	}
	return map[string]any{"user": k.pick(all, fields)}, nil
}

// creatorInfo: https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info
func (k *tiktok) creatorInfo(c *tiktokCall) (any, *tiktokError) {
	if err := k.mayPost(c); err != nil {
		return nil, err
	}
	u := c.creator
	return map[string]any{
		"creator_username": u.Username, "creator_nickname": u.Nickname, "creator_avatar_url": c.base + avatarPath("tiktok", u.OpenID, ""),
		"privacy_level_options": u.levels(), "comment_disabled": u.CommentDisabled,
		"duet_disabled": u.DuetDisabled || u.Private, "stitch_disabled": u.StitchDisabled || u.Private, "max_video_post_duration_sec": u.longest(),
	}, nil
}

const tiktokDay = 24 * time.Hour

// mayPost refuses a creator who cannot post now.
func (k *tiktok) mayPost(c *tiktokCall) *tiktokError {
	if c.creator.Banned {
		return tiktokRefusal(http.StatusForbidden, "spam_risk_user_banned_from_posting", "The user is banned from making new posts.")
	}
	posts, active := c.creator.OtherPosts, map[string]bool{}
	for _, t := range k.st.Tasks {
		if t.Draft || t.Committed.IsZero() || c.now.Sub(t.Committed) >= tiktokDay || t.State == taskFailed {
			continue
		}
		active[t.OpenID] = true
		if t.OpenID == c.creator.OpenID {
			posts++
		}
	}
	if posts >= c.creator.dayCap() {
		return tiktokRefusal(http.StatusForbidden, "spam_risk_too_many_posts", "The daily post cap from the API is reached for the current user.")
	}
	most := k.st.Settings.ActiveCap
	if !k.st.Settings.Audited {
		most = 5
	}
	if most > 0 && len(active) >= most && !active[c.creator.OpenID] {
		return tiktokRefusal(http.StatusForbidden, "reached_active_user_cap", "The daily quota for active publishing users from your client is reached.")
	}
	return nil
}
