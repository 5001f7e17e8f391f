package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// The kinds of video that are published in three phases.
const (
	metaReel       = "reel"
	metaVideoStory = "story"
)

// metaVideoLife is how long a video may stay unfinished.
const metaVideoLife = 24 * time.Hour

// metaVideo is a video from the start of its upload on.
type metaVideo struct {
	ID          string    `json:"id"`
	Page        string    `json:"page"`
	Kind        string    `json:"kind"`
	Session     string    `json:"session,omitempty"` // of a plain video's upload
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	Size        int64     `json:"size,omitempty"` // as the first upload said
	Received    int64     `json:"received"`
	Width       int       `json:"width,omitempty"`
	Height      int       `json:"height,omitempty"`
	Millis      int64     `json:"millis,omitempty"`
	Post        string    `json:"post,omitempty"` // of the finished video
	Created     time.Time `json:"created"`
	Publish     time.Time `json:"publish,omitzero"` // when processing ends and it becomes visible
	Failed      bool      `json:"failed,omitempty"` // processing failed
}

func (v *metaVideo) complete() bool { return v.Size > 0 && v.Received == v.Size }

func (v *metaVideo) published(now time.Time) bool {
	return v.Post != "" && !v.Failed && !now.Before(v.Publish)
}

func (v *metaVideo) expired(now time.Time) bool {
	return v.Post == "" && now.Sub(v.Created) >= metaVideoLife
}

// status is the field of that name. The misspelling is the platform's, and so is that a phase that is over says
// "complete" in one place and "completed" in another.
// https://developers.facebook.com/documentation/video-api/guides/reels-publishing
func (v *metaVideo) status(now time.Time) map[string]any {
	whole, uploading := "uploading", "not_started"
	processing := map[string]any{"status": "not_started"}
	publishing := map[string]any{"status": "not_started", "publish_status": "draft"}
	switch {
	case v.complete():
		whole, uploading = "upload_complete", "complete"
	case v.Received > 0:
		uploading = "in_progress"
	}
	switch {
	case v.Failed:
		whole, processing["status"] = "error", "error"
		processing["errors"] = []map[string]any{{"code": 1363030, "message": "The video could not be processed."}}
	case v.published(now):
		whole, processing["status"], publishing["status"], publishing["publish_status"] = "ready", "completed", "complete", "published"
	case v.Post != "":
		whole, processing["status"] = "processing", "in_progress"
	case v.expired(now):
		whole = "expired"
	}
	return map[string]any{
		"video_status": whole, "processing_phase": processing, "publishing_phase": publishing,
		"uploading_phase": map[string]any{"status": uploading, "bytes_transfered": v.Received}, //nolint:misspell // the platform's own spelling
	}
}

func (m *meta) videoURL(base string, v *metaVideo) string { return base + "/meta/videos/" + v.ID }

// video finds the video a call is about. Before it is published only the Page's own token sees it.
func (m *meta) video(c *graphCall) (*metaVideo, *metaPage, *graphError) {
	v := m.st.Videos[c.node]
	if v == nil {
		return nil, nil, missingErr(c.method, c.node)
	}
	page := m.st.Pages[v.Page]
	if err := m.mayRead(c, page); err != nil {
		return nil, nil, err
	}
	if !v.published(c.now) && c.token.Kind != metaPageToken {
		return nil, nil, missingErr(c.method, c.node)
	}
	return v, page, nil
}

func (m *meta) getVideo(c *graphCall) (any, *graphError) {
	v, _, err := m.video(c)
	if err != nil {
		return nil, err
	}
	return fieldsView(m.videoNode(c, v), c)
}

func (m *meta) videoNode(c *graphCall, v *metaVideo) node {
	page := m.st.Pages[v.Page]
	n := node{kind: "Video", defaults: []string{"updated_time", "description", "id"}, optional: []string{"description", "title", "post_id", "permalink_url", "length", "source"}, values: map[string]any{
		"id": v.ID, "created_time": metaTime(v.Created), "updated_time": metaTime(v.Created), "status": v.status(c.now),
		"published": v.published(c.now), "from": map[string]any{"id": page.ID, "name": page.Name},
	}}
	if v.Description != "" {
		n.values["description"] = v.Description
	}
	if v.Title != "" {
		n.values["title"] = v.Title
	}
	if v.Millis > 0 {
		n.values["length"] = float64(v.Millis) / 1000
	}
	if post := m.st.Posts[v.Post]; post != nil {
		n.values["post_id"], n.values["permalink_url"] = post.ID, permalink(c.base, post)
	}
	return n
}

