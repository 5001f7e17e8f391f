package sandbox

import (
	"bytes"
	"encoding/json"
	"image"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Media. https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api, /videos-api and
// /documents-api
const (
	liPartBytes   = 4 << 20
	liPixels      = 36_152_320
	liMinVideo    = 75_000
	liMaxVideo    = 500_000_000
	liMaxDocument = 100_000_000
	liUploadLife  = 24 * time.Hour
	liVideoLife   = 30 * 24 * time.Hour
)

// settle is a file's state. The lock is held.
func (l *linkedin) settle(m *liMedia) string {
	if m == nil {
		return ""
	}
	return m.Status
}

// initMedia is POST /images, /videos and /documents with an action.
func (l *linkedin) initMedia(c *liCall) (answer, *liErr) {
	kind := strings.TrimSuffix(c.path[1], "s")
	switch action := c.value("action"); {
	case action == "initializeUpload":
		return l.beginMedia(c, kind)
	case action == "finalizeUpload" && kind == "video":
		return l.finalizeVideo(c)
	}
	return answer{}, liBad("ILLEGAL_ARGUMENT", "The action is not supported")
}

func (l *linkedin) beginMedia(c *liCall, kind string) (answer, *liErr) {
	var in struct {
		Request struct {
			Owner     string `json:"owner"`
			Bytes     int64  `json:"fileSizeBytes"`
			Captions  bool   `json:"uploadCaptions"`
			Thumbnail bool   `json:"uploadThumbnail"`
		} `json:"initializeUploadRequest"`
	}
	if json.Unmarshal(c.body, &in) != nil || in.Request.Owner == "" {
		return answer{}, liSchema("/initializeUploadRequest/owner", "field is required but not found and has no default value")
	}
	if e := l.mayAct(c, in.Request.Owner, "w_member_social", "w_organization_social", c.path[1]+".ACTION-initializeUpload"); e != nil {
		return answer{}, e
	}
	prefix := map[string]string{"image": "C4D", "video": "D5F", "document": "E6G"}[kind]
	m := &liMedia{
		URN: "urn:li:" + kind + ":" + prefix + strconv.FormatInt(l.st.next(), 10), Owner: in.Request.Owner, App: c.token.App, Status: liWaiting,
		Until: c.now.Add(liUploadLife), Polls: l.st.Polls,
	}
	address := c.base + "/linkedin/www/dms-uploads/" + m.key() + "/"
	value := map[string]any{kind: m.URN}
	if kind == "video" {
		if in.Request.Bytes < liMinVideo || in.Request.Bytes > liMaxVideo {
			return answer{}, liBad("INVALID_VALUE_FOR_FIELD", "/initializeUploadRequest/fileSizeBytes is out of range")
		}
		m.Bytes, m.Until, m.Token = in.Request.Bytes, c.now.Add(liVideoLife), randomText(20)
		var instructions []map[string]any
		for at := int64(0); at < m.Bytes; at += l.st.PartBytes {
			part := liPart{First: at, Last: min(at+l.st.PartBytes, m.Bytes) - 1}
			instructions = append(instructions, map[string]any{"uploadUrl": address + strconv.Itoa(len(m.Parts)) + "?sig=" + randomText(20), "firstByte": part.First, "lastByte": part.Last})
			m.Parts = append(m.Parts, part)
		}
		value["uploadInstructions"], value["uploadToken"], value["uploadUrlsExpireAt"] = instructions, m.Token, m.Until.UnixMilli()
	} else {
		value["uploadUrl"], value["uploadUrlExpiresAt"] = address+"0?sig="+randomText(20), m.Until.UnixMilli()
	}
	l.st.Media[m.URN] = m
	l.sb.changed()
	return jsonAnswer(http.StatusOK, map[string]any{"value": value}), nil
}

// mediaByKey finds a file by its name in addresses. The lock is held.
func (l *linkedin) mediaByKey(key string) *liMedia {
	for _, kind := range []string{"image", "video", "document"} {
		if m := l.st.Media["urn:li:"+kind+":"+key]; m != nil {
			return m
		}
	}
	return nil
}

// serveUpload takes bytes. Images and documents come with the bearer, a video's parts without.
func (l *linkedin) serveUpload(w http.ResponseWriter, r *http.Request) {
	l.sb.mu.Lock()
	m := l.mediaByKey(r.PathValue("id"))
	about, now := r.PathValue("id"), l.sb.clock()
	if m != nil {
		about = m.URN + " of " + m.Owner
	}
	l.sb.mu.Unlock()
	l.sb.serve(w, r, l, call{op: liUploadOp, path: "/dms-uploads/" + about, run: func() answer {
		fail := func(status int, code string) answer {
			drain(r)
			return jsonAnswer(status, map[string]any{"status": status, "code": code, "message": "The upload was refused"})
		}
		number, err := strconv.Atoi(r.PathValue("part"))
		switch {
		case m == nil || err != nil || number < 0 || number > 0 && number >= len(m.Parts):
			return fail(http.StatusNotFound, "NOT_FOUND")
		case !now.Before(m.Until):
			return fail(http.StatusBadRequest, "EXPIRED_UPLOAD_URL")
		}
		video := strings.HasPrefix(m.URN, "urn:li:video:")
		if video {
			if r.Header.Get("Authorization") != "" || r.Header.Get("Content-Type") != "application/octet-stream" {
				return fail(http.StatusBadRequest, "ILLEGAL_ARGUMENT")
			}
			return l.takePart(r, m, number)
		}
		l.sb.mu.Lock()
		t := l.st.Tokens[liBearer(r)]
		living := t != nil && !t.Dead && now.Before(t.ExpiresAt)
		l.sb.mu.Unlock()
		if !living {
			return fail(http.StatusUnauthorized, "INVALID_ACCESS_TOKEN")
		}
		raw, err := io.ReadAll(io.LimitReader(r.Body, liMaxDocument+1))
		if err != nil || len(raw) > liMaxDocument {
			return fail(http.StatusRequestEntityTooLarge, "CONTENT_TOO_LARGE")
		}
		return l.takeFile(m, raw)
	}})
}

// takeFile keeps an image or a document and finds out whether it is one.
func (l *linkedin) takeFile(m *liMedia, raw []byte) answer {
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	defer l.sb.changed()
	m.Type, m.Bytes, m.Status = http.DetectContentType(raw), int64(len(raw)), liAvailable
	if strings.HasPrefix(m.URN, "urn:li:image:") {
		conf, format, err := image.DecodeConfig(bytes.NewReader(raw))
		m.Width, m.Height, m.Type = conf.Width, conf.Height, "image/"+format
		if err != nil || conf.Width*conf.Height >= liPixels {
			m.Status, m.Reason = liFailed, "The image could not be processed"
		}
	} else {
		m.Status = liProcessing
		if !liDocument(raw) {
			m.Status, m.Reason = liFailed, "The document could not be processed"
		}
	}
	if err := l.sb.blobs.put(m.key(), raw); err != nil {
		return jsonAnswer(http.StatusInternalServerError, map[string]any{"status": http.StatusInternalServerError})
	}
	return answer{status: http.StatusCreated, header: http.Header{}}
}

// liDocument tells whether bytes are a PDF, a file of the newer office formats, or one of the older ones.
func liDocument(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte("%PDF-")) || bytes.HasPrefix(raw, []byte("PK\x03\x04")) || bytes.HasPrefix(raw, []byte{0xd0, 0xcf, 0x11, 0xe0})
}

