package connector

import (
	"encoding/json"
	"slices"
	"strings"
)

// Unit is how a platform counts a text's length.
type Unit string

// The units platforms count in.
const (
	Graphemes  Unit = "graphemes"   // what a person calls a character
	UTF16Units Unit = "utf16_units" // JavaScript's length
	CodePoints Unit = "code_points"
	Bytes      Unit = "bytes" // of UTF-8
)

// Info is everything Herald knows about a platform before it speaks to it. The composer, the check, the capability
// page and the docs read it. Every limit has the URL of the document that states it, or says that it is ours.
type Info struct {
	Platform   string        `json:"platform"` // "meta"; also the route, queue and flag name
	Title      string        `json:"title"`    // "Meta"
	Color      string        `json:"color"`    // CSS colour
	Icon       string        `json:"icon"`     // name of an icon the page knows: "facebook"
	APIVersion string        `json:"api_version"`
	Sunset     string        `json:"sunset,omitempty"` // day on which APIVersion ends, YYYY-MM-DD; empty = not announced
	PKCE       bool          `json:"pkce"`
	Logins     []Login       `json:"logins"` // at least one; the first is the default
	Accounts   []AccountKind `json:"accounts"`
}

// Scope is a permission and why it is asked for.
type Scope struct {
	Name     string `json:"name"`
	Feature  string `json:"feature"`  // discover, publish, delete, …
	Why      string `json:"why"`      // a sentence for the person
	Required bool   `json:"required"` // without it the account is not usable
}

// TokenLife says how long tokens live.
type TokenLife struct {
	AccessSeconds int64  `json:"access_seconds"` // 0 = no end
	Renewal       string `json:"renewal"`        // one sentence
	Source        string `json:"source"`
}

// AccountKind is one kind of account on the platform and what can be posted to it.
type AccountKind struct {
	Kind  string     `json:"kind"`  // "facebook_page"
	Title string     `json:"title"` // "Facebook Page"
	Icon  string     `json:"icon"`
	Color string     `json:"color,omitempty"` // of its badge, a CSS colour; empty = the platform's
	Posts []PostKind `json:"posts"`
	// CanDelete says whether Herald can remove a post from such an account.
	CanDelete bool `json:"can_delete"`
	// CanEdit says whether Herald can change the text of a post on such an account.
	CanEdit bool `json:"can_edit"`
	// CanComment and CanReport say whether comments can be read and answered, and numbers be had, on such an account.
	CanComment bool `json:"can_comment"`
	CanReport  bool `json:"can_report"`
	// CanList says whether posts on such an account can be listed, so that a held one can be recognised.
	CanList bool `json:"can_list"`
}

// PostKind is one kind of post and its limits.
type PostKind struct {
	Kind  string     `json:"kind"`  // "text", "photo"
	Title string     `json:"title"` // "Text"
	Text  TextLimit  `json:"text"`
	Media MediaLimit `json:"media"`
	Link  bool       `json:"link"` // takes a link of its own, beside the text
	// LinkRequired: without a link there is no such post.
	LinkRequired bool            `json:"link_required,omitempty"`
	Options      json.RawMessage `json:"options,omitempty"` // a JSON Schema; absent = none
	Preview      Preview         `json:"preview,omitempty"` // empty = PreviewFeed
	Source       string          `json:"source"`
}

// Preview is the layout in which such a post is shown before it is sent. The colours and words around it are the icon's.
type Preview string

// The layouts. Where one shows options, their names are fixed.
const (
	PreviewFeed     Preview = "feed"     // text, below it the files or the link's card (options title, description)
	PreviewGallery  Preview = "gallery"  // the files, one at a time, and the text below
	PreviewVertical Preview = "vertical" // fills a phone; the text lies over it
	PreviewStory    Preview = "story"    // fills a phone, for a day
	PreviewPoll     Preview = "poll"     // text, below it what can be voted for (options question, options, duration)
	PreviewShare    Preview = "share"    // text, below it another post (option post)
	PreviewInbox    Preview = "inbox"    // waits in the platform's app until a person finishes it there
)

