package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// tiktokUploadLife is how long an upload_url works.
const tiktokUploadLife = time.Hour

var contentRange = regexp.MustCompile(`^bytes (\d+)-(\d+)/(\d+)$`)

// serveUpload takes a chunk: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
func (k *tiktok) serveUpload(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("upload_id")
	k.sb.mu.Lock()
	path := "/upload/video/"
	if t := k.upload(id); t != nil {
		path += " " + t.OpenID
	}
	k.sb.mu.Unlock()
	k.sb.serve(w, r, k, call{op: tiktokUploadOp, path: path, run: func() answer {
		status, progress := k.takeChunk(r, id)
		out := answer{status: status, header: http.Header{}}
		if progress != "" {
			out.header.Set("Content-Range", progress)
		}
		k.stir()
		return out
	}})
}

// upload finds the task of an upload. The lock is held.
func (k *tiktok) upload(id string) *tiktokTask {
	for _, t := range k.st.Tasks {
		if id != "" && t.UploadID == id {
			return t
		}
	}
	return nil
}

// takeChunk gives the status and how much there is.
func (k *tiktok) takeChunk(r *http.Request, id string) (int, string) {
	data, err := io.ReadAll(io.LimitReader(r.Body, tiktokLastChunk+1))
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	t, now := k.upload(id), k.sb.clock()
	if t == nil {
		return http.StatusNotFound, ""
	}
	progress := func() string { return fmt.Sprintf("bytes 0-%d/%d", t.Uploaded, t.Size) }
	switch {
	case t.Token != r.URL.Query().Get("upload_token"), now.Sub(t.Created) >= tiktokUploadLife:
		return http.StatusForbidden, progress()
	case r.Method != http.MethodPut, r.Header.Get("Authorization") != "", err != nil, r.ContentLength < 0:
		return http.StatusBadRequest, progress()
	case !slices.Contains([]string{"video/mp4", "video/quicktime", "video/webm"}, r.Header.Get("Content-Type")):
		return http.StatusBadRequest, progress()
	}
	m := contentRange.FindStringSubmatch(r.Header.Get("Content-Range"))
	if m == nil {
		return http.StatusBadRequest, progress()
	}
	first, _ := strconv.ParseInt(m[1], 10, 64) // digits only
	last, _ := strconv.ParseInt(m[2], 10, 64)  //
	total, _ := strconv.ParseInt(m[3], 10, 64) //
	length := last - first + 1
	if total != t.Size || length < 1 || length != r.ContentLength || int64(len(data)) != length {
		return http.StatusBadRequest, progress()
	}
	number := t.Uploaded / t.Chunk
	want := t.Chunk
	if number >= t.Chunks-1 {
		want = t.Size - t.Uploaded
	}
	if first != t.Uploaded || length != want {
		return http.StatusRequestedRangeNotSatisfiable, progress()
	}
	if err := k.sb.blobs.extend(t.UploadID, first, data); err != nil {
		return http.StatusInternalServerError, progress()
	}
	t.Uploaded += length
	k.sb.changed()
	if t.Uploaded < t.Size {
		return http.StatusPartialContent, progress()
	}
	f := k.videoFile(t.UploadID, t.Size)
	f.Mime = r.Header.Get("Content-Type")
	k.commit(t, []tiktokFile{f}, now)
	return http.StatusCreated, progress()
}
