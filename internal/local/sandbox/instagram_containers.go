package sandbox

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// prepareContainer fetches the file and looks at it, without holding the lock.
func (m *meta) prepareContainer(c *graphCall) *graphError {
	m.sb.mu.Lock()
	c.now = m.sb.clock()
	err := m.authenticate(c)
	if err == nil {
		err = m.mayUseInstagram(c, c.node, "instagram_content_publish")
	}
	id := m.st.id(metaIDPhoto)
	m.sb.mu.Unlock()
	if err != nil {
		return err
	}
	if err := m.prepareCover(c); err != nil {
		return err
	}
	kind, picture, video := c.params.Get("media_type"), c.params.Get("image_url"), c.params.Get("video_url")
	switch {
	case kind == "CAROUSEL", c.params.Get("upload_type") == "resumable":
		return nil
	case video != "" && (kind == "REELS" || kind == "VIDEO" || kind == "STORIES"):
		return m.prepareClip(c, id, video, kind)
	case kind == "REELS" || kind == "VIDEO":
		return paramErr("The parameter video_url is required")
	case picture == "":
		return paramErr("The parameter image_url is required")
	}
	data, info, err := m.fetchPicture(c, picture)
	if err != nil {
		return err
	}
	ratio := float64(info.width) / float64(info.height)
	if kind != "STORIES" && (ratio < 0.8 || ratio > 1.91) {
		return oauthErr(36003, 2207009, "The aspect ratio is not supported: %.2f", ratio)
	}
	return m.keepUpload(c, id, data, info)
}

// fetchPicture gets a JPEG.
func (m *meta) fetchPicture(c *graphCall, from string) ([]byte, imageInfo, *graphError) {
	data, ferr := m.sb.fetch(c.ctx, from, metaAgent, instaMaxImage)
	if ferr != nil {
		return nil, imageInfo{}, oauthErr(9004, 2207052, "Only photo or video can be accepted as media type: %s", ferr)
	}
	if len(data) > instaMaxImage {
		return nil, imageInfo{}, oauthErr(36000, 2207004, "The image size is too large.")
	}
	info, ok := probe(data)
	if !ok || info.mime != "image/jpeg" {
		return nil, imageInfo{}, oauthErr(36001, 2207005, "The image format is not supported. Only JPEG is.")
	}
	return data, info, nil
}

func (m *meta) keepUpload(c *graphCall, id string, data []byte, info imageInfo) *graphError {
	if err := m.sb.blobs.put(id, data); err != nil {
		m.sb.log.ErrorContext(c.ctx, "cannot keep a file", errAttr(err))
		return oauthErr(-1, 2207001, "Instagram server error. Try again.")
	}
	c.upload = &graphUpload{id: id, data: data, image: info}
	return nil
}

// createContainer is POST /{ig}/media.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
func (m *meta) createContainer(c *graphCall) (any, *graphError) {
	if err := m.mayUseInstagram(c, c.node, "instagram_content_publish"); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(c.node)
	item, err := c.flag("is_carousel_item", false)
	if err != nil {
		return nil, err
	}
	if m.made(ig, c.now) >= ig.containers() {
		return nil, oauthErr(9, 2207042, "The account has reached the maximum number of media containers of 24 hours.")
	}
	box := &instaContainer{Account: ig.ID, Kind: c.params.Get("media_type"), Item: item, Caption: c.params.Get("caption"), Created: c.now, Polls: 1}
	alt := c.params.Get("alt_text")
	if raw := c.params.Get("collaborators"); raw != "" && json.Unmarshal([]byte(raw), &box.Collaborators) != nil {
		return nil, paramErr("Param collaborators must be an array of strings.")
	}
	if err := m.look(c, box); err != nil {
		return nil, err
	}
	switch box.Kind {
	case "", "IMAGE":
		box.Kind = "IMAGE"
	case "STORIES":
		if alt != "" || box.Caption != "" || len(box.Collaborators) > 0 {
			return nil, paramErr("A story takes no alt_text, caption or collaborators.")
		}
	case "REELS", "VIDEO":
		if box.Kind == "VIDEO" != item || alt != "" {
			return nil, oauthErr(100, 2207023, "VIDEO is for items of a carousel, REELS for all others; neither takes alt_text.")
		}
	case "CAROUSEL":
		if box.Files, err = m.carouselItems(c, ig); err != nil {
			return nil, err
		}
	default:
		return nil, oauthErr(100, 2207023, "The media type %s is unknown.", box.Kind)
	}
	if err := checkCaption(box); err != nil {
		return nil, err
	}
	if item {
		box.Caption = "" // seen: it is ignored on an item
	}
	m.slow(ig, box)
	box.ID = m.st.id(metaIDContainer)
	out := map[string]any{"id": box.ID}
	switch {
	case c.clip != nil:
		c.clip.Created = c.now
		m.st.Clips[c.clip.ID] = c.clip
		box.Files = []string{c.clip.ID}
		box.broken(c.clip)
	case c.upload != nil:
		m.st.Photos[c.upload.id] = &metaPhoto{
			ID: c.upload.id, Alt: alt, Type: c.upload.image.mime, Width: c.upload.image.width, Height: c.upload.image.height,
			Bytes: len(c.upload.data), Post: box.ID, Created: c.now,
		}
		box.Files = []string{c.upload.id}
	case c.params.Get("upload_type") == "resumable":
		box.Upload = &instaUpload{}
		out["uri"] = c.base + "/meta/rupload/ig-api-upload/" + c.version + "/" + box.ID
	}
	m.st.Containers[box.ID] = box
	m.sb.changed()
	return out, nil
}

