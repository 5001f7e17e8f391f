package sandbox

import (
	"slices"
	"strconv"
	"time"
)

// Lives of the things Meta hands out. Sources:
// https://developers.facebook.com/docs/facebook-login/guides/access-tokens (short and long tokens),
// https://developers.facebook.com/docs/graph-api/reference/page/photos (unpublished photos).
const (
	metaCodeLife        = 10 * time.Minute
	metaShortLife       = time.Hour
	metaLongLife        = 60 * 24 * time.Hour
	metaDataAccess      = 90 * 24 * time.Hour
	metaUnpublishedLife = 24 * time.Hour
)

// metaState is everything the fake Meta knows; it is what the state file holds.
type metaState struct {
	Seq    int64                 `json:"seq"` // last number used in an id
	People []*metaPerson         `json:"people"`
	Pages  map[string]*metaPage  `json:"pages"`
	Tokens map[string]*metaToken `json:"tokens"`
	Codes  map[string]*metaCode  `json:"codes"`
	Posts  map[string]*metaPost  `json:"posts"`
	Photos map[string]*metaPhoto `json:"photos"`
	Videos map[string]*metaVideo `json:"videos,omitempty"`
	// Containers and Media are Instagram's: what is prepared, and what is published.
	Containers map[string]*instaContainer `json:"containers"`
	Media      map[string]*instaMedia     `json:"media"`
	Clips      map[string]*instaClip      `json:"clips,omitempty"`
	Businesses []metaBusiness             `json:"businesses,omitempty"`
	// RequireProof: the app demands appsecret_proof.
	RequireProof bool         `json:"require_proof"`
	FlatCodes    bool         `json:"flat_codes,omitempty"`   // Instagram Login answers a code without the list
	DeadMetrics  []string     `json:"dead_metrics,omitempty"` // numbers that were retired since
	Callback     metaCallback `json:"callback"`
	AppThrottle  metaThrottle `json:"app_throttle"`
}

type metaPerson struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Roles []metaRole `json:"roles"`
	Grant *metaGrant `json:"grant,omitempty"` // what the app may do; nil = never asked, or removed
	Quirk metaQuirk  `json:"quirk"`
	Since time.Time  `json:"since"`
}

// metaQuirk switches on behaviour that is real but rare.
type metaQuirk struct {
	EmptyPage bool `json:"empty_page,omitempty"` // /me/accounts begins with an empty page that has a "next"
}

type metaRole struct {
	Page    string   `json:"page"`
	Tasks   []string `json:"tasks"`
	NoToken bool     `json:"no_token,omitempty"` // /me/accounts shows the Page without access_token
	// Business is the business through which the person has the role: /me/accounts leaves the Page out. Client: the
	// business does not own the Page, it works for who does.
	Business string `json:"business,omitempty"`
	Client   bool   `json:"client,omitempty"`
}

type metaBusiness struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type metaGrant struct {
	Scopes   map[string]string `json:"scopes"` // granted | declined
	AllPages bool              `json:"all_pages"`
	Pages    []string          `json:"pages,omitempty"` // when not AllPages
	At       time.Time         `json:"at"`
	// Limits are permissions that are given for some of the Pages only.
	Limits map[string][]string `json:"limits,omitempty"`
}

// holds tells whether a permission is given for a Page.
func (g *metaGrant) holds(scope, page string) bool {
	pages, limited := g.Limits[scope]
	return g.has(scope) && (!limited || slices.Contains(pages, page))
}

func (g *metaGrant) covers(page string) bool {
	return g != nil && (g.AllPages || slices.Contains(g.Pages, page))
}

func (g *metaGrant) has(scope string) bool { return g != nil && g.Scopes[scope] == "granted" }

type metaPage struct {
	ID             string       `json:"id"`
	Name           string       `json:"name"`
	Username       string       `json:"username"`
	Category       string       `json:"category"`
	Fans           *int         `json:"fans,omitempty"` // who like it; absent = the usual
	Instagram      *metaInsta   `json:"instagram,omitempty"`
	DuplicateCheck bool         `json:"duplicate_check,omitempty"` // refuse a message equal to one of the last day
	Throttle       metaThrottle `json:"throttle"`

	Subscribed        []string  `json:"subscribed,omitempty"`         // fields of its webhooks that the app gets
	ProcessingSeconds int       `json:"processing_seconds,omitempty"` // how long a finished video takes to become visible
	Posts             []string  `json:"posts"`                        // ids, oldest first
	Calls             metaUsage `json:"-"`
}

type metaInsta struct {
	ID       string        `json:"id"`
	Username string        `json:"username"`
	Name     string        `json:"name"`
	Media    []string      `json:"media,omitempty"` // ids, oldest first
	Settings instaSettings `json:"settings"`

	Subscribed []string `json:"subscribed,omitempty"` // fields that the app of Instagram Login gets

	Followers *int `json:"followers,omitempty"` // absent = the usual
	Lag       int  `json:"-"`                   // reads of the list without the newest post
}

// metaThrottle is a spent call budget: calls are refused until it ends.
type metaThrottle struct {
	Percent int       `json:"percent,omitempty"` // what the usage header says instead of the count
	Until   time.Time `json:"until,omitzero"`
}

const (
	metaUserToken = "USER"
	metaPageToken = "PAGE"
	metaAppToken  = "APP"
)

type metaToken struct {
	Kind      string    `json:"kind"`
	Account   string    `json:"account,omitempty"` // of Instagram Login
	Person    string    `json:"person"`
	Page      string    `json:"page,omitempty"`
	Scopes    []string  `json:"scopes"`
	Long      bool      `json:"long"`
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
	DataUntil time.Time `json:"data_until"`
	Parent    string    `json:"parent,omitempty"` // of a Page token: the user token it was read with
	Dead      int       `json:"dead,omitempty"`   // subcode of 190 since it was revoked
}

