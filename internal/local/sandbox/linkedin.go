package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The two apps that exist in the fake LinkedIn. The Community Management API asks for an app without other products, so
// Sign In with LinkedIn and Share on LinkedIn belong to the second one.
// https://learn.microsoft.com/en-us/linkedin/marketing/increasing-access
const (
	liCommunityID     = "78heraldcommunity"
	liCommunitySecret = "sandbox-linkedin-secret"
	liPersonalID      = "78heraldpersonal"
	liPersonalSecret  = "sandbox-linkedin-personal-secret"
	liAppName         = "Herald"
)

// linkedin is the fake of LinkedIn's OAuth 2.0, its versioned /rest API and what is left of /v2.
type linkedin struct {
	sb *Sandbox
	st *liState
}

func newLinkedin(s *Sandbox) *linkedin { return &linkedin{sb: s} }

func (l *linkedin) info() platformInfo {
	return platformInfo{
		Name: "linkedin", Title: "LinkedIn", About: "Member profiles and organization pages, as version " + liNewest + " of LinkedIn's API answers.", Operations: liOperations(),
		Settings: []setting{
			{"LINKEDIN_API_URL", l.sb.cfg.PublicURL + "/linkedin/api"},
			{"LINKEDIN_OAUTH_URL", l.sb.cfg.PublicURL + "/linkedin/www"},
			{"client_id", liCommunityID},
			{"client_secret", liCommunitySecret},
			{"logins.personal.client_id", liPersonalID},
			{"logins.personal.client_secret", liPersonalSecret},
		},
	}
}

func (l *linkedin) routes(mux *http.ServeMux) {
	mux.HandleFunc("/linkedin/api/", l.serveAPI)
	mux.HandleFunc("GET /linkedin/www/oauth/v2/authorization", l.showDialog)
	mux.HandleFunc("POST /linkedin/www/oauth/v2/authorization", l.dialog().answer)
	mux.HandleFunc("POST /linkedin/www/oauth/v2/{call}", l.serveOAuth)
	mux.HandleFunc("PUT /linkedin/www/dms-uploads/{id}/{part}", l.serveUpload)
	mux.HandleFunc("GET /linkedin/www/feed/update/{urn}/{$}", l.showUpdate)
	mux.HandleFunc("GET /linkedin/media/{id}", l.serveMedia)
	l.controlRoutes(mux)
}

// reset makes the people that exist at the first start.
func (l *linkedin) reset() {
	l.st = emptyLiState()
	ada := l.addPerson("Ada", "Lindqvist")
	cafe := l.addOrg("Cafe Ada", "cafe-ada")
	mill := l.addOrg("Old Mill", "old-mill")
	ada.Roles = []liRole{{cafe.ID, liAdmin, liApproved}, {l.addOrg("Bakery Berlin", "bakery-berlin").ID, "CONTENT_ADMINISTRATOR", liApproved}, {mill.ID, "ANALYST", liApproved}}
	sam := l.addPerson("Sam", "Okafor")
	sam.Roles = []liRole{{mill.ID, liAdmin, "REQUESTED"}}
	l.insert(&liPost{
		Author: liOrgURN(cafe.ID), Commentary: "New on the counter: cardamom buns, warm until they are gone.", Visibility: "PUBLIC", State: liPublished,
		Created: l.sb.clock().Add(-26 * time.Hour), Kind: "share",
	})
}

// save copies what is marshalled later, without the lock; what a call changes in place is copied by value.
func (l *linkedin) save() any {
	st := *l.st
	st.People = make([]*liPerson, len(l.st.People))
	for i, p := range l.st.People {
		person := *p
		person.Roles = slices.Clone(p.Roles)
		st.People[i] = &person
	}
	st.Orgs, st.Codes, st.Tokens, st.Refresh = cloneMap(l.st.Orgs), cloneMap(l.st.Codes), cloneMap(l.st.Tokens), cloneMap(l.st.Refresh)
	st.Posts, st.Media, st.Subscriptions = cloneMap(l.st.Posts), cloneMap(l.st.Media), maps.Clone(l.st.Subscriptions)
	for _, m := range st.Media {
		m.Parts = slices.Clone(m.Parts)
	}
	st.Order, st.Recent, st.Quotas = slices.Clone(l.st.Order), slices.Clone(l.st.Recent), maps.Clone(l.st.Quotas)
	return &st
}

func (l *linkedin) load(raw json.RawMessage) error {
	st := emptyLiState()
	if err := json.Unmarshal(raw, st); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	l.st = st
	return nil
}

