package sandbox

import (
	"encoding/binary"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Limits of Instagram's videos.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
const (
	instaMaxReel  = 300_000_000
	instaMaxStory = 100_000_000
	// instaBadVideo is what a container says whose video cannot be used.
	instaBadVideo = 2207026
)

// instaClip is a video as its bytes describe it.
type instaClip struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Width   int       `json:"width"`
	Height  int       `json:"height"`
	Millis  int64     `json:"millis"`
	Codec   string    `json:"codec"`
	Rate    float64   `json:"rate"` // pictures a second
	Created time.Time `json:"created"`
	Fail    int       `json:"fail,omitempty"` // what is wrong with it
}

func clipURL(base string, c *instaClip) string { return base + "/meta/clips/" + c.ID }

// broken lets the container end in an error, if the video cannot be used.
func (c *instaContainer) broken(clip *instaClip) {
	if clip.Fail != 0 {
		c.Fail = clip.Fail
	}
}

// prepareClip fetches a video and looks at it. One that cannot be used still gets a container, which then fails.
func (m *meta) prepareClip(c *graphCall, id, from, kind string) *graphError {
	longest := int64(instaMaxReel)
	if kind == "STORIES" {
		longest = instaMaxStory
	}
	data, err := m.sb.fetch(c.ctx, from, metaAgent, longest)
	if err != nil {
		return oauthErr(9004, 2207052, "Only photo or video can be accepted as media type: %s", err)
	}
	c.clip = newClip(id, c.node, kind, data)
	return m.keepUpload(c, id, data, imageInfo{mime: "video/mp4"})
}

// newClip probes a video for a kind of container.
func newClip(id, account, kind string, data []byte) *instaClip {
	clip := &instaClip{ID: id, Account: account}
	v, ok := probeVideo(data)
	clip.Width, clip.Height, clip.Millis = v.width, v.height, v.millis
	clip.Codec, clip.Rate = probePictures(data)
	most, longest, narrowest := int64(instaMaxReel), 15*time.Minute, 0.01
	if kind == "STORIES" {
		most, longest, narrowest = instaMaxStory, time.Minute, 0.1
	}
	ratio := 0.0
	if clip.Height > 0 {
		ratio = float64(clip.Width) / float64(clip.Height)
	}
	if !ok || !slices.Contains([]string{"avc1", "avc3", "hvc1", "hev1"}, clip.Codec) || clip.Rate < 23 || clip.Rate > 60 ||
		clip.Millis < 3000 || clip.Millis > longest.Milliseconds() || int64(len(data)) > most || clip.Width > 1920 || ratio < narrowest || ratio > 10 {
		clip.Fail = instaBadVideo
	}
	return clip
}

// probePictures reads the codec and the pictures per second of the track with pictures.
func probePictures(data []byte) (codec string, rate float64) {
	for rest := boxOf(data, "moov"); ; {
		trak, after := nextBox(rest, "trak")
		if trak == nil {
			return "", 0
		}
		rest = after
		mdia := boxOf(trak, "mdia")
		if h := boxOf(mdia, "hdlr"); len(h) < 12 || string(h[8:12]) != "vide" {
			continue
		}
		mdhd, stbl := boxOf(mdia, "mdhd"), boxOf(boxOf(mdia, "minf"), "stbl")
		stsd, stts := boxOf(stbl, "stsd"), boxOf(stbl, "stts")
		if len(mdhd) < 20 || mdhd[0] != 0 || len(stsd) < 16 || len(stts) < 8 {
			return "", 0
		}
		pictures, length := 0.0, float64(binary.BigEndian.Uint32(mdhd[16:]))/float64(max(binary.BigEndian.Uint32(mdhd[12:]), 1))
		for at := 8; at+8 <= len(stts); at += 8 {
			pictures += float64(binary.BigEndian.Uint32(stts[at:]))
		}
		return string(stsd[12:16]), pictures / max(length, 0.001)
	}
}

// prepareCover fetches the picture that a reel begins with.
func (m *meta) prepareCover(c *graphCall) *graphError {
	from := c.params.Get("cover_url")
	if from == "" {
		return nil
	}
	data, info, err := m.fetchPicture(c, from)
	if err != nil {
		return err
	}
	c.cover = &graphUpload{data: data, image: info}
	return nil
}

// look reads how the post is to be shown.
func (m *meta) look(c *graphCall, box *instaContainer) *graphError {
	share, err := c.flag("share_to_feed", true)
	if err != nil {
		return err
	}
	if box.AI, err = c.flag("is_ai_generated", false); err != nil {
		return err
	}
	if box.AI && box.Item {
		return paramErr("is_ai_generated belongs to the carousel, not to its items.")
	}
	reel := box.Kind == "REELS"
	if !reel && (!share || c.cover != nil || c.params.Has("thumb_offset")) {
		return paramErr("share_to_feed, cover_url and thumb_offset are for reels.")
	}
	box.ReelsOnly = !share
	if raw := c.params.Get("thumb_offset"); raw != "" {
		if box.ThumbMS, err = milliseconds(raw); err != nil {
			return err
		}
	}
	if c.cover != nil {
		box.Cover, box.ThumbMS = m.st.id(metaIDPhoto), 0
		if berr := m.sb.blobs.put(box.Cover, c.cover.data); berr != nil {
			return oauthErr(-1, 2207001, "Instagram server error. Try again.")
		}
		m.st.Photos[box.Cover] = &metaPhoto{
			ID: box.Cover, Type: c.cover.image.mime, Width: c.cover.image.width, Height: c.cover.image.height, Bytes: len(c.cover.data), Post: "cover", Created: c.now,
		}
	}
	return nil
}

func milliseconds(raw string) (int64, *graphError) {
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || n < 0 {
		return 0, paramErr("Param thumb_offset must be a number of milliseconds.")
	}
	return n, nil
}

// serveClip gives the bytes of a video.
func (m *meta) serveClip(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	m.sb.mu.Lock()
	known := m.st.Clips[id] != nil
	m.sb.mu.Unlock()
	data, ok := m.sb.blobs.get(id)
	if !known || !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "video/mp4")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data) // a browser that went away is not our problem
}
