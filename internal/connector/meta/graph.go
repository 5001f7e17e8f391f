package meta

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/rest"
)

// operation names a call for traces, the log and the choice of the error table.
type operation string

const (
	opExchange    operation = "exchange"
	opProlong     operation = "prolong"
	opMe          operation = "me"
	opPermissions operation = "permissions"
	opAccounts    operation = "accounts"
	opPing        operation = "ping"
	opPhoto       operation = "photos"
	opFeed        operation = "feed"
	opPosts       operation = "published_posts"
	opReels       operation = "video_reels"
	opVideos      operation = "videos"
	opVideoList   operation = "videos_list"
	opVideoStory  operation = "video_stories"
	opPhotoStory  operation = "photo_stories"
	opStories     operation = "stories"
	opUpload      operation = "upload"
	opVideo       operation = "video"
	opComment     operation = "comments"
	opEdit        operation = "edit"
	opDelete      operation = "delete"
	opRevoke      operation = "revoke"
	opDebug       operation = "debug_token"
	opPageToken   operation = "page_token"
	opCommentList operation = "comment_list"
	opReply       operation = "reply"
	opModerate    operation = "moderate"
	opInsights    operation = "insights"
	opPostCounts  operation = "post_counts"
	opSubscribe   operation = "subscribe"
	opBusinesses  operation = "businesses"
	opOwnedPages  operation = "owned_pages"
	opClientPages operation = "client_pages"
	opPostID      operation = "video_post_id"
	opLinked      operation = "linked_instagram"

	opIGQuota     operation = "ig_content_publishing_limit"
	opIGContainer operation = "ig_media_create"
	opIGStatus    operation = "ig_container"
	opIGUpload    operation = "ig_upload"
	opIGPublish   operation = "ig_media_publish"
	opIGMedia     operation = "ig_media"
	opIGPosts     operation = "ig_media_list"
	opIGComment   operation = "ig_comment"
	opIGComments  operation = "ig_comments"
	opIGDelete    operation = "ig_delete"
	opIGPing      operation = "ig_ping"
	opIGExchange  operation = "ig_exchange"
	opIGProlong   operation = "ig_prolong"
	opIGRefresh   operation = "ig_refresh"
	opIGMe        operation = "ig_me"

	opIGCommentList operation = "ig_comment_list"
	opIGReply       operation = "ig_reply"
	opIGModerate    operation = "ig_moderate"
	opIGInsights    operation = "ig_insights"
	opIGSubscribe   operation = "ig_subscribe"
)

// graph is one call of the Graph API. Ids go into path and stay text.
type graph struct {
	op     operation
	method string
	path   string // "200/feed", without version
	host   string // of a call that has no version in its path; empty = the Graph API
	token  connector.Secret
	params url.Values // query of a GET or DELETE, form of a POST
	upload *rest.Upload
	http   *http.Client
	// timeout is how long an upload may take; 0 = four times as long as another call.
	timeout time.Duration
}

// call makes the call and decodes the answer into v, which may be nil. An answer with an error in it is an error
// whatever its status says; then it comes along.
func (c *Connector) call(ctx context.Context, g graph, v any) (*rest.Response, error) {
	base := c.cfg.GraphURL + "/" + c.cfg.Version
	switch {
	case g.host != "":
		base = g.host
	case c.instagram:
		base = c.cfg.Instagram.GraphURL + "/" + c.cfg.Version
	case g.op == opVideos:
		base = c.cfg.VideoURL + "/" + c.cfg.Version
	}
	r := rest.Request{Operation: string(g.op), Method: g.method, URL: base + "/" + g.path}
	params := g.params
	if params == nil {
		params = url.Values{}
	}
	if !g.token.Empty() {
		// The header keeps the token out of URLs, which proxies and error texts like to repeat.
		r.Header = http.Header{"Authorization": {"Bearer " + g.token.Reveal()}}
		if !c.instagram { // documented for the Meta app's tokens only
			params.Set("appsecret_proof", c.proof(g.token))
		}
	}
	switch {
	case g.upload != nil:
		g.upload.Fields = params
		r.Upload = g.upload
		if r.Timeout = g.timeout; r.Timeout <= 0 {
			r.Timeout = 4 * cmp.Or(c.cfg.Timeout, rest.DefaultTimeout)
		}
	case g.method == http.MethodPost:
		r.Form = params
	default:
		r.Query = params
	}
	res, err := c.client(g.http, g.op.platformTitle()).Do(ctx, r)
	if err != nil {
		return nil, err
	}
	if e := parseError(res.Status, res.Body); e != nil {
		return res, c.classify(ctx, g.op, e, res)
	}
	if v == nil {
		return res, nil
	}
	return res, res.Decode(v)
}

// page is one answer of a list. Next holds the access token and is therefore only asked whether it is there.
type page[T any] struct {
	Data   []T `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"`
	} `json:"paging"`
}

// list follows a list to its end, or until it has read most pages; more tells that there was more. Pages may be short
// or empty in the middle: the end is where "next" is absent.
// https://developers.facebook.com/docs/graph-api/results
func list[T any](ctx context.Context, c *Connector, g graph, most int, each func(T)) (more bool, err error) {
	after := ""
	for range most {
		p := page[T]{}
		if after != "" {
			g.params.Set("after", after)
		}
		res, err := c.call(ctx, g, &p)
		if err != nil {
			return false, err
		}
		if p.Data == nil {
			return false, res.Unexpected("data")
		}
		for _, item := range p.Data {
			each(item)
		}
		if p.Paging.Next == "" {
			return false, nil
		}
		if p.Paging.Cursors.After == "" || p.Paging.Cursors.After == after {
			return false, res.Unexpected("a new cursor") // it would give the same page for ever
		}
		after = p.Paging.Cursors.After
	}
	return true, nil
}

// timeLayout is how Meta writes a time: no colon in the offset.
const timeLayout = "2006-01-02T15:04:05-0700"

func parseTime(s string) time.Time {
	t, err := time.Parse(timeLayout, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
