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
	"strings"
	"time"
)

// actions implements actor.
func (l *linkedin) actions(string) []actionForm {
	var people, orgs, authors, ops []choice
	for _, p := range l.st.People {
		people = append(people, choice{p.ID, p.name()})
		authors = append(authors, choice{liPersonURN(p.ID), p.name()})
	}
	for id, o := range l.st.Orgs {
		orgs = append(orgs, choice{id, o.Name})
	}
	slices.SortFunc(orgs, func(a, b choice) int { return cmp.Compare(a.Title, b.Title) })
	for _, o := range orgs {
		authors = append(authors, choice{liOrgURN(o.Value), o.Title})
	}
	for _, o := range liOperations() {
		ops = append(ops, choice{o.Name, o.Title})
	}
	person := actionField{Name: "person", Label: "Person", Choices: people}
	raw, _ := json.MarshalIndent(l.sampleNotifications(), "", "  ") // maps and texts always encode
	return []actionForm{
		{Name: "revoke", Title: "Remove the app", Button: "Remove", About: "The person ends the access under Permitted services. Nobody is told.", Fields: []actionField{person}},
		{
			Name: "role", Title: "Change a role on a Page", Button: "Change", About: "What the person may do there. Nobody is told.",
			Fields: []actionField{person, {Name: "organization", Label: "Page", Choices: orgs}, {Name: "role", Label: "Role", Choices: []choice{
				{"", "None"}, {liAdmin, "Super admin"}, {"CONTENT_ADMINISTRATOR", "Content admin"}, {"ANALYST", "Analyst"},
			}}},
		},
		{
			Name: "expiry", Title: "Move the end of tokens", Button: "Move", About: "The person’s tokens that live now end after so many minutes of the sandbox’s clock.",
			Fields: []actionField{person, {Name: "minutes", Label: "Minutes", Number: true, Max: 200_000, Value: "60"}},
		},
		{
			Name: "quota", Title: "Use up a day’s calls", Button: "Use up", About: "The operation is refused until midnight UTC.",
			Fields: []actionField{{Name: "op", Label: "Operation", Choices: ops}, {Name: "person", Label: "Of", Choices: append([]choice{{"", "The whole app"}}, people...)}},
		},
		{
			Name: "partner", Title: "Refresh tokens", Button: "Set", About: "Only approved apps get them. It holds for the next consents.",
			Fields: []actionField{{Name: "partner", Label: "The app", Choices: []choice{{"", "Gets none"}, {"yes", "Is approved"}}}},
		},
		{
			Name: "post", Title: "Post on the site", Button: "Post", About: "A post that no call of the app has made.",
			Fields: []actionField{{Name: "author", Label: "As", Choices: authors}, {Name: "text", Label: "Text", Area: true}},
		},
		{
			Name: "webhook", Title: "Send a webhook", Button: "Send", About: "Any notifications, signed with the app’s secret, or forged.",
			Fields: []actionField{
				{Name: "signature", Label: "Signature", Choices: []choice{{"", "Right"}, {"bad", "Forged"}, {"plain", "Without the prefix"}, {"none", "None"}}},
				{Name: "body", Label: "Notifications", Area: true, Value: string(raw)},
			},
		},
		{Name: "validate", Title: "Validate the address", Button: "Validate", About: "What LinkedIn does every two hours: a challenge that only the app’s secret answers."},
	}
}

// sampleNotifications is one, about what the sandbox has. The lock is held.
func (l *linkedin) sampleNotifications() []any {
	p := &liPost{URN: "urn:li:share:7", Activity: "urn:li:activity:6", Author: "urn:li:organization:1"}
	for _, urn := range slices.Backward(l.st.Order) {
		if post := l.st.Posts[urn]; strings.HasPrefix(post.Author, "urn:li:organization:") {
			p = post
			break
		}
	}
	n := l.notification(p, liComment{ID: "66", Actor: "urn:li:person:z9", Text: "Are you open on Sunday?"}, "COMMENT")
	n["notificationId"] = l.sb.clock().Unix() // the page is shown often, and counts nothing
	return []any{n}
}

// act implements actor.
func (l *linkedin) act(ctx context.Context, name string, form url.Values) (string, error) {
	switch name {
	case "revoke":
		l.revokePerson(ctx, form.Get("person"))
		return "Done. The next call finds out.", nil
	case "webhook", "validate":
		l.sb.mu.Lock()
		to := l.callback()
		l.sb.mu.Unlock()
		if to == "" {
			return "", errors.New("no address is registered for webhooks")
		}
		if name == "validate" {
			if err := l.validate(ctx, to); err != nil {
				return "", err
			}
			return "It is the app’s.", nil
		}
		var notifications []any
		if err := json.Unmarshal([]byte(form.Get("body")), &notifications); err != nil {
			return "", fmt.Errorf("the notifications are no list: %w", err)
		}
		return told(l.deliver(ctx, to, notifications, form.Get("signature")))
	}
	l.sb.mu.Lock()
	defer l.sb.mu.Unlock()
	defer l.sb.changed()
	return l.adjust(name, form)
}

// adjust does what the app is not told of. The lock is held.
func (l *linkedin) adjust(name string, form url.Values) (string, error) {
	p := l.st.person(form.Get("person"))
	switch name {
	case "quota":
		if err := l.spend(form.Get("op"), form.Get("person")); err != nil {
			return "", err
		}
		return "Done. The next call is refused.", nil
	case "partner":
		l.st.Partner = form.Get("partner") == "yes"
		return "Done. The next consent shows it.", nil
	case "post":
		if form.Get("text") == "" {
			return "", errors.New("a post needs words")
		}
		l.insert(&liPost{Kind: "share", Author: form.Get("author"), Commentary: form.Get("text"), Visibility: "PUBLIC", State: liPublished, Created: l.sb.clock()})
		return "Posted.", nil
	}
	if p == nil {
		return "", errNoPerson
	}
	if name == "role" {
		l.setRole(p, form.Get("organization"), form.Get("role"))
		return "Done. The next call finds out.", nil
	}
	minutes, _ := strconv.Atoi(form.Get("minutes")) // the input is of type number; anything else is 0
	end, n := l.sb.clock().Add(time.Duration(max(0, minutes))*time.Minute), 0
	for _, t := range l.st.Tokens {
		if t.Person == p.ID && !t.Dead {
			t.ExpiresAt = end
			n++
		}
	}
	if n == 0 {
		return "", errors.New("the app has no token of this person")
	}
	return fmt.Sprintf("%s until %s.", plural(n, "token lives", "tokens live"), end.UTC().Format("2 Jan 2006, 15:04 UTC")), nil
}
