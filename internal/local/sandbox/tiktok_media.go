package sandbox

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// videoFile looks at a video that is there whole. The longest side, the shortest and the pictures a second are those of
// the guide. https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide#video_restrictions
func (k *tiktok) videoFile(id string, size int64) tiktokFile {
	f := tiktokFile{ID: id, Mime: "video/mp4", Bytes: size}
	data := k.sb.blobs.moov(id)
	if data == nil { // too large to be kept here
		return f
	}
	if bytes.HasPrefix(data, []byte{0x1a, 0x45, 0xdf, 0xa3}) {
		f.Mime = "video/webm" // which says nothing about itself that this fake reads
		return f
	}
	v, ok := probeVideo(data)
	codec, rate := probePictures(data)
	f.Width, f.Height, f.Millis = v.width, v.height, v.millis
	switch {
	case !ok, codec != "avc1" && codec != "avc3" && codec != "hvc1" && codec != "hev1" && codec != "vp08" && codec != "vp09":
		f.Fail = "file_format_check_failed"
	case rate < 22.95, rate > 60.5:
		f.Fail = "frame_rate_check_failed"
	case min(v.width, v.height) < 360, max(v.width, v.height) > 4096:
		f.Fail = "picture_size_check_failed"
	}
	return f
}

// pictureFile looks at a picture: JPEG and WebP, of at most 1080p.
func pictureFile(id string, data []byte) tiktokFile {
	f := tiktokFile{ID: id, Bytes: int64(len(data))}
	if width, height, ok := probeWebP(data); ok {
		f.Mime, f.Width, f.Height = "image/webp", width, height
	} else if info, ok := probe(data); ok && info.mime == "image/jpeg" {
		f.Mime, f.Width, f.Height = info.mime, info.width, info.height
	} else {
		f.Mime, f.Fail = info.mime, "file_format_check_failed"
		return f
	}
	if min(f.Width, f.Height) > 1080 || max(f.Width, f.Height) > 1920 || len(data) > tiktokMaxPhoto {
		f.Fail = "picture_size_check_failed"
	}
	return f
}

// probeWebP reads the size of a WebP picture from the first of its three kinds of header.
func probeWebP(b []byte) (width, height int, ok bool) {
	if len(b) < 30 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WEBP" {
		return 0, 0, false
	}
	switch string(b[12:16]) {
	case "VP8 ":
		width, height = int(binary.LittleEndian.Uint16(b[26:])&0x3fff), int(binary.LittleEndian.Uint16(b[28:])&0x3fff)
	case "VP8L":
		bits := binary.LittleEndian.Uint32(b[21:])
		width, height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
	case "VP8X":
		width = int(b[24]) | int(b[25])<<8 | int(b[26])<<16 + 1
		height = int(b[27]) | int(b[28])<<8 | int(b[29])<<16 + 1
	}
	return width, height, width > 0 && height > 0
}

// pullNow fetches the files before the answer, unless the creator is slow.
func (k *tiktok) pullNow(c *tiktokCall, t *tiktokTask) {
	if c.creator.PullSeconds == 0 {
		t.Pulling = true
		c.after = func() { k.pull(context.WithoutCancel(c.ctx), t) }
	}
}

// pull fetches the files of a task. The lock is not held.
func (k *tiktok) pull(ctx context.Context, t *tiktokTask) {
	var files []tiktokFile
	var failed error
	for _, raw := range t.URLs {
		data, err := k.fetch(ctx, raw, t.Post.Photos)
		if err != nil {
			failed = err
			break
		}
		k.sb.mu.Lock()
		id := "9" + t.ID[len(t.ID)-9:] + randomDigits(k.st.number())
		k.sb.mu.Unlock()
		if err := k.sb.blobs.put(id, data); err != nil {
			failed = err
			break
		}
		if t.Post.Photos {
			files = append(files, pictureFile(id, data))
		} else {
			files = append(files, k.videoFile(id, int64(len(data))))
		}
	}
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	t.Pulling = false
	now := k.sb.clock()
	switch {
	case t.State != taskOpen: // cancelled meanwhile
	case failed != nil && t.Post.Photos:
		k.fail(t, "photo_pull_failed", now)
	case failed != nil:
		k.fail(t, "video_pull_failed", now)
	default:
		k.commit(t, files, now)
	}
}

// fetch gets a file as TikTok does: no redirect, a host name. TikTok itself wants https; on this machine nothing speaks it.
func (k *tiktok) fetch(ctx context.Context, raw string, photo bool) ([]byte, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && !k.sb.fetchAllowed(u.Hostname()) {
		return nil, errors.New("https is needed")
	}
	if !k.sb.fetchAllowed(u.Hostname()) {
		return nil, errors.New("the sandbox fetches from this machine and from hosts it was told")
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	most := int64(memoryBlobs)
	if photo {
		most = tiktokMaxPhoto
	}
	data, status, err := get(ctx, client, raw, "TikTok", most+1)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, errors.New("the address did not answer with 200")
	}
	return data, nil
}
