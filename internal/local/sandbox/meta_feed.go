package sandbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// metaMaxMessage is in characters. Meta does not document it; clients report it.
const metaMaxMessage = 63206

func checkMessage(s string) *graphError {
	if n := utf8.RuneCountInString(s); n > metaMaxMessage {
		return paramErr("Param message is too long: %d characters, at most %d are allowed.", n, metaMaxMessage)
	}
	return nil
}

// createPost is POST /{page}/feed. https://developers.facebook.com/docs/graph-api/reference/page/feed
func (m *meta) createPost(c *graphCall) (any, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayPublish(c, page); err != nil {
		return nil, err
	}
	post := &metaPost{Page: page.ID, Message: c.params.Get("message"), Link: c.params.Get("link"), App: metaClientID, Created: c.now, Updated: c.now}
	if post.Photos, err = c.attachedMedia(); err != nil {
		return nil, err
	}
	if strings.TrimSpace(post.Message) == "" && post.Link == "" && len(post.Photos) == 0 {
		return nil, paramErr("One of the parameters message, link or attached_media is required.")
	}
	if err := checkMessage(post.Message); err != nil {
		return nil, err
	}
	if err := checkLink(post.Link); err != nil {
		return nil, err
	}
	if err := c.schedule(post); err != nil {
		return nil, err
	}
	if err := m.attach(c, page, post.Photos, !post.Scheduled.IsZero()); err != nil {
		return nil, err
	}
	if err := m.duplicate(page, post, c.now); err != nil {
		return nil, err
	}
	post.ID = page.ID + "_" + m.st.id(metaIDPost)
	out, err := m.postNode(c.base, post, c.now).view(c.params.Get("fields"))
	if err != nil {
		return nil, err
	}
	for _, id := range post.Photos {
		m.st.Photos[id].Post = post.ID
	}
	m.st.insert(post)
	m.sb.changed()
	if c.params.Get("fields") == "" {
		out = map[string]any{"id": post.ID}
	}
	return out, nil
}

// attachedMedia reads attached_media[0]={"media_fbid":"…"} and so on, or one JSON array.
func (c *graphCall) attachedMedia() ([]string, *graphError) {
	var items []json.RawMessage
	if raw := c.params.Get("attached_media"); raw != "" {
		if err := json.Unmarshal([]byte(raw), &items); err != nil {
			return nil, paramErr("Param attached_media must be an array.")
		}
	}
	for i := 0; ; i++ {
		raw := c.params.Get(fmt.Sprintf("attached_media[%d]", i))
		if raw == "" {
			break
		}
		items = append(items, json.RawMessage(raw))
	}
	indexed := 0
	for k := range c.params {
		if strings.HasPrefix(k, "attached_media[") {
			indexed++
		}
	}
	if indexed > 0 && indexed != len(items) {
		return nil, paramErr("Param attached_media must be an array without gaps.")
	}
	ids := make([]string, 0, len(items))
	for i, raw := range items {
		var item struct {
			MediaFBID json.RawMessage `json:"media_fbid"`
		}
		if err := json.Unmarshal(raw, &item); err != nil || len(item.MediaFBID) == 0 {
			return nil, paramErr("Param attached_media[%d] must be an object with media_fbid.", i)
		}
		ids = append(ids, strings.Trim(string(item.MediaFBID), `"`))
	}
	return ids, nil
}

// checkLink refuses what Meta cannot scrape. The fake fetches nothing here: hosts below .invalid are the ones
// that cannot be reached.
func checkLink(raw string) *graphError {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return paramErr("Param link must be a valid URL.")
	}
	host := strings.ToLower(u.Hostname())
	if host == "facebook.com" || strings.HasSuffix(host, ".facebook.com") {
		return oauthErr(1609008, 0, "(#1609008) A link to facebook.com cannot be posted here.")
	}
	if strings.HasSuffix(host, ".invalid") {
		return oauthErr(1609005, 0, "(#1609005) The link could not be scraped.")
	}
	return nil
}

// schedule reads published, unpublished_content_type and scheduled_publish_time. The window is 10 minutes to 30 days,
// the narrower of the two that the documents give for the feed.
func (c *graphCall) schedule(post *metaPost) *graphError {
	published, err := c.flag("published", true)
	if err != nil {
		return err
	}
	at, err := c.when("scheduled_publish_time")
	if err != nil {
		return err
	}
	kind := c.params.Get("unpublished_content_type")
	switch {
	case published && !at.IsZero():
		return paramErr("You cannot specify a scheduled publish time on a published post")
	case published:
		return nil
	case kind == "SCHEDULED" && at.IsZero():
		return paramErr("scheduled_publish_time is required for a scheduled post")
	case kind == "SCHEDULED" || kind == "" && !at.IsZero():
		if err := checkWindow(at, c.now); err != nil {
			return err
		}
		post.Scheduled = at
	case kind == "" || kind == "DRAFT":
		post.Draft = true
	default:
		return paramErr("Param unpublished_content_type must be one of {DRAFT, SCHEDULED}")
	}
	return nil
}

func checkWindow(at, now time.Time) *graphError {
	if at.Before(now.Add(10*time.Minute)) || at.After(now.Add(30*24*time.Hour)) {
		return paramErr("The specified scheduled publish time is invalid: %s", strconv.FormatInt(at.Unix(), 10))
	}
	return nil
}

// duplicate is Meta's heuristic, for Pages on which it is switched on: the same message within a day.
func (m *meta) duplicate(page *metaPage, post *metaPost, now time.Time) *graphError {
	if !page.DuplicateCheck {
		return nil
	}
	for _, id := range page.Posts {
		if old := m.st.Posts[id]; old.Message == post.Message && old.Link == post.Link && now.Sub(old.Created) < 24*time.Hour {
			return oauthErr(506, 0, "(#506) Duplicate status message")
		}
	}
	return nil
}
