package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// actions implements actor.
func (m *meta) actions(sample string) []actionForm {
	people, pages, accounts := m.choices()
	person := actionField{Name: "person", Label: "Person", Choices: people}
	anyPage := append([]choice{{"", "All"}}, pages...)
	var scopes []choice
	for _, s := range metaScopes() {
		if s.Name != "public_profile" { // which nobody can untick
			scopes = append(scopes, choice{s.Name, s.Name})
		}
	}
	quota := []actionField{
		{Name: "account", Label: "Account", Choices: accounts},
		{Name: "total", Label: "Posts in 24 hours", Number: true, Max: 1000, Value: strconv.Itoa(instaQuota)},
		{Name: "used", Label: "Of these used by other apps", Number: true, Max: 1000, Value: "0"},
	}
	forms := []actionForm{
		{Name: "deauthorize", Title: "Remove the app", Button: "Remove", About: "The person removes the app on the site: all tokens end, and the deauthorize callback is sent.", Fields: []actionField{person}},
		{
			Name: "permission", Title: "Take a permission back", Button: "Take back", About: "The person unticks one permission; the webhook of permissions is sent.",
			Fields: []actionField{person, {Name: "permission", Label: "Permission", Choices: scopes}},
		},
		{
			Name: "page", Title: "Take a Page away", Button: "Take away", About: "The person unticks one Page. The app loses it and is told so for each permission it had there.",
			Fields: []actionField{person, {Name: "page", Label: "Page", Choices: pages}},
		},
		{Name: "delete-data", Title: "Ask for deletion", Button: "Ask", About: "The person asks that the app deletes all it has; the answer has the address of a page that tells how it stands.", Fields: []actionField{person}},
		{
			Name: "tokens", Title: "End tokens", Button: "End them", About: "Tokens stop working, and nobody is told.",
			Fields: []actionField{person, {Name: "page", Label: "Page", Choices: anyPage, Hint: "Only the tokens of this Page"}, {Name: "subcode", Label: "Reason", Choices: []choice{
				{"463", "Expired (463)"}, {"460", "Password changed (460)"}, {"459", "Checkpoint (459)"}, {"464", "Not confirmed (464)"}, {"492", "Role on the Page lost (492)"},
			}}},
		},
		{
			Name: "expiry", Title: "Move the end of tokens", Button: "Move", About: "The tokens that live now end after so many minutes of the sandbox’s clock.",
			Fields: []actionField{{Name: "owner", Label: "Person, or account of Instagram Login", Choices: append(slices.Clone(people), accounts...)}, {Name: "minutes", Label: "Minutes", Number: true, Max: 200_000, Value: "60"}},
		},
		{
			Name: "usage", Title: "Set the usage headers", Button: "Set", About: "What the headers say of the call budgets. With minutes, calls are refused for that long; zeroes end it.",
			Fields: []actionField{
				{Name: "page", Label: "Budget", Choices: append([]choice{{"", "The app’s"}}, pages...)},
				{Name: "percent", Label: "Percent used", Number: true, Max: 100, Value: "80"},
				{Name: "minutes", Label: "Refuse calls for minutes", Number: true, Max: 1440, Value: "0"},
			},
		},
	}
	if len(accounts) > 0 {
		forms = append(forms, actionForm{
			Name: "deauthorize-instagram", Title: "Remove the Instagram app", Button: "Remove", About: "The account removes the app of Instagram Login: its tokens end, and the deauthorize callback is sent, signed with that app’s secret.",
			Fields: []actionField{{Name: "account", Label: "Account", Choices: accounts}},
		})
		forms = append(forms, actionForm{Name: "quota", Title: "Set Instagram’s quota", Button: "Set", About: "How much an account may publish in 24 hours.", Fields: quota})
	}
	return append(forms, m.webhookForm(sample))
}

