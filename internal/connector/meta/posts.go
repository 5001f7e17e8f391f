package meta

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// pagePost is a post as a Page's list shows it.
type pagePost struct {
	ID          string `json:"id"`
	Message     string `json:"message"`
	CreatedTime string `json:"created_time"`
	Permalink   string `json:"permalink_url"`
	Application struct {
		ID string `json:"id"`
	} `json:"application"`
	Attachments struct {
		Data []attachment `json:"data"`
	} `json:"attachments"`
}

type attachment struct {
	MediaType   string `json:"media_type"`
	UnshimmedTo string `json:"unshimmed_url"`
	Target      struct {
		ID string `json:"id"`
	} `json:"target"`
	Subattachments struct {
		Data []attachment `json:"data"`
	} `json:"subattachments"`
}

// photos gives the ids of the photos the post shows. Those of an album are below it.
func (q pagePost) photos() []string {
	var ids []string
	for _, a := range q.Attachments.Data {
		for _, s := range a.Subattachments.Data {
			ids = append(ids, s.Target.ID)
		}
		if a.MediaType == "photo" || (a.MediaType == "album" && len(a.Subattachments.Data) == 0) {
			ids = append(ids, a.Target.ID)
		}
	}
	return ids
}

// shows tells whether the post previews exactly this link.
func (q pagePost) shows(link string) bool {
	for _, a := range q.Attachments.Data {
		if a.UnshimmedTo == link {
			return true
		}
	}
	return false
}

func (q pagePost) created() time.Time { return parseTime(q.CreatedTime) }

// sameText compares as the site does when it stores a text: the ends are trimmed and line ends are one byte.
func sameText(a, b string) bool {
	plain := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return plain(a) == plain(b)
}

// posts lists what is published on the Page from a time on, newest first.
// https://developers.facebook.com/docs/graph-api/reference/page/feed
func (c *Connector) posts(ctx context.Context, s connector.Session, since time.Time, most int, each func(pagePost)) (more bool, err error) {
	return list(ctx, c, graph{
		op: opPosts, method: http.MethodGet, path: url.PathEscape(s.Account.ExternalID) + "/published_posts", token: s.Credential.Access, http: s.HTTP,
		params: url.Values{
			"fields": {"id,message,created_time,permalink_url,application,attachments{media_type,target{id},unshimmed_url,subattachments{target{id}}}"},
			"since":  {strconv.FormatInt(since.Unix(), 10)}, "limit": {"100"},
		},
	}, most, each)
}

// Candidates implements connector.CandidateLister. Posts by other apps and by hand are listed too: the person may have
// helped out on the site.
func (c *Connector) Candidates(ctx context.Context, s connector.Session, d connector.Draft) ([]connector.Candidate, error) {
	c = c.via(s)
	if s.Account.Kind == kindInstagram {
		return c.igCandidates(ctx, s, d)
	}
	switch d.Kind {
	case kindReel:
		return c.videos(ctx, s, d, opReels, "video_reels")
	case kindVideo:
		return c.videos(ctx, s, d, opVideoList, "videos")
	case kindPhotoStory, kindVideoStory:
		return c.storyCandidates(ctx, s, d)
	}
	candidates := []connector.Candidate{}
	_, err := c.posts(ctx, s, d.AcceptedAt.Add(-lookBack), 1, func(q pagePost) {
		candidates = append(candidates, connector.Candidate{
			Receipt: connector.Receipt{ExternalID: q.ID, Permalink: permalink(q.ID, q.Permalink)}, Text: q.Message, CreatedAt: q.created(),
		})
	})
	if err != nil {
		return nil, err
	}
	return candidates, nil
}

// videos lists a Page's reels or all of its videos since the draft was accepted, newest first.
// https://developers.facebook.com/docs/graph-api/reference/page/video_reels, https://developers.facebook.com/docs/graph-api/reference/page/videos
func (c *Connector) videos(ctx context.Context, s connector.Session, d connector.Draft, op operation, edge string) ([]connector.Candidate, error) {
	candidates := []connector.Candidate{}
	_, err := list(ctx, c, graph{
		op: op, method: http.MethodGet, path: url.PathEscape(s.Account.ExternalID) + "/" + edge, token: s.Credential.Access, http: s.HTTP,
		params: url.Values{"fields": {"id,description,created_time,permalink_url"}, "limit": {"100"}},
	}, 1, func(v listedVideo) {
		if at := parseTime(v.CreatedTime); !at.Before(d.AcceptedAt.Add(-lookBack)) {
			candidates = append(candidates, connector.Candidate{
				Receipt: connector.Receipt{ExternalID: v.ID, Permalink: permalink(v.ID, v.Permalink)}, Text: v.Description, CreatedAt: at,
			})
		}
	})
	if err != nil {
		return nil, err
	}
	return candidates, nil
}

