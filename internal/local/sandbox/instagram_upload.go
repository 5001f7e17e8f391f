package sandbox

import "net/http"

const instaUploadOp = "meta.ig.upload"

// status is the field video_status of a container that takes bytes.
func (u *instaUpload) status() map[string]any {
	uploading := "not_started"
	switch {
	case u.complete():
		uploading = "complete"
	case u.Received > 0:
		uploading = "in_progress"
	}
	return map[string]any{
		"uploading_phase":  map[string]any{"status": uploading, "bytes_transferred": u.Received},
		"processing_phase": map[string]any{"status": "not_started"},
	}
}

// serveInstaUpload takes the bytes of a reel. What arrives before a connection breaks is kept, and the next upload goes on at that offset.
// https://developers.facebook.com/documentation/instagram-platform/content-publishing/resumable-uploads
func (m *meta) serveInstaUpload(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	path := "/" + r.PathValue("version") + "/ig-api-upload/" + id
	m.sb.mu.Lock()
	if box := m.st.Containers[id]; box != nil {
		path += "/" + box.Account // a fault's match names an account
	}
	m.sb.mu.Unlock()
	m.sb.serve(w, r, m, call{op: instaUploadOp, path: path, run: func() answer {
		offset, err := m.beginInstaUpload(r, id)
		if err != nil {
			drain(r)
			return *err
		}
		return m.receiveInsta(r, id, offset)
	}})
}

// beginInstaUpload checks everything but the bytes.
func (m *meta) beginInstaUpload(r *http.Request, id string) (int64, *answer) {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	x, refused := m.transfer(r)
	if refused != nil {
		return 0, refused
	}
	box, to := m.st.Containers[id], metaTarget{most: instaMaxReel}
	if box != nil && box.Upload != nil {
		to.may = m.mayUseInstagram(&graphCall{method: http.MethodPost, node: id, token: x.token}, box.Account, "instagram_content_publish") == nil
		to.open = box.status(m.sb.clock(), false) == "IN_PROGRESS" && len(box.Files) == 0
		to.size, to.received = box.Upload.Size, box.Upload.Received
	}
	if refused := x.refuse(to); refused != nil {
		return 0, refused
	}
	box.Upload.Size = x.size
	return x.offset, nil
}

// receiveInsta stores the body.
func (m *meta) receiveInsta(r *http.Request, id string, offset int64) answer {
	if refused := receiveVideo(r, offset, func(at int64, data []byte) bool { return m.keepInsta(id, at, data) }); refused != nil {
		return *refused
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	box := m.st.Containers[id]
	if box == nil || !box.Upload.complete() {
		return uploadErr(http.StatusBadRequest, "PartialRequestError", "The request has fewer bytes than the file.")
	}
	return jsonAnswer(http.StatusOK, map[string]any{"success": true, "message": "Upload successful."})
}

// keepInsta adds bytes to a container's video if they are the next ones, and looks at the video once it is whole.
func (m *meta) keepInsta(id string, offset int64, data []byte) bool {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	box := m.st.Containers[id]
	if box == nil || box.Upload.Received != offset || offset+int64(len(data)) > box.Upload.Size {
		return false
	}
	if err := m.sb.blobs.extend(id, offset, data); err != nil {
		m.sb.log.Error("cannot keep a video", errAttr(err))
		return false
	}
	box.Upload.Received += int64(len(data))
	m.sb.changed()
	if !box.Upload.complete() {
		return true
	}
	now, clip := m.sb.clock(), &instaClip{ID: id, Account: box.Account} // forgotten bytes are not looked at
	if whole, kept := m.sb.blobs.get(id); kept {
		clip = newClip(id, box.Account, box.Kind, whole)
	}
	clip.Created = now
	m.st.Clips[id], box.Files = clip, []string{id}
	box.ReadyAt = now.Add(box.ReadyAt.Sub(box.Created))
	box.broken(clip)
	return true
}