// choices are the people (those who use the app first), Pages and Instagram accounts there are. The lock is held.
func (m *meta) choices() (people, pages, accounts []choice) {
	var strangers []choice
	for _, p := range m.st.People {
		if p.Grant != nil {
			people = append(people, choice{p.ID, p.Name})
		} else {
			strangers = append(strangers, choice{p.ID, p.Name + " (not connected)"})
		}
	}
	people = append(people, strangers...)
	for _, p := range m.st.Pages {
		pages = append(pages, choice{p.ID, p.Name})
		if p.Instagram != nil {
			accounts = append(accounts, choice{p.Instagram.ID, "@" + p.Instagram.Username})
		}
	}
	for _, list := range [][]choice{pages, accounts} {
		slices.SortFunc(list, func(a, b choice) int { return cmp.Compare(a.Value, b.Value) })
	}
	return people, pages, accounts
}

// act implements actor.
func (m *meta) act(ctx context.Context, name string, form url.Values) (string, error) {
	person := form.Get("person")
	switch name {
	case "deauthorize":
		return told(m.deauthorize(ctx, person))
	case "deauthorize-instagram":
		return told(m.deauthorizeInsta(ctx, form.Get("account")))
	case "delete-data":
		return told(m.askDeletion(ctx, person))
	case "permission":
		return told(m.takeBack(ctx, person, form.Get("permission"), nil))
	case "page":
		return told(m.takePage(ctx, person, form.Get("page")))
	case "webhook":
		var in webhookBody
		if err := json.Unmarshal([]byte(form.Get("body")), &in); err != nil {
			return "", fmt.Errorf("the body is no JSON: %w", err)
		}
		return told(m.deliver(ctx, in.Object, in.Entry, form.Get("signature")))
	}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	defer m.sb.changed()
	return m.adjust(name, form)
}

// told says what the app answered.
func told(out sent, err error) (string, error) {
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("Sent. The app answered %d", out.Status)
	if out.Body != "" {
		text += fmt.Sprintf(": %.500s", out.Body)
	}
	return text, nil
}

// adjust does what the app is not told of. The lock is held.
func (m *meta) adjust(name string, form url.Values) (string, error) {
	number := func(field string) int {
		n, _ := strconv.Atoi(form.Get(field)) // the inputs are of type number; anything else is 0
		return max(0, n)
	}
	now := m.sb.clock()
	switch name {
	case "tokens":
		p := m.st.person(form.Get("person"))
		if p == nil {
			return "", errNoPerson
		}
		m.revoke(p, form.Get("page"), number("subcode"))
		return "Done. The next call finds out.", nil
	case "expiry":
		owner, end, n := form.Get("owner"), now.Add(time.Duration(number("minutes"))*time.Minute), 0
		for _, t := range m.st.Tokens {
			if owner != "" && (t.Person == owner || t.Account == owner) && t.Dead == 0 {
				t.ExpiresAt = end
				n++
			}
		}
		if n == 0 {
			return "", errors.New("the app has no token of it")
		}
		return fmt.Sprintf("%s until %s.", plural(n, "token lives", "tokens live"), end.UTC().Format("2 Jan 2006, 15:04 UTC")), nil
	case "usage":
		if err := m.throttle(form.Get("page"), number("percent"), number("minutes")); err != nil {
			return "", err
		}
		return "Done. The next answers say so.", nil
	default:
		_, ig := m.st.instagram(form.Get("account"))
		if ig == nil {
			return "", errors.New("no such Instagram account")
		}
		ig.Settings.QuotaTotal, ig.Settings.QuotaUsed = number("total"), number("used")
		return fmt.Sprintf("%d of %d are used.", m.used(ig, now), ig.quota()), nil
	}
}

// takePage takes a Page out of what the person lets the app see, and tells the app for each permission it had there.
func (m *meta) takePage(ctx context.Context, person, page string) (sent, error) {
	m.sb.mu.Lock()
	p := m.st.person(person)
	if p == nil || !p.Grant.covers(page) || !slices.ContainsFunc(p.Roles, func(r metaRole) bool { return r.Page == page }) {
		m.sb.mu.Unlock()
		return sent{}, errors.New("this person does not let the app see this Page")
	}
	if p.Grant.AllPages {
		p.Grant.AllPages, p.Grant.Pages = false, nil
		for _, r := range p.Roles {
			p.Grant.Pages = append(p.Grant.Pages, r.Page)
		}
	}
	p.Grant.Pages = slices.DeleteFunc(slices.Clone(p.Grant.Pages), func(id string) bool { return id == page })
	var changes []any
	for _, s := range metaScopes() {
		if s.Name != "public_profile" && p.Grant.has(s.Name) {
			changes = append(changes, map[string]any{"field": s.Name, "value": map[string]any{"verb": "revoked", "target_ids": []string{page}}})
		}
	}
	now := m.sb.clock().Unix()
	m.sb.changed()
	m.sb.mu.Unlock()
	return m.deliver(ctx, "permissions", []any{map[string]any{"id": person, "uid": person, "time": now, "changes": changes}}, "")
}

