package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Limits of what may be posted. https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
// Where the guide says MB, both readings are kept to: no chunk below the binary 5 MB, none above the decimal 64.
const (
	tiktokMinChunk    = 5 << 20
	tiktokMaxChunk    = 64_000_000
	tiktokLastChunk   = 128_000_000
	tiktokMaxChunks   = 1000
	tiktokMaxVideo    = 4_000_000_000
	tiktokMaxPhoto    = 20_000_000
	tiktokMaxDrafts   = 5
	tiktokMaxTitle    = 2200 // UTF-16 units
	tiktokPhotoTitle  = 90
	tiktokDescription = 4000
	tiktokMaxPhotos   = 35
)

type videoSource struct {
	Source string `json:"source"`
	Size   *int64 `json:"video_size"`
	Chunk  *int64 `json:"chunk_size"`
	Chunks *int64 `json:"total_chunk_count"`
	URL    string `json:"video_url"`
}

type videoPostInfo struct {
	Title     string `json:"title"`
	Privacy   string `json:"privacy_level"`
	NoComment bool   `json:"disable_comment"`
	NoDuet    bool   `json:"disable_duet"`
	NoStitch  bool   `json:"disable_stitch"`
	Cover     int64  `json:"video_cover_timestamp_ms"`
	Branded   bool   `json:"brand_content_toggle"`
	Organic   bool   `json:"brand_organic_toggle"`
	AI        bool   `json:"is_aigc"`
}

