package sandbox

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// platform is what a fake platform gives the frame: its routes, the names of its operations (for faults and the
// call log), what the pages show, and its state. A new platform is one type with these methods and its line in
// New. Methods marked "locked" run while the sandbox's lock is held and must not block.
type platform interface {
	info() platformInfo
	// routes mounts the platform below "/"+Name+"/" and its own control calls below "/_sandbox/"+Name+"/". An
	// API call goes through Sandbox.serve, so that faults, latency and the call log work alike everywhere.
	routes(mux *http.ServeMux)
	// refuse is the platform's own envelope for the fault kinds "401", "429" and "500".
	refuse(f fault, path string) answer

	people() []personView                          // locked
	timeline(id, base string) (timelineView, bool) // locked
	reset()                                        // locked
	save() any                                     // locked; the result is marshalled after the lock is gone
	load(raw json.RawMessage) error                // locked
}

type platformInfo struct {
	Name       string // "meta": prefix of paths and operations
	Title      string // "Meta"
	About      string // one sentence for the index
	Settings   []setting
	Operations []operation
}

// setting is a line an operator copies into the environment, or reads to understand the fake.
type setting struct{ Name, Value string }

type operation struct {
	Name  string `json:"op"`
	Title string `json:"title"`
}

type personView struct {
	ID   string
	Name string
	Note string
	// Connected: the app has access, which the index can take away.
	Connected bool
	Accounts  []accountView
}

type accountView struct {
	ID     string
	Name   string
	Note   string
	Path   string // of its timeline
	Avatar string // address; empty = drawn from the name
	Posts  int
}

type timelineView struct {
	ID       string
	Slug     string // the platform's name in addresses; the frame fills it in
	Platform string // what the account is called there: "Facebook Page"
	Name     string
	Note     string // may be empty
	Path     string
	Avatar   string // address; empty = drawn from the name
	Cover    string // the same
	Fans     bool   // anybody can comment; the frame fills it in
	Removes  bool   // posts can be deleted on the page; the frame fills it in
	Owns     bool   // the account itself can comment; the frame fills it in
	Tells    bool   // the app may be told of a deletion; the frame fills it in
	Tiles    bool   // posts are upright tiles beside each other, as where everything is a video
	Posts    []postView
}

type postView struct {
	ID        string
	Title     string // of a video
	Text      string
	Link      string
	Photos    []photoView
	Slides    []slideView // of a post that is leafed through
	Notes     []string    // what else the platform shows about it
	Comments  []commentView
	Kind      string        // "Reel", "Video", "Story"; empty = an ordinary post
	Video     *videoView    // nil = none
	Card      *cardView     // nil = none
	Document  *documentView // nil = none
	Answers   []string      // of a poll
	At        time.Time
	Edited    bool
	State     string // empty = published; else "Scheduled for …", "Draft"
	By        string // the app or the visitor that made it
	Permalink string
}

// slideView is a photo or a video.
type slideView struct {
	Photo *photoView `json:"photo,omitempty"`
	Video *videoView `json:"video,omitempty"`
}

// cardView is the preview of a page that a post leads to.
type cardView struct {
	Title, Text, Site, URL string
	Image                  string // address of its picture; empty = none
}

// documentView is a file that readers leaf through.
type documentView struct {
	Title, Note, URL string // Note: "PDF, 12 pages"
}

// Story tells whether the post is shown beside the others, for a day.
func (p postView) Story() bool { return p.Kind == "Story" }

type photoView struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	Alt    string `json:"alt_text"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type commentView struct {
	ID     string    `json:"id"`
	Parent string    `json:"parent_id,omitempty"`
	By     string    `json:"by"`
	Text   string    `json:"message"`
	Hidden bool      `json:"is_hidden,omitempty"`
	Own    bool      `json:"own,omitempty"` // by the account itself
	At     time.Time `json:"created_time"`
}

type videoView struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Millis int64  `json:"duration_ms"`
	Poster string `json:"poster,omitempty"` // address of the picture it begins with
}

// Seconds is the length for people.
func (v videoView) Seconds() string { return strconv.FormatFloat(float64(v.Millis)/1000, 'f', 1, 64) }

// answer is one finished HTTP answer, held back until the frame knows whether a fault lets it out.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// randomText is n random bytes as text without padding.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b)
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// jsonAnswer is a platform's answer in JSON.
func jsonAnswer(status int, v any) answer {
	raw, err := json.Marshal(v)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"sandbox":"it cannot encode its answer"}`)
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}, "Cache-Control": {"private, no-store"}}, body: raw}
}
