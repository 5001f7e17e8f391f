package sandbox

import (
	"errors"
	"net/http"
	"slices"
)

// Businesses and the Pages that people reach through them. Sources:
// https://developers.facebook.com/docs/graph-api/reference/user/businesses/,
// https://developers.facebook.com/docs/marketing-api/reference/business/owned_pages/

func businessRoutes() []graphRoute {
	return []graphRoute{
		{"GET */businesses", "List businesses", graphOp{name: "meta.businesses", run: (*meta).listBusinesses}},
		{"GET */owned_pages", "List Pages of a business", graphOp{name: "meta.business.pages", run: businessPages(false)}},
		{"GET */client_pages", "", graphOp{name: "meta.business.pages", run: businessPages(true)}},
	}
}

// business finds a business by its name, or makes it. The lock is held.
func (m *meta) business(name string) string {
	if name == "" {
		return ""
	}
	for _, b := range m.st.Businesses {
		if b.Name == name {
			return b.ID
		}
	}
	b := metaBusiness{m.st.id(metaIDBiz), name}
	m.st.Businesses = append(m.st.Businesses, b)
	return b.ID
}

// ofBusinesses checks a call about businesses: a person's token, with the permission.
func (m *meta) ofBusinesses(c *graphCall) (*metaPerson, *graphError) {
	p := m.st.person(c.token.Person)
	if c.token.Kind != metaUserToken || p == nil {
		return nil, missingErr(c.method, c.node)
	}
	if !m.allows(c.token, "business_management") {
		return nil, permissionErr("Requires business_management permission to manage the object")
	}
	return p, nil
}

func (m *meta) listBusinesses(c *graphCall) (any, *graphError) {
	if _, err := m.user(c); err != nil {
		return nil, err
	}
	p, err := m.ofBusinesses(c)
	if err != nil {
		return nil, err
	}
	data := []map[string]any{}
	for _, b := range m.st.Businesses {
		if !slices.ContainsFunc(p.Roles, func(r metaRole) bool { return r.Business == b.ID }) {
			continue
		}
		view, err := node{kind: "Business", defaults: []string{"id", "name"}, values: map[string]any{"id": b.ID, "name": b.Name}}.view(c.params.Get("fields"))
		if err != nil {
			return nil, err
		}
		data = append(data, view)
	}
	return map[string]any{"data": data}, nil
}

// businessPages lists the Pages that a business owns, or those of its clients. They are plain Pages: the person's tasks are
// no field of theirs.
func businessPages(client bool) func(*meta, *graphCall) (any, *graphError) {
	return func(m *meta, c *graphCall) (any, *graphError) {
		p, err := m.ofBusinesses(c)
		if err != nil {
			return nil, err
		}
		var visible []string
		for _, r := range p.Roles {
			if r.Business == c.node && r.Client == client && p.Grant.covers(r.Page) {
				visible = append(visible, r.Page)
			}
		}
		if !slices.ContainsFunc(p.Roles, func(r metaRole) bool { return r.Business == c.node }) {
			return nil, missingErr(c.method, c.node)
		}
		w, err := c.window(visible)
		if err != nil {
			return nil, err
		}
		data := []map[string]any{}
		for _, id := range visible[w.start:w.end] {
			n := m.pageNode(m.st.Pages[id], c.base)
			m.hideInstagram(c, n)
			n.optional = append(n.optional, "access_token")
			if role, _ := p.role(id); !role.NoToken {
				n.values["access_token"] = m.pageToken(c, id)
			}
			view, err := n.view(c.params.Get("fields"))
			if err != nil {
				return nil, err
			}
			data = append(data, view)
		}
		return c.list(data, w), nil
	}
}

// controlLimit narrows a permission of a person to some Pages.
func (m *meta) controlLimit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Permission string   `json:"permission"`
		Pages      []string `json:"pages"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	p := m.st.person(r.PathValue("id"))
	if p == nil || !p.Grant.has(in.Permission) || len(in.Pages) == 0 {
		refuseJSON(w, http.StatusNotFound, errors.New("a permission that the person has given, and Pages, are required"))
		return
	}
	if p.Grant.Limits == nil {
		p.Grant.Limits = map[string][]string{}
	}
	p.Grant.Limits[in.Permission] = in.Pages
	m.sb.changed()
	w.WriteHeader(http.StatusNoContent)
}
