package sandbox

import (
	"slices"
	"strings"
)

// Which accounts the app is told of. Sources: https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps,
// https://developers.facebook.com/docs/instagram-platform/webhooks

func subscribeRoutes() []graphRoute {
	return []graphRoute{
		{"POST */subscribed_apps", "Subscribe to a Page's webhooks", graphOp{name: "meta.subscriptions.create", run: (*meta).subscribePage}},
		{"GET */subscribed_apps", "Read the webhooks of an account", graphOp{name: "meta.subscriptions.get", run: (*meta).readSubscription}},
		{"DELETE */subscribed_apps", "End a Page's webhooks", graphOp{name: "meta.subscriptions.delete", run: (*meta).unsubscribePage}},
		{"POST ig_user/subscribed_apps", "Subscribe to an Instagram account's webhooks", graphOp{name: "meta.ig.subscriptions.create", run: (*meta).subscribeInsta}},
		{"GET ig_user/subscribed_apps", "", graphOp{name: "meta.subscriptions.get", run: (*meta).readSubscription}},
		{"DELETE ig_user/subscribed_apps", "End an Instagram account's webhooks", graphOp{name: "meta.ig.subscriptions.delete", run: (*meta).unsubscribeInsta}},
	}
}

// pageHookFields are the fields of a Page's webhooks.
// https://developers.facebook.com/docs/graph-api/webhooks/reference/page
func pageHookFields() []string {
	return []string{
		"affiliation", "attire", "awards", "bio", "birthday", "category", "checkins", "company_overview", "conversations", "culinary_team",
		"current_location", "description", "email", "feed", "founded", "general_info", "general_manager", "hometown", "hours", "inbox_labels",
		"leadgen", "live_videos", "location", "members", "mention", "message_deliveries", "message_echoes", "message_edits", "message_reactions",
		"message_reads", "messages", "messaging_account_linking", "messaging_handovers", "messaging_optins", "messaging_postbacks",
		"messaging_referrals", "mission", "name", "page_about_story", "parking", "payment_options", "personal_info", "phone", "picture",
		"price_range", "product_review", "products", "public_transit", "ratings", "standby", "videos", "website",
	}
}

// instaHookFields are the fields of an Instagram account's.
func instaHookFields() []string {
	return []string{
		"comments", "live_comments", "mentions", "message_reactions", "messages", "messaging_handover", "messaging_optins",
		"messaging_postbacks", "messaging_referral", "messaging_seen", "standby", "story_insights",
	}
}

// hookFields reads subscribed_fields, which says what the account is subscribed to from now on.
func (c *graphCall) hookFields(known []string) ([]string, *graphError) {
	fields := strings.FieldsFunc(c.params.Get("subscribed_fields"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(fields) == 0 {
		return nil, paramErr("The parameter subscribed_fields is required.")
	}
	for i, f := range fields {
		if !slices.Contains(known, f) {
			return nil, paramErr("Param subscribed_fields[%d] must be one of {%s} - got %q.", i, strings.Join(known, ", "), f)
		}
	}
	return fields, nil
}

// mayHook checks a call on a Page's subscription: the Page's own token, of a person with a task that allows it, and both
// permissions.
func (m *meta) mayHook(c *graphCall) (*metaPage, *graphError) {
	page, err := m.page(c)
	if err != nil {
		return nil, err
	}
	role, ok := m.st.person(c.token.Person).role(page.ID)
	if c.token.Page != page.ID || !ok {
		return nil, permissionErr("A page access token is required to request this resource.")
	}
	for _, scope := range []string{"pages_manage_metadata", "pages_show_list"} {
		if !m.allows(c.token, scope) {
			return nil, permissionErr("To subscribe to the webhooks of a Page, %s is needed.", scope)
		}
	}
	if !slices.ContainsFunc(role.Tasks, func(t string) bool { return t == "CREATE_CONTENT" || t == "MANAGE" || t == "MODERATE" }) {
		return nil, permissionErr("The person behind this token may not subscribe apps to the Page.")
	}
	return page, nil
}

func (m *meta) subscribePage(c *graphCall) (any, *graphError) {
	page, err := m.mayHook(c)
	if err != nil {
		return nil, err
	}
	fields, err := c.hookFields(pageHookFields())
	if err != nil {
		return nil, err
	}
	page.Subscribed = fields
	m.sb.changed()
	return success(), nil
}

func (m *meta) unsubscribePage(c *graphCall) (any, *graphError) {
	page, err := m.mayHook(c)
	if err != nil {
		return nil, err
	}
	page.Subscribed = nil
	m.sb.changed()
	return success(), nil
}

// mayHookInsta checks a call on an account's own subscription, which only the host of Instagram Login has.
func (m *meta) mayHookInsta(c *graphCall) (*metaInsta, *graphError) {
	if !c.insta {
		return nil, paramErr("Tried accessing nonexisting field (subscribed_apps)")
	}
	if err := m.mayUseOwn(c, c.node, "instagram_basic"); err != nil {
		return nil, err
	}
	_, ig := m.st.instagram(c.node)
	return ig, nil
}

func (m *meta) subscribeInsta(c *graphCall) (any, *graphError) {
	ig, err := m.mayHookInsta(c)
	if err != nil {
		return nil, err
	}
	fields, err := c.hookFields(instaHookFields())
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		if f == "comments" || f == "live_comments" || f == "mentions" {
			if err := m.mayUseOwn(c, c.node, "instagram_manage_comments"); err != nil {
				return nil, err
			}
		}
	}
	ig.Subscribed = fields
	m.sb.changed()
	return success(), nil
}

func (m *meta) unsubscribeInsta(c *graphCall) (any, *graphError) {
	ig, err := m.mayHookInsta(c)
	if err != nil {
		return nil, err
	}
	ig.Subscribed = nil
	m.sb.changed()
	return success(), nil
}

func (m *meta) readSubscription(c *graphCall) (any, *graphError) {
	var fields []string
	if c.insta {
		ig, err := m.mayHookInsta(c)
		if err != nil {
			return nil, err
		}
		fields = ig.Subscribed
	} else {
		page, err := m.mayHook(c)
		if err != nil {
			return nil, err
		}
		fields = page.Subscribed
	}
	data := []map[string]any{}
	if len(fields) > 0 {
		data = append(data, map[string]any{"id": metaClientID, "name": metaAppName, "subscribed_fields": fields})
	}
	return map[string]any{"data": data}, nil
}

// hears tells whether the app is told of a field of an account. A Page's fields are chosen one by one; an Instagram account
// sends every field that the app has chosen in its dashboard once it, or the Page it is linked to, is subscribed to any.
// The lock is held.
func (m *meta) hears(object, account, field string) bool {
	switch object {
	case "page":
		page := m.st.Pages[account]
		return page != nil && slices.Contains(page.Subscribed, field)
	case "instagram":
		page, ig := m.st.instagram(account)
		return ig != nil && (len(ig.Subscribed) > 0 || len(page.Subscribed) > 0)
	}
	return true
}
