package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// proof is the appsecret_proof of a token: lower-hex HMAC-SHA256 with the app secret as key.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests
func proof(secret, token string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// check tells whether a token is good now.
func (m *meta) check(t *metaToken, now time.Time) *graphError {
	switch {
	case t.Kind == metaAppToken:
		return nil
	case t.Dead != 0:
		return deadTokenErr(t.Dead)
	case !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt):
		return deadTokenErr(463)
	}
	if t.Kind == metaPageToken {
		if _, ok := m.st.person(t.Person).role(t.Page); !ok {
			return deadTokenErr(492)
		}
	}
	return nil
}

// find gives the token behind a text. An app token is "<app id>|<app secret>".
func (m *meta) find(raw string) (*metaToken, *graphError) {
	if id, secret, ok := strings.Cut(raw, "|"); ok {
		if id != metaClientID || secret != metaClientSecret {
			return nil, oauthErr(190, 0, "Invalid OAuth access token signature.")
		}
		return &metaToken{Kind: metaAppToken}, nil
	}
	t := m.st.Tokens[raw]
	if t == nil {
		return nil, oauthErr(190, 0, "Invalid OAuth access token - Cannot parse access token")
	}
	return t, nil
}

// authenticate fills c.token: it must be known, alive, and come with a right proof when one is sent or demanded.
func (m *meta) authenticate(c *graphCall) *graphError {
	if c.raw == "" && c.node == "me" {
		return oauthErr(2500, 0, "An active access token must be used to query information about the current user.")
	}
	if c.raw == "" {
		return oauthErr(104, 0, "An access token is required to request this resource.")
	}
	t, err := m.find(c.raw)
	if err != nil {
		return err
	}
	if c.insta != (t.Kind == metaInstaToken) { // each host reads its own tokens only
		return oauthErr(190, 0, "Invalid OAuth access token - Cannot parse access token")
	}
	if err := m.check(t, c.now); err != nil {
		return err
	}
	if c.insta { // no document of this host knows appsecret_proof
		c.token = t
		return nil
	}
	sent := c.params.Get("appsecret_proof")
	switch {
	case sent == "" && m.st.RequireProof && t.Kind != metaAppToken:
		return proofErr("API calls from the server require an appsecret_proof argument")
	case sent != "" && !hmac.Equal([]byte(sent), []byte(proof(metaClientSecret, c.raw))):
		return proofErr("Invalid appsecret_proof provided in the API argument")
	}
	c.token = t
	return nil
}

func proofErr(message string) *graphError {
	e := oauthErr(100, 0, "%s", message)
	e.kind = "GraphMethodException"
	return e
}

// allows tells whether the token carries a permission and the person has not taken it back.
func (m *meta) allows(t *metaToken, scope string) bool {
	p := m.st.person(t.Person)
	return p != nil && slices.Contains(t.Scopes, scope) && p.Grant.has(scope)
}

// user gives the person a call is about: "me" or the token's own id.
func (m *meta) user(c *graphCall) (*metaPerson, *graphError) {
	if c.token.Kind == metaPageToken && c.node == "me" {
		return nil, paramErr("Tried accessing nonexisting field on node type (Page)")
	}
	if c.token.Kind != metaUserToken || c.node != "me" && c.node != c.token.Person {
		return nil, missingErr(c.method, c.node)
	}
	return m.st.person(c.token.Person), nil
}

// page gives the Page a call is about.
func (m *meta) page(c *graphCall) (*metaPage, *graphError) {
	id := c.node
	if id == "me" && c.token.Kind == metaPageToken {
		id = c.token.Page
	}
	page := m.st.Pages[id]
	if page == nil || c.token.Kind == metaAppToken {
		return nil, missingErr(c.method, c.node)
	}
	return page, nil
}

// mayRead checks a reading call on a Page: its own token, or the token of a person with a role on it, and
// pages_read_engagement.
func (m *meta) mayRead(c *graphCall, page *metaPage) *graphError {
	if c.token.Kind == metaPageToken && c.token.Page != page.ID {
		return missingErr(c.method, c.node)
	}
	person := m.st.person(c.token.Person)
	if person == nil {
		return missingErr(c.method, c.node)
	}
	if _, ok := person.role(page.ID); !ok || !person.Grant.covers(page.ID) {
		return missingErr(c.method, c.node)
	}
	if !m.allows(c.token, "pages_read_engagement") {
		e := permissionErr("")
		e.code, e.message = 10, "(#10) This endpoint requires the 'pages_read_engagement' permission or the 'Page Public Content Access' feature."
		return e
	}
	return nil
}

// mayPublish checks a writing call on a Page: the Page's own token, both permissions, and the task.
// https://developers.facebook.com/docs/pages-api/posts
func (m *meta) mayPublish(c *graphCall, page *metaPage) *graphError {
	person := m.st.person(c.token.Person)
	role, ok := person.role(page.ID)
	if c.token.Page != page.ID || !ok { // a person's token names no Page
		return permissionErr("Publishing to a Page needs the access token of that Page, not of a person or of another Page.")
	}
	for _, scope := range []string{"pages_manage_posts", "pages_read_engagement"} {
		if !m.allows(c.token, scope) || !person.Grant.holds(scope, page.ID) {
			return permissionErr("If posting to a page, requires both pages_read_engagement and pages_manage_posts as an admin with sufficient administrative permission: %s is missing.", scope)
		}
	}
	if !person.Grant.covers(page.ID) {
		return permissionErr("The person has not given the app access to this Page.")
	}
	if !slices.Contains(role.Tasks, "CREATE_CONTENT") && !slices.Contains(role.Tasks, "MANAGE") {
		return permissionErr("The person behind this token may not create content on the Page.")
	}
	return nil
}
