package sandbox

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// me reads the person, or with a Page token the Page.
func (m *meta) me(c *graphCall) (any, *graphError) {
	if c.node == "me" && c.token.Kind == metaPageToken {
		return m.getPage(c)
	}
	p, err := m.user(c)
	if err != nil {
		return nil, err
	}
	first, last, _ := strings.Cut(p.Name, " ")
	n := node{kind: "User", defaults: []string{"name", "id"}, optional: []string{"email", "middle_name"}, values: map[string]any{
		"id": p.ID, "name": p.Name, "first_name": first, "last_name": last, "picture": picture(c.base, p.ID),
	}}
	return fieldsView(n, c)
}

// fieldsView is node.view as an operation's result: a nil map must not become a non-nil any.
func fieldsView(n node, c *graphCall) (any, *graphError) {
	v, err := n.view(c.params.Get("fields"))
	if err != nil {
		return nil, err
	}
	return v, nil
}

func picture(base, id string) map[string]any {
	return map[string]any{"data": map[string]any{
		"height": 50, "width": 50, "is_silhouette": false, "url": base + "/meta/avatars/" + id + ".svg",
	}}
}

// listPermissions tells what was asked for and what of it was granted.
// https://developers.facebook.com/docs/graph-api/reference/user/permissions
func (m *meta) listPermissions(c *graphCall) (any, *graphError) {
	p, err := m.user(c)
	if err != nil {
		return nil, err
	}
	data := []map[string]any{}
	if p.Grant != nil {
		for _, name := range slices.Sorted(maps.Keys(p.Grant.Scopes)) {
			data = append(data, map[string]any{"permission": name, "status": p.Grant.Scopes[name]})
		}
	}
	return map[string]any{"data": data}, nil
}

// deletePermissions takes one permission back, or removes the app, which ends every token of the person.
func (m *meta) deletePermissions(c *graphCall) (any, *graphError) {
	p, err := m.user(c)
	if err != nil {
		return nil, err
	}
	m.sb.changed()
	if c.name == "" {
		m.removeApp(p, 458)
		return success(), nil
	}
	if !p.Grant.has(c.name) {
		return nil, paramErr("The permission %s is not granted.", c.name)
	}
	p.Grant.Scopes[c.name] = "declined"
	return true, nil
}

// removeApp is what happens when a person removes the app on the site. The lock is held.
func (m *meta) removeApp(p *metaPerson, subcode int) {
	p.Grant = nil
	m.st.kill(p.ID, "", subcode)
}

// listAccounts lists the Pages that the person has a role on, chose in the dialog and let the app see.
// https://developers.facebook.com/docs/graph-api/reference/user/accounts
func (m *meta) listAccounts(c *graphCall) (any, *graphError) {
	p, err := m.user(c)
	if err != nil {
		return nil, err
	}
	var visible []string
	if m.allows(c.token, "pages_show_list") {
		for _, r := range p.Roles {
			if p.Grant.covers(r.Page) && r.Business == "" {
				visible = append(visible, r.Page)
			}
		}
	}
	w, err := c.window(visible)
	if err != nil {
		return nil, err
	}
	w.empty = p.Quirk.EmptyPage && c.params.Get("after") == ""
	data := []map[string]any{}
	for _, id := range visible[w.start:w.end] {
		view, err := m.accountNode(c, p, m.st.Pages[id]).view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		data = append(data, view)
	}
	return c.list(data, w), nil
}

// accountNode is a Page as the person's list shows it.
func (m *meta) accountNode(c *graphCall, p *metaPerson, page *metaPage) node {
	role, _ := p.role(page.ID)
	n := m.pageNode(page, c.base)
	m.hideInstagram(c, n)
	n.defaults = []string{"access_token", "category", "category_list", "name", "id", "tasks"}
	n.values["tasks"] = role.Tasks
	n.optional = append(n.optional, "access_token")
	if !role.NoToken {
		n.values["access_token"] = m.pageToken(c, page.ID)
	}
	return n
}

// pageToken is the Page's token as this call's user token gives it.
func (m *meta) pageToken(c *graphCall, page string) string {
	before := len(m.st.Tokens)
	value := m.st.pageToken(c.raw, page, c.now)
	if len(m.st.Tokens) != before {
		m.sb.changed()
	}
	return value
}

