package sandbox

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

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

// serveInstaUpload takes the bytes of a reel: headers "Authorization: OAuth <token>", offset and file_size. What
// arrives before a connection breaks is kept, and the next upload goes on at that offset.
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
	refuse := func(status int, kind, message string) (int64, *answer) {
		a := uploadErr(status, kind, message)
		return 0, &a
	}
	raw, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	offset, badOffset := strconv.ParseInt(r.Header.Get("Offset"), 10, 64)
	size, badSize := strconv.ParseInt(r.Header.Get("File_size"), 10, 64)
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	now := m.sb.clock()
	t, gerr := m.find(raw)
	if gerr == nil {
		gerr = m.check(t, now)
	}
	if gerr != nil {
		a := gerr.answer()
		return 0, &a
	}
	box := m.st.Containers[id]
	switch {
	case !ok || box == nil || box.Upload == nil:
		return refuse(http.StatusForbidden, "NotAuthorizedError", "The token may not upload this video.")
	case m.mayUseInstagram(&graphCall{method: http.MethodPost, node: id, token: t}, box.Account, "instagram_content_publish") != nil:
		return refuse(http.StatusForbidden, "NotAuthorizedError", "The token may not upload this video.")
	case badOffset != nil || badSize != nil || offset < 0 || size <= 0:
		return refuse(http.StatusBadRequest, "InvalidParametersError", "The headers offset and file_size must be numbers.")
	case box.status(now, false) != "IN_PROGRESS" || len(box.Files) > 0:
		return refuse(http.StatusBadRequest, "InvalidParametersError", "The upload session has ended.")
	case size > instaMaxReel:
		return refuse(http.StatusBadRequest, "ProcessingFailedError", "The video is too large.")
	case box.Upload.Size != 0 && box.Upload.Size != size:
		return refuse(http.StatusBadRequest, "InvalidParametersError", "The file_size differs from the first request's.")
	case offset != box.Upload.Received:
		return refuse(http.StatusBadRequest, "OffsetInvalidError", "The offset must be "+strconv.FormatInt(box.Upload.Received, 10)+".")
	}
	box.Upload.Size = size
	return offset, nil
}

// receiveInsta stores the body piece by piece.
func (m *meta) receiveInsta(r *http.Request, id string, offset int64) answer {
	buf := make([]byte, 256<<10)
	for {
		n, err := io.ReadFull(r.Body, buf)
		if n > 0 && !m.keepInsta(id, offset, buf[:n]) {
			drain(r)
			return uploadErr(http.StatusBadRequest, "OffsetInvalidError", "Another upload is under way, or there are too many bytes.")
		}
		offset += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return uploadErr(http.StatusBadRequest, "PartialRequestError", "The request ended early.")
		}
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