func (l *linkedin) people() []personView {
	var out []personView
	for _, p := range l.st.People {
		v := personView{ID: p.ID, Name: p.name(), Note: "has not given the app access"}
		if n := l.livingTokens(p.ID); n > 0 {
			v.Note, v.Connected = plural(n, "token lives", "tokens live"), true
		}
		v.Accounts = append(v.Accounts, accountView{ID: p.ID, Name: p.name(), Note: "Member profile", Path: "/linkedin/pages/" + p.ID, Posts: len(l.postsOf(liPersonURN(p.ID)))})
		for _, r := range p.Roles {
			org := l.st.Orgs[r.Org]
			note := "Page, " + strings.ToLower(strings.ReplaceAll(r.Role, "_", " "))
			if r.State != liApproved {
				note += ", " + strings.ToLower(r.State)
			}
			v.Accounts = append(v.Accounts, accountView{ID: org.ID, Name: org.Name, Note: note, Path: "/linkedin/pages/" + org.ID, Posts: len(l.postsOf(liOrgURN(org.ID)))})
		}
		out = append(out, v)
	}
	return out
}

func (l *linkedin) timeline(id, base string) (timelineView, bool) {
	v := timelineView{ID: id, Path: "/linkedin/pages/" + id}
	author := liOrgURN(id)
	if p := l.st.person(id); p != nil {
		v.Platform, v.Name, author = "LinkedIn profile", p.name(), liPersonURN(id)
	} else if org := l.st.Orgs[id]; org != nil {
		v.Platform, v.Name, v.Note = "LinkedIn Page", org.Name, plural(org.Followers, "follower", "followers")
	} else {
		return timelineView{}, false
	}
	posts := l.postsOf(author)
	for _, p := range slices.Backward(posts) {
		v.Posts = append(v.Posts, l.postView(p, base))
	}
	return v, true
}

// postView is a post as its readers see it: the text ends where LinkedIn cuts it.
func (l *linkedin) postView(p *liPost, base string) postView {
	v := postView{ID: p.URN, Text: l.visible(p), At: p.Created, Edited: p.Edited, Permalink: base + "/linkedin/www/feed/update/" + p.URN + "/"}
	if p.App != "" {
		v.By = "via " + liAppName
	}
	if p.State != liPublished {
		v.State = "Not visible: " + strings.ToLower(strings.ReplaceAll(p.State, "_", " "))
	}
	if p.Visibility != "PUBLIC" {
		v.Notes = append(v.Notes, "visible to: "+strings.ToLower(p.Visibility))
	}
	c := p.Content
	for _, m := range c.images() {
		if image := l.st.Media[m.ID]; image != nil && l.settle(image) == liAvailable {
			v.Photos = append(v.Photos, photoView{ID: image.key(), URL: base + "/linkedin/media/" + image.key(), Alt: m.AltText, Width: image.Width, Height: image.Height})
		}
	}
	switch {
	case c.Media != nil && strings.HasPrefix(c.Media.ID, "urn:li:video:"):
		m := l.st.Media[c.Media.ID]
		v.Kind, v.Title = "Video", c.Media.Title
		v.Video = &videoView{ID: m.key(), URL: base + "/linkedin/media/" + m.key(), Width: m.Width, Height: m.Height, Millis: m.Millis}
	case c.Media != nil && strings.HasPrefix(c.Media.ID, "urn:li:document:"):
		m := l.st.Media[c.Media.ID]
		v.Document = &documentView{Title: c.Media.Title, Note: m.Type, URL: base + "/linkedin/media/" + m.key()}
	case c.Article != nil:
		v.Card = &cardView{Title: c.Article.Title, Text: c.Article.Description, URL: c.Article.Source}
		if u, err := url.Parse(c.Article.Source); err == nil {
			v.Card.Site = u.Host
		}
		if len(v.Photos) > 0 {
			v.Card.Image, v.Photos = v.Photos[0].URL, nil
		}
	case c.Poll != nil:
		v.Kind, v.Title = "Poll", c.Poll.Question
		for _, o := range c.Poll.Options {
			v.Answers = append(v.Answers, o.Text)
		}
		v.Notes = append(v.Notes, "open for "+strings.ToLower(strings.ReplaceAll(c.Poll.Settings.Duration, "_", " ")))
	case p.Parent != "":
		v.Kind = "Repost"
		if parent := l.st.Posts[p.Parent]; parent != nil {
			v.Notes = append(v.Notes, "of “"+l.visible(parent)+"” by "+l.nameOf(parent.Author))
		}
	}
	for _, x := range p.Comments {
		v.Comments = append(v.Comments, commentView{ID: x.urn(p), Parent: x.parentURN(p), By: l.nameOf(x.Actor), Text: x.Text, Own: x.Actor == p.Author, At: x.Created})
	}
	return v
}

// showUpdate is the address of a post for people.
func (l *linkedin) showUpdate(w http.ResponseWriter, r *http.Request) {
	l.sb.mu.Lock()
	p := l.st.Posts[r.PathValue("urn")]
	l.sb.mu.Unlock()
	if p == nil {
		l.sb.write(w, r, l.sb.notFound("This post cannot be displayed. It may have been deleted."))
		return
	}
	http.Redirect(w, r, "/linkedin/pages/"+liID(p.Author)+"/posts/"+p.URN, http.StatusSeeOther)
}
