package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// controlRoutes is the fake LinkedIn's part of the control API; see the package comment.
func (l *linkedin) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/linkedin/people", l.controlPeople)
	mux.HandleFunc("GET /_sandbox/linkedin/accounts", l.controlAccounts)
	mux.HandleFunc("POST /_sandbox/linkedin/seed", l.controlSeed)
	mux.HandleFunc("POST /_sandbox/linkedin/login", l.controlLogin)
	mux.HandleFunc("POST /_sandbox/linkedin/token", l.controlToken)
	mux.HandleFunc("POST /_sandbox/linkedin/posts", l.controlPost)
	mux.HandleFunc("POST /_sandbox/linkedin/comments", l.controlComment)
	mux.HandleFunc("POST /_sandbox/linkedin/media/fail", l.controlFail)
	mux.HandleFunc("POST /_sandbox/linkedin/people/{id}/revoke", l.controlRevoke)
	mux.HandleFunc("POST /_sandbox/linkedin/people/{id}/role", l.controlRole)
	mux.HandleFunc("POST /_sandbox/linkedin/quota", l.controlQuota)
	mux.HandleFunc("POST /_sandbox/linkedin/settings", l.controlSettings)
	mux.HandleFunc("POST /_sandbox/linkedin/callback", l.controlCallback)
	mux.HandleFunc("POST /_sandbox/linkedin/webhook", l.controlWebhook)
}

type liPersonJSON struct {
	named
	Organizations []named `json:"organizations"`
}

func (l *linkedin) personJSON(p *liPerson) liPersonJSON {
	out := liPersonJSON{named{p.ID, p.name()}, []named{}}
	for _, r := range p.Roles {
		out.Organizations = append(out.Organizations, named{r.Org, l.st.Orgs[r.Org].Name})
	}
	return out
}

func (l *linkedin) controlPeople(w http.ResponseWriter, _ *http.Request) {
	l.sb.mu.Lock()
	out := []liPersonJSON{}
	for _, p := range l.st.People {
		out = append(out, l.personJSON(p))
	}
	l.sb.mu.Unlock()
	writeJSON(w, http.StatusOK, out)
}

// liPostJSON is a post as its readers see it, and what was sent.
type liPostJSON struct {
	ID         string        `json:"id"`
	Text       string        `json:"text"`
	Commentary string        `json:"commentary"`
	Links      []string      `json:"links"` // hashtags and the URNs of mentions that lead somewhere
	Content    liContent     `json:"content"`
	Parent     string        `json:"parent,omitempty"`
	Visibility string        `json:"visibility"`
	Activity   string        `json:"activity"`
	Visible    bool          `json:"visible"`
	Comments   []commentView `json:"comments"`
}

// controlAccounts is what is on a member's or an organization's timeline, oldest first.
func (l *linkedin) controlAccounts(w http.ResponseWriter, r *http.Request) {
	id, base := r.URL.Query().Get("id"), l.sb.base(r)
	l.sb.mu.Lock()
	author := liOrgURN(id)
	if l.st.person(id) != nil {
		author = liPersonURN(id)
	}
	out := []liPostJSON{}
	for _, p := range l.postsOf(author) {
		v := l.postView(p, base)
		_, links := liRead(p.Commentary, l.nameOf)
		out = append(out, liPostJSON{p.URN, v.Text, p.Commentary, links, p.Content, p.Parent, p.Visibility, p.Activity, p.State == liPublished, v.Comments})
	}
	subscribers := []string{} // people whose access an app used to subscribe to the organization's events
	for key := range l.st.Subscriptions {
		if person, org, _ := strings.Cut(key, "|"); org == id {
			subscribers = append(subscribers, person)
		}
	}
	l.sb.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{"id": id, "urn": author, "posts": out, "subscribers": subscribers})
}

// liSeedOrg is an organization to make, or with an id one that exists.
type liSeedOrg struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Role  string `json:"role"`  // empty: ADMINISTRATOR
	State string `json:"state"` // empty: APPROVED
}

