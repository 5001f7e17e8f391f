package sandbox

import "slices"

const metaAgent = "facebookexternalhit/1.1"

// preparePhoto gets the bytes and looks at them, without holding the lock. Whether the call may upload at all is
// asked first, so that a refused call makes the sandbox fetch nothing.
func (m *meta) preparePhoto(c *graphCall) *graphError {
	id, err := m.authorizePhoto(c)
	if err != nil {
		return err
	}
	src := c.params.Get("url")
	switch {
	case c.upload == nil && src == "":
		return oauthErr(324, 0, "(#324) Requires upload file")
	case c.upload != nil && src != "":
		return paramErr("Give either source or url, not both.")
	case c.upload == nil:
		data, err := m.sb.fetch(c.ctx, src, metaAgent, metaMaxPhoto)
		if err != nil {
			return oauthErr(324, 2069019, "(#324) Missing or invalid image file: %s", err)
		}
		c.upload = &graphUpload{data: data, tooBig: len(data) > metaMaxPhoto}
	}
	if c.upload.tooBig {
		e := paramErr("Invalid parameter")
		e.subcode, e.title = 1366046, "Can't Read Files"
		e.userMsg = "Your photos couldn't be uploaded. Photos should be smaller than 10 MB and saved as JPG, PNG, GIF, TIFF or BMP files."
		return e
	}
	c.upload.id = id
	var ok bool
	if c.upload.image, ok = probe(c.upload.data); !ok {
		e := oauthErr(324, 2069019, "(#324) Missing or invalid image file")
		e.title, e.userMsg = "Can't Read Files", "The file is not a complete JPG, PNG, GIF, TIFF or BMP picture."
		return e
	}
	if err := m.sb.blobs.put(c.upload.id, c.upload.data); err != nil {
		m.sb.log.ErrorContext(c.ctx, "cannot keep a picture", errAttr(err))
		return oauthErr(1, 0, "An unknown error occurred")
	}
	return nil
}

// authorizePhoto asks whether the call may upload, and reserves the picture's id.
func (m *meta) authorizePhoto(c *graphCall) (string, *graphError) {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	c.now = m.sb.clock()
	if err := m.authenticate(c); err != nil {
		return "", err
	}
	page, err := m.page(c)
	if err != nil {
		return "", err
	}
	return m.st.id(metaIDPhoto), m.mayPublish(c, page)
}

// createPhoto stores a picture: published=false keeps it for a post of the next 24 hours, otherwise it is a post.
// https://developers.facebook.com/docs/graph-api/reference/page/photos
func (m *meta) createPhoto(c *graphCall) (any, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayPublish(c, page); err != nil {
		return nil, err
	}
	caption := c.params.Get("caption")
	if caption == "" {
		caption = c.params.Get("message")
	}
	if err := checkMessage(caption); err != nil {
		return nil, err
	}
	published, err := c.flag("published", true)
	if err != nil {
		return nil, err
	}
	temporary, err := c.flag("temporary", false)
	if err != nil {
		return nil, err
	}
	m.sweepPhotos(c)
	photo := &metaPhoto{
		ID: c.upload.id, Page: page.ID, Caption: caption, Alt: c.params.Get("alt_text_custom"),
		Type: c.upload.image.mime, Width: c.upload.image.width, Height: c.upload.image.height, Bytes: len(c.upload.data),
		Temporary: temporary, Created: c.now,
	}
	m.st.Photos[photo.ID] = photo
	m.sb.changed()
	if !published {
		m.loose = append(m.loose, photo.ID)
		return map[string]any{"id": photo.ID}, nil
	}
	post := &metaPost{
		ID: page.ID + "_" + m.st.id(metaIDPost), Page: page.ID, Message: caption, Photos: []string{photo.ID},
		App: metaClientID, Created: c.now, Updated: c.now,
	}
	photo.Post = post.ID
	m.st.insert(post)
	return map[string]any{"id": photo.ID, "post_id": post.ID}, nil
}

// sweepPhotos forgets unpublished photos whose day is over. They are in the order of their upload.
func (m *meta) sweepPhotos(c *graphCall) {
	for len(m.loose) > 0 {
		photo := m.st.Photos[m.loose[0]]
		if photo != nil && photo.Post == "" && !photo.gone(c.now) {
			return
		}
		if photo != nil && photo.Post == "" {
			delete(m.st.Photos, photo.ID)
			m.sb.blobs.remove(photo.ID)
		}
		m.loose = m.loose[1:]
	}
}

// getPhoto reads a photo. An unpublished one is visible to the Page's own token only.
func (m *meta) getPhoto(c *graphCall) (any, *graphError) {
	photo := m.st.Photos[c.node]
	if photo == nil || photo.gone(c.now) {
		return nil, missingErr(c.method, c.node)
	}
	page := m.st.Pages[photo.Page]
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	if photo.Post == "" && c.token.Kind != metaPageToken {
		return nil, missingErr(c.method, c.node)
	}
	n := node{kind: "Photo", defaults: []string{"created_time", "name", "id"}, optional: []string{"name", "alt_text_custom", "page_story_id"}, values: map[string]any{
		"id": photo.ID, "created_time": metaTime(photo.Created), "updated_time": metaTime(photo.Created),
		"width": photo.Width, "height": photo.Height, "alt_text": photo.Alt, "picture": m.photoURL(c.base, photo),
		"link": c.base + "/meta/pages/" + photo.Page, "from": map[string]any{"id": page.ID, "name": page.Name},
		"images": []map[string]any{{"source": m.photoURL(c.base, photo), "width": photo.Width, "height": photo.Height}},
	}}
	if photo.Caption != "" {
		n.values["name"] = photo.Caption
	}
	if photo.Alt != "" {
		n.values["alt_text_custom"] = photo.Alt
	}
	if photo.Post != "" {
		n.values["page_story_id"] = photo.Post
	}
	return fieldsView(n, c)
}

func (m *meta) photoURL(base string, p *metaPhoto) string { return base + "/meta/photos/" + p.ID }

// attach checks the photos that a new post wants to show.
func (m *meta) attach(c *graphCall, page *metaPage, ids []string, scheduled bool) *graphError {
	for i, id := range ids {
		photo := m.st.Photos[id]
		switch {
		case photo == nil || photo.gone(c.now) || photo.Page != page.ID:
			return paramErr("Param attached_media[%d] must be a photo of this Page that exists: %s", i, id)
		case photo.Post != "" || slices.Contains(ids[:i], id):
			return paramErr("Param attached_media[%d]: the photo %s is already part of a post", i, id)
		case scheduled && !photo.Temporary:
			return paramErr("Param attached_media[%d]: photos of a scheduled post must be uploaded with published=false and temporary=true", i)
		}
	}
	return nil
}