// takePart keeps a part of a video, which must be exactly as long as announced. Every other ETag is quoted.
func (l *linkedin) takePart(r *http.Request, m *liMedia, number int) answer {
	l.sb.mu.Lock()
	part := m.Parts[number]
	l.sb.mu.Unlock()
	want := part.Last - part.First + 1
	raw, err := io.ReadAll(io.LimitReader(r.Body, want+1))
	if err != nil || int64(len(raw)) != want {
		drain(r)
		return jsonAnswer(http.StatusBadRequest, map[string]any{"status": http.StatusBadRequest, "message": "The part has another length"})
	}
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	if err := l.sb.blobs.put(m.key()+"-"+strconv.Itoa(number), raw); err != nil {
		return jsonAnswer(http.StatusInternalServerError, map[string]any{"status": http.StatusInternalServerError})
	}
	m.Parts[number].ETag = "/ambry-video/signedId/" + randomText(12) + ".bin"
	tag := m.Parts[number].ETag
	if number%2 == 0 {
		tag = `"` + tag + `"`
	}
	l.sb.changed()
	return answer{status: http.StatusOK, header: http.Header{"Etag": {tag}}}
}

// finalizeVideo puts the parts together.
func (l *linkedin) finalizeVideo(c *liCall) (answer, *liErr) {
	var in struct {
		Request struct {
			Video string   `json:"video"`
			Token *string  `json:"uploadToken"`
			Parts []string `json:"uploadedPartIds"`
		} `json:"finalizeUploadRequest"`
	}
	if json.Unmarshal(c.body, &in) != nil || in.Request.Token == nil {
		return answer{}, liSchema("/finalizeUploadRequest/uploadToken", "field is required but not found and has no default value")
	}
	m := l.st.Media[in.Request.Video]
	if m == nil {
		return answer{}, liBad("INVALID_VIDEO_ID", "The video does not exist")
	}
	if e := l.mayAct(c, m.Owner, "w_member_social", "w_organization_social", "videos.ACTION-finalizeUpload"); e != nil {
		return answer{}, e
	}
	if m.Status != liWaiting || *in.Request.Token != m.Token || len(in.Request.Parts) != len(m.Parts) {
		return answer{}, liBad("ILLEGAL_ARGUMENT", "The upload cannot be finalized")
	}
	for i, p := range m.Parts {
		if p.ETag == "" || p.ETag != in.Request.Parts[i] {
			return answer{}, liBad("ILLEGAL_ARGUMENT", "Part %d is not what was uploaded", i)
		}
	}
	l.join(m)
	l.sb.changed()
	return answer{status: http.StatusOK, header: http.Header{}}, nil
}

