package api_test

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// platform is a social network of the test's own: what it answers is set by the test.
type platform struct {
	mu       sync.Mutex
	accounts []connector.Account
	declined []string
	exchange error
	discover error
	last     connector.Callback
	pkce     bool
	panics   bool
	numbers  error // why there are none
	offers   connector.Offer
	refuses  error // to say what it offers
}

func newPlatform() *platform {
	return &platform{pkce: true, accounts: []connector.Account{account("1", "Cafe Ada"), account("2", "Ada's Books")}}
}

const canary = "CANARY-TOKEN-"

func account(id, name string) connector.Account {
	return connector.Account{
		Kind: "fake_page", ExternalID: id, Name: name, Username: "u" + id, ProfileURL: "https://platform.example/" + id, Usable: true,
		Scopes: []string{"publish"}, Data: map[string]string{"page": id}, Credential: connector.Credential{Access: connector.NewSecret(canary + id)},
	}
}

// says changes what the platform answers.
func (p *platform) says(change func(*platform)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

func (p *platform) Info() connector.Info {
	return connector.Info{
		Platform: "fake", Title: "Fake", Color: "#123456", Icon: "globe", APIVersion: "v1", PKCE: p.pkce,
		Logins: []connector.Login{
			{ID: "first", Title: "First login", Scopes: []connector.Scope{{Name: "publish", Feature: "publish", Why: "To publish.", Required: true}}, Accounts: []string{"fake_page"}},
			{ID: "second", Title: "Second login", Scopes: []connector.Scope{{Name: "write", Feature: "publish", Why: "To publish.", Required: true}}, Accounts: []string{"fake_page"}},
		},
		Accounts: []connector.AccountKind{{Kind: "fake_page", Title: "Fake Page", Posts: []connector.PostKind{
			{Kind: "text", Title: "Text", Text: connector.TextLimit{Required: true, Max: 50, Unit: connector.Graphemes, Source: "https://platform.example/limits"}},
			{
				Kind: "photo", Title: "Photo", Text: connector.TextLimit{Max: 50, Unit: connector.Graphemes},
				Media: connector.MediaLimit{Min: 1, Max: 1, Files: []connector.FileLimit{{Types: []string{"image/jpeg", "image/png"}, MaxBytes: 4 << 20, Source: "https://platform.example/photos"}}},
			},
		}}},
	}
}

func (p *platform) AuthURL(r connector.AuthRequest) string {
	q := url.Values{"state": {r.State}, "redirect_uri": {r.RedirectURI}, "challenge": {r.Challenge}, "login": {r.Login}}
	return "https://platform.example/consent?" + q.Encode()
}

func (p *platform) Exchange(_ context.Context, c connector.Callback) (connector.Grant, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = c
	if p.panics {
		panic("a connector's mistake")
	}
	if p.exchange != nil {
		return connector.Grant{}, p.exchange
	}
	return connector.Grant{Login: c.Login, Credential: connector.Credential{Access: connector.NewSecret(canary + "person")}, Subject: "person", Declined: p.declined}, nil
}

func (p *platform) Accounts(context.Context, connector.Grant) ([]connector.Account, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accounts, p.discover
}

// measure gives one number that is known and one that is not.
func (p *platform) measure() ([]connector.Metric, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.numbers != nil {
		return nil, p.numbers
	}
	views := int64(412)
	return []connector.Metric{
		{Name: connector.MetricViews, Title: "Views", Value: &views, Unit: connector.UnitCount},
		{Name: connector.MetricReach, Title: "Reach", Unit: connector.UnitCount, Note: "Not yet."},
	}, nil
}

// Offer makes it a platform whose accounts differ in what they take.
func (p *platform) Offer(_ context.Context, s connector.Session) (connector.Offer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !strings.HasPrefix(s.Credential.Access.Reveal(), canary) {
		return connector.Offer{}, problem.New(problem.AuthRevoked, "This is no token of mine.")
	}
	return p.offers, p.refuses
}

func (p *platform) Ping(context.Context, connector.Session) error { return nil }

func (p *platform) Publish(context.Context, connector.Session, connector.Draft, connector.Steps) (connector.Receipt, error) {
	return connector.Receipt{}, nil
}