// getPage reads one Page.
func (m *meta) getPage(c *graphCall) (any, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	if err := m.mayRead(c, page); err != nil {
		return nil, err
	}
	n := m.pageNode(page, c.base)
	m.hideInstagram(c, n)
	n.optional = append(n.optional, "tasks", "access_token")
	if role, ok := m.st.person(c.token.Person).role(page.ID); ok && !role.NoToken {
		n.values["access_token"] = c.raw
		if c.token.Kind == metaUserToken {
			n.values["access_token"] = m.pageToken(c, page.ID)
		}
	}
	return fieldsView(n, c)
}

func (m *meta) pageNode(p *metaPage, base string) node {
	n := node{kind: "Page", defaults: []string{"name", "id"}, values: map[string]any{
		"id": p.ID, "name": p.Name, "category": p.Category, "link": base + "/meta/pages/" + p.ID,
		"category_list": []map[string]any{{"id": "2201", "name": p.Category}},
		"picture":       picture(base, p.ID), "is_published": true, "verification_status": "not_verified",
		"fan_count": 120, "followers_count": 128,
	}, optional: []string{"username", "about", "cover", "description", "website", "instagram_business_account"}}
	if p.Username != "" {
		n.values["username"] = p.Username
	}
	if ig := p.Instagram; ig != nil {
		n.values["instagram_business_account"] = instaFields(ig, base)
	}
	return n
}

// limit reads the page size. Above the most is an error, as the reference of the Page feed says.
func (c *graphCall) limit(fallback, most int) (int, *graphError) {
	raw := c.params.Get("limit")
	if raw == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 {
		return 0, paramErr("Param limit must be a positive number.")
	}
	if n > most {
		return 0, paramErr("Please reduce the amount of data you are asking for: limit may be at most %d.", most)
	}
	return n, nil
}

// window is the part of a list that one answer shows.
type window struct {
	keys       []string // ids of the whole list
	start, end int
	empty      bool // give out an empty first page instead
}

// How many entries a list gives where no limit is asked for, and at most.
const (
	usualLimit = 25
	mostLimit  = 100
)

// window finds the part of the list that "after" and the limit ask for. A cursor is opaque to the caller; inside it
// is the id of the last entry shown, so that new entries at the front do not shift it.
func (c *graphCall) window(keys []string) (window, *graphError) {
	return c.windowOf(keys, usualLimit, mostLimit)
}

// windowOf is window for a list with limits of its own.
func (c *graphCall) windowOf(keys []string, usual, most int) (window, *graphError) {
	limit, err := c.limit(usual, most)
	if err != nil {
		return window{}, err
	}
	w := window{keys: keys}
	if raw := c.params.Get("after"); raw != "" {
		id, ok := cursorID(raw)
		if i := slices.Index(keys, id); i >= 0 {
			w.start = i + 1
		} else if !ok || id != "" {
			return window{}, paramErr("Invalid cursors values")
		}
	}
	w.end = min(w.start+limit, len(keys))
	return w, nil
}

const cursorMark = "sandbox:"

func cursorText(id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorMark + id))
}

func cursorID(raw string) (string, bool) {
	text, err := base64.RawURLEncoding.DecodeString(raw)
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(string(text), cursorMark)
}

// list wraps the shown entries. "next" carries the access token, as the real one does.
func (c *graphCall) list(data []map[string]any, w window) map[string]any {
	if w.empty {
		return map[string]any{"data": []map[string]any{}, "paging": map[string]any{
			"cursors": map[string]string{"before": cursorText(""), "after": cursorText("")}, "next": c.nextURL(""),
		}}
	}
	out := map[string]any{"data": data}
	if len(data) == 0 {
		return out
	}
	last := w.keys[w.end-1]
	paging := map[string]any{"cursors": map[string]string{"before": cursorText(w.keys[w.start]), "after": cursorText(last)}}
	if w.end < len(w.keys) {
		paging["next"] = c.nextURL(last)
	}
	out["paging"] = paging
	return out
}

func (c *graphCall) nextURL(after string) string {
	q := url.Values{}
	for k, v := range c.params {
		if k != "appsecret_proof" {
			q[k] = v
		}
	}
	q.Set("access_token", c.raw)
	q.Set("after", cursorText(after))
	return c.base + "/meta/graph/" + c.version + "/" + c.node + "/" + c.edge + "?" + q.Encode()
}