// join makes one blob of a video's parts and looks at it.
func (l *linkedin) join(m *liMedia) {
	m.Status = liProcessing
	offset := int64(0)
	for i := range m.Parts {
		name := m.key() + "-" + strconv.Itoa(i)
		if raw, ok := l.sb.blobs.get(name); ok {
			_ = l.sb.blobs.extend(m.key(), offset, raw) // a disk that is full shows as a video without a picture
			offset += int64(len(raw))
		}
		l.sb.blobs.remove(name)
	}
	m.Type = "video/mp4"
	raw := l.sb.blobs.moov(m.key())
	if raw == nil { // too large to be kept in memory
		return
	}
	clip, ok := probeVideo(raw)
	m.Width, m.Height, m.Millis = clip.width, clip.height, clip.millis
	if !ok || m.Millis < 3000 || m.Millis > 30*60*1000 {
		m.Status, m.Reason = liFailed, "The video could not be processed, or is too short or too long"
	}
}

// getMedia tells how a file is. Images of a member cannot be looked at with what apps are given.
func (l *linkedin) getMedia(c *liCall) (answer, *liErr) {
	m := l.st.Media[c.path[2]]
	if m == nil {
		return answer{}, liMissing()
	}
	if c.path[1] == "images" && !c.token.has("r_organization_social") {
		return answer{}, &liErr{status: http.StatusForbidden, code: "ACCESS_DENIED", service: 100, message: "Accessing this image resource is forbidden. It may belong to another member."}
	}
	if id := liID(m.Owner); m.Owner != liPersonURN(c.person.ID) && !c.person.mayPost(id) {
		return answer{}, liDenied(c.path[1] + ".GET." + liNewest)
	}
	v := map[string]any{"id": m.URN, "owner": m.Owner, "status": m.Status}
	switch m.Status {
	case liProcessing:
		if m.Polls--; m.Polls < 0 {
			m.Status, v["status"] = liAvailable, liAvailable
		}
		l.sb.changed()
	case liFailed:
		v["processingFailureReason"] = m.Reason
	}
	if m.Status == liAvailable {
		v["downloadUrl"], v["downloadUrlExpiresAt"] = c.base+"/linkedin/media/"+m.key(), c.now.Add(time.Hour).UnixMilli()
		if m.Millis > 0 {
			v["duration"] = m.Millis
		}
	}
	return jsonAnswer(http.StatusOK, v), nil
}

// serveMedia gives the bytes that were uploaded.
func (l *linkedin) serveMedia(w http.ResponseWriter, r *http.Request) {
	l.sb.mu.Lock()
	m := l.mediaByKey(r.PathValue("id"))
	l.sb.mu.Unlock()
	if m == nil {
		http.NotFound(w, r)
		return
	}
	data, ok := l.sb.blobs.get(m.key())
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", m.Type)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}