func (l *linkedin) controlSeed(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Person        string      `json:"person"`
		Organizations []liSeedOrg `json:"organizations"`
		ShortPages    bool        `json:"short_pages"`
		FewViewers    bool        `json:"few_viewers"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.Person == "" || slices.ContainsFunc(in.Organizations, func(o liSeedOrg) bool { return o.Name == "" && o.ID == "" }) {
		refuseJSON(w, http.StatusBadRequest, errors.New("person and the name of each organization are required"))
		return
	}
	l.sb.mu.Lock()
	first, last, _ := strings.Cut(in.Person, " ")
	p := l.addPerson(first, last)
	p.ShortPages, p.FewViewers = in.ShortPages, in.FewViewers
	for _, o := range in.Organizations {
		org := l.st.Orgs[o.ID]
		if org == nil {
			org = l.addOrg(o.Name, liSlug(o.Name))
		}
		role := liRole{org.ID, o.Role, o.State}
		if role.Role == "" {
			role.Role = liAdmin
		}
		if role.State == "" {
			role.State = liApproved
		}
		p.Roles = append(p.Roles, role)
	}
	out := l.personJSON(p)
	l.sb.changed()
	l.sb.mu.Unlock()
	writeJSON(w, http.StatusCreated, map[string]any{"person": out.named, "organizations": out.Organizations})
}

// controlToken gives a token without a browser.
func (l *linkedin) controlToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Person   string   `json:"person"`
		Personal bool     `json:"personal"` // of the second app
		Scopes   []string `json:"scopes"`   // empty: all of the app's
		Refresh  bool     `json:"refresh"`  // with a refresh token, as partners get
		Lag      int      `json:"lag"`      // calls for which it counts as revoked
	}
	if !readJSON(w, r, &in) {
		return
	}
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	if l.st.person(in.Person) == nil {
		refuseJSON(w, http.StatusNotFound, fmt.Errorf("no person %q", in.Person))
		return
	}
	id := liCommunityID
	if in.Personal {
		id = liPersonalID
	}
	app, _ := liAppOf(id)
	if len(in.Scopes) == 0 {
		in.Scopes = app.scopes
	}
	access := l.mint(app.id, in.Person, in.Scopes, liAccessLife)
	l.st.Tokens[access].Lag = in.Lag
	out := map[string]any{"access_token": access, "expires_at": l.st.Tokens[access].ExpiresAt}
	if in.Refresh {
		out["refresh_token"] = l.mintRefresh(app.id, in.Person, in.Scopes)
	}
	writeJSON(w, http.StatusCreated, out)
}

// controlPost is a post made on the site, or by another app.
func (l *linkedin) controlPost(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Author     string    `json:"author"` // URN
		Commentary string    `json:"commentary"`
		App        string    `json:"app"`
		Kind       string    `json:"kind"` // share (default) or ugcPost
		NoReshare  bool      `json:"no_reshare"`
		Created    time.Time `json:"created"` // zero: now
	}
	if !readJSON(w, r, &in) {
		return
	}
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	p := &liPost{Kind: in.Kind, Author: in.Author, App: in.App, Commentary: in.Commentary, Visibility: "PUBLIC", State: liPublished, NoReshare: in.NoReshare, Created: in.Created}
	if p.Kind == "" {
		p.Kind = "share"
	}
	if p.Created.IsZero() {
		p.Created = l.sb.clock()
	}
	l.insert(p)
	l.sb.changed()
	writeJSON(w, http.StatusCreated, map[string]string{"id": p.URN, "activity": p.Activity})
}

// controlComment is a reader who comments.
func (l *linkedin) controlComment(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Post    string `json:"post"`
		Parent  string `json:"parent"`
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	id, err := l.commentAndTell(r.Context(), in.Post, in.Parent, in.Name, in.Message)
	if err != nil {
		refuseJSON(w, http.StatusBadRequest, err)
		return
	}
	writeJSON(w, http.StatusCreated, map[string]string{"id": id})
}

// controlFail makes the processing of a file fail: of the one that is named, or of an owner's newest.
func (l *linkedin) controlFail(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Media string `json:"media"` // URN
		Owner string `json:"owner"` // URN
	}
	if !readJSON(w, r, &in) {
		return
	}
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	m := l.st.Media[in.Media]
	for _, other := range l.st.Media {
		if other.Owner == in.Owner && (m == nil || len(other.URN) > len(m.URN) || len(other.URN) == len(m.URN) && other.URN > m.URN) {
			m = other
		}
	}
	if m == nil {
		refuseJSON(w, http.StatusNotFound, fmt.Errorf("no media %q", in.Media+in.Owner))
		return
	}
	m.Status, m.Reason = liFailed, "Failed on demand"
	l.sb.changed()
	w.WriteHeader(http.StatusNoContent)
}

func (l *linkedin) controlRevoke(w http.ResponseWriter, r *http.Request) {
	l.revokePerson(r.Context(), r.PathValue("id"))
	w.WriteHeader(http.StatusNoContent)
}

// controlRole gives a person another role on an organization; an empty one takes it away.
func (l *linkedin) controlRole(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Organization string `json:"organization"`
		Role         string `json:"role"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	p := l.st.person(r.PathValue("id"))
	if p == nil {
		refuseJSON(w, http.StatusNotFound, fmt.Errorf("no person %q", r.PathValue("id")))
		return
	}
	l.setRole(p, in.Organization, in.Role)
	w.WriteHeader(http.StatusNoContent)
}

