package sandbox

import (
	"errors"
	"net/http"
	"slices"
	"time"
)

// instagramControl is Instagram's part of the control API.
func (m *meta) instagramControl(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/meta/instagram", m.controlInstagram)
	mux.HandleFunc("POST /_sandbox/meta/instagram/{id}", m.controlInstaSettings)
	mux.HandleFunc("POST /_sandbox/meta/instagram/{id}/media", m.controlInstaMedia)
}

type instaJSON struct {
	ID       string           `json:"id"`
	Username string           `json:"username"`
	Page     string           `json:"page_id"`
	Media    []instaMediaJSON `json:"media"` // oldest first

	Subscribed []string `json:"subscribed_fields"` // of its own webhooks; those through its Page are the Page's
}

type instaMediaJSON struct {
	ID            string        `json:"id"`
	Caption       string        `json:"caption"` // with its @ signs
	Type          string        `json:"media_type"`
	Product       string        `json:"media_product_type"`
	Collaborators []string      `json:"collaborators,omitempty"`
	Photos        []photoView   `json:"photos"`
	Files         []slideView   `json:"files"` // pictures and videos in their order
	ReelsOnly     bool          `json:"reels_only"`
	Cover         string        `json:"cover,omitempty"` // address of the picture
	ThumbMS       int64         `json:"thumb_offset,omitempty"`
	AI            bool          `json:"is_ai_generated"`
	Comments      []string      `json:"comments"`
	Thread        []commentView `json:"thread"`
	Permalink     string        `json:"permalink"`
	Created       time.Time     `json:"timestamp"`
}

// controlInstagram lists accounts with their posts; page or id narrows to one.
func (m *meta) controlInstagram(w http.ResponseWriter, r *http.Request) {
	page, id, base := r.URL.Query().Get("page"), r.URL.Query().Get("id"), m.sb.base(r)
	out := []instaJSON{}
	m.sb.mu.Lock()
	for _, p := range m.st.Pages {
		ig := p.Instagram
		if ig == nil || page != "" && page != p.ID || id != "" && id != ig.ID {
			continue
		}
		entry := instaJSON{ID: ig.ID, Username: ig.Username, Page: p.ID, Media: []instaMediaJSON{}, Subscribed: ig.Subscribed}
		for _, id := range ig.Media {
			media := m.st.Media[id]
			view := instaMediaJSON{
				ID: media.ID, Caption: media.Caption, Type: media.Type, Product: media.Product, Collaborators: media.Collaborators,
				Photos: m.photoViews(base, media.Files), Files: m.slideViews(base, media), ReelsOnly: media.ReelsOnly, Cover: m.coverURL(base, media),
				ThumbMS: media.ThumbMS, AI: media.AI, Comments: []string{}, Permalink: instaLink(base, media), Created: media.Created,
			}
			for _, c := range media.Comments {
				view.Comments = append(view.Comments, c.Text)
			}
			view.Thread = instaThread(ig, media)
			entry.Media = append(entry.Media, view)
		}
		out = append(out, entry)
	}
	m.sb.mu.Unlock()
	slices.SortFunc(out, func(a, b instaJSON) int { return len(a.ID) - len(b.ID) })
	writeJSON(w, http.StatusOK, out)
}

func (m *meta) photoViews(base string, ids []string) []photoView {
	out := []photoView{}
	for _, id := range ids {
		if photo := m.st.Photos[id]; photo != nil {
			out = append(out, photoView{ID: id, URL: m.photoURL(base, photo), Alt: photo.Alt, Width: photo.Width, Height: photo.Height})
		}
	}
	return out
}

// controlInstaSettings replaces an account's settings.
func (m *meta) controlInstaSettings(w http.ResponseWriter, r *http.Request) {
	var in instaSettings
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	_, ig := m.st.instagram(r.PathValue("id"))
	if ig == nil {
		refuseJSON(w, http.StatusNotFound, errors.New("no such Instagram account"))
		return
	}
	ig.Settings = in
	m.sb.changed()
	writeJSON(w, http.StatusOK, in)
}

// controlInstaMedia puts a post on an account that no call of the app under test has made.
func (m *meta) controlInstaMedia(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Caption string    `json:"caption"`
		Product string    `json:"media_product_type"` // empty: FEED
		Created time.Time `json:"timestamp"`          // zero: now
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	_, ig := m.st.instagram(r.PathValue("id"))
	if ig == nil {
		refuseJSON(w, http.StatusNotFound, errors.New("no such Instagram account"))
		return
	}
	if in.Created.IsZero() {
		in.Created = m.sb.clock()
	}
	if in.Product == "" {
		in.Product = "FEED"
	}
	media := &instaMedia{ID: m.st.id(metaIDMedia), Account: ig.ID, Type: "IMAGE", Product: in.Product, Caption: in.Caption, Created: in.Created}
	m.publishInsta(ig, media)
	writeJSON(w, http.StatusCreated, map[string]string{"id": media.ID})
}

// instaThread shows a post's comments, oldest first.
func instaThread(ig *metaInsta, p *instaMedia) []commentView {
	out := []commentView{}
	for _, x := range p.Comments {
		view := commentView{ID: x.ID, Parent: x.Parent, By: x.Username, Text: x.Text, Hidden: x.Hidden, Own: x.Username == "", At: x.Created}
		if view.Own {
			view.By = ig.Username
		}
		out = append(out, view)
	}
	return out
}
