package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// getMe is the member for apps of the Community Management API.
// https://learn.microsoft.com/en-us/linkedin/shared/integrations/people/profile-api
func (l *linkedin) getMe(c *liCall) (answer, *liErr) {
	if !c.token.has("r_basicprofile") {
		return answer{}, liDenied("me.GET.NO_VERSION")
	}
	return jsonAnswer(http.StatusOK, map[string]any{
		"id": c.person.ID, "localizedFirstName": c.person.First, "localizedLastName": c.person.Last, "localizedHeadline": "Lives in a sandbox", "vanityName": liSlug(c.person.name()),
	}), nil
}

// getUserinfo is the member for apps with OpenID Connect.
// https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
func (l *linkedin) getUserinfo(c *liCall) (answer, *liErr) {
	if !c.token.has("openid") || !c.token.has("profile") {
		return answer{}, liDenied("userinfo.GET.NO_VERSION")
	}
	return jsonAnswer(http.StatusOK, map[string]any{
		"sub": c.person.ID, "name": c.person.name(), "given_name": c.person.First, "family_name": c.person.Last,
		"picture": c.base + "/linkedin/avatars/" + c.person.ID + ".svg", "locale": map[string]string{"country": "US", "language": "en"},
	}), nil
}

func liSlug(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

// listRoles is the finder of a member's roles. The organization's name in an entry depends on the page: both are seen.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-access-control-by-role
func (l *linkedin) listRoles(c *liCall) (answer, *liErr) {
	switch {
	case !c.token.has("rw_organization_admin"):
		return answer{}, liDenied("organizationAcls.FINDER-roleAssignee." + liNewest)
	case c.value("q") != "roleAssignee":
		return answer{}, liBad("ILLEGAL_ARGUMENT", "Invalid finder")
	}
	var roles []liRole
	for _, r := range c.person.Roles {
		if want := c.value("role"); want != "" && want != r.Role {
			continue
		}
		if want := c.value("state"); want != "" && want != r.State {
			continue
		}
		roles = append(roles, r)
	}
	start, end, paging := c.page(len(roles))
	elements := []map[string]any{}
	for i := start; i < end; i++ {
		name := "organization"
		if i > 0 {
			name = "organizationTarget"
		}
		elements = append(elements, map[string]any{"roleAssignee": liPersonURN(c.person.ID), "role": roles[i].Role, "state": roles[i].State, name: liOrgURN(roles[i].Org)})
	}
	return jsonAnswer(http.StatusOK, map[string]any{"elements": elements, "paging": paging}), nil
}

// lookupOrgs reads what everybody may know of organizations.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-lookup-api
func (l *linkedin) lookupOrgs(c *liCall) (answer, *liErr) {
	ids := c.list("ids")
	if ids == nil {
		return answer{}, liBad("ILLEGAL_ARGUMENT", "ids must be a list")
	}
	results, errs := map[string]any{}, map[string]any{}
	for _, id := range ids {
		o := l.st.Orgs[id]
		if o == nil {
			errs[id] = map[string]any{"status": http.StatusNotFound, "message": "Could not find entity"}
			continue
		}
		number, _ := strconv.ParseInt(o.ID, 10, 64) // made by addOrg
		results[id] = map[string]any{
			"id": number, "localizedName": o.Name, "vanityName": o.Vanity, "primaryOrganizationType": "NONE",
			"logoV2": map[string]string{"original": "urn:li:digitalmediaAsset:C4D" + o.ID},
		}
	}
	return jsonAnswer(http.StatusOK, map[string]any{"results": results, "statuses": map[string]any{}, "errors": errs}), nil
}

// networkSize counts followers. https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-lookup-api
func (l *linkedin) networkSize(c *liCall) (answer, *liErr) {
	o := l.st.Orgs[liID(c.path[2])]
	switch {
	case o == nil:
		return answer{}, liMissing()
	case c.value("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
		return answer{}, liBad("ILLEGAL_ARGUMENT", "edgeType is not supported")
	case l.dead("followers"):
		return answer{}, liDenied("networkSizes.GET." + liNewest)
	}
	return jsonAnswer(http.StatusOK, map[string]any{"firstDegreeSize": o.Followers}), nil
}

// mayAct tells whether the member may do something as an author, or to what is an author's.
func (l *linkedin) mayAct(c *liCall, author, memberScope, orgScope, what string) *liErr {
	id := liID(author)
	switch {
	case strings.HasPrefix(author, "urn:li:person:"):
		if !c.token.has(memberScope) {
			return liDenied(what + "." + liNewest)
		}
		if id != c.person.ID {
			return &liErr{status: http.StatusForbidden, code: "ACCESS_DENIED", service: 100, message: "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]"}
		}
	case strings.HasPrefix(author, "urn:li:organization:"):
		if !c.token.has(orgScope) {
			return liBad("", "Organization permissions must be used when using organization as author")
		}
		if l.st.Orgs[id] == nil || !c.person.mayPost(id) {
			return liDenied(what + "." + liNewest)
		}
	default:
		return &liErr{status: http.StatusForbidden, code: "ACCESS_DENIED", service: 100, message: "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]"}
	}
	return nil
}
