package sandbox

import (
	"slices"
	"strings"
	"time"
)

// post finds the post a call is about; a schedule that has come makes no difference here.
func (m *meta) post(c *graphCall) (*metaPost, *metaPage, *graphError) {
	p := m.st.Posts[c.node]
	if p == nil || c.token.Kind == metaAppToken {
		return nil, nil, missingErr(c.method, c.node)
	}
	return p, m.st.Pages[p.Page], nil
}

func (m *meta) listPublished(c *graphCall) (any, *graphError) {
	return m.listPosts(c, func(p *metaPost) bool { return p.published(c.now) && p.Visitor == "" })
}

// listFeed has visitors' posts and what is not published yet: the reference says both that it has and that it has
// not, so callers must filter by is_published.
func (m *meta) listFeed(c *graphCall) (any, *graphError) {
	return m.listPosts(c, func(*metaPost) bool { return true })
}

func (m *meta) listScheduled(c *graphCall) (any, *graphError) {
	return m.listPosts(c, func(p *metaPost) bool { return !p.published(c.now) && !p.Draft })
}

// listPosts lists a Page's posts, newest first. since and until are inclusive.
func (m *meta) listPosts(c *graphCall, keep func(*metaPost) bool) (any, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	since, err := c.when("since")
	if err != nil {
		return nil, err
	}
	until, err := c.when("until")
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, id := range slices.Backward(page.Posts) {
		p := m.st.Posts[id]
		at := p.Created.Truncate(time.Second) // the precision that callers see
		if at.Before(since) {
			break
		}
		if keep(p) && !p.Story && (until.IsZero() || !at.After(until)) {
			keys = append(keys, id)
		}
	}
	w, err := c.window(keys)
	if err != nil {
		return nil, err
	}
	if _, err := m.postNode(c.base, &metaPost{Page: page.ID}, c.now).view(c.params.Get("fields")); err != nil {
		return nil, err // an unknown field is an error on an empty list too
	}
	data := []map[string]any{}
	for _, id := range keys[w.start:w.end] {
		view, err := m.postNode(c.base, m.st.Posts[id], c.now).view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		data = append(data, view)
	}
	return c.list(data, w), nil
}

