package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	liAdmin     = "ADMINISTRATOR"
	liApproved  = "APPROVED"
	liPublished = "PUBLISHED"

	liWaiting    = "WAITING_UPLOAD"
	liProcessing = "PROCESSING"
	liAvailable  = "AVAILABLE"
	liFailed     = "PROCESSING_FAILED"
)

// liState is everything the fake LinkedIn remembers.
type liState struct {
	Seq     int64                 `json:"seq"`
	People  []*liPerson           `json:"people"`
	Orgs    map[string]*liOrg     `json:"orgs"` // by number
	Codes   map[string]*liCode    `json:"codes"`
	Tokens  map[string]*liToken   `json:"tokens"`
	Refresh map[string]*liRefresh `json:"refresh_tokens"`
	Posts   map[string]*liPost    `json:"posts"` // by URN
	Order   []string              `json:"order"` // their URNs, oldest first
	Media   map[string]*liMedia   `json:"media"` // by URN
	Recent  []liBody              `json:"recent"`
	// Subscriptions to webhooks: the address, by "person|organization".
	Subscriptions map[string]string    `json:"subscriptions"`
	Callback      string               `json:"callback"` // the registered address; empty = none
	Quotas        map[string]time.Time `json:"quotas"`   // an operation, or "operation person", is refused until then
	Readers       []*liPerson          `json:"readers"`  // who have nothing to do with the app
	Dead          []string             `json:"dead_metrics"`
	Partner       bool                 `json:"partner"`    // the apps may refresh without the person
	Polls         int                  `json:"polls"`      // reads of a video or document that still find it being processed
	PartBytes     int64                `json:"part_bytes"` // of a video
}

func emptyLiState() *liState {
	return &liState{
		Orgs: map[string]*liOrg{}, Codes: map[string]*liCode{}, Tokens: map[string]*liToken{}, Refresh: map[string]*liRefresh{}, Posts: map[string]*liPost{},
		Media: map[string]*liMedia{}, Subscriptions: map[string]string{}, Quotas: map[string]time.Time{}, Polls: 1, PartBytes: liPartBytes,
	}
}

type liPerson struct {
	ID         string   `json:"id"`
	First      string   `json:"first"`
	Last       string   `json:"last"`
	Roles      []liRole `json:"roles"`
	ShortPages bool     `json:"short_pages,omitempty"` // lists of roles come one by one
	FewViewers bool     `json:"few_viewers,omitempty"` // too few for statistics
}

func (p *liPerson) name() string { return strings.TrimSpace(p.First + " " + p.Last) }

type liRole struct {
	Org   string `json:"org"`
	Role  string `json:"role"`
	State string `json:"state"`
}

type liOrg struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Vanity    string `json:"vanity"`
	Followers int    `json:"followers"`
}

type liCode struct {
	App         string    `json:"app"`
	Person      string    `json:"person"`
	RedirectURI string    `json:"redirect_uri"`
	Scopes      []string  `json:"scopes"`
	IssuedAt    time.Time `json:"issued_at"`
	Used        bool      `json:"used"`
}

type liToken struct {
	App       string    `json:"app"`
	Person    string    `json:"person"`
	Scopes    []string  `json:"scopes"`
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Dead      bool      `json:"dead,omitempty"`
	Lag       int       `json:"lag,omitempty"` // calls for which it counts as revoked
}

func (t *liToken) has(scope string) bool { return slices.Contains(t.Scopes, scope) }

type liRefresh struct {
	App    string    `json:"app"`
	Person string    `json:"person"`
	Scopes []string  `json:"scopes"`
	Until  time.Time `json:"until"`
	Dead   bool      `json:"dead,omitempty"`
}

// liBody is what was posted a moment ago, for the check for doubles. It outlives a deletion.
type liBody struct {
	Author string    `json:"author"`
	Sum    string    `json:"sum"`
	URN    string    `json:"urn"`
	At     time.Time `json:"at"`
}