// deleteVideo removes a video with its post.
func (m *meta) deleteVideo(c *graphCall) (any, *graphError) {
	v, page, err := m.video(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayPublish(c, page); err != nil {
		return nil, err
	}
	m.removeVideo(v)
	m.sb.changed()
	return success(), nil
}

func (m *meta) removeVideo(v *metaVideo) {
	if post := m.st.Posts[v.Post]; post != nil {
		m.st.remove(post)
	}
	delete(m.st.Videos, v.ID)
	m.sb.blobs.remove(v.ID)
}

// editVideo changes a video's text.
func (m *meta) editVideo(c *graphCall) (any, *graphError) {
	v, page, err := m.video(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayPublish(c, page); err != nil {
		return nil, err
	}
	switch {
	case v.Kind == metaVideoStory:
		return nil, paramErr("A story has no text.")
	case !c.params.Has("description"):
		return nil, paramErr("The parameter description is required.")
	}
	v.Description = c.params.Get("description")
	if post := m.st.Posts[v.Post]; post != nil {
		post.Message, post.Updated = v.Description, c.now
	}
	m.sb.changed()
	return success(), nil
}

// listVideos is GET /{page}/video_reels, and /{page}/videos, which has the reels too; newest first.
func listVideos(kinds ...string) func(m *meta, c *graphCall) (any, *graphError) {
	return func(m *meta, c *graphCall) (any, *graphError) { return m.listVideos(c, kinds) }
}

func (m *meta) listVideos(c *graphCall, kinds []string) (any, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	var keys []string
	for _, id := range slices.Backward(page.Posts) {
		if v := m.st.Videos[m.st.Posts[id].Video]; v != nil && slices.Contains(kinds, v.Kind) && v.published(c.now) {
			keys = append(keys, v.ID)
		}
	}
	w, err := c.window(keys)
	if err != nil {
		return nil, err
	}
	data := []map[string]any{}
	for _, id := range keys[w.start:w.end] {
		view, err := m.videoNode(c, m.st.Videos[id]).view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		data = append(data, view)
	}
	return c.list(data, w), nil
}

// uploadErr is an answer of the upload host, which has a shape of its own.
func uploadErr(status int, kind, message string) answer {
	return jsonAnswer(status, map[string]any{"debug_info": map[string]any{"retriable": false, "type": kind, "message": message}})
}

const metaUploadOp = "meta.video.upload"

// serveUpload takes the bytes of a video. What arrives before a connection breaks is kept, and the next upload goes on at that offset.
func (m *meta) serveUpload(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	path := "/" + r.PathValue("version") + "/video-upload/" + id
	m.sb.mu.Lock()
	if v := m.st.Videos[id]; v != nil {
		path += "/" + v.Page // a fault's match names a Page
	}
	m.sb.mu.Unlock()
	m.sb.serve(w, r, m, call{op: metaUploadOp, path: path, run: func() answer {
		offset, err := m.beginUpload(r, id)
		if err != nil {
			drain(r)
			return *err
		}
		return m.receive(r, id, offset)
	}})
}

// beginUpload checks everything but the bytes.
func (m *meta) beginUpload(r *http.Request, id string) (int64, *answer) {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	x, refused := m.transfer(r)
	if refused != nil {
		return 0, refused
	}
	v, to := m.st.Videos[id], metaTarget{}
	if v != nil {
		to = metaTarget{
			may: x.token.Page == v.Page, open: !v.expired(m.sb.clock()) && v.Post == "" && v.Session == "", size: v.Size, received: v.Received,
		}
	}
	if refused := x.refuse(to); refused != nil {
		return 0, refused
	}
	v.Size = x.size
	return x.offset, nil
}

// receive stores the body.
func (m *meta) receive(r *http.Request, id string, offset int64) answer {
	if refused := receiveVideo(r, offset, func(at int64, data []byte) bool { return m.keep(id, at, data) }); refused != nil {
		return *refused
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	v := m.st.Videos[id]
	if v == nil || !v.complete() {
		return uploadErr(http.StatusBadRequest, "PartialRequestError", "The request has fewer bytes than the file.")
	}
	data := m.sb.blobs.moov(id)
	if info, ok := probeVideo(data); ok {
		v.Width, v.Height, v.Millis = info.width, info.height, info.millis
	} else if data != nil {
		delete(m.st.Videos, id)
		m.sb.blobs.remove(id)
		return uploadErr(http.StatusBadRequest, "ProcessingFailedError", "The file is no video.")
	}
	return jsonAnswer(http.StatusOK, success())
}

// keep adds bytes to a video if they are the next ones.
func (m *meta) keep(id string, offset int64, data []byte) bool {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	v := m.st.Videos[id]
	if v == nil || v.Received != offset || offset+int64(len(data)) > v.Size {
		return false
	}
	if err := m.sb.blobs.extend(id, offset, data); err != nil {
		m.sb.log.Error("cannot keep a video", errAttr(err))
		return false
	}
	v.Received += int64(len(data))
	m.sb.changed()
	return true
}

// serveVideo gives the bytes that were uploaded.
func (m *meta) serveVideo(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	m.sb.mu.Lock()
	v := m.st.Videos[id]
	known := v != nil && v.published(m.sb.clock())
	m.sb.mu.Unlock()
	data, ok := []byte(nil), false
	if known {
		data, ok = m.sb.blobs.get(id)
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "video/mp4")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data) // a browser that went away is not our problem
}