func (m *meta) getPost(c *graphCall) (any, *graphError) {
	post, page, err := m.post(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	return fieldsView(m.postNode(c.base, post, c.now), c)
}

// editPost changes the text, moves a scheduled post or publishes it now. Only the app that made a post may.
// https://developers.facebook.com/docs/pages-api/posts
func (m *meta) editPost(c *graphCall) (any, *graphError) {
	post, page, err := m.post(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayPublish(c, page); err != nil {
		return nil, err
	}
	if post.App != metaClientID {
		return nil, permissionErr("An app can edit only the posts that it has made.")
	}
	at, err := c.when("scheduled_publish_time")
	if err != nil {
		return nil, err
	}
	release, err := c.flag("is_published", false)
	if err != nil {
		return nil, err
	}
	message, changed := c.params.Get("message"), c.params.Has("message")
	switch {
	case post.Story:
		return nil, paramErr("A story has no text.")
	case !changed && at.IsZero() && !release:
		return nil, paramErr("One of the parameters message, scheduled_publish_time or is_published is required.")
	case changed && strings.TrimSpace(message) == "" && post.Link == "" && len(post.Photos) == 0:
		return nil, paramErr("The message must not become empty.")
	case !at.IsZero() && post.published(c.now):
		return nil, paramErr("The post is published already and cannot be scheduled.")
	}
	if err := checkMessage(message); err != nil {
		return nil, err
	}
	if !at.IsZero() {
		if err := checkWindow(at, c.now); err != nil {
			return nil, err
		}
		post.Scheduled, post.Draft = at, false
	}
	if changed {
		post.Message = message
	}
	if release && !post.published(c.now) {
		post.Scheduled, post.Draft = time.Time{}, false
	}
	post.Updated = c.now
	m.sb.changed()
	return success(), nil
}

func (m *meta) deletePost(c *graphCall) (any, *graphError) {
	post, page, err := m.post(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayPublish(c, page); err != nil {
		return nil, err
	}
	m.dropPost(post)
	return success(), nil
}

// dropPost deletes a post with its files. The lock is held.
func (m *meta) dropPost(post *metaPost) {
	if v := m.st.Videos[post.Video]; v != nil {
		m.removeVideo(v)
	}
	for _, id := range m.st.remove(post) {
		m.sb.blobs.remove(id)
	}
	m.sb.changed()
}

// permalink is the page of the sandbox that shows the post.
func permalink(base string, p *metaPost) string {
	_, id, _ := strings.Cut(p.ID, "_")
	return base + "/meta/pages/" + p.Page + "/posts/" + id
}

func (m *meta) postNode(base string, p *metaPost, now time.Time) node {
	page := m.st.Pages[p.Page]
	n := node{
		kind: "Post", defaults: []string{"created_time", "message", "id"},
		optional: []string{"message", "application", "attachments", "full_picture", "story", "scheduled_publish_time", "shares", "comments", "reactions", "likes", "privacy", "properties", "place", "parent_id"},
		values: map[string]any{
			"id": p.ID, "created_time": metaTime(p.Created), "updated_time": metaTime(p.Updated), "permalink_url": permalink(base, p),
			"is_published": p.published(now), "is_hidden": false, "is_expired": false, "status_type": "mobile_status_update",
			"from": map[string]any{"id": page.ID, "name": page.Name},
		},
	}
	if p.Message != "" {
		n.values["message"] = p.Message
	}
	n.values["comments"] = map[string]any{"data": []map[string]any{}, "summary": map[string]any{"order": "ranked", "total_count": len(p.Comments), "can_comment": true}}
	if shares := grown(p.ID+"shares", 12, now.Sub(p.Created)); shares > 0 {
		n.values["shares"] = map[string]any{"count": shares}
	}
	if p.App == metaClientID {
		n.values["application"] = map[string]any{"id": metaClientID, "name": metaAppName, "link": base}
	} else if p.App != "" {
		n.values["application"] = map[string]any{"id": p.App, "name": "Another app", "link": base}
	}
	if p.Visitor != "" {
		n.values["from"] = map[string]any{"name": p.Visitor}
	}
	if !p.published(now) && !p.Scheduled.IsZero() {
		n.values["scheduled_publish_time"] = p.Scheduled.Unix()
	}
	if att := m.attachments(base, p); att != nil {
		n.values["attachments"] = map[string]any{"data": []map[string]any{att}}
		n.values["status_type"] = "added_photos"
		if p.Video != "" {
			n.values["status_type"] = "added_video"
		}
	}
	if len(p.Photos) > 0 {
		n.values["full_picture"] = m.photoURL(base, m.st.Photos[p.Photos[0]])
	}
	return n
}

// attachments: one photo is a "photo" whose target is the photo. Several are one "album", whose target is the post,
// with the photos below in subattachments.
func (m *meta) attachments(base string, p *metaPost) map[string]any {
	if v := m.st.Videos[p.Video]; v != nil {
		src := m.videoURL(base, v)
		return map[string]any{"media_type": "video", "type": "video_inline", "url": src, "target": map[string]any{"id": v.ID, "url": src}}
	}
	if len(p.Photos) == 0 {
		if p.Link == "" {
			return nil
		}
		return map[string]any{"media_type": "link", "type": "share", "target": map[string]any{"url": p.Link}, "url": p.Link, "unshimmed_url": p.Link, "title": p.Link}
	}
	subs := make([]map[string]any, 0, len(p.Photos))
	for _, id := range p.Photos {
		photo := m.st.Photos[id]
		src := m.photoURL(base, photo)
		subs = append(subs, map[string]any{
			"media_type": "photo", "type": "photo", "url": src, "description": photo.Caption,
			"target": map[string]any{"id": id, "url": src},
			"media":  map[string]any{"image": map[string]any{"src": src, "width": photo.Width, "height": photo.Height}},
		})
	}
	if len(subs) == 1 {
		return subs[0]
	}
	link := permalink(base, p)
	_, id, _ := strings.Cut(p.ID, "_")
	return map[string]any{
		"media_type": "album", "type": "album", "title": "Photos from " + m.st.Pages[p.Page].Name, "url": link,
		"target": map[string]any{"id": id, "url": link}, "media": subs[0]["media"],
		"subattachments": map[string]any{"data": subs},
	}
}