// made counts the containers of the rolling day.
func (m *meta) made(ig *metaInsta, now time.Time) int {
	n := 0
	for _, box := range m.st.Containers {
		if box.Account == ig.ID && now.Sub(box.Created) < 24*time.Hour {
			n++
		}
	}
	return n
}

func (ig *metaInsta) containers() int {
	if ig.Settings.Containers > 0 {
		return ig.Settings.Containers
	}
	return instaContainers
}

// slow gives a new container what the account's settings say.
func (m *meta) slow(ig *metaInsta, box *instaContainer) {
	set := &ig.Settings
	if set.Polls != nil {
		box.Polls = *set.Polls
	}
	box.Hidden = set.Hidden
	box.ReadyAt = box.Created.Add(time.Duration(set.SlowSeconds) * time.Second)
	if set.FailTimes > 0 {
		set.FailTimes--
		box.Fail = set.FailCode
	}
}

// carouselItems checks the children and gives their files.
func (m *meta) carouselItems(c *graphCall, ig *metaInsta) ([]string, *graphError) {
	ids := strings.Split(c.params.Get("children"), ",")
	if len(ids) < 2 || len(ids) > 10 {
		return nil, oauthErr(100, 2207028, "The carousel must have 2 to 10 children.")
	}
	var files []string
	for _, id := range ids {
		child := m.st.Containers[id]
		switch {
		case child == nil || child.Account != ig.ID || !child.Item:
			return nil, paramErr("The child %s is not a carousel item of this account.", id)
		case child.status(c.now, false) != "FINISHED":
			return nil, oauthErr(9007, 2207027, "The media %s is not ready to be published.", id)
		}
		files = append(files, child.Files...)
	}
	return files, nil
}

// tagText finds tags as the site does: the sign at the beginning of a word.
func tagText(sign string) *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL\pN_` + sign + `])` + sign + `[\pL\pN_]`)
}

func checkCaption(box *instaContainer) *graphError {
	switch {
	case utf8.RuneCountInString(box.Caption) > instaMaxCaption:
		return oauthErr(36004, 2207010, "The caption is too long.")
	case len(tagText("#").FindAllString(box.Caption, -1)) > 30:
		return oauthErr(36004, 2207010, "The caption has too many hashtags.")
	case len(tagText("@").FindAllString(box.Caption, -1)) > 20:
		return oauthErr(100, 2207040, "The caption has too many @ tags.")
	case len(box.Collaborators) > 3 || slices.ContainsFunc(box.Collaborators, func(s string) bool { return strings.HasPrefix(s, "@") }):
		return oauthErr(100, 2207018, "The collaborators are not valid.")
	}
	return nil
}

// getContainer is GET /{container}.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container
func (m *meta) getContainer(c *graphCall) (any, *graphError) {
	box := m.st.Containers[c.node]
	if err := m.mayUseInstagram(c, box.Account); err != nil {
		return nil, err
	}
	m.sb.changed()
	if box.Hidden > 0 && c.token.Kind == metaPageToken {
		box.Hidden--
		return nil, missingErr(c.method, c.node)
	}
	code := box.status(c.now, true)
	text := map[string]string{
		"IN_PROGRESS": "In Progress: Media is still being processed.", "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
		"PUBLISHED": "Published: Media has been published.", "EXPIRED": "Expired: The container was not published within 24 hours.",
		"ERROR": fmt.Sprintf("Error: Media upload has failed with error code %d", box.Fail),
	}[code]
	n := node{kind: "ShadowIGMedia", defaults: []string{"id"}, optional: []string{"video_status"}, values: map[string]any{"id": box.ID, "status_code": code, "status": text}}
	if box.Upload != nil {
		n.values["video_status"] = box.Upload.status()
	}
	return fieldsView(n, c)
}

// publishContainer is POST /{ig}/media_publish.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media_publish
func (m *meta) publishContainer(c *graphCall) (any, *graphError) {
	if err := m.mayUseInstagram(c, c.node, "instagram_content_publish"); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(c.node)
	box := m.st.Containers[c.params.Get("creation_id")]
	if box == nil || box.Account != ig.ID || box.Item {
		return nil, oauthErr(24, 2207006, "The requested resource does not exist: media id is invalid.")
	}
	switch box.status(c.now, false) {
	case "EXPIRED":
		return nil, oauthErr(24, 2207008, "The media container does not exist any more.")
	case "FINISHED":
	default:
		return nil, oauthErr(9007, 2207027, "The media is not ready to be published. Wait a moment.")
	}
	if m.used(ig, c.now) >= ig.quota() {
		return nil, oauthErr(9, 2207042, "The account has reached the maximum number of posts that can be published by the content publishing API.")
	}
	media := &instaMedia{
		ID: m.st.id(metaIDMedia), Account: ig.ID, Type: "IMAGE", Product: "FEED", Caption: box.Caption, Collaborators: box.Collaborators,
		Files: box.Files, instaLook: box.instaLook, App: metaClientID, Created: c.now,
	}
	if box.Kind != "CAROUSEL" && m.st.Clips[box.Files[0]] != nil {
		media.Type, media.Product = "VIDEO", "REELS"
	}
	switch box.Kind {
	case "STORIES":
		media.Product = "STORY"
	case "CAROUSEL":
		media.Type = "CAROUSEL_ALBUM"
		for range box.Files {
			media.Children = append(media.Children, m.st.id(metaIDMedia))
		}
	}
	box.Media = media.ID
	m.publishInsta(ig, media)
	return map[string]any{"id": media.ID}, nil
}

func (m *meta) publishInsta(ig *metaInsta, media *instaMedia) {
	m.st.Media[media.ID] = media
	ig.Media = append(ig.Media, media.ID)
	ig.Lag = ig.Settings.ListLag
	m.sb.changed()
}
