package sandbox

import (
	"slices"
	"time"
)

// metaStoryLife is how long a story is shown.
const metaStoryLife = 24 * time.Hour

// createPhotoStory is POST /{page}/photo_stories: an unpublished photo that no post shows becomes a story.
// https://developers.facebook.com/docs/page-stories-api
func (m *meta) createPhotoStory(c *graphCall) (any, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayPublish(c, page); err != nil {
		return nil, err
	}
	photo := m.st.Photos[c.params.Get("photo_id")]
	switch {
	case photo == nil || photo.gone(c.now) || photo.Page != page.ID:
		return nil, paramErr("Param photo_id must be a photo of this Page that exists.")
	case photo.Post != "":
		return nil, paramErr("Param photo_id: the photo is already part of a post")
	}
	post := &metaPost{
		ID: page.ID + "_" + m.st.id(metaIDPost), Page: page.ID, Photos: []string{photo.ID}, App: metaClientID,
		Created: c.now, Updated: c.now, Story: true,
	}
	photo.Post = post.ID
	m.st.insert(post)
	m.sb.changed()
	return map[string]any{"success": true, "post_id": post.ID}, nil
}

// listStories is GET /{page}/stories, newest first: those that are shown, since the archive of these Pages is off.
func (m *meta) listStories(c *graphCall) (any, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	var keys []string
	for _, id := range slices.Backward(page.Posts) {
		if p := m.st.Posts[id]; p.Story && p.published(c.now) && !m.failed(p) && c.now.Sub(p.Created) < metaStoryLife {
			keys = append(keys, id)
		}
	}
	w, err := c.window(keys)
	if err != nil {
		return nil, err
	}
	data := []map[string]any{}
	for _, id := range keys[w.start:w.end] {
		view, err := m.storyNode(c, m.st.Posts[id]).view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		data = append(data, view)
	}
	return c.list(data, w), nil
}

// failed tells whether the processing of the post's video failed.
func (m *meta) failed(p *metaPost) bool {
	v := m.st.Videos[p.Video]
	return v != nil && v.Failed
}

func (m *meta) storyNode(c *graphCall, p *metaPost) node {
	kind, media := "video", p.Video
	if len(p.Photos) > 0 {
		kind, media = "photo", p.Photos[0]
	}
	return node{kind: "Story", defaults: []string{"post_id", "status", "creation_time", "media_type", "media_id", "url"}, values: map[string]any{
		"post_id": p.ID, "status": "PUBLISHED", "creation_time": p.Created.Unix(), "media_type": kind, "media_id": media, "url": permalink(c.base, p),
	}}
}
