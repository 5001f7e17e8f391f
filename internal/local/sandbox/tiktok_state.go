package sandbox

import (
	"strconv"
	"time"
)

// tiktokState is everything that the fake TikTok keeps.
type tiktokState struct {
	Seq        int64                   `json:"seq"`
	Creators   []*tiktokCreator        `json:"creators"`
	Codes      map[string]*tiktokCode  `json:"codes"`
	Tokens     map[string]*tiktokToken `json:"tokens"` // access tokens
	Refreshers map[string]*tiktokToken `json:"refreshers"`
	Tasks      map[string]*tiktokTask  `json:"tasks"` // by publish_id
	Posts      map[string]*tiktokPost  `json:"posts"`
	Deliveries []*tiktokDelivery       `json:"deliveries"` // webhooks that were not answered with 200 yet
	Settings   tiktokSettings          `json:"settings"`
	windows    map[string][]time.Time  // calls of the last minute, by person and kind of call
}

// tiktokSettings are the app's, as its operator and TikTok's reviewers set them.
type tiktokSettings struct {
	Audited        bool     `json:"audited"`         // the content posting audit was passed
	Desktop        bool     `json:"desktop"`         // a desktop client: PKCE with a hexadecimal challenge
	AccessSeconds  int64    `json:"access_seconds"`  // life of an access token
	RefreshSeconds int64    `json:"refresh_seconds"` // life of a refresh token
	OAuthStatus    int      `json:"oauth_status"`    // HTTP status of the token endpoint's errors: 200 or 400
	ActiveCap      int      `json:"active_cap"`      // creators who may post in 24 hours, of an audited app; 0 = no limit
	Verified       []string `json:"verified"`        // properties from which media may be pulled: domains, and prefixes of URLs
	Redirects      []string `json:"redirects"`       // registered ones; empty: the sandbox's usual ones
	Callback       string   `json:"callback"`        // where webhooks go; empty = the sandbox's Config
	LeftOut        []string `json:"left_out"`        // fields that answers leave out
	IDAsText       bool     `json:"id_as_text"`      // post ids in webhooks are texts
}

// tiktokCreator is one person's TikTok account, and how it behaves.
type tiktokCreator struct {
	OpenID    string       `json:"open_id"`
	Username  string       `json:"username"`
	Nickname  string       `json:"nickname"`
	Followers int64        `json:"followers"`
	Grant     *tiktokGrant `json:"grant"` // nil: the app has no access
	tiktokTraits
}

// tiktokTraits are what a test or the action page may set.
type tiktokTraits struct {
	Private           bool     `json:"private"`
	CommentDisabled   bool     `json:"comment_disabled"`
	DuetDisabled      bool     `json:"duet_disabled"`
	StitchDisabled    bool     `json:"stitch_disabled"`
	MaxSeconds        int64    `json:"max_seconds"` // longest video; 0 = 600
	Banned            bool     `json:"banned"`      // from posting
	DayCap            int      `json:"day_cap"`     // posts in 24 hours; 0 = 15
	OtherPosts        int      `json:"other_posts"` // of these used by other apps
	OldApp            bool     `json:"old_app"`     // the person's app is too old for drafts with photos
	ProcessingSeconds int64    `json:"processing_seconds"`
	PullSeconds       int64    `json:"pull_seconds"`       // until files given by URL are fetched
	ModerationSeconds int64    `json:"moderation_seconds"` // until a public post is visible and has an id
	Levels            []string `json:"levels"`             // privacy levels, instead of the usual ones
	Fail              string   `json:"fail"`               // why the next posts fail
	FailTimes         int      `json:"fail_times"`
}

type tiktokGrant struct {
	Scopes []string  `json:"scopes"`
	Since  time.Time `json:"since"`
}

// tiktokCode is what the consent page gives.
type tiktokCode struct {
	OpenID    string    `json:"open_id"`
	Scopes    []string  `json:"scopes"`
	Redirect  string    `json:"redirect"`
	Challenge string    `json:"challenge,omitempty"`
	At        time.Time `json:"at"`
	Used      bool      `json:"used,omitempty"`
}

// tiktokToken is an access or a refresh token. Each of a pair names the other.
type tiktokToken struct {
	OpenID string    `json:"open_id"`
	Scopes []string  `json:"scopes"`
	Ends   time.Time `json:"ends"`
	Pair   string    `json:"pair"`
	Dead   bool      `json:"dead,omitempty"` // revoked, or replaced by a refresh
}

// What became of a task.
const (
	taskOpen      = ""          // waits for bytes, or to be fetched
	taskCommitted = "committed" // everything is there, it is processed
	taskInbox     = "inbox"     // a draft in the person's inbox
	taskPosted    = "posted"
	taskFailed    = "failed"
)