type liPost struct {
	URN        string      `json:"urn"`
	Kind       string      `json:"kind"`     // share or ugcPost
	Activity   string      `json:"activity"` // URN; its number is another one
	Author     string      `json:"author"`   // URN
	App        string      `json:"app,omitempty"`
	Commentary string      `json:"commentary"` // little text
	Visibility string      `json:"visibility"`
	State      string      `json:"state"`
	Content    liContent   `json:"content,omitzero"`
	Parent     string      `json:"parent,omitempty"` // of a reshare
	NoReshare  bool        `json:"no_reshare,omitempty"`
	Comments   []liComment `json:"comments,omitempty"`
	Created    time.Time   `json:"created"`
	Modified   time.Time   `json:"modified"`
	Edited     bool        `json:"edited,omitempty"`
}

type liContent struct {
	Media      *liAttached `json:"media,omitempty"`
	MultiImage *struct {
		Images []liAttached `json:"images"`
	} `json:"multiImage,omitempty"`
	Article *struct {
		Source       string `json:"source"`
		Title        string `json:"title,omitempty"`
		Description  string `json:"description,omitempty"`
		Thumbnail    string `json:"thumbnail,omitempty"`
		ThumbnailAlt string `json:"thumbnailAltText,omitempty"`
	} `json:"article,omitempty"`
	Poll *struct {
		Question string `json:"question"`
		Options  []struct {
			Text string `json:"text"`
		} `json:"options"`
		Settings struct {
			Duration string `json:"duration"`
		} `json:"settings"`
	} `json:"poll,omitempty"`
}

type liAttached struct {
	ID      string `json:"id"`
	AltText string `json:"altText,omitempty"`
	Title   string `json:"title,omitempty"`
}

// images are those that the post shows.
func (c liContent) images() []liAttached {
	switch {
	case c.Media != nil && strings.HasPrefix(c.Media.ID, "urn:li:image:"):
		return []liAttached{*c.Media}
	case c.MultiImage != nil:
		return c.MultiImage.Images
	case c.Article != nil && c.Article.Thumbnail != "":
		return []liAttached{{ID: c.Article.Thumbnail, AltText: c.Article.ThumbnailAlt}}
	}
	return nil
}

type liComment struct {
	ID      string    `json:"id"`
	Actor   string    `json:"actor"` // URN
	Parent  string    `json:"parent,omitempty"`
	Text    string    `json:"text"`
	Created time.Time `json:"created"`
}

func (x liComment) urn(p *liPost) string { return liCommentURN(p.Activity, x.ID) }

func (x liComment) parentURN(p *liPost) string {
	if x.Parent == "" {
		return ""
	}
	return liCommentURN(p.Activity, x.Parent)
}

func liCommentURN(activity, id string) string { return "urn:li:comment:(" + activity + "," + id + ")" }

type liMedia struct {
	URN       string    `json:"urn"`
	Owner     string    `json:"owner"`
	App       string    `json:"app"`
	Status    string    `json:"status"`
	Reason    string    `json:"reason,omitempty"`
	Until     time.Time `json:"until"`           // its addresses take bytes before
	Bytes     int64     `json:"bytes,omitempty"` // announced
	Parts     []liPart  `json:"parts,omitempty"` // of a video
	Token     string    `json:"token,omitempty"` // of its upload
	Polls     int       `json:"polls"`
	Type      string    `json:"type,omitempty"`
	Width     int       `json:"width,omitempty"`
	Height    int       `json:"height,omitempty"`
	Millis    int64     `json:"millis,omitempty"`
	Thumbnail bool      `json:"thumbnail,omitempty"`
}

type liPart struct {
	First int64  `json:"first"`
	Last  int64  `json:"last"`
	ETag  string `json:"etag,omitempty"`
}

// key is the media's name in addresses and among the blobs: letters and digits.
func (m *liMedia) key() string { return liID(m.URN) }

