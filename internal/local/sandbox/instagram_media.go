package sandbox

import (
	"slices"
	"strings"
	"time"
)

func (m *meta) listInstaMedia(c *graphCall) (any, *graphError) {
	return m.listInsta(c, func(p *instaMedia) bool { return p.Product != "STORY" })
}

// listInstaStories lists those of the last day.
func (m *meta) listInstaStories(c *graphCall) (any, *graphError) {
	return m.listInsta(c, func(p *instaMedia) bool { return p.Product == "STORY" && c.now.Sub(p.Created) < 24*time.Hour })
}

// listInsta lists posts, newest first.
func (m *meta) listInsta(c *graphCall, keep func(*instaMedia) bool) (any, *graphError) {
	if err := m.mayUseInstagram(c, c.node); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(c.node)
	since, err := c.when("since")
	if err != nil {
		return nil, err
	}
	var keys []string
	for i, id := range slices.Backward(ig.Media) {
		p := m.st.Media[id]
		if i == len(ig.Media)-1 && ig.Lag > 0 {
			ig.Lag--
			continue
		}
		if keep(p) && !p.Created.Truncate(time.Second).Before(since) {
			keys = append(keys, id)
		}
	}
	w, err := c.window(keys)
	if err != nil {
		return nil, err
	}
	if _, err := m.instaNode(c.base, &instaMedia{Account: ig.ID}).view(c.params.Get("fields")); err != nil {
		return nil, err
	}
	data := []map[string]any{}
	for _, id := range keys[w.start:w.end] {
		view, err := m.instaNode(c.base, m.st.Media[id]).view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		data = append(data, view)
	}
	return c.list(data, w), nil
}

// instaNode is a post as the API shows it. Captions come back without their @ signs, as has been seen.
func (m *meta) instaNode(base string, p *instaMedia) node {
	n := node{
		kind: "IGMedia", defaults: []string{"id"}, optional: []string{"caption", "children", "media_url", "alt_text", "owner", "username", "like_count", "comments_count", "comments", "thumbnail_url"},
		values: map[string]any{
			"id": p.ID, "timestamp": metaTime(p.Created), "permalink": instaLink(base, p), "shortcode": p.ID,
			"media_type": p.Type, "media_product_type": p.Product,
		},
	}
	if p.Caption != "" {
		n.values["caption"] = strings.ReplaceAll(p.Caption, "@", "")
	}
	if len(p.Children) > 0 {
		var children []map[string]any
		for _, id := range p.Children {
			children = append(children, map[string]any{"id": id})
		}
		n.values["children"] = map[string]any{"data": children}
	} else if len(p.Files) > 0 {
		if photo := m.st.Photos[p.Files[0]]; photo != nil {
			n.values["media_url"] = m.photoURL(base, photo)
		}
		if clip := m.st.Clips[p.Files[0]]; clip != nil {
			n.values["media_url"] = clipURL(base, clip)
		}
	}
	return n
}

// instaLink is the page of the sandbox that shows the post.
func instaLink(base string, p *instaMedia) string {
	return base + "/meta/pages/" + p.Account + "/posts/" + p.ID
}

func (m *meta) getInstaMedia(c *graphCall) (any, *graphError) {
	p := m.st.Media[c.node]
	if err := m.mayUseInstagram(c, p.Account); err != nil {
		return nil, err
	}
	return fieldsView(m.instaNode(c.base, p), c)
}

// deleteInstaMedia is new in 2026 and works with Facebook Login only.
func (m *meta) deleteInstaMedia(c *graphCall) (any, *graphError) {
	p := m.st.Media[c.node]
	if err := m.mayUseInstagram(c, p.Account, "instagram_manage_contents"); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(p.Account)
	m.dropInstaMedia(ig, p)
	return map[string]any{"success": true, "deleted_id": p.ID}, nil
}

// dropInstaMedia deletes a post with its files. The lock is held.
func (m *meta) dropInstaMedia(ig *metaInsta, p *instaMedia) {
	ig.Media = slices.DeleteFunc(ig.Media, func(id string) bool { return id == p.ID })
	delete(m.st.Media, p.ID)
	for _, id := range append([]string{p.Cover}, p.Files...) {
		delete(m.st.Photos, id)
		delete(m.st.Clips, id)
		m.sb.blobs.remove(id)
	}
	m.sb.changed()
}