// listedVideo is a video as a Page's lists show it.
type listedVideo struct {
	ID          string `json:"id"`
	Description string `json:"description"`
	CreatedTime string `json:"created_time"`
	Permalink   string `json:"permalink_url"`
}

// Ping implements connector.Connector.
func (c *Connector) Ping(ctx context.Context, s connector.Session) error {
	if s.Account.Login == loginInstagram {
		return c.via(s).igPing(ctx, s)
	}
	var answer struct {
		ID string `json:"id"`
	}
	op, fields := opPing, "id,name"
	if s.Account.Kind == kindInstagram {
		op, fields = opIGPing, "id,username"
	}
	res, err := c.call(ctx, graph{
		op: op, method: http.MethodGet, path: url.PathEscape(s.Account.ExternalID), token: s.Credential.Access, http: s.HTTP,
		params: url.Values{"fields": {fields}},
	}, &answer)
	if err != nil {
		return err
	}
	if answer.ID != s.Account.ExternalID {
		return res.Unexpected("the account's own id")
	}
	return nil
}

// Delete implements connector.Deleter. https://developers.facebook.com/docs/pages-api/posts
func (c *Connector) Delete(ctx context.Context, s connector.Session, r connector.Receipt) error {
	op := opDelete
	if s.Account.Kind == kindInstagram {
		op = opIGDelete
	}
	if op == opIGDelete && !viaPage(s.Account) {
		e := problem.New(problem.InvalidContent, "Instagram lets Herald delete posts only where the account was connected through its Facebook Page. Delete it in the Instagram app.")
		e.Platform, e.Code, e.Rule, e.Action = Platform, "delete_login", docIGPublishing, problem.Action{Kind: problem.ActNone, Label: "Delete it in the Instagram app"}
		return e
	}
	_, err := c.call(ctx, graph{op: op, method: http.MethodDelete, path: url.PathEscape(r.ExternalID), token: s.Credential.Access, http: s.HTTP}, nil)
	if problem.ClassOf(err) == problem.NotFound {
		return nil
	}
	return err
}

// Edit implements connector.Editor. Meta lets an app edit what it has made itself; a video's text has another name.
// https://developers.facebook.com/docs/pages-api/posts
func (c *Connector) Edit(ctx context.Context, s connector.Session, r connector.Receipt, text string) error {
	name := "message"
	if !strings.Contains(r.ExternalID, "_") { // a post's id begins with its Page's
		name = "description"
	}
	var answer struct {
		Success bool `json:"success"`
	}
	res, err := c.call(ctx, graph{
		op: opEdit, method: http.MethodPost, path: url.PathEscape(r.ExternalID), token: s.Credential.Access, http: s.HTTP, params: url.Values{name: {text}},
	}, &answer)
	if err == nil && !answer.Success {
		err = res.Unexpected("success")
	}
	return err
}

// Revoke implements connector.Revoker: it removes the app from the person's account. That ends the access to every
// Page of that person, in every workspace, so it is for the last connection with the same Data["user_id"].
// https://developers.facebook.com/docs/graph-api/reference/user/permissions
func (c *Connector) Revoke(ctx context.Context, s connector.Session) error {
	if s.Account.Login == loginInstagram {
		return onlyByHand("Instagram lets nobody but you take the access away.", "Remove Herald in your Instagram settings")
	}
	token := s.Credential.Parent
	if token.Empty() {
		e := problem.New(problem.AuthExpired, "Herald does not hold the login any more with which it could give the access back. Remove Herald in your Facebook settings.")
		e.Platform, e.Code, e.Action = Platform, "no_user_token", problem.Action{Kind: problem.ActNone, Label: "Remove Herald in your Facebook settings"}
		return e
	}
	user := s.Account.Data[dataUser]
	if user == "" {
		user = "me"
	}
	_, err := c.call(ctx, graph{op: opRevoke, method: http.MethodDelete, path: url.PathEscape(user) + "/permissions", token: token, http: s.HTTP}, nil)
	if problem.ClassOf(err) == problem.AuthRevoked {
		return nil
	}
	return err
}