// initVideo: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
func (k *tiktok) initVideo(c *tiktokCall) (any, *tiktokError) {
	var in struct {
		Post   *videoPostInfo `json:"post_info"`
		Source *videoSource   `json:"source_info"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Post == nil || in.Source == nil {
		return nil, badParam("post_info and source_info are required.")
	}
	p := *in.Post
	info := tiktokPostInfo{
		Title: p.Title, Privacy: p.Privacy, NoComment: p.NoComment, NoDuet: p.NoDuet, NoStitch: p.NoStitch, CoverMillis: p.Cover,
		Branded: p.Branded, Organic: p.Organic, AI: p.AI,
	}
	if units(info.Title) > tiktokMaxTitle {
		return nil, tiktokRefusal(http.StatusBadRequest, "invalid_param", "The title is too long.")
	}
	if err := k.direct(c, info); err != nil {
		return nil, err
	}
	return k.beginVideo(c, &tiktokTask{Post: info}, *in.Source)
}

// initInbox: https://developers.tiktok.com/doc/content-posting-api-reference-upload-video
func (k *tiktok) initInbox(c *tiktokCall) (any, *tiktokError) {
	var in struct {
		Source *videoSource `json:"source_info"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Source == nil {
		return nil, badParam("source_info is required.")
	}
	if err := k.mayDraft(c); err != nil {
		return nil, err
	}
	return k.beginVideo(c, &tiktokTask{Draft: true}, *in.Source)
}

// initContent: https://developers.tiktok.com/doc/content-posting-api-reference-photo-post
func (k *tiktok) initContent(c *tiktokCall) (any, *tiktokError) {
	var in struct {
		Media string `json:"media_type"`
		Mode  string `json:"post_mode"`
		Post  *struct {
			Title       string `json:"title"`
			Description string `json:"description"`
			Privacy     string `json:"privacy_level"`
			NoComment   bool   `json:"disable_comment"`
			Music       bool   `json:"auto_add_music"`
			Branded     bool   `json:"brand_content_toggle"`
			Organic     bool   `json:"brand_organic_toggle"`
		} `json:"post_info"`
		Source *struct {
			Source string   `json:"source"`
			Cover  *int     `json:"photo_cover_index"`
			Images []string `json:"photo_images"`
		} `json:"source_info"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Media != "PHOTO" || in.Post == nil || in.Source == nil || in.Source.Source != "PULL_FROM_URL" {
		return nil, badParam("media_type, post_info and source_info are required; photos are pulled.")
	}
	p, src := in.Post, in.Source
	switch {
	case units(p.Title) > tiktokPhotoTitle, units(p.Description) > tiktokDescription:
		return nil, tiktokRefusal(http.StatusBadRequest, "invalid_param", "The title or the description is too long.")
	case len(src.Images) < 1, len(src.Images) > tiktokMaxPhotos:
		return nil, badParam("photo_images: 1 to 35 are allowed.")
	case src.Cover == nil, *src.Cover < 0, *src.Cover >= len(src.Images):
		return nil, badParam("photo_cover_index is out of range.")
	}
	t := &tiktokTask{URLs: src.Images, Post: tiktokPostInfo{
		Title: p.Title, Description: p.Description, Privacy: p.Privacy, NoComment: p.NoComment, Music: p.Music, Branded: p.Branded, Organic: p.Organic,
		Photos: true, CoverPicture: *src.Cover,
	}}
	var refused *tiktokError
	switch in.Mode {
	case "DIRECT_POST":
		if !c.has("video.publish") {
			return nil, tiktokRefusal(http.StatusUnauthorized, "scope_not_authorized", "The scope video.publish is needed.")
		}
		refused = k.direct(c, t.Post)
	case "MEDIA_UPLOAD":
		if !c.has("video.upload") {
			return nil, tiktokRefusal(http.StatusUnauthorized, "scope_not_authorized", "The scope video.upload is needed.")
		}
		t.Draft, t.Post.Privacy = true, ""
		if c.creator.OldApp {
			return nil, tiktokRefusal(http.StatusBadRequest, "app_version_check_failed", "The version of the TikTok app is too old: 31.8 is needed.")
		}
		refused = k.mayDraft(c)
	default:
		refused = badParam("post_mode must be DIRECT_POST or MEDIA_UPLOAD.")
	}
	if refused == nil {
		refused = k.owned(src.Images)
	}
	if refused != nil {
		return nil, refused
	}
	k.create(c, t, "p_pub_url~v2.")
	k.pullNow(c, t)
	return map[string]any{"publish_id": t.ID}, nil
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// direct refuses what may not be posted to the profile.
func (k *tiktok) direct(c *tiktokCall, p tiktokPostInfo) *tiktokError {
	if err := k.mayPost(c); err != nil {
		return err
	}
	if !k.st.Settings.Audited && (!c.creator.Private || p.Privacy != tiktokSelf && slices.Contains(c.creator.levels(), p.Privacy)) {
		return tiktokRefusal(http.StatusForbidden, "unaudited_client_can_only_post_to_private_accounts",
			"Unaudited clients can only post to a private account. The publish attempt will be blocked when calling this API.")
	}
	if !slices.Contains(c.creator.levels(), p.Privacy) {
		return tiktokRefusal(http.StatusForbidden, "privacy_level_option_mismatch", "privacy_level is not specified or not among the options returned in creator_info.")
	}
	if p.Branded && p.Privacy == tiktokSelf {
		return tiktokRefusal(http.StatusBadRequest, "invalid_param", "Branded content visibility cannot be set to private.")
	}
	return nil
}

// mayDraft refuses the sixth draft that waits in an inbox.
func (k *tiktok) mayDraft(c *tiktokCall) *tiktokError {
	open := 0
	for _, t := range k.st.Tasks {
		if t.OpenID == c.creator.OpenID && t.Draft && !t.Discarded && (t.State == taskInbox || t.State == taskCommitted) && c.now.Sub(t.Created) < tiktokDay {
			open++
		}
	}
	if open >= tiktokMaxDrafts {
		return tiktokRefusal(http.StatusForbidden, "spam_risk_too_many_pending_share", "There may be at most 5 pending shares within any 24-hour period.")
	}
	return nil
}

// create keeps a new task. Ids are opaque; the longest allowed is 64 characters.
func (k *tiktok) create(c *tiktokCall, t *tiktokTask, prefix string) {
	t.ID = prefix + strconv.FormatInt(7400000000000000000+k.st.number(), 10)
	t.OpenID, t.Created = c.creator.OpenID, c.now
	k.st.Tasks[t.ID] = t
	k.sb.changed()
}

// beginVideo takes the plan of an upload, or the address of a video.
func (k *tiktok) beginVideo(c *tiktokCall, t *tiktokTask, in videoSource) (any, *tiktokError) {
	kind := "v_pub_"
	if t.Draft {
		kind = "v_inbox_"
	}
	switch in.Source {
	case "PULL_FROM_URL":
		if in.URL == "" || in.Size != nil || in.Chunk != nil || in.Chunks != nil {
			return nil, badParam("PULL_FROM_URL takes video_url and nothing else.")
		}
		if err := k.owned([]string{in.URL}); err != nil {
			return nil, err
		}
		t.URLs = []string{in.URL}
		k.create(c, t, kind+"url~v2.")
		k.pullNow(c, t)
		return map[string]any{"publish_id": t.ID}, nil
	case "FILE_UPLOAD":
		if in.URL != "" || in.Size == nil || in.Chunk == nil || in.Chunks == nil {
			return nil, badParam("FILE_UPLOAD takes video_size, chunk_size and total_chunk_count.")
		}
		if err := chunkPlan(*in.Size, *in.Chunk, *in.Chunks); err != nil {
			return nil, err
		}
		t.Size, t.Chunk, t.Chunks = *in.Size, *in.Chunk, *in.Chunks
		k.create(c, t, kind+"file~v2.")
		t.UploadID, t.Token = strings.TrimPrefix(t.ID, kind+"file~v2."), randomText(24)
		q := url.Values{"upload_id": {t.UploadID}, "upload_token": {t.Token}}
		return map[string]any{"publish_id": t.ID, "upload_url": c.base + "/tiktok/upload/video/?" + q.Encode()}, nil
	default:
		return nil, badParam("source must be FILE_UPLOAD or PULL_FROM_URL.")
	}
}

// chunkPlan: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide#chunk_restrictions
// The number is rounded down, so the last chunk is the larger one.
func chunkPlan(size, chunk, count int64) *tiktokError {
	const wrong = "The chunk size is invalid"
	switch {
	case size < 1, size > tiktokMaxVideo:
		return badParam("The video size is invalid")
	case chunk < 1, count < 1:
		return badParam(wrong)
	case count == 1 && chunk != size, count == 1 && size > tiktokMaxChunk:
		return badParam(wrong)
	case count == 1:
		return nil
	case chunk < tiktokMinChunk, chunk > tiktokMaxChunk:
		return badParam(wrong)
	case count != size/chunk, count > tiktokMaxChunks:
		return badParam("The total chunk count is invalid")
	case size-(count-1)*chunk > tiktokLastChunk:
		return badParam(wrong)
	}
	return nil
}

// owned refuses addresses that lie under no verified property: a domain covers what is below it, a prefix what begins
// with it. https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide#pull_from_url
func (k *tiktok) owned(list []string) *tiktokError {
	for _, raw := range list {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.User != nil {
			return badParam("The URL is invalid.")
		}
		if !slices.ContainsFunc(k.st.Settings.Verified, func(property string) bool {
			if strings.Contains(property, "://") {
				return strings.HasPrefix(raw, property)
			}
			return u.Hostname() == property || strings.HasSuffix(u.Hostname(), "."+property)
		}) {
			return tiktokRefusal(http.StatusForbidden, "url_ownership_unverified", "The ownership of the URL is not verified.")
		}
	}
	return nil
}