type metaCode struct {
	Account     string    `json:"account,omitempty"` // of Instagram Login
	Person      string    `json:"person"`
	RedirectURI string    `json:"redirect_uri"`
	Scopes      []string  `json:"scopes"`
	IssuedAt    time.Time `json:"issued_at"`
	Used        bool      `json:"used"`
}

type metaPost struct {
	ID        string        `json:"id"`
	Page      string        `json:"page"`
	Message   string        `json:"message"`
	Link      string        `json:"link,omitempty"`
	Photos    []string      `json:"photos,omitempty"`
	Video     string        `json:"video,omitempty"`
	Story     bool          `json:"story,omitempty"`
	Comments  []metaComment `json:"comments,omitempty"`
	App       string        `json:"app,omitempty"`     // id of the app that made it; empty = a person on the site
	Visitor   string        `json:"visitor,omitempty"` // name, when somebody else wrote on the Page
	Created   time.Time     `json:"created"`
	Updated   time.Time     `json:"updated"`
	Draft     bool          `json:"draft,omitempty"`
	Scheduled time.Time     `json:"scheduled,omitzero"` // published from then on
}

// published tells whether the post is visible; a schedule that has come counts.
func (p *metaPost) published(now time.Time) bool {
	return !p.Draft && (p.Scheduled.IsZero() || !now.Before(p.Scheduled))
}

type metaPhoto struct {
	ID        string    `json:"id"`
	Page      string    `json:"page"`
	Caption   string    `json:"caption,omitempty"`
	Alt       string    `json:"alt,omitempty"`
	Type      string    `json:"type"` // image/jpeg …
	Width     int       `json:"width"`
	Height    int       `json:"height"`
	Bytes     int       `json:"bytes"`
	Post      string    `json:"post,omitempty"` // the post that shows it; empty = unpublished
	Temporary bool      `json:"temporary,omitempty"`
	Created   time.Time `json:"created"`
}

// gone tells whether an unpublished photo has been cleaned away.
func (p *metaPhoto) gone(now time.Time) bool {
	return p.Post == "" && now.Sub(p.Created) >= metaUnpublishedLife
}

// The prefixes of ids. All ids have 17 digits and are no multiple of 4, so that a client that parses them as a
// float64 gets a different number.
const (
	metaIDPage    = 200_1000_0000_0000_00
	metaIDPerson  = 300_1000_0000_0000_00
	metaIDPost    = 122_1000_0000_0000_00
	metaIDPhoto   = 123_1000_0000_0000_00
	metaIDComment = 125_1000_0000_0000_00
	metaIDVideo   = 124_1000_0000_0000_00
	metaIDUpload  = 126_1000_0000_0000_00
	metaIDBiz     = 210_1000_0000_0000_00
	metaIDInsta   = 178_4140_0000_0000_00
)

// id makes the next id with a prefix. The lock is held.
func (st *metaState) id(prefix int64) string {
	st.Seq++
	return strconv.FormatInt(prefix+4*st.Seq+1, 10)
}

func (st *metaState) person(id string) *metaPerson {
	for _, p := range st.People {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (p *metaPerson) role(page string) (metaRole, bool) {
	for _, r := range p.Roles {
		if r.Page == page {
			return r, true
		}
	}
	return metaRole{}, false
}

// insert puts a post into its Page's list, which is ordered by creation time.
func (st *metaState) insert(p *metaPost) {
	st.Posts[p.ID] = p
	page := st.Pages[p.Page]
	at := len(page.Posts)
	for at > 0 && st.Posts[page.Posts[at-1]].Created.After(p.Created) {
		at--
	}
	page.Posts = slices.Insert(page.Posts, at, p.ID)
}

// remove deletes a post and its photos and returns the photos' ids.
func (st *metaState) remove(p *metaPost) []string {
	page := st.Pages[p.Page]
	page.Posts = slices.DeleteFunc(page.Posts, func(id string) bool { return id == p.ID })
	delete(st.Posts, p.ID)
	for _, id := range p.Photos {
		delete(st.Photos, id)
	}
	return p.Photos
}

// mint makes a token. The lock is held.
func (st *metaState) mint(t metaToken) string {
	value := "EAA" + randomText(120)
	if t.Kind == metaPageToken {
		value = "EAAP" + randomText(120)
	}
	st.Tokens[value] = &t
	return value
}

// pageToken gives the token of a Page as read with a user token: without end when that is long-lived, else with
// its end. Reading twice gives the same token. The lock is held.
func (st *metaState) pageToken(userToken, page string, now time.Time) string {
	parent := st.Tokens[userToken]
	for value, t := range st.Tokens {
		if t.Kind == metaPageToken && t.Page == page && t.Parent == userToken && t.Dead == 0 {
			return value
		}
	}
	t := metaToken{
		Kind: metaPageToken, Person: parent.Person, Page: page, Scopes: parent.Scopes, Long: parent.Long,
		IssuedAt: now, DataUntil: parent.DataUntil, Parent: userToken,
	}
	if !parent.Long {
		t.ExpiresAt = parent.ExpiresAt
	}
	return st.mint(t)
}

// kill makes tokens of a person invalid; page narrows to the tokens of one Page. The lock is held.
func (st *metaState) kill(person, page string, subcode int) {
	for _, t := range st.Tokens {
		if t.Person == person && t.Dead == 0 && (page == "" || t.Page == page) {
			t.Dead = subcode
		}
	}
}
