package sandbox

import (
	"math"
	"time"
)

// reelsADay is how many reels a Page publishes through the API in 24 hours.
// https://developers.facebook.com/documentation/video-api/guides/reels-publishing
const reelsADay = 30

// phases is POST /{page}/video_reels and /{page}/video_stories: upload_phase says which.
func phases(kind string) func(m *meta, c *graphCall) (any, *graphError) {
	return func(m *meta, c *graphCall) (any, *graphError) {
		page, err := m.page(c)
		if err != nil {
			return nil, err
		}
		if err := m.mayPublish(c, page); err != nil {
			return nil, err
		}
		switch c.params.Get("upload_phase") {
		case "start":
			return m.startVideo(c, page, kind)
		case "finish":
			return m.finishVideo(c, page, kind)
		default:
			return nil, paramErr("Param upload_phase must be one of {START, FINISH}")
		}
	}
}

func (m *meta) startVideo(c *graphCall, page *metaPage, kind string) (any, *graphError) {
	if kind == metaReel && m.reelsToday(page, c.now) >= reelsADay {
		return nil, limitErr(613, "Calls to this api have exceeded the rate limit: 30 reels in 24 hours.", c.header)
	}
	v := &metaVideo{ID: m.st.id(metaIDVideo), Page: page.ID, Kind: kind, Created: c.now}
	m.st.Videos[v.ID] = v
	m.sb.changed()
	return map[string]any{"video_id": v.ID, "upload_url": c.base + "/meta/rupload/video-upload/" + c.version + "/" + v.ID}, nil
}

func (m *meta) reelsToday(page *metaPage, now time.Time) int {
	n := 0
	for _, v := range m.st.Videos {
		if v.Page == page.ID && v.Kind == metaReel && v.Post != "" && now.Sub(v.Publish) < 24*time.Hour {
			n++
		}
	}
	return n
}

func (m *meta) finishVideo(c *graphCall, page *metaPage, kind string) (any, *graphError) {
	v := m.st.Videos[c.params.Get("video_id")]
	state := c.params.Get("video_state")
	switch {
	case v == nil || v.Page != page.ID || v.Kind != kind || v.expired(c.now):
		return nil, paramErr("Param video_id must be a video of this Page that is being uploaded.")
	case !v.complete():
		return nil, oauthErr(6000, 0, "(#6000) There was a problem uploading your video file. The upload is not complete.")
	case v.Post != "":
		return nil, paramErr("The video is published already.")
	case kind == metaReel && state != "PUBLISHED":
		return nil, paramErr("This sandbox publishes reels with video_state=PUBLISHED only.")
	}
	description := ""
	if kind == metaReel {
		description = c.params.Get("description")
		if m.reelsToday(page, c.now) >= reelsADay {
			return nil, limitErr(613, "Calls to this api have exceeded the rate limit: 30 reels in 24 hours.", c.header)
		}
	}
	if err := checkMessage(description); err != nil {
		return nil, err
	}
	if err := checkVideo(v); err != nil {
		return nil, err
	}
	post := m.show(c, page, v, description)
	if kind == metaVideoStory {
		return map[string]any{"success": true, "post_id": post.ID}, nil
	}
	return success(), nil
}

// checkVideo holds a video against what the guide demands. A video whose bytes were forgotten passes.
func checkVideo(v *metaVideo) *graphError {
	refuse := func(subcode int, title, message string) *graphError {
		e := oauthErr(352, subcode, "(#352) Sorry, the video format is not supported")
		e.title, e.userMsg = title, message
		return e
	}
	longest := int64(90_000)
	if v.Kind == metaVideoStory {
		longest = 60_000
	}
	ratio := float64(v.Width) / max(float64(v.Height), 1)
	switch {
	case v.Millis == 0:
		return nil
	case v.Kind == metaPlainVideo && (ratio < 9.0/16-0.01 || ratio > 16.0/9+0.01):
		return refuse(1363040, "Unsupported aspect ratio", "The video must be between 9:16 and 16:9.")
	case v.Kind == metaPlainVideo:
		return nil
	case math.Abs(ratio-9.0/16) > 0.01:
		return refuse(1363040, "Unsupported aspect ratio", "The video must be 9:16.")
	case v.Width < 540 || v.Height < 960:
		return refuse(1363127, "Low resolution", "The video must have at least 540 x 960 pixels.")
	case v.Millis < 3000 || v.Millis > longest:
		return refuse(1363128, "Unsupported length", "The video must last 3 to 90 seconds, a story at most 60.")
	}
	return nil
}