// Previews lists the layouts.
var Previews = []Preview{PreviewFeed, PreviewGallery, PreviewVertical, PreviewStory, PreviewPoll, PreviewShare, PreviewInbox} //nolint:gochecknoglobals // a list that nobody changes

// OnlyChosen says whether only a person picks this kind of post: it shows no text (a story), or nothing but its options tells
// it from a plain text (a poll). All others follow from the files and the link.
func (p PostKind) OnlyChosen() bool {
	return p.Text.None || p.Media.Min == 0 && !p.LinkRequired && p.requiresOptions()
}

func (p PostKind) requiresOptions() bool {
	var schema struct {
		Required []string `json:"required"`
	}
	return len(p.Options) > 0 && json.Unmarshal(p.Options, &schema) == nil && len(schema.Required) > 0
}

// TextLimit bounds the text. Max is in Unit. Zero values of what is optional do not bound.
type TextLimit struct {
	Required    bool   `json:"required"`
	Max         int    `json:"max"`
	Unit        Unit   `json:"unit"`
	MaxHashtags int    `json:"max_hashtags,omitempty"`
	MaxMentions int    `json:"max_mentions,omitempty"` // names with an @ before them
	Doubled     string `json:"doubled,omitempty"`      // characters that count one more: they are sent with an escape before them
	None        bool   `json:"none,omitempty"`         // such a post shows no text; Max is 0 then
	Source      string `json:"source"`
}

// MediaLimit bounds the attached media: how many there are, and what each may be.
type MediaLimit struct {
	Min    int         `json:"min"`
	Max    int         `json:"max"`
	Files  []FileLimit `json:"files,omitempty"`  // one for each sort of file that is taken: pictures, videos
	Source string      `json:"source,omitempty"` // of the numbers
}

// FileLimit bounds a file of one of its types. Zero values do not bound.
type FileLimit struct {
	Types     []string `json:"types"` // MIME types; none is in two sorts of one kind of post
	MinBytes  int64    `json:"min_bytes,omitempty"`
	MaxBytes  int64    `json:"max_bytes,omitempty"`
	MaxPixels int64    `json:"max_pixels,omitempty"`
	// Its length and pictures per second (videos only), its codec as the file names it, its width divided by its height,
	// its size in pixels.
	MinDurationMs int64    `json:"min_duration_ms,omitempty"`
	MaxDurationMs int64    `json:"max_duration_ms,omitempty"`
	MinFrameRate  float64  `json:"min_frame_rate,omitempty"`
	MaxFrameRate  float64  `json:"max_frame_rate,omitempty"`
	Codecs        []string `json:"codecs,omitempty"` // "avc1", "hvc1"
	MinRatio      float64  `json:"min_ratio,omitempty"`
	MaxRatio      float64  `json:"max_ratio,omitempty"`
	MinWidth      int      `json:"min_width,omitempty"`
	MinHeight     int      `json:"min_height,omitempty"`
	MaxWidth      int      `json:"max_width,omitempty"`
	MaxPages      int      `json:"max_pages,omitempty"` // of a document
	MaxAlt        int      `json:"max_alt,omitempty"`   // code points of its description
	NoAlt         bool     `json:"no_alt,omitempty"`    // the platform takes no description of it
	Source        string   `json:"source,omitempty"`
}

// File finds the limits of a file by its MIME type.
func (m MediaLimit) File(mime string) (FileLimit, bool) {
	for _, f := range m.Files {
		if slices.ContainsFunc(f.Types, func(t string) bool { return strings.EqualFold(t, mime) }) {
			return f, true
		}
	}
	return FileLimit{}, false
}

// Types lists the MIME types of all sorts of files.
func (m MediaLimit) Types() []string {
	var all []string
	for _, f := range m.Files {
		all = append(all, f.Types...)
	}
	return all
}

// AccountKind finds a kind of account.
func (i Info) AccountKind(kind string) (AccountKind, bool) {
	for _, a := range i.Accounts {
		if a.Kind == kind {
			return a, true
		}
	}
	return AccountKind{}, false
}

// PostKind finds a kind of post.
func (a AccountKind) PostKind(kind string) (PostKind, bool) {
	for _, p := range a.Posts {
		if p.Kind == kind {
			return p, true
		}
	}
	return PostKind{}, false
}