func liPersonURN(id string) string { return "urn:li:person:" + id }
func liOrgURN(id string) string    { return "urn:li:organization:" + id }

// liID is what comes after the last colon of a URN.
func liID(urn string) string { return urn[strings.LastIndexByte(urn, ':')+1:] }

// next is a new number. The lock is held.
func (st *liState) next() int64 { st.Seq++; return st.Seq }

func (st *liState) person(id string) *liPerson {
	for _, p := range st.People {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// role gives the approved roles of a person on an organization.
func (p *liPerson) roles(org string) []string {
	var out []string
	for _, r := range p.Roles {
		if r.Org == org && r.State == liApproved {
			out = append(out, r.Role)
		}
	}
	return out
}

// mayPost tells whether one of the roles creates posts.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-access-control-by-role
func (p *liPerson) mayPost(org string) bool {
	return slices.ContainsFunc(p.roles(org), func(r string) bool {
		return r == liAdmin || r == "CONTENT_ADMINISTRATOR" || r == "DIRECT_SPONSORED_CONTENT_POSTER"
	})
}

// addPerson makes a person. Ids have an underscore, which little text wants escaped.
func (l *linkedin) addPerson(first, last string) *liPerson {
	p := &liPerson{ID: "aB_" + strconv.FormatInt(l.st.next(), 36) + "-cD", First: first, Last: last}
	l.st.People = append(l.st.People, p)
	return p
}

func (l *linkedin) addOrg(name, vanity string) *liOrg {
	o := &liOrg{ID: strconv.FormatInt(10_000+l.st.next(), 10), Name: name, Vanity: vanity, Followers: 42}
	l.st.Orgs[o.ID] = o
	return o
}

// insert gives a post its URN and its activity, whose numbers differ, and puts it at the end. The lock is held.
func (l *linkedin) insert(p *liPost) {
	n := l.st.next()
	p.URN = "urn:li:" + p.Kind + ":" + strconv.FormatInt(7_300_000_000_000_000_000+n, 10)
	p.Activity = "urn:li:activity:" + strconv.FormatInt(7_390_000_000_000_000_000+n*7, 10)
	p.Modified = p.Created
	l.st.Posts[p.URN] = p
	l.st.Order = append(l.st.Order, p.URN)
}

// postsOf are an author's, oldest first.
func (l *linkedin) postsOf(author string) []*liPost {
	var out []*liPost
	for _, urn := range l.st.Order {
		if p := l.st.Posts[urn]; p.Author == author {
			out = append(out, p)
		}
	}
	return out
}

// post finds one by any of its URNs. The lock is held.
func (l *linkedin) post(urn string) *liPost {
	if p := l.st.Posts[urn]; p != nil {
		return p
	}
	for _, p := range l.st.Posts {
		if p.Activity == urn {
			return p
		}
	}
	return nil
}

// remove deletes a post. The lock is held.
func (l *linkedin) remove(urn string) bool {
	if l.st.Posts[urn] == nil {
		return false
	}
	delete(l.st.Posts, urn)
	l.st.Order = slices.DeleteFunc(slices.Clone(l.st.Order), func(u string) bool { return u == urn })
	l.sb.changed()
	return true
}

// nameOf is the name behind a URN.
func (l *linkedin) nameOf(urn string) string {
	for _, p := range slices.Concat(l.st.People, l.st.Readers) {
		if liPersonURN(p.ID) == urn {
			return p.name()
		}
	}
	if o := l.st.Orgs[liID(urn)]; o != nil && strings.HasPrefix(urn, "urn:li:organization:") {
		return o.Name
	}
	return "LinkedIn member"
}

func (l *linkedin) livingTokens(person string) int {
	n, now := 0, l.sb.clock()
	for _, t := range l.st.Tokens {
		if t.Person == person && !t.Dead && now.Before(t.ExpiresAt) {
			n++
		}
	}
	return n
}