// tiktokTask is what a publish_id names.
type tiktokTask struct {
	ID        string         `json:"id"`
	OpenID    string         `json:"open_id"`
	Draft     bool           `json:"draft"` // goes to the inbox
	Post      tiktokPostInfo `json:"post"`
	State     string         `json:"state"`
	Reason    string         `json:"reason,omitempty"` // of a failure
	Created   time.Time      `json:"created"`
	Committed time.Time      `json:"committed,omitzero"`
	Done      time.Time      `json:"done,omitzero"`
	Discarded bool           `json:"discarded,omitempty"` // a draft that the person threw away
	Posts     []string       `json:"posts,omitempty"`     // made of it; a draft may be posted more than once

	// Bytes that are sent to us.
	UploadID string `json:"upload_id,omitempty"`
	Token    string `json:"token,omitempty"`
	Size     int64  `json:"size,omitempty"`
	Chunk    int64  `json:"chunk,omitempty"`
	Chunks   int64  `json:"chunks,omitempty"`
	Uploaded int64  `json:"uploaded,omitempty"`

	// Files that are fetched.
	URLs    []string `json:"urls,omitempty"`
	Pulling bool     `json:"-"`

	Files []tiktokFile `json:"files,omitempty"` // what arrived
}

// tiktokFile is a video or a picture as its bytes describe it.
type tiktokFile struct {
	ID     string `json:"id"`
	Mime   string `json:"mime"`
	Bytes  int64  `json:"bytes"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Millis int64  `json:"millis,omitempty"`
	Fail   string `json:"fail,omitempty"` // why it cannot be used
}

// tiktokPostInfo is what a post says beside its files.
type tiktokPostInfo struct {
	Title        string `json:"title"`
	Description  string `json:"description"` // of photos
	Privacy      string `json:"privacy_level"`
	NoComment    bool   `json:"disable_comment"`
	NoDuet       bool   `json:"disable_duet"`
	NoStitch     bool   `json:"disable_stitch"`
	CoverMillis  int64  `json:"video_cover_timestamp_ms"`
	Branded      bool   `json:"brand_content_toggle"`
	Organic      bool   `json:"brand_organic_toggle"`
	AI           bool   `json:"is_aigc"`
	Music        bool   `json:"auto_add_music"`
	Photos       bool   `json:"photos"` // a post of pictures
	CoverPicture int    `json:"photo_cover_index"`
}

// tiktokPost is a post on a timeline.
type tiktokPost struct {
	tiktokPostInfo
	ID      string       `json:"id"`
	OpenID  string       `json:"open_id"`
	Task    string       `json:"task,omitempty"` // empty: made by hand
	Files   []tiktokFile `json:"files"`
	Created time.Time    `json:"created"`
	Visible time.Time    `json:"visible"` // when moderation is over
	Told    bool         `json:"told"`    // the app was told that it is public
	Hidden  bool         `json:"hidden"`  // no longer public: removed by moderation or made private
	Deleted bool         `json:"deleted"`
}

// public tells whether everybody sees the post.
func (p *tiktokPost) public(now time.Time) bool {
	return p.Privacy == tiktokPublic && !p.Hidden && !p.Deleted && !now.Before(p.Visible)
}

func (st *tiktokState) creator(openID string) *tiktokCreator {
	for _, c := range st.Creators {
		if c.OpenID == openID {
			return c
		}
	}
	return nil
}

// number counts; ids of everything are made of it.
func (st *tiktokState) number() int64 {
	st.Seq++
	return st.Seq
}

// postID is an id as TikTok's are: too large for a float.
func (st *tiktokState) postID() string {
	return strconv.FormatInt(7512345678901200000+st.number()*2+1, 10)
}

// kill ends every token of a person.
func (st *tiktokState) kill(openID string) {
	for _, all := range []map[string]*tiktokToken{st.Tokens, st.Refreshers} {
		for _, t := range all {
			if t.OpenID == openID {
				t.Dead = true
			}
		}
	}
}

// levels are the privacy levels that the account offers.
func (c *tiktokCreator) levels() []string {
	switch {
	case len(c.Levels) > 0:
		return c.Levels
	case c.Private:
		return []string{tiktokFollowers, tiktokFriends, tiktokSelf}
	default:
		return []string{tiktokPublic, tiktokFriends, tiktokSelf}
	}
}

func (c *tiktokCreator) longest() int64 {
	if c.MaxSeconds == 0 {
		return 600
	}
	return c.MaxSeconds
}

func (c *tiktokCreator) dayCap() int {
	if c.DayCap == 0 {
		return 15
	}
	return c.DayCap
}