// setRole changes a role. The lock is held.
func (l *linkedin) setRole(p *liPerson, org, role string) {
	p.Roles = slices.DeleteFunc(slices.Clone(p.Roles), func(r liRole) bool { return r.Org == org })
	if role != "" && l.st.Orgs[org] != nil {
		p.Roles = append(p.Roles, liRole{org, role, liApproved})
	}
	l.sb.changed()
}

// controlQuota uses up the calls of an operation until midnight UTC; person narrows it.
func (l *linkedin) controlQuota(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Op     string `json:"op"`
		Person string `json:"person"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	if err := l.spend(in.Op, in.Person); err != nil {
		refuseJSON(w, http.StatusBadRequest, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// spend uses a quota up. Both counters of an endpoint, the app's and the member's, begin anew at midnight UTC. The lock is held.
func (l *linkedin) spend(op, person string) error {
	if !slices.ContainsFunc(liOperations(), func(o operation) bool { return o.Name == op }) {
		return fmt.Errorf("no operation is called %q", op)
	}
	key := op
	if person != "" {
		key += " " + person
	}
	l.st.Quotas[key] = l.sb.clock().Truncate(24 * time.Hour).Add(24 * time.Hour)
	l.sb.changed()
	return nil
}

func (l *linkedin) controlSettings(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Partner     *bool    `json:"partner"`
		Polls       *int     `json:"polls"`
		PartBytes   *int64   `json:"part_bytes"`
		DeadMetrics []string `json:"dead_metrics"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	if in.Partner != nil {
		l.st.Partner = *in.Partner
	}
	if in.Polls != nil {
		l.st.Polls = *in.Polls
	}
	if in.PartBytes != nil && *in.PartBytes > 0 {
		l.st.PartBytes = *in.PartBytes
	}
	if in.DeadMetrics != nil {
		l.st.Dead = in.DeadMetrics
	}
	l.sb.changed()
	w.WriteHeader(http.StatusNoContent)
}

// controlCallback registers the address for webhooks, after the app has proved that it is its own.
func (l *linkedin) controlCallback(w http.ResponseWriter, r *http.Request) {
	var in struct {
		URL string `json:"url"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if err := l.validate(r.Context(), in.URL); err != nil {
		refuseJSON(w, http.StatusBadGateway, err)
		return
	}
	l.sb.mu.Lock()
	l.st.Callback = in.URL
	l.sb.changed()
	l.sb.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// controlWebhook delivers notifications as they are given. signature "bad", "plain" and "none" spoil it.
func (l *linkedin) controlWebhook(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Notifications []any  `json:"notifications"`
		Signature     string `json:"signature"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	l.sb.mu.Lock()
	to := l.callback()
	l.sb.mu.Unlock()
	out, err := l.deliver(r.Context(), to, in.Notifications, in.Signature)
	answered(w, out, err)
}
