package sandbox

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// metaPlainVideo is the kind of video that is an ordinary post.
const metaPlainVideo = "video"

const (
	// metaMaxTitle is in characters. Meta does not document it; clients report it.
	metaMaxTitle = 255
	// metaChunks is in how many pieces a video is asked for. Meta decides that call by call, so a client must not count
	// on a size.
	metaChunks   = 4
	metaMinChunk = 16 << 10
)

// pageVideo is POST /{page}/videos in its phases. It takes bytes only: file_url and source are refused, so that nobody
// relies on what is not checked here.
// https://developers.facebook.com/docs/graph-api/reference/page/videos
func (m *meta) pageVideo(c *graphCall) (any, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayPublish(c, page); err != nil {
		return nil, err
	}
	switch c.params.Get("upload_phase") {
	case "start":
		return m.startPageVideo(c, page)
	case "transfer":
		return m.transferPageVideo(c, page)
	case "finish":
		return m.finishPageVideo(c, page)
	default:
		return nil, paramErr("Param upload_phase must be one of {START, TRANSFER, FINISH}")
	}
}

func (m *meta) startPageVideo(c *graphCall, page *metaPage) (any, *graphError) {
	size, err := strconv.ParseInt(c.params.Get("file_size"), 10, 64)
	if err != nil || size <= 0 {
		return nil, paramErr("Param file_size must be the size of the file in bytes.")
	}
	v := &metaVideo{ID: m.st.id(metaIDVideo), Session: m.st.id(metaIDUpload), Page: page.ID, Kind: metaPlainVideo, Size: size, Created: c.now}
	m.st.Videos[v.ID] = v
	m.sb.changed()
	out := v.wanted()
	out["upload_session_id"], out["video_id"] = v.Session, v.ID
	return out, nil
}

// wanted is the range of bytes that is asked for next; both ends are the same when there is none. Numbers come as text.
func (v *metaVideo) wanted() map[string]any {
	end := min(v.Received+max(v.Size/metaChunks, metaMinChunk), v.Size)
	return map[string]any{"start_offset": strconv.FormatInt(v.Received, 10), "end_offset": strconv.FormatInt(end, 10)}
}

// uploading finds the unfinished video of an upload session.
func (m *meta) uploading(c *graphCall, page *metaPage) (*metaVideo, *graphError) {
	for _, v := range m.st.Videos {
		if v.Session != "" && v.Session == c.params.Get("upload_session_id") && v.Page == page.ID && !v.expired(c.now) {
			if v.Post != "" {
				return nil, paramErr("The video is published already.")
			}
			return v, nil
		}
	}
	return nil, paramErr("Param upload_session_id must be an upload of this Page that has not ended.")
}

// transferPageVideo takes a piece whole or not at all. One at another place than the wanted one is refused, and the
// refusal names the place. https://github.com/facebook/facebook-python-business-sdk/blob/main/facebook_business/video_uploader.py
func (m *meta) transferPageVideo(c *graphCall, page *metaPage) (any, *graphError) {
	v, gerr := m.uploading(c, page)
	if gerr != nil {
		return nil, gerr
	}
	at, err := strconv.ParseInt(c.params.Get("start_offset"), 10, 64)
	if err != nil || len(c.chunk) == 0 {
		return nil, paramErr("The parameters start_offset and video_file_chunk are required.")
	}
	end, _ := strconv.ParseInt(v.wanted()["end_offset"].(string), 10, 64) // made above
	if at != v.Received || at+int64(len(c.chunk)) > end {
		e := oauthErr(6000, 1363037, "(#6000) There was a problem uploading your video file. Please try again.")
		e.title, e.userMsg, e.data = "Invalid start offset", "The piece is not the one that was asked for.", v.wanted()
		return nil, e
	}
	if err := m.sb.blobs.extend(v.ID, at, c.chunk); err != nil {
		m.sb.log.ErrorContext(c.ctx, "cannot keep a video", errAttr(err))
		return nil, oauthErr(1, 0, "An unknown error occurred")
	}
	v.Received += int64(len(c.chunk))
	m.sb.changed()
	if !v.complete() {
		return v.wanted(), nil
	}
	data := m.sb.blobs.moov(v.ID)
	if info, ok := probeVideo(data); ok {
		v.Width, v.Height, v.Millis = info.width, info.height, info.millis
	} else if data != nil {
		delete(m.st.Videos, v.ID)
		m.sb.blobs.remove(v.ID)
		return nil, oauthErr(352, 0, "(#352) Sorry, the video file you selected is in a format that we don't support.")
	}
	return v.wanted(), nil
}

func (m *meta) finishPageVideo(c *graphCall, page *metaPage) (any, *graphError) {
	v, err := m.uploading(c, page)
	if err != nil {
		return nil, err
	}
	title, description := c.params.Get("title"), c.params.Get("description")
	switch {
	case !v.complete():
		return nil, oauthErr(6000, 0, "(#6000) There was a problem uploading your video file. The upload is not complete.")
	case utf8.RuneCountInString(title) > metaMaxTitle:
		return nil, paramErr("Param title must not be longer than %d characters.", metaMaxTitle)
	}
	if err := checkMessage(description); err != nil {
		return nil, err
	}
	if err := checkVideo(v); err != nil {
		return nil, err
	}
	v.Title = strings.TrimSpace(title)
	m.show(c, page, v, description)
	return success(), nil
}

// show makes the post of a finished video, which becomes visible when it is processed.
func (m *meta) show(c *graphCall, page *metaPage, v *metaVideo, description string) *metaPost {
	v.Description, v.Publish = description, c.now.Add(time.Duration(page.ProcessingSeconds)*time.Second)
	post := &metaPost{
		ID: page.ID + "_" + m.st.id(metaIDPost), Page: page.ID, Message: description, Video: v.ID, App: metaClientID,
		Created: c.now, Updated: c.now, Story: v.Kind == metaVideoStory,
	}
	if v.Publish.After(c.now) {
		post.Scheduled = v.Publish
	}
	v.Post = post.ID
	m.st.insert(post)
	m.sb.changed()
	return post
}