// webhookForm sends anything. The lock is held.
func (m *meta) webhookForm(sample string) actionForm {
	samples := m.webhookSamples()
	at := max(0, slices.IndexFunc(samples, func(s webhookSample) bool { return s.name == sample }))
	raw, _ := json.MarshalIndent(webhookBody{samples[at].object, samples[at].entry}, "", "  ") // maps and texts always encode
	f := actionForm{
		Name: "webhook", Title: "Send a webhook", Button: "Send", About: "Any body, signed with the app’s secret, or forged.",
		Fields: []actionField{
			{Name: "signature", Label: "Signature", Choices: []choice{{"", "Right"}, {"bad", "Forged"}, {"sha1", "Only the old SHA-1"}, {"none", "None"}}},
			{Name: "body", Label: "Body", Area: true, Value: string(raw)},
		},
	}
	for _, s := range samples {
		f.Samples = append(f.Samples, choice{s.name, s.title})
	}
	return f
}

type webhookBody struct {
	Object string `json:"object"`
	Entry  any    `json:"entry"`
}

type webhookSample struct {
	name, title, object string
	entry               any
}

// webhookSamples are bodies of each kind, about what the sandbox has. The lock is held.
// https://developers.facebook.com/docs/graph-api/webhooks/reference
func (m *meta) webhookSamples() []webhookSample {
	person, page, post, account, media := "1", "2", "2_3", "4", "5"
	people, pages, accounts := m.choices()
	if len(people) > 0 {
		person = people[0].Value
	}
	for _, p := range slices.Backward(pages) { // the first one that has a post, else the first
		page = p.Value
		if posts := m.st.Pages[page].Posts; len(posts) > 0 {
			post = posts[len(posts)-1]
			break
		}
		post = page + "_3"
	}
	if len(accounts) > 0 {
		account = accounts[0].Value
		if _, ig := m.st.instagram(account); len(ig.Media) > 0 {
			media = ig.Media[len(ig.Media)-1]
		}
	}
	now := m.sb.clock().Unix()
	entry := func(id, field string, value any) []any {
		return []any{map[string]any{"id": id, "time": now, "changes": []any{map[string]any{"field": field, "value": value}}}}
	}
	comment := func(verb string) map[string]any {
		return map[string]any{
			"item": "comment", "verb": verb, "post_id": post, "parent_id": post, "comment_id": "3_" + strconv.FormatInt(now, 10),
			"message": "Are you open on Sunday?", "created_time": now, "from": named{fanID("Kim Fan"), "Kim Fan"},
		}
	}
	return []webhookSample{
		{"comment", "Comment on a Page", "page", entry(page, "feed", comment("add"))},
		{"comment-removed", "Comment removed", "page", entry(page, "feed", comment("remove"))},
		{"instagram-comment", "Comment on Instagram", "instagram", entry(account, "comments", map[string]any{
			"id": strconv.FormatInt(now, 10), "text": "So good", "from": map[string]any{"id": fanID("kim"), "username": "kim"},
			"media": map[string]any{"id": media, "media_product_type": "FEED"},
		})},
		{"permission", "Permission taken back", "permissions", []any{map[string]any{
			"id": person, "uid": person, "time": now, "changes": []any{map[string]any{"field": "pages_manage_posts", "value": map[string]any{"verb": "revoked"}}},
		}}},
		{"unknown", "A kind nobody knows", "page", entry(page, "weather", map[string]any{"item": "rain"})},
	}
}
