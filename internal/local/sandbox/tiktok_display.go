package sandbox

import (
	"hash/fnv"
	"strconv"
	"time"
)

func tiktokVideoFields() map[string]string {
	fields := map[string]string{}
	for _, name := range []string{
		"id", "create_time", "title", "video_description", "duration", "height", "width", "cover_image_url", "share_url", "embed_html", "embed_link",
		"like_count", "comment_count", "share_count", "view_count", "is_aigc",
	} {
		fields[name] = ""
	}
	return fields
}

// count is one of a post's numbers. It follows from the id and grows with its age.
func (k *tiktok) count(p *tiktokPost, name string, now time.Time) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(p.ID + name)) // a hash never fails
	size := map[string]int64{"view_count": 900, "like_count": 80, "comment_count": 12, "share_count": 9}[name]
	age := min(now.Sub(p.Created)+time.Hour, 48*time.Hour)
	return size/2 + int64(h.Sum32())%size*int64(age)/int64(48*time.Hour)
}

// videoObject: https://developers.tiktok.com/doc/tiktok-api-v2-video-object
func (k *tiktok) videoObject(c *tiktokCall, p *tiktokPost, fields []string) map[string]any {
	text := p.Title
	if p.Photos && p.Description != "" {
		text = p.Description
	}
	if r := []rune(text); len(r) > 150 {
		text = string(r[:150])
	}
	all := map[string]any{
		"id": p.ID, "create_time": p.Created.Unix(), "title": text, "video_description": text, "duration": int64(0), "height": 0, "width": 0,
		"cover_image_url": c.base + avatarPath("tiktok", p.OpenID, "-cover"), "share_url": k.permalink(c.base, c.creator, p),
		"embed_html": "", "embed_link": k.permalink(c.base, c.creator, p), "is_aigc": p.AI,
	}
	for _, name := range []string{"like_count", "comment_count", "share_count", "view_count"} {
		all[name] = k.count(p, name, c.now)
	}
	if len(p.Files) > 0 {
		all["duration"], all["height"], all["width"] = (p.Files[0].Millis+500)/1000, p.Files[0].Height, p.Files[0].Width
	}
	return k.pick(all, fields)
}

// listVideos: https://developers.tiktok.com/doc/tiktok-api-v2-video-list
// The cursor is in milliseconds and pages backwards, while create_time is in seconds.
func (k *tiktok) listVideos(c *tiktokCall) (any, *tiktokError) {
	fields, err := c.fields(tiktokVideoFields())
	if err != nil {
		return nil, err
	}
	in := struct {
		Most   int   `json:"max_count"`
		Cursor int64 `json:"cursor"`
	}{Most: 10}
	if len(c.body) > 0 {
		if err := c.decode(&in); err != nil {
			return nil, err
		}
	}
	if in.Most < 1 || in.Most > 20 {
		return nil, badParam("max_count: at most 20.")
	}
	videos, cursor, more := []any{}, in.Cursor, false
	for _, p := range k.posts(c.creator.OpenID) {
		at := p.Created.UnixMilli()
		if !p.public(c.now) || in.Cursor > 0 && at >= in.Cursor {
			continue
		}
		if len(videos) == in.Most {
			more = true
			break
		}
		videos, cursor = append(videos, k.videoObject(c, p, fields)), at
	}
	return map[string]any{"videos": videos, "cursor": cursor, "has_more": more}, nil
}

// queryVideos: https://developers.tiktok.com/doc/tiktok-api-v2-video-query
// What is unknown, somebody else's or not public is left out without a word.
func (k *tiktok) queryVideos(c *tiktokCall) (any, *tiktokError) {
	fields, err := c.fields(tiktokVideoFields())
	if err != nil {
		return nil, err
	}
	var in struct {
		Filters struct {
			IDs []string `json:"video_ids"`
		} `json:"filters"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if n := len(in.Filters.IDs); n < 1 || n > 20 {
		return nil, badParam("video_ids: 1 to 20, there are %s.", strconv.Itoa(n))
	}
	videos := []any{}
	for _, id := range in.Filters.IDs {
		if p := k.st.Posts[id]; p != nil && p.OpenID == c.creator.OpenID && p.public(c.now) {
			videos = append(videos, k.videoObject(c, p, fields))
		}
	}
	return map[string]any{"videos": videos}, nil
}
