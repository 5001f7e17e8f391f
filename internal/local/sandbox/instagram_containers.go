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

// prepareContainer fetches the picture and looks at it, without holding the lock.
func (m *meta) prepareContainer(c *graphCall) *graphError {
	m.sb.mu.Lock()
	c.now = m.sb.clock()
	err := m.authenticate(c)
	if err == nil {
		err = m.mayUseInstagram(c, c.node, "instagram_content_publish")
	}
	id := m.st.id(metaIDPhoto)
	m.sb.mu.Unlock()
	switch {
	case err != nil:
		return err
	case c.params.Get("media_type") == "CAROUSEL":
		return nil
	case c.params.Get("image_url") == "":
		return paramErr("The parameter image_url is required")
	}
	data, ferr := m.sb.fetch(c.ctx, c.params.Get("image_url"), metaAgent, instaMaxImage)
	if ferr != nil {
		return oauthErr(9004, 2207052, "Only photo or video can be accepted as media type: %s", ferr)
	}
	if len(data) > instaMaxImage {
		return oauthErr(36000, 2207004, "The image size is too large.")
	}
	info, ok := probe(data)
	if !ok || info.mime != "image/jpeg" {
		return oauthErr(36001, 2207005, "The image format is not supported. Only JPEG is.")
	}
	ratio := float64(info.width) / float64(info.height)
	if c.params.Get("media_type") != "STORIES" && (ratio < 0.8 || ratio > 1.91) {
		return oauthErr(36003, 2207009, "The aspect ratio is not supported: %.2f", ratio)
	}
	if err := m.sb.blobs.put(id, data); err != nil {
		m.sb.log.ErrorContext(c.ctx, "cannot keep a picture", errAttr(err))
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
	box := &instaContainer{Account: ig.ID, Kind: c.params.Get("media_type"), Item: item, Caption: c.params.Get("caption"), Created: c.now, Polls: 1}
	alt := c.params.Get("alt_text")
	if raw := c.params.Get("collaborators"); raw != "" && json.Unmarshal([]byte(raw), &box.Collaborators) != nil {
		return nil, paramErr("Param collaborators must be an array of strings.")
	}
	switch box.Kind {
	case "", "IMAGE":
		box.Kind = "IMAGE"
	case "STORIES":
		if alt != "" || box.Caption != "" || len(box.Collaborators) > 0 {
			return nil, paramErr("A story takes no alt_text, caption or collaborators.")
		}
	case "CAROUSEL":
		if box.Photos, err = m.carouselItems(c, ig); err != nil {
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
	if c.upload != nil {
		m.st.Photos[c.upload.id] = &metaPhoto{
			ID: c.upload.id, Alt: alt, Type: c.upload.image.mime, Width: c.upload.image.width, Height: c.upload.image.height,
			Bytes: len(c.upload.data), Post: box.ID, Created: c.now,
		}
		box.Photos = []string{c.upload.id}
	}
	m.st.Containers[box.ID] = box
	m.sb.changed()
	return map[string]any{"id": box.ID}, nil
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

// carouselItems checks the children and gives their pictures.
func (m *meta) carouselItems(c *graphCall, ig *metaInsta) ([]string, *graphError) {
	ids := strings.Split(c.params.Get("children"), ",")
	if len(ids) < 2 || len(ids) > 10 {
		return nil, oauthErr(100, 2207028, "The carousel must have 2 to 10 children.")
	}
	var photos []string
	for _, id := range ids {
		child := m.st.Containers[id]
		switch {
		case child == nil || child.Account != ig.ID || !child.Item:
			return nil, paramErr("The child %s is not a carousel item of this account.", id)
		case child.status(c.now, false) != "FINISHED":
			return nil, oauthErr(9007, 2207027, "The media %s is not ready to be published.", id)
		}
		photos = append(photos, child.Photos...)
	}
	return photos, nil
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
	return fieldsView(node{kind: "ShadowIGMedia", defaults: []string{"id"}, values: map[string]any{"id": box.ID, "status_code": code, "status": text}}, c)
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
		Photos: box.Photos, App: metaClientID, Created: c.now,
	}
	switch box.Kind {
	case "STORIES":
		media.Product = "STORY"
	case "CAROUSEL":
		media.Type = "CAROUSEL_ALBUM"
		for range box.Photos {
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
