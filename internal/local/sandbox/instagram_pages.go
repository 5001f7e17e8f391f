package sandbox

import (
	"slices"
	"strconv"
	"strings"
)

// instaTimeline is the page of the sandbox that shows an account.
func (m *meta) instaTimeline(ig *metaInsta, base string) timelineView {
	avatar := "/meta/avatars/" + ig.ID
	v := timelineView{
		ID: ig.ID, Platform: "Instagram", Name: ig.Name, Note: "@" + ig.Username, Path: "/meta/pages/" + ig.ID,
		Avatar: avatar + ".svg", Cover: avatar + "-cover.svg",
	}
	for _, id := range slices.Backward(ig.Media) {
		v.Posts = append(v.Posts, m.instaPostView(ig, m.st.Media[id], base))
	}
	return v
}

func (m *meta) instaPostView(ig *metaInsta, p *instaMedia, base string) postView {
	v := postView{ID: ig.ID + "_" + p.ID, Text: p.Caption, At: p.Created, Permalink: instaLink(base, p)}
	if p.App == metaClientID {
		v.By = "via " + metaAppName
	}
	slides := m.slideViews(base, p)
	switch {
	case p.Type == "CAROUSEL_ALBUM":
		v.Kind, v.Slides = "Carousel", slides
	case len(slides) > 0 && slides[0].Video != nil:
		v.Video = slides[0].Video
	default:
		v.Photos = m.photoViews(base, p.Files)
	}
	switch p.Product {
	case "STORY":
		v.Kind = "Story"
	case "REELS":
		v.Kind = "Reel"
		if p.ReelsOnly {
			v.Notes = append(v.Notes, "Among the reels only")
		} else {
			v.Notes = append(v.Notes, "Also in the feed")
		}
		if p.Cover != "" {
			v.Notes = append(v.Notes, "Cover of its own")
		} else if p.ThumbMS > 0 {
			v.Notes = append(v.Notes, "Cover from second "+strconv.FormatFloat(float64(p.ThumbMS)/1000, 'f', -1, 64))
		}
	}
	if len(p.Collaborators) > 0 {
		v.Notes = append(v.Notes, "Invited: "+strings.Join(p.Collaborators, ", "))
	}
	if p.AI {
		v.Notes = append(v.Notes, "AI info")
	}
	v.Comments = instaThread(ig, p)
	return v
}

// slideViews are a post's files in their order.
func (m *meta) slideViews(base string, p *instaMedia) []slideView {
	out := []slideView{}
	for _, id := range p.Files {
		if photo := m.photoViews(base, []string{id}); len(photo) > 0 {
			out = append(out, slideView{Photo: &photo[0]})
		}
		if clip := m.st.Clips[id]; clip != nil {
			out = append(out, slideView{Video: &videoView{
				ID: id, URL: clipURL(base, clip), Width: clip.Width, Height: clip.Height, Millis: clip.Millis, Poster: m.coverURL(base, p),
			}})
		}
	}
	return out
}

func (m *meta) coverURL(base string, p *instaMedia) string {
	if photo := m.st.Photos[p.Cover]; photo != nil {
		return m.photoURL(base, photo)
	}
	return ""
}
